/* Resources with R_SINGLETON: one record of each organization, which nobody
 * creates. Before it was first written it is its fallbacks, at version 0. */
#ifndef MODEL_SINGLE_H
#define MODEL_SINGLE_H

#include "model/query.h"
#include "model/write.h"

/* The record's id, 0 when it was never written; false on a database error. */
bool single_find(Ctx *c, const Model *m, int64_t *id);
/* Writes the record as an object to c->out, as q asks for it. */
bool single_write(Ctx *c, const Query *q, int64_t *version);
/* Changes the record, or makes it of its fallbacks and what is given. */
bool single_update(Ctx *c, const Model *m, Input *in, Row *out);

#endif
