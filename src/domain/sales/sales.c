/* Sales at the counter: sold, paid and handed over in one transaction.
 *
 *   completed ──refund (in parts, until all)──▶ refunded
 *
 * Prices are the products', tax is the settings'; stock leaves, the payment is
 * recorded, and it all happens or none of it.
 *
 * Invariants: total = subtotal − discount + tax; the discount is within the
 * settings' limit and the total within the session's; a line returns at most
 * what it sold; refunded_amount is the share of the total that its returned
 * lines are of the subtotal, all of it when all came back; payments in less
 * payments out = total − refunded. Nothing but notes changes afterwards. */
#include "domain/sales/internal.h"

#define MINOR_PLACES 2

enum { COMPLETED, REFUNDED };
static const Choice states[] = {{"completed", "paid"}, {"refunded"}, {0}};

static const Field fields[] = {
    {"sale_number", &T_NUMBER, F_UNIQUE | F_SEARCH | F_SORT | F_FILTER | F_READONLY | F_SCAN, .column = "number",
     .series = "SAL-{year}-{seq:6}", .also = "number", .example = "\"SAL-2026-000001\""},
    {"status", &T_ENUM, F_FILTER, .choices = states, .fallback = "completed"},
    {"sale_date", &T_DATE, F_READONLY | F_FILTER | F_SORT, .column = "order_date", .fallback = "today", .also = "date"},
    {"customer_id", &T_REF, F_FILTER | F_CREATE_ONLY, .ref = "customers", .help = "nobody in particular when left out"},
    {"customer_name", &T_TEXT, F_SEARCH | F_CREATE_ONLY, .column = "party_name", .snapshot_of = "customer_id"},
    {"assigned_to", &T_REF, F_READONLY | F_FILTER, .ref = "users", .fallback = "me", .also = "salesperson_id,salesperson,user",
     .help = "who sold it"},
    {"payment_method", &T_ENUM, F_FILTER | F_UNINDEXED | F_CREATE_ONLY, .choices = payment_methods, .fallback = PAYMENT_CASH},
    {"product_id", &T_REF, F_NO_COLUMN | F_CREATE_ONLY, .ref = "products", .help = "of a sale of one product, instead of lines", .example = "1"},
    {"quantity", &T_QUANTITY, F_NO_COLUMN | F_CREATE_ONLY, .min = "0.0001", .help = "of that product; 1 when left out", .example = ""},
    {"location_id", &T_REF, F_NO_COLUMN | F_CREATE_ONLY, .ref = "locations",
     .help = "from where it is taken first; the first internal location"},
    {"register", &T_TEXT, F_NO_COLUMN | F_CREATE_ONLY, .max_length = 64, .example = "",
     .help = "whose open session it belongs to; one's own when left out"},
    {"till_session_id", &T_REF, F_READONLY | F_FILTER, .ref = "till-sessions"},
    {"tax_rate", &T_PERCENT, F_READONLY, .fallback = "0", .help = "the settings' on that day"},
    {"discount_percent", &T_PERCENT, F_NO_COLUMN | F_CREATE_ONLY, .min = "0", .max = "100", .example = "",
     .help = "of the subtotal, instead of discount_amount"},
    {"discount_amount", &T_MONEY, F_CREATE_ONLY, .fallback = "0", .min = "0", .also = "discount"},
    ORDER_TOTALS,
    {"tendered_amount", &T_MONEY, F_CREATE_ONLY, .min = "0", .help = "what the customer handed over", .example = ""},
    {"change_amount", &T_MONEY, F_READONLY, .help = "what goes back of that"},
    {"refunded_amount", &T_MONEY, F_READONLY, .fallback = "0"},
    {"notes", &T_LONG_TEXT, F_LATE | F_SEARCH},
};

static const Field line_fields[] = {
    {"product_code", &T_TEXT, F_REQUIRED, .column = "code", .max_length = 64, .snapshot_of = "product_id", .also = "sku,code",
     .help = "or product_id", .example = "\"SHEET\""},
    {"product_name", &T_TEXT, F_REQUIRED | F_READONLY, .column = "name"},
    {"quantity", &T_QUANTITY, F_REQUIRED, .min = "0.0001", .example = "2"},
    {"unit_price", &T_MONEY, F_READONLY, .fallback = "0", .help = "the product's"},
    {"amount", &T_MONEY, F_READONLY, .fallback = "0"},
    {"product_id", &T_REF, F_FILTER | F_CHECKED, .ref = "products", .found_by = "product_code"},
    {"lot", &T_TEXT, F_NO_COLUMN, .max_length = 64, .also = "serial_number", .example = "", .help = "which one, of a product kept by lot"},
    ORDER_PROGRESS("returned_quantity", "what came back"),
};

static const Lines lines = {
    .name = "lines",
    .also = "line_items,items",
    .table = "order_lines",
    .parent = "order_id",
    LINE_FIELDS(line_fields),
    .max = ORDER_LINES_MAX,
};

/* --- making one --- */

/* What check found out and saved goes on with. */
typedef struct {
    Settings settings;
    Row **products; /* by line; lines of one product share its row */
} Making;

static bool shorthand_fill(Ctx *c, Change *ch) {
    Row *row = ch->row;
    Value product = row_get(row, "product_id"), quantity = row_get(row, "quantity");
    if (product.kind == V_NULL) {
        if (quantity.kind == V_INT)
            return error_issue(&c->err, S("quantity"), "kind", "goes with a product_id; each of lines has its own");
        if (row->n_lines > 0) return true;
        return error_issue(&c->err, S("lines"), "required", "say what is sold, or give a product_id");
    }
    if (row->n_lines > 0) return error_issue(&c->err, S("product_id"), "duplicate", "give it or lines, not both");
    row->lines = ARENA_NEW(c->arena, Row);
    row->lines[0] = row_fresh(c, row->model->lines);
    row->n_lines = 1;
    row_set(&row->lines[0], "product_id", product);
    row_set(&row->lines[0], "quantity", quantity.kind == V_INT ? quantity : value_int(DECIMAL_SCALE));
    return true;
}

static Row *product_of(Ctx *c, const Change *ch, Making *making, int at) {
    const Value id = row_get(&ch->row->lines[at], "product_id");
    for (int i = 0; i < at; i++)
        if (making->products[i] && row_get(making->products[i], "id").i == id.i) return making->products[i];
    Row *product = ARENA_NEW(c->arena, Row);
    if (id.kind == V_NULL) return NULL;
    return record_seek(c, ctx_model(c, "products"), &(Seek){"id = ?2", &id, 1}, product) ? product : NULL;
}

static bool line_fill(Ctx *c, const Change *ch, Making *making, int at) {
    Row *line = &ch->row->lines[at];
    Row *product = making->products[at] = product_of(c, ch, making, at);
    if (!product)
        return c->err.kind == E_NONE || c->err.kind == E_INVALID
                   ? error_issue(&c->err, arena_fmt(c->arena, "lines[%d].product_id", at), "unknown_reference",
                                 "refers to no existing product")
                   : false;
    row_set(line, "product_code", row_get(product, "sku"));
    row_set(line, "product_name", row_get(product, "name"));
    row_set(line, "unit_price", row_get(product, "price"));
    return true;
}

static bool lines_fill(Ctx *c, const Change *ch, Making *making) {
    making->products = ARENA_ARRAY(c->arena, Row *, (size_t)ch->row->n_lines);
    for (int i = 0; i < ch->row->n_lines; i++)
        if (!line_fill(c, ch, making, i) && c->err.kind != E_INVALID) return false;
    return c->err.kind == E_NONE;
}

static bool discount_fill(Ctx *c, Change *ch, const Settings *settings) {
    Value percent = row_get(ch->row, "discount_percent");
    Decimal subtotal = row_get(ch->row, "subtotal").i, most, discount;
    char text[DECIMAL_TEXT_MAX];
    if (percent.kind == V_INT) {
        if (row_get(ch->row, "discount_amount").i)
            return error_issue(&c->err, S("discount_percent"), "duplicate", "give it or discount_amount, not both");
        decimal_format(settings->max_discount_percent, text);
        if (percent.i > settings->max_discount_percent)
            return error_issue(&c->err, S("discount_percent"), "max", "must be at most %s, the settings' limit", text);
        if (!decimal_percent(subtotal, percent.i, MINOR_PLACES, &discount)) return false;
        row_set(ch->row, "discount_amount", value_int(discount));
        if (!order_totals(c, ch)) return false;
    }
    discount = row_get(ch->row, "discount_amount").i;
    if (!decimal_percent(subtotal, settings->max_discount_percent, MINOR_PLACES, &most) || discount <= most) return true;
    decimal_format(most, text);
    return error_issue(&c->err, S("discount_amount"), "max", "must be at most %s, the settings' limit", text);
}

static bool cap_check(Ctx *c, const Change *ch) {
    char text[DECIMAL_TEXT_MAX];
    if (!c->amount_cap || row_get(ch->row, "total_amount").i <= c->amount_cap) return true;
    decimal_format(c->amount_cap, text);
    return fail(c, E_CONFLICT, "this session may sell for at most %s at a time", text);
}

static bool tendered_fill(Ctx *c, Change *ch) {
    Value given = row_get(ch->row, "tendered_amount");
    Decimal total = row_get(ch->row, "total_amount").i;
    if (given.kind == V_NULL) return true;
    if (given.i < total) return error_issue(&c->err, S("tendered_amount"), "min", "is less than the total");
    row_set(ch->row, "change_amount", value_int(given.i - total));
    return true;
}

static bool till_fill(Ctx *c, Change *ch) {
    Row session;
    Value name = row_get(ch->row, "register");
    if (till_open_find(c, name, &session)) {
        row_set(ch->row, "till_session_id", row_get(&session, "id"));
        ch->row->names[model_field(ch->model, "till_session_id")->index] = row_get(&session, "register").s;
        return true;
    }
    if (c->err.kind != E_NONE) return false;
    return name.kind == V_NULL || error_issue(&c->err, S("register"), "closed", "has no open till session: open one first");
}

static bool check(Ctx *c, Change *ch) {
    if (ch->before || !ch->row || c->err.kind != E_NONE) return true;
    Making *making = ch->hooks = ARENA_NEW(c->arena, Making);
    if (!shorthand_fill(c, ch) || !settings_get(c, &making->settings) || !lines_fill(c, ch, making)) return false;
    row_set(ch->row, "tax_rate", value_int(making->settings.tax_rate));
    return order_totals(c, ch) && discount_fill(c, ch, &making->settings) && cap_check(c, ch) && tendered_fill(c, ch) &&
           till_fill(c, ch);
}

static bool lot_of(Ctx *c, const Row *line, int at, int64_t *lot) {
    const StockLot named = {row_get(line, "product_id").i, row_get(line, "lot").s, VALUE_NULL, false};
    *lot = 0;
    if (!named.name.n) return true;
    if (!stock_lot(c, &named, lot)) return false;
    return *lot || error_issue(&c->err, arena_fmt(c->arena, "lines[%d].lot", at), "unknown_reference", "is no lot of the product");
}

static bool goods_out(Ctx *c, const Change *ch, const Making *making) {
    StockMove *moves = ARENA_ARRAY(c->arena, StockMove, (size_t)ch->row->n_lines);
    int n = 0;
    for (int i = 0; i < ch->row->n_lines; i++) {
        const Row *line = &ch->row->lines[i];
        if (!product_is_goods(making->products[i])) continue;
        moves[n] = (StockMove){.kind = MOVE_DELIVERY, .product_id = row_get(line, "product_id").i, .product = making->products[i],
                               .quantity = row_get(line, "quantity").i, .from = row_get(ch->row, "location_id").i,
                               .source = {ch->model->name.p, row_get(ch->row, "id").i, row_get(line, "id").i}};
        if (!lot_of(c, line, i, &moves[n++].lot_id)) return false;
    }
    return stock_post(c, moves, n);
}

static bool pay(Ctx *c, const Row *sale, Decimal amount, const Payment *how) {
    Payment p = *how;
    p.amount = amount;
    p.resource = "sales";
    p.id = row_get(sale, "id").i;
    p.customer_id = row_get(sale, "customer_id");
    return amount == 0 || payment_record(c, &p);
}

static bool saved(Ctx *c, Change *ch) {
    if (ch->before || !ch->row) return true;
    const Making *making = ch->hooks;
    const Payment in = {.method = row_get(ch->row, "payment_method").s, .currency = making->settings.currency_code,
                        .till_session_id = row_get(ch->row, "till_session_id")};
    return goods_out(c, ch, making) && pay(c, ch->row, row_get(ch->row, "total_amount").i, &in);
}

/* --- taking it back --- */

static const Field refund_input[] = {
    {"payment_method", &T_ENUM, 0, .choices = payment_methods, .help = "how the money goes back; as it came when left out"},
    ORDER_RETURN_INPUT("where it is put; where it had been when left out",
                       "what it is now: damaged, say; as it left when left out", "\"wrong size\""),
};

static Decimal kept(const Row *line) { return row_get(line, "quantity").i - row_get(line, "returned_quantity").i; }
static Decimal returned(const Row *line) { return row_get(line, "returned_quantity").i; }

/* Of the total, what the returned lines are of the subtotal. */
static bool refund_due(const Row *sale, Decimal *due) {
    Decimal total = row_get(sale, "total_amount").i, subtotal = row_get(sale, "subtotal").i, back = 0;
    *due = total;
    if (!strcmp(order_progress_of(sale, returned), "full")) return true;
    for (int i = 0; i < sale->n_lines; i++) {
        Decimal amount;
        const Row *line = &sale->lines[i];
        if (!decimal_mul(returned(line), row_get(line, "unit_price").i, DECIMAL_PLACES, &amount)) return false;
        back += amount;
    }
    if (subtotal == 0) back = 0, subtotal = 1;
    const Decimal minor = DECIMAL_SCALE / 100;
    __int128 units = (__int128)subtotal * minor;
    *due = (Decimal)(((__int128)total * back + units / 2) / units) * minor;
    if (*due > total) *due = total;
    return true;
}

static bool refund(Ctx *c, Change *ch) {
    static const OrderReturn back = {{kept, "refunded"}, MOVE_DELIVERY, MOVE_RETURN, NULL};
    Settings settings;
    Row session;
    Decimal due, before = row_get(ch->row, "refunded_amount").i;
    Value method = ch->call ? call_value(ch->call, "payment_method") : VALUE_NULL;
    if (!strcmp(ch->verb, "create")) return fail(c, E_STATE, "a sale is made first, and refunded then");
    if (!order_take_back(c, ch, &back) || !settings_get(c, &settings)) return false;
    if (!refund_due(ch->row, &due)) return fail(c, E_CONFLICT, "the refund is more than can be stored");
    bool till = till_open_find(c, VALUE_NULL, &session);
    const Payment out = {.outgoing = true, .currency = settings.currency_code,
                         .method = method.kind == V_TEXT ? method.s : row_get(ch->row, "payment_method").s,
                         .till_session_id = till ? row_get(&session, "id") : VALUE_NULL};
    change_set(ch, "refunded_amount", value_int(due));
    if (strcmp(order_progress_of(ch->row, returned), "full") != 0)
        change_set(ch, "status", value_text(str_of(states[COMPLETED].name)));
    return c->err.kind == E_NONE && pay(c, ch->row, due - before, &out);
}

static const Action actions[] = {
    {"refund", ACTION_STORED | ACTION_MOVES, "Take back the named lines, or all: stock and money return", IN(COMPLETED), REFUNDED,
     INPUT(refund_input), .lines = &order_back_lines, .effect = refund},
    {"receipt", ACTION_GET, "Its receipt, as text or as a page to print", .permission = "read", .input = sale_receipt_input,
     .n_input = 2, .run = sale_receipt},
};

static bool ending_prove(const Row *sale, Str *problem) {
    bool all_back = !strcmp(order_progress_of(sale, returned), "full");
    Value tendered = row_get(sale, "tendered_amount"), change = row_get(sale, "change_amount");
    *problem = S("status is not what its returned lines say");
    if (all_back != str_is(row_get(sale, "status").s, states[REFUNDED].name)) return false;
    *problem = S("change_amount is not tendered_amount less the total");
    return tendered.kind == V_NULL ? change.kind == V_NULL : change.i == tendered.i - row_get(sale, "total_amount").i;
}

static bool prove(Ctx *c, const Row *sale, Str *problem) {
    static const OrderPosted posted[] = {{"quantity", MOVE_DELIVERY, NULL}, {"returned_quantity", MOVE_RETURN, NULL}, {0}};
    Decimal due, paid;
    if (!order_prove(c, sale, problem) || !order_posted_prove(c, sale, posted, problem)) return false;
    bool ok = refund_due(sale, &due) && due == row_get(sale, "refunded_amount").i;
    *problem = S("refunded_amount is not the returned lines' share of the total");
    if (!ok || !payment_sum(c, "sales", row_get(sale, "id").i, &paid)) return false;
    *problem = S("its payments are not total_amount less refunded_amount");
    if (paid != row_get(sale, "total_amount").i - due || !ending_prove(sale, problem)) return false;
    *problem = STR_NONE;
    return true;
}

const Resource sales = {
    .name = "sales",
    .area = "sales",
    .singular = "sale",
    .summary = "What is sold over the counter: stock, ledger and payment in one.",
    .flags = R_NO_DELETE | R_MOVES,
    .table = "orders",
    .only = {"order_type", "pos"},
    .display = "sale_number",
    .key = "sale_number",
    .owner = "assigned_to",
    FIELDS(fields),
    .lines = &lines,
    .checks = order_checks,
    ACTIONS(actions),
    .open_states = NEVER_OPEN,
    .check = check,
    .saved = saved,
    .prove = prove,
};
