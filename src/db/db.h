/* One database connection and its prepared statements, behind a small table
 * of functions so that SQLite and PostgreSQL are files, not #ifs.
 *
 * A Db belongs to one thread at a time. Errors are sticky: after the first
 * failing call everything is absorbed until db_clear_error; callers look once
 * at the end of a burst. SQL text never contains a value; parameters are ?1,
 * ?2, … in every dialect here (a driver translates).
 *
 * Statements are cached by their text: db_prepare returns a reset statement
 * with nothing bound, owned by the Db and valid until the same text is
 * prepared again, 256 other texts were prepared while it was not running, or
 * the Db is closed. Text columns and values point into the
 * statement and hold until its next step or reset. */
#ifndef DB_DB_H
#define DB_DB_H

#include "base/error.h"
#include "base/str.h"

typedef enum { V_NULL, V_INT, V_TEXT } ValueKind;

/* Everything stored is an integer (whole numbers, booleans 0/1, scaled
 * decimals, ids) or text (also dates, instants, enumerations, JSON). */
typedef struct {
    ValueKind kind;
    int64_t i;
    Str s;
} Value;

#define VALUE_NULL ((Value){V_NULL, 0, STR_NONE})
static inline Value value_int(int64_t i) { return (Value){V_INT, i, STR_NONE}; }
static inline Value value_text(Str s) { return (Value){V_TEXT, 0, s}; }
bool value_equal(const Value *a, const Value *b); /* two NULLs are equal */

typedef enum {
    DB_OK,
    DB_UNIQUE,      /* columns: "table.col, table.col" as the engine names them */
    DB_FOREIGN_KEY,
    DB_CHECK,       /* columns: name of the constraint */
    DB_NOT_NULL,
    DB_BUSY,        /* lock not had in time, serialization failure: may be retried */
    DB_FULL,        /* disk full */
    DB_DOWN,        /* connection lost, I/O error */
    DB_BUG          /* wrong SQL, misuse */
} DbStatus;

typedef struct {
    DbStatus status;
    char columns[200];
    char message[300]; /* for the log only, never for a client */
} DbError;

typedef struct Db Db;
typedef struct Stmt Stmt;

typedef enum { DB_READ, DB_WRITE } DbMode;

typedef struct {
    const char *url;  /* sqlite:PATH or postgres://… */
    int cache_kib;    /* page cache of this connection; 0 = default (2 MiB) */
} DbConfig;

/* Words that differ between dialects, for the SQL builders. */
typedef struct {
    const char *name;         /* "sqlite" */
    const char *nulls_first;  /* after ORDER BY … ASC, "" where it is the default */
    const char *nulls_last;   /* after ORDER BY … DESC */
    const char *for_update;   /* locks a row that will be written; "" in SQLite */
    const char *like;         /* case-insensitive LIKE operator */
} Dialect;

typedef struct DbDriver {
    Dialect dialect;
    Db *(*open)(const DbConfig *config, DbMode mode, DbError *error); /* NULL on failure */
    void (*close)(Db *db);
    Stmt *(*prepare)(Db *db, Str sql);
    void (*bind)(Stmt *st, int index, const Value *v); /* index from 1 */
    bool (*step)(Stmt *st);                            /* true: a row is there */
    Value (*column)(Stmt *st, int index);              /* index from 0 */
    void (*reset)(Stmt *st);
    bool (*exec)(Db *db, const char *sql); /* several statements, no parameters, no rows */
    int64_t (*changes)(Db *db);            /* rows the last INSERT, UPDATE or DELETE touched */
    int64_t (*last_id)(Db *db);            /* id the last INSERT gave */
} DbDriver;

/* What every driver's Db and Stmt begin with. */
struct Db {
    const DbDriver *driver;
    DbError error;
    int64_t statements; /* executed so far, transaction control not counted: for budgets */
    int64_t writes;     /* of them, those that may have changed something */
};
struct Stmt {
    Db *db;
};

extern const DbDriver db_sqlite;

/* By the URL's scheme; NULL when unknown. */
const DbDriver *db_driver_for(const char *url);
Db *db_open(const DbConfig *config, DbMode mode, DbError *error);
void db_close(Db *db);
void db_clear_error(Db *db);
static inline bool db_failed(const Db *db) { return db->error.status != DB_OK; }

Stmt *db_prepare(Db *db, Str sql); /* never NULL: a failed db gives a dead statement */
static inline void stmt_bind(Stmt *st, int i, Value v) { st->db->driver->bind(st, i, &v); }
void stmt_bind_int(Stmt *st, int i, int64_t v);
void stmt_bind_text(Stmt *st, int i, Str s); /* bytes must live until the reset */
static inline bool stmt_step(Stmt *st) { return st->db->driver->step(st); }
static inline Value stmt_value(Stmt *st, int i) { return st->db->driver->column(st, i); }
int64_t stmt_int(Stmt *st, int i); /* 0 for NULL */
Str stmt_text(Stmt *st, int i);    /* STR_NONE for NULL */
static inline void stmt_reset(Stmt *st) { st->db->driver->reset(st); }
/* Steps once to the end (INSERT, UPDATE, DELETE) and resets; false on error. */
bool stmt_run(Stmt *st);

bool db_exec(Db *db, const char *sql);
/* One statement of transaction control (BEGIN, SAVEPOINT, …): cached, not
 * counted in `statements`. What ends a transaction or a savepoint (COMMIT,
 * RELEASE, ROLLBACK) first resets every statement still running. */
bool db_control(Db *db, Str sql);
bool db_begin_read(Db *db); /* one snapshot for several reads */
void db_end_read(Db *db);   /* also on a failed db; keeps its error */
static inline int64_t db_changes(Db *db) { return db->driver->changes(db); }
static inline int64_t db_last_id(Db *db) { return db->driver->last_id(db); }

/* The request's error for a failed Db: DB_FULL 507, DB_BUSY and DB_DOWN 503,
 * a constraint that no layer above explained 409, anything else 500 (logged).
 * Always returns false. */
bool db_fail(Db *db, Error *e);

#endif
