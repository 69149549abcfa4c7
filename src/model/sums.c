/* Sums in two parts; see sums.h. */
#include "model/sums.h"

#include "base/decimal.h"
#include "db/driver.h"

#define SPLIT 1000000

/* PostgreSQL keeps decimals as such, and adds them up without a limit. */
static Str numeric_part(Arena *a, const char *column, bool decimal, SumPart part) {
    return arena_fmt(a, "CAST(%s(sum(%s) * %d, %d) AS bigint)", part == SUM_HIGH ? "div" : "mod", column,
                     decimal ? DECIMAL_SCALE : 1, SPLIT);
}

Str sum_part(Arena *a, const Db *db, const char *column, bool decimal, SumPart part) {
    if (!db->driver->one_writer) return numeric_part(a, column, decimal, part);
    return arena_fmt(a, "sum(%s %s %d)", column, part == SUM_HIGH ? "/" : "%", SPLIT);
}

Str sum_parts(Arena *a, const Db *db, const char *column, bool decimal) {
    return arena_fmt(a, "%s, %s", sum_part(a, db, column, decimal, SUM_HIGH).p, sum_part(a, db, column, decimal, SUM_LOW).p);
}

Str sum_again(Arena *a, const char *column) { return arena_fmt(a, "CAST(sum(%s) AS bigint)", column); }

bool sum_read(Stmt *st, int column, int64_t *sum) {
    return !__builtin_mul_overflow(stmt_int(st, column), SPLIT, sum) &&
           !__builtin_add_overflow(*sum, stmt_int(st, column + 1), sum);
}
