/* Transactions that are run again; see transact.h. */
#include "db/transact.h"

#include <pthread.h>
#include <sodium.h>
#include <time.h>

#include "base/log.h"
#include "base/time.h"

#define ATTEMPTS    8
#define PAUSE_US    2000    /* before the second attempt, on average; twice that before the third … */
#define RESOLVE_US  8000000 /* for how long a lost commit is looked into */
#define RESOLVE_EVERY_US 200000

static void rest(int64_t us) {
    struct timespec t = {us / 1000000, us % 1000000 * 1000};
    nanosleep(&t, NULL);
}

/* Two that got in each other's way must not come back at the same time. */
static void rest_somewhat(int attempt) {
    int64_t mean = (int64_t)PAUSE_US << (attempt < 6 ? attempt : 6);
    rest(mean / 2 + randombytes_uniform((uint32_t)mean));
}

/* The organization's rules were written for one writer at a time, so its writes
 * take turns; it costs no round trip of its own. */
static bool begin(Db *db, const WriterJob *job) {
    char turn[64];
    db_clear_error(db);
    db_scope(db, job->organization_id);
    snprintf(turn, sizeof turn, "SELECT pg_advisory_xact_lock(%lld)", (long long)job->organization_id);
    return db_begin_write(db) && (!job->organization_id || db_control(db, str_of(turn)));
}

/* How it ended; *kept is false also for a job that refused. */
static DbError attempt(WriterJob *job, Db *db, bool *kept) {
    *kept = false;
    job->collided = false;
    if (begin(db, job)) {
        bool wanted = job->run(job, db);
        *kept = wanted && !db_failed(db) && db_control(db, S("COMMIT"));
    }
    DbError error = db->error;
    if (!*kept) db_control(db, S("ROLLBACK"));
    db_clear_error(db);
    return error;
}

void transact(WriterJob *job, Db *db, Pool *pool) {
    int64_t give_up = 0; /* set: a commit is being looked into */
    for (int n = 0;; n++) {
        bool again = false;
        DbError error = attempt(job, db, &job->kept);
        if (error.status == DB_UNKNOWN && job->exactly_once && !give_up) give_up = monotonic_us() + RESOLVE_US;
        if (give_up && !job->kept && (error.status == DB_DOWN || error.status == DB_UNKNOWN || error.status == DB_BUSY)) {
            again = monotonic_us() < give_up;
            if (!again) error.status = DB_UNKNOWN;
            if (again) rest(RESOLVE_EVERY_US);
        } else if (error.again || job->collided) {
            again = n + 1 < ATTEMPTS;
            if (again) rest_somewhat(n);
        }
        if (again && job->again && job->again(job)) continue;
        bool told = job->kept || error.status == DB_UNKNOWN || error.status == DB_DOWN || error.status == DB_FULL;
        if (error.status == DB_UNKNOWN) log_event("db", LOG_ERROR, "a commit without an answer: %s", error.message);
        if (pool && (job->kept || told)) pool_count_commit(pool, job->kept);
        job->done(job, job->kept || !told ? DB_OK : error.status);
        return;
    }
}

/* --- on the pool --- */

static void on_pool(PoolJob *base, Db *db) {
    transact((WriterJob *)((char *)base - offsetof(WriterJob, pool_job)), db, base->pool);
}

bool transact_submit(Pool *p, WriterJob *job) {
    job->pool_job.run = on_pool;
    return pool_submit(p, &job->pool_job);
}

typedef struct {
    PoolJob job;
    WriterJob *inner;
    pthread_mutex_t lock;
    pthread_cond_t cond;
    bool finished;
} Waiting;

static void waiting_run(PoolJob *base, Db *db) {
    Waiting *w = (Waiting *)base;
    transact(w->inner, db, base->pool);
    pthread_mutex_lock(&w->lock);
    w->finished = true;
    pthread_cond_signal(&w->cond);
    pthread_mutex_unlock(&w->lock);
}

bool transact_submit_wait(Pool *p, WriterJob *job) {
    Waiting w = {.job = {.run = waiting_run}, .inner = job};
    pthread_mutex_init(&w.lock, NULL);
    pthread_cond_init(&w.cond, NULL);
    bool taken = pool_submit(p, &w.job);
    pthread_mutex_lock(&w.lock);
    while (taken && !w.finished) pthread_cond_wait(&w.cond, &w.lock);
    pthread_mutex_unlock(&w.lock);
    pthread_cond_destroy(&w.cond);
    pthread_mutex_destroy(&w.lock);
    return taken;
}
