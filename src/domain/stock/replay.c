/* Working out a product's postings again, from a moment on, in the order in
 * which they happened: values, balances, levels, and the product itself. The
 * facts (what, how much, when, given values) stay; a reversal has the value of
 * its share in the move it takes back, which comes before it.
 *
 * The same walk from the beginning, comparing instead of storing, is how stock
 * is proved. */
#include "domain/stock/internal.h"

#define CHUNK 512 /* postings read at once; even, as they come in pairs */

typedef struct {
    int64_t id, move_id, level_id, order;
    Decimal quantity, value, level_quantity, level_value, product_quantity, product_value, product_cost;
    Basis basis;
    char at[TIME_TEXT];
} Step;

typedef struct {
    Ctx *c;
    Item *item;
    Total total;
    Moment from;           /* where it began */
    Step *steps;
    int n;
    Stmt *step_update, *move_update;
    Step last;             /* walked last, and its key */
    char at[TIME_TEXT];
    int64_t order, id;
    Level **levels;        /* by id, open addressing */
    size_t n_levels, cap;
    int64_t owed_order;    /* a true-up that is due behind this posting's move */
    Decimal owed;
    Str *problem;          /* NULL: store what differs */
} Replay;

/* --- levels as they were --- */

static Level **level_slot(Level **levels, size_t cap, int64_t id) {
    size_t i = (size_t)id * 0x9e3779b97f4a7c15u >> 20 & (cap - 1);
    while (levels[i] && levels[i]->id != id) i = (i + 1) & (cap - 1);
    return &levels[i];
}

static void levels_grow(Replay *r) {
    size_t cap = r->cap ? r->cap * 2 : 64;
    Level **wider = ARENA_ARRAY(r->c->arena, Level *, cap);
    for (size_t i = 0; i < r->cap; i++)
        if (r->levels[i]) *level_slot(wider, cap, r->levels[i]->id) = r->levels[i];
    r->levels = wider;
    r->cap = cap;
}

static bool level_rewind(Replay *r, Level *level) {
    Ctx *c = r->c;
    Stmt *st = db_prepare(c->db, S("SELECT level_quantity, level_value FROM stock_ledger "
                                   "WHERE organization_id = ?1 AND level_id = ?2 "
                                   "AND (effective_at, order_id) < (?3, ?4) "
                                   "ORDER BY effective_at DESC, order_id DESC, id DESC LIMIT 1"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_int(st, 2, level->id);
    stmt_bind_text(st, 3, r->from.at);
    stmt_bind_int(st, 4, r->from.order);
    bool any = stmt_step(st);
    level->on_hand = any ? stmt_int(st, 0) : 0;
    level->value = any ? stmt_int(st, 1) : 0;
    stmt_reset(st);
    if (db_failed(c->db)) return db_fail(c->db, &c->err);
    level->front = (Layer){0};
    return !r->total.fifo || !usage_costed(level->place.usage) || cost_front_at(c, level, &r->from);
}

static Level *level_at(Replay *r, int64_t id) {
    if (r->n_levels * 2 >= r->cap) levels_grow(r);
    Level **slot = level_slot(r->levels, r->cap, id);
    if (*slot) return *slot;
    Level *level = ARENA_NEW(r->c->arena, Level);
    if (!level_load_id(r->c, id, level) || !level_rewind(r, level)) return NULL;
    r->n_levels++;
    return *slot = level;
}

/* --- the product as it was --- */

/* Before its first posting a product has nothing, and the cost that its first
 * posting found. */
static bool total_rewind(Replay *r) {
    Ctx *c = r->c;
    Stmt *st = db_prepare(c->db, S("SELECT product_quantity, product_value, product_cost FROM stock_ledger "
                                   "WHERE organization_id = ?1 AND product_id = ?2 "
                                   "AND (effective_at, order_id) < (?3, ?4) "
                                   "ORDER BY effective_at DESC, order_id DESC, id DESC LIMIT 1"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind(st, 2, row_get(&r->item->row, "id"));
    stmt_bind_text(st, 3, r->from.at);
    stmt_bind_int(st, 4, r->from.order);
    bool any = stmt_step(st);
    r->total.quantity = any ? stmt_int(st, 0) : 0;
    r->total.value = any ? stmt_int(st, 1) : 0;
    if (any) r->total.cost = stmt_int(st, 2);
    stmt_reset(st);
    if (any || db_failed(c->db)) return !db_failed(c->db) || db_fail(c->db, &c->err);
    st = db_prepare(c->db, S("SELECT product_cost FROM stock_ledger WHERE organization_id = ?1 AND product_id = ?2 "
                             "AND (effective_at, order_id) > (?3, ?4) "
                             "ORDER BY effective_at, order_id, id LIMIT 1"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind(st, 2, row_get(&r->item->row, "id"));
    stmt_bind_text(st, 3, r->from.at);
    stmt_bind_int(st, 4, r->from.order);
    if (stmt_step(st)) r->total.cost = stmt_int(st, 0);
    stmt_reset(st);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}

/* --- reading --- */

static Basis basis_of(Str name) {
    int i = 0;
    while (bases[i].name && !str_is(name, bases[i].name)) i++;
    return (Basis)i;
}

static void step_read(Stmt *st, Step *s) {
    *s = (Step){.id = stmt_int(st, 0), .move_id = stmt_int(st, 1), .level_id = stmt_int(st, 2),
                .order = stmt_int(st, 3), .quantity = stmt_int(st, 4), .value = stmt_int(st, 5),
                .level_quantity = stmt_int(st, 6), .level_value = stmt_int(st, 7),
                .product_quantity = stmt_int(st, 8), .product_value = stmt_int(st, 9),
                .product_cost = stmt_int(st, 10)};
    Str at = stmt_text(st, 12);
    s->basis = basis_of(stmt_text(st, 11));
    if (at.n == TIME_TEXT - 1) memcpy(s->at, at.p, at.n);
}

static bool steps_read(Replay *r) {
    Ctx *c = r->c;
    Stmt *st = db_prepare(
        c->db, S("SELECT id, move_id, level_id, order_id, quantity, value, level_quantity, level_value, "
                 "product_quantity, product_value, product_cost, basis, effective_at FROM stock_ledger "
                 "WHERE organization_id = ?1 AND product_id = ?2 AND (effective_at, order_id, id) > (?3, ?4, ?5) "
                 "ORDER BY effective_at, order_id, id LIMIT ?6"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind(st, 2, row_get(&r->item->row, "id"));
    stmt_bind_text(st, 3, str_of(r->at));
    stmt_bind_int(st, 4, r->order);
    stmt_bind_int(st, 5, r->id);
    stmt_bind_int(st, 6, CHUNK);
    for (r->n = 0; r->n < CHUNK && stmt_step(st); r->n++) step_read(st, &r->steps[r->n]);
    stmt_reset(st);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}

/* The share that a reversal takes back of the move it names. */
static bool reversal_value(Replay *r, const Step *in, Decimal *value) {
    Ctx *c = r->c;
    Stmt *st = db_prepare(c->db, S("SELECT o.value, o.quantity, m.reversed_before FROM stock_moves m "
                                   "JOIN stock_moves o ON o.organization_id = m.organization_id "
                                   "AND o.id = m.reverses_id WHERE m.organization_id = ?1 AND m.id = ?2"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_int(st, 2, in->move_id);
    if (stmt_step(st)) *value = cost_share(stmt_int(st, 0), stmt_int(st, 2), in->quantity, stmt_int(st, 1));
    stmt_reset(st);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}

/* A cost that was given counts where there was no stock to tell another. */
static bool cost_set(Replay *r, const Step *in) {
    Ctx *c = r->c;
    if (r->total.quantity > 0) return true;
    Stmt *st = db_prepare(c->db, S("SELECT unit_cost FROM stock_moves WHERE organization_id = ?1 AND id = ?2"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_int(st, 2, in->move_id);
    if (stmt_step(st)) r->total.cost = stmt_int(st, 0);
    stmt_reset(st);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}

/* --- storing, or comparing --- */

static bool step_same(const Step *a, const Step *b) {
    return a->value == b->value && a->level_quantity == b->level_quantity && a->level_value == b->level_value &&
           a->product_quantity == b->product_quantity && a->product_value == b->product_value &&
           a->product_cost == b->product_cost;
}

static bool step_store(Replay *r, const Step *was, const Step *now) {
    Ctx *c = r->c;
    if (step_same(was, now)) return true;
    if (r->problem)
        return wrong(r->problem, arena_fmt(c->arena, "stock posting %lld: its value or balances are not what follows "
                                                     "from the postings before it", (long long)was->id));
    const int64_t values[] = {c->organization_id, now->id, now->value, now->level_quantity, now->level_value,
                              now->product_quantity, now->product_value, now->product_cost};
    for (int i = 0; i < 8; i++) stmt_bind_int(r->step_update, i + 1, values[i]);
    return stmt_run(r->step_update) || db_fail(c->db, &c->err);
}

static bool move_value_store(Replay *r, const Step *in, Decimal value) {
    Ctx *c = r->c;
    if (in->value == value || r->problem) return true;
    stmt_bind_int(r->move_update, 1, c->organization_id);
    stmt_bind_int(r->move_update, 2, in->move_id);
    stmt_bind_int(r->move_update, 3, value);
    return stmt_run(r->move_update) || db_fail(c->db, &c->err);
}

/* Once for a chunk: finding a statement costs a good part of running it. None
 * of the columns is filtered by, so live counts are not concerned. */
static void updates_prepare(Replay *r) {
    Db *db = r->c->db;
    if (r->problem) return;
    r->step_update = db_prepare(db, S("UPDATE stock_ledger SET value = ?3, level_quantity = ?4, level_value = ?5, "
                                      "product_quantity = ?6, product_value = ?7, product_cost = ?8 "
                                      "WHERE organization_id = ?1 AND id = ?2"));
    r->move_update = db_prepare(db, S("UPDATE stock_moves SET value = ?3 WHERE organization_id = ?1 AND id = ?2"));
}

static void step_fill(const Replay *r, Step *s, const Level *level) {
    s->level_quantity = level->on_hand;
    s->level_value = level->value;
    s->product_quantity = r->total.quantity;
    s->product_value = r->total.value;
    s->product_cost = r->total.cost;
}

/* --- one move --- */

static bool below_zero(Replay *r, const Level *level, const Step *s) {
    bool may = level->place.may_be_negative || r->item->session->settings.negative_stock || level->on_hand >= 0;
    if (may || r->problem) return true;
    char there[DECIMAL_TEXT_MAX];
    decimal_format(level->on_hand - s->quantity, there);
    return fail(r->c, E_CONFLICT, "on %.10s only %s of %.*s were there, fewer than left it then", s->at, there,
                STR_ARG(row_get(&r->item->row, "sku").s));
}

static bool out_value(Replay *r, Level *from, const Step *in, Decimal *value) {
    bool costed = usage_costed(from->place.usage);
    *value = in->value;
    if (in->basis == BASIS_TRUE_UP) *value = r->owed_order == in->order ? r->owed : 0;
    if (in->basis == BASIS_REVERSAL && !reversal_value(r, in, value)) return false;
    if (in->basis == BASIS_COST_SET && !cost_set(r, in)) return false;
    if (costed && in->basis == BASIS_COST) return cost_out(r->c, &r->total, from, in->quantity, value);
    if (costed && in->basis == BASIS_REVERSAL) return cost_out_at(r->c, &r->total, from, in->quantity, value);
    if (!__builtin_sub_overflow(from->on_hand, in->quantity, &from->on_hand) &&
        !__builtin_sub_overflow(from->value, *value, &from->value))
        return true;
    return fail(r->c, E_CONFLICT, "the stock's value would be more than can be stored");
}

static bool pair_is_whole(Replay *r, const Step *out, const Step *in) {
    if (out->move_id == in->move_id && out->quantity == -in->quantity && out->value == -in->value) return true;
    if (r->problem)
        return wrong(r->problem, arena_fmt(r->c->arena, "stock posting %lld has no opposite", (long long)out->id));
    return fail(r->c, E_INTERNAL, "stock postings do not come in pairs");
}

static bool pair_walk(Replay *r, const Step *out, const Step *in) {
    Step now_out = *out, now_in = *in;
    Level *from = level_at(r, out->level_id), *to = from ? level_at(r, in->level_id) : NULL;
    Decimal value, true_up;
    if (!to || !pair_is_whole(r, out, in) || !out_value(r, from, in, &value)) return false;
    now_out.value = -value;
    now_in.value = value;
    bool fits = total_add(&r->total, &from->place, out->quantity, -value);
    step_fill(r, &now_out, from);
    fits = fits && cost_in(to, &(Moment){str_of(in->at), in->order}, in->quantity, value, &true_up) &&
           total_add(&r->total, &to->place, in->quantity, value);
    if (!fits) return fail(r->c, E_CONFLICT, "the stock's value would be more than can be stored");
    step_fill(r, &now_in, to);
    r->owed = usage_costed(to->place.usage) && in->basis != BASIS_TRUE_UP ? true_up : 0;
    r->owed_order = in->order;
    return below_zero(r, from, out) && step_store(r, out, &now_out) && step_store(r, in, &now_in) &&
           move_value_store(r, in, value);
}

/* A true-up that was not needed before. */
static bool true_up_insert(Replay *r) {
    Ctx *c = r->c;
    const Step *in = &r->last;
    if (r->problem) return wrong(r->problem, S("a revaluation is missing in the ledger"));
    Level *to = level_at(r, in->level_id);
    Row move = move_new(c, MOVE_REVALUATION, row_get(&r->item->row, "id").i, 0);
    Value lot = row_get(&to->row, "lot_id");
    Posting p = {.move = &move, .from = to->place, .basis = BASIS_TRUE_UP,
                 .key = {row_get(&move, "product_id").i, lot.kind == V_INT ? lot.i : 0, row_get(&to->row, "stock_status").s}};
    p.to_status = p.key.status;
    row_set(&move, "effective_at", value_text(arena_str(c->arena, str_of(in->at))));
    row_set(&move, "reverses_id", value_int(in->move_id));
    row_set(&move, "reason", value_text(S("stock that had left before it came")));
    return place_of_usage(c, LOSS, &p.to) && posting_blank(c, r->item, &p);
}

static bool true_up_due(const Replay *r, const Step *next) {
    return r->owed != 0 && !(next->basis == BASIS_TRUE_UP && next->order == r->owed_order);
}

static void step_passed(Replay *r, const Step *s) {
    memcpy(r->at, s->at, TIME_TEXT);
    r->order = s->order;
    r->id = s->id;
    r->last = *s;
}

/* False also at the end, without an error. */
static bool chunk_walk(Replay *r) {
    if (!steps_read(r)) return false;
    updates_prepare(r);
    if (r->n % 2) return pair_is_whole(r, &r->steps[r->n - 1], &(Step){0});
    for (int i = 0; i < r->n; i += 2) {
        if (true_up_due(r, &r->steps[i])) return true_up_insert(r); /* it is the next that is read */
        if (!pair_walk(r, &r->steps[i], &r->steps[i + 1])) return false;
        step_passed(r, &r->steps[i + 1]);
    }
    if (r->n == CHUNK) return true;
    return r->owed != 0 && true_up_insert(r);
}

static bool replay_run(Replay *r) {
    r->steps = ARENA_ARRAY(r->c->arena, Step, CHUNK);
    r->total = (Total){.fifo = r->item->total.fifo, .cost = r->item->total.cost};
    memcpy(r->at, r->from.at.p, r->from.at.n);
    r->order = r->from.order;
    r->id = 0;
    if (!total_rewind(r)) return false;
    while (chunk_walk(r)) {}
    return r->c->err.kind == E_NONE && !(r->problem && r->problem->n);
}

bool replay_from(Ctx *c, Item *item, const Moment *when) {
    Replay r = {.c = c, .item = item, .from = *when};
    if (!replay_run(&r)) return false;
    item->total = r.total;
    for (size_t i = 0; i < r.cap; i++)
        if (r.levels[i] && !level_settle(c, item, r.levels[i])) return false;
    return true;
}

/* --- proving --- */

static bool level_prove(Replay *r, const Level *level) {
    const Row *row = &level->before;
    bool same = row_get(row, "on_hand").i == level->on_hand && row_get(row, "value").i == level->value;
    bool layered = r->total.fifo && usage_costed(level->place.usage) && level->on_hand > 0;
    if (layered && level->front.quantity > 0 && row_get(row, "front_quantity").i > 0)
        same = same && row_get(row, "front_quantity").i == level->front.quantity &&
               row_get(row, "front_value").i == level->front.value;
    if (same) return true;
    return wrong(r->problem, arena_fmt(r->c->arena, "stock level %lld is not the sum of its postings", (long long)level->id));
}

bool replay_prove(Ctx *c, Item *item, Str *problem) {
    Replay r = {.c = c, .item = item, .from = {S("0001-01-01T00:00:00Z"), 0}, .problem = problem};
    if (!replay_run(&r)) return false;
    for (size_t i = 0; i < r.cap; i++)
        if (r.levels[i] && !level_prove(&r, r.levels[i])) return false;
    const Row *row = &item->before;
    bool same = row_get(row, "quantity").i == r.total.quantity && row_get(row, "stock_value").i == r.total.value;
    return same || wrong(problem, S("its quantity or stock value is not what its postings add up to"));
}
