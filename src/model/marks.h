/* Where the pages of lists begin, so that page 300 need not count 15,000 rows
 * to find its first: after a page was read, the key of its last row is
 * remembered with its place in the list, and later pages seek to the nearest
 * mark before them. A mark holds until a row of its resource changes in its
 * organization (tally_touched). Shared by all threads. */
#ifndef MODEL_MARKS_H
#define MODEL_MARKS_H

#include "base/arena.h"
#include "model/ctx.h"

typedef struct {
    Str list;         /* what tells one list from another: all of it, any bytes */
    uint64_t version; /* of the rows, from tally_touched; not UINT64_MAX */
    int64_t offset;   /* rows before the mark */
    Str key;          /* of the last of them, any bytes */
} Mark;

Marks *marks_new(void);
void marks_free(Marks *t);
/* Given list, version and the offset wanted: the nearest mark at or before it.
 * Sets offset and key (in `a`); false when there is none. */
bool marks_find(Marks *t, Mark *m, Arena *a);
void marks_add(Marks *t, const Mark *m);

#endif
