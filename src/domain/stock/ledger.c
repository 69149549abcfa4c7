/* What stock postings keep: the ledger itself, the levels it adds up to, and
 * what of them is reserved. Read-only to clients; written by session.c,
 * replay.c and allocate.c.
 *
 * A posting's facts (quantity, when, where) never change; a trigger refuses it.
 * Its value and balances follow from them and are worked out again, from there
 * on, when a move is dated before others. */
#include "domain/stock/internal.h"

const Choice move_kinds[] = {
    {MOVE_RECEIPT}, {MOVE_DELIVERY}, {MOVE_TRANSFER}, {MOVE_ADJUSTMENT, "count"}, {MOVE_SCRAP}, {MOVE_RETURN},
    {MOVE_VENDOR_RETURN}, {MOVE_PRODUCE}, {MOVE_CONSUME}, {MOVE_REVALUATION}, {0},
};
const Choice stock_statuses[] = {{STATUS_OK, "good"}, {"quarantined"}, {"damaged"}, {"rejected"}, {0}};
const Choice bases[] = {{"given"}, {"cost"}, {"reversal"}, {"true_up"}, {"cost_set"}, {0}};

static const Field ledger_fields[] = {
    {"move_id", &T_REF, F_REQUIRED | F_FILTER | F_SORT, .ref = "stock-moves"},
    {"kind", &T_ENUM, F_FILTER | F_UNINDEXED | F_REQUIRED, .choices = move_kinds},
    {"product_id", &T_REF, F_REQUIRED | F_COPY | F_FILTER | F_UNINDEXED, .ref = "products"},
    {"level_id", &T_REF, F_REQUIRED | F_FILTER | F_UNINDEXED, .ref = "stock-levels"},
    {"location_id", &T_REF, F_REQUIRED | F_COPY | F_FILTER | F_UNINDEXED, .ref = "locations"},
    {"usage", &T_ENUM, F_REQUIRED | F_FILTER | F_UNINDEXED, .choices = usages, .help = "of the location"},
    {"lot_id", &T_REF, F_FILTER | F_COPY, .ref = "lots"},
    {"stock_status", &T_ENUM, F_REQUIRED | F_FILTER | F_UNINDEXED, .choices = stock_statuses},
    {"quantity", &T_QUANTITY, F_REQUIRED, .example = "-5"},
    {"value", &T_MONEY, F_REQUIRED | F_DERIVED, .example = "-62.5"},
    {"level_quantity", &T_QUANTITY, F_REQUIRED | F_DERIVED, .help = "balance behind it, there"},
    {"level_value", &T_MONEY, F_REQUIRED | F_DERIVED},
    {"product_quantity", &T_QUANTITY, F_REQUIRED | F_DERIVED, .help = "balance behind it, in all internal locations"},
    {"product_value", &T_MONEY, F_REQUIRED | F_DERIVED},
    {"product_cost", &T_MONEY, F_REQUIRED | F_DERIVED, .help = "of one unit from then on"},
    {"basis", &T_ENUM, F_REQUIRED | F_HIDDEN, .choices = bases},
    {"effective_at", &T_TIME, F_REQUIRED | F_FILTER | F_SORT | F_UNINDEXED, .help = "when it happened"},
    {"order_id", &T_INT, F_REQUIRED | F_SORT | F_UNINDEXED, .help = "order of postings of the same second"},
    {"created_at", &T_TIME, F_REQUIRED, .fallback = "now", .help = "when it was entered"},
};

static const char *const ledger_indexes[] = {
    "product_id,effective_at,order_id",
    "level_id,effective_at,order_id,quantity",
    NULL,
};

const Resource stock_ledger = {
    .name = "stock-ledger",
    .area = "stock",
    .singular = "stock posting",
    .summary = "Every quantity and value that ever came or went, two postings a move.",
    .flags = R_READ_ONLY | R_APPEND_ONLY | R_TRACKED,
    .default_order = "-move_id,-id",
    FIELDS(ledger_fields),
    .indexes = ledger_indexes,
};

static const Field level_fields[] = {
    {"product_id", &T_REF, F_REQUIRED | F_FILTER, .ref = "products"},
    {"location_id", &T_REF, F_REQUIRED | F_FILTER, .ref = "locations"},
    {"usage", &T_ENUM, F_REQUIRED | F_FILTER, .choices = usages, .help = "of the location"},
    {"lot_id", &T_REF, F_FILTER, .ref = "lots"},
    {"lot_key", &T_INT, F_HIDDEN, .fallback = "0"}, /* lot_id, or 0: what is unique must not be null */
    {"stock_status", &T_ENUM, F_FILTER | F_UNINDEXED, .choices = stock_statuses, .fallback = STATUS_OK},
    {"on_hand", &T_QUANTITY, F_FILTER | F_UNINDEXED, .fallback = "0", .also = "quantity", .example = "95"},
    {"reserved", &T_QUANTITY, 0, .fallback = "0", .example = "10"},
    {"available", &T_QUANTITY, F_FILTER | F_UNINDEXED, .fallback = "0", .example = "85",
     .help = "on hand, ok and not reserved"},
    {"value", &T_MONEY, F_SUM, .fallback = "0", .example = "1187.5"},
    {"front_at", &T_TIME, F_HIDDEN}, /* first-in first-out: the layer that is used next */
    {"front_order", &T_INT, F_HIDDEN, .fallback = "0"},
    {"front_quantity", &T_QUANTITY, F_HIDDEN, .fallback = "0"},
    {"front_value", &T_MONEY, F_HIDDEN, .fallback = "0"},
};

static const char *const level_uniques[] = {"product_id,location_id,lot_key,stock_status", NULL};
static const char *const level_checks[] = {"reserved >= 0", "on_hand <> 0 OR value = 0 OR usage NOT IN ('internal', 'transit')", NULL};

static const Field layer_fields[] = {
    {"effective_at", &T_TIME, 0, .help = "when it came"},
    {"move_id", &T_INT, 0, .help = "by which move", .example = "7"},
    {"quantity", &T_QUANTITY, 0, .help = "what is left of it", .example = "40"},
    {"value", &T_MONEY, 0, .example = "380"},
    {"unit_cost", &T_MONEY, 0, .example = "9.5"},
};

static const Action level_actions[] = {
    {"ledger", .summary = "Its postings, the oldest first", LIST_OF("stock-ledger", "level_id"),
     .list_order = "effective_at,order_id"},
    {"layers", ACTION_GET | ACTION_POOL | ACTION_ARRAY, "What of it came when, the oldest first; with first-in first-out valuation",
     .permission = "read", ANSWER(layer_fields), .run = layers_show},
};

/* By the balance behind the last posting of each level. What was reserved then
 * nobody knows any more. */
#define LEVELS_THEN                                                                                          \
    "SELECT v.id, v.organization_id, v.product_id, v.location_id, v.usage, v.lot_id, v.stock_status, "       \
    "g.level_quantity AS on_hand, 0 AS reserved, "                                                           \
    "CASE v.stock_status WHEN 'ok' THEN g.level_quantity ELSE 0 END AS available, g.level_value AS value, "  \
    "v.version, v.created_by, v.created_at, v.updated_at "                                                   \
    "FROM stock_levels v JOIN stock_ledger g ON g.id = (SELECT p.id FROM stock_ledger p "                    \
    "WHERE p.organization_id = v.organization_id AND p.level_id = v.id AND p.effective_at <= ?2 "            \
    "ORDER BY p.effective_at DESC, p.order_id DESC, p.id DESC LIMIT 1) WHERE v.organization_id = ?1"

const Resource stock_levels = {
    .name = "stock-levels",
    .area = "stock",
    .singular = "stock level",
    .summary = "What there is now, by product, location, lot and status.",
    .flags = R_READ_ONLY | R_TRACKED,
    FIELDS(level_fields),
    ACTIONS(level_actions),
    .uniques = level_uniques,
    .checks = level_checks,
    .as_of = {LEVELS_THEN, "t.on_hand = 0 AND t.value = 0"},
};

static const Field reservation_fields[] = {
    {"product_id", &T_REF, F_REQUIRED | F_FILTER, .ref = "products"},
    {"level_id", &T_REF, F_REQUIRED | F_FILTER, .ref = "stock-levels"},
    {"quantity", &T_QUANTITY, F_REQUIRED, .example = "10"},
    {"source", &T_TEXT, F_REQUIRED | F_FILTER | F_UNINDEXED, .max_length = 64, .example = "\"sales-orders\""},
    {"source_id", &T_INT, F_REQUIRED | F_FILTER | F_UNINDEXED, .example = "7"},
    {"source_line_id", &T_INT, F_REQUIRED, .example = "12"},
};

static const char *const reservation_indexes[] = {"source,source_id,source_line_id", NULL};
static const char *const reservation_checks[] = {"quantity >= 0", NULL};

const Resource stock_reservations = {
    .name = "stock-reservations",
    .area = "stock",
    .singular = "stock reservation",
    .summary = "Stock that is promised, and to what.",
    .flags = R_READ_ONLY | R_TRACKED,
    FIELDS(reservation_fields),
    .indexes = reservation_indexes,
    .checks = reservation_checks,
};
