/* The difference between two schemas of PostgreSQL, as schema_write prints
 * them: there is no such database in memory to try it out on, so a test runs
 * the migrations in a real one and compares. */
#ifndef MODEL_SCHEMA_TEXT_H
#define MODEL_SCHEMA_TEXT_H

#include "model/registry.h"

/* Writes the statements that turn `from` ("": an empty database) into `to` and
 * keep the rows; nothing when they are equal. */
void schema_text_diff(const Registry *r, Str from, Str to, Buf *out);

#endif
