/* The scheduler: each job for each organization, in steps, whatever fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#undef fail /* cmocka's; ours is in base/error.h */

#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "app/jobs.h"
#include "stage.h"
#include "tiny.h"

static const Resource *const resources[] = {&tiny_organizations, &tiny_accounts, &tiny_users, &tiny_vendors,
                                            &audit_logs};
static const Follower none[] = {{0}};

#define WANTED 7 /* vendors of each organization */

static atomic_int failures, steps, idle[4];
static char zones[4][64];

static int64_t vendors_of(Db *db, int64_t organization_id) {
    Stmt *st = db_prepare(db, S("SELECT count(*) FROM vendors WHERE organization_id = ?1"));
    stmt_bind_int(st, 1, organization_id);
    int64_t n = stmt_step(st) ? stmt_int(st, 0) : -1;
    stmt_reset(st);
    return n;
}

/* One vendor a step, until there are enough; then a round changes nothing. */
static bool make_vendors(Ctx *c) {
    const Model *m = ctx_model(c, "vendors");
    Input in = {.row = row_new(c->arena, m), .status = -1};
    Row row;
    atomic_fetch_add(&steps, 1);
    snprintf(zones[c->organization_id], sizeof zones[0], "%s", c->zone);
    if (vendors_of(c->db, c->organization_id) >= WANTED) {
        atomic_fetch_add(&idle[c->organization_id], 1);
        return true;
    }
    assert(ctx_may(c, m, MAY_DELETE) == MAY_ALL && !strcmp(c->origin, "job") && !c->user_id);
    in.row.values[model_field(m, "name")->index] = value_text(S("Kiran"));
    set_add(&in.given, model_field(m, "name")->index);
    return record_create(c, m, &in, &row);
}

/* What it did before it failed must not stay. */
static bool fail_late(Ctx *c) {
    if (!make_vendors(c)) return false;
    atomic_fetch_add(&failures, 1);
    return fail(c, E_CONFLICT, "as it always does");
}

static bool fail_silently(Ctx *c) {
    (void)c;
    atomic_fetch_add(&failures, 1);
    return false;
}

typedef struct {
    char folder[64], url[128];
    Registry *registry;
    Db *reader;
    WriteSide side;
    App app;
} House;

static void schema_load(House *h, Db *db) {
    Buf sql = {0};
    schema_write(h->registry, &db->driver->dialect, &sql);
    assert_true(db_exec(db, buf_c_str(&sql)));
    buf_free(&sql);
    /* tiny organizations have no time zone of their own */
    assert_true(db_exec(db, "ALTER TABLE organizations ADD COLUMN time_zone TEXT"));
    assert_true(db_exec(db, "INSERT INTO organizations (id, name, time_zone, version, created_at, updated_at) VALUES"
                            " (1, 'A', 'UTC', 1, '', ''), (2, 'B', 'Asia/Kolkata', 1, '', ''),"
                            " (3, 'C', 'Europe/Berlin', 1, '', '')"));
}

static int begin(void **state) {
    House *h = calloc(1, sizeof *h);
    Buf report = {0};
    DbError error;
    assert_true(hash_init());
    snprintf(h->folder, sizeof h->folder, "/tmp/millwright-jobs-XXXXXX");
    assert_non_null(mkdtemp(h->folder));
    snprintf(h->url, sizeof h->url, "sqlite:%s/test.db", h->folder);
    h->registry = registry_new(resources, sizeof resources / sizeof *resources, &report);
    assert_non_null(h->registry);
    assert_true(registry_follow(h->registry, none, &report));
    Db *writing = db_open(&(DbConfig){.url = h->url}, DB_WRITE, &error);
    schema_load(h, writing);
    h->reader = db_open(&(DbConfig){.url = h->url}, DB_READ, &error);
    h->side = (WriteSide){journal_heads_new(), tallies_new()};
    h->app = (App){.registry = h->registry, .side = &h->side, .tallies = h->side.tallies, .database_url = h->url};
    WriterConfig config = {.before_commit = write_side_before_commit,
                           .after_commit = write_side_after_commit,
                           .rolled_back = write_side_rolled_back,
                           .kept = write_side_kept,
                           .user = &h->side};
    h->app.writer = writer_start(writing, &config);
    atomic_store(&failures, 0);
    atomic_store(&steps, 0);
    for (int i = 0; i < 4; i++) atomic_store(&idle[i], 0);
    *state = h;
    return 0;
}

static int end(void **state) {
    House *h = *state;
    static const char *const files[] = {"test.db", "test.db-wal", "test.db-shm"};
    char path[128];
    writer_stop(h->app.writer);
    db_close(h->reader);
    journal_heads_free(h->side.heads);
    tallies_free(h->side.tallies);
    registry_free(h->registry);
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", h->folder, files[i]);
        unlink(path);
    }
    int status = rmdir(h->folder);
    free(h);
    return status;
}

static void wait_for(atomic_int *what, int at_least) {
    while (atomic_load(what) < at_least) nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
}

static void go_on_in_steps_until_nothing_is_left(void **state) {
    House *h = *state;
    static const Job jobs[] = {{"vendors", 3600, make_vendors}, {0}};
    Scheduler *s = scheduler_start(&h->app, jobs, 1);
    for (int i = 1; i <= 3; i++) wait_for(&idle[i], 2); /* also in a second round */
    scheduler_stop(s);
    for (int i = 1; i <= 3; i++) assert_int_equal(vendors_of(h->reader, i), WANTED);
    assert_string_equal(zones[2], "Asia/Kolkata");
    assert_int_equal(atomic_load(&steps), 3 * WANTED + atomic_load(&idle[1]) + atomic_load(&idle[2]) +
                                              atomic_load(&idle[3]));
}

static void that_fail_leave_nothing_and_stop_no_others(void **state) {
    House *h = *state;
    static const Job jobs[] = {{"late", 3600, fail_late}, {"silent", 3600, fail_silently}, {"vendors", 3600, make_vendors},
                               {0}};
    Scheduler *s = scheduler_start(&h->app, jobs, 1);
    for (int i = 1; i <= 3; i++) wait_for(&idle[i], 1);
    wait_for(&failures, 12); /* two jobs, three organizations, twice */
    scheduler_stop(s);
    for (int i = 1; i <= 3; i++) assert_int_equal(vendors_of(h->reader, i), WANTED);
}

static void of_none_run_nothing(void **state) {
    House *h = *state;
    static const Job jobs[] = {{"vendors", 3600, make_vendors}, {0}}, nothing[] = {{0}};
    assert_null(scheduler_start(&h->app, jobs, 0));
    assert_null(scheduler_start(&h->app, nothing, JOBS_OWN_PACE));
    scheduler_stop(NULL);
    Scheduler *s = scheduler_start(&h->app, jobs, JOBS_OWN_PACE);
    scheduler_stop(s); /* at once, before the first round */
    assert_int_equal(atomic_load(&steps), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(go_on_in_steps_until_nothing_is_left, begin, end),
        cmocka_unit_test_setup_teardown(that_fail_leave_nothing_and_stop_no_others, begin, end),
        cmocka_unit_test_setup_teardown(of_none_run_nothing, begin, end),
    };
    return cmocka_run_group_tests_name("jobs", tests, NULL, NULL);
}
