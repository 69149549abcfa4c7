/* Copying a database; see copy.h. */
#include "app/copy.h"

#include <sodium.h>

#include "app/copy_words.h"
#include "base/time.h"
#include "db/bulk.h"

#define PROGRESS_US 200000
#define COLUMNS_MAX 256

typedef struct {
    Str name;
    Str *columns;
    int n;
    int64_t rows; /* in the source */
} CopyTable;

/* Of any number of rows in any order: their number, and the sum of their hashes. */
typedef struct {
    int64_t rows;
    uint64_t sum[2];
} Digest;

typedef struct {
    Copy *c;
    CopyTable *tables;
    int n;
    int64_t done, of, began, told;
    Buf row;
} Run;

static bool refuse(Copy *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool refuse(Copy *c, const char *format, ...) {
    va_list args;
    if (c->problem.p) return false;
    va_start(args, format);
    c->problem = arena_vfmt(c->arena, format, args);
    va_end(args);
    return false;
}

static bool sound(Copy *c, Db *db, const char *doing) {
    return !db_failed(db) || refuse(c, "%s: %s", doing, db->error.message);
}

static void tell(Run *r, const char *table, bool now) {
    int64_t us = monotonic_us();
    if (!r->c->progress || (!now && us - r->told < PROGRESS_US)) return;
    r->told = us;
    r->c->progress(&(CopyProgress){table, r->done, r->of, us - r->began});
}

/* --- tables --- */

static CopyTable *table_of(Run *r, Arena *a, Str name) {
    if (r->n && str_eq(r->tables[r->n - 1].name, name)) return &r->tables[r->n - 1];
    CopyTable *t = &r->tables[r->n++];
    *t = (CopyTable){.name = arena_str(a, name), .columns = ARENA_ARRAY(a, Str, COLUMNS_MAX)};
    return t;
}

static bool tables_read(Run *r, Db *db) {
    Copy *c = r->c;
    r->tables = ARENA_ARRAY(c->arena, CopyTable, (size_t)c->registry->n * 2 + 16);
    r->n = 0;
    Stmt *st = db_prepare(db, str_of(copy_words(db)->columns));
    while (stmt_step(st)) {
        CopyTable *t = table_of(r, c->arena, stmt_text(st, 0));
        if (t->n < COLUMNS_MAX) t->columns[t->n++] = arena_str(c->arena, stmt_text(st, 1));
    }
    stmt_reset(st);
    return sound(c, db, "reading the tables");
}

static bool has_column(const CopyTable *t, Str column) {
    for (int i = 0; i < t->n; i++)
        if (str_eq(t->columns[i], column)) return true;
    return false;
}

/* Columns may stand in another order; they are copied by name. */
static bool tables_equal(Run *from, const Run *to) {
    bool same = from->n == to->n;
    for (int i = 0; same && i < from->n; i++) {
        const CopyTable *a = &from->tables[i], *b = &to->tables[i];
        same = str_eq(a->name, b->name) && a->n == b->n;
        for (int k = 0; same && k < a->n; k++) same = has_column(b, a->columns[k]);
    }
    return same ||
           refuse(from->c, "the two databases do not have the same tables: they are of different versions");
}

static bool count_rows(Run *r) {
    Db *db = r->c->from;
    for (int i = 0; i < r->n; i++) {
        Str sql = arena_fmt(r->c->arena, "SELECT count(*) FROM %s", r->tables[i].name.p);
        Stmt *st = db_prepare(db, sql);
        if (stmt_step(st)) r->of += r->tables[i].rows = stmt_int(st, 0);
        stmt_reset(st);
    }
    return sound(r->c, db, "counting");
}

/* --- what is noted in the target --- */

static void digest_write(const Digest *d, char out[80]) {
    snprintf(out, 80, "%lld %016llx%016llx", (long long)d->rows, (unsigned long long)d->sum[0],
             (unsigned long long)d->sum[1]);
}

/* The note's text in the arena; STR_NONE when there is none. */
static Str noted(Copy *c, const char *name) {
    Str text = STR_NONE;
    Stmt *st = db_prepare(c->to, S("SELECT said FROM copy_state WHERE name = ?1"));
    stmt_bind_text(st, 1, str_of(name));
    if (stmt_step(st)) text = arena_str(c->arena, stmt_text(st, 0));
    stmt_reset(st);
    return text;
}

static bool note(Copy *c, const char *name, const char *text) {
    Stmt *st = db_prepare(c->to, S("INSERT INTO copy_state (name, said) VALUES (?1, ?2)"));
    stmt_bind_text(st, 1, str_of(name));
    stmt_bind_text(st, 2, str_of(text));
    return stmt_run(st);
}

/* What tells whether the source is still the one that was begun with. */
static bool source_mark(Run *r, char out[80]) {
    Stmt *st = db_prepare(r->c->from, S("SELECT count(*), max(id) FROM journal"));
    out[0] = '\0';
    if (stmt_step(st))
        snprintf(out, 80, "%lld journal rows up to %lld, %lld rows", (long long)stmt_int(st, 0),
                 (long long)stmt_int(st, 1), (long long)r->of);
    stmt_reset(st);
    return sound(r->c, r->c->from, "reading the journal");
}

/* --- loosening and fastening --- */

static bool run_text(Copy *c, const char *sql) {
    return !*sql || db_exec(c->to, sql) || sound(c, c->to, sql);
}

static bool loosen(Copy *c) {
    Buf drops = {0};
    int n = 0;
    if (!run_text(c, "CREATE TABLE copy_state (name text NOT NULL PRIMARY KEY, said text NOT NULL); "
                     "CREATE TABLE copy_rest (turn integer NOT NULL PRIMARY KEY, make_it text NOT NULL)"))
        return false;
    Str list = str_of(copy_words(c->to)->loose);
    Stmt *st = db_prepare(c->to, list), *keep;
    for (; stmt_step(st); n++) {
        buf_str(&drops, stmt_text(st, 0));
        buf_c(&drops, ";\n");
        keep = db_prepare(c->to, S("INSERT INTO copy_rest (turn, make_it) VALUES (?1, ?2)"));
        stmt_bind_int(keep, 1, n);
        stmt_bind_text(keep, 2, stmt_text(st, 1));
        stmt_run(keep);
    }
    stmt_reset(st);
    bool ok = sound(c, c->to, "setting indexes aside") && (!n || run_text(c, buf_c_str(&drops)));
    buf_free(&drops);
    return ok;
}

static bool is_empty(Run *r) {
    for (int i = 0; i < r->n; i++) {
        Stmt *st =
            db_prepare(r->c->to, arena_fmt(r->c->arena, "SELECT 1 FROM %s LIMIT 1", r->tables[i].name.p));
        bool any = stmt_step(st);
        stmt_reset(st);
        if (any)
            return refuse(r->c, "the target has rows in %s: it has to be an empty database",
                          r->tables[i].name.p);
    }
    return sound(r->c, r->c->to, "looking whether the target is empty");
}

static bool begun(Copy *c, bool *yes) {
    Stmt *st = db_prepare(c->to, str_of(copy_words(c->to)->is_begun));
    *yes = stmt_step(st);
    stmt_reset(st);
    return sound(c, c->to, "looking at the target");
}

static bool begin(Run *r) {
    Copy *c = r->c;
    char mark[80];
    bool again;
    if (!source_mark(r, mark) || !begun(c, &again)) return false;
    if (again) {
        return str_is(noted(c, "source"), mark) ||
               refuse(c,
                      "the source has changed since the copy was begun: begin again with an empty database");
    }
    if (!is_empty(r) || !db_begin_write(c->to) || !loosen(c) || !note(c, "source", mark))
        return sound(c, c->to, "beginning");
    return db_control(c->to, S("COMMIT")) || sound(c, c->to, "beginning");
}

/* Each statement with its note taken away, so that it goes on after a break. */
static bool fasten(Run *r) {
    Copy *c = r->c;
    for (;;) {
        Stmt *st = db_prepare(c->to, S("SELECT turn, make_it FROM copy_rest ORDER BY turn LIMIT 1"));
        bool more = stmt_step(st);
        int64_t turn = stmt_int(st, 0);
        Str sql = more ? arena_str(c->arena, stmt_text(st, 1)) : STR_NONE;
        stmt_reset(st);
        if (!more) return sound(c, c->to, "making indexes");
        tell(r, "making indexes and references", false);
        if (!db_begin_write(c->to) || !run_text(c, sql.p)) return sound(c, c->to, sql.p);
        st = db_prepare(c->to, S("DELETE FROM copy_rest WHERE turn = ?1"));
        stmt_bind_int(st, 1, turn);
        if (!stmt_run(st) || !db_control(c->to, S("COMMIT"))) return sound(c, c->to, sql.p);
    }
}

/* --- rows --- */

static void digest_add(Run *r, Digest *d, const Value *row, int n) {
    uint64_t hash[2];
    buf_reset(&r->row);
    for (int i = 0; i < n; i++) {
        buf_char(&r->row, (char)('0' + row[i].kind));
        if (row[i].kind == V_INT) buf_add(&r->row, &row[i].i, sizeof row[i].i);
        if (row[i].kind == V_TEXT) buf_add(&r->row, &row[i].s.n, sizeof row[i].s.n);
        if (row[i].kind == V_TEXT) buf_str(&r->row, row[i].s);
    }
    crypto_generichash((unsigned char *)hash, sizeof hash, (const unsigned char *)r->row.p, r->row.n, NULL,
                       0);
    d->rows++;
    d->sum[0] += hash[0];
    d->sum[1] += hash[1];
}

/* Reads the table from `db`; into `bulk` when that is there. */
static bool table_read(Run *r, const CopyTable *t, Db *db, Bulk *bulk, Digest *out) {
    Value row[COLUMNS_MAX];
    Buf sql = {0};
    buf_c(&sql, "SELECT ");
    bulk_columns(t->columns, t->n, &sql);
    buf_fmt(&sql, " FROM %s", t->name.p);
    Stmt *st = db_prepare(db, buf_view(&sql));
    buf_free(&sql);
    stmt_expect_many(st);
    *out = (Digest){0};
    while (stmt_step(st)) {
        for (int i = 0; i < t->n; i++) row[i] = stmt_value(st, i);
        digest_add(r, out, row, t->n);
        if (bulk) bulk_row(bulk, row);
        r->done += bulk != NULL;
        if (bulk && out->rows % 1000 == 0) tell(r, t->name.p, false);
        if (bulk && db_failed(r->c->to)) break;
    }
    stmt_reset(st);
    return sound(r->c, db, t->name.p);
}

static bool table_copy(Run *r, const CopyTable *t) {
    Copy *c = r->c;
    Digest digest;
    char text[80];
    if (noted(c, t->name.p).p) {
        r->done += t->rows;
        return true;
    }
    if (!db_begin_write(c->to)) return sound(c, c->to, t->name.p);
    Bulk *bulk = bulk_begin(c->to, t->name, t->columns, t->n);
    bool read = table_read(r, t, c->from, bulk, &digest);
    digest_write(&digest, text);
    bool ok = bulk_end(bulk) && read && note(c, t->name.p, text) && db_control(c->to, S("COMMIT"));
    c->copied += digest.rows;
    return ok || sound(c, c->to, t->name.p);
}

static bool table_compare(Run *r, const CopyTable *t) {
    Digest digest;
    char text[80];
    if (!table_read(r, t, r->c->to, NULL, &digest)) return false;
    digest_write(&digest, text);
    r->c->rows += digest.rows;
    return str_is(noted(r->c, t->name.p), text) ||
           refuse(r->c, "%s is not the same in both: %s, copied were %s", t->name.p, text,
                  arena_c_str(r->c->arena, noted(r->c, t->name.p)));
}

static bool compare(Run *r) {
    Copy *c = r->c;
    if (!db_begin_read(c->to)) return sound(c, c->to, "comparing");
    for (int i = 0; i < r->n; i++)
        if (!table_compare(r, &r->tables[i])) return false;
    db_end_read(c->to);
    return sound(c, c->to, "comparing");
}

/* Each resource with its note, so that it goes on after a break. */
static bool words_fill(Run *r) {
    Copy *c = r->c;
    for (int i = 0; i < c->registry->n; i++) {
        const Model *m = &c->registry->models[i];
        const char *name = arena_fmt(c->arena, "words of %s", m->name.p).p;
        if (noted(c, name).p) continue;
        tell(r, name, false);
        if (!db_begin_write(c->to) || !copy_search(c, m) || !note(c, name, "") ||
            !db_control(c->to, S("COMMIT")))
            return sound(c, c->to, name);
    }
    return true;
}

/* So that no id is given again which a deleted row had. */
static bool sequences_copy(Run *r) {
    Copy *c = r->c;
    if (!run_text(c, copy_words(c->to)->clear_sequences)) return false;
    Stmt *st = db_prepare(c->from, str_of(copy_words(c->from)->sequences));
    while (stmt_step(st)) {
        bool known = false;
        for (int i = 0; i < r->n && !known; i++) known = str_eq(r->tables[i].name, stmt_text(st, 0));
        if (!known || stmt_int(st, 1) < 1) continue;
        Stmt *set = db_prepare(c->to, str_of(copy_words(c->to)->set_sequence));
        stmt_bind_text(set, 1, stmt_text(st, 0));
        stmt_bind_int(set, 2, stmt_int(st, 1));
        stmt_run(set);
    }
    stmt_reset(st);
    return sound(c, c->from, "reading the last ids") && sound(c, c->to, "setting the last ids");
}

static bool copy_all(Run *r) {
    Copy *c = r->c;
    Run to = {.c = c};
    if (!tables_read(r, c->from) || !tables_read(&to, c->to) || !tables_equal(r, &to) || !count_rows(r) ||
        !begin(r))
        return false;
    r->began = monotonic_us();
    for (int i = 0; i < r->n; i++)
        if (!table_copy(r, &r->tables[i])) return false;
    c->us = monotonic_us() - r->began;
    tell(r, "comparing", true);
    return compare(r) && words_fill(r) && fasten(r) && sequences_copy(r) &&
           run_text(c, copy_words(c->to)->settle) &&
           run_text(c, "DROP TABLE copy_rest; DROP TABLE copy_state");
}

bool copy_run(Copy *c) {
    Run r = {.c = c};
    buf_init(&r.row, 4096, (size_t)256 << 20);
    bool ok = db_begin_read(c->from) && run_text(c, copy_words(c->to)->before) && copy_all(&r);
    if (!ok) sound(c, c->from, "reading the source");
    db_end_read(c->from);
    ok = ok && run_text(c, copy_words(c->to)->after);
    buf_free(&r.row);
    return ok;
}
