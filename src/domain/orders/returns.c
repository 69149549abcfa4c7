/* Goods that go back the way they came: to the vendor, or from the customer.
 * The moves of their lines are taken back by opposite ones, the newest first;
 * the stock may be in another place or state by now. */
#include "domain/orders/orders.h"
#include "domain/stock/stock.h"

static const Field back_fields[] = {
    {"line_id", &T_ID, F_REQUIRED, .also = "id", .help = "of one of its lines"},
    {"quantity", &T_QUANTITY, F_REQUIRED, .min = "0.0001", .example = "1"},
    {"lot", &T_TEXT, 0, .max_length = 64, .also = "serial_number", .example = "",
     .help = "which lot or serial number; the one that came or left last when left out"},
};
const Lines order_back_lines = {.name = "lines", .also = "line_items,items", LINE_FIELDS(back_fields), .max = ORDER_LINES_MAX};

bool order_step_lot(Ctx *c, const Change *ch, const OrderStep *step, int64_t *lot) {
    Str name = step->input < 0 ? STR_NONE : call_line_value(ch->call, step->input, "lot").s;
    *lot = 0;
    if (!name.n) return true;
    const StockLot named = {step->goods ? row_get(step->product, "id").i : 0, name, VALUE_NULL, false};
    if (step->goods && !stock_lot(c, &named, lot)) return false;
    return *lot || error_issue(&c->err, arena_fmt(c->arena, "lines[%d].lot", step->input), "unknown_reference",
                               "is no lot of the product");
}

static Str text_of(const Change *ch, const char *name) { return ch->call ? call_text(ch->call, name) : STR_NONE; }

/* `at`: our location, as it was when 0. */
static bool step_back(Ctx *c, Change *ch, const OrderReturn *r, const OrderStep *step, int64_t at) {
    StockReversal reversal = {.source = {ch->model->name.p, row_get(ch->row, "id").i, row_get(step->line, "id").i},
                              .kind = r->kind, .as = r->as, .quantity = step->quantity, .at = at,
                              .reason = text_of(ch, "reason"), .status = text_of(ch, "stock_status")};
    Decimal most = r->measure.open(step->line);
    if (step->quantity > most) return line_limit(c, step, most, r->measure.what);
    if (!order_step_lot(c, ch, step, &reversal.lot_id)) return false;
    if (step->goods && !stock_reverse(c, &reversal)) return false;
    if (r->lessens) line_add(step->line, r->lessens, -step->quantity);
    line_add(step->line, "returned_quantity", step->quantity);
    return true;
}

bool order_take_back(Ctx *c, Change *ch, const OrderReturn *r) {
    OrderSteps steps;
    int64_t at;
    if (!order_steps(c, ch, &r->measure, &steps) || !order_place(c, ch, &at)) return false;
    for (int i = 0; i < steps.n; i++)
        if (!step_back(c, ch, r, &steps.list[i], at)) return false;
    return true;
}

bool order_return_is_final(const Change *ch) {
    Value given = ch->call ? call_value(ch->call, "replacement") : VALUE_NULL;
    return given.kind != V_NULL && !given.i;
}
