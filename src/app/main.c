/* The command line: finds the verb and lets it run. */
#include <sys/stat.h>

#include "app/cli.h"
#include "base/hash.h"

typedef struct {
    const char *name, *summary;
    int (*run)(int argc, char **argv);
} Verb;

static int version(int argc, char **argv);
static int help(int argc, char **argv);

static const Verb verbs[] = {
    {"serve", "Serve the API; makes and migrates the database", cli_serve},
    {"migrate", "Look at, apply, take back or write changes of the schema", cli_migrate},
    {"user", "Add, list and disable users, set passwords", cli_user},
    {"import", "Create or update many records from a CSV file", cli_import},
    {"check", "Prove the resource tables and that migrations are up to date", cli_check},
    {"openapi", "Print the OpenAPI document", cli_openapi},
    {"verify", "Prove the books: journal, numbers, totals, references", cli_verify},
    {"copy", "Copy a whole database into another, SQLite or PostgreSQL", cli_copy},
    {"version", "Print the version", version},
    {"help", "Explain a command: millwright help serve", help},
};
#define VERBS (sizeof verbs / sizeof *verbs)

static int version(int argc, char **argv) {
    (void)argc, (void)argv;
    puts("millwright " MILLWRIGHT_VERSION);
    return EXIT_WELL;
}

static void print_verbs(FILE *out) {
    fputs("Millwright runs a small manufacturer: orders, stock and work, through a REST API.\n\n"
          "Usage: millwright <command> [options]\n\n",
          out);
    for (size_t i = 0; i < VERBS; i++) fprintf(out, "  %-10s %s\n", verbs[i].name, verbs[i].summary);
    fputs("\nmillwright <command> --help explains each. To look around: millwright serve --demo\n",
          out);
}

static const Verb *verb_find(const char *name) {
    for (size_t i = 0; i < VERBS; i++)
        if (strcmp(verbs[i].name, name) == 0) return &verbs[i];
    return NULL;
}

static int unknown(const char *name) {
    fprintf(stderr, "millwright: there is no command %s; millwright help lists them\n", name);
    return EXIT_USAGE;
}

static int help(int argc, char **argv) {
    const Verb *verb = argc > 1 ? verb_find(argv[1]) : NULL;
    if (argc > 1 && !verb) return unknown(argv[1]);
    if (!verb || verb->run == help || verb->run == version) {
        print_verbs(stdout);
        return EXIT_WELL;
    }
    char flag[] = "--help", *arguments[] = {argv[1], flag, NULL};
    return verb->run(2, arguments);
}

int main(int argc, char **argv) {
    umask(077); /* databases, copies and keys are nobody else's business */
    if (!hash_init()) {
        fputs("millwright: no source of random numbers\n", stderr);
        return EXIT_NO;
    }
    if (argc < 2) {
        print_verbs(stderr);
        return EXIT_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) name = "help";
    if (strcmp(name, "--version") == 0) name = "version";
    const Verb *verb = verb_find(name);
    return verb ? verb->run(argc - 1, argv + 1) : unknown(name);
}
