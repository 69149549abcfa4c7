/* Where a search's page begins: what leads, the words or the rows. For lists. */
#ifndef MODEL_SEARCH_LEAD_H
#define MODEL_SEARCH_LEAD_H

#include "model/plan.h"

typedef struct {
    int64_t *ids; /* in the query's order */
    int n;
} SearchIds;

/* The ids of q's rows behind the first `skip`, one more than a page has, if that
 * is the shorter way; false: read what the words find in q's order. */
bool search_ids(Ctx *c, const Query *q, int64_t skip, SearchIds *out);
/* " FROM table t WHERE … AND" it is one of these. */
void search_ids_sql(Sql *s, const Model *m, SearchIds found);
/* Of what a search finds at most SEARCH_COUNTED are counted, and with filters what
 * SEARCH_STEPS find: no count of that is kept, and it would grow with the table. */
#define SEARCH_COUNTED 1000
#define SEARCH_STEPS   3000
/* How many rows a search with words finds; at least that many, when it is not
 * worth counting them all. False: count it as everything is counted. */
bool search_total(Ctx *c, const Query *q, Page *page);

#endif
