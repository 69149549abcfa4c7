/* The pool: jobs run on read connections, a full queue refuses, and a database
 * that cannot be opened fails the job, not the pool (db/pool.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <semaphore.h>
#include <unistd.h>

#undef fail /* cmocka's; ours is in base/error.h */
#include "base/log.h"
#include "db/pool.h"

typedef struct {
    char folder[64], path[80], url[96];
} Place;

static int set_up(void **state) {
    Place *p = calloc(1, sizeof *p);
    DbError error;
    snprintf(p->folder, sizeof p->folder, "/tmp/millwright-pool-XXXXXX");
    assert_non_null(mkdtemp(p->folder));
    snprintf(p->path, sizeof p->path, "%s/a.db", p->folder);
    snprintf(p->url, sizeof p->url, "sqlite:%s", p->path);
    Db *db = db_open(&(DbConfig){.url = p->url}, DB_WRITE, &error);
    assert_non_null(db);
    assert_true(db_exec(db, "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER) STRICT"));
    db_close(db);
    *state = p;
    return 0;
}

static int tear_down(void **state) {
    static const char *const ends[] = {"", "-wal", "-shm"};
    Place *p = *state;
    char path[128];
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s%s", p->path, ends[i]);
        unlink(path);
    }
    rmdir(p->folder);
    free(p);
    return 0;
}

typedef struct {
    PoolJob job;
    sem_t *gate, *finished;
    int64_t seen;
    DbStatus status;
    bool wrote;
} Read;

static void read_run(PoolJob *base, Db *db) {
    Read *job = (Read *)base;
    if (job->gate) sem_wait(job->gate);
    Stmt *st = db_prepare(db, S("SELECT count(*) + 7 FROM t"));
    job->seen = stmt_step(st) ? stmt_int(st, 0) : -1;
    stmt_reset(st);
    job->status = db->error.status;
    db_clear_error(db);
    job->wrote = stmt_run(db_prepare(db, S("INSERT INTO t (n) VALUES (1)")));
    sem_post(job->finished);
}

static void pool_jobs_read_and_cannot_write(void **state) {
    Place *p = *state;
    Pool *pool = pool_start(&(DbConfig){.url = p->url}, 3, 100);
    sem_t finished;
    sem_init(&finished, 0, 0);
    Read jobs[50];
    for (int i = 0; i < 50; i++) {
        jobs[i] = (Read){.job = {.run = read_run}, .finished = &finished};
        assert_true(pool_submit(pool, &jobs[i].job));
    }
    pool_stop(pool);
    for (int i = 0; i < 50; i++) {
        assert_int_equal(jobs[i].seen, 7);
        assert_int_equal(jobs[i].status, DB_OK);
        assert_false(jobs[i].wrote);
    }
    sem_destroy(&finished);
}

static void a_full_pool_refuses(void **state) {
    Place *p = *state;
    Pool *pool = pool_start(&(DbConfig){.url = p->url}, 1, 2);
    sem_t gate, finished;
    sem_init(&gate, 0, 0);
    sem_init(&finished, 0, 0);
    Read jobs[5];
    bool in[5];
    int taken = 0;
    for (int i = 0; i < 5; i++) {
        jobs[i] = (Read){.job = {.run = read_run}, .gate = &gate, .finished = &finished};
        in[i] = pool_submit(pool, &jobs[i].job);
        taken += in[i];
    }
    assert_true(taken == 2 || taken == 3);
    PoolStats stats;
    pool_stats(pool, &stats);
    assert_int_equal(stats.refused, 5 - taken);
    assert_int_equal(stats.queued + stats.running, taken);
    for (int i = 0; i < taken; i++) sem_post(&gate);
    pool_stop(pool);
    for (int i = 0; i < 5; i++) assert_int_equal(jobs[i].seen, in[i] ? 7 : 0);
    sem_destroy(&gate);
    sem_destroy(&finished);
}

static void a_pool_without_its_database_fails_jobs_and_recovers(void **state) {
    Place *p = *state;
    char moved[128];
    snprintf(moved, sizeof moved, "%s.moved", p->path);
    assert_int_equal(rename(p->path, moved), 0);
    Pool *pool = pool_start(&(DbConfig){.url = p->url}, 1, 10);
    sem_t finished;
    sem_init(&finished, 0, 0);
    Read job = {.job = {.run = read_run}, .finished = &finished};
    assert_true(pool_submit(pool, &job.job));
    sem_wait(&finished);
    assert_int_equal(job.status, DB_DOWN);
    assert_int_equal(job.seen, -1);
    assert_false(job.wrote);
    assert_int_equal(rename(moved, p->path), 0);
    assert_true(pool_submit(pool, &job.job));
    pool_stop(pool);
    assert_int_equal(job.status, DB_OK);
    assert_int_equal(job.seen, 7);
    sem_destroy(&finished);
}

#define DB_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        DB_TEST(pool_jobs_read_and_cannot_write),
        DB_TEST(a_full_pool_refuses),
        DB_TEST(a_pool_without_its_database_fails_jobs_and_recovers),
    };
    log_open(2, LOG_OFF);
    return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
