/* API keys: "mw_<id>_<secret>", for programs. A key acts as the user who made
 * it, with at most that user's rights at the time of each request and, when it
 * has scopes, only with those. It is printed once and stored as its hash;
 * revoking or deleting it counts at the next request. */
#include "identity/internal.h"
#include "identity/resources.h"

#define PREFIX_SHOWN 8 /* characters of the secret by which people tell keys apart */

static const Field fields[] = {
    {"name", &T_TEXT, F_REQUIRED | F_FILTER | F_SORT, .example = "Web shop"},
    {"prefix", &T_TEXT, F_READONLY, .help = "how the secret begins"},
    {"key_hash", &T_TEXT, F_READONLY | F_HIDDEN | F_SECRET},
    {"scopes", &T_JSON, F_CREATE_ONLY, .example = "[\"products:read\",\"sales-orders:*\"]",
     .help = "\"resource:action\" or \"*\"; all of its maker's rights when left out"},
    {"expires_at", &T_TIME, F_SORT, .example = "2040-12-31T00:00:00Z", .help = "never when left out"},
    {"last_used_at", &T_TIME, F_READONLY, .help = "to the minute"},
    {"revoked_at", &T_TIME, F_READONLY},
};

static const Field create_input[] = {
    {"name", &T_TEXT, F_REQUIRED},
    {"scopes", &T_JSON, 0},
    {"expires_at", &T_TIME, 0},
};

/* A pattern may be wide, since only what its maker has counts; a name that is
 * given in full must be one of the maker's own. */
static bool scope_check(Ctx *c, int i, const char *text) {
    const Registry *r = c->app->registry;
    Permission p;
    Str path = arena_fmt(c->arena, "scopes[%d]", i);
    if (!text || !scope_parse(str_of(text), &p))
        return error_issue(&c->err, path, "format", "must be like products:read");
    if (permission_check(r, &p) != PERMISSION_KNOWN)
        return error_issue(&c->err, path, "unknown", "names no resource, or no action of it");
    Rights *rights = rights_new(c->arena, r);
    rights_add(r, rights, &p);
    if (str_is(p.resource, "*") || str_is(p.action, "*")) return true;
    for (int k = 0; k < r->n; k++)
        rights[k] = (Rights){.own = rights[k].all}; /* one's own records would do */
    if (rights_within(r, rights, c->rights)) return true;
    return fail(c, E_FORBIDDEN, "a key cannot have a scope that you do not have: %s", text);
}

static bool scopes_check(Ctx *c, Str scopes) {
    if (!scopes.n) return true;
    json_t *list = json_loadb(scopes.p, scopes.n, 0, NULL);
    bool ok = json_array_size(list) > 0 ||
              error_issue(&c->err, S("scopes"), "type", "must be a list of texts, not empty");
    for (size_t i = 0; i < json_array_size(list); i++)
        ok = scope_check(c, (int)i, json_string_value(json_array_get(list, i))) && ok;
    json_decref(list);
    return ok;
}

static bool check(Ctx *c, Change *change) {
    if (!change->row || !change_altered(change, "expires_at")) return true;
    Value expires = row_get(change->row, "expires_at");
    if (expires.kind == V_NULL || !time_is_past(c, expires.s)) return true;
    return error_issue(&c->err, S("expires_at"), "range", "must be in the future");
}

static bool saved(Ctx *c, Change *change) {
    if (change->before) grants_end_key(c, row_get(change->before, "id").i);
    return true;
}

/* The answer is the record and, this once, the key. */
static bool create(Ctx *c, Call *call) {
    const Model *m = call->view->model;
    char secret[SECRET_TEXT];
    Row row;
    /* A key's own limits are not its maker's: what it made could do more than it. */
    if (c->api_key_id) return fail(c, E_FORBIDDEN, "sign in for this: a key cannot make keys");
    if (c->amount_cap) return fail(c, E_FORBIDDEN, "this session has a limit, which a key would not have");
    if (!c->user_id || !scopes_check(c, call_text(call, "scopes"))) return false;
    random_token(32, secret, sizeof secret);
    Input in = input_new(c, m);
    input_set(&in, "name", call_value(call, "name"));
    input_set(&in, "scopes", call_value(call, "scopes"));
    input_set(&in, "expires_at", call_value(call, "expires_at"));
    input_set_text(&in, "prefix", (Str){secret, PREFIX_SHOWN});
    input_set_text(&in, "key_hash", secret_hash(c, str_of(secret)));
    if (!record_create(c, m, &in, &row)) return false;
    row_write(c, call->view, &row);
    answer_reopen(c);
    js_field_str(&c->out, "key", ctx_fmt(c, "mw_%lld_%s", (long long)row_get(&row, "id").i, secret));
    js_end_object(&c->out);
    return true;
}

static bool revoke(Ctx *c, Call *call) {
    const Model *m = call->view->model;
    Row row;
    if (!record_load(c, m, call->id, &row)) return false;
    if (row_get(&row, "revoked_at").kind == V_NULL) {
        Acting before = act_in(c, c->organization_id, c->user_id);
        Input in = input_new(c, m);
        input_set_text(&in, "revoked_at", str_of(c->now_text));
        bool ok = record_update(c, m, call->id, &in, &row);
        act_end(c, &before);
        if (!ok) return false;
    }
    row_write(c, call->view, &row);
    return true;
}

static const Field create_answer[] = {
    {"key", &T_TEXT, F_REQUIRED, .help = "for the Authorization header", .example = "\"mw_7_kOq2…\""},
};

static const Action actions[] = {
    {"", ACTION_COLLECTION | ACTION_CREATES | ACTION_SECRET, "Make a key; it is shown this once",
     INPUT(create_input), ANSWER(create_answer), .run = create},
    {"revoke", 0, "Make a key worthless from now on", .run = revoke},
};

const Resource resource_api_keys = {
    .name = "api-keys",
    .singular = "API key",
    .summary = "Keys with which programs use the API.",
    .flags = R_SYSTEM | R_NO_CREATE,
    .display = "name",
    FIELDS(fields),
    ACTIONS(actions),
    .check = check,
    .saved = saved,
};
