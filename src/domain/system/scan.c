/* What a code is that a scanner read, and what can be done with it.
 *
 * Every field that says F_SCAN is looked up by its index, in the order of the
 * resources, as the caller's own list of those would find it: with the right to
 * read and the row scope. A code of another organization, one that the caller
 * may not see and one that never was are the same 404. */
#include "domain/system/internal.h"
#include "model/query.h"
#include "model/read.h"
#include "model/store.h"

#define CODE_MAX    128 /* bytes */
#define MATCHES_MAX 100

typedef struct {
    Str code;
    const ModelField *field; /* that is being looked up */
    int n;
} Scan;

/* Not again what an earlier field found. */
static bool seen(const Scan *s, const Row *row) {
    for (int i = 0; i < s->field->index; i++)
        if ((row->model->fields[i].flags & F_SCAN) && row->values[i].kind == V_TEXT && str_eq(row->values[i].s, s->code))
            return true;
    return false;
}

static bool possible(const Ctx *c, const Row *row, int action) {
    const Action *a = &row->model->resource->actions[action];
    if ((a->flags & ACTION_COLLECTION) || !row_may(c, row, row->model->action_permission[action])) return false;
    return !a->from || (a->from >> row_state(row) & 1);
}

static bool changes(const Action *a) { return !a->list_of && !(a->flags & ACTION_GET); }

static void actions_write(Ctx *c, const Row *row) {
    const Resource *r = row->model->resource;
    js_key(&c->out, S("actions"));
    js_begin_array(&c->out);
    for (size_t i = 0; i < r->n_actions; i++)
        if (changes(&r->actions[i]) && possible(c, row, (int)i)) js_c(&c->out, r->actions[i].name);
    js_end_array(&c->out);
}

static void link_write(Ctx *c, const Row *row, const char *name, const char *action) {
    js_key(&c->out, str_of(name));
    js_str(&c->out, arena_fmt(c->arena, "/api/v1/%s/%lld%s%s", row->model->name.p,
                              (long long)row->values[row->model->id].i, *action ? "/" : "", action));
}

/* A list of others is there for those who may read them. */
static bool linked(const Ctx *c, const Row *row, int action) {
    const Action *a = &row->model->resource->actions[action];
    return possible(c, row, action) && (!a->list_of || ctx_may(c, ctx_model(c, a->list_of), MAY_READ) != MAY_NOT);
}

static void links_write(Ctx *c, const Row *row) {
    const Resource *r = row->model->resource;
    js_key(&c->out, S("links"));
    js_begin_object(&c->out);
    link_write(c, row, "self", "");
    for (size_t i = 0; i < r->n_actions; i++)
        if (linked(c, row, (int)i)) link_write(c, row, r->actions[i].name, r->actions[i].name);
    js_end_object(&c->out);
}

static bool match_write(Ctx *c, const Row *row, void *arg) {
    Scan *s = arg;
    const Model *m = row->model;
    Json *j = &c->out;
    if (seen(s, row)) return true;
    if (s->n++ == MATCHES_MAX) return false;
    js_begin_object(j);
    js_field_str(j, "resource", m->name);
    js_field_int(j, "id", row->values[m->id].i);
    js_key(j, S("display"));
    m->fields[m->display].type->to_json(j, &row->values[m->display]);
    js_key(j, S("record"));
    row_write_some(c, &m->views[0], row, set_all());
    actions_write(c, row);
    links_write(c, row);
    js_end_object(j);
    return true;
}

static bool field_scan(Ctx *c, Scan *s) {
    Query q;
    const Param by[] = {{s->field->name, s->code}};
    /* What the field cannot hold it does not have. */
    if (!query_read(c, &s->field->model->views[0], (Params){by, 1}, MAY_READ, &q)) {
        error_clear(&c->err);
        return true;
    }
    query_each(c, &q, match_write, s);
    return c->err.kind == E_NONE;
}

static bool scan_run(Ctx *c, Call *call) {
    Scan s = {.code = str_trim(call->path_rest)};
    const Registry *r = c->app->registry;
    if (!s.code.n || s.code.n > CODE_MAX) return fail(c, E_NOT_FOUND, NULL);
    js_begin_object(&c->out);
    js_key(&c->out, S("matches"));
    js_begin_array(&c->out);
    for (int i = 0; i < r->n; i++) {
        const Model *m = &r->models[i];
        for (int k = 0; k < m->n && ctx_may(c, m, MAY_READ) != MAY_NOT; k++) {
            s.field = &m->fields[k];
            if ((s.field->flags & F_SCAN) && !field_scan(c, &s)) return false;
        }
    }
    js_end_array(&c->out);
    js_end_object(&c->out);
    return s.n > 0 || fail(c, E_NOT_FOUND, NULL);
}

static const Field answer[] = {
    {"matches", &T_JSON, 0,
     .help = "resource, id, display, record, actions (what can be done with it now, and by the caller) and links",
     .example = "[{\"resource\":\"products\",\"id\":7,\"display\":\"Cotton yarn 40s\",\"record\":{\"id\":7},\"actions\":[],"
                "\"links\":{\"self\":\"/api/v1/products/7\"}}]"},
};

static const Action actions[] = {
    {"", ACTION_COLLECTION | ACTION_GET | ACTION_SELF | ACTION_TEXT, "What a code is, and what can be done with it",
     ANSWER(answer), .run = scan_run},
};

const Resource scan = {
    .name = "scan",
    .summary = "Bar codes and other codes, whatever they are on.",
    .flags = R_VIRTUAL,
    ACTIONS(actions),
};
