/* The log (base/log.h). */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/log.h"
#include "base/time.h"

static int ends[2];

static int setup(void **state) {
    (void)state;
    if (pipe(ends) != 0) return -1;
    log_open(ends[1], LOG_INFO);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    log_open(2, LOG_INFO);
    close(ends[0]);
    close(ends[1]);
    return 0;
}

/* What was logged since the last call; one line, as JSON. */
static json_t *logged(void) {
    static char text[8192];
    ssize_t n = read(ends[0], text, sizeof text - 1);
    assert_true(n > 0);
    assert_int_equal(text[n - 1], '\n');
    json_t *line = json_loadb(text, (size_t)n - 1, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(line);
    assert_null(memchr(text, '\n', (size_t)n - 1));
    return line;
}

static void member_is(json_t *line, const char *key, const char *expected) {
    const char *value = json_string_value(json_object_get(line, key));
    assert_non_null(value);
    assert_string_equal(value, expected);
}

static void an_event_is_one_json_line(void **state) {
    (void)state;
    log_event("db", LOG_ERROR, "row %d says \"%s\"\n", 7, "\x01\\");
    json_t *line = logged();
    member_is(line, "level", "error");
    member_is(line, "area", "db");
    member_is(line, "message", "row 7 says \"\x01\\\"\n");
    const char *at = json_string_value(json_object_get(line, "time"));
    int64_t t;
    assert_int_equal(strlen(at), strlen("2026-01-15T08:30:00.123Z"));
    assert_true(time_parse(str_of(at), &t));
    assert_true(llabs(t - clock_now(&(Clock){0})) <= 2);
    json_decref(line);
}

static void members_are_added_to_a_line(void **state) {
    (void)state;
    log_line("http", LOG_INFO, S("\"status\":200"));
    json_t *line = logged();
    assert_int_equal(json_integer_value(json_object_get(line, "status")), 200);
    member_is(line, "area", "http");
    json_decref(line);
    log_line("http", LOG_INFO, STR_NONE);
    json_decref(logged());
}

static void lesser_events_are_dropped(void **state) {
    (void)state;
    assert_false(log_wants(LOG_DEBUG));
    assert_true(log_wants(LOG_WARNING));
    assert_false(log_wants(LOG_OFF));
    log_event("db", LOG_DEBUG, "hidden");
    log_event("db", LOG_INFO, "shown");
    json_t *line = logged();
    member_is(line, "message", "shown");
    json_decref(line);
    log_open(ends[1], LOG_OFF);
    assert_false(log_wants(LOG_ERROR));
}

static void broken_and_endless_text_still_makes_a_line(void **state) {
    (void)state;
    log_event("io", LOG_INFO, "file %s",
              "a\x80"
              "b");
    json_t *line = logged();
    member_is(line, "message", "file a?b");
    json_decref(line);
    log_event("io", LOG_INFO, "%06000d", 1);
    json_decref(logged());
}

static void levels_are_read_by_name(void **state) {
    (void)state;
    LogLevel level = LOG_DEBUG;
    assert_true(log_level_parse(S("Warning"), &level) && level == LOG_WARNING);
    assert_true(log_level_parse(S("off"), &level) && level == LOG_OFF);
    assert_false(log_level_parse(S("loud"), &level));
    assert_int_equal(level, LOG_OFF);
}

static void a_fatal_bug_is_logged_and_aborts(void **state) {
    (void)state;
    pid_t child = fork();
    if (child == 0) log_fatal("memory", "no \"%d\" bytes\n", 3);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    json_t *line = logged();
    member_is(line, "level", "fatal");
    member_is(line, "message", "no '3' bytes'");
    json_decref(line);
}

static void *shout(void *name) {
    for (int i = 0; i < 50; i++) log_event(name, LOG_INFO, "%0500d", i);
    return NULL;
}

static void lines_of_threads_do_not_mix(void **state) {
    (void)state;
    pthread_t threads[2];
    char names[2][2] = {"a", "b"};
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, shout, names[i]);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    close(ends[1]);
    FILE *in = fdopen(dup(ends[0]), "r");
    char *text = NULL;
    size_t size = 0;
    int lines = 0;
    for (ssize_t n; (n = getline(&text, &size, in)) > 0; lines++) {
        json_t *line = json_loadb(text, (size_t)n, 0, NULL);
        assert_non_null(line);
        json_decref(line);
    }
    free(text);
    fclose(in);
    assert_int_equal(lines, 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_event_is_one_json_line, setup, teardown),
        cmocka_unit_test_setup_teardown(members_are_added_to_a_line, setup, teardown),
        cmocka_unit_test_setup_teardown(lesser_events_are_dropped, setup, teardown),
        cmocka_unit_test_setup_teardown(broken_and_endless_text_still_makes_a_line, setup, teardown),
        cmocka_unit_test(levels_are_read_by_name),
        cmocka_unit_test_setup_teardown(a_fatal_bug_is_logged_and_aborts, setup, teardown),
        cmocka_unit_test_setup_teardown(lines_of_threads_do_not_mix, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
