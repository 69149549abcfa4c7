/* The field type of currencies: the three letters of ISO 4217. */
#include "model/ctx.h"

static bool currency_from_text(Ctx *c, const ModelField *f, Str in, Value *out, Problem *p) {
    (void)f;
    Str s = str_trim(in);
    char code[3];
    bool good = s.n == sizeof code;
    for (size_t i = 0; good && i < sizeof code; i++) {
        code[i] = s.p[i] >= 'a' && s.p[i] <= 'z' ? (char)(s.p[i] - 32) : s.p[i];
        good = code[i] >= 'A' && code[i] <= 'Z';
    }
    if (!good) return problem_set(c, p, "format", "must be the three letters of a currency, such as EUR");
    *out = value_text(arena_str(c->arena, (Str){code, sizeof code}));
    return true;
}

const FieldType T_CURRENCY = {
    .name = "currency",
    .sqlite = "TEXT",
    .postgres = "text COLLATE \"C\"",
    .operators = OPS_EQUAL,
    .from_json = type_from_json_string,
    .from_text = currency_from_text,
    .to_json = type_text_to_json,
    .to_text = type_text_to_text,
    .schema = "\"type\":\"string\",\"pattern\":\"^[A-Z]{3}$\"",
    .example = "\"EUR\"",
    .widget = "text",
};
