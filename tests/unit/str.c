/* Strings and the growable buffer (base/str.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"

static void equality_looks_at_every_byte(void **state) {
    (void)state;
    assert_true(str_eq(S("abc"), S("abc")));
    assert_false(str_eq(S("abc"), S("abd")));
    assert_false(str_eq(S("abc"), S("ab")));
    assert_true(str_eq(STR_NONE, S("")));
    assert_true(str_eq(S("a\0b"), S("a\0b")));
    assert_false(str_eq(S("a\0b"), S("a\0c")));
    assert_true(str_is(S("abc"), "abc"));
    assert_false(str_is(S("abc"), "abcd"));
    assert_null(str_of(NULL).p);
}

static void case_is_ignored_for_ascii_only(void **state) {
    (void)state;
    assert_true(str_ieq(S("Content-Type"), S("cONTENT-tYPE")));
    assert_false(str_ieq(S("Content"), S("Context")));
    assert_false(str_ieq(S("@"), S("`")));
    assert_false(str_ieq(S("\xC3\x84"), S("\xC3\xA4")));
}

static void prefixes_and_suffixes(void **state) {
    (void)state;
    assert_true(str_starts(S("/api/v1"), S("/api")));
    assert_false(str_starts(S("/ap"), S("/api")));
    assert_true(str_starts(S("x"), STR_NONE));
    assert_true(str_ends(S("a.xlsx"), S(".xlsx")));
    assert_false(str_ends(S("xlsx"), S(".xlsx")));
    assert_false(str_ends(S("a.xlsm"), S(".xlsx")));
}

static void trimming_keeps_what_is_inside(void **state) {
    (void)state;
    assert_true(str_eq(str_trim(S(" \t a b \r\n\v\f")), S("a b")));
    assert_int_equal(str_trim(S("   ")).n, 0);
    assert_int_equal(str_trim(STR_NONE).n, 0);
}

static void cutting_tells_no_separator_from_nothing_behind_it(void **state) {
    (void)state;
    Str rest;
    assert_true(str_eq(str_cut(S("a=b=c"), '=', &rest), S("a")));
    assert_true(str_eq(rest, S("b=c")));
    assert_true(str_eq(str_cut(S("a="), '=', &rest), S("a")));
    assert_non_null(rest.p);
    assert_int_equal(rest.n, 0);
    assert_true(str_eq(str_cut(S("a"), '=', &rest), S("a")));
    assert_null(rest.p);
    str_cut(STR_NONE, '=', &rest);
    assert_null(rest.p);
}

static void integers_are_whole_strings_in_range(void **state) {
    (void)state;
    int64_t v = 77;
    assert_true(str_to_int(S("0"), &v) && v == 0);
    assert_true(str_to_int(S("-12"), &v) && v == -12);
    assert_true(str_to_int(S("9223372036854775807"), &v) && v == INT64_MAX);
    assert_true(str_to_int(S("-9223372036854775808"), &v) && v == INT64_MIN);
    v = 77;
    const char *bad[] = {"",
                         "-",
                         "+1",
                         " 1",
                         "1 ",
                         "1.0",
                         "1e3",
                         "0x1",
                         "--1",
                         "9223372036854775808",
                         "-9223372036854775809",
                         "18446744073709551617"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) assert_false(str_to_int(str_of(bad[i]), &v));
    assert_false(str_to_int(S("1\0"), &v));
    assert_int_equal(v, 77);
}

static size_t encode(uint32_t c, char *out) {
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, c >>= 6) out[i] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)((0xF00u >> n) | c);
    return n;
}

static void every_code_point_is_valid_but_surrogates_and_nul(void **state) {
    (void)state;
    for (uint32_t c = 0; c < 0x120000; c++) {
        /* Eight plain bytes before it: behind the fast path as well as in it. */
        char text[16] = "12345678";
        size_t n = encode(c, text + 8);
        bool expected = c != 0 && !(c >= 0xD800 && c <= 0xDFFF) && c <= 0x10FFFF;
        assert_int_equal(str_utf8_valid((Str){text + 8, n}), expected);
        assert_int_equal(str_utf8_valid((Str){text, 8 + n}), expected);
        if (expected) assert_int_equal(str_utf8_length((Str){text, 8 + n}), 9);
    }
}

static void malformed_utf8_is_refused(void **state) {
    (void)state;
    const char *bad[] = {
        "\x80",         /* continuation alone */
        "\xC0\x80",     /* overlong NUL */
        "\xC1\xBF",     /* overlong */
        "\xE0\x80\xAF", /* overlong / in three */
        "\xE0\x9F\xBF",
        "\xF0\x8F\xBF\xBF", /* overlong */
        "\xED\xA0\x80",     /* surrogate */
        "\xF4\x90\x80\x80", /* beyond U+10FFFF */
        "\xF5\x80\x80\x80",
        "\xFF",
        "\xE2\x82", /* cut off */
        "\xC3(",
        "\xE2(\xA1",
        "\xE2\x82(",
        "\xF0\x90\x8D(",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(str_utf8_valid(str_of(bad[i])));
        char text[32];
        int n = snprintf(text, sizeof text, "12345678%s12345678", bad[i]);
        assert_false(str_utf8_valid((Str){text, (size_t)n}));
    }
    assert_false(str_utf8_valid(S("12345\0"
                                  "78")));
    assert_false(str_utf8_valid(S("1234567812345\0"
                                  "78")));
    assert_true(str_utf8_valid(STR_NONE));
}

static void hash_is_fnv_1a(void **state) {
    (void)state;
    assert_true(str_hash(S("")) == 0xcbf29ce484222325u);
    assert_true(str_hash(S("foobar")) == 0x85944171f73967e8u);
}

static void integers_print_as_printf_does(void **state) {
    (void)state;
    int64_t power = 1;
    for (int digits = 1; digits <= 19; digits++) {
        const int64_t near[] = {power, power - 1, power + 1, -power, 1 - power, power * 9};
        for (size_t i = 0; i < sizeof near / sizeof near[0]; i++) {
            char text[INT_TEXT_MAX], expected[32];
            int n = snprintf(expected, sizeof expected, "%lld", (long long)near[i]);
            assert_int_equal(int_format(near[i], text), n);
            assert_string_equal(text, expected);
        }
        power = digits < 19 && power <= INT64_MAX / 90 ? power * 10 : power;
    }
    char text[INT_TEXT_MAX];
    int_format(INT64_MIN, text);
    assert_string_equal(text, "-9223372036854775808");
    int_format(INT64_MAX, text);
    assert_string_equal(text, "9223372036854775807");
    int_format(0, text);
    assert_string_equal(text, "0");
}

static void a_buffer_grows_and_keeps_its_bytes(void **state) {
    (void)state;
    Buf b = {0};
    assert_string_equal(buf_c_str(&b), "");
    for (int i = 0; i < 10000; i++) {
        buf_int(&b, i % 10);
        buf_char(&b, ',');
        buf_c(&b, "x");
        buf_str(&b, STR_NONE);
    }
    buf_fmt(&b, "%s-%d", "end", 7);
    assert_false(b.failed);
    assert_int_equal(b.n, 30005);
    assert_true(str_starts(buf_view(&b), S("0,x1,x2,x")));
    assert_true(str_ends(buf_view(&b), S("9,xend-7")));
    assert_int_equal(strlen(buf_c_str(&b)), b.n);
    buf_reset(&b);
    assert_int_equal(b.n, 0);
    assert_non_null(b.p);
    buf_free(&b);
}

static void a_nul_fits_behind_any_number_of_bytes(void **state) {
    (void)state;
    char bytes[700];
    memset(bytes, 'b', sizeof bytes);
    for (size_t n = 1; n < 1400; n++) {
        Buf b;
        buf_init(&b, n % 3, 0);
        buf_add(&b, bytes, n / 2);
        buf_add(&b, bytes, n - n / 2);
        assert_true(b.n < b.cap);
        assert_int_equal(strlen(buf_c_str(&b)), n);
        buf_free(&b);
    }
}

static void a_formatted_text_of_any_length_fits(void **state) {
    (void)state;
    char word[600];
    memset(word, 'w', sizeof word);
    for (int n = 0; n < 600; n++) {
        Buf b = {0};
        buf_char(&b, '<');
        buf_fmt(&b, "%.*s", n, word);
        buf_char(&b, '>');
        assert_int_equal(b.n, n + 2);
        assert_int_equal(b.p[n + 1], '>');
        buf_free(&b);
    }
}

static void a_buffer_over_its_max_fails_and_stays_failed(void **state) {
    (void)state;
    Buf b;
    buf_init(&b, 0, 10);
    buf_c(&b, "0123456789");
    assert_false(b.failed);
    assert_string_equal(buf_c_str(&b), "0123456789");
    buf_char(&b, 'x');
    assert_true(b.failed);
    assert_int_equal(b.n, 0);
    buf_c(&b, "a");
    buf_fmt(&b, "%d", 1);
    assert_null(buf_room(&b, 1));
    assert_int_equal(b.n, 0);
    buf_reset(&b);
    buf_c(&b, "again");
    assert_string_equal(buf_c_str(&b), "again");
    assert_null(buf_room(&b, SIZE_MAX));
    assert_true(b.failed);
    buf_free(&b);
}

static void room_can_be_written_directly(void **state) {
    (void)state;
    Buf b;
    buf_init(&b, 16, 4u << 20);
    for (size_t n = 1; n < 3000; n++) {
        char *room = buf_room(&b, n);
        memset(room, 'r', n);
        b.n += n / 2;
    }
    for (size_t i = 0; i < b.n; i++) assert_int_equal(b.p[i], 'r');
    buf_free(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equality_looks_at_every_byte),
        cmocka_unit_test(case_is_ignored_for_ascii_only),
        cmocka_unit_test(prefixes_and_suffixes),
        cmocka_unit_test(trimming_keeps_what_is_inside),
        cmocka_unit_test(cutting_tells_no_separator_from_nothing_behind_it),
        cmocka_unit_test(integers_are_whole_strings_in_range),
        cmocka_unit_test(every_code_point_is_valid_but_surrogates_and_nul),
        cmocka_unit_test(malformed_utf8_is_refused),
        cmocka_unit_test(hash_is_fnv_1a),
        cmocka_unit_test(integers_print_as_printf_does),
        cmocka_unit_test(a_buffer_grows_and_keeps_its_bytes),
        cmocka_unit_test(a_nul_fits_behind_any_number_of_bytes),
        cmocka_unit_test(a_formatted_text_of_any_length_fits),
        cmocka_unit_test(a_buffer_over_its_max_fails_and_stays_failed),
        cmocka_unit_test(room_can_be_written_directly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
