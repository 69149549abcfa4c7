/* Reads on a hot standby of PostgreSQL, which may be behind its primary. A read
 * goes there only when the standby has everything that was committed before the
 * read began, whoever wrote it and through whichever server: the primary is asked
 * how far its log has come on disk, and the standby whether it has replayed that.
 * If it has not in a moment, or is away, or follows another history than the
 * primary's, the read is the primary's.
 *
 * A read may still fail there for reasons that it would not have at the primary
 * (the standby is stopped, or gives up a read for the sake of replaying): whoever
 * asked does it again at the primary. */
#ifndef DB_STANDBY_H
#define DB_STANDBY_H

#include "db/db.h"

/* What all threads know of it. */
typedef struct Standbys Standbys;

/* One thread's connection. */
typedef struct {
    Standbys *all;
    Db *db;            /* NULL: not opened */
    char timeline[12]; /* of the primary's, which it is known to follow; "": none yet */
} Standby;

/* NULL with the error when the configuration cannot be right; that the standby is
 * away is none. */
Standbys *standbys_new(const DbConfig *config, DbError *error);
int64_t standbys_reads(const Standbys *all); /* so many reads were sent there */
void standbys_free(Standbys *all); /* after every Standby is closed */

/* A connection to read from, or NULL: read from the primary. Opened, and opened
 * again, as needed. Neither may be in a transaction. */
Db *standby_ready(Standby *s, Db *primary);
void standby_close(Standby *s);

#endif
