/* Shared by the files that make the registry; nothing else includes it. */
#ifndef MODEL_REGISTRY_BUILD_H
#define MODEL_REGISTRY_BUILD_H

#include "model/ctx.h"

typedef struct {
    Arena *arena;
    Registry *registry;
    Buf *report;
    int problems;
    Ctx *ctx; /* for parsing fallbacks and bounds */
} Build;

/* Adds "R007 where: what" to the report; always false. */
bool build_report(Build *b, const char *rule, const char *where, const char *what);
/* Rules over one model's tables, before anything is linked. */
void registry_check_model(Build *b, const Model *m);
/* Rules over resources that share a table, after linking. */
void registry_check_tables(Build *b);
/* Ties the parts of shared tables to their wholes, after everything is linked. */
void registry_link_wholes(Build *b);
/* Fills select_sql, insert_sql and lines_sql. */
void sql_compile(Arena *arena, Model *m);

#endif
