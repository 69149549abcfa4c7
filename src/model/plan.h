/* Shared by the files that read for clients: query.c, filter.c, cursor.c,
 * sql.c, plan.c, list.c, expand.c, stats.c, read.c, search.c and journal_read.c. Nothing
 * else includes it.
 *
 * A Sql is a text being written together with its values; ?1 is always the
 * tenant. A Plan is which columns a statement selects and how a row of it
 * becomes a JSON object. A Layer is the text of one statement's objects with
 * holes in it where the objects of further statements go. */
#ifndef MODEL_PLAN_H
#define MODEL_PLAN_H

#include "model/query.h"

/* Values bound by the filters of one query: far below any database's limit. */
#define FILTER_VALUES_MAX 1000
#define FILTER_TEXT_MAX 255
/* Two filters are left free for the statistics: overdue is two more. */
#define FILTERS_READ_MAX (FILTERS_MAX - 2)

typedef struct {
    Ctx *c;
    Buf text;      /* released by sql_prepare */
    Value *values; /* ?1, ?2, … */
    int n, cap;
    bool no_index; /* of the columns that are written from now on */
} Sql;

void sql_begin(Sql *s, Ctx *c);
static inline void sql_add(Sql *s, Str text) { buf_str(&s->text, text); }
void sql_column(Sql *s, Str column); /* t.column */
void sql_bind(Sql *s, Value v);      /* ?n */
void sql_list(Sql *s, const Value *values, int n); /* (?a, ?b, …) */
/* The caller's organization, and the resource's part of a shared table. */
void sql_scope(Sql *s, const Model *m);
/* " FROM table t WHERE " and that, with which every statement over a model's rows begins. */
void sql_from(Sql *s, const Model *m);
/* The same with all of a query's filters and its search. */
void sql_found(Sql *s, const Query *q);
/* The same where no column is read: from the search table alone, if it can tell. */
void sql_counted(Sql *s, const Query *q);
/* Whether words are looked for: typed ones, or those of a filter. */
bool query_searched(const Query *q);
/* " FROM …" with all that they find: of the search table s and its rows t, or of the
 * search table alone; neither scope nor other filters. */
void sql_words_lead(Sql *s, const Query *q);
void sql_words(Sql *s, const Query *q);
/* Whether the row t has the typed words; where SearchWords.rows. */
void sql_has_words(Sql *s, const Query *q);
void sort_column(Sql *s, const Query *q, const SortKey *k);
void sort_sql(Sql *s, const Query *q); /* " ORDER BY …" */
/* The next word of a search that has a letter or digit, p NULL at the end. */
Str search_word(Str *rest);
Stmt *sql_prepare(Sql *s); /* with everything bound; the text is gone */

static inline bool field_stored(const ModelField *f) { return !(f->flags & F_NO_COLUMN); }

/* One filter parameter; false with a 400 in c->err. A field given several
 * times by equality becomes one OP_IN, `plain` remembers which filters came
 * so. *known is false, without an error, when the name is no filter's. */
typedef struct {
    Ctx *c;
    Query *q;
    bool plain[FILTERS_MAX];
    int n_values;
} FilterReader;
bool filter_read(FilterReader *r, const Param *param, bool *known);
bool filter_add(FilterReader *r, const Filter *f);
void filters_settle(Query *q); /* one order and form for equal filters */
void filter_sql(Sql *s, const Model *m, const Filter *f);
/* Whether it asks for records by what their lines are. Such finds are counted
 * each time. */
bool filter_of_lines(const Filter *f, const Model *m);
bool query_of_lines(const Query *q);
/* Whether the search table finds what it asks for. */
bool filter_by_words(const Filter *f);

/* Values as bytes; and those of a row's sort keys back into q->cursor. */
void values_pack(const Value *values, int n, Buf *b);
bool cursor_unpack(Query *q, Str packed);
/* The cursor after a row whose sort keys are packed, in c's arena. */
Str cursor_encode(Ctx *c, const Query *q, Str packed);
bool cursor_decode(Ctx *c, Query *q, Str text); /* false with a 400 */
/* A cursor's page is read by one or two statements in turn, so that each can
 * seek in an index; cursor_sql adds the condition of one of them. */
int cursor_segments(const Query *q);
void cursor_sql(Sql *s, const Query *q, int segment);
static inline bool sort_nullable(const SortKey *k) {
    return !k->field->not_null && k->field->index != k->field->model->id;
}

/* Whether every change of these rows passes tally_note, so that what is known
 * of them can be kept: not what is written by other means than the write path,
 * nor the writer's view of its own uncommitted changes, nor the past, nor what
 * is filtered by lines. */
bool rows_tracked(const Ctx *c, const Query *q);

typedef struct Layer Layer;

typedef struct {
    const ModelField *field;
    Str key;       /* `"name":` as printed */
    int column;    /* of the result; a display name is in the next one */
    Layer *object; /* printed behind it as an object; NULL: not asked for */
} Cell;

typedef struct {
    const Model *model;
    Cell *cells;
    int n_cells, n_columns;
    int16_t column_of[FIELDS_MAX]; /* -1: not selected */
} Plan;

/* Plans to print the shown fields of `printed` under the view's keys and to
 * have at least `needed` selected. */
void plan_make(Ctx *c, Plan *p, const View *v, FieldSet printed, FieldSet needed);
void plan_select(Sql *s, const Plan *p); /* "t.a, t.b, (SELECT …), …" */
/* The members of the object for the row st stands on. `holes` takes the places
 * of expanded objects; NULL for a plan without them. */
void plan_write(Json *j, const Plan *p, Stmt *st, Layer *holes);

struct Layer {
    Plan plan;
    Str key;      /* of its objects in the parent: `"customer":` */
    bool many;    /* all lines of one parent as an array, not one object */
    bool denied;  /* the caller may not read these: null */
    Buf text, holes, pieces;
    Layer *children, *next; /* what its own holes are filled with */
    Layer *lines; /* the one of its children that is its lines */
};

/* Adds what q expands as layers below `root`, whose plan is made. */
void layers_plan(Ctx *c, const Query *q, Layer *root);
void layer_hole(Layer *in, Json *j, const Layer *filled_by, int64_t id);
/* Reads everything the holes of `root` ask for, writes the whole to c->out
 * and releases all texts (also when there is an error already). */
bool layers_finish(Ctx *c, Layer *root);
/* False with an error when the answer outgrew its buffer. */
bool answer_fits(Ctx *c, const Buf *b);

#endif
