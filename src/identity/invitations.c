/* Invitations: a token that lets somebody join the organization with a role.
 * It is printed once, when the invitation is made, and stored as its hash;
 * whoever shows it before it expires may register (or join, when signed in)
 * once. Deleting an invitation withdraws it. */
#include "identity/internal.h"
#include "identity/resources.h"

#define DEFAULT_DAYS 7
#define LONGEST_DAYS 30

static const Field fields[] = {
    {"email", &T_EMAIL, F_REQUIRED | F_CREATE_ONLY | F_FILTER | F_SORT,
     .example = "new.colleague@example.com"},
    {"role_id", &T_REF, F_REQUIRED | F_CREATE_ONLY | F_FILTER, .ref = "roles"},
    {"customer_id", &T_REF, F_CREATE_ONLY | F_FILTER, .ref = "customers", .help = "with the role customer: whose user it will be"},
    {"expires_at", &T_TIME, F_CREATE_ONLY | F_SORT, .help = "at most 30 days ahead; 7 when left out"},
    {"accepted_at", &T_TIME, F_READONLY | F_SORT},
    {"token_hash", &T_TEXT, F_READONLY | F_HIDDEN | F_SECRET | F_UNIQUE | F_GLOBAL},
};

static const Field create_input[] = {
    {"email", &T_EMAIL, F_REQUIRED},
    {"role_id", &T_REF, F_REQUIRED, .ref = "roles", .help = "id or name of a role"},
    {"customer_id", &T_REF, 0, .ref = "customers", .help = "with the role customer: whose user it will be"},
    {"expires_at", &T_TIME, 0},
};

static bool is_member(Ctx *c, Str email) {
    return record_find(c, ctx_model(c, "users"), "email", value_text(email)) != 0;
}

static bool check(Ctx *c, Change *change) {
    if (change->before || c->err.kind != E_NONE) return true;
    if (is_member(c, row_get(change->row, "email").s)) {
        fail(c, E_DUPLICATE, "a user of this organization has this e-mail address");
        return error_issue(&c->err, S("email"), "duplicate", "is taken");
    }
    return role_fits_customer(c, change->row) &&
           role_is_within(c, row_get(change->row, "role_id").i,
                          "you cannot invite to a role that may do more than you");
}

/* The answer is the invitation and, this once, its token. */
static bool create(Ctx *c, Call *call) {
    const Model *m = call->view->model;
    char token[SECRET_TEXT];
    Str expires;
    Row row;
    if (!expiry_given(c, call_value(call, "expires_at"), DEFAULT_DAYS, LONGEST_DAYS, &expires)) return false;
    random_token(32, token, sizeof token);
    Input in = input_new(c, m);
    input_set(&in, "email", call_value(call, "email"));
    input_set(&in, "role_id", call_value(call, "role_id"));
    input_set(&in, "customer_id", call_value(call, "customer_id"));
    input_set_text(&in, "expires_at", expires);
    input_set_text(&in, "token_hash", secret_hash(c, str_of(token)));
    if (!record_create(c, m, &in, &row)) return false;
    row_write(c, call->view, &row);
    answer_reopen(c);
    js_field_c(&c->out, "token", token);
    js_end_object(&c->out);
    return true;
}

static const Field create_answer[] = {{"token", &T_TEXT, F_REQUIRED, .help = "for /auth/register"}};

static const Action actions[] = {
    {"", ACTION_COLLECTION | ACTION_CREATES | ACTION_SECRET, "Invite somebody; the token is shown this once",
     INPUT(create_input), ANSWER(create_answer), .run = create},
};

const Resource resource_invitations = {
    .name = "invitations",
    .singular = "invitation",
    .summary = "Tokens with which people join the organization.",
    .flags = R_SYSTEM | R_NO_CREATE,
    .display = "email",
    FIELDS(fields),
    ACTIONS(actions),
    .check = check,
};

/* Who is about to accept it has it alone. */
bool invitation_find(Ctx *c, Str token, Str email, Invitation *out) {
    Str sql = ctx_fmt(c, "SELECT id, organization_id, role_id, email, customer_id FROM invitations "
                         "WHERE token_hash = ?1 AND accepted_at IS NULL AND expires_at > ?2%s",
                      c->writing ? c->db->driver->dialect.for_update : "");
    Stmt *st = db_prepare(c->db, sql);
    stmt_bind_text(st, 1, secret_hash(c, token));
    stmt_bind_text(st, 2, str_of(c->now_text));
    *out = (Invitation){0};
    if (stmt_step(st))
        *out = (Invitation){stmt_int(st, 0), stmt_int(st, 1), stmt_int(st, 2), column_text(c, st, 3), stmt_value(st, 4)};
    stmt_reset(st);
    if (db_failed(c->db)) return db_fail(c->db, &c->err);
    if (out->id && (!email.n || str_ieq(email, out->email))) return true;
    return fail(c, E_NOT_FOUND, "no such invitation, or it was used or has expired");
}

bool invitation_accept(Ctx *c, const Invitation *i) {
    const Model *m = ctx_model(c, "invitations");
    Acting before = act_in(c, i->organization_id, 0);
    Row row;
    Input in = input_new(c, m);
    input_set_text(&in, "accepted_at", str_of(c->now_text));
    bool ok = record_update(c, m, i->id, &in, &row);
    act_end(c, &before);
    return ok;
}
