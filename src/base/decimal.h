/* Exact decimals: int64 scaled by 10^4 (DESIGN: numbers).
 *
 * Range ±922,337,203,685,477.5807. Rounding is half-up, away from zero on a
 * tie. Every operation that can overflow returns false and leaves *out. */
#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H

#include "base/str.h"

typedef int64_t Decimal;

#define DECIMAL_SCALE    10000
#define DECIMAL_PLACES   4
#define DECIMAL_TEXT_MAX 24

typedef enum { DECIMAL_OK, DECIMAL_SYNTAX, DECIMAL_TOO_PRECISE, DECIMAL_RANGE } DecimalStatus;

/* Plain decimal notation, optional sign, no exponent: "12", "-0.5". Trailing
 * zeros beyond four places are accepted, other digits there are TOO_PRECISE. */
DecimalStatus decimal_parse(Str text, Decimal *out);
/* A JSON real: exact only when %.15g prints back to the same double; otherwise
 * TOO_PRECISE, and the client is asked for a string. */
DecimalStatus decimal_from_double(double v, Decimal *out);
DecimalStatus decimal_from_int(int64_t v, Decimal *out);
size_t decimal_format(Decimal d, char out[DECIMAL_TEXT_MAX]); /* shortest form; length */
bool decimal_add(Decimal a, Decimal b, Decimal *out);
bool decimal_mul(Decimal a, Decimal b, int places, Decimal *out); /* rounded once, to 0…4 places */
/* a × percent / 100, rounded to `places`. */
bool decimal_percent(Decimal a, Decimal percent, int places, Decimal *out);
Decimal decimal_round(Decimal d, int places); /* 0…4 */

#endif
