/* Fixed statistics for SQLite's planner; see planner.h. */
#include "model/planner.h"

/* A database of ten organizations with a hundred thousand rows in each table:
 * only proportions matter. */
#define TABLE_ROWS    ((int64_t)1000000)
#define ORGANIZATIONS 10
#define KINDS         2   /* resources in a shared table */
#define LINES         4   /* in a document */
#define USERS         20  /* records are spread over that many */
#define SAME_VALUE    100 /* records of a customer, with a date, a name, a price */

typedef struct IndexFacts {
    Str table, name, columns; /* columns: "organization_id,due_date" */
    Str numbers;              /* "1000000 100000 100" */
    struct IndexFacts *next;
} IndexFacts;

static const ModelField *field_by_column(const Model *m, Str column) {
    for (int i = 0; i < m->n; i++)
        if (!(m->fields[i].flags & F_NO_COLUMN) && str_eq(m->fields[i].column, column)) return &m->fields[i];
    return NULL;
}

/* The first model, or lines of one, that keeps its rows in this table. */
static const Model *model_of_table(const Registry *r, Str table) {
    for (int i = 0; i < r->n; i++) {
        const Model *m = &r->models[i];
        if (str_eq(m->table, table)) return m;
        if (m->lines && str_eq(m->lines->table, table)) return m->lines;
    }
    return NULL;
}

static const ModelField *field_of(const Registry *r, Str table, Str column) {
    const ModelField *f = NULL;
    for (int i = 0; i < r->n && !f; i++) {
        const Model *m = &r->models[i];
        if (str_eq(m->table, table)) f = field_by_column(m, column);
        if (!f && m->lines && str_eq(m->lines->table, table)) f = field_by_column(m->lines, column);
    }
    return f;
}

/* How many of `rows` rows have the same value of one more column. */
static int64_t rows_sharing(const Registry *r, const Model *m, Str column, int64_t rows) {
    const ModelField *f = field_of(r, m->table, column);
    if (f && f->index == f->model->id) return 1;
    if (str_eq(column, m->tenant)) return rows / ORGANIZATIONS;
    if (!m->parent && m->resource->only.column && str_is(column, m->resource->only.column))
        return rows / KINDS;
    if (m->parent && str_is(column, m->lines_decl->parent)) return LINES;
    int64_t few = rows < SAME_VALUE ? rows : SAME_VALUE;
    if (!f) return few;
    if (f->decl->choices) return rows / choice_count(f) + 1;
    if (f->type == &T_BOOL) return rows / 2 + 1;
    bool person = f->ref && str_eq(f->ref->name, S("users"));
    return person ? rows / USERS + 1 : few;
}

static Str index_numbers(Arena *a, const Registry *r, const IndexFacts *x, bool unique) {
    const Model *m = model_of_table(r, x->table);
    int64_t rows = TABLE_ROWS;
    Buf b = {0};
    buf_int(&b, rows);
    for (Str rest = x->columns; rest.p;) {
        rows = rows_sharing(r, m, str_cut(rest, ',', &rest), rows);
        if (unique && !rest.p) rows = 1;
        buf_fmt(&b, " %lld", (long long)rows);
    }
    Str text = arena_str(a, buf_view(&b));
    buf_free(&b);
    return text;
}

static IndexFacts *indexes_read(Db *db, Arena *a, const Registry *r) {
    IndexFacts *all = NULL;
    Stmt *st =
        db_prepare(db, S("SELECT t.name, x.name, x.\"unique\","
                         " (SELECT group_concat(c.name ORDER BY c.seqno) FROM pragma_index_info(x.name) c)"
                         " FROM sqlite_schema t JOIN pragma_index_list(t.name) x"
                         " WHERE t.type = 'table' ORDER BY 1, 2"));
    while (stmt_step(st)) {
        Str table = stmt_text(st, 0);
        if (!model_of_table(r, table)) continue;
        IndexFacts *x = ARENA_NEW(a, IndexFacts);
        *x = (IndexFacts){arena_str(a, table), arena_str(a, stmt_text(st, 1)), arena_str(a, stmt_text(st, 3)),
                          STR_NONE, all};
        x->numbers = index_numbers(a, r, x, stmt_int(st, 2) != 0);
        all = x;
    }
    return all;
}

static bool known_already(Db *db, const IndexFacts *all) {
    int64_t n = 0;
    for (const IndexFacts *x = all; x; x = x->next) {
        Stmt *st = db_prepare(db, S("SELECT 1 FROM sqlite_stat1 WHERE idx = ?1 AND stat = ?2"));
        stmt_bind_text(st, 1, x->name);
        stmt_bind_text(st, 2, x->numbers);
        bool same = stmt_step(st);
        stmt_reset(st);
        if (!same) return false;
        n++;
    }
    Stmt *st = db_prepare(db, S("SELECT count(*) FROM sqlite_stat1"));
    bool same = stmt_step(st) && stmt_int(st, 0) == n;
    stmt_reset(st);
    return same;
}

static void facts_write(Db *db, const IndexFacts *all) {
    stmt_run(db_prepare(db, S("DELETE FROM sqlite_stat1")));
    for (const IndexFacts *x = all; x; x = x->next) {
        Stmt *st = db_prepare(db, S("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?1, ?2, ?3)"));
        stmt_bind_text(st, 1, x->table);
        stmt_bind_text(st, 2, x->name);
        stmt_bind_text(st, 3, x->numbers);
        stmt_run(st);
    }
}

bool planner_teach(Db *db, const Registry *r) {
    Arena a;
    if (!str_is(S("sqlite"), db->driver->dialect.name)) return true;
    arena_init(&a, (size_t)16 << 20);
    /* Of the schema table alone: makes sqlite_stat1 where it is missing. */
    db_exec(db, "ANALYZE sqlite_schema");
    IndexFacts *all = indexes_read(db, &a, r);
    if (!db_failed(db) && !known_already(db, all)) {
        db_control(db, S("BEGIN IMMEDIATE"));
        facts_write(db, all);
        db_control(db, db_failed(db) ? S("ROLLBACK") : S("COMMIT"));
        db_exec(db, "ANALYZE sqlite_schema"); /* this connection reads them too */
    }
    arena_free(&a);
    return !db_failed(db);
}
