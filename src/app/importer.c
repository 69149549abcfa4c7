/* The importer; see importer.h. The table is the queue, so nobody has to call,
 * and what another process put there is found too. */
#include "app/importer.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/background.h"
#include "app/import_run.h"
#include "base/log.h"

#define RUNS      4
#define LOOK_MS   250 /* how often for new jobs */
#define LATER_MS  1000 /* after a step that found no time or place */
#define PATHS_MAX ((size_t)1 << 20)

struct Importer {
    const App *app;
    Db *db;
    ImportRun *runs[RUNS];
    int64_t last; /* the job that was begun last */
    Background background;
};

/* --- files of uploads that never became a job --- */

static bool is_wanted(Importer *im, const char *name) {
    Str s = str_of(name);
    if (s.p[0] == '.' || str_ends(s, S(".errors.csv"))) return true;
    Stmt *st = db_prepare(im->db, S("SELECT 1 FROM jobs WHERE file = ?1"));
    stmt_bind_text(st, 1, s);
    bool wanted = stmt_step(st) || db_failed(im->db);
    stmt_reset(st);
    return wanted;
}

static void folder_clean(Importer *im) {
    Arena a;
    arena_init(&a, PATHS_MAX);
    Str folder = import_folder(im->app, &a);
    DIR *dir = opendir(folder.p);
    for (struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir))
        if (!is_wanted(im, e->d_name)) unlinkat(dirfd(dir), e->d_name, 0);
    if (dir) closedir(dir);
    arena_free(&a);
}

/* --- the thread --- */

static bool next_job(Importer *im, int64_t *organization_id) {
    if (db_failed(im->db)) db_clear_error(im->db);
    Stmt *st = db_prepare(im->db, S("SELECT id, organization_id FROM jobs WHERE id > ?1 AND status IN ('queued', 'running') "
                                    "ORDER BY id LIMIT 1"));
    stmt_bind_int(st, 1, im->last);
    bool found = stmt_step(st);
    if (found) {
        im->last = stmt_int(st, 0);
        *organization_id = stmt_int(st, 1);
    }
    stmt_reset(st);
    if (db_failed(im->db)) log_event("import", LOG_ERROR, "jobs: %s", im->db->error.message);
    return found;
}

static int runs_fill(Importer *im) {
    int n = 0;
    int64_t organization_id;
    for (int i = 0; i < RUNS; i++) {
        if (!im->runs[i] && next_job(im, &organization_id))
            im->runs[i] = import_run_open(im->app, organization_id, im->last);
        n += im->runs[i] != NULL;
    }
    return n;
}

/* False when the database has no time or place. */
static bool runs_step(Importer *im) {
    bool good = true;
    for (int i = 0; i < RUNS && !background_stopping(&im->background); i++) {
        if (!im->runs[i]) continue;
        ImportStep step = import_run_step(im->runs[i]);
        if (step == IMPORT_LATER) good = false;
        if (step != IMPORT_ENDED) continue;
        import_run_close(im->runs[i]);
        im->runs[i] = NULL;
    }
    return good;
}

static void rest(Importer *im, int ms) {
    background_rest(&im->background, monotonic_us() + (int64_t)ms * 1000);
}

static void *importer_main(void *arg) {
    Importer *im = arg;
    while (!background_stopping(&im->background)) {
        if (!runs_fill(im))
            rest(im, LOOK_MS);
        else if (!runs_step(im))
            rest(im, LATER_MS);
    }
    for (int i = 0; i < RUNS; i++)
        if (im->runs[i]) import_run_close(im->runs[i]);
    return NULL;
}

Importer *importer_start(const App *app) {
    DbError error;
    Db *db = db_open(&(DbConfig){.url = app->database_url}, DB_READ, &error);
    if (!db) {
        log_event("import", LOG_ERROR, "nothing is imported, the database cannot be opened: %s", error.message);
        return NULL;
    }
    Importer *im = calloc(1, sizeof *im);
    if (!im) log_fatal("import", "out of memory");
    *im = (Importer){.app = app, .db = db};
    folder_clean(im);
    background_start(&im->background, "import", importer_main, im);
    return im;
}

void importer_stop(Importer *im) {
    if (!im) return;
    background_stop(&im->background);
    db_close(im->db);
    free(im);
}
