/* Stored records as rows in memory: what the write path reads, and how a row
 * is printed. Column layout everywhere: the stored fields in the model's
 * order, each reference that prints a display name followed by that name. */
#ifndef MODEL_READ_H
#define MODEL_READ_H

#include "model/query.h"

/* Copies the current row of a statement with the layout of select_sql (or of
 * lines_sql, for a lines model) into the request's arena. */
bool row_from_stmt(Ctx *c, const Model *m, Stmt *st, Row *row);
/* The same with the layout of seek_sql: no display names. */
bool row_bare_from_stmt(Ctx *c, const Model *m, Stmt *st, Row *row);
/* Fills parent->lines; the model must have lines. False on a database error. */
bool lines_load(Ctx *c, const Model *m, int64_t parent_id, Row *parent);
/* row_write with some of its fields, and without lines. */
void row_write_some(Ctx *c, const View *v, const Row *row, FieldSet some);

#endif
