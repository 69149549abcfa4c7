/* What a role, or the caller, may do: a row for every resource. For user
 * interfaces, that show what can be used, and for who defines roles. */
#include "identity/internal.h"
#include "identity/resources.h"

/* In a matrix there is what can be permitted at all. */
static bool in_matrix(const Model *m) { return !(m->resource->flags & (R_INTERNAL | R_GLOBAL | R_VIRTUAL)); }

static const char *scope_of(const Rights *r, int permission) {
    uint64_t bit = (uint64_t)1 << permission;
    return r->all & bit ? "all" : r->own & bit ? "own" : "no";
}

/* ["customers:read", …]: whatever is allowed, on all records or on one's own. */
static void names_write(Ctx *c, const Rights *rights) {
    Json *j = &c->out;
    const Registry *r = c->app->registry;
    js_key(j, S("permissions"));
    js_begin_array(j);
    for (int i = 0; i < r->n; i++)
        for (int k = 0; in_matrix(&r->models[i]) && k < r->models[i].n_permissions; k++)
            if ((rights[i].all | rights[i].own) >> k & 1)
                js_str(j, arena_fmt(c->arena, "%s:%s", r->models[i].name.p, r->models[i].permissions[k].p));
    js_end_array(j);
}

static void matrix_write(Ctx *c, const Rights *rights) {
    Json *j = &c->out;
    const Registry *r = c->app->registry;
    js_key(j, S("matrix"));
    js_begin_object(j);
    for (int i = 0; i < r->n; i++) {
        if (!in_matrix(&r->models[i])) continue;
        js_key(j, r->models[i].name);
        js_begin_object(j);
        for (int k = 0; k < r->models[i].n_permissions; k++) {
            js_key(j, r->models[i].permissions[k]);
            js_c(j, scope_of(&rights[i], k));
        }
        js_end_object(j);
    }
    js_end_object(j);
}

bool role_permissions(Ctx *c, Call *call) {
    Rights *rights = rights_new(c->arena, c->app->registry);
    Row role;
    if (!record_load(c, call->view->model, call->id, &role)) return false;
    if (!record_visible(c, &role)) return fail(c, E_NOT_FOUND, NULL);
    if (!rights_of_role(c, call->id, rights)) return false;
    js_begin_object(&c->out);
    js_field_int(&c->out, "role_id", call->id);
    js_field_str(&c->out, "role", row_get(&role, "name").s);
    names_write(c, rights);
    matrix_write(c, rights);
    js_end_object(&c->out);
    return true;
}

/* With a key: what the key may do, which is never more than its maker. */
static bool my_permissions(Ctx *c, Call *call) {
    (void)call;
    const Rights *rights = c->rights ? c->rights : rights_new(c->arena, c->app->registry);
    js_begin_object(&c->out);
    js_field_int(&c->out, "organization_id", c->organization_id);
    js_field_int(&c->out, "user_id", c->user_id);
    names_write(c, rights);
    matrix_write(c, rights);
    js_end_object(&c->out);
    return true;
}

#define MATRIX_ANSWER                                                                                       \
    {"permissions", &T_JSON, F_REQUIRED, .help = "what is allowed, on all records or on one's own",         \
     .example = "[\"customers:read\", \"customers:update\"]"},                                              \
    {"matrix", &T_JSON, F_REQUIRED, .help = "of every resource and action: all, own or no",                  \
     .example = "{\"customers\": {\"read\": \"all\", \"update\": \"own\", \"delete\": \"no\"}}"}

const Field role_permissions_answer[4] = {
    {"role_id", &T_INT, F_REQUIRED, .example = "3"},
    {"role", &T_TEXT, F_REQUIRED, .example = "\"staff\""},
    MATRIX_ANSWER,
};
static const Field my_permissions_answer[] = {
    {"organization_id", &T_INT, F_REQUIRED, .example = "1"},
    {"user_id", &T_INT, F_REQUIRED, .example = "7"},
    MATRIX_ANSWER,
};

static const Action actions[] = {
    {"permissions", ACTION_COLLECTION | ACTION_GET | ACTION_SELF, "What you may do in this organization",
     ANSWER(my_permissions_answer), .run = my_permissions},
};

const Resource resource_me = {
    .name = "me",
    .summary = "Who is signed in. (/auth/me says who that is.)",
    .flags = R_VIRTUAL,
    ACTIONS(actions),
};
