/* One import at work: a file read a chunk at a time, its rows written on the
 * writer in short transactions, each with the place and counts it leads to. A
 * run may end anywhere, also by kill -9, and another one goes on. */
#ifndef APP_IMPORT_RUN_H
#define APP_IMPORT_RUN_H

#include "model/import_job.h"

typedef struct ImportRun ImportRun;

typedef struct {
    int64_t rows, done, created, updated, failed;
    int percent;
    int64_t rows_per_second, seconds_left;
} ImportProgress;

/* Opens the job's file, reads its heading and counts its rows. Never NULL; what
 * is wrong with it ends the job at the first step. */
ImportRun *import_run_open(const App *app, int64_t organization_id, int64_t job_id);
/* Nobody else writes to the database: steps are as long as memory allows. */
void import_run_alone(ImportRun *r);
/* Some rows. IMPORT_LATER: the database has no time or place now, the step is
 * to be tried again; IMPORT_ENDED: the job is over, or is no more. */
typedef enum { IMPORT_MORE, IMPORT_LATER, IMPORT_ENDED } ImportStep;
ImportStep import_run_step(ImportRun *r);
void import_run_progress(const ImportRun *r, ImportProgress *out);
Str import_run_problem(const ImportRun *r); /* why it failed; STR_NONE: it did not */
/* Stops it for good, as if its owner had. */
void import_run_cancel(ImportRun *r);
void import_run_close(ImportRun *r);

#endif
