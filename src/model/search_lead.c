/* What leads in a search: see search_lead.h.
 *
 * Words find rows by descending id and in no other order, and so do the indexes
 * of filters by one value. What both find is told by their ids alone: whoever is
 * behind leaps to where the other stands, so that a rare one passes over most of
 * a frequent one. Other filters are asked of the rows that are left.
 *
 * In another order it may be shorter to sort what is found, or to walk the rows
 * in that order and look for the words in each. That depends on how often both
 * occur together, which nobody knows: so both are tried with a little work at a
 * time, and more of it each time, until one of them ends. That costs little more
 * than the shorter way alone, however words and rows are related.
 *
 * PostgreSQL has statistics of words, and plans by itself. */
#include "model/search_lead.h"

#include "model/search_dialect.h"

#define WORK_FIRST  2048    /* steps; looking into a row is ROW_STEPS */
#define ROW_STEPS   8
#define WORK_MORE   4       /* times as much each time */
#define IDS_MAX     (PAGE_SIZE_MAX + 1)
#define FOUND_MAX   1000000 /* to be sorted */
#define STREAMS_MAX 4
#define WORDS_LEAP  64      /* steps, after which it costs less to begin behind what is skipped */
#define FILTER_LEAP 8

/* Ids of what the words, or one filter, find. */
typedef struct {
    const Filter *filter; /* NULL: the words */
    Stmt *st;
    int64_t id;           /* where it stands */
} Stream;

typedef struct {
    Ctx *c;
    const Query *q;
    bool down;
    Stream streams[STREAMS_MAX];
    int n;
    const Filter *rest[FILTERS_MAX]; /* of the query, that no stream answers */
    int n_rest;
    bool scoped;  /* a row must be looked at for its part of a shared table */
    int64_t steps, most;
    bool whole;   /* all was seen */
} Merge;

/* --- what words and filters find, by their ids --- */

/* Whether the rows that pass stand together in an index, by id. */
static bool is_stream(const Filter *f) {
    return f->field && f->op == OP_EQ && field_indexed(f->field);
}

static bool has_stream(const Merge *m, const Filter *f) {
    for (int i = 0; i < m->n; i++)
        if (m->streams[i].filter && m->streams[i].filter->field == f->field) return true;
    return false;
}

static void merge_plan(Merge *m, const Query *q) {
    const Model *model = q->model;
    m->streams[m->n++] = (Stream){0};
    for (int i = 0; i < q->n_filters; i++) {
        const Filter *f = &q->filters[i];
        if (filter_by_words(f)) continue;
        if (m->n < STREAMS_MAX && is_stream(f) && !has_stream(m, f))
            m->streams[m->n++] = (Stream){.filter = f};
        else
            m->rest[m->n_rest++] = f;
    }
    m->scoped = model_only(model) && m->n == 1;
    m->down = q->n_sort > 1 || q->sort[0].descending;
}

static Stmt *stream_statement(const Merge *m, const Stream *stream, const int64_t *from) {
    Sql s;
    Str id = stream->filter ? S("t.id") : S("rowid");
    sql_begin(&s, m->c);
    sql_add(&s, S("SELECT "));
    sql_add(&s, id);
    if (stream->filter) {
        sql_from(&s, m->q->model);
        sql_add(&s, S(" AND "));
        filter_sql(&s, m->q->model, stream->filter);
    } else {
        sql_words(&s, m->q);
    }
    if (from) {
        sql_add(&s, S(" AND "));
        sql_add(&s, id);
        sql_add(&s, m->down ? S(" <= ") : S(" >= "));
        sql_bind(&s, value_int(*from));
    }
    sql_add(&s, S(" ORDER BY "));
    sql_add(&s, id);
    if (m->down) sql_add(&s, S(" DESC"));
    return sql_prepare(&s);
}

static bool stream_step(Merge *m, Stream *s) {
    if (m->steps++ >= m->most) return false;
    if (!stmt_step(s->st)) {
        m->whole = true;
        return false;
    }
    s->id = stmt_int(s->st, 0);
    return true;
}

static bool stream_open(Merge *m, Stream *s, const int64_t *from) {
    if (s->st) stmt_reset(s->st);
    s->st = stream_statement(m, s, from);
    return stream_step(m, s);
}

/* To `id` or the first one behind it. */
static bool stream_reach(Merge *m, Stream *s, int64_t id) {
    int leap = s->filter ? FILTER_LEAP : WORDS_LEAP;
    for (int i = 0; m->down ? s->id > id : s->id < id; i++)
        if (!(i < leap ? stream_step(m, s) : stream_open(m, s, &id))) return false;
    return true;
}

/* From where the first stands to the next that all have. */
static bool streams_agree(Merge *m, int64_t *id) {
    *id = m->streams[0].id;
    for (int i = 0, same = 0; same < m->n; i = (i + 1) % m->n) {
        Stream *s = &m->streams[i];
        if (!stream_reach(m, s, *id)) return false;
        same = s->id == *id ? same + 1 : 1;
        *id = s->id;
    }
    return true;
}

/* What only the row can tell. */
static bool row_passes(Merge *m, int64_t id) {
    Sql s;
    if (!m->n_rest && !m->scoped) return true;
    m->steps += ROW_STEPS;
    sql_begin(&s, m->c);
    sql_add(&s, S("SELECT 1"));
    sql_from(&s, m->q->model);
    sql_add(&s, S(" AND t.id = "));
    sql_bind(&s, value_int(id));
    for (int i = 0; i < m->n_rest; i++) {
        sql_add(&s, S(" AND "));
        filter_sql(&s, m->q->model, m->rest[i]);
    }
    Stmt *st = sql_prepare(&s);
    bool passes = stmt_step(st);
    stmt_reset(st);
    return passes;
}

static bool merge_begin(Merge *m, const int64_t *from) {
    for (int i = 0; i < m->n; i++)
        if (!stream_open(m, &m->streams[i], from)) return false;
    return true;
}

/* At most `wanted` ids (into `ids`, or NULL), with at most `most` steps. */
static int64_t merge_run(Merge *m, const int64_t *from, int64_t *ids, int64_t wanted) {
    int64_t n = 0, id;
    bool more = merge_begin(m, from);
    while (more && n < wanted && streams_agree(m, &id)) {
        bool passes = row_passes(m, id);
        if (passes && ids) ids[n] = id;
        n += passes;
        more = n < wanted && stream_step(m, &m->streams[0]);
    }
    for (int i = 0; i < m->n; i++)
        if (m->streams[i].st) stmt_reset(m->streams[i].st);
    return n;
}

/* --- in another order --- */

/* The first of these in the query's order. */
static int64_t ids_sort(Ctx *c, const Query *q, SearchIds found, int64_t *ids, int64_t wanted) {
    Sql s;
    int64_t n = 0;
    Query rows = *q;
    rows.lead = LEAD_ROWS;
    sql_begin(&s, c);
    sql_add(&s, S("SELECT t.id"));
    search_ids_sql(&s, q->model, found);
    cursor_sql(&s, &rows, 0);
    sort_sql(&s, &rows);
    sql_add(&s, S(" LIMIT "));
    sql_bind(&s, value_int(wanted));
    Stmt *st = sql_prepare(&s);
    while (n < wanted && stmt_step(st)) ids[n++] = stmt_int(st, 0);
    stmt_reset(st);
    return n;
}

/* Looks for the words in the rows as they come in their order; false when the
 * work was not enough. Filters with an index may find them, the others are asked. */
static bool rows_look(Ctx *c, const Query *q, int64_t most, SearchIds *out, int64_t wanted) {
    Sql s;
    int64_t seen = 0;
    Query rows = *q;
    rows.lead = LEAD_ROWS;
    out->n = 0;
    sql_begin(&s, c);
    sql_add(&s, S("SELECT t.id, "));
    sql_has_words(&s, q);
    for (int i = 0; i < q->n_filters; i++) {
        if (is_stream(&q->filters[i])) continue;
        sql_add(&s, S(" AND "));
        filter_sql(&s, q->model, &q->filters[i]);
    }
    sql_from(&s, q->model);
    for (int i = 0; i < q->n_filters; i++) {
        if (!is_stream(&q->filters[i])) continue;
        sql_add(&s, S(" AND "));
        filter_sql(&s, q->model, &q->filters[i]);
    }
    cursor_sql(&s, &rows, 0);
    sort_sql(&s, &rows);
    sql_add(&s, S(" LIMIT "));
    sql_bind(&s, value_int(most));
    Stmt *st = sql_prepare(&s);
    for (; out->n < wanted && stmt_step(st); seen++)
        if (stmt_int(st, 1)) out->ids[out->n++] = stmt_int(st, 0);
    stmt_reset(st);
    return out->n == wanted || seen < most;
}

static bool sorted_look(Ctx *c, const Query *q, SearchIds *out, int64_t wanted) {
    int64_t most = WORK_FIRST;
    int64_t *found = NULL;
    for (;; most *= WORK_MORE) {
        Merge m = {.c = c, .q = q, .most = most};
        merge_plan(&m, q);
        found = ARENA_ARRAY(c->arena, int64_t, (size_t)(most < FOUND_MAX ? most : FOUND_MAX));
        int64_t n = merge_run(&m, NULL, found, most < FOUND_MAX ? most : FOUND_MAX);
        if (db_failed(c->db)) return false;
        if (m.whole) {
            out->n = (int)ids_sort(c, q, (SearchIds){found, (int)n}, out->ids, wanted);
            return true;
        }
        if (rows_look(c, q, most / ROW_STEPS, out, wanted)) return true;
        if (db_failed(c->db) || most >= FOUND_MAX) return false;
    }
}

/* --- for lists --- */

/* Whether it may have to look at more than it shows or counts. */
static bool is_filtered(const Query *q) {
    int n = model_only(q->model) != NULL;
    for (int i = 0; i < q->n_filters; i++) n += !filter_by_words(&q->filters[i]);
    return n > 0;
}

static bool can_look(const Ctx *c, const Query *q) {
    return !q->as_of.n && !query_of_lines(q) && search_words(c->db)->rows;
}

void search_ids_sql(Sql *s, const Model *m, SearchIds found) {
    Buf b = {0};
    for (int i = 0; i < found.n; i++) {
        buf_char(&b, i ? ',' : '[');
        buf_int(&b, found.ids[i]);
    }
    buf_c(&b, found.n ? "]" : "[]");
    sql_from(s, m);
    sql_add(s, S(" AND t.id IN (SELECT value FROM json_each("));
    sql_bind(s, value_text(arena_str(s->c->arena, buf_view(&b))));
    sql_add(s, S("))"));
    buf_free(&b);
}

bool search_ids(Ctx *c, const Query *q, int64_t skip, SearchIds *out) {
    int64_t wanted = skip + q->size + 1;
    bool by_id = q->n_sort == 1;
    if (!query_searched(q) || !can_look(c, q) || (by_id && !is_filtered(q))) return false;
    if (wanted > IDS_MAX || cursor_segments(q) > 1) return false;
    *out = (SearchIds){ARENA_ARRAY(c->arena, int64_t, (size_t)wanted), 0};
    if (by_id) {
        Merge m = {.c = c, .q = q, .most = INT64_MAX};
        merge_plan(&m, q);
        int64_t from = q->has_cursor ? q->cursor[0].i + (m.down ? -1 : 1) : 0;
        out->n = (int)merge_run(&m, q->has_cursor ? &from : NULL, out->ids, wanted);
    } else if (!sorted_look(c, q, out, wanted)) {
        return false;
    }
    out->ids += skip;
    out->n = out->n > skip ? out->n - (int)skip : 0;
    return !db_failed(c->db);
}

bool search_total(Ctx *c, const Query *q, Page *page) {
    Merge m = {.c = c, .q = q, .most = SEARCH_STEPS};
    if (!can_look(c, q) || !is_filtered(q)) return false;
    merge_plan(&m, q);
    int64_t n = merge_run(&m, NULL, NULL, SEARCH_COUNTED + 1);
    page->total_is_least = n > SEARCH_COUNTED || !m.whole;
    page->total = n > SEARCH_COUNTED ? SEARCH_COUNTED : n;
    return true;
}
