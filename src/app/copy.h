/* All of one database into another, of whatever kinds: what `millwright copy`
 * does.
 *
 * The target is emptied of indexes and foreign keys first, which are made again
 * behind the rows. Each table is copied in a transaction of its own and noted in
 * the target's table copy_state, so that a copy that was broken off goes on with
 * the next table. Every row is hashed on its way; at the end all are read back
 * and must give the same. */
#ifndef APP_COPY_H
#define APP_COPY_H

#include "db/db.h"
#include "model/ctx.h"

typedef struct {
    const char *table; /* or what else is being done */
    int64_t rows, of;  /* of all tables together */
    int64_t us;        /* since the beginning of this run's copying */
} CopyProgress;

typedef struct {
    const Registry *registry;
    Db *from; /* DB_READ, nobody writes to it */
    Db *to;   /* DB_WRITE, of the same version, nobody else uses it */
    Arena *arena;
    void (*progress)(const CopyProgress *p); /* NULL: quiet */
    int64_t rows;                            /* copied and compared, when it returned true */
    int64_t copied, us;                      /* of them in this run, and how long that took */
    Str problem;                             /* when it returned false */
} Copy;

bool copy_run(Copy *c);

/* copy_search.c: the words of one resource's rows; in a transaction, once. False
 * when the target failed. */
bool copy_search(Copy *c, const Model *m);

#endif
