/* What the command-line verbs share; see cli.h. */
#include "app/cli.h"

#include "app/modules.h"
#include "base/embedded.h"

#define ARENA_LIMIT ((size_t)64 << 20)

void cli_print(Buf *out) {
    fwrite(buf_c_str(out), 1, out->n, stdout);
    fflush(stdout);
    buf_reset(out);
}

static void print_help(const Usage *u) {
    Buf out = {0};
    buf_fmt(&out, "Usage: millwright %s%s\n\n%s\n", u->verb, u->synopsis, u->about);
    if (u->n_options) {
        buf_c(&out, "\nOptions. Where a variable is named, it may be set instead, in the environment\n"
                    "or in the file .env of the current folder; a flag wins over the environment,\n"
                    "and that over the file.\n\n");
        config_help(u->options, u->n_options, &out);
    }
    if (u->examples) buf_fmt(&out, "\nExamples:\n\n%s", u->examples);
    cli_print(&out);
    buf_free(&out);
}

static bool wants_help(int argc, char **argv) {
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) return true;
    return false;
}

int cli_begin(Cli *cli, const Usage *usage, int argc, char **argv) {
    *cli = (Cli){.usage = usage};
    arena_init(&cli->arena, ARENA_LIMIT);
    if (wants_help(argc, argv)) {
        print_help(usage);
        return EXIT_WELL;
    }
    ConfigSource source = {usage->options, usage->n_options, argc, argv, ".env"};
    if (config_load(&source, &cli->arena, &cli->config)) return CLI_GO_ON;
    cli_complain(cli, cli->config.problem);
    return EXIT_USAGE;
}

void cli_end(Cli *cli) { arena_free(&cli->arena); }

int cli_complain(const Cli *cli, Str problem) {
    fprintf(stderr, "millwright %s: %.*s\n", cli->usage->verb, STR_ARG(problem));
    return EXIT_NO;
}

int cli_complain_error(const Cli *cli, const Error *e) {
    cli_complain(cli, e->detail.n ? e->detail : str_of(error_info(e->kind)->title));
    for (const Issue *i = e->issues; i; i = i->next)
        fprintf(stderr, "  %.*s %.*s\n", STR_ARG(i->field), STR_ARG(i->message));
    return EXIT_NO;
}

int cli_misused(const Cli *cli, const char *problem) {
    cli_complain(cli, str_of(problem));
    fprintf(stderr, "Usage: millwright %s%s\n", cli->usage->verb, cli->usage->synopsis);
    return EXIT_USAGE;
}

const char *cli_database(Cli *cli) {
    const char *url = config_get(&cli->config, "--database");
    if (url) return url;
    return arena_fmt(&cli->arena, "sqlite:%s/millwright.db", config_get(&cli->config, "--data")).p;
}

const char *cli_file(const char *url) {
    const char *path = str_starts(str_of(url), S("sqlite:")) ? url + strlen("sqlite:") : NULL;
    return path && strcmp(path, ":memory:") != 0 ? path : NULL;
}

const char *cli_shown(const char *url) { return cli_file(url) ? cli_file(url) : "the database"; }

bool cli_migrations(const char *url, Arena *a, Migrations *out, Str *problem) {
    bool sqlite = str_starts(str_of(url), S("sqlite:"));
    const EmbeddedFiles *files = sqlite ? &embedded_sqlite : &embedded_postgres;
    *out = (Migrations){.first = sqlite ? 1 : POSTGRES_FIRST};
    for (size_t i = 0; i < files->n; i++) {
        const EmbeddedFile *f = &files->list[i];
        bool step = strcmp(f->name, SCHEMA_FILE) != 0;
        if (step && !migrations_add(out, a, str_of(f->name), f->plain, problem)) return false;
    }
    return true;
}

Str cli_postgres_schema(void) {
    for (size_t i = 0; i < embedded_postgres.n; i++)
        if (strcmp(embedded_postgres.list[i].name, SCHEMA_FILE) == 0) return embedded_postgres.list[i].plain;
    return STR_NONE;
}

Registry *cli_registry(const Cli *cli) {
    Buf report = {0};
    Registry *r = registry_new(modules, modules_n, &report);
    if (r && !registry_follow(r, followers, &report)) {
        registry_free(r);
        r = NULL;
    }
    if (!r) {
        cli_complain(cli, S("the resource tables are wrong:"));
        fputs(buf_c_str(&report), stderr);
    }
    buf_free(&report);
    return r;
}
