/* Sessions and their refresh tokens. A session is one sign-in on one device;
 * its refresh tokens are one lineage: each works once, by one conditional
 * update, and gives the next. A token that comes a second time has been
 * copied, so the whole session ends. Only hashes are stored.
 *
 * Two tabs of a browser share one cookie and may come with the same token at
 * once, or an answer gets lost on its way. A cookie's next token is therefore
 * made of the one before, and who comes with that one again within a few
 * seconds gets the same next one: the lineage never forks, and as soon as the
 * next one was used, or later than that, it is a copied token as any other.
 *
 * Plain SQL: these tables are internal, belong to no organization and are not
 * journaled row by row; what matters is journaled as an event of `auth`. */
#include "base/log.h"
#include "identity/sessions.h"
#include "identity/resources.h"

#define DEVICE_MAX 255
#define TWICE_WITHIN_S 10

static const Field session_fields[] = {
    {"account_id", &T_REF, F_REQUIRED, .ref = "accounts"},
    {"organization_id", &T_INT, F_REQUIRED},
    {"user_agent", &T_TEXT, 0},
    {"ip", &T_TEXT, 0},
    {"web", &T_BOOL, 0, .fallback = "false"},
    {"cookie", &T_BOOL, 0, .fallback = "false"},
    {"max_amount", &T_MONEY, 0, .help = "of a single sale"},
    {"created_at", &T_TIME, F_REQUIRED},
    {"last_used_at", &T_TIME, F_REQUIRED},
    {"revoked_at", &T_TIME, 0},
};

const Resource resource_sessions = {
    .name = "sessions",
    .summary = "Sign-ins.",
    .flags = R_INTERNAL | R_GLOBAL,
    FIELDS(session_fields),
};

static const Field refresh_fields[] = {
    {"session_id", &T_REF, F_REQUIRED, .ref = "sessions"},
    {"token_hash", &T_TEXT, F_REQUIRED | F_UNIQUE | F_HIDDEN | F_SECRET},
    {"used", &T_BOOL, 0, .fallback = "false"},
    {"generation", &T_INT, F_REQUIRED},
    {"expires_at", &T_TIME, F_REQUIRED},
};

const Resource resource_refresh_tokens = {
    .name = "refresh-tokens",
    .summary = "What keeps a session going, once each.",
    .flags = R_INTERNAL | R_GLOBAL,
    FIELDS(refresh_fields),
};

static Str now_text(const Ctx *c) { return (Str){c->now_text, TIME_TEXT - 1}; }

/* --- who signs in where --- */

static const char login_sql[] =
    "SELECT m.organization_id, m.user_id, a.epoch, u.username, " MEMBER_CAP " FROM memberships m "
    "JOIN accounts a ON a.id = m.account_id "
    "JOIN users u ON u.organization_id = m.organization_id AND u.id = m.user_id "
    "WHERE m.account_id = ?1 AND a.is_active AND u.is_active "
    "AND (m.organization_id = ?2 OR ?2 = 0) "
    "AND (?3 = 0 OR EXISTS (SELECT 1 FROM roles r WHERE r.organization_id = u.organization_id "
    "AND r.id = u.role_id AND r.builtin AND r.name = '" ROLE_ADMIN "')) "
    "ORDER BY m.organization_id = coalesce((SELECT s.organization_id FROM sessions s "
    "WHERE s.account_id = ?1 ORDER BY s.id DESC LIMIT 1), 0) DESC, m.id LIMIT 1";

bool login_find(Ctx *c, int64_t account_id, int64_t organization_id, Login *out) {
    Stmt *st = db_prepare(c->db, str_of(login_sql));
    stmt_bind_int(st, 1, account_id);
    stmt_bind_int(st, 2, organization_id);
    stmt_bind_int(st, 3, out->admin_only);
    out->account_id = account_id;
    out->user_id = 0;
    if (stmt_step(st)) {
        out->organization_id = stmt_int(st, 0);
        out->user_id = stmt_int(st, 1);
        out->epoch = stmt_int(st, 2);
        out->username = column_text(c, st, 3);
        out->max_amount = stmt_int(st, 4);
    }
    stmt_reset(st);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}

void login_enter(Ctx *c, const Login *login) {
    c->account_id = login->account_id;
    c->organization_id = login->organization_id;
    c->user_id = login->user_id;
    c->session_id = login->session_id;
    c->username = login->username;
    c->amount_cap = login->max_amount;
}

bool login_write(Ctx *c, const Login *login) {
    char token[TOKEN_ROOM];
    Claims claims = {.account = login->account_id,
                     .organization = login->organization_id,
                     .user = login->user_id,
                     .session = login->session_id,
                     .epoch = login->epoch,
                     .issued = c->now,
                     .expires = c->now + ACCESS_TOKEN_S};
    size_t n = token_write(&c->app->identity->access_key, &claims, token);
    Json *j = &c->out;
    js_begin_object(j);
    js_field_str(j, "access_token", ((Str){token, n}));
    if (login->plain_token) js_field_str(j, "token", ((Str){token, n}));
    if (login->cookie)
        c->cookie_out = ctx_fmt(c, "%s", login->refresh);
    else
        js_field_c(j, "refresh_token", login->refresh);
    js_field_c(j, "token_type", "bearer");
    js_field_int(j, "expires_in", ACCESS_TOKEN_S);
    js_key(j, S("user"));
    bool ok = user_write(c, login->organization_id, login->user_id);
    js_end_object(j);
    return ok;
}

bool auth_journal(Ctx *c, const char *action, int64_t record_id) {
    return journal_append(c, S("auth"), record_id, str_of(action), S("{}"));
}

/* --- refresh tokens --- */

static void successor_write(const Ctx *c, Str spent, Login *login) {
    const Hash *key = &c->app->identity->refresh_key;
    Hash next;
    hash_hmac_sha256((Str){(const char *)key->b, sizeof key->b}, spent, &next);
    base64url_encode((Str){(const char *)next.b, sizeof next.b}, login->refresh, sizeof login->refresh);
}

/* `spent`: the token before it; p NULL: none. */
static bool refresh_insert(Ctx *c, Login *login, int64_t generation, Str spent) {
    if (login->cookie && spent.p)
        successor_write(c, spent, login);
    else
        random_token(32, login->refresh, sizeof login->refresh);
    Stmt *st = db_prepare(c->db, S("INSERT INTO refresh_tokens (session_id, token_hash, used, "
                                   "generation, expires_at) VALUES (?1, ?2, false, ?3, ?4)"));
    stmt_bind_int(st, 1, login->session_id);
    stmt_bind_text(st, 2, secret_hash(c, str_of(login->refresh)));
    stmt_bind_int(st, 3, generation);
    stmt_bind_text(st, 4, time_after(c, REFRESH_TOKEN_S));
    return run_or_fail(c, st);
}

bool session_renew(Ctx *c, Login *login) {
    Stmt *st = db_prepare(c->db, S("UPDATE refresh_tokens SET used = true WHERE session_id = ?1"));
    stmt_bind_int(st, 1, login->session_id);
    if (!run_or_fail(c, st)) return false;
    st = db_prepare(c->db, S("SELECT r.generation, s.cookie FROM refresh_tokens r JOIN sessions s ON s.id = r.session_id "
                             "WHERE r.session_id = ?1 ORDER BY r.generation DESC LIMIT 1"));
    stmt_bind_int(st, 1, login->session_id);
    int64_t generation = 0;
    if (stmt_step(st)) {
        generation = stmt_int(st, 0);
        login->cookie = stmt_int(st, 1) != 0;
    }
    stmt_reset(st);
    return refresh_insert(c, login, generation + 1, STR_NONE);
}

/* --- sessions --- */

/* What a client says of itself is printed to its user later. */
static Str device_text(Ctx *c) {
    Str s = {c->user_agent.p, c->user_agent.n < DEVICE_MAX ? c->user_agent.n : DEVICE_MAX};
    char *p = arena_c_str(c->arena, s);
    for (size_t i = 0; i < s.n; i++)
        if (p[i] < 0x20 || p[i] > 0x7e) p[i] = '?';
    return (Str){p, s.n};
}

/* What can never be used again goes when its owner signs in. */
static bool dead_delete(Ctx *c, int64_t account_id) {
    Str oldest = time_after(c, -(int64_t)REFRESH_TOKEN_S);
    static const char *const sql[] = {
        "DELETE FROM refresh_tokens WHERE session_id IN "
        "(SELECT id FROM sessions WHERE account_id = ?1 AND last_used_at < ?2)",
        "DELETE FROM sessions WHERE account_id = ?1 AND last_used_at < ?2",
    };
    for (int i = 0; i < 2; i++) {
        Stmt *st = db_prepare(c->db, str_of(sql[i]));
        stmt_bind_int(st, 1, account_id);
        stmt_bind_text(st, 2, oldest);
        if (!run_or_fail(c, st)) return false;
    }
    return true;
}

bool session_open(Ctx *c, Login *login) {
    if (!dead_delete(c, login->account_id)) return false;
    Stmt *st = db_prepare(c->db, ctx_returning(c, S("INSERT INTO sessions (account_id, organization_id, user_agent, "
                                   "ip, web, created_at, last_used_at, max_amount, cookie) "
                                   "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8)")));
    stmt_bind_int(st, 1, login->account_id);
    stmt_bind_int(st, 2, login->organization_id);
    stmt_bind_text(st, 3, device_text(c));
    stmt_bind_text(st, 4, c->ip);
    stmt_bind_int(st, 5, login->web);
    stmt_bind_text(st, 6, now_text(c));
    stmt_bind(st, 7, login->max_amount ? value_int(login->max_amount) : VALUE_NULL);
    stmt_bind_int(st, 8, login->cookie);
    if (!run_or_fail(c, st)) return false;
    login->session_id = db_last_id(c->db);
    return refresh_insert(c, login, 1, STR_NONE);
}

bool session_end(Ctx *c, int64_t session_id) {
    Stmt *st =
        db_prepare(c->db, S("UPDATE sessions SET revoked_at = ?1 WHERE id = ?2 AND revoked_at IS NULL"));
    stmt_bind_text(st, 1, now_text(c));
    stmt_bind_int(st, 2, session_id);
    grants_end_session(c, session_id);
    return run_or_fail(c, st);
}

bool sessions_end(Ctx *c, const SessionSet *which) {
    Stmt *st = db_prepare(c->db, S("UPDATE sessions SET revoked_at = ?1 WHERE account_id = ?2 "
                                   "AND (organization_id = ?3 OR ?3 = 0) AND id <> ?4 "
                                   "AND revoked_at IS NULL"));
    stmt_bind_text(st, 1, now_text(c));
    stmt_bind_int(st, 2, which->account_id);
    stmt_bind_int(st, 3, which->organization_id);
    stmt_bind_int(st, 4, which->keep);
    grants_end_account(c, which->account_id);
    return run_or_fail(c, st);
}

/* --- refreshing --- */

typedef struct {
    int64_t session_id, generation; /* session_id 0: not given */
} Spent;

/* The one conditional update that decides. */
static bool token_spend(Ctx *c, Str hash, Spent *out) {
    Stmt *st = db_prepare(c->db, S("UPDATE refresh_tokens SET used = true WHERE token_hash = ?1 "
                                   "AND NOT used AND expires_at > ?2 "
                                   "RETURNING session_id, generation"));
    stmt_bind_text(st, 1, hash);
    stmt_bind_text(st, 2, now_text(c));
    *out = (Spent){0};
    if (stmt_step(st)) *out = (Spent){stmt_int(st, 0), stmt_int(st, 1)};
    stmt_reset(st);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}

static int64_t used_token_session(Ctx *c, Str hash) {
    Stmt *st = db_prepare(c->db, S("SELECT session_id FROM refresh_tokens WHERE token_hash = ?1 AND used"));
    stmt_bind_text(st, 1, hash);
    int64_t id = stmt_step(st) ? stmt_int(st, 0) : 0;
    stmt_reset(st);
    return id;
}

/* False when it has ended, or its user may not sign in there any more. */
static bool session_login(Ctx *c, int64_t id, Login *login) {
    Stmt *st = db_prepare(c->db, S("SELECT account_id, organization_id, web, cookie FROM sessions "
                                   "WHERE id = ?1 AND revoked_at IS NULL"));
    stmt_bind_int(st, 1, id);
    bool found = stmt_step(st);
    if (found) {
        login->account_id = stmt_int(st, 0);
        login->organization_id = stmt_int(st, 1);
        login->web = stmt_int(st, 2) != 0;
        login->cookie = stmt_int(st, 3) != 0;
    }
    stmt_reset(st);
    login->session_id = id;
    return found && login_find(c, login->account_id, login->organization_id, login) && login->user_id;
}

static bool session_touch(Ctx *c, int64_t id) {
    Stmt *st =
        db_prepare(c->db, S("UPDATE sessions SET last_used_at = ?1, ip = ?2, user_agent = ?3 WHERE id = ?4"));
    stmt_bind_text(st, 1, now_text(c));
    stmt_bind_text(st, 2, c->ip);
    stmt_bind_text(st, 3, device_text(c));
    stmt_bind_int(st, 4, id);
    return run_or_fail(c, st);
}

static bool reuse_punish(Ctx *c, int64_t session_id, Login *login) {
    bool alive = session_login(c, session_id, login);
    if (db_failed(c->db)) return db_fail(c->db, &c->err);
    if (!alive) return session_end(c, session_id);
    log_event("identity", LOG_WARNING, "a used refresh token came again: session %lld",
              (long long)session_id);
    if (!session_end(c, session_id)) return false;
    login_enter(c, login);
    return auth_journal(c, "token_reuse", session_id);
}

/* The session of a cookie's token whose successor is fresh and was not used;
 * 0: there is none. */
static int64_t twice_session(Ctx *c, Str token, Login *login) {
    successor_write(c, token, login);
    Stmt *st = db_prepare(c->db, S("SELECT s.id FROM refresh_tokens r JOIN sessions s ON s.id = r.session_id "
                                   "WHERE r.token_hash = ?1 AND NOT r.used AND r.expires_at > ?2 AND s.cookie"));
    stmt_bind_text(st, 1, secret_hash(c, str_of(login->refresh)));
    stmt_bind_text(st, 2, time_after(c, REFRESH_TOKEN_S - TWICE_WITHIN_S));
    int64_t id = stmt_step(st) ? stmt_int(st, 0) : 0;
    stmt_reset(st);
    return id;
}

bool session_refresh(Ctx *c, Str token, Login *login, RefreshOutcome *outcome) {
    Str hash = secret_hash(c, token);
    Spent spent;
    *outcome = REFRESH_UNKNOWN;
    if (!token_spend(c, hash, &spent)) return false;
    if (!spent.session_id) {
        int64_t twice = twice_session(c, token, login);
        if (twice && session_login(c, twice, login)) {
            *outcome = REFRESH_DONE;
            return true;
        }
        int64_t copied = used_token_session(c, hash);
        if (copied) *outcome = REFRESH_REUSED;
        return !copied || reuse_punish(c, copied, login);
    }
    if (!session_login(c, spent.session_id, login)) return c->err.kind == E_NONE;
    *outcome = REFRESH_DONE;
    return session_touch(c, spent.session_id) && refresh_insert(c, login, spent.generation + 1, token);
}
