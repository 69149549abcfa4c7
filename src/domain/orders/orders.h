/* Purchase and sales orders are one table with an order_type; this is what
 * they share: lines, totals and the party of an order. */
#ifndef DOMAIN_ORDERS_ORDERS_H
#define DOMAIN_ORDERS_ORDERS_H

#include "model/write.h"

#define ORDER_LINES_MAX 500

/* CHECKs of the orders table: total = subtotal - discount + tax + rounding. */
extern const char *const order_checks[];

/* The amounts of an order, the same for every type. */
#define ORDER_AMOUNTS                                                                              \
    {"tax_rate", &T_PERCENT, 0, .fallback = "0", .min = "0", .max = "100", .example = "18"},       \
    {"discount_amount", &T_MONEY, 0, .fallback = "0", .min = "0"},                                 \
    {"subtotal", &T_MONEY, F_READONLY, .fallback = "0", .help = "sum of the lines' amounts",       \
     .example = "900"},                                                                            \
    {"tax_amount", &T_MONEY, F_READONLY, .fallback = "0",                                          \
     .help = "tax_rate percent of subtotal less discount, rounded half-up to the minor unit",      \
     .example = "162"},                                                                            \
    {"rounding_amount", &T_MONEY, F_READONLY, .fallback = "0"},                                    \
    {"total_amount", &T_MONEY, F_READONLY | F_SUM | F_SORT, .fallback = "0", .example = "1062"},   \
    {"notes", &T_LONG_TEXT, F_LATE | F_SEARCH}

/* A line's fields with the code and name called as this type of order does. */
#define ORDER_LINE(code, name)                                                                     \
    {code, &T_TEXT, F_REQUIRED, .column = "code", .max_length = 64, .example = "\"YARN-40S\""},    \
    {name, &T_TEXT, F_REQUIRED, .column = "name", .example = "\"Cotton yarn 40s\""},               \
    {"quantity", &T_QUANTITY, F_REQUIRED, .min = "0.0001", .example = "100"},                      \
    {"unit_price", &T_MONEY, F_REQUIRED, .min = "0", .example = "9"},                              \
    {"amount", &T_MONEY, F_READONLY, .fallback = "0",                                              \
     .help = "quantity × unit_price, rounded half-up to the minor unit", .example = "900"},        \
    {"product_id", &T_REF, F_READONLY, .ref = "products", .found_by = code,                          \
     .help = "the product whose SKU the code is"}

/* Computes every amount and checks the dates.
 * For the check hook; does nothing when deleting. */
bool order_complete(Ctx *c, Change *change, const char *date_field);

/* The party of an order: `id_field` refers to it, `name_field` is its name on
 * the document. An unknown id with a name finds the party by that name or
 * creates it; without a name it is an issue. */
bool order_party(Ctx *c, Change *change, const char *id_field, const char *name_field);

/* For verify: lines, subtotal, tax and total agree. */
bool order_prove(Ctx *c, const Row *order, Str *problem);

#endif
