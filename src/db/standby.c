/* Whether a standby has what was committed before; see standby.h.
 *
 * An acknowledged commit is on the primary's disk, so how far the log is flushed
 * there covers every one; and the standby answers from behind what it has replayed.
 * Places in the log can only be compared within one history: another database
 * system's are others, and a standby that has replayed what a promoted one never
 * had is on an older timeline. */
#include "db/standby.h"

#include <stdatomic.h>
#include <time.h>

#include "base/log.h"
#include "base/time.h"

#define CATCH_UP_US 20000   /* a read waits at most so long for the standby */
#define LOOK_US     500
#define BEHIND_US   250000  /* how long it is left alone after it was behind for longer */
#define AWAY_US     5000000 /* and when it cannot be used at all */

struct Standbys {
    DbConfig config;
    char *url;
    _Atomic int64_t rest_until; /* monotonic µs */
    _Atomic int64_t reads;
};

/* How far the primary is. */
typedef struct {
    char lsn[24], timeline[12];
} Place;

static void copy(char *out, size_t size, Str text) {
    size_t n = text.n < size ? text.n : 0; /* what does not fit is no place */
    if (n) memcpy(out, text.p, n);
    out[n] = '\0';
}

static bool place_read(Db *primary, Place *out) {
    Stmt *st = db_prepare(primary, S("SELECT CAST(lsn AS text), substr(pg_walfile_name(lsn), 1, 8) FROM pg_current_wal_flush_lsn() lsn"));
    bool ok = stmt_step(st);
    copy(out->lsn, sizeof out->lsn, ok ? stmt_text(st, 0) : STR_NONE);
    copy(out->timeline, sizeof out->timeline, ok ? stmt_text(st, 1) : STR_NONE);
    stmt_reset(st);
    db_clear_error(primary); /* whoever reads there will see it again */
    return *out->lsn && *out->timeline;
}

static bool ask(Db *db, const char *sql, const char *value) {
    Stmt *st = db_prepare(db, str_of(sql));
    stmt_bind_text(st, 1, str_of(value));
    bool yes = stmt_step(st) && stmt_int(st, 0) != 0;
    stmt_reset(st);
    return yes && !db_failed(db);
}

static void leave_alone(Standbys *all, int64_t us) { atomic_store(&all->rest_until, monotonic_us() + us); }

static Db *give_up(Standby *s, const char *why) {
    leave_alone(s->all, AWAY_US);
    log_event("standby", LOG_WARNING, "reads go to the primary: %s", why);
    standby_close(s);
    return NULL;
}

/* The other threads do not wait for it as well. */
static bool open_it(Standby *s) {
    DbError error;
    if (s->db) return true;
    leave_alone(s->all, AWAY_US);
    s->db = db_open(&s->all->config, DB_READ, &error);
    if (!s->db) return give_up(s, error.message);
    atomic_store(&s->all->rest_until, 0);
    s->timeline[0] = '\0';
    return true;
}

static const char whose_sql[] = "SELECT concat(system_identifier, ' ', current_database()) FROM pg_control_system()";

static bool is_of(Standby *s, Db *primary) {
    char whose[128];
    Stmt *st = db_prepare(primary, str_of(whose_sql));
    copy(whose, sizeof whose, stmt_step(st) ? stmt_text(st, 0) : STR_NONE);
    stmt_reset(st);
    db_clear_error(primary);
    return *whose && ask(s->db, "SELECT concat(system_identifier, ' ', current_database()) = ?1 FROM pg_control_system()", whose);
}

/* Looked up once for each connection, and again when the primary is another one. A
 * standby that went over to a new timeline says so from its next restartpoint on. */
static bool follows(Standby *s, Db *primary, const Place *at) {
    if (strcmp(s->timeline, at->timeline) == 0) return true;
    if (!is_of(s, primary)) {
        if (!db_failed(s->db)) give_up(s, "the standby is of another database");
        return false;
    }
    if (!ask(s->db, "SELECT lpad(upper(to_hex(timeline_id)), 8, '0') = ?1 FROM pg_control_checkpoint()", at->timeline)) {
        leave_alone(s->all, BEHIND_US);
        return false;
    }
    copy(s->timeline, sizeof s->timeline, str_of(at->timeline));
    return true;
}

static bool catches_up(Standby *s, const Place *at) {
    struct timespec pause = {0, LOOK_US * 1000};
    int64_t until = monotonic_us() + CATCH_UP_US;
    while (!ask(s->db, "SELECT pg_is_in_recovery() AND pg_last_wal_replay_lsn() >= CAST(?1 AS pg_lsn)", at->lsn)) {
        if (db_failed(s->db)) return false;
        if (monotonic_us() > until) {
            leave_alone(s->all, BEHIND_US);
            return false;
        }
        nanosleep(&pause, NULL);
    }
    return true;
}

Db *standby_ready(Standby *s, Db *primary) {
    Place at;
    if (monotonic_us() < atomic_load(&s->all->rest_until) || !place_read(primary, &at) || !open_it(s)) return NULL;
    db_clear_error(s->db);
    db_scope(s->db, 0);
    bool ready = follows(s, primary, &at) && catches_up(s, &at);
    if (s->db && db_failed(s->db)) {
        DbError why = s->db->error;
        return give_up(s, why.message);
    }
    if (ready) atomic_fetch_add(&s->all->reads, 1);
    return ready ? s->db : NULL;
}

void standby_close(Standby *s) {
    if (s->db) db_close(s->db);
    s->db = NULL;
}

Standbys *standbys_new(const DbConfig *config, DbError *error) {
    Standbys *all = calloc(1, sizeof *all);
    char *url = strdup(config->url);
    if (!all || !url) log_fatal("db", "out of memory");
    all->url = url;
    all->config = *config;
    all->config.url = url;
    all->config.once = true; /* another one may be to another server */
    Db *db = db_open(&all->config, DB_READ, error);
    if (db) {
        db_close(db);
    } else if (error->status != DB_DOWN) {
        standbys_free(all);
        return NULL;
    } else {
        log_event("standby", LOG_WARNING, "reads go to the primary: %s", error->message);
    }
    return all;
}

int64_t standbys_reads(const Standbys *all) { return atomic_load(&all->reads); }

void standbys_free(Standbys *all) {
    if (!all) return;
    free(all->url);
    free(all);
}
