/* The database schema, printed from the registry: tables, indexes, search
 * tables and the triggers that protect append-only tables. Nothing else in the
 * program writes DDL; migrations are the difference of two such schemas. */
#ifndef MODEL_SCHEMA_H
#define MODEL_SCHEMA_H

#include "model/registry.h"

/* All of it, one statement after another, in an order that depends on the
 * registry only. */
void schema_write(const Registry *r, const Dialect *d, Buf *out);

/* The SQL literal that rows from before a column existed get in it: the
 * field's fallback, else 0 or ''. Columns no resource has get `unknown`. */
void schema_default(const Registry *r, Str table, Str column, const char *unknown, Buf *out);

/* The statements that fill a search table (`<table>_search`) from the rows
 * its table has; nothing when no resource is searched there. */
void schema_fill_search(const Registry *r, Str search_table, Buf *out);

#endif
