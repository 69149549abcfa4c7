/* Writing the next migration: the difference between the schema that the
 * migrations make and the one the registry wants, found and tried out on
 * databases in memory. */
#include "model/migrate.h"
#include "model/schema.h"
#include "model/schema_diff.h"

/* `before` is migrated, `wanted` made from the registry. */
typedef struct {
    Db *before, *again, *wanted;
    Buf up, down, rest;
} Difference;

Db *migrate_in_memory(Migrator *m) {
    DbError error = {DB_OK};
    Buf told = {0};
    Db *db = db_open(&(DbConfig){.url = "sqlite::memory:"}, DB_WRITE, &error);
    if (!db) {
        m->problem = arena_fmt(m->arena, "%s", error.message);
        return NULL;
    }
    Migrator inner = {.db = db, .known = m->known, .arena = m->arena, .told = &told};
    bool ok = migrate_up(&inner);
    buf_free(&told);
    if (ok) return db;
    m->problem = inner.problem;
    db_close(db);
    return NULL;
}

static Db *schema_in_memory(Migrator *m, const Registry *r) {
    Migrator empty = {.known = &(Migrations){0}, .arena = m->arena};
    Db *db = migrate_in_memory(&empty);
    Buf sql = {0};
    m->problem = empty.problem;
    if (!db) return NULL;
    schema_write(r, &db->driver->dialect, &sql);
    bool ok = db_exec(db, buf_c_str(&sql));
    buf_free(&sql);
    if (ok) return db;
    m->problem = arena_fmt(m->arena, "the registry's schema: %s", db->error.message);
    db_close(db);
    return NULL;
}

static bool run(Db *db, Buf *sql) {
    return db_exec(db, "PRAGMA foreign_keys=OFF") && db_exec(db, buf_c_str(sql));
}

/* Runs it forth and back, and compares after each. */
static bool difference_proved(Difference *d, const Registry *r) {
    return run(d->before, &d->up) && schema_diff(d->before, d->wanted, r, &d->rest) &&
           d->rest.n == 0 && run(d->before, &d->down) &&
           schema_diff(d->before, d->again, r, &d->rest) && d->rest.n == 0;
}

static bool difference_find(Migrator *m, Difference *d, const Registry *r) {
    d->before = migrate_in_memory(m);
    d->again = d->before ? migrate_in_memory(m) : NULL;
    d->wanted = d->again ? schema_in_memory(m, r) : NULL;
    if (!d->wanted) return false;
    if (schema_diff(d->before, d->wanted, r, &d->up) &&
        schema_diff(d->wanted, d->before, r, &d->down) && (!d->up.n || difference_proved(d, r)))
        return true;
    m->problem = arena_fmt(m->arena, "this difference needs a migration by hand: %s\n%s",
                           d->before->error.message, buf_c_str(d->rest.n ? &d->rest : &d->up));
    return false;
}

bool migrate_difference(Migrator *m, const Registry *r, Buf *out) {
    Difference d = {0};
    bool ok = difference_find(m, &d, r);
    if (ok && d.up.n)
        buf_fmt(out, "-- up\n%s\n-- down\n%s", buf_c_str(&d.up), buf_c_str(&d.down));
    db_close(d.before);
    db_close(d.again);
    db_close(d.wanted);
    buf_free(&d.up);
    buf_free(&d.down);
    buf_free(&d.rest);
    return ok;
}
