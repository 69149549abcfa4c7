/* The one writer: executes queued jobs on its own thread and connection, each
 * in its own savepoint, and commits them together. Nobody is answered before
 * the commit (and its fsync) returned.
 *
 * A batch takes what is queued, at most 256 jobs or 8 ms of work (twice the time
 * of a commit where that is more, up to 16 ms); it never waits when the queue is
 * empty, except that after a batch of several jobs it may wait a fraction of a
 * millisecond for the clients it just answered. */
#ifndef DB_WRITER_H
#define DB_WRITER_H

#include "db/pool.h"

typedef struct Writer Writer;

typedef struct WriterJob {
    /* On the writer's thread, inside the job's savepoint. True keeps the
     * changes, false rolls them back (a refused request, a dry run). */
    bool (*run)(struct WriterJob *job, Db *db);
    /* On the writer's thread after the batch's commit. `status` is DB_OK when
     * what run() kept is durable (also when it returned false and there was
     * nothing to keep), else why the commit failed: then nothing of the batch
     * happened. The job may be freed here. */
    void (*done)(struct WriterJob *job, DbStatus status);
    /* Where each job is a transaction of its own (transact.h), which may have to
     * be run again: brings the job back to its start. False, or none: it cannot. */
    bool (*again)(struct WriterJob *job);
    int64_t organization_id; /* whose rows it may see and write; 0: everybody's */
    bool exactly_once;       /* run() itself finds what an earlier run has stored */
    bool collided;           /* run() says: another has just stored the same, look again */
    PoolJob pool_job;
    struct WriterJob *next; /* the queue's */
    bool kept;              /* the writer's */
} WriterJob;

typedef struct {
    int queue_max;   /* jobs; 0 = 4096 */
    int batch_max;   /* jobs; 0 = 256 */
    int batch_us;    /* the least time for work; 0 = 8000 */
    /* Called on the writer's thread around every commit, in this order. What
     * before_commit writes belongs to the transaction, and false undoes that;
     * `committed` is false when the commit failed. Used by live counts and search. */
    bool (*before_commit)(void *user, Db *db);
    void (*after_commit)(void *user, bool committed);
    /* A batch that had kept nothing calls neither. When one job's savepoint
     * is rolled back, rolled_back is called right after run(). */
    void (*rolled_back)(void *user);
    void (*kept)(void *user); /* right after a run() that kept its changes */
    void *user;
} WriterConfig;

typedef struct {
    int64_t queued;    /* now */
    int64_t commits, jobs, refused, failed_commits; /* since start */
    int64_t batch_sizes[10]; /* batches of 1, 2, 3-4, 5-8, … 129-256, more */
} WriterStats;

/* Takes the connection over; it must be open for DB_WRITE. */
Writer *writer_start(Db *db, const WriterConfig *config);
/* False when the queue is full or the writer is stopping: answer 503. */
bool writer_submit(Writer *w, WriterJob *job);
/* Submits and waits until done() ran; not from an I/O or the writer's thread. */
bool writer_submit_wait(Writer *w, WriterJob *job);
/* For a long job, on the writer's thread: whether others wait for it to end. */
bool writer_is_wanted(Writer *w);
void writer_stats(Writer *w, WriterStats *out);
/* Finishes what is queued, then stops, checkpoints and closes the connection. */
void writer_stop(Writer *w);

#endif
