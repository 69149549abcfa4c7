/* /auth: registering, signing in and out, and what concerns only the caller.
 * This file holds the table and what creates or continues sessions; auth_me.c
 * what signed-in people do. What hashes a password runs on a worker thread and
 * writes through ctx_write. */
#include "identity/sessions.h"
#include "identity/resources.h"

#define WRONG_CREDENTIALS "wrong user name or password"

static const Field register_input[] = {
    {"email", &T_EMAIL, 0, .help = "the invitation's when left out", .example = "maria@example.com"},
    {"username", &T_USERNAME, F_REQUIRED},
    {"password", &T_NEW_PASSWORD, F_REQUIRED | F_SECRET},
    {"full_name", &T_TEXT, 0, .example = "Maria Lopez"},
    {"organization_name", &T_TEXT, 0, .example = "Acme Textiles",
     .help = "of the organization that is opened"},
    {"invitation", &T_TEXT, F_SECRET, .also = "invitation_token", .help = "joins instead"},
};
static const Field login_input[] = {LOGIN_INPUT};
static const Field refresh_input[] = {
    {"refresh_token", &T_TEXT, F_SECRET, .max_length = 4096, .help = "the cookie's when left out", .example = "kOq2Zr…"},
};
static const Field logout_input[] = {
    {"refresh_token", &T_TEXT, F_SECRET, .max_length = 4096,
     .help = "not needed: the session ends with all its tokens"},
};
static const Field me_input[] = {
    {"full_name", &T_TEXT, 0, .example = "Maria Lopez"},
    {"email", &T_EMAIL, 0},
    {"username", &T_USERNAME, 0},
};
static const Field change_password_input[] = {
    {"current_password", &T_GIVEN_PASSWORD, F_REQUIRED | F_SECRET, .also = "old_password"},
    {"new_password", &T_NEW_PASSWORD, F_REQUIRED | F_SECRET},
};
static const Field switch_input[] = {
    {"organization_id", &T_INT, F_REQUIRED, .example = "1"},
};
static const Field accept_input[] = {
    {"invitation", &T_TEXT, F_REQUIRED | F_SECRET, .also = "invitation_token,token"},
};

/* What the answers hold, for the documentation. */
static const Field tokens_answer[] = {LOGIN_ANSWER};
#define USER_ANSWER                                                                                         \
    {"id", &T_ID, F_REQUIRED}, {"email", &T_EMAIL, F_REQUIRED, .example = "maria@example.com"},             \
        {"username", &T_USERNAME, F_REQUIRED}, {"full_name", &T_TEXT, 0, .example = "Maria Lopez"},         \
        {"role", &T_TEXT, F_REQUIRED, .example = "admin"}, {"is_active", &T_BOOL, F_REQUIRED},              \
        {"organization_id", &T_ID, F_REQUIRED},                                                             \
        {"organization_name", &T_TEXT, F_REQUIRED, .example = "Acme Textiles"},                             \
        {"created_at", &T_TIME, F_REQUIRED}, {"updated_at", &T_TIME, F_REQUIRED}
static const Field user_answer[] = {USER_ANSWER};
static const Field me_answer[] = {
    USER_ANSWER,
    {"organization", &T_JSON, F_REQUIRED, .help = "the one worked in",
     .example = "{\"id\": 7, \"name\": \"Acme Textiles\", \"currency\": \"EUR\", "
                "\"time_zone\": \"Europe/Berlin\"}"},
    {"max_amount", &T_MONEY, 0, .help = "of a single sale in this session; null: no limit", .example = "500"},
    {"organizations", &T_JSON, 0, .help = "all of one's own; not with an API key",
     .example = "[{\"id\": 7, \"name\": \"Acme Textiles\", \"role\": \"admin\"}]"},
};
static const Field sessions_answer[] = {
    {"items", &T_JSON, F_REQUIRED,
     .example = "[{\"id\": 7, \"user_agent\": \"curl/7.88.1\", \"ip\": \"203.0.113.7\", \"current\": true, "
                "\"created_at\": \"2026-01-15T08:30:00Z\", \"last_used_at\": \"2026-01-15T08:30:00Z\"}]"},
    {"total", &T_INT, F_REQUIRED, .example = "1"},
};
static const Field message_answer[] = {{"message", &T_TEXT, F_REQUIRED, .example = "signed out"}};

#define OPEN (ACTION_COLLECTION | ACTION_PUBLIC | ACTION_POOL | ACTION_SECRET)
#define MINE (ACTION_COLLECTION | ACTION_SELF)

static const Action actions[] = {
    {"register", OPEN | ACTION_CREATES, "Open an organization, or join by invitation", INPUT(register_input),
     ANSWER(user_answer), .run = auth_register},
    {"login", OPEN | ACTION_COOKIE, "Sign in", .rate = RATE_LOGIN, INPUT(login_input), ANSWER(tokens_answer), .run = auth_login},
    {"refresh", OPEN | ACTION_COOKIE, "New tokens for a refresh token, which works once", INPUT(refresh_input),
     ANSWER(tokens_answer), .run = auth_refresh},
    {"logout", MINE | ACTION_COOKIE, "End this session", INPUT(logout_input), ANSWER(message_answer), .run = auth_logout},
    {"me", MINE | ACTION_GET, "Who I am", ANSWER(me_answer), .run = auth_me},
    {"me", MINE | ACTION_PATCH, "Change my name or e-mail address", INPUT(me_input),
     ANSWER(user_answer), .run = auth_me_update},
    {"change-password", MINE | ACTION_POOL | ACTION_SECRET,
     "Change my password; ends all other sessions and gives new tokens for this one", .rate = RATE_LOGIN,
     INPUT(change_password_input), ANSWER(tokens_answer), .run = auth_change_password},
    {"sessions", MINE | ACTION_GET, "Where I am signed in", ANSWER(sessions_answer), .run = auth_sessions},
    {"sessions", MINE | ACTION_DELETE | ACTION_ITEM, "End one of my sessions, or without an id all others",
     ANSWER(message_answer), .run = auth_sessions_end},
    {"switch-organization", MINE | ACTION_SECRET, "Work in another of my organizations: new tokens",
     INPUT(switch_input), ANSWER(tokens_answer), .run = auth_switch_organization},
    {"accept-invitation", MINE, "Join another organization", INPUT(accept_input),
     ANSWER(user_answer), .run = auth_accept_invitation},
};

const Resource resource_auth = {
    .name = "auth",
    .summary = "Signing in, and one's own account.",
    .flags = R_VIRTUAL | R_ACROSS,
    ACTIONS(actions),
};

bool not_dry(Ctx *c) { return !c->dry_run || fail(c, E_BAD_REQUEST, "there is no dry run of this"); }

/* --- register --- */

/* The first organization is made by the setup link, and by nothing else. */
static bool registration_open(Ctx *c, const Registration *r) {
    bool any;
    if (!r->by_setup && c->app->open_registration) return true;
    if (!organization_any(c, &any)) return false;
    if (r->by_setup) return !any || fail(c, E_CONFLICT, "this was done already: sign in");
    return fail(c, E_FORBIDDEN, any ? "registration is closed: ask an administrator for an invitation"
                                    : "nobody is registered yet: open the link that the program printed when it started");
}

static bool organization_enter(Ctx *c, Registration *r) {
    r->member.role = value_text(S(ROLE_ADMIN));
    if (!r->organization_name.n)
        r->organization_name = r->member.full_name.n ? r->member.full_name : r->member.username;
    const NewOrganization o = {r->organization_name, r->currency, r->time_zone};
    return registration_open(c, r) && organization_create(c, &o, &r->organization_id);
}

static bool invitation_enter(Ctx *c, Registration *r) {
    Invitation i;
    if (!invitation_find(c, r->token, r->member.email, &i)) return false;
    r->member.email = i.email;
    r->member.role = value_int(i.role_id);
    r->member.customer_id = i.customer_id;
    r->organization_id = i.organization_id;
    return invitation_accept(c, &i);
}

bool registration_write(Ctx *c, Registration *r) {
    c->username = r->member.username; /* who the journal names */
    if (!(r->token.n ? invitation_enter(c, r) : organization_enter(c, r))) return false;
    if (!user_add(c, r->organization_id, &r->member, &r->user_id)) return false;
    c->organization_id = r->organization_id;
    c->user_id = r->user_id;
    return auth_journal(c, "register", r->user_id);
}

static bool register_write(Ctx *c, void *arg) { return registration_write(c, arg); }

bool registration_allowed(Ctx *c, const Registration *r) {
    Invitation i;
    if (r->token.n) return invitation_find(c, r->token, r->member.email, &i);
    if (!r->member.email.n) return error_issue(&c->err, S("email"), "required", "is required");
    return registration_open(c, r);
}

bool auth_register(Ctx *c, Call *call) {
    Registration r = {.token = call_text(call, "invitation"),
                      .organization_name = call_text(call, "organization_name")};
    r.member = (Member){.email = call_text(call, "email"),
                        .username = call_text(call, "username"),
                        .full_name = call_text(call, "full_name")};
    if (!not_dry(c) || !registration_allowed(c, &r) ||
        !password_hash(c, call_text(call, "password"), &r.member.password_hash))
        return false;
    return ctx_write(c, register_write, &r) && user_write(c, r.organization_id, r.user_id);
}

/* --- login --- */

static bool credentials_wrong(Ctx *c, Str name, const char *refusal) {
    login_failed(c, name);
    return fail(c, E_BAD_CREDENTIALS, "%s", refusal);
}

static bool credentials_right(Ctx *c, const Credentials *given) {
    const Account *a = &given->account;
    /* The new account's password is hashed instead, which takes as long. */
    if (given->or_new && !given->never && !a->id) return true;
    return password_right(c, a->password_hash, given->password) && a->active && !given->never;
}

/* The throttle is asked inside the gate: what waits there does not slip past
 * it together. */
bool credentials_try(Ctx *c, Credentials *given) {
    if (!account_find(c, given->name, &given->account) || !hash_gate_enter(c)) return false;
    bool may = login_may_try(c, given->name);
    bool right = may && credentials_right(c, given);
    if (may && !right) credentials_wrong(c, given->name, given->refusal);
    hash_gate_leave(c);
    return right;
}

bool credentials_check(Ctx *c, Str name, Str password, Account *out) {
    Credentials given = {name, password, WRONG_CREDENTIALS};
    bool right = credentials_try(c, &given);
    *out = given.account;
    return right;
}

static bool login_write_session(Ctx *c, void *arg) {
    Login *login = arg, now = *login;
    /* The password was checked some time ago: had it been changed since, the
     * epoch would be another. */
    if (!login_find(c, login->account_id, login->organization_id, &now)) return false;
    if (!now.user_id || now.epoch != login->epoch) return fail(c, E_BAD_CREDENTIALS, WRONG_CREDENTIALS);
    if (!session_open(c, login)) return false;
    login_enter(c, login);
    return auth_journal(c, "login", login->session_id);
}

static bool cookie_allowed(Ctx *c) {
    return c->same_origin || fail(c, E_FORBIDDEN, "the cookie is for pages of this server only");
}

bool auth_sign_in(Ctx *c, Call *call, Login *login) {
    Str name = call_text(call, "username");
    Account account;
    login->cookie = call_value(call, "cookie").i != 0;
    login->web = login->cookie || str_is(call_text(call, "client"), "web");
    if (!name.n) name = call_text(call, "email");
    if (!name.n) return error_issue(&c->err, S("username"), "required", "is required, or email");
    if (!not_dry(c) || (login->cookie && !cookie_allowed(c)) ||
        !credentials_check(c, name, call_text(call, "password"), &account))
        return false;
    if (!login_find(c, account.id, call_value(call, "organization_id").i, login)) return false;
    if (!login->user_id) return credentials_wrong(c, name, WRONG_CREDENTIALS);
    return ctx_write(c, login_write_session, login) && login_write(c, login);
}

bool auth_login(Ctx *c, Call *call) {
    Login login = {0};
    return auth_sign_in(c, call, &login);
}

/* --- refresh --- */

typedef struct {
    Str token;
    Login login;
    RefreshOutcome outcome;
} Refresh;

static bool refresh_write(Ctx *c, void *arg) {
    Refresh *r = arg;
    return session_refresh(c, r->token, &r->login, &r->outcome);
}

/* The session that a copied token ends stays ended, so the refusal comes after
 * the write. */
bool auth_refresh(Ctx *c, Call *call) {
    Refresh r = {.token = call_text(call, "refresh_token")};
    bool by_cookie = !r.token.n;
    if (!not_dry(c) || (by_cookie && !cookie_allowed(c))) return false;
    if (by_cookie) r.token = c->cookie;
    if (!r.token.p) return error_issue(&c->err, S("refresh_token"), "required", "is required, or the cookie");
    if (!ctx_write(c, refresh_write, &r)) return false;
    if (r.outcome == REFRESH_DONE) return login_write(c, &r.login);
    if (by_cookie) c->cookie_out = S("");
    return fail(c, E_UNAUTHENTICATED, UNAUTHENTICATED);
}
