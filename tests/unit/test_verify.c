/* Verify: the demo company's books are right, and whatever is changed behind
 * the program's back is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glob.h>
#include <sqlite3.h>
#include <unistd.h>

#undef fail /* cmocka's; ours is in base/error.h */
#include "app/cli.h"
#include "app/demo.h"
#include "app/modules.h"
#include "app/program.h"
#include "base/log.h"
#include "model/verify.h"
#include "model/write.h"

#define THREADS 3

typedef struct {
    char folder[64], url[128], copy[128], copy_url[160];
    Registry *registry;
    Arena arena;
    Db *wanted;
} Place;

static Db *open_url(const char *url, DbMode mode) {
    DbError error;
    Db *db = db_open(&(DbConfig){.url = url}, mode, &error);
    if (!db) print_error("%s\n", error.message);
    assert_non_null(db);
    return db;
}

static void make_books(Place *p) {
    Program program;
    ProgramConfig config = {.registry = p->registry, .database = p->url, .data = p->folder};
    assert_true(program_open(&program, &config));
    Ctx c;
    program_ctx(&program, &c, "demo");
    assert_true(demo_fill(&c));
    program_close(&program);
    arena_free(&program.arena);
}

static int make_place(void **state) {
    Place *p = calloc(1, sizeof *p);
    Buf report = {0};
    Migrations known;
    log_open(STDERR_FILENO, LOG_WARNING);
    assert_true(hash_init());
    snprintf(p->folder, sizeof p->folder, "/tmp/millwright-verify-XXXXXX");
    assert_non_null(mkdtemp(p->folder));
    snprintf(p->url, sizeof p->url, "sqlite:%s/a.db", p->folder);
    snprintf(p->copy, sizeof p->copy, "%s/copy.db", p->folder);
    snprintf(p->copy_url, sizeof p->copy_url, "sqlite:%s", p->copy);
    p->registry = registry_new(modules, modules_n, &report);
    assert_non_null(p->registry);
    assert_true(registry_follow(p->registry, followers, &report));
    arena_init(&p->arena, (size_t)64 << 20);
    Migrator m = {.known = &known, .arena = &p->arena};
    assert_true(cli_migrations("sqlite:", &p->arena, &known, &m.problem));
    p->wanted = migrate_in_memory(&m);
    assert_non_null(p->wanted);
    make_books(p);
    *state = p;
    return 0;
}

static int remove_place(void **state) {
    Place *p = *state;
    char pattern[128];
    glob_t found = {0};
    db_close(p->wanted);
    snprintf(pattern, sizeof pattern, "%s/*", p->folder);
    glob(pattern, 0, NULL, &found);
    for (size_t i = 0; i < found.gl_pathc; i++) unlink(found.gl_pathv[i]);
    globfree(&found);
    rmdir(p->folder);
    registry_free(p->registry);
    arena_free(&p->arena);
    free(p);
    return 0;
}

/* A copy of the books, changed by `sql` with every protection off. */
static void tamper(Place *p, const char *sql) {
    Db *db = open_url(p->url, DB_WRITE);
    unlink(p->copy);
    Stmt *st = db_prepare(db, S("VACUUM INTO ?1"));
    stmt_bind_text(st, 1, str_of(p->copy));
    assert_true(stmt_run(st));
    db_close(db);
    db = open_url(p->copy_url, DB_WRITE);
    if (!db_exec(db, "PRAGMA foreign_keys=OFF; PRAGMA ignore_check_constraints=ON;") ||
        !db_exec(db, sql))
        print_error("%s\n", db->error.message);
    assert_false(db_failed(db));
    db_close(db);
}

static bool verify(Place *p, Verify *v, Buf *report) {
    App app = {.registry = p->registry};
    Db *dbs[THREADS];
    for (int i = 0; i < THREADS; i++) dbs[i] = open_url(p->copy_url, DB_READ);
    *v = (Verify){.app = &app, .dbs = dbs, .n_dbs = THREADS, .wanted = p->wanted, .report = report};
    bool ok = verify_all(v);
    v->app = NULL;
    for (int i = 0; i < THREADS; i++) db_close(dbs[i]);
    return ok;
}

/* That what was done to the copy is named. */
static void assert_found(Place *p, const char *sql, const char *expected) {
    Verify v;
    Buf report = {0};
    assert_false(verify(p, &v, &report));
    if (!strstr(buf_c_str(&report), expected)) print_error("%s: %s", sql, buf_c_str(&report));
    assert_non_null(strstr(buf_c_str(&report), expected));
    assert_int_equal(strchr(report.p, '\n') - report.p, report.n - 1);
    buf_free(&report);
}

static void assert_named(Place *p, const char *sql, const char *expected) {
    tamper(p, sql);
    assert_found(p, sql, expected);
}

static void untouched_books_are_right(void **state) {
    Place *p = *state;
    Verify v;
    Buf report = {0};
    tamper(p, "");
    if (!verify(p, &v, &report)) print_error("%s", buf_c_str(&report));
    assert_int_equal(report.n, 0);
    assert_int_equal(v.organizations, 1);
    assert_true(v.documents > 1000); /* a year of the demo company */
    assert_true(v.journal_rows > 200);
    buf_free(&report);
}

/* The id of the demo company's n-th purchase order, from 0. */
static int purchase(Place *p, int n) {
    Db *db = open_url(p->url, DB_READ);
    Stmt *st = db_prepare(db, S("SELECT id FROM orders WHERE order_type = 'purchase' ORDER BY id LIMIT 1 OFFSET ?1"));
    stmt_bind_int(st, 1, n);
    int64_t id = stmt_step(st) ? stmt_int(st, 0) : 0;
    db_close(db);
    assert_true(id > 0);
    return (int)id;
}

static const char *with_id(const char *text, int id, char out[256]) {
    const char *at = strstr(text, "{id}");
    snprintf(out, 256, "%.*s%d%s", (int)(at - text), text, id, at + strlen("{id}"));
    return out;
}

/* `sql` and `expected` with the id for {id}. */
static void assert_named_of(Place *p, int id, const char *sql, const char *expected) {
    char change[256], name[256];
    assert_named(p, with_id(sql, id, change), with_id(expected, id, name));
}

static int64_t create_from(Ctx *c, const char *resource, const char *json, InputKind kind) {
    const Model *m = ctx_model(c, resource);
    json_t *object = json_loads(json, 0, NULL);
    Input in;
    Row row;
    assert_true(input_read(c, &m->views[0], object, kind, &in));
    if (kind == INPUT_CREATE)
        assert_true(record_create(c, m, &in, &row));
    else
        assert_true(record_update(c, m, 1, &in, &row));
    json_decref(object);
    return row.values[m->id].i;
}

/* Deletes a draft, edits its series and goes on with it. */
static bool go_on(Ctx *c, void *arg) {
    (void)arg;
    const char *order = "{\"supplier_id\": 1, \"tax_rate\": \"7.5\", \"line_items\": ["
                        "{\"material_code\": \"A\", \"material_name\": \"A\", "
                        "\"quantity\": \"0.3333\", \"unit_price\": \"9.99\"}]}";
    int64_t draft = create_from(c, "purchase-orders", order, INPUT_CREATE);
    assert_true(record_delete(c, ctx_model(c, "purchase-orders"), draft));
    create_from(c, "purchase-orders", order, INPUT_CREATE);
    create_from(c, "number-series", "{\"pattern\": \"B-{seq:4}\", \"next\": 90}", INPUT_PATCH);
    create_from(c, "purchase-orders", order, INPUT_CREATE);
    create_from(c, "number-series", "{\"pattern\": \"C-{seq:4}\", \"next\": 95}", INPUT_PATCH);
    return true;
}

static void lawful_gaps_in_a_series_are_right(void **state) {
    Place *p = *state;
    Program program;
    ProgramConfig config = {.registry = p->registry, .database = p->copy_url, .data = p->folder};
    Verify v;
    Buf report = {0};
    tamper(p, "");
    assert_true(verify(p, &v, &report));
    int64_t documents = v.documents;
    assert_true(program_open(&program, &config));
    Ctx c;
    program_ctx(&program, &c, "cli");
    Rights *rights = ARENA_ARRAY(c.arena, Rights, (size_t)p->registry->n);
    for (int i = 0; i < p->registry->n; i++) rights[i].all = UINT64_MAX;
    c.rights = rights;
    c.organization_id = c.user_id = 1;
    c.username = S("admin");
    assert_true(ctx_write(&c, go_on, NULL));
    program_close(&program);
    arena_free(&program.arena);
    if (!verify(p, &v, &report)) print_error("%s", buf_c_str(&report));
    assert_int_equal(report.n, 0);
    assert_int_equal(v.documents, documents + 2);
    buf_free(&report);
}

static void a_changed_amount_is_named(void **state) {
    Place *p = *state;
    assert_named_of(p, purchase(p, 0), "UPDATE orders SET total_amount = total_amount + 1 WHERE id = {id}",
                    "orders {id}: total_amount = ");
    assert_named_of(p, purchase(p, 0),
                    "UPDATE orders SET total_amount = total_amount + 1, subtotal = subtotal + 1 WHERE id = {id}",
                    "purchase-orders {id} of organization 1: subtotal");
    assert_named_of(p, purchase(p, 1), "UPDATE order_lines SET amount = amount + 1 WHERE order_id = {id} AND position = 1",
                    "purchase-orders {id} of organization 1: a line");
    assert_named_of(p, purchase(p, 2), "DELETE FROM order_lines WHERE order_id = {id} AND position = 1",
                    "purchase-orders {id} of organization 1: subtotal");
}

#define UNLOCK "DROP TRIGGER journal_no_update; DROP TRIGGER journal_no_delete; "
#define LOCK                                                                                       \
    "; CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, "       \
    "'journal_append_only'); END; CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal "      \
    "BEGIN SELECT RAISE(ABORT, 'journal_append_only'); END"

static void edited_history_is_named(void **state) {
    Place *p = *state;
    static const char *const columns[] = {"at",         "username", "origin",  "ip",   "request_id",
                                          "resource",   "action",   "changes", "hash"};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        char sql[1024];
        snprintf(sql, sizeof sql, UNLOCK "UPDATE journal SET %s = '{}' WHERE sequence = 9" LOCK,
                 columns[i]);
        assert_named(p, sql, "journal of organization 1: sequence 9 (");
    }
    assert_named(p, UNLOCK "UPDATE journal SET record_id = 99 WHERE sequence = 9" LOCK, "sequence 9 (");
    assert_named(p, UNLOCK "UPDATE journal SET user_id = 99 WHERE sequence = 9" LOCK, "sequence 9 (");
    assert_named(p, UNLOCK "DELETE FROM journal WHERE sequence = 9" LOCK, "sequence 9 is missing");
    assert_named(p, UNLOCK "DELETE FROM journal WHERE sequence > 200" LOCK, "but the last row is 200");
}

static void a_missing_protection_is_named(void **state) {
    Place *p = *state;
    assert_named(p, "DROP TRIGGER journal_no_delete", "schema: trigger journal_no_delete is missing");
    assert_named(p, "DROP INDEX orders_number_key", "schema: index orders_number_key is missing");
}

static void a_number_without_its_document_is_named(void **state) {
    Place *p = *state;
    assert_named(p, "DELETE FROM work_orders WHERE number = 'WO-000004'", "number WO-000004 was given");
    assert_named(p, "UPDATE orders SET number = 'PO-X' WHERE number = 'PO-000004'",
                 "number PO-000004 was given");
    assert_named(p, "UPDATE number_series SET next = 900 WHERE name = 'work-orders.wo_number'",
                 "was given, but no record has it");
}

static void a_broken_reference_is_named(void **state) {
    Place *p = *state;
    assert_named_of(p, purchase(p, 0), "UPDATE orders SET vendor_id = 99 WHERE id = {id}",
                    "orders {id}: vendor_id refers to no row of vendors in its organization");
    assert_named(p, "INSERT INTO organizations SELECT 2, name, currency, time_zone, email, phone, "
                    "address, tax_id, 1, NULL, created_at, updated_at FROM organizations; "
                    "UPDATE vendors SET organization_id = 2, created_by = NULL WHERE id = 1",
                 "vendor_id refers to no row of vendors in its organization");
}

/* Two trees change places: each is whole, and neither is what its index says. */
static void an_index_of_other_values_is_named(void **state) {
    static const char *const swap =
        "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = "
        "(SELECT sum(rootpage) FROM sqlite_schema WHERE name IN ('vendors_city_idx', 'vendors_country_idx')) - rootpage "
        "WHERE name IN ('vendors_city_idx', 'vendors_country_idx')";
    Place *p = *state;
    sqlite3 *raw;
    tamper(p, "");
    assert_int_equal(sqlite3_open(p->copy, &raw), SQLITE_OK);
    assert_int_equal(sqlite3_exec(raw, swap, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(raw);
    assert_found(p, swap, "database file: row 1 missing from index vendors_c");
}

/* Whichever thread is the first to find something. */
static void the_complaint_is_of_the_first_part(void **state) {
    Place *p = *state;
    static const int sequences[] = {200, 500, 1000, 2000, 3000};
    for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++) {
        char sql[1024], expected[64];
        snprintf(sql, sizeof sql, UNLOCK "UPDATE journal SET at = '{}' WHERE sequence = %d" LOCK
                 "; UPDATE work_orders SET number = 'X' WHERE number = 'WO-000004'", sequences[i]);
        snprintf(expected, sizeof expected, "journal of organization 1: sequence %d (", sequences[i]);
        tamper(p, sql);
        for (int again = 0; again < 4; again++) assert_found(p, sql, expected);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(untouched_books_are_right),
        cmocka_unit_test(lawful_gaps_in_a_series_are_right),
        cmocka_unit_test(a_changed_amount_is_named),
        cmocka_unit_test(edited_history_is_named),
        cmocka_unit_test(a_missing_protection_is_named),
        cmocka_unit_test(a_number_without_its_document_is_named),
        cmocka_unit_test(a_broken_reference_is_named),
        cmocka_unit_test(an_index_of_other_values_is_named),
        cmocka_unit_test(the_complaint_is_of_the_first_part),
    };
    return cmocka_run_group_tests(tests, make_place, remove_place);
}
