/* The fields of a resource, of its lines and of an action's body, as web forms,
 * lists and filters need them. A flag that is not there is false. */
#include "api/meta.h"

#define COLUMNS_MAX 7 /* of a list, where nothing is chosen */

/* --- which columns a list shows --- */

static bool is_common(const ModelField *f) {
    const Model *m = f->model;
    int i = f->index;
    return i == m->id || i == m->version || i == m->created_by || i == m->created_at || i == m->updated_at;
}

/* Of a reference: the field that keeps its record's name, or its key; NULL: there is none. */
static const ModelField *snapshot(const ModelField *f) {
    for (int i = 0; f->model && i < f->model->n; i++)
        if (f->model->fields[i].snapshot_of == f && field_shown(&f->model->fields[i])) return &f->model->fields[i];
    return f->found_by;
}

/* How much a column tells somebody who looks for a record; 0: nothing. */
static int column_weight(const ModelField *f) {
    const Model *m = f->model;
    if (!field_shown(f) || is_common(f) || f->type->multiline || f->index == m->subject_id) return 0;
    if (f->index == m->display) return 100;
    if (f->index == m->status) return 90;
    if (f->index == m->due) return 80;
    if (f->flags & F_SUM) return 75;
    if (f->snapshot_of && (f->flags & (F_FILTER | F_SORT))) return 70;
    if (f->flags & F_DERIVED && strstr("money quantity", f->type->widget)) return 58;
    if (f->ref) return snapshot(f) ? 0 : f->flags & F_FILTER ? 55 : 0;
    if (f->flags & F_SORT) return 60;
    if (f->decl->choices && (f->flags & F_FILTER)) return 50;
    if (f->flags & (F_SEARCH | F_FILTER)) return 30;
    return m->resource->flags & (R_READ_ONLY | R_APPEND_ONLY) ? 20 : 0;
}

static FieldSet columns_of(const View *v) {
    FieldSet columns = {0};
    for (int n = 0, best = 0; n < COLUMNS_MAX && best >= 0; n++) {
        best = -1;
        for (int i = 0, most = 0; i < v->model->n; i++) {
            if (set_has(&columns, i) || set_has(&v->hidden, i)) continue;
            int weight = column_weight(&v->model->fields[i]);
            if (weight > most) most = weight, best = i;
        }
        if (best >= 0) set_add(&columns, best);
    }
    return columns;
}

/* --- one field --- */

static void flag(Meta *m, const char *name, bool set) {
    if (!set) return;
    js_key(m->j, str_of(name));
    js_bool(m->j, true);
}

static void choices_write(Meta *m, const ModelField *f) {
    if (!f->decl->choices) return;
    js_key(m->j, S("choices"));
    js_begin_array(m->j);
    for (const Choice *c = f->decl->choices; c->name; c++) {
        js_begin_object(m->j);
        js_field_c(m->j, "name", c->name);
        js_field_str(m->j, "label", meta_label(m->c->arena, str_of(c->name)));
        js_field_c(m->j, "tone", meta_tone(c));
        js_end_object(m->j);
    }
    js_end_array(m->j);
}

static void operators_write(Meta *m, const ModelField *f) {
    static const struct {
        unsigned bit;
        const char *names;
    } operators[] = {
        {OPS_EQUAL, "\"eq\",\"ne\",\"in\",\"isnull\""},
        {OPS_RANGE, "\"gt\",\"gte\",\"lt\",\"lte\""},
        {OPS_TEXT, "\"contains\",\"startswith\""},
        {OPS_MANY, "\"eq\",\"in\",\"isnull\""},
    };
    if (!field_filterable(f)) return;
    js_key(m->j, S("filter"));
    js_begin_array(m->j);
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (f->type->operators & operators[i].bit) js_raw(m->j, str_of(operators[i].names));
    js_end_array(m->j);
}

static void limits_write(Meta *m, const ModelField *f) {
    if (f->min.kind == V_INT) {
        js_key(m->j, S("min"));
        f->type->to_json(m->j, &f->min);
    }
    if (f->max.kind == V_INT) {
        js_key(m->j, S("max"));
        f->type->to_json(m->j, &f->max);
    }
    int length = openapi_length(f);
    if (length) js_field_int(m->j, "max_length", length);
}

static void default_write(Meta *m, const ModelField *f) {
    if (f->fallback == FALLBACK_NONE) return;
    js_key(m->j, S("default"));
    if (f->fallback == FALLBACK_VALUE)
        f->type->to_json(m->j, &f->fallback_value);
    else
        js_c(m->j, f->decl->fallback);
}

/* Where a reference leads, for those who may go there. */
static void reference_write(Meta *m, const ModelField *f) {
    const View *v = f->ref ? meta_readable(m->c, f->ref) : NULL;
    if (v) js_field_str(m->j, "resource", f->ref->name);
    const ModelField *kept = f->ref ? snapshot(f) : NULL;
    if (f->name_key.p)
        js_field_str(m->j, "name_field", ((Str){f->name_key.p + 1, f->name_key.n - 3}));
    else if (kept)
        js_field_str(m->j, "name_field", kept->name);
}

/* Begins the object of a field, with what every table of fields says. */
static void field_begin(Meta *m, const ModelField *f, Str name) {
    js_begin_object(m->j);
    js_field_str(m->j, "name", name);
    js_field_str(m->j, "label", meta_field_label(m->c->arena, f, name));
    js_field_c(m->j, "type", f->type->name);
    js_field_c(m->j, "widget", f->type->widget);
    if (f->decl->help && *f->decl->help) js_field_c(m->j, "help", f->decl->help);
    choices_write(m, f);
    reference_write(m, f);
    limits_write(m, f);
    default_write(m, f);
}

static bool moved_by_actions(const Model *model) {
    for (size_t i = 0; i < model->resource->n_actions; i++)
        if (model->resource->actions[i].from) return true;
    return false;
}

/* A status is changed by its actions where there are some. */
static bool in_form(const ModelField *f, Side side) {
    if (f->index == f->model->status && (moved_by_actions(f->model) || (f->flags & F_READONLY))) return false;
    return openapi_writable(f, side);
}

static void field_write(Meta *m, const View *v, int i, const FieldSet *columns) {
    const ModelField *f = &v->model->fields[i];
    field_begin(m, f, v->names[i]);
    flag(m, "hidden", !field_shown(f));
    flag(m, "common", is_common(f));
    flag(m, "create", in_form(f, SIDE_CREATE));
    flag(m, "update", in_form(f, SIDE_UPDATE));
    flag(m, "required", openapi_required(f, SIDE_CREATE));
    flag(m, "late", f->flags & F_LATE);
    flag(m, "sort", field_sortable(f));
    flag(m, "search", (f->flags & F_SEARCH) && field_shown(f));
    flag(m, "sum", f->flags & F_SUM);
    flag(m, "numbered", f->decl->series);
    flag(m, "column", set_has(columns, i));
    if (f->snapshot_of) js_field_str(m->j, "snapshot_of", f->snapshot_of->name);
    operators_write(m, f);
    js_end_object(m->j);
}

static bool tellable(const View *v, int i) {
    const ModelField *f = &v->model->fields[i];
    if (set_has(&v->hidden, i)) return false;
    return field_shown(f) || (!(f->flags & F_READONLY) && openapi_writable(f, SIDE_CREATE));
}

static void fields_write(Meta *m, const View *v) {
    FieldSet columns = columns_of(v);
    js_key(m->j, S("fields"));
    js_begin_array(m->j);
    for (int i = 0; i < v->model->n; i++)
        if (tellable(v, i)) field_write(m, v, i, &columns);
    js_end_array(m->j);
}

void meta_fields(Meta *m, const View *v) {
    const Model *model = v->model;
    fields_write(m, v);
    if (!model->lines) return;
    js_key(m->j, S("lines"));
    js_begin_object(m->j);
    js_field_c(m->j, "name", model->lines_decl->name);
    js_field_str(m->j, "label", meta_label(m->c->arena, str_of(model->lines_decl->name)));
    js_field_int(m->j, "max", model->lines_decl->max);
    flag(m, "update", openapi_has_lines(model, SIDE_UPDATE));
    fields_write(m, &model->lines->views[0]);
    js_end_object(m->j);
}

/* --- the body of an action --- */

static void inputs_write(Meta *m, const Field *fields, size_t n) {
    js_key(m->j, S("fields"));
    js_begin_array(m->j);
    for (size_t i = 0; i < n; i++) {
        ModelField f = openapi_input_field(m->o, &fields[i], (int)i);
        if (fields[i].fallback) f.fallback = FALLBACK_NONE; /* the server's business */
        field_begin(m, &f, f.name);
        flag(m, "required", openapi_required(&f, SIDE_CREATE));
        js_end_object(m->j);
    }
    js_end_array(m->j);
}

void meta_inputs(Meta *m, const Action *a) {
    if (a->n_input) inputs_write(m, a->input, a->n_input);
    if (!a->lines) return;
    js_key(m->j, S("lines"));
    js_begin_object(m->j);
    js_field_c(m->j, "name", a->lines->name);
    js_field_str(m->j, "label", meta_label(m->c->arena, str_of(a->lines->name)));
    js_field_int(m->j, "max", a->lines->max);
    inputs_write(m, a->lines->fields, a->lines->n_fields);
    js_end_object(m->j);
}
