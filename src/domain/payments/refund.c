/* Giving money back: an opposite payment, completed at once, that names the one
 * it takes back. What was for no order goes back first, then what was for the
 * last order of the list, and so on to the first. */
#include "domain/payments/internal.h"

const Field payment_refund_input[PAYMENT_REFUND_INPUTS] = {
    {"amount", &T_MONEY, 0, .min = "0.01", .help = "all that is left of it when left out", .example = "10"},
    {"payment_method", &T_ENUM, 0, .choices = payment_methods, .help = "how it goes back; as it came when left out"},
    {"reason", &T_TEXT, 0, .example = "\"delivered too late\""},
};

bool payment_may_refund(Ctx *c, const Change *ch) {
    Str source = row_get(ch->row, "source").s;
    if (row_get(ch->row, "refund_of").kind != V_NULL) return fail(c, E_STATE, "this is a refund itself");
    return !source.n || fail(c, E_STATE, "this was paid at the counter: refund it at /%.*s/%lld", STR_ARG(source),
                             (long long)row_get(ch->row, "source_id").i);
}

static Value input_of(const Change *ch, const char *name) { return ch->call ? call_value(ch->call, name) : VALUE_NULL; }

static bool amount_of(Ctx *c, const Change *ch, Decimal *out) {
    Decimal left = row_get(ch->row, "amount").i - row_get(ch->row, "refunded_amount").i;
    Value given = input_of(ch, "amount");
    char text[DECIMAL_TEXT_MAX];
    *out = given.kind == V_INT ? given.i : left;
    if (*out <= left) return true;
    decimal_format(left, text);
    return fail(c, E_CONFLICT, "at most %s of this payment can be refunded", text);
}

static Decimal free_of(const Row *payment) {
    Decimal back = row_get(payment, "refunded_amount").i;
    for (int i = 0; i < payment->n_lines; i++) back -= row_get(&payment->lines[i], "refunded_amount").i;
    return row_get(payment, "amount").i - row_get(payment, "allocated_amount").i - back;
}

/* The allocations of the refund, and on this payment what they take of each. */
static void allocations_take(Ctx *c, Change *ch, Decimal amount, Row *refund) {
    Decimal rest = amount - free_of(ch->row);
    refund->lines = ARENA_ARRAY(c->arena, Row, (size_t)ch->row->n_lines + 1);
    for (int i = ch->row->n_lines - 1; i >= 0 && rest > 0; i--) {
        Row *line = change_line(c, ch, i), *out = &refund->lines[refund->n_lines];
        Decimal back = row_get(line, "refunded_amount").i, part = row_get(line, "amount").i - back;
        if (part > rest) part = rest;
        if (part <= 0) continue;
        rest -= part;
        row_set(line, "refunded_amount", value_int(back + part));
        *out = row_new(c->arena, line->model);
        row_set(out, "order_id", row_get(line, "order_id"));
        row_set(out, "amount", value_int(part));
        refund->n_lines++;
    }
}

static void give(Input *in, const char *field, Value v) {
    int at = model_field(in->row.model, field)->index;
    in->row.values[at] = v;
    set_add(&in->given, at);
}

static bool refund_make(Ctx *c, Change *ch, Decimal amount) {
    static const char *const same[] = {"customer_id", "vendor_id", "currency", "invoice_number", "reference_number"};
    bool incoming = str_is(row_get(ch->row, "payment_type").s, payment_directions[INCOMING].name);
    Value method = input_of(ch, "payment_method");
    Input in = {.row = row_new(c->arena, ch->model), .status = COMPLETED, .lines_given = true};
    Row made;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) give(&in, same[i], row_get(ch->row, same[i]));
    give(&in, "payment_type", value_text(str_of(payment_directions[incoming].name)));
    give(&in, "payment_method", method.kind == V_NULL ? row_get(ch->row, "payment_method") : method);
    give(&in, "amount", value_int(amount));
    give(&in, "refund_of", row_get(ch->row, "id"));
    give(&in, "notes", input_of(ch, "reason"));
    allocations_take(c, ch, amount, &in.row);
    Lent lent = ctx_lend(c);
    bool ok = record_create(c, ch->model, &in, &made);
    ctx_return(c, &lent);
    return ok;
}

bool payment_refund(Ctx *c, Change *ch) {
    Decimal amount, all = row_get(ch->row, "amount").i;
    if (!amount_of(c, ch, &amount) || !refund_make(c, ch, amount)) return false;
    amount += row_get(ch->row, "refunded_amount").i;
    change_set(ch, "refunded_amount", value_int(amount));
    if (amount < all) change_set(ch, "status", value_text(str_of(payment_states[COMPLETED].name)));
    return true;
}
