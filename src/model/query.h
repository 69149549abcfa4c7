/* Lists, single records, totals and statistics: parameters -> plan -> SQL ->
 * JSON. Reads only. */
#ifndef MODEL_QUERY_H
#define MODEL_QUERY_H

#include "model/ctx.h"

typedef struct {
    Str name, value; /* decoded */
} Param;

typedef struct {
    const Param *list;
    int n;
} Params;

typedef enum {
    OP_EQ, OP_NE, OP_GT, OP_GTE, OP_LT, OP_LTE, OP_IN, OP_CONTAINS, OP_STARTSWITH, OP_ISNULL,
    OP_OWN,     /* created by or assigned to values[0]: the row scope */
    OP_PERSONAL /* owned by values[0] or by nobody: R_PERSONAL */
} Op;

typedef struct {
    const ModelField *field; /* NULL for OP_OWN and OP_PERSONAL */
    Op op;
    Value *values;
    int n;
} Filter;

typedef struct {
    const ModelField *field;
    bool descending;
} SortKey;

/* What its rows are found by; ROWS: a search whose rows are known by other means than the search table. */
typedef enum { LEAD_PLANNER, LEAD_FILTERS, LEAD_ORDER, LEAD_ROWS } Lead;

#define SORT_KEYS_MAX 4
#define FILTERS_MAX 32
#define PAGE_SIZE_DEFAULT 50
#define PAGE_SIZE_MAX 1000

struct Query {
    const View *view;
    const Model *model;
    Filter filters[FILTERS_MAX];
    int n_filters;
    Str search;
    Str as_of;            /* an instant; n 0: now */
    bool include_empty;   /* also what was empty then */
    SortKey sort[SORT_KEYS_MAX + 1]; /* ends with id */
    int n_sort;
    int64_t page, size, offset;
    bool by_offset, has_cursor; /* skip & limit, or a cursor, was given */
    Value cursor[SORT_KEYS_MAX + 1];
    FieldSet fields;
    FieldSet expand;      /* reference fields to print as objects */
    bool expand_lines;
    FieldSet expand_line_refs;
    bool count;
    Lead lead;            /* list_lead.h, search_lead.h */
};

/* Fields that no client may see, filter or sort by; and those by which it may. */
#define F_PRIVATE (F_HIDDEN | F_SECRET | F_NO_COLUMN)
static inline bool field_shown(const ModelField *f) { return !(f->flags & F_PRIVATE); }
bool field_filterable(const ModelField *f);
bool field_sortable(const ModelField *f);

/* Reads list parameters; unknown names, operators and values are a 400 that
 * names them. Adds the row scope of the caller's `permission`. */
bool query_read(Ctx *c, const View *v, Params params, int permission, Query *q);
/* The same, of the records whose `by` is `id` (whatever the client's parameters
 * say, no others are found), in another default order. */
typedef struct {
    const View *view;
    int permission;
    const ModelField *by;  /* NULL: of all */
    int64_t id;
    const char *order;     /* NULL: the resource's */
} Listed;
bool query_read_listed(Ctx *c, Params params, const Listed *of, Query *q);
/* Only fields= and expand=, for single records. */
bool query_read_one(Ctx *c, const View *v, Params params, int permission, Query *q);

/* One condition more, for an action that narrows or counts. */
bool query_narrow(Ctx *c, Query *q, const char *field, Op op, Value value);
/* Only what has the date `field` in the month so many behind today's; says which: "2026-01". */
bool query_month(Ctx *c, Query *q, const char *field, int months, Str *month);
/* A past moment as clients say it: a date (to the end of that day where the
 * organization is; today: now) or an instant. False with a 400. */
bool query_moment(Ctx *c, Str text, Str *instant);

typedef struct {
    int64_t total, least; /* -1: not counted; as many are known by the page itself */
    bool total_is_least;  /* there are more: a search that finds many */
    bool more;
    Str next_cursor;      /* STR_NONE at the end */
} Page;

/* Writes the items of a page as a JSON array to c->out. Leaves page->total. */
bool query_items(Ctx *c, const Query *q, Page *page);
/* The exact number of records the query would find without paging. `known`
 * is true when it can be told without reading the table. Totals and statistics
 * must not be asked for inside db_begin_read: what they keep for the next one
 * would be vouched for by a version younger than their snapshot. */
bool query_total(Ctx *c, const Query *q, int64_t *total);
bool query_total_known(Ctx *c, const Query *q, int64_t *total);
bool query_page_total(Ctx *c, const Query *q, Page *page); /* of a search perhaps the least there are */
/* How many records the query finds, and the sum of a money or quantity field. */
bool query_sum(Ctx *c, const Query *q, const char *field, int64_t *count, int64_t *sum);
/* Counts of what the query finds by choice of an enumeration, in the order of its
 * choices and at last those without one; and the sums of `sum` (NULL: none). */
#define GROUPS_MAX 33
typedef struct {
    const Choice *choices;
    int64_t count[GROUPS_MAX], sum[GROUPS_MAX];
    int n;
} Grouped;
bool query_groups(Ctx *c, const Query *q, const char *group, const char *sum, Grouped *out);
/* Writes these counts as the member `key`; `again` (or NULL) names choices whose
 * count is told under a second key too. */
bool query_counts_write(Ctx *c, const Query *q, const char *key, const char *group, const Choice *again);
/* Writes one record as an object; 404 when it is not visible. Gives its version.
 * Lines are printed when q->expand_lines, which query_read_one sets unless
 * fields= leaves them out. */
bool query_one(Ctx *c, const Query *q, int64_t id, int64_t *version);
/* 404 when the record is not visible to the query. */
bool query_finds(Ctx *c, const Query *q, int64_t id);
/* Writes the statistics object; _known says whether no table must be read. */
bool query_stats(Ctx *c, const Query *q);
bool query_stats_known(Ctx *c, const Query *q);
/* For the statistics of a resource's own: one more condition (at most two may be
 * added), and the records per choice of a field. */
void query_where(Ctx *c, Query *q, const char *field, Op op, Value value);
bool query_by_choice(Ctx *c, const Query *q, const char *field, int64_t *counts);
/* Calls each_row for every record in order, without a limit; for exports. Texts
 * of the row hold during the call; fields that q does not ask for are null. */
bool query_each(Ctx *c, const Query *q, bool (*each_row)(Ctx *c, const Row *row, void *arg), void *arg);

/* Writes a row already in memory (a create's or update's answer). */
void row_write(Ctx *c, const View *v, const Row *row);

/* The row scope of a right on one's own records only: those one made or is assigned
 * to; for a user from outside those of the client whose user it is. */
Filter scope_own(const Ctx *c, const Model *m, Value *operand);
/* Whether a row satisfies a filter: the same answer as SQL gives. */
bool filter_holds(const Filter *f, const Model *m, const Value *values);

#endif
