/* One database connection and its prepared statements, behind a small table
 * of functions so that SQLite and PostgreSQL are files, not #ifs.
 *
 * A Db belongs to one thread at a time. Errors are sticky: after the first
 * failing call everything is absorbed until db_clear_error; callers look once
 * at the end of a burst. SQL text never contains a value; parameters are ?1,
 * ?2, … in every dialect here (a driver translates).
 *
 * PostgreSQL's types: integers and booleans are integers; numeric is an integer
 * scaled by 10^4, both ways (what is not exactly that is DB_BUG, so sums of
 * integers are cast to bigint); timestamptz is text as base/time.h writes it;
 * all else is text. An error there aborts the transaction: until ROLLBACK or
 * ROLLBACK TO nothing works in it, except after stmt_try. A lost connection is
 * opened again by the next statement outside a transaction.
 *
 * Statements are cached by their text: db_prepare returns a reset statement
 * with nothing bound, owned by the Db and valid until the same text is
 * prepared again, 256 other texts were prepared while it was not running, or
 * the Db is closed. Text columns and values point into the
 * statement and hold until its next step or reset. */
#ifndef DB_DB_H
#define DB_DB_H

#include "db/driver.h"

extern const DbDriver db_sqlite, db_postgres;

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
/* The same, and after a failure (and db_clear_error) the transaction goes on. */
bool stmt_try(Stmt *st);
/* Before the first step: so many rows that they should come in portions, which
 * they do inside a transaction. */
static inline void stmt_expect_many(Stmt *st) { st->db->driver->expect_many(st); }

bool db_exec(Db *db, const char *sql);
/* One statement of transaction control: COMMIT, ROLLBACK, SAVEPOINT x, RELEASE x
 * or ROLLBACK TO x; not counted in `statements`. What ends a transaction or a
 * savepoint first resets every statement still running; what takes something
 * back first clears the error. In PostgreSQL all but the
 * first two travel with the next statement, and fail there if they fail. */
static inline bool db_control(Db *db, Str sql) { return db->driver->control(db, sql); }
/* An error that was cleared since has ended the transaction all the same: only
 * taking something back helps. */
static inline bool db_aborted(Db *db) { return db->driver->aborted && db->driver->aborted(db); }
bool db_begin_write(Db *db);
bool db_begin_read(Db *db); /* one snapshot for several reads */
void db_end_read(Db *db);   /* also on a failed db; keeps its error */
/* Whose rows the statements from here on may see and write, where the database
 * itself keeps organizations apart: 0 = everybody's. Not called: nobody's. */
static inline void db_scope(Db *db, int64_t organization_id) { db->driver->scope(db, organization_id); }
static inline int64_t db_changes(Db *db) { return db->driver->changes(db); }
static inline int64_t db_last_id(Db *db) { return db->driver->last_id(db); }

/* The request's error for a failed Db: DB_FULL 507, DB_BUSY and DB_DOWN 503,
 * a constraint that no layer above explained 409, anything else 500 (logged).
 * Always returns false. */
bool db_fail(Db *db, Error *e);

#endif
