/* Access tokens: what we sign is read back; anything else is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"
#include "identity/token.h"

static const Claims claims = {.account = 7,
                              .organization = 3,
                              .user = 12,
                              .session = 99,
                              .epoch = 4,
                              .issued = 1700000000,
                              .expires = 1700001800};
static Hash key;

static Str token(char out[TOKEN_ROOM]) { return (Str){out, token_write(&key, &claims, out)}; }

static int setup(void **state) {
    (void)state;
    if (!hash_init()) return 1;
    random_bytes(key.b, sizeof key.b);
    return 0;
}

static void reads_what_it_wrote(void **state) {
    (void)state;
    char text[TOKEN_ROOM];
    Claims read;
    Str t = token(text);
    assert_int_equal(strlen(text), t.n);
    assert_true(token_read(&key, t, &read));
    assert_memory_equal(&read, &claims, sizeof read);
}

static void is_a_jwt_of_three_parts(void **state) {
    (void)state;
    char text[TOKEN_ROOM], payload[512] = "";
    Str rest = token(text);
    assert_true(str_is(str_cut(rest, '.', &rest), "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"));
    assert_true(base64url_decode(str_cut(rest, '.', &rest), payload, sizeof payload - 1) > 0);
    assert_string_equal(payload,
                        "{\"iss\":\"millwright\",\"typ\":\"access\",\"sub\":\"7\",\"org\":3,\"uid\":12,"
                        "\"sid\":99,\"ep\":4,\"iat\":1700000000,\"exp\":1700001800}");
    assert_int_equal(rest.n, 43);
}

static void refuses_every_changed_byte(void **state) {
    (void)state;
    char text[TOKEN_ROOM];
    Claims read;
    Str t = token(text);
    for (size_t i = 0; i < t.n; i++) {
        char was = text[i];
        text[i] = was == 'A' ? 'B' : 'A';
        assert_false(token_read(&key, t, &read));
        text[i] = was;
    }
    assert_true(token_read(&key, t, &read));
}

static void refuses_every_length_but_its_own(void **state) {
    (void)state;
    char text[TOKEN_ROOM + 1];
    Claims read;
    Str t = token(text);
    for (size_t n = 0; n < t.n; n++) assert_false(token_read(&key, (Str){text, n}, &read));
    text[t.n] = 'A';
    assert_false(token_read(&key, (Str){text, t.n + 1}, &read));
}

static void refuses_another_key(void **state) {
    (void)state;
    char text[TOKEN_ROOM];
    Claims read;
    Hash other = key;
    other.b[31] ^= 1;
    assert_false(token_read(&other, token(text), &read));
}

/* Signs any header and payload with our own key. */
static Str forge(char *out, size_t size, const char *header, const char *payload) {
    size_t n = base64url_encode(str_of(header), out, size);
    out[n++] = '.';
    n += base64url_encode(str_of(payload), out + n, size - n);
    Hash mac;
    hash_hmac_sha256((Str){(const char *)key.b, sizeof key.b}, (Str){out, n}, &mac);
    out[n++] = '.';
    n += base64url_encode((Str){(const char *)mac.b, sizeof mac.b}, out + n, size - n);
    return (Str){out, n};
}

#define HEADER  "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"
#define NUMBERS "\"org\":3,\"uid\":12,\"sid\":99,\"ep\":4,\"iat\":1,\"exp\":2}"

static void refuses_other_headers_though_rightly_signed(void **state) {
    (void)state;
    static const char *const headers[] = {
        "{\"alg\":\"none\"}",
        "{\"alg\":\"HS256\"}",
        "{\"alg\":\"RS256\",\"typ\":\"JWT\"}",
        "{\"alg\":\"hs256\",\"typ\":\"JWT\"}",
        "{\"typ\":\"JWT\",\"alg\":\"HS256\"}",
        "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"../../x\"}",
        "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"jku\":\"http://x/\"}",
        "",
    };
    char text[1024];
    Claims read;
    const char *good = "{\"iss\":\"millwright\",\"typ\":\"access\",\"sub\":\"7\"," NUMBERS;
    assert_true(token_read(&key, forge(text, sizeof text, HEADER, good), &read));
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        assert_false(token_read(&key, forge(text, sizeof text, headers[i], good), &read));
}

static void refuses_other_claims_though_rightly_signed(void **state) {
    (void)state;
    static const char *const payloads[] = {
        "{\"iss\":\"other\",\"typ\":\"access\",\"sub\":\"7\"," NUMBERS,
        "{\"iss\":\"millwright\",\"typ\":\"refresh\",\"sub\":\"7\"," NUMBERS,
        "{\"iss\":\"millwright\",\"sub\":\"7\"," NUMBERS,
        "{\"iss\":\"millwright\",\"typ\":\"access\",\"sub\":7," NUMBERS,
        "{\"iss\":\"millwright\",\"typ\":\"access\",\"sub\":\"x\"," NUMBERS,
        "{\"iss\":\"millwright\",\"typ\":\"access\",\"sub\":\"7\",\"sub\":\"8\"," NUMBERS,
        "{\"iss\":\"millwright\",\"typ\":\"access\",\"sub\":\"7\",\"org\":\"3\"}",
        "{\"iss\":\"millwright\",\"typ\":\"access\",\"sub\":\"7\"}",
        "[]",
        "null",
        "7",
        "{",
        "",
    };
    char text[1024];
    Claims read;
    for (size_t i = 0; i < sizeof payloads / sizeof *payloads; i++)
        assert_false(token_read(&key, forge(text, sizeof text, HEADER, payloads[i]), &read));
}

static void refuses_dots_and_length_without_reading(void **state) {
    (void)state;
    static char text[TOKEN_TEXT_MAX * 2];
    Claims read;
    memset(text, '.', sizeof text);
    assert_false(token_read(&key, (Str){text, sizeof text}, &read));
    assert_false(token_read(&key, (Str){text, TOKEN_TEXT_MAX}, &read));
    char good[TOKEN_ROOM];
    Str t = token(good);
    memcpy(text, good, t.n);
    memset(text + t.n, 'A', sizeof text - t.n);
    assert_false(token_read(&key, (Str){text, sizeof text}, &read));
    assert_false(token_read(&key, STR_NONE, &read));
}

static void refuses_more_than_two_dots(void **state) {
    (void)state;
    char text[1024], again[1024];
    Claims read;
    Str t = forge(text, sizeof text, HEADER, "{}");
    size_t cut = t.n - 44; /* the dot before the signature */
    memcpy(again, text, cut);
    memcpy(again + cut, ".AAAA", 5);
    Hash mac;
    hash_hmac_sha256((Str){(const char *)key.b, sizeof key.b}, (Str){again, cut + 5}, &mac);
    again[cut + 5] = '.';
    size_t n = base64url_encode((Str){(const char *)mac.b, 32}, again + cut + 6, 64);
    assert_false(token_read(&key, (Str){again, cut + 6 + n}, &read));
}

/* The last character of a signature has two bits to spare: only one of the
 * four spellings is ours. */
static void refuses_other_spellings_of_the_signature(void **state) {
    (void)state;
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char text[TOKEN_ROOM];
    Claims read;
    int accepted = 0;
    Str t = token(text);
    for (size_t i = 0; i < 64; i++) {
        text[t.n - 1] = alphabet[i];
        accepted += token_read(&key, t, &read);
    }
    assert_int_equal(accepted, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_it_wrote),
        cmocka_unit_test(is_a_jwt_of_three_parts),
        cmocka_unit_test(refuses_every_changed_byte),
        cmocka_unit_test(refuses_every_length_but_its_own),
        cmocka_unit_test(refuses_another_key),
        cmocka_unit_test(refuses_other_headers_though_rightly_signed),
        cmocka_unit_test(refuses_other_claims_though_rightly_signed),
        cmocka_unit_test(refuses_dots_and_length_without_reading),
        cmocka_unit_test(refuses_more_than_two_dots),
        cmocka_unit_test(refuses_other_spellings_of_the_signature),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
