/* The compiled resources: made once at start from the const tables, const
 * afterwards. A bad descriptor is refused with a stable id (R001 …), so that
 * nothing starts on it. */
#ifndef MODEL_REGISTRY_H
#define MODEL_REGISTRY_H

#include "base/map.h"
#include "model/resource.h"
#include "model/type.h"

#define FOLLOWERS_MAX 8 /* of one resource */

typedef enum {
    FALLBACK_NONE,
    FALLBACK_VALUE,
    FALLBACK_TODAY,
    FALLBACK_NOW,
    FALLBACK_ME
} Fallback;

struct ModelField {
    const Field *decl;
    const FieldType *type;
    const Model *model;
    int index;
    uint32_t flags;
    Str name, column, key; /* key: `"name":` */
    int max_length;
    bool not_null;
    Value min, max;        /* V_NULL: none */
    Fallback fallback;
    Value fallback_value;  /* FALLBACK_VALUE */
    const Model *ref;      /* T_REF */
    Str name_key;          /* T_REF: `"customer_name":`, p NULL when not printed */
    Str object_name;       /* T_REF: "customer", for expand */
    const ModelField *snapshot_of, *found_by, *folds;
};

/* Permissions of a model, by index: these, then one per distinct action. */
enum { MAY_READ, MAY_CREATE, MAY_UPDATE, MAY_DELETE, MAY_EXPORT, MAY_IMPORT, MAY_ACTIONS };
#define PERMISSIONS_MAX 64

typedef struct {
    Str path;             /* "workorders"; the first view is the native one */
    const Model *model;
    Str *keys;            /* per field `"name":` as printed here */
    Str *names;           /* per field, without quotes */
    Map by_name;          /* input and filter names -> ModelField */
    FieldSet hidden;      /* fields that are not there in this view */
    const char *const *offers; /* see Alias.offers */
    bool client;          /* see Alias.client */
} View;

struct Model {
    const Resource *resource;
    int index;            /* in the registry; -1 for lines */
    Str name, table;
    Str tenant;           /* tenant column, "organization_id" or "id" */
    ModelField *fields;
    int n;
    /* Where the fields with a meaning are; -1 = the model has none. */
    int id, version, created_by, created_at, updated_at, status, display, number, owner, due, client;
    int subject_resource, subject_id;
    const Model *lines;   /* NULL: none */
    const Model *parent;  /* of a lines model */
    const Lines *lines_decl;
    Str lines_key;        /* `"line_items":` */
    bool searchable;
    View *views;
    int n_views;
    uint8_t *literals;    /* 1 + index of a field by the address of its name: see model_field() */
    int literal_bits;
    Str permissions[PERMISSIONS_MAX];
    int n_permissions;
    int *action_permission; /* per action: index into permissions */
    uint8_t initial;      /* state a new record starts in */
    /* A part of a shared table that another resource is the whole of: that one,
     * and for each of its fields where its value is here (or WHOLE_NONE, WHOLE_KIND). */
    const Model *whole;
    int *whole_from;
    int kind;             /* of a whole: the field that tells which part a row is; else -1 */
    const Follower *followers[FOLLOWERS_MAX];
    int n_followers;
    /* SQL prepared from the tables. */
    Str select_sql;       /* SELECT every column (and display names) … WHERE tenant=?1 AND id=?2 */
    Str insert_sql;       /* every stored column but id, tenant first */
    Str seek_sql;         /* SELECT every column … WHERE tenant=?1 AND, to be continued */
    Str lines_sql;        /* lines of a parent: ?1 tenant, ?2 parent id */
};

enum { WHOLE_NONE = -1, WHOLE_KIND = -2 };

/* The column that only rows of this resource have its value in; NULL: it has
 * the table for itself, or is the whole of a shared one. */
static inline const char *model_only(const Model *m) {
    return m->parent || !m->resource->only.value ? NULL : m->resource->only.column;
}

/* Said in the resource, as opposed to the fields that every resource gets. */
bool field_declared(const ModelField *f);
/* Whether the schema has an index that begins with the field, behind the organization
 * and the part of a shared table. */
bool field_indexed(const ModelField *f);

typedef struct Registry {
    Arena arena;
    Model *models;        /* in the modules' order */
    int n;
    Map by_path;          /* path of any view -> View */
    Map by_name;          /* native name -> Model */
} Registry;

/* NULL with every problem in *report ("R007 purchase-orders.due_date: …", a
 * line each) when a descriptor is wrong. */
Registry *registry_new(const Resource *const *resources, size_t n, Buf *report);
/* Adds the followers, a list that ends with {0}; called once, before anything
 * uses the registry. False with the problems in *report. */
bool registry_follow(Registry *r, const Follower *followers, Buf *report);
void registry_free(Registry *r);
const Model *registry_model(const Registry *r, const char *name); /* aborts when absent: a bug */
const View *registry_view(const Registry *r, Str path);           /* NULL: none */

const ModelField *model_field(const Model *m, const char *name);  /* aborts when absent: a bug */
/* The index of a choice of a T_ENUM field, -1 when it is not one. */
int choice_index(const ModelField *f, Str canonical);
/* Accepts any case, and spaces or hyphens for underscores; -1 when unknown. */
int choice_parse(const ModelField *f, Str text);
int choice_count(const ModelField *f);
const Action *model_action(const Model *m, Str name, int *index); /* NULL: none */
/* Whose the rows of a kind are in a whole table: a part, or the whole itself. */
const Model *model_part(const Registry *r, const Model *whole, Str kind);
/* " AND t.kind = 'x'", or for a whole that the kind is none of the parts': the
 * rows that are a resource's to change. Nothing for a table of its own. */
void model_rows_sql(const Registry *r, const Model *m, Buf *out);

#endif
