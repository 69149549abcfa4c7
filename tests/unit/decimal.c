/* Exact decimals (base/decimal.h). */
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/decimal.h"

#define UNTOUCHED 4711

static void parses(const char *text, Decimal expected) {
    Decimal d = UNTOUCHED;
    assert_int_equal(decimal_parse(str_of(text), &d), DECIMAL_OK);
    assert_int_equal(d, expected);
}

static void refuses(const char *text, DecimalStatus expected) {
    Decimal d = UNTOUCHED;
    if (decimal_parse(str_of(text), &d) != expected) fail_msg("%s", text);
    assert_int_equal(d, UNTOUCHED);
}

static void plain_notation_is_read_exactly(void **state) {
    (void)state;
    parses("0", 0);
    parses("-0", 0);
    parses("12", 120000);
    parses("+12.5", 125000);
    parses("-0.5", -5000);
    parses("0.0001", 1);
    parses("007.10", 71000);
    parses("1.23450000000000000000000000", 12345);
    parses("922337203685477.5807", INT64_MAX);
    parses("-922337203685477.5807", -INT64_MAX);
    parses("00000000000000000000000000000000001", 10000);
}

static void other_texts_are_refused_with_the_reason(void **state) {
    (void)state;
    const char *syntax[] = {"",
                            "-",
                            "+",
                            ".",
                            "1.",
                            ".5",
                            "1e3",
                            "1,5",
                            " 1",
                            "1 ",
                            "--1",
                            "1.2.3",
                            "0x10",
                            "NaN",
                            "inf",
                            "1.00001x",
                            "99999999999999999999999x"};
    for (size_t i = 0; i < sizeof syntax / sizeof syntax[0]; i++) refuses(syntax[i], DECIMAL_SYNTAX);
    refuses("0.00001", DECIMAL_TOO_PRECISE);
    refuses("1.00000000000000000000001", DECIMAL_TOO_PRECISE);
    refuses("922337203685477.5808", DECIMAL_RANGE);
    refuses("-922337203685477.5808", DECIMAL_RANGE);
    refuses("922337203685478", DECIMAL_RANGE);
    refuses("18446744073709551616", DECIMAL_RANGE);
    refuses("99999999999999999999999999999999", DECIMAL_RANGE);
}

static void formats(Decimal d, const char *expected) {
    char text[DECIMAL_TEXT_MAX];
    assert_int_equal(decimal_format(d, text), strlen(expected));
    assert_string_equal(text, expected);
}

static void the_shortest_form_is_written(void **state) {
    (void)state;
    formats(0, "0");
    formats(125000, "12.5");
    formats(1000000, "100");
    formats(-2500, "-0.25");
    formats(1, "0.0001");
    formats(-1, "-0.0001");
    formats(10010, "1.001");
    formats(-10000, "-1");
    formats(INT64_MAX, "922337203685477.5807");
    formats(-INT64_MAX, "-922337203685477.5807");
}

static void from_double(double v, DecimalStatus status, Decimal expected) {
    Decimal d = UNTOUCHED;
    DecimalStatus got = decimal_from_double(v, &d);
    if (got != status || d != (status == DECIMAL_OK ? expected : UNTOUCHED))
        fail_msg("%.17g: %d %lld", v, (int)got, (long long)d);
}

static void doubles_are_taken_only_when_exact(void **state) {
    (void)state;
    from_double(0.0, DECIMAL_OK, 0);
    from_double(-0.0, DECIMAL_OK, 0);
    from_double(0.1, DECIMAL_OK, 1000);
    from_double(-12.5, DECIMAL_OK, -125000);
    from_double(1e-4, DECIMAL_OK, 1);
    from_double(1234567890.1234, DECIMAL_OK, 12345678901234);
    from_double(99999999999.9999, DECIMAL_OK, 999999999999999);
    from_double(123456789012.5, DECIMAL_OK, 1234567890125000);
    from_double(900000000000000.0, DECIMAL_OK, 9000000000000000000);
    from_double(0.1 + 0.2, DECIMAL_TOO_PRECISE, 0);
    from_double(1.0 / 3, DECIMAL_TOO_PRECISE, 0);
    from_double(0.12345, DECIMAL_TOO_PRECISE, 0);
    from_double(1e-05, DECIMAL_TOO_PRECISE, 0);
    from_double(5e-324, DECIMAL_TOO_PRECISE, 0);
    from_double(123456789012.1234, DECIMAL_TOO_PRECISE, 0);
    from_double(922337203685477.0, DECIMAL_OK, 9223372036854770000);
    from_double(922337203685477.5, DECIMAL_TOO_PRECISE, 0);
    from_double(922337203685478.0, DECIMAL_RANGE, 0);
    from_double(1e15, DECIMAL_RANGE, 0);
    from_double(-1e300, DECIMAL_RANGE, 0);
    from_double(HUGE_VAL, DECIMAL_SYNTAX, 0);
    from_double(-HUGE_VAL, DECIMAL_SYNTAX, 0);
    from_double((double)NAN, DECIMAL_SYNTAX, 0);
}

static uint64_t next_random(uint64_t *seed) {
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 11;
}

/* What the contract says, literally. */
static bool survives_15_digits(double v) {
    char text[64];
    snprintf(text, sizeof text, "%.15g", v);
    return strtod(text, NULL) == v;
}

static void decimals_of_15_digits_survive_a_double_and_neighbours_do_not(void **state) {
    (void)state;
    uint64_t seed = 1;
    for (int i = 0; i < 200000; i++) {
        Decimal d = (Decimal)(next_random(&seed) % 1000000000000000u) >> next_random(&seed) % 48;
        char text[DECIMAL_TEXT_MAX];
        decimal_format(d, text);
        double v = strtod(text, NULL);
        from_double(v, DECIMAL_OK, d);
        from_double(-v, DECIMAL_OK, -d);
        double neighbour = nextafter(v, HUGE_VAL);
        Decimal other;
        if (!survives_15_digits(neighbour))
            assert_int_not_equal(decimal_from_double(neighbour, &other), DECIMAL_OK);
    }
}

static void the_locale_does_not_matter(void **state) {
    (void)state;
    const char *comma[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "ps_AF"};
    for (size_t i = 0; i < sizeof comma / sizeof comma[0]; i++)
        if (setlocale(LC_NUMERIC, comma[i])) break;
    from_double(123456789012.5, DECIMAL_OK, 1234567890125000);
    from_double(12.5, DECIMAL_OK, 125000);
    formats(125000, "12.5");
    parses("12.5", 125000);
    setlocale(LC_NUMERIC, "C");
}

static void integers_have_a_range_too(void **state) {
    (void)state;
    Decimal d = UNTOUCHED;
    assert_int_equal(decimal_from_int(922337203685478, &d), DECIMAL_RANGE);
    assert_int_equal(decimal_from_int(INT64_MIN, &d), DECIMAL_RANGE);
    assert_int_equal(d, UNTOUCHED);
    assert_int_equal(decimal_from_int(-922337203685477, &d), DECIMAL_OK);
    assert_int_equal(d, -9223372036854770000);
}

static void sums_and_products_never_wrap(void **state) {
    (void)state;
    Decimal d = UNTOUCHED;
    assert_false(decimal_add(INT64_MAX, 1, &d));
    assert_false(decimal_add(-INT64_MAX, -1, &d));
    assert_false(decimal_mul(INT64_MAX, 10001, 4, &d));
    assert_false(decimal_mul(INT64_MAX, -INT64_MAX, 4, &d));
    assert_int_equal(d, UNTOUCHED);
    assert_true(decimal_add(INT64_MAX, -1, &d) && d == INT64_MAX - 1);
    assert_true(decimal_mul(INT64_MAX, 10000, 4, &d) && d == INT64_MAX);
    assert_true(decimal_mul(INT64_MAX, -10000, 4, &d) && d == -INT64_MAX);
}

static void ties_go_away_from_zero(void **state) {
    (void)state;
    Decimal d;
    assert_true(decimal_mul(1, 5000, 4, &d) && d == 1); /* 0.0001 × 0.5 = 0.00005 */
    assert_true(decimal_mul(-1, 5000, 4, &d) && d == -1);
    assert_true(decimal_mul(1, 4999, 4, &d) && d == 0);
    assert_true(decimal_mul(3, 5000, 4, &d) && d == 2);
    assert_true(decimal_mul(123400, 25000, 4, &d) && d == 308500);
    /* 0.07 × 0.0714 = 0.004998: rounded once it is 0.00, over four places 0.01 */
    assert_true(decimal_mul(700, 714, 2, &d) && d == 0);
    assert_true(decimal_mul(700, 714, 4, &d) && d == 50);
    assert_int_equal(decimal_round(12350, 2), 12400);
    assert_int_equal(decimal_round(12349, 2), 12300);
    assert_int_equal(decimal_round(-12350, 2), -12400);
    assert_int_equal(decimal_round(-12349, 2), -12300);
    assert_int_equal(decimal_round(5000, 0), 10000);
    assert_int_equal(decimal_round(12345, 4), 12345);
    assert_int_equal(decimal_round(12345, 3), 12350);
    assert_int_equal(decimal_round(12345, 1), 12000);
    assert_int_equal(decimal_round(INT64_MAX, 0), 9223372036854770000);
}

static void percentages_are_rounded_once(void **state) {
    (void)state;
    Decimal d = UNTOUCHED;
    assert_true(decimal_percent(1000000, 190000, 2, &d) && d == 190000); /* 19 % of 100 */
    assert_true(decimal_percent(333300, 77000, 2, &d) && d == 25700);    /* 2.56641 */
    assert_true(decimal_percent(500, 100000, 2, &d) && d == 100);        /* 0.005 → 0.01 */
    assert_true(decimal_percent(-500, 100000, 2, &d) && d == -100);
    /* 0.00449995 would become 0.0045 and then 0.01 when rounded twice. */
    assert_true(decimal_percent(899990, 50, 2, &d) && d == 0);
    assert_true(decimal_percent(150000, 100000, 0, &d) && d == 20000);
    d = UNTOUCHED;
    assert_false(decimal_percent(INT64_MAX, 1010000, 2, &d));
    assert_int_equal(d, UNTOUCHED);
    assert_true(decimal_percent(INT64_MAX, 1000000, 4, &d) && d == INT64_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_notation_is_read_exactly),
        cmocka_unit_test(other_texts_are_refused_with_the_reason),
        cmocka_unit_test(the_shortest_form_is_written),
        cmocka_unit_test(doubles_are_taken_only_when_exact),
        cmocka_unit_test(decimals_of_15_digits_survive_a_double_and_neighbours_do_not),
        cmocka_unit_test(the_locale_does_not_matter),
        cmocka_unit_test(integers_have_a_range_too),
        cmocka_unit_test(sums_and_products_never_wrap),
        cmocka_unit_test(ties_go_away_from_zero),
        cmocka_unit_test(percentages_are_rounded_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
