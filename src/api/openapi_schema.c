/* The schemas and examples of one view: its record, what creating and changing
 * it takes, a page of them, its lines and its statistics. */
#include "api/openapi.h"

static Str suffixed(OpenApi *o, const View *v, const char *suffix) {
    return arena_fmt(o->arena, "%.*s%s", STR_ARG(openapi_schema_name(o, v)), suffix);
}

static bool expandable(const ModelField *f) {
    return f->ref && field_shown(f) && f->object_name.p &&
           !(f->ref->resource->flags & (R_INTERNAL | R_VIRTUAL));
}

/* The name, and on request the whole, of the record that is referred to. */
static void reference_members(OpenApi *o, const ModelField *f) {
    Json *j = &o->json;
    if (f->name_key.p) {
        js_key(j, (Str){f->name_key.p + 1, f->name_key.n - 3});
        openapi_literal(j, "{'type':['string','null'],'readOnly':true}");
    }
    if (!expandable(f)) return;
    js_key(j, f->object_name);
    js_begin_object(j);
    openapi_literal(j, "'type':['object','null'],'readOnly':true");
    js_field_str(j, "description",
                 arena_fmt(o->arena, "The record of `/%s`, with `expand=%.*s` only.", f->ref->name.p,
                           STR_ARG(f->object_name)));
    js_end_object(j);
}

static void lines_member(OpenApi *o, const View *v, Side side) {
    Json *j = &o->json;
    const Model *m = v->model;
    js_key(j, str_of(m->lines_decl->name));
    js_begin_object(j);
    js_field_c(j, "type", "array");
    js_field_int(j, "maxItems", m->lines_decl->max);
    if (side == SIDE_READ)
        js_field_c(j, "description", "In single records, and in lists with `expand=lines`.");
    else if (side == SIDE_UPDATE)
        js_field_c(j, "description", "Given, they replace all lines there were.");
    js_key(j, S("items"));
    const char *suffix = side == SIDE_READ ? "Line" : "LineInput";
    openapi_ref(j, "schemas", suffixed(o, &m->views[0], suffix));
    js_end_object(j);
}

static void properties(OpenApi *o, const View *v, Side side) {
    Json *j = &o->json;
    const Model *m = v->model;
    for (int i = 0; i < m->n; i++) {
        const ModelField *f = &m->fields[i];
        if (set_has(&v->hidden, i) || (side == SIDE_READ ? !field_shown(f) : !openapi_writable(f, side))) continue;
        js_key(j, v->names[i]);
        openapi_field(o, f, side, v->names[i]);
        if (side == SIDE_READ) reference_members(o, f);
    }
    if (openapi_has_lines(m, side)) lines_member(o, v, side);
}

void openapi_required_list(OpenApi *o, const View *v, Side side) {
    Json *j = &o->json;
    js_key(j, S("required"));
    js_begin_array(j);
    for (int i = 0; i < v->model->n; i++)
        if (openapi_required(&v->model->fields[i], side) && !set_has(&v->hidden, i)) js_str(j, v->names[i]);
    js_end_array(j);
}

static void object_schema(OpenApi *o, const View *v, Side side) {
    js_begin_object(&o->json);
    js_field_c(&o->json, "type", "object");
    if (side == SIDE_CREATE) openapi_required_list(o, v, side);
    js_key(&o->json, S("properties"));
    js_begin_object(&o->json);
    properties(o, v, side);
    js_end_object(&o->json);
    js_end_object(&o->json);
}

static void list_schema(OpenApi *o, const View *v) {
    Json *j = &o->json;
    js_begin_object(j);
    js_field_c(j, "type", "object");
    openapi_literal(j, "'required':['items','page_size','next_cursor']");
    js_key(j, S("properties"));
    js_begin_object(j);
    js_key(j, S("items"));
    js_begin_object(j);
    js_field_c(j, "type", "array");
    js_key(j, S("items"));
    openapi_ref(j, "schemas", openapi_schema_name(o, v));
    js_end_object(j);
    openapi_literal(j, "'total':{'type':'integer','description':'All records found; not with `count=none`.'},"
                       "'total_at_least':{'type':'boolean','description':'A search finds more than were counted: 1,000, or "
                       "fewer with filters.'},"
                       "'page':{'type':'integer','description':'Not with a cursor.'},"
                       "'page_size':{'type':'integer'},"
                       "'pages':{'type':'integer','description':'Not with `count=none`.'},"
                       "'next_cursor':{'type':['string','null'],"
                       "'description':'The `cursor` of the next page; null at the end.'}");
    js_end_object(j);
    js_end_object(j);
}

/* Each item is what creating takes, or an id and what changing takes. */
static void bulk_schema(OpenApi *o, const View *v) {
    Json *j = &o->json;
    js_begin_object(j);
    openapi_literal(j, "'type':'object','required':['items']");
    js_key(j, S("properties"));
    js_begin_object(j);
    openapi_literal(j, "'atomic':{'type':'boolean','default':true,"
                       "'description':'All or nothing; false: each item stands for itself.'}");
    js_key(j, S("items"));
    js_begin_object(j);
    openapi_literal(j, "'type':'array','maxItems':5000");
    js_key(j, S("items"));
    js_begin_object(j);
    js_key(j, S("anyOf"));
    js_begin_array(j);
    openapi_ref(j, "schemas", suffixed(o, v, "Create"));
    openapi_ref(j, "schemas", suffixed(o, v, "BulkUpdate"));
    js_end_array(j);
    js_end_object(j);
    js_end_object(j);
    js_end_object(j);
    js_end_object(j);
}

static void bulk_update_schema(OpenApi *o, const View *v) {
    Json *j = &o->json;
    js_begin_object(j);
    openapi_literal(j, "'type':'object','required':['id']");
    js_key(j, S("properties"));
    js_begin_object(j);
    openapi_literal(j, "'id':{'type':'integer','format':'int64','minimum':1,"
                       "'description':'The record to change.'}");
    properties(o, v, SIDE_UPDATE);
    js_end_object(j);
    js_end_object(j);
}

static bool listed(const Model *m) { return !(m->resource->flags & R_SINGLETON); }
static bool creatable(const Model *m) { return listed(m) && !(m->resource->flags & (R_READ_ONLY | R_NO_CREATE)); }
static bool changeable(const Model *m) { return !(m->resource->flags & R_READ_ONLY); }

static void lines_schemas(OpenApi *o, const View *v) {
    Json *j = &o->json;
    const View *lines = &v->model->lines->views[0];
    js_key(j, suffixed(o, v, "Line"));
    object_schema(o, lines, SIDE_READ);
    if (!changeable(v->model)) return;
    js_key(j, suffixed(o, v, "LineInput"));
    object_schema(o, lines, SIDE_CREATE);
}

void openapi_schemas(OpenApi *o, const View *v) {
    Json *j = &o->json;
    const Model *m = v->model;
    js_key(j, openapi_schema_name(o, v));
    object_schema(o, v, SIDE_READ);
    if (creatable(m)) {
        js_key(j, suffixed(o, v, "Create"));
        object_schema(o, v, SIDE_CREATE);
        js_key(j, suffixed(o, v, "Bulk"));
        bulk_schema(o, v);
        js_key(j, suffixed(o, v, "BulkUpdate"));
        bulk_update_schema(o, v);
    }
    if (changeable(m)) {
        js_key(j, suffixed(o, v, "Update"));
        object_schema(o, v, SIDE_UPDATE);
    }
    if (!listed(m)) return;
    js_key(j, suffixed(o, v, "List"));
    list_schema(o, v);
    if (route_offers(m, "stats")) {
        js_key(j, suffixed(o, v, "Stats"));
        openapi_stats_schema(o, v);
    }
    if (m->lines && v == &m->views[0]) lines_schemas(o, v);
}

/* --- examples --- */

static void example(OpenApi *o, const View *v, const char *suffix, void (*write)(OpenApi *, const View *)) {
    Json *j = &o->json;
    js_key(j, suffixed(o, v, suffix));
    js_begin_object(j);
    js_key(j, S("value"));
    write(o, v);
    js_end_object(j);
}

static void create_body(OpenApi *o, const View *v) { openapi_example_create(o, v, SIDE_CREATE); }
static void replace_body(OpenApi *o, const View *v) { openapi_example_create(o, v, SIDE_UPDATE); }

void openapi_examples(OpenApi *o, const View *v) {
    example(o, v, "", openapi_example_read);
    if (listed(v->model)) example(o, v, "List", openapi_example_list);
    if (route_offers(v->model, "stats")) example(o, v, "Stats", openapi_stats_example);
    if (creatable(v->model)) example(o, v, "Create", create_body);
    if (!changeable(v->model)) return;
    example(o, v, "Replace", replace_body);
    example(o, v, "Update", openapi_example_update);
}

/* --- an action's body and answer --- */

static void declared(OpenApi *o, const Field *fields, size_t n, Side side) {
    for (size_t i = 0; i < n; i++) {
        ModelField f = openapi_input_field(o, &fields[i], (int)i);
        js_key(&o->json, f.name);
        openapi_field(o, &f, side, f.name);
    }
}

bool openapi_answers_record(const View *v, const Action *a) {
    /* What a record's action makes and describes is no record of this resource. */
    bool another = (a->flags & ACTION_CREATES) && !(a->flags & ACTION_COLLECTION) && a->n_answer;
    return (a->flags & (ACTION_CREATES | ACTION_RECORD)) && !another && !(v->model->resource->flags & R_VIRTUAL);
}

void openapi_answer_schema(OpenApi *o, const View *v, const Action *a) {
    Json *j = &o->json;
    bool record = openapi_answers_record(v, a), array = a->flags & ACTION_ARRAY;
    if (array) {
        js_begin_object(j);
        js_field_c(j, "type", "array");
        js_key(j, S("items"));
    }
    js_begin_object(j);
    if (record || a->n_answer) {
        js_field_c(j, "type", "object");
        js_key(j, S("properties"));
        js_begin_object(j);
        if (record) properties(o, v, SIDE_READ);
        declared(o, a->answer, a->n_answer, SIDE_READ);
        js_end_object(j);
    }
    js_end_object(j);
    if (array) js_end_object(j);
}

static void action_lines(OpenApi *o, const Lines *l) {
    Json *j = &o->json;
    js_key(j, str_of(l->name));
    js_begin_object(j);
    js_field_c(j, "type", "array");
    js_field_int(j, "maxItems", l->max);
    js_key(j, S("items"));
    js_begin_object(j);
    js_field_c(j, "type", "object");
    js_key(j, S("required"));
    js_begin_array(j);
    for (size_t i = 0; i < l->n_fields; i++)
        if (l->fields[i].flags & F_REQUIRED) js_c(j, l->fields[i].name);
    js_end_array(j);
    js_key(j, S("properties"));
    js_begin_object(j);
    declared(o, l->fields, l->n_fields, SIDE_CREATE);
    js_end_object(j);
    js_end_object(j);
    js_end_object(j);
}

void openapi_input_schema(OpenApi *o, const Action *a) {
    Json *j = &o->json;
    js_begin_object(j);
    js_field_c(j, "type", "object");
    js_key(j, S("required"));
    js_begin_array(j);
    for (size_t i = 0; i < a->n_input; i++)
        if ((a->input[i].flags & F_REQUIRED) && !a->input[i].fallback) js_c(j, a->input[i].name);
    js_end_array(j);
    js_key(j, S("properties"));
    js_begin_object(j);
    declared(o, a->input, a->n_input, SIDE_CREATE);
    if (a->lines) action_lines(o, a->lines);
    js_end_object(j);
    js_end_object(j);
}
