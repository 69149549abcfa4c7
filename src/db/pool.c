/* A bounded queue of jobs and the threads that work it off. The queue and the
 * running count are under `lock`; a worker's connection is its own. */
#include "db/pool.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/log.h"

/* Handed to a job whose connection could not be opened: absorbs everything
 * and stays failed, with why it could not. */
typedef struct {
    Db base;
    Stmt stmt;
    DbError why;
} DeadDb;

typedef struct {
    Pool *pool;
    pthread_t thread;
    Db *db;
    Standby standby;
    DeadDb dead;
} Worker;

struct Pool {
    DbConfig config;
    char *url; /* the config's, copied */
    Standbys *standbys; /* NULL: none */
    pthread_mutex_t lock;
    pthread_cond_t wake;
    PoolJob *first, **end;
    int queued, queue_max, running;
    bool stopping;
    _Atomic int64_t jobs, refused, commits, failed_commits;
    int n_workers;
    Worker workers[];
};

/* --- the dead connection --- */

static void dead_fail(Db *db) {
    if (!db_failed(db)) db->error = ((DeadDb *)db)->why;
}

static Stmt *dead_prepare(Db *db, Str sql) {
    (void)sql;
    dead_fail(db);
    return &((DeadDb *)db)->stmt;
}

static void dead_bind(Stmt *st, int index, const Value *v) { (void)st, (void)index, (void)v; }

static bool dead_step(Stmt *st) {
    dead_fail(st->db);
    return false;
}

static Value dead_column(Stmt *st, int index) {
    (void)st, (void)index;
    return VALUE_NULL;
}

static void dead_reset(Stmt *st) { (void)st; }

static bool dead_exec(Db *db, const char *sql) {
    (void)sql;
    dead_fail(db);
    return false;
}

static bool dead_control(Db *db, Str sql) {
    (void)sql;
    return dead_exec(db, NULL);
}

static void dead_expect_many(Stmt *st) { (void)st; }

static void dead_scope(Db *db, int64_t organization_id) { (void)db, (void)organization_id; }

static int64_t dead_number(Db *db) {
    (void)db;
    return 0;
}

static Db *dead_open(const DbConfig *config, DbMode mode, DbError *error) {
    (void)config, (void)mode, (void)error;
    return NULL;
}

static void dead_close(Db *db) { (void)db; }

static const DbDriver dead_driver = {
    .dialect = {.name = "none", .nulls_first = "", .nulls_last = "", .for_update = "", .like = "LIKE", .no_index = "",
                .begin_read = "BEGIN", .begin_write = "BEGIN", .returning_id = ""},
    .one_writer = true,
    .open = dead_open,
    .close = dead_close,
    .prepare = dead_prepare,
    .bind = dead_bind,
    .step = dead_step,
    .column = dead_column,
    .reset = dead_reset,
    .exec = dead_exec,
    .control = dead_control,
    .expect_many = dead_expect_many,
    .scope = dead_scope,
    .changes = dead_number,
    .last_id = dead_number,
};

/* --- workers --- */

static Db *worker_open(const Pool *p, DbError *why) {
    const DbDriver *driver = db_driver_for(p->url);
    return db_open(&p->config, driver && !driver->one_writer ? DB_WRITE : DB_READ, why);
}

static Db *worker_db(Worker *worker) {
    DeadDb *dead = &worker->dead;
    if (!worker->db) worker->db = worker_open(worker->pool, &dead->why);
    if (worker->db) {
        db_clear_error(worker->db);
        return worker->db;
    }
    log_event("db", LOG_ERROR, "open: %s", dead->why.message);
    dead->base = (Db){.driver = &dead_driver, .error = dead->why};
    dead->stmt.db = &dead->base;
    return &dead->base;
}

static Db *db_for(Worker *worker, PoolJob *job) {
    Db *primary = worker_db(worker), *standby = NULL;
    worker->standby.all = worker->pool->standbys;
    if (job->at_standby && worker->standby.all && worker->db) standby = standby_ready(&worker->standby, primary);
    job->at_standby = standby != NULL;
    return standby ? standby : primary;
}

static PoolJob *take(Pool *p) {
    pthread_mutex_lock(&p->lock);
    while (!p->queued && !p->stopping) pthread_cond_wait(&p->wake, &p->lock);
    PoolJob *job = p->first;
    if (job) {
        p->first = job->next;
        if (!p->first) p->end = &p->first;
        p->queued--;
        p->running++;
        job->next = NULL;
    }
    pthread_mutex_unlock(&p->lock);
    return job;
}

static void *worker_main(void *arg) {
    Worker *worker = arg;
    Pool *p = worker->pool;
    for (PoolJob *job = take(p); job; job = take(p)) {
        job->run(job, db_for(worker, job));
        atomic_fetch_add(&p->jobs, 1);
        pthread_mutex_lock(&p->lock);
        p->running--;
        pthread_mutex_unlock(&p->lock);
    }
    standby_close(&worker->standby);
    db_close(worker->db);
    return NULL;
}

/* --- the pool --- */

Pool *pool_start(const DbConfig *config, int threads, int queue_max) {
    Pool *p = calloc(1, sizeof *p + (size_t)threads * sizeof *p->workers);
    char *url = strdup(config->url);
    if (!p || !url) log_fatal("db", "out of memory");
    p->config = *config;
    p->config.url = p->url = url;
    p->queue_max = queue_max;
    p->end = &p->first;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->wake, NULL);
    for (p->n_workers = 0; p->n_workers < threads; p->n_workers++) {
        Worker *worker = &p->workers[p->n_workers];
        worker->pool = p;
        if (pthread_create(&worker->thread, NULL, worker_main, worker) != 0)
            log_fatal("db", "cannot start a worker thread");
    }
    return p;
}

void pool_read_from(Pool *p, Standbys *standbys) { p->standbys = standbys; }

bool pool_reads_elsewhere(const Pool *p) { return p->standbys != NULL; }

bool pool_submit(Pool *p, PoolJob *job) {
    pthread_mutex_lock(&p->lock);
    bool taken = !p->stopping && p->queued < p->queue_max;
    if (taken) {
        job->next = NULL;
        job->pool = p;
        *p->end = job;
        p->end = &job->next;
        p->queued++;
        pthread_cond_signal(&p->wake);
    }
    pthread_mutex_unlock(&p->lock);
    if (!taken) atomic_fetch_add(&p->refused, 1);
    return taken;
}

void pool_count_commit(Pool *p, bool good) { atomic_fetch_add(good ? &p->commits : &p->failed_commits, 1); }

void pool_stats(Pool *p, PoolStats *out) {
    pthread_mutex_lock(&p->lock);
    out->queued = p->queued;
    out->running = p->running;
    pthread_mutex_unlock(&p->lock);
    out->jobs = atomic_load(&p->jobs);
    out->refused = atomic_load(&p->refused);
    out->commits = atomic_load(&p->commits);
    out->failed_commits = atomic_load(&p->failed_commits);
    out->at_standby = p->standbys ? standbys_reads(p->standbys) : 0;
}

void pool_stop(Pool *p) {
    pthread_mutex_lock(&p->lock);
    p->stopping = true;
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->n_workers; i++) pthread_join(p->workers[i].thread, NULL);
    pthread_cond_destroy(&p->wake);
    pthread_mutex_destroy(&p->lock);
    standbys_free(p->standbys);
    free(p->url);
    free(p);
}
