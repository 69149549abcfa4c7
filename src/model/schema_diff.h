/* The difference between the schemas of two databases, as SQL. */
#ifndef MODEL_SCHEMA_DIFF_H
#define MODEL_SCHEMA_DIFF_H

#include "model/registry.h"

/* Writes the statements that turn the schema of `from` into that of `to` and
 * keep the rows; nothing when they are equal. New columns get their values
 * from the registry's fallbacks. To be run in one transaction with foreign
 * keys off. False when a database failed. */
bool schema_diff(Db *from, Db *to, const Registry *r, Buf *out);

/* Names what `db` lacks or has otherwise than `wanted`, a line each ("table
 * orders"); indexes that are only for speed do not count. False when a database failed. */
bool schema_missing(Db *db, Db *wanted, Buf *out);

#endif
