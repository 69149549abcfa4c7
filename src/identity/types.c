/* Field types that only accounts and organizations need. */
#include <ctype.h>

#include "identity/internal.h"
#include "model/type.h"

bool username_char(char ch) {
    return isalnum((unsigned char)ch) || (ch != '\0' && strchr("._@+-", ch));
}

static bool username_from_text(Ctx *c, const ModelField *f, Str in, Value *out, Problem *p) {
    (void)f;
    if (in.n < 3) return problem_set(c, p, "min_length", "must have at least 3 characters");
    if (in.n > USERNAME_MAX) return problem_set(c, p, "max_length", "must have at most 255 characters");
    for (size_t i = 0; i < in.n; i++)
        if (!username_char(in.p[i]))
            return problem_set(c, p, "format", "may hold the letters A to Z, digits and . _ @ + - only");
    *out = value_text(in);
    return true;
}

const FieldType T_USERNAME = {
    .name = "username",
    .sqlite = "TEXT",
    .postgres = "text",
    .operators = OPS_EQUAL | OPS_TEXT,
    .from_json = type_from_json_string,
    .from_text = username_from_text,
    .to_json = type_text_to_json,
    .to_text = type_text_to_text,
    .schema = "\"type\":\"string\",\"minLength\":3,\"maxLength\":255,"
              "\"pattern\":\"^[A-Za-z0-9._@+-]+$\"",
    .example = "\"maria\"",
    .widget = "text",
};

static bool new_password_from_text(Ctx *c, const ModelField *f, Str in, Value *out, Problem *p) {
    (void)f;
    const char *problem = password_problem(in);
    if (problem)
        return problem_set(c, p, str_utf8_length(in) < PASSWORD_MIN ? "min_length" : "max_length", "%s",
                           problem);
    *out = value_text(in);
    return true;
}

/* As typed, to be compared: nothing is trimmed, and how long passwords may be
 * is not told to those who guess. */
static bool given_password_from_text(Ctx *c, const ModelField *f, Str in, Value *out, Problem *p) {
    (void)f;
    if (in.n > (size_t)4 * PASSWORD_MAX) return problem_set(c, p, "max_length", "is too long for a password");
    *out = value_text(in);
    return true;
}

/* On a worker thread: its resource says R_SLOW_INPUT. */
static bool password_from_text(Ctx *c, const ModelField *f, Str in, Value *out, Problem *p) {
    Str hash;
    if (!new_password_from_text(c, f, in, out, p)) return false;
    if (!password_hash(c, in, &hash)) return problem_set(c, p, "overloaded", "could not be hashed now");
    *out = value_text(hash);
    return true;
}

#define PASSWORD_ROW(function, limits)                                                                      \
    .name = "password", .sqlite = "TEXT", .postgres = "text", .from_json = type_from_json_string,           \
    .from_text = (function), .to_json = type_text_to_json, .to_text = type_text_to_text,                    \
    .schema = "\"type\":\"string\",\"format\":\"password\"" limits, .example = "\"correct horse battery\"", \
    .widget = "password"
#define NEW_LIMITS ",\"minLength\":8,\"maxLength\":255"

const FieldType T_GIVEN_PASSWORD = {PASSWORD_ROW(given_password_from_text, "")};
const FieldType T_NEW_PASSWORD = {PASSWORD_ROW(new_password_from_text, NEW_LIMITS)};
const FieldType T_PASSWORD = {PASSWORD_ROW(password_from_text, NEW_LIMITS)};
