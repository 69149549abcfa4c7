/* `millwright migrate`: the schema's steps, on a database or as files. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/cli.h"
#include "app/program.h"
#include "base/log.h"
#include "model/schema.h"
#include "model/schema_text.h"

#define FILE_MAX ((size_t)4 << 20)

static const Option options[] = {
    OPTION_DATA,
    OPTION_DATABASE,
    {"--dir", NULL, "FOLDER", "migrations", "new: where the files are, in sqlite/ and postgres/"},
    {"--dialect", NULL, "NAME", "sqlite", "schema: for which database, sqlite or postgres"},
    {"--no-copy", NULL, NULL, NULL, "up, down: make no copy of the database first"},
};

static const Usage usage = {
    "migrate",
    " status | up | down [N] | sql | new NAME | schema",
    "  status    Every step, and when it was applied to the database\n"
    "  up        Apply the steps that are missing (`serve` does this when it starts)\n"
    "  down [N]  Take the last N steps back, 1 when left out; what only they can\n"
    "            hold is lost\n"
    "  sql       Print what `up` would run, and run nothing\n"
    "  new NAME  For developers: write the next step's files, the difference between\n"
    "            the resource tables and the schema that the files in --dir make, for\n"
    "            SQLite and for PostgreSQL\n"
    "  schema    Print the schema that the resource tables want\n"
    "\n"
    "Each step runs in a transaction of its own. Before up and down change a\n"
    "database, it is copied to PATH.before-NNNN beside it. Stop the server first.",
    options,
    sizeof options / sizeof *options,
    "  millwright migrate status --data /var/lib/millwright\n"
    "  millwright migrate new add_customer_rating\n",
};

/* --- steps of a database --- */

typedef struct {
    Cli *cli;
    Migrations known;
    Migrator m;
    Buf told;
    int lock;
} Steps;

/* To look at a database must neither make nor change one: what is not there is
 * looked at in memory. */
static bool steps_open(Steps *s, bool change) {
    const char *url = cli_database(s->cli), *path = cli_file(url);
    DbError error;
    if (!cli_migrations(cli_database(s->cli), &s->cli->arena, &s->known, &s->m.problem)) return false;
    bool in_memory = path && access(path, F_OK) != 0 && !change;
    if (in_memory) url = "sqlite::memory:";
    if (path && change) s->lock = program_lock(path, &s->cli->arena, &s->m.problem);
    if (path && change && s->lock < 0) return false;
    s->m.db = db_open(&(DbConfig){.url = url}, change || in_memory ? DB_WRITE : DB_READ, &error);
    s->m.known = &s->known;
    s->m.copy_beside = config_on(&s->cli->config, "--no-copy") ? NULL : path;
    if (s->m.db) return true;
    s->m.problem = arena_fmt(&s->cli->arena, "cannot open %s: %s", cli_shown(url), error.message);
    return false;
}

static void steps_close(Steps *s) {
    db_close(s->m.db);
    if (s->lock >= 0) close(s->lock);
    buf_free(&s->told);
}

static bool step_count(Steps *s, int64_t *n) {
    const Config *c = &s->cli->config;
    *n = 1;
    if (c->n_arguments < 2 || (str_to_int(str_of(c->arguments[1]), n) && *n > 0)) return true;
    s->m.problem = S("down takes the number of steps, at least 1");
    return false;
}

static bool steps_do(Steps *s, const char *verb) {
    int64_t n;
    if (strcmp(verb, "status") == 0) return migrate_status(&s->m, &s->told);
    if (strcmp(verb, "sql") == 0) return migrate_sql(&s->m, &s->told);
    if (strcmp(verb, "down") == 0) return step_count(s, &n) && migrate_down(&s->m, n);
    if (!migrate_up(&s->m)) return false;
    if (!s->told.n) buf_c(&s->told, "nothing to do\n");
    return true;
}

static int steps_run(Cli *cli, const char *verb) {
    Steps s = {.cli = cli, .lock = -1};
    s.m.arena = &cli->arena;
    s.m.told = &s.told;
    bool change = strcmp(verb, "up") == 0 || strcmp(verb, "down") == 0;
    bool ok = steps_open(&s, change) && steps_do(&s, verb);
    cli_print(&s.told);
    int status = ok ? EXIT_WELL : cli_complain(cli, s.m.problem);
    steps_close(&s);
    return status;
}

/* --- files --- */

static const Dialect postgres = {.name = "postgres"};

static bool file_read(Arena *a, const char *path, Str *out) {
    FILE *f = fopen(path, "re");
    Buf text = {0};
    if (!f) return false;
    char *room = buf_room(&text, FILE_MAX);
    text.n = fread(room, 1, FILE_MAX, f);
    bool ok = !ferror(f) && feof(f);
    fclose(f);
    *out = arena_str(a, buf_view(&text));
    buf_free(&text);
    return ok;
}

static int is_sql(const struct dirent *entry) {
    Str name = str_of(entry->d_name);
    return entry->d_name[0] != '.' && str_ends(name, S(".sql")) && !str_is(name, SCHEMA_FILE);
}

static bool folder_read(Cli *cli, const char *dir, Migrations *out, Str *problem) {
    struct dirent **entries;
    Arena *a = &cli->arena;
    int n = scandir(dir, &entries, is_sql, alphasort);
    bool ok = n >= 0;
    if (!ok) *problem = arena_fmt(a, "%s: %s", dir, strerror(errno));
    for (int i = 0; i < n; i++) {
        Str text, name = arena_str(a, str_of(entries[i]->d_name));
        free(entries[i]);
        if (!ok) continue;
        Str path = arena_fmt(a, "%s/%s", dir, name.p);
        ok = file_read(a, path.p, &text);
        if (!ok) *problem = arena_fmt(a, "%s: cannot be read", path.p);
        ok = ok && migrations_add(out, a, name, text, problem);
    }
    if (n >= 0) free(entries);
    return ok;
}

/* "Add customer-rating" -> "add_customer_rating"; NULL when nothing is left. */
static const char *step_name(Arena *a, const char *given) {
    char *name = arena_c_str(a, str_of(given));
    for (char *p = name; *p; p++) *p = isalnum((unsigned char)*p) ? (char)tolower((unsigned char)*p) : '_';
    return isalpha((unsigned char)*name) ? name : NULL;
}

static bool file_write(const char *path, Str text, int if_there) {
    int fd = open(path, O_WRONLY | O_CREAT | if_there | O_CLOEXEC, 0644);
    if (fd < 0) return false;
    fchmod(fd, 0644); /* source code, whatever the umask */
    bool ok = write(fd, text.p, text.n) == (ssize_t)text.n && fsync(fd) == 0;
    return close(fd) == 0 && ok;
}

/* The next step in one of the folders. */
typedef struct {
    Cli *cli;
    const Registry *registry;
    const char *name;
    Migrator *m;
} NextStep;

/* The next number of those that are there. */
static bool step_write(NextStep *s, const char *folder, const Migrations *there, Str text) {
    const char *dir = config_get(&s->cli->config, "--dir");
    Str path = arena_fmt(&s->cli->arena, "%s/%s/%04d_%s.sql", dir, folder, migrations_last(there) + 1, s->name);
    bool ok = file_write(path.p, text, O_EXCL);
    if (!ok) s->m->problem = arena_fmt(&s->cli->arena, "%s: %s", path.p, strerror(errno));
    if (ok) buf_fmt(s->m->told, "wrote %s: read it, then build again\n", path.p);
    return ok;
}

static bool steps_read(NextStep *s, const char *folder, Migrations *out) {
    Str dir = arena_fmt(&s->cli->arena, "%s/%s", config_get(&s->cli->config, "--dir"), folder);
    return folder_read(s->cli, dir.p, out, &s->m->problem);
}

static bool sqlite_next(NextStep *s) {
    Buf text = {0};
    Migrations known = {0};
    s->m->known = &known;
    bool ok = steps_read(s, "sqlite", &known) && migrate_difference(s->m, s->registry, &text);
    if (ok && text.n) ok = step_write(s, "sqlite", &known, buf_view(&text));
    s->m->known = NULL;
    buf_free(&text);
    return ok;
}

static bool postgres_next(NextStep *s) {
    Cli *cli = s->cli;
    Str path = arena_fmt(&cli->arena, "%s/postgres/" SCHEMA_FILE, config_get(&cli->config, "--dir")), before = S("");
    Buf wanted = {0}, text = {0};
    Migrations there = {.first = POSTGRES_FIRST};
    schema_write(s->registry, &postgres, &wanted);
    if (access(path.p, F_OK) == 0 && !file_read(&cli->arena, path.p, &before)) before = S("");
    bool same = str_eq(before, buf_view(&wanted)), ok = true;
    if (!same) {
        buf_c(&text, "-- up\n");
        schema_text_diff(s->registry, before, buf_view(&wanted), &text);
        buf_c(&text, "\n-- down\n");
        schema_text_diff(s->registry, buf_view(&wanted), before, &text);
        ok = steps_read(s, "postgres", &there) && step_write(s, "postgres", &there, buf_view(&text)) &&
             file_write(path.p, buf_view(&wanted), O_TRUNC);
    }
    buf_free(&wanted);
    buf_free(&text);
    return ok;
}

static int files_run(Cli *cli) {
    const Config *c = &cli->config;
    const char *name = c->n_arguments == 2 ? step_name(&cli->arena, c->arguments[1]) : NULL;
    if (!name) return cli_misused(cli, "new takes the name of the step, such as add_customer_rating");
    Registry *r = cli_registry(cli);
    if (!r) return EXIT_NO;
    Buf told = {0};
    Migrator m = {.arena = &cli->arena, .told = &told};
    NextStep next = {cli, r, name, &m};
    bool ok = sqlite_next(&next) && postgres_next(&next);
    if (ok && !told.n) buf_c(&told, "nothing to do: the files make the schema that the resources want\n");
    int status = ok ? EXIT_WELL : cli_complain(cli, m.problem);
    cli_print(&told);
    buf_free(&told);
    registry_free(r);
    return status;
}

static int schema_print(Cli *cli) {
    Registry *r = cli_registry(cli);
    Buf out = {0};
    if (!r) return EXIT_NO;
    bool native = strcmp(config_get(&cli->config, "--dialect"), "postgres") == 0;
    schema_write(r, native ? &postgres : &db_sqlite.dialect, &out);
    cli_print(&out);
    buf_free(&out);
    registry_free(r);
    return EXIT_WELL;
}

static int dispatch(Cli *cli) {
    const char *verb = cli->config.n_arguments ? cli->config.arguments[0] : "";
    static const char *const on_steps[] = {"status", "up", "down", "sql"};
    for (size_t i = 0; i < sizeof on_steps / sizeof *on_steps; i++)
        if (strcmp(verb, on_steps[i]) == 0) return steps_run(cli, verb);
    if (strcmp(verb, "new") == 0) return files_run(cli);
    if (strcmp(verb, "schema") == 0) return schema_print(cli);
    return cli_misused(cli, "say what to do");
}

int cli_migrate(int argc, char **argv) {
    Cli cli;
    log_open(STDERR_FILENO, LOG_WARNING);
    int status = cli_begin(&cli, &usage, argc, argv);
    if (status == CLI_GO_ON) status = dispatch(&cli);
    cli_end(&cli);
    return status;
}
