/* Group commit: one thread takes queued jobs, runs each in its own savepoint
 * of one transaction, commits once, and only then tells each job.
 *
 * Queue fields are under `lock`, the counters are atomic, everything else is
 * the writer thread's own. A job belongs to the writer from submit to done. */
#include "db/writer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "base/log.h"
#include "base/time.h"

#define GATHER_MAX_US 500
#define BATCH_MAX_US  16000

typedef struct {
    _Atomic int64_t commits, jobs, refused, failed_commits;
    _Atomic int64_t batch_sizes[10];
} Counters;

/* One transaction. Its jobs wait in a list, each with its own status, until
 * it is known how the transaction ended. */
typedef struct {
    WriterJob *first, **end;
    int n, n_kept;
    bool begun;
    bool broken; /* the transaction is gone, for the reason in status */
    DbStatus status;
    int64_t until; /* monotonic, µs: no job is begun after it */
} Batch;

struct Writer {
    Db *db;
    WriterConfig config;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    WriterJob *first, **end;
    int queued, wake_at; /* the length at which submit wakes the thread */
    bool stopping;
    DbStatus *outcomes; /* of the batch's jobs */
    int expected;       /* jobs that may be back soon: see gather() */
    int64_t gather_until;
    int64_t batch_us;   /* of work before a commit: see batch_time() */
    Counters count;
};

/* --- the queue --- */

bool writer_submit(Writer *w, WriterJob *job) {
    pthread_mutex_lock(&w->lock);
    bool taken = !w->stopping && w->queued < w->config.queue_max;
    if (taken) {
        job->next = NULL;
        job->kept = false;
        *w->end = job;
        w->end = &job->next;
        if (++w->queued == w->wake_at) pthread_cond_signal(&w->wake);
    }
    pthread_mutex_unlock(&w->lock);
    return taken;
}

static WriterJob *queue_pop(Writer *w) {
    pthread_mutex_lock(&w->lock);
    WriterJob *job = w->first;
    if (job) {
        w->first = job->next;
        if (!w->first) w->end = &w->first;
        w->queued--;
        job->next = NULL;
    }
    pthread_mutex_unlock(&w->lock);
    return job;
}

/* The clients of the last batch were answered a moment ago and tend to be back
 * together: starting with the first of them would spend an fsync on it alone.
 * Called with the lock held. */
static void gather(Writer *w) {
    struct timespec until = {w->gather_until / 1000000, w->gather_until % 1000000 * 1000};
    w->wake_at = w->expected;
    while (w->queued < w->expected && !w->stopping)
        if (pthread_cond_timedwait(&w->wake, &w->lock, &until) != 0) break;
}

/* False when the writer is to stop and nothing is left to do. */
static bool wait_for_jobs(Writer *w) {
    pthread_mutex_lock(&w->lock);
    if (w->expected > 1) gather(w);
    w->wake_at = 1;
    while (!w->queued && !w->stopping) pthread_cond_wait(&w->wake, &w->lock);
    bool any = w->queued > 0;
    pthread_mutex_unlock(&w->lock);
    return any;
}

/* --- one batch --- */

/* Ends the transaction without its changes, whatever state it is in. */
static void roll_back(Db *db) {
    db_clear_error(db);
    db_control(db, S("ROLLBACK"));
    db_clear_error(db);
}

static void batch_break(Batch *b, DbStatus status) {
    b->broken = true;
    b->status = status == DB_OK ? DB_DOWN : status;
}

/* Undoes one job. When even that fails, an error such as a full disk has
 * rolled the whole transaction back. */
static void job_undo(Writer *w, Batch *b, DbStatus why) {
    Db *db = w->db;
    db_clear_error(db);
    if (!db_control(db, S("ROLLBACK TO writer_job")) || !db_control(db, S("RELEASE writer_job")))
        batch_break(b, why == DB_OK ? db->error.status : why);
    db_clear_error(db);
    atomic_fetch_add(&w->count.refused, 1);
    if (w->config.rolled_back) w->config.rolled_back(w->config.user);
}

/* What became of the job by itself; DB_OK also when it refused. */
static DbStatus job_run(Writer *w, Batch *b, WriterJob *job) {
    Db *db = w->db;
    if (!db_control(db, S("SAVEPOINT writer_job"))) {
        log_event("db", LOG_ERROR, "savepoint: %s", db->error.message);
        batch_break(b, db->error.status);
        return b->status;
    }
    bool wanted = job->run(job, db);
    job->kept = wanted && db_control(db, S("RELEASE writer_job")); /* false when db failed */
    if (job->kept) {
        b->n_kept++;
        if (w->config.kept) w->config.kept(w->config.user);
        return DB_OK;
    }
    DbStatus why = db->error.status;
    if (wanted) log_event("db", LOG_ERROR, "a finished job was lost: %s", db->error.message);
    job_undo(w, b, why);
    return wanted ? why : DB_OK;
}

static void batch_add(Writer *w, Batch *b, WriterJob *job) {
    *b->end = job;
    b->end = &job->next;
    w->outcomes[b->n] = b->broken ? b->status : job_run(w, b, job);
    b->n++;
}

static bool batch_open(const Writer *w, const Batch *b) {
    if (b->n >= w->config.batch_max) return false;
    if (b->broken) return !b->begun; /* not begun: nobody queued has to wait to be told */
    return monotonic_us() < b->until;
}

/* After a failed fsync nobody knows what is on disk, and asking again would
 * get a false yes: the process stops, and recovery reads what is there. */
static DbStatus batch_commit(Writer *w) {
    Db *db = w->db;
    if (db_control(db, S("COMMIT"))) return DB_OK;
    DbStatus status = db->error.status;
    if (status == DB_DOWN) log_fatal("db", "commit failed, stopping: %s", db->error.message);
    log_event("db", LOG_ERROR, "commit failed: %s", db->error.message);
    roll_back(db);
    return status;
}

static DbStatus batch_end(Writer *w, Batch *b) {
    const WriterConfig *c = &w->config;
    bool any = b->n_kept > 0;
    bool ready = !any || b->broken || !c->before_commit || c->before_commit(c->user, w->db);
    if (!ready) batch_break(b, w->db->error.status);
    if (any && !b->broken)
        b->status = batch_commit(w);
    else
        roll_back(w->db);
    if (any && b->status == DB_OK) atomic_fetch_add(&w->count.commits, 1);
    if (b->status != DB_OK) atomic_fetch_add(&w->count.failed_commits, 1);
    if (any && c->after_commit) c->after_commit(c->user, b->status == DB_OK);
    return b->status;
}

static void count_batch(Writer *w, int n) {
    int slot = 0;
    while (slot < 9 && n > 1 << slot) slot++;
    atomic_fetch_add(&w->count.batch_sizes[slot], 1);
    atomic_fetch_add(&w->count.jobs, n);
}

static void batch_answer(Writer *w, Batch *b, DbStatus status) {
    WriterJob *job = b->first;
    for (int i = 0; i < b->n; i++) {
        WriterJob *next = job->next;
        job->next = NULL;
        if (status != DB_OK) job->kept = false;
        job->done(job, status != DB_OK ? status : w->outcomes[i]);
        job = next;
    }
}

/* Waiting for three quarters of them loses nothing, since the rest come while
 * those run. It pays where a commit is dear and costs where it is cheap, so it
 * lasts at most a quarter of the last one (measured: +30 % at 2 ms an fsync,
 * nothing lost at 0.15 ms). */
static void expect_return(Writer *w, const Batch *b, int64_t commit_us) {
    int64_t window = commit_us / 4;
    if (window > GATHER_MAX_US) window = GATHER_MAX_US;
    w->expected = (3 * b->n + 3) / 4;
    w->gather_until = monotonic_us() + window;
}

/* Work for twice as long as a commit takes, so that where commits are dear the
 * writer does not spend its time in them: whoever waits in the queue is answered
 * sooner then. Commits differ, so a single one moves it by a quarter. */
static void batch_time(Writer *w, int64_t commit_us) {
    int64_t most = w->config.batch_us > BATCH_MAX_US ? w->config.batch_us : BATCH_MAX_US;
    w->batch_us += (2 * commit_us - w->batch_us) / 4;
    if (w->batch_us < w->config.batch_us) w->batch_us = w->config.batch_us;
    if (w->batch_us > most) w->batch_us = most;
}

static void batch_run(Writer *w) {
    Batch b = {.until = monotonic_us() + w->batch_us};
    b.end = &b.first;
    b.begun = db_begin_write(w->db);
    if (!b.begun) {
        log_event("db", LOG_ERROR, "begin: %s", w->db->error.message);
        batch_break(&b, w->db->error.status);
    }
    for (WriterJob *job = queue_pop(w); job; job = batch_open(w, &b) ? queue_pop(w) : NULL)
        batch_add(w, &b, job);
    int64_t committing = monotonic_us();
    DbStatus status = batch_end(w, &b);
    int64_t commit_us = monotonic_us() - committing;
    count_batch(w, b.n);
    batch_answer(w, &b, status);
    batch_time(w, commit_us);
    expect_return(w, &b, commit_us);
}

static void *writer_main(void *arg) {
    Writer *w = arg;
    while (wait_for_jobs(w)) batch_run(w);
    return NULL;
}

/* --- start, stop, and around it --- */

static void init_wake(pthread_cond_t *cond) {
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &attr);
    pthread_condattr_destroy(&attr);
}

Writer *writer_start(Db *db, const WriterConfig *config) {
    Writer *w = calloc(1, sizeof *w);
    if (!w) log_fatal("db", "out of memory");
    w->db = db;
    w->config = *config;
    if (w->config.queue_max <= 0) w->config.queue_max = 4096;
    if (w->config.batch_max <= 0) w->config.batch_max = 256;
    if (w->config.batch_us <= 0) w->config.batch_us = 8000;
    w->batch_us = w->config.batch_us;
    w->outcomes = calloc((size_t)w->config.batch_max, sizeof *w->outcomes);
    if (!w->outcomes) log_fatal("db", "out of memory");
    w->end = &w->first;
    w->wake_at = 1;
    pthread_mutex_init(&w->lock, NULL);
    init_wake(&w->wake);
    if (pthread_create(&w->thread, NULL, writer_main, w) != 0)
        log_fatal("db", "cannot start the writer's thread");
    return w;
}

void writer_stop(Writer *w) {
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    if (w->db->driver->settle && !w->db->driver->settle(w->db))
        log_event("db", LOG_WARNING, "last checkpoint: %s", w->db->error.message);
    db_close(w->db);
    pthread_cond_destroy(&w->wake);
    pthread_mutex_destroy(&w->lock);
    free(w->outcomes);
    free(w);
}

bool writer_is_wanted(Writer *w) {
    pthread_mutex_lock(&w->lock);
    bool wanted = w->queued > 0;
    pthread_mutex_unlock(&w->lock);
    return wanted;
}

void writer_stats(Writer *w, WriterStats *out) {
    pthread_mutex_lock(&w->lock);
    out->queued = w->queued;
    pthread_mutex_unlock(&w->lock);
    out->commits = atomic_load(&w->count.commits);
    out->jobs = atomic_load(&w->count.jobs);
    out->refused = atomic_load(&w->count.refused);
    out->failed_commits = atomic_load(&w->count.failed_commits);
    for (int i = 0; i < 10; i++) out->batch_sizes[i] = atomic_load(&w->count.batch_sizes[i]);
}

/* Stands in for a job whose submitter sleeps until it is done. */
typedef struct {
    WriterJob job;
    WriterJob *inner;
    pthread_mutex_t lock;
    pthread_cond_t cond;
    bool finished;
} Waiting;

static bool waiting_run(WriterJob *job, Db *db) {
    Waiting *wait = (Waiting *)job;
    return wait->inner->run(wait->inner, db);
}

static void waiting_done(WriterJob *job, DbStatus status) {
    Waiting *wait = (Waiting *)job;
    wait->inner->kept = job->kept;
    wait->inner->done(wait->inner, status);
    pthread_mutex_lock(&wait->lock);
    wait->finished = true;
    pthread_cond_signal(&wait->cond);
    pthread_mutex_unlock(&wait->lock);
}

bool writer_submit_wait(Writer *w, WriterJob *job) {
    Waiting wait = {.job = {.run = waiting_run, .done = waiting_done}, .inner = job};
    pthread_mutex_init(&wait.lock, NULL);
    pthread_cond_init(&wait.cond, NULL);
    bool taken = writer_submit(w, &wait.job);
    pthread_mutex_lock(&wait.lock);
    while (taken && !wait.finished) pthread_cond_wait(&wait.cond, &wait.lock);
    pthread_mutex_unlock(&wait.lock);
    pthread_cond_destroy(&wait.cond);
    pthread_mutex_destroy(&wait.lock);
    return taken;
}
