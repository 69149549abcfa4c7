/* Sealing the journal where many write at once: rows come unsealed, with a
 * negative sequence and no hash, and are chained here, an organization at a
 * time, in the order of their ids as far as they are committed. A row that is
 * committed later comes behind those already sealed, whatever its id; two
 * changes of one record wait for each other, so their order is kept.
 *
 * Whoever seals an organization holds its lock, so that the chain has one end. */
#include "model/journal.h"

#define AT_ONCE 500
/* One lock a bucket of organizations, apart from all other advisory locks. */
#define LOCK_SQL "SELECT pg_advisory_xact_lock(776134, hashint8(?1))"

typedef struct {
    Db *db;
    int64_t organization_id, sequence;
    Hash head;
    Buf seals; /* [{"i": id, "s": sequence, "h": hash}, …] */
    int n;
} Seal;

static bool seal_lock(Seal *s) {
    Stmt *st = db_prepare(s->db, S(LOCK_SQL));
    stmt_bind_int(st, 1, s->organization_id);
    return stmt_run(st);
}

static void seal_head(Seal *s) {
    Stmt *st = db_prepare(s->db, S("SELECT sequence, hash FROM journal WHERE organization_id = ?1 AND sequence > 0 "
                                   "ORDER BY sequence DESC LIMIT 1"));
    stmt_bind_int(st, 1, s->organization_id);
    if (stmt_step(st)) {
        s->sequence = stmt_int(st, 0);
        if (!hash_from_hex(stmt_text(st, 1), &s->head)) memset(&s->head, 0, sizeof s->head);
    }
    stmt_reset(st);
}

static void seal_row(Seal *s, Stmt *st) {
    JournalEntry e;
    char hex[HASH_HEX];
    journal_entry_read(st, &e);
    e.organization_id = s->organization_id;
    e.sequence = ++s->sequence;
    const Hash before = s->head;
    journal_hash(&e, &before, &s->head);
    hash_hex(&s->head, hex);
    buf_fmt(&s->seals, "%s{\"i\":%lld,\"s\":%lld,\"h\":\"%s\"}", s->n++ ? "," : "[", (long long)stmt_int(st, JOURNAL_COLUMNS_N),
            (long long)s->sequence, hex);
}

static void seal_rows(Seal *s) {
    Stmt *st = db_prepare(s->db, S("SELECT " JOURNAL_COLUMNS ", id FROM journal WHERE organization_id = ?1 AND sequence < 0 "
                                   "ORDER BY id LIMIT ?2"));
    stmt_bind_int(st, 1, s->organization_id);
    stmt_bind_int(st, 2, AT_ONCE);
    while (stmt_step(st)) seal_row(s, st);
    stmt_reset(st);
}

static bool seal_store(Seal *s) {
    if (!s->n) return !db_failed(s->db);
    buf_char(&s->seals, ']');
    Stmt *st = db_prepare(s->db, S("UPDATE journal j SET sequence = v.s, hash = v.h "
                                   "FROM json_to_recordset(?2) AS v(i bigint, s bigint, h text) "
                                   "WHERE j.organization_id = ?1 AND j.id = v.i"));
    stmt_bind_int(st, 1, s->organization_id);
    stmt_bind_text(st, 2, buf_view(&s->seals));
    return stmt_run(st);
}

/* How many rows were sealed, AT_ONCE at most; -1 with an error in db. */
static int seal_some(Db *db, int64_t organization_id) {
    Seal s = {.db = db, .organization_id = organization_id};
    db_scope(db, organization_id);
    bool ok = db_begin_write(db) && seal_lock(&s);
    if (ok) seal_head(&s);
    if (ok) seal_rows(&s);
    ok = ok && seal_store(&s) && db_control(db, S("COMMIT"));
    buf_free(&s.seals);
    if (ok) return s.n;
    DbError error = db->error;
    db_clear_error(db);
    db_control(db, S("ROLLBACK"));
    db->error = error;
    return -1;
}

static bool any_unsealed(Db *db, int64_t organization_id) {
    db_scope(db, organization_id);
    Stmt *st = db_prepare(db, S("SELECT 1 FROM journal WHERE organization_id = ?1 AND sequence < 0 LIMIT 1"));
    stmt_bind_int(st, 1, organization_id);
    bool any = stmt_step(st);
    stmt_reset(st);
    return any;
}

bool journal_seal(Db *db, int64_t organization_id) {
    int n = any_unsealed(db, organization_id) ? AT_ONCE : 0;
    while (n == AT_ONCE) n = seal_some(db, organization_id);
    return n >= 0 && !db_failed(db);
}

bool journal_seal_all(Db *db, Arena *a) {
    int64_t *list = NULL;
    int n = 0, cap = 0;
    db_scope(db, 0);
    Stmt *st = db_prepare(db, S("SELECT DISTINCT organization_id FROM journal WHERE sequence < 0"));
    while (stmt_step(st)) {
        if (n == cap) {
            int64_t *more = ARENA_ARRAY(a, int64_t, (size_t)(cap = cap ? cap * 2 : 64));
            if (n) memcpy(more, list, sizeof *list * (size_t)n);
            list = more;
        }
        list[n++] = stmt_int(st, 0);
    }
    stmt_reset(st);
    for (int i = 0; i < n && !db_failed(db); i++) journal_seal(db, list[i]);
    return !db_failed(db);
}

bool journal_fresh(Ctx *c) {
    if (c->db->driver->one_writer) return true;
    bool ok = journal_seal(c->db, c->organization_id);
    return ok || db_fail(c->db, &c->err);
}
