/* What a record is about: two fields that name a record of any resource of the
 * business ("sales-orders", 7). The database cannot hold such a reference, so
 * that it is looked up when it is made, and looked for when its record goes. */
#include "model/store.h"

static bool can_be_subject(const Model *m) {
    return !(m->resource->flags & (R_INTERNAL | R_VIRTUAL | R_SYSTEM | R_PERSONAL | R_TENANT | R_SINGLETON | R_GLOBAL));
}

static bool is_given(const Row *row, int at) { return row->values[at].kind != V_NULL; }

static void record_check(Ctx *c, const Row *row, const Model *about) {
    const Model *m = row->model;
    const Value id = row->values[m->subject_id];
    Row found;
    for (int i = 0; i < m->n; i++)
        if (m->fields[i].ref == about) {
            error_issue(&c->err, m->fields[m->subject_resource].name, "field", "has a field of its own: say %s",
                        m->fields[i].name.p);
            return;
        }
    if (!record_seek(c, about, &(Seek){"id = ?2", &id, 1}, &found) && !db_failed(c->db))
        error_issue(&c->err, m->fields[m->subject_id].name, "unknown_reference", "refers to no existing %s",
                    about->resource->singular);
}

bool subject_resolve(Ctx *c, Row *row, const FieldSet *which) {
    const Model *m = row->model;
    int resource = m->subject_resource, id = m->subject_id;
    if (m->parent || resource < 0 || (!set_has(which, resource) && !set_has(which, id))) return true;
    if (!is_given(row, resource) && !is_given(row, id)) return true;
    if (is_given(row, resource) != is_given(row, id)) {
        const ModelField *missing = &m->fields[is_given(row, id) ? resource : id];
        error_issue(&c->err, missing->name, "required", "is required with %s",
                    m->fields[is_given(row, id) ? id : resource].name.p);
        return true;
    }
    const View *v = registry_view(c->app->registry, row->values[resource].s);
    if (!v || !can_be_subject(v->model)) {
        error_issue(&c->err, m->fields[resource].name, "unknown_reference", "is no resource with records");
        return true;
    }
    row->values[resource] = value_text(v->model->name);
    record_check(c, row, v->model);
    return !db_failed(c->db);
}

static bool is_about(Ctx *c, const Model *m, const Row *row) {
    Stmt *st = db_prepare(c->db, arena_fmt(c->arena, "SELECT 1 FROM %s WHERE organization_id = ?1 AND %s = ?2 AND %s = ?3 LIMIT 1",
                                           m->table.p, m->fields[m->subject_resource].column.p,
                                           m->fields[m->subject_id].column.p));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_text(st, 2, row->model->name);
    stmt_bind(st, 3, row->values[row->model->id]);
    bool found = stmt_step(st);
    stmt_reset(st);
    return found;
}

bool subject_free(Ctx *c, const Row *row) {
    const Registry *r = c->app->registry;
    for (int i = 0; i < r->n && can_be_subject(row->model); i++) {
        const Model *m = &r->models[i];
        if (m->subject_resource >= 0 && is_about(c, m, row))
            return fail(c, E_REFERENCED, "this %s is still referred to by: %s", row->model->resource->singular, m->name.p);
    }
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}
