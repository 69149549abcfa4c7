/* Page marks (model/marks.h): pages far down a list are the same with them as
 * without, whatever was asked before, and also after the rows changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#undef fail /* cmocka's; ours is in base/error.h */
#include "model/marks.h"
#include "things.h"

#define ROWS  2000
#define TRIES 1500

static World world;

static int open_world(void **state) {
    (void)state;
    world_open(&world);
    world_fill(&world, ROWS);
    world.app.tallies = tallies_new();
    world.app.marks = marks_new();
    return 0;
}

static int close_world(void **state) {
    (void)state;
    marks_free(world.app.marks);
    world_close(&world);
    return 0;
}

static int page_ids(const char *params, int64_t *out) {
    Query q;
    Page page;
    assert_true(world_read(&world, params, &q));
    assert_true(query_items(&world.c, &q, &page));
    json_t *items = json_loadb(world.body.p, world.body.n, 0, NULL);
    int n = (int)json_array_size(items);
    for (int i = 0; i < n; i++)
        out[i] = json_integer_value(json_object_get(json_array_get(items, (size_t)i), "id"));
    json_decref(items);
    return n;
}

static bool add_id(Ctx *c, const Row *row, void *arg) {
    (void)c;
    int64_t *ids = arg;
    ids[++ids[0]] = row->values[row->model->id].i;
    return true;
}

/* ids[0] is their number. */
static void whole_list(const char *params, int64_t *ids) {
    Query q;
    ids[0] = 0;
    assert_true(world_read(&world, params, &q));
    assert_true(query_each(&world.c, &q, add_id, ids));
}

static const char *const lists[] = {
    "fields=id&ordering=id",
    "fields=id&ordering=-due_date",
    "fields=id&ordering=due_date",
    "fields=id&ordering=-pieces",
    "fields=id&ordering=price,-name",
    "fields=id&ordering=due_date&status__ne=open",
    "fields=id&search=t",
    "fields=id&ordering=due_date&status__ne=draft",
};

static void pages_are_right(int tries) {
    static int64_t whole[8][ROWS + 1], page[1000];
    for (int i = 0; i < 8; i++) whole_list(lists[i], whole[i]);
    for (int try = 0; try < tries; try++) {
        char params[200];
        int which = (int)draw(8), size = 1 + (int)draw(200), all = (int)whole[which][0];
        int skip = (int)draw((uint32_t)all + 100);
        snprintf(params, sizeof params, "%s&skip=%d&limit=%d", lists[which], skip, size);
        int n = page_ids(params, page), left = all > skip ? all - skip : 0;
        assert_int_equal(n, left < size ? left : size);
        if (n && memcmp(page, &whole[which][1 + skip], sizeof *page * (size_t)n)) print_error("%s\n", params);
        if (n) assert_memory_equal(page, &whole[which][1 + skip], sizeof *page * (size_t)n);
    }
}

static void any_page_in_any_order_is_right(void **state) {
    (void)state;
    pages_are_right(TRIES);
}

static void write_begins(void) {
    Row row = row_new(&world.arena, world.model);
    tally_note(world.app.tallies, 1, world.model, NULL, row.values);
    tally_keep(world.app.tallies);
    tally_before_commit(world.app.tallies);
}

static void write_ends(void) { tally_after_commit(world.app.tallies, true); }

static void pages_are_right_after_a_write(void **state) {
    (void)state;
    for (int i = 0; i < 10; i++) {
        char sql[100];
        write_begins();
        snprintf(sql, sizeof sql, "DELETE FROM things WHERE id = %d", 1 + 2 * (i * 7 + 3));
        world_exec(&world, sql);
        snprintf(sql, sizeof sql, "UPDATE things SET due_date = NULL, name = 'aa' WHERE id = %d",
                 1001 + 2 * i);
        world_exec(&world, sql);
        /* Committed, but not yet known to be: marks must be left alone. */
        pages_are_right(50);
        write_ends();
        if (i % 2) pages_are_right(100);
    }
}

/* A mark put there by hand shows that it is used: the page begins behind it. */
static void a_page_begins_at_the_mark(void **state) {
    (void)state;
    int64_t page[1000], behind[1000];
    assert_int_equal(page_ids("fields=id&ordering=number&skip=1000&limit=100", page), 100);
    int n = page_ids("fields=id&ordering=number&skip=1100&limit=100", behind);
    assert_int_equal(n, 100);
    world_exec(&world, "UPDATE things SET number = 'T-0000x' WHERE number = "
                       "(SELECT max(number) FROM things WHERE organization_id = 1) AND organization_id = 1");
    /* Nobody said that a row has changed: the mark still stands. */
    page_ids("fields=id&ordering=number&skip=1100&limit=100", page);
    assert_memory_equal(page, behind, sizeof *page * 99);
    write_begins();
    write_ends();
    page_ids("fields=id&ordering=number&skip=1100&limit=100", page);
    assert_memory_equal(page + 1, behind, sizeof *page * 99);
}

static bool found(Marks *t, Str list, uint64_t version, int64_t offset, int64_t expected) {
    Mark m = {list, version, offset, STR_NONE};
    char text[32];
    if (!marks_find(t, &m, &world.arena)) return expected < 0;
    snprintf(text, sizeof text, "after %lld", (long long)expected);
    return m.offset == expected && str_is(m.key, text);
}

static void add(Marks *t, Str list, uint64_t version, int64_t offset) {
    char text[32];
    snprintf(text, sizeof text, "after %lld", (long long)offset);
    marks_add(t, &(Mark){list, version, offset, str_of(text)});
}

static void the_nearest_mark_before_is_found(void **state) {
    (void)state;
    Marks *t = marks_new();
    assert_true(found(t, S("a"), 1, 500, -1));
    add(t, S("a"), 1, 100);
    add(t, S("a"), 1, 300);
    add(t, S("a"), 1, 200);
    add(t, S("a"), 1, 200);
    assert_true(found(t, S("a"), 1, 99, -1));
    assert_true(found(t, S("a"), 1, 100, 100));
    assert_true(found(t, S("a"), 1, 299, 200));
    assert_true(found(t, S("a"), 1, 9999, 300));
    assert_true(found(t, S("b"), 1, 9999, -1));
    marks_free(t);
}

static void a_new_version_forgets_the_old_marks(void **state) {
    (void)state;
    Marks *t = marks_new();
    add(t, S("a"), 1, 100);
    assert_true(found(t, S("a"), 2, 150, -1));
    add(t, S("a"), 2, 120);
    assert_true(found(t, S("a"), 2, 110, -1));
    assert_true(found(t, S("a"), 1, 150, -1));
    marks_free(t);
}

static void a_long_list_keeps_marks_everywhere(void **state) {
    (void)state;
    Marks *t = marks_new();
    for (int i = 1; i <= 20000; i++) add(t, S("a"), 1, 50 * ((int64_t)i * 7919 % 20000));
    for (int64_t offset = 20000; offset < 1000000; offset += 9999) {
        Mark m = {S("a"), 1, offset, STR_NONE};
        assert_true(marks_find(t, &m, &world.arena));
        assert_in_range(offset - m.offset, 0, 20000);
    }
    marks_free(t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_page_in_any_order_is_right),
        cmocka_unit_test(pages_are_right_after_a_write),
        cmocka_unit_test(a_page_begins_at_the_mark),
        cmocka_unit_test(the_nearest_mark_before_is_found),
        cmocka_unit_test(a_new_version_forgets_the_old_marks),
        cmocka_unit_test(a_long_list_keeps_marks_everywhere),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
