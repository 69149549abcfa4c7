/* What can be done with a resource's records beyond the generic verbs: one row
 * of its table of actions. */
#ifndef MODEL_ACTION_H
#define MODEL_ACTION_H

#include "model/field.h"

typedef struct Ctx Ctx;
typedef struct Change Change;
typedef struct Call Call;
typedef struct Query Query;

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
    ACTION_MAYBE_SIGNED_IN = 1 << 12, /* with ACTION_PUBLIC: a token that is given counts, and must be good */
    ACTION_ARRAY = 1 << 14,     /* its answer is a list of what `answer` says */
    ACTION_MOVES = 1 << 16,     /* moves stock or money: people are shown what it will do before (a dry run) */
    ACTION_FILTERED = 1 << 15,  /* with ACTION_GET, of the collection: takes a list's filters, read into call->query */
    ACTION_COOKIE = 1 << 17,    /* reads or sets the cookie of the web application's session */
    ACTION_TEXT = 1 << 13       /* without a name: any text follows the resource, GET /scan/YARN-40S */
};

typedef enum { RATE_GENERAL, RATE_UPLOAD, RATE_LOGIN, RATE_CLASSES } RateClass;

#define IN(state) (1u << (state))
#define NEVER_OPEN (1u << 31) /* open_states of what is never edited, but for F_LATE fields */
#define NO_STATE 0xff /* `to` of an action that is not a transition */
#define STAY     0xfe /* `to` of a transition that leaves the record in its state */

/* An action is a transition when it has `from`: one conditional change of
 * `status`, with its guard and effect; a call of its own with `run`; a list of
 * related records with `list_of`; or with `narrow` one of its own records. */
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
    /* GET /<resource>/<name> is the resource's list of what the filters that this adds leave. */
    bool (*narrow)(Ctx *c, Query *q);
    const Field *answer; /* for the documentation: what its answer holds, behind the record it creates */
    size_t n_answer;
    /* Refuses with fail(); the row is the record before the change. */
    bool (*guard)(Ctx *c, const Change *change);
    /* Says with fail() why it cannot start from another state; NULL: in the usual words. */
    bool (*refuse)(Ctx *c, const Row *before);
    /* Changes further fields of change->row before it is stored. */
    bool (*effect)(Ctx *c, Change *change);
    /* The whole body of a call of its own: writes its answer to c->out. */
    bool (*run)(Ctx *c, Call *call);
} Action;

#define LIST_OF(resource, field) .list_of = (resource), .list_by = (field), .permission = "read"
#define INPUT(array) .input = (array), .n_input = sizeof(array) / sizeof(*(array))
#define ANSWER(array) .answer = (array), .n_answer = sizeof(array) / sizeof(*(array))

#endif
