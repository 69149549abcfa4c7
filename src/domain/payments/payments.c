/* Payments, each for the document it was made with. They are never changed:
 * money that goes back is a payment of its own. Numbers restart every year. */
#include "domain/payments/payments.h"

#include "model/type.h"

static const Choice directions[] = {{"incoming", "in"}, {"outgoing", "out"}, {0}};
const Choice payment_methods[] = {
    {PAYMENT_CASH}, {"card"}, {"credit_card"}, {"debit_card"}, {"bank_transfer"}, {"check", "cheque"},
    {"mobile_money"}, {"paypal"}, {"stripe", "online"}, {"other"}, {0},
};

static const Field fields[] = {
    {"payment_number", &T_NUMBER, F_UNIQUE | F_SORT | F_FILTER | F_READONLY | F_SCAN, .column = "number",
     .series = "PAY-{year}-{seq:4}", .also = "number", .example = "\"PAY-2026-0001\""},
    {"payment_type", &T_ENUM, F_FILTER | F_UNINDEXED | F_READONLY, .choices = directions, .fallback = "incoming"},
    {"payment_method", &T_ENUM, F_FILTER | F_UNINDEXED | F_READONLY, .choices = payment_methods, .fallback = PAYMENT_CASH},
    {"amount", &T_MONEY, F_READONLY | F_SUM, .fallback = "0", .example = "59"},
    {"currency", &T_TEXT, F_READONLY, .max_length = 3, .example = "\"INR\""},
    {"payment_date", &T_DATE, F_READONLY | F_FILTER | F_SORT, .fallback = "today"},
    {"customer_id", &T_REF, F_READONLY | F_FILTER, .ref = "customers"},
    {"till_session_id", &T_REF, F_READONLY | F_FILTER, .ref = "till-sessions"},
    {"source", &T_TEXT, F_READONLY | F_FILTER | F_UNINDEXED, .max_length = 64, .help = "resource of its document"},
    {"source_id", &T_INT, F_READONLY | F_FILTER | F_UNINDEXED},
};

static const char *const indexes[] = {"source,source_id", NULL};

/* Money comes and goes for a document that is there. Which amount is the
 * document's to say. */
static bool prove(Ctx *c, const Row *row, Str *problem) {
    Str source = row_get(row, "source").s;
    const Registry *r = c->app->registry;
    int i = 0;
    while (i < r->n && !str_eq(r->models[i].name, source)) i++;
    if (i < r->n && record_find(c, &r->models[i], "id", row_get(row, "source_id"))) return true;
    *problem = S("its document is not there");
    return false;
}

const Resource payments = {
    .name = "payments",
    .singular = "payment",
    .summary = "Money that came in or went out.",
    .flags = R_READ_ONLY | R_TRACKED,
    .display = "payment_number",
    .key = "payment_number",
    FIELDS(fields),
    .indexes = indexes,
    .prove = prove,
};

bool payment_record(Ctx *c, const Payment *p) {
    const Model *m = ctx_model(c, "payments");
    Row row = row_fresh(c, m);
    row_set(&row, "payment_type", value_text(str_of(directions[p->outgoing].name)));
    row_set(&row, "payment_method", value_text(p->method));
    row_set(&row, "amount", value_int(p->amount));
    row_set(&row, "currency", value_text(p->currency));
    row_set(&row, "customer_id", p->customer_id);
    row_set(&row, "till_session_id", p->till_session_id);
    row_set(&row, "source", value_text(str_of(p->resource)));
    row_set(&row, "source_id", value_int(p->id));
    return number_take(c, &m->fields[m->number], &row.values[m->number]) && record_put(c, NULL, &row);
}

bool payment_sum(Ctx *c, const char *resource, int64_t id, Decimal *sum) {
    Stmt *st = db_prepare(c->db, S("SELECT coalesce(sum(CASE payment_type WHEN 'incoming' THEN amount ELSE -amount END), 0) "
                                   "FROM payments WHERE organization_id = ?1 AND source = ?2 AND source_id = ?3"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_text(st, 2, str_of(resource));
    stmt_bind_int(st, 3, id);
    *sum = stmt_step(st) ? stmt_int(st, 0) : 0;
    stmt_reset(st);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}
