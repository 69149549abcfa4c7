/* Signing in: sessions, their tokens, and the actions of /auth. */
#ifndef IDENTITY_SESSIONS_H
#define IDENTITY_SESSIONS_H

#include "identity/accounts.h"

typedef struct {
    int64_t account_id, organization_id, user_id, epoch, session_id;
    Str username;
    int64_t max_amount; /* of a single sale in this session; 0: no limit */
    bool web;
    bool cookie;        /* its refresh token goes into the cookie, not into answers */
    bool admin_only;    /* asks for an organization that one administrates */
    bool plain_token;   /* its answer says "token" too, as older clients read it */
    char refresh[SECRET_TEXT]; /* printed once, stored hashed */
} Login;

/* Where an account may sign in: the given organization; with 0 where it was
 * last, else its first; as an administrator when out->admin_only. user_id 0:
 * nowhere. */
bool login_find(Ctx *c, int64_t account_id, int64_t organization_id, Login *out);
bool login_write(Ctx *c, const Login *login); /* the tokens and the user */
void login_enter(Ctx *c, const Login *login); /* from here on the request is the user's */
bool session_open(Ctx *c, Login *login);      /* sets session_id and refresh */
/* Makes the session's refresh tokens worthless and gives a new one, by the
 * cookie when it came by one. */
bool session_renew(Ctx *c, Login *login);
bool session_end(Ctx *c, int64_t session_id);
typedef struct {
    int64_t account_id, organization_id, keep; /* 0: any, and none */
} SessionSet;
bool sessions_end(Ctx *c, const SessionSet *which);
/* An event of the account, in the request's organization. */
bool auth_journal(Ctx *c, const char *action, int64_t record_id);

typedef enum { REFRESH_DONE, REFRESH_UNKNOWN, REFRESH_REUSED } RefreshOutcome;
/* Its changes are to be kept whatever the outcome. */
bool session_refresh(Ctx *c, Str token, Login *login, RefreshOutcome *outcome);

/* The actions of /auth (auth.c, auth_me.c). */
bool auth_register(Ctx *c, Call *call);
bool auth_login(Ctx *c, Call *call);
bool auth_refresh(Ctx *c, Call *call);
bool auth_logout(Ctx *c, Call *call);
bool auth_me(Ctx *c, Call *call);
bool auth_me_update(Ctx *c, Call *call);
bool auth_change_password(Ctx *c, Call *call);
bool auth_sessions(Ctx *c, Call *call);
bool auth_sessions_end(Ctx *c, Call *call);
bool auth_switch_organization(Ctx *c, Call *call);
bool auth_accept_invitation(Ctx *c, Call *call);
bool salesperson_auth(Ctx *c, Call *call); /* salespeople.c */
bool admin_register(Ctx *c, Call *call);   /* admins.c */
bool admin_login(Ctx *c, Call *call);
/* Signs in with the fields of LOGIN_INPUT and answers. */
bool auth_sign_in(Ctx *c, Call *call, Login *login);

typedef struct {
    Str name, password;
    const char *refusal; /* what a refusal says */
    bool or_new;         /* a name that nobody has is right too */
    bool never;          /* nothing is right, after the same work */
    Account account;     /* found; id 0: nobody */
} Credentials;
/* The one place where passwords are checked. E_BAD_CREDENTIALS with one text,
 * or E_RATE_LIMITED. Not on the writer. */
bool credentials_try(Ctx *c, Credentials *given);
bool credentials_check(Ctx *c, Str name, Str password, Account *out);
bool not_dry(Ctx *c);

/* A new organization with its administrator, or a member by invitation. */
typedef struct {
    Member member;
    Str organization_name, currency, time_zone;
    Str token;     /* of an invitation */
    bool by_setup; /* by the link that the first start printed */
    int64_t organization_id, user_id;
} Registration;
/* Before the costly part: may they at all. */
bool registration_allowed(Ctx *c, const Registration *r);
/* On the writer; the request is the new user's from then on. */
bool registration_write(Ctx *c, Registration *r);

/* What signing in takes and answers, wherever it is. */
#define LOGIN_INPUT                                                                                         \
    {"username", &T_TEXT, 0, .also = "login", .help = "or email", .example = "maria"},                      \
        {"email", &T_TEXT, 0}, {"password", &T_GIVEN_PASSWORD, F_REQUIRED | F_SECRET},                      \
        {"organization_id", &T_INT, 0, .help = "where one was last when left out"},                         \
        {"client", &T_TEXT, 0, .max_length = 32, .help = "\"web\": the web application"}, {                 \
        "cookie", &T_BOOL, 0, .example = "",                                                                \
            .help = "true, for pages of this server: the refresh token goes into an HttpOnly cookie and is not in the answer" \
    }
#define USER_EXAMPLE                                                                                        \
    "{\"id\": 1, \"email\": \"maria@example.com\", \"username\": \"maria\", \"role\": \"admin\"}"
#define LOGIN_ANSWER                                                                                        \
    {"access_token", &T_LONG_TEXT, F_REQUIRED, .help = "for 30 minutes",                                    \
     .example = "eyJhbGciOiJIUzI1NiIs…"},                                                                   \
        {"refresh_token", &T_TEXT, 0, .help = "for 7 days and one use; not with a cookie",                  \
         .example = "kOq2Zr…"},                                                                             \
        {"token_type", &T_TEXT, F_REQUIRED, .example = "bearer"},                                           \
        {"expires_in", &T_INT, F_REQUIRED, .help = "seconds", .example = "1800"}, {                         \
        "user", &T_JSON, F_REQUIRED, .example = USER_EXAMPLE                                                \
    }
#define PLAIN_TOKEN_ANSWER                                                                                  \
    { "token", &T_LONG_TEXT, F_REQUIRED, .help = "the access_token", .example = "eyJhbGciOiJIUzI1NiIs…" }

#endif
