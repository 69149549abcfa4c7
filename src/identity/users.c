/* Users: the members of an organization. Each is an account's membership: who
 * they are (name, address, password) is the account's and kept in step here,
 * what they may do is their role in this organization.
 *
 * Never: two accounts with one name; a role given, or a user changed, by
 * somebody who may do less; an organization without an active administrator;
 * an account of several organizations renamed by the administrator of one. */
#include "identity/sessions.h"
#include "identity/resources.h"

static const Field fields[] = {
    {"email", &T_EMAIL, F_REQUIRED | F_FILTER | F_SORT | F_SEARCH, .example = "maria@example.com"},
    {"username", &T_USERNAME, F_REQUIRED | F_FILTER | F_SORT | F_SEARCH, .example = "maria"},
    {"full_name", &T_TEXT, F_FILTER | F_SORT | F_SEARCH, .example = "Maria Lopez"},
    {"role_id", &T_REF, F_REQUIRED | F_FILTER, .ref = "roles", .example = "3",
     .help = "id or name of a role"},
    {"is_active", &T_BOOL, F_FILTER, .fallback = "true", .also = "active",
     .help = "false: cannot sign in to this organization"},
    {"customer_id", &T_REF, F_FILTER, .ref = "customers",
     .help = "whose user it is, with the role customer; null: one of the organization's own"},
    {"account_id", &T_REF, F_REQUIRED | F_READONLY | F_HIDDEN | F_UNIQUE, .ref = "accounts"},
    {"password", &T_PASSWORD, F_NO_COLUMN | F_HIDDEN | F_SECRET,
     .help = "8 to 255 characters; needed when creating"},
};

static Account account_of_row(const Row *row) {
    return (Account){.id = row_get(row, "account_id").i,
                     .email = row_get(row, "email").s,
                     .username = row_get(row, "username").s,
                     .full_name = row_get(row, "full_name").s,
                     .password_hash = row_get(row, "password").s};
}

static bool check_create(Ctx *c, Change *change) {
    Account account = account_of_row(change->row);
    if (!role_is_within(c, row_get(change->row, "role_id").i,
                        "you cannot give a role that may do more than you"))
        return false;
    if (account.id) return true; /* joins with an account that exists */
    if (!account.password_hash.n) return error_issue(&c->err, S("password"), "required", "is required");
    if (!account_names_free(c, &account) || !account_insert(c, &account)) return false;
    change_set(change, "account_id", value_int(account.id));
    return true;
}

static bool is_self(const Ctx *c, const Change *change) {
    return c->account_id && row_get(change->before, "account_id").i == c->account_id;
}

static bool role_may_change(Ctx *c, const Change *change) {
    if (!is_self(c, change) && !role_is_within(c, row_get(change->before, "role_id").i,
                                               "you cannot change a user who may do more than you"))
        return false;
    return !change_altered(change, "role_id") ||
           role_is_within(c, row_get(change->row, "role_id").i,
                          "you cannot give a role that may do more than you");
}

static bool another_admin(Ctx *c, int64_t role_id, int64_t user_id) {
    Stmt *st = db_prepare(c->db, S("SELECT id FROM users WHERE organization_id = ?1 "
                                   "AND role_id = ?2 AND id <> ?3 AND is_active LIMIT 1"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_int(st, 2, role_id);
    stmt_bind_int(st, 3, user_id);
    bool any = stmt_step(st);
    stmt_reset(st);
    return any;
}

static bool admin_stays(Ctx *c, const Change *change) {
    if (!change_altered(change, "role_id") && !change_altered(change, "is_active")) return true;
    int64_t admin = role_builtin(c, ROLE_ADMIN);
    bool was = row_get(change->before, "role_id").i == admin && row_get(change->before, "is_active").i;
    bool is = row_get(change->row, "role_id").i == admin && row_get(change->row, "is_active").i;
    if (!was || is || another_admin(c, admin, row_get(change->row, "id").i))
        return !db_failed(c->db) || db_fail(c->db, &c->err);
    return fail(c, E_LAST_ADMIN, "this is the last active administrator of the organization");
}

static bool person_altered(const Change *change) {
    return change_altered(change, "email") || change_altered(change, "username") ||
           change_altered(change, "full_name");
}

static bool password_given(const Change *change) {
    return change->row && row_get(change->row, "password").kind == V_TEXT;
}

/* The account's own data: the program itself (for /auth/me, which goes through
 * all memberships) may always, an administrator while it is theirs alone. */
static bool person_may_change(Ctx *c, const Change *change) {
    Membership *all;
    int n;
    if (acting(c)) return true;
    if (password_given(change) && is_self(c, change))
        return fail(c, E_FORBIDDEN, "change your own password at /auth/change-password");
    if (!memberships_of(c, row_get(change->before, "account_id").i, &all, &n)) return false;
    return n <= 1 || fail(c, E_FORBIDDEN,
                          "this person belongs to other organizations too: only they can change "
                          "their name, e-mail address and password, at /auth/me");
}

static bool check_update(Ctx *c, Change *change) {
    Account account = account_of_row(change->row);
    if (!role_may_change(c, change) || !admin_stays(c, change)) return false;
    if (!person_altered(change) && !password_given(change)) return true;
    if (!person_may_change(c, change)) return false;
    return !person_altered(change) || (account_names_free(c, &account) && account_update(c, &account));
}

static bool check(Ctx *c, Change *change) {
    if (c->err.kind != E_NONE || !change->row) return true; /* a role that is not there: 422 */
    bool moved = change_altered(change, "role_id") || change_altered(change, "customer_id");
    if (moved && !role_fits_customer(c, change->row)) return false;
    return change->before ? check_update(c, change) : check_create(c, change);
}

static bool saved_create(Ctx *c, const Row *row) {
    Membership m = {row_get(row, "account_id").i, c->organization_id, row_get(row, "id").i};
    return membership_add(c, &m);
}

static bool saved(Ctx *c, Change *change) {
    const Row *row = change->row;
    if (!change->before) return saved_create(c, row);
    int64_t account = row_get(row, "account_id").i;
    grants_end_account(c, account);
    SessionSet here = {.account_id = account, .organization_id = c->organization_id};
    if (!row_get(row, "is_active").i && !sessions_end(c, &here)) return false;
    if (!password_given(change)) return true;
    return account_set_password(c, account, row_get(row, "password").s, 0) &&
           auth_journal(c, "set-password", row_get(row, "id").i);
}

const Resource resource_users = {
    .name = "users",
    .singular = "user",
    .summary = "The people of the organization and their roles.",
    .flags = R_SYSTEM | R_NO_DELETE | R_SLOW_INPUT,
    .display = "username",
    .key = "username",
    FIELDS(fields),
    .check = check,
    .saved = saved,
};

bool user_add(Ctx *c, int64_t organization_id, const Member *m, int64_t *user_id) {
    const Model *users = ctx_model(c, "users");
    Acting before = act_in(c, organization_id, m->by);
    Row row;
    Input in = input_new(c, users);
    input_set_text(&in, "email", m->email);
    input_set_text(&in, "username", m->username);
    input_set_text(&in, "full_name", m->full_name);
    input_set(&in, "role_id", m->role);
    input_set(&in, "password", m->account_id ? VALUE_NULL : value_text(m->password_hash));
    if (m->account_id) input_set(&in, "account_id", value_int(m->account_id));
    if (m->customer_id.kind != V_NULL) input_set(&in, "customer_id", m->customer_id);
    bool ok = record_create(c, users, &in, &row);
    *user_id = ok ? row_get(&row, "id").i : 0;
    act_end(c, &before);
    return ok;
}

static void user_members(Ctx *c, Stmt *st) {
    Json *j = &c->out;
    js_field_int(j, "id", stmt_int(st, 0));
    js_field_str(j, "email", stmt_text(st, 1));
    js_field_str(j, "username", stmt_text(st, 2));
    js_field_str(j, "full_name", stmt_text(st, 3));
    js_field_str(j, "role", stmt_text(st, 4));
    js_field_bool(j, "is_active", stmt_int(st, 5) != 0);
    js_field_int(j, "organization_id", stmt_int(st, 6));
    js_field_str(j, "organization_name", stmt_text(st, 7));
    js_field_str(j, "created_at", stmt_text(st, 8));
    js_field_str(j, "updated_at", stmt_text(st, 9));
}

bool user_write(Ctx *c, int64_t organization_id, int64_t user_id) {
    Stmt *st = db_prepare(
        c->db, S("SELECT u.id, u.email, u.username, u.full_name, r.name, u.is_active, o.id, o.name, "
                 "u.created_at, u.updated_at FROM users u "
                 "JOIN roles r ON r.organization_id = u.organization_id AND r.id = u.role_id "
                 "JOIN organizations o ON o.id = u.organization_id "
                 "WHERE u.organization_id = ?1 AND u.id = ?2"));
    stmt_bind_int(st, 1, organization_id);
    stmt_bind_int(st, 2, user_id);
    bool found = stmt_step(st);
    if (found) {
        js_begin_object(&c->out);
        user_members(c, st);
        js_end_object(&c->out);
    }
    stmt_reset(st);
    if (db_failed(c->db)) return db_fail(c->db, &c->err);
    return found || fail(c, E_NOT_FOUND, NULL);
}
