/* Time, dates and zones (base/time.h). */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/time.h"

#define DAY 86400

static void shows(int64_t t, const char *expected) {
    char text[TIME_TEXT];
    int64_t back;
    time_format(t, text);
    assert_string_equal(text, expected);
    assert_true(time_parse(str_of(text), &back));
    assert_int_equal(back, t);
}

static void instants_are_written_in_utc(void **state) {
    (void)state;
    shows(0, "1970-01-01T00:00:00Z");
    shows(-1, "1969-12-31T23:59:59Z");
    shows(951782400, "2000-02-29T00:00:00Z");
    shows(1768465800, "2026-01-15T08:30:00Z");
    shows(4107542399, "2100-02-28T23:59:59Z");
    shows(4107542400, "2100-03-01T00:00:00Z");
    shows(INT64_C(-62135596800), "0001-01-01T00:00:00Z");
    shows(INT64_C(253402300799), "9999-12-31T23:59:59Z");
}

static void instants_out_of_range_are_shown_as_the_nearest(void **state) {
    (void)state;
    char text[TIME_TEXT];
    time_format(INT64_MAX, text);
    assert_string_equal(text, "9999-12-31T23:59:59Z");
    time_format(INT64_MIN, text);
    assert_string_equal(text, "0001-01-01T00:00:00Z");
}

static void every_day_of_the_calendar_follows_its_neighbour(void **state) {
    (void)state;
    int64_t t = INT64_C(-62135596800);
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    for (int year = 1; year <= 9999; year++)
        for (int month = 1; month <= 12; month++) {
            bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
            int length = lengths[month - 1] + (month == 2 && leap);
            for (int day = 1; day <= length; day++, t += DAY) {
                char text[TIME_TEXT], expected[40];
                time_format(t, text);
                if (day > 1 && day < 28) continue;
                snprintf(expected, sizeof expected, "%04d-%02d-%02dT00:00:00Z", year, month, day);
                assert_string_equal(text, expected);
                assert_true(date_valid((Str){expected, 10}));
            }
            char beyond[40];
            snprintf(beyond, sizeof beyond, "%04d-%02d-%02d", year, month, length + 1);
            assert_false(date_valid((Str){beyond, 10}));
        }
    assert_int_equal(t, INT64_C(253402300800));
}

static void reads(const char *text, int64_t expected) {
    int64_t t;
    if (!time_parse(str_of(text), &t) || t != expected) fail_msg("%s", text);
}

static void rfc_3339_is_read(void **state) {
    (void)state;
    reads("2026-01-15T08:30:00Z", 1768465800);
    reads("2026-01-15t08:30:00z", 1768465800);
    reads("2026-01-15 08:30:00", 1768465800);
    reads("2026-01-15T08:30:00.123456789Z", 1768465800);
    reads("2026-01-15T08:30:00.9", 1768465800);
    reads("2026-01-15T14:00:00+05:30", 1768465800);
    reads("2026-01-15T03:30:00-05:00", 1768465800);
    reads("2026-01-14T23:30:00-09:00", 1768465800);
    reads("2024-02-29T00:00:00-00:00", 1709164800);
}

static void other_texts_are_not_times(void **state) {
    (void)state;
    int64_t t = 77;
    const char *bad[] = {
        "",
        "2026-01-15",
        "2026-01-15T08:30Z",
        "2026-01-15T08:30:00ZZ",
        "2026-01-15T08:30:00 ",
        "2026-01-15T24:00:00Z",
        "2026-01-15T08:60:00Z",
        "2026-01-15T08:30:60Z",
        "2026-02-29T08:30:00Z",
        "2100-02-29T08:30:00Z",
        "2026-13-01T08:30:00Z",
        "2026-00-01T08:30:00Z",
        "2026-01-00T08:30:00Z",
        "0000-01-01T00:00:00Z",
        "2026-1-15T08:30:00Z",
        "2026-01-15T8:30:00Z",
        "2026-01-15T08:30:00.Z",
        "2026-01-15T08:30:00+24:00",
        "2026-01-15T08:30:00+05:60",
        "2026-01-15T08:30:00+0530",
        "2026-01-15T08:30:00+05",
        "20260115T083000Z",
        "+026-01-15T08:30:00Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (time_parse(str_of(bad[i]), &t)) fail_msg("%s", bad[i]);
    assert_false(time_parse(S("2026-01-15\0"
                              "08:30:00Z"),
                            &t));
    assert_int_equal(t, 77);
}

static void dates_exist_or_are_refused(void **state) {
    (void)state;
    assert_true(date_valid(S("2024-02-29")));
    assert_true(date_valid(S("2000-02-29")));
    assert_false(date_valid(S("2023-02-29")));
    assert_false(date_valid(S("1900-02-29")));
    assert_false(date_valid(S("2024-04-31")));
    assert_false(date_valid(S("2024-04-3")));
    assert_false(date_valid(S("2024-04-030")));
    assert_false(date_valid(S("2024/04/30")));
    assert_false(date_valid(STR_NONE));
}

static void the_first_of_a_month_is_found_across_years(void **state) {
    (void)state;
    char text[DATE_TEXT];
    month_first("2026-01-31", 0, text);
    assert_string_equal(text, "2026-01-01");
    month_first("2026-01-31", 1, text);
    assert_string_equal(text, "2026-02-01");
    month_first("2026-01-31", -1, text);
    assert_string_equal(text, "2025-12-01");
    month_first("2026-11-15", 14, text);
    assert_string_equal(text, "2028-01-01");
}

static void days_are_added_across_months_and_years(void **state) {
    (void)state;
    char text[DATE_TEXT];
    assert_true(date_add_days(S("2024-02-28"), 1, text));
    assert_string_equal(text, "2024-02-29");
    assert_true(date_add_days(S("2024-03-01"), -1, text));
    assert_string_equal(text, "2024-02-29");
    assert_true(date_add_days(S("2023-12-31"), 366, text));
    assert_string_equal(text, "2024-12-31");
    assert_true(date_add_days(S("2024-01-31"), 0, text));
    assert_string_equal(text, "2024-01-31");
    assert_false(date_add_days(S("9999-12-31"), 1, text));
    assert_false(date_add_days(S("0001-01-01"), -1, text));
    assert_false(date_add_days(S("2024-01-31"), 2147483647, text));
    assert_false(date_add_days(S("2024-02-30"), 1, text));
    assert_string_equal(text, "2024-01-31");
}

static void local(const char *utc, const char *zone, const char *expected) {
    int64_t t;
    char text[DATE_TEXT];
    assert_true(time_parse(str_of(utc), &t));
    date_in_zone(t, zone, text);
    if (strcmp(text, expected) != 0) fail_msg("%s in %s: %s", utc, zone, text);
}

static void today_depends_on_the_zone_and_its_summer_time(void **state) {
    (void)state;
    local("2026-01-15T04:59:59Z", "America/New_York", "2026-01-14"); /* winter: -5 */
    local("2026-01-15T05:00:00Z", "America/New_York", "2026-01-15");
    local("2026-07-15T03:59:59Z", "America/New_York", "2026-07-14"); /* summer: -4 */
    local("2026-07-15T04:00:00Z", "America/New_York", "2026-07-15");
    local("2026-03-08T06:59:59Z", "America/New_York", "2026-03-08"); /* the switch itself */
    local("2026-01-15T18:29:59Z", "Asia/Kolkata", "2026-01-15");
    local("2026-01-15T18:30:00Z", "Asia/Kolkata", "2026-01-16");
    local("2026-01-15T09:59:59Z", "Pacific/Kiritimati", "2026-01-15");
    local("2026-01-15T10:00:00Z", "Pacific/Kiritimati", "2026-01-16");
    local("2060-07-15T03:59:59Z", "America/New_York", "2060-07-14");
    local("1969-12-31T23:59:59Z", "UTC", "1969-12-31");
    local("1970-01-01T00:00:00Z", "UTC", "1970-01-01");
    local("9999-12-31T23:59:59Z", "Asia/Kolkata", "9999-12-31");
    local("0001-01-01T00:00:00Z", "America/New_York", "0001-01-01");
    local("2026-01-15T23:59:59Z", "Mars/Olympus", "2026-01-15");
    local("2026-01-15T23:59:59Z", NULL, "2026-01-15");
}

static void a_minute_is_that_of_the_clock_on_the_wall(void **state) {
    (void)state;
    static const char *const minutes[][3] = {
        {"2026-01-15T18:29:59Z", "Asia/Kolkata", "2026-01-15 23:59"},
        {"2026-01-15T18:30:00Z", "Asia/Kolkata", "2026-01-16 00:00"},
        {"2026-07-15T10:05:00Z", "Europe/Berlin", "2026-07-15 12:05"},
        {"9999-12-31T23:59:59Z", "Asia/Kolkata", "9999-12-31 23:59"},
        {"2026-01-15T08:30:00Z", "Mars/Olympus", "2026-01-15 08:30"},
    };
    for (size_t i = 0; i < sizeof minutes / sizeof *minutes; i++) {
        int64_t t;
        char text[MINUTE_TEXT];
        assert_true(time_parse(str_of(minutes[i][0]), &t));
        minute_in_zone(t, minutes[i][1], text);
        assert_string_equal(text, minutes[i][2]);
    }
}

static void a_day_begins_at_midnight_where_one_is(void **state) {
    (void)state;
    static const struct {
        const char *date, *zone, *start;
    } days[] = {
        {"2026-01-15", "UTC", "2026-01-15T00:00:00Z"},
        {"2026-01-15", "Europe/Berlin", "2026-01-14T23:00:00Z"},
        {"2026-07-15", "Europe/Berlin", "2026-07-14T22:00:00Z"},
        {"2026-01-15", "America/Los_Angeles", "2026-01-15T08:00:00Z"},
        {"2026-01-15", "Pacific/Kiritimati", "2026-01-14T10:00:00Z"},
        {"2026-01-15", "Asia/Kolkata", "2026-01-14T18:30:00Z"},
        {"2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00:00Z"}, /* its midnight was skipped */
        {"2011-12-30", "Pacific/Apia", "2011-12-30T10:00:00Z"},      /* the whole day was */
        {"0001-01-02", "UTC", "0001-01-02T00:00:00Z"},
        {"9999-12-31", "UTC", "9999-12-31T00:00:00Z"},
    };
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        char text[TIME_TEXT];
        time_format(date_start(str_of(days[i].date), days[i].zone), text);
        assert_string_equal(text, days[i].start);
    }
}

static void only_iana_names_are_zones(void **state) {
    (void)state;
    const char *good[] = {"UTC",           "GMT",
                          "Europe/Berlin", "America/Argentina/Buenos_Aires",
                          "Etc/GMT+3",     "America/Port-au-Prince"};
    const char *bad[] = {"",
                         "Mars/Olympus",
                         "ABC5",
                         "+05:30",
                         "../../etc/passwd",
                         "/etc/localtime",
                         "localtime",
                         "leapseconds",
                         "America",
                         "America/",
                         "europe/berlin",
                         "right/UTC",
                         ":UTC",
                         "CET-1CEST,M3.5.0,M10.5.0/3",
                         "Europe/Berlin "};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        if (!zone_valid(good[i])) fail_msg("%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (zone_valid(bad[i])) fail_msg("%s", bad[i]);
    assert_false(zone_valid(NULL));
}

static void *ask_zones(void *wrong) {
    for (int i = 0; i < 20000; i++) {
        char text[DATE_TEXT];
        date_in_zone(1768475800, i % 2 ? "Asia/Tokyo" : "Pacific/Apia", text);
        if (strcmp(text, i % 2 ? "2026-01-15" : "2026-01-16") != 0) *(int *)wrong = 1;
    }
    return NULL;
}

static void zones_can_be_asked_from_many_threads(void **state) {
    (void)state;
    pthread_t threads[4];
    int wrong[4] = {0};
    for (int i = 0; i < 4; i++) assert_int_equal(pthread_create(&threads[i], NULL, ask_zones, &wrong[i]), 0);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(wrong[i], 0);
    }
}

static void the_clock_can_be_set(void **state) {
    (void)state;
    Clock real = {0}, tomorrow = {DAY};
    int64_t apart = clock_now(&tomorrow) - clock_now(&real);
    assert_true(apart == DAY || apart == DAY - 1);
    int64_t ms = clock_now_ms(&tomorrow) - clock_now(&tomorrow) * 1000;
    assert_true(ms > -1000 && ms < 2000);
    int64_t start = monotonic_us();
    assert_true(monotonic_us() >= start);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_of_a_month_is_found_across_years),
        cmocka_unit_test(instants_are_written_in_utc),
        cmocka_unit_test(instants_out_of_range_are_shown_as_the_nearest),
        cmocka_unit_test(every_day_of_the_calendar_follows_its_neighbour),
        cmocka_unit_test(rfc_3339_is_read),
        cmocka_unit_test(other_texts_are_not_times),
        cmocka_unit_test(dates_exist_or_are_refused),
        cmocka_unit_test(days_are_added_across_months_and_years),
        cmocka_unit_test(today_depends_on_the_zone_and_its_summer_time),
        cmocka_unit_test(a_minute_is_that_of_the_clock_on_the_wall),
        cmocka_unit_test(a_day_begins_at_midnight_where_one_is),
        cmocka_unit_test(only_iana_names_are_zones),
        cmocka_unit_test(zones_can_be_asked_from_many_threads),
        cmocka_unit_test(the_clock_can_be_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
