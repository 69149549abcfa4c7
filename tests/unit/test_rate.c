/* Token buckets: what a share allows, how it comes back, and that a full table
 * forgets those who used least. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"
#include "identity/rate.h"

#define SECOND ((int64_t)1000000)
#define START  (1000 * SECOND)

static RateTable *table;

static int setup(void **state) {
    (void)state;
    if (!hash_init()) return 1;
    table = rate_table_new();
    return 0;
}

static int teardown(void **state) {
    (void)state;
    rate_table_free(table);
    return 0;
}

static RateKey session(int64_t id) { return (RateKey){.kind = 's', .id = id}; }

static int take_many(const RateKey *key, int limit, int64_t now, int n) {
    RateLevel level;
    int taken = 0;
    for (int i = 0; i < n; i++) taken += rate_take(table, key, limit, now, &level);
    return taken;
}

static void allows_the_limit_at_once_and_no_more(void **state) {
    (void)state;
    RateKey key = session(1);
    RateLevel level;
    assert_int_equal(take_many(&key, 100, START, 250), 100);
    assert_false(rate_take(table, &key, 100, START, &level));
    assert_int_equal(level.remaining, 0);
    assert_int_equal(level.reset, 60);
    assert_int_equal(level.retry_after, 1);
}

static void tells_what_is_left(void **state) {
    (void)state;
    RateKey key = session(2);
    RateLevel level;
    assert_true(rate_take(table, &key, 100, START, &level));
    assert_int_equal(level.remaining, 99);
    assert_int_equal(level.reset, 1);
    assert_int_equal(level.retry_after, 0);
    take_many(&key, 100, START, 49);
    assert_true(rate_peek(table, &key, 100, START, &level));
    assert_int_equal(level.remaining, 50);
    assert_int_equal(level.reset, 30);
}

static void refills_evenly(void **state) {
    (void)state;
    RateKey key = session(3);
    take_many(&key, 100, START, 100);
    assert_int_equal(take_many(&key, 100, START + 599999, 5), 0);
    assert_int_equal(take_many(&key, 100, START + 600000, 5), 1);
    assert_int_equal(take_many(&key, 100, START + 30 * SECOND, 100), 49);
    assert_int_equal(take_many(&key, 100, START + 1000 * SECOND, 250), 100);
}

static void says_when_to_come_back(void **state) {
    (void)state;
    RateKey key = session(4);
    RateLevel level;
    take_many(&key, 5, START, 5);
    assert_false(rate_peek(table, &key, 5, START, &level));
    assert_int_equal(level.retry_after, 12);
    assert_false(rate_peek(table, &key, 5, START + 11 * SECOND, &level));
    assert_int_equal(level.retry_after, 1);
    assert_true(rate_peek(table, &key, 5, START + 12 * SECOND, &level));
}

static void refused_requests_cost_nothing(void **state) {
    (void)state;
    RateKey key = session(5);
    take_many(&key, 10, START, 10000);
    assert_int_equal(take_many(&key, 10, START + 6 * SECOND, 3), 1);
}

static void looking_costs_nothing(void **state) {
    (void)state;
    RateKey key = session(6);
    RateLevel level;
    for (int i = 0; i < 1000; i++) assert_true(rate_peek(table, &key, 5, START, &level));
    assert_int_equal(level.remaining, 5);
    assert_int_equal(take_many(&key, 5, START, 9), 5);
}

static void failures_count_beyond_the_limit_but_not_forever(void **state) {
    (void)state;
    RateKey key = session(7);
    RateLevel level;
    for (int i = 0; i < 1000; i++) rate_spend(table, &key, 5, START);
    assert_false(rate_peek(table, &key, 5, START + 71 * SECOND, &level));
    assert_true(rate_peek(table, &key, 5, START + 72 * SECOND, &level));
}

static void each_has_a_share_of_their_own(void **state) {
    (void)state;
    RateKey keys[] = {
        session(8),
        session(9),
        {.kind = 'k', .id = 8},
        {.kind = 'n', .network = 8},
        {.kind = 'f', .text = S("boss")},
        {.kind = 'f', .text = S("boss2")},
        {.kind = 'f', .network = 1, .text = S("boss")},
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_int_equal(take_many(&keys[i], 5, START, 9), 5);
}

static void a_flood_of_strangers_does_not_free_who_is_blocked(void **state) {
    (void)state;
    RateKey blocked = session(10);
    RateLevel level;
    take_many(&blocked, 100, START, 100);
    for (int64_t i = 0; i < 500000; i++) {
        RateKey stranger = {.kind = 'n', .network = (uint64_t)i + 1000};
        assert_true(rate_take(table, &stranger, 100, START, &level));
    }
    assert_false(rate_take(table, &blocked, 100, START, &level));
}

static void networks_are_addresses_or_ipv6_prefixes(void **state) {
    (void)state;
    assert_int_equal(rate_network(S("10.0.0.1")), rate_network(S("10.0.0.1")));
    assert_int_not_equal(rate_network(S("10.0.0.1")), rate_network(S("10.0.0.2")));
    assert_int_equal(rate_network(S("2001:db8:1:2::1")), rate_network(S("2001:db8:1:2:ffff::9")));
    assert_int_not_equal(rate_network(S("2001:db8:1:2::1")), rate_network(S("2001:db8:1:3::1")));
    assert_int_equal(rate_network(S("::ffff:10.0.0.1")), rate_network(S("10.0.0.1")));
    assert_int_not_equal(rate_network(S("32.1.13.184")), rate_network(S("2001:db8::1")));
    assert_int_equal(rate_network(S("nonsense")), 0);
    assert_int_equal(rate_network(STR_NONE), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allows_the_limit_at_once_and_no_more),
        cmocka_unit_test(tells_what_is_left),
        cmocka_unit_test(refills_evenly),
        cmocka_unit_test(says_when_to_come_back),
        cmocka_unit_test(refused_requests_cost_nothing),
        cmocka_unit_test(looking_costs_nothing),
        cmocka_unit_test(failures_count_beyond_the_limit_but_not_forever),
        cmocka_unit_test(each_has_a_share_of_their_own),
        cmocka_unit_test(a_flood_of_strangers_does_not_free_who_is_blocked),
        cmocka_unit_test(networks_are_addresses_or_ipv6_prefixes),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
