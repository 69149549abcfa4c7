/* Filters: what SQL finds and what filter_holds says of the same rows must be
 * the same, for every field, operator and value, nulls and odd texts included
 * (model/filter.c). The live counts are only right if it is so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#undef fail /* cmocka's; ours is in base/error.h */
#include "things.h"

#define ROWS  300
#define TRIES 4000

static World world;
static Row rows[ROWS];
static Arena kept;

static int open_world(void **state) {
    (void)state;
    world_open(&world);
    world_fill(&world, ROWS);
    arena_init(&kept, (size_t)16 << 20);
    for (int i = 0; i < ROWS; i++) {
        Ctx *c = world_ask(&world);
        c->arena = &kept;
        Stmt *st = db_prepare(c->db, world.model->select_sql);
        stmt_bind_int(st, 1, 1);
        stmt_bind_int(st, 2, 1 + 2 * i);
        assert_true(stmt_step(st));
        assert_true(row_from_stmt(c, world.model, st, &rows[i]));
        stmt_reset(st);
    }
    return 0;
}

static int close_world(void **state) {
    (void)state;
    arena_free(&kept);
    world_close(&world);
    return 0;
}

static Filter drawn_filter(Arena *a) {
    static const Op equal[] = {OP_EQ, OP_NE, OP_IN, OP_ISNULL};
    static const Op range[] = {OP_GT, OP_GTE, OP_LT, OP_LTE};
    static const Op text[] = {OP_CONTAINS, OP_STARTSWITH};
    const Model *m = world.model;
    Filter f = {.field = &m->fields[draw((uint32_t)m->n)], .n = 1};
    unsigned can = f.field->type->operators, pick = draw(3);
    f.op = pick == 1 && (can & OPS_RANGE)  ? range[draw(4)]
           : pick == 2 && (can & OPS_TEXT) ? text[draw(2)]
                                           : equal[draw(4)];
    if ((can & OPS_MANY) && f.op == OP_NE) f.op = OP_EQ;
    if (draw(20) == 0) f = (Filter){.op = draw(2) ? OP_OWN : OP_PERSONAL, .n = 1};
    if (f.op == OP_IN) f.n = 1 + (int)draw(4);
    f.values = ARENA_ARRAY(a, Value, (size_t)f.n);
    for (int i = 0; i < f.n; i++)
        f.values[i] = f.op == OP_ISNULL ? value_int(draw(2))
                      : !f.field          ? value_int(1 + draw(3))
                                          : drawn_value(f.field, false);
    return f;
}

typedef struct {
    bool found[2 * ROWS + 1];
    int n;
} Found;

static bool note(Ctx *c, const Row *row, void *arg) {
    (void)c;
    Found *found = arg;
    int64_t id = row->values[row->model->id].i;
    assert_true(id >= 1 && id <= 2 * ROWS);
    found->found[id] = true;
    found->n++;
    return true;
}

static const char *in_words(const Filter *f) {
    static char text[200];
    snprintf(text, sizeof text, "%s op %d value %lld '%.*s'", f->field ? f->field->name.p : "own", (int)f->op,
             (long long)f->values[0].i, STR_ARG(f->values[0].s));
    return text;
}

static bool all_hold(const Query *q, const Row *row) {
    for (int i = 0; i < q->n_filters; i++)
        if (!filter_holds(&q->filters[i], q->model, row->values)) return false;
    return true;
}

static void sql_and_memory_agree(void **state) {
    (void)state;
    Query q;
    int hits = 0;
    for (int try = 0; try < TRIES; try++) {
        Found found = {0};
        assert_true(world_read(&world, "", &q));
        q.n_filters = 1 + (draw(3) == 0);
        for (int i = 0; i < q.n_filters; i++) q.filters[i] = drawn_filter(&world.arena);
        assert_true(query_each(&world.c, &q, note, &found));
        int64_t total;
        assert_true(query_total(&world.c, &q, &total));
        assert_int_equal(total, found.n);
        hits += found.n;
        for (int i = 0; i < ROWS; i++) {
            bool holds = all_hold(&q, &rows[i]);
            if (holds != found.found[1 + 2 * i])
                print_error("%s: SQL says %d of row %d\n", in_words(&q.filters[0]), !holds, 1 + 2 * i);
            assert_int_equal(holds, found.found[1 + 2 * i]);
        }
    }
    /* Neither side is right by finding nothing, or everything. */
    assert_in_range(hits, TRIES * ROWS / 20, TRIES * ROWS / 2);
}

static void another_organizations_rows_are_never_found(void **state) {
    (void)state;
    Query q;
    Found found = {0};
    assert_true(world_read(&world, "", &q));
    assert_true(query_each(&world.c, &q, note, &found));
    assert_int_equal(found.n, ROWS);
    for (int i = 2; i <= 2 * ROWS; i += 2) assert_false(found.found[i]);
}

/* The one filter that `params` makes. */
static Filter only(const char *params) {
    Query q;
    assert_true(world_read(&world, params, &q));
    assert_int_equal(q.n_filters, 1);
    return q.filters[0];
}

static void a_repeated_parameter_means_any_of(void **state) {
    (void)state;
    Filter f = only("status=open&status=DRAFT&status=open");
    assert_int_equal(f.op, OP_IN);
    assert_int_equal(f.n, 2);
    assert_true(str_is(f.values[0].s, "draft"));
    assert_int_equal(only("status=open&status=open").op, OP_EQ);
}

static void operators_are_read(void **state) {
    (void)state;
    assert_int_equal(only("pieces__gte=3").op, OP_GTE);
    assert_int_equal(only("title__contains=ol").op, OP_CONTAINS);
    assert_true(str_is(only("title__contains=ol").field->name, "name"));
}

static void lists_are_read(void **state) {
    (void)state;
    Filter f = only("kind__in=raw,half-done,lost");
    assert_int_equal(f.op, OP_IN);
    assert_int_equal(f.n, 3);
    assert_int_equal(only("price__ne=1.5").values[0].i, 15000);
    assert_int_equal(only("vendor=2").values[0].i, 2);
    assert_int_equal(only("name=").op, OP_ISNULL);
    assert_int_equal(only("name__isnull=false").values[0].i, 0);
}

static void the_order_of_parameters_does_not_matter(void **state) {
    (void)state;
    Query a, b;
    assert_true(world_read(&world, "status=open&kind=raw&pieces__lt=4&kind__ne=lost", &a));
    int n = a.n_filters;
    Op ops[FILTERS_MAX];
    const ModelField *fields[FILTERS_MAX];
    for (int i = 0; i < n; i++) ops[i] = a.filters[i].op, fields[i] = a.filters[i].field;
    assert_true(world_read(&world, "kind__ne=lost&pieces__lt=4&kind=raw&status=open&kind=raw", &b));
    assert_int_equal(n, b.n_filters);
    for (int i = 0; i < n; i++) {
        assert_int_equal(ops[i], b.filters[i].op);
        assert_ptr_equal(fields[i], b.filters[i].field);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sql_and_memory_agree),
        cmocka_unit_test(another_organizations_rows_are_never_found),
        cmocka_unit_test(a_repeated_parameter_means_any_of),
        cmocka_unit_test(operators_are_read),
        cmocka_unit_test(lists_are_read),
        cmocka_unit_test(the_order_of_parameters_does_not_matter),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
