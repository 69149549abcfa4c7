/* What the files of this folder share. Not for other areas. */
#ifndef DOMAIN_SUPPORT_INTERNAL_H
#define DOMAIN_SUPPORT_INTERNAL_H

#include "domain/support/support.h"
#include "domain/system/system.h"
#include "model/query.h"
#include "model/timeline.h"
#include "model/type.h"
#include "model/write.h"

/* --- targets.c --- */
/* Sets when an issue is to be answered and solved, and which of the two comes
 * next, after whatever changed in change->row. */
bool issue_targets_set(Ctx *c, Change *change);
/* A pause ends (or the issue does): its working time is taken off the targets. */
bool issue_pause_end(Ctx *c, Change *change);

/* --- comments.c --- */
extern const Field issue_comment_input[], issue_comment_answer[];
#define ISSUE_COMMENT_INPUTS  2
#define ISSUE_COMMENT_ANSWERS 6
bool issue_comment(Ctx *c, Call *call); /* POST /issues/<id>/comment */
/* An issue came to another customer, or is deleted: so do its comments. */
bool issue_comments_follow(Ctx *c, const Change *issue);

static inline Value now_value(const Ctx *c) { return value_text((Str){c->now_text, TIME_TEXT - 1}); }
static inline Value me_value(const Ctx *c) { return c->user_id ? value_int(c->user_id) : VALUE_NULL; }

#endif
