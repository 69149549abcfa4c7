/* Finding records that may be the same, by the fields that Resource.alike
 * names. Both are the `run` of an action that needs the permission to read:
 *
 *   {"duplicates", ACTION_GET, …, .run = duplicates_of_record}
 *   {"duplicates", ACTION_GET | ACTION_COLLECTION, …, INPUT(…), .run = duplicates_of_values}
 *
 * The second one's parameters are fields of the resource. Answers hold the
 * DUPLICATES_MAX most alike of what the caller may see. */
#ifndef MODEL_ALIKE_H
#define MODEL_ALIKE_H

#include "model/query.h"

#define DUPLICATES_MAX 20

bool duplicates_of_record(Ctx *c, Call *call);
bool duplicates_of_values(Ctx *c, Call *call);

extern const Field duplicates_answer[3];

#define DUPLICATES(input_fields)                                                                             \
    {"duplicates", ACTION_GET | ACTION_POOL, "Records that may be the same", .permission = "read",             \
     .answer = duplicates_answer, .n_answer = 3, .run = duplicates_of_record},                                 \
    {"duplicates", ACTION_COLLECTION | ACTION_GET | ACTION_POOL,                                               \
     "Records that may be the same as one yet to be made", .permission = "read", INPUT(input_fields),          \
     .answer = duplicates_answer, .n_answer = 3, .run = duplicates_of_values}

#endif
