/* Who is asking, and what may they do: the one header of this floor for those
 * above it (api, app). Resources are in identity/resources.h.
 *
 * Order of calls for one request, all before any of its own work:
 *   1. identity_authenticate  unless the route is ACTION_PUBLIC
 *   2. rate_check             with the route's class
 *   3. ctx_require            with the route's permission (not for ACTION_SELF)
 * Rights are looked up here and not in the token, so that a changed role, a
 * disabled user, a new password or an ended session counts at the next request
 * (for changes made by another program: as soon as its note is heard, and within
 * max_age_s when it is not). */
#ifndef IDENTITY_IDENTITY_H
#define IDENTITY_IDENTITY_H

#include "model/ctx.h"

#define ACCESS_TOKEN_S  1800
#define REFRESH_TOKEN_S (7 * 24 * 3600)

typedef struct {
    const Registry *registry; /* must outlive the identity */
    const char *secret;       /* MILLWRIGHT_SECRET: at least 32 characters; NULL = the file */
    const char *data_dir;     /* its file "secret" is made once, mode 0600 */
    struct RateRedis *redis;  /* what nodes share rate limits in, taken over; NULL = none */
    bool rate_limit_off;
    int max_age_s;  /* how long rights are remembered that nobody says have changed; 0 = 5 */
    int hash_slots; /* passwords hashed at the same time; 0 = processors */
} IdentityConfig;

/* NULL when there is no usable secret; why is logged. hash_init comes first. */
Identity *identity_new(const IdentityConfig *config);
void identity_free(Identity *identity);

/* Reads an Authorization header ("Bearer X" and "Token X" are the same; X is
 * an access token or an API key). Fills who (ids, username), rights, zone and
 * today, origin, amount_cap and web_session of the request; what it fills lives in the
 * request's arena. c->db must be a reading connection outside a transaction.
 * False with E_UNAUTHENTICATED and one text for every cause, also for no
 * header at all; with E_DB_DOWN and its like when the database fails. */
bool identity_authenticate(Ctx *c, Str authorization);

/* Goes on for a user who asked for something that outlives the request: fills
 * who, rights, zone and today as if they asked now, with an API key's scopes if
 * it was one (0: none). User 0 is the program itself, with every right. Reads through c->db; what it fills lives in c's arena.
 * False with E_FORBIDDEN when they may not sign in any more, or the key ended. */
bool identity_resume(Ctx *c, int64_t user_id, int64_t api_key_id);

/* The caller as an object: user, role, organization, and with a session all
 * organizations they belong to (what GET /auth/me answers). Reads through c->db. */
bool identity_me_write(Ctx *c);

/* What the RateLimit headers say: `"policy";q=limit;w=window` and
 * `"policy";r=remaining;t=reset`. policy NULL: not limited, no headers. */
typedef struct {
    const char *policy;
    int limit, window;    /* requests per so many seconds */
    int remaining, reset; /* seconds until all of it is there again */
} RateState;

/* Spends one request of the caller's share: per session, API key or anonymous
 * network (IPv4 address, IPv6 /64). RATE_LOGIN spends of RATE_GENERAL and also
 * refuses networks with too many failed logins; failures themselves are
 * counted where passwords are checked. False with E_RATE_LIMITED and
 * err.retry_after; `out` is filled either way. */
bool rate_check(Identity *identity, Ctx *c, RateClass class, RateState *out);

/* The first start: makes the token of the setup link, the only way to the first
 * organization unless registration is open. Before requests come. */
#define SETUP_TOKEN_TEXT 44
void identity_setup_begin(Identity *identity, char token[SETUP_TOKEN_TEXT]);

/* What another program on the same database said (db/peers.h), and that notes
 * of such may have been missed: what is remembered of them is forgotten. */
void identity_heard(Identity *identity, Str note);
void identity_missed(Identity *identity);

/* --- for the command line; all on the writer (c->writing), no rights needed --- */

typedef struct {
    Str organization; /* by name; made with its built-in roles when missing */
    Str username, email, full_name;
    Str role;     /* by name */
    Str password; /* as typed */
} NewUser;
bool identity_cli_add(Ctx *c, const NewUser *user);
/* The name may be the e-mail address. Ends every session of the account. */
bool identity_cli_passwd(Ctx *c, Str username, Str password);
/* In every organization the account belongs to; ends its sessions. */
bool identity_cli_disable(Ctx *c, Str username);
/* Acts in an organization (empty: the only one there is) as one of its users
 * (empty: as the program itself, with every right). */
bool identity_cli_act(Ctx *c, Str organization, Str username);
/* A text table of all users. */
bool identity_cli_list(Ctx *c, Buf *out);

#endif
