/* settings_get: what other areas learn of the settings, by one statement. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#undef fail /* cmocka's; ours is in base/error.h */

#include "app/modules.h"
#include "domain/system/system.h"
#include "model/single.h"
#include "stage.h"

static int begin(void **state) {
    Stage *s = stage_open(modules, modules_n, followers);
    stage_exec(s, "INSERT INTO organizations (id, name, currency, time_zone, version, created_at, updated_at)"
                  " SELECT n, 'Acme ' || n, 'USD', 'UTC', 1, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'"
                  " FROM (SELECT 1 n UNION SELECT 2)");
    *state = s;
    return 0;
}

static int end(void **state) {
    stage_close(*state);
    return 0;
}

static void are_fallbacks(const Settings *s) {
    assert_int_equal(s->tax_rate, 0);
    assert_int_equal(s->max_discount_percent, 100 * DECIMAL_SCALE);
    assert_int_equal(s->over_receipt_tolerance, 0);
    assert_false(s->fifo);
    assert_false(s->negative_stock);
    assert_int_equal(s->period_close_date.n, 0);
    assert_true(str_is(s->currency, "$"));
    assert_true(str_is(s->currency_code, "USD"));
    assert_int_equal(s->expiry_warning_days, 30);
}

static void gives_the_fallbacks_before_anything_was_written(void **state) {
    Stage *s = *state;
    Settings settings;
    int64_t before = s->db->statements;
    assert_true(settings_get(&s->c, &settings));
    assert_int_equal(s->db->statements - before, 1);
    are_fallbacks(&settings);
}

static void gives_what_was_written_in_this_organization_only(void **state) {
    Stage *s = *state;
    Settings settings;
    Row row;
    const Model *m = registry_model(s->registry, "system-settings");
    static const char *const given[][2] = {
        {"tax_rate", "12.5"},          {"max_discount_percent", "7.25"},  {"over_receipt_tolerance", "5"},
        {"valuation_method", "fifo"},  {"negative_stock", "true"},        {"period_close_date", "2025-12-31"},
        {"currency_code", "INR"},      {"expiry_warning_days", "10"},
    };
    Input in = stage_input(s, m);
    for (size_t i = 0; i < sizeof given / sizeof *given; i++) stage_give(s, &in, given[i][0], given[i][1]);
    assert_true(single_update(&s->c, m, &in, &row));
    int64_t before = s->db->statements;
    assert_true(settings_get(&s->c, &settings));
    assert_int_equal(s->db->statements - before, 1);
    assert_int_equal(settings.tax_rate, 125000);
    assert_int_equal(settings.max_discount_percent, 72500);
    assert_int_equal(settings.over_receipt_tolerance, 50000);
    assert_true(settings.fifo);
    assert_true(settings.negative_stock);
    assert_true(str_is(settings.period_close_date, "2025-12-31"));
    assert_true(str_is(settings.currency, "₹")); /* follows the code */
    assert_true(str_is(settings.currency_code, "INR"));
    assert_int_equal(settings.expiry_warning_days, 10);
    assert_int_equal(stage_int(s, "SELECT count(*) FROM organizations WHERE currency = 'INR'"), 1);
    s->c.organization_id = 2;
    assert_true(settings_get(&s->c, &settings));
    are_fallbacks(&settings);
}

static void gives_back_the_rights_it_borrowed(void **state) {
    Stage *s = *state;
    Row row;
    const Model *m = registry_model(s->registry, "system-settings");
    Rights few[64] = {0};
    few[m->index].all = ~(uint64_t)0;
    s->c.rights = few;
    s->c.if_match = 0;
    Input in = stage_input(s, m);
    stage_give(s, &in, "time_zone", "Asia/Kolkata");
    assert_true(single_update(&s->c, m, &in, &row));
    assert_ptr_equal(s->c.rights, few);
    assert_int_equal(s->c.if_match, 0);
    assert_int_equal(stage_int(s, "SELECT count(*) FROM organizations WHERE time_zone = 'Asia/Kolkata'"), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(gives_the_fallbacks_before_anything_was_written, begin, end),
        cmocka_unit_test_setup_teardown(gives_what_was_written_in_this_organization_only, begin, end),
        cmocka_unit_test_setup_teardown(gives_back_the_rights_it_borrowed, begin, end),
    };
    return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
