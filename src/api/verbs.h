/* The generic verbs, for the table in route.c: each a plan and a run. */
#ifndef API_VERBS_H
#define API_VERBS_H

#include "api/request.h"

bool list_plan(ApiRequest *r), list_run(ApiRequest *r);
bool one_plan(ApiRequest *r), one_run(ApiRequest *r);
bool single_plan(ApiRequest *r), single_run(ApiRequest *r), single_update_run(ApiRequest *r);
bool stats_plan(ApiRequest *r), stats_run(ApiRequest *r);
bool create_plan(ApiRequest *r), create_run(ApiRequest *r);
bool replace_plan(ApiRequest *r), change_plan(ApiRequest *r), update_run(ApiRequest *r);
bool remove_plan(ApiRequest *r), remove_run(ApiRequest *r);
bool act_plan(ApiRequest *r), act_run(ApiRequest *r);
bool call_plan(ApiRequest *r), ask_plan(ApiRequest *r), call_run(ApiRequest *r);
bool narrowed_plan(ApiRequest *r);
bool related_plan(ApiRequest *r), related_run(ApiRequest *r);
bool bulk_plan(ApiRequest *r), bulk_run(ApiRequest *r);
bool export_plan(ApiRequest *r), export_run(ApiRequest *r);
bool import_plan(ApiRequest *r), import_run(ApiRequest *r);
bool import_job_admit(ApiRequest *r), import_job_plan(ApiRequest *r), import_job_run(ApiRequest *r);

/* Whether the client has the answer with this ETag already: a 304, and no body is needed. */
bool answer_is_known(const ApiRequest *r, Str etag);

#endif
