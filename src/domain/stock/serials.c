/* Serial numbers: each is one piece, in one place of ours or in none, not only
 * now but at every moment of its history, as moves may be dated before others.
 * Its postings are walked in the order in which they happened. */
#include "domain/stock/internal.h"

#define ONE DECIMAL_SCALE /* the quantity 1 */

typedef struct {
    int64_t lot_id, level_id, quantity;
    char at[TIME_TEXT];
} Passing;

typedef struct {
    int64_t lot_id, level_id; /* the piece, and where it is; 0: nowhere of ours */
} Piece;

#define PASSINGS                                                                               \
    "SELECT lot_id, level_id, quantity, effective_at FROM stock_ledger WHERE organization_id = ?1 "

static bool passing_read(Stmt *st, Passing *out) {
    if (!stmt_step(st)) return false;
    *out = (Passing){.lot_id = stmt_int(st, 0), .level_id = stmt_int(st, 1), .quantity = stmt_int(st, 2)};
    Str at = stmt_text(st, 3);
    if (at.n == TIME_TEXT - 1) memcpy(out->at, at.p, at.n);
    return true;
}

/* False when the piece cannot have done that. */
static bool piece_move(Piece *piece, const Passing *p) {
    if (piece->lot_id != p->lot_id) *piece = (Piece){.lot_id = p->lot_id};
    if (p->quantity == 0) return true; /* its value changed */
    bool comes = p->quantity > 0;
    if (p->quantity != (comes ? ONE : -ONE) || piece->level_id != (comes ? 0 : p->level_id)) return false;
    piece->level_id = comes ? p->level_id : 0;
    return true;
}

static Str level_text(Ctx *c, int64_t level_id) {
    Level level;
    if (!level_id || !level_load_id(c, level_id, &level)) return S("no place of ours");
    Str status = row_get(&level.row, "stock_status").s;
    bool ok = str_is(status, STATUS_OK);
    return arena_fmt(c->arena, "%.*s%s%.*s%s", STR_ARG(level.place.path), ok ? "" : " (", STR_ARG(ok ? STR_NONE : status), ok ? "" : ")");
}

static bool impossible(Ctx *c, const Item *item, const Piece *piece, const Passing *p) {
    const Value id = value_int(p->lot_id);
    Row lot;
    if (!record_seek(c, ctx_model(c, "lots"), &(Seek){"id = ?2", &id, 1}, &lot)) return false;
    Str was = level_text(c, piece->level_id), where = level_text(c, p->level_id);
    Str name = row_get(&lot, "name").s, sku = row_get(&item->row, "sku").s;
    if (c->err.kind != E_NONE) return false;
    if (p->quantity > 0)
        return fail(c, E_CONFLICT, "serial number %.*s of %.*s is in stock already when it comes to %.*s on %.10s: it is at %.*s",
                    STR_ARG(name), STR_ARG(sku), STR_ARG(where), p->at, STR_ARG(was));
    return fail(c, E_CONFLICT, "serial number %.*s of %.*s cannot leave %.*s on %.10s: it is at %.*s", STR_ARG(name),
                STR_ARG(sku), STR_ARG(where), p->at, STR_ARG(was));
}

bool serial_check(Ctx *c, const Item *item, int64_t lot_id) {
    Piece piece = {.lot_id = lot_id};
    Passing p = {0};
    bool ok = true;
    if (!lot_id || !str_is(row_get(&item->row, "tracking").s, "serial")) return true;
    Stmt *st = db_prepare(c->db, S(PASSINGS "AND lot_id = ?2 AND usage IN ('internal', 'transit') "
                                            "ORDER BY effective_at, order_id, id"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_int(st, 2, lot_id);
    while (ok && passing_read(st, &p)) ok = piece_move(&piece, &p);
    stmt_reset(st);
    if (db_failed(c->db)) return db_fail(c->db, &c->err);
    return ok || impossible(c, item, &piece, &p);
}

bool serials_prove(Ctx *c, const Row *product, Str *problem) {
    Piece piece = {0};
    Passing p = {0};
    bool ok = true;
    if (!str_is(row_get(product, "tracking").s, "serial")) return true;
    Stmt *st = db_prepare(c->db, S(PASSINGS "AND product_id = ?2 AND usage IN ('internal', 'transit') AND lot_id IS NOT NULL "
                                            "ORDER BY lot_id, effective_at, order_id, id"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind(st, 2, row_get(product, "id"));
    while (ok && passing_read(st, &p)) ok = piece_move(&piece, &p);
    stmt_reset(st);
    return ok || wrong(problem, arena_fmt(c->arena, "lot %lld is not one piece in one place on %.10s", (long long)p.lot_id, p.at));
}
