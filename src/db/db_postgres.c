/* The PostgreSQL driver: kept statements, prepared on the server and again
 * there on each new connection, and transaction control that travels with the
 * statement behind it. All rows of a result are received before the first one
 * is given out, so that statements may be stepped in turns; stmt_expect_many
 * makes a cursor of it. */
#include "db/postgres.h"

#include "base/log.h"

#define PORTION 500 /* rows of a cursor's fetch */

/* NULL for the dead statement, which is a bare Stmt. */
static PgStmt *live(Stmt *st) {
    PgDb *db = (PgDb *)st->db;
    return st == &db->dead ? NULL : (PgStmt *)st;
}

static bool is(Str s, const char *beginning) { return str_starts(s, str_of(beginning)); }

/* --- transaction control --- */

static bool push(PgDb *db, Str text) {
    if (text.n >= CONTROL_TEXT) {
        pg_error_text(&db->base.error, DB_BUG, "transaction control too long");
        return false;
    }
    if (db->n_controls == CONTROLS_MAX && !link_flush(db)) return false;
    snprintf(db->controls[db->n_controls++], CONTROL_TEXT, "%.*s", STR_ARG(text));
    return true;
}

static bool begin_waits(const PgDb *db) { return db->n_controls && is(str_of(db->controls[0]), "BEGIN"); }

static bool begin(PgDb *db, Str text) {
    if (db->inside) {
        pg_error_text(&db->base.error, DB_BUG, "a transaction within a transaction");
        return false;
    }
    db->inside = true;
    db->writes_at_begin = db->base.writes;
    return push(db, text);
}

/* Whatever happens, there is no transaction behind it. */
static bool commit(PgDb *db) {
    PGresult *r = NULL;
    int n = 0;
    bool nothing = begin_waits(db), wrote = db->base.writes != db->writes_at_begin;
    db->inside = db->inside && !nothing;
    if (nothing) db->n_controls = 0;
    if (nothing) return true;
    bool ok = push(db, S("COMMIT")) && link_ready(db) && link_send_waiting(db, &n) && link_receive(db, n, n - 1, &r);
    if (ok && strcmp(PQcmdStatus(r), "COMMIT") != 0)
        pg_error_text(&db->base.error, DB_BUG, "the transaction had failed, and was taken back");
    PQclear(r);
    db->n_controls = 0;
    db->inside = false;
    if (db->base.error.status == DB_DOWN && wrote) db->base.error.status = DB_UNKNOWN;
    return !db_failed(&db->base);
}

static bool roll_back(PgDb *db) {
    bool nothing = begin_waits(db) || !db->conn || PQtransactionStatus(db->conn) == PQTRANS_IDLE;
    db->n_controls = 0;
    if (!nothing && push(db, S("ROLLBACK")) && !link_flush(db)) {
        link_close(db); /* which ends it as well */
        db_clear_error(&db->base);
    }
    db->scope_sent = SCOPE_NONE;
    db->inside = false;
    return true;
}

/* "SAVEPOINT x" that was not sent yet; -1: none. */
static int waiting_savepoint(const PgDb *db, Str name) {
    for (int i = db->n_controls - 1; i >= 0; i--)
        if (is(str_of(db->controls[i]), "SAVEPOINT ") && str_ends(str_of(db->controls[i]), name)) return i;
    return -1;
}

static bool end_savepoint(PgDb *db, Str text, bool undo) {
    Str name = text;
    while (name.n && name.p[0] != ' ') name.p++, name.n--;
    if (undo) name = (Str){text.p + strlen("ROLLBACK TO"), text.n - strlen("ROLLBACK TO")};
    int at = waiting_savepoint(db, name);
    if (at < 0 || (!undo && at != db->n_controls - 1)) return push(db, text);
    db->n_controls = undo ? at + 1 : at;
    return true;
}

static void pg_reset(Stmt *st);

static bool pg_control(Db *base, Str sql) {
    PgDb *db = (PgDb *)base;
    Ending ending = statement_ending(sql);
    if (ending != ENDS_NOTHING) statements_stop_all(&db->statements, pg_reset);
    if (ending == ENDS_UNDOING) db_clear_error(base);
    if (db_failed(base)) return false;
    if (is(sql, "BEGIN")) return begin(db, sql);
    if (is(sql, "COMMIT")) return commit(db);
    if (is(sql, "ROLLBACK TO")) return end_savepoint(db, sql, true);
    if (is(sql, "ROLLBACK")) return roll_back(db);
    return is(sql, "RELEASE") ? end_savepoint(db, sql, false) : push(db, sql);
}

/* --- statements --- */

static void finish(PgStmt *st) {
    PgDb *db = (PgDb *)st->kept.base.db;
    if (!st->kept.running) return;
    statements_stopped(&db->statements, &st->kept);
    PQclear(st->result);
    st->result = NULL;
    st->n_rows = 0;
    if (*st->cursor && db->inside && !link_aborted(db) && st->link == db->link)
        push(db, str_of(st->cursor)); /* it holds "CLOSE c1" */
    st->cursor[0] = '\0';
}

static void pg_reset(Stmt *base) {
    PgStmt *st = live(base);
    if (st) finish(st);
}

static bool can_send(PgDb *db) {
    if (!link_ready(db)) return false;
    if (!link_aborted(db)) return true;
    pg_error_text(&db->base.error, DB_BUG, "a statement in a transaction that has failed");
    return false;
}

static void evicted_free(PgDb *db) {
    PgStmt *st = db->evicted;
    db->evicted = NULL;
    if (!st) return;
    free(st->text);
    free(st->types);
    free(st->values);
    free(st->times);
    kept_free(&st->kept);
}

/* What the server says of the parameters. */
static void learn(PgStmt *st, const PGresult *r) {
    int n = PQnparams(r);
    if (n != st->n_params || !st->types) {
        free(st->types);
        free(st->values);
        st->types = calloc((size_t)n + 1, sizeof *st->types);
        st->values = calloc((size_t)n + 1, sizeof *st->values);
        if (!st->types || !st->values) log_fatal("db", "out of memory");
    }
    st->n_params = n;
    for (int i = 0; i < n; i++) st->types[i] = PQparamtype(r, i);
}

static bool prepare_there(PgDb *db, PgStmt *st) {
    PGresult *r = NULL;
    char drop[64];
    int n = 0;
    if (!can_send(db) || !link_send_waiting(db, &n)) return false;
    if (db->evicted && db->evicted->link == db->link) {
        snprintf(drop, sizeof drop, "DEALLOCATE %s", db->evicted->name);
        if (!PQsendQueryParams(db->conn, drop, 0, NULL, NULL, NULL, NULL, 0))
            return link_lost(db, PQerrorMessage(db->conn));
        n++;
    }
    evicted_free(db);
    snprintf(st->name, sizeof st->name, "s%llu", (unsigned long long)++db->names);
    if (!PQsendPrepare(db->conn, st->name, st->text, 0, NULL) || !PQsendDescribePrepared(db->conn, st->name))
        return link_lost(db, PQerrorMessage(db->conn));
    if (link_receive(db, n + 2, n + 1, &r)) {
        learn(st, r);
        st->link = db->link;
    }
    PQclear(r);
    return !db_failed(&db->base);
}

/* SELECT and VALUES do not write, nor WITH unless one of its parts does. */
static bool may_write(Str sql) {
    if (is(sql, "SELECT") || is(sql, "VALUES")) return false;
    return !is(sql, "WITH") || memmem(sql.p, sql.n, "INSERT ", 7) || memmem(sql.p, sql.n, "UPDATE ", 7) ||
           memmem(sql.p, sql.n, "DELETE ", 7);
}

static PgStmt *statement_add(PgDb *db, Str sql) {
    if (!str_trim(sql).n) {
        pg_error_text(&db->base.error, DB_BUG, "not exactly one statement");
        return NULL;
    }
    if (!db->evicted) db->evicted = (PgStmt *)statements_make_room(&db->statements);
    PgStmt *st = calloc(1, sizeof *st);
    if (!st) log_fatal("db", "out of memory");
    st->kept.base.db = &db->base;
    st->text = pg_translate(sql);
    st->writes = may_write(str_trim(sql));
    if (prepare_there(db, st)) {
        statements_add(&db->statements, &st->kept, sql);
        return st;
    }
    free(st->text);
    free(st->types);
    free(st->values);
    free(st);
    return NULL;
}

static Stmt *pg_prepare(Db *base, Str sql) {
    PgDb *db = (PgDb *)base;
    if (db_failed(base)) return &db->dead;
    PgStmt *st = (PgStmt *)statements_find(&db->statements, sql);
    if (!st) {
        st = statement_add(db, sql);
        if (!st) return &db->dead;
    }
    finish(st);
    memset(st->values, 0, sizeof *st->values * (size_t)st->n_params); /* V_NULL is 0 */
    st->many = false;
    statements_used(&db->statements, &st->kept);
    return db_failed(base) ? &db->dead : &st->kept.base;
}

static void pg_bind(Stmt *base, int index, const Value *v) {
    PgStmt *st = live(base);
    if (!st || db_failed(base->db)) return;
    if (index < 1 || index > st->n_params)
        pg_error_text(&base->db->error, DB_BUG, "no parameter ?%d", index);
    else
        st->values[index - 1] = *v;
}

static void pg_expect_many(Stmt *base) {
    PgStmt *st = live(base);
    if (st) st->many = !st->writes;
}

/* --- execution --- */

static bool send_fetch(PgDb *db, const PgStmt *st) {
    char sql[64];
    snprintf(sql, sizeof sql, "FETCH %d FROM %s", PORTION, st->cursor + strlen("CLOSE "));
    return PQsendQueryParams(db->conn, sql, 0, NULL, NULL, NULL, NULL, 0) || link_lost(db, PQerrorMessage(db->conn));
}

static bool send_cursor(PgDb *db, PgStmt *st, const PgParams *p) {
    Buf sql = {0};
    snprintf(st->cursor, sizeof st->cursor, "CLOSE c%llu", (unsigned long long)++db->names);
    buf_fmt(&sql, "DECLARE %s NO SCROLL CURSOR FOR %s", st->cursor + strlen("CLOSE "), st->text);
    bool sent = PQsendQueryParams(db->conn, buf_c_str(&sql), st->n_params, st->types, p->texts, p->lengths, p->formats, 0);
    buf_free(&sql);
    return sent ? send_fetch(db, st) : link_lost(db, PQerrorMessage(db->conn));
}

/* How many results will come for it, 0 when lost. */
static int send_statement(PgDb *db, PgStmt *st) {
    PgParams p = pg_params(db, st);
    int n = 0;
    if (!db_failed(&db->base) && st->many && db->inside)
        n = send_cursor(db, st, &p) ? 2 : 0;
    else if (!db_failed(&db->base))
        n = PQsendQueryPrepared(db->conn, st->name, st->n_params, p.texts, p.lengths, p.formats, 0) ||
            link_lost(db, PQerrorMessage(db->conn));
    pg_params_free(&p);
    return n;
}

static void take_result(PgDb *db, PgStmt *st, PGresult *r) {
    Str done = str_of(PQcmdStatus(r));
    st->result = r;
    st->row = -1;
    st->n_rows = PQntuples(r);
    if (!st->times && PQnfields(r) > 0) st->times = calloc((size_t)PQnfields(r), sizeof *st->times);
    bool inserted = is(done, "INSERT");
    if (inserted || is(done, "UPDATE") || is(done, "DELETE")) str_to_int(str_of(PQcmdTuples(r)), &db->changes);
    int id = inserted && st->n_rows ? PQfnumber(r, "id") : -1;
    if (id >= 0) str_to_int(str_of(PQgetvalue(r, st->n_rows - 1, id)), &db->last_id);
}

static bool execute(PgDb *db, PgStmt *st) {
    PGresult *r = NULL;
    int waiting = 0, own;
    if (!can_send(db) || (st->link != db->link && !prepare_there(db, st))) return false;
    statements_started(&db->statements, &st->kept);
    db->base.statements++;
    if (!link_send_waiting(db, &waiting)) return false;
    own = send_statement(db, st);
    if (!own || !link_receive(db, waiting + own, waiting + own - 1, &r)) {
        PQclear(r);
        if (db->base.error.status == DB_BUG) st->link = 0; /* perhaps its plan is of an older schema */
        st->cursor[0] = '\0';
        return false;
    }
    db->base.writes += st->writes;
    take_result(db, st, r);
    return true;
}

/* The next portion of a cursor; false at its end. */
static bool fetch(PgDb *db, PgStmt *st) {
    PGresult *r = NULL;
    int n = 0;
    if (!*st->cursor || st->n_rows < PORTION || !can_send(db) || !link_send_waiting(db, &n)) return false;
    if (!send_fetch(db, st) || !link_receive(db, n + 1, n, &r)) {
        PQclear(r);
        return false;
    }
    PQclear(st->result);
    take_result(db, st, r);
    return true;
}

static bool pg_step(Stmt *base) {
    PgStmt *st = live(base);
    PgDb *db = (PgDb *)base->db;
    if (!st) return false;
    bool good = !db_failed(&db->base) && (st->kept.running || execute(db, st));
    if (good && ++st->row < st->n_rows) return true;
    if (good && fetch(db, st) && ++st->row < st->n_rows) return true;
    finish(st);
    return false;
}

static Value pg_value(Stmt *base, int index) {
    PgStmt *st = live(base);
    Value v = VALUE_NULL;
    if (st && st->kept.running && st->row >= 0) pg_column((PgDb *)base->db, st, index, &v);
    return v;
}

static bool pg_exec(Db *base, const char *sql) {
    PgDb *db = (PgDb *)base;
    if (!link_ready(db) || (db->n_controls && !link_flush(db))) return false;
    bool ok = link_exec(db, sql, NULL);
    db->inside = db->conn && PQtransactionStatus(db->conn) != PQTRANS_IDLE;
    return ok;
}

static bool pg_aborted(Db *db) { return link_aborted((PgDb *)db); }

static void pg_scope(Db *db, int64_t organization_id) { ((PgDb *)db)->scope = organization_id; }

static int64_t pg_changes(Db *db) { return ((PgDb *)db)->changes; }

static int64_t pg_last_id(Db *db) { return ((PgDb *)db)->last_id; }

/* --- opening and closing --- */

static void pg_close(Db *base) {
    PgDb *db = (PgDb *)base;
    statements_stop_all(&db->statements, pg_reset);
    for (Kept *st = statements_take_any(&db->statements); st; st = statements_take_any(&db->statements)) {
        evicted_free(db);
        db->evicted = (PgStmt *)st;
    }
    evicted_free(db);
    link_close(db);
    buf_free(&db->scratch);
    free(db->url);
    free(db);
}

/* libpq's own words show what it could not read, which may be the password. */
static bool url_is_good(const char *url, DbError *error) {
    char *problem = NULL;
    PQconninfoOption *options = PQconninfoParse(url, &problem);
    if (!options) {
        Str words = str_cut(str_of(problem), ':', &(Str){0});
        pg_error_text(error, DB_BUG, "the database URL cannot be read: %.*s", STR_ARG(words));
    }
    PQfreemem(problem);
    PQconninfoFree(options);
    return options != NULL;
}

static Db *pg_open(const DbConfig *config, DbMode mode, DbError *error) {
    if (!url_is_good(config->url, error)) return NULL;
    PgDb *db = calloc(1, sizeof *db);
    char *url = strdup(config->url);
    if (!db || !url) log_fatal("db", "out of memory");
    *db = (PgDb){.base.driver = &db_postgres, .mode = mode, .url = url, .timeout_s = config->timeout_s, .once = config->once,
                 .scope = SCOPE_NONE, .scope_sent = SCOPE_NONE};
    db->dead.db = &db->base;
    buf_init(&db->scratch, 0, (size_t)64 << 20);
    if (link_open(db)) return &db->base;
    *error = db->base.error;
    pg_close(&db->base);
    return NULL;
}

const DbDriver db_postgres = {
    .dialect = {.name = "postgres", .nulls_first = "NULLS FIRST", .nulls_last = "NULLS LAST",
                .for_update = " FOR UPDATE", .like = "ILIKE", .no_index = "",
                .begin_read = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", .begin_write = "BEGIN",
                .returning_id = " RETURNING id"},
    .open = pg_open,
    .close = pg_close,
    .prepare = pg_prepare,
    .bind = pg_bind,
    .step = pg_step,
    .column = pg_value,
    .reset = pg_reset,
    .exec = pg_exec,
    .control = pg_control,
    .aborted = pg_aborted,
    .expect_many = pg_expect_many,
    .scope = pg_scope,
    .changes = pg_changes,
    .last_id = pg_last_id,
    .bulk = &pg_bulk,
    .hear = pg_hear,
};
