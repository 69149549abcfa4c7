/* Stored records as rows in memory, and printing them; see read.h. */
#include "model/read.h"

#include "model/plan.h"

static Str copied(Ctx *c, Str s) { return s.p ? arena_str(c->arena, s) : STR_NONE; }

static bool row_read(Ctx *c, const Model *m, Stmt *st, Row *row, bool names) {
    int column = 0;
    *row = row_new(c->arena, m);
    for (int i = 0; i < m->n; i++) {
        const ModelField *f = &m->fields[i];
        if (!field_stored(f)) continue;
        row->values[i] = stmt_value(st, column++);
        if (row->values[i].kind == V_TEXT) row->values[i].s = copied(c, row->values[i].s);
        if (names && f->name_key.p) row->names[i] = copied(c, stmt_text(st, column++));
    }
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}

bool row_from_stmt(Ctx *c, const Model *m, Stmt *st, Row *row) { return row_read(c, m, st, row, true); }

bool row_bare_from_stmt(Ctx *c, const Model *m, Stmt *st, Row *row) { return row_read(c, m, st, row, false); }

bool lines_load(Ctx *c, const Model *m, int64_t parent_id, Row *parent) {
    int cap = 8;
    Stmt *st = db_prepare(c->db, m->lines->lines_sql);
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_int(st, 2, parent_id);
    parent->lines = ARENA_ARRAY(c->arena, Row, (size_t)cap);
    parent->n_lines = 0;
    while (stmt_step(st)) {
        if (parent->n_lines == cap) {
            Row *more = ARENA_ARRAY(c->arena, Row, (size_t)cap * 2);
            memcpy(more, parent->lines, sizeof(Row) * (size_t)cap);
            parent->lines = more;
            cap *= 2;
        }
        if (!row_from_stmt(c, m->lines, st, &parent->lines[parent->n_lines++])) break;
    }
    stmt_reset(st);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}

static void members_write(Json *j, const View *v, const Row *row, FieldSet some) {
    for (int i = 0; i < v->model->n; i++) {
        const ModelField *f = &v->model->fields[i];
        if (!field_shown(f) || !set_has(&some, i) || set_has(&v->hidden, i)) continue;
        js_raw_key(j, v->keys[i]);
        f->type->to_json(j, &row->values[i]);
        if (!f->name_key.p) continue;
        js_raw_key(j, f->name_key);
        js_str(j, row->names[i]);
    }
}

void row_write(Ctx *c, const View *v, const Row *row) {
    const Model *m = v->model;
    js_begin_object(&c->out);
    members_write(&c->out, v, row, set_all());
    if (m->lines) {
        js_raw_key(&c->out, m->lines_key);
        js_begin_array(&c->out);
        for (int i = 0; i < row->n_lines; i++) {
            js_begin_object(&c->out);
            members_write(&c->out, &m->lines->views[0], &row->lines[i], set_all());
            js_end_object(&c->out);
        }
        js_end_array(&c->out);
    }
    js_end_object(&c->out);
}

void row_write_some(Ctx *c, const View *v, const Row *row, FieldSet some) {
    js_begin_object(&c->out);
    members_write(&c->out, v, row, some);
    js_end_object(&c->out);
}
