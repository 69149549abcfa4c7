/* Exact sums of many amounts. A sum beyond 64 bits is an error to SQLite and an
 * amount that has no place here to PostgreSQL, so it is selected in two parts,
 * which are exact for a million records of the highest amount. */
#ifndef MODEL_SUMS_H
#define MODEL_SUMS_H

#include "base/arena.h"
#include "db/db.h"

typedef enum { SUM_HIGH, SUM_LOW } SumPart;

/* SQL for a part of a column's sum, as an integer of the database; `decimal`:
 * a column of money or quantities, not of whole numbers. Parts may be added up
 * again, by sum_again. */
Str sum_part(Arena *a, const Db *db, const char *column, bool decimal, SumPart part);
/* Both, with a comma between. */
Str sum_parts(Arena *a, const Db *db, const char *column, bool decimal);
Str sum_again(Arena *a, const char *column);
/* Of the columns `column` and the next one; false when it is beyond 64 bits. */
bool sum_read(Stmt *st, int column, int64_t *sum);

#endif
