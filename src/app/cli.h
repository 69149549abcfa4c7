/* What the command-line verbs share. A verb gets its own name in argv[0] and
 * returns the exit status of the program. */
#ifndef APP_CLI_H
#define APP_CLI_H

#include "base/config.h"
#include "model/migrate.h"

enum { EXIT_WELL = 0, EXIT_NO = 1, EXIT_USAGE = 2 };

int cli_serve(int argc, char **argv);
int cli_migrate(int argc, char **argv);
int cli_user(int argc, char **argv);
int cli_check(int argc, char **argv);
int cli_openapi(int argc, char **argv);
int cli_verify(int argc, char **argv);
int cli_import(int argc, char **argv);
int cli_copy(int argc, char **argv);

typedef struct {
    const char *verb;
    const char *synopsis; /* behind "millwright <verb>": "" or " …" */
    const char *about;    /* what it does, lines of at most 80 columns */
    const Option *options;
    size_t n_options;
    const char *examples; /* or NULL */
} Usage;

typedef struct {
    const Usage *usage;
    Arena arena;
    Config config;
} Cli;

#define CLI_GO_ON (-1)
/* Reads the options, or prints the help: CLI_GO_ON, or the exit status. Ends
 * with cli_end either way. */
int cli_begin(Cli *cli, const Usage *usage, int argc, char **argv);
void cli_end(Cli *cli);
/* "millwright migrate: …" on standard error; returns EXIT_NO. */
int cli_complain(const Cli *cli, Str problem);
/* The same for an error of the model, with its issues; returns EXIT_NO. */
int cli_complain_error(const Cli *cli, const Error *e);
/* The same with the usage's first line; returns EXIT_USAGE. */
int cli_misused(const Cli *cli, const char *problem);
void cli_print(Buf *out); /* to standard output; empties it */

/* Options that several verbs have. */
#define OPTION_DATA                                                                                \
    {"--data", "MILLWRIGHT_DATA", "FOLDER", "./data",                                              \
     "Folder for the database, files and keys; made with mode 0700 when missing"}
#define OPTION_DATABASE                                                                            \
    {"--database", "MILLWRIGHT_DATABASE", "URL", NULL,                                             \
     "sqlite:PATH; or postgres://USER@HOST/NAME; left out: sqlite:<data>/millwright.db"}

/* The database's URL by these options, and its file (NULL: not a file). */
const char *cli_database(Cli *cli);
const char *cli_file(const char *url);
/* What may be shown of it: a server's URL may hold a password. */
const char *cli_shown(const char *url);

#define SCHEMA_FILE "schema.sql" /* beside the migrations of PostgreSQL */
#define POSTGRES_FIRST 11        /* the first of them: PostgreSQL came with this step, it makes the whole schema */
/* The migrations inside the program, for the kind of database this URL names. */
bool cli_migrations(const char *url, Arena *a, Migrations *out, Str *problem);
/* The schema that those for PostgreSQL make. */
Str cli_postgres_schema(void);
/* The compiled resources; NULL with the self-check's complaints printed. */
Registry *cli_registry(const Cli *cli);

#endif
