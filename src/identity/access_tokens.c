/* Access tokens: how an administrator lets a salesperson in. A token is ten
 * characters that can be read out on the telephone; it is printed once, when
 * it is made, and stored as a keyed hash. Shown at /salesperson/auth before it
 * expires it opens one session, and with it an account or a membership for who
 * has none. Deleting a token withdraws it.
 *
 * Never: a token that opens two sessions; a role wider than its maker's; a
 * session that may sell for more than the token says. */
#include <sodium.h>

#include "identity/internal.h"
#include "identity/resources.h"

#define DEFAULT_DAYS 7
#define LONGEST_DAYS 90

/* Without 0 O, 1 I L, 2 Z, 5 S, 8 B: 25 signs, so ten of them hold 46 bits. A
 * network has 60 wrong guesses a minute; with a thousand tokens open it would
 * be right after some 3000 years. */
#define ALPHABET   "34679ACDEFGHJKMNPQRTUVWXY"
#define TOKEN_SIZE 10

static const Field fields[] = {
    {"email", &T_EMAIL, F_CREATE_ONLY | F_FILTER | F_SORT, .example = "sam@example.com",
     .help = "the only one who may use it; anybody when empty"},
    {"role_id", &T_REF, F_REQUIRED | F_CREATE_ONLY | F_FILTER, .ref = "roles",
     .help = "of who joins by it; who belongs to the organization already keeps the role there is"},
    {"max_amount", &T_MONEY, F_CREATE_ONLY, .min = "0.01", .example = "500",
     .help = "the most that a single sale of who has used it may come to, while they have its role and it is the last "
             "one they used; no limit when empty"},
    {"expires_at", &T_TIME, F_CREATE_ONLY | F_SORT, .help = "at most 90 days ahead; 7 when left out"},
    {"used_at", &T_TIME, F_READONLY | F_SORT},
    {"used_by", &T_REF, F_READONLY | F_FILTER, .ref = "users"},
    {"token_hash", &T_TEXT, F_READONLY | F_HIDDEN | F_SECRET | F_UNIQUE | F_GLOBAL},
};

static const Field create_input[] = {
    {"email", &T_EMAIL, 0, .example = "sam@example.com", .help = "the only one who may use it"},
    {"role_id", &T_REF, 0, .ref = "roles", .example = "\"salesperson\"",
     .help = "id or name of a role; salesperson when left out"},
    {"max_amount", &T_MONEY, 0, .min = "0.01", .example = "500", .help = "of a single sale"},
    {"expires_at", &T_TIME, 0, .help = "at most 90 days ahead; 7 when left out"},
};

/* --- making one --- */

/* A session with a limit makes no token that has a higher one. */
static bool cap_is_within(Ctx *c, const Row *row) {
    Value cap = row_get(row, "max_amount");
    if (!c->amount_cap || (cap.kind == V_INT && cap.i <= c->amount_cap)) return true;
    return fail(c, E_FORBIDDEN, "a token cannot allow higher sales than you may make yourself: max_amount");
}

static bool check(Ctx *c, Change *change) {
    if (!change->row) grants_end_organization(c, c->organization_id); /* with it a cap may go */
    if (!change->row || change->before || c->err.kind != E_NONE) return true;
    return cap_is_within(c, change->row) &&
           role_is_within(c, row_get(change->row, "role_id").i,
                          "you cannot make a token for a role that may do more than you");
}

static Str keyed_hash(Ctx *c, Str text) {
    const Hash *key = &c->app->identity->code_key;
    Hash hash;
    char hex[HASH_HEX];
    hash_hmac_sha256((Str){(const char *)key->b, HASH_BYTES}, text, &hash);
    hash_hex(&hash, hex);
    return arena_str(c->arena, str_of(hex));
}

/* As it is typed: in any case, with spaces or hyphens for the eye. */
static Str typed_hash(Ctx *c, Str typed) {
    char text[TOKEN_SIZE + 1];
    size_t n = 0;
    for (size_t i = 0; i < typed.n && n <= TOKEN_SIZE; i++) {
        char ch = typed.p[i];
        if (ch == ' ' || ch == '-') continue;
        text[n++] = ch >= 'a' && ch <= 'z' ? (char)(ch & ~0x20) : ch;
    }
    return keyed_hash(c, (Str){text, n});
}

static bool hash_taken(Ctx *c, Str hash) {
    Stmt *st = db_prepare(c->db, S("SELECT 1 FROM access_tokens WHERE token_hash = ?1"));
    stmt_bind_text(st, 1, hash);
    bool taken = stmt_step(st);
    stmt_reset(st);
    return taken;
}

/* Tokens are looked up without knowing the organization: no two are equal. */
static Str token_make(Ctx *c, char out[TOKEN_SIZE + 1]) {
    Str hash;
    do {
        for (int i = 0; i < TOKEN_SIZE; i++) out[i] = ALPHABET[randombytes_uniform(sizeof ALPHABET - 1)];
        out[TOKEN_SIZE] = '\0';
        hash = keyed_hash(c, (Str){out, TOKEN_SIZE});
    } while (hash_taken(c, hash));
    return hash;
}

static Value role_or_salesperson(Ctx *c, Value given) {
    return given.kind == V_NULL ? value_int(role_builtin(c, ROLE_SALESPERSON)) : given;
}

/* The answer is the record and, this once, its token. */
static bool create(Ctx *c, Call *call) {
    const Model *m = call->view->model;
    char token[TOKEN_SIZE + 1];
    Str expires;
    Row row;
    if (!expiry_given(c, call_value(call, "expires_at"), DEFAULT_DAYS, LONGEST_DAYS, &expires)) return false;
    Input in = input_new(c, m);
    input_set(&in, "email", call_value(call, "email"));
    input_set(&in, "role_id", role_or_salesperson(c, call_value(call, "role_id")));
    input_set(&in, "max_amount", call_value(call, "max_amount"));
    input_set_text(&in, "expires_at", expires);
    input_set_text(&in, "token_hash", token_make(c, token));
    if (!record_create(c, m, &in, &row)) return false;
    row_write(c, call->view, &row);
    answer_reopen(c);
    js_field_c(&c->out, "token", token);
    js_end_object(&c->out);
    return true;
}

static const Field create_answer[] = {
    {"token", &T_TEXT, F_REQUIRED, .help = "for /salesperson/auth", .example = "\"K7QRX4MWTA\""},
};

static const Action actions[] = {
    {"", ACTION_COLLECTION | ACTION_CREATES | ACTION_SECRET,
     "Make a token for a salesperson; it is shown this once", INPUT(create_input), ANSWER(create_answer),
     .run = create},
};

static const Alias aliases[] = {{"generate-token", NULL, 0}};

const Resource resource_access_tokens = {
    .name = "access-tokens",
    .singular = "access token",
    .summary = "Tokens with which salespeople sign in, once each.",
    .flags = R_SYSTEM | R_NO_CREATE,
    .display = "email",
    FIELDS(fields),
    ACTIONS(actions),
    ALIASES(aliases),
    .check = check,
};

/* --- using one --- */

#define USABLE "token_hash = ?1 AND used_at IS NULL AND expires_at > ?2 AND (email IS NULL OR email = ?3)"
#define GIVES  "id, organization_id, role_id, max_amount"

static bool token_ask(Ctx *c, Str sql, const TokenUse *use, AccessToken *out) {
    Stmt *st = db_prepare(c->db, sql);
    stmt_bind_text(st, 1, typed_hash(c, use->typed));
    stmt_bind_text(st, 2, str_of(c->now_text));
    stmt_bind_text(st, 3, use->email);
    *out = (AccessToken){0};
    if (stmt_step(st)) *out = (AccessToken){stmt_int(st, 0), stmt_int(st, 1), stmt_int(st, 2), stmt_int(st, 3)};
    stmt_reset(st);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}

bool access_token_find(Ctx *c, const TokenUse *use, AccessToken *out) {
    return token_ask(c, S("SELECT " GIVES " FROM access_tokens WHERE " USABLE), use, out);
}

bool access_token_spend(Ctx *c, const TokenUse *use, AccessToken *out) {
    return token_ask(c, S("UPDATE access_tokens SET used_at = ?2, updated_at = ?2, version = version + 1 "
                          "WHERE " USABLE " RETURNING " GIVES),
                     use, out);
}

static void change_note(Json *j, const char *field) {
    js_key(j, str_of(field));
    js_begin_array(j);
    js_null(j);
}

static Str use_note(Ctx *c) {
    Buf b;
    buf_init(&b, 128, 1024);
    Json j = js_to(&b);
    js_begin_object(&j);
    change_note(&j, "used_at");
    js_c(&j, c->now_text);
    js_end_array(&j);
    change_note(&j, "used_by");
    js_int(&j, c->user_id);
    js_end_array(&j);
    js_end_object(&j);
    Str text = arena_str(c->arena, buf_view(&b));
    buf_free(&b);
    return text;
}

bool access_token_note(Ctx *c, const AccessToken *t) {
    Stmt *st = db_prepare(c->db, S("UPDATE access_tokens SET used_by = ?1 WHERE id = ?2"));
    stmt_bind_int(st, 1, c->user_id);
    stmt_bind_int(st, 2, t->id);
    grants_end_account(c, c->account_id); /* their other sessions have its cap from now on */
    return run_or_fail(c, st) && journal_append(c, S("access-tokens"), t->id, S("use"), use_note(c));
}
