/* The catalog: what is bought, made and sold, and in which units. */
#ifndef DOMAIN_CATALOG_CATALOG_H
#define DOMAIN_CATALOG_CATALOG_H

#include "base/decimal.h"
#include "model/ctx.h"

extern const Resource products, units_of_measure;

bool product_is_goods(const Row *product);
/* Goods, not discontinued, and available ≤ low_stock_threshold. */
bool product_is_low(const Row *product);
/* Sets low_stock and below_minimum by what is available; and whether they are. */
void product_mark(Row *product);
bool product_is_marked(const Row *product);

typedef struct {
    Decimal quantity; /* above 0 */
    Str unit;         /* empty: the unit it is converted to */
    Str field;        /* the input field it came from, for issues */
} UnitQuantity;

/* A quantity in another unit, exact by fractions and rounded half-up to the
 * places of `to`. The same unit needs no record; another must be a unit of
 * measure of the same dimension. An issue with "unit" or q->field otherwise. */
bool unit_convert(Ctx *c, const UnitQuantity *q, Str to, Decimal *out);

#endif
