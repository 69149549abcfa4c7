/* The JSON writer (base/json.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"

static void commas_and_nesting(void **state) {
    (void)state;
    Buf b = {0};
    Json j = js_to(&b);
    js_begin_object(&j);
    js_field_str(&j, "name", S("Acme"));
    js_key(&j, S("lines"));
    js_begin_array(&j);
    js_begin_object(&j);
    js_end_object(&j);
    js_begin_array(&j);
    js_end_array(&j);
    js_int(&j, -7);
    js_null(&j);
    js_end_array(&j);
    js_field_bool(&j, "open", true);
    js_field_bool(&j, "paid", false);
    js_field_int(&j, "n", INT64_MIN);
    js_field_null(&j, "note");
    js_field_c(&j, "none", NULL);
    js_key(&j, S("total"));
    js_decimal(&j, 125000);
    js_key(&j, S("raw"));
    js_raw(&j, S("[1]"));
    js_key(&j, S("due"));
    js_plain(&j, S("2026-01-15"));
    js_key(&j, S("seen"));
    js_plain(&j, STR_NONE);
    js_end_object(&j);
    assert_string_equal(buf_c_str(&b),
                        "{\"name\":\"Acme\",\"lines\":[{},[],-7,null],\"open\":true,\"paid\":false,"
                        "\"n\":-9223372036854775808,\"note\":null,\"none\":null,\"total\":12.5,\"raw\":[1],"
                        "\"due\":\"2026-01-15\",\"seen\":null}");
    buf_free(&b);
}

static void prepared_keys_read_like_others(void **state) {
    (void)state;
    Arena a;
    arena_init(&a, 1 << 16);
    Str id = js_prepare_key(&a, S("id")), odd = js_prepare_key(&a, S("a\"b"));
    assert_string_equal(id.p, "\"id\":");
    Buf b = {0};
    Json j = js_to(&b);
    js_begin_object(&j);
    js_raw_key(&j, id);
    js_int(&j, 1);
    js_raw_key(&j, odd);
    js_str(&j, S(""));
    js_end_object(&j);
    assert_string_equal(buf_c_str(&b), "{\"id\":1,\"a\\\"b\":\"\"}");
    buf_free(&b);
    arena_free(&a);
}

/* The obvious way to write a string, byte by byte. */
static void naive(Buf *out, Str s) {
    buf_char(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        const char *at = c ? strchr("\b\f\n\r\t\"\\", c) : NULL;
        if (at)
            buf_fmt(out, "\\%c", "bfnrt\"\\"[at - "\b\f\n\r\t\"\\"]);
        else if (c < 0x20)
            buf_fmt(out, "\\u%04x", c);
        else
            buf_char(out, (char)c);
    }
    buf_char(out, '"');
}

static void every_byte_is_escaped_right_at_every_place(void **state) {
    (void)state;
    Buf b = {0}, expected = {0};
    for (int c = 0; c < 256; c++)
        for (size_t at = 0; at < 20; at++) {
            char text[20];
            memset(text, 'x', sizeof text);
            text[at] = (char)c;
            text[19 - at] = (char)(at % 2 ? 'y' : c);
            buf_reset(&b);
            buf_reset(&expected);
            Json j = js_to(&b);
            js_str(&j, (Str){text, sizeof text});
            naive(&expected, (Str){text, sizeof text});
            assert_true(str_eq(buf_view(&b), buf_view(&expected)));
        }
    buf_free(&b);
    buf_free(&expected);
}

static void a_string_of_nothing_but_escapes_fits(void **state) {
    (void)state;
    Buf b = {0};
    Json j = js_to(&b);
    char text[5000] = {0};
    js_begin_array(&j);
    js_str(&j, (Str){text, sizeof text});
    js_end_array(&j);
    assert_int_equal(b.n, 2 + 2 + 6 * sizeof text);
    assert_true(str_starts(buf_view(&b), S("[\"\\u0000\\u0000")));
    assert_true(str_ends(buf_view(&b), S("\\u0000\"]")));
    buf_free(&b);
}

static void escapes_fit_wherever_the_buffer_ends(void **state) {
    (void)state;
    static const char text[] = "\x01\x02\x03\x04";
    for (size_t before = 0; before < 300; before++)
        for (size_t n = 0; n < sizeof text; n++) {
            Buf b = {0};
            memset(buf_room(&b, before + 1), ' ', before);
            b.n = before;
            Json j = js_to(&b);
            js_key(&j, (Str){text, n});
            assert_true(b.n == before + 6 * n + 3 && b.n < b.cap);
            js_str(&j, (Str){text, n});
            assert_true(b.n == before + 12 * n + 5 && b.n < b.cap);
            buf_free(&b);
        }
}

static void unicode_passes_through(void **state) {
    (void)state;
    Buf b = {0};
    Json j = js_to(&b);
    js_str(&j, S("\xE2\x80\xA8 \xE2\x80\xA9 \xF0\x9F\x94\xA7 \x7F /"));
    assert_string_equal(buf_c_str(&b), "\"\xE2\x80\xA8 \xE2\x80\xA9 \xF0\x9F\x94\xA7 \x7F /\"");
    buf_free(&b);
}

static void output_over_the_max_fails_once_and_for_all(void **state) {
    (void)state;
    for (size_t max = 1; max < 60; max++) {
        Buf b;
        buf_init(&b, 0, max);
        Json j = js_to(&b);
        js_begin_object(&j);
        js_field_str(&j, "k\n", S("\x01\x02 \"quoted\" and \\"));
        js_field_int(&j, "n", 12345678);
        js_key(&j, S("d"));
        js_decimal(&j, -1);
        js_field_bool(&j, "b", true);
        js_end_object(&j);
        assert_true(b.failed);
        assert_int_equal(b.n, 0);
        buf_free(&b);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commas_and_nesting),
        cmocka_unit_test(prepared_keys_read_like_others),
        cmocka_unit_test(every_byte_is_escaped_right_at_every_place),
        cmocka_unit_test(a_string_of_nothing_but_escapes_fits),
        cmocka_unit_test(escapes_fit_wherever_the_buffer_ends),
        cmocka_unit_test(unicode_passes_through),
        cmocka_unit_test(output_over_the_max_fails_once_and_for_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
