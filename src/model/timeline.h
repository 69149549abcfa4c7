/* GET /<resource>/<id>/timeline: what happened with a record, newest first. */
#ifndef MODEL_TIMELINE_H
#define MODEL_TIMELINE_H

#include "model/ctx.h"

/* One row in a resource's action table gives it a timeline. Its sources are
 * told by the registry: every resource with an indexed reference to this one,
 * or an indexed pair resource + record_id or source + source_id, that has a
 * created_at; so is the journal. The caller sees of each what they may read. */
#define TIMELINE                                                                                    \
    {"timeline", ACTION_GET, "What happened with it: whatever refers to it, and its journal",      \
     .permission = "read", .input = timeline_input, .n_input = TIMELINE_INPUTS,                     \
     .answer = timeline_answer, .n_answer = TIMELINE_ANSWERS, .run = timeline_run}

#define TIMELINE_INPUTS  2
#define TIMELINE_ANSWERS 2
extern const Field timeline_input[TIMELINE_INPUTS], timeline_answer[TIMELINE_ANSWERS];
bool timeline_run(Ctx *c, Call *call);

#endif
