/* What migrating takes in each engine. For migrate.c only. */
#ifndef MODEL_MIGRATE_WORDS_H
#define MODEL_MIGRATE_WORDS_H

#include "db/db.h"

typedef struct {
    const char *dialect;
    const char *is_there;       /* a row when schema_migrations is */
    const char *create;         /* schema_migrations, where it is not */
    const char *hold, *release; /* keeps others from migrating meanwhile */
    const char *before, *after; /* each step */
    const char *broken;         /* rows that refer to nothing: table, row, parent; "": the engine sees to it */
    const char *done;           /* behind the last step */
} MigrateWords;

const MigrateWords *migrate_words(const Db *db);

#endif
