/* What GET /<resource>/stats answers (model/stats.c): the total, the records
 * per choice of each field that has choices, the sums, and what is overdue. */
#include "api/openapi.h"
#include "model/tally.h"

#define SUM_EXAMPLE "1062"

typedef struct {
    OpenApi *o;
    bool example;
} Stats;

static void number(Stats *s, Str key, const char *type, const char *example) {
    Json *j = &s->o->json;
    js_key(j, key);
    if (s->example) {
        js_raw(j, str_of(example));
        return;
    }
    js_begin_object(j);
    js_field_c(j, "type", type);
    js_end_object(j);
}

static void open_object(Stats *s, Str key) {
    Json *j = &s->o->json;
    js_key(j, key);
    js_begin_object(j);
    if (s->example) return;
    js_field_c(j, "type", "object");
    js_key(j, S("properties"));
    js_begin_object(j);
}

static void close_object(Stats *s) {
    js_end_object(&s->o->json);
    if (!s->example) js_end_object(&s->o->json);
}

static void choices(Stats *s, const ModelField *group, bool sum) {
    for (int i = 0; i < choice_count(group); i++)
        number(s, str_of(group->decl->choices[i].name), sum ? "number" : "integer",
               i     ? "0"
               : sum ? SUM_EXAMPLE
                     : "1");
}

static void per_choice(Stats *s, Str key, const ModelField *group, bool sum) {
    open_object(s, key);
    choices(s, group, sum);
    close_object(s);
}

static bool counted_by(const ModelField *f) {
    return f->decl->choices && field_filterable(f) && choice_count(f) < TALLY_GROUPS;
}

static void sums(Stats *s, const View *v, const ModelField *f) {
    Arena *a = s->o->arena;
    const Model *m = v->model;
    Str name = v->names[f->index];
    Str total = str_starts(name, S("total_")) ? name : arena_fmt(a, "total_%.*s", STR_ARG(name));
    number(s, total, "number", SUM_EXAMPLE);
    if (m->status >= 0 && counted_by(&m->fields[m->status]))
        per_choice(s, arena_fmt(a, "%.*s_by_status", STR_ARG(name)), &m->fields[m->status], true);
}

/* What the resource itself adds. */
static void further(Stats *s, const Resource *r) {
    for (size_t i = 0; i < r->n_stats_answer; i++) {
        ModelField f = openapi_input_field(s->o, &r->stats_answer[i], (int)i);
        js_key(&s->o->json, f.name);
        if (s->example)
            js_raw(&s->o->json, str_of(f.decl->example ? f.decl->example : f.type->example));
        else
            openapi_field(s->o, &f, SIDE_READ, f.name);
    }
}

static void members(Stats *s, const View *v) {
    const Model *m = v->model;
    number(s, S("total"), "integer", "1");
    for (int i = 0; i < m->n; i++)
        if (counted_by(&m->fields[i]) && (m->fields[i].flags & F_COUNTED)) choices(s, &m->fields[i], false);
    for (int i = 0; i < m->n; i++) {
        const ModelField *f = &m->fields[i];
        if (!counted_by(f) || set_has(&v->hidden, i)) continue;
        per_choice(s, arena_fmt(s->o->arena, "by_%.*s", STR_ARG(v->names[i])), f, false);
        if (f->decl->counted_as) per_choice(s, arena_fmt(s->o->arena, "by_%s", f->decl->counted_as), f, false);
    }
    for (int i = 0; i < m->n; i++)
        if ((m->fields[i].flags & F_SUM) && field_shown(&m->fields[i])) sums(s, v, &m->fields[i]);
    if (m->due >= 0) number(s, S("overdue"), "integer", "0");
    further(s, m->resource);
}

void openapi_stats_schema(OpenApi *o, const View *v) {
    Json *j = &o->json;
    js_begin_object(j);
    js_field_c(j, "type", "object");
    js_key(j, S("properties"));
    js_begin_object(j);
    members(&(Stats){o, false}, v);
    js_end_object(j);
    js_end_object(j);
}

void openapi_stats_example(OpenApi *o, const View *v) {
    js_begin_object(&o->json);
    members(&(Stats){o, true}, v);
    js_end_object(&o->json);
}
