/* The statements a connection keeps, in a hash table by text. When it holds
 * STATEMENTS_MAX, the one unused for longest goes; a running one never does.
 * A statement is `running` from its first step until its reset. For drivers. */
#ifndef DB_STATEMENTS_H
#define DB_STATEMENTS_H

#include "db/driver.h"

#define STATEMENTS_MAX    256
#define STATEMENT_BUCKETS 512

/* What every driver's kept statement begins with. */
typedef struct Kept {
    Stmt base;
    uint64_t hash, used;
    bool running;
    struct Kept *next; /* in its bucket */
    char *sql;         /* the text as given: the key */
    size_t sql_n;
} Kept;

typedef struct {
    Kept *buckets[STATEMENT_BUCKETS];
    int n, n_running;
    uint64_t tick;
} Statements;

Kept *statements_find(Statements *all, Str sql);
/* `st` is the caller's memory with base set; the text is copied. */
void statements_add(Statements *all, Kept *st, Str sql);
/* Takes one out that may go, when there is no place for another; NULL: there is. */
Kept *statements_make_room(Statements *all);
Kept *statements_take_any(Statements *all); /* for closing; NULL: none left */
void kept_free(Kept *st);
void statements_used(Statements *all, Kept *st);
void statements_started(Statements *all, Kept *st);
void statements_stopped(Statements *all, Kept *st);
/* Calls stop for each that is running. */
void statements_stop_all(Statements *all, void (*stop)(Stmt *st));

/* What transaction control does to what was done before it. */
typedef enum { ENDS_NOTHING, ENDS_KEEPING, ENDS_UNDOING } Ending;
Ending statement_ending(Str sql);

#endif
