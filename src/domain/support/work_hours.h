/* Time as the business counts it: only while it is open. */
#ifndef DOMAIN_SUPPORT_WORK_HOURS_H
#define DOMAIN_SUPPORT_WORK_HOURS_H

#include "base/str.h"

/* Seconds from the start of the local day; `to` may lie in the next one. */
typedef struct {
    int from, to; /* equal: a free day */
} WorkDay;

typedef struct {
    WorkDay days[7]; /* monday first */
    bool always;     /* no hours are given: around the clock */
    const char *zone;
} WorkWeek;

/* From the settings' working_hours. No hours at all, or free days only, are
 * around the clock: nothing would ever be due. */
void work_week_read(Str json, const char *zone, WorkWeek *out);
/* The instant at which `seconds` of working time have passed since `start`; at
 * the earliest when the business next opens. False when that is beyond ten years. */
bool work_add(const WorkWeek *w, int64_t start, int64_t seconds, int64_t *out);
/* The working time from one instant to a later one. */
int64_t work_between(const WorkWeek *w, int64_t from, int64_t to);

#endif
