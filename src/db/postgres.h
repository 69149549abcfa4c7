/* What the files of the PostgreSQL driver share; nobody else includes it. */
#ifndef DB_POSTGRES_H
#define DB_POSTGRES_H

#include <libpq-fe.h>

#include "base/decimal.h"
#include "db/db.h"
#include "db/statements.h"

#define CONTROLS_MAX 16
#define CONTROL_TEXT 64

/* The type ids of PostgreSQL's pg_type that are told apart. */
enum {
    PG_BOOL = 16, PG_INT8 = 20, PG_INT2 = 21, PG_INT4 = 23, PG_TEXT = 25, PG_OID = 26, PG_JSON = 114,
    PG_BPCHAR = 1042, PG_VARCHAR = 1043, PG_TIMESTAMPTZ = 1184, PG_NUMERIC = 1700
};

typedef struct {
    Kept kept;
    char *text;        /* with $1 for ?1 */
    char name[24];     /* on the server */
    uint64_t link;     /* the connection it is prepared on: PgDb.link */
    bool writes, inserts, many;
    int n_params;
    Oid *types;
    Value *values;
    PGresult *result;  /* while it is running */
    int row, n_rows;   /* of the result */
    char cursor[24];   /* it reads in portions from; "" = none */
    char (*times)[32]; /* one for each column, see pg_column */
} PgStmt;

typedef struct {
    Db base;
    DbMode mode;
    char *url;
    int timeout_s;
    bool once;
    PGconn *conn;      /* NULL: lost */
    uint64_t link;     /* counts the connections it has had */
    int64_t retry_at;  /* monotonic µs: no attempt to connect before */
    PGresult *uniques; /* (index, "table.column, …") of the schema's unique indexes */
    bool inside;       /* a transaction was begun, though perhaps not sent yet */
    int64_t writes_at_begin;
    char controls[CONTROLS_MAX][CONTROL_TEXT]; /* to be sent before the next statement */
    int n_controls;
    int64_t scope, scope_sent; /* SCOPE_NONE: not set */
    Stmt dead;         /* for a failed Db */
    Statements statements;
    uint64_t names;    /* given to statements and cursors */
    PgStmt *evicted;   /* to be deallocated on the server */
    int64_t changes, last_id;
    Buf scratch;       /* texts of parameters */
} PgDb;

#define SCOPE_NONE INT64_MIN

/* --- postgres_link.c: the connection --- */

bool link_open(PgDb *db); /* false with the error set */
void link_close(PgDb *db);
/* There is a connection, or there can be no other because a transaction was lost with it. */
bool link_ready(PgDb *db);
/* The transaction failed and was not taken back yet. */
bool link_aborted(const PgDb *db);
/* Sends what waits (transaction control, the scope); false when lost. Returns in
 * *n how many results will come. */
bool link_send_waiting(PgDb *db, int *n);
/* Sends what waits, alone, and receives it. */
bool link_flush(PgDb *db);
/* Ends the flight of n results and receives them; the one at `keep` (from 0; -1:
 * none) is returned in *kept, when it is good. False with the error set. */
bool link_receive(PgDb *db, int n, int keep, PGresult **kept);
/* Several statements, no parameters. */
bool link_exec(PgDb *db, const char *sql, PGresult **kept);
bool link_lost(PgDb *db, const char *why); /* false */

/* --- postgres_text.c: values and texts --- */

char *pg_translate(Str sql); /* ?1 to $1; malloc */
/* The bound values as texts, which live in db->scratch. */
typedef struct {
    const char **texts;
    int *lengths, *formats;
} PgParams;
PgParams pg_params(PgDb *db, const PgStmt *st);
void pg_params_free(PgParams *p);
/* A whole number, boolean or scaled decimal as a column's type has it; its length. */
#define PG_NUMBER_TEXT (INT_TEXT_MAX > DECIMAL_TEXT_MAX ? INT_TEXT_MAX : DECIMAL_TEXT_MAX)
size_t pg_number_text(Oid type, int64_t v, char out[PG_NUMBER_TEXT]);
bool pg_column(PgDb *db, PgStmt *st, int index, Value *out); /* false with the error set */

/* --- postgres_bulk.c --- */

extern const BulkWay pg_bulk;

/* --- postgres_peers.c --- */

bool pg_hear(Db *base, int timeout_ms, void (*heard)(void *arg, Str note), void *arg);

/* --- postgres_error.c: SQLSTATE to DbError --- */

void pg_error(PgDb *db, const PGresult *result);
void pg_error_text(DbError *e, DbStatus status, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
