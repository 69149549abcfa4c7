/* The importer; see importer.h. The table is the queue, so nobody has to call,
 * and what another process put there is found too. */
#include "app/importer.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "app/background.h"
#include "app/import_run.h"
#include "base/log.h"
#include "base/time.h"
#include "db/peers.h"

#define RUNS      4
#define LOOK_MS   250 /* how often for new jobs */
#define LATER_MS  1000 /* after a step that found no time or place */
#define AGAIN_US  ((int64_t)2 * 1000000) /* from the first job on: another program may have died with one */
#define FRESH_S   86400
#define PATHS_MAX ((size_t)1 << 20)

struct Importer {
    const App *app;
    Db *db;
    ImportRun *runs[RUNS];
    int64_t ids[RUNS], last; /* jobs of the runs, and the one that was looked at last */
    int64_t again_at;
    Background background;
};

/* --- files of uploads that never became a job --- */

/* Another program may be receiving it, where several share the folder. */
static bool is_fresh(const Importer *im, int folder, const char *name) {
    struct stat info;
    return !im->db->driver->one_writer && fstatat(folder, name, &info, 0) == 0 && info.st_mtime + FRESH_S > time(NULL);
}

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
        if (!is_fresh(im, dirfd(dir), e->d_name) && !is_wanted(im, e->d_name)) unlinkat(dirfd(dir), e->d_name, 0);
    if (dir) closedir(dir);
    arena_free(&a);
}

/* --- the thread --- */

static bool job_after(Importer *im, int64_t *organization_id, Str *file, Arena *a) {
    if (db_failed(im->db)) db_clear_error(im->db);
    db_scope(im->db, 0);
    Stmt *st = db_prepare(im->db, S("SELECT id, organization_id, file FROM jobs WHERE id > ?1 AND status IN ('queued', 'running') "
                                    "ORDER BY id LIMIT 1"));
    stmt_bind_int(st, 1, im->last);
    bool found = stmt_step(st);
    if (found) {
        im->last = stmt_int(st, 0);
        *organization_id = stmt_int(st, 1);
        *file = import_file(im->app, a, stmt_text(st, 2));
    }
    stmt_reset(st);
    if (db_failed(im->db)) log_event("import", LOG_ERROR, "jobs: %s", im->db->error.message);
    return found;
}

static bool is_running(const Importer *im, int64_t id) {
    for (int i = 0; i < RUNS; i++)
        if (im->runs[i] && im->ids[i] == id) return true;
    return false;
}

/* Where several programs share the database, a job is for one that has its
 * file, and of those for who claims it first. */
static bool is_ours(Importer *im, Str file) {
    if (im->db->driver->one_writer) return true;
    return !is_running(im, im->last) && access(file.p, R_OK) == 0 && db_claim(im->db, CLAIM_IMPORT, im->last);
}

static bool next_job(Importer *im, int64_t *organization_id) {
    Arena a;
    Str file;
    bool ours = false;
    arena_init(&a, PATHS_MAX);
    while (!ours && job_after(im, organization_id, &file, &a)) ours = is_ours(im, file);
    arena_free(&a);
    if (!ours && !im->db->driver->one_writer && monotonic_us() >= im->again_at) {
        im->again_at = monotonic_us() + AGAIN_US;
        im->last = 0;
    }
    return ours;
}

static void run_close(Importer *im, int i) {
    import_run_close(im->runs[i]);
    im->runs[i] = NULL;
    db_unclaim(im->db, CLAIM_IMPORT, im->ids[i]);
}

static int runs_fill(Importer *im) {
    int n = 0;
    int64_t organization_id;
    for (int i = 0; i < RUNS; i++) {
        if (!im->runs[i] && next_job(im, &organization_id)) {
            im->ids[i] = im->last;
            im->runs[i] = import_run_open(im->app, organization_id, im->last);
        }
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
        if (step == IMPORT_ENDED) run_close(im, i);
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
        if (im->runs[i]) run_close(im, i);
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
    db_scope(db, 0);
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
