/* Bulk rows by COPY … FROM STDIN in its text form, which is that of the
 * parameters but for its escapes. Columns' types are asked for first. Waits for
 * the server as long as it takes: this is not for requests. */
#include "db/bulk.h"
#include "db/postgres.h"

#include "base/log.h"

#define PACKET ((size_t)64 * 1024)

typedef struct {
    Bulk base;
    Oid *types;
    Buf rows;
} Copy;

static bool types_learn(PgDb *db, Copy *c, const char *sql) {
    PGresult *r = NULL;
    if (!link_exec(db, sql, &r)) return false;
    c->types = calloc((size_t)c->base.n + 1, sizeof *c->types);
    if (!c->types) log_fatal("db", "out of memory");
    for (int i = 0; i < c->base.n; i++) c->types[i] = PQftype(r, i);
    PQclear(r);
    return true;
}

static bool copy_in(PgDb *db, const char *sql) {
    if (!PQexitPipelineMode(db->conn) || PQsetnonblocking(db->conn, 0) != 0)
        return link_lost(db, PQerrorMessage(db->conn));
    PGresult *r = PQexec(db->conn, sql);
    bool ok = PQresultStatus(r) == PGRES_COPY_IN;
    if (!ok) pg_error(db, r);
    PQclear(r);
    return ok;
}

static Bulk *copy_begin(Db *base, Str table, const Str *columns, int n) {
    PgDb *db = (PgDb *)base;
    Copy *c = calloc(1, sizeof *c);
    Buf names = {0}, sql = {0};
    if (!c) log_fatal("db", "out of memory");
    *c = (Copy){.base = {base, n}};
    buf_init(&c->rows, 2 * PACKET, (size_t)256 << 20);
    bulk_columns(columns, n, &names);
    buf_fmt(&sql, "SELECT %s FROM %.*s LIMIT 0", buf_c_str(&names), STR_ARG(table));
    bool known = !db_failed(base) && link_flush(db) && types_learn(db, c, buf_c_str(&sql));
    buf_reset(&sql);
    buf_fmt(&sql, "COPY %.*s (%s) FROM STDIN", STR_ARG(table), buf_c_str(&names));
    if (known) copy_in(db, buf_c_str(&sql));
    buf_free(&names);
    buf_free(&sql);
    return &c->base;
}

static void packet_send(Copy *c) {
    PgDb *db = (PgDb *)c->base.db;
    if (c->rows.failed) pg_error_text(&db->base.error, DB_BUG, "a row too long to be copied");
    if (!db_failed(&db->base) && PQputCopyData(db->conn, c->rows.p, (int)c->rows.n) != 1)
        link_lost(db, PQerrorMessage(db->conn));
    buf_reset(&c->rows);
}

static void escaped(Buf *out, Str s) {
    for (size_t i = 0; i < s.n; i++) {
        char ch = s.p[i];
        if (ch == '\\' || ch == '\n' || ch == '\r' || ch == '\t') buf_char(out, '\\');
        buf_char(out, ch == '\n' ? 'n' : ch == '\r' ? 'r' : ch == '\t' ? 't' : ch);
    }
}

static void copy_row(Bulk *b, const Value *row) {
    Copy *c = (Copy *)b;
    char number[PG_NUMBER_TEXT];
    if (db_failed(b->db)) return;
    for (int i = 0; i < b->n; i++) {
        if (i) buf_char(&c->rows, '\t');
        if (row[i].kind == V_NULL) buf_c(&c->rows, "\\N");
        if (row[i].kind == V_INT)
            buf_str(&c->rows, (Str){number, pg_number_text(c->types[i], row[i].i, number)});
        if (row[i].kind == V_TEXT) escaped(&c->rows, row[i].s);
    }
    buf_char(&c->rows, '\n');
    if (c->rows.n >= PACKET) packet_send(c);
}

static bool copy_finish(PgDb *db) {
    PGresult *r;
    if (PQputCopyEnd(db->conn, NULL) != 1) return link_lost(db, PQerrorMessage(db->conn));
    while ((r = PQgetResult(db->conn))) {
        if (PQresultStatus(r) != PGRES_COMMAND_OK) pg_error(db, r);
        PQclear(r);
    }
    return !db_failed(&db->base);
}

static bool copy_end(Bulk *b) {
    Copy *c = (Copy *)b;
    PgDb *db = (PgDb *)b->db;
    packet_send(c);
    bool ok = !db_failed(b->db) && copy_finish(db);
    if (db->conn && (PQsetnonblocking(db->conn, 1) != 0 || !PQenterPipelineMode(db->conn)))
        ok = link_lost(db, PQerrorMessage(db->conn));
    buf_free(&c->rows);
    free(c->types);
    free(c);
    return ok;
}

const BulkWay pg_bulk = {copy_begin, copy_row, copy_end};
