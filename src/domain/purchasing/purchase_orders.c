/* Purchase orders: what was ordered from a vendor.
 *
 *   draft ──submit──▶ pending ──approve──▶ approved ──receive, close──▶ received
 *     └───────────approve──────────────────▶┘
 *   draft, pending, approved ──cancel──▶ cancelled ──reopen──▶ draft
 *
 * Receiving may come in parts: the order stays approved, its receipt_status is
 * partial, until every line is full. What was received may be returned: then the
 * order is approved again and waits for it, unless none is to come instead.
 *
 * Invariants: total = subtotal − discount + tax; due_date ≥ po_date; once
 * approved only notes and due_date change; numbers are given once; of each line
 * 0 ≤ received ≤ ordered × (1 + tolerance), less what was returned; cancelled
 * only while nothing of it is here. */
#include "domain/orders/orders.h"
#include "domain/purchasing/purchasing.h"
#include "domain/stock/stock.h"
#include "domain/system/system.h"
#include "model/timeline.h"

enum { DRAFT, PENDING, APPROVED, RECEIVED, CANCELLED };
static const Choice states[] = {
    {"draft"}, {"pending"}, {"approved"}, {"received"}, {"cancelled", "canceled"}, {0},
};

static const Field fields[] = {
    {"po_number", &T_NUMBER, F_UNIQUE | F_SEARCH | F_SORT | F_FILTER | F_CREATE_ONLY | F_SCAN, .column = "number",
     .series = "PO-{seq:6}", .also = "number", .example = "\"PO-000001\""},
    {"supplier_id", &T_REF, F_FILTER | F_OPEN_REF, .column = "vendor_id", .ref = "vendors",
     .also = "vendor_id,vendor", .help = "an unknown id with a supplier_name finds or creates the vendor"},
    {"supplier_name", &T_TEXT, F_SEARCH | F_FILTER | F_SORT, .column = "party_name", .snapshot_of = "supplier_id",
     .also = "vendor_name", .help = "as it stands on the document", .example = "\"Kiran Yarns\""},
    {"status", &T_ENUM, F_FILTER | F_SORT, .choices = states, .fallback = "draft"},
    {"po_date", &T_DATE, F_SORT | F_FILTER, .column = "order_date", .fallback = "today", .also = "order_date"},
    {"due_date", &T_DATE, F_SORT | F_FILTER | F_LATE, .example = "\"2026-12-31\""},
    {"receipt_status", &T_ENUM, F_READONLY | F_FILTER | F_UNINDEXED, .choices = order_progress, .fallback = "none",
     .help = "how much of it has arrived"},
    ORDER_AMOUNTS,
};

static const Field line_fields[] = {
    ORDER_LINE("material_code", "material_name"),
    ORDER_PROGRESS("received_quantity", "what has arrived, less what was sent back"),
    ORDER_PROGRESS("returned_quantity", "what was sent back"),
};

static const Lines lines = {
    .name = "line_items",
    .also = "lines",
    .table = "order_lines",
    .parent = "order_id",
    LINE_FIELDS(line_fields),
    .max = ORDER_LINES_MAX,
};

static bool check(Ctx *c, Change *ch) {
    return order_party(c, ch, "supplier_id", "supplier_name") && order_complete(c, ch, "po_date");
}

/* An order without lines orders nothing. */
static bool has_lines(Ctx *c, const Change *ch) {
    return ch->row->n_lines > 0 || fail(c, E_STATE, "a purchase order without lines cannot be approved");
}

/* --- receiving and returning --- */

static Decimal here(const Row *line) { return row_get(line, "received_quantity").i; }
static Decimal ever_here(const Row *line) { return here(line) + row_get(line, "returned_quantity").i; }
static Decimal open_quantity(const Row *line) { return row_get(line, "quantity").i - here(line); }

static const Field receive_lines[] = {
    {"line_id", &T_ID, F_REQUIRED, .also = "id", .help = "of the order's line"},
    {"quantity", &T_QUANTITY, F_REQUIRED, .min = "0.0001", .example = "50"},
    {"lot", &T_TEXT, 0, .max_length = 64, .also = "serial_number", .help = "lot or serial number, where the product has them"},
    {"best_before", &T_DATE, 0, .help = "of a new lot"},
};
static const Lines receive_list = {.name = "lines", .also = "line_items", LINE_FIELDS(receive_lines), .max = ORDER_LINES_MAX};

static const Field receive_input[] = {
    {"location_id", &T_REF, 0, .ref = "locations", .help = "where it is put; the first internal location when left out"},
    {"stock_status", &T_ENUM, 0, .choices = stock_statuses, .help = "ok when left out; quarantined until it is inspected"},
    {"effective_at", &T_TIME, 0, .also = "date", .help = "when it arrived; now when left out"},
};

static const Field return_input[] = {
    ORDER_RETURN_INPUT("where it is taken from; where it was put when left out",
                       "of the stock that leaves: rejected, say; as it was received when left out", "\"wrong shade\""),
    ORDER_REPLACEMENT("false: nothing is to come instead, and the order does not wait for it"),
};

static bool tolerance_of(Ctx *c, const OrderStep *step, Decimal *percent) {
    Value own = step->goods ? row_get(step->product, "over_receipt_tolerance") : VALUE_NULL;
    Settings settings;
    if (own.kind == V_NULL && !settings_get(c, &settings)) return false;
    *percent = own.kind == V_INT ? own.i : settings.over_receipt_tolerance;
    return true;
}

static bool over_receipt_check(Ctx *c, const OrderStep *step) {
    Decimal ordered = row_get(step->line, "quantity").i, percent, extra, most;
    if (!tolerance_of(c, step, &percent)) return false;
    if (!decimal_percent(ordered, percent, DECIMAL_PLACES, &extra) || !decimal_add(ordered, extra, &most))
        most = ordered;
    most -= here(step->line);
    return step->quantity <= most || line_limit(c, step, most, "received");
}

static Value input_of(const Change *ch, const char *name) { return ch->call ? call_value(ch->call, name) : VALUE_NULL; }

static bool lot_of(Ctx *c, const Change *ch, const OrderStep *step, int64_t *lot) {
    Str name = step->input < 0 ? STR_NONE : call_line_value(ch->call, step->input, "lot").s;
    *lot = 0;
    if (!name.n) return true;
    if (str_is(row_get(step->product, "tracking").s, "none"))
        return error_issue(&c->err, arena_fmt(c->arena, "lines[%d].lot", step->input), "untracked",
                           "the product is not kept by lot or serial number");
    const StockLot named = {row_get(step->product, "id").i, name, call_line_value(ch->call, step->input, "best_before"), true};
    return stock_lot(c, &named, lot);
}

static bool goods_receive(Ctx *c, const Change *ch, int64_t place, OrderStep *step) {
    StockMove move = {.kind = MOVE_RECEIPT, .product_id = row_get(step->product, "id").i, .product = step->product,
                      .quantity = step->quantity, .to = place, .status = input_of(ch, "stock_status").s,
                      .effective_at = input_of(ch, "effective_at").s, .has_value = true,
                      .source = {ch->model->name.p, row_get(ch->row, "id").i, row_get(step->line, "id").i}};
    if (!decimal_mul(step->quantity, row_get(step->line, "unit_price").i, DECIMAL_PLACES, &move.value))
        return fail(c, E_CONFLICT, "the value would be more than can be stored");
    return lot_of(c, ch, step, &move.lot_id) && stock_post(c, &move, 1);
}

/* Back to approved when something is still to come. */
static void receipt_settle(Change *ch) {
    const char *progress = order_progress_of(ch->row, here);
    change_set(ch, "receipt_status", value_text(str_of(progress)));
    if (strcmp(progress, "full") != 0) change_set(ch, "status", value_text(str_of(states[APPROVED].name)));
}

static bool receive(Ctx *c, Change *ch) {
    static const OrderMeasure measure = {open_quantity, "received"};
    OrderSteps steps;
    int64_t place;
    if (!order_place(c, ch, &place) || !order_steps(c, ch, &measure, &steps)) return false;
    for (int i = 0; i < steps.n; i++) {
        OrderStep *step = &steps.list[i];
        if (!over_receipt_check(c, step)) return false;
        line_add(step->line, "received_quantity", step->quantity);
        if (step->goods && !goods_receive(c, ch, place, step)) return false;
    }
    receipt_settle(ch);
    return true;
}

/* What went back is to come again, unless the body says that it is not. */
static bool send_back(Ctx *c, Change *ch) {
    static const OrderReturn all = {{here, "returned"}, MOVE_RECEIPT, MOVE_VENDOR_RETURN, "received_quantity"};
    if (!order_take_back(c, ch, &all)) return false;
    const char *progress = order_progress_of(ch->row, here);
    change_set(ch, "receipt_status", value_text(str_of(progress)));
    if (strcmp(progress, "full") != 0 && !order_return_is_final(ch))
        change_set(ch, "status", value_text(str_of(states[APPROVED].name)));
    return true;
}

static bool any_here(const Row *order) { return strcmp(order_progress_of(order, here), "none") != 0; }

static bool nothing_here(Ctx *c, const Change *ch) {
    return !any_here(ch->row) || fail(c, E_STATE, "some of it has arrived: return that first, or close the order");
}

/* What came and went stays with this order and its lines. */
static bool nothing_came(Ctx *c, const Change *ch) {
    return strcmp(order_progress_of(ch->row, ever_here), "none") == 0 ||
           fail(c, E_STATE, "some of it had arrived and went back: make a new order");
}

static bool something_here(Ctx *c, const Change *ch) {
    return any_here(ch->row) || fail(c, E_STATE, "nothing has arrived yet: cancel the order instead");
}

static const Action actions[] = {
    {"submit", 0, "Ask for approval", IN(DRAFT), PENDING},
    {"approve", 0, "Approve the order", IN(DRAFT) | IN(PENDING), APPROVED, .guard = has_lines},
    {"receive", ACTION_STORED | ACTION_MOVES, "Take in what has arrived: the named lines, or all that is open", IN(APPROVED), RECEIVED,
     INPUT(receive_input), .lines = &receive_list, .effect = receive},
    {"return", ACTION_STORED | ACTION_MOVES, "Send back to the vendor: the named lines, or all that is here", IN(APPROVED) | IN(RECEIVED), STAY,
     INPUT(return_input), .lines = &order_back_lines, .effect = send_back},
    {"close", 0, "Be content with what has arrived", IN(APPROVED), RECEIVED, .guard = something_here},
    {"cancel", 0, "Cancel the order", IN(DRAFT) | IN(PENDING) | IN(APPROVED), CANCELLED, .guard = nothing_here},
    {"reopen", 0, "Take a cancelled order back to draft", IN(CANCELLED), DRAFT, .guard = nothing_came},
    TIMELINE,
};

static bool prove(Ctx *c, const Row *order, Str *problem) {
    static const OrderPosted posted[] = {
        {"received_quantity", MOVE_RECEIPT, MOVE_VENDOR_RETURN}, {"returned_quantity", MOVE_VENDOR_RETURN, NULL}, {0},
    };
    return order_prove(c, order, problem) && order_posted_prove(c, order, posted, problem) &&
           order_progress_prove(c, order, &(OrderProgress){"receipt_status", here}, problem);
}

static const char *const indexes[] = {"status,due_date", NULL};

const Resource purchase_orders = {
    .name = "purchase-orders",
    .area = "purchasing",
    .singular = "purchase order",
    .summary = "Orders to vendors.",
    .table = "orders",
    .only = {"order_type", "purchase"},
    .display = "po_number",
    .key = "po_number",
    FIELDS(fields),
    .lines = &lines,
    .indexes = indexes,
    .checks = order_checks,
    ACTIONS(actions),
    .open_states = IN(DRAFT) | IN(PENDING),
    .done_states = IN(RECEIVED) | IN(CANCELLED),
    .due = "due_date",
    .check = check,
    .prove = prove,
};
