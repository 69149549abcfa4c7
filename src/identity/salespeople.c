/* /salesperson: signing in with an access token. Whoever has an account shows
 * its password and the token, whoever has none gets one; either way the token
 * is spent by one conditional update, in the transaction that opens the
 * session, so that it is spent if and only if somebody came in by it.
 *
 * Whatever is wrong, the answer is one text after one password's worth of
 * work: it tells neither whether the address is known nor the token. */
#include "identity/resources.h"
#include "identity/sessions.h"

#define REFUSED "wrong e-mail address, password or token, or the token was used or has expired"

static const Field auth_input[] = {
    {"email", &T_EMAIL, F_REQUIRED, .example = "sam@example.com"},
    {"password", &T_GIVEN_PASSWORD, F_REQUIRED | F_SECRET,
     .help = "of the account there is; otherwise 8 to 255 characters for the new one"},
    {"token", &T_TEXT, F_REQUIRED | F_SECRET, .max_length = 64, .example = "\"K7QRX-4MWTA\"",
     .help = "of /access-tokens; case, spaces and hyphens do not matter"},
};
static const Field auth_answer[] = {LOGIN_ANSWER, PLAIN_TOKEN_ANSWER};

static const Action actions[] = {
    {"auth", ACTION_COLLECTION | ACTION_PUBLIC | ACTION_POOL | ACTION_SECRET,
     "Sign in with an access token, which works once; opens an account for a new address",
     .rate = RATE_LOGIN, INPUT(auth_input), ANSWER(auth_answer), .run = salesperson_auth},
};

const Resource resource_salesperson = {
    .name = "salesperson",
    .summary = "Salespeople, who sign in with a token.",
    .flags = R_VIRTUAL | R_ACROSS,
    ACTIONS(actions),
};

typedef struct {
    TokenUse use;
    AccessToken token;
    Account account; /* id 0: new here */
    Str password_hash;
    Login login;
} Arrival;

static bool refused(Ctx *c) { return fail(c, E_BAD_CREDENTIALS, REFUSED); }

/* In the token's organization; *out is 0 when it is no member there. */
static bool member_find(Ctx *c, const Arrival *a, int64_t *out) {
    Stmt *st = db_prepare(c->db, S("SELECT user_id FROM memberships WHERE account_id = ?1 "
                                   "AND organization_id = ?2"));
    stmt_bind_int(st, 1, a->account.id);
    stmt_bind_int(st, 2, a->token.organization_id);
    *out = stmt_step(st) ? stmt_int(st, 0) : 0;
    stmt_reset(st);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}

static bool member_add(Ctx *c, Arrival *a) {
    int64_t user_id;
    Member m = {.account_id = a->account.id,
                .email = a->account.id ? a->account.email : a->use.email,
                .username = a->account.username,
                .full_name = a->account.full_name,
                .password_hash = a->password_hash,
                .role = value_int(a->token.role_id)};
    if (!m.account_id && !username_of_email(c, m.email, &m.username)) return false;
    c->username = m.username; /* who the journal names */
    return user_add(c, a->token.organization_id, &m, &user_id) &&
           (a->account.id || account_find(c, m.username, &a->account));
}

static bool arrive(Ctx *c, void *arg) {
    Arrival *a = arg;
    int64_t member = 0;
    if (!access_token_spend(c, &a->use, &a->token)) return false;
    if (!a->token.id) return refused(c);
    if (a->account.id && !member_find(c, a, &member)) return false;
    if (!member && !member_add(c, a)) return false;
    if (!login_find(c, a->account.id, a->token.organization_id, &a->login)) return false;
    /* Deactivated, or the password was changed since it was checked. */
    if (!a->login.user_id || a->login.epoch != a->account.epoch) return refused(c);
    a->login.max_amount = a->token.max_amount;
    if (!session_open(c, &a->login)) return false;
    login_enter(c, &a->login);
    return access_token_note(c, &a->token) && auth_journal(c, "login", a->login.session_id);
}

/* Hashing a new password takes as long as checking one. */
static bool password_new(Ctx *c, Arrival *a, Str password) {
    const char *problem = password_problem(password);
    bool is_short = str_utf8_length(password) < PASSWORD_MIN;
    if (problem)
        return error_issue(&c->err, S("password"), is_short ? "min_length" : "max_length", "%s", problem);
    return password_hash(c, password, &a->password_hash);
}

bool salesperson_auth(Ctx *c, Call *call) {
    Arrival a = {.use = {call_text(call, "token"), call_text(call, "email")}, .login = {.plain_token = true}};
    Str password = call_text(call, "password");
    if (!not_dry(c) || !access_token_find(c, &a.use, &a.token)) return false;
    Credentials given = {a.use.email, password, REFUSED, .or_new = true, .never = !a.token.id};
    if (!credentials_try(c, &given)) return false;
    a.account = given.account;
    if (!a.account.id && !password_new(c, &a, password)) return false;
    return ctx_write(c, arrive, &a) && login_write(c, &a.login);
}
