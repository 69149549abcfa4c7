/* What connections and statements are made of, and the table of functions that
 * a kind of database is. For use, see db.h. */
#ifndef DB_DRIVER_H
#define DB_DRIVER_H

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
    DB_UNKNOWN,     /* the answer to a COMMIT was lost: it happened or it did not */
    DB_BUG          /* wrong SQL, misuse */
} DbStatus;

typedef struct {
    DbStatus status;
    bool again; /* DB_BUSY: the transaction, run once more, may well succeed */
    char columns[200];
    char message[300]; /* for the log only, never for a client */
} DbError;

typedef struct Db Db;
typedef struct Stmt Stmt;

typedef enum { DB_READ, DB_WRITE } DbMode;

typedef struct {
    const char *url;  /* sqlite:PATH or postgres://… */
    int cache_kib;    /* SQLite's page cache of this connection; 0 = default (2 MiB) */
    int timeout_s;    /* longest a statement may take in PostgreSQL; 0 = no limit */
    bool once;        /* a lost connection to PostgreSQL stays lost */
} DbConfig;

/* Words that differ between dialects, for the SQL builders. */
typedef struct {
    const char *name;         /* "sqlite" */
    const char *nulls_first;  /* after ORDER BY … ASC, "" where it is the default */
    const char *nulls_last;   /* after ORDER BY … DESC */
    const char *for_update;   /* locks a row that will be written; "" in SQLite */
    const char *begin_read;   /* one snapshot for several reads */
    const char *begin_write;
    const char *like;         /* case-insensitive LIKE operator */
    const char *no_index;     /* before a column: no index of it is used; "" where plans follow real statistics */
    const char *returning_id; /* behind an INSERT, for db_last_id; "" in SQLite */
} Dialect;

/* A faster way to insert many rows than by INSERT; see bulk.h. */
typedef struct {
    struct Bulk *(*begin)(Db *db, Str table, const Str *columns, int n);
    void (*row)(struct Bulk *b, const Value *row);
    bool (*end)(struct Bulk *b);
} BulkWay;

typedef struct DbDriver {
    Dialect dialect;
    bool one_writer; /* all writes go through one connection, and reads need not wait */
    Db *(*open)(const DbConfig *config, DbMode mode, DbError *error); /* NULL on failure */
    void (*close)(Db *db);
    Stmt *(*prepare)(Db *db, Str sql);
    void (*bind)(Stmt *st, int index, const Value *v); /* index from 1 */
    bool (*step)(Stmt *st);                            /* true: a row is there */
    Value (*column)(Stmt *st, int index);              /* index from 0 */
    void (*reset)(Stmt *st);
    bool (*exec)(Db *db, const char *sql); /* several statements, no parameters, no rows */
    bool (*control)(Db *db, Str sql);
    bool (*aborted)(Db *db);               /* NULL: never */
    void (*expect_many)(Stmt *st);
    void (*scope)(Db *db, int64_t organization_id);
    int64_t (*changes)(Db *db);            /* rows the last INSERT, UPDATE or DELETE touched */
    int64_t (*last_id)(Db *db);            /* id the last INSERT gave */
    bool (*settle)(Db *db);                /* all of the log into the database; NULL: there is no such log */
    const BulkWay *bulk;                   /* NULL: there is none */
    bool (*hear)(Db *db, int timeout_ms, void (*heard)(void *arg, Str note), void *arg); /* see peers.h; NULL: there is nobody */
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

#endif
