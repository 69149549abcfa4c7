/* What the files of this folder share. Not for other floors. */
#ifndef IDENTITY_INTERNAL_H
#define IDENTITY_INTERNAL_H

#include "identity/cache.h"
#include "identity/identity.h"
#include "identity/password.h"
#include "identity/rate.h"
#include "identity/rights.h"
#include "identity/token.h"
#include "model/query.h"
#include "model/write.h"

struct Identity {
    const Registry *registry;
    Arena arena;
    Hash access_key;
    Hash code_key; /* of the hashes of access tokens */
    Hash refresh_key; /* makes of a cookie's refresh token the next one */
    Cache *grants; /* token or key -> Grant */
    RateTable *rates;
    HashGate *gate;
    Hash setup_hash;  /* of the token of the setup link, when there is one */
    bool setup_open;
    const Rights *everything; /* what the program itself may do */
    bool rate_limit_off;
    int max_age_s;
};

#define UNAUTHENTICATED "sign in first: the token is missing, wrong, expired or revoked"
#define USERNAME_MAX    255
#define SECRET_TEXT     44 /* 32 random bytes as text, with a NUL */

/* --- types.c --- */
extern const FieldType T_USERNAME;
extern const FieldType T_GIVEN_PASSWORD; /* as typed */
extern const FieldType T_NEW_PASSWORD;   /* as typed, of the right length */
extern const FieldType T_PASSWORD;       /* of the right length; becomes the hash */
bool username_char(char ch);             /* may stand in a user name */

/* --- common.c --- */

/* The program itself acts in an organization, with every right, until the
 * request is given back what it was. */
typedef struct {
    int64_t organization_id, user_id, if_match, client_id;
    const Rights *rights;
} Acting;
Acting act_in(Ctx *c, int64_t organization_id, int64_t user_id);
void act_end(Ctx *c, const Acting *before);
bool acting(const Ctx *c);

static inline void input_set_text(Input *in, const char *field, Str s) {
    input_set(in, field, s.p ? value_text(s) : VALUE_NULL);
}
Str secret_hash(Ctx *c, Str secret);      /* SHA-256 as text */
Str column_text(Ctx *c, Stmt *st, int i); /* a copy in the arena */
bool run_or_fail(Ctx *c, Stmt *st);
bool time_is_past(const Ctx *c, Str time);
Str time_after(Ctx *c, int64_t seconds);
/* What was given as expires_at, or the time in `usual_days`; refuses what is
 * past or later than `longest_days` from now. */
bool expiry_given(Ctx *c, Value given, int usual_days, int longest_days, Str *out);
/* More members may follow in the object just written to c->out. */
void answer_reopen(Ctx *c);
bool answer_message(Ctx *c, const char *text); /* {"message": text} */

/* --- grants.c: what is cached is dropped once the change is durable --- */
/* What a single sale of user u may come to: the last access token says so that
 * was used, as long as the user has the role it was for. */
#define MEMBER_CAP                                                                                     \
    "(SELECT t.max_amount FROM access_tokens t WHERE t.organization_id = u.organization_id "           \
    "AND t.used_by = u.id AND t.role_id = u.role_id ORDER BY t.used_at DESC, t.id DESC LIMIT 1)"
void grants_end_organization(Ctx *c, int64_t organization_id);
void grants_end_account(Ctx *c, int64_t account_id);
void grants_end_session(Ctx *c, int64_t session_id);
void grants_end_key(Ctx *c, int64_t api_key_id);

/* --- limits.c: failed logins; `name` as typed --- */
bool login_may_try(Ctx *c, Str name); /* E_RATE_LIMITED */
void login_failed(Ctx *c, Str name);

/* --- organizations.c --- */
typedef struct {
    Str name, currency, time_zone; /* p NULL: the usual one */
} NewOrganization;
/* Makes an organization with its built-in roles. */
bool organization_create(Ctx *c, const NewOrganization *o, int64_t *id);
bool organization_any(Ctx *c, bool *out); /* is there one at all */

/* --- users.c --- */
typedef struct {
    int64_t account_id; /* 0: a new account, with what follows */
    Str email, username, full_name, password_hash;
    Value role; /* id or name */
    Value customer_id; /* of a customer's user */
    int64_t by; /* the user who adds them; 0: nobody */
} Member;
/* Adds a user to the organization, acting there. */
bool user_add(Ctx *c, int64_t organization_id, const Member *m, int64_t *user_id);
/* The user as /auth answers print it. */
bool user_write(Ctx *c, int64_t organization_id, int64_t user_id);

/* --- roles.c --- */
/* Whether a role gives no more than the caller has: 403 with `what` if not. */
bool role_is_within(Ctx *c, int64_t role_id, const char *what);
int64_t role_builtin(Ctx *c, const char *name); /* its id in c's organization */
/* Customers' users, and nobody else, have the role customer: an issue if not. */
bool role_fits_customer(Ctx *c, const Row *row);

/* --- permissions.c --- */
bool role_permissions(Ctx *c, Call *call); /* GET /roles/<id>/permissions */
extern const Field role_permissions_answer[4];

/* --- invitations.c --- */
typedef struct {
    int64_t id, organization_id, role_id;
    Str email;
    Value customer_id;
} Invitation;
/* The open invitation of a token for this address; E_NOT_FOUND otherwise. */
bool invitation_find(Ctx *c, Str token, Str email, Invitation *out);
bool invitation_accept(Ctx *c, const Invitation *i);

/* --- access_tokens.c --- */
typedef struct {
    Str typed, email; /* of who uses it */
} TokenUse;
typedef struct {
    int64_t id, organization_id, role_id; /* id 0: there is none that may be used */
    int64_t max_amount;                   /* 0: no limit */
} AccessToken;
/* Both are false only when the database failed. Spending is one conditional
 * update on the writer: of any number of uses one has an id. */
bool access_token_find(Ctx *c, const TokenUse *use, AccessToken *out);
bool access_token_spend(Ctx *c, const TokenUse *use, AccessToken *out);
/* Notes on a spent token, and in the journal, that the request's user came. */
bool access_token_note(Ctx *c, const AccessToken *t);

#endif
