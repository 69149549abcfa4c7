/* One record made of two: the `run` of an action {"merge", …, INPUT(…)} whose
 * input has `from`, a reference to a record of the same resource. */
#ifndef MODEL_MERGE_H
#define MODEL_MERGE_H

#include "model/write.h"

/* Everything that refers to `from` refers to the record from then on, in every
 * resource and its lines; the record's empty fields are filled from it; it is
 * deleted. Answers the record. Needs the permissions to update and to delete,
 * for both records. What moved is journaled as an update
 * of the record that refers, this one as "merge", the other as "delete".
 *
 * Documents keep the names they were made with. */
bool record_merge(Ctx *c, Call *call);

#endif
