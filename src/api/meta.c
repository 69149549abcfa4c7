/* GET /meta: what a user interface is made of, from the same tables as all
 * else: the resources the caller may read with their fields, actions and what
 * they may do with them, and who the caller is. Nothing is named that the
 * caller may not use. meta_field.c writes fields, meta_label.c makes labels.
 *
 * Its ETag is a digest of the answer: it changes with the program, the role
 * and the organization, and with nothing else. So it is made once for each of
 * them and kept (meta_kept.h). */
#include "api/meta.h"

#include "api/meta_kept.h"
#include "api/verbs.h"
#include "http/gzip.h"

#define ETAG_HEX 32 /* of the digest's 64 */

/* --- what the caller can come to --- */

const View *meta_view(const Ctx *c, const Model *model) {
    if (model->resource->flags & R_INTERNAL) return NULL;
    return ctx_view(c, model);
}

const View *meta_readable(const Ctx *c, const Model *model) {
    if (model->resource->flags & R_VIRTUAL) return NULL;
    return ctx_may(c, model, MAY_READ) != MAY_NOT ? meta_view(c, model) : NULL;
}

/* What concerns only the caller is allowed to everybody, and no business of menus. */
static May action_may(const Ctx *c, const Model *model, const Action *a) {
    if (a->flags & ACTION_PUBLIC) return MAY_NOT;
    if (a->flags & ACTION_SELF) return MAY_ALL;
    return ctx_may(c, model, model->action_permission[a - model->resource->actions]);
}

static void may_write(Json *j, May may) { js_c(j, may == MAY_OWN ? "own" : "all"); }

/* --- actions --- */

static void states_write(Meta *m, const char *name, const Model *model, uint32_t states) {
    const Choice *choices = model->status >= 0 ? model->fields[model->status].decl->choices : NULL;
    if (!states || !choices) return;
    js_key(m->j, str_of(name));
    js_begin_array(m->j);
    for (int i = 0; choices[i].name; i++)
        if (states & IN(i)) js_c(m->j, choices[i].name);
    js_end_array(m->j);
}

static const char *kind_of(const Action *a) {
    if (a->narrow) return "list";
    if (a->flags & ACTION_GET) return "read";
    return a->from ? "transition" : "call";
}

static void action_write(Meta *m, const Model *model, const Verb *verb, const Action *a) {
    Json *j = m->j;
    bool moves = a->from && a->to != STAY;
    js_begin_object(j);
    js_field_c(j, "name", a->name);
    js_field_str(j, "label", meta_label(m->c->arena, str_of(*a->name ? a->name : model->name.p)));
    js_field_c(j, "summary", a->summary);
    js_field_c(j, "kind", kind_of(a));
    js_field_c(j, "method", openapi_method(verb, a));
    js_key(j, S("may"));
    may_write(j, action_may(m->c, model, a));
    if ((a->flags & ACTION_COLLECTION) || a->narrow) js_field_bool(j, "collection", true);
    if (a->flags & ACTION_MOVES) js_field_bool(j, "preview", true);
    states_write(m, "from", model, a->from);
    if (moves) js_field_c(j, "to", model->fields[model->status].decl->choices[a->to].name);
    meta_inputs(m, a);
    js_end_object(j);
}

typedef struct {
    Meta *m;
    const Model *model;
    bool generic; /* the verbs, else the actions */
} Offers;

static void offer_write(void *arg, const Verb *verb, const Action *a) {
    Offers *o = arg;
    Json *j = o->m->j;
    if ((a == NULL) != o->generic) return;
    if (a && !a->list_of && action_may(o->m->c, o->model, a) != MAY_NOT) action_write(o->m, o->model, verb, a);
    if (a || ctx_may(o->m->c, o->model, verb->permission) == MAY_NOT) return;
    js_key(j, str_of(verb->name));
    may_write(j, ctx_may(o->m->c, o->model, verb->permission));
}

static void offers_write(Meta *m, const Model *model) {
    Offers o = {m, model, true};
    js_key(m->j, S("may"));
    js_begin_object(m->j);
    route_each(meta_view(m->c, model), offer_write, &o);
    js_end_object(m->j);
    o.generic = false;
    js_key(m->j, S("actions"));
    js_begin_array(m->j);
    route_each(meta_view(m->c, model), offer_write, &o);
    js_end_array(m->j);
}

/* --- what refers to a record --- */

static void related_by(Meta *m, const Model *model, const View *v) {
    for (int i = 0; i < v->model->n; i++) {
        const ModelField *f = &v->model->fields[i];
        if (f->ref != model || i == v->model->created_by || !field_filterable(f) || set_has(&v->hidden, i)) continue;
        js_begin_object(m->j);
        js_field_str(m->j, "resource", v->model->name);
        js_field_str(m->j, "field", v->names[i]);
        js_end_object(m->j);
    }
}

static void related_write(Meta *m, const Model *model) {
    const Registry *r = m->c->app->registry;
    js_key(m->j, S("related"));
    js_begin_array(m->j);
    for (int i = 0; i < r->n; i++) {
        const View *v = meta_readable(m->c, &r->models[i]);
        if (v && !(r->models[i].resource->flags & R_SINGLETON)) related_by(m, model, v);
    }
    js_end_array(m->j);
}

/* --- a resource --- */

static void head_write(Meta *m, const View *v) {
    const Resource *r = v->model->resource;
    const char *area = r->area ? r->area : r->flags & R_SYSTEM ? "administration" : "other";
    const char *singular = r->singular ? r->singular : r->name;
    js_field_str(m->j, "name", v->model->name);
    js_field_str(m->j, "path", v->path);
    js_field_str(m->j, "label", meta_label(m->c->arena, str_of(singular)));
    js_field_str(m->j, "label_plural", meta_label(m->c->arena, v->model->name));
    if (r->summary) js_field_c(m->j, "summary", r->summary);
    js_field_c(m->j, "area", area);
    if (r->flags & R_SINGLETON) js_field_bool(m->j, "singleton", true);
    if (r->flags & R_VIRTUAL) js_field_bool(m->j, "virtual", true);
    if (r->flags & R_MOVES) js_field_bool(m->j, "preview", true);
    if (r->as_of.rows) js_field_bool(m->j, "as_of", true);
}

static void name_of(Meta *m, const char *key, const View *v, int at) {
    if (at < 0 || set_has(&v->hidden, at)) return;
    js_key(m->j, str_of(key));
    js_str(m->j, v->names[at]);
}

static void record_write(Meta *m, const View *v) {
    const Model *model = v->model;
    const Resource *r = model->resource;
    name_of(m, "title", v, model->display);
    name_of(m, "status", v, model->status);
    name_of(m, "due", v, model->due);
    name_of(m, "owner", v, model->owner);
    js_field_c(m->j, "order", r->default_order ? r->default_order : "-id");
    if (model->searchable) js_field_bool(m->j, "searchable", true);
    states_write(m, "open", model, r->open_states == NEVER_OPEN ? 0 : r->open_states);
    if (r->open_states == NEVER_OPEN) js_field_bool(m->j, "never_open", true);
    states_write(m, "done", model, r->done_states);
    meta_fields(m, v);
    related_write(m, model);
}

static bool does_anything(const Ctx *c, const Model *model) {
    for (size_t i = 0; i < model->resource->n_actions; i++)
        if (action_may(c, model, &model->resource->actions[i]) != MAY_NOT) return true;
    return false;
}

static void resource_write(Meta *m, const Model *model) {
    bool virtual = model->resource->flags & R_VIRTUAL;
    const View *v = virtual ? meta_view(m->c, model) : meta_readable(m->c, model);
    if (!v || (virtual && !does_anything(m->c, model))) return;
    js_begin_object(m->j);
    head_write(m, v);
    if (!virtual) record_write(m, v);
    offers_write(m, model);
    js_end_object(m->j);
}

/* --- the whole --- */

static void resources_write(Ctx *c) {
    OpenApi o = {.registry = c->app->registry, .arena = c->arena, .ctx = c};
    Meta m = {c, &o, &c->out};
    js_key(&c->out, S("resources"));
    js_begin_array(&c->out);
    for (int i = 0; i < c->app->registry->n; i++) resource_write(&m, &c->app->registry->models[i]);
    js_end_array(&c->out);
}

/* All that the answer is made of: who asks, as it is written before the
 * resources, and what they may. */
static Hash key_of(const Ctx *c) {
    size_t n = c->rights ? (size_t)c->app->registry->n : 0;
    const Str parts[] = {
        buf_view(c->body),
        {(const char *)c->rights, n * sizeof *c->rights},
        c->client_id ? S("customer") : STR_NONE,
    };
    Hash key;
    hash_parts(parts, sizeof parts / sizeof *parts, &key);
    return key;
}

static void make(ApiRequest *r, const Hash *key, char digest[HASH_HEX]) {
    Ctx *c = &r->c;
    Hash hash;
    resources_write(c);
    js_end_object(&c->out);
    hash_sha256(buf_view(c->body), &hash);
    hash_hex(&hash, digest);
    if (!c->body->failed) meta_kept_put(r->api->meta, key, buf_view(c->body), digest);
}

/* A browser keeps it, and asks each time whether it still holds. */
static void answer_with(ApiRequest *r) {
    HttpResponse *a = &r->http->response;
    Hash key = key_of(&r->c);
    char digest[HASH_HEX];
    bool gzip = gzip_accepted(http_header(r->http, "Accept-Encoding"));
    bool kept = meta_kept_get(r->api->meta, &key, gzip, r->c.body, digest);
    if (!kept) make(r, &key, digest);
    r->etag = arena_fmt(r->c.arena, "\"%.*s\"", ETAG_HEX, digest);
    http_respond_header(r->http, "Cache-Control", S("private, no-cache"));
    http_respond_header(r->http, "Vary", kept ? S("Authorization, Accept-Encoding") : S("Authorization"));
    if (!kept || answer_is_known(r, r->etag)) return;
    a->no_gzip = true;
    if (gzip) http_respond_header(r->http, "Content-Encoding", S("gzip"));
}

static bool meta_run(Ctx *c, Call *call) {
    (void)call;
    js_begin_object(&c->out);
    js_field_c(&c->out, "version", MILLWRIGHT_VERSION);
    js_field_bool(&c->out, "demo", c->app->demo);
    js_key(&c->out, S("caller"));
    if (!identity_me_write(c)) return false;
    answer_with((ApiRequest *)c); /* of which it is the first member */
    return true;
}

static const Field answer[] = {
    {"version", &T_TEXT, F_REQUIRED, .help = "of the program", .example = "\"0.4.0\""},
    {"demo", &T_BOOL, F_REQUIRED, .help = "whether it runs with the data of a demonstration", .example = "false"},
    {"caller", &T_OBJECT, F_REQUIRED, .help = "what /auth/me answers", .example = "{\"id\": 7, \"username\": \"maria\"}"},
    {"resources", &T_JSON, F_REQUIRED,
     .help = "those the caller may read: path, labels, area, fields, lines, what refers to them, `may` (all or own) "
             "and the actions that are allowed",
     .example = "[{\"name\": \"customers\", \"path\": \"customers\", \"label\": \"Customer\", \"may\": {\"list\": \"all\"}}]"},
};

static const Action actions[] = {
    {"", ACTION_COLLECTION | ACTION_GET | ACTION_SELF, "What a user interface is made of, for the caller",
     ANSWER(answer), .run = meta_run},
};

const Resource resource_meta = {
    .name = "meta",
    .summary = "What a user interface is made of.",
    .flags = R_VIRTUAL,
    ACTIONS(actions),
};
