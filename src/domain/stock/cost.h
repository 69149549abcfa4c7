/* What stock is worth: the rules of cost.c, for the files of this folder. */
#ifndef DOMAIN_STOCK_COST_H
#define DOMAIN_STOCK_COST_H

#include "domain/stock/internal.h"

/* What q leaving a level is worth, and takes it out. */
bool cost_out(Ctx *c, const Total *total, Level *level, Decimal q, Decimal *value);
/* The same at a value that is asked for (a reversal), as far as it is there. */
bool cost_out_at(Ctx *c, const Total *total, Level *level, Decimal q, Decimal *value);
/* q worth `value` comes in. *true_up is what was charged too little for stock
 * that had left before it came, to be taken out as a revaluation. */
bool cost_in(Level *level, const Moment *when, Decimal q, Decimal value, Decimal *true_up);
/* A posting's share in the product's total. */
bool total_add(Total *total, const Place *place, Decimal q, Decimal value);
/* The part of `value` that q of `all` is, behind what was taken before. */
Decimal cost_share(Decimal value, Decimal taken, Decimal q, Decimal all);
/* The layers before a moment: sets the front of a level whose on_hand and value
 * are those of that moment. */
bool cost_front_at(Ctx *c, Level *level, const Moment *when);

#endif
