/* `millwright check` and `millwright openapi`: what can be told from the
 * program alone, without a database. */
#include "api/api.h"
#include "app/cli.h"
#include "model/schema.h"

static const Usage check_usage = {
    "check",
    "",
    "Compiles the resource tables, which refuses wrong ones with a rule and a name,\n"
    "and compares the schema they want with the one the migrations in this program\n"
    "make. Prints the steps that are missing; exit status 1 then.",
    NULL,
    0,
    NULL,
};

static const Usage openapi_usage = {
    "openapi",
    "",
    "Prints the OpenAPI 3.1 document of the API, the same that a server gives at\n"
    "/openapi.json.",
    NULL,
    0,
    "  millwright openapi > openapi.json\n",
};

/* Whether the migrations of PostgreSQL are written for these tables; a test
 * proves in a real one that they make what they say. */
static bool postgres_check(const Registry *r) {
    Buf wanted = {0};
    schema_write(r, &(Dialect){.name = "postgres"}, &wanted);
    bool same = str_eq(buf_view(&wanted), cli_postgres_schema());
    buf_free(&wanted);
    return same;
}

static int check(Cli *cli, const Registry *r) {
    Migrations known;
    Buf missing = {0}, out = {0};
    Migrator m = {.known = &known, .arena = &cli->arena, .told = &out};
    bool ok = cli_migrations("sqlite:", &cli->arena, &known, &m.problem) && migrate_difference(&m, r, &missing);
    int status = ok && !missing.n ? EXIT_WELL : EXIT_NO;
    if (!ok) cli_complain(cli, m.problem);
    if (ok && missing.n) {
        cli_print(&missing);
        cli_complain(cli, S("the migrations lag behind the resources: the above is missing; write it "
                            "with `millwright migrate new NAME`"));
    }
    if (status == EXIT_WELL && !postgres_check(r)) {
        status = cli_complain(cli, S("the migrations of PostgreSQL lag behind the resources: write what is missing "
                                     "with `millwright migrate new NAME`"));
    }
    if (status == EXIT_WELL)
        buf_fmt(&out, "%d resources are well; %d migrations make their schema\n", r->n, known.n);
    cli_print(&out);
    buf_free(&out);
    buf_free(&missing);
    return status;
}

static int print_openapi(Cli *cli, const Registry *r) {
    (void)cli;
    Buf out = {0};
    api_openapi(r, &out);
    buf_char(&out, '\n');
    cli_print(&out);
    buf_free(&out);
    return EXIT_WELL;
}

typedef int (*OnRegistry)(Cli *cli, const Registry *r);

static int with_registry(const Usage *usage, OnRegistry run, int argc, char **argv) {
    Cli cli;
    int status = cli_begin(&cli, usage, argc, argv);
    if (status == CLI_GO_ON && cli.config.n_arguments) status = cli_misused(&cli, "takes nothing");
    if (status == CLI_GO_ON) {
        Registry *r = cli_registry(&cli);
        status = r ? run(&cli, r) : EXIT_NO;
        if (r) registry_free(r);
    }
    cli_end(&cli);
    return status;
}

int cli_check(int argc, char **argv) { return with_registry(&check_usage, check, argc, argv); }

int cli_openapi(int argc, char **argv) {
    return with_registry(&openapi_usage, print_openapi, argc, argv);
}
