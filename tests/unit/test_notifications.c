/* notification_add: the program tells people something, in the transaction of
 * whoever set it off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#undef fail /* cmocka's; ours is in base/error.h */

#include "app/modules.h"
#include "domain/system/system.h"
#include "stage.h"

static int begin(void **state) {
    Stage *s = stage_open(modules, modules_n, followers);
    stage_exec(s, "INSERT INTO organizations (id, name, currency, time_zone, version, created_at, updated_at)"
                  " VALUES (1, 'Acme', 'USD', 'UTC', 1, '', '')");
    stage_exec(s, "INSERT INTO roles (id, organization_id, name, builtin, version, created_at, updated_at)"
                  " VALUES (1, 1, 'viewer', 1, 1, '', '')");
    stage_exec(s, "INSERT INTO accounts (id, email, username, login, password_hash, is_active, epoch, created_at)"
                  " VALUES (1, 'ann@example.com', 'ann', 'ann', '', 1, 1, '')");
    stage_exec(s, "INSERT INTO users (id, organization_id, email, username, role_id, is_active, account_id, version,"
                  " created_at, updated_at) VALUES (7, 1, 'ann@example.com', 'ann', 1, 1, 1, 1, '', '')");
    s->c.user_id = 7;
    s->c.username = S("ann");
    s->c.rights = NULL; /* the caller may do nothing */
    *state = s;
    return 0;
}

static int end(void **state) {
    stage_close(*state);
    return 0;
}

static void needs_no_rights_and_is_nobodys_work(void **state) {
    Stage *s = *state;
    Notification n = {NOTIFY_WARNING, "low_stock", S("Yarn runs out"), 7, "products", 12, S("2026-01-31")};
    assert_true(notification_add(&s->c, &n));
    assert_int_equal(stage_int(s, "SELECT count(*) FROM notifications WHERE organization_id = 1 AND type = 'warning'"
                                  " AND kind = 'low_stock' AND message = 'Yarn runs out' AND user_id = 7 AND read = 0"
                                  " AND resource = 'products' AND record_id = 12 AND about_date = '2026-01-31'"
                                  " AND created_by IS NULL"),
                     1);
    assert_int_equal(stage_int(s, "SELECT count(*) FROM journal WHERE resource = 'notifications'"
                                  " AND username = 'system' AND user_id IS NULL"),
                     1);
    assert_int_equal(s->c.user_id, 7);
    assert_true(str_is(s->c.username, "ann"));
    assert_null(s->c.rights);
}

static void without_user_and_record_is_for_everybody_about_nothing(void **state) {
    Stage *s = *state;
    Notification n = {NOTIFY_INFO, "announcement", S("Closed on Friday"), .resource = NULL};
    assert_true(notification_add(&s->c, &n));
    assert_int_equal(stage_int(s, "SELECT count(*) FROM notifications WHERE user_id IS NULL AND resource IS NULL"
                                  " AND record_id IS NULL AND about_date IS NULL"),
                     1);
}

static void cuts_a_long_message_between_characters(void **state) {
    Stage *s = *state;
    Buf text = {0};
    for (int i = 0; i < 1200; i++) buf_c(&text, "é");
    Notification n = {NOTIFY_ERROR, "long", buf_view(&text), .resource = NULL};
    assert_true(notification_add(&s->c, &n));
    assert_int_equal(stage_int(s, "SELECT length(message) FROM notifications"), 1000);
    assert_int_equal(stage_int(s, "SELECT length(CAST(message AS BLOB)) FROM notifications"), 2000);
    buf_free(&text);
}

static void for_somebody_elses_user_is_refused(void **state) {
    Stage *s = *state;
    Notification n = {NOTIFY_INFO, "stray", S("x"), .user_id = 8};
    assert_false(notification_add(&s->c, &n));
    assert_int_equal(s->c.err.kind, E_INVALID);
    assert_int_equal(stage_int(s, "SELECT count(*) FROM notifications"), 0);
    assert_int_equal(s->c.user_id, 7);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(needs_no_rights_and_is_nobodys_work, begin, end),
        cmocka_unit_test_setup_teardown(without_user_and_record_is_for_everybody_about_nothing, begin, end),
        cmocka_unit_test_setup_teardown(cuts_a_long_message_between_characters, begin, end),
        cmocka_unit_test_setup_teardown(for_somebody_elses_user_is_refused, begin, end),
    };
    return cmocka_run_group_tests_name("notifications", tests, NULL, NULL);
}
