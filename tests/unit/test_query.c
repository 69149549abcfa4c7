/* Lists as a client sees them: parameters, order, pages, cursors, chosen and
 * expanded fields, single records, totals and statistics (model/query.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#undef fail /* cmocka's; ours is in base/error.h */
#include "things.h"

#define ROWS 150

static World world;

static int open_world(void **state) {
    (void)state;
    world_open(&world);
    world_fill(&world, ROWS);
    world.app.tallies = tallies_new();
    return 0;
}

static int close_world(void **state) {
    (void)state;
    world_close(&world);
    return 0;
}

static json_t *answer(void) {
    json_error_t error;
    json_t *j = json_loadb(world.body.p, world.body.n, JSON_REJECT_DUPLICATES, &error);
    if (!j) print_error("%s: %s\n", error.text, buf_c_str(&world.body));
    assert_non_null(j);
    return j;
}

static json_t *list(const char *params, Query *q, Page *page) {
    bool ok = world_read(&world, params, q) && query_items(&world.c, q, page);
    if (!ok) print_error("%s: %.*s\n", params, STR_ARG(world.c.err.detail));
    assert_true(ok);
    return answer();
}

static int64_t member_id(const json_t *object, const char *name) {
    return json_integer_value(json_object_get(object, name));
}

static int ids(const char *params, int64_t *out) {
    Query q;
    Page page;
    json_t *items = list(params, &q, &page);
    int n = (int)json_array_size(items);
    for (int i = 0; i < n; i++) out[i] = member_id(json_array_get(items, (size_t)i), "id");
    json_decref(items);
    return n;
}

/* --- order and paging --- */

static const char *const orders[] = {
    "id",
    "-id",
    "due_date",
    "-due_date",
    "name",
    "-name",
    "pieces",
    "-pieces",
    "number",
    "status,-name",
    "-price,pieces",
    "name,due_date,price,pieces",
    "due_date,-id",
    "-due_date,id",
    "-name,-due_date",
    "pieces,status",
    "-pieces,-status,-id",
};
#define N_ORDERS (sizeof orders / sizeof *orders)

static void pages_by_cursor_are_the_whole_list_in_order(void **state) {
    (void)state;
    static const char *const filters[] = {"", "&status=open", "&name__isnull=false", "&search=t"};
    for (size_t i = 0; i < N_ORDERS * 4; i++) {
        char params[9000];
        int64_t whole[2 * ROWS], paged[2 * ROWS];
        int n = 0, size = 1 + (int)(i % 13);
        snprintf(params, sizeof params, "page_size=1000&ordering=%s%s", orders[i / 4], filters[i % 4]);
        int all = ids(params, whole);
        Page page = {.next_cursor = S("")};
        while (page.next_cursor.p && n <= all) {
            Query q;
            snprintf(params, sizeof params, "limit=%d&ordering=%s%s%s%.*s", size, orders[i / 4],
                     filters[i % 4], page.next_cursor.n ? "&cursor=" : "", STR_ARG(page.next_cursor));
            json_t *items = list(params, &q, &page);
            assert_int_equal(page.more, page.next_cursor.p != NULL);
            assert_true((int)json_array_size(items) == size || !page.more);
            for (size_t k = 0; k < json_array_size(items); k++)
                paged[n++] = member_id(json_array_get(items, k), "id");
            json_decref(items);
        }
        if (n != all || memcmp(whole, paged, sizeof *whole * (size_t)all))
            print_error("ordering=%s%s by %d: %d of %d\n", orders[i / 4], filters[i % 4], size, n, all);
        assert_int_equal(n, all);
        assert_memory_equal(whole, paged, sizeof *whole * (size_t)all);
    }
}

/* Null before everything else. */
static int json_order(const json_t *a, const json_t *b) {
    if (json_is_null(a) || json_is_null(b)) return json_is_null(b) - json_is_null(a);
    if (json_is_string(a)) return strcmp(json_string_value(a), json_string_value(b));
    double x = json_number_value(a), y = json_number_value(b);
    return (x > y) - (x < y);
}

static void lists_are_sorted(void **state) {
    (void)state;
    for (size_t i = 0; i < N_ORDERS; i++) {
        char params[200];
        Query q;
        Page page;
        snprintf(params, sizeof params, "page_size=1000&ordering=%s", orders[i]);
        json_t *items = list(params, &q, &page);
        assert_int_equal(json_array_size(items), ROWS);
        for (size_t k = 1; k < json_array_size(items); k++) {
            int order = 0;
            for (int s = 0; s < q.n_sort && order == 0; s++) {
                const char *name = q.sort[s].field->name.p;
                order = json_order(json_object_get(json_array_get(items, k - 1), name),
                                   json_object_get(json_array_get(items, k), name));
                if (q.sort[s].descending) order = -order;
            }
            assert_true(order < 0);
        }
        json_decref(items);
    }
}

static void pages_by_number_and_by_offset_agree(void **state) {
    (void)state;
    int64_t a[100], b[100];
    for (int page = 1; page <= 9; page++) {
        char params[100];
        snprintf(params, sizeof params, "page=%d&page_size=20&sort_by=name&order=desc", page);
        int n = ids(params, a);
        snprintf(params, sizeof params, "skip=%d&limit=20&ordering=-name", (page - 1) * 20);
        assert_int_equal(n, ids(params, b));
        assert_int_equal(n, page < 8 ? 20 : page == 8 ? 10 : 0);
        assert_memory_equal(a, b, sizeof *a * (size_t)n);
    }
    Query q;
    assert_true(world_read(&world, "skip=40&limit=20", &q));
    assert_true(q.by_offset);
    assert_int_equal(q.page, 3);
}

static void the_newest_come_first_unless_asked_otherwise(void **state) {
    (void)state;
    int64_t a[50];
    assert_int_equal(ids("", a), 50);
    assert_int_equal(a[0], 2 * ROWS - 1);
    assert_int_equal(ids("order=asc", a), 50);
    assert_int_equal(a[0], 1);
}

/* --- what is refused --- */

static const struct {
    const char *params;
    ErrorKind kind;
    const char *says;
} refused[] = {
    {"page=0", E_BAD_QUERY, "page must be"},
    {"page=x", E_BAD_QUERY, "page must be"},
    {"page=99999999999999999999", E_BAD_QUERY, "page must be"},
    {"page_size=0", E_BAD_QUERY, "from 1 to 1000"},
    {"page_size=1001", E_BAD_QUERY, "from 1 to 1000"},
    {"limit=5000", E_BAD_QUERY, "from 1 to 1000"},
    {"skip=-1", E_BAD_QUERY, "skip must be"},
    {"page=2&skip=3", E_BAD_QUERY, "page or skip"},
    {"count=some", E_BAD_QUERY, "exact or none"},
    {"order=up", E_BAD_QUERY, "asc or desc"},
    {"sort_by=name&ordering=name", E_BAD_QUERY, "not both"},
    {"sort_by=notes", E_UNKNOWN_FIELD, "cannot sort by \"notes\""},
    {"ordering=-dew_date", E_UNKNOWN_FIELD, "did you mean \"due_date\""},
    {"ordering=name,status,price,pieces,due_date", E_BAD_QUERY, "at most 4"},
    {"staus=open", E_UNKNOWN_FIELD, "did you mean \"status\""},
    {"pagesize=5", E_UNKNOWN_FIELD, "did you mean \"page_size\""},
    {"notes=x", E_UNKNOWN_FIELD, "\"notes\" is no field to filter by"},
    {"code_hash=x", E_UNKNOWN_FIELD, "unknown parameter"},
    {"ordering=code_hash", E_UNKNOWN_FIELD, "cannot sort by"},
    {"fields=code_hash", E_UNKNOWN_FIELD, "unknown field"},
    {"fields=nme", E_UNKNOWN_FIELD, "did you mean \"name\""},
    {"fields=,", E_BAD_QUERY, "names no field"},
    {"expand=vendr", E_UNKNOWN_FIELD, "did you mean \"vendor\""},
    {"expand=name", E_UNKNOWN_FIELD, "cannot expand"},
    {"expand=parts.product", E_UNKNOWN_FIELD, "cannot expand \"product\""},
    {"status=gone", E_BAD_QUERY, "status must be one of draft, open, closed"},
    {"status__gt=open", E_BAD_QUERY, "operators are eq, ne, in, isnull"},
    {"pieces__near=4", E_BAD_QUERY, "operators are eq, ne, in, isnull, gt, gte, lt, lte"},
    {"pieces__=4", E_BAD_QUERY, "operators are"},
    {"pieces=four", E_BAD_QUERY, "pieces must be a whole number"},
    {"price__lt=1.00001", E_BAD_QUERY, "price__lt has more than 4 decimals"},
    {"due_date=2026-02-30", E_BAD_QUERY, "due_date must be a date"},
    {"kind__in=raw,,lost", E_BAD_QUERY, "kind__in"},
    {"name__contains=", E_BAD_QUERY, "1 to 255"},
    {"name__isnull=maybe", E_BAD_QUERY, "true or false"},
    {"search=--", E_BAD_QUERY, "letter or digit"},
    {"search=a b c d e f g h i", E_BAD_QUERY, "8 words"},
    {"cursor=", E_BAD_QUERY, "cursor"},
    {"cursor=AAAA", E_BAD_QUERY, "not one this server gave"},
    {"cursor=!!", E_BAD_QUERY, "not one this server gave"},
};

static void mistakes_are_named(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        Query q;
        world_read(&world, refused[i].params, &q);
        const Error *e = &world.c.err;
        const char *detail = arena_c_str(&world.arena, e->detail);
        bool as_said = e->kind == refused[i].kind && strstr(detail, refused[i].says);
        if (!as_said) print_error("%s: %d %s\n", refused[i].params, (int)e->kind, detail);
        assert_true(as_said);
    }
}

static void too_many_filters_and_values_are_refused(void **state) {
    (void)state;
    Query q;
    Buf b = {0};
    buf_c(&b, "id__in=1");
    for (int i = 0; i < 1001; i++) buf_fmt(&b, ",%d", i + 2);
    assert_false(world_read(&world, buf_c_str(&b), &q));
    assert_int_equal(world.c.err.kind, E_BAD_QUERY);
    buf_reset(&b);
    buf_c(&b, "id__ne=1");
    for (int i = 0; i < 40; i++) buf_fmt(&b, "&id__ne=%d", i + 2);
    assert_false(world_read(&world, buf_c_str(&b), &q));
    assert_int_equal(world.c.err.kind, E_BAD_QUERY);
    buf_free(&b);
}

static void a_cursor_of_another_order_is_refused(void **state) {
    (void)state;
    Query q;
    Page page;
    char params[200];
    json_decref(list("ordering=name&page_size=5", &q, &page));
    snprintf(params, sizeof params, "ordering=-name&cursor=%.*s", STR_ARG(page.next_cursor));
    assert_false(world_read(&world, params, &q));
    assert_int_equal(world.c.err.kind, E_BAD_QUERY);
    assert_non_null(strstr(world.c.err.detail.p, "another list or order"));
}

/* Every cut and every changed byte is refused or harmless, never a failure. */
static void damaged_cursors_do_no_harm(void **state) {
    (void)state;
    Query q;
    Page page;
    char good[200], params[300];
    json_decref(list("ordering=name,price&page_size=5", &q, &page));
    snprintf(good, sizeof good, "%.*s", STR_ARG(page.next_cursor));
    for (size_t i = 0; i < strlen(good); i++) {
        for (int way = 0; way < 3; way++) {
            char bad[200];
            snprintf(bad, sizeof bad, "%s", good);
            bad[i] = way == 0 ? '\0' : way == 1 ? 'A' : 'z';
            snprintf(params, sizeof params, "ordering=name,price&page_size=5&cursor=%s", bad);
            if (world_read(&world, params, &q))
                assert_true(query_items(&world.c, &q, &page));
            else
                assert_int_equal(world.c.err.kind, E_BAD_QUERY);
        }
    }
}

/* --- what is printed --- */

static void hidden_fields_are_never_printed(void **state) {
    (void)state;
    Query q;
    Page page;
    json_t *items = list("", &q, &page), *first = json_array_get(items, 0);
    assert_null(json_object_get(first, "code_hash"));
    assert_null(json_object_get(first, "parts"));
    assert_non_null(json_object_get(first, "notes"));
    assert_non_null(json_object_get(first, "vendor_name"));
    json_decref(items);
}

static void only_the_fields_asked_for_are_printed(void **state) {
    (void)state;
    Query q;
    Page page;
    json_t *items = list("fields=name,id&ordering=due_date", &q, &page);
    assert_int_equal(json_object_size(json_array_get(items, 0)), 2);
    json_decref(items);
    items = list("fields=vendor_name", &q, &page);
    assert_int_equal(json_object_size(json_array_get(items, 0)), 2);
    json_decref(items);
}

static void an_alias_prints_and_takes_its_own_names(void **state) {
    (void)state;
    Query q;
    Page page;
    Param params[2];
    Ctx *c = world_ask(&world);
    const View *stuff = registry_view(world.registry, S("stuff"));
    int n = params_of(&world, "thing_no=T-0003&fields=thing_no", params);
    assert_true(query_read(c, stuff, (Params){params, n}, MAY_READ, &q));
    assert_true(query_items(c, &q, &page));
    assert_string_equal(buf_c_str(&world.body), "[{\"thing_no\":\"T-0003\"}]");
}

static void expanded_records_and_lines_stand_in_their_places(void **state) {
    (void)state;
    Query q;
    Page page;
    int64_t before;
    json_t *items;
    before = world.db->statements;
    items = list("expand=vendor,parts.vendor&page_size=100&ordering=id", &q, &page);
    /* The page, its lines, the vendors of both. */
    assert_int_equal(world.db->statements - before, 4);
    assert_int_equal(json_array_size(items), 100);
    for (size_t i = 0; i < 100; i++) {
        json_t *item = json_array_get(items, i), *vendor = json_object_get(item, "vendor");
        json_t *parts = json_object_get(item, "parts");
        assert_int_equal(json_is_null(json_object_get(item, "vendor_id")), json_is_null(vendor));
        assert_int_equal(member_id(item, "vendor_id"), member_id(vendor, "id"));
        /* As many as world_fill gave it. */
        assert_int_equal(json_array_size(parts), member_id(item, "id") / 2 % 4);
        for (size_t k = 0; k < json_array_size(parts); k++) {
            json_t *part = json_array_get(parts, k);
            assert_int_equal(member_id(part, "quantity"), k + 1);
            assert_int_equal(member_id(json_object_get(part, "vendor"), "id"), k < 2 ? k + 1 : 0);
        }
    }
    json_decref(items);
}

static void a_relation_the_caller_may_not_read_is_refused_or_null(void **state) {
    (void)state;
    Query q;
    Page page;
    int vendors = registry_model(world.registry, "vendors")->index;
    Rights full = world.rights[vendors];
    world.rights[vendors] = (Rights){0, 0};
    assert_false(world_read(&world, "expand=vendor", &q));
    assert_int_equal(world.c.err.kind, E_FORBIDDEN);
    world.rights[vendors] = (Rights){0, ~(uint64_t)0};
    json_t *items = list("expand=vendor&vendor_id__isnull=false", &q, &page);
    assert_true(json_is_null(json_object_get(json_array_get(items, 0), "vendor")));
    json_decref(items);
    world.rights[vendors] = full;
}

static void too_large_an_answer_is_refused(void **state) {
    (void)state;
    Query q;
    Page page;
    size_t max = world.body.max;
    assert_true(world_read(&world, "page_size=100&expand=parts", &q));
    buf_free(&world.body);
    world.body.max = 5000;
    assert_false(query_items(&world.c, &q, &page));
    assert_int_equal(world.c.err.kind, E_BAD_QUERY);
    assert_true(world_read(&world, "page_size=100", &q));
    assert_false(query_items(&world.c, &q, &page));
    assert_int_equal(world.c.err.kind, E_BAD_QUERY);
    world.body.max = max;
}

/* --- one record --- */

static bool one(const char *params, int64_t id, int64_t *version) {
    Param list_of[8];
    Query q;
    Ctx *c = world_ask(&world);
    int n = params_of(&world, params, list_of);
    return query_read_one(c, &world.model->views[0], (Params){list_of, n}, MAY_READ, &q) &&
           query_one(c, &q, id, version);
}

static void a_record_is_printed_the_same_from_every_way(void **state) {
    (void)state;
    int64_t version;
    Row row;
    assert_true(one("", 7, &version));
    json_t *direct = answer();
    assert_int_equal(version, member_id(direct, "version"));
    assert_int_equal(json_array_size(json_object_get(direct, "parts")), 3);
    assert_true(one("expand=vendor,parts", 7, &version));
    json_t *layered = answer();
    assert_int_equal(json_object_del(layered, "vendor"), 0);
    assert_true(json_equal(direct, layered));
    Ctx *c = world_ask(&world);
    Stmt *st = db_prepare(c->db, world.model->select_sql);
    stmt_bind_int(st, 1, 1);
    stmt_bind_int(st, 2, 7);
    assert_true(stmt_step(st) && row_from_stmt(c, world.model, st, &row));
    stmt_reset(st);
    assert_true(lines_load(c, world.model, 7, &row));
    row_write(c, &world.model->views[0], &row);
    json_t *written = answer();
    assert_true(json_equal(direct, written));
    json_decref(direct);
    json_decref(layered);
    json_decref(written);
}

static void chosen_fields_of_a_record_leave_out_its_lines(void **state) {
    (void)state;
    int64_t version, same;
    assert_true(one("", 7, &version));
    assert_true(one("fields=id", 7, &same));
    assert_string_equal(buf_c_str(&world.body), "{\"id\":7}");
    assert_int_equal(version, same);
    assert_true(one("fields=id,parts", 1, &version));
    assert_string_equal(buf_c_str(&world.body), "{\"id\":1,\"parts\":[]}");
}

static void another_organizations_record_is_as_none(void **state) {
    (void)state;
    int64_t version;
    Str texts[2];
    static const int64_t strange[] = {8, 99999};
    for (int i = 0; i < 2; i++) {
        assert_false(one("", strange[i], &version));
        assert_int_equal(world.c.err.kind, E_NOT_FOUND);
        texts[i] = (Str){strdup(world.c.err.detail.p), world.c.err.detail.n};
        assert_int_equal(world.body.n, 0);
        assert_false(one("expand=vendor", strange[i], &version));
        assert_int_equal(world.c.err.kind, E_NOT_FOUND);
    }
    assert_true(str_eq(texts[0], texts[1]));
    for (int i = 0; i < 2; i++) free((char *)(uintptr_t)texts[i].p);
}

/* --- the row scope --- */

static void who_may_see_only_the_own_sees_only_those(void **state) {
    (void)state;
    Rights full = world.rights[world.model->index];
    world.rights[world.model->index] = (Rights){0, ~(uint64_t)0};
    Query q;
    Page page;
    int64_t total, version;
    json_t *items = list("page_size=1000", &q, &page), *item;
    size_t i;
    json_array_foreach(items, i, item) {
        assert_true(member_id(item, "created_by") == 1 || member_id(item, "assigned_to") == 1);
    }
    assert_in_range(json_array_size(items), 1, ROWS - 1);
    assert_true(query_total(&world.c, &q, &total));
    assert_int_equal(total, json_array_size(items));
    json_decref(items);
    int seen = 0;
    for (int64_t id = 1; id < 2 * ROWS; id += 2) seen += one("", id, &version);
    assert_int_equal(seen, total);
    world.rights[world.model->index] = full;
}

/* --- search --- */

static void search_finds_beginnings_of_words(void **state) {
    (void)state;
    int64_t found[2 * ROWS];
    assert_int_equal(ids("search=T-0007", found), 1);
    assert_int_equal(found[0], 13);
    assert_int_equal(ids("search=0007 t", found), 1);
    assert_int_equal(ids("search=nowhere", found), 0);
    assert_int_equal(ids("search=org2&page_size=1000", found), 0);
    assert_int_equal(ids("search=\"x\" OR org2 AND (&page_size=1000", found), 0);
    Query q;
    int64_t total;
    assert_true(world_read(&world, "search=bolt&status=open", &q));
    assert_false(query_total_known(&world.c, &q, &total));
    assert_true(query_total(&world.c, &q, &total));
    assert_int_equal(total, ids("search=bolt&status=open&page_size=1000", found));
    assert_true(total > 0);
}

/* --- totals and statistics --- */

static int64_t count_sql(const char *condition) {
    Str sql = arena_fmt(&world.arena, "SELECT count(*) FROM things WHERE organization_id = 1%s%s",
                        *condition ? " AND " : "", condition);
    Stmt *st = db_prepare(world.db, sql);
    int64_t n = stmt_step(st) ? stmt_int(st, 0) : -1;
    stmt_reset(st);
    return n;
}

static void a_total_is_counted_once(void **state) {
    (void)state;
    Query q;
    int64_t total = -1;
    assert_true(world_read(&world, "kind=raw&pieces__gt=0", &q));
    assert_false(query_total_known(&world.c, &q, &total));
    assert_true(query_total(&world.c, &q, &total));
    assert_int_equal(total, count_sql("kind = 'raw' AND pieces > 0"));
    assert_true(world_read(&world, "pieces__gt=0&kind=RAW", &q));
    int64_t before = world.db->statements;
    assert_true(query_total_known(&world.c, &q, &total));
    assert_true(query_total(&world.c, &q, &total));
    assert_int_equal(world.db->statements, before);
    assert_int_equal(total, count_sql("kind = 'raw' AND pieces > 0"));
}

static void the_writer_counts_its_own_uncommitted_changes(void **state) {
    (void)state;
    Query q;
    int64_t total;
    assert_true(world_read(&world, "pieces=3", &q));
    assert_true(query_total(&world.c, &q, &total));
    world.c.writing = true;
    assert_false(query_total_known(&world.c, &q, &total));
}

static json_t *stats(const char *params) {
    Query q;
    assert_true(world_read(&world, params, &q));
    assert_true(query_stats(&world.c, &q));
    return answer();
}

static void statistics_are_those_of_the_rows(void **state) {
    (void)state;
    json_t *s = stats(""), *by = json_object_get(s, "by_status");
    assert_int_equal(member_id(s, "total"), ROWS);
    assert_int_equal(json_object_size(by), 3);
    assert_int_equal(member_id(by, "open"), count_sql("status = 'open'"));
    assert_int_equal(member_id(json_object_get(s, "by_kind"), "half_done"), count_sql("kind = 'half_done'"));
    assert_int_equal(member_id(s, "overdue"),
                     count_sql("due_date < strftime('%Y-%m-%d') AND status <> 'closed'"));
    Stmt *st = db_prepare(world.db, S("SELECT sum(price) FROM things WHERE organization_id = 1"));
    assert_true(stmt_step(st));
    double sum = (double)stmt_int(st, 0) / DECIMAL_SCALE;
    stmt_reset(st);
    assert_true(json_number_value(json_object_get(s, "total_price")) == sum);
    double parts = 0;
    const char *state_name;
    json_t *part;
    json_object_foreach(json_object_get(s, "price_by_status"), state_name, part) {
        parts += json_number_value(part);
    }
    assert_true(parts == sum);
    json_decref(s);
}

static void statistics_asked_again_read_no_table(void **state) {
    (void)state;
    Query q;
    json_t *first = stats("vendor_id=2&due_date__isnull=false");
    int64_t before = world.db->statements;
    json_t *again = stats("due_date__isnull=false&vendor_id=2");
    assert_int_equal(world.db->statements, before);
    assert_true(json_equal(first, again));
    assert_true(world_read(&world, "vendor_id=2&due_date__isnull=false", &q));
    assert_true(query_stats_known(&world.c, &q));
    assert_true(world_read(&world, "vendor_id=3&due_date__isnull=false", &q));
    assert_false(query_stats_known(&world.c, &q));
    json_decref(first);
    json_decref(again);
}

static void a_sum_beyond_the_numbers_is_null_not_an_error(void **state) {
    (void)state;
    world_exec(&world, "SAVEPOINT before; UPDATE things SET price = 9223372036854775807"
                       " WHERE organization_id = 1");
    world.c.writing = true;
    Query q;
    assert_true(world_read(&world, "", &q));
    world.c.writing = true;
    assert_true(query_stats(&world.c, &q));
    json_t *s = answer();
    assert_true(json_is_null(json_object_get(s, "total_price")));
    assert_int_equal(member_id(s, "total"), ROWS);
    json_decref(s);
    world_exec(&world, "ROLLBACK TO before; RELEASE before");
}

/* --- the database's plans --- */

static bool plan_uses(const char *condition, const char *index) {
    Str sql = arena_fmt(&world.arena,
                        "EXPLAIN QUERY PLAN SELECT name FROM things t WHERE t.organization_id = 1 AND %s LIMIT 50",
                        condition);
    bool found = false;
    Stmt *st = db_prepare(world.db, sql);
    while (stmt_step(st)) found = found || strstr(stmt_text(st, 3).p, index);
    return found;
}

static void few_records_are_found_and_then_sorted(void **state) {
    (void)state;
    assert_true(plan_uses("t.vendor_id = 1 ORDER BY t.due_date, t.id", "things_vendor_id_idx"));
    assert_true(plan_uses("t.kind = 'raw' ORDER BY t.due_date, t.id", "things_due_date_idx"));
    assert_true(plan_uses("(t.due_date, t.id) > ('2026-01-01', 5) ORDER BY t.due_date, t.id", "due_date>?"));
}

static void the_planner_is_told_only_what_is_new(void **state) {
    (void)state;
    assert_true(planner_teach(world.db, world.registry));
    int64_t before = world.db->statements, changed;
    assert_true(planner_teach(world.db, world.registry));
    changed = world.db->statements - before;
    world_exec(&world, "DELETE FROM sqlite_stat1 WHERE idx = 'things_due_date_idx'");
    before = world.db->statements;
    assert_true(planner_teach(world.db, world.registry));
    assert_true(world.db->statements - before > changed);
}

/* --- exports --- */

static bool second_stops(Ctx *c, const Row *row, void *arg) {
    int *n = arg;
    assert_non_null(row->values[row->model->number].s.p);
    return ++*n < 2 || fail(c, E_OVERLOADED, NULL);
}

static void an_export_stops_where_it_is_told(void **state) {
    (void)state;
    Query q;
    int n = 0;
    assert_true(world_read(&world, "ordering=name", &q));
    assert_false(query_each(&world.c, &q, second_stops, &n));
    assert_int_equal(n, 2);
    assert_int_equal(world.c.err.kind, E_OVERLOADED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_by_cursor_are_the_whole_list_in_order),
        cmocka_unit_test(lists_are_sorted),
        cmocka_unit_test(pages_by_number_and_by_offset_agree),
        cmocka_unit_test(the_newest_come_first_unless_asked_otherwise),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(too_many_filters_and_values_are_refused),
        cmocka_unit_test(a_cursor_of_another_order_is_refused),
        cmocka_unit_test(damaged_cursors_do_no_harm),
        cmocka_unit_test(hidden_fields_are_never_printed),
        cmocka_unit_test(only_the_fields_asked_for_are_printed),
        cmocka_unit_test(an_alias_prints_and_takes_its_own_names),
        cmocka_unit_test(expanded_records_and_lines_stand_in_their_places),
        cmocka_unit_test(a_relation_the_caller_may_not_read_is_refused_or_null),
        cmocka_unit_test(too_large_an_answer_is_refused),
        cmocka_unit_test(a_record_is_printed_the_same_from_every_way),
        cmocka_unit_test(chosen_fields_of_a_record_leave_out_its_lines),
        cmocka_unit_test(another_organizations_record_is_as_none),
        cmocka_unit_test(who_may_see_only_the_own_sees_only_those),
        cmocka_unit_test(search_finds_beginnings_of_words),
        cmocka_unit_test(a_total_is_counted_once),
        cmocka_unit_test(the_writer_counts_its_own_uncommitted_changes),
        cmocka_unit_test(statistics_are_those_of_the_rows),
        cmocka_unit_test(statistics_asked_again_read_no_table),
        cmocka_unit_test(a_sum_beyond_the_numbers_is_null_not_an_error),
        cmocka_unit_test(few_records_are_found_and_then_sorted),
        cmocka_unit_test(the_planner_is_told_only_what_is_new),
        cmocka_unit_test(an_export_stops_where_it_is_told),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
