/* The journal's chains, and the numbers that documents were given.
 *
 * A series gives each number once: the numbers below its next one are on a
 * record, or the journal says that the record was deleted or got another. A
 * pattern may have been edited, and a next number raised: both are in the
 * journal too. Of a series that restarts every year, this year's numbers are
 * proved. */
#include "model/journal.h"
#include "model/number.h"
#include "model/verify_parts.h"

#define PATTERNS_MAX 64
#define ARENA_MAX ((size_t)4 << 30)

/* --- the journal --- */

static bool entry_prove(Prover *p, Stmt *st, int64_t expected, Hash *head) {
    JournalEntry e;
    char hex[HASH_HEX];
    Hash hash;
    journal_entry_read(st, &e);
    e.organization_id = stmt_int(st, 12);
    if (e.sequence != expected)
        return verify_wrong(p, "journal of organization %lld: sequence %lld is missing",
                            (long long)e.organization_id, (long long)expected);
    journal_hash(&e, head, &hash);
    hash_hex(&hash, hex);
    if (!str_is(stmt_text(st, 11), hex))
        return verify_wrong(p,
                            "journal of organization %lld: sequence %lld (%.*s of %.*s %lld) was "
                            "changed, its hash does not fit",
                            (long long)e.organization_id, (long long)e.sequence, STR_ARG(e.action),
                            STR_ARG(e.resource), (long long)e.record_id);
    *head = hash;
    return true;
}

/* What many write at once gets its place in the chain a little later. */
static bool unsealed_count(Prover *p, int64_t organization_id) {
    Stmt *st = db_prepare(p->db, S("SELECT count(*) FROM journal WHERE organization_id = ?1 AND sequence < 1"));
    stmt_bind_int(st, 1, organization_id);
    if (stmt_step(st)) p->unsealed += stmt_int(st, 0);
    stmt_reset(st);
    return verify_readable(p);
}

bool verify_journal(Prover *p, const Part *part) {
    Stmt *st = db_prepare(
        p->db, S("SELECT " JOURNAL_COLUMNS ", hash, organization_id FROM journal "
                 "WHERE organization_id = ?1 AND sequence > 0 ORDER BY sequence"));
    Hash head = {{0}};
    bool ok = true;
    stmt_bind_int(st, 1, part->organization_id);
    stmt_expect_many(st);
    for (int64_t n = 1; ok && stmt_step(st); n++) {
        ok = entry_prove(p, st, n, &head);
        p->journal_rows += ok;
    }
    stmt_reset(st);
    return ok && verify_readable(p) && unsealed_count(p, part->organization_id);
}

/* Ids are given once and rows never go: a lower last id is a missing row. (In
 * PostgreSQL an id is gone with the transaction that took it, so none is missed.) */
bool verify_journal_end(Prover *p, const Part *part) {
    (void)part;
    if (!p->db->driver->one_writer) return true;
    Stmt *st = db_prepare(p->db, S("SELECT seq, (SELECT max(id) FROM journal) FROM sqlite_sequence "
                                   "WHERE name = 'journal'"));
    int64_t given = stmt_step(st) ? stmt_int(st, 0) : 0, last = stmt_int(st, 1);
    stmt_reset(st);
    if (given != last)
        return verify_wrong(p, "journal: ids up to %lld were given, but the last row is %lld",
                            (long long)given, (long long)last);
    return verify_readable(p);
}

/* --- number series --- */

typedef struct {
    Prover *p;
    Arena arena;
    const Model *model;
    int64_t organization_id, series_id, next;
    Str patterns[PATTERNS_MAX]; /* the newest first */
    int64_t years[PATTERNS_MAX]; /* that their numbers begin with */
    int n_patterns;
    Map journaled; /* numbers that the journal says are gone */
    bool journal_read;
} Series;

static bool series_find(Series *s) {
    const ModelField *f = &s->model->fields[s->model->number];
    Str name = arena_fmt(&s->arena, "%s.%s", s->model->name.p, f->name.p);
    Stmt *st = db_prepare(s->p->db, S("SELECT id, pattern, year, next FROM number_series "
                                      "WHERE organization_id = ?1 AND name = ?2"));
    stmt_bind_int(st, 1, s->organization_id);
    stmt_bind_text(st, 2, name);
    bool found = stmt_step(st);
    if (found) {
        s->series_id = stmt_int(st, 0);
        s->patterns[s->n_patterns] = arena_str(&s->arena, stmt_text(st, 1));
        s->years[s->n_patterns++] = stmt_int(st, 2);
        s->next = stmt_int(st, 3);
    }
    stmt_reset(st);
    return found;
}

static void series_old_patterns(Series *s) {
    Stmt *st = db_prepare(s->p->db, S("SELECT changes -> 'pattern' ->> 0, CAST(changes -> 'year' ->> 0 AS bigint) FROM journal "
                                      "WHERE organization_id = ?1 AND resource = 'number-series' "
                                      "AND record_id = ?2 ORDER BY sequence DESC"));
    stmt_bind_int(st, 1, s->organization_id);
    stmt_bind_int(st, 2, s->series_id);
    while (s->n_patterns < PATTERNS_MAX && stmt_step(st)) {
        Str pattern = stmt_text(st, 0);
        int64_t year = stmt_int(st, 1);
        if (!number_pattern_valid(pattern)) continue;
        s->years[s->n_patterns] = year ? year : s->years[0];
        s->patterns[s->n_patterns++] = arena_str(&s->arena, pattern);
    }
    stmt_reset(st);
}

/* Somebody raised the next number over this one, so it was never given: to
 * which number, 0 when nobody did. */
static int64_t series_skipped_to(Series *s, int64_t sequence) {
    Stmt *st = db_prepare(s->p->db, S("SELECT max(CAST(changes -> 'next' ->> 1 AS bigint)) FROM journal "
                                      "WHERE organization_id = ?1 "
                                      "AND resource = 'number-series' AND record_id = ?2 "
                                      "AND CAST(changes -> 'next' ->> 0 AS bigint) <= ?3 "
                                      "AND CAST(changes -> 'next' ->> 1 AS bigint) > ?3"));
    stmt_bind_int(st, 1, s->organization_id);
    stmt_bind_int(st, 2, s->series_id);
    stmt_bind_int(st, 3, sequence);
    int64_t to = stmt_step(st) ? stmt_int(st, 0) : 0;
    stmt_reset(st);
    return to;
}

static bool on_record(Series *s, Str sql, Str number) {
    Stmt *st = db_prepare(s->p->db, sql);
    stmt_bind_int(st, 1, s->organization_id);
    stmt_bind_text(st, 2, number);
    bool found = stmt_step(st);
    stmt_reset(st);
    return found;
}

/* The numbers that records had when they were deleted or renumbered. */
static void journal_numbers(Series *s) {
    const char *field = s->model->fields[s->model->number].name.p;
    Str sql = arena_fmt(&s->arena,
                        "SELECT CASE action WHEN 'delete' THEN changes ->> '%s' "
                        "ELSE changes -> '%s' ->> 0 END FROM journal "
                        "WHERE organization_id = ?1 AND resource = ?2 AND action <> 'create'",
                        field, field);
    Stmt *st = db_prepare(s->p->db, sql);
    map_init(&s->journaled, &s->arena, 1024);
    stmt_bind_int(st, 1, s->organization_id);
    stmt_bind_text(st, 2, s->model->name);
    while (stmt_step(st)) {
        Str number = stmt_text(st, 0);
        if (number.n && !map_get(&s->journaled, number))
            map_put(&s->journaled, arena_str(&s->arena, number), s);
    }
    stmt_reset(st);
    s->journal_read = true;
}

static bool in_journal(Series *s, Str number) {
    if (!s->journal_read) journal_numbers(s);
    return map_get(&s->journaled, number) != NULL;
}

static bool number_known(Series *s, Str sql, Arena *scratch, int64_t sequence) {
    for (int i = 0; i < s->n_patterns; i++)
        if (on_record(s, sql, number_format(scratch, s->patterns[i], s->years[i], sequence)))
            return true;
    for (int i = 0; i < s->n_patterns; i++)
        if (in_journal(s, number_format(scratch, s->patterns[i], s->years[i], sequence))) return true;
    return false;
}

static bool series_prove(Series *s) {
    const Model *m = s->model;
    const char *only = model_only(m);
    Str sql = arena_fmt(&s->arena, "SELECT 1 FROM %s WHERE organization_id = ?1 AND %s%s%s%s%s = ?2",
                        m->table.p, only ? only : "", only ? " = '" : "",
                        only ? m->resource->only.value : "", only ? "' AND " : "",
                        m->fields[m->number].column.p);
    Arena scratch;
    bool ok = true;
    arena_init(&scratch, (size_t)1 << 20);
    for (int64_t i = 1; ok && i < s->next && verify_readable(s->p); i++) {
        arena_reset(&scratch);
        if (number_known(s, sql, &scratch, i) || !verify_readable(s->p)) continue;
        int64_t to = series_skipped_to(s, i);
        if (to > i) {
            i = to - 1;
            continue;
        }
        Str number = number_format(&scratch, s->patterns[0], s->years[0], i);
        ok = verify_wrong(s->p,
                          "%s of organization %lld: number %.*s was given, but no record has it and "
                          "the journal knows of no deletion",
                          m->name.p, (long long)s->organization_id, STR_ARG(number));
    }
    arena_free(&scratch);
    return ok && verify_readable(s->p);
}

bool verify_numbers(Prover *p, const Part *part) {
    const Registry *r = p->app->registry;
    bool ok = true;
    for (int i = 0; ok && i < r->n; i++) {
        if (r->models[i].number < 0) continue;
        Series s = {.p = p, .model = &r->models[i], .organization_id = part->organization_id};
        arena_init(&s.arena, ARENA_MAX);
        if (series_find(&s)) {
            series_old_patterns(&s);
            ok = series_prove(&s);
        }
        arena_free(&s.arena);
    }
    return ok && verify_readable(p);
}
