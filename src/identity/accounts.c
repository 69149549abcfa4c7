/* Accounts: people, known by a user name and an e-mail address that nobody
 * else has, and their memberships. An account belongs to no organization; a
 * `users` record is its membership in one, and `memberships` finds those of an
 * account without knowing the organizations.
 *
 * epoch counts what makes every access token of the account worthless. */
#include "identity/sessions.h"
#include "identity/resources.h"

static const Field account_fields[] = {
    {"email", &T_EMAIL, F_REQUIRED | F_UNIQUE, .help = "in lower case"},
    {"username", &T_USERNAME, F_REQUIRED},
    {"login", &T_USERNAME, F_REQUIRED | F_UNIQUE, .help = "the user name in lower case"},
    {"full_name", &T_TEXT, 0},
    {"password_hash", &T_TEXT, F_REQUIRED | F_HIDDEN | F_SECRET},
    {"is_active", &T_BOOL, 0, .fallback = "true"},
    {"epoch", &T_INT, 0, .fallback = "1"},
    {"created_at", &T_TIME, F_REQUIRED},
};

const Resource resource_accounts = {
    .name = "accounts",
    .summary = "People who can sign in.",
    .flags = R_INTERNAL | R_GLOBAL,
    .display = "username",
    FIELDS(account_fields),
};

static const Field membership_fields[] = {
    {"account_id", &T_REF, F_REQUIRED, .ref = "accounts"},
    {"organization_id", &T_INT, F_REQUIRED},
    {"user_id", &T_INT, F_REQUIRED},
};

const Resource resource_memberships = {
    .name = "memberships",
    .summary = "The organizations an account belongs to.",
    .flags = R_INTERNAL | R_GLOBAL,
    FIELDS(membership_fields),
};

#define USERNAME_TRIES 1000

static Str lower(Arena *a, Str s) {
    char *p = arena_c_str(a, s);
    for (size_t i = 0; i < s.n; i++)
        if (p[i] >= 'A' && p[i] <= 'Z') p[i] = (char)(p[i] | 0x20);
    return (Str){p, s.n};
}

#define ACCOUNT_COLUMNS \
    "SELECT id, epoch, email, username, full_name, password_hash, is_active FROM accounts "

static bool account_read(Ctx *c, Stmt *st, Account *out) {
    *out = (Account){0};
    if (stmt_step(st))
        *out = (Account){.id = stmt_int(st, 0),
                         .epoch = stmt_int(st, 1),
                         .email = column_text(c, st, 2),
                         .username = column_text(c, st, 3),
                         .full_name = column_text(c, st, 4),
                         .password_hash = column_text(c, st, 5),
                         .active = stmt_int(st, 6) != 0};
    stmt_reset(st);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}

bool account_find(Ctx *c, Str name, Account *out) {
    Stmt *st = db_prepare(c->db, S(ACCOUNT_COLUMNS "WHERE login = ?1 OR email = ?1"));
    stmt_bind_text(st, 1, lower(c->arena, name));
    return account_read(c, st, out);
}

bool account_load(Ctx *c, int64_t id, Account *out) {
    Stmt *st = db_prepare(c->db, S(ACCOUNT_COLUMNS "WHERE id = ?1"));
    stmt_bind_int(st, 1, id);
    return account_read(c, st, out);
}

static bool name_taken(Ctx *c, const char *field, const char *what) {
    fail(c, E_DUPLICATE, "another user has this %s already", what);
    return error_issue(&c->err, str_of(field), "duplicate", "is taken");
}

/* A user name may look like an e-mail address, so neither may be the other's
 * of another account. */
bool account_names_free(Ctx *c, const Account *a) {
    Str email = lower(c->arena, a->email), login = lower(c->arena, a->username);
    Stmt *st = db_prepare(c->db, S("SELECT email, login FROM accounts WHERE id <> ?3 AND "
                                   "(email IN (?1, ?2) OR login IN (?1, ?2)) LIMIT 1"));
    stmt_bind_text(st, 1, email);
    stmt_bind_text(st, 2, login);
    stmt_bind_int(st, 3, a->id);
    bool taken = stmt_step(st);
    bool by_email = taken && (str_eq(stmt_text(st, 0), email) || str_eq(stmt_text(st, 1), email));
    stmt_reset(st);
    if (db_failed(c->db)) return db_fail(c->db, &c->err);
    if (!taken) return true;
    return by_email ? name_taken(c, "email", "e-mail address") : name_taken(c, "username", "user name");
}

static Str username_base(Ctx *c, Str email) {
    char *p = arena_c_str(c->arena, email);
    size_t n = email.n < USERNAME_MAX - INT_TEXT_MAX ? email.n : USERNAME_MAX - INT_TEXT_MAX;
    for (size_t i = 0; i < n; i++)
        if (!username_char(p[i])) p[i] = '-';
    return (Str){p, n};
}

bool username_of_email(Ctx *c, Str email, Str *out) {
    Str base = username_base(c, email);
    Account taken;
    *out = base;
    for (int i = 2; i < USERNAME_TRIES; i++) {
        if (!account_find(c, *out, &taken)) return false;
        if (!taken.id) return true;
        *out = arena_fmt(c->arena, "%.*s-%d", STR_ARG(base), i);
    }
    return name_taken(c, "email", "e-mail address");
}

bool account_insert(Ctx *c, Account *a) {
    Stmt *st = db_prepare(c->db, ctx_returning(c, S("INSERT INTO accounts (email, username, login, full_name, "
                                   "password_hash, is_active, epoch, created_at) "
                                   "VALUES (?1, ?2, ?3, ?4, ?5, true, 1, ?6)")));
    stmt_bind_text(st, 1, lower(c->arena, a->email));
    stmt_bind_text(st, 2, a->username);
    stmt_bind_text(st, 3, lower(c->arena, a->username));
    stmt_bind(st, 4, a->full_name.p ? value_text(a->full_name) : VALUE_NULL);
    stmt_bind_text(st, 5, a->password_hash);
    stmt_bind_text(st, 6, str_of(c->now_text));
    if (!run_or_fail(c, st)) return false;
    a->id = db_last_id(c->db);
    a->epoch = 1;
    a->active = true;
    return true;
}

bool account_update(Ctx *c, const Account *a) {
    Stmt *st = db_prepare(c->db, S("UPDATE accounts SET email = ?1, username = ?2, login = ?3, "
                                   "full_name = ?4 WHERE id = ?5"));
    stmt_bind_text(st, 1, lower(c->arena, a->email));
    stmt_bind_text(st, 2, a->username);
    stmt_bind_text(st, 3, lower(c->arena, a->username));
    stmt_bind(st, 4, a->full_name.p ? value_text(a->full_name) : VALUE_NULL);
    stmt_bind_int(st, 5, a->id);
    return run_or_fail(c, st);
}

bool account_set_password(Ctx *c, int64_t account_id, Str hash, int64_t keep) {
    Stmt *st =
        db_prepare(c->db, S("UPDATE accounts SET password_hash = ?1, epoch = epoch + 1 WHERE id = ?2"));
    stmt_bind_text(st, 1, hash);
    stmt_bind_int(st, 2, account_id);
    SessionSet others = {.account_id = account_id, .keep = keep};
    return run_or_fail(c, st) && sessions_end(c, &others);
}

bool membership_add(Ctx *c, const Membership *m) {
    Stmt *st = db_prepare(c->db, S("INSERT INTO memberships (account_id, organization_id, user_id) "
                                   "VALUES (?1, ?2, ?3)"));
    stmt_bind_int(st, 1, m->account_id);
    stmt_bind_int(st, 2, m->organization_id);
    stmt_bind_int(st, 3, m->user_id);
    return run_or_fail(c, st);
}

static Stmt *memberships_select(Ctx *c, int64_t account_id) {
    Stmt *st = db_prepare(c->db, S("SELECT organization_id, user_id FROM memberships "
                                   "WHERE account_id = ?1 ORDER BY id"));
    stmt_bind_int(st, 1, account_id);
    return st;
}

bool memberships_of(Ctx *c, int64_t account_id, Membership **out, int *n) {
    Stmt *st = memberships_select(c, account_id);
    int count = 0;
    while (stmt_step(st)) count++;
    *out = ARENA_ARRAY(c->arena, Membership, (size_t)count);
    *n = 0;
    st = memberships_select(c, account_id);
    while (*n < count && stmt_step(st))
        (*out)[(*n)++] = (Membership){account_id, stmt_int(st, 0), stmt_int(st, 1)};
    stmt_reset(st);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}
