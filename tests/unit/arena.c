/* Request memory (base/arena.h). */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/log.h"

#define LIMIT ((size_t)8 << 20)

static void memory_is_zeroed_aligned_and_apart(void **state) {
    (void)state;
    Arena a;
    arena_init(&a, LIMIT);
    unsigned char *blocks[500];
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < 500; i++) {
            size_t n = i * 7 % 300 + (i % 50 == 0 ? 20000 : 1);
            blocks[i] = arena_alloc(&a, n);
            assert_int_equal((uintptr_t)blocks[i] % _Alignof(max_align_t), 0);
            for (size_t k = 0; k < n; k++) assert_int_equal(blocks[i][k], 0);
            memset(blocks[i], (int)(i % 251 + 1), n);
        }
        for (size_t i = 0; i < 500; i++) assert_int_equal(blocks[i][i * 7 % 300], i % 251 + 1);
        arena_reset(&a);
    }
    arena_free(&a);
}

static void reset_keeps_at_most_one_block(void **state) {
    (void)state;
    Arena a;
    arena_init(&a, LIMIT);
    for (int i = 0; i < 100; i++) arena_alloc(&a, 3000);
    arena_alloc(&a, 100000);
    assert_true(a.total >= 400000);
    arena_reset(&a);
    assert_true(a.total <= 16 * 1024);
    arena_free(&a);
    assert_int_equal(a.total, 0);
    assert_null(a.head);
}

static void a_large_request_does_not_waste_the_current_block(void **state) {
    (void)state;
    Arena a;
    arena_init(&a, LIMIT);
    char *before = arena_alloc(&a, 16);
    arena_alloc(&a, 1 << 20);
    size_t total = a.total;
    char *after = arena_alloc(&a, 16);
#ifdef MILLWRIGHT_ARENA_DEBUG
    assert_int_equal(a.total, total + 16);
    (void)before, (void)after;
#else
    assert_int_equal(a.total, total);
    assert_ptr_equal(after, before + 16);
#endif
    arena_free(&a);
}

static void strings_are_copied_with_a_nul(void **state) {
    (void)state;
    Arena a;
    arena_init(&a, LIMIT);
    char source[] = "weld";
    Str copy = arena_str(&a, (Str){source, 4});
    source[0] = 'h';
    assert_string_equal(copy.p, "weld");
    assert_int_equal(copy.n, 4);
    assert_true(str_is(arena_join(&a, S("left"), S("-right")), "left-right"));
    assert_true(str_is(arena_join(&a, STR_NONE, STR_NONE), ""));
    Str nothing = arena_str(&a, STR_NONE);
    assert_string_equal(nothing.p, "");
    assert_int_equal(nothing.n, 0);
    assert_string_equal(arena_c_str(&a, S("x")), "x");
    arena_free(&a);
}

static void formatting_takes_any_length(void **state) {
    (void)state;
    Arena a;
    arena_init(&a, LIMIT);
    char word[1000];
    memset(word, 'w', sizeof word);
    for (int n = 0; n < 1000; n++) {
        Str s = arena_fmt(&a, "%.*s", n, word);
        assert_int_equal(s.n, n);
        assert_int_equal(strlen(s.p), n);
    }
    Str pair = arena_fmt(&a, "%s/%d", "PO", 12);
    assert_string_equal(pair.p, "PO/12");
    arena_free(&a);
}

/* The exit signal of a child that allocates n bytes under `limit`. */
static int signal_of(size_t limit, size_t n) {
    pid_t child = fork();
    if (child == 0) {
        log_open(-1, LOG_OFF);
        Arena a;
        arena_init(&a, limit);
        for (int i = 0; i < 10; i++) arena_alloc(&a, n);
        arena_free(&a);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void an_arena_over_its_limit_aborts(void **state) {
    (void)state;
    assert_int_equal(signal_of(1000, 64), 0);
    assert_int_equal(signal_of(1000, 256), SIGABRT);
    assert_int_equal(signal_of(100000, 9000), 0);
    assert_int_equal(signal_of(100000, 20000), SIGABRT);
    assert_int_equal(signal_of(100000, SIZE_MAX), SIGABRT);
    assert_int_equal(signal_of(100000, SIZE_MAX - 20), SIGABRT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_aligned_and_apart),
        cmocka_unit_test(reset_keeps_at_most_one_block),
        cmocka_unit_test(a_large_request_does_not_waste_the_current_block),
        cmocka_unit_test(strings_are_copied_with_a_nul),
        cmocka_unit_test(formatting_takes_any_length),
        cmocka_unit_test(an_arena_over_its_limit_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
