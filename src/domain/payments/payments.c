/* Payments: money that came in or went out, and for which orders.
 *
 *   pending ──start──▶ processing ──process──▶ completed ──refund (in parts)──▶ refunded
 *     └──────────process───────────────────────▶┘
 *   pending, processing ──mark_failed──▶ failed; ──cancel──▶ cancelled
 *
 * A payment is for orders by its allocations. From the moment it is made it
 * takes its part of what is outstanding of them; when it is completed they are
 * paid by it. Money that goes back is an opposite payment that names this one.
 * What is sold at the counter is paid with the sale (payment_record).
 *
 * Invariants: Σ allocations ≤ amount; refunded ≤ amount; of an order Σ payments
 * pending or completed ≤ total; once it is not pending only notes change. */
#include "domain/payments/internal.h"

const Choice payment_directions[] = {[INCOMING] = {"incoming", "in"}, [OUTGOING] = {"outgoing", "out"}, {0}};
const Choice payment_states[] = {
    {"pending"}, {"processing"}, {"completed", "paid"}, {"failed"}, {"refunded"}, {"cancelled", "canceled"}, {0},
};
const Choice payment_methods[] = {
    {PAYMENT_CASH}, {"card"}, {"credit_card"}, {"debit_card"}, {"bank_transfer"}, {"check", "cheque"},
    {"mobile_money"}, {"paypal"}, {"stripe"}, {"other", "online"}, {0},
};

static const Field fields[] = {
    {"payment_number", &T_NUMBER, F_UNIQUE | F_SEARCH | F_SORT | F_FILTER | F_READONLY | F_SCAN, .column = "number",
     .series = "PAY-{year}-{seq:4}", .also = "number,code", .example = "\"PAY-2026-0001\""},
    {"payment_type", &T_ENUM, F_FILTER | F_UNINDEXED | F_CREATE_ONLY, .choices = payment_directions, .fallback = "outgoing",
     .also = "type", .help = "left out, as its orders need it"},
    {"payment_method", &T_ENUM, F_FILTER | F_UNINDEXED, .choices = payment_methods, .fallback = "bank_transfer", .also = "method"},
    {"status", &T_ENUM, F_FILTER | F_SORT, .choices = payment_states, .fallback = "pending"},
    {"amount", &T_MONEY, F_REQUIRED | F_SORT | F_SUM, .min = "0.01", .example = "59"},
    {"currency", &T_CURRENCY, 0, .help = "the organization's, in which its orders are", .example = "\"USD\""},
    {"payment_date", &T_DATE, F_FILTER | F_SORT, .fallback = "today", .also = "date"},
    {"due_date", &T_DATE, F_FILTER},
    {"customer_id", &T_REF, F_FILTER, .ref = "customers", .help = "the orders' when left out"},
    {"vendor_id", &T_REF, F_FILTER, .ref = "vendors", .also = "supplier_id", .help = "the orders' when left out"},
    {"order_id", &T_REF, F_NO_COLUMN | F_CREATE_ONLY, .ref = "orders", .help = "all of it is for this order: instead of allocations"},
    {"invoice_number", &T_TEXT, F_SEARCH | F_FILTER, .max_length = 50},
    {"reference_number", &T_TEXT, F_SEARCH | F_FILTER, .max_length = 100, .also = "reference"},
    {"transaction_id", &T_TEXT, F_SEARCH | F_FILTER, .max_length = 255},
    {"notes", &T_LONG_TEXT, F_LATE},
    {"allocated_amount", &T_MONEY, F_READONLY, .fallback = "0", .help = "of it, what is for orders"},
    {"refunded_amount", &T_MONEY, F_READONLY, .fallback = "0"},
    {"refund_of", &T_REF, F_READONLY | F_FILTER, .ref = "payments", .help = "the payment that this one takes back"},
    {"processed_at", &T_TIME, F_READONLY},
    {"processed_by", &T_REF, F_READONLY | F_UNINDEXED, .ref = "users"},
    {"failure_reason", &T_TEXT, F_READONLY},
    {"till_session_id", &T_REF, F_READONLY | F_FILTER, .ref = "till-sessions"},
    {"source", &T_TEXT, F_READONLY | F_FILTER | F_UNINDEXED, .max_length = 64, .help = "resource of the document it was made with"},
    {"source_id", &T_INT, F_READONLY | F_FILTER | F_UNINDEXED},
};

static const Field line_fields[] = {
    {"order_id", &T_REF, F_REQUIRED | F_FILTER, .ref = "orders", .also = "order", .help = "of any type but a counter sale"},
    {"amount", &T_MONEY, F_REQUIRED, .min = "0.01", .example = "59"},
    {"refunded_amount", &T_MONEY, F_READONLY | F_DERIVED, .fallback = "0"},
};

static const Lines lines = {
    .name = "allocations",
    .also = "lines",
    .table = "payment_allocations",
    .parent = "payment_id",
    LINE_FIELDS(line_fields),
    .max = 200,
};

static bool check(Ctx *c, Change *ch) { return !ch->row || payment_allocations_check(c, ch); }
static bool saved(Ctx *c, Change *ch) { return payment_orders_settle(c, ch); }

/* --- transitions --- */

static Value input_of(const Change *ch, const char *name) { return ch->call ? call_value(ch->call, name) : VALUE_NULL; }

static const Field process_input[] = {
    {"transaction_id", &T_TEXT, 0, .max_length = 255, .help = "of the bank or the payment service", .example = "\"TX-88121\""},
};
static const Field fail_input[] = {{"reason", &T_TEXT, 0, .example = "\"the card was declined\""}};

static bool process(Ctx *c, Change *ch) {
    Value id = input_of(ch, "transaction_id");
    if (id.kind != V_NULL) change_set(ch, "transaction_id", id);
    change_set(ch, "processed_at", value_text((Str){c->now_text, TIME_TEXT - 1}));
    change_set(ch, "processed_by", c->user_id ? value_int(c->user_id) : VALUE_NULL);
    return true;
}

static bool fail_note(Ctx *c, Change *ch) {
    (void)c;
    change_set(ch, "failure_reason", input_of(ch, "reason"));
    return true;
}

/* --- statistics --- */

#define MONTHS 12

static void sums_write(Ctx *c, const char *key, const Grouped *g) {
    if (key) js_key(&c->out, str_of(key));
    if (key) js_begin_object(&c->out);
    for (int i = 0; g->choices[i].name; i++) {
        js_key(&c->out, str_of(g->choices[i].name));
        js_decimal(&c->out, g->sum[i]);
    }
    if (key) js_end_object(&c->out);
}

/* Each month is a live count of its own: what has gone by is not read again. */
static bool month_write(Ctx *c, const Query *all, int back) {
    Query q = *all;
    Grouped g;
    Str month;
    if (!query_month(c, &q, "payment_date", -back, &month) ||
        !query_narrow(c, &q, "processed_at", OP_ISNULL, value_int(false)) || !query_groups(c, &q, "payment_type", "amount", &g))
        return false;
    js_begin_object(&c->out);
    js_field_str(&c->out, "month", month);
    sums_write(c, NULL, &g);
    js_end_object(&c->out);
    return true;
}

static bool months_write(Ctx *c, const Query *q) {
    js_key(&c->out, S("by_month"));
    js_begin_array(&c->out);
    for (int back = MONTHS - 1; back >= 0; back--)
        if (!month_write(c, q, back)) return false;
    js_end_array(&c->out);
    return true;
}

static bool stats(Ctx *c, Call *call) {
    static const Choice again[] = {{"other", "online"}, {0}};
    const Query *q = call->query;
    int64_t n, amount;
    Grouped types;
    if (!query_sum(c, q, "amount", &n, &amount) || !query_groups(c, q, "payment_type", "amount", &types)) return false;
    js_begin_object(&c->out);
    js_field_int(&c->out, "total", n);
    js_key(&c->out, S("total_amount"));
    js_decimal(&c->out, amount);
    sums_write(c, "by_payment_type", &types);
    if (!query_counts_write(c, q, "by_status", "status", NULL) || !query_counts_write(c, q, "by_payment_method", "payment_method", again) ||
        !months_write(c, q))
        return false;
    js_end_object(&c->out);
    return true;
}

static const Field stats_answer[] = {
    {"total", &T_INT, F_REQUIRED},
    {"total_amount", &T_MONEY, F_REQUIRED, .example = "59"},
    {"by_payment_type", &T_JSON, F_REQUIRED, .example = "{\"incoming\": 59, \"outgoing\": 0}", .help = "sums"},
    {"by_status", &T_JSON, F_REQUIRED, .example = "{\"pending\": 1, \"completed\": 0}"},
    {"by_payment_method", &T_JSON, F_REQUIRED, .example = "{\"cash\": 1, \"other\": 0, \"online\": 0}", .help = "online is other again"},
    {"by_month", &T_JSON, F_REQUIRED, .example = "[{\"month\": \"2026-01\", \"incoming\": 59, \"outgoing\": 0}]",
     .help = "what was processed, by payment_date in the last 12 months"},
};

static const Action actions[] = {
    {"start", 0, "It is on its way", IN(PENDING), PROCESSING},
    {"process", ACTION_MOVES, "The money is there: its orders are paid by it", IN(PENDING) | IN(PROCESSING), COMPLETED, INPUT(process_input),
     .effect = process},
    {"mark_failed", 0, "It did not work: its orders are outstanding again", IN(PENDING) | IN(PROCESSING), FAILED, INPUT(fail_input),
     .effect = fail_note},
    {"cancel", 0, "It will not be made: its orders are outstanding again", IN(PENDING) | IN(PROCESSING), CANCELLED},
    {"refund", ACTION_STORED | ACTION_MOVES, "Give back all, or an amount, by an opposite payment", IN(COMPLETED), REFUNDED,
     .input = payment_refund_input, .n_input = PAYMENT_REFUND_INPUTS, .guard = payment_may_refund, .effect = payment_refund},
    {"stats", ACTION_COLLECTION | ACTION_GET | ACTION_FILTERED, "Statistics of payments", .permission = "read", ANSWER(stats_answer),
     .run = stats},
};

static bool refunds_prove(Ctx *c, const Row *row, Str *problem) {
    Stmt *st = db_prepare(c->db, S("SELECT coalesce(sum(amount), 0) FROM payments WHERE organization_id = ?1 AND refund_of = ?2"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind(st, 2, row_get(row, "id"));
    bool ok = stmt_step(st) && stmt_int(st, 0) == row_get(row, "refunded_amount").i;
    stmt_reset(st);
    if (!ok) *problem = S("refunded_amount is not the sum of its refunds");
    return ok;
}

/* What was made with a document: that is there. Which amount is its to say. */
static bool source_prove(Ctx *c, const Row *row, Str *problem) {
    Str source = row_get(row, "source").s;
    const Registry *r = c->app->registry;
    int i = 0;
    if (!source.n) return true;
    while (i < r->n && !str_eq(r->models[i].name, source)) i++;
    if (i < r->n && record_find(c, &r->models[i], "id", row_get(row, "source_id"))) return true;
    *problem = S("its document is not there");
    return false;
}

static bool prove(Ctx *c, const Row *row, Str *problem) {
    Decimal sum = 0;
    for (int i = 0; i < row->n_lines; i++) sum += row_get(&row->lines[i], "amount").i;
    *problem = S("allocated_amount is not the sum of its allocations");
    return sum == row_get(row, "allocated_amount").i && refunds_prove(c, row, problem) && source_prove(c, row, problem);
}

static const char *const indexes[] = {"source,source_id", NULL};
static const char *const checks[] = {"allocated_amount <= amount", "refunded_amount <= amount",
                                     "(status IN ('completed', 'refunded')) = (processed_at IS NOT NULL)", NULL};

const Resource payments = {
    .name = "payments",
    .area = "money",
    .singular = "payment",
    .summary = "Money that came in or went out, and for which orders.",
    .display = "payment_number",
    .key = "payment_number",
    FIELDS(fields),
    .lines = &lines,
    .indexes = indexes,
    .checks = checks,
    ACTIONS(actions),
    .open_states = IN(PENDING),
    .done_states = IN(COMPLETED) | IN(FAILED) | IN(REFUNDED) | IN(CANCELLED),
    .due = "due_date",
    .check = check,
    .saved = saved,
    .prove = prove,
};

/* --- for other areas --- */

bool payment_record(Ctx *c, const Payment *p) {
    const Model *m = ctx_model(c, "payments");
    Row row = row_fresh(c, m);
    row_set(&row, "payment_type", value_text(str_of(payment_directions[p->outgoing].name)));
    row_set(&row, "payment_method", value_text(p->method));
    row_set(&row, "status", value_text(str_of(payment_states[COMPLETED].name)));
    row_set(&row, "amount", value_int(p->amount));
    row_set(&row, "currency", value_text(p->currency));
    row_set(&row, "customer_id", p->customer_id);
    row_set(&row, "till_session_id", p->till_session_id);
    row_set(&row, "source", value_text(str_of(p->resource)));
    row_set(&row, "source_id", value_int(p->id));
    row_set(&row, "processed_at", value_text((Str){c->now_text, TIME_TEXT - 1}));
    row_set(&row, "processed_by", c->user_id ? value_int(c->user_id) : VALUE_NULL);
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
