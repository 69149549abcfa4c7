/* Document numbers: patterns such as "PO-{seq:6}" or "ISS-{year}-{seq:4}".
 * A pattern with a year restarts at 1 every year of the organization. */
#ifndef MODEL_NUMBER_H
#define MODEL_NUMBER_H

#include "model/write.h"

extern const Resource number_series;

/* Literal characters, at most one {year}, exactly one {seq:N} with N 1 to 9. */
bool number_pattern_valid(Str pattern);
Str number_format(Arena *a, Str pattern, int64_t year, int64_t sequence);

#endif
