/* The thread that seals, and removes what only told of changes; see sealer.h. */
#include "app/sealer.h"

#include "app/background.h"
#include "base/log.h"
#include "model/journal.h"
#include "model/touched.h"

#define EVERY_US    500000
#define REMOVE_US   ((int64_t)60 * 1000000)
#define ARENA_LIMIT ((size_t)16 << 20)

struct Sealer {
    Background background;
    Db *db;
    Arena arena;
    char edge[24]; /* of the last removal, "" before the first */
    int64_t removing_at;
};

static void seal(Sealer *s) {
    if (!journal_seal_all(s->db, &s->arena) && s->db->error.status != DB_BUSY)
        log_event("journal", LOG_WARNING, "not sealed for now: %s", s->db->error.message);
    db_clear_error(s->db);
    arena_reset(&s->arena);
}

/* What was touched before the last time is of no use to anybody by now. */
static void remove_touched(Sealer *s) {
    char edge[sizeof s->edge];
    if (monotonic_us() < s->removing_at) return;
    s->removing_at = monotonic_us() + REMOVE_US;
    bool ok = touched_edge(s->db, edge) && (!*s->edge || touched_remove(s->db, s->edge));
    if (ok) memcpy(s->edge, edge, sizeof edge);
    db_clear_error(s->db);
}

static void *sealer_main(void *arg) {
    Sealer *s = arg;
    while (!background_stopping(&s->background)) {
        seal(s);
        remove_touched(s);
        background_rest(&s->background, monotonic_us() + EVERY_US);
    }
    return NULL;
}

Sealer *sealer_start(const App *app) {
    DbError error;
    const DbDriver *driver = db_driver_for(app->database_url);
    if (!driver || driver->one_writer) return NULL;
    Sealer *s = calloc(1, sizeof *s);
    if (!s) log_fatal("journal", "out of memory");
    s->db = db_open(&(DbConfig){.url = app->database_url}, DB_WRITE, &error);
    if (!s->db) log_fatal("journal", "cannot open the database: %s", error.message);
    arena_init(&s->arena, ARENA_LIMIT);
    background_start(&s->background, "journal", sealer_main, s);
    return s;
}

void sealer_stop(Sealer *s) {
    if (!s) return;
    background_stop(&s->background);
    seal(s);
    db_close(s->db);
    arena_free(&s->arena);
    free(s);
}
