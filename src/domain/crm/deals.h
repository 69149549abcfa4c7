/* What the files about deals share: deals.c, stage_entries.c, forecast.c. */
#ifndef DOMAIN_CRM_DEALS_H
#define DOMAIN_CRM_DEALS_H

#include "domain/crm/internal.h"

/* --- stage_entries.c --- */

/* The deal came to a stage now: the entry before ends with that. */
bool stage_entry_add(Ctx *c, Value deal_id, Value stage_id);
bool stage_entries_drop(Ctx *c, Value deal_id); /* the deal goes */
bool stage_entries_prove(Ctx *c, const Row *deal, Str *problem);

/* --- forecast.c --- */

#define DEALS_STATS      6
#define FORECAST_INPUTS  1
#define FORECAST_ANSWERS 7
extern const Field deals_stats_answer[DEALS_STATS], forecast_input[FORECAST_INPUTS], forecast_answer[FORECAST_ANSWERS];
bool deals_stats(Ctx *c, const Query *q);
bool deals_forecast(Ctx *c, Call *call);

#endif
