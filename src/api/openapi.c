/* The OpenAPI 3.1 document of every route, derived from the registry: paths
 * from route_each, schemas from the fields, examples from both. Made once at
 * the start; nothing here runs for a request.
 *
 * openapi_operation.c writes an operation, openapi_schema.c, openapi_field.c,
 * openapi_stats.c and openapi_example.c what it refers to, openapi_common.c
 * what all of them share. */
#include "api/openapi.h"

#include <assert.h>

#define OPERATIONS_MAX 96 /* of one resource */
#define ARENA_MAX      ((size_t)64 << 20)

/* --- words --- */

void openapi_literal(Json *j, const char *text) {
    Buf b = {0};
    buf_c(&b, text);
    for (size_t i = 0; i < b.n; i++)
        if (b.p[i] == '\'') b.p[i] = '"';
    js_raw(j, buf_view(&b));
    buf_free(&b);
}

void openapi_ref(Json *j, const char *kind, Str name) {
    Buf b = {0};
    buf_fmt(&b, "{\"$ref\":\"#/components/%s/%.*s\"}", kind, STR_ARG(name));
    js_raw(j, buf_view(&b));
    buf_free(&b);
}

static Str pascal(OpenApi *o, Str words) {
    char *p = arena_alloc(o->arena, words.n + 1);
    size_t n = 0;
    bool first = true;
    for (size_t i = 0; i < words.n; i++) {
        char c = words.p[i];
        bool separator = c == ' ' || c == '-' || c == '_' || c == '/';
        if (!separator) p[n++] = first && c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
        first = separator;
    }
    return (Str){p, n};
}

bool openapi_own_schemas(const View *v) {
    const Model *m = v->model;
    return v == &m->views[0] || m->resource->aliases[v - m->views - 1].n_renames > 0 || !set_empty(&v->hidden);
}

Str openapi_schema_name(OpenApi *o, const View *v) {
    const Model *m = v->model;
    if (v == &m->views[0] || !openapi_own_schemas(v))
        return pascal(o, str_of(m->resource->singular ? m->resource->singular : m->resource->name));
    Str one = v->path;
    if (str_ends(one, S("s"))) one.n--;
    return pascal(o, one);
}

Str openapi_plural(OpenApi *o, const Model *m) {
    char *p = arena_c_str(o->arena, m->name);
    for (char *c = p; *c; c++)
        if (*c == '-') *c = ' ';
    return str_of(p);
}

/* --- views --- */

static bool documented(const Model *m) { return !(m->resource->flags & R_INTERNAL); }
static bool has_records(const Model *m) { return !(m->resource->flags & R_VIRTUAL); }

static void each_view(OpenApi *o, void (*visit)(OpenApi *, const View *)) {
    for (int i = 0; i < o->registry->n; i++) {
        const Model *m = &o->registry->models[i];
        for (int k = 0; documented(m) && k < m->n_views; k++) visit(o, &m->views[k]);
    }
}

static void view_schemas(OpenApi *o, const View *v) {
    if (has_records(v->model) && openapi_own_schemas(v)) openapi_schemas(o, v);
}

static void view_examples(OpenApi *o, const View *v) {
    if (has_records(v->model) && openapi_own_schemas(v)) openapi_examples(o, v);
}

static void view_filters(OpenApi *o, const View *v) {
    bool listed = has_records(v->model) && !(v->model->resource->flags & R_SINGLETON);
    if (listed && openapi_own_schemas(v)) openapi_filter_parameters(o, v);
}

static void view_tag(OpenApi *o, const View *v) {
    Json *j = &o->json;
    const Model *m = v->model;
    Buf b = {0};
    if (v == &m->views[0])
        buf_c(&b, m->resource->summary ? m->resource->summary : "");
    else
        buf_fmt(&b, "%s as /%s%s", m->name.p, v->path.p,
                openapi_own_schemas(v) ? ", with names of its own." : ".");
    js_begin_object(j);
    js_field_str(j, "name", v->path);
    js_field_str(j, "description", b.n ? buf_view(&b) : S(""));
    js_end_object(j);
    buf_free(&b);
}

/* Signing in comes first, administration last. */
static void tag_signing_in(OpenApi *o, const View *v) {
    if (!has_records(v->model)) view_tag(o, v);
}

static void tag_business(OpenApi *o, const View *v) {
    if (has_records(v->model) && !(v->model->resource->flags & R_SYSTEM)) view_tag(o, v);
}

static void tag_system(OpenApi *o, const View *v) {
    if (v->model->resource->flags & R_SYSTEM) view_tag(o, v);
}

/* --- paths --- */

typedef struct {
    OpenApi *o;
    const View *view;
    Operation list[OPERATIONS_MAX];
    int n;
} Operations;

static Str path_of(OpenApi *o, const View *v, const Verb *verb, const Action *a) {
    bool record = a ? !(a->flags & ACTION_COLLECTION) : verb->place == AT_RECORD;
    const char *segment = a ? a->name : verb->segment;
    bool more = segment && *segment;
    return arena_fmt(o->arena, "/%.*s%s%s%s", STR_ARG(v->path), record ? "/{id}" : "", more ? "/" : "",
                     more ? segment : "");
}

static void operation_add(void *arg, const Verb *v, const Action *a) {
    Operations *all = arg;
    assert(all->n < OPERATIONS_MAX);
    int at = a ? (int)(a - all->view->model->resource->actions) : -1;
    Operation op = {all->o, all->view, v, a, at, path_of(all->o, all->view, v, a)};
    if (a && (a->flags & ACTION_TEXT)) op.path = arena_fmt(all->o->arena, "%.*s/{code}", STR_ARG(op.path));
    all->list[all->n++] = op;
    if (!a || !(a->flags & ACTION_ITEM)) return;
    assert(all->n < OPERATIONS_MAX);
    op.path = arena_fmt(all->o->arena, "%.*s/{id}", STR_ARG(op.path));
    all->list[all->n++] = op;
}

/* Every operation on the path of operation `at`; the later ones are done with
 * it, and lose their path. */
static void path_item(Operations *all, int at) {
    Json *j = &all->o->json;
    Str path = all->list[at].path;
    js_key(j, path);
    js_begin_object(j);
    if (memchr(path.p, '{', path.n)) {
        js_key(j, S("parameters"));
        js_begin_array(j);
        openapi_ref(j, "parameters", str_ends(path, S("{code}")) ? S("code") : S("id"));
        js_end_array(j);
    }
    for (int i = at; i < all->n; i++) {
        if (!str_eq(all->list[i].path, path)) continue;
        openapi_operation(&all->list[i]);
        all->list[i].path = i == at ? path : STR_NONE;
    }
    js_end_object(j);
}

static void view_paths(OpenApi *o, const View *v) {
    Operations *all = ARENA_NEW(o->arena, Operations);
    all->o = o;
    all->view = v;
    route_each(v, operation_add, all);
    for (int i = 0; i < all->n; i++)
        if (all->list[i].path.p) path_item(all, i);
}

static void health_paths(OpenApi *o) {
    static const struct {
        const char *path, *id, *summary;
    } pages[] = {
        {"/health", "health", "Whether the server runs"},
        {"/health/db", "health_db", "Whether the database answers, and how fast"},
        {"/health/status", "health_status", "Uptime, connections, queues and memory"},
    };
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        Json *j = &o->json;
        js_key(j, str_of(pages[i].path));
        js_begin_object(j);
        js_key(j, S("get"));
        js_begin_object(j);
        openapi_literal(j, "'tags':['health'],'security':[]");
        js_field_c(j, "summary", pages[i].summary);
        js_field_c(j, "operationId", pages[i].id);
        openapi_literal(j, "'responses':{'200':{'description':'Healthy.','content':{'application/json':"
                           "{'schema':{'type':'object'}}}},"
                           "'503':{'$ref':'#/components/responses/Unavailable'}}");
        js_end_object(j);
        js_end_object(j);
    }
}

/* --- the document --- */

static const char introduction[] =
    "Records of a small manufacturer: partners, products, orders and work, each with the same "
    "verbs.\n\n"
    "**Signing in.** `POST /auth/login` answers an `access_token`; send it as "
    "`Authorization: Bearer …`. API keys are sent the same way.\n\n"
    "**Lists.** `{\"items\": […], \"total\", \"page\", \"page_size\", \"pages\", \"next_cursor\"}`. "
    "Filter by any field a list names as parameter, by equality or with an operator: "
    "`due_date__lt=2026-01-31`, `status=pending&status=approved`.\n\n"
    "**Numbers** are exact decimals with up to four places; one with more than 15 digits is sent as "
    "a string. **Times** are UTC, **dates** plain.\n\n"
    "**Changes.** `If-Match` guards against overwriting, `Idempotency-Key` against doing twice, "
    "`dry_run=true` shows what would happen.\n\n"
    "**Errors** are `application/problem+json`; a wrong body names every wrong value at once. "
    "The codes never change.";

static void info_write(OpenApi *o) {
    Json *j = &o->json;
    js_field_c(j, "openapi", "3.1.0");
    js_key(j, S("info"));
    js_begin_object(j);
    js_field_c(j, "title", "Millwright");
    js_field_c(j, "version", MILLWRIGHT_VERSION);
    js_field_c(j, "description", introduction);
    openapi_literal(j, "'license':{'name':'Apache-2.0','identifier':'Apache-2.0'}");
    js_end_object(j);
    openapi_literal(j, "'servers':[{'url':'/api/v1'}],'security':[{'bearer':[]}]");
    js_key(j, S("tags"));
    js_begin_array(j);
    each_view(o, tag_signing_in);
    each_view(o, tag_business);
    each_view(o, tag_system);
    openapi_literal(j, "{'name':'health','description':'For load balancers and people on call.'}");
    js_end_array(j);
}

static void component(OpenApi *o, const char *name, void (*common)(OpenApi *),
                      void (*of_view)(OpenApi *, const View *)) {
    js_key(&o->json, str_of(name));
    js_begin_object(&o->json);
    if (common) common(o);
    if (of_view) each_view(o, of_view);
    js_end_object(&o->json);
}

static void components_write(OpenApi *o) {
    Json *j = &o->json;
    js_key(j, S("components"));
    js_begin_object(j);
    component(o, "schemas", openapi_common_schemas, view_schemas);
    component(o, "parameters", openapi_common_parameters, view_filters);
    component(o, "headers", openapi_common_headers, NULL);
    component(o, "responses", openapi_common_responses, NULL);
    component(o, "examples", NULL, view_examples);
    openapi_literal(j, "'securitySchemes':{'bearer':{'type':'http','scheme':'bearer',"
                       "'description':'An access token of `/auth/login`, or an API key.'}}");
    js_end_object(j);
}

void api_openapi(const Registry *registry, Buf *out) {
    Arena arena;
    arena_init(&arena, ARENA_MAX);
    Ctx ctx = {.arena = &arena};
    error_init(&ctx.err, &arena);
    OpenApi o = {.registry = registry, .arena = &arena, .ctx = &ctx, .json = js_to(out)};
    js_begin_object(&o.json);
    info_write(&o);
    js_key(&o.json, S("paths"));
    js_begin_object(&o.json);
    each_view(&o, view_paths);
    health_paths(&o);
    js_end_object(&o.json);
    components_write(&o);
    js_key(&o.json, S("x-errors"));
    openapi_errors(&o);
    js_end_object(&o.json);
    arena_free(&arena);
}
