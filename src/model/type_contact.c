/* Field types of how to reach somebody: telephone numbers and web addresses.
 * (E-mail addresses are in type.c.) */
#include "model/ctx.h"

#define PHONE_LENGTH     50
#define PHONE_DIGITS_MIN 7
#define URL_LENGTH       200

static bool phone_from_text(Ctx *c, const ModelField *f, Str in, Value *out, Problem *p) {
    if (!T_TEXT.from_text(c, f, in, out, p)) return false;
    if (out->kind == V_NULL) return true;
    int digits = 0;
    for (size_t i = 0; i < out->s.n; i++) digits += out->s.p[i] >= '0' && out->s.p[i] <= '9';
    if (digits >= PHONE_DIGITS_MIN) return true;
    return problem_set(c, p, "phone", "must be a telephone number with at least %d digits", PHONE_DIGITS_MIN);
}

/* Never a script: what is shown as a link must not run. */
static bool url_from_text(Ctx *c, const ModelField *f, Str in, Value *out, Problem *p) {
    if (!T_TEXT.from_text(c, f, in, out, p)) return false;
    if (out->kind == V_NULL) return true;
    Str s = out->s, rest = STR_NONE;
    bool plain = memchr(s.p, ' ', s.n) == NULL;
    if (str_starts(s, S("https://"))) rest = (Str){s.p + 8, s.n - 8};
    if (str_starts(s, S("http://"))) rest = (Str){s.p + 7, s.n - 7};
    if (!rest.p && !memchr(s.p, ':', s.n)) rest = s; /* www.example.com */
    Str host = rest.p ? str_cut(rest, '/', &(Str){0}) : STR_NONE;
    if (plain && host.n > 2 && memchr(host.p, '.', host.n)) return true;
    return problem_set(c, p, "url", "must be a web address like https://example.com");
}

const FieldType T_PHONE = {
    .name = "phone", .sqlite = "TEXT", .postgres = "text COLLATE \"C\"",
    .operators = OPS_EQUAL | OPS_TEXT,
    .from_json = type_from_json_string, .from_text = phone_from_text, .max_length = PHONE_LENGTH,
    .to_json = type_text_to_json, .to_text = type_text_to_text,
    .schema = "\"type\":\"string\",\"format\":\"phone\"", .example = "\"+91 98250 11223\"", .widget = "phone",
};

const FieldType T_URL = {
    .name = "url", .sqlite = "TEXT", .postgres = "text COLLATE \"C\"",
    .operators = OPS_EQUAL | OPS_TEXT,
    .from_json = type_from_json_string, .from_text = url_from_text, .max_length = URL_LENGTH,
    .to_json = type_text_to_json, .to_text = type_text_to_text,
    .schema = "\"type\":\"string\",\"format\":\"uri-reference\"", .example = "\"https://example.com\"", .widget = "url",
};
