/* The resource `jobs`: imports of CSV files that are worked on behind the
 * requests, and what has become of each. */
#ifndef MODEL_IMPORT_JOB_H
#define MODEL_IMPORT_JOB_H

#include "model/write.h"

enum { IMPORT_QUEUED, IMPORT_RUNNING, IMPORT_DONE, IMPORT_FAILED, IMPORT_CANCELLED };
#define IMPORT_ERRORS_MAX 1000 /* told in the record; all of them are in its file */

extern const Resource import_jobs;

typedef struct {
    const View *view;       /* what is imported, under the names it is called by */
    const ModelField *key;  /* records it finds are updated; NULL: all are created */
    Str map;                /* columns to fields, see Sheet; may be empty */
    bool dry_run;
    Str file;               /* a path of the command line's, or a name in the folder of imports, which is
                             * deleted when the job has ended */
    int64_t bytes;
} NewImport;

/* On the writer, as the caller: the job waits for its turn. */
bool import_job_create(Ctx *c, const NewImport *job, Row *out);
/* The job without its errors; false without an error when there is none. */
bool import_job_seek(Ctx *c, int64_t id, Row *out);
/* A status for record_put; what ends a job also deletes its file after the commit. */
void import_job_status(Ctx *c, Row *job, int status);
/* Adds to the errors of the record. */
typedef struct {
    int64_t row; /* as a spreadsheet counts: the heading is row 1 */
    Str field;
    const char *code;
    Str message;
} ImportError;
bool import_job_error(Ctx *c, const Row *job, int position, const ImportError *e);

/* Forgets the errors of a job that begins anew. */
bool import_job_restart(Ctx *c, int64_t id);

/* Paths, in the arena, with a NUL. */
Str import_folder(const App *app, Arena *a); /* made when missing */
Str import_file(const App *app, Arena *a, Str file);
Str import_errors_file(const App *app, Arena *a, int64_t job_id);
/* A job of the scheduler: forgets jobs that ended a month ago, with their errors. */
bool import_jobs_forget(Ctx *c);

#endif
