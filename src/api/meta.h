/* What the files that write GET /meta share; see meta.c. */
#ifndef API_META_H
#define API_META_H

#include "api/openapi.h"

typedef struct {
    Ctx *c;
    OpenApi *o; /* for reading what tables of input hold as text */
    Json *j;
} Meta;

/* --- meta_label.c --- */
/* "due_date" and "sales-orders" for people: "Due date", "Sales orders". */
Str meta_label(Arena *a, Str name);
/* Of a field, without the _id of a reference. */
Str meta_field_label(Arena *a, const ModelField *f, Str name);
/* neutral, info, warning, success or danger. */
const char *meta_tone(const Choice *choice);

/* --- meta_field.c --- */
/* The members "fields" and, where there are some, "lines". */
void meta_fields(Meta *m, const View *v);
void meta_inputs(Meta *m, const Action *a);

/* --- meta.c --- */
/* The way by which the caller comes to a resource; NULL: there is none. */
const View *meta_view(const Ctx *c, const Model *model);
/* The same, when they may read its records. */
const View *meta_readable(const Ctx *c, const Model *model);

#endif
