/* Which rows changed since a snapshot; see touched.h. PostgreSQL only. */
#include "model/touched.h"

#include <assert.h>

#define WORD_BITS 64

void touched_note(Ctx *c, const Model *m) {
    if (m->whole) touched_note(c, m->whole);
    assert(m->index >= 0 && m->index < TOUCHED_WORDS * WORD_BITS);
    c->looked = NULL;
    c->touched[m->index / WORD_BITS] |= (uint64_t)1 << m->index % WORD_BITS;
}

static bool is_touched(const Ctx *c, int model) { return c->touched[model / WORD_BITS] >> model % WORD_BITS & 1; }

bool touched_publish(Ctx *c) {
    const Registry *r = c->app->registry;
    Buf sql = {0};
    int n = 0;
    for (int i = 0; i < r->n; i++)
        if (is_touched(c, i)) buf_fmt(&sql, "%s(?1, ?%d)", n ? ", " : "", n + 2), n++;
    if (!n) return true;
    Str text = arena_fmt(c->arena, "INSERT INTO touched (organization_id, resource) VALUES %.*s ON CONFLICT DO NOTHING",
                         STR_ARG(buf_view(&sql)));
    buf_free(&sql);
    Stmt *st = db_prepare(c->db, text);
    stmt_bind_int(st, 1, c->organization_id);
    for (int i = 0, at = 2; i < r->n; i++)
        if (is_touched(c, i)) stmt_bind_text(st, at++, r->models[i].name);
    memset(c->touched, 0, sizeof c->touched);
    return stmt_run(st) || db_fail(c->db, &c->err);
}

static const char since_sql[] =
    "SELECT " SNAPSHOT_SQL ", "
    "pg_snapshot_xmin(CAST(?3 AS pg_snapshot)) >= coalesce((SELECT floor FROM touched_floor), CAST('0' AS xid8)) "
    "AND NOT EXISTS (SELECT 1 FROM touched WHERE organization_id = ?1 AND resource = ?2 "
    "AND xid >= pg_snapshot_xmin(CAST(?3 AS pg_snapshot)) AND NOT pg_visible_in_snapshot(xid, CAST(?3 AS pg_snapshot)))";

/* The last look: many counts of one request are of one moment. */
struct Looked {
    const Model *model;
    bool same;
    char then[SNAPSHOT_MAX], now[SNAPSHOT_MAX];
};

static bool look(Ctx *c, const Model *m, const char *then, char now[SNAPSHOT_MAX]) {
    Stmt *st = db_prepare(c->db, str_of(since_sql));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_text(st, 2, m->name);
    stmt_bind_text(st, 3, str_of(then));
    bool same = stmt_step(st) && stmt_int(st, 1) != 0;
    Str text = same ? stmt_text(st, 0) : STR_NONE;
    if (text.n && text.n < SNAPSHOT_MAX) memcpy(now, text.p, text.n);
    stmt_reset(st);
    return same && !db_failed(c->db);
}

/* A count that was looked after behind the first one of its request gets that
 * one's snapshot, which is older, so that both need one look the next time. */
bool touched_since(Ctx *c, const Model *m, char snapshot[SNAPSHOT_MAX]) {
    struct Looked *l = c->looked, one = {.model = m};
    bool known = l && l->model == m;
    if (!known || strcmp(l->then, snapshot) != 0) {
        memcpy(one.then, snapshot, SNAPSHOT_MAX);
        one.same = look(c, m, snapshot, one.now);
        if (known && one.same && l->same) memcpy(one.now, l->now, SNAPSHOT_MAX);
        if (!l) l = c->looked = ARENA_NEW(c->arena, struct Looked);
        *l = one;
    }
    if (l->same && *l->now) memcpy(snapshot, l->now, SNAPSHOT_MAX);
    return l->same;
}

bool touched_edge(Db *db, char xid[24]) {
    Stmt *st = db_prepare(db, S("SELECT CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text)"));
    Str text = stmt_step(st) ? stmt_text(st, 0) : STR_NONE;
    bool fits = text.n && text.n < 24;
    if (fits) memcpy(xid, text.p, text.n), xid[text.n] = '\0';
    stmt_reset(st);
    return fits && !db_failed(db);
}

static bool remove_below(Db *db, const char *xid) {
    Stmt *st = db_prepare(db, S("INSERT INTO touched_floor (floor) VALUES (CAST(?1 AS xid8)) ON CONFLICT (one) DO UPDATE "
                                "SET floor = excluded.floor WHERE touched_floor.floor < excluded.floor"));
    stmt_bind_text(st, 1, str_of(xid));
    if (!stmt_run(st)) return false;
    st = db_prepare(db, S("DELETE FROM touched WHERE xid < CAST(?1 AS xid8)"));
    stmt_bind_text(st, 1, str_of(xid));
    return stmt_run(st);
}

bool touched_remove(Db *db, const char *xid) {
    db_scope(db, 0);
    if (db_begin_write(db) && remove_below(db, xid) && db_control(db, S("COMMIT"))) return true;
    DbError error = db->error;
    db_clear_error(db);
    db_control(db, S("ROLLBACK"));
    db->error = error;
    return false;
}
