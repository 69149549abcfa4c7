/* A savepoint inside a job of the writer: what was done since can be taken back
 * alone, with its journal rows, live counts and search words. */
#ifndef MODEL_MARK_H
#define MODEL_MARK_H

#include "model/journal.h"

typedef struct {
    JournalMark journal;
    size_t tally, words;
} WriteMark;

bool write_mark(Ctx *c, WriteMark *mark);
/* Ends it. Not on a failed database: then the whole job is to be taken back. */
bool write_end(Ctx *c, const WriteMark *mark, bool keep);

#endif
