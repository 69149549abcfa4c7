/* Working hours: weeks of any shape, nights, and days on which clocks change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/time.h"
#include "domain/support/work_hours.h"

#define OFFICE                                                                                     \
    "{\"monday\":{\"from\":\"09:00\",\"to\":\"17:00\"},\"tuesday\":{\"from\":\"09:00\",\"to\":\"17:00\"}," \
    "\"wednesday\":null,\"friday\":{\"from\":\"08:30\",\"to\":\"12:00\"}}"
#define H 3600

static WorkWeek week_of(const char *json, const char *zone) {
    WorkWeek w;
    work_week_read(str_of(json), zone, &w);
    return w;
}

static int64_t at(const char *text) {
    int64_t t = 0;
    assert_true(time_parse(str_of(text), &t));
    return t;
}

static void is_due(const WorkWeek *w, const char *start, int64_t seconds, const char *wanted) {
    int64_t due;
    char text[TIME_TEXT];
    assert_true(work_add(w, at(start), seconds, &due));
    time_format(due, text);
    assert_string_equal(text, wanted);
}

static void counts_open_hours_only(void **state) {
    (void)state;
    WorkWeek w = week_of(OFFICE, "UTC"); /* 2026-11-30 is a monday */
    is_due(&w, "2026-11-30T10:00:00Z", 2 * H, "2026-11-30T12:00:00Z");
    is_due(&w, "2026-11-30T16:00:00Z", 2 * H, "2026-12-01T10:00:00Z");
    is_due(&w, "2026-11-30T20:00:00Z", 1 * H, "2026-12-01T10:00:00Z");
    is_due(&w, "2026-12-01T16:30:00Z", 1 * H, "2026-12-04T09:00:00Z"); /* over two free days */
    is_due(&w, "2026-12-04T11:00:00Z", 10 * H, "2026-12-08T10:00:00Z");
    is_due(&w, "2026-11-30T09:00:00Z", 8 * H, "2026-11-30T17:00:00Z");
    is_due(&w, "2026-12-02T12:00:00Z", 0, "2026-12-04T08:30:00Z"); /* when it next opens */
}

static void no_hours_are_around_the_clock(void **state) {
    (void)state;
    static const char *const none[] = {"{}", "", "{\"sunday\":null}"};
    for (size_t i = 0; i < 3; i++) {
        WorkWeek w = week_of(none[i], "Europe/Berlin");
        assert_true(w.always);
        is_due(&w, "2026-11-29T23:00:00Z", 4 * H, "2026-11-30T03:00:00Z");
        assert_int_equal(work_between(&w, at("2026-11-29T23:00:00Z"), at("2026-11-30T03:00:00Z")), 4 * H);
    }
}

static void a_night_belongs_to_the_day_it_begins_on(void **state) {
    (void)state;
    WorkWeek w = week_of("{\"monday\":{\"from\":\"22:00\",\"to\":\"06:00\"},\"tuesday\":{\"from\":\"05:00\",\"to\":\"07:00\"}}", "UTC");
    is_due(&w, "2026-11-30T23:00:00Z", 3 * H, "2026-12-01T02:00:00Z");
    is_due(&w, "2026-12-01T02:00:00Z", 1 * H, "2026-12-01T03:00:00Z"); /* begun the day before */
    is_due(&w, "2026-12-01T04:00:00Z", 3 * H, "2026-12-01T07:00:00Z"); /* what overlaps counts once */
}

static void the_zone_says_when_it_is_open(void **state) {
    (void)state;
    WorkWeek w = week_of("{\"monday\":{\"from\":\"09:00\",\"to\":\"17:00\"}}", "Asia/Kolkata"); /* 03:30 to 11:30 UTC */
    is_due(&w, "2026-11-30T00:00:00Z", 1 * H, "2026-11-30T04:30:00Z");
    is_due(&w, "2026-11-30T11:00:00Z", 1 * H, "2026-12-07T04:00:00Z");
}

/* In Berlin clocks go forward on 2026-03-29 at 02:00 and back on 2026-10-25 at 03:00. */
static void a_day_of_changed_clocks_has_its_true_length(void **state) {
    (void)state;
    static const char all_day[] = "{\"saturday\":{\"from\":\"00:00\",\"to\":\"23:00\"},\"sunday\":{\"from\":\"00:00\",\"to\":\"23:00\"}}";
    WorkWeek w = week_of(all_day, "Europe/Berlin");
    assert_int_equal(work_between(&w, at("2026-03-28T23:00:00Z"), at("2026-03-29T21:00:00Z")), 22 * H);
    assert_int_equal(work_between(&w, at("2026-10-24T22:00:00Z"), at("2026-10-25T22:00:00Z")), 24 * H);
    is_due(&w, "2026-03-28T23:00:00Z", 3 * H, "2026-03-29T02:00:00Z"); /* 04:00 there */
    WorkWeek gone = week_of("{\"sunday\":{\"from\":\"02:15\",\"to\":\"02:45\"}}", "Europe/Berlin");
    is_due(&gone, "2026-03-28T23:00:00Z", 600, "2026-04-05T00:25:00Z"); /* half past two was skipped */
}

static void time_between_is_what_was_added(void **state) {
    (void)state;
    WorkWeek w = week_of(OFFICE, "America/New_York");
    for (int i = 1; i < 400; i++) {
        int64_t start = at("2026-02-20T00:00:00Z") + (int64_t)i * 7919, due;
        assert_true(work_add(&w, start, i * 501, &due));
        assert_int_equal(work_between(&w, start, due), i * 501);
    }
}

static void gives_up_beyond_ten_years(void **state) {
    (void)state;
    int64_t due;
    WorkWeek w = week_of("{\"monday\":{\"from\":\"09:00\",\"to\":\"09:01\"}}", "UTC");
    assert_false(work_add(&w, at("2026-01-01T00:00:00Z"), 1000 * H, &due));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_open_hours_only),
        cmocka_unit_test(no_hours_are_around_the_clock),
        cmocka_unit_test(a_night_belongs_to_the_day_it_begins_on),
        cmocka_unit_test(the_zone_says_when_it_is_open),
        cmocka_unit_test(a_day_of_changed_clocks_has_its_true_length),
        cmocka_unit_test(time_between_is_what_was_added),
        cmocka_unit_test(gives_up_beyond_ten_years),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
