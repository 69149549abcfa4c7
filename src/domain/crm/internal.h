/* What the files of this folder share. */
#ifndef DOMAIN_CRM_INTERNAL_H
#define DOMAIN_CRM_INTERNAL_H

#include "base/decimal.h"
#include "domain/crm/crm.h"
#include "model/write.h"

/* --- pipelines.c --- */

#define STAGES_MAX 50 /* of one pipeline */

/* The stages of a pipeline in their order. */
typedef struct {
    Row rows[STAGES_MAX];
    int n;
} Stages;
bool stages_load(Ctx *c, int64_t pipeline_id, Stages *out);
const Row *stages_of_id(const Stages *s, int64_t id); /* NULL: none of them */
/* The first that is won ("is_won") or lost ("is_lost"), or with NULL neither. */
const Row *stages_first(const Stages *s, const char *flag);
bool stage_closes(const Row *stage);
/* Id of the organization's default pipeline, which is made when there is none. */
bool pipeline_default(Ctx *c, int64_t *id);

/* --- stages.c --- */

/* What the deals of a stage add up to. */
typedef struct {
    int64_t stage_id;  /* 0: of none */
    int64_t deals, open;
    Decimal value, expected;
} StageSum;
/* Takes the one away and adds the other, in the stages' records. */
bool stage_sums_move(Ctx *c, const StageSum *from, const StageSum *to);

/* --- common.c --- */

/* "is required", "must be …": an issue of a field; false. */
bool bad(Ctx *c, const char *field, const char *code, const char *message);
Value now_of(Ctx *c);
static inline bool is_null(const Row *row, const char *field) { return row_get(row, field).kind == V_NULL; }
/* A reference given to an action: an issue of `input` when no such record exists. */
bool reference_given(Ctx *c, const char *resource, const char *input, Value id);

#endif
