/* How a resource is said: const tables of fields, lines, actions and a few
 * hooks. Everything else (schema, endpoints, validation, filters, OpenAPI,
 * permissions, import, export, journal) derives from them.
 * docs/adding-a-resource.md walks one real file. */
#ifndef MODEL_RESOURCE_H
#define MODEL_RESOURCE_H

#include "model/field.h"

typedef struct Ctx Ctx;
typedef struct Change Change;
typedef struct Call Call;

/* Flags of an action. */
enum {
    ACTION_COLLECTION = 1 << 0, /* POST /<resource>/<action>, no id */
    ACTION_GET = 1 << 1,        /* a read: GET */
    ACTION_DELETE = 1 << 2,     /* DELETE /<resource>/<action> */
    ACTION_PATCH = 1 << 3,      /* PATCH /<resource>/<action> */
    ACTION_PUBLIC = 1 << 4,     /* no token needed */
    ACTION_SELF = 1 << 5,       /* any signed-in user: concerns only the caller */
    ACTION_POOL = 1 << 6,       /* runs on a worker thread (hashes a password, takes long); writes through ctx_write */
    ACTION_CREATES = 1 << 7,    /* answers 201 */
    ACTION_SECRET = 1 << 8,     /* its answer holds a secret: never stored for a replay */
    ACTION_ITEM = 1 << 9,       /* an id may follow: DELETE /auth/sessions/7 */
    /* A transition whose effect needs the stored record and its lines: creating
     * with a status behind it inserts the record first. */
    ACTION_STORED = 1 << 10,
    ACTION_RECORD = 1 << 11,    /* with `run`: its answer is the record (for the documentation) */
    ACTION_MAYBE_SIGNED_IN = 1 << 12 /* with ACTION_PUBLIC: a token that is given counts, and must be good */
};

typedef enum { RATE_GENERAL, RATE_UPLOAD, RATE_LOGIN, RATE_CLASSES } RateClass;

#define IN(state) (1u << (state))
#define NEVER_OPEN (1u << 31) /* open_states of what is never edited, but for F_LATE fields */
#define NO_STATE 0xff /* `to` of an action that is not a transition */
#define STAY     0xfe /* `to` of a transition that leaves the record in its state */

/* An action is a transition when it has `from`: one conditional change of
 * `status`, with its guard and effect; a call of its own with `run`; or a list
 * of related records with `list_of`. */
typedef struct {
    const char *name;
    uint32_t flags;
    const char *summary;
    uint32_t from;  /* states it starts from, IN(A) | IN(B) */
    uint8_t to;     /* state it leads to */
    const char *permission; /* NULL: its name */
    RateClass rate;
    const Field *input; /* what its body may hold; of ACTION_GET: its query parameters */
    size_t n_input;
    const Lines *lines; /* and a list in it: name, fields and max; NULL: none */
    /* GET /<resource>/<id>/<name> is the list of another resource's records that
     * refer to this one: which resource, and by which field. */
    const char *list_of, *list_by, *list_order; /* list_order: NULL: as that resource's own list */
    const Field *answer; /* for the documentation: what its answer holds, behind the record it creates */
    size_t n_answer;
    /* Refuses with fail(); the row is the record before the change. */
    bool (*guard)(Ctx *c, const Change *change);
    /* Changes further fields of change->row before it is stored. */
    bool (*effect)(Ctx *c, Change *change);
    /* The whole body of a call of its own: writes its answer to c->out. */
    bool (*run)(Ctx *c, Call *call);
} Action;

/* Another path for a resource, with other names for some of its fields. */
typedef struct {
    const char *name, *as; /* the field's name, and what it is called here */
} Rename;
typedef struct {
    const char *path; /* "workorders" */
    const Rename *renames;
    size_t n_renames;
} Alias;

/* Flags of a resource. */
enum {
    R_READ_ONLY = 1 << 0,  /* no create, update, delete, bulk, import */
    R_NO_CREATE = 1 << 1,  /* made by other means */
    R_NO_DELETE = 1 << 2,
    R_SYSTEM = 1 << 3,     /* administration: only roles that say so may touch it */
    R_VIRTUAL = 1 << 4,    /* no table: only actions */
    R_TENANT = 1 << 5,     /* the organizations themselves: the tenant column is id */
    R_SLOW_INPUT = 1 << 6, /* reading its input takes long (hashes): on a worker thread */
    R_APPEND_ONLY = 1 << 7, /* triggers refuse UPDATE (but of F_DERIVED) and DELETE; id and declared fields only */
    R_INTERNAL = 1 << 8,   /* a table without endpoints; id and declared fields only */
    R_GLOBAL = 1 << 9,     /* belongs to no organization (always internal) */
    R_SINGLETON = 1 << 10, /* one record per organization, made of its fallbacks when first written; no list, no ids */
    R_PERSONAL = 1 << 11,  /* a record with an owner is there for that user only; one without is everybody's */
    R_TRACKED = 1 << 12    /* read-only, but every change passes record_put: live counts hold */
};

typedef struct {
    const char *name;     /* "purchase-orders" */
    const char *singular; /* "purchase order", for messages */
    const char *summary;  /* one line for the documentation */
    uint32_t flags;
    const char *table;    /* NULL: the name with underscores */
    struct {
        const char *column, *value;
    } only;               /* the part of a shared table that is this resource */
    const char *display;  /* field that names a record to people */
    const char *key;      /* field by which a reference may name a record instead of its id */
    const char *owner;    /* reference to a user: with created_by it makes a record someone's own */
    const char *default_order; /* NULL: "-id" */
    const Field *fields;
    size_t n_fields;
    const Lines *lines;   /* NULL: none */
    const char *const *indexes; /* further ones: "status,due_date"; ends with NULL */
    const char *const *uniques; /* columns that are unique together: "product_id,name"; ends with NULL */
    const char *const *checks;  /* SQL CHECKs over columns; ends with NULL */
    const Alias *aliases;
    size_t n_aliases;
    const Action *actions;
    size_t n_actions;
    uint32_t open_states;  /* states in which every field may change; others are frozen but for F_LATE; 0 = always open */
    uint32_t done_states;  /* states that count as finished: not overdue */
    const char *due;       /* date field that makes an unfinished record overdue */
    /* Validates and completes change->row before it is stored (create, update
     * and transition), or refuses a deletion (row is NULL). Runs on the writer
     * with the database at hand. */
    bool (*check)(Ctx *c, Change *change);
    /* After the record is stored, in the same transaction. */
    bool (*saved)(Ctx *c, Change *change);
    /* For `millwright verify` only: whether a stored record and its lines agree
     * with each other; false with what is wrong in *problem ("subtotal is 5,
     * its lines make 4"), in c's arena. */
    bool (*prove)(Ctx *c, const Row *row, Str *problem);
} Resource;

/* What another area does after a record of a resource it does not own is
 * stored or deleted: in the same transaction, behind the resource's own
 * `saved`. False with an error takes the change back. */
typedef struct {
    const char *resource;
    bool (*saved)(Ctx *c, Change *change);
    /* For `millwright verify`, as Resource.prove; NULL: nothing to prove. */
    bool (*prove)(Ctx *c, const Row *row, Str *problem);
} Follower;

#define TABLE_OF(array) (array), (sizeof(array) / sizeof(*(array)))
#define FIELDS(array) .fields = (array), .n_fields = sizeof(array) / sizeof(*(array))
#define ACTIONS(array) .actions = (array), .n_actions = sizeof(array) / sizeof(*(array))
#define LIST_OF(resource, field) .list_of = (resource), .list_by = (field), .permission = "read"
#define INPUT(array) .input = (array), .n_input = sizeof(array) / sizeof(*(array))
#define ANSWER(array) .answer = (array), .n_answer = sizeof(array) / sizeof(*(array))
#define ALIASES(array) .aliases = (array), .n_aliases = sizeof(array) / sizeof(*(array))
#define RENAMES(array) .renames = (array), .n_renames = sizeof(array) / sizeof(*(array))
#define LINE_FIELDS(array) .fields = (array), .n_fields = sizeof(array) / sizeof(*(array))

#endif
