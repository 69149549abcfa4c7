/* The error of one request (base/error.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#undef fail /* cmocka has one too */

#include <cmocka.h>

static int setup(void **state) {
    static Arena arena;
    static Error error;
    arena_init(&arena, (size_t)1 << 20);
    error_init(&error, &arena);
    *state = &error;
    return 0;
}

static int teardown(void **state) {
    arena_free(((Error *)*state)->arena);
    return 0;
}

static void the_first_error_wins(void **state) {
    Error *e = *state;
    assert_false(error_set(e, E_CONFLICT, "order %s is open", "SO-1"));
    assert_false(error_set(e, E_INTERNAL, "later"));
    assert_int_equal(e->kind, E_CONFLICT);
    assert_string_equal(e->detail.p, "order SO-1 is open");
    error_clear(e);
    assert_int_equal(e->kind, E_NONE);
}

static void without_a_text_the_title_is_used(void **state) {
    Error *e = *state;
    error_set(e, E_NOT_FOUND, NULL);
    assert_true(str_is(e->detail, "Not found"));
    assert_int_equal(error_info(e->kind)->status, 404);
    assert_string_equal(error_info(e->kind)->code, "not_found");
}

static void issues_are_kept_in_order_up_to_the_limit_and_all_counted(void **state) {
    Error *e = *state;
    char field[16];
    for (int i = 0; i < ISSUES_MAX + 5; i++) {
        int n = snprintf(field, sizeof field, "lines[%d]", i);
        error_issue(e, (Str){field, (size_t)n}, "min", "must be at least %d", i);
    }
    assert_int_equal(e->kind, E_INVALID);
    assert_int_equal(e->n_issues, ISSUES_MAX + 5);
    int kept = 0;
    for (Issue *issue = e->issues; issue; issue = issue->next, kept++)
        if (kept == 7) {
            assert_string_equal(issue->field.p, "lines[7]");
            assert_string_equal(issue->message.p, "must be at least 7");
            assert_string_equal(issue->code, "min");
        }
    assert_int_equal(kept, ISSUES_MAX);
    error_clear(e);
    assert_null(e->issues);
    assert_int_equal(e->n_issues, 0);
}

static void an_issue_does_not_hide_an_earlier_error(void **state) {
    Error *e = *state;
    error_set(e, E_FORBIDDEN, "no");
    error_issue(e, S("name"), "required", "is required");
    assert_int_equal(e->kind, E_FORBIDDEN);
    assert_string_equal(e->detail.p, "no");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_first_error_wins, setup, teardown),
        cmocka_unit_test_setup_teardown(without_a_text_the_title_is_used, setup, teardown),
        cmocka_unit_test_setup_teardown(issues_are_kept_in_order_up_to_the_limit_and_all_counted, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(an_issue_does_not_hide_an_earlier_error, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
