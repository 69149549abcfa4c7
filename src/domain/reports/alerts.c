/* Stock that somebody should look at: what is low or out, and what expires or
 * has expired while it is still here. The worst come first: what is out of
 * stock, what has expired, what is low (by how much of its threshold is left),
 * what expires (by its date). */
#include "domain/reports/reports.h"
#include "domain/system/system.h"
#include "model/type.h"
#include "model/write.h"

#define ALERTS_DEFAULT 200

/* Each of the three parts is found by an index and gives the worst ?3 of its
 * own; ?2 is today, ?4 the day up to which expiry is told. (CROSS JOIN: the
 * lots that expire lead, not all stock there is.) */
#define LOW                                                                                                       \
    "SELECT CASE WHEN available <= 0 THEN 0 ELSE 2 END AS rank, "                                                 \
    "CASE WHEN low_stock_threshold > 0 THEN available * 1.0 / low_stock_threshold ELSE available END AS badness, " \
    "id AS product_id, CAST(NULL AS bigint) AS lot_id, CAST(NULL AS date) AS best_before, quantity, available FROM products "                   \
    "WHERE organization_id = ?1 AND low_stock = true ORDER BY 1, 2, id LIMIT ?3"
#define LOTS                                                                                                      \
    "SELECT CASE WHEN l.best_before < ?2 THEN 1 ELSE 3 END AS rank, 0 AS badness, min(l.product_id), l.id, l.best_before, " \
    "sum(v.on_hand), sum(v.available) FROM lots l CROSS JOIN stock_levels v WHERE v.organization_id = l.organization_id "  \
    "AND v.lot_id = l.id AND v.usage = 'internal' AND v.on_hand > 0 "                                             \
    "AND l.organization_id = ?1 AND l.best_before <= ?4 GROUP BY l.best_before, l.id ORDER BY l.best_before, l.id LIMIT ?3"
#define UNTRACKED                                                                                                 \
    "SELECT CASE WHEN best_before < ?2 THEN 1 ELSE 3 END, 0, id, CAST(NULL AS bigint), best_before, quantity, available FROM products " \
    "WHERE organization_id = ?1 AND best_before <= ?4 AND quantity > 0 AND tracking = 'none' ORDER BY best_before, id LIMIT ?3"

static const char alerts_sql[] =
    "SELECT p.sku, p.name, a.quantity, a.available, p.low_stock_threshold, p.unit, a.rank, p.id, "
    "(SELECT l.name FROM lots l WHERE l.organization_id = ?1 AND l.id = a.lot_id), a.best_before "
    "FROM (SELECT * FROM (" LOW ") x UNION ALL SELECT * FROM (" LOTS ") y UNION ALL SELECT * FROM (" UNTRACKED ") z) a "
    "JOIN products p ON p.organization_id = ?1 AND p.id = a.product_id "
    "ORDER BY a.rank, a.best_before, a.badness, p.id, a.lot_id LIMIT ?3";

static const Choice statuses[] = {{"out_of_stock"}, {"expired"}, {"low_stock"}, {"expiring"}, {0}};

static void decimal_field(Json *j, const char *name, int64_t d) {
    js_key(j, str_of(name));
    js_decimal(j, d);
}

static void alert_write(Json *j, Stmt *st) {
    js_begin_object(j);
    js_field_str(j, "item_id", stmt_text(st, 0));
    js_field_str(j, "item_name", stmt_text(st, 1));
    decimal_field(j, "quantity", stmt_int(st, 2));
    decimal_field(j, "available", stmt_int(st, 3));
    decimal_field(j, "reorder_level", stmt_int(st, 4));
    js_field_str(j, "unit", stmt_text(st, 5));
    js_field_c(j, "status", statuses[stmt_int(st, 6)].name);
    js_field_int(j, "product_id", stmt_int(st, 7));
    js_field_str(j, "lot", stmt_text(st, 8));
    js_field_str(j, "best_before", stmt_text(st, 9));
    js_end_object(j);
}

static bool alerts(Ctx *c, Call *call) {
    Settings settings;
    char horizon[DATE_TEXT];
    Value size = call_value(call, "page_size");
    if (!settings_get(c, &settings)) return false;
    if (!date_add_days(str_of(c->today), settings.expiry_warning_days, horizon)) return fail(c, E_INTERNAL, NULL);
    Stmt *st = db_prepare(c->db, str_of(alerts_sql));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_text(st, 2, str_of(c->today));
    stmt_bind_int(st, 3, size.kind == V_INT ? size.i : ALERTS_DEFAULT);
    stmt_bind_text(st, 4, str_of(horizon));
    js_begin_array(&c->out);
    while (stmt_step(st)) alert_write(&c->out, st);
    js_end_array(&c->out);
    stmt_reset(st);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}

static const Field input[] = {
    {"page_size", &T_INT, 0, .min = "1", .max = "1000", .help = "at most so many, 200 when left out"},
};

static const Field answer[] = {
    {"item_id", &T_TEXT, 0, .example = "\"YARN-40S\"", .help = "the product's SKU"},
    {"item_name", &T_TEXT, 0, .example = "\"Cotton yarn 40s\""},
    {"quantity", &T_QUANTITY, 0, .help = "on hand, of the product or the lot"},
    {"available", &T_QUANTITY, 0},
    {"reorder_level", &T_QUANTITY, 0, .help = "the product's low_stock_threshold"},
    {"unit", &T_TEXT, 0},
    {"status", &T_ENUM, 0, .choices = statuses},
    {"product_id", &T_INT, 0, .example = "7"},
    {"lot", &T_TEXT, 0, .help = "of what expires, where the product is kept by lot"},
    {"best_before", &T_DATE, 0},
};

static const Action actions[] = {
    {"inventory/alerts", ACTION_COLLECTION | ACTION_GET | ACTION_POOL | ACTION_ARRAY,
     "Stock that is low, out, expiring or expired, the worst first", .permission = "read", INPUT(input), ANSWER(answer),
     .run = alerts},
};

const Resource dashboard = {
    .name = "dashboard",
    .area = "reports",
    .summary = "What needs somebody's attention.",
    .flags = R_VIRTUAL,
    ACTIONS(actions),
};
