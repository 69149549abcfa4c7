/* From an Authorization header to who is asking. What was found is kept as a
 * Grant for max_age_s, and dropped as soon as a change to its session,
 * account, role, organization or key is durable: so nearly every request is
 * one look into memory, and no change is overlooked. */
#include <sodium.h>

#include "base/log.h"
#include "base/time.h"
#include "db/peers.h"
#include "identity/internal.h"

#define ZONE_MAX         64
#define KEY_PREFIX       "mw_"
#define KEY_USED_EVERY_S 60 /* how exactly last_used_at is kept */

/* Everything a request needs to know of who sent it. */
typedef struct {
    int64_t account_id, organization_id, user_id, session_id, api_key_id;
    int64_t expires; /* Unix seconds; 0 = never */
    int64_t max_amount; /* of a single sale; 0 = no limit */
    int64_t customer_id; /* whose user it is; 0 = nobody's */
    bool web;
    char zone[ZONE_MAX + 1];
    char username[USERNAME_MAX + 1];
    Rights rights[]; /* per model */
} Grant;

static size_t grant_size(const Ctx *c) {
    return sizeof(Grant) + (size_t)c->app->registry->n * sizeof(Rights);
}

static bool refused(Ctx *c) { return fail(c, E_UNAUTHENTICATED, UNAUTHENTICATED); }

static bool nothing_found(Ctx *c) { return db_failed(c->db) ? db_fail(c->db, &c->err) : refused(c); }

/* --- reading --- */

static void copy_text(char *out, size_t size, Str s) {
    size_t n = s.n < size ? s.n : size - 1;
    if (n > 0) memcpy(out, s.p, n);
    out[n] = '\0';
}

/* The user's part of a row: user id, account, name, role, zone, customer, cap. */
static int64_t read_user(Stmt *st, int at, Grant *g) {
    g->user_id = stmt_int(st, at);
    g->account_id = stmt_int(st, at + 1);
    copy_text(g->username, sizeof g->username, stmt_text(st, at + 2));
    copy_text(g->zone, sizeof g->zone, stmt_text(st, at + 4));
    g->customer_id = stmt_int(st, at + 5);
    g->max_amount = stmt_int(st, at + 6);
    return stmt_int(st, at + 3);
}

static bool grant_rights(Ctx *c, Grant *g, int64_t role_id) {
    c->organization_id = g->organization_id;
    return rights_of_role(c, role_id, g->rights);
}

static const char session_sql[] =
    "SELECT u.id, u.account_id, u.username, u.role_id, o.time_zone, u.customer_id, " MEMBER_CAP ", s.web, s.max_amount "
    "FROM sessions s JOIN accounts a ON a.id = s.account_id "
    "JOIN users u ON u.organization_id = ?2 AND u.id = ?3 AND u.account_id = a.id "
    "JOIN organizations o ON o.id = u.organization_id "
    "WHERE s.id = ?1 AND s.revoked_at IS NULL AND a.id = ?4 AND a.epoch = ?5 "
    "AND a.is_active AND u.is_active";

static bool grant_of_token(Ctx *c, Str token, Grant *g) {
    Claims claims;
    if (!token_read(&c->app->identity->access_key, token, &claims) || claims.expires <= c->now)
        return refused(c);
    Stmt *st = db_prepare(c->db, str_of(session_sql));
    stmt_bind_int(st, 1, claims.session);
    stmt_bind_int(st, 2, claims.organization);
    stmt_bind_int(st, 3, claims.user);
    stmt_bind_int(st, 4, claims.account);
    stmt_bind_int(st, 5, claims.epoch);
    if (!stmt_step(st)) return nothing_found(c);
    int64_t role_id = read_user(st, 0, g);
    g->web = stmt_int(st, 7) != 0;
    int64_t own = stmt_int(st, 8);
    if (own && (!g->max_amount || own < g->max_amount)) g->max_amount = own;
    stmt_reset(st);
    g->organization_id = claims.organization;
    g->session_id = claims.session;
    g->expires = claims.expires;
    return grant_rights(c, g, role_id);
}

/* --- API keys: "mw_<id>_<secret>" --- */

typedef struct {
    WriterJob job;
    int64_t id;
    char now[TIME_TEXT];
} KeyUse;

static bool key_use_run(WriterJob *job, Db *db) {
    KeyUse *use = (KeyUse *)job;
    Stmt *st = db_prepare(db, S("UPDATE api_keys SET last_used_at = ?1 WHERE id = ?2"));
    stmt_bind_text(st, 1, str_of(use->now));
    stmt_bind_int(st, 2, use->id);
    return stmt_run(st);
}

static void key_use_done(WriterJob *job, DbStatus status) {
    (void)status;
    free(job);
}

/* Nobody waits for it, and nothing is lost with it. */
static void key_note_use(Ctx *c, int64_t id, Str last) {
    int64_t t;
    if (last.n > 0 && time_parse(last, &t) && t + KEY_USED_EVERY_S > c->now) return;
    KeyUse *use = calloc(1, sizeof *use);
    if (!use) log_fatal("identity", "out of memory");
    use->job = (WriterJob){.run = key_use_run, .done = key_use_done};
    use->id = id;
    memcpy(use->now, c->now_text, sizeof use->now);
    if (!app_write(c->app, &use->job)) free(use);
}

static bool key_parse(Str token, int64_t *id, Str *secret) {
    Str rest = {token.p + sizeof KEY_PREFIX - 1, token.n - (sizeof KEY_PREFIX - 1)};
    Str number = str_cut(rest, '_', secret);
    return secret->n > 0 && str_to_int(number, id) && *id > 0;
}

static const char key_sql[] =
    "SELECT u.id, u.account_id, u.username, u.role_id, o.time_zone, u.customer_id, " MEMBER_CAP ", "
    "k.organization_id, k.key_hash, k.scopes, k.expires_at, k.last_used_at "
    "FROM api_keys k JOIN users u ON u.organization_id = k.organization_id AND u.id = k.created_by "
    "JOIN accounts a ON a.id = u.account_id JOIN organizations o ON o.id = k.organization_id "
    "WHERE k.id = ?1 AND k.revoked_at IS NULL AND a.is_active AND u.is_active";

typedef struct {
    Str hash, scopes, expires, used;
    int64_t role_id;
} KeyRow;

static bool key_load(Ctx *c, int64_t id, Grant *g, KeyRow *row) {
    Stmt *st = db_prepare(c->db, str_of(key_sql));
    stmt_bind_int(st, 1, id);
    if (!stmt_step(st)) return nothing_found(c);
    row->role_id = read_user(st, 0, g);
    g->organization_id = stmt_int(st, 7);
    g->api_key_id = id;
    row->hash = column_text(c, st, 8);
    row->scopes = column_text(c, st, 9);
    row->expires = column_text(c, st, 10);
    row->used = column_text(c, st, 11);
    stmt_reset(st);
    return true;
}

static bool hash_text_equal(Str a, Str b) {
    return a.n == b.n && a.n > 0 && sodium_memcmp(a.p, b.p, a.n) == 0;
}

/* A key has at most what its maker has now. */
static void key_limit(Ctx *c, Str scopes, Rights *rights) {
    const Registry *r = c->app->registry;
    if (!scopes.n) return;
    Rights *mask = rights_new(c->arena, r);
    json_t *list = json_loadb(scopes.p, scopes.n, 0, NULL);
    for (size_t i = 0; i < json_array_size(list); i++) {
        Permission p;
        if (scope_parse(str_of(json_string_value(json_array_get(list, i))), &p)) rights_add(r, mask, &p);
    }
    json_decref(list);
    rights_limit(r, rights, mask);
}

static bool grant_of_key(Ctx *c, Str token, Grant *g) {
    int64_t id;
    Str secret;
    KeyRow row = {0};
    if (!key_parse(token, &id, &secret)) return refused(c);
    if (!key_load(c, id, g, &row)) return false;
    if (!hash_text_equal(row.hash, secret_hash(c, secret))) return refused(c);
    if (row.expires.n && (!time_parse(row.expires, &g->expires) || g->expires <= c->now)) return refused(c);
    if (!grant_rights(c, g, row.role_id)) return false;
    key_limit(c, row.scopes, g->rights);
    key_note_use(c, id, row.used);
    return true;
}

/* --- one request --- */

static bool scheme_is(Str header, const char *scheme, Str *token) {
    size_t n = strlen(scheme);
    if (header.n <= n || header.p[n] != ' ' || !str_ieq((Str){header.p, n}, str_of(scheme))) return false;
    *token = str_trim((Str){header.p + n, header.n - n});
    return token->n > 0 && token->n <= TOKEN_TEXT_MAX;
}

static Grant *grant_find(Ctx *c, Str token) {
    Cache *cache = c->app->identity->grants;
    int64_t now_us = monotonic_us();
    Grant *g = cache_get(cache, token, now_us - (int64_t)c->app->identity->max_age_s * 1000000, c->arena);
    if (g) return g;
    uint64_t ticket = cache_ticket(cache);
    g = arena_alloc(c->arena, grant_size(c));
    bool key = str_starts(token, S(KEY_PREFIX));
    if (!(key ? grant_of_key(c, token, g) : grant_of_token(c, token, g))) return NULL;
    CacheValue value = {g, grant_size(c), now_us};
    cache_put(cache, token, &value, ticket);
    return g;
}

static void grant_apply(Ctx *c, const Grant *g) {
    c->account_id = g->account_id;
    c->organization_id = g->organization_id;
    c->user_id = g->user_id;
    c->session_id = g->session_id;
    c->api_key_id = g->api_key_id;
    c->username = str_of(g->username);
    c->rights = g->rights;
    c->web_session = g->web;
    c->amount_cap = g->max_amount;
    c->client_id = g->customer_id;
    c->origin = g->api_key_id ? "key" : "api";
    ctx_set_zone(c, g->zone);
}

bool identity_authenticate(Ctx *c, Str authorization) {
    Str header = str_trim(authorization), token;
    if (!scheme_is(header, "Bearer", &token) && !scheme_is(header, "Token", &token)) return refused(c);
    const Grant *g = grant_find(c, token);
    if (!g || (g->expires && g->expires <= c->now)) {
        c->organization_id = 0;
        return refused(c);
    }
    grant_apply(c, g);
    return true;
}

/* --- behind a request --- */

static bool ended(Ctx *c, const char *what) {
    if (db_failed(c->db)) return db_fail(c->db, &c->err);
    return fail(c, E_FORBIDDEN, "%s", what);
}

static bool key_resume(Ctx *c, int64_t api_key_id, Rights *rights) {
    Stmt *st = db_prepare(c->db, S("SELECT scopes, expires_at FROM api_keys WHERE organization_id = ?1 AND id = ?2 "
                                   "AND revoked_at IS NULL"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_int(st, 2, api_key_id);
    if (!stmt_step(st)) return ended(c, "the API key that asked for this was revoked");
    Str scopes = column_text(c, st, 0), expires = column_text(c, st, 1);
    stmt_reset(st);
    if (expires.n && time_is_past(c, expires)) return ended(c, "the API key that asked for this has expired");
    key_limit(c, scopes, rights);
    return true;
}

static bool program_resume(Ctx *c) {
    Stmt *st = db_prepare(c->db, S("SELECT time_zone FROM organizations WHERE id = ?1"));
    stmt_bind_int(st, 1, c->organization_id);
    if (!stmt_step(st)) return ended(c, "there is no such organization");
    Str zone = column_text(c, st, 0);
    stmt_reset(st);
    c->rights = c->app->identity->everything;
    ctx_set_zone(c, arena_c_str(c->arena, zone));
    return true;
}

bool identity_resume(Ctx *c, int64_t user_id, int64_t api_key_id) {
    if (!user_id) return program_resume(c);
    Stmt *st = db_prepare(c->db, S("SELECT u.account_id, u.username, u.role_id, o.time_zone FROM users u "
                                   "JOIN accounts a ON a.id = u.account_id JOIN organizations o ON o.id = u.organization_id "
                                   "WHERE u.organization_id = ?1 AND u.id = ?2 AND a.is_active AND u.is_active"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_int(st, 2, user_id);
    if (!stmt_step(st)) return ended(c, "the user who asked for this may not sign in any more");
    int64_t account_id = stmt_int(st, 0), role_id = stmt_int(st, 2);
    Str username = column_text(c, st, 1), zone = column_text(c, st, 3);
    stmt_reset(st);
    Rights *rights = rights_new(c->arena, c->app->registry);
    if (!rights_of_role(c, role_id, rights)) return false;
    if (api_key_id && !key_resume(c, api_key_id, rights)) return false;
    c->account_id = account_id;
    c->user_id = user_id;
    c->api_key_id = api_key_id;
    c->username = username;
    c->rights = rights;
    ctx_set_zone(c, arena_c_str(c->arena, zone));
    return true;
}

/* --- dropping --- */

static bool of_organization(const void *value, const void *id) {
    return ((const Grant *)value)->organization_id == *(const int64_t *)id;
}

static bool of_account(const void *value, const void *id) {
    return ((const Grant *)value)->account_id == *(const int64_t *)id;
}

static bool of_session(const void *value, const void *id) {
    return ((const Grant *)value)->session_id == *(const int64_t *)id;
}

static bool of_key(const void *value, const void *id) {
    return ((const Grant *)value)->api_key_id == *(const int64_t *)id;
}

/* Of what a change ends the grants; the letter says it to other programs. */
typedef struct {
    char letter;
    bool (*match)(const void *value, const void *arg);
} Kind;

static const Kind kinds[] = {{'o', of_organization}, {'a', of_account}, {'s', of_session}, {'k', of_key}};

typedef struct {
    const Kind *kind;
    int64_t id;
} Drop;

static void drop_run(const App *app, void *arg) {
    const Drop *d = arg;
    cache_drop(app->identity->grants, d->kind->match, &d->id);
}

static void drop_later(Ctx *c, char letter, int64_t id) {
    const Kind *kind = kinds;
    while (kind->letter != letter) kind++;
    Drop *d = ARENA_NEW(c->arena, Drop);
    *d = (Drop){kind, id};
    ctx_after_commit(c, drop_run, d);
    db_tell(c->db, arena_fmt(c->arena, "%c%lld", letter, (long long)id)); /* an error is the transaction's */
}

void grants_end_organization(Ctx *c, int64_t id) { drop_later(c, 'o', id); }
void grants_end_account(Ctx *c, int64_t id) { drop_later(c, 'a', id); }
void grants_end_session(Ctx *c, int64_t id) { drop_later(c, 's', id); }
void grants_end_key(Ctx *c, int64_t id) { drop_later(c, 'k', id); }

void identity_heard(Identity *identity, Str note) {
    int64_t id;
    if (!note.n || !str_to_int((Str){note.p + 1, note.n - 1}, &id)) return;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].letter == note.p[0]) cache_drop(identity->grants, kinds[i].match, &id);
}

static bool of_anybody(const void *value, const void *arg) {
    (void)value, (void)arg;
    return true;
}

void identity_missed(Identity *identity) { cache_drop(identity->grants, of_anybody, NULL); }
