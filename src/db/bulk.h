/* Many rows for one table, as fast as the database takes them: COPY in
 * PostgreSQL, one prepared INSERT in SQLite. To be used inside a transaction;
 * between begin and end nothing else runs on the connection. */
#ifndef DB_BULK_H
#define DB_BULK_H

#include "db/db.h"

typedef struct Bulk Bulk;

/* What a driver's begin with. */
struct Bulk {
    Db *db;
    int n; /* columns */
};

/* Never NULL: errors are the connection's, and looked at by bulk_end. */
Bulk *bulk_begin(Db *db, Str table, const Str *columns, int n);
void bulk_row(Bulk *b, const Value *row); /* n values, taken over before it returns */
bool bulk_end(Bulk *b);                   /* frees it; false: the transaction is to be rolled back */

/* "a, b, c" */
void bulk_columns(const Str *columns, int n, Buf *out);

#endif
