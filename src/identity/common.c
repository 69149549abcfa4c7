/* Small things that several files of this folder need. */
#include "identity/internal.h"

#define DAY_S 86400

Acting act_in(Ctx *c, int64_t organization_id, int64_t user_id) {
    Acting before = {c->organization_id, c->user_id, c->if_match, c->client_id, c->rights};
    c->organization_id = organization_id;
    c->user_id = user_id;
    c->if_match = -1;
    c->client_id = 0;
    c->rights = c->app->identity->everything;
    return before;
}

void act_end(Ctx *c, const Acting *before) {
    c->organization_id = before->organization_id;
    c->user_id = before->user_id;
    c->if_match = before->if_match;
    c->client_id = before->client_id;
    c->rights = before->rights;
}

bool acting(const Ctx *c) { return c->rights == c->app->identity->everything; }

Str secret_hash(Ctx *c, Str secret) {
    Hash hash;
    char hex[HASH_HEX];
    hash_sha256(secret, &hash);
    hash_hex(&hash, hex);
    return arena_str(c->arena, str_of(hex));
}

Str column_text(Ctx *c, Stmt *st, int i) {
    Str s = stmt_text(st, i);
    return s.p ? arena_str(c->arena, s) : STR_NONE;
}

bool run_or_fail(Ctx *c, Stmt *st) { return stmt_run(st) || db_fail(c->db, &c->err); }

bool time_is_past(const Ctx *c, Str time) {
    int64_t t;
    return !time_parse(time, &t) || t <= c->now;
}

Str time_after(Ctx *c, int64_t seconds) {
    char text[TIME_TEXT];
    time_format(c->now + seconds, text);
    return arena_str(c->arena, (Str){text, TIME_TEXT - 1});
}

bool expiry_given(Ctx *c, Value given, int usual_days, int longest_days, Str *out) {
    int64_t t;
    *out = given.kind == V_TEXT ? given.s : time_after(c, (int64_t)usual_days * DAY_S);
    if (time_parse(*out, &t) && t > c->now && t <= c->now + (int64_t)longest_days * DAY_S) return true;
    return error_issue(&c->err, S("expires_at"), "range", "must be within the next %d days", longest_days);
}

/* row_write closes its object; a secret that is printed once goes behind the
 * stored members without being one of them. */
void answer_reopen(Ctx *c) {
    Buf *b = c->out.out;
    if (b->n > 0 && b->p[b->n - 1] == '}') b->n--;
    c->out.comma = true;
}

bool answer_message(Ctx *c, const char *text) {
    js_begin_object(&c->out);
    js_field_c(&c->out, "message", text);
    js_end_object(&c->out);
    return true;
}
