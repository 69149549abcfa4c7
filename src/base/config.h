/* Configuration: a const table of options, resolved once at the start from the
 * command line, the environment, a .env file and the table's defaults, in that
 * order of precedence. Names files and lines in its complaints. */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include "base/arena.h"

typedef struct {
    const char *flag;        /* "--listen" */
    const char *env;         /* "MILLWRIGHT_LISTEN", or NULL */
    const char *placeholder; /* "ADDRESS"; NULL makes it a switch */
    const char *fallback;    /* or NULL */
    const char *help;
} Option;

typedef struct {
    const Option *options;
    size_t n_options;
    int argc;
    char **argv;          /* argv[0], the program or verb, is skipped */
    const char *env_file; /* ".env", or NULL; need not exist */
} ConfigSource;

typedef struct {
    const Option *options;
    size_t n_options;
    const char **values;    /* beside options; NULL when not given */
    const char **origins;   /* who said so: "--port", "MILLWRIGHT_PORT", ".env:3" */
    const char **arguments; /* what is left: positional arguments */
    size_t n_arguments;
    Arena *arena;
    Str problem; /* the first one, for a person; STR_NONE when all is well */
} Config;

/* False with out->problem set. `--flag value`, `--flag=value` and, for
 * switches, `--flag`; the last of several wins; `--` ends the flags. An empty
 * environment variable counts as not given. Values live in the arena, in argv
 * or in the environment. */
bool config_load(const ConfigSource *source, Arena *a, Config *out);

/* The flag must be one of the table. */
const char *config_get(const Config *c, const char *flag); /* NULL when not given */
bool config_on(const Config *c, const char *flag);
/* A whole number in [min, max]; else `min`, with c->problem set unless it was
 * set before: read all, then check once. */
int64_t config_int(Config *c, const char *flag, int64_t min, int64_t max);

/* The table for a terminal of 80 columns. */
void config_help(const Option *options, size_t n, Buf *out);

#endif
