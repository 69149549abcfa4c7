/* Digests, random tokens and base64url (base/hash.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"

static void hex_is(const Hash *h, const char *expected) {
    char text[HASH_HEX];
    hash_hex(h, text);
    assert_string_equal(text, expected);
}

static void digests_match_the_published_vectors(void **state) {
    (void)state;
    Hash h;
    hash_sha256(S("abc"), &h); /* FIPS 180-2, B.1 */
    hex_is(&h, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    hash_sha256(STR_NONE, &h);
    hex_is(&h, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    hash_hmac_sha256(S("Jefe"), S("what do ya want for nothing?"), &h); /* RFC 4231, case 2 */
    hex_is(&h, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    char key[131]; /* RFC 4231, case 6: a key longer than a block */
    memset(key, 0xaa, sizeof key);
    hash_hmac_sha256((Str){key, sizeof key}, S("Test Using Larger Than Block-Size Key - Hash Key First"), &h);
    hex_is(&h, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void parts_are_prefixed_with_their_length(void **state) {
    (void)state;
    Hash joined, parts;
    hash_sha256(S("\0\0\0\0\0\0\0\2ab\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1c"), &joined);
    hash_parts((const Str[]){S("ab"), STR_NONE, S("c")}, 3, &parts);
    assert_true(hash_equal(&joined, &parts));
}

static void bytes_cannot_move_between_parts(void **state) {
    (void)state;
    Hash a, b, c;
    hash_parts((const Str[]){S("ab"), S("c")}, 2, &a);
    hash_parts((const Str[]){S("a"), S("bc")}, 2, &b);
    hash_parts((const Str[]){S("abc")}, 1, &c);
    assert_false(hash_equal(&a, &b));
    assert_false(hash_equal(&a, &c));
    a = b;
    assert_true(hash_equal(&a, &b));
    a.b[31] ^= 1;
    assert_false(hash_equal(&a, &b));
}

static void base64url_of_every_length_comes_back(void **state) {
    (void)state;
    char bytes[40], text[64], back[40];
    random_bytes(bytes, sizeof bytes);
    for (size_t n = 1; n <= sizeof bytes; n++) {
        size_t length = base64url_encode((Str){bytes, n}, text, sizeof text);
        assert_int_equal(length, (n * 4 + 2) / 3);
        assert_int_equal(strlen(text), length);
        assert_int_equal(base64url_decode((Str){text, length}, back, sizeof back), n);
        assert_memory_equal(back, bytes, n);
        assert_int_equal(base64url_decode((Str){text, length}, back, n - 1), 0);
        assert_int_equal(base64url_encode((Str){bytes, n}, text, length), 0);
        assert_int_equal(base64url_encode((Str){bytes, n}, text, length + 1), length);
    }
    assert_int_equal(base64url_encode(S("\xfb\xff"), text, sizeof text), 3);
    assert_string_equal(text, "-_8");
}

static void base64url_is_strict(void **state) {
    (void)state;
    char back[16];
    assert_int_equal(base64url_decode(S("YQ"), back, sizeof back), 1);
    const char *bad[] = {
        "",    "Y",    "YQ==", "YQ=", "YR", /* not zero: the four bits left over */
        "YWJ", "YW I", "YW\n", " YQ", "Y+", "Y/", "YWJjZ", "Y\xC3\xA4", "Y.",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (base64url_decode(str_of(bad[i]), back, sizeof back) != 0) fail_msg("%s", bad[i]);
    assert_int_equal(base64url_decode(S("YQ\0"), back, sizeof back), 0);
}

static void tokens_differ_and_have_their_length(void **state) {
    (void)state;
    char a[48], b[48], back[32];
    random_token(32, a, sizeof a);
    random_token(32, b, sizeof b);
    assert_int_equal(strlen(a), 43);
    assert_string_not_equal(a, b);
    assert_int_equal(base64url_decode(str_of(a), back, sizeof back), 32);
}

static int setup(void **state) {
    (void)state;
    return hash_init() ? 0 : -1;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_match_the_published_vectors),
        cmocka_unit_test(parts_are_prefixed_with_their_length),
        cmocka_unit_test(bytes_cannot_move_between_parts),
        cmocka_unit_test(base64url_of_every_length_comes_back),
        cmocka_unit_test(base64url_is_strict),
        cmocka_unit_test(tokens_differ_and_have_their_length),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
