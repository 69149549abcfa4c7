/* Proving a database again from what is stored: its schema and file, every
 * reference, CHECK and document, the journal's hash chains and the number
 * series. Reads only, so that it can run beside a server: each part is proved
 * in one snapshot, and parts at the same time, a thread for each connection. */
#ifndef MODEL_VERIFY_H
#define MODEL_VERIFY_H

#include "model/ctx.h"

typedef struct {
    const App *app; /* registry and clock */
    Db *const *dbs; /* connections to the same database, open for DB_READ */
    int n_dbs;      /* one at least */
    Db *wanted;     /* SQLite: an empty database with the schema that it should have */
    Str wanted_sql; /* PostgreSQL: the statements that make it */
    void (*progress)(const char *what); /* called before each part, by one thread at a time; may be NULL */
    Buf *report;    /* the first wrong row, named in one line */
    int64_t organizations, journal_rows, documents; /* proved */
    int64_t unsealed; /* rows of the journal that are not chained yet: in PostgreSQL, for a second */
} Verify;

/* False when a row is wrong, or the database cannot be read. */
bool verify_all(Verify *v);

#endif
