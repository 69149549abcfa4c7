/* The signs that usually stand for currencies. */
#include "domain/system/internal.h"

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
