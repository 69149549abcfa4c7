/* Hearing what other programs say (LISTEN). */
#include "db/postgres.h"

#include <poll.h>

static bool hear_now(PgDb *db, void (*heard)(void *arg, Str note), void *arg) {
    bool any = false;
    for (PGnotify *n = PQnotifies(db->conn); n; n = PQnotifies(db->conn)) {
        heard(arg, str_of(n->extra));
        PQfreemem(n);
        any = true;
    }
    return any;
}

bool pg_hear(Db *base, int timeout_ms, void (*heard)(void *arg, Str note), void *arg) {
    PgDb *db = (PgDb *)base;
    if (db_failed(base)) return false;
    if (!db->conn) return link_lost(db, "nothing is heard");
    if (hear_now(db, heard, arg)) return true;
    struct pollfd p = {PQsocket(db->conn), POLLIN, 0};
    if (poll(&p, 1, timeout_ms) <= 0) return true;
    if (!PQconsumeInput(db->conn) || PQstatus(db->conn) != CONNECTION_OK) return link_lost(db, PQerrorMessage(db->conn));
    hear_now(db, heard, arg);
    return true;
}
