/* Sales orders: what a customer ordered.
 *
 *   draft ──submit──▶ pending ──confirm──▶ confirmed ──ship, close──▶ shipped ──deliver──▶ delivered
 *     └───────────confirm─────────────────▶┘
 *   draft, pending, confirmed ──cancel──▶ cancelled ──reopen──▶ draft
 *
 * Confirming reserves what is available of its goods, `reserve` tries again;
 * what is reserved can be shipped, also in parts: the order stays confirmed,
 * its delivery_status is partial, until every line is full. After a return the
 * order is confirmed again, so that a replacement can be reserved and shipped,
 * unless none is to go.
 *
 * Invariants: total = subtotal − discount + tax; due_date ≥ order_date; once
 * confirmed only notes and due_date change; numbers are given once; of each line
 * of goods 0 ≤ shipped and shipped + reserved ≤ ordered; nothing stays reserved
 * for an order that is shipped or cancelled. */
#include "domain/orders/orders.h"
#include "domain/sales/sales.h"
#include "domain/stock/stock.h"
#include "model/timeline.h"

enum { DRAFT, PENDING, CONFIRMED, SHIPPED, DELIVERED, CANCELLED };
static const Choice states[] = {
    {"draft"}, {"pending"}, {"confirmed"}, {"shipped"}, {"delivered"}, {"cancelled", "canceled"}, {0},
};

static const Field fields[] = {
    {"so_number", &T_NUMBER, F_UNIQUE | F_SEARCH | F_SORT | F_FILTER | F_CREATE_ONLY | F_SCAN, .column = "number",
     .series = "SO-{seq:6}", .also = "number", .example = "\"SO-000001\""},
    {"customer_id", &T_REF, F_FILTER | F_OPEN_REF, .ref = "customers",
     .help = "an unknown id with a customer_name finds or creates the customer"},
    {"customer_name", &T_TEXT, F_SEARCH | F_FILTER | F_SORT, .column = "party_name", .snapshot_of = "customer_id",
     .help = "as it stands on the document", .example = "\"Meridian Garments Ltd\""},
    {"status", &T_ENUM, F_FILTER | F_SORT, .choices = states, .fallback = "draft"},
    {"order_date", &T_DATE, F_SORT | F_FILTER, .fallback = "today"},
    {"due_date", &T_DATE, F_SORT | F_FILTER | F_LATE, .example = "\"2026-12-31\""},
    {"assigned_to", &T_REF, F_FILTER | F_LATE, .ref = "users", .help = "the salesperson"},
    {"delivery_status", &T_ENUM, F_READONLY | F_FILTER | F_UNINDEXED, .choices = order_progress, .fallback = "none",
     .help = "how much of it has left"},
    ORDER_AMOUNTS,
};

static const Field line_fields[] = {
    ORDER_LINE("product_code", "product_name"),
    ORDER_PROGRESS("reserved_quantity", "what is kept in stock for it"),
    ORDER_PROGRESS("shipped_quantity", "what has left, less what came back"),
    ORDER_PROGRESS("returned_quantity", "what came back"),
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
    return order_party(c, ch, "customer_id", "customer_name") && order_complete(c, ch, "order_date");
}

/* An order without lines promises nothing. */
static bool has_lines(Ctx *c, const Change *ch) {
    return ch->row->n_lines > 0 || fail(c, E_STATE, "a sales order without lines cannot be confirmed");
}

/* --- reserving, shipping, returning --- */

static Decimal shipped(const Row *line) { return row_get(line, "shipped_quantity").i; }
static Decimal unshipped(const Row *line) { return row_get(line, "quantity").i - shipped(line); }
static Decimal ever_shipped(const Row *line) { return shipped(line) + row_get(line, "returned_quantity").i; }

static StockSource source_of(const Change *ch, const Row *line) {
    return (StockSource){ch->model->name.p, row_get(ch->row, "id").i, row_get(line, "id").i};
}

/* Sets what is reserved for every line of goods to what `target` says of it. */
static bool reserve_lines(Ctx *c, Change *ch, Decimal (*target)(const Row *line)) {
    for (int i = 0; i < ch->row->n_lines; i++) {
        const Row *now = &ch->row->lines[i];
        Decimal held = row_get(now, "reserved_quantity").i, wanted = target(now);
        const StockDemand demand = {row_get(now, "product_id").i, source_of(ch, now), 0};
        if (row_get(now, "product_id").kind == V_NULL || held == wanted) continue;
        OrderStep step = {.at = i, .line = &ch->row->lines[i]};
        if (!order_step_product(c, &step)) return false;
        if (!step.goods) continue;
        if (!stock_reserve(c, &demand, wanted, &held)) return false;
        if (held != row_get(now, "reserved_quantity").i)
            row_set(change_line(c, ch, i), "reserved_quantity", value_int(held));
    }
    return true;
}

static Decimal nothing(const Row *line) {
    (void)line;
    return 0;
}

static bool reserve(Ctx *c, Change *ch) { return reserve_lines(c, ch, unshipped); }
static bool release(Ctx *c, Change *ch) { return reserve_lines(c, ch, nothing); }

static const Field ship_lines[] = {
    {"line_id", &T_ID, F_REQUIRED, .also = "id", .help = "of the order's line"},
    {"quantity", &T_QUANTITY, F_REQUIRED, .min = "0.0001", .example = "1"},
    {"lot", &T_TEXT, 0, .max_length = 64, .also = "serial_number", .help = "which of the reserved ones; any when left out"},
};
static const Lines ship_list = {.name = "lines", .also = "line_items", LINE_FIELDS(ship_lines), .max = ORDER_LINES_MAX};
static const Field ship_input[] = {
    {"effective_at", &T_TIME, 0, .also = "date", .help = "when it left; now when left out"},
};
static const Field return_input[] = {
    ORDER_RETURN_INPUT("where it is put; where it had been when left out",
                       "what it is now: damaged, say; as it left when left out", "\"too small\""),
    ORDER_REPLACEMENT("false: nothing is to be shipped instead, and the order stays as it is"),
};

static Value input_of(const Change *ch, const char *name) { return ch->call ? call_value(ch->call, name) : VALUE_NULL; }

static bool goods_ship(Ctx *c, Change *ch, OrderStep *step) {
    Decimal held = row_get(step->line, "reserved_quantity").i;
    StockMove move = {.kind = MOVE_DELIVERY, .product_id = row_get(step->product, "id").i, .product = step->product,
                      .quantity = step->quantity, .effective_at = input_of(ch, "effective_at").s, .reserved = true,
                      .source = source_of(ch, step->line)};
    if (step->quantity > held) return line_limit(c, step, held, "shipped: no more is reserved");
    if (!order_step_lot(c, ch, step, &move.lot_id) || !stock_post(c, &move, 1)) return false;
    line_add(step->line, "reserved_quantity", -step->quantity);
    return true;
}

static bool ship(Ctx *c, Change *ch) {
    static const OrderMeasure measure = {unshipped, "shipped"};
    OrderSteps steps;
    if (!order_steps(c, ch, &measure, &steps)) return false;
    for (int i = 0; i < steps.n; i++) {
        OrderStep *step = &steps.list[i];
        if (step->quantity > unshipped(step->line)) return line_limit(c, step, unshipped(step->line), "shipped");
        if (step->goods && !goods_ship(c, ch, step)) return false;
        line_add(step->line, "shipped_quantity", step->quantity);
    }
    const char *progress = order_progress_of(ch->row, shipped);
    change_set(ch, "delivery_status", value_text(str_of(progress)));
    if (strcmp(progress, "full") != 0) change_set(ch, "status", value_text(str_of(states[CONFIRMED].name)));
    return true;
}

/* What came back may be shipped again, unless the body says that it is not. */
static bool take_back(Ctx *c, Change *ch) {
    static const OrderReturn all = {{shipped, "returned"}, MOVE_DELIVERY, MOVE_RETURN, "shipped_quantity"};
    if (!order_take_back(c, ch, &all)) return false;
    change_set(ch, "delivery_status", value_text(str_of(order_progress_of(ch->row, shipped))));
    if (!order_return_is_final(ch)) change_set(ch, "status", value_text(str_of(states[CONFIRMED].name)));
    return true;
}

static bool nothing_shipped(Ctx *c, const Change *ch) {
    return strcmp(order_progress_of(ch->row, shipped), "none") == 0 ||
           fail(c, E_STATE, "some of it has left: take that back first, or close the order");
}

/* What left and came back stays with this order and its lines. */
static bool nothing_left(Ctx *c, const Change *ch) {
    return strcmp(order_progress_of(ch->row, ever_shipped), "none") == 0 ||
           fail(c, E_STATE, "some of it had left and came back: make a new order");
}

static bool something_shipped(Ctx *c, const Change *ch) {
    return strcmp(order_progress_of(ch->row, ever_shipped), "none") != 0 ||
           fail(c, E_STATE, "nothing has left yet: cancel the order instead");
}

static const Action actions[] = {
    {"submit", 0, "Send the order to the customer", IN(DRAFT), PENDING},
    {"confirm", ACTION_STORED | ACTION_MOVES, "The customer has agreed: reserves what is available", IN(DRAFT) | IN(PENDING), CONFIRMED,
     .guard = has_lines, .effect = reserve},
    {"reserve", ACTION_STORED | ACTION_MOVES, "Try again to reserve what is missing", IN(CONFIRMED), STAY, .effect = reserve},
    {"ship", ACTION_STORED | ACTION_MOVES, "The goods have left: the named lines, or all that is open", IN(CONFIRMED), SHIPPED,
     INPUT(ship_input), .lines = &ship_list, .effect = ship},
    {"return", ACTION_STORED | ACTION_MOVES, "Take back from the customer: the named lines, or all", IN(CONFIRMED) | IN(SHIPPED) | IN(DELIVERED), STAY,
     INPUT(return_input), .lines = &order_back_lines, .effect = take_back},
    {"close", ACTION_STORED | ACTION_MOVES, "Ship no more of it", IN(CONFIRMED), SHIPPED, .guard = something_shipped, .effect = release},
    {"deliver", 0, "The customer has the goods", IN(SHIPPED), DELIVERED},
    {"cancel", ACTION_STORED | ACTION_MOVES, "Cancel the order", IN(DRAFT) | IN(PENDING) | IN(CONFIRMED), CANCELLED,
     .guard = nothing_shipped, .effect = release},
    {"reopen", 0, "Take a cancelled order back to draft", IN(CANCELLED), DRAFT, .guard = nothing_left},
    TIMELINE,
};

static bool reserved_sum(Ctx *c, const Row *order, const Row *line, Decimal *sum) {
    Stmt *st = db_prepare(c->db, S("SELECT coalesce(sum(quantity), 0) FROM stock_reservations WHERE organization_id = ?1 "
                                   "AND source = ?2 AND source_id = ?3 AND source_line_id = ?4"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_text(st, 2, order->model->name);
    stmt_bind(st, 3, row_get(order, "id"));
    stmt_bind(st, 4, row_get(line, "id"));
    *sum = stmt_step(st) ? stmt_int(st, 0) : 0;
    stmt_reset(st);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}

static bool line_prove(Ctx *c, const Row *order, int i, Str *problem) {
    const Row *line = &order->lines[i];
    Decimal held = row_get(line, "reserved_quantity").i, sum;
    const char *wrong = NULL;
    if (!reserved_sum(c, order, line, &sum)) return false;
    if (held != sum) wrong = "reserved_quantity is not the sum of its reservations";
    if (held && !str_is(row_get(order, "status").s, states[CONFIRMED].name)) wrong = "reserved_quantity of an order that waits for nothing";
    if (shipped(line) + held > row_get(line, "quantity").i) wrong = "more is shipped and reserved than was ordered";
    if (shipped(line) < 0) wrong = "more came back than was shipped";
    if (wrong) *problem = arena_fmt(c->arena, "line %d: %s", i + 1, wrong);
    return !wrong;
}

static bool prove(Ctx *c, const Row *order, Str *problem) {
    static const OrderPosted posted[] = {
        {"shipped_quantity", MOVE_DELIVERY, MOVE_RETURN}, {"returned_quantity", MOVE_RETURN, NULL}, {0},
    };
    if (!order_prove(c, order, problem) || !order_posted_prove(c, order, posted, problem)) return false;
    for (int i = 0; i < order->n_lines; i++)
        if (!line_prove(c, order, i, problem)) return false;
    return order_progress_prove(c, order, &(OrderProgress){"delivery_status", shipped}, problem);
}

static const char *const indexes[] = {"status,due_date", NULL};

const Resource sales_orders = {
    .name = "sales-orders",
    .area = "sales",
    .singular = "sales order",
    .summary = "Orders from customers.",
    .table = "orders",
    .only = {"order_type", "sale"},
    .display = "so_number",
    .key = "so_number",
    .owner = "assigned_to",
    FIELDS(fields),
    .lines = &lines,
    .indexes = indexes,
    .checks = order_checks,
    ACTIONS(actions),
    .open_states = IN(DRAFT) | IN(PENDING),
    .done_states = IN(DELIVERED) | IN(CANCELLED),
    .due = "due_date",
    .check = check,
    .prove = prove,
};
