/* Worker threads for everything that waits or takes long: each with its own
 * connection, opened at its first job. It only reads, unless the database takes
 * writes from many. */
#ifndef DB_POOL_H
#define DB_POOL_H

#include "db/standby.h"

typedef struct Pool Pool;

typedef struct PoolJob {
    void (*run)(struct PoolJob *job, Db *db); /* db may be failed: check it. The job may be freed here */
    struct PoolJob *next;
    struct Pool *pool; /* once it was submitted */
    bool at_standby;   /* it may read from a standby; when it runs: it does */
} PoolJob;

typedef struct {
    int64_t queued, running, jobs, refused, commits, failed_commits, at_standby;
} PoolStats;

Pool *pool_start(const DbConfig *config, int threads, int queue_max);
void pool_read_from(Pool *p, Standbys *standbys); /* taken over; before the first job */
bool pool_reads_elsewhere(const Pool *p);
bool pool_submit(Pool *p, PoolJob *job); /* false when the queue is full or stopping */
void pool_count_commit(Pool *p, bool good); /* for the statistics */
void pool_stats(Pool *p, PoolStats *out);
void pool_stop(Pool *p); /* finishes what is queued */

#endif
