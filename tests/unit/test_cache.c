/* The cache behind tokens: what it keeps, for how long, and that nothing read
 * before a drop comes back after it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"
#include "identity/cache.h"

typedef struct {
    Cache *cache;
    Arena arena;
} Made;

static int set_up(void **state) {
    Made *m = calloc(1, sizeof *m);
    if (!m || !hash_init()) return 1;
    m->cache = cache_new();
    arena_init(&m->arena, (size_t)64 << 20);
    *state = m;
    return 0;
}

static int tear_down(void **state) {
    Made *m = *state;
    cache_free(m->cache);
    arena_free(&m->arena);
    free(m);
    return 0;
}

static void put(Made *m, const char *text, int value, int64_t now, uint64_t ticket) {
    CacheValue v = {&value, sizeof value, now};
    cache_put(m->cache, str_of(text), &v, ticket);
}

static int get(Made *m, const char *text, int64_t oldest) {
    const int *found = cache_get(m->cache, str_of(text), oldest, &m->arena);
    return found ? *found : -1;
}

static bool is(const void *value, const void *arg) { return *(const int *)value == *(const int *)arg; }

static void keeps_values_until_they_are_too_old(void **state) {
    Made *m = *state;
    put(m, "one", 1, 100, cache_ticket(m->cache));
    put(m, "two", 2, 200, cache_ticket(m->cache));
    assert_int_equal(get(m, "one", 100), 1);
    assert_int_equal(get(m, "one", 101), -1);
    assert_int_equal(get(m, "two", 101), 2);
    assert_int_equal(get(m, "On", 0), -1);
    assert_int_equal(get(m, "", 0), -1);
    put(m, "one", 3, 300, cache_ticket(m->cache));
    assert_int_equal(get(m, "one", 101), 3);
}

static void drops_what_matches_only(void **state) {
    Made *m = *state;
    int gone = 1;
    put(m, "one", 1, 100, cache_ticket(m->cache));
    put(m, "uno", 1, 100, cache_ticket(m->cache));
    put(m, "two", 2, 100, cache_ticket(m->cache));
    cache_drop(m->cache, is, &gone);
    assert_int_equal(get(m, "one", 0), -1);
    assert_int_equal(get(m, "uno", 0), -1);
    assert_int_equal(get(m, "two", 0), 2);
}

static void what_was_read_before_a_drop_is_not_kept_after_it(void **state) {
    Made *m = *state;
    int anything = 99;
    uint64_t ticket = cache_ticket(m->cache);
    cache_drop(m->cache, is, &anything);
    put(m, "stale", 1, 100, ticket);
    assert_int_equal(get(m, "stale", 0), -1);
    put(m, "fresh", 1, 100, cache_ticket(m->cache));
    assert_int_equal(get(m, "fresh", 0), 1);
}

static void is_bounded_and_forgets_the_oldest(void **state) {
    Made *m = *state;
    int kept = 0, recent = 0;
    char text[32];
    for (int i = 0; i < 100000; i++) {
        snprintf(text, sizeof text, "token %d", i);
        put(m, text, i, i, cache_ticket(m->cache));
    }
    for (int i = 0; i < 100000; i++) {
        snprintf(text, sizeof text, "token %d", i);
        bool found = get(m, text, 0) == i;
        kept += found;
        recent += found && i >= 99000;
    }
    assert_in_range(kept, 3500, 4096);
    assert_in_range(recent, 980, 1000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(keeps_values_until_they_are_too_old, set_up, tear_down),
        cmocka_unit_test_setup_teardown(drops_what_matches_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_read_before_a_drop_is_not_kept_after_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(is_bounded_and_forgets_the_oldest, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
