/* How a resource is said: const tables of fields, lines, actions and a few
 * hooks. Everything else (schema, endpoints, validation, filters, OpenAPI,
 * permissions, import, export, journal) derives from them.
 * docs/adding-a-resource.md walks one real file. */
#ifndef MODEL_RESOURCE_H
#define MODEL_RESOURCE_H

#include "model/action.h"

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
    R_TRACKED = 1 << 12,   /* read-only, but every change passes record_put: live counts hold */
    R_MOVES = 1 << 13,     /* making one moves stock or money: people are shown what it does before (a dry run) */
    R_ACROSS = 1 << 14     /* its actions are about a person, who may be in several organizations: the database shows all */
};

typedef struct {
    const char *name;     /* "purchase-orders" */
    const char *singular; /* "purchase order", for messages */
    const char *summary;  /* one line for the documentation */
    const char *area;     /* where menus have it: "sales"; NULL: "administration" with R_SYSTEM, else "other" */
    uint32_t flags;
    const char *table;    /* NULL: the name with underscores */
    /* The part of a shared table that is this resource. A column (one of its fields)
     * without a value: it reads the whole table, and makes the kinds no other has. */
    struct {
        const char *column, *value;
    } only;
    const char *display;  /* field that names a record to people */
    const char *key;      /* field by which a reference may name a record instead of its id */
    const char *owner;    /* reference to a user: with created_by it makes a record someone's own */
    const char *client;   /* reference to a customer (or "id"): whose users may see the record, by a client alias */
    const char *default_order; /* NULL: "-id" */
    const Field *fields;
    size_t n_fields;
    const Lines *lines;   /* NULL: none */
    const char *const *indexes; /* further ones: "status,due_date"; ends with NULL */
    const char *const *uniques; /* columns that are unique together: "product_id,name"; ends with NULL */
    const char *const *checks;  /* SQL CHECKs over columns, see schema_check; ends with NULL */
    const Alias *aliases;
    size_t n_aliases;
    const Action *actions;
    size_t n_actions;
    uint32_t open_states;  /* states in which every field may change; others are frozen but for F_LATE; 0 = always open */
    uint32_t done_states;  /* states that count as finished: not overdue */
    const Alike *alike;    /* for duplicates (alike.h); ends with {0} */
    const char *together;  /* fields that a merge takes all or none: "address,city" */
    struct {
        /* A query of what the rows of organization ?1 were at the instant ?2,
         * with all columns but those of hidden fields; NULL: only now is known. */
        const char *rows;
        const char *empty; /* condition over t of rows with nothing in them: left out unless include_empty=true */
    } as_of;
    const char *due;       /* date field that makes an unfinished record overdue */
    struct {
        const char *resource, *id; /* two fields that name a record of any resource: it exists, and stays */
    } subject;
    bool (*stats)(Ctx *c, const Query *q); /* writes further members of the statistics of what q finds */
    const Field *stats_answer;             /* their documentation */
    size_t n_stats_answer;
    /* Before its rows are read for a client, outside of any transaction. */
    bool (*fresh)(Ctx *c);
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
#define STATS(function, array) \
    .stats = (function), .stats_answer = (array), .n_stats_answer = sizeof(array) / sizeof(*(array))
#define ALIASES(array) .aliases = (array), .n_aliases = sizeof(array) / sizeof(*(array))
#define RENAMES(array) .renames = (array), .n_renames = sizeof(array) / sizeof(*(array))
#define LINE_FIELDS(array) .fields = (array), .n_fields = sizeof(array) / sizeof(*(array))

#endif
