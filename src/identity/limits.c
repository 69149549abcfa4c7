/* Whose bucket a request spends from, and how much is in it. */
#include "base/time.h"
#include "identity/internal.h"

#define GENERAL_LIMIT      100
#define WEB_LIMIT          600
#define UPLOAD_LIMIT       10
#define FAILED_PER_NAME    5  /* and network */
#define FAILED_PER_NETWORK 60 /* all names: a shift's worth of typing errors */

enum {
    KIND_SESSION = 's',
    KIND_API_KEY = 'k',
    KIND_NETWORK = 'n',
    KIND_UPLOAD = 'A' - 'a', /* added to one of the above */
    KIND_FAILED_NAME = 'f',
    KIND_FAILED_NETWORK = 'g'
};

static RateKey caller_key(const Ctx *c) {
    if (c->session_id) return (RateKey){.kind = KIND_SESSION, .id = c->session_id};
    if (c->api_key_id) return (RateKey){.kind = KIND_API_KEY, .id = c->api_key_id};
    return (RateKey){.kind = KIND_NETWORK, .network = rate_network(c->ip)};
}

static RateKey failed_network_key(const Ctx *c) {
    return (RateKey){.kind = KIND_FAILED_NETWORK, .network = rate_network(c->ip)};
}

static RateKey failed_name_key(Ctx *c, Str name) {
    char *lower = arena_c_str(c->arena, name);
    for (size_t i = 0; i < name.n; i++)
        if (lower[i] >= 'A' && lower[i] <= 'Z') lower[i] = (char)(lower[i] | 0x20);
    return (RateKey){.kind = KIND_FAILED_NAME, .network = rate_network(c->ip), .text = {lower, name.n}};
}

static bool refuse(Ctx *c, const RateLevel *level, const char *text) {
    if (c->err.kind == E_NONE) c->err.retry_after = level->retry_after;
    return fail(c, E_RATE_LIMITED, "%s", text);
}

static void tell(RateState *out, const char *policy, int limit, const RateLevel *level) {
    *out = (RateState){policy, limit, RATE_WINDOW_S, level->remaining, level->reset};
}

static bool logins_open(Identity *identity, Ctx *c, RateState *out) {
    RateKey key = failed_network_key(c);
    RateLevel level;
    if (rate_peek(identity->rates, &key, FAILED_PER_NETWORK, monotonic_us(), &level)) return true;
    tell(out, "login", FAILED_PER_NETWORK, &level);
    return refuse(c, &level, "too many failed logins from this network, try again later");
}

bool rate_check(Identity *identity, Ctx *c, RateClass class, RateState *out) {
    *out = (RateState){0};
    if (identity->rate_limit_off) return true;
    if (class == RATE_LOGIN && !logins_open(identity, c, out)) return false;
    RateKey key = caller_key(c);
    bool upload = class == RATE_UPLOAD;
    int limit = upload ? UPLOAD_LIMIT : c->web_session ? WEB_LIMIT : GENERAL_LIMIT;
    if (upload) key.kind = (char)(key.kind + KIND_UPLOAD);
    RateLevel level;
    bool ok = rate_take(identity->rates, &key, limit, monotonic_us(), &level);
    tell(out, upload ? "upload" : "general", limit, &level);
    return ok || refuse(c, &level, "too many requests, slow down");
}

bool login_may_try(Ctx *c, Str name) {
    Identity *identity = c->app->identity;
    RateKey by_name = failed_name_key(c, name);
    RateLevel level;
    RateState ignored;
    if (identity->rate_limit_off) return true;
    if (!rate_peek(identity->rates, &by_name, FAILED_PER_NAME, monotonic_us(), &level))
        return refuse(c, &level, "too many failed attempts for this name, try again later");
    return logins_open(identity, c, &ignored);
}

void login_failed(Ctx *c, Str name) {
    Identity *identity = c->app->identity;
    RateKey by_name = failed_name_key(c, name), by_network = failed_network_key(c);
    int64_t now = monotonic_us();
    if (identity->rate_limit_off) return;
    rate_spend(identity->rates, &by_name, FAILED_PER_NAME, now);
    rate_spend(identity->rates, &by_network, FAILED_PER_NETWORK, now);
}
