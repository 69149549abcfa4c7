/* Migrations: writing the next one from the registry, applying, taking back,
 * refusing, and surviving a crash. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glob.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#undef fail /* cmocka's; ours is in base/error.h */
#include "base/hash.h"
#include "base/words.h"
#include "model/migrate.h"
#include "tiny.h"

typedef struct {
    char folder[64], path[80], url[128];
    Arena arena;
    Migrations steps;
    Buf told;
    Db *db;
} Place;

static Db *open_place(const Place *p) {
    DbError error;
    Db *db = db_open(&(DbConfig){.url = p->url}, DB_WRITE, &error);
    if (!db) print_error("%s\n", error.message);
    assert_non_null(db);
    return db;
}

static int set_up(void **state) {
    Place *p = calloc(1, sizeof *p);
    assert_true(hash_init());
    arena_init(&p->arena, (size_t)64 << 20);
    snprintf(p->folder, sizeof p->folder, "/tmp/millwright-migrate-XXXXXX");
    assert_non_null(mkdtemp(p->folder));
    snprintf(p->path, sizeof p->path, "%s/a.db", p->folder);
    snprintf(p->url, sizeof p->url, "sqlite:%s", p->path);
    p->db = open_place(p);
    *state = p;
    return 0;
}

static int files(const Place *p, const char *pattern, bool remove) {
    char path[128];
    glob_t found = {0};
    snprintf(path, sizeof path, "%s/%s", p->folder, pattern);
    glob(path, 0, NULL, &found);
    int n = (int)found.gl_pathc;
    for (int i = 0; remove && i < n; i++) unlink(found.gl_pathv[i]);
    globfree(&found);
    return n;
}

static int tear_down(void **state) {
    Place *p = *state;
    db_close(p->db);
    files(p, "*", true);
    rmdir(p->folder);
    buf_free(&p->told);
    arena_free(&p->arena);
    free(p);
    return 0;
}

static Migrator migrator(Place *p) {
    return (Migrator){.db = p->db, .known = &p->steps, .copy_beside = p->path, .arena = &p->arena,
                      .told = &p->told};
}

static void add_text(Place *p, const char *file, const char *text) {
    Str problem = STR_NONE;
    if (!migrations_add(&p->steps, &p->arena, str_of(file), str_of(text), &problem))
        print_error("%.*s\n", STR_ARG(problem));
    assert_null(problem.p);
}

/* Adds the step from what is known to a registry; false when there is none. */
static bool add_difference(Place *p, const Resource *instead) {
    Registry *r = tiny_registry(instead);
    Migrator m = migrator(p);
    Buf text = {0};
    if (!migrate_difference(&m, r, &text)) print_error("%.*s\n", STR_ARG(m.problem));
    assert_null(m.problem.p);
    if (text.n) {
        Str file = arena_fmt(&p->arena, "%04d_step.sql", p->steps.n + 1);
        add_text(p, file.p, arena_c_str(&p->arena, buf_view(&text)));
    }
    bool any = text.n > 0;
    buf_free(&text);
    registry_free(r);
    return any;
}

static void up(Place *p) {
    Migrator m = migrator(p);
    if (!migrate_up(&m)) print_error("%.*s\n", STR_ARG(m.problem));
    assert_null(m.problem.p);
}

static void down(Place *p, int n) {
    Migrator m = migrator(p);
    if (!migrate_down(&m, n)) print_error("%.*s\n", STR_ARG(m.problem));
    assert_null(m.problem.p);
}

static void run(Place *p, const char *sql) {
    if (!db_exec(p->db, sql)) print_error("%s\n", p->db->error.message);
    assert_false(db_failed(p->db));
}

static Str text_of(Place *p, const char *sql) {
    Stmt *st = db_prepare(p->db, str_of(sql));
    Str s = stmt_step(st) ? stmt_text(st, 0) : STR_NONE;
    s = s.p ? arena_str(&p->arena, s) : S("(none)");
    stmt_reset(st);
    assert_false(db_failed(p->db));
    return s;
}

static void assert_text(Place *p, const char *sql, const char *expected) {
    Str s = text_of(p, sql);
    assert_string_equal(s.p, expected);
}

static const char *last_up(const Place *p) {
    return p->steps.list[p->steps.n - 1].text.p;
}

static void start_with_rows(Place *p) {
    assert_true(add_difference(p, NULL));
    up(p);
    run(p, "INSERT INTO organizations VALUES (1, 'A', 1, NULL, '', '');"
           "INSERT INTO vendors VALUES (5, 1, 'Steel', 'Lyon', 1, NULL, '', '');"
           "INSERT INTO orders (organization_id, order_type, number, status, subtotal, tax, total,"
           " version, created_at, updated_at, vendor_id, due_date, urgency)"
           " VALUES (1, 'purchase', 'N-1', 'draft', 0, 0, 0, 1, '', '', 5, '2026-01-01', 7);"
           "INSERT INTO order_lines VALUES (1, 1, 1, 1, 5, 10000);"
           "INSERT INTO vendors VALUES (9, 1, 'Gone', NULL, 1, NULL, '', '');"
           "DELETE FROM vendors WHERE id = 9;");
}

/* --- the next migration --- */

static void nothing_to_do_when_the_schema_is_up_to_date(void **state) {
    Place *p = *state;
    assert_true(add_difference(p, NULL));
    assert_false(add_difference(p, NULL));
}

static const Field more_vendor_fields[] = {
    {"name", &T_TEXT, F_REQUIRED | F_SORT | F_SEARCH},
    {"city", &T_TEXT, F_SEARCH},
    {"rating", &T_INT, F_FILTER, .fallback = "4"},
    {"terms", &T_TEXT, F_REQUIRED},
    {"note", &T_TEXT, 0},
};
static const Resource more_vendors = {
    .name = "vendors", .singular = "vendor", .display = "name", FIELDS(more_vendor_fields)};

static void a_new_field_is_one_added_column(void **state) {
    Place *p = *state;
    start_with_rows(p);
    assert_true(add_difference(p, &more_vendors));
    assert_non_null(strstr(last_up(p), "ALTER TABLE vendors ADD COLUMN rating INTEGER NOT NULL DEFAULT 4"));
    assert_null(strstr(last_up(p), "new_vendors"));
    up(p);
    assert_text(p, "SELECT name || rating || terms || coalesce(note, '-') FROM vendors", "Steel4-");
    assert_false(add_difference(p, &more_vendors));
    down(p, 1);
    assert_text(p, "SELECT sql FROM sqlite_schema WHERE name = 'vendors_rating_idx'", "(none)");
    assert_text(p, "SELECT name FROM vendors", "Steel");
}

static const Field tied_vendor_fields[] = {
    {"name", &T_TEXT, F_REQUIRED | F_SORT | F_SEARCH},
    {"city", &T_TEXT, F_SEARCH | F_REQUIRED, .fallback = "Paris"},
    {"owner_id", &T_REF, 0, .ref = "users"},
};
static const Resource tied_vendors = {
    .name = "vendors", .singular = "vendor", .display = "name", FIELDS(tied_vendor_fields)};

static void a_new_reference_rebuilds_the_table_and_keeps_its_rows(void **state) {
    Place *p = *state;
    start_with_rows(p);
    run(p, "INSERT INTO vendors VALUES (6, 1, 'Cloth', NULL, 1, NULL, '', '')");
    assert_true(add_difference(p, &tied_vendors));
    up(p);
    assert_text(p, "SELECT group_concat(id || name || city, ' ') FROM vendors",
                "5SteelLyon 6ClothParis");
    db_exec(p->db, "INSERT INTO vendors (organization_id, name, city, owner_id, version, created_at,"
                   " updated_at) VALUES (1, 'X', 'Y', 99, 1, '', '')");
    assert_int_equal(p->db->error.status, DB_FOREIGN_KEY);
    db_clear_error(p->db);
    run(p, "INSERT INTO vendors (organization_id, name, city, version, created_at, updated_at)"
           " VALUES (1, 'New', 'Y', 1, '', '')");
    assert_text(p, "SELECT CAST(max(id) AS TEXT) FROM vendors", "10"); /* 9 was given once */
    assert_text(p, "SELECT name FROM sqlite_schema WHERE name = 'vendors_name_idx'",
                "vendors_name_idx");
    down(p, 1);
    assert_text(p, "SELECT name || city FROM vendors WHERE id = 6", "ClothParis");
    assert_false(add_difference(p, &tied_vendors)); /* the steps still end there */
}

static const Field searched_vendor_fields[] = {
    {"name", &T_TEXT, F_REQUIRED | F_SORT},
    {"city", &T_TEXT, F_SEARCH},
};
static const Resource searched_vendors = {
    .name = "vendors", .singular = "vendor", .display = "name", FIELDS(searched_vendor_fields)};

static void other_searched_fields_fill_the_search_table_again(void **state) {
    Place *p = *state;
    start_with_rows(p);
    assert_true(add_difference(p, &searched_vendors));
    up(p);
    assert_text(p, "SELECT 'found' FROM vendors_search WHERE vendors_search MATCH '\"" SEARCH_TENANT
                "1 lyon\"'", "found");
    assert_text(p, "SELECT 'found' FROM vendors_search WHERE vendors_search MATCH '\"" SEARCH_TENANT
                "1 steel\"'", "(none)");
}

static const char *const other_checks[] = {"total >= subtotal", NULL};
static const Resource other_purchases = {.name = "purchases",
                                         .singular = "purchase",
                                         .only = {"order_type", "purchase"},
                                         FIELDS(tiny_purchase_fields),
                                         .table = "orders",
                                         .lines = &tiny_lines,
                                         .checks = other_checks};

static void a_changed_check_rebuilds_a_parent_under_its_children(void **state) {
    Place *p = *state;
    start_with_rows(p);
    assert_true(add_difference(p, &other_purchases));
    up(p);
    assert_text(p, "SELECT number || urgency FROM orders", "N-17");
    assert_text(p, "SELECT CAST(count(*) AS TEXT) FROM order_lines", "1");
    run(p, "DELETE FROM orders");
    assert_text(p, "SELECT CAST(count(*) AS TEXT) FROM order_lines", "0");
}

static void a_resource_that_goes_takes_its_table(void **state) {
    Place *p = *state;
    start_with_rows(p);
    assert_true(add_difference(p, &(Resource){.name = "audit-logs"}));
    assert_non_null(strstr(last_up(p), "DROP TABLE journal"));
    up(p);
    down(p, 1);
    run(p, "INSERT INTO journal VALUES (1, 1, 1)");
    assert_false(db_exec(p->db, "DELETE FROM journal")); /* the triggers are back */
}

static void a_dropped_column_is_pointed_out(void **state) {
    Place *p = *state;
    assert_true(add_difference(p, &more_vendors));
    assert_true(add_difference(p, NULL));
    assert_non_null(strstr(last_up(p), "values of vendors.note are lost"));
    assert_non_null(strstr(last_up(p), "ALTER TABLE vendors DROP COLUMN note"));
}

/* --- applying --- */

static void a_copy_is_made_before_an_upgrade_only(void **state) {
    Place *p = *state;
    start_with_rows(p);
    assert_int_equal(files(p, "a.db.before-*", false), 0);
    assert_true(add_difference(p, &more_vendors));
    up(p);
    assert_int_equal(files(p, "a.db.before-0002", false), 1);
    down(p, 1);
    assert_int_equal(files(p, "a.db.before-down-0002", false), 1);
    up(p);
    assert_int_equal(files(p, "a.db.before-0002*", false), 2);
    assert_int_equal(files(p, "*.part", false), 0);
    db_close(p->db);
    snprintf(p->url, sizeof p->url, "sqlite:%s.before-0002", p->path);
    p->db = open_place(p);
    assert_text(p, "SELECT city FROM vendors", "Lyon");
}

static void the_status_names_every_step(void **state) {
    Place *p = *state;
    start_with_rows(p);
    assert_true(add_difference(p, &more_vendors));
    Buf out = {0};
    Migrator m = migrator(p);
    assert_true(migrate_status(&m, &out));
    assert_non_null(strstr(buf_c_str(&out), "0001_step"));
    assert_non_null(strstr(buf_c_str(&out), "0002_step                                not applied"));
    buf_reset(&out);
    assert_true(migrate_sql(&m, &out));
    assert_non_null(strstr(buf_c_str(&out), "ADD COLUMN rating"));
    assert_null(strstr(buf_c_str(&out), "CREATE TABLE orders"));
    buf_free(&out);
}

static void assert_refused(Place *p, const char *why) {
    Migrator m = migrator(p);
    Str before = text_of(p, "SELECT group_concat(name || sql) FROM sqlite_schema");
    assert_false(migrate_up(&m));
    if (!strstr(m.problem.p, why)) print_error("%s\n", m.problem.p);
    assert_non_null(strstr(m.problem.p, why));
    assert_text(p, "SELECT group_concat(name || sql) FROM sqlite_schema", before.p);
    assert_text(p, "SELECT CAST(count(*) AS TEXT) FROM vendors", "1");
}

static void an_older_program_refuses_a_newer_schema(void **state) {
    Place *p = *state;
    start_with_rows(p);
    assert_true(add_difference(p, &more_vendors));
    up(p);
    p->steps.n = 1;
    assert_refused(p, "newer program");
}

static void a_step_changed_after_it_was_applied_is_refused(void **state) {
    Place *p = *state;
    start_with_rows(p);
    p->steps.list[0].text.n--;
    assert_refused(p, "was changed after it was applied");
}

static void a_failing_step_changes_nothing(void **state) {
    Place *p = *state;
    start_with_rows(p);
    add_text(p, "0002_bad.sql", "-- up\nDROP TABLE journal;\nDELETE FROM nowhere;\n-- down\n");
    assert_refused(p, "0002_bad: no such table: nowhere");
    add_text(p, "0003_never.sql", "-- up\n-- down\n");
    assert_text(p, "SELECT CAST(count(*) AS TEXT) FROM schema_migrations", "1");
}

static void a_step_that_breaks_references_is_refused(void **state) {
    Place *p = *state;
    start_with_rows(p);
    add_text(p, "0002_bad.sql", "-- up\nDELETE FROM vendors;\n-- down\n");
    assert_refused(p, "leaves row 1 of order");
    db_exec(p->db, "DELETE FROM vendors"); /* references are enforced again */
    assert_int_equal(p->db->error.status, DB_FOREIGN_KEY);
}

static void files_are_checked(void **state) {
    Place *p = *state;
    static const struct {
        const char *file, *text, *why;
    } cases[] = {
        {"1_a.sql", "-- up\n-- down\n", "is called"},
        {"0001.sql", "-- up\n-- down\n", "is called"},
        {"0001_a.txt", "-- up\n-- down\n", "is called"},
        {"0002_a.sql", "-- up\n-- down\n", "expected number 0001"},
        {"0001_a.sql", "-- up\n", "needs the lines"},
        {"0001_a.sql", "-- down\n-- up\n", "needs the lines"},
        {"0001_a.sql", "-- up\n-- up\n-- down\n", "needs the lines"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Str problem = STR_NONE;
        assert_false(migrations_add(&p->steps, &p->arena, str_of(cases[i].file),
                                    str_of(cases[i].text), &problem));
        assert_non_null(strstr(problem.p, cases[i].why));
    }
    assert_int_equal(p->steps.n, 0);
}

/* A child that is killed after a while, wherever it is then. */
static void migrate_and_die(Place *p, useconds_t after) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        p->db = open_place(p);
        Migrator m = migrator(p);
        _exit(migrate_up(&m) ? 0 : 1);
    }
    usleep(after);
    kill(child, SIGKILL);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status)) assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_killed_migration_is_finished_by_the_next_start(void **state) {
    Place *p = *state;
    start_with_rows(p);
    run(p, "WITH RECURSIVE n(i) AS (VALUES (100) UNION ALL SELECT i + 1 FROM n WHERE i < 20000) "
           "INSERT INTO vendors SELECT i, 1, 'V' || i, NULL, 1, NULL, '', '' FROM n");
    assert_true(add_difference(p, &more_vendors));
    assert_true(add_difference(p, &tied_vendors));
    for (useconds_t after = 500; after < 200000; after = after * 5 / 4) {
        db_close(p->db);
        migrate_and_die(p, after);
        p->db = open_place(p);
        assert_text(p, "SELECT CAST(count(*) AS TEXT) FROM vendors", "19902");
    }
    up(p);
    assert_text(p, "SELECT CAST(count(*) AS TEXT) FROM schema_migrations", "3");
    assert_text(p, "PRAGMA integrity_check", "ok");
    assert_false(add_difference(p, &tied_vendors));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_to_do_when_the_schema_is_up_to_date, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_new_field_is_one_added_column, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_new_reference_rebuilds_the_table_and_keeps_its_rows,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_searched_fields_fill_the_search_table_again, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_changed_check_rebuilds_a_parent_under_its_children,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_resource_that_goes_takes_its_table, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_dropped_column_is_pointed_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_copy_is_made_before_an_upgrade_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_status_names_every_step, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_older_program_refuses_a_newer_schema, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_step_changed_after_it_was_applied_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_failing_step_changes_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_step_that_breaks_references_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(files_are_checked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_killed_migration_is_finished_by_the_next_start, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
