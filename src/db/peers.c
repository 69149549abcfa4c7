/* Notes and claims; see peers.h. Claims are PostgreSQL's advisory locks of a
 * session. Below 2^56 their numbers are organizations (transact.c). */
#include "db/peers.h"

#define CLAIM_BITS    56
#define PEERS_CHANNEL "millwright"

static bool alone(const Db *db) { return db->driver->one_writer; }

bool db_tell(Db *db, Str note) {
    if (alone(db)) return true;
    Stmt *st = db_prepare(db, S("SELECT pg_notify('" PEERS_CHANNEL "', ?1)"));
    stmt_bind_text(st, 1, note);
    return stmt_run(st);
}

bool db_listen(Db *db) { return alone(db) || db_exec(db, "LISTEN " PEERS_CHANNEL); }

bool db_hear(Db *db, int timeout_ms, void (*heard)(void *arg, Str note), void *arg) {
    return alone(db) || db->driver->hear(db, timeout_ms, heard, arg);
}

static bool ask(Db *db, Str sql, Claim claim, int64_t id) {
    if (alone(db)) return true;
    Stmt *st = db_prepare(db, sql);
    stmt_bind_int(st, 1, (int64_t)claim << CLAIM_BITS | id);
    bool yes = stmt_step(st) && stmt_int(st, 0) != 0;
    stmt_reset(st);
    return yes && !db_failed(db);
}

bool db_claim(Db *db, Claim claim, int64_t id) { return ask(db, S("SELECT pg_try_advisory_lock(?1)"), claim, id); }

bool db_claim_here(Db *db, Claim claim) {
    if (alone(db)) return true;
    Stmt *st = db_prepare(db, S("SELECT pg_advisory_xact_lock(?1)"));
    stmt_bind_int(st, 1, (int64_t)claim << CLAIM_BITS);
    stmt_step(st);
    stmt_reset(st);
    return !db_failed(db);
}

void db_unclaim(Db *db, Claim claim, int64_t id) { ask(db, S("SELECT pg_advisory_unlock(?1)"), claim, id); }
