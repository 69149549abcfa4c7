/* Products: materials, goods and services, known by their SKU. Also reachable
 * as /items with the names that stock clients use. */
#include "domain/catalog/catalog.h"
#include "model/type.h"

static const Field fields[] = {
    {"sku", &T_TEXT, F_REQUIRED | F_UNIQUE | F_SORT | F_SEARCH | F_FILTER, .max_length = 64,
     .also = "code", .example = "\"YARN-40S\"", .help = "stock keeping unit: its code in this organization"},
    {"name", &T_TEXT, F_REQUIRED | F_SORT | F_SEARCH | F_FILTER, .example = "\"Cotton yarn 40s\""},
    {"description", &T_LONG_TEXT, 0},
    {"unit", &T_TEXT, F_FILTER, .max_length = 32, .fallback = "pcs", .also = "unit_of_measure", .example = "\"kg\""},
    {"price", &T_MONEY, F_SORT, .fallback = "0", .min = "0", .also = "unit_price", .example = "12.5",
     .help = "selling price of one unit"},
    {"cost", &T_MONEY, 0, .fallback = "0", .min = "0", .example = "9.8"},
    {"category", &T_TEXT, F_FILTER | F_SEARCH, .max_length = 100, .example = "\"Yarn\""},
    {"low_stock_threshold", &T_QUANTITY, 0, .fallback = "0", .min = "0"},
    {"discontinued", &T_BOOL, F_FILTER, .fallback = "false"},
};

static const Rename item_names[] = {
    {"sku", "item_id"},
    {"name", "item_name"},
    {"low_stock_threshold", "reorder_level"},
};
static const Alias aliases[] = {{.path = "items", RENAMES(item_names)}};

const Resource products = {
    .name = "products",
    .singular = "product",
    .summary = "What is bought, made and sold.",
    .display = "name",
    .key = "sku",
    FIELDS(fields),
    ALIASES(aliases),
};
