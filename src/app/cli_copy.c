/* `millwright copy`: all of one database into another. */
#include <unistd.h>

#include "app/cli.h"
#include "app/copy.h"
#include "app/program.h"
#include "base/log.h"

#define CACHE_KIB (64 * 1024)

static const Option options[] = {
    {"--from", NULL, "URL", NULL, "The database that is copied: sqlite:PATH or postgres://…"},
    {"--to", NULL, "URL", NULL, "An empty database, or one that an earlier copy was broken off in"},
    {"--quiet", NULL, NULL, NULL, "Show no progress"},
};

static const Usage usage = {
    "copy",
    " --from URL --to URL",
    "Copies a whole database into an empty one, of the same kind or another: from\n"
    "SQLite to PostgreSQL when a company outgrows one machine, and back. The source\n"
    "is only read; stop its servers first, so that nothing is written meanwhile.\n"
    "\n"
    "Every table is copied in a transaction of its own: after a break, the same\n"
    "command goes on where it was. At the end each row is read back and compared\n"
    "with what was sent. Then run `millwright verify` on the target.",
    options,
    sizeof options / sizeof *options,
    "  millwright copy --from sqlite:/var/lib/millwright/millwright.db \\\n"
    "    --to postgres://millwright@db.example.com/millwright\n",
};

typedef struct {
    Cli cli;
    const char *from, *to;
    int locks[2]; /* -1: not held */
    Migrations known;
    Copy copy;
} Verb;

static bool refuse(Verb *v, Str problem) {
    if (!v->copy.problem.p) v->copy.problem = problem;
    return false;
}

/* 1.2 of 3.4 million rows, 110,000 a second, 20 s left */
static void show(const CopyProgress *p) {
    double seconds = (double)p->us / 1e6, rate = seconds > 0 ? (double)p->rows / seconds : 0;
    double percent = p->of ? 100.0 * (double)p->rows / (double)p->of : 100;
    if (p->rows == p->of) {
        fprintf(stderr, "\r\x1b[K%s …", p->table);
        return;
    }
    fprintf(stderr, "\r\x1b[K%5.1f %%  %lld of %lld rows, %.0f a second, %.0f s left  %s", percent,
            (long long)p->rows, (long long)p->of, rate, rate > 0 ? (double)(p->of - p->rows) / rate : 0.0,
            p->table);
}

/* Nobody else may serve or migrate a file meanwhile. */
static bool hold(Verb *v, const char *url, int *lock) {
    const char *path = cli_file(url);
    if (!path) return true;
    *lock = program_lock(path, &v->cli.arena, &v->copy.problem);
    return *lock >= 0;
}

static Db *open_one(Verb *v, const char *url, DbMode mode) {
    DbError error;
    Db *db = db_open(&(DbConfig){.url = url, .cache_kib = CACHE_KIB}, mode, &error);
    if (!db) refuse(v, arena_fmt(&v->cli.arena, "cannot open %s: %s", cli_shown(url), error.message));
    if (db) db_scope(db, 0);
    return db;
}

static bool migrations_of(Verb *v, const char *url, Db *db, Migrator *m) {
    v->known = (Migrations){0};
    *m = (Migrator){.db = db, .known = &v->known, .arena = &v->cli.arena};
    return cli_migrations(url, &v->cli.arena, &v->known, &v->copy.problem);
}

static bool source_open(Verb *v) {
    Migrator m;
    Buf pending = {0};
    const char *path = cli_file(v->from);
    if (path && access(path, R_OK) != 0)
        return refuse(v, arena_fmt(&v->cli.arena, "cannot open %s", cli_shown(v->from)));
    if (!hold(v, v->from, &v->locks[0])) return false;
    v->copy.from = open_one(v, v->from, DB_READ);
    bool ok = v->copy.from && migrations_of(v, v->from, v->copy.from, &m) &&
              (migrate_sql(&m, &pending) || refuse(v, m.problem));
    if (ok && pending.n)
        ok = refuse(v, S("the source is of an older version: run `millwright migrate up` on it"));
    buf_free(&pending);
    return ok;
}

static bool target_open(Verb *v) {
    Migrator m;
    Buf told = {0};
    if (!hold(v, v->to, &v->locks[1])) return false;
    v->copy.to = open_one(v, v->to, DB_WRITE);
    bool ok = v->copy.to && migrations_of(v, v->to, v->copy.to, &m);
    m.told = &told;
    ok = ok && (migrate_up(&m) || refuse(v, m.problem));
    buf_free(&told);
    return ok;
}

static void say_done(const Verb *v) {
    const Copy *c = &v->copy;
    double seconds = (double)c->us / 1e6;
    printf("copied and compared: %lld rows", (long long)c->rows);
    if (c->copied && seconds > 0)
        printf(" (%lld of them now, %.0f a second)", (long long)c->copied, (double)c->copied / seconds);
    puts("\nnow prove it: millwright verify --database …");
}

static int copy(Verb *v) {
    Copy *c = &v->copy;
    c->arena = &v->cli.arena;
    if (!config_on(&v->cli.config, "--quiet")) c->progress = show;
    bool ok = source_open(v) && target_open(v) && copy_run(c);
    if (c->progress && c->us) fputc('\n', stderr);
    if (ok)
        say_done(v);
    else
        cli_complain(&v->cli, c->problem);
    if (c->from) db_close(c->from);
    if (c->to) db_close(c->to);
    for (int i = 0; i < 2; i++)
        if (v->locks[i] >= 0) close(v->locks[i]);
    return ok ? EXIT_WELL : EXIT_NO;
}

int cli_copy(int argc, char **argv) {
    Verb v = {.locks = {-1, -1}};
    Registry *registry = NULL;
    log_open(STDERR_FILENO, LOG_WARNING);
    int status = cli_begin(&v.cli, &usage, argc, argv);
    if (status == CLI_GO_ON) {
        v.from = config_get(&v.cli.config, "--from");
        v.to = config_get(&v.cli.config, "--to");
        if (!v.from || !v.to)
            status = cli_misused(&v.cli, "say --from and --to");
        else if (strcmp(v.from, v.to) == 0)
            status = cli_misused(&v.cli, "--from and --to are the same");
        else if ((v.copy.registry = registry = cli_registry(&v.cli)))
            status = copy(&v);
        else
            status = EXIT_NO;
        if (registry) registry_free(registry);
    }
    cli_end(&v.cli);
    return status;
}
