/* Users from the command line, for whoever runs the program. Each call is one
 * transaction of the writer and stands in the journals it concerns. */
#include "identity/sessions.h"

static bool value_check(Ctx *c, const char *field, Str text, Str *out) {
    const ModelField *f = model_field(ctx_model(c, "users"), field);
    Problem problem = {0};
    Value v = VALUE_NULL;
    if (!f->type->from_text(c, f, text, &v, &problem))
        return error_issue(&c->err, f->name, problem.code, "%.*s", STR_ARG(problem.message));
    *out = v.kind == V_TEXT ? v.s : STR_NONE;
    return true;
}

static bool password_check(Ctx *c, Str password, Str *hash) {
    const char *problem = password_problem(password);
    if (problem) return error_issue(&c->err, S("password"), "length", "%s", problem);
    return password_hash(c, password, hash);
}

static bool organization_find(Ctx *c, Str name, int64_t *id) {
    Stmt *st = db_prepare(c->db, S("SELECT id FROM organizations WHERE name = ?1 ORDER BY id LIMIT 1"));
    stmt_bind_text(st, 1, name);
    *id = stmt_step(st) ? stmt_int(st, 0) : 0;
    stmt_reset(st);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}

bool identity_cli_add(Ctx *c, const NewUser *u) {
    Member m = {.role = value_text(u->role)};
    int64_t organization, user_id;
    Str name = str_trim(u->organization);
    if (!name.n) return error_issue(&c->err, S("organization"), "required", "is required");
    if (!value_check(c, "username", u->username, &m.username) ||
        !value_check(c, "email", u->email, &m.email) ||
        !value_check(c, "full_name", u->full_name, &m.full_name) ||
        !password_check(c, u->password, &m.password_hash))
        return false;
    if (!organization_find(c, name, &organization)) return false;
    if (!organization && !organization_create(c, &(NewOrganization){.name = name}, &organization)) return false;
    return user_add(c, organization, &m, &user_id);
}

static bool account_named(Ctx *c, Str name, Account *out) {
    if (!account_find(c, name, out)) return false;
    return out->id || fail(c, E_NOT_FOUND, "no user is called %.*s", STR_ARG(name));
}

/* Writes an event into the journal of each of the account's organizations. */
static bool journal_everywhere(Ctx *c, int64_t account_id, const char *action) {
    Membership *all;
    int n;
    bool ok = memberships_of(c, account_id, &all, &n);
    for (int i = 0; ok && i < n; i++) {
        Acting before = act_in(c, all[i].organization_id, 0);
        ok = auth_journal(c, action, all[i].user_id);
        act_end(c, &before);
    }
    return ok;
}

bool identity_cli_passwd(Ctx *c, Str username, Str password) {
    Account account;
    Str hash;
    return account_named(c, username, &account) && password_check(c, password, &hash) &&
           account_set_password(c, account.id, hash, 0) && journal_everywhere(c, account.id, "set-password");
}

static bool membership_disable(Ctx *c, const Membership *m) {
    const Model *users = ctx_model(c, "users");
    Acting before = act_in(c, m->organization_id, 0);
    Row row;
    Input in = input_new(c, users);
    input_set(&in, "is_active", value_int(0));
    bool ok = record_update(c, users, m->user_id, &in, &row);
    act_end(c, &before);
    return ok;
}

bool identity_cli_disable(Ctx *c, Str username) {
    Account account;
    Membership *all;
    int n;
    if (!account_named(c, username, &account) || !memberships_of(c, account.id, &all, &n)) return false;
    for (int i = 0; i < n; i++)
        if (!membership_disable(c, &all[i])) return false;
    return true;
}

static bool organization_only(Ctx *c, int64_t *id) {
    Stmt *st = db_prepare(c->db, S("SELECT min(id), count(*) FROM organizations"));
    int64_t n = stmt_step(st) ? stmt_int(st, 1) : 0;
    *id = stmt_int(st, 0);
    stmt_reset(st);
    if (db_failed(c->db)) return db_fail(c->db, &c->err);
    return n == 1 || fail(c, E_NOT_FOUND, n ? "there are several organizations: say which with --organization"
                                            : "there is no organization yet: make one with millwright user add");
}

bool identity_cli_act(Ctx *c, Str organization, Str username) {
    int64_t id, user_id = 0;
    if (!(organization.n ? organization_find(c, organization, &id) : organization_only(c, &id))) return false;
    if (!id) return fail(c, E_NOT_FOUND, "no organization is called %.*s", STR_ARG(organization));
    c->organization_id = id;
    if (username.n) {
        user_id = record_find(c, ctx_model(c, "users"), "username", value_text(username));
        if (!user_id) return fail(c, E_NOT_FOUND, "no user there is called %.*s", STR_ARG(username));
    }
    return identity_resume(c, user_id, 0);
}

bool identity_cli_list(Ctx *c, Buf *out) {
    Stmt *st =
        db_prepare(c->db, S("SELECT o.name, u.username, u.email, r.name, u.is_active FROM users u "
                            "JOIN organizations o ON o.id = u.organization_id "
                            "JOIN roles r ON r.organization_id = u.organization_id AND r.id = u.role_id "
                            "ORDER BY o.name, o.id, u.username"));
    buf_fmt(out, "%-24s %-20s %-32s %-18s %s\n", "ORGANIZATION", "USER", "E-MAIL", "ROLE", "ACTIVE");
    while (stmt_step(st)) {
        for (int i = 0; i < 4; i++) {
            static const int widths[] = {24, 20, 32, 18};
            Str s = stmt_text(st, i);
            buf_str(out, s);
            for (size_t k = str_utf8_length(s); k < (size_t)widths[i]; k++) buf_char(out, ' ');
            buf_char(out, ' ');
        }
        buf_c(out, stmt_int(st, 4) ? "yes\n" : "no\n");
    }
    stmt_reset(st);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}
