/* The SQLite connection: its file, its settings, and what fails in it only. What
 * holds for every database is in test_db.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

#undef fail /* cmocka's; ours is in base/error.h */
#include "base/log.h"

#include "place.h"

static int set_up(void **state) {
    Place *p = place_new(true);
    p->db = place_open(p->url, DB_WRITE);
    assert_true(db_exec(p->db, "CREATE TABLE maker (id INTEGER PRIMARY KEY, name TEXT) STRICT"));
    *state = p;
    return 0;
}

static int tear_down(void **state) {
    Place *p = *state;
    db_close(p->db);
    place_free(p);
    return 0;
}

static void assert_refused(Db *db, const char *sql, DbStatus status, const char *columns) {
    assert_false(stmt_run(db_prepare(db, str_of(sql))));
    assert_int_equal(db->error.status, status);
    assert_string_equal(db->error.columns, columns);
    db_clear_error(db);
}

/* --- errors --- */

static void a_trigger_names_what_it_refuses(void **state) {
    Db *db = ((Place *)*state)->db;
    assert_true(db_exec(db, "CREATE TRIGGER keep BEFORE DELETE ON maker BEGIN"
                            " SELECT RAISE(ABORT, 'maker_kept'); END;"
                            "INSERT INTO maker (id) VALUES (1)"));
    assert_refused(db, "DELETE FROM maker", DB_CHECK, "maker_kept");
}

static void a_full_database_is_disk_full(void **state) {
    Db *db = ((Place *)*state)->db;
    assert_true(db_exec(db, "PRAGMA max_page_count = 8"));
    for (int i = 0; i < 100 && !db_failed(db); i++)
        stmt_run(db_prepare(db, S("INSERT INTO maker (name) VALUES (hex(randomblob(4000)))")));
    assert_int_equal(db->error.status, DB_FULL);
}

static void another_writer_makes_it_busy(void **state) {
    Place *p = *state;
    Db *other = place_open(p->url, DB_WRITE);
    assert_true(db_exec(other, "PRAGMA busy_timeout = 1"));
    assert_true(db_control(p->db, S("BEGIN IMMEDIATE")));
    assert_false(db_control(other, S("BEGIN IMMEDIATE")));
    assert_int_equal(other->error.status, DB_BUSY);
    assert_true(db_control(p->db, S("ROLLBACK")));
    db_close(other);
}

/* --- connections --- */

/* Savepoints within savepoints, of few pages (kept in memory) and of many (too
 * long for that), some of them in the same transaction. */
static void a_change_of_any_size_is_taken_back_whole(void **state) {
    Db *db = ((Place *)*state)->db;
    static const char sums[] = "SELECT sum(id * n) + sum(length(code)) FROM part";
    assert_true(db_exec(db, "CREATE TABLE part (id INTEGER PRIMARY KEY, org INTEGER, code TEXT, n INTEGER,"
                            " UNIQUE (org, code)) STRICT"));
    assert_true(db_exec(db, "INSERT INTO part (org, code, n) WITH RECURSIVE i(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM i "
                            "WHERE x < 5000) SELECT 1, printf('%04000d', x), x FROM i"));
    int64_t before = place_number(db, sums), outer;
    assert_true(db_begin_write(db));
    for (int i = 0; i < 3; i++) {
        db_control(db, S("SAVEPOINT a"));
        assert_true(db_exec(db, "UPDATE part SET n = n + 1 WHERE id % 40 = 0"));
        outer = place_number(db, sums);
        assert_true(outer > before);
        db_control(db, S("SAVEPOINT b"));
        assert_true(db_exec(db, i == 1 ? "UPDATE part SET n = n + 7, code = code || '!'" : "UPDATE part SET n = 0 WHERE id < 50"));
        assert_true(place_number(db, sums) != outer);
        assert_true(db_control(db, S("ROLLBACK TO b")) && db_control(db, S("RELEASE b")));
        assert_int_equal(place_number(db, sums), outer);
        assert_true(db_control(db, S("ROLLBACK TO a")) && db_control(db, S("RELEASE a")));
        assert_int_equal(place_number(db, sums), before);
    }
    assert_true(db_control(db, S("COMMIT")));
    assert_int_equal(place_number(db, sums), before);
    assert_int_equal(place_number(db, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
}

static void the_file_is_private(void **state) {
    Place *p = *state;
    struct stat file, wal;
    char path[128];
    snprintf(path, sizeof path, "%s-wal", p->path);
    assert_int_equal(stat(p->path, &file), 0);
    assert_int_equal(stat(path, &wal), 0);
    assert_int_equal(file.st_mode & 0777, 0600);
    assert_int_equal(wal.st_mode & 0777, 0600);
}

static void connections_run_with_safe_settings(void **state) {
    Place *p = *state;
    Db *reader = place_open(p->url, DB_READ);
    Db *both[] = {p->db, reader};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(place_number(both[i], "PRAGMA foreign_keys"), 1);
        assert_int_equal(place_number(both[i], "PRAGMA synchronous"), 2);
        assert_int_equal(place_number(both[i], "PRAGMA cell_size_check"), 1);
        assert_int_equal(place_number(both[i], "PRAGMA mmap_size"), 0);
        assert_int_equal(place_number(both[i], "PRAGMA trusted_schema"), 0);
        assert_int_equal(place_number(both[i], "PRAGMA busy_timeout"), 5000);
        assert_int_equal(place_number(both[i], "PRAGMA cache_size"), -2048);
    }
    assert_int_equal(place_number(p->db, "PRAGMA journal_size_limit"), 128 << 20);
    assert_int_equal(place_number(reader, "PRAGMA wal_autocheckpoint"), 0);
    Stmt *st = db_prepare(reader, S("PRAGMA journal_mode"));
    assert_true(stmt_step(st));
    assert_true(str_is(stmt_text(st, 0), "wal"));
    /* Defensive: the schema table is not writable, whatever is asked. */
    assert_true(db_exec(p->db, "PRAGMA writable_schema = ON"));
    assert_false(db_exec(p->db, "DELETE FROM sqlite_schema"));
    db_close(reader);
}

static void the_log_starts_over_when_checkpointed(void **state) {
    Place *p = *state;
    struct stat wal;
    char path[128];
    snprintf(path, sizeof path, "%s-wal", p->path);
    off_t most = 0;
    for (int i = 0; i < 100; i++) {
        assert_true(db_exec(p->db, "INSERT INTO maker (name) WITH RECURSIVE c(x) AS (SELECT 1 UNION"
                                   " ALL SELECT x + 1 FROM c WHERE x < 1000)"
                                   " SELECT hex(randomblob(1500)) FROM c; DELETE FROM maker"));
        assert_int_equal(stat(path, &wal), 0);
        if (wal.st_size > most) most = wal.st_size;
    }
    assert_true(most > 4096);
    assert_true(most < 200 << 20); /* 100 rounds of about 4 MiB each; at 256 MiB it would be forced to */
}

static void what_cannot_be_opened_says_why(void **state) {
    Place *p = *state;
    static const char *const urls[] = {"sqlite:", "sqlite:/no/such/folder/a.db", "mysql://x", ""};
    DbError error;
    for (int i = 0; i < 4; i++) {
        DbConfig config = {.url = urls[i]};
        assert_null(db_open(&config, DB_WRITE, &error));
        assert_int_not_equal(error.status, DB_OK);
        assert_true(error.message[0] != '\0');
    }
    char url[320];
    snprintf(url, sizeof url, "%s.absent", p->url);
    assert_null(db_open(&(DbConfig){.url = url}, DB_READ, &error));
    assert_int_equal(error.status, DB_DOWN);
    assert_int_not_equal(access(url + strlen("sqlite:"), F_OK), 0);
    assert_null(db_driver_for("postgres"));
    assert_ptr_equal(db_driver_for("sqlite::memory:"), &db_sqlite);
}

static void what_is_no_database_is_refused(void **state) {
    Place *p = *state;
    char url[320];
    DbError error;
    snprintf(url, sizeof url, "%s.txt", p->url);
    FILE *f = fopen(url + strlen("sqlite:"), "w");
    for (int i = 0; i < 1000; i++) fputs("not a database\n", f);
    fclose(f);
    assert_null(db_open(&(DbConfig){.url = url}, DB_WRITE, &error));
    assert_int_equal(error.status, DB_DOWN);
    unlink(url + strlen("sqlite:"));
}

static void memory_databases_work(void **state) {
    (void)state;
    DbError error;
    Db *db = db_open(&(DbConfig){.url = "sqlite::memory:"}, DB_WRITE, &error);
    assert_non_null(db);
    assert_true(db_exec(db, "CREATE TABLE a (b); INSERT INTO a VALUES (3)"));
    assert_int_equal(place_number(db, "SELECT b FROM a"), 3);
    db_close(db);
    assert_int_not_equal(access(":memory:", F_OK), 0);
}

#define DB_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        DB_TEST(a_trigger_names_what_it_refuses),
        DB_TEST(a_full_database_is_disk_full),
        DB_TEST(another_writer_makes_it_busy),
        DB_TEST(a_change_of_any_size_is_taken_back_whole),
        DB_TEST(the_file_is_private),
        DB_TEST(connections_run_with_safe_settings),
        DB_TEST(the_log_starts_over_when_checkpointed),
        DB_TEST(what_cannot_be_opened_says_why),
        DB_TEST(what_is_no_database_is_refused),
        cmocka_unit_test(memory_databases_work),
    };
    log_open(2, LOG_OFF);
    return cmocka_run_group_tests_name("db in SQLite", tests, NULL, NULL);
}
