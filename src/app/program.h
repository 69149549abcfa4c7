/* The running program below its HTTP server: registry, database, writer, pool
 * and identity, started in this order and stopped in the reverse. */
#ifndef APP_PROGRAM_H
#define APP_PROGRAM_H

#include "identity/identity.h"
#include "model/journal.h"
#include "model/migrate.h"

typedef struct {
    Registry *registry;      /* the caller's */
    const char *database;    /* URL */
    const char *database_read; /* of a standby; NULL = none */
    const char *data;        /* folder, made when missing */
    const char *secret;      /* or NULL */
    const char *redis;       /* URL, where nodes share rate limits; NULL = they do not */
    int64_t clock_offset;    /* seconds */
    int cache_kib;           /* page cache of the writer's connection; 0 = default */
    int workers;             /* threads of the pool; 0 = none */
    int connections;         /* the same where all of them write: in PostgreSQL */
    int timeout_s;           /* longest one of their statements may take; 0 = no limit */
    int queue;               /* writes that may wait; 0 = default */
    int identity_age_s;      /* how long it is remembered who asks; 0 = default */
    bool only_one;           /* no other server may have this database */
    bool counts_anew;        /* where many write: nothing counted is kept */
    bool rate_limit_off, demo, open_registration;
} ProgramConfig;

typedef struct {
    ProgramConfig config;
    Arena arena;
    App app;
    WriteSide side;
    int lock;       /* -1: not held */
    Db *db;         /* until the writer takes it */
    Str problem;    /* when program_open returned false */
} Program;

/* Opens and migrates the database (a copy first, see migrate.h) and starts
 * everything. On failure nothing is left running. */
bool program_open(Program *p, const ProgramConfig *config);
void program_close(Program *p);

/* A context of the program itself in p->arena, for work outside a request. */
void program_ctx(Program *p, Ctx *c, const char *origin);

/* Holds `path`.lock until the descriptor is closed: two programs must not
 * serve or migrate one database. -1 with a problem when another one holds it. */
int program_lock(const char *path, Arena *a, Str *problem);

#endif
