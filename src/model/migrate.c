/* Running migrations. */
#include "model/migrate.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/time.h"
#include "model/migrate_words.h"

#define COPIES_MAX 1000

static bool refuse(Migrator *m, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool refuse(Migrator *m, const char *format, ...) {
    va_list args;
    if (m->problem.p) return false;
    va_start(args, format);
    m->problem = arena_vfmt(m->arena, format, args);
    va_end(args);
    return false;
}

static bool refuse_db(Migrator *m, const char *doing) {
    return refuse(m, "%s: %s", doing, m->db->error.message);
}

/* --- files --- */

static bool label_parse(Str file, Migration *out) {
    if (!str_ends(file, S(".sql"))) return false;
    Str name, number;
    out->label = (Str){file.p, file.n - 4};
    number = str_cut(out->label, '_', &name);
    return number.n == 4 && name.n && number.p[0] != '-' && str_to_int(number, &out->version);
}

/* The lines between `-- up` and `-- down`, and those behind. */
static bool sections_parse(Migration *m) {
    Str *section = NULL, rest = m->text;
    while (rest.p) {
        Str line = str_cut(rest, '\n', &rest), word = str_trim(line);
        if (str_is(word, "-- up") || str_is(word, "-- down")) {
            section = str_is(word, "-- up") ? &m->up : &m->down;
            if (section->p) return false;
            *section = (Str){rest.p ? rest.p : line.p, 0};
        } else if (section) {
            section->n = (size_t)(line.p + line.n - section->p);
        }
    }
    return m->up.p && m->down.p && m->up.p < m->down.p;
}

bool migrations_add(Migrations *m, Arena *a, Str file, Str text, Str *problem) {
    Migration next = {.text = text};
    if (!label_parse(file, &next)) {
        *problem = arena_fmt(a, "%.*s: a migration is called NNNN_name.sql", STR_ARG(file));
        return false;
    }
    int expected = m->n ? migrations_last(m) + 1 : m->first ? m->first : 1;
    if (next.version != expected) {
        *problem = arena_fmt(a, "%.*s: expected number %04d", STR_ARG(file), expected);
        return false;
    }
    if (!sections_parse(&next)) {
        *problem = arena_fmt(a, "%.*s: needs the lines `-- up` and `-- down`, once each, in this order",
                             STR_ARG(file));
        return false;
    }
    Migration *list = ARENA_ARRAY(a, Migration, (size_t)m->n + 1);
    if (m->n) memcpy(list, m->list, sizeof *list * (size_t)m->n);
    list[m->n++] = next;
    m->list = list;
    return true;
}

static void checksum(const Migration *m, char out[HASH_HEX]) {
    Hash hash;
    hash_sha256(m->text, &hash);
    hash_hex(&hash, out);
}

/* --- what is applied --- */

static bool table_exists(Migrator *m, bool *exists) {
    Stmt *st = db_prepare(m->db, str_of(migrate_words(m->db)->is_there));
    *exists = stmt_step(st);
    stmt_reset(st);
    return !db_failed(m->db) || refuse_db(m, "reading the database");
}

static bool known_matches(Migrator *m, int64_t version, Str name, Str sum) {
    char expected[HASH_HEX];
    int first = migrations_last(m->known) - m->known->n + 1;
    if (version < first || version > migrations_last(m->known))
        return refuse(m,
                      "the database is at step %.*s, this program (" MILLWRIGHT_VERSION
                      ") knows %d: use the newer program that made it, or take its copy from "
                      "before that step",
                      STR_ARG(name), migrations_last(m->known));
    const Migration *step = &m->known->list[version - first];
    checksum(step, expected);
    if (str_is(sum, expected)) return true;
    return refuse(m,
                  "step %.*s was changed after it was applied to this database (checksum %.8s, "
                  "applied %.*s)",
                  STR_ARG(step->label), expected, sum.n < 8 ? (int)sum.n : 8, sum.p);
}

/* The number of steps applied, all of which are known. */
static bool applied_count(Migrator *m, int *n) {
    bool exists;
    *n = 0;
    if (!table_exists(m, &exists) || !exists) return !m->problem.p;
    Stmt *st = db_prepare(
        m->db, S("SELECT version, name, checksum FROM schema_migrations ORDER BY version"));
    while (!m->problem.p && stmt_step(st)) {
        if (!known_matches(m, stmt_int(st, 0), stmt_text(st, 1), stmt_text(st, 2))) break;
        int64_t expected = m->known->list[(*n)++].version;
        if (stmt_int(st, 0) != expected) refuse(m, "step %04d is missing in the database", (int)expected);
    }
    stmt_reset(st);
    if (db_failed(m->db)) return refuse_db(m, "reading the applied steps");
    return !m->problem.p;
}

/* --- the copy --- */

static bool sync_path(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) close(fd);
    return ok;
}

/* A copy is written under another name first, so that what has the final name
 * is whole. Earlier copies are never overwritten. */
static bool copy_database(Migrator *m, const char *before, const Migration *step) {
    const char *from = m->copy_beside;
    Str path = arena_fmt(m->arena, "%s.%s-%04d", from, before, (int)step->version);
    Str part = arena_fmt(m->arena, "%s.part", path.p), base = path;
    for (int i = 2; access(path.p, F_OK) == 0 && i < COPIES_MAX; i++)
        path = arena_fmt(m->arena, "%s.%d", base.p, i);
    if (unlink(part.p) != 0 && errno != ENOENT)
        return refuse(m, "%s: %s", part.p, strerror(errno));
    Stmt *st = db_prepare(m->db, S("VACUUM INTO ?1"));
    stmt_bind_text(st, 1, part);
    if (!stmt_run(st)) {
        unlink(part.p);
        return refuse_db(m, "copying the database before changing it");
    }
    const char *slash = strrchr(path.p, '/');
    Str folder = slash ? (Str){path.p, (size_t)(slash - path.p) + 1} : S(".");
    if (!sync_path(part.p) || rename(part.p, path.p) != 0 ||
        !sync_path(arena_c_str(m->arena, folder)))
        return refuse(m, "%s: %s", path.p, strerror(errno));
    buf_fmt(m->told, "copied the database to %s\n", path.p);
    return true;
}

/* --- one step --- */

static bool references_hold(Migrator *m, const Migration *step) {
    const MigrateWords *words = migrate_words(m->db);
    if (!*words->broken) return true;
    Stmt *st = db_prepare(m->db, str_of(words->broken));
    if (stmt_step(st)) {
        Str child = stmt_text(st, 0), parent = stmt_text(st, 2);
        refuse(m, "%.*s: it leaves row %lld of %.*s without the row of %.*s that it refers to",
               STR_ARG(step->label), (long long)stmt_int(st, 1), STR_ARG(child), STR_ARG(parent));
    }
    stmt_reset(st);
    return !m->problem.p && !db_failed(m->db);
}

static bool record_up(Migrator *m, const Migration *step) {
    char sum[HASH_HEX], now[TIME_TEXT];
    checksum(step, sum);
    time_format(clock_now(&(Clock){0}), now);
    if (!db_exec(m->db, migrate_words(m->db)->create)) return false;
    Stmt *st = db_prepare(m->db, S("INSERT INTO schema_migrations (version, name, checksum, "
                                   "applied_at) VALUES (?1, ?2, ?3, ?4)"));
    stmt_bind_int(st, 1, step->version);
    stmt_bind_text(st, 2, step->label);
    stmt_bind_text(st, 3, str_of(sum));
    stmt_bind_text(st, 4, str_of(now));
    return stmt_run(st);
}

static bool record_down(Migrator *m, const Migration *step) {
    Stmt *st = db_prepare(m->db, S("DELETE FROM schema_migrations WHERE version = ?1"));
    stmt_bind_int(st, 1, step->version);
    return stmt_run(st);
}

static bool step_inside(Migrator *m, const Migration *step, bool up) {
    const char *sql = arena_c_str(m->arena, up ? step->up : step->down);
    return db_exec(m->db, sql) && references_hold(m, step) &&
           (up ? record_up(m, step) : record_down(m, step));
}

static bool step_run(Migrator *m, const Migration *step, bool up) {
    Db *db = m->db;
    const MigrateWords *words = migrate_words(db);
    bool ok = db_exec(db, words->before) && db_begin_write(db) &&
              step_inside(m, step, up) && db_control(db, S("COMMIT"));
    if (!ok) {
        if (db_failed(db)) refuse_db(m, arena_c_str(m->arena, step->label));
        db_clear_error(db);
        db_control(db, S("ROLLBACK"));
        db_clear_error(db);
    }
    if (!db_exec(db, words->after)) return refuse_db(m, "foreign keys");
    if (ok) buf_fmt(m->told, "%s %.*s\n", up ? "applied" : "took back", STR_ARG(step->label));
    return ok;
}

static bool steps_up(Migrator *m) {
    int n;
    if (!applied_count(m, &n)) return false;
    if (n > 0 && n < m->known->n && m->copy_beside &&
        !copy_database(m, "before", &m->known->list[n]))
        return false;
    for (; n < m->known->n; n++)
        if (!step_run(m, &m->known->list[n], true)) return false;
    return db_exec(m->db, migrate_words(m->db)->done) || refuse_db(m, "granting what was made");
}

static bool steps_down(Migrator *m, int64_t steps) {
    int n;
    if (!applied_count(m, &n)) return false;
    if (steps > n) return refuse(m, "only %d steps are applied", n);
    if (steps > 0 && m->copy_beside &&
        !copy_database(m, "before-down", &m->known->list[n - 1]))
        return false;
    for (; steps > 0; steps--)
        if (!step_run(m, &m->known->list[--n], false)) return false;
    return true;
}

/* While nobody else migrates the same database. */
static bool held(Migrator *m) {
    return db_exec(m->db, migrate_words(m->db)->hold) || refuse_db(m, "waiting for another migration");
}

static bool release(Migrator *m, bool ok) {
    db_clear_error(m->db);
    return db_exec(m->db, migrate_words(m->db)->release) && ok;
}

bool migrate_up(Migrator *m) { return held(m) && release(m, steps_up(m)); }

bool migrate_down(Migrator *m, int64_t steps) { return held(m) && release(m, steps_down(m, steps)); }

bool migrate_status(Migrator *m, Buf *out) {
    int n;
    bool exists;
    if (!applied_count(m, &n) || !table_exists(m, &exists)) return false;
    if (exists) {
        Stmt *st = db_prepare(
            m->db, S("SELECT name, applied_at FROM schema_migrations ORDER BY version"));
        while (stmt_step(st)) {
            Str name = stmt_text(st, 0), at = stmt_text(st, 1);
            buf_fmt(out, "%-40.*s applied %.*s\n", STR_ARG(name), STR_ARG(at));
        }
    }
    for (int i = n; i < m->known->n; i++)
        buf_fmt(out, "%-40.*s not applied\n", STR_ARG(m->known->list[i].label));
    return !db_failed(m->db) || refuse_db(m, "reading the applied steps");
}

bool migrate_sql(Migrator *m, Buf *out) {
    int n;
    if (!applied_count(m, &n)) return false;
    for (; n < m->known->n; n++)
        buf_fmt(out, "-- %.*s\n%.*s\n", STR_ARG(m->known->list[n].label),
                STR_ARG(m->known->list[n].up));
    return true;
}
