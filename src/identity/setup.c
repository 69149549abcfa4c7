/* /setup: the first start. Until somebody is registered, the one way in is the
 * link that the program printed when it started: its token makes the first
 * organization and its administrator, once. There is no default password, and
 * who only reaches the port gets nowhere. The token lives as long as the
 * process; the next start prints another.
 *
 * What the page for signing in asks before anybody is signed in is told here. */
#include "db/peers.h"
#include "identity/resources.h"
#include "identity/sessions.h"

static const Field setup_input[] = {
    {"token", &T_TEXT, F_REQUIRED | F_SECRET, .help = "of the link that the program printed", .example = "kOq2Zr…"},
    {"organization", &T_TEXT, F_REQUIRED, .also = "organization_name", .example = "Acme Textiles"},
    {"name", &T_TEXT, 0, .also = "full_name", .help = "of its administrator", .example = "Maria Lopez"},
    {"email", &T_EMAIL, F_REQUIRED, .example = "maria@example.com"},
    {"username", &T_USERNAME, 0, .help = "the e-mail address when left out"},
    {"password", &T_NEW_PASSWORD, F_REQUIRED | F_SECRET},
    {"currency", &T_CURRENCY, 0, .help = "USD when left out", .example = "EUR"},
    {"time_zone", &T_ZONE, 0, .help = "UTC when left out", .example = "Europe/Berlin"},
};

static const Field setup_answer[] = {
    {"id", &T_ID, F_REQUIRED}, {"email", &T_EMAIL, F_REQUIRED, .example = "maria@example.com"},
    {"username", &T_USERNAME, F_REQUIRED}, {"role", &T_TEXT, F_REQUIRED, .example = "admin"},
    {"organization_id", &T_ID, F_REQUIRED},
    {"organization_name", &T_TEXT, F_REQUIRED, .example = "Acme Textiles"},
};

static const Field state_answer[] = {
    {"open", &T_BOOL, F_REQUIRED, .help = "nobody is registered yet", .example = "false"},
    {"registration_open", &T_BOOL, F_REQUIRED, .help = "anybody may open an organization", .example = "false"},
    {"encrypted", &T_BOOL, F_REQUIRED, .help = "this very request came over TLS", .example = "true"},
    {"session", &T_BOOL, F_REQUIRED, .help = "it had the cookie of a session, which may have ended", .example = "true"},
    {"demo", &T_BOOL, F_REQUIRED, .help = "everybody knows the logins", .example = "false"},
    {"demo_password", &T_TEXT, 0, .help = "of each of the logins, with demo only", .example = "millwright"},
    {"demo_logins", &T_JSON, 0, .help = "with demo only",
     .example = "[{\"username\": \"admin\", \"full_name\": \"Maria Lopez\", \"role\": \"admin\"}]"},
};

static bool setup_state(Ctx *c, Call *call), setup_do(Ctx *c, Call *call);

static const Action actions[] = {
    {"", ACTION_COLLECTION | ACTION_GET | ACTION_PUBLIC | ACTION_COOKIE,
     "What to show who is not signed in: the first start, a demo, or the page for signing in",
     ANSWER(state_answer), .run = setup_state},
    {"", ACTION_COLLECTION | ACTION_PUBLIC | ACTION_POOL | ACTION_SECRET | ACTION_CREATES,
     "Make the first organization and its administrator, once", .rate = RATE_LOGIN,
     INPUT(setup_input), ANSWER(setup_answer), .run = setup_do},
};

const Resource resource_setup = {
    .name = "setup",
    .summary = "The first start of the program.",
    .flags = R_VIRTUAL,
    ACTIONS(actions),
};

/* --- the token --- */

void identity_setup_begin(Identity *identity, char token[SETUP_TOKEN_TEXT]) {
    random_token(32, token, SETUP_TOKEN_TEXT);
    hash_sha256(str_of(token), &identity->setup_hash);
    identity->setup_open = true;
}

static bool token_right(const Ctx *c, Str token) {
    const Identity *identity = c->app->identity;
    Hash given;
    hash_sha256(token, &given);
    return identity->setup_open && hash_equal(&given, &identity->setup_hash);
}

/* --- what there is --- */

static void demo_write(Json *j, const KnownLogin *login) {
    js_field_c(j, "demo_password", login->password);
    js_key(j, S("demo_logins"));
    js_begin_array(j);
    for (; login->username; login++) {
        js_begin_object(j);
        js_field_c(j, "username", login->username);
        js_field_c(j, "full_name", login->full_name);
        js_field_c(j, "role", login->role);
        js_end_object(j);
    }
    js_end_array(j);
}

static bool setup_state(Ctx *c, Call *call) {
    Json *j = &c->out;
    bool any;
    (void)call;
    if (!organization_any(c, &any)) return false;
    js_begin_object(j);
    js_field_bool(j, "open", !any);
    js_field_bool(j, "registration_open", c->app->open_registration);
    js_field_bool(j, "encrypted", c->https);
    js_field_bool(j, "session", c->cookie.n > 0);
    js_field_bool(j, "demo", c->app->demo_logins != NULL);
    if (c->app->demo_logins) demo_write(j, c->app->demo_logins);
    js_end_object(j);
    return true;
}

/* --- doing it --- */

static bool setup_write(Ctx *c, void *arg) {
    Registration *r = arg;
    if (!db_claim_here(c->db, CLAIM_SETUP)) return db_fail(c->db, &c->err);
    if (!r->member.username.n && !username_of_email(c, r->member.email, &r->member.username)) return false;
    return registration_write(c, r);
}

static bool setup_do(Ctx *c, Call *call) {
    Registration r = {.by_setup = true,
                      .organization_name = call_text(call, "organization"),
                      .currency = call_text(call, "currency"),
                      .time_zone = call_text(call, "time_zone")};
    r.member = (Member){.email = call_text(call, "email"),
                        .username = call_text(call, "username"),
                        .full_name = call_text(call, "name")};
    if (!not_dry(c)) return false;
    if (!token_right(c, call_text(call, "token")))
        return fail(c, E_FORBIDDEN, "this is not the link that the program printed when it was last started");
    if (!registration_allowed(c, &r) || !password_hash(c, call_text(call, "password"), &r.member.password_hash))
        return false;
    return ctx_write(c, setup_write, &r) && user_write(c, r.organization_id, r.user_id);
}
