/* Totals of an order. With q the quantity, p the price, t the tax rate and d
 * the discount: amount = q × p; subtotal = Σ amount; tax = (subtotal − d) × t;
 * total = subtotal − d + tax; each rounded half-up to the minor unit. */
#include "domain/orders/orders.h"

#define MINOR_PLACES 2

const char *const order_checks[] = {
    "total_amount = subtotal - discount_amount + tax_amount + rounding_amount",
    "discount_amount <= subtotal",
    NULL,
};

static bool line_amount(const Row *line, Decimal *out) {
    return decimal_mul(row_get(line, "quantity").i, row_get(line, "unit_price").i, MINOR_PLACES, out);
}

static bool amounts_sum(const Row *order, Decimal *subtotal) {
    *subtotal = 0;
    for (int i = 0; i < order->n_lines; i++) {
        Decimal amount;
        if (!line_amount(&order->lines[i], &amount)) return false;
        if (!decimal_add(*subtotal, amount, subtotal)) return false;
    }
    return true;
}

typedef struct {
    Decimal subtotal, tax, total;
} Totals;

static bool totals_of(const Row *order, Totals *t) {
    Decimal discount = row_get(order, "discount_amount").i, net;
    return amounts_sum(order, &t->subtotal) && decimal_add(t->subtotal, -discount, &net) &&
           decimal_percent(net, row_get(order, "tax_rate").i, MINOR_PLACES, &t->tax) &&
           decimal_add(net, t->tax, &t->total);
}

const Choice order_payment_states[] = {{"none"}, {"partial"}, {"paid"}, {0}};

const char *order_payment_state(Decimal paid, Decimal total) {
    return order_payment_states[paid <= 0 ? 0 : paid < total ? 1 : 2].name;
}

/* The total moved: so does what is open of it, down to what payments are for. */
static bool outstanding_settle(Ctx *c, Change *ch) {
    if (!map_get(&ch->model->views[0].by_name, S("outstanding_amount"))) return true;
    Decimal total = row_get(ch->row, "total_amount").i, used = 0, paid = 0;
    if (ch->before) {
        used = row_get(ch->before, "total_amount").i - row_get(ch->before, "outstanding_amount").i;
        paid = row_get(ch->before, "paid_amount").i;
    }
    if (total < used) {
        char now[DECIMAL_TEXT_MAX], least[DECIMAL_TEXT_MAX];
        decimal_format(total, now);
        decimal_format(used, least);
        return fail(c, E_CONFLICT, "the total would be %s, and payments of %s are made or on their way", now, least);
    }
    change_set(ch, "outstanding_amount", value_int(total - used));
    change_set(ch, "paid_amount", value_int(paid));
    change_set(ch, "payment_status", value_text(str_of(order_payment_state(paid, total))));
    return true;
}

bool order_totals(Ctx *c, Change *ch) {
    Totals t;
    if (!totals_of(ch->row, &t))
        return error_issue(&c->err, S("line_items"), "range", "add up to more than can be stored");
    if (row_get(ch->row, "discount_amount").i > t.subtotal)
        return error_issue(&c->err, S("discount_amount"), "max", "must not exceed the subtotal");
    int amount = ch->row->n_lines ? model_field(ch->row->lines[0].model, "amount")->index : 0;
    for (int i = 0; i < ch->row->n_lines; i++) {
        Decimal d = 0;
        line_amount(&ch->row->lines[i], &d);
        ch->row->lines[i].values[amount] = value_int(d);
    }
    change_set(ch, "subtotal", value_int(t.subtotal));
    change_set(ch, "tax_amount", value_int(t.tax));
    change_set(ch, "total_amount", value_int(t.total));
    return outstanding_settle(c, ch);
}

static bool dates_check(Ctx *c, const Change *ch, const char *date_field) {
    Value date = row_get(ch->row, date_field), due = row_get(ch->row, "due_date");
    if (due.kind == V_NULL || memcmp(due.s.p, date.s.p, 10) >= 0) return true;
    return error_issue(&c->err, S("due_date"), "min", "must not be before %s", date_field);
}

bool order_complete(Ctx *c, Change *ch, const char *date_field) {
    if (!ch->row) return true;
    dates_check(c, ch, date_field);
    return order_totals(c, ch) && c->err.kind == E_NONE;
}

static bool party_create(Ctx *c, const Model *m, Value name, int64_t *id) {
    if (!ctx_require(c, m, MAY_CREATE)) return false;
    Input in = {.row = row_new(c->arena, m), .status = -1};
    int at = model_field(m, "name")->index;
    in.row.values[at] = name;
    set_add(&in.given, at);
    Row made;
    if (!record_create(c, m, &in, &made)) return false;
    *id = made.values[m->id].i;
    return true;
}

bool order_party(Ctx *c, Change *ch, const char *id_field, const char *name_field) {
    if (!ch->row || (ch->before && !change_gave(ch, id_field) && !change_gave(ch, name_field)))
        return true;
    const ModelField *ref = model_field(ch->model, id_field);
    Value name = row_get(ch->row, name_field), id = row_get(ch->row, id_field);
    bool known = id.kind == V_INT && (ch->row->names[ref->index].p || !change_gave(ch, id_field));
    if (known) return true;
    if (name.kind == V_NULL) {
        const char *what = id.kind == V_NULL ? "required" : "unknown_reference";
        return error_issue(&c->err, ref->name, what,
                           id.kind == V_NULL ? "is required, or %s" : "refers to no existing %s; give %s to create it",
                           id.kind == V_NULL ? name_field : ref->ref->resource->singular, name_field);
    }
    int64_t found = record_find(c, ref->ref, "name", name);
    if (!found && !party_create(c, ref->ref, name, &found)) return false;
    change_set(ch, id_field, value_int(found));
    ch->row->names[ref->index] = name.s;
    return true;
}

static bool wrong(Str *problem, Str what) {
    *problem = what;
    return false;
}

bool order_prove(Ctx *c, const Row *order, Str *problem) {
    (void)c;
    Totals t;
    if (!totals_of(order, &t)) return wrong(problem, S("its lines cannot be added up"));
    for (int i = 0; i < order->n_lines; i++) {
        Decimal amount;
        if (!line_amount(&order->lines[i], &amount) || amount != row_get(&order->lines[i], "amount").i)
            return wrong(problem, S("a line's amount is not quantity × unit_price"));
    }
    if (t.subtotal != row_get(order, "subtotal").i)
        return wrong(problem, S("subtotal is not the sum of the lines"));
    if (t.tax != row_get(order, "tax_amount").i)
        return wrong(problem, S("tax_amount is not the tax on the net amount"));
    if (t.total != row_get(order, "total_amount").i)
        return wrong(problem, S("total_amount does not add up"));
    return true;
}
