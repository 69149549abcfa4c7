/* Currencies: their codes, and the signs that usually stand for them. */
#include "domain/system/internal.h"

static bool code_from_text(Ctx *c, const ModelField *f, Str in, Value *out, Problem *p) {
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

const FieldType T_CURRENCY_CODE = {
    .name = "currency",
    .sqlite = "TEXT",
    .postgres = "text",
    .operators = OPS_EQUAL,
    .from_json = type_from_json_string,
    .from_text = code_from_text,
    .to_json = type_text_to_json,
    .to_text = type_text_to_text,
    .schema = "\"type\":\"string\",\"pattern\":\"^[A-Z]{3}$\"",
    .example = "\"EUR\"",
    .widget = "text",
};

static const struct {
    const char *code, *sign;
} signs[] = {
    {"AUD", "A$"}, {"BDT", "৳"}, {"BRL", "R$"}, {"CAD", "C$"},  {"CHF", "CHF"}, {"CNY", "¥"},  {"CZK", "Kč"},
    {"DKK", "kr"}, {"EUR", "€"}, {"GBP", "£"},  {"GHS", "GH₵"}, {"IDR", "Rp"},  {"ILS", "₪"},  {"INR", "₹"},
    {"JPY", "¥"},  {"KES", "KSh"}, {"KRW", "₩"}, {"LKR", "Rs"}, {"MXN", "$"},   {"MYR", "RM"}, {"NGN", "₦"},
    {"NOK", "kr"}, {"NPR", "Rs"}, {"NZD", "NZ$"}, {"PHP", "₱"}, {"PKR", "Rs"},  {"PLN", "zł"}, {"RUB", "₽"},
    {"SEK", "kr"}, {"SGD", "S$"}, {"THB", "฿"}, {"TRY", "₺"},   {"UAH", "₴"},   {"USD", "$"},  {"VND", "₫"},
    {"ZAR", "R"},
};

Str currency_sign(Str code) {
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (str_is(code, signs[i].code)) return str_of(signs[i].sign);
    return code;
}
