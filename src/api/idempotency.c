/* Idempotency-Key: the answer of a write is stored in the write's own
 * transaction under (user, key), with a fingerprint of the request; a repeat
 * gets the stored answer, the same key with another request is refused. Only
 * good answers are stored: a refused request changed nothing and may be tried
 * again. Kept for seven days; every new key takes up to two expired ones away. */
#include "api/idempotency.h"
#include "base/hash.h"
#include "base/time.h"

#define KEEP_SECONDS (7 * 24 * 3600)

static const Field fields[] = {
    {"key", &T_TEXT, F_REQUIRED | F_UNIQUE, .max_length = 300, .help = "user:key"},
    {"fingerprint", &T_TEXT, F_REQUIRED},
    {"status", &T_INT, F_REQUIRED, .column = "answer_status"},
    {"record_version", &T_INT, F_REQUIRED},
    {"location", &T_TEXT, 0},
    {"body", &T_LONG_TEXT, F_REQUIRED},
    {"stored_at", &T_TIME, F_REQUIRED | F_SORT},
};

const Resource idempotency_keys = {
    .name = "idempotency-keys",
    .flags = R_INTERNAL,
    FIELDS(fields),
};

static Str full_key(ApiRequest *r) {
    return ctx_fmt(&r->c, "%lld:%.*s", (long long)r->c.user_id, STR_ARG(r->idempotency_key));
}

static void fingerprint(const ApiRequest *r, char out[HASH_HEX]) {
    const HttpRequest *h = r->http;
    Str parts[] = {h->method, h->path, h->query, h->body};
    Hash hash;
    hash_parts(parts, 4, &hash);
    hash_hex(&hash, out);
}

/* Such an answer is not kept, but that it was given is. */
static bool answers_secret(const ApiRequest *r) {
    return r->action && (r->action->flags & ACTION_SECRET);
}

static bool replay(ApiRequest *r, Stmt *st) {
    char hex[HASH_HEX];
    fingerprint(r, hex);
    if (!str_is(stmt_text(st, 0), hex))
        return fail(&r->c, E_KEY_REUSED, "this Idempotency-Key was used for another request");
    if (answers_secret(r))
        return fail(&r->c, E_CONFLICT, "this was done already; its answer had a secret, which is shown once");
    r->c.status = (int)stmt_int(st, 1);
    r->version = stmt_int(st, 2);
    r->location = arena_str(r->c.arena, stmt_text(st, 3));
    buf_str(r->c.body, stmt_text(st, 4));
    r->replayed = true;
    return true;
}

bool idempotency_begin(ApiRequest *r) {
    if (!r->idempotency_key.p) return true;
    Db *db = r->c.db;
    Stmt *st = db_prepare(db, S("SELECT fingerprint, answer_status, record_version, location, body "
                                "FROM idempotency_keys WHERE organization_id = ?1 AND key = ?2"));
    stmt_bind_int(st, 1, r->c.organization_id);
    stmt_bind_text(st, 2, full_key(r));
    bool ok = !stmt_step(st) || replay(r, st);
    stmt_reset(st);
    return ok && (!db_failed(db) || db_fail(db, &r->c.err));
}

static bool expired_delete(ApiRequest *r) {
    char limit[TIME_TEXT];
    time_format(r->c.now - KEEP_SECONDS, limit);
    Stmt *st = db_prepare(r->c.db,
                          S("DELETE FROM idempotency_keys WHERE id IN (SELECT id FROM idempotency_keys "
                            "WHERE organization_id = ?1 AND stored_at < ?2 ORDER BY stored_at LIMIT 2)"));
    stmt_bind_int(st, 1, r->c.organization_id);
    stmt_bind_text(st, 2, str_of(limit));
    return stmt_run(st);
}

bool idempotency_store(ApiRequest *r) {
    if (!r->idempotency_key.p) return true;
    char hex[HASH_HEX];
    fingerprint(r, hex);
    Stmt *st = db_prepare(
        r->c.db, S("INSERT INTO idempotency_keys (organization_id, key, fingerprint, answer_status, "
                   "record_version, location, body, stored_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"));
    stmt_bind_int(st, 1, r->c.organization_id);
    stmt_bind_text(st, 2, full_key(r));
    stmt_bind_text(st, 3, str_of(hex));
    stmt_bind_int(st, 4, r->c.status ? r->c.status : 200);
    stmt_bind_int(st, 5, r->version);
    stmt_bind(st, 6, r->location.n ? value_text(r->location) : VALUE_NULL);
    stmt_bind_text(st, 7, r->c.body->n && !answers_secret(r) ? buf_view(r->c.body) : S(""));
    stmt_bind_text(st, 8, str_of(r->c.now_text));
    bool stored = stmt_run(st);
    r->collided = r->c.db->error.status == DB_UNIQUE;
    return (stored && expired_delete(r)) || db_fail(r->c.db, &r->c.err);
}
