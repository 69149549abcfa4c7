/* What the HTTP layer makes of text from clients: query strings, path
 * segments, forwarded addresses, accepted encodings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#undef fail /* ours is in base/error.h */

#include "http/gzip.h"
#include "http/http.h"
#include "http/proxy.h"

#define CHECK_STR(actual, expected)                  \
    do {                                             \
        Str got = (actual);                          \
        assert_int_equal(got.n, strlen(expected));   \
        assert_memory_equal(got.p, expected, got.n); \
    } while (0)

static int arena_setup(void **state) {
    static Arena arena;
    arena_init(&arena, 1 << 20);
    *state = &arena;
    return 0;
}

static int arena_teardown(void **state) {
    arena_free(*state);
    return 0;
}

static void query_pairs_come_in_order_and_decoded(void **state) {
    Str rest = S("a=1&name=M8+bolt%20%C3%A9&&flag&empty=&x=a=b&plus=%2B");
    static const char *const EXPECTED[][2] = {
        {"a", "1"}, {"name", "M8 bolt \xC3\xA9"}, {"flag", ""}, {"empty", ""}, {"x", "a=b"}, {"plus", "+"}};
    Str name, value;
    bool bad = false;
    for (size_t i = 0; i < 6; i++) {
        assert_true(http_next_param(&rest, *state, &name, &value, &bad));
        CHECK_STR(name, EXPECTED[i][0]);
        CHECK_STR(value, EXPECTED[i][1]);
    }
    assert_false(http_next_param(&rest, *state, &name, &value, &bad));
    assert_false(bad);
}

static void an_empty_query_has_no_pairs(void **state) {
    Str none[] = {STR_NONE, S(""), S("&"), S("&&&")};
    for (size_t i = 0; i < 4; i++) {
        Str name, value;
        bool bad = false;
        assert_false(http_next_param(&none[i], *state, &name, &value, &bad));
        assert_false(bad);
    }
}

static void a_malformed_query_is_reported(void **state) {
    Str wrong[] = {S("a=%"),    S("a=%2"),     S("a=%zz"), S("%g0=1"), S("a=%00"),       S("a=%ff"),
                   S("a=\xff"), S("a=%C3%28"), S("a=%-1"), S("a=% 1"), S("a=%ED%A0%80"), S("a=%C0%AF")};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        Str name, value;
        bool bad = false;
        assert_false(http_next_param(&wrong[i], *state, &name, &value, &bad));
        assert_true(bad);
    }
}

static void a_lone_percent_ends_the_loop(void **state) {
    Str rest = S("ok=1&bad=%&more=2");
    Str name, value;
    bool bad = false;
    int n = 0;
    while (http_next_param(&rest, *state, &name, &value, &bad)) n++;
    assert_int_equal(n, 1);
    assert_true(bad);
}

static void a_segment_is_decoded_once(void **state) {
    Str out;
    assert_true(http_decode_segment(S("PO-000001"), *state, &out));
    CHECK_STR(out, "PO-000001");
    assert_true(http_decode_segment(S("a%20b+c"), *state, &out));
    CHECK_STR(out, "a b+c");
    assert_true(http_decode_segment(S("%2541"), *state, &out));
    CHECK_STR(out, "%41");
    assert_true(http_decode_segment(S(""), *state, &out));
    assert_int_equal(out.n, 0);
}

static void a_segment_cannot_hide_a_slash_or_a_nul(void **state) {
    Str wrong[] = {S("a%2Fb"), S("a%2fb"), S("..%2f.."), S("%00"), S("a%00b"),
                   S("%"),     S("%4"),    S("%xy"),     S("%80"), S("%c0%af")};
    Str out;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(http_decode_segment(wrong[i], *state, &out));
}

static void check_trust(const char *list, const char *address, bool expected) {
    Proxies p;
    Str bad = STR_NONE;
    Address a;
    assert_true(proxies_parse(str_of(list), &p, &bad));
    assert_true(address_parse(str_of(address), &a));
    assert_int_equal(proxies_trust(&p, &a), expected);
}

static void networks_contain_their_addresses(void **state) {
    (void)state;
    check_trust("127.0.0.1, 10.0.0.0/8", "127.0.0.1", true);
    check_trust("127.0.0.1, 10.0.0.0/8", "127.0.0.2", false);
    check_trust("127.0.0.1, 10.0.0.0/8", "10.255.1.2", true);
    check_trust("127.0.0.1, 10.0.0.0/8", "11.0.0.0", false);
    check_trust("10.0.0.0/8", "::ffff:10.1.2.3", true);
    check_trust("192.168.4.0/22", "192.168.7.255", true);
    check_trust("192.168.4.0/22", "192.168.8.0", false);
    check_trust("fd00::/8", "fd12::1", true);
    check_trust("fd00::/8", "fe12::1", false);
    check_trust("::1", "::1", true);
    check_trust("0.0.0.0/0", "8.8.8.8", true);
    check_trust("0.0.0.0/0", "2001:db8::1", false);
    check_trust("::/0", "8.8.8.8", true);
    check_trust("", "127.0.0.1", false);
}

static void a_wrong_network_is_named(void **state) {
    (void)state;
    const char *wrong[] = {"10.0.0.0/33", "*",       "10.0.0",      "::1/129",  "10.0.0.0/",
                           "10.0.0.0/-1", "a.b.c.d", "10.0.0.0/8x", "1.2.3.4.5"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        Proxies p;
        Str bad = STR_NONE;
        assert_false(proxies_parse(str_of(wrong[i]), &p, &bad));
        assert_true(str_is(bad, wrong[i]));
    }
}

static void check_client(const char *forwarded, const char *expected, bool final) {
    Proxies p;
    Str bad;
    Address client;
    char text[46];
    assert_true(proxies_parse(S("127.0.0.1,10.0.0.0/8,fd00::/8"), &p, &bad));
    assert_true(address_parse(S("127.0.0.1"), &client));
    assert_int_equal(proxies_walk(&p, str_of(forwarded), &client), final);
    address_text(&client, text);
    assert_string_equal(text, expected);
}

static void the_client_is_the_rightmost_untrusted_address(void **state) {
    (void)state;
    check_client("1.2.3.4", "1.2.3.4", true);
    check_client("9.9.9.9, 1.2.3.4, 10.0.0.7", "1.2.3.4", true);
    check_client("spoofed, 1.2.3.4", "1.2.3.4", true);
    check_client("1.2.3.4:5678", "1.2.3.4", true);
    check_client("[2001:db8::1]:443, fd00::2", "2001:db8::1", true);
    check_client("2001:DB8::1", "2001:db8::1", true);
    check_client("::ffff:1.2.3.4", "1.2.3.4", true);
    check_client("10.1.1.1, 10.2.2.2", "10.1.1.1", false);
    check_client("", "127.0.0.1", false);
}

static void nonsense_in_the_chain_stops_the_walk(void **state) {
    (void)state;
    check_client("1.2.3.4, unknown", "127.0.0.1", true);
    check_client("1.2.3.4, , 10.0.0.1", "10.0.0.1", true);
    check_client("1.2.3.4, [::1", "127.0.0.1", true);
    check_client("1.2.3.4, _hidden", "127.0.0.1", true);
}

static void gzip_only_for_those_who_ask(void **state) {
    (void)state;
    assert_true(gzip_accepted(S("gzip")));
    assert_true(gzip_accepted(S("deflate, GZIP;q=0.5, br")));
    assert_true(gzip_accepted(S("*")));
    assert_true(gzip_accepted(S("gzip;q=1, *;q=0")));
    assert_false(gzip_accepted(STR_NONE));
    assert_false(gzip_accepted(S("")));
    assert_false(gzip_accepted(S("br, deflate")));
    assert_false(gzip_accepted(S("gzip;q=0")));
    assert_false(gzip_accepted(S("gzip; q=0.000, *")));
    assert_false(gzip_accepted(S("*;q=0")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(query_pairs_come_in_order_and_decoded),
        cmocka_unit_test(an_empty_query_has_no_pairs),
        cmocka_unit_test(a_malformed_query_is_reported),
        cmocka_unit_test(a_lone_percent_ends_the_loop),
        cmocka_unit_test(a_segment_is_decoded_once),
        cmocka_unit_test(a_segment_cannot_hide_a_slash_or_a_nul),
        cmocka_unit_test(networks_contain_their_addresses),
        cmocka_unit_test(a_wrong_network_is_named),
        cmocka_unit_test(the_client_is_the_rightmost_untrusted_address),
        cmocka_unit_test(nonsense_in_the_chain_stops_the_walk),
        cmocka_unit_test(gzip_only_for_those_who_ask),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
