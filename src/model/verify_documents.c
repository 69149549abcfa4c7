/* Every document of an organization by its resource's own rules, and by those
 * of who follows it: totals, sums over others, stock. */
#include "model/read.h"
#include "model/verify_parts.h"

#define ROW_ARENA_MAX ((size_t)256 << 20)

bool verify_has_documents(const Model *m) {
    bool any = m->resource->prove != NULL;
    for (int i = 0; i < m->n_followers; i++) any = any || m->followers[i]->prove;
    return any;
}

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

static bool document_prove(Prover *p, Ctx *c, const Model *m, Stmt *st) {
    Row row;
    Str problem = STR_NONE;
    if (!row_from_stmt(c, m, st, &row)) return verify_readable(p);
    int64_t id = row.values[m->id].i;
    if (m->lines && !lines_load(c, m, id, &row)) return verify_readable(p);
    bool ok = !m->resource->prove || m->resource->prove(c, &row, &problem);
    for (int i = 0; ok && i < m->n_followers; i++)
        ok = !m->followers[i]->prove || m->followers[i]->prove(c, &row, &problem);
    if (db_failed(c->db)) return verify_readable(p);
    if (ok) {
        p->documents++;
        return true;
    }
    return verify_wrong(p, "%s %lld of organization %lld: %.*s", m->name.p, (long long)id,
                        (long long)c->organization_id, STR_ARG(problem));
}

bool verify_documents(Prover *p, const Part *part) {
    Arena statements, rows;
    Ctx c;
    bool ok = true;
    arena_init(&statements, (size_t)1 << 20);
    arena_init(&rows, ROW_ARENA_MAX);
    ctx_init(&c, p->app, &rows, NULL);
    c.db = p->db;
    c.organization_id = part->organization_id;
    Stmt *st = db_prepare(p->db, documents_sql(&statements, p->app->registry, part->model));
    stmt_bind_int(st, 1, part->organization_id);
    stmt_expect_many(st);
    while (ok && stmt_step(st)) {
        ok = document_prove(p, &c, part->model, st);
        arena_reset(&rows);
    }
    stmt_reset(st);
    arena_free(&rows);
    arena_free(&statements);
    return ok && verify_readable(p);
}
