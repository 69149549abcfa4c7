/* Roles to rights. The built-in roles are the table below; roles of an
 * organization's own are the lines of its role records. */
#include "identity/rights.h"

#include "identity/internal.h"

/* Resources without R_SYSTEM, and permissions that are actions: words that no
 * resource or action can have for a name. */
#define BUSINESS   "(business)"
#define ACTIONS_OF "(actions)"
#define ANY        "*"

const BuiltinRole BUILTIN_ROLES[] = {
    {ROLE_ADMIN, "Everything, and the administration of the organization"},
    {"manager", "Everything in the business, and reading of users and the audit log"},
    {"operator", "Reads and creates; changes what is their own work"},
    {"staff", "Reads and creates; changes what is their own work"},
    {ROLE_SALESPERSON, "Customers, and their own leads, deals, activities, sales, sales orders and till"},
    {"inventory_manager", "Products, stock, vendors, purchase orders and shipping; reads the rest"},
    {"viewer", "Reads everything in the business"},
    {ROLE_CUSTOMER, "A customer's own user: raises and follows that customer's issues, at /client"},
    {0},
};

typedef struct {
    const char *role, *resource, *action;
    bool own;
} BuiltinRight;

static const BuiltinRight builtin_rights[] = {
    {ROLE_ADMIN, ANY, ANY, false},

    {"manager", BUSINESS, ANY, false},
    {"manager", "users", "read", false},
    {"manager", "audit-logs", "read", false},
    {"manager", "system-settings", "read", false},
    {"manager", "notifications", ANY, false},
    {"manager", "jobs", ANY, false},

    {"operator", BUSINESS, "read", false},
    {"operator", BUSINESS, "create", false},
    {"operator", BUSINESS, "update", true},
    {"operator", BUSINESS, ACTIONS_OF, true},
    {"operator", "system-settings", "read", false},
    {"operator", "notifications", "read", false},
    {"operator", "notifications", "mark", false},
    {"operator", "jobs", "read", true},
    {"operator", "jobs", "cancel", true},

    {"staff", BUSINESS, "read", false},
    {"staff", BUSINESS, "create", false},
    {"staff", BUSINESS, "update", true},
    {"staff", BUSINESS, ACTIONS_OF, true},
    {"staff", "system-settings", "read", false},
    {"staff", "notifications", "read", false},
    {"staff", "notifications", "mark", false},
    {"staff", "jobs", "read", true},
    {"staff", "jobs", "cancel", true},

    {ROLE_SALESPERSON, "products", "read", false},
    {ROLE_SALESPERSON, "stock-levels", "read", false},
    {ROLE_SALESPERSON, "customers", "read", false},
    {ROLE_SALESPERSON, "customers", "create", false},
    {ROLE_SALESPERSON, "customers", "update", false},
    {ROLE_SALESPERSON, "contacts", "read", false},
    {ROLE_SALESPERSON, "contacts", "create", false},
    {ROLE_SALESPERSON, "contacts", "update", false},
    {ROLE_SALESPERSON, "sales-orders", "create", false},
    {ROLE_SALESPERSON, "sales-orders", "read", true},
    {ROLE_SALESPERSON, "sales-orders", "update", true},
    {ROLE_SALESPERSON, "sales-orders", ACTIONS_OF, true},
    {ROLE_SALESPERSON, "pipelines", "read", false},
    {ROLE_SALESPERSON, "pipeline-stages", "read", false},
    {ROLE_SALESPERSON, "leads", "create", false},
    {ROLE_SALESPERSON, "leads", "read", true},
    {ROLE_SALESPERSON, "leads", "update", true},
    {ROLE_SALESPERSON, "leads", ACTIONS_OF, true},
    {ROLE_SALESPERSON, "deals", "create", false},
    {ROLE_SALESPERSON, "deals", "read", true},
    {ROLE_SALESPERSON, "deals", "update", true},
    {ROLE_SALESPERSON, "deals", ACTIONS_OF, true},
    {ROLE_SALESPERSON, "deal-stage-entries", "read", true},
    {ROLE_SALESPERSON, "activities", "create", false},
    {ROLE_SALESPERSON, "activities", "read", true},
    {ROLE_SALESPERSON, "activities", "update", true},
    {ROLE_SALESPERSON, "activities", ACTIONS_OF, true},
    {ROLE_SALESPERSON, "issues", "read", false},
    {ROLE_SALESPERSON, "issues", "create", false},
    {ROLE_SALESPERSON, "issues", "update", true},
    {ROLE_SALESPERSON, "issues", ACTIONS_OF, true},
    {ROLE_SALESPERSON, "issue-comments", "read", false},
    {ROLE_SALESPERSON, "sales", "create", false},
    {ROLE_SALESPERSON, "sales", "read", true},
    {ROLE_SALESPERSON, "sales", "update", true},
    {ROLE_SALESPERSON, "sales", ACTIONS_OF, true},
    {ROLE_SALESPERSON, "till-sessions", "create", false},
    {ROLE_SALESPERSON, "till-sessions", "read", true},
    {ROLE_SALESPERSON, "till-sessions", "update", true},
    {ROLE_SALESPERSON, "till-sessions", ACTIONS_OF, true},
    {ROLE_SALESPERSON, "system-settings", "read", false},
    {ROLE_SALESPERSON, "notifications", "read", true},
    {ROLE_SALESPERSON, "notifications", "mark", true},
    {ROLE_SALESPERSON, "jobs", "read", true},
    {ROLE_SALESPERSON, "jobs", "cancel", true},

    {"inventory_manager", BUSINESS, "read", false},
    {"inventory_manager", "sales-orders", "reserve", false},
    {"inventory_manager", "sales-orders", "ship", false},
    {"inventory_manager", "sales-orders", "return", false},
    {"inventory_manager", "products", ANY, false},
    {"inventory_manager", "purchase-orders", ANY, false},
    {"inventory_manager", "vendors", ANY, false},
    {"inventory_manager", "units-of-measure", ANY, false},
    {"inventory_manager", "warehouses", ANY, false},
    {"inventory_manager", "locations", ANY, false},
    {"inventory_manager", "lots", ANY, false},
    {"inventory_manager", "stock-moves", ANY, false},
    {"inventory_manager", "reorder-proposals", ANY, false},
    {"inventory_manager", "reports", ANY, false},
    {"inventory_manager", "system-settings", "read", false},
    {"inventory_manager", "notifications", "read", false},
    {"inventory_manager", "notifications", "mark", false},
    {"inventory_manager", "jobs", "read", true},
    {"inventory_manager", "jobs", "cancel", true},

    /* Of these, what is the customer's whose user it is (Resource.client). */
    {ROLE_CUSTOMER, "issues", "read", true},
    {ROLE_CUSTOMER, "issues", "create", true},
    {ROLE_CUSTOMER, "issues", "comment", true},
    {ROLE_CUSTOMER, "issue-comments", "read", true},

    {"viewer", BUSINESS, "read", false},
    {"viewer", "system-settings", "read", false},
    {"viewer", "notifications", "read", false},
    {"viewer", "notifications", "mark", false},
    {"viewer", "jobs", "read", true},
};

/* What has no records has rights where one of its actions needs one. */
static bool has_rights(const Model *m) {
    uint32_t flags = m->resource->flags;
    bool any = !(flags & R_VIRTUAL);
    for (size_t i = 0; i < m->resource->n_actions; i++)
        any = any || !(m->resource->actions[i].flags & (ACTION_PUBLIC | ACTION_SELF));
    return any && !(flags & (R_INTERNAL | R_GLOBAL));
}

static bool names_model(Str pattern, const Model *m) {
    if (!has_rights(m)) return false;
    if (str_is(pattern, BUSINESS)) return !(m->resource->flags & R_SYSTEM);
    return str_is(pattern, ANY) || str_eq(pattern, m->name);
}

static bool names_permission(Str pattern, const Model *m, int permission) {
    if (str_is(pattern, ACTIONS_OF)) return permission >= MAY_ACTIONS;
    return str_is(pattern, ANY) || str_eq(pattern, m->permissions[permission]);
}

Rights *rights_new(Arena *a, const Registry *r) { return ARENA_ARRAY(a, Rights, (size_t)r->n); }

void rights_add(const Registry *r, Rights *rights, const Permission *p) {
    for (int i = 0; i < r->n; i++) {
        const Model *m = &r->models[i];
        bool nobodys = p->own && (m->resource->flags & R_VIRTUAL);
        if (nobodys || !names_model(p->resource, m)) continue;
        uint64_t *bits = p->own ? &rights[i].own : &rights[i].all;
        for (int k = 0; k < m->n_permissions; k++)
            if (names_permission(p->action, m, k)) *bits |= (uint64_t)1 << k;
    }
}

/* In the built-in roles, who may read may take it out as a file, and who may
 * create may do so from a file. */
void rights_add_builtin(const Registry *r, Rights *rights, Str role) {
    static const char *const with[][2] = {{"read", "export"}, {"create", "import"}};
    for (size_t i = 0; i < sizeof builtin_rights / sizeof *builtin_rights; i++) {
        const BuiltinRight *b = &builtin_rights[i];
        if (!str_is(role, b->role)) continue;
        Permission p = {str_of(b->resource), str_of(b->action), b->own};
        rights_add(r, rights, &p);
        for (int k = 0; k < 2; k++) {
            if (strcmp(b->action, with[k][0])) continue;
            p.action = str_of(with[k][1]);
            rights_add(r, rights, &p);
        }
    }
}

static bool add_lines(Ctx *c, int64_t role_id, Rights *out) {
    Stmt *st = db_prepare(c->db, S("SELECT resource, action, scope FROM role_permissions "
                                   "WHERE organization_id = ?1 AND role_id = ?2"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_int(st, 2, role_id);
    while (stmt_step(st)) {
        Permission p = {stmt_text(st, 0), stmt_text(st, 1), str_is(stmt_text(st, 2), "own")};
        rights_add(c->app->registry, out, &p);
    }
    stmt_reset(st);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}

bool rights_of_role(Ctx *c, int64_t role_id, Rights *out) {
    Stmt *st = db_prepare(c->db, S("SELECT name, builtin FROM roles "
                                   "WHERE organization_id = ?1 AND id = ?2"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_int(st, 2, role_id);
    bool builtin = stmt_step(st) && stmt_int(st, 1);
    if (builtin) rights_add_builtin(c->app->registry, out, stmt_text(st, 0));
    stmt_reset(st);
    return builtin || add_lines(c, role_id, out);
}

bool rights_within(const Registry *r, const Rights *inner, const Rights *outer) {
    for (int i = 0; i < r->n; i++) {
        uint64_t all = outer ? outer[i].all : 0, own = all | (outer ? outer[i].own : 0);
        if ((inner[i].all & ~all) || (inner[i].own & ~own)) return false;
    }
    return true;
}

void rights_limit(const Registry *r, Rights *rights, const Rights *mask) {
    for (int i = 0; i < r->n; i++) {
        rights[i].all &= mask[i].all;
        rights[i].own &= mask[i].all;
    }
}

PermissionCheck permission_check(const Registry *r, const Permission *p) {
    PermissionCheck worst = PERMISSION_NO_RESOURCE;
    for (int i = 0; i < r->n; i++) {
        const Model *m = &r->models[i];
        if (!has_rights(m) || (!str_is(p->resource, ANY) && !str_eq(p->resource, m->name))) continue;
        worst = PERMISSION_NO_ACTION;
        if (str_is(p->action, ANY)) return PERMISSION_KNOWN;
        for (int k = 0; k < m->n_permissions; k++)
            if (str_eq(p->action, m->permissions[k])) return PERMISSION_KNOWN;
    }
    return worst;
}

bool scope_parse(Str text, Permission *out) {
    Str action, resource = str_cut(text, ':', &action);
    *out = (Permission){resource, action, false};
    if (str_is(text, ANY)) *out = (Permission){S(ANY), S(ANY), false};
    return out->resource.n > 0 && out->action.n > 0;
}
