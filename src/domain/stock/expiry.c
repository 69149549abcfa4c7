/* Tells everybody of stock that expires: once when the end comes near
 * (expiry_warning_days), once when it has passed. A lot is told of while there
 * is any of it; a product that is not kept by lot, by its own best_before.
 *
 * Stock that expired more than a year ago is no news: that keeps a run from
 * looking at every lot there ever was. */
#include "domain/stock/internal.h"

#define DAYS_BACK (-366)
#define AT_ONCE   200 /* notifications of one run */

typedef struct {
    const char *resource;
    int64_t id;
    Str lot, name, sku, unit, best_before;
    Decimal quantity;
} Expiring;

/* ?2 today, ?3 the first day and ?4 the last one that is looked at. (CROSS
 * JOIN: lots by their end lead, not all stock there is.) */
#define UNTOLD(resource, id, date)                                                                      \
    "NOT EXISTS (SELECT 1 FROM notifications n WHERE n.organization_id = ?1 AND n.resource = '" resource "' " \
    "AND n.record_id = " id " AND n.kind = CASE WHEN " date " < ?2 THEN 'expired' ELSE 'expiring' END " \
    "AND n.about_date = " date ")"

static const char lots_sql[] =
    "SELECT l.id, min(l.name), min(p.name), min(p.sku), min(p.unit), l.best_before, sum(v.on_hand) FROM lots l "
    "CROSS JOIN stock_levels v "
    "JOIN products p ON p.organization_id = l.organization_id AND p.id = l.product_id "
    "WHERE v.organization_id = l.organization_id AND v.lot_id = l.id AND v.usage = 'internal' AND v.on_hand > 0 "
    "AND l.organization_id = ?1 AND l.best_before >= ?3 AND l.best_before <= ?4 AND " UNTOLD("lots", "l.id", "l.best_before")
    " GROUP BY l.best_before, l.id ORDER BY l.best_before, l.id LIMIT ?5";

static const char products_sql[] =
    "SELECT p.id, NULL, p.name, p.sku, p.unit, p.best_before, p.quantity FROM products p "
    "WHERE p.organization_id = ?1 AND p.best_before >= ?3 AND p.best_before <= ?4 AND p.quantity > 0 "
    "AND p.tracking = 'none' AND " UNTOLD("products", "p.id", "p.best_before")
    " ORDER BY p.best_before, p.id LIMIT ?5";

static Str copied(Ctx *c, Str s) { return s.p ? arena_str(c->arena, s) : STR_NONE; }

typedef struct {
    Expiring list[AT_ONCE];
    int n;
} Found;

static bool find(Ctx *c, const char *resource, const char *sql, Found *found) {
    Settings settings;
    char from[DATE_TEXT], to[DATE_TEXT];
    if (!settings_get(c, &settings)) return false;
    bool dates = date_add_days(str_of(c->today), DAYS_BACK, from) &&
                 date_add_days(str_of(c->today), settings.expiry_warning_days, to);
    if (!dates) return true; /* at the edge of time */
    Stmt *st = db_prepare(c->db, str_of(sql));
    const char *bound[] = {c->today, from, to};
    stmt_bind_int(st, 1, c->organization_id);
    for (int i = 0; i < 3; i++) stmt_bind_text(st, i + 2, str_of(bound[i]));
    stmt_bind_int(st, 5, AT_ONCE - found->n);
    while (found->n < AT_ONCE && stmt_step(st))
        found->list[found->n++] = (Expiring){
            resource, stmt_int(st, 0), copied(c, stmt_text(st, 1)), copied(c, stmt_text(st, 2)), copied(c, stmt_text(st, 3)),
            copied(c, stmt_text(st, 4)), copied(c, stmt_text(st, 5)), stmt_int(st, 6)};
    stmt_reset(st);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}

static bool tell(Ctx *c, const Expiring *e) {
    char quantity[DECIMAL_TEXT_MAX];
    bool expired = memcmp(e->best_before.p, c->today, DATE_TEXT - 1) < 0;
    decimal_format(e->quantity, quantity);
    Str lot = e->lot.n ? arena_fmt(c->arena, ", lot %.*s", STR_ARG(e->lot)) : S("");
    const Notification n = {
        .type = NOTIFY_WARNING,
        .kind = expired ? "expired" : "expiring",
        .message = arena_fmt(c->arena, "%.*s (%.*s%.*s): %s %.*s %s %.*s", STR_ARG(e->name), STR_ARG(e->sku), STR_ARG(lot),
                             quantity, STR_ARG(e->unit), expired ? "were best before" : "are best before", STR_ARG(e->best_before)),
        .resource = e->resource,
        .record_id = e->id,
        .about_date = e->best_before,
    };
    return notification_add(c, &n);
}

bool stock_expiry_job(Ctx *c) {
    Found *found = ARENA_NEW(c->arena, Found);
    if (!find(c, "lots", lots_sql, found) || !find(c, "products", products_sql, found)) return false;
    for (int i = 0; i < found->n; i++)
        if (!tell(c, &found->list[i])) return false;
    return true;
}
