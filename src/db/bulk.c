/* Bulk rows by INSERT, for drivers that have nothing faster; see bulk.h. */
#include "db/bulk.h"

#include "base/log.h"

typedef struct {
    Bulk base;
    Stmt *insert;
} Inserts;

void bulk_columns(const Str *columns, int n, Buf *out) {
    for (int i = 0; i < n; i++) buf_fmt(out, "%s%.*s", i ? ", " : "", STR_ARG(columns[i]));
}

static Bulk *inserts_begin(Db *db, Str table, const Str *columns, int n) {
    Inserts *b = calloc(1, sizeof *b);
    Buf sql = {0};
    if (!b) log_fatal("db", "out of memory");
    buf_fmt(&sql, "INSERT INTO %.*s (", STR_ARG(table));
    bulk_columns(columns, n, &sql);
    for (int i = 0; i < n; i++) buf_fmt(&sql, "%s?%d", i ? ", " : ") VALUES (", i + 1);
    buf_char(&sql, ')');
    *b = (Inserts){{db, n}, db_prepare(db, buf_view(&sql))};
    buf_free(&sql);
    return &b->base;
}

Bulk *bulk_begin(Db *db, Str table, const Str *columns, int n) {
    return db->driver->bulk ? db->driver->bulk->begin(db, table, columns, n)
                            : inserts_begin(db, table, columns, n);
}

void bulk_row(Bulk *b, const Value *row) {
    if (b->db->driver->bulk) {
        b->db->driver->bulk->row(b, row);
        return;
    }
    Stmt *insert = ((Inserts *)b)->insert;
    for (int i = 0; i < b->n; i++) stmt_bind(insert, i + 1, row[i]);
    stmt_run(insert);
}

bool bulk_end(Bulk *b) {
    Db *db = b->db;
    if (db->driver->bulk) return db->driver->bulk->end(b);
    free(b);
    return !db_failed(db);
}
