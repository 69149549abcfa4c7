/* What payments are for. An order keeps what was paid of it and what is
 * outstanding; both change here only, in the transaction of the payment, so
 * that of two payments that together are too much one finds too little left. */
#include "domain/payments/internal.h"

typedef struct {
    Row row;       /* as one of `orders` */
    bool to_vendor;
} Order;

static bool order_read(Ctx *c, Value id, Order *out) {
    if (!record_seek(c, ctx_model(c, "orders"), &(Seek){"id = ?2", &id, 1}, &out->row))
        return c->err.kind == E_NONE && fail(c, E_NOT_FOUND, NULL);
    out->to_vendor = row_get(&out->row, "vendor_id").kind != V_NULL;
    return true;
}

static Str number_of(const Order *o) { return row_get(&o->row, "order_number").s; }

/* --- what a payment says --- */

static bool issue_at(Ctx *c, int at, const char *code, Str message) {
    return error_issue(&c->err, ctx_fmt(c, "allocations[%d].order_id", at), code, "%.*s", STR_ARG(message));
}

static bool shorthand_fill(Ctx *c, Change *ch) {
    Value order = row_get(ch->row, "order_id");
    if (ch->before || order.kind == V_NULL) return true;
    if (ch->row->n_lines) return error_issue(&c->err, S("order_id"), "duplicate", "give it or allocations, not both");
    ch->row->lines = ARENA_NEW(c->arena, Row);
    ch->row->lines[0] = row_fresh(c, ch->model->lines);
    ch->row->n_lines = 1;
    row_set(&ch->row->lines[0], "order_id", order);
    row_set(&ch->row->lines[0], "amount", row_get(ch->row, "amount"));
    ch->row->lines[0].names[model_field(ch->model->lines, "order_id")->index] =
        ch->row->names[model_field(ch->model, "order_id")->index];
    return true;
}

static bool currency_check(Ctx *c, Change *ch) {
    Settings settings;
    Value given = row_get(ch->row, "currency");
    if (ch->before && !change_altered(ch, "currency")) return true;
    if (!settings_get(c, &settings)) return false;
    if (given.kind == V_NULL) change_set(ch, "currency", value_text(settings.currency_code));
    if (given.kind == V_NULL || str_ieq(given.s, settings.currency_code)) return true;
    return error_issue(&c->err, S("currency"), "currency", "must be %.*s, in which the organization's orders are",
                       STR_ARG(settings.currency_code));
}

static bool direction_check(Ctx *c, Change *ch, int at, const Order *o) {
    Value wanted = value_text(str_of(payment_directions[o->to_vendor].name));
    if (!ch->before && at == 0 && !change_gave(ch, "payment_type")) change_set(ch, "payment_type", wanted);
    if (str_eq(row_get(ch->row, "payment_type").s, wanted.s)) return true;
    return issue_at(c, at, "direction", ctx_fmt(c, "refers to %.*s, for which a payment is %.*s", STR_ARG(number_of(o)), STR_ARG(wanted.s)));
}

static bool party_check(Ctx *c, Change *ch, int at, const Order *o) {
    const char *field = o->to_vendor ? "vendor_id" : "customer_id";
    Value party = row_get(&o->row, field), given = row_get(ch->row, field);
    if (party.kind == V_NULL || value_equal(&party, &given)) return true;
    if (given.kind != V_NULL)
        return issue_at(c, at, "party", ctx_fmt(c, "refers to %.*s, which is another %s's", STR_ARG(number_of(o)),
                                                o->to_vendor ? "vendor" : "customer"));
    change_set(ch, field, party);
    ch->row->names[model_field(ch->model, field)->index] = row_get(&o->row, "party_name").s;
    return true;
}

static bool allocation_check(Ctx *c, Change *ch, int at) {
    Order o;
    Value id = row_get(&ch->row->lines[at], "order_id");
    for (int i = 0; i < at; i++)
        if (row_get(&ch->row->lines[i], "order_id").i == id.i) return issue_at(c, at, "duplicate", S("is named twice"));
    if (!order_read(c, id, &o)) return false;
    if (row_get(&o.row, "outstanding_amount").kind == V_NULL)
        return issue_at(c, at, "paid", ctx_fmt(c, "refers to %.*s, which was paid at the counter", STR_ARG(number_of(&o))));
    return direction_check(c, ch, at, &o) && party_check(c, ch, at, &o);
}

static bool sum_check(Ctx *c, Change *ch) {
    Decimal sum = 0, amount = row_get(ch->row, "amount").i;
    char text[DECIMAL_TEXT_MAX];
    for (int i = 0; i < ch->row->n_lines; i++)
        if (!decimal_add(sum, row_get(&ch->row->lines[i], "amount").i, &sum)) sum = INT64_MAX;
    change_set(ch, "allocated_amount", value_int(sum));
    if (sum <= amount) return true;
    decimal_format(amount, text);
    return error_issue(&c->err, S("allocations"), "max", "add up to more than the amount of %s", text);
}

bool payment_allocations_check(Ctx *c, Change *ch) {
    if (c->err.kind != E_NONE) return true; /* unknown orders: 422 */
    if (!shorthand_fill(c, ch)) return false;
    if (!currency_check(c, ch) && c->err.kind != E_INVALID) return false;
    bool refund = row_get(ch->row, "refund_of").kind != V_NULL;
    bool moved = !ch->before || ch->lines_given || change_altered(ch, "customer_id") || change_altered(ch, "vendor_id");
    for (int i = 0; moved && !refund && i < ch->row->n_lines; i++)
        if (!allocation_check(c, ch, i) && c->err.kind != E_INVALID) return false;
    sum_check(c, ch);
    return c->err.kind == E_NONE;
}

/* --- what it is for its orders --- */

typedef struct {
    int64_t order_id;
    Decimal used, paid; /* differences */
} Share;

static bool in_state(const Row *payment, int state) { return str_is(row_get(payment, "status").s, payment_states[state].name); }
static bool is_done(const Row *payment) { return in_state(payment, COMPLETED) || in_state(payment, REFUNDED); }
static bool counts(const Row *payment) { return is_done(payment) || in_state(payment, PENDING) || in_state(payment, PROCESSING); }

static Share *share_of(Share *shares, int *n, int64_t order_id) {
    for (int i = 0; i < *n; i++)
        if (shares[i].order_id == order_id) return &shares[i];
    shares[*n] = (Share){.order_id = order_id};
    return &shares[(*n)++];
}

static void shares_add(Share *shares, int *n, const Row *payment, int sign) {
    if (!payment) return;
    if (row_get(payment, "refund_of").kind != V_NULL) sign = -sign;
    for (int i = 0; i < payment->n_lines; i++) {
        Decimal amount = sign * row_get(&payment->lines[i], "amount").i;
        Share *s = share_of(shares, n, row_get(&payment->lines[i], "order_id").i);
        if (counts(payment)) s->used += amount;
        if (is_done(payment)) s->paid += amount;
    }
}

static bool share_fits(Ctx *c, const Share *s, const Order *o) {
    Decimal outstanding = row_get(&o->row, "outstanding_amount").i;
    char text[DECIMAL_TEXT_MAX];
    Str number = number_of(o);
    if (s->used <= 0 && s->paid <= 0) return true;
    if (str_is(row_get(&o->row, "status").s, "cancelled")) return fail(c, E_CONFLICT, "%.*s is cancelled: nothing is to be paid", STR_ARG(number));
    decimal_format(outstanding, text);
    return s->used <= outstanding || fail(c, E_CONFLICT, "%.*s: at most %s is outstanding", STR_ARG(number), text);
}

/* By the resource whose row it is, so that its counts are right too. */
static bool share_apply(Ctx *c, const Share *s) {
    Order o;
    Row before, row;
    const Value id = value_int(s->order_id);
    if (!order_read(c, id, &o) || !share_fits(c, s, &o)) return false;
    const Model *m = model_part(c->app->registry, o.row.model, row_get(&o.row, "order_type").s);
    if (!record_seek(c, m, &(Seek){"id = ?2", &id, 1}, &before)) return false;
    row = row_copy(c->arena, &before);
    Decimal paid = row_get(&before, "paid_amount").i + s->paid;
    row_set(&row, "paid_amount", value_int(paid));
    row_set(&row, "outstanding_amount", value_int(row_get(&before, "outstanding_amount").i - s->used));
    row_set(&row, "payment_status", value_text(str_of(order_payment_state(paid, row_get(&row, "total_amount").i))));
    return record_put(c, &before, &row);
}

bool payment_orders_settle(Ctx *c, const Change *ch) {
    int n = 0, most = (ch->before ? ch->before->n_lines : 0) + (ch->row ? ch->row->n_lines : 0);
    Share *shares = ARENA_ARRAY(c->arena, Share, (size_t)most + 1);
    shares_add(shares, &n, ch->before, -1);
    shares_add(shares, &n, ch->row, 1);
    for (int i = 0; i < n; i++)
        if ((shares[i].used || shares[i].paid) && !share_apply(c, &shares[i])) return false;
    return true;
}

/* --- followers of orders --- */

bool payments_follow_order(Ctx *c, Change *ch) {
    char text[DECIMAL_TEXT_MAX];
    if (!ch->row || !ch->before || !change_altered(ch, "status") || !str_is(row_get(ch->row, "status").s, "cancelled")) return true;
    Decimal used = row_get(ch->row, "total_amount").i - row_get(ch->row, "outstanding_amount").i;
    decimal_format(used, text);
    return used == 0 || fail(c, E_STATE, "payments of %s are made or on their way: refund or cancel them first", text);
}

static bool wrong(Ctx *c, Str *problem, const char *field, Decimal wanted) {
    char text[DECIMAL_TEXT_MAX];
    decimal_format(wanted, text);
    *problem = ctx_fmt(c, "%s is not %s, as its payments say", field, text);
    return false;
}

static Stmt *payments_of(Ctx *c, const Row *order) {
    Stmt *st = db_prepare(
        c->db, S("SELECT coalesce(sum(CASE WHEN p.refund_of IS NULL THEN a.amount ELSE -a.amount END), 0),"
                 " coalesce(sum(CASE WHEN p.status NOT IN ('completed', 'refunded') THEN 0"
                 " WHEN p.refund_of IS NULL THEN a.amount ELSE -a.amount END), 0)"
                 " FROM payment_allocations a JOIN payments p ON p.organization_id = a.organization_id AND p.id = a.payment_id"
                 " WHERE a.organization_id = ?1 AND a.order_id = ?2 AND p.status NOT IN ('failed', 'cancelled')"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind(st, 2, row_get(order, "id"));
    return st;
}

bool payments_prove_order(Ctx *c, const Row *order, Str *problem) {
    Stmt *st = payments_of(c, order);
    if (!stmt_step(st)) return false;
    Decimal used = stmt_int(st, 0), paid = stmt_int(st, 1), total = row_get(order, "total_amount").i;
    stmt_reset(st);
    if (row_get(order, "paid_amount").i != paid) return wrong(c, problem, "paid_amount", paid);
    if (row_get(order, "outstanding_amount").i != total - used) return wrong(c, problem, "outstanding_amount", total - used);
    if (str_is(row_get(order, "payment_status").s, order_payment_state(paid, total))) return true;
    *problem = ctx_fmt(c, "payment_status is not %s", order_payment_state(paid, total));
    return false;
}
