/* Numbered steps of the schema: applied in order, each in a transaction of
 * its own together with its row in schema_migrations, so that a program that
 * dies at any moment finishes at its next start. */
#ifndef MODEL_MIGRATE_H
#define MODEL_MIGRATE_H

#include "model/registry.h"

typedef struct {
    int64_t version; /* 1 of 0001_initial.sql */
    Str label;       /* "0001_initial" */
    Str text, up, down;
} Migration;

typedef struct {
    Migration *list; /* versions first, first + 1, … */
    int n;
    int first;       /* 0 as 1: of the whole history */
} Migrations;

/* What the last one is called by; 0 without any. */
static inline int migrations_last(const Migrations *m) { return m->n ? (m->first ? m->first : 1) + m->n - 1 : 0; }

/* Adds one file ("0001_initial.sql" and its text, which stay the caller's);
 * files come in the order of their names. False with a line in *problem when
 * the name, the number or the sections (`-- up`, `-- down`) are wrong. */
bool migrations_add(Migrations *m, Arena *a, Str file, Str text, Str *problem);

typedef struct {
    Db *db; /* open for DB_WRITE, nobody else writes */
    const Migrations *known;
    const char *copy_beside; /* database file that is copied before a step; NULL: no copy */
    Arena *arena;
    Buf *told;   /* what was done, a line each, for a person */
    Str problem; /* set when a call returned false */
} Migrator;

/* Refuses a database that a newer program has migrated, or whose applied
 * steps are not those this program knows. */
bool migrate_up(Migrator *m);
bool migrate_down(Migrator *m, int64_t steps);
bool migrate_status(Migrator *m, Buf *out);
bool migrate_sql(Migrator *m, Buf *out); /* what migrate_up would run */

/* For the two below m->db may be NULL. A database in memory, migrated to the
 * last step; NULL with a problem. */
Db *migrate_in_memory(Migrator *m);
/* The text of the file that brings the schema the migrations make to that of
 * the registry; nothing when they are equal. It proved itself in memory, forth
 * and back. */
bool migrate_difference(Migrator *m, const Registry *r, Buf *out);

#endif
