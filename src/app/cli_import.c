/* `millwright import`: a CSV file into a resource, without a server. The work
 * is a job like those of the API, so that it stands in GET /jobs, and a server
 * goes on with one that was killed. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/cli.h"
#include "app/import_run.h"
#include "app/program.h"
#include "base/log.h"
#include "db/peers.h"
#include "model/import_read.h"

#define BAR_CELLS   24
#define TELL_US     200000   /* how often a terminal is told how far it is … */
#define TELL_LINES  5000000  /* … and a file or pipe */
#define LATER_US    500000
#define CACHE_KIB   (256 * 1024) /* all pages of the indexes that a million rows change */
#define ERRORS_TOLD 10

static const Option options[] = {
    {"--resource", NULL, "NAME", NULL, "What the rows are: customers, vendors, products, … as in the API's paths"},
    {"--key", NULL, "FIELD", NULL,
     "A row updates the record that has its value in this field, and is a new record otherwise; left out: all are new"},
    {"--map", NULL, "LIST", NULL, "Columns that are not called as the fields: \"Company:name,Mail:email,Remark:-\"; "
                                  "- leaves a column out"},
    {"--dry-run", NULL, NULL, NULL, "Try every row, say what is wrong, and keep nothing"},
    {"--errors", NULL, "FILE", NULL, "Write the rows that are wrong to this file, with the reasons"},
    {"--organization", NULL, "NAME", NULL, "Whose data; may be left out when there is only one"},
    {"--user", NULL, "NAME", NULL, "As this user, with their rights; left out: as the program, with every right"},
    OPTION_DATA,
    OPTION_DATABASE,
};

static const Usage usage = {
    "import",
    " --resource NAME [options] FILE",
    "Creates or updates a record for each row of a CSV file (UTF-8; comma, semicolon or\n"
    "tab; the first row names the columns). Rows stand for themselves: those that are\n"
    "wrong are told and left out. Begin with --dry-run. Stopped with Ctrl-C, it keeps the\n"
    "rows it has; after a crash the next server goes on with it. No server may be running\n"
    "on the same SQLite database: send the file to it then, see docs/importing.md.",
    options,
    sizeof options / sizeof *options,
    "  millwright import --resource customers --key email --dry-run customers.csv\n"
    "  millwright import --resource products --key sku --map \"Article:name\" \\\n"
    "      --errors wrong.csv products.csv\n",
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal_number) {
    (void)signal_number;
    interrupted = 1;
}

typedef struct {
    Cli cli;
    Program program;
    NewImport job;
    int64_t organization_id, job_id;
    bool terminal;
    Row stored;
} Work;

static Str given(Work *w, const char *flag) { return str_of(config_get(&w->cli.config, flag)); }

/* --- beginning --- */

static bool file_check(Work *w, Ctx *c, const char *path) {
    char full[PATH_MAX];
    struct stat st;
    if (!realpath(path, full) || stat(full, &st) != 0) return fail(c, E_BAD_REQUEST, "%s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode)) return fail(c, E_BAD_REQUEST, "%s is not a file", path);
    w->job.file = arena_str(&w->cli.arena, str_of(full));
    w->job.bytes = st.st_size;
    ImportRead *read = ARENA_NEW(&w->cli.arena, ImportRead);
    *read = (ImportRead){.sheet = {.c = c, .view = w->job.view, .map = w->job.map}};
    bool ok = import_read_open(read, full);
    import_read_close(read);
    return ok;
}

static bool begin(Ctx *c, void *arg) {
    Work *w = arg;
    Str key = given(w, "--key");
    if (!identity_cli_act(c, given(w, "--organization"), given(w, "--user"))) return false;
    w->job.view = registry_view(c->app->registry, given(w, "--resource"));
    if (!w->job.view || (w->job.view->model->resource->flags & (R_READ_ONLY | R_NO_CREATE | R_VIRTUAL | R_SINGLETON | R_INTERNAL)))
        return fail(c, E_NOT_FOUND, "nothing called \"%.*s\" can be imported", STR_ARG(given(w, "--resource")));
    w->job.map = given(w, "--map");
    w->job.dry_run = config_on(&w->cli.config, "--dry-run");
    if (key.p && !(w->job.key = sheet_key(c, w->job.view, key))) return false;
    if (!ctx_require(c, w->job.view->model, MAY_IMPORT)) return false;
    if (!file_check(w, c, w->cli.config.arguments[0])) return false;
    if (!import_job_create(c, &w->job, &w->stored)) return false;
    w->organization_id = c->organization_id;
    w->job_id = w->stored.values[0].i;
    db_claim(c->db, CLAIM_IMPORT, w->job_id); /* before a server sees it */
    return true;
}

/* --- telling --- */

static void time_left(Buf *b, int64_t seconds) {
    if (seconds >= 3600)
        buf_fmt(b, "%lld h %02lld min left", (long long)(seconds / 3600), (long long)(seconds / 60 % 60));
    else if (seconds >= 60)
        buf_fmt(b, "%lld min %02lld s left", (long long)(seconds / 60), (long long)(seconds % 60));
    else
        buf_fmt(b, "%lld s left", (long long)seconds);
}

static void tell(const Work *w, const ImportProgress *p) {
    Buf b = {0};
    if (w->terminal) {
        buf_c(&b, "\r[");
        for (int i = 0; i < BAR_CELLS; i++) buf_char(&b, i * 100 < p->percent * BAR_CELLS ? '#' : ' ');
        buf_c(&b, "] ");
    }
    buf_fmt(&b, "%3d %%  %lld of %lld rows", p->percent, (long long)p->done, (long long)p->rows);
    if (p->rows_per_second) buf_fmt(&b, "  %lld rows/s  ", (long long)p->rows_per_second);
    if (p->rows_per_second) time_left(&b, p->seconds_left);
    if (p->failed) buf_fmt(&b, "  %lld wrong", (long long)p->failed);
    buf_c(&b, w->terminal ? "\033[K" : "\n");
    fwrite(b.p, 1, b.n, stderr);
    fflush(stderr);
    buf_free(&b);
}

static bool errors_read(Ctx *c, void *arg) {
    Work *w = arg;
    Stmt *st = db_prepare(c->db, S("SELECT row_number, field, message FROM job_errors WHERE organization_id = ?1 "
                                   "AND job_id = ?2 ORDER BY position LIMIT ?3"));
    stmt_bind_int(st, 1, w->organization_id);
    stmt_bind_int(st, 2, w->job_id);
    stmt_bind_int(st, 3, ERRORS_TOLD);
    while (stmt_step(st))
        fprintf(stderr, "  row %lld: %.*s%s%.*s\n", (long long)stmt_int(st, 0), STR_ARG(stmt_text(st, 1)),
                stmt_text(st, 1).n ? " " : "", STR_ARG(stmt_text(st, 2)));
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}

static bool file_copy(const char *from, const char *to) {
    static char block[1 << 16];
    int in = open(from, O_RDONLY | O_CLOEXEC), out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ssize_t n = -1;
    while (in >= 0 && out >= 0 && (n = read(in, block, sizeof block)) > 0)
        if (write(out, block, (size_t)n) != n) {
            n = -1;
            break;
        }
    if (in >= 0) close(in);
    if (out >= 0 && close(out) != 0) n = -1;
    return n == 0;
}

static int tell_errors(Work *w, Ctx *c) {
    const char *to = config_get(&w->cli.config, "--errors");
    Str from = import_errors_file(&w->program.app, &w->cli.arena, w->job_id);
    if (!ctx_write(c, errors_read, w)) return cli_complain_error(&w->cli, &c->err);
    if (to && !file_copy(from.p, to)) return cli_complain(&w->cli, arena_fmt(&w->cli.arena, "%s cannot be written", to));
    fprintf(stderr, "All of them, with the reasons: %s\n", to ? to : from.p);
    return EXIT_NO;
}

static int finish(Work *w, Ctx *c, ImportRun *run) {
    ImportProgress p;
    import_run_progress(run, &p);
    tell(w, &p);
    if (w->terminal) fputc('\n', stderr);
    Str problem = import_run_problem(run);
    printf("%s%lld created, %lld updated, %lld wrong\n", w->job.dry_run ? "dry run, nothing is kept: " : "",
           (long long)p.created, (long long)p.updated, (long long)p.failed);
    fflush(stdout);
    int status = p.failed ? tell_errors(w, c) : EXIT_WELL;
    if (problem.n) status = cli_complain(&w->cli, problem);
    if (interrupted) status = cli_complain(&w->cli, S("stopped; the rows above are kept"));
    return status;
}

/* --- running --- */

static int run(Work *w, Ctx *c) {
    ImportRun *r = import_run_open(&w->program.app, w->organization_id, w->job_id);
    if (w->program.app.writer) import_run_alone(r); /* servers may share a PostgreSQL */
    int64_t told = monotonic_us();
    ImportStep step = IMPORT_MORE;
    ImportProgress p;
    while (step != IMPORT_ENDED && !interrupted) {
        step = import_run_step(r);
        if (step == IMPORT_LATER) usleep(LATER_US);
        if (monotonic_us() - told < (w->terminal ? TELL_US : TELL_LINES)) continue;
        told = monotonic_us();
        import_run_progress(r, &p);
        tell(w, &p);
    }
    if (interrupted) import_run_cancel(r);
    int status = finish(w, c, r);
    import_run_close(r);
    return status;
}

static int on_program(Work *w) {
    Registry *registry = cli_registry(&w->cli);
    if (!registry) return EXIT_NO;
    ProgramConfig config = {.registry = registry, .database = cli_database(&w->cli), .cache_kib = CACHE_KIB,
                            .data = config_get(&w->cli.config, "--data"), .only_one = true};
    int status;
    if (program_open(&w->program, &config)) {
        Ctx c;
        program_ctx(&w->program, &c, "import");
        status = ctx_write(&c, begin, w) ? run(w, &c) : cli_complain_error(&w->cli, &c.err);
    } else {
        status = cli_complain(&w->cli, w->program.problem);
    }
    program_close(&w->program);
    arena_free(&w->program.arena);
    registry_free(registry);
    return status;
}

int cli_import(int argc, char **argv) {
    Work w = {.terminal = isatty(STDERR_FILENO)};
    log_open(STDERR_FILENO, LOG_WARNING);
    int status = cli_begin(&w.cli, &usage, argc, argv);
    if (status == CLI_GO_ON) {
        struct sigaction stop = {.sa_handler = on_interrupt};
        sigaction(SIGINT, &stop, NULL);
        sigaction(SIGTERM, &stop, NULL);
        if (!given(&w, "--resource").n)
            status = cli_misused(&w.cli, "say what the rows are with --resource");
        else if (w.cli.config.n_arguments != 1)
            status = cli_misused(&w.cli, "say which file");
        else
            status = on_program(&w);
    }
    cli_end(&w.cli);
    return status;
}
