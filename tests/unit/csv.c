/* Reading CSV a row at a time (base/csv.h), whole and in pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/csv.h"

#define CELLS 4

typedef struct {
    Arena arena;
    Str cells[CELLS];
    CsvRow row;
} Fixture;

static int setup(void **state) {
    static Fixture f;
    f = (Fixture){0};
    arena_init(&f.arena, 1 << 20);
    f.row = (CsvRow){.delimiter = ',', .cells = f.cells, .max = CELLS};
    *state = &f;
    return 0;
}

static int teardown(void **state) {
    arena_free(&((Fixture *)*state)->arena);
    return 0;
}

static void row_is(Fixture *f, Str *text, const char *cells) {
    Buf b = {0};
    assert_int_equal(csv_row(*text, true, &f->row, &f->arena), CSV_ROW);
    for (int i = 0; i < f->row.n; i++) buf_fmt(&b, "%s%.*s", i ? "|" : "", STR_ARG(f->cells[i]));
    assert_string_equal(buf_c_str(&b), cells);
    buf_free(&b);
    *text = (Str){text->p + f->row.used, text->n - f->row.used};
}

static void rows_have_their_cells(void **state) {
    Fixture *f = *state;
    Str text = S("a,b\r\n\"x, \"\"y\"\"\", \"two\nlines\" ,\n\n\r,'=1\nlast");
    row_is(f, &text, "a|b");
    row_is(f, &text, "x, \"y\"|two\nlines|");
    row_is(f, &text, "");
    assert_true(csv_blank(&f->row));
    row_is(f, &text, "");
    row_is(f, &text, "|'=1");
    row_is(f, &text, "last");
    assert_int_equal(csv_row(text, true, &f->row, &f->arena), CSV_END);
    f->row.delimiter = ';';
    text = S("a,b;c;d;e;f");
    assert_int_equal(csv_row(text, true, &f->row, &f->arena), CSV_ROW);
    assert_int_equal(f->row.n, 5); /* one more than is kept */
}

static void a_wrong_row_ends_with_its_line(void **state) {
    Fixture *f = *state;
    static const char *const wrong[] = {"a\"b,c\nnext", "\"a\"b,\"c\nnext", "x,\"a\" b\nnext"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        Str text = str_of(wrong[i]);
        assert_int_equal(csv_row(text, true, &f->row, &f->arena), CSV_WRONG);
        assert_non_null(f->row.wrong);
        assert_string_equal(text.p + f->row.used, "next");
    }
    Str open = S("\"never closed\nnext");
    assert_int_equal(csv_row(open, true, &f->row, &f->arena), CSV_WRONG);
    assert_int_equal(f->row.used, open.n);
}

/* However a file is cut, a row is read when it is there to its end, or not at all. */
static void pieces_make_the_same_rows(void **state) {
    Fixture *f = *state;
    Str row = S("\"a \"\"b\"\"\",c\r\n");
    for (size_t n = 0; n < row.n; n++) {
        CsvResult result = csv_row((Str){row.p, n}, false, &f->row, &f->arena);
        assert_int_equal(result, CSV_MORE);
    }
    assert_int_equal(csv_row(row, false, &f->row, &f->arena), CSV_ROW);
    assert_int_equal(f->row.used, row.n);
}

static void the_delimiter_is_the_headings(void **state) {
    (void)state;
    assert_int_equal(csv_delimiter(S("a,b;c,d\n;;;;;;;")), ',');
    assert_int_equal(csv_delimiter(S("a;\"b,,,,\";c")), ';');
    assert_int_equal(csv_delimiter(S("a\tb\n")), '\t');
    assert_int_equal(csv_delimiter(S("alone\n")), ',');
}

static void what_is_written_is_read(void **state) {
    Fixture *f = *state;
    static const char *const texts[] = {"", "plain", "a,b", "\"", "=1+1", "'=1", "-5", "-a", "\ttab", "two\nlines", "a\"b"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        Buf b = {0};
        csv_cell(&b, str_of(texts[i]));
        buf_c(&b, ",x\n");
        assert_int_equal(csv_row(buf_view(&b), true, &f->row, &f->arena), CSV_ROW);
        assert_true(str_is(csv_unguarded(f->cells[0]), texts[i]));
        assert_int_equal(f->row.n, 2);
        buf_free(&b);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_have_their_cells, setup, teardown),
        cmocka_unit_test_setup_teardown(a_wrong_row_ends_with_its_line, setup, teardown),
        cmocka_unit_test_setup_teardown(pieces_make_the_same_rows, setup, teardown),
        cmocka_unit_test(the_delimiter_is_the_headings),
        cmocka_unit_test_setup_teardown(what_is_written_is_read, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
