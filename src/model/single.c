/* The one record of an organization; see single.h. */
#include "model/single.h"

#include "model/read.h"

bool single_find(Ctx *c, const Model *m, int64_t *id) {
    Stmt *st = db_prepare(c->db, arena_fmt(c->arena, "SELECT id FROM %s WHERE organization_id = ?1", m->table.p));
    stmt_bind_int(st, 1, c->organization_id);
    *id = stmt_step(st) ? stmt_int(st, 0) : 0;
    stmt_reset(st);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}

/* What only a write could tell (when, by whom) is null. */
static void fallbacks_write(Ctx *c, const Query *q) {
    const Model *m = q->model;
    Row row = row_new(c->arena, m);
    for (int i = 0; i < m->n; i++)
        if (m->fields[i].fallback == FALLBACK_VALUE) row.values[i] = m->fields[i].fallback_value;
    row.values[m->version] = value_int(0);
    row_write_some(c, q->view, &row, q->fields);
}

bool single_write(Ctx *c, const Query *q, int64_t *version) {
    int64_t id;
    *version = 0;
    if (!single_find(c, q->model, &id)) return false;
    if (id) return query_one(c, q, id, version);
    fallbacks_write(c, q);
    return true;
}

bool single_update(Ctx *c, const Model *m, Input *in, Row *out) {
    int64_t id;
    if (!single_find(c, m, &id)) return false;
    if (id) return record_update(c, m, id, in, out);
    if (c->if_match > 0) return fail(c, E_STALE, "the %s were never changed: their version is 0", m->resource->singular);
    return record_create(c, m, in, out);
}
