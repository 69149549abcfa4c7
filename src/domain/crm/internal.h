/* What the files of this folder share. Not for other folders. */
#ifndef DOMAIN_CRM_INTERNAL_H
#define DOMAIN_CRM_INTERNAL_H

#include "base/decimal.h"
#include "domain/crm/crm.h"
#include "model/alike.h"
#include "model/merge.h"
#include "model/type.h"
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

/* --- party.c: what customers, vendors and contacts share --- */

/* What a person or a company is called, and how they are found again. The
 * name is made of what is known when it is left out. */
#define PARTY_NAME_FIELDS(shown)                                                                              \
    {"name", &T_TEXT, F_REQUIRED | F_FILLED | F_SORT | F_SEARCH | F_FILTER, .example = shown, .also = "full_name",      \
     .help = "made of company_name or first and last name when left out"},                                              \
    {"first_name", &T_TEXT, 0, .max_length = 100}, {"last_name", &T_TEXT, 0, .max_length = 100},              \
    {"company_name", &T_TEXT, F_SEARCH | F_FILTER, .also = "company"}

/* The keys fold what is above them. */
#define PARTY_KEY_FIELDS                                                                                      \
    {"name_key", &T_TEXT, F_READONLY | F_HIDDEN | F_FILTER, .folds = "name", .fold = fold_name},              \
    {"phone_key", &T_TEXT, F_READONLY | F_HIDDEN | F_FILTER, .folds = "phone", .fold = fold_phone}

#define PARTY_ADDRESS_FIELDS                                                                                  \
    {"address", &T_TEXT, 0}, {"city", &T_TEXT, F_FILTER | F_SEARCH}, {"state", &T_TEXT, 0, .max_length = 100}, \
    {"postal_code", &T_TEXT, F_FILTER, .max_length = 20, .also = "zip_code,zip"},                             \
    {"country", &T_TEXT, F_FILTER, .max_length = 100}
#define PARTY_ADDRESS "address,city,state,postal_code,country"

#define PARTY_ABOUT_FIELDS                                                                                    \
    {"website", &T_URL, 0}, {"industry", &T_TEXT, F_FILTER, .max_length = 100},                               \
    {"rating", &T_INT, F_FILTER | F_SORT, .min = "1", .max = "5", .example = "4"},                            \
    {"tags", &T_TAGS, F_FILTER | F_SEARCH, .also = "tag",                                                     \
     .help = "tags=a finds who has it, tags=a,b who has both, tags__in=a,b who has either"}

/* true is the status active, false inactive: what simple clients know. */
#define PARTY_ACTIVE_FIELD {"active", &T_BOOL, F_NO_COLUMN, .also = "is_active", .help = "true: active, false: inactive"}

/* Whatever grows without end is listed by when it came and when it last changed. */
#define BY_TIME "created_at", "updated_at"
extern const char *const by_time[3]; /* as the only indexes that are listed */

extern const Alike party_alike[4];
extern const Field party_duplicates_input[3];

/* Completes a name, and the status that `active` means. */
bool party_complete(Ctx *c, Change *ch);
bool party_activate(Ctx *c, Call *call);
bool party_deactivate(Ctx *c, Call *call);

#define PARTY_ACTIONS(merge_fields)                                                                           \
    {"activate", ACTION_RECORD, "Make active", .permission = "update", .run = party_activate},                \
    {"deactivate", ACTION_RECORD, "Make inactive; documents keep the name", .permission = "update", .run = party_deactivate}, \
    DUPLICATES(party_duplicates_input),                                                                       \
    {"merge", ACTION_RECORD, "Take over what another record has and is referred to by, and delete it",        \
     .permission = "delete", INPUT(merge_fields), .run = record_merge}

#endif
