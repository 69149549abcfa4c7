/* How a field is said: one row of a resource's table. */
#ifndef MODEL_FIELD_H
#define MODEL_FIELD_H

#include "base/str.h"
#include "model/value.h"

typedef struct FieldType FieldType;

/* Flags of a field. A column is NOT NULL when the field is required or has a
 * fallback. Filterable and sortable columns get an index (organization first). */
enum {
    F_REQUIRED = 1 << 0,    /* must be given when creating, and never null */
    F_READONLY = 1 << 1,    /* the server's: refused on input */
    F_CREATE_ONLY = 1 << 2, /* may be given when creating, not changed later */
    F_FILTER = 1 << 3,
    F_SORT = 1 << 4,
    F_SEARCH = 1 << 5, /* its words are found by ?search= */
    F_UNIQUE = 1 << 6, /* within the organization (and the resource's `only`) */
    F_LATE = 1 << 7,   /* may still change when the document is frozen */
    F_HIDDEN = 1 << 8, /* stored, never printed, exported or filtered */
    F_NO_COLUMN = 1 << 9, /* input only; a hook uses it */
    F_SUM = 1 << 10,   /* statistics print total_<name> of it */
    F_SECRET = 1 << 11, /* the journal says that it changed, not what it is */
    F_UNINDEXED = 1 << 12, /* filterable, but only used beside an indexed field */
    F_OPEN_REF = 1 << 13, /* a reference whose unknown id is the check hook's business: its display name stays NULL */
    F_DERIVED = 1 << 14, /* kept by what other records do (record_put): the record's own writes leave it; a value
                          * given for it is in change->asked for a hook; may change in an append-only table */
    F_GLOBAL = 1 << 15, /* beside F_UNIQUE: over all organizations, and looked up without knowing which */
    F_CHECKED = 1 << 16, /* a reference that the check hook looks up itself: an id is not looked up before */
    F_FILLED = 1 << 21,  /* beside F_REQUIRED: may be left out, the check hook fills it or refuses */
    F_COUNTED = 1 << 22, /* statistics print the count of each of its choices at the top, too */
    F_COPY = 1 << 18, /* a reference that repeats what another one's record says: the database does not check it again */
    F_TYPICAL = 1 << 20, /* an example of a body shows it, though it is a reference that can be left out */
    F_SPECIAL = 1 << 19, /* only some records can have it: no example of a body shows it */
    F_SCAN = 1 << 17 /* its value is printed as a code, by which /scan finds the record */
};

typedef struct {
    const char *name;
    const char *also; /* another spelling accepted on input, or NULL */
    const char *tone; /* neutral, info, warning, success or danger; NULL: what its name usually means */
} Choice;

typedef struct {
    const char *name;
    const FieldType *type;
    uint32_t flags;
    const char *column;      /* NULL: as the name */
    const char *ref;         /* T_REF: the resource it refers to */
    const Choice *choices;   /* T_ENUM: ends with {0} */
    const char *fallback;    /* value when left out, as text ("0", "medium"); "today", "now" and "me" are known */
    const char *min, *max;   /* as text, inclusive */
    int max_length;          /* text, in characters; 0 = the type's (255) */
    const char *series;      /* number series pattern: the server fills the field when it is left out */
    const char *also;        /* other names accepted on input and in filters, "a,b" */
    const char *snapshot_of; /* a reference field: filled with its record's display name when left out */
    const char *counted_as;  /* statistics print by_<this> besides by_<name> */
    const char *folds;       /* another field: this one, hidden, holds that field's text folded … */
    void (*fold)(Buf *out, Str text); /* … like this, whenever a record is stored (base/fold.h) */
    const char *found_by;    /* a reference: to the record whose key is that field's text, if there is one */
    const char *label;       /* for people; NULL: made of the name ("due_date": Due date) */
    const char *help;
    const char *example;     /* empty: left out of the bodies of examples */
} Field;

/* A child collection stored in its own table and written with its parent. */
typedef struct {
    const char *name;   /* "line_items" */
    const char *also;   /* "lines" */
    const char *table;  /* "order_lines" */
    const char *parent; /* column that refers to the parent's id */
    const Field *fields;
    size_t n_fields;
    int max; /* lines in one document */
} Lines;

/* Another path for a resource, with other names for some of its fields. */
typedef struct {
    const char *name, *as; /* the field's name, and what it is called here */
} Rename;
typedef struct {
    const char *path; /* "workorders" */
    const Rename *renames;
    size_t n_renames;
    const char *const *hides; /* fields that are not there under this path; ends with NULL */
    const char *const *offers; /* the verbs and actions there are under this path; NULL: all; ends with NULL */
    bool client;      /* the way of users from outside (Resource.client), who come by no other; nobody else does */
} Alias;

/* By what two records may be the same: a field, or one that folds a field. */
typedef struct {
    const char *key;
    int score;    /* when they are equal, of 100 */
    bool similar; /* also when they only resemble each other: a field that folds a searchable one */
} Alike;

#endif
