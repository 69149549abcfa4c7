/* The SQLite driver: connections with the settings of security.md 3.5, cached
 * statements, and SQLite's result codes as DbStatus.
 * A running statement keeps a read transaction open, so the end of the rows
 * resets by itself. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <unistd.h>

#include "base/log.h"
#include "db/db.h"
#include "db/db_sqlite_checkpoint.h"
#include "db/db_sqlite_vfs.h"
#include "db/db_sqlite_words.h"
#include "db/statements.h"

#define OLDEST_SQLITE     3051003 /* before it: a race that corrupts the WAL */
#define BUSY_MS           5000
#define CHECKPOINT_FRAMES 16000 /* 64 MiB of WAL */
#define RESTART_FRAMES    64000 /* 256 MiB: readers never left the WAL alone */
#define RESTART_BUSY_MS   20

typedef struct {
    Kept kept;
    sqlite3_stmt *handle;
    Ending ending;
    bool bound, writes;
} SqliteStmt;

typedef struct {
    Db base;
    sqlite3 *handle;
    Stmt dead; /* for a failed Db: see live() */
    int checkpoint_at; /* frames in the WAL */
    Checkpointer *checkpointer; /* from the first one on */
    Statements statements;
} SqliteDb;

/* --- errors --- */

static bool disk_is_full(int rc, sqlite3 *handle) {
    if ((rc & 0xff) != SQLITE_IOERR && (rc & 0xff) != SQLITE_CANTOPEN) return false;
    int cause = sqlite3_system_errno(handle);
    return cause == ENOSPC || cause == EDQUOT;
}

static DbStatus constraint_status(int rc) {
    switch (rc) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID: return DB_UNIQUE;
    case SQLITE_CONSTRAINT_FOREIGNKEY: return DB_FOREIGN_KEY;
    case SQLITE_CONSTRAINT_NOTNULL: return DB_NOT_NULL;
    case SQLITE_CONSTRAINT_CHECK:
    case SQLITE_CONSTRAINT_TRIGGER: return DB_CHECK;
    }
    return DB_BUG;
}

static DbStatus status_of(int rc, sqlite3 *handle) {
    if (disk_is_full(rc, handle)) return DB_FULL;
    switch (rc & 0xff) {
    case SQLITE_CONSTRAINT: return constraint_status(rc);
    case SQLITE_FULL: return DB_FULL;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return DB_BUSY;
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_PROTOCOL:
    case SQLITE_CANTOPEN: return DB_DOWN;
    case SQLITE_NOMEM: log_fatal("db", "out of memory");
    }
    return DB_BUG;
}

/* "UNIQUE constraint failed: t.a, t.b" names what failed behind the colon; a
 * trigger's RAISE is the name itself. */
static void name_constraint(DbError *e, int rc, const char *message) {
    static const char mark[] = " constraint failed: ";
    const char *at = strstr(message, mark);
    if (at)
        snprintf(e->columns, sizeof e->columns, "%s", at + sizeof mark - 1);
    else if (rc == SQLITE_CONSTRAINT_TRIGGER)
        snprintf(e->columns, sizeof e->columns, "%s", message);
}

static void error_from(DbError *e, int rc, sqlite3 *handle) {
    if (e->status != DB_OK) return;
    const char *message = sqlite3_errmsg(handle);
    e->status = status_of(rc, handle);
    e->columns[0] = '\0';
    snprintf(e->message, sizeof e->message, "%s (sqlite %d)", message, rc);
    if ((rc & 0xff) == SQLITE_CONSTRAINT) name_constraint(e, rc, message);
}

static void error_text(DbError *e, DbStatus status, const char *message) {
    if (e->status != DB_OK) return;
    *e = (DbError){.status = status};
    snprintf(e->message, sizeof e->message, "%s", message);
}

/* --- statements --- */

/* NULL for the dead statement, which is a bare Stmt. */
static SqliteStmt *live(Stmt *st) {
    SqliteDb *db = (SqliteDb *)st->db;
    return st == &db->dead ? NULL : (SqliteStmt *)st;
}

static void finish(SqliteStmt *st) {
    SqliteDb *db = (SqliteDb *)st->kept.base.db;
    if (!st->kept.running) return;
    statements_stopped(&db->statements, &st->kept);
    /* A write that was not stepped to its end ends here, and may fail here. */
    int rc = sqlite3_reset(st->handle);
    if (rc != SQLITE_OK) error_from(&db->base.error, rc, db->handle);
}

static void sqlite_reset_stmt(Stmt *base) {
    SqliteStmt *st = live(base);
    if (st) finish(st);
}

/* False when something that was still running turned out to have failed. */
static bool begin_execution(SqliteDb *db, SqliteStmt *st) {
    if (st->ending != ENDS_NOTHING) statements_stop_all(&db->statements, sqlite_reset_stmt);
    if (st->ending == ENDS_UNDOING) db_clear_error(&db->base);
    if (db_failed(&db->base)) return false;
    statements_started(&db->statements, &st->kept);
    db->base.statements++;
    db->base.writes += st->writes;
    return true;
}

static bool sqlite_step(Stmt *base) {
    SqliteStmt *st = live(base);
    SqliteDb *db = (SqliteDb *)base->db;
    if (!st) return false;
    if (db_failed(&db->base)) {
        finish(st);
        return false;
    }
    if (!st->kept.running && !begin_execution(db, st)) return false;
    int rc = sqlite3_step(st->handle);
    if (rc == SQLITE_ROW) return true;
    if (rc != SQLITE_DONE) {
        error_from(&db->base.error, rc, db->handle);
        db->base.writes -= st->writes; /* a statement that fails changes nothing */
    }
    finish(st);
    return false;
}

static void sqlite_bind(Stmt *base, int index, const Value *v) {
    SqliteStmt *st = live(base);
    SqliteDb *db = (SqliteDb *)base->db;
    if (!st || db_failed(&db->base)) return;
    int rc = SQLITE_OK;
    st->bound = true;
    if (v->kind == V_INT)
        rc = sqlite3_bind_int64(st->handle, index, v->i);
    else if (v->kind == V_TEXT)
        rc = sqlite3_bind_text64(st->handle, index, v->s.p, v->s.n, SQLITE_STATIC, SQLITE_UTF8);
    else
        rc = sqlite3_bind_null(st->handle, index);
    if (rc != SQLITE_OK) error_from(&db->base.error, rc, db->handle);
}

static Value sqlite_column(Stmt *base, int index) {
    SqliteStmt *st = live(base);
    if (!st || !st->kept.running) return VALUE_NULL;
    /* Looked up once: nobody else uses the connection meanwhile. */
    sqlite3_value *v = sqlite3_column_value(st->handle, index);
    int type = sqlite3_value_type(v);
    if (type == SQLITE_INTEGER) return value_int(sqlite3_value_int64(v));
    if (type == SQLITE_NULL) return VALUE_NULL;
    const char *text = (const char *)sqlite3_value_text(v);
    return value_text((Str){text, (size_t)sqlite3_value_bytes(v)});
}

/* --- kept statements --- */

static void drop(Kept *kept) {
    if (!kept) return;
    sqlite3_finalize(((SqliteStmt *)kept)->handle);
    kept_free(kept);
}

static sqlite3_stmt *compile(SqliteDb *db, Str sql) {
    sqlite3_stmt *handle = NULL;
    const char *rest = NULL;
    if (sql.n > INT_MAX) {
        error_text(&db->base.error, DB_BUG, "statement too long");
        return NULL;
    }
    int rc = sqlite3_prepare_v3(db->handle, sql.p, (int)sql.n, SQLITE_PREPARE_PERSISTENT, &handle, &rest);
    if (rc != SQLITE_OK) {
        error_from(&db->base.error, rc, db->handle);
    } else if (!handle || str_trim((Str){rest, (size_t)(sql.p + sql.n - rest)}).n) {
        error_text(&db->base.error, DB_BUG, "not exactly one statement");
        sqlite3_finalize(handle);
        handle = NULL;
    }
    return handle;
}

static SqliteStmt *statement_add(SqliteDb *db, Str sql) {
    sqlite3_stmt *handle = compile(db, sql);
    if (!handle) return NULL;
    drop(statements_make_room(&db->statements));
    SqliteStmt *st = calloc(1, sizeof *st);
    if (!st) log_fatal("db", "out of memory");
    st->kept.base.db = &db->base;
    st->handle = handle;
    st->ending = statement_ending(sql);
    st->writes = !sqlite3_stmt_readonly(handle);
    statements_add(&db->statements, &st->kept, sql);
    return st;
}

static Stmt *sqlite_prepare(Db *base, Str sql) {
    SqliteDb *db = (SqliteDb *)base;
    if (db_failed(base)) return &db->dead;
    SqliteStmt *st = (SqliteStmt *)statements_find(&db->statements, sql);
    if (!st) {
        st = statement_add(db, sql);
        if (!st) return &db->dead;
    }
    finish(st);
    if (st->bound) sqlite3_clear_bindings(st->handle);
    st->bound = false;
    statements_used(&db->statements, &st->kept);
    return db_failed(base) ? &db->dead : &st->kept.base;
}

static bool sqlite_control(Db *db, Str sql) {
    if (statement_ending(sql) == ENDS_UNDOING) db_clear_error(db);
    int64_t counted = db->statements;
    bool ok = stmt_run(db_prepare(db, sql));
    db->statements = counted;
    return ok;
}

/* Rows come one at a time here, and the file is the program's own. */
static void sqlite_expect_many(Stmt *st) { (void)st; }

static void sqlite_scope(Db *db, int64_t organization_id) { (void)db, (void)organization_id; }

/* --- connections --- */

static bool sqlite_exec(Db *base, const char *sql) {
    SqliteDb *db = (SqliteDb *)base;
    int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    if (rc != SQLITE_OK) error_from(&base->error, rc, db->handle);
    return rc == SQLITE_OK;
}

static int64_t sqlite_changes(Db *db) { return sqlite3_changes64(((SqliteDb *)db)->handle); }

static int64_t sqlite_last_id(Db *db) { return sqlite3_last_insert_rowid(((SqliteDb *)db)->handle); }

/* The log has grown so long that it is to go into the database. */
static void checkpoint_begin(SqliteDb *db, sqlite3 *handle, const char *schema) {
    if (!db->checkpointer) db->checkpointer = checkpointer_start(sqlite3_db_filename(handle, schema), sqlite_vfs());
    if (db->checkpointer)
        checkpointer_ask(db->checkpointer);
    else
        checkpoint_run(handle, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

/* After a commit that left `frames` in the WAL. SQLite's own hook would try
 * again at every commit while a long reader keeps the WAL from starting over,
 * an fsync or two each; this one tries once per CHECKPOINT_FRAMES. */
static int on_commit(void *user, sqlite3 *handle, const char *schema, int frames) {
    SqliteDb *db = user;
    if (db->checkpointer && checkpointer_finished(db->checkpointer))
        checkpoint_run(handle, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    if (frames < db->checkpoint_at - CHECKPOINT_FRAMES) db->checkpoint_at = CHECKPOINT_FRAMES;
    if (frames < db->checkpoint_at) return SQLITE_OK;
    db->checkpoint_at = frames + CHECKPOINT_FRAMES;
    if (frames < RESTART_FRAMES) {
        checkpoint_begin(db, handle, schema);
        return SQLITE_OK;
    }
    sqlite3_busy_timeout(handle, RESTART_BUSY_MS);
    checkpoint_run(handle, SQLITE_CHECKPOINT_RESTART, NULL, NULL);
    sqlite3_busy_timeout(handle, BUSY_MS);
    return SQLITE_OK;
}

static bool sqlite_settle(Db *base) {
    SqliteDb *db = (SqliteDb *)base;
    checkpointer_stop(db->checkpointer);
    db->checkpointer = NULL;
    return sqlite_exec(base, "PRAGMA wal_checkpoint(TRUNCATE)");
}

static void set_limits(sqlite3 *handle) {
    sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, 32 << 20);
    sqlite3_limit(handle, SQLITE_LIMIT_SQL_LENGTH, 1 << 20);
    sqlite3_limit(handle, SQLITE_LIMIT_COLUMN, 500);
    sqlite3_limit(handle, SQLITE_LIMIT_VARIABLE_NUMBER, 4000);
    sqlite3_limit(handle, SQLITE_LIMIT_COMPOUND_SELECT, 50);
    sqlite3_limit(handle, SQLITE_LIMIT_WORKER_THREADS, 0);
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_busy_timeout(handle, BUSY_MS);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    /* Without it a statement with LIKE ?1 is compiled again at each binding. */
    sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_QPSG, 1, NULL);
}

/* A database in memory has no WAL and answers "memory". */
static bool use_wal(SqliteDb *db) {
    Stmt *st = db_prepare(&db->base, S("PRAGMA journal_mode=WAL"));
    bool wal = stmt_step(st) && (str_is(stmt_text(st, 0), "wal") || str_is(stmt_text(st, 0), "memory"));
    stmt_reset(st);
    if (!wal) error_text(&db->base.error, DB_DOWN, "the database cannot use a write-ahead log");
    return wal;
}

static bool set_up(SqliteDb *db, const DbConfig *config, DbMode mode) {
    char cache[64];
    snprintf(cache, sizeof cache, "PRAGMA cache_size=-%d", config->cache_kib > 0 ? config->cache_kib : 2048);
    set_limits(db->handle);
    if (!sqlite_words_register(db->handle)) { /* its first look into the file */
        error_from(&db->base.error, sqlite3_extended_errcode(db->handle), db->handle);
        return false;
    }
    if (!db_exec(&db->base, "PRAGMA cell_size_check=ON; PRAGMA mmap_size=0;"
                            "PRAGMA foreign_keys=ON; PRAGMA synchronous=FULL;") ||
        !db_exec(&db->base, cache))
        return false;
    if (mode == DB_READ) {
        sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        return db_exec(&db->base, "PRAGMA wal_autocheckpoint=0; PRAGMA query_only=ON");
    }
    if (sqlite3_db_readonly(db->handle, "main") == 1) {
        error_text(&db->base.error, DB_DOWN, "the database file is write-protected");
        return false;
    }
    sqlite3_wal_hook(db->handle, on_commit, db);
    db->checkpoint_at = CHECKPOINT_FRAMES;
    return use_wal(db) && db_exec(&db->base, "PRAGMA journal_size_limit=134217728");
}

static void sqlite_close(Db *base) {
    SqliteDb *db = (SqliteDb *)base;
    checkpointer_stop(db->checkpointer);
    statements_stop_all(&db->statements, sqlite_reset_stmt);
    for (Kept *st = statements_take_any(&db->statements); st; st = statements_take_any(&db->statements)) drop(st);
    sqlite3_close_v2(db->handle);
    free(db);
}

/* A new file must never be readable by others, not even for a moment; -wal
 * and -shm inherit its mode. An existing file is not opened here: closing it
 * again would drop the locks of this process's other connections. */
static void create_private(const char *path) {
    int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (fd >= 0) close(fd);
}

static bool library_is_sound(DbError *error) {
    int version = sqlite3_libversion_number();
    if (version >= OLDEST_SQLITE && version != 3052000) return true;
    error->status = DB_BUG;
    snprintf(error->message, sizeof error->message,
             "SQLite %s is refused: it can corrupt a database, 3.51.3 or newer is needed (not "
             "3.52.0)",
             sqlite3_libversion());
    return false;
}

static Db *sqlite_open(const DbConfig *config, DbMode mode, DbError *error) {
    const char *path = config->url + strlen("sqlite:");
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE;
    bool in_memory = strcmp(path, ":memory:") == 0;
    if (!library_is_sound(error)) return NULL;
    if (!*path) {
        error_text(error, DB_BUG, "the database URL has no path");
        return NULL;
    }
    SqliteDb *db = calloc(1, sizeof *db);
    if (!db) log_fatal("db", "out of memory");
    db->base.driver = &db_sqlite;
    db->dead.db = &db->base;
    if (mode == DB_WRITE && !in_memory) create_private(path);
    /* A reader of a WAL writes to -shm, so it is only kept from changing data. */
    if (mode == DB_WRITE || in_memory) flags |= SQLITE_OPEN_CREATE;
    int rc = sqlite3_open_v2(path, &db->handle, flags, sqlite_vfs());
    if (rc != SQLITE_OK) error_from(&db->base.error, rc, db->handle);
    if (rc == SQLITE_OK && set_up(db, config, mode)) {
        db->base.statements = 0;
        return &db->base;
    }
    *error = db->base.error;
    sqlite_close(&db->base);
    return NULL;
}

const DbDriver db_sqlite = {
    .dialect = {.name = "sqlite", .nulls_first = "", .nulls_last = "", .for_update = "", .like = "LIKE", .no_index = "+",
                .begin_read = "BEGIN", .begin_write = "BEGIN IMMEDIATE", .returning_id = ""},
    .one_writer = true,
    .open = sqlite_open,
    .close = sqlite_close,
    .prepare = sqlite_prepare,
    .bind = sqlite_bind,
    .step = sqlite_step,
    .column = sqlite_column,
    .reset = sqlite_reset_stmt,
    .exec = sqlite_exec,
    .control = sqlite_control,
    .expect_many = sqlite_expect_many,
    .scope = sqlite_scope,
    .changes = sqlite_changes,
    .last_id = sqlite_last_id,
    .settle = sqlite_settle,
};
