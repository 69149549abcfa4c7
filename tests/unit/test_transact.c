/* Writes in transactions of their own: a deadlock is run again from its start,
 * a refused job leaves nothing, a commit whose answer is lost is never guessed
 * (db/transact.h). Needs a server (MILLWRIGHT_TEST_DATABASE). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>

#undef fail /* cmocka's; ours is in base/error.h */
#include "base/log.h"
#include "db/transact.h"

#include "place.h"

static int set_up(void **state) {
    Place *p = place_new(false);
    p->db = place_open(p->url, DB_WRITE);
    assert_true(db_exec(p->db, "CREATE TABLE t (id bigint PRIMARY KEY, n bigint NOT NULL); INSERT INTO t VALUES (1, 0), (2, 0);"
                               "CREATE TABLE done (key bigint PRIMARY KEY)"));
    *state = p;
    return 0;
}

static int tear_down(void **state) {
    Place *p = *state;
    db_close(p->db);
    place_free(p);
    return 0;
}

typedef struct {
    WriterJob job;
    const Place *place;
    int64_t first, second; /* rows it adds one to, in this order */
    pthread_barrier_t *both;
    int runs, dones;
    bool refuse, hang_up, commit_first;
    DbStatus status;
} Add;

static void add_one(Db *db, int64_t id) {
    Stmt *st = db_prepare(db, S("UPDATE t SET n = n + 1 WHERE id = ?1"));
    stmt_bind_int(st, 1, id);
    stmt_run(st);
}

static void hang_up(Add *a, Db *db) {
    char sql[128];
    Db *other = place_open(a->place->server, DB_WRITE);
    snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%lld, 5000)", (long long)place_number(db, "SELECT pg_backend_pid()"));
    db_exec(other, sql);
    db_close(other);
}

static bool add_run(WriterJob *job, Db *db) {
    Add *a = (Add *)job;
    a->runs++;
    if (job->exactly_once && place_number(db, "SELECT count(*) FROM done") > 0) return false;
    add_one(db, a->first);
    if (a->both && a->runs == 1) pthread_barrier_wait(a->both);
    if (a->second) add_one(db, a->second);
    if (job->exactly_once) stmt_run(db_prepare(db, S("INSERT INTO done VALUES (1)")));
    if (a->hang_up && a->runs == 1) {
        if (a->commit_first) db_exec(db, "COMMIT; BEGIN"); /* it was done, and only the answer is lost */
        hang_up(a, db);
    }
    return !a->refuse && !db_failed(db);
}

static bool add_again(WriterJob *job) {
    (void)job;
    return true;
}

static void add_done(WriterJob *job, DbStatus status) {
    Add *a = (Add *)job;
    a->dones++;
    a->status = status;
}

#define ADD(p, ...) {.job = {.run = add_run, .done = add_done, .again = add_again}, .place = (p), __VA_ARGS__}

static int64_t total(const Place *p) { return place_number(p->db, "SELECT CAST(sum(n) AS bigint) FROM t"); }

static void what_is_kept_is_committed_and_what_is_refused_is_not(void **state) {
    Place *p = *state;
    Db *db = place_open(p->url, DB_WRITE);
    Add kept = ADD(p, .first = 1), refused = ADD(p, .first = 1, .refuse = true);
    transact(&kept.job, db, NULL);
    transact(&refused.job, db, NULL);
    assert_int_equal(kept.dones + refused.dones, 2);
    assert_true(kept.job.kept);
    assert_false(refused.job.kept);
    assert_int_equal(kept.status, DB_OK);
    assert_int_equal(refused.status, DB_OK);
    assert_int_equal(total(p), 1);
    db_close(db);
}

static void a_deadlock_is_run_again(void **state) {
    Place *p = *state;
    pthread_barrier_t both;
    pthread_barrier_init(&both, NULL, 2);
    Add one = ADD(p, .first = 1, .second = 2, .both = &both), two = ADD(p, .first = 2, .second = 1, .both = &both);
    Pool *pool = pool_start(&(DbConfig){.url = p->url, .timeout_s = 20}, 2, 10);
    assert_true(transact_submit(pool, &one.job));
    assert_true(transact_submit_wait(pool, &two.job));
    pool_stop(pool);
    assert_int_equal(one.runs + two.runs, 3);
    assert_int_equal(one.dones + two.dones, 2);
    assert_true(one.job.kept && two.job.kept);
    assert_int_equal(total(p), 4);
    pthread_barrier_destroy(&both);
}

static void writes_of_one_organization_take_turns(void **state) {
    Place *p = *state;
    Pool *pool = pool_start(&(DbConfig){.url = p->url, .timeout_s = 20}, 4, 100);
    Add adds[40];
    for (int i = 0; i < 40; i++) {
        adds[i] = (Add)ADD(p, .first = 1 + i % 2, .second = 2 - i % 2);
        adds[i].job.organization_id = 7;
        assert_true(transact_submit(pool, &adds[i].job));
    }
    pool_stop(pool);
    for (int i = 0; i < 40; i++) assert_int_equal(adds[i].runs, 1);
    assert_int_equal(total(p), 80);
}

static void a_lost_commit_is_told_as_unknown(void **state) {
    Place *p = *state;
    Db *db = place_open(p->url, DB_WRITE);
    Add lost = ADD(p, .first = 1, .hang_up = true);
    transact(&lost.job, db, NULL);
    assert_int_equal(lost.runs, 1);
    assert_int_equal(lost.status, DB_UNKNOWN);
    Add next = ADD(p, .first = 2);
    transact(&next.job, db, NULL);
    assert_int_equal(next.status, DB_OK);
    assert_int_equal(total(p), 1);
    db_close(db);
}

static void a_lost_commit_is_looked_into_where_that_can_be_known(void **state) {
    Place *p = *state;
    Db *db = place_open(p->url, DB_WRITE);
    for (int done = 0; done < 2; done++) {
        Add lost = ADD(p, .first = 1, .hang_up = true, .commit_first = done == 1);
        lost.job.exactly_once = true;
        transact(&lost.job, db, NULL);
        assert_int_equal(lost.runs, 2);
        assert_int_equal(lost.status, DB_OK);
        assert_int_equal(total(p), 1 + done);
        assert_true(db_exec(p->db, "DELETE FROM done"));
    }
    db_close(db);
}

#define DB_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        DB_TEST(what_is_kept_is_committed_and_what_is_refused_is_not),
        DB_TEST(a_deadlock_is_run_again),
        DB_TEST(writes_of_one_organization_take_turns),
        DB_TEST(a_lost_commit_is_told_as_unknown),
        DB_TEST(a_lost_commit_is_looked_into_where_that_can_be_known),
    };
    log_open(2, LOG_OFF);
    return place_server() ? cmocka_run_group_tests_name("transact", tests, NULL, NULL) : 0;
}
