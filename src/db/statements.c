/* The hash table of kept statements; see statements.h. */
#include "db/statements.h"

#include "base/log.h"

#define STRIDE 32

static uint64_t mixed(uint64_t h, uint64_t word) {
    h = (h ^ word) * 0x9e3779b97f4a7c15u;
    return h ^ h >> 32;
}

/* A word of every four: what they tell apart is nearly everything, the rest is
 * compared, and all of them would cost more than the rest of a hit. */
static uint64_t sql_hash(Str s) {
    uint64_t h = s.n * 0x9e3779b97f4a7c15u, word = 0;
    if (s.n < sizeof word) {
        memcpy(&word, s.p, s.n);
        return mixed(h, word);
    }
    for (size_t at = 0; at + sizeof word <= s.n; at += STRIDE) {
        memcpy(&word, s.p + at, sizeof word);
        h = mixed(h, word);
    }
    memcpy(&word, s.p + s.n - sizeof word, sizeof word);
    return mixed(h, word);
}

Kept *statements_find(Statements *all, Str sql) {
    uint64_t hash = sql_hash(sql);
    for (Kept *st = all->buckets[hash % STATEMENT_BUCKETS]; st; st = st->next)
        if (st->hash == hash && st->sql_n == sql.n && memcmp(st->sql, sql.p, sql.n) == 0) return st;
    return NULL;
}

void statements_add(Statements *all, Kept *st, Str sql) {
    st->sql = malloc(sql.n + 1);
    if (!st->sql) log_fatal("db", "out of memory");
    memcpy(st->sql, sql.p, sql.n);
    st->sql[sql.n] = '\0';
    st->sql_n = sql.n;
    st->hash = sql_hash(sql);
    st->next = all->buckets[st->hash % STATEMENT_BUCKETS];
    all->buckets[st->hash % STATEMENT_BUCKETS] = st;
    all->n++;
}

static Kept *take(Statements *all, Kept **at) {
    Kept *st = *at;
    *at = st->next;
    all->n--;
    return st;
}

Kept *statements_make_room(Statements *all) {
    Kept **oldest = NULL;
    if (all->n < STATEMENTS_MAX) return NULL;
    for (int i = 0; i < STATEMENT_BUCKETS; i++)
        for (Kept **at = &all->buckets[i]; *at; at = &(*at)->next)
            if (!(*at)->running && (!oldest || (*at)->used < (*oldest)->used)) oldest = at;
    return oldest ? take(all, oldest) : NULL;
}

Kept *statements_take_any(Statements *all) {
    for (int i = 0; i < STATEMENT_BUCKETS; i++)
        if (all->buckets[i]) return take(all, &all->buckets[i]);
    return NULL;
}

void kept_free(Kept *st) {
    free(st->sql);
    free(st);
}

void statements_used(Statements *all, Kept *st) { st->used = ++all->tick; }

void statements_started(Statements *all, Kept *st) {
    st->running = true;
    all->n_running++;
    statements_used(all, st);
}

void statements_stopped(Statements *all, Kept *st) {
    st->running = false;
    all->n_running--;
}

void statements_stop_all(Statements *all, void (*stop)(Stmt *st)) {
    for (int i = 0; i < STATEMENT_BUCKETS && all->n_running; i++)
        for (Kept *st = all->buckets[i]; st; st = st->next)
            if (st->running) stop(&st->base);
}

Ending statement_ending(Str sql) {
    if (str_starts(sql, S("COMMIT")) || str_starts(sql, S("RELEASE"))) return ENDS_KEEPING;
    return str_starts(sql, S("ROLLBACK")) ? ENDS_UNDOING : ENDS_NOTHING;
}
