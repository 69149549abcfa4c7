/* What the files that write the OpenAPI document share; see openapi.c. */
#ifndef API_OPENAPI_H
#define API_OPENAPI_H

#include "api/request.h"

typedef struct {
    const Registry *registry;
    Arena *arena;
    Ctx *ctx; /* for reading values that the tables hold as text */
    Json json;
} OpenApi;

/* One operation: a verb of a view, or an action when there is one. */
typedef struct {
    OpenApi *o;
    const View *view;
    const Verb *verb;
    const Action *action;
    int action_at;
    Str path; /* "/work-orders/{id}/start" */
} Operation;

/* What a schema is for. */
typedef enum { SIDE_READ, SIDE_CREATE, SIDE_UPDATE } Side;

/* --- openapi.c --- */
/* JSON with ' in the place of ", for readable literals. */
void openapi_literal(Json *j, const char *text);
void openapi_ref(Json *j, const char *kind, Str name); /* {"$ref":"#/components/KIND/NAME"} */
/* "WorkOrder"; an alias that renames fields has schemas of its own. */
Str openapi_schema_name(OpenApi *o, const View *v);
bool openapi_own_schemas(const View *v);
Str openapi_plural(OpenApi *o, const Model *m); /* "work orders" */

/* --- openapi_field.c --- */
bool openapi_writable(const ModelField *f, Side side);
/* Whether a body has lines: those of what is never edited are given once. */
bool openapi_has_lines(const Model *m, Side side);
bool openapi_required(const ModelField *f, Side side);
/* `name`: what it is called there. */
void openapi_field(OpenApi *o, const ModelField *f, Side side, Str name);
/* The value's schema alone: type, limits, choices. */
void openapi_type(OpenApi *o, const ModelField *f, Side side);
/* How long a text may be, in characters; 0: it is none, or has limits of its own. */
int openapi_length(const ModelField *f);
/* An action's input field as the model's fields are. */
ModelField openapi_input_field(OpenApi *o, const Field *decl, int index);

/* --- openapi_example.c --- */
Str openapi_example(OpenApi *o, const ModelField *f);              /* JSON */
void openapi_example_create(OpenApi *o, const View *v, Side side); /* POST and PUT bodies */
void openapi_example_update(OpenApi *o, const View *v);
void openapi_example_read(OpenApi *o, const View *v);
void openapi_example_list(OpenApi *o, const View *v);
void openapi_example_input(OpenApi *o, const Action *a);
void openapi_example_answer(OpenApi *o, const View *v, const Action *a);

/* --- openapi_stats.c --- */
void openapi_stats_schema(OpenApi *o, const View *v);
void openapi_stats_example(OpenApi *o, const View *v);

/* --- openapi_schema.c --- */
/* The members of components.schemas and components.examples of a view. */
void openapi_schemas(OpenApi *o, const View *v);
void openapi_examples(OpenApi *o, const View *v);
void openapi_input_schema(OpenApi *o, const Action *a);
void openapi_answer_schema(OpenApi *o, const View *v, const Action *a);
bool openapi_answers_record(const View *v, const Action *a);
/* "required": […] of what a body must hold. */
void openapi_required_list(OpenApi *o, const View *v, Side side);

/* --- openapi_operation.c --- */
const char *openapi_method(const Verb *v, const Action *a); /* "post" */
void openapi_operation(const Operation *op);

/* --- openapi_common.c: what all operations refer to --- */
void openapi_common_schemas(OpenApi *o);
void openapi_common_parameters(OpenApi *o);
void openapi_filter_parameters(OpenApi *o, const View *v);
void openapi_filter_refs(OpenApi *o, const View *v);
void openapi_common_headers(OpenApi *o);
void openapi_common_responses(OpenApi *o);
void openapi_error_ref(OpenApi *o, int status); /* "404": {"$ref": …} */
void openapi_errors(OpenApi *o);                /* the table of codes */

#endif
