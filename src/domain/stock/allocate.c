/* From where stock leaves, and keeping it for who will get it.
 *
 * Reserved stock stays where it is: a reservation names a level, a document's
 * line and a quantity; the reservations of a level add up to its `reserved`.
 * Stock goes from the preferred location first, then from the others; of lots,
 * those that expire first. */
#include "domain/stock/internal.h"

#define PICKS_MAX 500 /* levels that one line is served from */

/* --- available stock --- */

static bool pick_add(Ctx *c, Picks *picks, Pick pick) {
    if (picks->n == PICKS_MAX)
        return fail(c, E_CONFLICT, "this would take stock from more than %d places: transfer it together first", PICKS_MAX);
    picks->list[picks->n++] = pick;
    return true;
}

static Str total_text(Ctx *c, Decimal q) {
    char text[DECIMAL_TEXT_MAX];
    decimal_format(q, text);
    return arena_str(c->arena, str_of(text));
}

typedef struct {
    int64_t product_id, preferred, lot_id;
    Str status;
    Decimal wanted;
} Want;

static Stmt *available_levels(Ctx *c, const Want *w) {
    Stmt *st = db_prepare(
        c->db, S("SELECT v.location_id, v.lot_id, v.available, v.id FROM stock_levels v "
                 "LEFT JOIN lots l ON l.organization_id = v.organization_id AND l.id = v.lot_id "
                 "WHERE v.organization_id = ?1 AND v.product_id = ?2 AND v.usage = 'internal' AND v.stock_status = ?3 "
                 "AND (?5 = 0 OR v.lot_key = ?5) AND v.available > 0 "
                 "ORDER BY v.location_id <> ?4, l.best_before IS NULL, l.best_before, v.id"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_int(st, 2, w->product_id);
    stmt_bind_text(st, 3, w->status);
    stmt_bind_int(st, 4, w->preferred);
    stmt_bind_int(st, 5, w->lot_id);
    return st;
}

static bool available_pick(Ctx *c, const Want *w, Picks *out, Decimal *found) {
    Stmt *st = available_levels(c, w);
    bool ok = true;
    *found = 0;
    while (ok && *found < w->wanted && stmt_step(st)) {
        Decimal left = w->wanted - *found, there = stmt_int(st, 2);
        Decimal taken = there < left ? there : left;
        ok = pick_add(c, out, (Pick){stmt_int(st, 0), stmt_int(st, 1), taken, NULL});
        *found += taken;
    }
    stmt_reset(st);
    if (db_failed(c->db)) return db_fail(c->db, &c->err);
    return ok;
}

static bool not_enough(Ctx *c, const Row *product, Decimal found, bool reserved) {
    Str there = total_text(c, found);
    return fail(c, E_CONFLICT, "only %.*s %.*s of %.*s are %s", STR_ARG(there), STR_ARG(row_get(product, "unit").s),
                STR_ARG(row_get(product, "sku").s), reserved ? "reserved for it" : "available");
}

/* --- reservations --- */

static Stmt *reservations_of(Ctx *c, const StockSource *s) {
    Stmt *st = db_prepare(
        c->db, S("SELECT r.id, r.level_id, r.quantity, v.location_id, v.lot_id, v.lot_key, r.product_id "
                 "FROM stock_reservations r "
                 "JOIN stock_levels v ON v.organization_id = r.organization_id AND v.id = r.level_id "
                 "WHERE r.organization_id = ?1 AND r.source = ?2 AND r.source_id = ?3 AND r.source_line_id = ?4 "
                 "ORDER BY r.id"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_text(st, 2, str_of(s->resource));
    stmt_bind_int(st, 3, s->id);
    stmt_bind_int(st, 4, s->line_id);
    return st;
}

static bool reserved_pick(Ctx *c, const StockMove *m, Picks *out, Decimal *found) {
    Stmt *st = reservations_of(c, &m->source);
    bool ok = true;
    *found = 0;
    while (ok && *found < m->quantity && stmt_step(st)) {
        if ((m->from && stmt_int(st, 3) != m->from) || (m->lot_id && stmt_int(st, 5) != m->lot_id)) continue;
        Decimal left = m->quantity - *found, there = stmt_int(st, 2);
        Decimal taken = there < left ? there : left;
        ok = pick_add(c, out, (Pick){stmt_int(st, 3), stmt_int(st, 5), taken, NULL});
        *found += taken;
    }
    stmt_reset(st);
    if (db_failed(c->db)) return db_fail(c->db, &c->err);
    return ok;
}

/* Mostly all of it is at the first location. */
static bool first_has_all(Ctx *c, const StockMove *m, const Place *first, Picks *out) {
    const LevelKey key = {m->product_id, 0, S(STATUS_OK)};
    Level *level = ARENA_NEW(c->arena, Level);
    if (!level_load(c, &key, first, level) || level->on_hand - level->reserved < m->quantity) return false;
    *out = (Picks){ARENA_NEW(c->arena, Pick), 1};
    out->list[0] = (Pick){first->id, 0, m->quantity, level};
    return true;
}

bool picks_find(Ctx *c, const StockMove *m, const Item *item, Picks *out) {
    const Row *product = &item->row;
    bool tracked = !str_is(row_get(product, "tracking").s, "none");
    Decimal found;
    Place first = {0};
    if (!m->reserved && !session_place(c, item->session, m->from, INTERNAL, &first)) return false;
    if (!m->reserved && m->from && !place_is(c, &first, INTERNAL)) return false;
    bool ok = !m->status.n || str_is(m->status, STATUS_OK);
    bool plain = !m->reserved && !tracked && !m->lot_id && ok && first.usage == INTERNAL;
    if (plain && first_has_all(c, m, &first, out)) return true;
    *out = (Picks){.list = ARENA_ARRAY(c->arena, Pick, PICKS_MAX)};
    if (c->err.kind != E_NONE) return false;
    if (m->reserved) return reserved_pick(c, m, out, &found) && (found == m->quantity || not_enough(c, product, found, true));
    const Want want = {m->product_id, first.id, m->lot_id, m->status.n ? m->status : S(STATUS_OK), m->quantity};
    if (!available_pick(c, &want, out, &found)) return false;
    if (found == m->quantity) return true;
    /* What is not there may leave the first location where that is allowed. */
    if (tracked || !(item->session->settings.negative_stock || first.may_be_negative)) return not_enough(c, product, found, false);
    return pick_add(c, out, (Pick){first.id, m->lot_id, m->quantity - found, NULL});
}

static bool level_reserve(Ctx *c, Item *item, int64_t level_id, Decimal more) {
    Level level;
    if (!level_load_id(c, level_id, &level)) return false;
    level.reserved += more;
    if (more > 0 && level.reserved > level.on_hand)
        return fail(c, E_CONFLICT, "there is less stock than is to be reserved");
    return level_settle(c, item, &level);
}

static bool reservation_put(Ctx *c, const Row *before, Decimal quantity) {
    if (quantity == 0) return record_take(c, before);
    Row row = row_copy(c->arena, before);
    row_set(&row, "quantity", value_int(quantity));
    return record_put(c, before, &row);
}

typedef struct {
    int64_t id, level_id, location_id, lot_id;
    Decimal quantity;
} Held;

/* The reservations of a line, the newest first when they are given back. */
static int held_read(Ctx *c, const StockSource *source, Held *list) {
    Stmt *st = reservations_of(c, source);
    int n = 0;
    while (n < PICKS_MAX && stmt_step(st))
        list[n++] = (Held){stmt_int(st, 0), stmt_int(st, 1), stmt_int(st, 3), stmt_int(st, 5), stmt_int(st, 2)};
    stmt_reset(st);
    if (db_failed(c->db)) db_fail(c->db, &c->err);
    return n;
}

static bool held_lessen(Ctx *c, Item *item, const Held *held, Decimal by) {
    const Value id = value_int(held->id);
    Row row;
    return record_seek(c, ctx_model(c, "stock-reservations"), &(Seek){"id = ?2", &id, 1}, &row) &&
           reservation_put(c, &row, held->quantity - by) && level_reserve(c, item, held->level_id, -by);
}

bool reservation_use(Ctx *c, Item *item, const StockSource *source, const Pick *pick) {
    Held list[PICKS_MAX];
    Decimal rest = pick->quantity;
    int n = held_read(c, source, list);
    for (int i = 0; i < n && rest > 0 && c->err.kind == E_NONE; i++) {
        const Held *held = &list[i];
        if (held->location_id != pick->location_id || held->lot_id != pick->lot_id) continue;
        Decimal used = held->quantity < rest ? held->quantity : rest;
        if (!held_lessen(c, item, held, used)) return false;
        rest -= used;
    }
    return c->err.kind == E_NONE;
}

static bool release(Ctx *c, Item *item, const StockDemand *d, Decimal surplus) {
    Held list[PICKS_MAX];
    int n = held_read(c, &d->source, list);
    for (int i = n - 1; i >= 0 && surplus > 0 && c->err.kind == E_NONE; i--) {
        Decimal less = list[i].quantity < surplus ? list[i].quantity : surplus;
        if (!held_lessen(c, item, &list[i], less)) return false;
        surplus -= less;
    }
    return c->err.kind == E_NONE;
}

static bool hold(Ctx *c, Item *item, const StockDemand *d, const Pick *pick) {
    Place place;
    Level level;
    const LevelKey key = {d->product_id, pick->lot_id, S(STATUS_OK)};
    if (!place_load(c, pick->location_id, &place) || !level_load(c, &key, &place, &level)) return false;
    Row row = row_fresh(c, ctx_model(c, "stock-reservations"));
    row_set(&row, "product_id", value_int(d->product_id));
    row_set(&row, "level_id", value_int(level.id));
    row_set(&row, "quantity", value_int(pick->quantity));
    row_set(&row, "source", value_text(str_of(d->source.resource)));
    row_set(&row, "source_id", value_int(d->source.id));
    row_set(&row, "source_line_id", value_int(d->source.line_id));
    return record_put(c, NULL, &row) && level_reserve(c, item, level.id, pick->quantity);
}

bool stock_reserve(Ctx *c, const StockDemand *d, Decimal target, Decimal *reserved) {
    Item item = {.session = session_new(c)};
    Held list[PICKS_MAX];
    Picks picks = {.list = ARENA_ARRAY(c->arena, Pick, PICKS_MAX)};
    Decimal found;
    if (!item_load(c, d->product_id, &item)) return false;
    int n = held_read(c, &d->source, list);
    *reserved = 0;
    for (int i = 0; i < n; i++) *reserved += list[i].quantity;
    if (*reserved > target) {
        if (!release(c, &item, d, *reserved - target)) return false;
        *reserved = target;
        return item_store(c, &item);
    }
    const Want want = {d->product_id, d->location_id, 0, S(STATUS_OK), target - *reserved};
    if (want.wanted == 0) return c->err.kind == E_NONE;
    if (!available_pick(c, &want, &picks, &found)) return false;
    for (int i = 0; i < picks.n; i++)
        if (!hold(c, &item, d, &picks.list[i])) return false;
    *reserved += found;
    return item_store(c, &item);
}
