/* Keeping counts where many write at once, on several nodes: each transaction
 * leaves a row in `touched` for every resource it changed, with its own number.
 * A node keeps a count (in tally.h's table) together with the snapshot in which
 * it was computed, and uses it as long as no row can be seen that the snapshot
 * could not: then what is counted is still the same. Exact, whoever writes, and
 * one look at an index instead of a count.
 *
 * Old rows are removed below a floor; a snapshot that may not have seen some of
 * those is not believed any more. */
#ifndef MODEL_TOUCHED_H
#define MODEL_TOUCHED_H

#include "model/ctx.h"

/* Longer ones, of many transactions at once, are not kept. */
#define SNAPSHOT_MAX 256
/* Selects the snapshot of its own statement, as text. On a standby the real one does not
 * name the transactions that run: an older one that has seen none of them serves. */
#define SNAPSHOT_SQL                                                                               \
    "(SELECT CASE WHEN pg_is_in_recovery() THEN concat(pg_snapshot_xmin(s), ':', pg_snapshot_xmin(s), ':') " \
    "ELSE CAST(s AS text) END FROM pg_current_snapshot() s)"

/* Within a transaction: notes that rows of m change. */
void touched_note(Ctx *c, const Model *m);
/* Behind the last change, before the commit: tells the other transactions. */
bool touched_publish(Ctx *c);
/* Whether m's rows are as they were in `snapshot`, which then becomes the
 * present one. False, without an error, when they may not be. */
bool touched_since(Ctx *c, const Model *m, char snapshot[SNAPSHOT_MAX]);
/* The oldest transaction that is running, as text; and removing what lies below
 * such a one: whoever does it waits a while in between, so that what is counted
 * now and then is not counted again each time. */
bool touched_edge(Db *db, char xid[24]);
bool touched_remove(Db *db, const char *xid);

#endif
