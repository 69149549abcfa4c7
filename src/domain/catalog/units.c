/* Units of measure: how many of a dimension's reference unit one of it is, as
 * an exact fraction factor / divisor (gram: mass, 1 / 1000 of a kilogram), and
 * to how many places its quantities are rounded. */
#include "domain/catalog/catalog.h"
#include "model/type.h"
#include "model/write.h"

static const Field fields[] = {
    {"code", &T_TEXT, F_REQUIRED | F_UNIQUE | F_SORT | F_SEARCH | F_FILTER, .max_length = 32, .example = "\"g\""},
    {"name", &T_TEXT, F_REQUIRED | F_SEARCH, .example = "\"Gram\""},
    {"dimension", &T_TEXT, F_REQUIRED | F_FILTER, .max_length = 32, .example = "\"mass\"",
     .help = "only units of the same dimension are converted: mass, length, count …"},
    {"factor", &T_QUANTITY, F_CREATE_ONLY, .fallback = "1", .min = "0.0001", .max = "1000000"},
    {"divisor", &T_INT, F_CREATE_ONLY, .fallback = "1", .min = "1", .max = "1000000", .example = "1000",
     .help = "one of it is factor / divisor of the dimension's reference unit"},
    {"decimal_places", &T_INT, 0, .fallback = "4", .min = "0", .max = "4",
     .help = "of quantities in this unit; pieces have 0"},
};

const Resource units_of_measure = {
    .name = "units-of-measure",
    .area = "stock",
    .singular = "unit of measure",
    .summary = "Units in which quantities may be given, and how they convert.",
    .display = "name",
    .key = "code",
    .default_order = "code",
    FIELDS(fields),
};

static bool unit_find(Ctx *c, Str code, Row *out) {
    const Value by = value_text(code);
    return record_seek(c, ctx_model(c, "units-of-measure"), &(Seek){"code = ?2", &by, 1}, out);
}

static bool whole(Decimal q, int64_t places) { return decimal_round(q, (int)places) == q; }

static bool places_check(Ctx *c, const Row *unit, Str field, Decimal q) {
    int64_t places = row_get(unit, "decimal_places").i;
    if (whole(q, places)) return true;
    return error_issue(&c->err, field, "too_precise", "has more than %lld decimals, the most of %.*s",
                       (long long)places, STR_ARG(row_get(unit, "code").s));
}

/* q × (factor / divisor of `from`) ÷ (factor / divisor of `to`), half-up. */
static bool scaled(Decimal q, const Row *from, const Row *to, Decimal *out) {
    __int128 over = (__int128)row_get(from, "factor").i * row_get(to, "divisor").i;
    __int128 under = (__int128)row_get(to, "factor").i * row_get(from, "divisor").i;
    __int128 result = (2 * (__int128)q * over + under) / (2 * under);
    if (result > INT64_MAX) return false;
    *out = decimal_round((Decimal)result, (int)row_get(to, "decimal_places").i);
    return true;
}

bool unit_convert(Ctx *c, const UnitQuantity *q, Str to, Decimal *out) {
    Row own, given;
    bool known = unit_find(c, to, &own);
    *out = q->quantity;
    if (c->err.kind != E_NONE) return false;
    if (!q->unit.n || str_eq(q->unit, to)) return !known || places_check(c, &own, q->field, q->quantity);
    if (!unit_find(c, q->unit, &given))
        return error_issue(&c->err, S("unit"), "unknown", "%.*s is no unit of measure", STR_ARG(q->unit));
    if (!known || !str_eq(row_get(&own, "dimension").s, row_get(&given, "dimension").s))
        return error_issue(&c->err, S("unit"), "unit", "%.*s cannot be converted to %.*s, the product's unit",
                           STR_ARG(q->unit), STR_ARG(to));
    if (!places_check(c, &given, q->field, q->quantity)) return false;
    if (!scaled(q->quantity, &given, &own, out) || *out == 0)
        return error_issue(&c->err, q->field, "range", "is too small or too large in %.*s", STR_ARG(to));
    return true;
}
