/* The SQLite connection: statements and their cache, what an error becomes,
 * and which settings a connection runs with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

#undef fail /* cmocka's; ours is in base/error.h */
#include "base/log.h"
#include "db/db.h"

typedef struct {
    char folder[64], path[80], url[96];
    Db *db;
} Place;

static Db *open_at(const Place *p, DbMode mode) {
    DbConfig config = {.url = p->url};
    DbError error;
    Db *db = db_open(&config, mode, &error);
    if (!db) print_error("open: %s\n", error.message);
    assert_non_null(db);
    return db;
}

static int set_up(void **state) {
    Place *p = calloc(1, sizeof *p);
    snprintf(p->folder, sizeof p->folder, "/tmp/millwright-db-XXXXXX");
    assert_non_null(mkdtemp(p->folder));
    snprintf(p->path, sizeof p->path, "%s/a.db", p->folder);
    snprintf(p->url, sizeof p->url, "sqlite:%s", p->path);
    p->db = open_at(p, DB_WRITE);
    assert_true(db_exec(p->db, "CREATE TABLE maker (id INTEGER PRIMARY KEY, name TEXT) STRICT;"
                               "CREATE TABLE part (id INTEGER PRIMARY KEY, org INTEGER, code TEXT,"
                               " n INTEGER NOT NULL DEFAULT 0, maker_id INTEGER"
                               " REFERENCES maker(id), late_id INTEGER REFERENCES maker(id)"
                               " DEFERRABLE INITIALLY DEFERRED,"
                               " CONSTRAINT part_n_positive CHECK (n >= 0),"
                               " UNIQUE (org, code)) STRICT"));
    *state = p;
    return 0;
}

static int tear_down(void **state) {
    static const char *const ends[] = {"", "-wal", "-shm"};
    Place *p = *state;
    char path[128];
    db_close(p->db);
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s%s", p->path, ends[i]);
        unlink(path);
    }
    rmdir(p->folder);
    free(p);
    return 0;
}

static int64_t number(Db *db, const char *sql) {
    Stmt *st = db_prepare(db, str_of(sql));
    int64_t n = stmt_step(st) ? stmt_int(st, 0) : -1;
    stmt_reset(st);
    return n;
}

static void add_part(Db *db, const char *code) {
    Stmt *st = db_prepare(db, S("INSERT INTO part (org, code) VALUES (1, ?1)"));
    stmt_bind_text(st, 1, str_of(code));
    stmt_run(st);
}

static void assert_refused(Db *db, const char *sql, DbStatus status, const char *columns) {
    assert_false(stmt_run(db_prepare(db, str_of(sql))));
    assert_int_equal(db->error.status, status);
    assert_string_equal(db->error.columns, columns);
    db_clear_error(db);
}

/* --- values and statements --- */

static void values_are_equal_by_kind_and_content(void **state) {
    (void)state;
    Value null = VALUE_NULL, one = value_int(1), two = value_int(2);
    Value a = value_text(S("a")), b = value_text(S("b")), empty = value_text(S(""));
    assert_true(value_equal(&null, &null));
    assert_true(value_equal(&one, &one));
    assert_true(value_equal(&a, &a));
    assert_false(value_equal(&one, &two));
    assert_false(value_equal(&a, &b));
    assert_false(value_equal(&null, &empty));
    assert_false(value_equal(&one, &a));
}

static void what_is_bound_comes_back(void **state) {
    Db *db = ((Place *)*state)->db;
    Stmt *st = db_prepare(db, S("SELECT ?1, ?2, ?3, ?4, ?5"));
    stmt_bind_int(st, 1, INT64_MIN);
    stmt_bind_text(st, 2, S("Schraube \xc3\xa4"));
    stmt_bind_text(st, 3, S(""));
    stmt_bind(st, 4, VALUE_NULL);
    stmt_bind_text(st, 5, (Str){"abcdef", 3});
    assert_true(stmt_step(st));
    assert_true(stmt_int(st, 0) == INT64_MIN);
    assert_true(str_is(stmt_text(st, 1), "Schraube \xc3\xa4"));
    assert_int_equal(stmt_value(st, 2).kind, V_TEXT);
    assert_int_equal(stmt_text(st, 2).n, 0);
    assert_int_equal(stmt_value(st, 3).kind, V_NULL);
    assert_null(stmt_text(st, 3).p);
    assert_true(str_is(stmt_text(st, 4), "abc"));
    assert_false(stmt_step(st));
    assert_int_equal(stmt_value(st, 0).kind, V_NULL);
    assert_false(db_failed(db));
}

static void a_prepared_text_is_cached_and_comes_back_unbound(void **state) {
    Db *db = ((Place *)*state)->db;
    Stmt *first = db_prepare(db, S("SELECT ?1"));
    stmt_bind_int(first, 1, 7);
    assert_true(stmt_step(first));
    char other_copy[] = "SELECT ?1";
    Stmt *second = db_prepare(db, str_of(other_copy));
    assert_ptr_equal(first, second);
    assert_true(stmt_step(second));
    assert_int_equal(stmt_value(second, 0).kind, V_NULL);
    assert_ptr_not_equal(first, db_prepare(db, S("SELECT ?1 + 1")));
}

static void a_full_cache_keeps_running_and_recent_statements(void **state) {
    Db *db = ((Place *)*state)->db;
    Stmt *running = db_prepare(db, S("SELECT 1 UNION ALL SELECT 2 ORDER BY 1"));
    assert_true(stmt_step(running));
    Stmt *recent = db_prepare(db, S("SELECT 77"));
    for (int i = 0; i < 1000; i++) {
        char sql[64];
        snprintf(sql, sizeof sql, "SELECT %d + 1000", i);
        assert_int_equal(number(db, sql), i + 1000);
        if (i % 100 == 0) assert_ptr_equal(db_prepare(db, S("SELECT 77")), recent);
    }
    assert_int_equal(stmt_int(running, 0), 1);
    assert_true(stmt_step(running));
    assert_int_equal(stmt_int(running, 0), 2);
    assert_false(stmt_step(running));
    assert_false(db_failed(db));
}

static void executions_are_counted_but_not_transaction_control(void **state) {
    Db *db = ((Place *)*state)->db;
    int64_t before = db->statements;
    assert_true(db_begin_read(db));
    Stmt *st = db_prepare(db, S("SELECT 1 UNION ALL SELECT 2"));
    while (stmt_step(st)) continue;
    number(db, "SELECT 3");
    db_end_read(db);
    assert_true(db_exec(db, "SAVEPOINT a; RELEASE a"));
    assert_int_equal(db->statements - before, 2);
    stmt_run(st);
    assert_int_equal(db->statements - before, 3);
}

static void changes_and_the_new_id_are_told(void **state) {
    Db *db = ((Place *)*state)->db;
    assert_true(stmt_run(db_prepare(db, S("INSERT INTO maker (id) VALUES (41), (42), (57)"))));
    assert_int_equal(db_changes(db), 3);
    assert_int_equal(db_last_id(db), 57);
    assert_true(stmt_run(db_prepare(db, S("DELETE FROM maker WHERE id = 99"))));
    assert_int_equal(db_changes(db), 0);
}

/* --- errors --- */

static void constraints_are_named(void **state) {
    Db *db = ((Place *)*state)->db;
    add_part(db, "a");
    assert_refused(db, "INSERT INTO part (org, code) VALUES (1, 'a')", DB_UNIQUE, "part.org, part.code");
    assert_refused(db, "INSERT INTO part (id) VALUES (1)", DB_UNIQUE, "part.id");
    assert_refused(db, "UPDATE part SET n = -1", DB_CHECK, "part_n_positive");
    assert_refused(db, "UPDATE part SET n = NULL", DB_NOT_NULL, "part.n");
    assert_refused(db, "UPDATE part SET maker_id = 5", DB_FOREIGN_KEY, "");
    assert_refused(db, "UPDATE part SET n = 'x'", DB_BUG, "");
    assert_refused(db, "SELECT * FROM nowhere", DB_BUG, "");
    assert_refused(db, "SELECT 1; SELECT 2", DB_BUG, "");
    assert_refused(db, "", DB_BUG, "");
    assert_int_equal(number(db, "SELECT count(*) FROM part WHERE n = 0"), 1);
}

static void a_trigger_names_what_it_refuses(void **state) {
    Db *db = ((Place *)*state)->db;
    assert_true(db_exec(db, "CREATE TRIGGER keep BEFORE DELETE ON maker BEGIN"
                            " SELECT RAISE(ABORT, 'maker_kept'); END;"
                            "INSERT INTO maker (id) VALUES (1)"));
    assert_refused(db, "DELETE FROM maker", DB_CHECK, "maker_kept");
}

static void a_returning_insert_cannot_hide_a_broken_reference(void **state) {
    Db *db = ((Place *)*state)->db;
    Stmt *st = db_prepare(db, S("INSERT INTO part (org, maker_id) VALUES (1, 5) RETURNING id"));
    stmt_step(st);
    stmt_reset(st);
    assert_int_equal(db->error.status, DB_FOREIGN_KEY);
    db_clear_error(db);
    assert_int_equal(number(db, "SELECT count(*) FROM part"), 0);
}

static void a_deferred_reference_fails_at_commit(void **state) {
    Db *db = ((Place *)*state)->db;
    assert_true(db_control(db, S("BEGIN IMMEDIATE")));
    assert_true(stmt_run(db_prepare(db, S("INSERT INTO part (org, late_id) VALUES (1, 5)"))));
    assert_false(db_control(db, S("COMMIT")));
    assert_int_equal(db->error.status, DB_FOREIGN_KEY);
    db_clear_error(db);
    assert_true(db_control(db, S("ROLLBACK")));
    assert_int_equal(number(db, "SELECT count(*) FROM part"), 0);
}

static void the_first_error_stays_and_absorbs_everything(void **state) {
    Db *db = ((Place *)*state)->db;
    Stmt *open = db_prepare(db, S("SELECT 1 UNION ALL SELECT 2"));
    assert_true(stmt_step(open));
    add_part(db, "a");
    add_part(db, "a");
    assert_int_equal(db->error.status, DB_UNIQUE);
    int64_t before = db->statements;
    assert_false(stmt_step(open));
    Stmt *dead = db_prepare(db, S("SELECT 1"));
    stmt_bind_int(dead, 9, 1);
    stmt_bind_text(dead, 9, S("x"));
    assert_false(stmt_step(dead));
    assert_int_equal(stmt_value(dead, 0).kind, V_NULL);
    stmt_reset(dead);
    assert_false(stmt_run(dead));
    assert_false(db_exec(db, "DELETE FROM part"));
    assert_false(db_begin_read(db));
    assert_int_equal(db->error.status, DB_UNIQUE);
    assert_int_equal(db->statements, before);
    db_clear_error(db);
    assert_int_equal(number(db, "SELECT count(*) FROM part"), 1);
}

static void a_wrong_parameter_number_is_a_bug(void **state) {
    Db *db = ((Place *)*state)->db;
    stmt_bind_int(db_prepare(db, S("SELECT ?1")), 2, 1);
    assert_int_equal(db->error.status, DB_BUG);
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
    Db *other = open_at(p, DB_WRITE);
    assert_true(db_exec(other, "PRAGMA busy_timeout = 1"));
    assert_true(db_control(p->db, S("BEGIN IMMEDIATE")));
    assert_false(db_control(other, S("BEGIN IMMEDIATE")));
    assert_int_equal(other->error.status, DB_BUSY);
    assert_true(db_control(p->db, S("ROLLBACK")));
    db_close(other);
}

static void failures_become_answers(void **state) {
    static const struct {
        DbStatus status;
        int http, retry_after;
    } rows[] = {
        {DB_UNIQUE, 409, 0}, {DB_FOREIGN_KEY, 409, 0}, {DB_CHECK, 409, 0}, {DB_NOT_NULL, 409, 0},
        {DB_BUSY, 503, 1},   {DB_DOWN, 503, 1},        {DB_FULL, 507, 0},  {DB_BUG, 500, 0},
    };
    Db *db = ((Place *)*state)->db;
    Arena arena;
    arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Error e;
        error_init(&e, &arena);
        db->error = (DbError){.status = rows[i].status, .message = "secret path"};
        assert_false(db_fail(db, &e));
        assert_int_equal(error_info(e.kind)->status, rows[i].http);
        assert_int_equal(e.retry_after, rows[i].retry_after);
        assert_false(e.detail.p && memmem(e.detail.p, e.detail.n, "secret", 6));
    }
    arena_free(&arena);
}

/* --- transactions --- */

static void a_read_transaction_sees_one_moment(void **state) {
    Place *p = *state;
    Db *reader = open_at(p, DB_READ);
    assert_true(db_begin_read(reader));
    assert_int_equal(number(reader, "SELECT count(*) FROM part"), 0);
    add_part(p->db, "a");
    assert_int_equal(number(reader, "SELECT count(*) FROM part"), 0);
    db_end_read(reader);
    assert_int_equal(number(reader, "SELECT count(*) FROM part"), 1);
    db_close(reader);
}

static void the_end_of_the_rows_ends_the_read(void **state) {
    Place *p = *state;
    Db *reader = open_at(p, DB_READ);
    Stmt *st = db_prepare(reader, S("SELECT count(*) FROM part"));
    while (stmt_step(st)) continue;
    add_part(p->db, "a");
    assert_int_equal(number(reader, "SELECT count(*) FROM part WHERE 1"), 1);
    db_close(reader);
}

static void ending_a_read_ends_forgotten_statements_and_keeps_the_error(void **state) {
    Place *p = *state;
    Db *reader = open_at(p, DB_READ);
    assert_true(db_begin_read(reader));
    assert_true(stmt_step(db_prepare(reader, S("SELECT count(*) FROM part"))));
    db_prepare(reader, S("SELECT * FROM nowhere"));
    db_end_read(reader);
    assert_int_equal(reader->error.status, DB_BUG);
    db_clear_error(reader);
    add_part(p->db, "a");
    assert_int_equal(number(reader, "SELECT count(*) FROM part WHERE 1"), 1);
    assert_true(db_begin_read(reader));
    db_end_read(reader);
    assert_false(db_failed(reader));
    db_close(reader);
}

static void a_forgotten_insert_does_not_hinder_the_release(void **state) {
    Db *db = ((Place *)*state)->db;
    assert_true(db_control(db, S("BEGIN IMMEDIATE")));
    assert_true(db_control(db, S("SAVEPOINT a")));
    assert_true(stmt_step(db_prepare(db, S("INSERT INTO part (org) VALUES (1), (2) RETURNING id"))));
    assert_true(db_control(db, S("RELEASE a")));
    assert_true(db_control(db, S("COMMIT")));
    assert_int_equal(number(db, "SELECT count(*) FROM part"), 2);
}

/* --- connections --- */

/* Savepoints within savepoints, of few pages (kept in memory) and of many (too
 * long for that), some of them in the same transaction. */
static void a_change_of_any_size_is_taken_back_whole(void **state) {
    Db *db = ((Place *)*state)->db;
    static const char sums[] = "SELECT sum(id * n) + sum(length(code)) FROM part";
    assert_true(db_exec(db, "INSERT INTO part (org, code, n) WITH RECURSIVE i(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM i "
                            "WHERE x < 5000) SELECT 1, printf('%04000d', x), x FROM i"));
    int64_t before = number(db, sums), outer;
    db_control(db, S("BEGIN IMMEDIATE"));
    for (int i = 0; i < 3; i++) {
        db_control(db, S("SAVEPOINT a"));
        assert_true(db_exec(db, "UPDATE part SET n = n + 1 WHERE id % 40 = 0"));
        outer = number(db, sums);
        assert_true(outer > before);
        db_control(db, S("SAVEPOINT b"));
        assert_true(db_exec(db, i == 1 ? "UPDATE part SET n = n + 7, code = code || '!'" : "UPDATE part SET n = 0 WHERE id < 50"));
        assert_true(number(db, sums) != outer);
        assert_true(db_control(db, S("ROLLBACK TO b")) && db_control(db, S("RELEASE b")));
        assert_int_equal(number(db, sums), outer);
        assert_true(db_control(db, S("ROLLBACK TO a")) && db_control(db, S("RELEASE a")));
        assert_int_equal(number(db, sums), before);
    }
    assert_true(db_control(db, S("COMMIT")));
    assert_int_equal(number(db, sums), before);
    assert_int_equal(number(db, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
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

static void a_reader_cannot_write(void **state) {
    Db *reader = open_at(*state, DB_READ);
    add_part(reader, "a");
    assert_true(db_failed(reader));
    db_close(reader);
    assert_int_equal(number(((Place *)*state)->db, "SELECT count(*) FROM part"), 0);
}

static void connections_run_with_safe_settings(void **state) {
    Place *p = *state;
    Db *reader = open_at(p, DB_READ);
    Db *both[] = {p->db, reader};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(number(both[i], "PRAGMA foreign_keys"), 1);
        assert_int_equal(number(both[i], "PRAGMA synchronous"), 2);
        assert_int_equal(number(both[i], "PRAGMA cell_size_check"), 1);
        assert_int_equal(number(both[i], "PRAGMA mmap_size"), 0);
        assert_int_equal(number(both[i], "PRAGMA trusted_schema"), 0);
        assert_int_equal(number(both[i], "PRAGMA busy_timeout"), 5000);
        assert_int_equal(number(both[i], "PRAGMA cache_size"), -2048);
    }
    assert_int_equal(number(p->db, "PRAGMA journal_size_limit"), 64 << 20);
    assert_int_equal(number(reader, "PRAGMA wal_autocheckpoint"), 0);
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
    for (int i = 0; i < 30; i++)
        assert_true(db_exec(p->db, "INSERT INTO maker (name) WITH RECURSIVE c(x) AS (SELECT 1 UNION"
                                   " ALL SELECT x + 1 FROM c WHERE x < 1000)"
                                   " SELECT hex(randomblob(1500)) FROM c; DELETE FROM maker"));
    assert_int_equal(stat(path, &wal), 0);
    assert_true(wal.st_size > 4096);
    assert_true(wal.st_size < 40 << 20); /* 30 rounds of about 4 MiB each */
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
    char url[128];
    snprintf(url, sizeof url, "%s.absent", p->url);
    assert_null(db_open(&(DbConfig){.url = url}, DB_READ, &error));
    assert_int_equal(error.status, DB_DOWN);
    assert_int_not_equal(access(url + strlen("sqlite:"), F_OK), 0);
    assert_null(db_driver_for("postgres"));
    assert_ptr_equal(db_driver_for("sqlite::memory:"), &db_sqlite);
}

static void what_is_no_database_is_refused(void **state) {
    Place *p = *state;
    char url[128];
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
    assert_int_equal(number(db, "SELECT b FROM a"), 3);
    db_close(db);
    assert_int_not_equal(access(":memory:", F_OK), 0);
}

#define DB_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_equal_by_kind_and_content),
        DB_TEST(what_is_bound_comes_back),
        DB_TEST(a_prepared_text_is_cached_and_comes_back_unbound),
        DB_TEST(a_full_cache_keeps_running_and_recent_statements),
        DB_TEST(executions_are_counted_but_not_transaction_control),
        DB_TEST(changes_and_the_new_id_are_told),
        DB_TEST(constraints_are_named),
        DB_TEST(a_trigger_names_what_it_refuses),
        DB_TEST(a_returning_insert_cannot_hide_a_broken_reference),
        DB_TEST(a_deferred_reference_fails_at_commit),
        DB_TEST(the_first_error_stays_and_absorbs_everything),
        DB_TEST(a_wrong_parameter_number_is_a_bug),
        DB_TEST(a_full_database_is_disk_full),
        DB_TEST(another_writer_makes_it_busy),
        DB_TEST(failures_become_answers),
        DB_TEST(a_read_transaction_sees_one_moment),
        DB_TEST(the_end_of_the_rows_ends_the_read),
        DB_TEST(ending_a_read_ends_forgotten_statements_and_keeps_the_error),
        DB_TEST(a_forgotten_insert_does_not_hinder_the_release),
        DB_TEST(a_change_of_any_size_is_taken_back_whole),
        DB_TEST(the_file_is_private),
        DB_TEST(a_reader_cannot_write),
        DB_TEST(connections_run_with_safe_settings),
        DB_TEST(the_log_starts_over_when_checkpointed),
        DB_TEST(what_cannot_be_opened_says_why),
        DB_TEST(what_is_no_database_is_refused),
        cmocka_unit_test(memory_databases_work),
    };
    log_open(2, LOG_OFF);
    return cmocka_run_group_tests_name("db", tests, NULL, NULL);
}
