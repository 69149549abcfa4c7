/* Rows in memory, typed. A Value is the database floor's: integer or text. */
#ifndef MODEL_VALUE_H
#define MODEL_VALUE_H

#include "db/db.h"

typedef struct Model Model;
typedef struct ModelField ModelField;

#define FIELDS_MAX 128 /* of one resource, checked at start */

typedef struct {
    uint64_t w[2];
} FieldSet;

static inline bool set_has(const FieldSet *s, int i) { return s->w[i >> 6] >> (i & 63) & 1; }
static inline void set_add(FieldSet *s, int i) { s->w[i >> 6] |= (uint64_t)1 << (i & 63); }
static inline void set_drop(FieldSet *s, int i) { s->w[i >> 6] &= ~((uint64_t)1 << (i & 63)); }
static inline FieldSet set_all(void) { return (FieldSet){{~(uint64_t)0, ~(uint64_t)0}}; }
static inline bool set_empty(const FieldSet *s) { return !(s->w[0] | s->w[1]); }

/* One record: a value per field of its model, in the model's order. `names`
 * holds the display name of the record each reference points to, where known.
 * Lines are rows of the model's lines model. Everything is in the request's
 * arena. */
typedef struct Row {
    const Model *model;
    Value *values;
    Str *names;
    struct Row *lines;
    int n_lines;
} Row;

Row row_new(Arena *a, const Model *m); /* all NULL, no lines */
Row row_copy(Arena *a, const Row *row); /* deep for values, shares line rows */

#endif
