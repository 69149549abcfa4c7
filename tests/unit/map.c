/* The hash table (base/map.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/map.h"

static void what_was_put_is_found(void **state) {
    (void)state;
    Arena a;
    Map m;
    static int values[2000];
    arena_init(&a, (size_t)1 << 20);
    map_init(&m, &a, 0);
    for (int i = 0; i < 2000; i++) assert_true(map_put(&m, arena_fmt(&a, "field_%d", i), &values[i]));
    assert_int_equal(m.n, 2000);
    assert_true(m.n <= m.cap / 2);
    for (int i = 0; i < 2000; i++) {
        char key[32];
        int n = snprintf(key, sizeof key, "field_%d", i);
        assert_ptr_equal(map_get(&m, (Str){key, (size_t)n}), &values[i]);
        assert_null(map_get(&m, (Str){key + 1, (size_t)n - 1}));
    }
    assert_null(map_get(&m, S("field_2000")));
    assert_null(map_get(&m, S("")));
    arena_free(&a);
}

static void a_second_value_for_a_key_is_refused(void **state) {
    (void)state;
    Arena a;
    Map m;
    arena_init(&a, (size_t)1 << 20);
    map_init(&m, &a, 10);
    static const char first[] = "first", second[] = "second";
    assert_true(map_put(&m, S("name"), first));
    assert_false(map_put(&m, S("name"), second));
    assert_ptr_equal(map_get(&m, S("name")), first);
    assert_int_equal(m.n, 1);
    assert_true(map_put(&m, S(""), second));
    assert_ptr_equal(map_get(&m, S("")), second);
    arena_free(&a);
}

static void an_expected_number_needs_no_growth(void **state) {
    (void)state;
    Arena a;
    Map m;
    arena_init(&a, (size_t)1 << 20);
    map_init(&m, &a, 100);
    size_t cap = m.cap;
    assert_true(cap >= 200 && (cap & (cap - 1)) == 0);
    for (int i = 0; i < 100; i++) map_put(&m, arena_fmt(&a, "%d", i), &m);
    assert_int_equal(m.cap, cap);
    arena_free(&a);
}

static void nothing_is_found_in_an_empty_map(void **state) {
    (void)state;
    assert_null(map_get(&(Map){0}, S("name")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_put_is_found),
        cmocka_unit_test(a_second_value_for_a_key_is_refused),
        cmocka_unit_test(an_expected_number_needs_no_growth),
        cmocka_unit_test(nothing_is_found_in_an_empty_map),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
