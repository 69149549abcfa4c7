/* The scheduler; see jobs.h. Organizations are found on a reading connection
 * of its own; a round of a job goes through them by id. */
#include "app/jobs.h"

#include "app/background.h"
#include "base/log.h"
#include "db/peers.h"
#include "model/journal.h"

#define FIRST_AFTER_US     ((int64_t)5 * 1000000)
#define STEPS_MAX          1000 /* of one job for one organization in a round */
#define ORGANIZATIONS_PAGE 100
#define STEP_ARENA         ((size_t)64 << 20)

struct Scheduler {
    const App *app;
    const Job *jobs;
    int n, every_s;
    int64_t *next; /* per job: when, by monotonic_us */
    Rights *everything;
    Db *db;
    Background background;
};

static void *must_alloc(size_t n, size_t size) {
    void *p = calloc(n ? n : 1, size);
    if (!p) log_fatal("memory", "no %zu bytes for jobs", n * size);
    return p;
}

/* --- one step --- */

typedef struct {
    const Job *job;
    bool changed; /* what a job changes is in the journal */
} Step;

/* Here, as it may have been changed since the round began. */
static bool zone_read(Ctx *c) {
    Stmt *st = db_prepare(c->db, S("SELECT time_zone FROM organizations WHERE id = ?1"));
    stmt_bind_int(st, 1, c->organization_id);
    if (stmt_step(st)) ctx_set_zone(c, arena_c_str(c->arena, stmt_text(st, 0)));
    stmt_reset(st);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}

static bool step_run(Ctx *c, void *arg) {
    Step *step = arg;
    JournalMark before, after;
    if (!zone_read(c) || !journal_mark(c, &before) || !step->job->run(c) || !journal_mark(c, &after)) return false;
    step->changed = after.sequence != before.sequence;
    return true;
}

static void step_log(const Ctx *c, const Job *job) {
    const ErrorInfo *info = error_info(c->err.kind);
    Str detail = c->err.detail.n ? c->err.detail : str_of(info->title);
    log_event("job", LOG_ERROR, "%s of organization %lld: %s: %.*s", job->name, (long long)c->organization_id,
              info->code, STR_ARG(detail));
}

static ErrorKind step(Scheduler *s, int64_t organization, Step *step) {
    Arena arena;
    Ctx c;
    arena_init(&arena, STEP_ARENA);
    ctx_init(&c, s->app, &arena, NULL);
    c.organization_id = organization;
    c.rights = s->everything;
    c.origin = "job";
    c.request_id = str_of(step->job->name);
    if (!ctx_write(&c, step_run, step)) {
        if (c.err.kind == E_NONE) fail(&c, E_INTERNAL, "it failed without saying why");
        step_log(&c, step->job);
    }
    ErrorKind kind = c.err.kind;
    arena_free(&arena);
    return kind;
}

/* False when the database has no time or place for anybody. */
static bool organization_run(Scheduler *s, int64_t organization, const Job *job) {
    Step one = {.job = job, .changed = true};
    ErrorKind kind = E_NONE;
    for (int i = 0; i < STEPS_MAX && one.changed && kind == E_NONE && !background_stopping(&s->background); i++) {
        one.changed = false;
        kind = step(s, organization, &one);
    }
    return kind != E_OVERLOADED && kind != E_DB_DOWN && kind != E_DISK_FULL;
}

/* --- a round --- */

static int organizations_read(Scheduler *s, int64_t after, int64_t *page) {
    int n = 0;
    Stmt *st = db_prepare(s->db, S("SELECT id FROM organizations WHERE id > ?1 ORDER BY id LIMIT ?2"));
    stmt_bind_int(st, 1, after);
    stmt_bind_int(st, 2, ORGANIZATIONS_PAGE);
    while (n < ORGANIZATIONS_PAGE && stmt_step(st)) page[n++] = stmt_int(st, 0);
    stmt_reset(st);
    if (db_failed(s->db)) log_event("job", LOG_ERROR, "organizations: %s", s->db->error.message);
    return n;
}

/* Of several programs on a database one runs the jobs, and another one when it
 * is gone: asked for each page, as the claim goes with its connection. */
static bool is_ours(Scheduler *s) {
    if (db_failed(s->db)) db_clear_error(s->db);
    db_scope(s->db, 0);
    return db_claim(s->db, CLAIM_JOBS, 0);
}

static void round_run(Scheduler *s, const Job *job) {
    int64_t *page = must_alloc(ORGANIZATIONS_PAGE, sizeof *page);
    int64_t last = 0;
    bool go_on = true;
    for (int n = ORGANIZATIONS_PAGE; go_on && n == ORGANIZATIONS_PAGE && is_ours(s);) {
        n = organizations_read(s, last, page);
        for (int i = 0; i < n && go_on; i++) go_on = !background_stopping(&s->background) && organization_run(s, page[i], job);
        if (n) last = page[n - 1];
    }
    free(page);
}

/* --- the thread --- */

static int job_next(const Scheduler *s) {
    int at = 0;
    for (int i = 1; i < s->n; i++)
        if (s->next[i] < s->next[at]) at = i;
    return at;
}

static void *scheduler_main(void *arg) {
    Scheduler *s = arg;
    for (;;) {
        int at = job_next(s);
        background_rest(&s->background, s->next[at]);
        if (background_stopping(&s->background)) return NULL;
        round_run(s, &s->jobs[at]);
        int pace = s->every_s > 0 ? s->every_s : s->jobs[at].every_s;
        s->next[at] = monotonic_us() + (int64_t)pace * 1000000;
    }
}

static Db *reader_open(const App *app) {
    DbError error;
    Db *db = db_open(&(DbConfig){.url = app->database_url}, DB_READ, &error);
    if (!db) log_event("job", LOG_ERROR, "no jobs run, the database cannot be opened: %s", error.message);
    return db;
}

static void first_plan(Scheduler *s) {
    int64_t given = (int64_t)s->every_s * 1000000;
    int64_t first = given > 0 && given < FIRST_AFTER_US ? given : FIRST_AFTER_US;
    for (int i = 0; i < s->n; i++) s->next[i] = monotonic_us() + first;
}

Scheduler *scheduler_start(const App *app, const Job *jobs, int every_s) {
    int n = 0;
    while (jobs[n].name) n++;
    Db *db = n && every_s ? reader_open(app) : NULL;
    if (!db) return NULL;
    Scheduler *s = must_alloc(1, sizeof *s);
    *s = (Scheduler){.app = app, .jobs = jobs, .n = n, .every_s = every_s, .db = db};
    s->next = must_alloc((size_t)n, sizeof *s->next);
    s->everything = must_alloc((size_t)app->registry->n, sizeof *s->everything);
    memset(s->everything, 0xff, sizeof *s->everything * (size_t)app->registry->n);
    first_plan(s);
    background_start(&s->background, "job", scheduler_main, s);
    return s;
}

void scheduler_stop(Scheduler *s) {
    if (!s) return;
    background_stop(&s->background);
    db_close(s->db);
    free(s->everything);
    free(s->next);
    free(s);
}
