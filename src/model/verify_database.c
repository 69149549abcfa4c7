/* The database's own rules: its schema, the CHECKs and references of every row,
 * and the pages and indexes of SQLite's file. (PostgreSQL's schema and
 * references: verify_postgres.c. Its files are its own to look after.) */
#include "model/schema.h"
#include "model/schema_diff.h"
#include "model/verify_parts.h"

/* --- schema and CHECKs --- */

static bool schema_prove(Prover *p, const Part *part) {
    Buf missing = {0};
    (void)part;
    bool ok = schema_missing(p->db, p->wanted, &missing);
    if (ok && missing.n) {
        Str rest, first = str_cut(buf_view(&missing), '\n', &rest);
        ok = verify_wrong(p, "schema: %.*s is missing or was changed", STR_ARG(first));
    }
    buf_free(&missing);
    return ok && verify_readable(p);
}

static bool check_prove(Prover *p, const Part *part) {
    Buf sql = {0};
    buf_fmt(&sql, "SELECT id FROM %s WHERE NOT (", part->model->table.p);
    schema_check(part->check, !p->db->driver->one_writer, &sql);
    buf_c(&sql, ") ORDER BY id LIMIT 1");
    Stmt *st = db_prepare(p->db, buf_view(&sql));
    bool ok = !stmt_step(st) || verify_wrong(p, "%s %lld: %s does not hold", part->model->table.p,
                                             (long long)stmt_int(st, 0), part->check);
    stmt_reset(st);
    buf_free(&sql);
    return ok && verify_readable(p);
}

void verify_plan_rules(Prover *p, Parts *parts) {
    const Registry *r = p->app->registry;
    part_add(parts, (Part){.what = "the schema", .prove = p->db->driver->one_writer ? schema_prove : verify_postgres_schema});
    for (int i = 0; i < r->n; i++)
        for (const char *const *check = r->models[i].resource->checks; check && *check; check++)
            part_add(parts, (Part){.what = "the rules of every row", .prove = check_prove, .model = &r->models[i], .check = *check});
}

/* --- references --- */

static bool reference_wrong(Prover *p, Stmt *violation) {
    Str child = stmt_text(violation, 0), parent = stmt_text(violation, 2);
    Stmt *st = db_prepare(p->db, S("SELECT \"from\" FROM pragma_foreign_key_list(?1) "
                                   "WHERE id = ?2 ORDER BY seq DESC LIMIT 1"));
    stmt_bind_text(st, 1, child);
    stmt_bind_int(st, 2, stmt_int(violation, 3));
    Str column = stmt_step(st) ? stmt_text(st, 0) : STR_NONE;
    verify_wrong(p, "%.*s %lld: %.*s refers to no row of %.*s in its organization", STR_ARG(child),
                 (long long)stmt_int(violation, 1), STR_ARG(column), STR_ARG(parent));
    stmt_reset(st);
    return false;
}

static bool references_prove(Prover *p, const Part *part) {
    Stmt *st = db_prepare(p->db, S("SELECT \"table\", rowid, parent, fkid FROM pragma_foreign_key_check(?1)"));
    stmt_bind_text(st, 1, part->table);
    bool ok = !stmt_step(st) || reference_wrong(p, st);
    stmt_reset(st);
    return ok && verify_readable(p);
}

typedef struct {
    Str name;
    int64_t rows; /* at most */
} Sized;

static int64_t rows_most(Prover *p, Str table) {
    Buf sql = {0};
    buf_fmt(&sql, "SELECT max(rowid) FROM \"%.*s\"", STR_ARG(table));
    Stmt *st = db_prepare(p->db, buf_view(&sql));
    int64_t rows = stmt_step(st) ? stmt_int(st, 0) : 0;
    stmt_reset(st);
    buf_free(&sql);
    return rows;
}

/* An index of words has as many rows as documents; what has no rowids is small. */
static Sized *tables_read(Prover *p, Arena *a, int *n) {
    Stmt *st = db_prepare(p->db, S("SELECT s.name, CASE WHEN l.type = 'virtual' THEN s.name || '_docsize' "
                                   "WHEN l.wr = 0 THEN s.name END, count(*) OVER () "
                                   "FROM sqlite_schema s JOIN pragma_table_list l ON l.schema = 'main' AND l.name = s.name "
                                   "WHERE s.type = 'table' ORDER BY s.name"));
    Sized *list = NULL;
    for (*n = 0; stmt_step(st); ++*n) {
        if (!list) list = ARENA_ARRAY(a, Sized, (size_t)stmt_int(st, 2));
        Str counted = stmt_text(st, 1);
        list[*n] = (Sized){arena_str(a, stmt_text(st, 0)), counted.n ? rows_most(p, counted) : 0};
    }
    stmt_reset(st);
    return list;
}

static int larger_first(const void *a, const void *b) {
    const Sized *x = a, *y = b;
    if (x->rows != y->rows) return x->rows < y->rows ? 1 : -1;
    return strcmp(x->name.p, y->name.p);
}

/* One part for each table. The largest come first: at the end there are small
 * ones left, and no thread waits long for another. `whole` is about all of them,
 * and as much work as a table with a fifth of their rows (measured). */
static void plan_tables(Prover *p, Parts *parts, Part each, const Part *whole) {
    int n;
    int64_t all = 0;
    Sized *list = tables_read(p, &parts->arena, &n);
    if (n) qsort(list, (size_t)n, sizeof *list, larger_first);
    for (int i = 0; i < n; i++) all += list[i].rows;
    for (int i = 0; i < n; i++) {
        if (whole && list[i].rows <= all / 5) {
            part_add(parts, *whole);
            whole = NULL;
        }
        each.table = list[i].name;
        part_add(parts, each);
    }
    if (whole) part_add(parts, *whole);
}

void verify_plan_references(Prover *p, Parts *parts) {
    if (!p->db->driver->one_writer)
        verify_plan_postgres_references(p, parts);
    else
        plan_tables(p, parts, (Part){.what = "every reference", .prove = references_prove}, NULL);
}

/* --- the file --- */

static bool file_says_ok(Prover *p, Stmt *st) {
    Str said = stmt_step(st) ? stmt_text(st, 0) : STR_NONE;
    bool ok = str_is(said, "ok") || verify_wrong(p, "database file: %.*s", STR_ARG(said));
    stmt_reset(st);
    return ok && verify_readable(p);
}

/* That every page belongs somewhere, and every tree is one. */
static bool pages_prove(Prover *p, const Part *part) {
    (void)part;
    return file_says_ok(p, db_prepare(p->db, S("PRAGMA quick_check(1)")));
}

/* That indexes hold what their tables hold: most of the time that it all takes. */
static bool indexes_prove(Prover *p, const Part *part) {
    Stmt *st = db_prepare(p->db, S("SELECT integrity_check FROM pragma_integrity_check(?1) LIMIT 1"));
    stmt_bind_text(st, 1, part->table);
    return file_says_ok(p, st);
}

void verify_plan_file(Prover *p, Parts *parts) {
    static const char *const what = "the database file";
    if (!p->db->driver->one_writer) return;
    plan_tables(p, parts, (Part){.what = what, .prove = indexes_prove}, &(Part){.what = what, .prove = pages_prove});
}
