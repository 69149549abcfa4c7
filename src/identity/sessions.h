/* Signing in: sessions, their tokens, and the actions of /auth. */
#ifndef IDENTITY_SESSIONS_H
#define IDENTITY_SESSIONS_H

#include "identity/accounts.h"

typedef struct {
    int64_t account_id, organization_id, user_id, epoch, session_id;
    Str username;
    bool web;
    char refresh[SECRET_TEXT]; /* printed once, stored hashed */
} Login;

/* Where an account may sign in: the given organization; with 0 where it was
 * last, else its first. user_id 0: nowhere. */
bool login_find(Ctx *c, int64_t account_id, int64_t organization_id, Login *out);
bool login_write(Ctx *c, const Login *login); /* the tokens and the user */
void login_enter(Ctx *c, const Login *login); /* from here on the request is the user's */
bool session_open(Ctx *c, Login *login);      /* sets session_id and refresh */
/* Makes the session's refresh tokens worthless and gives a new one. */
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
/* The one place where passwords are checked. E_BAD_CREDENTIALS with one text,
 * or E_RATE_LIMITED. Not on the writer. */
bool credentials_check(Ctx *c, Str name, Str password, Account *out);
bool credentials_wrong(Ctx *c, Str name); /* counts and refuses */
bool not_dry(Ctx *c);

#endif
