/* The database schema, printed from the registry: tables, indexes, search
 * tables and the triggers that protect append-only tables. Nothing else in the
 * program writes DDL; migrations are the difference of two such schemas. */
#ifndef MODEL_SCHEMA_H
#define MODEL_SCHEMA_H

#include "model/registry.h"

/* All of it, one statement after another, in an order that depends on the
 * registry only. */
void schema_write(const Registry *r, const Dialect *d, Buf *out);

/* A Resource's check as the database is told it: `{0.01}` in it is a decimal,
 * `{is_won}` a boolean column as a number. native: for PostgreSQL. */
void schema_check(const char *check, bool native, Buf *out);

/* The SQL literal that rows from before a column existed get in it: the
 * field's fallback, else 0 or ''. Columns no resource has get `unknown`. */
void schema_default(const Registry *r, Str table, Str column, const char *unknown, Buf *out);
/* The same for PostgreSQL. */
void schema_native_default(const Registry *r, Str table, Str column, Buf *out);

/* The statements that fill the search table which create_sql makes from the
 * rows its table has, with the fields that stand in the statement's comment. */
void schema_fill_search(const Registry *r, Str create_sql, Buf *out);
/* What is set of a new search table. */
void schema_settle_search(Str name, Buf *out);

#endif
