/* GET /search: what there is by some words, in every resource that can be
 * searched and that the caller may read, as its own list would find it: with
 * the right to read, the row scope and the organization. One statement for each
 * resource, which stops after the few that are shown; newest first. */
#include "model/search.h"

#include "model/plan.h"

#define EACH_USUAL "5"
#define EACH_MOST  "20"

static const Field input[] = {
    {"q", &T_TEXT, 0, .also = "search", .help = "words, or how they begin; without a letter or digit nothing is found", .example = "cotton"},
    {"limit", &T_INT, 0, .min = "1", .max = EACH_MOST, .help = "of each resource; " EACH_USUAL " when left out", .example = "5"},
};

static const Field answer[] = {
    {"items", &T_JSON, F_REQUIRED, .help = "subtitle and status may be null",
     .example = "[{\"resource\": \"customers\", \"id\": 7, \"title\": \"Kiran Yarns\", \"subtitle\": \"office@kiran.example\", "
                "\"status\": null, \"path\": \"/customers/7\"}]"},
    {"total", &T_INT, F_REQUIRED, .help = "of these items", .example = "1"},
};

static bool search_run(Ctx *c, Call *call);

static const Action actions[] = {
    {"", ACTION_COLLECTION | ACTION_GET | ACTION_SELF, "Find anything by its words, a few of each resource", INPUT(input),
     ANSWER(answer), .run = search_run},
};

const Resource resource_search = {
    .name = "search",
    .summary = "One search over all that one may see.",
    .flags = R_VIRTUAL,
    ACTIONS(actions),
};

typedef struct {
    const View *view;
    Str words;
    int64_t limit, n, total; /* n: of this resource */
} Finding;

/* The resource as the caller comes to it; NULL: not at all. A whole of several
 * resources would tell each of their records twice. */
static const View *view_of(const Ctx *c, const Model *m) {
    if (!m->searchable || m->kind >= 0 || (m->resource->flags & (R_INTERNAL | R_VIRTUAL))) return NULL;
    if (ctx_may(c, m, MAY_READ) == MAY_NOT) return NULL;
    return ctx_view(c, m);
}

static bool tells(const View *v, const ModelField *f) {
    return (f->flags & F_SEARCH) && field_shown(f) && f->type != &T_LONG_TEXT && !f->type->has && !set_has(&v->hidden, f->index);
}

static void value_write(Ctx *c, const char *key, const Row *row, int at) {
    js_key(&c->out, str_of(key));
    if (at < 0)
        js_null(&c->out);
    else
        row->model->fields[at].type->to_json(&c->out, &row->values[at]);
}

/* Another text by which it is known: the first one there is. */
static int subtitle_of(const View *v, const Row *row) {
    const Model *m = v->model;
    for (int i = 0; i < m->n; i++)
        if (i != m->display && tells(v, &m->fields[i]) && row->values[i].kind == V_TEXT && row->values[i].s.n) return i;
    return -1;
}

static bool item_write(Ctx *c, const Row *row, void *arg) {
    Finding *f = arg;
    const Model *m = row->model;
    int64_t id = row->values[m->id].i;
    if (f->n++ == f->limit) return false;
    f->total++;
    js_begin_object(&c->out);
    js_field_str(&c->out, "resource", m->name);
    js_field_int(&c->out, "id", id);
    if (m->display >= 0)
        value_write(c, "title", row, m->display);
    else
        js_field_c(&c->out, "title", m->resource->singular);
    value_write(c, "subtitle", row, subtitle_of(f->view, row));
    value_write(c, "status", row, m->status);
    js_field_str(&c->out, "path", ctx_fmt(c, "/%s/%lld", f->view->path.p, (long long)id));
    js_end_object(&c->out);
    return true;
}

static bool resource_find(Ctx *c, Finding *f) {
    const Model *m = f->view->model;
    const Param params[] = {{S("search"), f->words}, {S("ordering"), S("-id")}};
    Query q;
    if (!query_read(c, f->view, (Params){params, 2}, MAY_READ, &q)) return false;
    q.fields = (FieldSet){{0}};
    if (m->display >= 0) set_add(&q.fields, m->display);
    if (m->status >= 0) set_add(&q.fields, m->status);
    for (int i = 0; i < m->n; i++)
        if (tells(f->view, &m->fields[i])) set_add(&q.fields, i);
    f->n = 0;
    query_each(c, &q, item_write, f);
    return c->err.kind == E_NONE;
}

static bool search_run(Ctx *c, Call *call) {
    const Registry *r = c->app->registry;
    Finding f = {.words = call_text(call, "q")};
    Str typed = f.words;
    bool any = search_word(&typed).p != NULL;
    Value limit = call_value(call, "limit");
    if (limit.kind == V_NULL) str_to_int(S(EACH_USUAL), &limit.i);
    f.limit = limit.i;
    js_begin_object(&c->out);
    js_key(&c->out, S("items"));
    js_begin_array(&c->out);
    for (int i = 0; any && i < r->n; i++) {
        f.view = view_of(c, &r->models[i]);
        if (f.view && !resource_find(c, &f)) return false;
    }
    js_end_array(&c->out);
    js_field_int(&c->out, "total", f.total);
    js_end_object(&c->out);
    return true;
}
