/* /admin: administrators. The first one opens the organization, as at
 * /auth/register; further ones are added by one who is signed in. Signing in
 * here is signing in as at /auth/login, for administrators only. */
#include "identity/resources.h"
#include "identity/sessions.h"

static const Field register_input[] = {
    {"email", &T_EMAIL, F_REQUIRED, .example = "maria@example.com"},
    {"password", &T_NEW_PASSWORD, F_REQUIRED | F_SECRET},
    {"username", &T_USERNAME, 0, .help = "the e-mail address when left out"},
    {"full_name", &T_TEXT, 0, .example = "Maria Lopez"},
    {"organization_name", &T_TEXT, 0, .example = "Acme Textiles",
     .help = "of the organization that is opened; not when signed in"},
};
static const Field login_input[] = {LOGIN_INPUT};
static const Field login_answer[] = {LOGIN_ANSWER, PLAIN_TOKEN_ANSWER};

#define OPEN (ACTION_COLLECTION | ACTION_PUBLIC | ACTION_POOL | ACTION_SECRET)

static const Action actions[] = {
    {"register", OPEN | ACTION_MAYBE_SIGNED_IN,
     "Open an organization as its administrator, or signed in: add an administrator to one's own",
     INPUT(register_input), ANSWER(login_answer), .run = admin_register},
    {"login", OPEN | ACTION_COOKIE, "Sign in as an administrator", .rate = RATE_LOGIN, INPUT(login_input),
     ANSWER(login_answer), .run = admin_login},
};

const Resource resource_admin = {
    .name = "admin",
    .summary = "Administrators: the first one, further ones, and signing in.",
    .flags = R_VIRTUAL | R_ACROSS,
    ACTIONS(actions),
};

typedef struct {
    Registration registration;
    Login login;
} Appointment;

static bool may_appoint(Ctx *c, const Registration *r) {
    if (!ctx_require(c, ctx_model(c, "users"), MAY_CREATE) ||
        !role_is_within(c, role_builtin(c, ROLE_ADMIN), "only an administrator can add another"))
        return false;
    if (!r->organization_name.n) return true;
    return error_issue(&c->err, S("organization_name"), "read_only",
                       "is your own organization's when you are signed in: leave it out");
}

static bool colleague_add(Ctx *c, Registration *r) {
    r->organization_id = c->organization_id;
    r->member.by = c->user_id;
    r->member.role = value_text(S(ROLE_ADMIN));
    return user_add(c, r->organization_id, &r->member, &r->user_id);
}

static bool appoint(Ctx *c, void *arg) {
    Appointment *a = arg;
    Registration *r = &a->registration;
    Account account;
    if (!r->member.username.n && !username_of_email(c, r->member.email, &r->member.username)) return false;
    if (!(c->user_id ? colleague_add(c, r) : registration_write(c, r))) return false;
    if (!account_find(c, r->member.username, &account) ||
        !login_find(c, account.id, r->organization_id, &a->login) || !session_open(c, &a->login))
        return false;
    login_enter(c, &a->login);
    return auth_journal(c, "login", a->login.session_id);
}

bool admin_register(Ctx *c, Call *call) {
    Appointment a = {.login = {.plain_token = true}};
    Registration *r = &a.registration;
    r->organization_name = call_text(call, "organization_name");
    r->member = (Member){.email = call_text(call, "email"),
                         .username = call_text(call, "username"),
                         .full_name = call_text(call, "full_name")};
    if (!not_dry(c) || !(c->user_id ? may_appoint(c, r) : registration_allowed(c, r)) ||
        !password_hash(c, call_text(call, "password"), &r->member.password_hash))
        return false;
    return ctx_write(c, appoint, &a) && login_write(c, &a.login);
}

bool admin_login(Ctx *c, Call *call) {
    Login login = {.admin_only = true, .plain_token = true};
    return auth_sign_in(c, call, &login);
}
