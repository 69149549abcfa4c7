/* What copying asks of each kind of database in its own words. */
#ifndef APP_COPY_WORDS_H
#define APP_COPY_WORDS_H

#include "db/db.h"

typedef struct {
    const char *dialect;
    const char *columns;   /* (table, column) of all that is copied, in order */
    const char *loose;     /* (statement that drops, statement that makes again), in the order of making */
    const char *sequences; /* (table, last id given) */
    const char *clear_sequences; /* before the first one is set */
    const char *set_sequence;    /* ?1 table, ?2 last id given */
    const char *is_begun;        /* a row: there is a copy_state */
    const char *before, *after;  /* around everything, outside a transaction */
    const char *settle;          /* when the rows are in */
} CopyWords;

const CopyWords *copy_words(const Db *db);

#endif
