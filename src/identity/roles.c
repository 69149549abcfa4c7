/* Roles: what users may do. The built-in ones are in every organization, have
 * no lines and cannot be changed (their rights are the table in rights.c);
 * others are lists of permissions, never wider than their author's own. */
#include "identity/internal.h"
#include "identity/resources.h"

static const Choice scopes[] = {{"all"}, {"own"}, {0}};

static const Field permission_fields[] = {
    {"resource", &T_TEXT, F_REQUIRED, .max_length = 64, .example = "work-orders", .help = "a resource, or *"},
    {"action", &T_TEXT, F_REQUIRED, .max_length = 64, .example = "update",
     .help = "read, create, update, delete, export, import, an action, or *"},
    {"scope", &T_ENUM, 0, .choices = scopes, .fallback = "all",
     .help = "own: only records one created or is assigned"},
};

static const Lines lines = {
    .name = "permissions",
    .table = "role_permissions",
    .parent = "role_id",
    LINE_FIELDS(permission_fields),
    .max = 500,
};

static const Field fields[] = {
    {"name", &T_TEXT, F_REQUIRED | F_UNIQUE | F_FILTER | F_SORT | F_SEARCH, .max_length = 64,
     .example = "shift_leader"},
    {"description", &T_TEXT, F_SEARCH},
    {"builtin", &T_BOOL, F_READONLY | F_FILTER, .fallback = "false"},
};

static bool builtin_stays(Ctx *c, const Change *change) {
    const Row *before = change->before;
    if (!before || !row_get(before, "builtin").i) return true;
    return fail(c, E_CONFLICT, "the built-in role %.*s cannot be changed; make one of your own",
                STR_ARG(row_get(before, "name").s));
}

static Permission line_permission(Row *line) {
    Value *scope = &line->values[model_field(line->model, "scope")->index];
    if (scope->kind == V_NULL) *scope = value_text(S("all"));
    return (Permission){row_get(line, "resource").s, row_get(line, "action").s,
                        str_is(row_get(line, "scope").s, "own")};
}

static void line_check(Ctx *c, int i, const Permission *p) {
    PermissionCheck found = permission_check(c->app->registry, p);
    if (found == PERMISSION_KNOWN) return;
    bool resource = found == PERMISSION_NO_RESOURCE;
    const char *field = resource ? "resource" : "action";
    error_issue(&c->err, arena_fmt(c->arena, "permissions[%d].%s", i, field), "unknown",
                resource ? "names no resource" : "names nothing that can be done with it");
}

static bool check(Ctx *c, Change *change) {
    if (!builtin_stays(c, change)) return false;
    if (!change->row || !change->lines_given) return true;
    const Registry *r = c->app->registry;
    Rights *rights = rights_new(c->arena, r);
    for (int i = 0; i < change->row->n_lines; i++) {
        Permission p = line_permission(&change->row->lines[i]);
        line_check(c, i, &p);
        rights_add(r, rights, &p);
    }
    if (c->err.kind != E_NONE) return false;
    if (acting(c) || rights_within(r, rights, c->rights)) return true;
    return fail(c, E_FORBIDDEN, "a role cannot allow more than you may do yourself");
}

static bool saved(Ctx *c, Change *change) {
    if (change->before) grants_end_organization(c, c->organization_id);
    return true;
}

static const Action actions[] = {
    {"permissions", ACTION_GET, "What the role may do, of every resource and action", .permission = "read",
     .answer = role_permissions_answer, .n_answer = 4, .run = role_permissions},
};

const Resource resource_roles = {
    .name = "roles",
    .singular = "role",
    .summary = "What users may do, as permissions on resources.",
    .flags = R_SYSTEM,
    .display = "name",
    .key = "name",
    FIELDS(fields),
    .lines = &lines,
    ACTIONS(actions),
    .check = check,
    .saved = saved,
};

bool role_is_within(Ctx *c, int64_t role_id, const char *what) {
    const Registry *r = c->app->registry;
    Rights *rights = rights_new(c->arena, r);
    if (acting(c)) return true;
    if (!rights_of_role(c, role_id, rights)) return false;
    return rights_within(r, rights, c->rights) || fail(c, E_FORBIDDEN, "%s", what);
}

bool role_fits_customer(Ctx *c, const Row *row) {
    bool linked = row_get(row, "customer_id").kind != V_NULL;
    bool client = row_get(row, "role_id").i == role_builtin(c, ROLE_CUSTOMER);
    if (client && !linked)
        return error_issue(&c->err, S("customer_id"), "required", "is required with the role customer");
    if (linked && !client)
        return error_issue(&c->err, S("role_id"), "role", "must be customer where a customer_id is given");
    return true;
}

int64_t role_builtin(Ctx *c, const char *name) {
    Stmt *st = db_prepare(c->db, S("SELECT id FROM roles WHERE organization_id = ?1 "
                                   "AND name = ?2 AND builtin"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_text(st, 2, str_of(name));
    int64_t id = stmt_step(st) ? stmt_int(st, 0) : 0;
    stmt_reset(st);
    return id;
}
