/* Shared by the files that print the schema: schema.c, schema_index.c, schema_guard.c. */
#ifndef MODEL_SCHEMA_PARTS_H
#define MODEL_SCHEMA_PARTS_H

#include "model/schema.h"

#define SHARERS_MAX 16

/* What the dialects call the same thing. */
typedef struct {
    const char *dialect;
    const char *id, *line_id;  /* primary key columns */
    const char *integer;       /* tenant, parent and position columns */
    const char *text;          /* constant columns */
    const char *tenant_key;    /* makes (organization_id, id) a key to refer to */
    const char *table_end;
    bool native;               /* PostgreSQL's own types, keys and guards; else SQLite's */
} Words;

typedef struct {
    Str name;
    const ModelField *field; /* the first that has this column */
    int sharers;             /* models that have it */
    int requirers;           /* models in which it is never null */
} Column;

typedef struct {
    Str name;
    const Model *models[SHARERS_MAX];
    int n_models;
    Column *columns; /* without id, tenant and constant column */
    int n;
} Table;

typedef struct {
    const Registry *registry;
    const Words *words;
    Arena arena;
    Buf *out;
    Table **tables;
    int n;
    int elements; /* written between the parentheses of this CREATE TABLE */
} Schema;

static inline bool model_has(const Model *m, uint32_t flag) { return (m->resource->flags & flag) != 0; }
static inline bool has_tenant(const Model *m) { return m->parent || !model_has(m, R_TENANT | R_GLOBAL); }

static inline bool field_stored(const ModelField *f) { return !(f->flags & F_NO_COLUMN) && f->index != f->model->id; }

/* schema.c */
Column *column_find(const Table *t, Str name);
/* A column that some resources of the table lack is NOT NULL only when the
 * database can fill it for them. */
bool column_required(const Table *t, const Column *c);
/* Parents without an organization, and children without one, need no tenant
 * in the reference. */
bool plain_reference(const ModelField *f);

/* schema_index.c */
void indexes_write(Schema *s, const Table *t);

/* schema_guard.c: what protects and finds the rows of a table. */
void guard_begin(Schema *s);
void guard_table(Schema *s, const Table *t);

#endif
