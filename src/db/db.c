/* What is the same for every database: finding the driver, short forms over
 * its functions, and what a failed connection means for a request. */
#include "db/db.h"

#include "base/log.h"

static const struct {
    Str scheme;
    const DbDriver *driver;
} schemes[] = {
    {{"sqlite:", 7}, &db_sqlite},
    {{"postgres://", 11}, &db_postgres},
    {{"postgresql://", 13}, &db_postgres},
};

bool value_equal(const Value *a, const Value *b) {
    if (a->kind != b->kind) return false;
    if (a->kind == V_INT) return a->i == b->i;
    return a->kind == V_NULL || str_eq(a->s, b->s);
}

const DbDriver *db_driver_for(const char *url) {
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (str_starts(str_of(url), schemes[i].scheme)) return schemes[i].driver;
    return NULL;
}

Db *db_open(const DbConfig *config, DbMode mode, DbError *error) {
    const DbDriver *driver = db_driver_for(config->url);
    *error = (DbError){DB_OK};
    if (driver) return driver->open(config, mode, error);
    error->status = DB_BUG;
    /* Not the URL itself: it may hold a password. */
    snprintf(error->message, sizeof error->message, "unknown kind of database URL");
    return NULL;
}

void db_close(Db *db) {
    if (db) db->driver->close(db);
}

void db_clear_error(Db *db) {
    db->error.status = DB_OK;
    db->error.again = false;
    db->error.columns[0] = db->error.message[0] = '\0';
}

Stmt *db_prepare(Db *db, Str sql) { return db->driver->prepare(db, sql); }

void stmt_bind_int(Stmt *st, int i, int64_t v) { stmt_bind(st, i, value_int(v)); }

void stmt_bind_text(Stmt *st, int i, Str s) { stmt_bind(st, i, value_text(s)); }

int64_t stmt_int(Stmt *st, int i) {
    Value v = stmt_value(st, i);
    return v.kind == V_INT ? v.i : 0;
}

Str stmt_text(Stmt *st, int i) {
    Value v = stmt_value(st, i);
    return v.kind == V_TEXT ? v.s : STR_NONE;
}

bool stmt_run(Stmt *st) {
    while (stmt_step(st)) continue;
    return !db_failed(st->db);
}

bool db_exec(Db *db, const char *sql) { return !db_failed(db) && db->driver->exec(db, sql); }

bool stmt_try(Stmt *st) {
    Db *db = st->db;
    if (db->driver->one_writer) return stmt_run(st);
    if (db_control(db, S("SAVEPOINT attempt")) && stmt_run(st)) return db_control(db, S("RELEASE attempt"));
    DbError error = db->error;
    bool undone = db_control(db, S("ROLLBACK TO attempt")) && db_control(db, S("RELEASE attempt"));
    if (undone) db->error = error;
    return false;
}

bool db_begin_read(Db *db) { return db_control(db, str_of(db->driver->dialect.begin_read)); }

bool db_begin_write(Db *db) { return db_control(db, str_of(db->driver->dialect.begin_write)); }

void db_end_read(Db *db) {
    if (!db_failed(db)) {
        db_control(db, S("COMMIT"));
        return;
    }
    DbError error = db->error;
    db_clear_error(db);
    db_control(db, S("ROLLBACK"));
    db->error = error;
}

/* What a client is told; the text of the engine goes to the log only. */
static ErrorKind error_kind(DbStatus status) {
    switch (status) {
    case DB_UNIQUE: return E_DUPLICATE;
    case DB_FOREIGN_KEY:
    case DB_CHECK:
    case DB_NOT_NULL: return E_CONFLICT;
    case DB_BUSY: return E_OVERLOADED;
    case DB_FULL: return E_DISK_FULL;
    case DB_DOWN: return E_DB_DOWN;
    case DB_UNKNOWN: return E_COMMIT_UNKNOWN;
    case DB_OK:
    case DB_BUG: break;
    }
    return E_INTERNAL;
}

bool db_fail(Db *db, Error *e) {
    DbStatus status = db->error.status;
    if (status == DB_BUSY)
        log_event("db", LOG_WARNING, "busy: %s", db->error.message);
    else if (status != DB_UNIQUE)
        log_event("db", LOG_ERROR, "%s",
                  status == DB_OK ? "an error was reported for a database that has none" : db->error.message);
    if (e->kind == E_NONE && (status == DB_BUSY || status == DB_DOWN)) e->retry_after = 1;
    return error_set(e, error_kind(status), NULL);
}
