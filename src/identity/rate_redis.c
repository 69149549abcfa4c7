/* Token buckets in Redis; see rate_redis.h. A few connections, each taken by
 * one thread at a time: a thread looks for a free one and waits for its own
 * only when all are in use. */
#include "identity/rate_redis.h"

#include <hiredis/hiredis.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <sys/time.h>

#include "base/log.h"
#include "base/time.h"

#define CONNECTIONS 8
#define PATIENCE_US 50000
#define PAUSE_US    5000000
#define KEY_MAX     128
#define URL_MAX     1024
#define SHA1_TEXT   41

typedef struct {
    pthread_mutex_t lock;
    redisContext *redis;    /* NULL: not connected */
    char script[SHA1_TEXT]; /* its name there */
} Connection;

struct RateRedis {
    char url[URL_MAX];                  /* its parts, each with a NUL behind it */
    const char *host, *user, *password; /* user and password may be NULL */
    int port, database;
    _Atomic int64_t paused_until; /* monotonic, µs; 0: it answers */
    _Atomic unsigned next;
    Connection connections[CONNECTIONS];
};

/* KEYS[1] the bucket; ARGV: window, cost (µs), use. The number kept is the
 * time, by Redis' clock, at which the bucket is full again. */
static const char script[] =
    "local t = redis.call('TIME')\n"
    "local now = t[1] * 1000000 + t[2]\n"
    "local window, cost = tonumber(ARGV[1]), tonumber(ARGV[2])\n"
    "local full = tonumber(redis.call('GET', KEYS[1]) or 0)\n"
    "if full < now then full = now end\n"
    "local there = full + cost - now <= window\n"
    "local room = ARGV[3] == 'spend' and full + cost - now <= 2 * window\n"
    "if ARGV[3] ~= 'peek' and (there or room) then\n"
    "  full = full + cost\n"
    "  redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000) + 1)\n"
    "end\n"
    "return {there and 1 or 0, full - now}\n";

static const char *const use_names[] = {[RATE_PEEK] = "peek", [RATE_TAKE] = "take", [RATE_SPEND] = "spend"};

/* --- the URL --- */

static bool whole_number(const char *text, int max, int *out) {
    char *end;
    long v = strtol(text, &end, 10);
    *out = (int)v;
    return *text >= '0' && *text <= '9' && *end == '\0' && v <= max;
}

/* Cuts r->url at the first `ch`; what follows it, or NULL. */
static char *cut(char *text, char ch) {
    char *at = text ? strchr(text, ch) : NULL;
    if (at) *at++ = '\0';
    return at;
}

static bool url_read(RateRedis *r, Str url) {
    static const Str scheme = {"redis://", 8};
    if (!str_starts(url, scheme) || url.n >= URL_MAX) return false;
    memcpy(r->url, url.p + scheme.n, url.n - scheme.n);
    char *login = r->url, *place = strrchr(r->url, '@');
    if (place)
        *place++ = '\0';
    else
        place = login, login = NULL;
    const char *database = cut(place, '/');
    char *port = place[0] == '[' ? cut(place, ']') : place; /* an IPv6 address has colons of its own */
    port = cut(port, ':');
    r->host = place[0] == '[' ? place + 1 : place;
    r->password = cut(login, ':');
    r->user = login && *login ? login : NULL;
    r->port = 6379;
    return *r->host && (!login || r->password) && (!port || whole_number(port, 65535, &r->port)) &&
           (!database || !*database || whole_number(database, 65535, &r->database));
}

RateRedis *rate_redis_new(const char *url, Arena *a, Str *problem) {
    RateRedis *r = calloc(1, sizeof *r);
    if (!r) log_fatal("identity", "out of memory");
    for (int i = 0; i < CONNECTIONS; i++) pthread_mutex_init(&r->connections[i].lock, NULL);
    if (url_read(r, str_of(url))) return r;
    rate_redis_free(r);
    *problem = arena_fmt(a, "the address of Redis must look like redis://host:6379 or "
                            "redis://:password@host:6379/0");
    return NULL;
}

void rate_redis_free(RateRedis *r) {
    for (int i = 0; r && i < CONNECTIONS; i++) {
        if (r->connections[i].redis) redisFree(r->connections[i].redis);
        pthread_mutex_destroy(&r->connections[i].lock);
    }
    if (r) sodium_memzero(r, sizeof *r);
    free(r);
}

/* --- a connection --- */

static bool said_ok(redisContext *redis, redisReply *reply) {
    bool ok = reply && reply->type != REDIS_REPLY_ERROR;
    if (!ok) log_event("identity", LOG_WARNING, "Redis: %s", reply ? reply->str : redis->errstr);
    if (reply) freeReplyObject(reply);
    return ok;
}

static bool script_load(Connection *c) {
    redisReply *reply = redisCommand(c->redis, "SCRIPT LOAD %s", script);
    bool ok = reply && reply->type == REDIS_REPLY_STRING && reply->len == SHA1_TEXT - 1;
    if (ok) memcpy(c->script, reply->str, SHA1_TEXT);
    return said_ok(c->redis, reply) && ok;
}

static bool introduce(const RateRedis *r, redisContext *redis) {
    if (r->user && !said_ok(redis, redisCommand(redis, "AUTH %s %s", r->user, r->password))) return false;
    if (!r->user && r->password && !said_ok(redis, redisCommand(redis, "AUTH %s", r->password))) return false;
    return !r->database || said_ok(redis, redisCommand(redis, "SELECT %d", r->database));
}

static void hang_up(Connection *c) {
    if (c->redis) redisFree(c->redis);
    c->redis = NULL;
}

static bool connected(const RateRedis *r, Connection *c) {
    const struct timeval patience = {.tv_usec = PATIENCE_US};
    if (c->redis) return true;
    c->redis = redisConnectWithTimeout(r->host, r->port, patience);
    if (!c->redis || c->redis->err)
        log_event("identity", LOG_WARNING, "Redis: %s", c->redis ? c->redis->errstr : "out of memory");
    else if (redisSetTimeout(c->redis, patience) == REDIS_OK && introduce(r, c->redis) && script_load(c))
        return true;
    hang_up(c);
    return false;
}

/* Locked; a free one, or else the next in turn. */
static Connection *connection_take(RateRedis *r) {
    unsigned first = atomic_fetch_add_explicit(&r->next, 1, memory_order_relaxed);
    for (unsigned i = 0; i < CONNECTIONS; i++) {
        Connection *c = &r->connections[(first + i) % CONNECTIONS];
        if (pthread_mutex_trylock(&c->lock) == 0) return c;
    }
    Connection *c = &r->connections[first % CONNECTIONS];
    pthread_mutex_lock(&c->lock);
    return c;
}

/* --- a bucket --- */

static void key_write(char *out, const RateKey *key) {
    unsigned char hash[16] = {0};
    char text[2 * sizeof hash + 1];
    if (key->text.n > 0)
        crypto_generichash(hash, sizeof hash, (const unsigned char *)key->text.p, key->text.n, NULL, 0);
    sodium_bin2hex(text, sizeof text, hash, sizeof hash);
    snprintf(out, KEY_MAX, "millwright:rate:%c:%lld:%016llx:%s", key->kind, (long long)key->id,
             (unsigned long long)key->network, key->text.n > 0 ? text : "");
}

static bool answered(const redisReply *reply, RateAnswer *out) {
    if (!reply || reply->type != REDIS_REPLY_ARRAY || reply->elements != 2) return false;
    *out = (RateAnswer){reply->element[0]->integer != 0, reply->element[1]->integer};
    return true;
}

/* A connection that failed is closed: what it still holds is of no use. */
static bool ask_once(const RateRedis *r, Connection *c, const char *argv[7], RateAnswer *out) {
    if (!connected(r, c)) return false;
    argv[1] = c->script;
    redisReply *reply = redisCommandArgv(c->redis, 7, argv, NULL);
    bool ok = answered(reply, out);
    if (ok)
        freeReplyObject(reply);
    else if (said_ok(c->redis, reply))
        log_event("identity", LOG_WARNING, "Redis: an answer of another kind");
    if (!ok) hang_up(c);
    return ok;
}

/* An old connection may be of a Redis that was started again since. */
static bool ask(const RateRedis *r, Connection *c, const char *argv[7], RateAnswer *out) {
    bool old = c->redis != NULL;
    return ask_once(r, c, argv, out) || (old && ask_once(r, c, argv, out));
}

/* While it is paused, one caller in five seconds tries again. */
static bool may_ask(RateRedis *r) {
    int64_t until = atomic_load_explicit(&r->paused_until, memory_order_relaxed), now = monotonic_us();
    return until == 0 ||
           (now >= until && atomic_compare_exchange_strong(&r->paused_until, &until, now + PAUSE_US));
}

bool rate_redis_use(RateRedis *r, const RateKey *key, RateUse use, int64_t cost_us, RateAnswer *out) {
    char name[KEY_MAX], window[32], cost[32];
    if (!may_ask(r)) return false;
    key_write(name, key);
    snprintf(window, sizeof window, "%d", RATE_WINDOW_S * 1000000);
    snprintf(cost, sizeof cost, "%lld", (long long)cost_us);
    const char *argv[7] = {"EVALSHA", NULL, "1", name, window, cost, use_names[use]};
    Connection *c = connection_take(r);
    bool ok = ask(r, c, argv, out);
    pthread_mutex_unlock(&c->lock);
    int64_t paused = ok ? 0 : monotonic_us() + PAUSE_US;
    if (ok != (atomic_exchange_explicit(&r->paused_until, paused, memory_order_relaxed) == 0))
        log_event("identity", LOG_WARNING,
                  ok ? "Redis answers again: rate limits are shared"
                     : "Redis does not answer: rate limits count on this node alone");
    return ok;
}
