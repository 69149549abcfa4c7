/* The configuration reader (base/config.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/config.h"

static const Option options[] = {
    {"--listen", "TEST_LISTEN", "ADDRESS", "127.0.0.1:8000", "Where to serve."},
    {"--workers", "TEST_WORKERS", "N", "4", "How many."},
    {"--database", "TEST_DATABASE", "URL", NULL, "Where the data is."},
    {"--demo", "TEST_DEMO", NULL, NULL, "Start with demo data."},
    {"--help", NULL, NULL, NULL, "Show this."},
};
#define N_OPTIONS (sizeof options / sizeof options[0])

typedef struct {
    Arena arena;
    Config config;
    char path[64];
} Bench;

static int setup(void **state) {
    static Bench bench;
    bench = (Bench){0};
    arena_init(&bench.arena, (size_t)1 << 20);
    snprintf(bench.path, sizeof bench.path, "/tmp/millwright-config-%d.env", (int)getpid());
    for (size_t i = 0; i < N_OPTIONS; i++)
        if (options[i].env) unsetenv(options[i].env);
    *state = &bench;
    return 0;
}

static int teardown(void **state) {
    Bench *bench = *state;
    unlink(bench->path);
    arena_free(&bench->arena);
    return 0;
}

static void env_file(const Bench *bench, Str text) {
    FILE *f = fopen(bench->path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text.p, 1, text.n, f), text.n);
    assert_int_equal(fclose(f), 0);
}

/* Loads with up to eight arguments. */
static bool load(Bench *bench, const char *const *arguments) {
    static char store[9][64];
    char *argv[10] = {store[0]};
    int argc = 1;
    snprintf(store[0], sizeof store[0], "serve");
    for (; arguments && arguments[argc - 1] && argc < 9; argc++) {
        snprintf(store[argc], sizeof store[argc], "%s", arguments[argc - 1]);
        argv[argc] = store[argc];
    }
    ConfigSource source = {options, N_OPTIONS, argc, argv, bench->path};
    return config_load(&source, &bench->arena, &bench->config);
}

#define ARGUMENTS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void complains(Bench *bench, const char *const *arguments, const char *expected) {
    assert_false(load(bench, arguments));
    assert_non_null(bench->config.problem.p);
    if (!strstr(bench->config.problem.p, expected)) fail_msg("%s", bench->config.problem.p);
}

static void value_is(const Bench *bench, const char *flag, const char *expected) {
    const char *value = config_get(&bench->config, flag);
    assert_non_null(value);
    assert_string_equal(value, expected);
}

static void flags_beat_environment_beats_file_beats_default(void **state) {
    Bench *bench = *state;
    assert_true(load(bench, NULL));
    value_is(bench, "--listen", "127.0.0.1:8000");
    assert_null(config_get(&bench->config, "--database"));
    env_file(bench, S("TEST_LISTEN=file\nTEST_WORKERS=2\nTEST_DATABASE=sqlite:a\n"));
    assert_true(load(bench, NULL));
    value_is(bench, "--listen", "file");
    value_is(bench, "--workers", "2");
    setenv("TEST_LISTEN", "environment", 1);
    setenv("TEST_WORKERS", "", 1);
    assert_true(load(bench, NULL));
    value_is(bench, "--listen", "environment");
    value_is(bench, "--workers", "2");
    assert_true(load(bench, ARGUMENTS("--listen", "flag")));
    value_is(bench, "--listen", "flag");
    value_is(bench, "--database", "sqlite:a");
}

static void flags_have_two_forms_and_the_last_wins(void **state) {
    Bench *bench = *state;
    assert_true(load(bench, ARGUMENTS("--listen=a=b", "--workers", "1", "--workers=-3")));
    value_is(bench, "--listen", "a=b");
    value_is(bench, "--workers", "-3");
    assert_true(load(bench, ARGUMENTS("--listen=")));
    value_is(bench, "--listen", "");
}

static void switches_are_on_or_off(void **state) {
    Bench *bench = *state;
    assert_true(load(bench, NULL));
    assert_false(config_on(&bench->config, "--demo"));
    assert_true(load(bench, ARGUMENTS("--demo")));
    assert_true(config_on(&bench->config, "--demo"));
    const char *on[] = {"1", "true", "YES", "on"}, *off[] = {"0", "False", "no", "off"};
    for (size_t i = 0; i < 4; i++) {
        setenv("TEST_DEMO", on[i], 1);
        assert_true(load(bench, NULL));
        assert_true(config_on(&bench->config, "--demo"));
        assert_true(load(bench, ARGUMENTS("--demo=off")));
        assert_false(config_on(&bench->config, "--demo"));
        setenv("TEST_DEMO", off[i], 1);
        assert_true(load(bench, NULL));
        assert_false(config_on(&bench->config, "--demo"));
    }
    setenv("TEST_DEMO", "perhaps", 1);
    complains(bench, NULL, "TEST_DEMO must be true or false, not \"perhaps\"");
}

static void a_switch_takes_no_argument_after_it(void **state) {
    Bench *bench = *state;
    assert_true(load(bench, ARGUMENTS("--demo", "orders.csv", "-", "--", "--listen")));
    assert_int_equal(bench->config.n_arguments, 3);
    assert_string_equal(bench->config.arguments[0], "orders.csv");
    assert_string_equal(bench->config.arguments[1], "-");
    assert_string_equal(bench->config.arguments[2], "--listen");
    value_is(bench, "--listen", "127.0.0.1:8000");
}

static void mistakes_are_explained(void **state) {
    Bench *bench = *state;
    complains(bench, ARGUMENTS("--lisen", "x"), "unknown option --lisen; did you mean --listen?");
    complains(bench, ARGUMENTS("--wrokers=3"), "did you mean --workers?");
    complains(bench, ARGUMENTS("--colour"), "unknown option --colour; --help lists them");
    complains(bench, ARGUMENTS("-v"), "unknown option -v");
    complains(bench, ARGUMENTS("--listen"), "--listen needs a value: --listen ADDRESS");
    complains(bench, ARGUMENTS("--listen", "--demo"), "--listen needs a value");
}

static void whole_numbers_have_a_range(void **state) {
    Bench *bench = *state;
    Config *c = &bench->config;
    assert_true(load(bench, ARGUMENTS("--workers", "64")));
    assert_int_equal(config_int(c, "--workers", 1, 64), 64);
    assert_null(c->problem.p);
    assert_int_equal(config_int(c, "--workers", 1, 63), 1);
    assert_string_equal(c->problem.p, "--workers must be a whole number from 1 to 63, not \"64\"");
    setenv("TEST_WORKERS", "4x", 1);
    assert_true(load(bench, NULL));
    config_int(c, "--workers", 1, 64);
    config_int(c, "--database", 1, 64);
    assert_string_equal(c->problem.p, "TEST_WORKERS must be a whole number from 1 to 64, not \"4x\"");
    unsetenv("TEST_WORKERS");
    env_file(bench, S("\nTEST_WORKERS=0\n"));
    assert_true(load(bench, NULL));
    config_int(c, "--workers", 1, 64);
    assert_non_null(strstr(c->problem.p, "TEST_WORKERS ("));
    assert_non_null(strstr(c->problem.p, ".env:2) must be"));
}

static void file_gives(Bench *bench, Str text, const char *expected) {
    env_file(bench, text);
    if (!load(bench, NULL)) fail_msg("%s", bench->config.problem.p);
    value_is(bench, "--database", expected);
}

static void the_file_is_read_as_a_shell_would(void **state) {
    Bench *bench = *state;
    file_gives(bench, S("TEST_DATABASE=plain"), "plain");
    file_gives(bench, S("\xEF\xBB\xBF# comment\r\n\r\n  export  TEST_DATABASE = crlf \r\n"), "crlf");
    file_gives(bench, S("TEST_DATABASE=a b#c # comment"), "a b#c");
    file_gives(bench, S("TEST_DATABASE='a # \"b\" \\n' # comment"), "a # \"b\" \\n");
    file_gives(bench, S("TEST_DATABASE=\"a\\\"b\\n\\t\\\\ # c\""), "a\"b\n\t\\ # c");
    file_gives(bench, S("TEST_DATABASE=x=y"), "x=y");
    file_gives(bench, S("TEST_DATABASE=one\nTEST_DATABASE=two\nOTHER=z\n"), "two");
    env_file(bench, S("TEST_LISTEN=\nTEST_WORKERS='' # none\n"));
    assert_true(load(bench, NULL));
    value_is(bench, "--listen", "127.0.0.1:8000");
    value_is(bench, "--workers", "4");
}

static void a_malformed_line_is_named(void **state) {
    Bench *bench = *state;
    env_file(bench, S("# fine\nTEST_LISTEN=x\nTEST_WORKERS 4\n"));
    complains(bench, NULL, ".env:3: expected NAME=VALUE");
    env_file(bench, S("TEST-LISTEN=x\n"));
    complains(bench, NULL, ".env:1: the name");
    env_file(bench, S("=x\n"));
    complains(bench, NULL, ".env:1: the name");
    env_file(bench, S("\nA='open\n"));
    complains(bench, NULL, ".env:2: the closing quote");
    env_file(bench, S("A='a' b\n"));
    complains(bench, NULL, ".env:1: the closing quote");
    env_file(bench, S("A=\xFF\n"));
    complains(bench, NULL, ".env:1: not valid UTF-8");
    env_file(bench, S("A=x\0y\n"));
    complains(bench, NULL, ".env:1: not valid UTF-8");
}

static void a_file_that_cannot_be_read_is_a_problem_but_none_is_not(void **state) {
    Bench *bench = *state;
    assert_true(load(bench, NULL));
    snprintf(bench->path, sizeof bench->path, "/tmp");
    complains(bench, NULL, "/tmp: cannot be read");
    snprintf(bench->path, sizeof bench->path, "/dev/zero");
    complains(bench, NULL, "/dev/zero: too large");
    snprintf(bench->path, sizeof bench->path, "/tmp/millwright-none");
}

static void help_is_aligned_and_fits_a_terminal(void **state) {
    (void)state;
    static const Option table[] = {
        {"--demo", NULL, NULL, NULL, "Start with demo data."},
        {"--listen", "TEST_LISTEN", "ADDRESS", "127.0.0.1:8000",
         "Address and port to serve on; a path makes it a Unix socket, which a proxy can use."},
        {"--a-very-long-option-name", "TEST_LONG", "SOMETHING", "x", "Long."},
    };
    Buf out = {0};
    config_help(table, 3, &out);
    assert_string_equal(buf_c_str(&out),
                        "  --demo                      Start with demo data.\n"
                        "  --listen ADDRESS            Address and port to serve on; a path makes it a\n"
                        "                              Unix socket, which a proxy can use.\n"
                        "                              TEST_LISTEN, default 127.0.0.1:8000\n"
                        "  --a-very-long-option-name SOMETHING\n"
                        "                              Long.\n"
                        "                              TEST_LONG, default x\n");
    buf_free(&out);
}

int main(void) {
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(flags_beat_environment_beats_file_beats_default),
        CASE(flags_have_two_forms_and_the_last_wins),
        CASE(switches_are_on_or_off),
        CASE(a_switch_takes_no_argument_after_it),
        CASE(mistakes_are_explained),
        CASE(whole_numbers_have_a_range),
        CASE(the_file_is_read_as_a_shell_would),
        CASE(a_malformed_line_is_named),
        CASE(a_file_that_cannot_be_read_is_a_problem_but_none_is_not),
        cmocka_unit_test(help_is_aligned_and_fits_a_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
