/* The write path: create, update, transition and delete of any resource, with
 * validation, references, numbers, lines, search, journal and live counts in
 * one transaction. On the writer only. */
#ifndef MODEL_WRITE_H
#define MODEL_WRITE_H

#include "model/query.h"

/* What is being done to one record. Hooks change `row` only. */
struct Change {
    const Model *model;
    const char *verb;     /* "create", "update", "delete", or the action's name */
    const Row *before;    /* NULL when creating */
    Row *row;             /* as it will be stored; NULL when deleting */
    FieldSet given;       /* fields the client (or a hook) set */
    bool lines_given;
    bool lines_altered;   /* change_line was used: lines stay, some of their fields differ */
    Value *asked;         /* by field: what was given for F_DERIVED ones; NULL: nothing */
    const Call *call;     /* body of the transition asked for; NULL on the way to a named status */
    void *hooks;          /* the resource's own, from its check to its saved */
};

/* PATCH changes what is given; a replacement and a creation want the required
 * fields, and a replacement takes the rest back to its fallback. */
typedef enum { INPUT_PATCH, INPUT_CREATE, INPUT_REPLACE } InputKind;

/* A body read over the field table: typed values of the given fields. */
typedef struct {
    Row row;
    FieldSet given;
    bool lines_given;
    int status;           /* choice index of a named status, -1 = none */
    InputKind kind;
} Input;

/* Reads a JSON object into typed values; every problem becomes an issue named
 * by its path ("line_items[0].quantity"). No database is touched. */
bool input_read(Ctx *c, const View *v, const json_t *object, InputKind kind, Input *out);
/* The same for a creation from named texts: one row of CSV. */
typedef struct {
    const Str *names, *texts;
    const ModelField *const *fields; /* of the names, NULL: of an unknown one */
    int n;
} TextRow;
bool input_read_texts(Ctx *c, const View *v, const TextRow *row, Input *out);
/* What the program itself changes of a record, or makes one of. */
Input patch_new(Ctx *c, const Model *m); /* gives nothing yet */
void patch_give(Input *in, const char *field, Value v);
/* An action's body. */
bool input_read_call(Ctx *c, const json_t *object_or_null, Call *call);
/* The same from the parameters of a GET, read as filters are: what is unknown,
 * given twice, missing or wrong is a 400 that names it. */
bool input_read_params(Ctx *c, Params params, Call *call);

/* One that the program makes itself, to change what is set; a named status is
 * reached by transitions. */
Input input_new(Ctx *c, const Model *m);
void input_set(Input *in, const char *field, Value v);

/* Each leaves the stored record in *out (with lines and display names). */
bool record_create(Ctx *c, const Model *m, Input *in, Row *out);
bool record_update(Ctx *c, const Model *m, int64_t id, Input *in, Row *out);
bool record_act(Ctx *c, const Model *m, const Call *call, Row *out); /* a transition of record call->id */
bool record_delete(Ctx *c, const Model *m, int64_t id);

/* For an action of its own that changes a record: loads it and claims it as a
 * change under that permission does (404, 403 by row scope, 412). */
bool record_claim(Ctx *c, const Model *m, int64_t id, int permission, Row *out);
/* Whether the caller may see a record that is loaded already. */
bool record_visible(const Ctx *c, const Row *row);
/* Stores a change whose `before` and `row` are at hand, whatever the resource's
 * own rules say of it: version, lines, search, followers, journal and live
 * counts. For changes that no rule is about, such as a reference that moves. */
bool change_keep(Ctx *c, Change *ch);
/* Calls an action of another resource, by name, for the caller and with their
 * permission; its answer goes to c->out. `values` are its input by field name. */
typedef struct {
    const char *field;
    Value value;
} Given;
bool action_call(Ctx *c, const Model *m, const char *action, const Given *values, int n);

/* Stores a row that other records' changes keep (a stock level, a posting): no
 * validation, no journal row, no new version; live counts stay exact. `before`
 * is NULL for a new row, which gets its id. */
bool record_put(Ctx *c, const Row *before, Row *row);
/* The same for a row that ends. */
bool record_take(Ctx *c, const Row *row);
/* From a `saved` hook, for the row that is being saved: what differs is stored,
 * and is part of the change. */
bool record_amend(Ctx *c, const Row *before, Row *row);

/* The record that an action of its own is about, when the caller may do that
 * with it; else false as a transition would be. */
bool record_of_call(Ctx *c, const Call *call, Row *out);
/* Whether the caller has this right on this record; no error is set. */
bool row_may(const Ctx *c, const Row *row, int permission);
/* The same of a stored one: false with E_NOT_FOUND or E_FORBIDDEN. */
bool record_allowed(Ctx *c, const Model *m, int64_t id, int permission);
/* Loads a record of the caller's organization; false with E_NOT_FOUND. */
bool record_load(Ctx *c, const Model *m, int64_t id, Row *out);
/* The record that an action of its own (`run`) is called on, if the caller may do
 * that to it (404 or 403) and has seen it as it is (412). */
bool record_for_call(Ctx *c, const Call *call, Row *out);
/* The first row of the caller's organization that `where` finds (over columns,
 * with values ?2, ?3, …; it may end with an ORDER BY), without display names
 * and lines. False without an error when there is none. */
typedef struct {
    const char *where;
    const Value *values;
    int n;
} Seek;
bool record_seek(Ctx *c, const Model *m, const Seek *seek, Row *out);
/* The id of the record whose `field` is `value`, 0 when there is none. */
int64_t record_find(Ctx *c, const Model *m, const char *field, Value value);

/* For domain code: values by field name (asserts that the field exists). */
Value row_get(const Row *row, const char *field);
void change_set(Change *ch, const char *field, Value v); /* also marks it given */
static inline bool change_gave(const Change *ch, const char *field) {
    return set_has(&ch->given, model_field(ch->model, field)->index);
}
bool change_altered(const Change *ch, const char *field); /* differs from before */
/* What was given for a field that is F_DERIVED; VALUE_NULL when nothing was. */
Value change_asked(const Change *ch, const char *field);
/* A line of ch->row for a hook to change fields of; it keeps its id. */
Row *change_line(Ctx *c, Change *ch, int i);
void row_set(Row *row, const char *field, Value v);
/* A new row of a model with its fallbacks, for record_put. */
Row row_fresh(Ctx *c, const Model *m);

/* Appends one row to the journal of c's organization, in this transaction.
 * `changes` is a JSON object. */
bool journal_append(Ctx *c, Str resource, int64_t record_id, Str action, Str changes);

/* Takes the next number of a series whose pattern is the field's. */
bool number_take(Ctx *c, const ModelField *f, Value *out);

#endif
