/* What stock is worth. Quantity and value of a level are kept, its cost is
 * derived: never rounded, never stored as the truth.
 *
 * Moving average: q of n units worth v leave with floor(v × q / n). First-in
 * first-out: the oldest layers leave, a part of one with its floor. Either way
 * the last unit takes all that remains, so no stock means no value.
 *
 * Where a location allows it, stock may leave that is not there: it leaves at
 * the last known cost. What comes in afterwards pays for it first; the
 * difference is a true-up, posted as a revaluation. (Rules and their reasons:
 * Odoo pull requests 41669, 46850, 109908.) */
#include "domain/stock/internal.h"

Decimal cost_share(Decimal value, Decimal taken, Decimal q, Decimal all) {
    if (all <= 0) return 0;
    __int128 until = (__int128)value * (taken + q) / all, before = (__int128)value * taken / all;
    return (Decimal)(until - before);
}

/* floor(v × q / n) of what is not negative. */
static Decimal part(Decimal v, Decimal q, Decimal n) { return (Decimal)((__int128)v * q / n); }

static bool overflow(Ctx *c) {
    return fail(c, E_CONFLICT, "the stock's quantity or value would be more than can be stored");
}

/* --- first-in first-out --- */

static bool layer_read(Ctx *c, Stmt *st, Layer *out) {
    bool found = stmt_step(st);
    if (found) {
        Str at = stmt_text(st, 0);
        memcpy(out->at, at.p, at.n < TIME_TEXT ? at.n : TIME_TEXT - 1);
        out->order = stmt_int(st, 1);
        out->quantity = stmt_int(st, 2);
        out->value = stmt_int(st, 3);
    }
    stmt_reset(st);
    return found || (db_failed(c->db) && db_fail(c->db, &c->err));
}

/* The receipt that follows the front one in the level's ledger. */
static bool layer_next(Ctx *c, Level *level) {
    Stmt *st = db_prepare(
        c->db, S("SELECT effective_at, order_id, quantity, value FROM stock_ledger "
                 "WHERE organization_id = ?1 AND level_id = ?2 AND (effective_at, order_id) > (?3, ?4) "
                 "AND quantity > 0 ORDER BY effective_at, order_id LIMIT 1"));
    Layer next = {0};
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_int(st, 2, level->id);
    stmt_bind_text(st, 3, (Str){level->front.at, TIME_TEXT - 1});
    stmt_bind_int(st, 4, level->front.order);
    if (!layer_read(c, st, &next))
        return c->err.kind == E_NONE ? fail(c, E_INTERNAL, "a stock level has more than its layers") : false;
    level->front = next;
    return true;
}

static bool fifo_out(Ctx *c, Level *level, Decimal q, Decimal *value) {
    *value = 0;
    while (q > 0) {
        Layer *front = &level->front;
        if (front->quantity == 0 && !layer_next(c, level)) return false;
        Decimal taken = q < front->quantity ? q : front->quantity;
        Decimal worth = taken == front->quantity ? front->value : part(front->value, taken, front->quantity);
        front->quantity -= taken;
        front->value -= worth;
        *value += worth;
        q -= taken;
    }
    return true;
}

bool cost_front_at(Ctx *c, Level *level, const Moment *when) {
    Decimal rest = level->on_hand, value = level->value;
    level->front = (Layer){0};
    Stmt *st = db_prepare(
        c->db, S("SELECT effective_at, order_id, quantity, value FROM stock_ledger "
                 "WHERE organization_id = ?1 AND level_id = ?2 AND (effective_at, order_id) < (?3, ?4) "
                 "AND quantity > 0 ORDER BY effective_at DESC, order_id DESC"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_int(st, 2, level->id);
    stmt_bind_text(st, 3, when->at);
    stmt_bind_int(st, 4, when->order);
    while (rest > 0 && stmt_step(st)) {
        Decimal q = stmt_int(st, 2);
        memcpy(level->front.at, stmt_text(st, 0).p, TIME_TEXT - 1);
        level->front.order = stmt_int(st, 1);
        level->front.quantity = q < rest ? q : rest;
        level->front.value = value;
        rest -= level->front.quantity;
        value -= stmt_int(st, 3);
    }
    stmt_reset(st);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}

/* --- in and out --- */

/* Of q that leave, those that are there; the rest leaves at the last cost. */
static bool value_there(Ctx *c, const Total *total, Level *level, Decimal q, Decimal *value) {
    if (!total->fifo) {
        *value = q == level->on_hand ? level->value : part(level->value, q, level->on_hand);
        return true;
    }
    if (!fifo_out(c, level, q, value)) return false;
    if (q == level->on_hand) *value = level->value;
    return true;
}

static bool level_add(Level *level, Decimal q, Decimal value) {
    return !__builtin_add_overflow(level->on_hand, q, &level->on_hand) &&
           !__builtin_add_overflow(level->value, value, &level->value);
}

bool cost_out(Ctx *c, const Total *total, Level *level, Decimal q, Decimal *value) {
    Decimal there = level->on_hand > 0 ? level->on_hand : 0, beyond = 0;
    if (there > q) there = q;
    *value = 0;
    if (there > 0 && !value_there(c, total, level, there, value)) return false;
    if (q > there && !decimal_mul(q - there, total->cost, DECIMAL_PLACES, &beyond)) return overflow(c);
    if (__builtin_add_overflow(*value, beyond, value) || !level_add(level, -q, -*value)) return overflow(c);
    return true;
}

bool cost_out_at(Ctx *c, const Total *total, Level *level, Decimal q, Decimal *value) {
    if (total->fifo || level->on_hand <= q || *value > level->value) return cost_out(c, total, level, q, value);
    return level_add(level, -q, -*value) || overflow(c);
}

bool cost_in(Level *level, const Moment *when, Decimal q, Decimal value, Decimal *true_up) {
    Decimal owed = level->on_hand < 0 ? -level->on_hand : 0, paid = 0;
    *true_up = 0;
    if (owed > q) owed = q;
    if (owed > 0) {
        paid = cost_share(value, 0, owed, q);
        *true_up = paid - part(-level->value, owed, -level->on_hand);
        if (owed == -level->on_hand) *true_up = paid + level->value;
    }
    bool empty = level->on_hand <= 0;
    if (!level_add(level, q, value)) return false;
    if (empty && level->on_hand > 0) {
        memcpy(level->front.at, when->at.p, TIME_TEXT - 1);
        level->front.order = when->order;
        level->front.quantity = q - owed;
        level->front.value = value - paid;
    }
    return true;
}

bool total_add(Total *total, const Place *place, Decimal q, Decimal value) {
    if (place->usage != INTERNAL) return true;
    if (__builtin_add_overflow(total->quantity, q, &total->quantity) ||
        __builtin_add_overflow(total->value, value, &total->value))
        return false;
    if (total->quantity <= 0 || total->value < 0) return true; /* the last cost stays known */
    __int128 cost = (2 * (__int128)total->value * DECIMAL_SCALE + total->quantity) / (2 * (__int128)total->quantity);
    if (cost > INT64_MAX) return false;
    total->cost = (Decimal)cost;
    return true;
}
