/* Organizations: the tenants. One is made by registration or on the command
 * line, together with the records of its built-in roles; its administrators
 * may change what it is called and how it counts. */
#include "identity/internal.h"
#include "identity/resources.h"

static const Field fields[] = {
    {"name", &T_TEXT, F_REQUIRED | F_FILTER | F_SORT, .example = "Acme Textiles"},
    {"currency", &T_CURRENCY, 0, .fallback = "USD", .help = "ISO 4217"},
    {"time_zone", &T_ZONE, 0, .fallback = "UTC", .help = "decides what today is"},
    {"email", &T_EMAIL, 0},
    {"phone", &T_TEXT, 0, .max_length = 50},
    {"address", &T_LONG_TEXT, 0, .max_length = 1000},
    {"tax_id", &T_TEXT, 0, .max_length = 64},
};

static bool saved(Ctx *c, Change *change) {
    int64_t id = change->row ? row_get(change->row, "id").i : 0;
    /* The journal of a new organization begins with its creation. */
    if (!change->before) c->organization_id = id;
    grants_end_organization(c, id);
    return true;
}

const Resource resource_organizations = {
    .name = "organizations",
    .singular = "organization",
    .summary = "The company: its name, currency and time zone.",
    .flags = R_TENANT | R_SYSTEM | R_NO_CREATE | R_NO_DELETE,
    .display = "name",
    FIELDS(fields),
    .saved = saved,
};

static bool builtin_roles_create(Ctx *c) {
    const Model *m = ctx_model(c, "roles");
    for (const BuiltinRole *role = BUILTIN_ROLES; role->name; role++) {
        Row row;
        Input in = input_new(c, m);
        input_set_text(&in, "name", str_of(role->name));
        input_set_text(&in, "description", str_of(role->description));
        input_set(&in, "builtin", value_int(1));
        if (!record_create(c, m, &in, &row)) return false;
    }
    return true;
}

bool organization_create(Ctx *c, const NewOrganization *o, int64_t *id) {
    const Model *m = ctx_model(c, "organizations");
    Acting before = act_in(c, 0, 0);
    Row row;
    Input in = input_new(c, m);
    input_set_text(&in, "name", o->name);
    if (o->currency.n) input_set_text(&in, "currency", o->currency);
    if (o->time_zone.n) input_set_text(&in, "time_zone", o->time_zone);
    bool ok = record_create(c, m, &in, &row) && builtin_roles_create(c);
    *id = c->organization_id;
    act_end(c, &before);
    return ok;
}

bool organization_any(Ctx *c, bool *out) {
    Stmt *st = db_prepare(c->db, S("SELECT id FROM organizations LIMIT 1"));
    *out = stmt_step(st);
    stmt_reset(st);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}
