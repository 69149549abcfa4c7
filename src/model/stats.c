/* Totals and statistics. Each number comes from a live count (tally.h) where
 * one is kept; else it is computed by one statement, and kept from then on.
 * What a search finds, and what the writer sees of its own uncommitted
 * changes, is always computed.
 *
 * The version must be older than the snapshot it vouches for: nothing here may
 * run inside db_begin_read. */
#include "model/plan.h"
#include "model/search_lead.h"
#include "model/sums.h"
#include "model/tally.h"

/* One tally: counts, and sums of a field, per choice of another field. */
typedef struct {
    const ModelField *group, *sum; /* NULL: none */
    TallyResult result;
    bool overflow; /* a sum does not fit */
} Count;

bool rows_tracked(const Ctx *c, const Query *q) {
    static const uint32_t otherwise = R_READ_ONLY | R_NO_CREATE | R_APPEND_ONLY | R_INTERNAL;
    uint32_t flags = q->model->resource->flags;
    if (!c->app->tallies || c->writing || q->as_of.n || query_of_lines(q)) return false;
    return (flags & R_TRACKED) || !(flags & otherwise);
}

static bool tallied(const Ctx *c, const Query *q) { return q->search.n == 0 && rows_tracked(c, q); }

static TallyKey count_key(const Ctx *c, const Query *q, const Count *count) {
    return (TallyKey){c->organization_id, q->model, q->filters, q->n_filters, count->group, count->sum};
}

static bool count_known(Ctx *c, const Query *q, Count *count) {
    TallyKey key = count_key(c, q, count);
    if (!tallied(c, q) || !tally_find(c->app->tallies, &key, &count->result)) return false;
    if (!*count->result.snapshot) return true; /* the one writer keeps it */
    if (!c->db || !touched_since(c, q->model, count->result.snapshot)) return false;
    tally_store(c->app->tallies, &key, &count->result, 0); /* known to hold until now */
    return true;
}

/* Where many write, in which snapshot a count was made is selected last. */
static void snapshot_read(Count *count, Stmt *st, int column) {
    Str text = stmt_text(st, column);
    memset(count->result.snapshot, 0, SNAPSHOT_MAX);
    if (text.n < SNAPSHOT_MAX) memcpy(count->result.snapshot, text.p, text.n);
}

static void sum_select(Sql *s, const ModelField *f) {
    Ctx *c = s->c;
    sql_add(s, S(", "));
    sql_add(s, sum_parts(c->arena, c->db, ctx_fmt(c, "t.%s", f->column.p).p, f->type->decimal));
}

static Stmt *count_statement(Ctx *c, const Query *q, const Count *count) {
    Sql s;
    sql_begin(&s, c);
    sql_add(&s, S("SELECT count(*)"));
    if (count->group) {
        sql_add(&s, S(", "));
        sql_column(&s, count->group->column);
    }
    if (count->sum) sum_select(&s, count->sum);
    if (!c->db->driver->one_writer) sql_add(&s, S(", " SNAPSHOT_SQL));
    sql_found(&s, q);
    if (count->group) {
        sql_add(&s, S(" GROUP BY "));
        sql_column(&s, count->group->column);
    }
    return sql_prepare(&s);
}

static void group_read(Count *count, Stmt *st) {
    TallyResult *r = &count->result;
    int at = 0, column = 1;
    if (count->group) {
        Str choice = stmt_text(st, column++);
        at = choice.p ? choice_index(count->group, choice) : -1;
        if (at < 0) at = r->n_groups - 1;
    }
    r->count[at] += stmt_int(st, 0);
    if (!count->sum) return;
    int64_t sum;
    if (!sum_read(st, column, &sum) || __builtin_add_overflow(r->sum[at], sum, &r->sum[at])) count->overflow = true;
}

static bool count_compute(Ctx *c, const Query *q, Count *count) {
    uint64_t version = tallied(c, q) ? tally_version(c->app->tallies) : 0;
    count->result = (TallyResult){.n_groups = count->group ? choice_count(count->group) + 1 : 1};
    Stmt *st = count_statement(c, q, count);
    bool many = !c->db->driver->one_writer;
    while (stmt_step(st)) {
        group_read(count, st);
        if (many) snapshot_read(count, st, 1 + (count->group != NULL) + 2 * (count->sum != NULL));
    }
    if (db_failed(c->db)) return db_fail(c->db, &c->err);
    TallyKey key = count_key(c, q, count);
    bool kept = tallied(c, q) && !count->overflow && (!many || *count->result.snapshot);
    if (kept) tally_store(c->app->tallies, &key, &count->result, version);
    return true;
}

static bool count_get(Ctx *c, const Query *q, Count *count) {
    return count_known(c, q, count) || count_compute(c, q, count);
}

static int64_t count_all(const Count *count) {
    int64_t n = 0;
    for (int i = 0; i < count->result.n_groups; i++) n += count->result.count[i];
    return n;
}

bool query_total(Ctx *c, const Query *q, int64_t *total) {
    Count count = {0};
    if (!count_get(c, q, &count)) return false;
    *total = count_all(&count);
    return true;
}

/* A page that was reached is known to be there. */
static void total_raise(Page *page) {
    if (page->total_is_least && page->total < page->least) page->total = page->least;
}

bool query_page_total(Ctx *c, const Query *q, Page *page) {
    Sql s;
    if (!q->search.n) return query_total(c, q, &page->total);
    if (search_total(c, q, page)) {
        total_raise(page);
        return !db_failed(c->db) || db_fail(c->db, &c->err);
    }
    sql_begin(&s, c);
    sql_add(&s, S("SELECT count(*) FROM (SELECT 1"));
    sql_counted(&s, q);
    sql_add(&s, S(" LIMIT "));
    sql_bind(&s, value_int(SEARCH_COUNTED + 1));
    sql_add(&s, S(") found"));
    Stmt *st = sql_prepare(&s);
    int64_t n = stmt_step(st) ? stmt_int(st, 0) : 0;
    stmt_reset(st);
    page->total_is_least = n > SEARCH_COUNTED;
    page->total = page->total_is_least ? SEARCH_COUNTED : n;
    total_raise(page);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}

bool query_sum(Ctx *c, const Query *q, const char *field, int64_t *n, int64_t *sum) {
    Count count = {.sum = model_field(q->model, field)};
    if (!count_get(c, q, &count)) return false;
    if (count.overflow) return fail(c, E_CONFLICT, "the sum of %s is more than can be told", field);
    *n = count_all(&count);
    *sum = count.result.sum[0];
    return true;
}

bool query_by_choice(Ctx *c, const Query *q, const char *field, int64_t *counts) {
    Count count = {.group = model_field(q->model, field)};
    if (!count_get(c, q, &count)) return false;
    memcpy(counts, count.result.count, sizeof *counts * (size_t)choice_count(count.group));
    return true;
}

bool query_groups(Ctx *c, const Query *q, const char *group, const char *sum, Grouped *out) {
    Count count = {.group = model_field(q->model, group), .sum = sum ? model_field(q->model, sum) : NULL};
    if (!count_get(c, q, &count)) return false;
    if (count.overflow) return fail(c, E_CONFLICT, "the sum of %s is more than can be told", sum);
    *out = (Grouped){.choices = count.group->decl->choices, .n = count.result.n_groups};
    memcpy(out->count, count.result.count, sizeof out->count);
    if (sum) memcpy(out->sum, count.result.sum, sizeof out->sum);
    return true;
}

bool query_counts_write(Ctx *c, const Query *q, const char *key, const char *group, const Choice *again) {
    Grouped g;
    if (!query_groups(c, q, group, NULL, &g)) return false;
    js_key(&c->out, str_of(key));
    js_begin_object(&c->out);
    for (int i = 0; g.choices[i].name; i++) {
        js_key(&c->out, str_of(g.choices[i].name));
        js_int(&c->out, g.count[i]);
        for (const Choice *a = again; a && a->name; a++)
            if (!strcmp(a->name, g.choices[i].name)) js_key(&c->out, str_of(a->also)), js_int(&c->out, g.count[i]);
    }
    js_end_object(&c->out);
    return true;
}

bool query_total_known(Ctx *c, const Query *q, int64_t *total) {
    Count count = {0};
    if (!count_known(c, q, &count)) return false;
    *total = count_all(&count);
    return true;
}

/* --- statistics --- */

typedef struct {
    Count *counts; /* the first one is grouped by status where there is one */
    int n, n_main; /* the first n_main are by status: one per field to sum */
    Query overdue; /* counted last when has_due */
    Count late;
    bool has_due;
} Stats;

static bool counted_by(const ModelField *f) {
    return f->decl->choices && field_filterable(f) && choice_count(f) < TALLY_GROUPS;
}

static void stats_add(Stats *s, const ModelField *group, const ModelField *sum) {
    s->counts[s->n++] = (Count){.group = group, .sum = sum};
}

/* Due before today, and in a state that is not finished. */
static void overdue_plan(Ctx *c, const Query *q, Stats *s) {
    const Model *m = q->model;
    s->has_due = m->due >= 0;
    if (!s->has_due) return;
    s->overdue = *q;
    Filter *due = &s->overdue.filters[s->overdue.n_filters++];
    *due = (Filter){&m->fields[m->due], OP_LT, ARENA_NEW(c->arena, Value), 1};
    due->values[0] = value_text(str_of(c->today));
    if (m->status >= 0 && m->resource->done_states) {
        const ModelField *status = &m->fields[m->status];
        int choices = choice_count(status);
        Filter open = {status, OP_IN, ARENA_ARRAY(c->arena, Value, (size_t)choices), 0};
        for (int i = 0; i < choices; i++)
            if (!(m->resource->done_states & IN(i)))
                open.values[open.n++] = value_text(str_of(status->decl->choices[i].name));
        if (open.n) s->overdue.filters[s->overdue.n_filters++] = open;
    }
    filters_settle(&s->overdue);
}

static void stats_plan(Ctx *c, const Query *q, Stats *s) {
    const Model *m = q->model;
    *s = (Stats){.counts = ARENA_ARRAY(c->arena, Count, (size_t)m->n * 2 + 1)};
    const ModelField *status = m->status >= 0 ? &m->fields[m->status] : NULL;
    if (status && !counted_by(status)) status = NULL;
    for (int i = 0; i < m->n; i++)
        if ((m->fields[i].flags & F_SUM) && field_shown(&m->fields[i])) stats_add(s, status, &m->fields[i]);
    if (s->n == 0) stats_add(s, status, NULL);
    s->n_main = s->n;
    for (int i = 0; i < m->n; i++)
        if (&m->fields[i] != status && counted_by(&m->fields[i]) && !set_has(&q->view->hidden, i)) stats_add(s, &m->fields[i], NULL);
    overdue_plan(c, q, s);
}

static void choices_write(Ctx *c, const Count *count, const char *key) {
    const Choice *choices = count->group->decl->choices;
    js_key(&c->out, str_of(key));
    js_begin_object(&c->out);
    for (int i = 0; choices[i].name; i++) {
        js_key(&c->out, str_of(choices[i].name));
        js_int(&c->out, count->result.count[i]);
    }
    js_end_object(&c->out);
}

static void sum_write(Ctx *c, const Count *count, int64_t sum, bool overflow) {
    Value v = overflow ? VALUE_NULL : value_int(sum);
    count->sum->type->to_json(&c->out, &v);
}

/* "total_amount", of a field `amount` as of one called so already. */
static Str sum_name(Ctx *c, Str name) {
    return str_starts(name, S("total_")) ? name : arena_fmt(c->arena, "total_%.*s", STR_ARG(name));
}

static void sums_write(Ctx *c, const View *v, const Count *count) {
    const TallyResult *r = &count->result;
    Str name = v->names[count->sum->index];
    bool overflow = count->overflow;
    int64_t sum = 0;
    for (int i = 0; i < r->n_groups; i++) overflow = __builtin_add_overflow(sum, r->sum[i], &sum) || overflow;
    js_key(&c->out, sum_name(c, name));
    sum_write(c, count, sum, overflow);
    if (!count->group) return;
    const Choice *choices = count->group->decl->choices;
    js_key(&c->out, arena_fmt(c->arena, "%.*s_by_status", STR_ARG(name)));
    js_begin_object(&c->out);
    for (int i = 0; choices[i].name; i++) {
        js_key(&c->out, str_of(choices[i].name));
        sum_write(c, count, r->sum[i], count->overflow);
    }
    js_end_object(&c->out);
}

/* F_COUNTED: each choice for itself. */
static void counted_write(Ctx *c, const Count *count) {
    const Choice *choices = count->group->decl->choices;
    for (int i = 0; choices[i].name; i++) {
        js_key(&c->out, str_of(choices[i].name));
        js_int(&c->out, count->result.count[i]);
    }
}

static bool stats_write(Ctx *c, const Query *q, const Stats *s) {
    const Resource *r = q->model->resource;
    js_begin_object(&c->out);
    js_field_int(&c->out, "total", count_all(&s->counts[0]));
    for (int i = 0; i < s->n; i++)
        if (s->counts[i].group && (s->counts[i].group->flags & F_COUNTED) && (i == 0 || i >= s->n_main))
            counted_write(c, &s->counts[i]);
    for (int i = 0; i < s->n; i++) {
        const ModelField *group = s->counts[i].group;
        if (!group || (i > 0 && i < s->n_main)) continue;
        Str name = q->view->names[group->index];
        choices_write(c, &s->counts[i], arena_fmt(c->arena, "by_%.*s", STR_ARG(name)).p);
        if (group->decl->counted_as)
            choices_write(c, &s->counts[i], arena_fmt(c->arena, "by_%s", group->decl->counted_as).p);
    }
    for (int i = 0; i < s->n_main; i++)
        if (s->counts[i].sum) sums_write(c, q->view, &s->counts[i]);
    if (s->has_due) js_field_int(&c->out, "overdue", count_all(&s->late));
    if (r->stats && !r->stats(c, q)) return false;
    js_end_object(&c->out);
    return true;
}

bool query_stats(Ctx *c, const Query *q) {
    Stats s;
    stats_plan(c, q, &s);
    for (int i = 0; i < s.n; i++)
        if (!count_get(c, q, &s.counts[i])) return false;
    if (s.has_due && !count_get(c, &s.overdue, &s.late)) return false;
    return stats_write(c, q, &s);
}

bool query_stats_known(Ctx *c, const Query *q) {
    Stats s;
    if (q->model->resource->stats) return false; /* nobody knows what those take */
    stats_plan(c, q, &s);
    for (int i = 0; i < s.n; i++)
        if (!count_known(c, q, &s.counts[i])) return false;
    return !s.has_due || count_known(c, &s.overdue, &s.late);
}
