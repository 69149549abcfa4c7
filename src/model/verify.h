/* Proving a database again from what is stored: its schema and file, every
 * reference, CHECK and document, the journal's hash chains and the number
 * series. Reads only, in one snapshot, so that it can run beside a server; the
 * file itself is proved in a snapshot of its own, at the same time. */
#ifndef MODEL_VERIFY_H
#define MODEL_VERIFY_H

#include "model/ctx.h"

typedef struct {
    const App *app; /* registry and clock */
    Db *db;         /* open for DB_READ */
    Db *file;       /* the same database once more, so that its file is proved at the same time; NULL: afterwards */
    Db *wanted;     /* an empty database with the schema that db should have */
    void (*progress)(const char *what); /* called before each part; may be NULL */
    Buf *report;    /* the first wrong row, named in one line */
    int64_t organizations, journal_rows, documents; /* proved */
} Verify;

/* False at the first wrong row, or when the database cannot be read. */
bool verify_all(Verify *v);

#endif
