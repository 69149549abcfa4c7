/* Products: materials, goods and services, known by their SKU. Also reachable
 * as /items with the names that stock clients use.
 *
 * What there is of a product (quantity, reserved, available, stock_value, cost,
 * low_stock, below_minimum) is kept by stock postings. A quantity may be given:
 * stock posts the difference to what there is. A cost may be given while there
 * is no stock; with stock, cost is its value divided by its quantity. */
#include "domain/catalog/catalog.h"
#include "model/type.h"
#include "model/write.h"

static const Choice types[] = {{"goods", "stock"}, {"service"}, {0}};
static const Choice trackings[] = {{"none"}, {"lot", "batch"}, {"serial"}, {0}};

static const Field fields[] = {
    {"sku", &T_TEXT, F_REQUIRED | F_UNIQUE | F_SORT | F_SEARCH | F_FILTER | F_SCAN, .max_length = 64,
     .also = "code", .example = "\"YARN-40S\"", .help = "stock keeping unit: its code in this organization"},
    {"name", &T_TEXT, F_REQUIRED | F_SORT | F_SEARCH | F_FILTER, .example = "\"Cotton yarn 40s\""},
    {"description", &T_LONG_TEXT, 0},
    {"product_type", &T_ENUM, F_FILTER | F_CREATE_ONLY, .choices = types, .fallback = "goods",
     .help = "a service is never in stock"},
    {"unit", &T_TEXT, F_FILTER, .max_length = 32, .fallback = "pcs", .also = "unit_of_measure", .example = "\"kg\"",
     .help = "what its quantities count; the code of a unit of measure where others are converted to it"},
    {"price", &T_MONEY, F_SORT, .fallback = "0", .min = "0", .also = "unit_price", .example = "12.5",
     .help = "selling price of one unit"},
    {"cost", &T_MONEY, F_DERIVED, .fallback = "0", .min = "0", .example = "9.8",
     .help = "value of one unit in stock; may be set while there is none"},
    {"category", &T_TEXT, F_FILTER | F_SEARCH, .max_length = 100, .example = "\"Yarn\""},
    {"barcode", &T_TEXT, F_UNIQUE | F_FILTER | F_SEARCH | F_SCAN, .max_length = 64, .example = "\"8901030865278\""},
    {"tracking", &T_ENUM, F_CREATE_ONLY, .choices = trackings, .fallback = "none",
     .help = "lot: stock is kept apart by lot; serial: each piece has a number of its own"},
    {"best_before", &T_DATE, F_FILTER | F_SORT, .help = "of stock that is not kept by lot"},
    {"quantity", &T_QUANTITY, F_DERIVED, .fallback = "0", .also = "quantity_on_hand", .example = "250",
     .help = "on hand in all internal locations; giving one posts the difference as an adjustment"},
    {"reserved", &T_QUANTITY, F_READONLY | F_DERIVED, .fallback = "0", .help = "of it, promised to sales orders"},
    {"available", &T_QUANTITY, F_READONLY | F_DERIVED, .fallback = "0",
     .help = "usable and not reserved"},
    {"stock_value", &T_MONEY, F_READONLY | F_DERIVED | F_SUM, .fallback = "0", .help = "what the quantity is worth"},
    {"low_stock_threshold", &T_QUANTITY, 0, .fallback = "0", .min = "0"},
    {"low_stock", &T_BOOL, F_READONLY | F_DERIVED | F_FILTER, .fallback = "false",
     .help = "goods, not discontinued, available ≤ low_stock_threshold"},
    {"below_minimum", &T_BOOL, F_READONLY | F_DERIVED | F_FILTER, .fallback = "false",
     .help = "goods, not discontinued, available < reorder_minimum: /reorder-proposals"},
    {"over_receipt_tolerance", &T_PERCENT, 0, .min = "0", .max = "100",
     .help = "percent that may arrive beyond what was ordered; empty: as in the settings"},
    {"reorder_minimum", &T_QUANTITY, 0, .min = "0", .help = "below it a reorder is proposed; empty: never"},
    {"reorder_maximum", &T_QUANTITY, 0, .min = "0", .help = "what a reorder fills up to"},
    {"reorder_multiple", &T_QUANTITY, 0, .min = "0.0001", .help = "reorders are multiples of it"},
    {"preferred_vendor_id", &T_REF, F_FILTER, .ref = "vendors", .help = "who is asked first"},
    {"lead_time_days", &T_INT, 0, .min = "0", .max = "730", .help = "from order to arrival; empty: the vendor's"},
    {"discontinued", &T_BOOL, F_FILTER, .fallback = "false"},
    {"last_posted_at", &T_TIME, F_READONLY | F_HIDDEN | F_DERIVED},
};

static const Rename item_names[] = {
    {"sku", "item_id"},
    {"name", "item_name"},
    {"low_stock_threshold", "reorder_level"},
};
static const Alias aliases[] = {{.path = "items", RENAMES(item_names)}};

bool product_is_goods(const Row *product) { return str_is(row_get(product, "product_type").s, "goods"); }

bool product_is_low(const Row *product) {
    return product_is_goods(product) && !row_get(product, "discontinued").i &&
           row_get(product, "available").i <= row_get(product, "low_stock_threshold").i;
}

static bool below_minimum(const Row *product) {
    Value least = row_get(product, "reorder_minimum");
    return product_is_goods(product) && !row_get(product, "discontinued").i && least.kind == V_INT &&
           row_get(product, "available").i < least.i;
}

void product_mark(Row *product) {
    row_set(product, "low_stock", value_int(product_is_low(product)));
    row_set(product, "below_minimum", value_int(below_minimum(product)));
}

bool product_is_marked(const Row *product) {
    return product_is_low(product) == (row_get(product, "low_stock").i != 0) &&
           below_minimum(product) == (row_get(product, "below_minimum").i != 0);
}

static bool cost_check(Ctx *c, Change *ch) {
    Value asked = change_asked(ch, "cost");
    if (asked.kind == V_NULL || asked.i == row_get(ch->row, "cost").i) return true;
    if (row_get(ch->row, "quantity").i == 0) {
        change_set(ch, "cost", asked);
        return true;
    }
    return error_issue(&c->err, S("cost"), "read_only",
                       "follows from the value of the stock; it can be set while there is none");
}

static bool quantity_check(Ctx *c, Change *ch) {
    Value asked = change_asked(ch, "quantity");
    if (asked.kind == V_NULL || asked.i == row_get(ch->row, "quantity").i) return true;
    if (asked.i < 0) return error_issue(&c->err, S("quantity"), "min", "must be at least 0");
    if (!product_is_goods(ch->row))
        return error_issue(&c->err, S("quantity"), "service", "cannot be given: a service is never in stock");
    if (str_is(row_get(ch->row, "tracking").s, "none")) return true;
    return error_issue(&c->err, S("quantity"), "tracked", "is kept by lot or serial number: receive or count those");
}

static bool reorder_check(Ctx *c, const Change *ch) {
    Value least = row_get(ch->row, "reorder_minimum"), most = row_get(ch->row, "reorder_maximum");
    if (least.kind == V_NULL || most.kind == V_NULL || least.i <= most.i) return true;
    return error_issue(&c->err, S("reorder_maximum"), "min", "must not be below reorder_minimum");
}

static bool check(Ctx *c, Change *ch) {
    if (!ch->row) return true;
    cost_check(c, ch);
    quantity_check(c, ch);
    reorder_check(c, ch);
    product_mark(ch->row);
    return c->err.kind == E_NONE;
}

static const Action actions[] = {
    {"ledger", .summary = "Its stock postings with running balance and value, the oldest first",
     LIST_OF("stock-ledger", "product_id"), .list_order = "effective_at,order_id"},
    {"stock-levels", .summary = "Where its stock is", LIST_OF("stock-levels", "product_id")},
};

const Resource products = {
    .name = "products",
    .area = "stock",
    .singular = "product",
    .summary = "What is bought, made and sold.",
    .display = "name",
    .key = "sku",
    FIELDS(fields),
    ALIASES(aliases),
    ACTIONS(actions),
    .check = check,
};
