/* The connection to PostgreSQL: opening it again after it was lost, and flights
 * of statements that are sent together and answered together (libpq's pipeline
 * mode).
 *
 * Nothing here waits for longer than the connection's timeout and a little: the
 * server ends a statement at statement_timeout; if it does not even do that, the
 * connection is given up. */
#include "db/postgres.h"

#include <poll.h>

#include "base/log.h"
#include "base/time.h"

#define OLDEST_SERVER 150000
#define LOCK_TIMEOUT_S 5
#define CONNECT_TIMEOUT "5"
#define RETRY_US 300000 /* between attempts to connect */
#define GRACE_US 5000000

/* --- waiting --- */

bool link_lost(PgDb *db, const char *why) {
    pg_error_text(&db->base.error, DB_DOWN, "connection lost: %s", why);
    link_close(db);
    return false;
}

static int64_t deadline(const PgDb *db) {
    return db->timeout_s ? monotonic_us() + (int64_t)db->timeout_s * 1000000 + GRACE_US : INT64_MAX;
}

/* Milliseconds until then, for poll; -1: no limit. */
static int left_ms(int64_t until) {
    if (until == INT64_MAX) return -1;
    int64_t us = until - monotonic_us();
    return us <= 0 ? 0 : (int)(us / 1000) + 1;
}

/* Sends what is not sent yet and waits until a result is there. */
static bool wait_for_result(PgDb *db, int64_t until) {
    for (;;) {
        int unsent = PQflush(db->conn);
        if (unsent < 0) return link_lost(db, PQerrorMessage(db->conn));
        if (!unsent && !PQisBusy(db->conn)) return true;
        struct pollfd p = {PQsocket(db->conn), (short)(POLLIN | (unsent ? POLLOUT : 0)), 0};
        int n = poll(&p, 1, left_ms(until));
        if (n == 0) return link_lost(db, "the server does not answer");
        if (n > 0 && (p.revents & ~POLLOUT) && !PQconsumeInput(db->conn))
            return link_lost(db, PQerrorMessage(db->conn));
    }
}

/* The next result; NULL ends those of one statement. False when lost. */
static bool next_result(PgDb *db, int64_t until, PGresult **out) {
    *out = NULL;
    if (!wait_for_result(db, until)) return false;
    *out = PQgetResult(db->conn);
    return true;
}

static bool is_good(const PGresult *r) {
    ExecStatusType status = PQresultStatus(r);
    return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY;
}

static void note_error(PgDb *db, const PGresult *r) {
    ExecStatusType status = PQresultStatus(r);
    db->scope_sent = SCOPE_NONE; /* it may have been set in what is taken back */
    if (status == PGRES_PIPELINE_ABORTED) return; /* behind what failed */
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH)
        pg_error_text(&db->base.error, DB_BUG, "COPY is not for prepared statements");
    else
        pg_error(db, r);
}

/* After a FATAL error the server has hung up, or is about to. */
static void end_if_over(PgDb *db) {
    if (db->conn && (PQstatus(db->conn) == CONNECTION_BAD || db->base.error.status == DB_DOWN)) link_close(db);
}

bool link_receive(PgDb *db, int n, int keep, PGresult **kept) {
    int64_t until = deadline(db);
    PGresult *r;
    if (kept) *kept = NULL;
    if (!db->conn) return false;
    if (!PQpipelineSync(db->conn)) return link_lost(db, PQerrorMessage(db->conn));
    for (int i = 0; i < n; i++) {
        if (!next_result(db, until, &r)) return false;
        if (!r) return link_lost(db, "an answer is missing");
        bool good = is_good(r);
        if (!good) note_error(db, r);
        if (good && i == keep)
            *kept = r;
        else
            PQclear(r);
        do { /* a statement's results end with none */
            if (!next_result(db, until, &r)) return false;
            PQclear(r);
        } while (r);
    }
    if (!next_result(db, until, &r)) return false;
    bool synced = r && PQresultStatus(r) == PGRES_PIPELINE_SYNC;
    PQclear(r);
    if (!synced) link_lost(db, PQerrorMessage(db->conn));
    end_if_over(db);
    return !db_failed(&db->base);
}

bool link_exec(PgDb *db, const char *sql, PGresult **kept) {
    int64_t until = deadline(db);
    PGresult *r = NULL;
    bool pipelined = PQpipelineStatus(db->conn) != PQ_PIPELINE_OFF;
    if (pipelined) PQexitPipelineMode(db->conn);
    if (!PQsendQuery(db->conn, sql)) return link_lost(db, PQerrorMessage(db->conn));
    for (;;) {
        if (!next_result(db, until, &r)) return false;
        if (!r) break;
        if (!is_good(r)) note_error(db, r);
        if (kept && !*kept && PQresultStatus(r) == PGRES_TUPLES_OK)
            *kept = r;
        else
            PQclear(r);
    }
    if (pipelined && db->conn) PQenterPipelineMode(db->conn);
    end_if_over(db);
    return !db_failed(&db->base);
}

/* --- opening --- */

static void ignore_notice(void *arg, const PGresult *r) { (void)arg, (void)r; }

/* The indexes whose violation tells what is taken: see columns_of. */
static const char uniques_sql[] =
    "SELECT i.relname, string_agg(t.relname || '.' || pg_get_indexdef(i.oid, k, true), ', ' ORDER BY k) "
    "FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid, "
    "generate_series(1, x.indnkeyatts) k "
    "WHERE x.indisunique AND t.relnamespace = current_schema()::regnamespace GROUP BY i.relname";

static bool set_up(PgDb *db) {
    char sql[640];
    const char *encoding = PQparameterStatus(db->conn, "server_encoding");
    int version = PQserverVersion(db->conn);
    if (version < OLDEST_SERVER) {
        pg_error_text(&db->base.error, DB_BUG, "PostgreSQL %d is too old: 15 or newer is needed", version / 10000);
        return false;
    }
    if (!encoding || strcmp(encoding, "UTF8") != 0) {
        pg_error_text(&db->base.error, DB_BUG, "the database's encoding is %s: UTF8 is needed", encoding ? encoding : "unknown");
        return false;
    }
    /* Compiling costs more than it saves for statements that take a millisecond. What a
     * machine that went away held (locks, claims) is free again after half a minute. */
    snprintf(sql, sizeof sql,
             "SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET jit = off; SET standard_conforming_strings = on; "
             "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3; "
             "SET default_transaction_isolation = 'read committed'; SET default_transaction_read_only = %s; "
             "SET statement_timeout = '%ds'; SET lock_timeout = '%ds'; SET idle_in_transaction_session_timeout = '%ds'",
             db->mode == DB_READ ? "on" : "off", db->timeout_s, db->timeout_s ? LOCK_TIMEOUT_S : 0, 2 * db->timeout_s);
    return link_exec(db, sql, NULL) && (db->mode == DB_READ || link_exec(db, uniques_sql, &db->uniques));
}

bool link_open(PgDb *db) {
    /* What stands before the URL is for what it does not say, what stands behind it is final. */
    static const char *const names[] = {"connect_timeout", "keepalives_idle", "keepalives_interval", "keepalives_count",
                                        "tcp_user_timeout", "fallback_application_name", "dbname", "client_encoding", NULL};
    const char *values[] = {CONNECT_TIMEOUT, "15", "5", "3", "30000", "millwright", db->url, "UTF8", NULL};
    PGconn *conn = PQconnectdbParams(names, values, 1);
    if (!conn) log_fatal("db", "out of memory");
    db->conn = conn;
    db->link++;
    db->scope_sent = SCOPE_NONE;
    PQsetNoticeReceiver(conn, ignore_notice, NULL);
    if (PQstatus(conn) != CONNECTION_OK) {
        pg_error_text(&db->base.error, DB_DOWN, "%s", PQerrorMessage(conn));
    } else if (PQsetnonblocking(conn, 1) != 0 || !set_up(db)) {
        pg_error_text(&db->base.error, DB_DOWN, "the connection cannot be set up");
    } else if (PQenterPipelineMode(conn)) {
        return true;
    }
    link_close(db);
    db->retry_at = monotonic_us() + RETRY_US;
    return false;
}

void link_close(PgDb *db) {
    PQclear(db->uniques);
    PQfinish(db->conn);
    db->uniques = NULL;
    db->conn = NULL;
}

/* A server that went away has said so, or its end of the connection is closed:
 * better seen before a statement is sent than after. */
static bool still_there(PgDb *db) {
    struct pollfd p = {PQsocket(db->conn), POLLIN, 0};
    for (int i = 0; i < 4 && poll(&p, 1, 0) > 0; i++)
        if (!PQconsumeInput(db->conn)) return false;
    return PQstatus(db->conn) == CONNECTION_OK;
}

bool link_ready(PgDb *db) {
    bool sent = db->inside && !(db->n_controls && str_starts(str_of(db->controls[0]), S("BEGIN")));
    if (db->conn && (sent || still_there(db))) return true;
    if (sent) {
        pg_error_text(&db->base.error, DB_DOWN, "the transaction's connection was lost");
        return false;
    }
    if (!db->conn && monotonic_us() < db->retry_at) {
        pg_error_text(&db->base.error, DB_DOWN, "the database could not be reached a moment ago");
        return false;
    }
    if (db->once) return link_lost(db, "it is not opened again");
    if (db->conn) link_close(db);
    return link_open(db);
}

/* --- flights --- */

bool link_aborted(const PgDb *db) {
    if (!db->conn || PQtransactionStatus(db->conn) != PQTRANS_INERROR) return false;
    for (int i = 0; i < db->n_controls; i++)
        if (str_starts(str_of(db->controls[i]), S("ROLLBACK"))) return false;
    return true;
}

static bool send_scope(PgDb *db) {
    char text[INT_TEXT_MAX];
    const char *value = "*";
    if (db->scope) {
        int_format(db->scope, text);
        value = text;
    }
    if (!PQsendQueryParams(db->conn, "SELECT set_config('millwright.organization_id', $1, false)", 1, NULL, &value,
                           NULL, NULL, 0))
        return link_lost(db, PQerrorMessage(db->conn));
    db->scope_sent = db->scope;
    return true;
}

bool link_send_waiting(PgDb *db, int *n) {
    *n = 0;
    for (int i = 0; i < db->n_controls; i++, (*n)++) {
        if (!PQsendQueryParams(db->conn, db->controls[i], 0, NULL, NULL, NULL, NULL, 0))
            return link_lost(db, PQerrorMessage(db->conn));
        if (str_starts(str_of(db->controls[i]), S("ROLLBACK"))) db->scope_sent = SCOPE_NONE;
    }
    bool ends = db->n_controls && (str_starts(str_of(db->controls[db->n_controls - 1]), S("COMMIT")) ||
                                   strcmp(db->controls[db->n_controls - 1], "ROLLBACK") == 0);
    db->n_controls = 0;
    if (db->scope == db->scope_sent || ends) return true;
    (*n)++;
    return send_scope(db);
}

bool link_flush(PgDb *db) {
    int n;
    return link_ready(db) && link_send_waiting(db, &n) && link_receive(db, n, -1, NULL);
}
