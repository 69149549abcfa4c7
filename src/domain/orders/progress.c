/* How far the lines of an order have come; see orders.h. */
#include "domain/orders/orders.h"

#include "domain/catalog/catalog.h"
#include "model/type.h"

const Choice order_progress[] = {{"none"}, {"partial"}, {"full"}, {0}};

void line_add(Row *line, const char *field, Decimal difference) {
    row_set(line, field, value_int(row_get(line, field).i + difference));
}

bool order_place(Ctx *c, const Change *ch, int64_t *id) {
    Value given = ch->call ? call_value(ch->call, "location_id") : VALUE_NULL;
    *id = 0;
    if (given.kind == V_NULL) return true;
    *id = record_find(c, ctx_model(c, "locations"), given.kind == V_TEXT ? "code" : "id", given);
    if (*id || c->err.kind != E_NONE) return *id != 0;
    return error_issue(&c->err, S("location_id"), "unknown_reference", "refers to no existing location");
}

bool order_step_product(Ctx *c, OrderStep *step) {
    const Value id = row_get(step->line, "product_id");
    if (id.kind == V_NULL) return true;
    if (!step->product) {
        step->product = ARENA_NEW(c->arena, Row);
        if (!record_seek(c, ctx_model(c, "products"), &(Seek){"id = ?2", &id, 1}, step->product)) return false;
    }
    step->goods = product_is_goods(step->product);
    return true;
}

/* Postings keep the row they are given up to date: two lines of one product
 * must not each go by what there was before the other. */
static Row *product_known(const OrderSteps *steps, const Row *line) {
    const Value id = row_get(line, "product_id");
    for (int i = 0; i < steps->n && id.kind == V_INT; i++)
        if (steps->list[i].product && row_get(steps->list[i].product, "id").i == id.i) return steps->list[i].product;
    return NULL;
}

static bool step_add(Ctx *c, Change *ch, OrderSteps *out, OrderStep step) {
    step.line = change_line(c, ch, step.at);
    step.product = product_known(out, step.line);
    out->list[out->n] = step;
    return order_step_product(c, &out->list[out->n++]);
}

static int line_of_id(const Row *order, int64_t id) {
    for (int i = 0; i < order->n_lines; i++)
        if (row_get(&order->lines[i], "id").i == id) return i;
    return -1;
}

static bool steps_named(Ctx *c, Change *ch, OrderSteps *out) {
    const Row *input = &ch->call->input;
    for (int i = 0; i < input->n_lines; i++) {
        int at = line_of_id(ch->row, call_line_value(ch->call, i, "line_id").i);
        Str path = arena_fmt(c->arena, "lines[%d].line_id", i);
        if (at < 0) {
            error_issue(&c->err, path, "unknown_reference", "is no line of this order");
            continue;
        }
        for (int k = 0; k < out->n; k++)
            if (out->list[k].at == at && call_line_value(ch->call, i, "lot").kind == V_NULL)
                error_issue(&c->err, path, "duplicate", "is named twice");
        if (!step_add(c, ch, out, (OrderStep){at, i, call_line_value(ch->call, i, "quantity").i, NULL, NULL, false}))
            return false;
    }
    return c->err.kind == E_NONE;
}

bool order_steps(Ctx *c, Change *ch, const OrderMeasure *m, OrderSteps *out) {
    bool named = ch->call && ch->call->lines_given;
    int most = named ? ch->call->input.n_lines : ch->row->n_lines;
    *out = (OrderSteps){.list = ARENA_ARRAY(c->arena, OrderStep, (size_t)most + 1)};
    if (named && !steps_named(c, ch, out)) return false;
    for (int i = 0; !named && i < ch->row->n_lines; i++) {
        Decimal open = m->open(&ch->row->lines[i]);
        if (open > 0 && !step_add(c, ch, out, (OrderStep){i, -1, open, NULL, NULL, false})) return false;
    }
    return out->n > 0 || fail(c, E_STATE, "nothing is left to be %s", m->what);
}

const char *order_progress_of(const Row *order, Decimal (*done)(const Row *line)) {
    bool any = false, all = order->n_lines > 0;
    for (int i = 0; i < order->n_lines; i++) {
        Decimal d = done(&order->lines[i]);
        any = any || d > 0;
        all = all && d >= row_get(&order->lines[i], "quantity").i;
    }
    return order_progress[all ? 2 : any ? 1 : 0].name;
}

bool order_progress_prove(Ctx *c, const Row *order, const OrderProgress *p, Str *problem) {
    if (str_is(row_get(order, p->field).s, order_progress_of(order, p->done))) return true;
    *problem = arena_fmt(c->arena, "%s is not what its lines say", p->field);
    return false;
}

bool line_limit(Ctx *c, const OrderStep *step, Decimal most, const char *what) {
    char text[DECIMAL_TEXT_MAX];
    decimal_format(most > 0 ? most : 0, text);
    Str code = step->line->values[1].s; /* every type of order calls it differently */
    return fail(c, E_CONFLICT, "line %d (%.*s): at most %s can be %s", step->at + 1, STR_ARG(code), text, what);
}
