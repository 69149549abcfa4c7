/* What programs that share a database have of each other: notes that one leaves
 * for all, and claims that one of them holds at a time. Where a program has its
 * database for itself there is nobody: notes go nowhere, every claim is had. */
#ifndef DB_PEERS_H
#define DB_PEERS_H

#include "db/db.h"

/* Within a transaction: is told once it is committed, or never. */
bool db_tell(Db *db, Str note);
/* Hears notes from now on; opens a lost connection again. False on error. Only
 * for a connection that does nothing else. */
bool db_listen(Db *db);
/* Waits for notes at most so long and calls heard() with each. False when the
 * connection is lost, and with it, perhaps, notes. */
bool db_hear(Db *db, int timeout_ms, void (*heard)(void *arg, Str note), void *arg);

/* Each has one number for all of them, but a claim on an import has its job's. */
typedef enum { CLAIM_JOBS = 1, CLAIM_IMPORT, CLAIM_SETUP } Claim;

/* Whether this connection holds the claim, taking it if nobody does: until it
 * is given back as often as it was had, or the connection ends, however it does. */
bool db_claim(Db *db, Claim claim, int64_t id);
/* Within a transaction that writes: waits for it, and has it until the end. */
bool db_claim_here(Db *db, Claim claim);
void db_unclaim(Db *db, Claim claim, int64_t id);

#endif
