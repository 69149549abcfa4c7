/* Paths to verbs. A path is, after an optional /api and /v1:
 *   /<resource>                      collection, or the one record of a singleton
 *   /<resource>/<verb or action>     stats, bulk, export, import, a collection action
 *   /<resource>/<id>                 record
 *   /<resource>/<id>/<action>        a transition or another action of a record
 *   /<resource>/<text>               of a resource that is asked by a text
 * An action's name may have a slash in it. A trailing slash changes nothing. */
#include "api/verbs.h"

#define BODY_LIMIT ((size_t)1 << 20)
#define LARGE_BODY_LIMIT ((size_t)16 << 20)

static const Verb verbs[] = {
    {"list", "GET", AT_COLLECTION, NULL, MAY_READ, LANE_INLINE, VERB_STANDBY, RATE_GENERAL, list_plan, list_run},
    {"create", "POST", AT_COLLECTION, NULL, MAY_CREATE, LANE_WRITER,
     VERB_BODY | VERB_CHANGES | VERB_CREATES | VERB_REPLAYS, RATE_GENERAL, create_plan, create_run},
    {"stats", "GET", AT_COLLECTION, "stats", MAY_READ, LANE_INLINE, VERB_STANDBY, RATE_GENERAL, stats_plan, stats_run},
    {"bulk", "POST", AT_COLLECTION, "bulk", MAY_CREATE, LANE_WRITER,
     VERB_BODY | VERB_LARGE | VERB_CHANGES | VERB_CREATES | VERB_REPLAYS, RATE_GENERAL, bulk_plan, bulk_run},
    {"export", "GET", AT_COLLECTION, "export", MAY_EXPORT, LANE_POOL, VERB_STANDBY, RATE_GENERAL, export_plan, export_run},
    {"import", "POST", AT_COLLECTION, "import", MAY_IMPORT, LANE_WRITER,
     VERB_CSV | VERB_LARGE | VERB_CHANGES | VERB_CREATES | VERB_REPLAYS, RATE_UPLOAD, import_plan, import_run},
    {"import-jobs", "POST", AT_COLLECTION, "import-jobs", MAY_IMPORT, LANE_WRITER,
     VERB_CSV | VERB_FILE | VERB_CHANGES | VERB_CREATES | VERB_REPLAYS, RATE_UPLOAD, import_job_plan, import_job_run,
     import_job_admit},
    {"get", "GET", AT_RECORD, NULL, MAY_READ, LANE_INLINE, 0, RATE_GENERAL, one_plan, one_run},
    {"replace", "PUT", AT_RECORD, NULL, MAY_UPDATE, LANE_WRITER, VERB_BODY | VERB_CHANGES | VERB_UPDATES, RATE_GENERAL,
     replace_plan, update_run},
    {"update", "PATCH", AT_RECORD, NULL, MAY_UPDATE, LANE_WRITER, VERB_BODY | VERB_CHANGES | VERB_UPDATES, RATE_GENERAL,
     change_plan, update_run},
    {"delete", "DELETE", AT_RECORD, NULL, MAY_DELETE, LANE_WRITER, VERB_CHANGES | VERB_DELETES,
     RATE_GENERAL, remove_plan, remove_run},
    {"get", "GET", AT_COLLECTION, NULL, MAY_READ, LANE_INLINE, VERB_SINGLE, RATE_GENERAL, single_plan, single_run},
    {"replace", "PUT", AT_COLLECTION, NULL, MAY_UPDATE, LANE_WRITER, VERB_BODY | VERB_CHANGES | VERB_SINGLE,
     RATE_GENERAL, replace_plan, single_update_run},
    {"update", "PATCH", AT_COLLECTION, NULL, MAY_UPDATE, LANE_WRITER, VERB_BODY | VERB_CHANGES | VERB_SINGLE,
     RATE_GENERAL, change_plan, single_update_run},
};
#define N_VERBS (sizeof(verbs) / sizeof(*verbs))

/* An action that is a transition, one with a body of its own, a read, and a list
 * of related records. */
const Verb verb_transition = {"act", "POST", AT_RECORD, NULL, 0, LANE_WRITER, VERB_BODY | VERB_REPLAYS,
                              RATE_GENERAL, act_plan, act_run};
const Verb verb_call = {"call", "POST", AT_RECORD, NULL, 0, LANE_WRITER, VERB_BODY | VERB_REPLAYS,
                        RATE_GENERAL, call_plan, call_run};
const Verb verb_ask = {"call", "GET", AT_RECORD, NULL, 0, LANE_INLINE, VERB_STANDBY, RATE_GENERAL, ask_plan, call_run};
const Verb verb_related = {"related", "GET", AT_RECORD, NULL, 0, LANE_INLINE, VERB_STANDBY,
                           RATE_GENERAL, related_plan, related_run};

static const Verb verb_narrowed = {"list", "GET", AT_COLLECTION, NULL, 0, LANE_INLINE, VERB_STANDBY,
                            RATE_GENERAL, narrowed_plan, list_run};

static bool verb_offered(const Model *m, const Verb *v) {
    uint32_t f = m->resource->flags;
    if (f & R_VIRTUAL) return false;
    if (!(f & R_SINGLETON) != !(v->flags & VERB_SINGLE)) return false;
    if ((f & R_READ_ONLY) && (v->flags & VERB_CHANGES)) return false;
    if ((f & R_NO_CREATE) && (v->flags & VERB_CREATES)) return false;
    if ((f & R_APPEND_ONLY) && (v->flags & (VERB_UPDATES | VERB_DELETES))) return false;
    return !((f & R_NO_DELETE) && (v->flags & VERB_DELETES));
}

static const char *action_method(const Action *a) {
    if (a->list_of || a->narrow) return "GET";
    return a->flags & ACTION_GET      ? "GET"
           : a->flags & ACTION_DELETE ? "DELETE"
           : a->flags & ACTION_PATCH  ? "PATCH"
                                      : "POST";
}

static Place action_place(const Action *a) {
    return a->flags & ACTION_COLLECTION || a->narrow ? AT_COLLECTION : AT_RECORD;
}

/* An action takes the place of a generic verb of the same path and method:
 * "stats", or with no name the collection itself. */
static bool overridden(const Model *m, const Verb *v) {
    for (size_t i = 0; i < m->resource->n_actions; i++) {
        const Action *a = &m->resource->actions[i];
        if (!strcmp(a->name, v->segment ? v->segment : "") && v->place == action_place(a) &&
            !strcmp(v->method, action_method(a)))
            return true;
    }
    return false;
}

bool route_offers(const Model *m, const char *verb) {
    for (size_t i = 0; i < N_VERBS; i++)
        if (!strcmp(verbs[i].name, verb)) return verb_offered(m, &verbs[i]) && !overridden(m, &verbs[i]);
    return false;
}

static const Verb *verb_of_action(const Action *a) {
    if (a->list_of) return &verb_related;
    if (a->narrow) return &verb_narrowed;
    if (!a->run) return &verb_transition;
    return a->flags & ACTION_GET ? &verb_ask : &verb_call;
}

static bool view_offers(const View *view, const char *name) {
    for (const char *const *o = view->offers; o && *o; o++)
        if (!strcmp(*o, name)) return true;
    return !view->offers;
}

void route_each(const View *view, void (*each)(void *, const Verb *, const Action *), void *arg) {
    const Model *m = view->model;
    for (size_t i = 0; i < N_VERBS; i++)
        if (verb_offered(m, &verbs[i]) && !overridden(m, &verbs[i]) && view_offers(view, verbs[i].name))
            each(arg, &verbs[i], NULL);
    for (size_t i = 0; i < m->resource->n_actions; i++) {
        const Action *a = &m->resource->actions[i];
        if (view_offers(view, a->name)) each(arg, verb_of_action(a), a);
    }
}

typedef struct {
    ApiRequest *r;
    Place place;
    Str segment; /* behind the place, STR_NONE when there is none */
    Buf *allow;  /* the methods of this path; NULL while only the one asked for matters */
} Search;

static void allow_add(Buf *allow, const char *method) {
    if (!strstr(buf_c_str(allow), method)) buf_fmt(allow, "%s%s", allow->n ? ", " : "", method);
}

static bool method_fits(const ApiRequest *r, const char *method) {
    return str_is(r->http->method, method) ||
           (!strcmp(method, "GET") && str_is(r->http->method, "HEAD"));
}

static void route_consider(void *arg, const Verb *v, const Action *a) {
    Search *s = arg;
    const char *segment = a ? (*a->name ? a->name : NULL) : v->segment;
    if ((a ? action_place(a) : v->place) != s->place) return;
    if (segment ? !str_is(s->segment, segment) : s->segment.p != NULL) return;
    const char *method = a ? action_method(a) : v->method;
    if (s->allow) allow_add(s->allow, method);
    if (!method_fits(s->r, method)) return;
    s->r->verb = v;
    s->r->action = a;
    s->r->action_at = a ? (int)(a - s->r->model->resource->actions) : -1;
}

static Str next_segment(Str *path) {
    if (path->n && path->p[0] == '/') path->p++, path->n--;
    Str rest;
    Str segment = str_cut(*path, '/', &rest);
    path->p = rest.p ? rest.p - 1 : segment.p + segment.n;
    path->n = rest.p ? rest.n + 1 : 0;
    return segment;
}

static Str path_trimmed(Str path) {
    if (str_starts(path, S("/api/")) || str_is(path, "/api")) path.p += 4, path.n -= 4;
    if (str_starts(path, S("/v1/")) || str_is(path, "/v1")) path.p += 3, path.n -= 3;
    if (path.n > 1 && path.p[path.n - 1] == '/') path.n--;
    return path;
}

static bool is_id(Str s, int64_t *id) {
    if (!s.n || s.n > 18) return false;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9') return false;
    return str_to_int(s, id);
}

static bool not_found(ApiRequest *r) { return fail(&r->c, E_NOT_FOUND, NULL); }

size_t route_body_limit(const ApiRequest *r) {
    if (r->verb->flags & VERB_LARGE) return LARGE_BODY_LIMIT;
    if (r->verb->flags & VERB_FILE) return r->api->config.import_max;
    return r->verb->flags & (VERB_BODY | VERB_CSV) ? BODY_LIMIT : 0;
}

static Str methods_here(Search *s) {
    Buf allow = {0};
    s->allow = &allow;
    route_each(s->r->view, route_consider, s);
    Str methods = arena_str(s->r->c.arena, buf_view(&allow));
    buf_free(&allow);
    return methods;
}

/* A resource's path may be two segments: "client/issues". */
static const View *view_take(const Registry *registry, Str *path) {
    Str first = next_segment(path), rest = *path;
    const View *v = registry_view(registry, first);
    if (v || !rest.n) return v;
    Str second = next_segment(&rest);
    v = registry_view(registry, (Str){first.p, (size_t)(second.p + second.n - first.p)});
    if (v) *path = rest;
    return v;
}

static bool takes_text(const Model *m) {
    for (size_t i = 0; i < m->resource->n_actions; i++)
        if (m->resource->actions[i].flags & ACTION_TEXT) return true;
    return false;
}

/* What is no text, or more than one segment, names nothing. */
static bool text_take(ApiRequest *r, Str path) {
    Str segment = path.n ? next_segment(&path) : STR_NONE;
    return segment.n && !path.n && http_decode_text(segment, r->c.arena, &r->path_rest);
}

static bool has_name(const Model *m, Str name) {
    int at;
    return model_action(m, name, &at) != NULL;
}

static void segments_take(ApiRequest *r, Str path, Search *s) {
    Str segment = path.n ? next_segment(&path) : STR_NONE;
    if (segment.p && is_id(segment, &r->id)) {
        s->place = AT_RECORD;
        segment = path.n ? next_segment(&path) : STR_NONE;
    }
    s->segment = segment;
    if (!path.n) return;
    Str whole = {segment.p, segment.n + path.n};
    if (has_name(r->model, whole))
        s->segment = whole;
    else
        r->path_rest = (Str){path.p + 1, path.n - 1};
}

bool route_find(ApiRequest *r, Str *allow) {
    Str path = path_trimmed(r->http->path);
    r->view = view_take(r->c.app->registry, &path);
    if (!r->view) return not_found(r);
    r->model = r->view->model;
    Search s = {.r = r, .place = AT_COLLECTION};
    bool text = takes_text(r->model);
    if (text && !text_take(r, path)) return not_found(r);
    if (!text) segments_take(r, path, &s);
    route_each(r->view, route_consider, &s);
    bool rest = text || (r->action && (r->action->flags & ACTION_ITEM));
    if (r->path_rest.p && !rest) return not_found(r);
    if (r->verb) return true;
    *allow = methods_here(&s);
    if (!allow->n) return not_found(r);
    return fail(&r->c, E_METHOD, "this path answers %.*s", STR_ARG(*allow));
}
