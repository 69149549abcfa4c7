/* The generic verbs, each a plan and a run. See Verb in request.h. */
#include "api/verbs.h"

#include <assert.h>

#include "model/read.h"
#include "model/single.h"

#define JSON_DEPTH_MAX 32
#define JSON_VALUES_MAX 500000 /* jansson takes some 150 bytes for each */

typedef struct {
    int depth, deepest, values;
} JsonShape;

/* What parsing would cost, seen by a scan beforehand: jansson's own limit of
 * the depth is a build option, and it has none of the number of values. */
static JsonShape json_shape(Str s) {
    JsonShape shape = {.values = 1};
    bool in_string = false;
    for (size_t i = 0; i < s.n; i++) {
        char ch = s.p[i];
        if (in_string) {
            if (ch == '\\')
                i++;
            else if (ch == '"')
                in_string = false;
        } else if (ch == '"') {
            in_string = true;
        } else if (ch == ',') {
            shape.values++;
        } else if (ch == '{' || ch == '[') {
            shape.values++;
            if (++shape.depth > shape.deepest) shape.deepest = shape.depth;
        } else if (ch == '}' || ch == ']') {
            shape.depth--;
        }
    }
    return shape;
}

bool body_parse(ApiRequest *r) {
    Str s = r->http->body;
    if (!s.n) return true;
    JsonShape shape = json_shape(s);
    if (shape.deepest > JSON_DEPTH_MAX)
        return fail(&r->c, E_BAD_JSON, "the body is nested deeper than %d levels", JSON_DEPTH_MAX);
    if (shape.values > JSON_VALUES_MAX)
        return fail(&r->c, E_TOO_LARGE, "the body has more than %d values", JSON_VALUES_MAX);
    json_error_t e;
    r->body = json_loadb(s.p, s.n, JSON_REJECT_DUPLICATES, &e);
    if (r->body) return true;
    return fail(&r->c, E_BAD_JSON, "%s (line %d, column %d)", e.text, e.line, e.column);
}

Str param_take(ApiRequest *r, const char *name) {
    for (int i = 0; i < r->params.n; i++) {
        if (!str_is(r->params.list[i].name, name)) continue;
        Str value = r->params.list[i].value;
        Param *at = &r->param_list[i];
        memmove(at, at + 1, sizeof(Param) * (size_t)(--r->params.n - i));
        return value;
    }
    return STR_NONE;
}

bool params_none_left(ApiRequest *r) {
    if (!r->params.n) return true;
    return fail(&r->c, E_UNKNOWN_FIELD, "there is no parameter %.*s here", STR_ARG(r->params.list[0].name));
}

static bool body_wanted(ApiRequest *r) {
    return r->body || fail(&r->c, E_BAD_JSON, "a JSON body is needed");
}

/* --- reading --- */

/* Counting a large table for the first time is not for an I/O thread, nor is
 * looking up the past. */
static void list_lane(ApiRequest *r) {
    int64_t total;
    bool counts = r->query->count && !query_total_known(&r->c, r->query, &total);
    if (counts || r->query->as_of.n) r->lane = LANE_POOL;
}

bool list_plan(ApiRequest *r) {
    r->query = ARENA_NEW(r->c.arena, Query);
    if (!query_read(&r->c, r->view, r->params, MAY_READ, r->query)) return false;
    list_lane(r);
    return true;
}

/* Of its own records, those that the action leaves. */
bool narrowed_plan(ApiRequest *r) {
    const Listed of = {.view = r->view, .permission = r->model->action_permission[r->action_at], .order = r->action->list_order};
    r->query = ARENA_NEW(r->c.arena, Query);
    if (!query_read_listed(&r->c, r->params, &of, r->query) || !r->action->narrow(&r->c, r->query)) return false;
    list_lane(r);
    return true;
}

/* Of the other resource's records, those that refer to this one. */
bool related_plan(ApiRequest *r) {
    const Action *a = r->action;
    const Model *m = ctx_model(&r->c, a->list_of);
    const Listed of = {.view = ctx_view(&r->c, m), .permission = MAY_READ, .by = model_field(m, a->list_by), .id = r->id,
                       .order = a->list_order};
    r->query = ARENA_NEW(r->c.arena, Query);
    if (!ctx_require(&r->c, m, MAY_READ)) return false;
    if (!of.view) return fail(&r->c, E_NOT_FOUND, NULL);
    if (!query_read_listed(&r->c, r->params, &of, r->query)) return false;
    list_lane(r);
    return true;
}

bool related_run(ApiRequest *r) {
    Query one;
    return query_read_one(&r->c, r->view, (Params){0}, MAY_READ, &one) && query_finds(&r->c, &one, r->id) &&
           list_run(r);
}

bool list_run(ApiRequest *r) {
    Ctx *c = &r->c;
    Page page = {.total = -1};
    r->look->list_begin(r);
    /* Not in one snapshot: a total counted in one that began earlier would be
     * kept as if it were of now (see stats.c). */
    bool ok = query_items(c, r->query, &page);
    if (ok && r->query->count) ok = query_page_total(c, r->query, &page);
    if (ok) r->look->list_end(r, &page);
    return ok;
}

bool one_plan(ApiRequest *r) {
    r->query = ARENA_NEW(r->c.arena, Query);
    return query_read_one(&r->c, r->view, r->params, MAY_READ, r->query);
}

bool one_run(ApiRequest *r) { return query_one(&r->c, r->query, r->id, &r->version); }

bool stats_plan(ApiRequest *r) {
    r->query = ARENA_NEW(r->c.arena, Query);
    if (!query_read(&r->c, r->view, r->params, MAY_READ, r->query)) return false;
    if (!query_stats_known(&r->c, r->query)) r->lane = LANE_POOL;
    return true;
}

bool stats_run(ApiRequest *r) { return query_stats(&r->c, r->query); }

/* --- writing --- */

static void answer_row(ApiRequest *r, const Row *row) {
    const Model *m = row->model;
    row_write(&r->c, r->view, row);
    if (m->version >= 0) r->version = row->values[m->version].i;
}

bool create_plan(ApiRequest *r) {
    return params_none_left(r) && body_wanted(r) &&
           input_read(&r->c, r->view, r->body, INPUT_CREATE, &r->input);
}

bool create_run(ApiRequest *r) {
    Row row;
    if (!record_create(&r->c, r->model, &r->input, &row)) return false;
    r->c.status = 201;
    r->location = ctx_fmt(&r->c, "/api/v1/%s/%lld", r->view->path.p, (long long)row.values[0].i);
    answer_row(r, &row);
    return true;
}

static bool update_plan(ApiRequest *r, InputKind kind) {
    return params_none_left(r) && body_wanted(r) &&
           input_read(&r->c, r->view, r->body, kind, &r->input);
}

bool replace_plan(ApiRequest *r) { return update_plan(r, INPUT_REPLACE); }
bool change_plan(ApiRequest *r) { return update_plan(r, INPUT_PATCH); }

/* A stale If-Match tells the version there is. */
static bool stale_version(ApiRequest *r) {
    Row row;
    if (r->c.err.kind != E_STALE || db_failed(r->c.db)) return false;
    Error stale = r->c.err;
    if (record_load(&r->c, r->model, r->id, &row) && r->model->version >= 0)
        r->version = row.values[r->model->version].i;
    r->c.err = stale;
    return false;
}

bool update_run(ApiRequest *r) {
    Row row;
    if (!record_update(&r->c, r->model, r->id, &r->input, &row)) return stale_version(r);
    answer_row(r, &row);
    return true;
}

/* --- the one record of a singleton --- */

/* It is nobody's own. */
static bool single_allowed(ApiRequest *r) {
    if (ctx_may(&r->c, r->model, r->verb->permission) == MAY_ALL) return true;
    return fail(&r->c, E_FORBIDDEN, "you need the permission %s:%s on all records", r->model->name.p,
                r->model->permissions[r->verb->permission].p);
}

bool single_plan(ApiRequest *r) { return single_allowed(r) && one_plan(r); }

bool single_run(ApiRequest *r) {
    if (!single_write(&r->c, r->query, &r->version)) return false;
    r->unwritten = r->version == 0;
    return true;
}

bool single_update_run(ApiRequest *r) {
    Row row;
    if (!single_allowed(r)) return false;
    if (single_update(&r->c, r->model, &r->input, &row)) {
        answer_row(r, &row);
        return true;
    }
    if (r->c.err.kind != E_STALE || db_failed(r->c.db)) return false;
    Error stale = r->c.err;
    r->unwritten = single_find(&r->c, r->model, &r->id) && !r->id;
    r->c.err = stale;
    return stale_version(r);
}

bool remove_plan(ApiRequest *r) { return params_none_left(r); }

bool remove_run(ApiRequest *r) {
    if (!record_delete(&r->c, r->model, r->id)) return stale_version(r);
    r->look->deleted(r);
    return true;
}

static void call_begin(ApiRequest *r) {
    r->call.view = r->view;
    r->call.action = r->action;
    r->call.id = r->id;
    r->call.path_rest = r->path_rest;
}

static bool call_input(ApiRequest *r) {
    call_begin(r);
    return params_none_left(r) && input_read_call(&r->c, r->body, &r->call);
}

bool act_plan(ApiRequest *r) { return call_input(r); }

bool act_run(ApiRequest *r) {
    Row row;
    if (!record_act(&r->c, r->model, &r->call, &row)) return stale_version(r);
    answer_row(r, &row);
    return true;
}

bool call_plan(ApiRequest *r) {
    if (r->action->flags & ACTION_POOL) r->lane = LANE_POOL;
    return call_input(r);
}

bool ask_plan(ApiRequest *r) {
    if (r->action->flags & ACTION_POOL) r->lane = LANE_POOL;
    call_begin(r);
    if (!(r->action->flags & ACTION_FILTERED)) return input_read_params(&r->c, r->params, &r->call);
    r->call.query = r->query = ARENA_NEW(r->c.arena, Query);
    return query_read(&r->c, r->view, r->params, r->model->action_permission[r->action_at], r->query);
}

/* A call does not ask whose record it is: with a right on one's own only, that
 * is asked here. */
static bool call_allowed(ApiRequest *r) {
    if (!r->id || (r->action->flags & (ACTION_PUBLIC | ACTION_SELF | ACTION_COLLECTION))) return true;
    int permission = r->model->action_permission[r->action_at];
    bool all = ctx_may(&r->c, r->model, permission) == MAY_ALL && !(r->model->resource->flags & R_PERSONAL);
    return all || record_allowed(&r->c, r->model, r->id, permission);
}

bool call_run(ApiRequest *r) {
    if (!call_allowed(r)) return false;
    if (r->action->flags & ACTION_CREATES) r->c.status = 201;
    if (!r->action->run(&r->c, &r->call)) return false;
    r->content_type = r->c.media_type;
    return true;
}
