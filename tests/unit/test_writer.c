/* The writer's promises: what is answered is committed, a refused job leaves
 * nothing, a failed commit answers nobody with yes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#undef fail /* cmocka's; ours is in base/error.h */
#include "base/log.h"
#include "db/writer.h"

#include "broken_disk.h"

typedef struct {
    char folder[64], path[80], url[96];
    Db *reader;
} Place;

static Db *open_at(const Place *p, DbMode mode) {
    DbConfig config = {.url = p->url};
    DbError error;
    Db *db = db_open(&config, mode, &error);
    assert_non_null(db);
    return db;
}

static int set_up(void **state) {
    Place *p = calloc(1, sizeof *p);
    snprintf(p->folder, sizeof p->folder, "/tmp/millwright-writer-XXXXXX");
    assert_non_null(mkdtemp(p->folder));
    snprintf(p->path, sizeof p->path, "%s/a.db", p->folder);
    snprintf(p->url, sizeof p->url, "sqlite:%s", p->path);
    Db *db = open_at(p, DB_WRITE);
    assert_true(db_exec(db, "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER UNIQUE, pad TEXT)"
                            " STRICT"));
    db_close(db);
    p->reader = open_at(p, DB_READ);
    *state = p;
    return 0;
}

static int tear_down(void **state) {
    static const char *const ends[] = {"", "-wal", "-shm"};
    Place *p = *state;
    char path[128];
    db_close(p->reader);
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s%s", p->path, ends[i]);
        unlink(path);
    }
    rmdir(p->folder);
    free(p);
    return 0;
}

static int64_t rows(const Place *p) {
    Stmt *st = db_prepare(p->reader, S("SELECT count(*) FROM t"));
    int64_t n = stmt_step(st) ? stmt_int(st, 0) : -1;
    stmt_reset(st);
    return n;
}

/* --- jobs --- */

typedef enum { INSERT, REFUSE, BREAK_AND_LIE, OVERFLOW, FORGET_RESET } What;

typedef struct {
    WriterJob job;
    What what;
    int64_t n;
    const Place *place; /* when set, done() counts what is visible to others */
    int64_t visible;
    DbStatus status;
    int ran, answered;
    sem_t *gate; /* run() waits here */
} Job;

static bool job_run(WriterJob *base, Db *db) {
    Job *job = (Job *)base;
    if (job->gate) sem_wait(job->gate);
    job->ran++;
    Stmt *st = db_prepare(db, S("INSERT INTO t (n, pad) VALUES (?1, ?2) RETURNING id"));
    stmt_bind_int(st, 1, job->n);
    stmt_step(st);
    if (job->what == FORGET_RESET) return true;
    stmt_reset(st);
    if (job->what == BREAK_AND_LIE) db_prepare(db, S("SELECT * FROM nowhere"));
    for (int i = 0; job->what == OVERFLOW && i < 1000; i++)
        stmt_run(db_prepare(db, S("INSERT INTO t (pad) VALUES (hex(randomblob(4000)))")));
    if (job->what == OVERFLOW || job->what == INSERT) return !db_failed(db);
    return job->what == BREAK_AND_LIE;
}

static void job_done(WriterJob *base, DbStatus status) {
    Job *job = (Job *)base;
    if (job->place) job->visible = rows(job->place);
    job->status = status;
    job->answered++;
}

static Job make(What what, int64_t n) {
    return (Job){.job = {.run = job_run, .done = job_done}, .what = what, .n = n};
}

static Writer *start(const Place *p, const WriterConfig *config) {
    static const WriterConfig none;
    return writer_start(open_at(p, DB_WRITE), config ? config : &none);
}

/* Submits all so that they are one batch: the first holds until all are in. */
static void one_batch(Writer *w, Job *jobs, int n) {
    sem_t gate;
    sem_init(&gate, 0, 0);
    jobs[0].gate = &gate;
    for (int i = 0; i < n; i++) assert_true(writer_submit(w, &jobs[i].job));
    sem_post(&gate);
    Job last = make(REFUSE, 1000000);
    assert_true(writer_submit_wait(w, &last.job));
    sem_destroy(&gate);
}

static const WriterConfig patient = {.batch_us = 5000000};

/* --- the writer --- */

static void an_answer_means_committed(void **state) {
    Place *p = *state;
    Writer *w = start(p, NULL);
    Job job = make(INSERT, 1);
    job.place = p;
    assert_true(writer_submit_wait(w, &job.job));
    assert_int_equal(job.answered, 1);
    assert_int_equal(job.status, DB_OK);
    assert_true(job.job.kept);
    assert_int_equal(job.visible, 1);
    writer_stop(w);
}

static void jobs_of_a_batch_share_a_commit_and_are_answered_after_it(void **state) {
    Place *p = *state;
    Writer *w = start(p, &patient);
    Job jobs[20];
    for (int i = 0; i < 20; i++) jobs[i] = make(INSERT, i), jobs[i].place = p;
    one_batch(w, jobs, 20);
    WriterStats stats;
    writer_stats(w, &stats);
    assert_int_equal(stats.commits, 1);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(jobs[i].ran, 1);
        assert_int_equal(jobs[i].answered, 1);
        assert_int_equal(jobs[i].status, DB_OK);
        assert_int_equal(jobs[i].visible, 20);
    }
    writer_stop(w);
}

static void a_refused_job_leaves_nothing_and_harms_nobody(void **state) {
    Place *p = *state;
    Writer *w = start(p, &patient);
    Job jobs[] = {make(INSERT, 1), make(REFUSE, 2), make(INSERT, 1), make(INSERT, 3)};
    one_batch(w, jobs, 4);
    WriterStats stats;
    writer_stats(w, &stats);
    writer_stop(w);
    assert_int_equal(rows(p), 2);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(jobs[i].status, DB_OK);
        assert_int_equal(jobs[i].job.kept, i == 0 || i == 3);
    }
    assert_int_equal(stats.refused, 3); /* and the one that closes a batch */
}

static void a_job_that_overlooks_its_error_is_not_kept(void **state) {
    Place *p = *state;
    Writer *w = start(p, &patient);
    Job jobs[] = {make(INSERT, 1), make(BREAK_AND_LIE, 2), make(INSERT, 3)};
    one_batch(w, jobs, 3);
    writer_stop(w);
    assert_int_equal(jobs[0].status, DB_OK);
    assert_int_equal(jobs[1].status, DB_BUG);
    assert_false(jobs[1].job.kept);
    assert_int_equal(jobs[2].status, DB_OK);
    assert_int_equal(rows(p), 2);
}

static void a_forgotten_statement_is_no_obstacle(void **state) {
    Place *p = *state;
    Writer *w = start(p, &patient);
    Job jobs[] = {make(FORGET_RESET, 1), make(INSERT, 2)};
    one_batch(w, jobs, 2);
    writer_stop(w);
    assert_int_equal(jobs[0].status, DB_OK);
    assert_int_equal(jobs[1].status, DB_OK);
    assert_int_equal(rows(p), 2);
}

static bool limit_pages(WriterJob *base, Db *db) {
    Job *job = (Job *)base;
    return db_exec(db, job->n ? "PRAGMA max_page_count = 100" : "PRAGMA max_page_count = 100000");
}

static void a_full_database_fails_the_batch_and_the_next_one_works(void **state) {
    Place *p = *state;
    Writer *w = start(p, &patient);
    Job limit = make(INSERT, 1);
    limit.job.run = limit_pages;
    assert_true(writer_submit_wait(w, &limit.job));
    Job jobs[] = {make(INSERT, 1), make(OVERFLOW, 2)};
    one_batch(w, jobs, 2);
    int64_t after_failure = rows(p);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(jobs[i].status, DB_FULL);
        assert_false(jobs[i].job.kept);
    }
    assert_int_equal(after_failure, 0);
    Job next = make(INSERT, 5);
    assert_true(writer_submit_wait(w, &next.job));
    assert_int_equal(next.status, DB_OK);
    assert_int_equal(rows(p), 1);
    writer_stop(w);
}

static void a_full_disk_at_commit_answers_no_and_goes_on(void **state) {
    Place *p = *state;
    Writer *w = start(p, &patient);
    Job jobs[] = {make(INSERT, 1), make(REFUSE, 2), make(INSERT, 3)};
    fail_write = SQLITE_FULL;
    one_batch(w, jobs, 3);
    fail_write = 0;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(jobs[i].status, DB_FULL);
        assert_int_equal(jobs[i].answered, 1);
        assert_false(jobs[i].job.kept);
    }
    assert_int_equal(rows(p), 0);
    Job again = make(INSERT, 1);
    assert_true(writer_submit_wait(w, &again.job));
    assert_int_equal(again.status, DB_OK);
    WriterStats stats;
    writer_stats(w, &stats);
    assert_int_equal(stats.failed_commits, 1);
    assert_int_equal(stats.commits, 1);
    writer_stop(w);
    assert_int_equal(rows(p), 1);
}

#define ROWS(n) "INSERT INTO t (n, pad) WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < " n ")" \
                " SELECT x, hex(randomblob(1500)) FROM c"

static void a_large_transaction_goes_to_the_log_in_few_writes(void **state) {
    Place *p = *state;
    Db *db = open_at(p, DB_WRITE);
    int before = wal_writes;
    assert_true(db_exec(db, "BEGIN; " ROWS("1000") "; COMMIT"));
    assert_in_range(wal_writes - before, 1, 150); /* of 1,000 pages and more */
    assert_int_equal(rows(p), 1000);
    db_close(db);
}

/* More than the page cache holds, so that what was written is read again. */
static void what_is_not_committed_yet_can_be_read_again(void **state) {
    Place *p = *state;
    Db *db = open_at(p, DB_WRITE);
    assert_true(db_exec(db, "BEGIN; " ROWS("3000") "; UPDATE t SET pad = lower(pad)"));
    Stmt *st = db_prepare(db, S("SELECT count(*), sum(length(pad)), sum(pad = lower(pad)) FROM t"));
    assert_true(stmt_step(st));
    assert_int_equal(stmt_int(st, 0), 3000);
    assert_int_equal(stmt_int(st, 1), 3000 * 3000);
    assert_int_equal(stmt_int(st, 2), 3000);
    stmt_reset(st);
    assert_int_equal(rows(p), 0);
    fail_write = SQLITE_FULL;
    assert_false(db_exec(db, "COMMIT"));
    fail_write = 0;
    assert_int_equal(db->error.status, DB_FULL);
    db_clear_error(db);
    db_control(db, S("ROLLBACK"));
    db_clear_error(db);
    assert_true(db_exec(db, "INSERT INTO t (n) VALUES (1)"));
    assert_int_equal(rows(p), 1);
    st = db_prepare(p->reader, S("PRAGMA integrity_check"));
    assert_true(stmt_step(st) && str_is(stmt_text(st, 0), "ok"));
    stmt_reset(st);
    db_close(db);
}

static bool refer_to_nothing(WriterJob *base, Db *db) {
    (void)base;
    return db_exec(db, "INSERT INTO late (id, t_id) VALUES (1, 999)");
}

static void a_reference_found_broken_at_commit_fails_the_batch_only(void **state) {
    Place *p = *state;
    Db *db = open_at(p, DB_WRITE);
    assert_true(db_exec(db, "CREATE TABLE late (id INTEGER PRIMARY KEY, t_id INTEGER REFERENCES"
                            " t(id) DEFERRABLE INITIALLY DEFERRED) STRICT"));
    Writer *w = writer_start(db, &patient);
    Job job = make(INSERT, 1);
    job.job.run = refer_to_nothing;
    assert_true(writer_submit_wait(w, &job.job));
    assert_int_equal(job.status, DB_FOREIGN_KEY);
    Job next = make(INSERT, 2);
    assert_true(writer_submit_wait(w, &next.job));
    assert_int_equal(next.status, DB_OK);
    writer_stop(w);
    assert_int_equal(rows(p), 1);
}

static void a_failed_fsync_stops_the_process_before_any_answer(void **state) {
    Place *p = *state;
    int told[2];
    assert_int_equal(pipe(told), 0);
    pid_t child = fork();
    if (child == 0) {
        Writer *w = start(p, NULL);
        Job job = make(INSERT, 1);
        fail_sync = SQLITE_IOERR_FSYNC;
        signal(SIGABRT, SIG_DFL);
        bool taken = writer_submit_wait(w, &job.job);
        if (write(told[1], "x", 1) != 1 || taken) _exit(1);
        _exit(0);
    }
    int ended = 0;
    char byte;
    close(told[1]);
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_true(WIFSIGNALED(ended) && WTERMSIG(ended) == SIGABRT);
    assert_int_equal(read(told[0], &byte, 1), 0);
    close(told[0]);
}

static void a_lock_that_is_not_had_fails_the_job(void **state) {
    Place *p = *state;
    Db *other = open_at(p, DB_WRITE);
    Db *own = open_at(p, DB_WRITE);
    assert_true(db_exec(own, "PRAGMA busy_timeout = 1"));
    assert_true(db_control(other, S("BEGIN IMMEDIATE")));
    Writer *w = writer_start(own, &patient);
    Job job = make(INSERT, 1);
    assert_true(writer_submit_wait(w, &job.job));
    assert_int_equal(job.status, DB_BUSY);
    assert_int_equal(job.ran, 0);
    db_close(other);
    assert_true(writer_submit_wait(w, &job.job));
    assert_int_equal(job.status, DB_OK);
    writer_stop(w);
}

static void a_full_queue_refuses_and_forgets_nothing(void **state) {
    Place *p = *state;
    Writer *w = start(p, &(WriterConfig){.queue_max = 3});
    sem_t gate;
    sem_init(&gate, 0, 0);
    Job jobs[10];
    int taken = 0;
    for (int i = 0; i < 10; i++) {
        jobs[i] = make(INSERT, i);
        if (i == 0) jobs[i].gate = &gate;
        taken += writer_submit(w, &jobs[i].job);
    }
    assert_true(taken == 3 || taken == 4); /* the first may be running already */
    sem_post(&gate);
    writer_stop(w);
    assert_int_equal(rows(p), taken);
    for (int i = 0; i < 10; i++) assert_int_equal(jobs[i].answered, jobs[i].ran);
    sem_destroy(&gate);
}

static void a_batch_has_a_greatest_size(void **state) {
    Place *p = *state;
    Writer *w = start(p, &(WriterConfig){.batch_max = 4, .batch_us = 5000000});
    Job jobs[12];
    for (int i = 0; i < 12; i++) jobs[i] = make(INSERT, i);
    one_batch(w, jobs, 12);
    WriterStats stats;
    writer_stats(w, &stats);
    assert_int_equal(stats.commits, 3);
    assert_int_equal(stats.batch_sizes[2], 3);
    assert_int_equal(stats.jobs, 13);
    writer_stop(w);
}

typedef struct {
    char log[200];
    size_t n;
    bool refusing;
} Heard;

static void hear(void *user, char what) {
    Heard *h = user;
    if (h->n + 1 < sizeof h->log) h->log[h->n++] = what;
}
static bool heard_before(void *user, Db *db) {
    hear(user, db_failed(db) ? '!' : 'b');
    return !((Heard *)user)->refusing;
}
static void heard_after(void *user, bool committed) { hear(user, committed ? 'C' : 'F'); }
static void heard_rolled_back(void *user) { hear(user, 'r'); }
static void heard_kept(void *user) { hear(user, 'k'); }

static void hooks_tell_what_happens_in_order(void **state) {
    Place *p = *state;
    Heard heard = {.n = 0};
    Writer *w = start(p, &(WriterConfig){.batch_us = 5000000,
                                         .batch_max = 3,
                                         .before_commit = heard_before,
                                         .after_commit = heard_after,
                                         .rolled_back = heard_rolled_back,
                                         .kept = heard_kept,
                                         .user = &heard});
    Job good[] = {make(INSERT, 1), make(REFUSE, 2), make(INSERT, 3)};
    one_batch(w, good, 3);
    fail_write = SQLITE_FULL;
    Job lost = make(INSERT, 4);
    assert_true(writer_submit_wait(w, &lost.job));
    fail_write = 0;
    heard.refusing = true;
    Job refused = make(INSERT, 5);
    assert_true(writer_submit_wait(w, &refused.job));
    assert_int_equal(refused.status, DB_DOWN);
    writer_stop(w);
    assert_string_equal(heard.log, "krkbCrkbFkbF");
    assert_int_equal(rows(p), 2);
}

typedef struct {
    Writer *writer;
    int first;
} Producer;

static void *produce(void *arg) {
    Producer *producer = arg;
    intptr_t bad = 0;
    for (int i = 0; i < 50; i++) {
        Job job = make(i % 5 == 4 ? REFUSE : INSERT, producer->first + i);
        bad += !writer_submit_wait(producer->writer, &job.job) || job.status != DB_OK || job.answered != 1;
    }
    return (void *)bad;
}

static void many_producers_lose_nothing(void **state) {
    Place *p = *state;
    Writer *w = start(p, NULL);
    pthread_t threads[16];
    Producer producers[16];
    for (int i = 0; i < 16; i++) {
        producers[i] = (Producer){w, i * 1000};
        pthread_create(&threads[i], NULL, produce, &producers[i]);
    }
    for (int i = 0; i < 16; i++) {
        void *bad = NULL;
        pthread_join(threads[i], &bad);
        assert_null(bad);
    }
    WriterStats stats;
    writer_stats(w, &stats);
    assert_int_equal(stats.jobs, 800);
    assert_int_equal(stats.refused, 160);
    assert_true(stats.commits < 640);
    writer_stop(w);
    assert_int_equal(rows(p), 640);
}

static void stopping_finishes_the_queue_and_empties_the_log(void **state) {
    Place *p = *state;
    Writer *w = start(p, NULL);
    Job jobs[100];
    for (int i = 0; i < 100; i++) {
        jobs[i] = make(INSERT, i);
        assert_true(writer_submit(w, &jobs[i].job));
    }
    writer_stop(w);
    char path[128];
    snprintf(path, sizeof path, "%s-wal", p->path);
    FILE *wal = fopen(path, "r");
    assert_non_null(wal);
    assert_int_equal(fgetc(wal), EOF);
    fclose(wal);
    assert_int_equal(rows(p), 100);
    for (int i = 0; i < 100; i++) assert_int_equal(jobs[i].answered, 1);
}

#define DB_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        DB_TEST(an_answer_means_committed),
        DB_TEST(jobs_of_a_batch_share_a_commit_and_are_answered_after_it),
        DB_TEST(a_refused_job_leaves_nothing_and_harms_nobody),
        DB_TEST(a_job_that_overlooks_its_error_is_not_kept),
        DB_TEST(a_forgotten_statement_is_no_obstacle),
        DB_TEST(a_full_database_fails_the_batch_and_the_next_one_works),
        DB_TEST(a_full_disk_at_commit_answers_no_and_goes_on),
        DB_TEST(a_large_transaction_goes_to_the_log_in_few_writes),
        DB_TEST(what_is_not_committed_yet_can_be_read_again),
        DB_TEST(a_reference_found_broken_at_commit_fails_the_batch_only),
        DB_TEST(a_failed_fsync_stops_the_process_before_any_answer),
        DB_TEST(a_lock_that_is_not_had_fails_the_job),
        DB_TEST(a_full_queue_refuses_and_forgets_nothing),
        DB_TEST(a_batch_has_a_greatest_size),
        DB_TEST(hooks_tell_what_happens_in_order),
        DB_TEST(many_producers_lose_nothing),
        DB_TEST(stopping_finishes_the_queue_and_empties_the_log),
    };
    log_open(2, LOG_OFF);
    shim_install();
    return cmocka_run_group_tests_name("writer", tests, NULL, NULL);
}
