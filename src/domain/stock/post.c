/* What other areas call: post and reverse (reserve is in allocate.c). */
#include <assert.h>

#include "domain/stock/internal.h"

/* --- post --- */

typedef struct {
    const char *kind;
    Usage from, to;
} Kind;
static const Kind kinds[] = {
    {MOVE_RECEIPT, VENDOR, INTERNAL},        {MOVE_DELIVERY, INTERNAL, CUSTOMER},
    {MOVE_TRANSFER, INTERNAL, INTERNAL},     {MOVE_ADJUSTMENT, LOSS, INTERNAL},
    {MOVE_SCRAP, INTERNAL, LOSS},            {MOVE_RETURN, CUSTOMER, INTERNAL},
    {MOVE_VENDOR_RETURN, INTERNAL, VENDOR},  {MOVE_PRODUCE, PRODUCTION, INTERNAL},
    {MOVE_CONSUME, INTERNAL, PRODUCTION},
};

static const Kind *kind_find(const char *name) {
    const Kind *k = kinds;
    while (strcmp(k->kind, name) != 0) k++;
    return k;
}

static void source_set(Row *move, const StockSource *s) {
    if (!s->resource) return;
    row_set(move, "source", value_text(str_of(s->resource)));
    row_set(move, "source_id", value_int(s->id));
    row_set(move, "source_line_id", s->line_id ? value_int(s->line_id) : VALUE_NULL);
}

static bool end_find(Ctx *c, Session *s, int64_t id, Usage usage, Place *out) {
    return session_place(c, s, id, usage, out) && (!id || place_is(c, out, usage));
}

static bool one_post(Ctx *c, Item *item, StockMove *m, const Pick *pick) {
    const Kind *kind = kind_find(m->kind);
    Row move = move_new(c, m->kind, m->product_id, pick->quantity);
    Posting p = {.move = &move, .key = {m->product_id, pick->lot_id, m->status.n ? m->status : S(STATUS_OK)}};
    p.to_status = p.key.status;
    source_set(&move, &m->source);
    if (m->effective_at.n) row_set(&move, "effective_at", value_text(m->effective_at));
    p.level = pick->level;
    if (!end_find(c, item->session, pick->location_id, kind->from, &p.from) ||
        !end_find(c, item->session, m->to, kind->to, &p.to))
        return false;
    p.basis = usage_costed(p.from.usage) ? BASIS_COST : BASIS_GIVEN;
    p.value = m->value;
    bool known = m->has_value || p.basis == BASIS_COST;
    bool fits = known || decimal_mul(pick->quantity, item->total.cost, DECIMAL_PLACES, &p.value);
    if (!fits) return fail(c, E_CONFLICT, "the value would be more than can be stored");
    if (m->reserved && !reservation_use(c, item, &m->source, pick)) return false;
    if (!posting_make(c, item, &p)) return false;
    m->out_value += p.value;
    return true;
}

static bool move_post(Ctx *c, Session *session, StockMove *m) {
    Item item = {.session = session, .loaded = m->product};
    Picks picks = {.list = &(Pick){m->from, m->lot_id, m->quantity, NULL}, .n = 1};
    assert(m->quantity > 0);
    if (!item_load(c, m->product_id, &item)) return false;
    bool leaves = usage_costed(kind_find(m->kind)->from);
    if (leaves && !picks_find(c, m, &item, &picks)) return false;
    m->out_value = 0;
    for (int i = 0; i < picks.n; i++)
        if (!one_post(c, &item, m, &picks.list[i])) return false;
    return item_store(c, &item);
}

bool stock_post(Ctx *c, StockMove *moves, int n) {
    Session *session = session_new(c);
    for (int i = 0; i < n; i++)
        if (!move_post(c, session, &moves[i])) return false;
    return session != NULL;
}

/* --- reverse --- */

static Decimal left_of(const Row *move) { return row_get(move, "quantity").i - row_get(move, "reversed_quantity").i; }

/* The opposite of q of a move. */
static Row opposite_of(Ctx *c, const StockReversal *r, const Row *move, Decimal q) {
    Row row = move_new(c, r->as, row_get(move, "product_id").i, q);
    row_set(&row, "reverses_id", row_get(move, "id"));
    row_set(&row, "reversed_before", row_get(move, "reversed_quantity"));
    row_set(&row, "reason", r->reason.n ? value_text(r->reason) : VALUE_NULL);
    static const char *const copied[] = {"source", "source_id", "source_line_id"};
    for (int i = 0; i < 3; i++) row_set(&row, copied[i], row_get(move, copied[i]));
    source_set(&row, &r->cause);
    return row;
}

/* Our end of what goes back to its document's party, or comes back from it. */
static bool ours_set(Ctx *c, const StockReversal *r, Posting *p) {
    bool leaves = usage_costed(p->from.usage);
    Place *ours = leaves ? &p->from : &p->to;
    if (r->status.n) *(leaves ? &p->key.status : &p->to_status) = r->status;
    return !r->at || (place_load(c, r->at, ours) && place_is(c, ours, INTERNAL));
}

static bool opposite_post(Ctx *c, Item *item, const StockReversal *r, Row *opposite, const Row *move) {
    Value lot = row_get(move, "lot_id"), to_status = row_get(move, "to_stock_status");
    Decimal q = row_get(opposite, "quantity").i;
    Posting p = {.move = opposite, .to_status = row_get(move, "stock_status").s,
                 .key = {row_get(move, "product_id").i, lot.kind == V_INT ? lot.i : 0, row_get(move, "stock_status").s}};
    if (to_status.kind == V_TEXT) p.key.status = to_status.s;
    if (!place_load(c, row_get(move, "to_location_id").i, &p.from) ||
        !place_load(c, row_get(move, "from_location_id").i, &p.to) || !ours_set(c, r, &p))
        return false;
    /* Our stock to our stock goes back at its cost: it was not worth more on the way. */
    bool inside = usage_costed(p.from.usage) && usage_costed(p.to.usage);
    p.basis = inside ? BASIS_COST : BASIS_REVERSAL;
    p.value = cost_share(row_get(move, "value").i, row_get(move, "reversed_quantity").i, q, row_get(move, "quantity").i);
    return posting_make(c, item, &p);
}

static bool reversed_note(Ctx *c, const Row *move, Decimal q) {
    Row now;
    const Value id = row_get(move, "id");
    /* Working the ledger out again may have changed its value. */
    if (!record_seek(c, move->model, &(Seek){"id = ?2", &id, 1}, &now)) return false;
    Row before = row_copy(c->arena, &now);
    row_set(&now, "reversed_quantity", value_int(row_get(move, "reversed_quantity").i + q));
    return record_put(c, &before, &now);
}

static bool move_reverse(Ctx *c, const StockReversal *r, const Row *move, Decimal q) {
    Item item = {.session = session_new(c)};
    Row opposite = opposite_of(c, r, move, q);
    return item_load(c, row_get(move, "product_id").i, &item) && opposite_post(c, &item, r, &opposite, move) &&
           item_store(c, &item) && reversed_note(c, move, q);
}

static bool not_so_much(Ctx *c, Decimal left) {
    char text[DECIMAL_TEXT_MAX];
    decimal_format(left, text);
    return fail(c, E_CONFLICT, "only %s can still be taken back", text);
}

static bool reverse_one(Ctx *c, const StockReversal *r) {
    const Value id = value_int(r->move_id);
    Row move;
    if (!record_seek(c, ctx_model(c, "stock-moves"), &(Seek){"id = ?2", &id, 1}, &move))
        return c->err.kind == E_NONE ? fail(c, E_NOT_FOUND, NULL) : false;
    Decimal left = left_of(&move), q = r->quantity ? r->quantity : left;
    if (q > left || q == 0) return not_so_much(c, left);
    return move_reverse(c, r, &move, q);
}

/* The newest move of the line that is not taken back yet. */
static bool newest_left(Ctx *c, const StockReversal *r, Row *out) {
    const Value by[] = {value_text(str_of(r->source.resource)), value_int(r->source.id),
                        value_int(r->source.line_id), value_text(str_of(r->kind)), value_int(r->lot_id)};
    const Seek seek = {"source = ?2 AND source_id = ?3 AND source_line_id = ?4 AND kind = ?5 AND reverses_id IS NULL "
                       "AND reversed_quantity < quantity AND (?6 = 0 OR lot_id = ?6) ORDER BY id DESC LIMIT 1", by, 5};
    return record_seek(c, ctx_model(c, "stock-moves"), &seek, out);
}

bool stock_reverse(Ctx *c, const StockReversal *r) {
    if (r->move_id) return reverse_one(c, r);
    Decimal rest = r->quantity, done = 0;
    Row move;
    while ((rest > 0 || !r->quantity) && newest_left(c, r, &move)) {
        Decimal q = left_of(&move);
        if (r->quantity && q > rest) q = rest;
        if (!move_reverse(c, r, &move, q)) return false;
        rest -= q;
        done += q;
    }
    if (c->err.kind != E_NONE) return false;
    return rest <= 0 || !r->quantity || not_so_much(c, done);
}
