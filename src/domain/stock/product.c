/* Products as stock sees them: a quantity that is given is posted, and what
 * their postings say is proved; and what must stay once something is posted. */
#include "domain/stock/internal.h"

/* A product made with stock opens its ledger; a changed quantity is a count. */
static bool difference_post(Ctx *c, Row *product, Decimal target) {
    Item item = {.session = session_new(c), .callers = product};
    Decimal now = row_get(product, "quantity").i;
    bool more = target > now;
    Row move = move_new(c, MOVE_ADJUSTMENT, row_get(product, "id").i, more ? target - now : now - target);
    Posting p = {.move = &move, .key = {row_get(product, "id").i, 0, S(STATUS_OK)}, .to_status = S(STATUS_OK)};
    row_set(&move, "reason", value_text(S("the product's quantity was set")));
    if (!item_load(c, row_get(product, "id").i, &item)) return false;
    if (!place_of_usage(c, more ? LOSS : INTERNAL, &p.from) || !place_of_usage(c, more ? INTERNAL : LOSS, &p.to))
        return false;
    p.basis = more ? BASIS_GIVEN : BASIS_COST;
    if (more && !decimal_mul(target - now, item.total.cost, DECIMAL_PLACES, &p.value))
        return fail(c, E_CONFLICT, "the stock's value would be more than can be stored");
    return posting_make(c, &item, &p) && item_store(c, &item);
}

/* A cost that is given while there is no stock is what the next postings find,
 * so it is in the ledger too, between two places that are not ours. Before the
 * first posting there is no need: that one says which cost it found. */
static bool cost_post(Ctx *c, Row *product) {
    Item item = {.session = session_new(c), .callers = product};
    Row move = move_new(c, MOVE_REVALUATION, row_get(product, "id").i, 0);
    Posting p = {.move = &move, .key = {row_get(product, "id").i, 0, S(STATUS_OK)}, .to_status = S(STATUS_OK),
                 .basis = BASIS_COST_SET};
    row_set(&move, "unit_cost", row_get(product, "cost"));
    row_set(&move, "reason", value_text(S("the product's cost was set")));
    return item_load(c, row_get(product, "id").i, &item) && place_of_usage(c, VENDOR, &p.from) &&
           place_of_usage(c, LOSS, &p.to) && posting_make(c, &item, &p) && item_store(c, &item);
}

static bool cost_was_set(const Change *ch) {
    return ch->before && ch->row && row_get(ch->row, "last_posted_at").kind == V_TEXT && change_altered(ch, "cost");
}

bool stock_follow_product(Ctx *c, Change *ch) {
    Value asked = change_asked(ch, "quantity");
    if (cost_was_set(ch) && !cost_post(c, ch->row)) return false;
    if (!ch->row || asked.kind == V_NULL || asked.i == row_get(ch->row, "quantity").i) return true;
    return difference_post(c, ch->row, asked.i);
}

/* --- proofs --- */

static bool sums_prove(Ctx *c, const Row *product, Str *problem) {
    Stmt *st = db_prepare(
        c->db, S("SELECT v.id, v.reserved, coalesce(sum(r.quantity), 0) FROM stock_levels v "
                 "LEFT JOIN stock_reservations r ON r.organization_id = v.organization_id AND r.level_id = v.id "
                 "WHERE v.organization_id = ?1 AND v.product_id = ?2 GROUP BY v.id, v.reserved"));
    Decimal reserved = 0;
    bool ok = true;
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind(st, 2, row_get(product, "id"));
    while (ok && stmt_step(st)) {
        reserved += stmt_int(st, 1);
        ok = stmt_int(st, 1) == stmt_int(st, 2) ||
             wrong(problem, arena_fmt(c->arena, "stock level %lld: reserved is not the sum of its reservations",
                                      (long long)stmt_int(st, 0)));
    }
    stmt_reset(st);
    return ok && (reserved == row_get(product, "reserved").i || wrong(problem, S("reserved is not what its levels add up to")));
}

static bool levels_prove(Ctx *c, const Row *product, Str *problem) {
    Stmt *st = db_prepare(
        c->db, S("SELECT coalesce(sum(on_hand), 0), coalesce(sum(available) FILTER (WHERE usage = 'internal'), 0), "
                 "count(*) FILTER (WHERE available <> (CASE stock_status WHEN 'ok' THEN on_hand - reserved ELSE 0 END)), "
                 "count(*) FILTER (WHERE (on_hand <> 0 OR value <> 0) AND NOT EXISTS (SELECT 1 FROM stock_ledger g "
                 "WHERE g.organization_id = stock_levels.organization_id AND g.level_id = stock_levels.id)) "
                 "FROM stock_levels WHERE organization_id = ?1 AND product_id = ?2"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind(st, 2, row_get(product, "id"));
    bool any = stmt_step(st);
    Decimal all = any ? stmt_int(st, 0) : 0, available = any ? stmt_int(st, 1) : 0;
    int64_t bad = any ? stmt_int(st, 2) : 0, unfounded = any ? stmt_int(st, 3) : 0;
    stmt_reset(st);
    if (all != 0) return wrong(problem, S("its quantities do not sum to zero over all locations"));
    if (bad) return wrong(problem, S("a stock level's available is not on hand less reserved"));
    if (unfounded) return wrong(problem, S("a stock level has no postings"));
    return available == row_get(product, "available").i || wrong(problem, S("available is not what its levels add up to"));
}

/* A posting says of itself what its level says. */
static bool places_prove(Ctx *c, const Row *product, Str *problem) {
    Stmt *st = db_prepare(
        c->db, S("SELECT g.id, g.level_id FROM stock_ledger g "
                 "JOIN stock_levels v ON v.organization_id = g.organization_id AND v.id = g.level_id "
                 "WHERE g.organization_id = ?1 AND g.product_id = ?2 AND (v.product_id <> ?2 "
                 "OR g.location_id <> v.location_id OR g.usage <> v.usage OR g.stock_status <> v.stock_status "
                 "OR g.lot_id IS DISTINCT FROM v.lot_id OR v.lot_key <> coalesce(v.lot_id, 0)) LIMIT 1"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind(st, 2, row_get(product, "id"));
    bool odd = stmt_step(st);
    if (odd)
        *problem = arena_fmt(c->arena, "stock posting %lld: stock level %lld is another place, lot or status",
                             (long long)stmt_int(st, 0), (long long)stmt_int(st, 1));
    stmt_reset(st);
    return !odd;
}

bool stock_prove_product(Ctx *c, const Row *product, Str *problem) {
    Row row = row_copy(c->arena, product);
    Item item = {.session = session_new(c), .callers = &row};
    if (!product_is_goods(product)) return true;
    return item_load(c, row_get(product, "id").i, &item) && replay_prove(c, &item, problem) &&
           sums_prove(c, product, problem) && levels_prove(c, product, problem) && places_prove(c, product, problem) &&
           serials_prove(c, product, problem) &&
           (product_is_marked(product) ||
            wrong(problem, S("low_stock or below_minimum is not what available, threshold and minimum say")));
}

/* --- settings --- */

bool stock_follow_settings(Ctx *c, Change *ch) {
    if (!ch->row || !ch->before || !change_altered(ch, "valuation_method")) return true;
    Stmt *st = db_prepare(c->db, S("SELECT 1 FROM stock_ledger WHERE organization_id = ?1 LIMIT 1"));
    stmt_bind_int(st, 1, c->organization_id);
    bool posted = stmt_step(st);
    stmt_reset(st);
    if (db_failed(c->db)) return db_fail(c->db, &c->err);
    return !posted || fail(c, E_CONFLICT, "valuation_method stays as it is once stock was posted");
}
