/* `millwright verify`: proves the books of a database. */
#include <unistd.h>

#include "app/cli.h"
#include "base/log.h"
#include "base/time.h"
#include "model/verify.h"

#define CACHE_KIB   (128 * 1024) /* of each connection */
#define THREADS_MAX 8

static const Option options[] = {
    OPTION_DATA,
    OPTION_DATABASE,
    {"--quiet", NULL, NULL, NULL, "Say only the result"},
};

static const Usage usage = {
    "verify",
    " [options]",
    "Proves from what is stored that the books are right: the schema with its\n"
    "triggers, the rules of every row, every reference, the journal's hash chains\n"
    "without a gap, every number of every series given once, the totals of every\n"
    "document, and the database file itself. Names the first wrong row; exit status\n"
    "1 then, 0 when all is well. It only reads, on up to eight\n"
    "processors at once, and may run beside a server.",
    options,
    sizeof options / sizeof *options,
    "  millwright verify --data /var/lib/millwright\n",
};

static void say_progress(const char *what) { fprintf(stderr, "proving %s …\n", what); }

/* What `verify` has open. */
typedef struct {
    Db *dbs[THREADS_MAX];
    Db *wanted; /* NULL for PostgreSQL */
    int n;
} Books;

static void books_close(Books *b) {
    while (b->n) db_close(b->dbs[--b->n]);
    if (b->wanted) db_close(b->wanted);
}

static bool schema_make(Cli *cli, Books *b, Str *problem) {
    Migrations known;
    Migrator m = {.known = &known, .arena = &cli->arena};
    const char *url = cli_database(cli);
    if (!str_starts(str_of(url), S("sqlite:"))) return true;
    if (!cli_migrations(url, &cli->arena, &known, problem)) return false;
    b->wanted = migrate_in_memory(&m);
    *problem = m.problem;
    return b->wanted != NULL;
}

/* As many connections as there are processors to prove with. */
static bool books_open(Cli *cli, Books *b, Str *problem) {
    DbError error = {0};
    const char *url = cli_database(cli);
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    int wanted = processors < 1 ? 1 : processors > THREADS_MAX ? THREADS_MAX : (int)processors;
    if (!schema_make(cli, b, problem)) return false;
    for (; b->n < wanted; b->n++) {
        b->dbs[b->n] = db_open(&(DbConfig){.url = url, .cache_kib = CACHE_KIB}, DB_READ, &error);
        if (!b->dbs[b->n]) break;
    }
    if (b->n < wanted) *problem = arena_fmt(&cli->arena, "cannot open %s: %s", cli_shown(url), error.message);
    return b->n == wanted;
}

/* A database of another version has another schema; that is not a wrong row. */
static bool same_version(Cli *cli, Db *db, Str *problem) {
    Migrations known = {0};
    Buf pending = {0};
    Migrator m = {.db = db, .known = &known, .arena = &cli->arena};
    bool ok = cli_migrations(cli_database(cli), &cli->arena, &known, problem) && migrate_sql(&m, &pending);
    if (m.problem.p) *problem = m.problem;
    if (ok && pending.n) *problem = S("the database is of an older version: run `millwright migrate up`");
    buf_free(&pending);
    return !problem->p;
}

static void done_write(const Verify *v, Buf *report) {
    buf_fmt(report, "verified: %lld organizations, %lld journal rows, %lld documents\n", (long long)v->organizations,
            (long long)v->journal_rows, (long long)v->documents);
    if (v->unsealed)
        buf_fmt(report, "%lld more journal rows are not sealed yet: they have no place in their chain\n", (long long)v->unsealed);
}

static int verify(Cli *cli, const Registry *r) {
    Buf report = {0};
    Str problem = STR_NONE;
    App app = {.registry = r};
    Books books = {.n = 0};
    Verify v = {.app = &app, .dbs = books.dbs, .report = &report};
    if (!config_on(&cli->config, "--quiet")) v.progress = say_progress;
    bool readable = books_open(cli, &books, &problem) && same_version(cli, books.dbs[0], &problem);
    v.n_dbs = books.n;
    v.wanted = books.wanted;
    v.wanted_sql = cli_postgres_schema();
    bool ok = readable && verify_all(&v);
    if (!readable)
        cli_complain(cli, problem);
    else if (ok)
        done_write(&v, &report);
    cli_print(&report);
    buf_free(&report);
    books_close(&books);
    return ok ? EXIT_WELL : EXIT_NO;
}

int cli_verify(int argc, char **argv) {
    Cli cli;
    log_open(STDERR_FILENO, LOG_WARNING);
    int status = cli_begin(&cli, &usage, argc, argv);
    if (status == CLI_GO_ON && cli.config.n_arguments)
        status = cli_misused(&cli, "takes options only");
    if (status == CLI_GO_ON) {
        Registry *r = cli_registry(&cli);
        status = r ? verify(&cli, r) : EXIT_NO;
        if (r) registry_free(r);
    }
    cli_end(&cli);
    return status;
}
