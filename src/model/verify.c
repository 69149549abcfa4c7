/* `millwright verify`; see verify.h. What names a row comes before what only
 * names a table, so that the first complaint is the most useful one. */
#include "model/verify.h"

#include <pthread.h>

#include "base/log.h"
#include "model/read.h"
#include "model/schema.h"
#include "model/schema_diff.h"
#include "model/verify_parts.h"

#define ROW_ARENA_MAX ((size_t)256 << 20)

bool verify_wrong(Verify *v, const char *format, ...) {
    va_list args;
    if (v->report->n) return false;
    va_start(args, format);
    buf_vfmt(v->report, format, args);
    va_end(args);
    buf_char(v->report, '\n');
    return false;
}

bool verify_readable(Verify *v) {
    if (!db_failed(v->db)) return true;
    return verify_wrong(v, "the database cannot be read: %s", v->db->error.message);
}

static void progress(Verify *v, const char *what) {
    if (v->progress) v->progress(what);
}

/* --- the database's own rules --- */

static bool schema_prove(Verify *v) {
    Buf missing = {0};
    bool ok = schema_missing(v->db, v->wanted, &missing);
    if (ok && missing.n) {
        Str rest, first = str_cut(buf_view(&missing), '\n', &rest);
        ok = verify_wrong(v, "schema: %.*s is missing or was changed", STR_ARG(first));
    }
    buf_free(&missing);
    return ok && verify_readable(v);
}

static bool check_prove(Verify *v, const Model *m, const char *check) {
    Buf sql = {0};
    buf_fmt(&sql, "SELECT id FROM %s WHERE NOT (", m->table.p);
    schema_check(check, false, &sql);
    buf_c(&sql, ") ORDER BY id LIMIT 1");
    Stmt *st = db_prepare(v->db, buf_view(&sql));
    bool ok = !stmt_step(st) ||
              verify_wrong(v, "%s %lld: %s does not hold", m->table.p, (long long)stmt_int(st, 0),
                           check);
    stmt_reset(st);
    buf_free(&sql);
    return ok && verify_readable(v);
}

static bool checks_prove(Verify *v) {
    const Registry *r = v->app->registry;
    for (int i = 0; i < r->n; i++)
        for (const char *const *check = r->models[i].resource->checks; check && *check; check++)
            if (!check_prove(v, &r->models[i], *check)) return false;
    return true;
}

static bool reference_wrong(Verify *v, Stmt *violation) {
    Str child = stmt_text(violation, 0), parent = stmt_text(violation, 2);
    Stmt *st = db_prepare(v->db, S("SELECT \"from\" FROM pragma_foreign_key_list(?1) "
                                   "WHERE id = ?2 ORDER BY seq DESC LIMIT 1"));
    stmt_bind_text(st, 1, child);
    stmt_bind_int(st, 2, stmt_int(violation, 3));
    Str column = stmt_step(st) ? stmt_text(st, 0) : STR_NONE;
    verify_wrong(v, "%.*s %lld: %.*s refers to no row of %.*s in its organization", STR_ARG(child),
                 (long long)stmt_int(violation, 1), STR_ARG(column), STR_ARG(parent));
    stmt_reset(st);
    return false;
}

static bool references_prove(Verify *v) {
    Stmt *st = db_prepare(v->db, S("PRAGMA foreign_key_check"));
    bool ok = !stmt_step(st) || reference_wrong(v, st);
    stmt_reset(st);
    return ok && verify_readable(v);
}

static bool integrity_prove(Verify *v) {
    Stmt *st = db_prepare(v->db, S("PRAGMA integrity_check(1)"));
    Str said = stmt_step(st) ? stmt_text(st, 0) : STR_NONE;
    bool ok = str_is(said, "ok") || verify_wrong(v, "database file: %.*s", STR_ARG(said));
    stmt_reset(st);
    return ok && verify_readable(v);
}

/* The file's pages and indexes take as long as everything else together, and
 * nothing of them is needed there: they are proved on a thread of their own. */
typedef struct {
    Verify v;
    pthread_t thread;
    Buf report;
    bool ok;
} FileProof;

static void *file_proof_run(void *arg) {
    FileProof *proof = arg;
    proof->ok = integrity_prove(&proof->v);
    return NULL;
}

static void file_proof_begin(const Verify *v, FileProof *proof) {
    *proof = (FileProof){.v = {.app = v->app, .db = v->file}};
    proof->v.report = &proof->report;
    if (v->file && pthread_create(&proof->thread, NULL, file_proof_run, proof) != 0)
        log_fatal("verify", "cannot start a thread");
}

static bool file_proof_end(Verify *v, FileProof *proof) {
    if (!v->file) return true;
    pthread_join(proof->thread, NULL);
    bool ok = proof->ok || verify_wrong(v, "%.*s", STR_ARG(str_trim(buf_view(&proof->report))));
    buf_free(&proof->report);
    return ok;
}

static bool file_prove(Verify *v) { return v->file || integrity_prove(v); }

/* --- documents --- */

/* select_sql with its condition replaced by one for all of an organization. */
static Str documents_sql(Arena *a, const Registry *r, const Model *m) {
    const char *where = strstr(m->select_sql.p, " WHERE ");
    Str head = {m->select_sql.p, where ? (size_t)(where - m->select_sql.p) : m->select_sql.n};
    Buf own = {0};
    model_rows_sql(r, m, &own);
    Str sql = arena_fmt(a, "%.*s WHERE t.%s = ?1%.*s ORDER BY t.id", STR_ARG(head), m->tenant.p, STR_ARG(buf_view(&own)));
    buf_free(&own);
    return sql;
}

static bool document_prove(Verify *v, Ctx *c, const Model *m, Stmt *st) {
    Row row;
    Str problem = STR_NONE;
    if (!row_from_stmt(c, m, st, &row)) return verify_readable(v);
    int64_t id = row.values[m->id].i;
    if (m->lines && !lines_load(c, m, id, &row)) return verify_readable(v);
    bool ok = !m->resource->prove || m->resource->prove(c, &row, &problem);
    for (int i = 0; ok && i < m->n_followers; i++)
        ok = !m->followers[i]->prove || m->followers[i]->prove(c, &row, &problem);
    if (db_failed(c->db)) return verify_readable(v);
    if (ok) {
        v->documents++;
        return true;
    }
    return verify_wrong(v, "%s %lld of organization %lld: %.*s", m->name.p, (long long)id,
                        (long long)c->organization_id, STR_ARG(problem));
}

static bool documents_prove(Verify *v, const Model *m, int64_t organization_id) {
    Arena statements, rows;
    Ctx c;
    bool ok = true;
    arena_init(&statements, (size_t)1 << 20);
    arena_init(&rows, ROW_ARENA_MAX);
    ctx_init(&c, v->app, &rows, NULL);
    c.db = v->db;
    c.organization_id = organization_id;
    Stmt *st = db_prepare(v->db, documents_sql(&statements, v->app->registry, m));
    stmt_bind_int(st, 1, organization_id);
    while (ok && stmt_step(st)) {
        ok = document_prove(v, &c, m, st);
        arena_reset(&rows);
    }
    stmt_reset(st);
    arena_free(&rows);
    arena_free(&statements);
    return ok && verify_readable(v);
}

/* --- all of it --- */

static bool has_proof(const Model *m) {
    bool any = m->resource->prove != NULL;
    for (int i = 0; i < m->n_followers; i++) any = any || m->followers[i]->prove;
    return any;
}

static bool organization_prove(Verify *v, int64_t id) {
    const Registry *r = v->app->registry;
    if (!verify_journal(v, id) || !verify_numbers(v, id)) return false;
    for (int i = 0; i < r->n; i++)
        if (has_proof(&r->models[i]) && !documents_prove(v, &r->models[i], id)) return false;
    v->organizations++;
    return true;
}

static bool organizations_prove(Verify *v) {
    Stmt *st = db_prepare(v->db, S("SELECT id FROM organizations ORDER BY id"));
    bool ok = true;
    while (ok && stmt_step(st)) ok = organization_prove(v, stmt_int(st, 0));
    stmt_reset(st);
    return ok && verify_readable(v);
}

static bool parts_prove(Verify *v) {
    static const struct {
        const char *what;
        bool (*prove)(Verify *v);
    } parts[] = {
        {"the schema", schema_prove},
        {"the rules of every row", checks_prove},
        {"every reference", references_prove},
        {"the journal, numbers and documents", organizations_prove},
        {"the end of the journal", verify_journal_end},
        {"the database file", file_prove},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        progress(v, parts[i].what);
        if (!parts[i].prove(v)) return false;
    }
    return true;
}

bool verify_all(Verify *v) {
    FileProof file;
    if (!db_begin_read(v->db)) return verify_readable(v);
    file_proof_begin(v, &file);
    bool ok = parts_prove(v);
    ok = file_proof_end(v, &file) && ok;
    db_end_read(v->db);
    return ok;
}
