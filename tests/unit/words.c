/* The words of a text (base/words.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/words.h"

/* With a bar behind each. */
static void are(Str text, const char *wanted) {
    Buf b;
    buf_init(&b, 16, 4096);
    while (word_next(&text, &b)) buf_char(&b, '|');
    assert_string_equal(buf_c_str(&b), wanted);
    buf_free(&b);
}

static void words_are_runs_of_letters_and_digits_in_lower_case(void **state) {
    (void)state;
    are(S("Meridian GARMENTS (Pvt) Ltd."), "meridian|garments|pvt|ltd|");
    are(S("ann.mason@acme-2.example"), "ann|mason|acme|2|example|");
    are(S("+91 98250-11223"), "91|98250|11223|");
    are(S("  \t\n--- !! "), "");
    are(S(""), "");
}

static void accents_do_not_count(void **state) {
    (void)state;
    are(S("Müller CAFÉ Łódź Ångström İzmir"), "muller|cafe|łodz|angstrom|izmir|");
    are(S("Cafe\xcc\x81 \xcc\x81 x"), "cafe|x|"); /* the accent as a character of its own */
    are(S("Straße Ελλάδα ЁЛКА"), "straße|ελλαδα|елка|");
}

static void other_scripts_stay_whole(void **state) {
    (void)state;
    are(S("日本株式会社 한국 १२३"), "日本株式会社|한국|१२३|");
    are(S("हिन्दी भाषा"), "हिन्दी|भाषा|"); /* vowel signs are in the word */
}

static void what_is_not_utf8_or_private_stands_between_words(void **state) {
    (void)state;
    are(S("a\xff" "b\xc3"), "a|b|");
    are(S(SEARCH_TENANT "1 x" SEARCH_WHOLE "y"), "1|x|y|");
}

static void a_long_word_is_its_beginning(void **state) {
    (void)state;
    Buf b = {0}, out = {0};
    for (int i = 0; i < 40; i++) buf_c(&b, "aé"); /* é folds to one byte */
    for (int i = 0; i < 20; i++) buf_c(&b, "語");
    Str text = buf_view(&b);
    assert_true(word_next(&text, &out));
    assert_int_equal(out.n, WORD_BYTES_MAX);
    assert_false(word_next(&text, &out));
    buf_reset(&b);
    buf_reset(&out);
    for (int i = 0; i < 30; i++) buf_c(&b, "語"); /* never half a character */
    text = buf_view(&b);
    assert_true(word_next(&text, &out));
    assert_int_equal(out.n, WORD_BYTES_MAX / 3 * 3);
    assert_false(word_next(&text, &out));
    buf_free(&b);
    buf_free(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_runs_of_letters_and_digits_in_lower_case),
        cmocka_unit_test(accents_do_not_count),
        cmocka_unit_test(other_scripts_stay_whole),
        cmocka_unit_test(what_is_not_utf8_or_private_stands_between_words),
        cmocka_unit_test(a_long_word_is_its_beginning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
