/* Plans: which columns a statement selects, and how the row it stands on
 * becomes the members of a JSON object, straight from the statement into the
 * answer. */
#include "model/plan.h"

static bool selected(const ModelField *f, const FieldSet *printed, const FieldSet *needed) {
    if (!field_stored(f)) return false;
    return set_has(needed, f->index) || (set_has(printed, f->index) && field_shown(f));
}

void plan_make(Ctx *c, Plan *p, const View *v, FieldSet printed, FieldSet needed) {
    const Model *m = v->model;
    for (int i = 0; i < 2; i++) printed.w[i] &= ~v->hidden.w[i];
    *p = (Plan){.model = m, .cells = ARENA_ARRAY(c->arena, Cell, (size_t)m->n)};
    for (int i = 0; i < m->n; i++) {
        const ModelField *f = &m->fields[i];
        p->column_of[i] = -1;
        if (!selected(f, &printed, &needed)) continue;
        p->column_of[i] = (int16_t)p->n_columns++;
        if (f->name_key.p) p->n_columns++;
        if (set_has(&printed, i) && field_shown(f))
            p->cells[p->n_cells++] = (Cell){f, v->keys[i], p->column_of[i], NULL};
    }
}

/* The display name of the record a reference points to. A subquery rather than
 * a join: the database works it out for the rows of the page only, not for
 * those it skips or sorts away. */
static void name_select(Sql *s, const ModelField *f) {
    const Model *ref = f->ref;
    sql_add(s, S(", (SELECT r."));
    sql_add(s, ref->fields[ref->display].column);
    sql_add(s, S(" FROM "));
    sql_add(s, ref->table);
    sql_add(s, S(" r WHERE r."));
    sql_add(s, ref->tenant);
    sql_add(s, S(" = ?1 AND r.id = "));
    sql_column(s, f->column);
    sql_add(s, S(")"));
}

void plan_select(Sql *s, const Plan *p) {
    bool first = true;
    for (int i = 0; i < p->model->n; i++) {
        const ModelField *f = &p->model->fields[i];
        if (p->column_of[i] < 0) continue;
        if (!first) sql_add(s, S(", "));
        first = false;
        sql_column(s, f->column);
        if (f->name_key.p) name_select(s, f);
    }
}

void plan_write(Json *j, const Plan *p, Stmt *st, Layer *holes) {
    for (int i = 0; i < p->n_cells; i++) {
        const Cell *cell = &p->cells[i];
        Value v = stmt_value(st, cell->column);
        js_raw_key(j, cell->key);
        cell->field->type->to_json(j, &v);
        if (cell->field->name_key.p) {
            js_raw_key(j, cell->field->name_key);
            js_str(j, stmt_text(st, cell->column + 1));
        }
        if (cell->object) layer_hole(holes, j, cell->object, v.i);
    }
}
