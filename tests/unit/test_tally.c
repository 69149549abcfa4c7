/* Live counts: what is found is always what counting the committed rows would
 * give, whatever is written, refused or stored at the same time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>

#undef fail /* cmocka's; ours is in base/error.h */
#include "model/tally.h"
#include "tiny.h"

enum { DRAFT, DONE, NO_STATUS, N_GROUPS };

typedef struct {
    Registry *registry;
    const Model *m, *other;
    Tallies *t;
} Made;

static int set_up(void **state) {
    Made *made = calloc(1, sizeof *made);
    made->registry = tiny_registry(NULL);
    made->m = registry_model(made->registry, "purchases");
    made->other = registry_model(made->registry, "sales");
    made->t = tallies_new();
    *state = made;
    return 0;
}

static int tear_down(void **state) {
    Made *made = *state;
    tallies_free(made->t);
    registry_free(made->registry);
    free(made);
    return 0;
}

static Value text(const char *s) { return s ? value_text(str_of(s)) : VALUE_NULL; }

static int at(const Model *m, const char *field) { return model_field(m, field)->index; }

/* The values of a purchase; they hold for the next three calls. */
static const Value *row(const Model *m, const char *status, int64_t total) {
    static _Thread_local Value ring[4][FIELDS_MAX];
    static _Thread_local int next;
    Value *values = ring[next++ & 3];
    memset(values, 0, sizeof ring[0]);
    values[at(m, "status")] = text(status);
    values[at(m, "total")] = value_int(total);
    return values;
}

static TallyKey by_status(const Model *m, int64_t organization) {
    return (TallyKey){.organization_id = organization, .model = m,
                      .group = model_field(m, "status"), .sum = model_field(m, "total")};
}

static TallyKey all(const Model *m, int64_t organization) {
    return (TallyKey){.organization_id = organization, .model = m};
}

static void store_now(Tallies *t, const TallyKey *key, const TallyResult *r) {
    tally_store(t, key, r, tally_version(t));
}

static void commit(Tallies *t, bool committed) {
    tally_before_commit(t);
    tally_after_commit(t, committed);
}

static int64_t total_of(Tallies *t, const TallyKey *key) {
    TallyResult r;
    return tally_find(t, key, &r) ? r.count[0] : -1;
}

static void a_change_reaches_the_groups_it_concerns_once_committed(void **state) {
    Made *made = *state;
    TallyKey key = by_status(made->m, 1);
    store_now(made->t, &key, &(TallyResult){.n_groups = N_GROUPS, .count = {5, 2}, .sum = {50, 20}});
    tally_note(made->t, 1, made->m, NULL, row(made->m, "draft", 7));
    tally_note(made->t, 1, made->m, row(made->m, "draft", 10), row(made->m, "done", 12));
    tally_note(made->t, 1, made->m, row(made->m, "done", 3), NULL);
    tally_note(made->t, 1, made->m, NULL, row(made->m, NULL, 4));
    tally_keep(made->t);
    TallyResult r;
    assert_true(tally_find(made->t, &key, &r));
    assert_int_equal(r.count[DRAFT], 5);
    commit(made->t, true);
    assert_true(tally_find(made->t, &key, &r));
    assert_int_equal(r.n_groups, N_GROUPS);
    assert_int_equal(r.count[DRAFT], 5);
    assert_int_equal(r.count[DONE], 2);
    assert_int_equal(r.count[NO_STATUS], 1);
    assert_int_equal(r.sum[DRAFT], 47);
    assert_int_equal(r.sum[DONE], 29);
    assert_int_equal(r.sum[NO_STATUS], 4);
}

static void other_organizations_and_models_are_left_alone(void **state) {
    Made *made = *state;
    TallyKey mine = all(made->m, 1), theirs = all(made->m, 2), sales = all(made->other, 1);
    TallyResult five = {.n_groups = 1, .count = {5}};
    store_now(made->t, &mine, &five);
    store_now(made->t, &theirs, &five);
    store_now(made->t, &sales, &five);
    tally_note(made->t, 1, made->m, NULL, row(made->m, "draft", 1));
    tally_keep(made->t);
    commit(made->t, true);
    assert_int_equal(total_of(made->t, &mine), 6);
    assert_int_equal(total_of(made->t, &theirs), 5);
    assert_int_equal(total_of(made->t, &sales), 5);
}

static void refused_jobs_and_failed_commits_count_nothing(void **state) {
    Made *made = *state;
    TallyKey key = all(made->m, 1);
    store_now(made->t, &key, &(TallyResult){.n_groups = 1, .count = {5}});
    tally_note(made->t, 1, made->m, NULL, row(made->m, "draft", 1));
    tally_keep(made->t);
    tally_note(made->t, 1, made->m, NULL, row(made->m, "draft", 1));
    tally_drop(made->t);
    commit(made->t, true);
    assert_int_equal(total_of(made->t, &key), 6);
    tally_note(made->t, 1, made->m, NULL, row(made->m, "draft", 1));
    tally_keep(made->t);
    commit(made->t, false);
    assert_int_equal(total_of(made->t, &key), 6);
    tally_note(made->t, 1, made->m, NULL, row(made->m, "draft", 1));
    tally_keep(made->t);
    commit(made->t, true);
    assert_int_equal(total_of(made->t, &key), 7);
}

static void a_part_of_a_job_can_be_taken_back(void **state) {
    Made *made = *state;
    TallyKey key = all(made->m, 1);
    store_now(made->t, &key, &(TallyResult){.n_groups = 1});
    for (int i = 0; i < 3; i++) {
        size_t mark = tally_mark(made->t);
        tally_note(made->t, 1, made->m, NULL, row(made->m, "draft", 1));
        if (i == 1) tally_return(made->t, mark);
    }
    tally_keep(made->t);
    commit(made->t, true);
    assert_int_equal(total_of(made->t, &key), 2);
}

static void equal_filters_are_one_tally_in_whatever_order(void **state) {
    Made *made = *state;
    char done[] = "done";
    Value status = text(done), least = value_int(10), unlike = value_int(11);
    Filter a = {model_field(made->m, "status"), OP_EQ, &status, 1};
    Filter b = {model_field(made->m, "total"), OP_GTE, &least, 1};
    Filter b2 = {model_field(made->m, "total"), OP_GTE, &unlike, 1};
    TallyKey key = all(made->m, 1), same = key, unequal = key;
    key.filters = (Filter[]){a, b};
    same.filters = (Filter[]){b, a};
    unequal.filters = (Filter[]){b2, a};
    key.n_filters = same.n_filters = unequal.n_filters = 2;
    store_now(made->t, &key, &(TallyResult){.n_groups = 1, .count = {4}});
    memset(done, 'x', sizeof done - 1); /* the key has its own copy */
    status = text("done");
    assert_int_equal(total_of(made->t, &same), 4);
    assert_int_equal(total_of(made->t, &unequal), -1);
    tally_note(made->t, 1, made->m, NULL, row(made->m, "done", 10));
    tally_note(made->t, 1, made->m, NULL, row(made->m, "done", 9));
    tally_note(made->t, 1, made->m, NULL, row(made->m, "draft", 99));
    tally_note(made->t, 1, made->m, row(made->m, "done", 20), row(made->m, "draft", 20));
    tally_keep(made->t);
    commit(made->t, true);
    assert_int_equal(total_of(made->t, &key), 4);
}

/* A count made before a change of the batch must not be kept without it. */
static void what_a_change_overtook_is_not_stored(void **state) {
    Made *made = *state;
    TallyKey key = all(made->m, 1), theirs = all(made->m, 2);
    TallyResult five = {.n_groups = 1, .count = {5}};
    uint64_t before = tally_version(made->t);
    tally_note(made->t, 1, made->m, NULL, row(made->m, "draft", 1));
    tally_store(made->t, &key, &five, before);
    assert_int_equal(total_of(made->t, &key), -1);
    tally_keep(made->t);
    tally_store(made->t, &key, &five, before);
    assert_int_equal(total_of(made->t, &key), -1);
    commit(made->t, true);
    tally_store(made->t, &key, &five, before);
    assert_int_equal(total_of(made->t, &key), -1);
    tally_store(made->t, &theirs, &five, before); /* not concerned */
    assert_int_equal(total_of(made->t, &theirs), 5);
    store_now(made->t, &key, &five);
    assert_int_equal(total_of(made->t, &key), 5);
}

/* The writer calls no commit for a batch that keeps nothing. */
static void a_dropped_job_blocks_nobody(void **state) {
    Made *made = *state;
    TallyKey key = all(made->m, 1);
    TallyResult five = {.n_groups = 1, .count = {5}};
    uint64_t before = tally_version(made->t);
    tally_note(made->t, 1, made->m, NULL, row(made->m, "draft", 1));
    tally_drop(made->t);
    tally_store(made->t, &key, &five, before);
    assert_int_equal(total_of(made->t, &key), 5);
    tally_note(made->t, 1, made->m, NULL, row(made->m, "draft", 1));
    tally_keep(made->t);
    commit(made->t, true);
    assert_int_equal(total_of(made->t, &key), 6);
}

static TallyKey with_total(const Model *m, int64_t organization, Filter *f, Value *v) {
    *f = (Filter){model_field(m, "total"), OP_EQ, v, 1};
    TallyKey key = all(m, organization);
    key.filters = f;
    key.n_filters = 1;
    return key;
}

static void the_least_asked_for_goes_first(void **state) {
    Made *made = *state;
    Filter f;
    for (int i = 0; i < 70; i++) {
        Value v = value_int(i), first = value_int(0);
        TallyKey key = with_total(made->m, 1, &f, &v);
        store_now(made->t, &key, &(TallyResult){.n_groups = 1, .count = {i}});
        key = with_total(made->m, 1, &f, &first);
        assert_int_equal(total_of(made->t, &key), 0);
    }
    int found = 0;
    for (int i = 0; i < 70; i++) {
        Value v = value_int(i);
        TallyKey key = with_total(made->m, 1, &f, &v);
        int64_t n = total_of(made->t, &key);
        assert_true(n == i || (n == -1 && i > 0 && i < 7));
        found += n >= 0;
    }
    assert_int_equal(found, 64);
}

static void all_organizations_together_stay_within_a_limit(void **state) {
    Made *made = *state;
    TallyKey noted = all(made->m, 1);
    store_now(made->t, &noted, &(TallyResult){.n_groups = 1, .count = {1}});
    tally_note(made->t, 1, made->m, NULL, row(made->m, "draft", 1));
    tally_keep(made->t);
    int found = 0;
    for (int i = 2; i < 6000; i++) {
        TallyKey key = all(made->m, i);
        store_now(made->t, &key, &(TallyResult){.n_groups = 1, .count = {i}});
    }
    for (int i = 2; i < 6000; i++) {
        TallyKey key = all(made->m, i);
        found += total_of(made->t, &key) == i;
    }
    assert_in_range(found, 3500, 4095);
    commit(made->t, true); /* the oldest of all was being written, so it stayed */
    assert_int_equal(total_of(made->t, &noted), 2);
}

static void a_sum_beyond_every_integer_is_not_told(void **state) {
    Made *made = *state;
    TallyKey key = by_status(made->m, 1);
    TallyResult r = {.n_groups = N_GROUPS, .count = {1}, .sum = {INT64_MAX - 5}};
    store_now(made->t, &key, &r);
    tally_note(made->t, 1, made->m, NULL, row(made->m, "draft", 9));
    tally_keep(made->t);
    commit(made->t, true);
    assert_false(tally_find(made->t, &key, &r));
    store_now(made->t, &key, &r);
    assert_true(tally_find(made->t, &key, &r));
}

/* --- one writer, readers that count and store, and one that only asks --- */

#define ROWS 200
#define BATCHES 3000

/* The table: what is committed, under a lock as a snapshot would be. */
typedef struct {
    Made *made;
    pthread_mutex_t lock;
    int rows[2][ROWS]; /* by organization: 0 none, 1 draft, 2 done; amount is the index */
    atomic_bool stop;
    atomic_int stored, wrong;
} Table;

static const char *const states[] = {NULL, "draft", "done"};

static TallyResult count(Table *table, int organization) {
    TallyResult r = {.n_groups = N_GROUPS};
    pthread_mutex_lock(&table->lock);
    for (int i = 0; i < ROWS; i++) {
        int status = table->rows[organization][i];
        if (!status) continue;
        r.count[status - 1]++;
        r.sum[status - 1] += i;
    }
    pthread_mutex_unlock(&table->lock);
    return r;
}

static bool same(const TallyResult *a, const TallyResult *b) {
    return !memcmp(a->count, b->count, sizeof(int64_t) * N_GROUPS) &&
           !memcmp(a->sum, b->sum, sizeof(int64_t) * N_GROUPS);
}

static void *reader(void *arg) {
    Table *table = arg;
    for (unsigned i = 0; !table->stop; i++) {
        int organization = i & 1;
        TallyKey key = by_status(table->made->m, organization + 1);
        TallyResult r;
        if (tally_find(table->made->t, &key, &r)) continue;
        uint64_t version = tally_version(table->made->t);
        r = count(table, organization);
        tally_store(table->made->t, &key, &r, version);
        atomic_fetch_add(&table->stored, 1);
    }
    return NULL;
}

/* Pushes tallies out again and again, so that the readers have to store. */
static void *crowd(void *arg) {
    Table *table = arg;
    Filter f;
    for (int i = 0; !table->stop; i++) {
        Value v = value_int(i % 500);
        TallyKey key = with_total(table->made->m, 1 + i / 80 % 2, &f, &v);
        TallyResult r = {.n_groups = 1};
        if (!tally_find(table->made->t, &key, &r))
            store_now(table->made->t, &key, &r);
    }
    return NULL;
}

static unsigned dice(unsigned *seed, unsigned sides) {
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % sides;
}

/* Changes one row of `rows`; gives which, and notes it. */
static void change(Table *table, int rows[2][ROWS], unsigned *seed) {
    int organization = (int)dice(seed, 2), i = (int)dice(seed, ROWS), to = (int)dice(seed, 3);
    const Model *m = table->made->m;
    int from = rows[organization][i];
    if (!from && !to) return;
    tally_note(table->made->t, organization + 1, m, from ? row(m, states[from], i) : NULL,
               to ? row(m, states[to], i) : NULL);
    rows[organization][i] = to;
}

static bool job(Table *table, int rows[2][ROWS], unsigned *seed) {
    int before[2][ROWS];
    memcpy(before, rows, sizeof before);
    for (unsigned n = dice(seed, 4) + 1; n > 0; n--) change(table, rows, seed);
    if (dice(seed, 4)) {
        tally_keep(table->made->t);
        return true;
    }
    tally_drop(table->made->t);
    memcpy(rows, before, sizeof before);
    return false;
}

static void batch(Table *table, unsigned *seed) {
    int rows[2][ROWS], kept = 0;
    memcpy(rows, table->rows, sizeof rows);
    for (unsigned n = dice(seed, 4) + 1; n > 0; n--) kept += job(table, rows, seed);
    if (!kept) return;
    bool committed = dice(seed, 8) != 0;
    tally_before_commit(table->made->t);
    if (committed) {
        pthread_mutex_lock(&table->lock);
        memcpy(table->rows, rows, sizeof rows);
        pthread_mutex_unlock(&table->lock);
    }
    if (!dice(seed, 4)) sched_yield();
    tally_after_commit(table->made->t, committed);
}

static void check(Table *table) {
    for (int organization = 0; organization < 2; organization++) {
        TallyKey key = by_status(table->made->m, organization + 1);
        TallyResult found, counted = count(table, organization);
        if (tally_find(table->made->t, &key, &found) && !same(&found, &counted))
            atomic_fetch_add(&table->wrong, 1);
    }
}

static void counts_stay_exact_while_others_write_and_store(void **state) {
    static Table table;
    pthread_t threads[3];
    unsigned seed = 7;
    memset(&table, 0, sizeof table);
    table.made = *state;
    pthread_mutex_init(&table.lock, NULL);
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, i ? reader : crowd, &table), 0);
    for (int i = 0; i < BATCHES; i++) {
        batch(&table, &seed);
        check(&table);
        if (!dice(&seed, 8)) sched_yield();
    }
    table.stop = true;
    for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
    check(&table);
    assert_int_equal(table.wrong, 0);
    assert_true(table.stored > 10);
    pthread_mutex_destroy(&table.lock);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        EACH(a_change_reaches_the_groups_it_concerns_once_committed),
        EACH(other_organizations_and_models_are_left_alone),
        EACH(refused_jobs_and_failed_commits_count_nothing),
        EACH(a_part_of_a_job_can_be_taken_back),
        EACH(equal_filters_are_one_tally_in_whatever_order),
        EACH(what_a_change_overtook_is_not_stored),
        EACH(a_dropped_job_blocks_nobody),
        EACH(the_least_asked_for_goes_first),
        EACH(all_organizations_together_stay_within_a_limit),
        EACH(a_sum_beyond_every_integer_is_not_told),
        EACH(counts_stay_exact_while_others_write_and_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
