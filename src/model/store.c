/* Inserting, updating and deleting rows, and what the database's refusals mean
 * to a client. */
#include "model/store.h"

#include <assert.h>

#include "model/journal.h"
#include "model/search_dialect.h"

static bool stored(const ModelField *f) { return !(f->flags & F_NO_COLUMN); }

static bool has_tenant_column(const Model *m) {
    return m->parent || (m->tenant.p && !(m->resource->flags & R_TENANT));
}

bool row_differs(const Row *a, const Row *b) {
    for (int i = 0; i < a->model->n; i++)
        if (!value_equal(&a->values[i], &b->values[i])) return true;
    return false;
}

static const ModelField *field_of_column(const Model *m, Str column) {
    for (int i = 0; i < m->n; i++)
        if (str_eq(m->fields[i].column, column)) return &m->fields[i];
    return NULL;
}

/* "orders.organization_id, orders.number" -> the last column's field. */
static const ModelField *violated_field(const Db *db, const Model *m) {
    Str rest = str_of(db->error.columns), last = STR_NONE;
    while (rest.n) last = str_trim(str_cut(rest, ',', &rest));
    Str column;
    str_cut(last, '.', &column);
    return column.p ? field_of_column(m, column) : NULL;
}

static bool store_fail(Ctx *c, const Model *m) {
    const ModelField *f = c->db->error.status == DB_UNIQUE ? violated_field(c->db, m) : NULL;
    if (!f) return db_fail(c->db, &c->err);
    db_clear_error(c->db);
    const char *what = m->resource->singular ? m->resource->singular : "record";
    fail(c, E_DUPLICATE, "another %s has this %s already", what, f->name.p);
    return error_issue(&c->err, f->name, "duplicate", "is taken");
}

static bool row_insert(Ctx *c, Row *row, int64_t parent_id, int position) {
    const Model *m = row->model;
    Stmt *st = db_prepare(c->db, ctx_returning(c, m->insert_sql));
    int at = 1;
    if (has_tenant_column(m)) stmt_bind_int(st, at++, c->organization_id);
    if (m->parent) {
        stmt_bind_int(st, at++, parent_id);
        stmt_bind_int(st, at++, position);
    }
    for (int i = 1; i < m->n; i++)
        if (stored(&m->fields[i])) stmt_bind(st, at++, row->values[i]);
    /* A number of the series that a client took itself is no end: the next one is tried. */
    if (!(m->number >= 0 ? stmt_try(st) : stmt_run(st))) return store_fail(c, m);
    row->values[m->id] = value_int(db_last_id(c->db));
    return true;
}

static bool lines_insert(Ctx *c, Row *row) {
    for (int i = 0; i < row->n_lines; i++)
        if (!row_insert(c, &row->lines[i], row->values[row->model->id].i, i + 1)) return false;
    return true;
}

bool store_insert(Ctx *c, Row *row) {
    return row_insert(c, row, 0, 0) && lines_insert(c, row) && store_words(c, NULL, row);
}

bool store_lines(Ctx *c, Row *row) {
    const Model *lines = row->model->lines;
    Str sql = arena_fmt(c->arena, "DELETE FROM %s WHERE organization_id = ?1 AND %s = ?2",
                        lines->table.p, lines->lines_decl->parent);
    Stmt *st = db_prepare(c->db, sql);
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind(st, 2, row->values[row->model->id]);
    if (!stmt_run(st)) return db_fail(c->db, &c->err);
    return lines_insert(c, row);
}

static Str update_sql(Ctx *c, const Change *ch) {
    const Model *m = ch->model;
    Buf b;
    buf_init(&b, 512, 64 * 1024);
    buf_c(&b, "UPDATE ");
    buf_str(&b, m->table);
    int at = 3;
    for (int i = 1; i < m->n; i++) {
        const ModelField *f = &m->fields[i];
        if (!stored(f) || value_equal(&ch->before->values[i], &ch->row->values[i])) continue;
        buf_c(&b, at > 3 ? ", " : " SET ");
        buf_str(&b, f->column);
        buf_c(&b, " = ?");
        buf_int(&b, at++);
    }
    buf_c(&b, " WHERE ");
    buf_str(&b, m->tenant);
    buf_c(&b, " = ?1 AND id = ?2");
    if (m->version >= 0) buf_c(&b, " AND version = ?");
    if (m->version >= 0) buf_int(&b, at);
    Str sql = arena_str(c->arena, buf_view(&b));
    buf_free(&b);
    return sql;
}

bool store_update(Ctx *c, const Change *ch) {
    const Model *m = ch->model;
    Stmt *st = db_prepare(c->db, update_sql(c, ch));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind(st, 2, ch->before->values[m->id]);
    int at = 3;
    for (int i = 1; i < m->n; i++) {
        if (!stored(&m->fields[i]) || value_equal(&ch->before->values[i], &ch->row->values[i]))
            continue;
        stmt_bind(st, at++, ch->row->values[i]);
    }
    if (m->version >= 0) stmt_bind(st, at, ch->before->values[m->version]);
    if (!stmt_run(st)) return store_fail(c, m);
    if (db_changes(c->db) == 1) return true;
    return fail(c, E_STALE, "the record changed in the meantime");
}

bool store_line_changes(Ctx *c, const Change *change) {
    for (int i = 0; i < change->row->n_lines; i++) {
        const Row *before = &change->before->lines[i];
        const Change line = {.model = before->model, .before = before, .row = &change->row->lines[i]};
        assert(value_equal(&before->values[0], &line.row->values[0]));
        if (!row_differs(before, line.row)) continue;
        if (!store_update(c, &line)) return false;
    }
    return true;
}

static bool refers(Ctx *c, const Model *from, const ModelField *f, int64_t id) {
    Str sql = arena_fmt(c->arena, "SELECT 1 FROM %s WHERE organization_id = ?1 AND %s = ?2 LIMIT 1",
                        from->table.p, f->column.p);
    Stmt *st = db_prepare(c->db, sql);
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_int(st, 2, id);
    bool found = stmt_step(st);
    stmt_reset(st);
    return found;
}

static bool referred_from(Ctx *c, const Model *m, const Model *from, int64_t id) {
    for (int i = 0; i < from->n; i++) {
        const ModelField *f = &from->fields[i];
        bool points = f->ref && str_eq(f->ref->table, m->table) && stored(f);
        if (points && !(from->resource->flags & R_GLOBAL) && refers(c, from, f, id)) return true;
    }
    return false;
}

static bool referenced_fail(Ctx *c, const Model *m, int64_t id) {
    db_clear_error(c->db);
    Buf names;
    buf_init(&names, 128, 4096);
    const Registry *r = c->app->registry;
    for (int i = 0; i < r->n; i++) {
        const Model *from = &r->models[i];
        bool found = referred_from(c, m, from, id);
        if (!found && from->lines) found = referred_from(c, m, from->lines, id);
        if (found) buf_fmt(&names, "%s%s", names.n ? ", " : "", from->name.p);
    }
    fail(c, E_REFERENCED, "this %s is still referred to by: %.*s", m->resource->singular,
         (int)names.n, names.n ? names.p : "");
    buf_free(&names);
    return false;
}

bool store_delete(Ctx *c, const Row *row) {
    const Model *m = row->model;
    int64_t id = row->values[m->id].i;
    Str sql = arena_fmt(c->arena, "DELETE FROM %s WHERE %s = ?1 AND id = ?2", m->table.p, m->tenant.p);
    Stmt *st = db_prepare(c->db, sql);
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_int(st, 2, id);
    if (stmt_try(st)) return store_words(c, row, NULL);
    if (c->db->error.status == DB_FOREIGN_KEY) return referenced_fail(c, m, id);
    return db_fail(c->db, &c->err);
}


static bool words_differ(const Row *before, const Row *after) {
    if (!before || !after) return true;
    const Model *m = before->model;
    for (int i = 0; i < m->n; i++)
        if (field_in_words(&m->fields[i]) && !value_equal(&before->values[i], &after->values[i]))
            return true;
    return false;
}

void store_words_text(const Ctx *c, const Row *row, Buf *b) {
    const SearchWords *words = search_words(c->db);
    const Model *m = row->model;
    words->begin(b, c->organization_id);
    for (int i = 0; i < m->n; i++) {
        if (!field_in_words(&m->fields[i]) || row->values[i].kind != V_TEXT) continue;
        buf_char(b, ' ');
        if (m->fields[i].type->words) m->fields[i].type->words(b, c->organization_id, &row->values[i], " ");
        if (m->fields[i].flags & F_SEARCH) words->text(b, c->organization_id, row->values[i].s);
    }
}

/* At the end of the batch where there is one, else at once. */
static bool words_store(Ctx *c, const Row *before, const Row *after) {
    Words *w = c->app->side ? c->app->side->words : NULL;
    const Model *m = (before ? before : after)->model;
    bool ok = true;
    Buf b;
    buf_init(&b, 256, BUF_DEFAULT_MAX);
    if (before && w)
        words_take(w, m, before->values[m->id].i);
    else if (before && !(after && search_words(c->db)->replaces))
        ok = words_delete(c->db, m, c->organization_id, before->values[m->id].i);
    if (after) store_words_text(c, after, &b);
    if (after && w)
        words_give(w, m, after->values[m->id].i, buf_view(&b));
    else if (after)
        ok = ok && words_insert(c->db, m, c->organization_id, after->values[m->id].i, buf_view(&b));
    buf_free(&b);
    return ok || db_fail(c->db, &c->err);
}

bool store_words(Ctx *c, const Row *before, const Row *after) {
    const Model *m = (before ? before : after)->model;
    return !m->searchable || !words_differ(before, after) || words_store(c, before, after);
}

/* How many parts there are: each has its number in the index's own table. */
static int64_t words_parts(Ctx *c, const Model *m) {
    const char *t = m->table.p;
    Stmt *st = db_prepare(c->db, arena_fmt(c->arena,
                          "WITH RECURSIVE part(id) AS (SELECT min(segid) FROM %s_search_idx UNION ALL SELECT"
                          " (SELECT min(segid) FROM %s_search_idx WHERE segid > part.id) FROM part WHERE id IS NOT NULL)"
                          " SELECT count(id) FROM part", t, t));
    int64_t n = stmt_step(st) ? stmt_int(st, 0) : 0;
    stmt_reset(st);
    return n;
}

/* It changes with every work on the parts. */
static uint64_t words_structure(Ctx *c, const Model *m) {
    Stmt *st = db_prepare(c->db, arena_fmt(c->arena, "SELECT block FROM %s_search_data WHERE id = 10", m->table.p));
    uint64_t hash = stmt_step(st) ? str_hash(stmt_text(st, 0)) : 0;
    stmt_reset(st);
    return hash;
}

bool store_words_merge(Ctx *c, const Model *m, int64_t pages, bool *more) {
    *more = m->searchable && search_words(c->db)->merges && words_parts(c, m) > 1;
    if (!*more) return !db_failed(c->db) || db_fail(c->db, &c->err);
    uint64_t before = words_structure(c, m);
    Str sql = arena_fmt(c->arena, "INSERT INTO %s_search (%s_search, rank) VALUES ('merge', ?1)", m->table.p, m->table.p);
    Stmt *st = db_prepare(c->db, sql);
    stmt_bind_int(st, 1, pages);
    if (!stmt_run(st)) return db_fail(c->db, &c->err);
    *more = words_structure(c, m) != before;
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}

/* What a customer's user writes for others to see refers to nothing but what is
 * that customer's. */
static bool client_bound(const Ctx *c, const ModelField *f) { return c->client_id && f->model->client >= 0; }

/* SELECT id, display FROM the referenced table by id or by its key field. */
static Stmt *reference_lookup(Ctx *c, const ModelField *f, const Value *v) {
    const Model *ref = f->ref;
    const Resource *r = ref->resource;
    const char *display = ref->display >= 0 ? ref->fields[ref->display].column.p : "NULL";
    const char *by = v->kind == V_TEXT ? model_field(ref, r->key)->column.p : "id";
    bool client = client_bound(c, f);
    Buf b;
    buf_init(&b, 256, 4096);
    buf_fmt(&b, "SELECT id, %s FROM %s WHERE ", display, ref->table.p);
    if (ref->tenant.p) buf_fmt(&b, "%s = ?1 AND ", ref->tenant.p);
    buf_fmt(&b, "%s = ?%d", by, ref->tenant.p ? 2 : 1);
    if (model_only(ref)) buf_fmt(&b, " AND %s = '%s'", model_only(ref), r->only.value);
    if (client) buf_fmt(&b, " AND %s = ?3", ref->fields[ref->client].column.p);
    Stmt *st = db_prepare(c->db, arena_str(c->arena, buf_view(&b)));
    buf_free(&b);
    if (ref->tenant.p) stmt_bind_int(st, 1, c->organization_id);
    stmt_bind(st, ref->tenant.p ? 2 : 1, *v);
    if (client) stmt_bind_int(st, 3, c->client_id);
    return st;
}

static void reference_unknown(Ctx *c, Row *row, const ModelField *f, Str prefix) {
    Value *v = &row->values[f->index];
    if (f->found_by) {
        *v = VALUE_NULL;
    } else if (!(f->flags & F_OPEN_REF) || v->kind == V_TEXT) {
        Str path = prefix.n ? arena_fmt(c->arena, "%.*s%s", STR_ARG(prefix), f->name.p) : f->name;
        error_issue(&c->err, path, "unknown_reference", "refers to no existing %s",
                    f->ref->resource->singular ? f->ref->resource->singular : "record");
    }
}

static void reference_resolve(Ctx *c, Row *row, const ModelField *f, Str prefix) {
    Value *v = &row->values[f->index];
    if (client_bound(c, f) && f->ref->client < 0) {
        reference_unknown(c, row, f, prefix);
        return;
    }
    Stmt *st = reference_lookup(c, f, v);
    if (stmt_step(st)) {
        *v = value_int(stmt_int(st, 0));
        row->names[f->index] = arena_str(c->arena, stmt_text(st, 1));
    } else if (!db_failed(c->db)) {
        reference_unknown(c, row, f, prefix);
    }
    stmt_reset(st);
}

bool references_resolve(Ctx *c, Row *row, const FieldSet *which, Str prefix) {
    const Model *m = row->model;
    int before = c->err.n_issues;
    for (int i = 0; i < m->n; i++) {
        const ModelField *f = &m->fields[i];
        if (!f->ref || !set_has(which, i)) continue;
        if (f->found_by && row->values[i].kind == V_NULL) row->values[i] = row->values[f->found_by->index];
        if (row->values[i].kind == V_NULL) continue;
        if ((f->flags & F_CHECKED) && row->values[i].kind == V_INT) continue;
        if (i == m->created_by && row->values[i].i == c->user_id)
            row->names[i] = c->username; /* the caller: known already */
        else
            reference_resolve(c, row, f, prefix);
    }
    if (!subject_resolve(c, row, which) || db_failed(c->db)) return db_fail(c->db, &c->err);
    return c->err.n_issues == before;
}

int row_state(const Row *row) {
    const Model *m = row->model;
    if (m->status < 0) return -1;
    return choice_index(&m->fields[m->status], row->values[m->status].s);
}

int transition_path(const Model *m, int from, int to, int *steps, int max) {
    int came_by[33], came_from[33], queue[33], head = 0, tail = 0;
    for (int i = 0; i < 33; i++) came_by[i] = -1;
    if (from == to) return 0;
    queue[tail++] = from;
    while (head < tail && came_by[to] < 0) {
        int state = queue[head++];
        if (state != from && m->resource->done_states >> state & 1) continue;
        for (size_t i = 0; i < m->resource->n_actions; i++) {
            const Action *a = &m->resource->actions[i];
            if (!(a->from >> state & 1) || a->to == STAY || a->to == from || came_by[a->to] >= 0) continue;
            came_by[a->to] = (int)i;
            came_from[a->to] = state;
            queue[tail++] = a->to;
        }
    }
    if (came_by[to] < 0) return -1;
    int n = 0, at = to;
    while (at != from) n++, at = came_from[at];
    if (n > max) return -1;
    for (int i = n, state = to; i > 0; i--, state = came_from[state]) steps[i - 1] = came_by[state];
    return n;
}

Str transition_names(Ctx *c, const Model *m, int from) {
    Buf b;
    buf_init(&b, 128, 4096);
    for (size_t i = 0; i < m->resource->n_actions; i++) {
        const Action *a = &m->resource->actions[i];
        if (a->from >> from & 1) buf_fmt(&b, "%s%s", b.n ? ", " : "", a->name);
    }
    Str names = b.n ? arena_str(c->arena, buf_view(&b)) : S("nothing");
    buf_free(&b);
    return names;
}
