/* Work that nobody asks for: jobs that run for each organization from time to
 * time. One thread waits for the next one; what a job does, it does on the
 * writer, in a transaction for each run. */
#ifndef APP_JOBS_H
#define APP_JOBS_H

#include "model/ctx.h"

typedef struct {
    const char *name;
    int every_s;
    /* One bounded step for c's organization (some 200 records: it holds the
     * writer), with every right, as nobody. A step that changed something is
     * followed by another one. False with an error takes the step back; it is
     * logged and tried again the next time. */
    bool (*run)(Ctx *c);
} Job;

typedef struct Scheduler Scheduler;

#define JOBS_OWN_PACE (-1)
/* Runs the jobs, a list that ends with {0}, shortly after now and then each at
 * its own pace, or all of them every `every_s` seconds. NULL: no jobs (0). */
Scheduler *scheduler_start(const App *app, const Job *jobs, int every_s);
/* Waits for a step that is running. Before the writer stops. NULL is fine. */
void scheduler_stop(Scheduler *s);

#endif
