/* Folding names and telephone numbers (base/fold.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/fold.h"

static void folds_to(void (*fold)(Buf *, Str), const char *text, const char *wanted) {
    Buf b;
    buf_init(&b, 16, 4096);
    fold(&b, str_of(text));
    assert_string_equal(buf_c_str(&b), wanted);
    buf_free(&b);
}

static void names_lose_case_accents_punctuation_and_legal_forms(void **state) {
    (void)state;
    folds_to(fold_name, "Meridian Garments Ltd.", "garments meridian");
    folds_to(fold_name, "  MERIDIAN   garments, GmbH & Co. KG", "garments meridian");
    folds_to(fold_name, "Müller-Söhne S.A.", "muller sohne");
    folds_to(fold_name, "Groß & Klein AG", "gross klein");
    folds_to(fold_name, "O'Neil", "oneil");
    folds_to(fold_name, "Ltd", "ltd"); /* there is nothing else */
    folds_to(fold_name, "日本 株式", "日本 株式");
    folds_to(fold_name, "...", "");
    folds_to(fold_name, "", "");
}

static void telephone_numbers_are_their_last_nine_digits(void **state) {
    (void)state;
    folds_to(fold_phone, "+91 98250 11223", "825011223");
    folds_to(fold_phone, "0091-98250-11223 ", "825011223");
    folds_to(fold_phone, "098250 11223", "825011223");
    folds_to(fold_phone, "123-4567", "1234567");
    folds_to(fold_phone, "none", "");
}

static void distances_count_edits_up_to_a_limit(void **state) {
    (void)state;
    assert_int_equal(fold_distance(S("abc"), S("abc"), 3), 0);
    assert_int_equal(fold_distance(S("abc"), S("adc"), 3), 1);
    assert_int_equal(fold_distance(S("abc"), S("ab"), 3), 1);
    assert_int_equal(fold_distance(S(""), S("abc"), 3), 3);
    assert_int_equal(fold_distance(S("kitten"), S("sitting"), 3), 3);
    assert_int_equal(fold_distance(S("kitten"), S("sitting"), 2), 3);
    assert_int_equal(fold_distance(S("a"), S("abcdef"), 2), 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_lose_case_accents_punctuation_and_legal_forms),
        cmocka_unit_test(telephone_numbers_are_their_last_nine_digits),
        cmocka_unit_test(distances_count_edits_up_to_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
