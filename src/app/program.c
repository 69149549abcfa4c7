/* Starting and stopping the program; see program.h. */
#include "app/program.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/cli.h"
#include "base/log.h"
#include "identity/rate_redis.h"
#include "model/marks.h"
#include "model/planner.h"
#include "model/tally.h"

#define ARENA_LIMIT ((size_t)64 << 20)
#define POOL_QUEUE 1024

static bool refuse(Program *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool refuse(Program *p, const char *format, ...) {
    va_list args;
    if (p->problem.p) return false;
    va_start(args, format);
    p->problem = arena_vfmt(&p->arena, format, args);
    va_end(args);
    return false;
}

/* mkdir -p; what is made is for this user only. */
static bool folder_make(Program *p, const char *path) {
    char *part = arena_c_str(&p->arena, str_of(path));
    for (char *at = part + 1; *at; at++) {
        if (*at != '/') continue;
        *at = '\0';
        if (mkdir(part, 0700) != 0 && errno != EEXIST)
            return refuse(p, "cannot make the folder %s: %s", part, strerror(errno));
        *at = '/';
    }
    if (mkdir(part, 0700) != 0 && errno != EEXIST)
        return refuse(p, "cannot make the folder %s: %s", part, strerror(errno));
    return access(part, W_OK | X_OK) == 0 ||
           refuse(p, "the folder %s cannot be written: %s", part, strerror(errno));
}

static void lock_owner(int fd, Arena *a, const char *path, Str *problem) {
    char pid[32];
    ssize_t n = pread(fd, pid, sizeof pid, 0);
    Str owner = str_trim((Str){pid, n > 0 ? (size_t)n : 0});
    *problem = arena_fmt(a, "another millwright (process %.*s) is using %s: stop it first",
                         STR_ARG(owner), path);
}

int program_lock(const char *path, Arena *a, Str *problem) {
    Str lock = arena_fmt(a, "%s.lock", path);
    int fd = open(lock.p, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        *problem = arena_fmt(a, "%s: %s", lock.p, strerror(errno));
        return -1;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        lock_owner(fd, a, path, problem);
        close(fd);
        return -1;
    }
    /* Only for the message of another program: a failure changes nothing. */
    if (ftruncate(fd, 0) != 0 || dprintf(fd, "%ld\n", (long)getpid()) < 0)
        log_event("start", LOG_WARNING, "%s: %s", lock.p, strerror(errno));
    return fd;
}

static bool lock_take(Program *p) {
    const char *path = cli_file(p->config.database);
    if (!path || p->lock >= 0) return true;
    p->lock = program_lock(path, &p->arena, &p->problem);
    return p->lock >= 0;
}

static bool database_open(Program *p) {
    DbError error;
    DbConfig config = {.url = p->config.database, .cache_kib = p->config.cache_kib};
    p->db = db_open(&config, DB_WRITE, &error);
    return p->db || refuse(p, "cannot open %s: %s", cli_shown(p->config.database), error.message);
}

static void log_lines(Str text) {
    while (text.n) {
        Str line = str_cut(text, '\n', &text);
        if (line.n) log_event("migrate", LOG_INFO, "%.*s", STR_ARG(line));
    }
}

/* Steps are only run by who holds the lock; a second program on an up-to-date
 * database (`millwright user` beside a server) needs none. */
static bool database_migrate(Program *p) {
    Migrations known;
    Buf told = {0}, pending = {0};
    if (!cli_migrations(p->config.database, &p->arena, &known, &p->problem)) return false;
    Migrator m = {.db = p->db, .known = &known, .copy_beside = cli_file(p->config.database),
                  .arena = &p->arena, .told = &told};
    bool ok = migrate_sql(&m, &pending);
    if (ok && pending.n) ok = lock_take(p) && migrate_up(&m);
    log_lines(buf_view(&told));
    buf_free(&told);
    buf_free(&pending);
    if (m.problem.p) p->problem = m.problem;
    return ok;
}

/* Before any other connection is opened, which read it then. */
static bool planner_begin(Program *p) {
    return planner_teach(p->db, p->config.registry) || refuse(p, "cannot write to %s: %s",
                                                              cli_shown(p->config.database), p->db->error.message);
}

/* The pool's threads write, each on its own connection. */
static void writers_begin(Program *p) {
    db_close(p->db);
    p->db = NULL;
    if (p->config.connections < 1) p->config.connections = 1;
    p->config.workers = p->config.connections;
}

static void writer_begin(Program *p) {
    WriterConfig config = {.queue_max = p->config.queue,
                           .before_commit = write_side_before_commit,
                           .after_commit = write_side_after_commit,
                           .rolled_back = write_side_rolled_back,
                           .kept = write_side_kept,
                           .user = &p->side};
    p->side = (WriteSide){journal_heads_new(), p->app.tallies, words_new()};
    p->app.side = &p->side;
    p->app.writer = writer_start(p->db, &config);
    p->db = NULL;
}

static bool identity_begin(Program *p) {
    IdentityConfig config = {.registry = p->config.registry,
                             .secret = p->config.secret,
                             .data_dir = p->config.data,
                             .rate_limit_off = p->config.rate_limit_off,
                             .max_age_s = p->config.identity_age_s};
    if (p->config.redis) {
        config.redis = rate_redis_new(p->config.redis, &p->arena, &p->problem);
        if (!config.redis) return false;
    }
    p->app.identity = identity_new(&config);
    return p->app.identity || refuse(p, "there is no usable secret for tokens, see above");
}

static bool pool_begin(Program *p) {
    DbConfig reading = {.url = p->config.database, .timeout_s = p->config.timeout_s}, standby = reading;
    Standbys *standbys = NULL;
    DbError error;
    standby.url = p->config.database_read;
    if (standby.url && (p->app.writer || db_driver_for(standby.url) != db_driver_for(reading.url)))
        return refuse(p, "reads go to a standby of PostgreSQL only");
    if (standby.url && !(standbys = standbys_new(&standby, &error))) return refuse(p, "cannot read from the standby: %s", error.message);
    p->app.pool = pool_start(&reading, p->config.workers, POOL_QUEUE);
    pool_read_from(p->app.pool, standbys);
    return true;
}

static bool begin(Program *p) {
    const ProgramConfig *config = &p->config;
    if (!folder_make(p, config->data)) return false;
    if (config->only_one && !lock_take(p)) return false;
    if (!database_open(p) || !database_migrate(p) || !planner_begin(p) || !identity_begin(p)) return false;
    if (p->db->driver->one_writer || !config->counts_anew) p->app.tallies = tallies_new();
    if (p->db->driver->one_writer) p->app.marks = marks_new();
    p->app.dialect = &p->db->driver->dialect;
    if (p->db->driver->one_writer)
        writer_begin(p);
    else
        writers_begin(p);
    return config->workers < 1 || pool_begin(p);
}

bool program_open(Program *p, const ProgramConfig *config) {
    *p = (Program){.config = *config, .lock = -1};
    arena_init(&p->arena, ARENA_LIMIT);
    p->app = (App){.registry = config->registry,
                   .clock = {config->clock_offset},
                   .demo = config->demo,
                   .open_registration = config->demo || config->open_registration,
                   .database_url = config->database,
                   .data_dir = config->data};
    if (begin(p)) return true;
    program_close(p);
    return false;
}

/* Jobs of the pool may wait for the writer, so it stops after them. */
void program_close(Program *p) {
    if (p->app.pool) pool_stop(p->app.pool);
    if (p->app.writer) writer_stop(p->app.writer);
    db_close(p->db);
    if (p->app.identity) identity_free(p->app.identity);
    if (p->app.tallies) tallies_free(p->app.tallies);
    if (p->app.marks) marks_free(p->app.marks);
    if (p->side.heads) journal_heads_free(p->side.heads);
    if (p->side.words) words_free(p->side.words);
    if (p->lock >= 0) close(p->lock);
    p->app = (App){0};
    p->side = (WriteSide){0};
    p->db = NULL;
    p->lock = -1;
}

void program_ctx(Program *p, Ctx *c, const char *origin) {
    ctx_init(c, &p->app, &p->arena, NULL);
    c->origin = origin;
}
