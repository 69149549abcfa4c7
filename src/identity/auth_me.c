/* /auth for signed-in people: their data, password, sessions, organizations. */
#include "identity/sessions.h"

/* Keys are for programs: they cannot touch the account of the one who made
 * them, whatever their scopes. */
static bool need_session(Ctx *c) {
    return c->session_id || fail(c, E_FORBIDDEN, "sign in for this: an API key is not enough");
}

static Login login_of(const Ctx *c) { return (Login){.session_id = c->session_id, .web = c->web_session}; }

/* --- me --- */

static bool organization_write(Ctx *c) {
    Json *j = &c->out;
    Stmt *st = db_prepare(c->db, S("SELECT id, name, currency, time_zone FROM organizations WHERE id = ?1"));
    stmt_bind_int(st, 1, c->organization_id);
    js_key(j, S("organization"));
    js_begin_object(j);
    if (stmt_step(st)) {
        js_field_int(j, "id", stmt_int(st, 0));
        js_field_str(j, "name", stmt_text(st, 1));
        js_field_str(j, "currency", stmt_text(st, 2));
        js_field_str(j, "time_zone", stmt_text(st, 3));
    }
    stmt_reset(st);
    js_end_object(j);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}

static const char organizations_sql[] =
    "SELECT o.id, o.name, r.name FROM memberships m "
    "JOIN users u ON u.organization_id = m.organization_id AND u.id = m.user_id "
    "JOIN roles r ON r.organization_id = u.organization_id AND r.id = u.role_id "
    "JOIN organizations o ON o.id = m.organization_id "
    "WHERE m.account_id = ?1 AND u.is_active ORDER BY o.name, o.id";

static bool organizations_write(Ctx *c) {
    Json *j = &c->out;
    Stmt *st = db_prepare(c->db, str_of(organizations_sql));
    stmt_bind_int(st, 1, c->account_id);
    js_key(j, S("organizations"));
    js_begin_array(j);
    while (stmt_step(st)) {
        js_begin_object(j);
        js_field_int(j, "id", stmt_int(st, 0));
        js_field_str(j, "name", stmt_text(st, 1));
        js_field_str(j, "role", stmt_text(st, 2));
        js_end_object(j);
    }
    stmt_reset(st);
    js_end_array(j);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}

/* A key is told of its own organization only. */
bool identity_me_write(Ctx *c) {
    if (!user_write(c, c->organization_id, c->user_id)) return false;
    answer_reopen(c);
    Value cap = c->amount_cap ? value_int(c->amount_cap) : VALUE_NULL;
    js_key(&c->out, S("max_amount"));
    T_MONEY.to_json(&c->out, &cap);
    bool ok = organization_write(c) && (!c->session_id || organizations_write(c));
    js_end_object(&c->out);
    return ok;
}

bool auth_me(Ctx *c, Call *call) {
    (void)call;
    return identity_me_write(c);
}

/* Names are the account's: they change in each of its organizations, as that
 * organization's user, and stand in each one's journal. */
static bool person_update(Ctx *c, const Call *call, const Membership *m) {
    static const char *const names[] = {"full_name", "email", "username"};
    const Model *users = ctx_model(c, "users");
    Acting before = act_in(c, m->organization_id, m->user_id);
    Row row;
    Input in = input_new(c, users);
    for (int i = 0; i < 3; i++)
        if (set_has(&call->given, i)) input_set(&in, names[i], call_value(call, names[i]));
    bool ok = record_update(c, users, m->user_id, &in, &row);
    act_end(c, &before);
    return ok;
}

static bool not_null(Ctx *c, const Call *call, int i, const char *name) {
    if (!set_has(&call->given, i) || call_value(call, name).kind != V_NULL) return true;
    return error_issue(&c->err, str_of(name), "required", "must not be empty");
}

bool auth_me_update(Ctx *c, Call *call) {
    Membership *all;
    int n;
    if (!need_session(c) || !not_null(c, call, 1, "email") || !not_null(c, call, 2, "username")) return false;
    if (!memberships_of(c, c->account_id, &all, &n)) return false;
    for (int i = 0; i < n; i++)
        if (!person_update(c, call, &all[i])) return false;
    return user_write(c, c->organization_id, c->user_id);
}

/* --- password --- */

typedef struct {
    Str hash;
    Login login;
} PasswordChange;

static bool password_write(Ctx *c, void *arg) {
    PasswordChange *p = arg;
    if (!account_set_password(c, c->account_id, p->hash, c->session_id) ||
        !login_find(c, c->account_id, c->organization_id, &p->login))
        return false;
    if (!p->login.user_id) return fail(c, E_UNAUTHENTICATED, UNAUTHENTICATED);
    return session_renew(c, &p->login) && auth_journal(c, "change-password", c->user_id);
}

bool auth_change_password(Ctx *c, Call *call) {
    Account account, checked;
    PasswordChange p = {.login = login_of(c)};
    if (!need_session(c) || !not_dry(c) || !account_load(c, c->account_id, &account)) return false;
    if (!credentials_check(c, account.username, call_text(call, "current_password"), &checked) ||
        !password_hash(c, call_text(call, "new_password"), &p.hash))
        return false;
    return ctx_write(c, password_write, &p) && login_write(c, &p.login);
}

/* --- sessions --- */

static void session_row(Ctx *c, Stmt *st) {
    Json *j = &c->out;
    js_begin_object(j);
    js_field_int(j, "id", stmt_int(st, 0));
    js_field_str(j, "user_agent", stmt_text(st, 1));
    js_field_str(j, "ip", stmt_text(st, 2));
    js_field_str(j, "created_at", stmt_text(st, 3));
    js_field_str(j, "last_used_at", stmt_text(st, 4));
    js_field_bool(j, "current", stmt_int(st, 0) == c->session_id);
    js_end_object(j);
}

bool auth_sessions(Ctx *c, Call *call) {
    (void)call;
    int64_t n = 0;
    if (!need_session(c)) return false;
    Stmt *st = db_prepare(c->db, S("SELECT id, user_agent, ip, created_at, last_used_at FROM sessions "
                                   "WHERE account_id = ?1 AND revoked_at IS NULL AND last_used_at > ?2 "
                                   "ORDER BY last_used_at DESC, id DESC"));
    stmt_bind_int(st, 1, c->account_id);
    stmt_bind_text(st, 2, time_after(c, -(int64_t)REFRESH_TOKEN_S));
    js_begin_object(&c->out);
    js_key(&c->out, S("items"));
    js_begin_array(&c->out);
    for (; stmt_step(st); n++) session_row(c, st);
    stmt_reset(st);
    js_end_array(&c->out);
    js_field_int(&c->out, "total", n);
    js_end_object(&c->out);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}

static bool session_is_mine(Ctx *c, int64_t id) {
    Stmt *st = db_prepare(c->db, S("SELECT id FROM sessions WHERE id = ?1 AND account_id = ?2 "
                                   "AND revoked_at IS NULL"));
    stmt_bind_int(st, 1, id);
    stmt_bind_int(st, 2, c->account_id);
    bool found = stmt_step(st);
    stmt_reset(st);
    if (db_failed(c->db)) return db_fail(c->db, &c->err);
    return found || fail(c, E_NOT_FOUND, NULL);
}

bool auth_sessions_end(Ctx *c, Call *call) {
    int64_t id;
    SessionSet others = {.account_id = c->account_id, .keep = c->session_id};
    if (!need_session(c)) return false;
    if (!call->path_rest.n)
        return sessions_end(c, &others) && auth_journal(c, "end-sessions", c->session_id) &&
               answer_message(c, "all other sessions have ended");
    if (!str_to_int(call->path_rest, &id)) return fail(c, E_NOT_FOUND, NULL);
    return session_is_mine(c, id) && session_end(c, id) && auth_journal(c, "end-session", id) &&
           answer_message(c, "the session has ended");
}

bool auth_logout(Ctx *c, Call *call) {
    (void)call;
    if (c->cookie.p && c->same_origin) c->cookie_out = S("");
    return need_session(c) && session_end(c, c->session_id) && auth_journal(c, "logout", c->session_id) &&
           answer_message(c, "signed out");
}

/* --- organizations --- */

static bool session_move(Ctx *c, const Login *login) {
    Stmt *st = db_prepare(c->db, S("UPDATE sessions SET organization_id = ?1 WHERE id = ?2"));
    stmt_bind_int(st, 1, login->organization_id);
    stmt_bind_int(st, 2, login->session_id);
    return run_or_fail(c, st);
}

bool auth_switch_organization(Ctx *c, Call *call) {
    Login login = login_of(c);
    int64_t wanted = call_value(call, "organization_id").i;
    if (!need_session(c) || !not_dry(c)) return false;
    if (wanted <= 0) return fail(c, E_NOT_FOUND, NULL);
    if (!login_find(c, c->account_id, wanted, &login)) return false;
    if (!login.user_id) return fail(c, E_NOT_FOUND, NULL);
    return session_move(c, &login) && session_renew(c, &login) &&
           auth_journal(c, "switch-organization", c->session_id) && login_write(c, &login);
}

static bool is_member_of(Ctx *c, int64_t organization_id, bool *out) {
    Membership *all;
    int n;
    if (!memberships_of(c, c->account_id, &all, &n)) return false;
    *out = false;
    for (int i = 0; i < n; i++) *out = *out || all[i].organization_id == organization_id;
    return true;
}

bool auth_accept_invitation(Ctx *c, Call *call) {
    Invitation i;
    Account account;
    bool member;
    int64_t user_id;
    if (!need_session(c) || !invitation_find(c, call_text(call, "invitation"), STR_NONE, &i) ||
        !is_member_of(c, i.organization_id, &member) || !account_load(c, c->account_id, &account))
        return false;
    if (member) return fail(c, E_DUPLICATE, "you belong to this organization already");
    Member m = {.account_id = account.id,
                .email = account.email,
                .username = account.username,
                .full_name = account.full_name,
                .role = value_int(i.role_id),
                .customer_id = i.customer_id};
    return invitation_accept(c, &i) && user_add(c, i.organization_id, &m, &user_id) &&
           user_write(c, i.organization_id, user_id);
}
