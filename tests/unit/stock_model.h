/* What stock must be, as simply as it can be said: a product is a list of what
 * happened, in the order in which it happened. Something dated back is put in
 * its place in the list, and every level, value and cost is worked out from the
 * first event on. Whole numbers only; nothing of the engine is used. */
#ifndef TEST_STOCK_MODEL_H
#define TEST_STOCK_MODEL_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { STOCK, SHELF, YARD, ON_THE_WAY, VENDORS, CUSTOMERS, PRODUCING, LOST, N_PLACES };
enum { N_LOTS = 4, N_STATUSES = 3, N_LEVELS = N_PLACES * N_LOTS * N_STATUSES, OK = 0 };
#define ONE_UNIT 10000

static inline bool is_internal(int place) { return place <= YARD; }
static inline bool is_ours(int place) { return place <= ON_THE_WAY; }
/* More may leave the yard than is there, whatever the settings. */
static inline bool is_loose(int place) { return place == YARD; }

/* Where a value comes from. COST_SET is no move: somebody gave the product
 * another cost while there was none of it. */
typedef enum { GIVEN, AT_COST, TAKES_BACK, COST_SET } How;

typedef struct {
    int64_t level_quantity, level_value, product_quantity, product_value, cost; /* behind a posting */
} Balance;

typedef struct Event Event;
struct Event {
    int64_t at, seq; /* the order */
    int64_t move_id; /* in the engine */
    int kind, from, to; /* levels: place, lot and status in one number */
    int64_t quantity, given;
    How how;
    Event *original;  /* of what is taken back, and how much of it was before */
    int64_t taken_before, taken;
    int line;         /* source line; 0: none */
    /* worked out */
    int64_t value, true_up;
    Balance out, in, up_out, up_in;
};

typedef struct {
    int64_t quantity, value;
} Layer;

typedef struct {
    int64_t quantity, value;
    Layer *layers; /* first-in first-out, the oldest at `head` */
    int head, n, room;
} Level;

typedef struct {
    int level, line;
    int64_t quantity;
} Held;

#define HELD_MAX 400
typedef struct {
    bool fifo, negative_ok;
    int64_t first_cost;
    Event **events;
    int n, room;
    Level levels[N_LEVELS];
    int64_t quantity, value, cost;
    int born[N_LEVELS], births; /* in which order the levels came to be */
    Held held[HELD_MAX];        /* the oldest first */
    int n_held;
    int64_t seq;
} Simple;

static inline int level_of(int place, int lot, int status) { return (place * N_LOTS + lot) * N_STATUSES + status; }
static inline int place_in(int level) { return level / (N_LOTS * N_STATUSES); }
static inline int lot_in(int level) { return level / N_STATUSES % N_LOTS; }
static inline int status_in(int level) { return level % N_STATUSES; }

/* --- arithmetic --- */

/* False: more than can be stored. */
static inline bool fits(__int128 v, int64_t *out) {
    if (v > INT64_MAX || v < -INT64_MAX) return false;
    *out = (int64_t)v;
    return true;
}

static inline __int128 half_up(__int128 a, __int128 by) {
    bool minus = a < 0;
    if (minus) a = -a;
    a = (2 * a + by) / (2 * by);
    return minus ? -a : a;
}

static inline bool priced(int64_t quantity, int64_t cost, int64_t *out) {
    return fits(half_up((__int128)quantity * cost, ONE_UNIT), out);
}

static inline int64_t part_of(int64_t v, int64_t q, int64_t n) { return (int64_t)((__int128)v * q / n); }

/* What `quantity` is worth of a move, behind what was taken back before. */
static inline int64_t share_of(const Event *e) {
    const Event *o = e->original;
    if (o->quantity == 0) return 0;
    return part_of(o->value, e->taken_before + e->quantity, o->quantity) - part_of(o->value, e->taken_before, o->quantity);
}

/* --- layers --- */

static inline void layer_push(Level *l, int64_t quantity, int64_t value) {
    if (quantity == 0) return;
    if (l->n == l->room) {
        l->room = l->room ? l->room * 2 : 8;
        l->layers = realloc(l->layers, sizeof *l->layers * (size_t)l->room);
        assert(l->layers);
    }
    l->layers[l->n++] = (Layer){quantity, value};
}

static inline int64_t layers_take(Level *l, int64_t q) {
    int64_t value = 0;
    while (q > 0) {
        assert(l->head < l->n);
        Layer *oldest = &l->layers[l->head];
        int64_t taken = q < oldest->quantity ? q : oldest->quantity;
        int64_t worth = part_of(oldest->value, taken, oldest->quantity);
        oldest->quantity -= taken;
        oldest->value -= worth;
        if (oldest->quantity == 0) l->head++;
        value += worth;
        q -= taken;
    }
    return value;
}

/* --- one event --- */

static inline bool out_at_cost(Simple *m, Level *l, int64_t q, int64_t *value) {
    int64_t there = l->quantity > 0 ? l->quantity : 0, beyond;
    if (there > q) there = q;
    *value = 0;
    if (there > 0) {
        int64_t layered = m->fifo ? layers_take(l, there) : 0;
        *value = m->fifo ? layered : part_of(l->value, there, l->quantity);
        if (there == l->quantity) *value = l->value;
    }
    return priced(q - there, m->cost, &beyond) && fits((__int128)*value + beyond, value);
}

static inline bool out_value(Simple *m, Event *e, Level *from) {
    bool ours = is_ours(place_in(e->from));
    e->value = e->given;
    if (e->how == TAKES_BACK) e->value = share_of(e);
    bool as_it_was = e->how == TAKES_BACK && !m->fifo && from->quantity > e->quantity && from->value >= e->value;
    if (ours && !as_it_was) return out_at_cost(m, from, e->quantity, &e->value);
    return true;
}

/* A posting: its level, and the product where it is in an internal place. */
static inline bool posted(Simple *m, int level, int64_t quantity, int64_t value, Balance *b) {
    Level *l = &m->levels[level];
    bool ok = fits((__int128)l->quantity + quantity, &l->quantity) && fits((__int128)l->value + value, &l->value);
    if (is_internal(place_in(level))) {
        ok = ok && fits((__int128)m->quantity + quantity, &m->quantity) && fits((__int128)m->value + value, &m->value);
        if (ok && m->quantity > 0 && m->value >= 0)
            ok = fits(half_up((__int128)m->value * ONE_UNIT, m->quantity), &m->cost);
    }
    *b = (Balance){l->quantity, l->value, m->quantity, m->value, m->cost};
    return ok;
}

/* What comes in pays for what had left before it was there. */
static inline int64_t arrives(Event *e, Level *to) {
    int64_t owed = to->quantity < 0 ? -to->quantity : 0;
    if (owed > e->quantity) owed = e->quantity;
    int64_t paid = owed ? part_of(e->value, owed, e->quantity) : 0;
    int64_t charged = owed ? part_of(-to->value, owed, -to->quantity) : 0;
    if (owed && owed == -to->quantity) charged = -to->value;
    layer_push(to, e->quantity - owed, e->value - paid);
    return is_ours(place_in(e->to)) ? paid - charged : 0;
}

static inline bool happens(Simple *m, Event *e) {
    if (e->how == COST_SET) {
        if (m->quantity <= 0) m->cost = e->given;
        return true;
    }
    Level *from = &m->levels[e->from], *to = &m->levels[e->to];
    if (!out_value(m, e, from) || !posted(m, e->from, -e->quantity, -e->value, &e->out)) return false;
    if (is_ours(place_in(e->from)) && from->quantity < 0 && !m->negative_ok && !is_loose(place_in(e->from)))
        return false;
    e->true_up = arrives(e, to);
    if (!posted(m, e->to, e->quantity, e->value, &e->in)) return false;
    if (e->true_up == 0) return true;
    int lost = level_of(LOST, lot_in(e->to), status_in(e->to));
    return posted(m, e->to, 0, -e->true_up, &e->up_out) && posted(m, lost, 0, e->true_up, &e->up_in);
}

/* Everything again. False: at some moment there was not enough. */
static inline bool model_work_out(Simple *m) {
    for (int i = 0; i < N_LEVELS; i++) {
        m->levels[i].quantity = m->levels[i].value = 0;
        m->levels[i].head = m->levels[i].n = 0;
    }
    m->quantity = m->value = 0;
    m->cost = m->first_cost;
    for (int i = 0; i < m->n; i++)
        if (!happens(m, m->events[i])) return false;
    return true;
}

/* --- reservations --- */

static inline int64_t held_at(const Simple *m, int level) {
    int64_t sum = 0;
    for (int i = 0; i < m->n_held; i++)
        if (m->held[i].level == level) sum += m->held[i].quantity;
    return sum;
}

static inline int64_t held_for(const Simple *m, int line) {
    int64_t sum = 0;
    for (int i = 0; i < m->n_held; i++)
        if (m->held[i].line == line) sum += m->held[i].quantity;
    return sum;
}

static inline void held_lessen(Simple *m, int i, int64_t by) {
    m->held[i].quantity -= by;
    if (m->held[i].quantity > 0) return;
    m->n_held--;
    memmove(&m->held[i], &m->held[i + 1], sizeof *m->held * (size_t)(m->n_held - i));
}

static inline int64_t available_at(const Simple *m, int level) {
    return status_in(level) == OK ? m->levels[level].quantity - held_at(m, level) : 0;
}

/* --- putting it in its place --- */

static inline bool before(const Event *a, const Event *b) { return a->at < b->at || (a->at == b->at && a->seq < b->seq); }

static inline void level_touch(Simple *m, int level) {
    if (!m->born[level]) m->born[level] = ++m->births;
}

/* False: refused, and the model is to be taken back to what it was. */
static inline bool model_add(Simple *m, const Event *what) {
    int64_t fell[N_LEVELS];
    for (int i = 0; i < N_LEVELS; i++) fell[i] = m->levels[i].quantity;
    Event *e = malloc(sizeof *e);
    if (m->n == m->room) {
        m->room = m->room ? m->room * 2 : 64;
        m->events = realloc(m->events, sizeof *m->events * (size_t)m->room);
    }
    assert(e && m->events);
    *e = *what;
    e->seq = ++m->seq;
    int at = m->n++;
    for (; at > 0 && before(e, m->events[at - 1]); at--) m->events[at] = m->events[at - 1];
    m->events[at] = e;
    if (e->original) e->original->taken += e->quantity;
    if (e->how != COST_SET) {
        level_touch(m, e->from);
        level_touch(m, e->to);
        if (e->from == e->to) return false;
    }
    if (!model_work_out(m)) return false;
    for (int i = 0; i < N_LEVELS; i++)
        if (is_ours(place_in(i)) && !is_loose(place_in(i)) && !m->negative_ok && m->levels[i].quantity < fell[i] &&
            m->levels[i].quantity < held_at(m, i))
            return false;
    return true;
}

/* What a refused operation changed goes back: keep one before it. */
typedef struct {
    int born[N_LEVELS], births;
    Held held[HELD_MAX];
    int n_held;
    int64_t seq;
} Kept;

static inline void model_keep(const Simple *m, Kept *k) {
    memcpy(k->born, m->born, sizeof m->born);
    memcpy(k->held, m->held, sizeof *m->held * (size_t)m->n_held);
    k->births = m->births;
    k->n_held = m->n_held;
    k->seq = m->seq;
}

static inline void model_return(Simple *m, const Kept *k) {
    int n = 0;
    for (int i = 0; i < m->n; i++) {
        Event *e = m->events[i];
        if (e->seq <= k->seq) {
            m->events[n++] = e;
            continue;
        }
        if (e->original) e->original->taken -= e->quantity;
        free(e);
    }
    m->n = n;
    m->seq = k->seq;
    m->births = k->births;
    m->n_held = k->n_held;
    memcpy(m->born, k->born, sizeof m->born);
    memcpy(m->held, k->held, sizeof *m->held * (size_t)k->n_held);
    bool again = model_work_out(m);
    assert(again);
    (void)again;
}

static inline void model_free(Simple *m) {
    for (int i = 0; i < m->n; i++) free(m->events[i]);
    for (int i = 0; i < N_LEVELS; i++) free(m->levels[i].layers);
    free(m->events);
}

#endif
