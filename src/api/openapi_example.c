/* Examples of records and bodies, from what the tables give: a field's own
 * example, its choices, its series, or what its type is like. The body of a
 * create is one that the server takes as it stands. */
#include "api/openapi.h"
#include "model/number.h"

#define EXAMPLE_YEAR     2026
#define EXAMPLE_SEQUENCE 42

/* Fields that mean the same wherever they are. */
static const struct {
    const char *name, *json;
} usual[] = {
    {"address", "\"12 Mill Road\""},
    {"city", "\"Coimbatore\""},
    {"code", "\"C-100\""},
    {"contact_person", "\"Ann Mason\""},
    {"country", "\"India\""},
    {"description", "\"As agreed on the phone\""},
    {"full_name", "\"Ann Mason\""},
    {"ip", "\"203.0.113.7\""},
    {"name", "\"Ann Mason\""},
    {"origin", "\"api\""},
    {"phone", "\"+91 98250 11223\""},
    {"postal_code", "\"641001\""},
    {"request_id", "\"2f6c1e0b9d7a4c53\""},
    {"tax_id", "\"33AABCM1234F1Z5\""},
    {"unit", "\"kg\""},
    {"username", "\"maria\""},
};

static Str kept(OpenApi *o, Buf *b) {
    Str s = arena_str(o->arena, buf_view(b));
    buf_free(b);
    return s;
}

static Str quoted(OpenApi *o, Str text) {
    Buf b = {0};
    Json j = js_to(&b);
    js_str(&j, text);
    return kept(o, &b);
}

static Str value_json(OpenApi *o, const ModelField *f, const Value *v) {
    Buf b = {0};
    Json j = js_to(&b);
    f->type->to_json(&j, v);
    return kept(o, &b);
}

/* A declared example is JSON text, or the value as the tables' other texts. */
static Str declared(OpenApi *o, const ModelField *f) {
    const char *text = f->decl->example;
    Problem problem = {0};
    Value v = VALUE_NULL;
    if (*text == '"') return str_of(text);
    if (f->flags & F_SECRET) return quoted(o, str_of(text)); /* reading one may hash it */
    if (f->type->from_text(o->ctx, f, str_of(text), &v, &problem)) return value_json(o, f, &v);
    return quoted(o, str_of(text));
}

static Str within_limits(OpenApi *o, const ModelField *f, const char *json) {
    Problem problem = {0};
    Value v = VALUE_NULL;
    json_t *parsed = json_loads(json, JSON_DECODE_ANY, NULL);
    bool ok = parsed && f->type->from_json(o->ctx, f, parsed, &v, &problem);
    if (ok && f->min.kind == V_INT && v.i < f->min.i) v = f->min;
    if (ok && f->max.kind == V_INT && v.i > f->max.i) v = f->max;
    json_decref(parsed);
    return ok ? value_json(o, f, &v) : str_of(json);
}

static Str typical(OpenApi *o, const ModelField *f) {
    const char *json = f->type->example;
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (str_is(f->name, usual[i].name) && json[0] == '"') return str_of(usual[i].json);
    if (f->min.kind == V_INT || f->max.kind == V_INT) return within_limits(o, f, json);
    size_t n = strlen(json);
    bool long_text = json[0] == '"' && f->max_length && n > (size_t)f->max_length + 2;
    return long_text ? quoted(o, (Str){json + 1, (size_t)f->max_length}) : str_of(json);
}

Str openapi_example(OpenApi *o, const ModelField *f) {
    if (f->decl->ref) return S("1");
    if (f->decl->example && *f->decl->example) return declared(o, f);
    if (f->fallback == FALLBACK_VALUE) return value_json(o, f, &f->fallback_value);
    if (f->decl->choices) return quoted(o, str_of(f->decl->choices[0].name));
    if (f->snapshot_of && f->snapshot_of->ref->display >= 0) {
        const Model *ref = f->snapshot_of->ref;
        return openapi_example(o, &ref->fields[ref->display]);
    }
    if (f->decl->series)
        return quoted(o, number_format(o->arena, str_of(f->decl->series), EXAMPLE_YEAR, EXAMPLE_SEQUENCE));
    return typical(o, f);
}

/* --- bodies --- */

/* What a reader wants to see in a body, and what the server takes without
 * other records being there. */
static bool body_has(const ModelField *f, Side side) {
    if (!openapi_writable(f, side) || f->decl->series) return false;
    if (f->model && f->index == f->model->status) return false;
    if (f->decl->example && !*f->decl->example) return false;
    if (f->flags & F_SPECIAL) return false;
    if ((f->flags & (F_REQUIRED | F_TYPICAL)) || (f->decl->example && !f->decl->ref)) return true;
    if (f->decl->ref || f->snapshot_of) return false;
    if (f->decl->choices) return true;
    return f->fallback == FALLBACK_NONE && !str_is(str_of(f->type->example), "{}");
}

static void body_members(OpenApi *o, const View *v, Side side, int max) {
    Json *j = &o->json;
    for (int i = 0; i < v->model->n && max; i++) {
        const ModelField *f = &v->model->fields[i];
        if (!body_has(f, side) || set_has(&v->hidden, i)) continue;
        js_key(j, v->names[i]);
        js_raw(j, openapi_example(o, f));
        max--;
    }
}

void openapi_example_create(OpenApi *o, const View *v, Side side) {
    Json *j = &o->json;
    js_begin_object(j);
    body_members(o, v, side, -1);
    if (openapi_has_lines(v->model, side)) {
        js_key(j, str_of(v->model->lines_decl->name));
        js_begin_array(j);
        openapi_example_create(o, &v->model->lines->views[0], SIDE_CREATE);
        js_end_array(j);
    }
    js_end_object(j);
}

/* One field that is easily changed. */
void openapi_example_update(OpenApi *o, const View *v) {
    const Model *m = v->model;
    int at = -1;
    for (int i = 0; i < m->n; i++) {
        const ModelField *f = &m->fields[i];
        bool easy = body_has(f, SIDE_UPDATE) && !set_has(&v->hidden, i) && !f->decl->ref && !(f->flags & (F_UNIQUE | F_SECRET));
        if (easy && (at < 0 || str_is(f->name, "notes"))) at = i;
    }
    js_begin_object(&o->json);
    if (at >= 0) {
        js_key(&o->json, v->names[at]);
        js_raw(&o->json, openapi_example(o, &m->fields[at]));
    }
    js_end_object(&o->json);
}

static void shown_name(OpenApi *o, const ModelField *f) {
    const Model *ref = f->ref;
    Str name = f->name_key; /* with quotes and a colon */
    if (!name.p) return;
    js_key(&o->json, (Str){name.p + 1, name.n - 3});
    js_raw(&o->json, openapi_example(o, &ref->fields[ref->display]));
}

static void record_members(OpenApi *o, const View *v) {
    Json *j = &o->json;
    const Model *m = v->model;
    for (int i = 0; i < m->n; i++) {
        const ModelField *f = &m->fields[i];
        if (!field_shown(f) || set_has(&v->hidden, i)) continue;
        js_key(j, v->names[i]);
        /* What the server sets later is not there yet. */
        bool later = (f->flags & F_READONLY) && !f->not_null && !f->ref && !f->decl->example;
        js_raw(j, later ? S("null") : openapi_example(o, f));
        shown_name(o, f);
    }
}

static void record(OpenApi *o, const View *v, bool lines) {
    Json *j = &o->json;
    const Model *m = v->model;
    js_begin_object(j);
    record_members(o, v);
    if (m->lines && lines) {
        js_key(j, str_of(m->lines_decl->name));
        js_begin_array(j);
        record(o, &m->lines->views[0], false);
        js_end_array(j);
    }
    js_end_object(j);
}

void openapi_example_read(OpenApi *o, const View *v) { record(o, v, true); }

void openapi_example_list(OpenApi *o, const View *v) {
    Json *j = &o->json;
    js_begin_object(j);
    js_key(j, S("items"));
    js_begin_array(j);
    record(o, v, false);
    js_end_array(j);
    js_field_int(j, "total", 1);
    js_field_int(j, "page", 1);
    js_field_int(j, "page_size", PAGE_SIZE_DEFAULT);
    js_field_int(j, "pages", 1);
    js_field_null(j, "next_cursor");
    js_end_object(j);
}

void openapi_example_input(OpenApi *o, const Action *a) {
    Json *j = &o->json;
    js_begin_object(j);
    for (size_t i = 0; i < a->n_input; i++) {
        ModelField f = openapi_input_field(o, &a->input[i], (int)i);
        if (!(f.flags & F_REQUIRED) && !f.decl->example) continue;
        js_key(j, f.name);
        js_raw(j, openapi_example(o, &f));
    }
    js_end_object(j);
}

void openapi_example_answer(OpenApi *o, const View *v, const Action *a) {
    Json *j = &o->json;
    if (a->flags & ACTION_ARRAY) js_begin_array(j);
    js_begin_object(j);
    if (openapi_answers_record(v, a)) record_members(o, v);
    for (size_t i = 0; i < a->n_answer; i++) {
        ModelField f = openapi_input_field(o, &a->answer[i], (int)i);
        js_key(j, f.name);
        js_raw(j, openapi_example(o, &f));
    }
    js_end_object(j);
    if (a->flags & ACTION_ARRAY) js_end_array(j);
}
