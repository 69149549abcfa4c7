/* Merging two records. References are walked by the registry, a chunk of
 * records at a time in an arena of its own, so that memory does not grow with
 * their number. A reference that moves is not the business of the rules of the
 * record that has it (a delivered order moves as well), but of those who
 * follow it: they keep figures per customer. */
#include "model/merge.h"

#include "model/store.h"

#define CHUNK       200
#define CHUNK_BYTES ((size_t)256 << 20)

typedef struct {
    Ctx *c;
    const Model *model;
    int64_t from, into;
} Merge;

/* --- references --- */

/* Records of `owner` whose field (their own, or one of their lines') refers to
 * `from`: the ids of the first of them, of a shared table those that are owner's. A record that has moved is not found
 * again. */
static bool referrers(const Merge *m, const ModelField *f, int64_t *ids, int *n) {
    Ctx *c = m->c;
    const Model *at = f->model;
    const Model *owner = at->parent ? at->parent : at;
    Buf sql;
    buf_init(&sql, 256, 4096);
    if (at->parent)
        buf_fmt(&sql, "SELECT DISTINCT t.id FROM %s l JOIN %s t ON t.id = l.%s WHERE l.organization_id = ?1 AND l.%s = ?2",
                at->table.p, owner->table.p, at->lines_decl->parent, f->column.p);
    else
        buf_fmt(&sql, "SELECT t.id FROM %s t WHERE t.organization_id = ?1 AND t.%s = ?2", at->table.p, f->column.p);
    model_rows_sql(c->app->registry, owner, &sql);
    buf_fmt(&sql, " LIMIT %d", CHUNK);
    Stmt *st = db_prepare(c->db, arena_str(c->arena, buf_view(&sql)));
    buf_free(&sql);
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_int(st, 2, m->from);
    for (*n = 0; *n < CHUNK && stmt_step(st); (*n)++) ids[*n] = stmt_int(st, 0);
    stmt_reset(st);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}

static bool refers(const Merge *m, const Row *row, const ModelField *f) {
    return row->values[f->index].kind == V_INT && row->values[f->index].i == m->from;
}

/* A record does not come to refer to itself: its parent would be its child. */
static Value target(const Merge *m, const Change *ch) {
    bool self = ch->model == m->model && ch->before->values[0].i == m->into;
    return self ? VALUE_NULL : value_int(m->into);
}

static bool reference_move(const Merge *m, const ModelField *f, int64_t id) {
    Ctx *c = m->c;
    const Model *owner = f->model->parent ? f->model->parent : f->model;
    Row before, row;
    if (!record_load(c, owner, id, &before)) return false;
    row = row_copy(c->arena, &before);
    Change ch = {.model = owner, .verb = "update", .before = &before, .row = &row};
    if (f->model == owner) {
        row.values[f->index] = target(m, &ch);
        set_add(&ch.given, f->index);
    } else {
        for (int i = 0; i < row.n_lines; i++)
            if (refers(m, &before.lines[i], f)) change_line(c, &ch, i)->values[f->index] = value_int(m->into);
    }
    return change_keep(c, &ch);
}

static bool chunk_move(Merge *m, const ModelField *f, bool *more) {
    int64_t ids[CHUNK];
    int n;
    if (!referrers(m, f, ids, &n)) return false;
    for (int i = 0; i < n; i++)
        if (!reference_move(m, f, ids[i])) return false;
    *more = n == CHUNK;
    return true;
}

/* What is found wrong stays in the request's own arena. */
static bool field_move(Merge *m, const ModelField *f) {
    Ctx *c = m->c;
    Arena *own = c->arena, chunk;
    bool ok = true, more = true;
    arena_init(&chunk, CHUNK_BYTES);
    c->arena = &chunk;
    while (ok && more) {
        ok = chunk_move(m, f, &more);
        if (ok) arena_reset(&chunk);
    }
    c->arena = own;
    arena_free(&chunk);
    return ok;
}

static bool field_fixed(const Merge *m, const ModelField *f) {
    int64_t ids[CHUNK];
    int n = 0;
    bool fixed = (f->model->resource->flags & R_APPEND_ONLY) && !(f->flags & F_DERIVED);
    if (!fixed || !referrers(m, f, ids, &n) || !n) return false;
    fail(m->c, E_CONFLICT, "%s refer to the other %s and are never changed: deactivate it instead", f->model->name.p,
         m->model->resource->singular);
    return true;
}

static bool model_move(Merge *m, const Model *from) {
    for (int i = 0; i < from->n; i++) {
        const ModelField *f = &from->fields[i];
        if (!f->ref || !str_eq(f->ref->table, m->model->table) || (f->flags & F_NO_COLUMN)) continue;
        if (field_fixed(m, f) || !field_move(m, f)) return false;
    }
    return true;
}

static bool references_move(Merge *m) {
    const Registry *r = m->c->app->registry;
    for (int i = 0; i < r->n; i++) {
        const Model *from = &r->models[i];
        if (from->resource->flags & (R_VIRTUAL | R_GLOBAL)) continue;
        if (!model_move(m, from) || (from->lines && !model_move(m, from->lines))) return false;
    }
    return true;
}

/* --- fields --- */

/* An address is taken as a whole or not at all. */
static bool together_free(const Row *row) {
    const Model *m = row->model;
    for (int i = 0; i < m->n; i++)
        if (str_listed(m->resource->together, m->fields[i].name) && row->values[i].kind != V_NULL) return false;
    return true;
}

static void fields_fill(Change *ch, const Row *other) {
    const Model *m = ch->model;
    bool free = together_free(ch->row);
    for (int i = 1; i < m->n; i++) {
        const ModelField *f = &m->fields[i];
        bool client = !(f->flags & (F_READONLY | F_HIDDEN | F_NO_COLUMN | F_DERIVED));
        if (!client || ch->row->values[i].kind != V_NULL || other->values[i].kind == V_NULL) continue;
        if (str_listed(m->resource->together, f->name) && !free) continue;
        ch->row->values[i] = other->values[i];
        set_add(&ch->given, i);
    }
}

static bool other_delete(Merge *m) {
    Ctx *c = m->c;
    int64_t if_match = c->if_match;
    c->if_match = -1;
    bool ok = record_delete(c, m->model, m->from);
    c->if_match = if_match;
    return ok;
}

/* The record is read again: those who follow may have changed its figures. */
static bool record_fill(Merge *m, const Row *other, Row *out) {
    Row before;
    if (!record_load(m->c, m->model, m->into, &before)) return false;
    *out = row_copy(m->c->arena, &before);
    Change ch = {.model = m->model, .verb = "merge", .before = &before, .row = out};
    fields_fill(&ch, other);
    return change_keep(m->c, &ch) && record_load(m->c, m->model, m->into, out);
}

static bool other_load(Ctx *c, const Model *m, int64_t id, Row *other) {
    int64_t if_match = c->if_match;
    c->if_match = -1; /* it is for the record that stays */
    bool ok = record_claim(c, m, id, MAY_DELETE, other);
    c->if_match = if_match;
    if (ok || c->err.kind != E_NOT_FOUND) return ok;
    error_clear(&c->err);
    return error_issue(&c->err, S("from"), "unknown_reference", "refers to no existing %s", m->resource->singular);
}

bool record_merge(Ctx *c, Call *call) {
    const Model *model = call->view->model;
    Merge m = {.c = c, .model = model, .into = call->id, .from = call_value(call, "from").i};
    Row row, other;
    if (!record_claim(c, model, call->id, MAY_UPDATE, &row) || !record_claim(c, model, call->id, MAY_DELETE, &row))
        return false;
    if (m.from == m.into) return error_issue(&c->err, S("from"), "same", "is this %s itself", model->resource->singular);
    if (!other_load(c, model, m.from, &other) || !references_move(&m) || !other_delete(&m) ||
        !record_fill(&m, &other, &row))
        return false;
    row_write(c, call->view, &row);
    return true;
}
