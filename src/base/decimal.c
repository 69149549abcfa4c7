/* Exact decimals; see decimal.h. INT64_MIN is never a value, so that every
 * decimal has its negative. */
#include "base/decimal.h"

#include <assert.h>
#include <math.h>

#define DOUBLE_DIGITS 15 /* every decimal of so many digits survives a double */

static const int64_t power_of_ten[] = {
    1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000,
};

static bool in_range(__int128 v, Decimal *out) {
    if (v > INT64_MAX || v < -INT64_MAX) return false;
    *out = (Decimal)v;
    return true;
}

static __int128 divide_half_up(__int128 v, int64_t by) {
    __int128 quotient = v / by, rest = v % by;
    if (rest < 0) rest = -rest;
    if (rest * 2 >= by) quotient += v < 0 ? -1 : 1;
    return quotient;
}

/* Appends the digits in text[from…] to *v; returns where they end. */
static size_t take_digits(Str text, size_t from, uint64_t *v, bool *overflow) {
    size_t i = from;
    for (; i < text.n && text.p[i] >= '0' && text.p[i] <= '9'; i++)
        *overflow |=
            __builtin_mul_overflow(*v, 10u, v) || __builtin_add_overflow(*v, (unsigned)(text.p[i] - '0'), v);
    return i;
}

DecimalStatus decimal_parse(Str text, Decimal *out) {
    bool negative = text.n > 0 && text.p[0] == '-';
    size_t start = negative || (text.n > 0 && text.p[0] == '+');
    uint64_t v = 0;
    bool overflow = false, precise = false;
    size_t i = take_digits(text, start, &v, &overflow), places = 0;
    if (i == start) return DECIMAL_SYNTAX;
    if (i < text.n && text.p[i] == '.') {
        size_t point = i++, kept = text.n - i < DECIMAL_PLACES ? text.n : i + DECIMAL_PLACES;
        i = take_digits((Str){text.p, kept}, i, &v, &overflow);
        places = i - point - 1;
        if (places == 0) return DECIMAL_SYNTAX;
        for (; i < text.n && text.p[i] >= '0' && text.p[i] <= '9'; i++) precise |= text.p[i] != '0';
    }
    if (i != text.n) return DECIMAL_SYNTAX;
    overflow |= __builtin_mul_overflow(v, (uint64_t)power_of_ten[DECIMAL_PLACES - places], &v);
    if (overflow || v > INT64_MAX) return DECIMAL_RANGE;
    if (precise) return DECIMAL_TOO_PRECISE;
    *out = negative ? -(Decimal)v : (Decimal)v;
    return DECIMAL_OK;
}

/* By way of the 15 digits that C prints. Only digits and the exponent are
 * looked at, so the locale's decimal point does not matter. */
static DecimalStatus from_printed(double v, Decimal *out) {
    char text[40];
    snprintf(text, sizeof text, "%.*e", DOUBLE_DIGITS - 1, fabs(v));
    if (strtod(text, NULL) != fabs(v)) return DECIMAL_TOO_PRECISE;
    int64_t digits = 0;
    const char *p = text;
    for (; *p && *p != 'e'; p++)
        if (*p >= '0' && *p <= '9') digits = digits * 10 + (*p - '0');
    /* The value is digits × 10^shift in units of 10^-4. */
    long shift = (*p ? strtol(p + 1, NULL, 10) : 0) - (DOUBLE_DIGITS - 1) + DECIMAL_PLACES;
    for (; shift < 0 && digits % 10 == 0 && digits != 0; shift++) digits /= 10;
    if (shift < 0) return DECIMAL_TOO_PRECISE;
    for (; shift > 0; shift--)
        if (__builtin_mul_overflow(digits, 10, &digits)) return DECIMAL_RANGE;
    *out = v < 0 ? -digits : digits;
    return DECIMAL_OK;
}

DecimalStatus decimal_from_double(double v, Decimal *out) {
    if (!isfinite(v)) return DECIMAL_SYNTAX;
    if (fabs(v) >= 922337203685478.0) return DECIMAL_RANGE;
    /* A division of two exact numbers gives the double nearest to the decimal
     * `units`/10^4; with at most 15 digits that is the only such decimal, the
     * one that %.15g would print. Nearly every amount is settled here. */
    double scaled = v * DECIMAL_SCALE;
    if (fabs(scaled) < 1e15 - 1) {
        int64_t units = (int64_t)(scaled + (scaled < 0 ? -0.5 : 0.5));
        if ((double)units / DECIMAL_SCALE == v) {
            *out = units;
            return DECIMAL_OK;
        }
    }
    return from_printed(v, out);
}

DecimalStatus decimal_from_int(int64_t v, Decimal *out) {
    return in_range((__int128)v * DECIMAL_SCALE, out) ? DECIMAL_OK : DECIMAL_RANGE;
}

size_t decimal_format(Decimal d, char out[DECIMAL_TEXT_MAX]) {
    static_assert(DECIMAL_TEXT_MAX >= INT_TEXT_MAX, "the whole part is written in place");
    uint64_t u = d < 0 ? 0 - (uint64_t)d : (uint64_t)d;
    int64_t whole = (int64_t)(u / DECIMAL_SCALE);
    unsigned part = (unsigned)(u % DECIMAL_SCALE);
    /* -0.5 has no sign in its whole part. */
    size_t n = d < 0 && whole == 0;
    if (n) out[0] = '-';
    n += int_format(d < 0 ? -whole : whole, out + n);
    if (part == 0) return n;
    out[n] = '.';
    for (size_t i = DECIMAL_PLACES; i > 0; i--, part /= 10) out[n + i] = (char)('0' + part % 10);
    n += 1 + DECIMAL_PLACES;
    while (out[n - 1] == '0') n--;
    out[n] = '\0';
    return n;
}

bool decimal_add(Decimal a, Decimal b, Decimal *out) { return in_range((__int128)a + b, out); }

bool decimal_mul(Decimal a, Decimal b, int places, Decimal *out) {
    assert(places >= 0 && places <= DECIMAL_PLACES);
    __int128 rounded = divide_half_up((__int128)a * b, power_of_ten[2 * DECIMAL_PLACES - places]);
    return in_range(rounded * power_of_ten[DECIMAL_PLACES - places], out);
}

bool decimal_percent(Decimal a, Decimal percent, int places, Decimal *out) {
    assert(places >= 0 && places <= DECIMAL_PLACES);
    /* The product is in units of 10^-8, and 1 % is 10^-2: one rounding. */
    int unit = 2 * DECIMAL_PLACES + 2 - places;
    __int128 rounded = divide_half_up((__int128)a * percent, power_of_ten[unit]);
    return in_range(rounded * power_of_ten[DECIMAL_PLACES - places], out);
}

Decimal decimal_round(Decimal d, int places) {
    assert(places >= 0 && places <= DECIMAL_PLACES);
    int64_t unit = power_of_ten[DECIMAL_PLACES - places];
    Decimal rounded;
    if (in_range(divide_half_up(d, unit) * unit, &rounded)) return rounded;
    /* Next to the end of the range there is only the value below. */
    return d / unit * unit;
}
