/* By which index the rows of a filtered list are read. For lists. */
#ifndef MODEL_LIST_LEAD_H
#define MODEL_LIST_LEAD_H

#include "model/plan.h"

/* Takes the totals that are known, or are asked for anyway, to see what is less
 * work: to sort what the filters find, or to pass over what they do not find in
 * the order of the list. */
Lead list_lead(Ctx *c, const Query *q);

#endif
