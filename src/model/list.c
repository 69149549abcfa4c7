/* Lists, single records and exports: a Query becomes one statement, and its
 * rows stream into the answer. Expanded relations cost one statement each for
 * a whole page (expand.c), and so do the lines of a single record. */
#include "model/list_lead.h"
#include "model/marks.h"
#include "model/plan.h"
#include "model/search_lead.h"
#include "model/tally.h"

#define SKIP_KEYS_FROM 200 /* rows */
#define CELL_BYTES    24 /* an average member, to make room at once */
#define ROWS_RESERVED 64
#define MARKS_FROM    500 /* rows: a shorter way is walked */

/* --- where a page begins --- */

typedef struct {
    Ctx *c;
    const Query *q; /* as given, or `seek` */
    Query seek;     /* the same from a mark on */
    int64_t skip;   /* rows to walk over */
    bool lead;      /* the last of those is still to come, to be marked */
    Str list;       /* p NULL: not marked */
    uint64_t version;
    Buf before, last; /* packed keys of the row before the page and of its last */
    Layer root;
    bool layered; /* written to root.text, with holes */
    Json local, *out;
    Page *page;
    int64_t seen;
} Items;

/* All that decides which rows stand where in a list. */
static Str list_text(Ctx *c, const Query *q) {
    Buf b;
    buf_init(&b, 256, 0);
    buf_fmt(&b, "%lld %d", (long long)c->organization_id, q->model->index);
    for (int i = 0; i < q->n_sort; i++)
        buf_fmt(&b, " %c%d", q->sort[i].descending ? '-' : '+', q->sort[i].field->index);
    for (int i = 0; i < q->n_filters; i++) {
        const Filter *f = &q->filters[i];
        buf_fmt(&b, "&%d,%d", f->field ? f->field->index : -1, (int)f->op);
        values_pack(f->values, f->n, &b);
    }
    buf_char(&b, '?');
    buf_str(&b, q->search);
    Str text = arena_str(c->arena, buf_view(&b));
    buf_free(&b);
    return text;
}

/* From the nearest mark the rest is walked; but the end of the first of two
 * segments may lie on that way. */
static void seek_from(Items *it, const Mark *m) {
    it->seek = *it->q;
    if (!cursor_unpack(&it->seek, m->key)) return;
    int64_t rest = it->q->offset - m->offset;
    if (rest > 0 && cursor_segments(&it->seek) > 1) return;
    it->q = &it->seek;
    it->skip = rest;
}

static void mark_seek(Items *it) {
    const Query *q = it->q;
    Ctx *c = it->c;
    it->skip = q->has_cursor ? 0 : q->offset;
    bool far = !q->has_cursor && q->offset + q->size >= MARKS_FROM;
    if (!far || !c->app->marks || !rows_tracked(c, q)) return;
    it->version = tally_touched(c->app->tallies, c->organization_id, q->model);
    if (it->version == UINT64_MAX) return;
    it->list = list_text(c, q);
    Mark m = {it->list, it->version, q->offset, STR_NONE};
    if (marks_find(c->app->marks, &m, c->arena)) seek_from(it, &m);
    it->lead = it->skip > 0;
}

static void mark_keep(Items *it) {
    Ctx *c = it->c;
    const Query *q = it->q;
    if (!it->list.p || tally_touched(c->app->tallies, c->organization_id, q->model) != it->version) return;
    Mark begin = {it->list, it->version, q->offset, buf_view(&it->before)};
    Mark end = {it->list, it->version, q->offset + q->size, buf_view(&it->last)};
    if (begin.key.n) marks_add(c->app->marks, &begin);
    if (it->page->more) marks_add(c->app->marks, &end);
}

/* --- a page --- */

static void items_plan(Items *it) {
    const Query *q = it->q;
    FieldSet needed = {{0, 0}};
    for (int i = 0; i < q->n_sort; i++) set_add(&needed, q->sort[i].field->index);
    set_add(&needed, q->model->id);
    plan_make(it->c, &it->root.plan, q->view, q->fields, needed);
    layers_plan(it->c, q, &it->root);
    it->layered = it->root.children != NULL;
    it->local = js_to(&it->root.text);
    it->out = it->layered ? &it->local : &it->c->out;
    int64_t rows = q->size < ROWS_RESERVED ? q->size : ROWS_RESERVED;
    buf_room(it->out->out, (size_t)rows * (size_t)it->root.plan.n_cells * CELL_BYTES);
}

/* What a search has found by its shorter way. */
static bool known_statement(Items *it, Stmt **st) {
    Sql s;
    SearchIds found;
    if (it->lead || !search_ids(it->c, it->q, it->skip, &found)) return false;
    Query rows = *it->q;
    rows.lead = LEAD_ROWS;
    sql_begin(&s, it->c);
    sql_add(&s, S("SELECT "));
    plan_select(&s, &it->root.plan);
    search_ids_sql(&s, rows.model, found);
    sort_sql(&s, &rows);
    *st = sql_prepare(&s);
    return true;
}

/* PostgreSQL makes every column also of rows that it skips. So only keys are skipped,
 * in an index, and the rows of the page looked up by them. */
static bool skips_keys(const Items *it) {
    const Query *q = it->q;
    return !it->c->db->driver->one_writer && it->skip - it->lead >= SKIP_KEYS_FROM && !query_searched(q) && !q->as_of.n;
}

static Stmt *items_statement(Items *it, int segment) {
    Sql s;
    Stmt *st;
    bool keys = skips_keys(it);
    if (known_statement(it, &st)) return st;
    Query q = *it->q;
    q.lead = list_lead(it->c, &q);
    sql_begin(&s, it->c);
    sql_add(&s, S("SELECT "));
    plan_select(&s, &it->root.plan);
    if (keys) sql_from(&s, q.model);
    if (keys) sql_add(&s, S(" AND t.id IN (SELECT t.id"));
    sql_found(&s, &q);
    cursor_sql(&s, &q, segment);
    sort_sql(&s, &q);
    sql_add(&s, S(" LIMIT "));
    sql_bind(&s, value_int(it->q->size + 1 - it->seen + it->lead));
    sql_add(&s, S(" OFFSET "));
    sql_bind(&s, value_int(it->skip - it->lead));
    if (keys) sql_add(&s, S(")"));
    if (keys) sort_sql(&s, it->q);
    return sql_prepare(&s);
}

static void item_write(Items *it, Stmt *st) {
    Layer *root = &it->root;
    js_begin_object(it->out);
    plan_write(it->out, &root->plan, st, root);
    if (root->lines)
        layer_hole(root, it->out, root->lines, stmt_int(st, root->plan.column_of[it->q->model->id]));
    js_end_object(it->out);
}

static void key_pack(Items *it, Stmt *st, Buf *out) {
    const Query *q = it->q;
    Value values[SORT_KEYS_MAX + 1];
    for (int i = 0; i < q->n_sort; i++)
        values[i] = stmt_value(st, it->root.plan.column_of[q->sort[i].field->index]);
    values_pack(values, q->n_sort, out);
}

/* One row more than the page holds is asked for: it tells that more follow. */
static void segment_read(Items *it, int segment) {
    Stmt *st = items_statement(it, segment);
    if (it->lead && !stmt_step(st)) return;
    if (it->lead) key_pack(it, st, &it->before);
    while (it->seen <= it->q->size && stmt_step(st)) {
        if (++it->seen > it->q->size) {
            it->page->more = true;
            break;
        }
        item_write(it, st);
        if (it->seen == it->q->size) key_pack(it, st, &it->last);
    }
    stmt_reset(st);
}

bool query_items(Ctx *c, const Query *q, Page *page) {
    Items it = {.c = c, .q = q, .page = page};
    page->more = false;
    mark_seek(&it);
    items_plan(&it);
    js_begin_array(it.out);
    int segments = cursor_segments(it.q);
    for (int i = 0; i < segments && it.seen <= q->size; i++) segment_read(&it, i);
    js_end_array(it.out);
    mark_keep(&it);
    page->next_cursor = page->more ? cursor_encode(c, q, buf_view(&it.last)) : STR_NONE;
    page->least = q->has_cursor || !it.seen ? 0 : q->offset + it.seen; /* one more is seen than shown, if there is */
    buf_free(&it.before);
    buf_free(&it.last);
    if (it.layered) return layers_finish(c, &it.root);
    if (db_failed(c->db)) return db_fail(c->db, &c->err);
    return answer_fits(c, c->body);
}

/* --- one record --- */

/* With every column asked for and no condition but the id, the statement is
 * the one prepared with the model. */
static bool one_is_plain(const Query *q) {
    return q->n_filters == 0 && q->fields.w[0] == ~(uint64_t)0 && q->fields.w[1] == ~(uint64_t)0;
}

static Stmt *one_statement(Ctx *c, const Query *q, const Plan *plan, int64_t id) {
    Sql s;
    sql_begin(&s, c);
    sql_add(&s, S("SELECT "));
    plan_select(&s, plan);
    sql_found(&s, q);
    sql_add(&s, S(" AND t.id = "));
    sql_bind(&s, value_int(id));
    return sql_prepare(&s);
}

static Stmt *one_prepared(Ctx *c, const Model *m, int64_t id) {
    Stmt *st = db_prepare(c->db, m->select_sql);
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_int(st, 2, id);
    return st;
}

static void lines_write(Ctx *c, const Model *m, int64_t id) {
    Plan plan;
    plan_make(c, &plan, &m->lines->views[0], set_all(), set_all());
    Stmt *st = db_prepare(c->db, m->lines->lines_sql);
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_int(st, 2, id);
    js_raw_key(&c->out, m->lines_key);
    js_begin_array(&c->out);
    while (stmt_step(st)) {
        js_begin_object(&c->out);
        plan_write(&c->out, &plan, st, NULL);
        js_end_object(&c->out);
    }
    js_end_array(&c->out);
}

static bool one_missing(Ctx *c) {
    if (db_failed(c->db)) return db_fail(c->db, &c->err);
    return fail(c, E_NOT_FOUND, NULL);
}

static int64_t one_version(const Plan *plan, Stmt *st) {
    int version = plan->model->version;
    return version < 0 ? 0 : stmt_int(st, plan->column_of[version]);
}

static bool one_layered(Ctx *c, const Query *q, int64_t id, int64_t *version) {
    Items it = {.c = c, .q = q};
    FieldSet needed = {{0, 0}};
    set_add(&needed, q->model->id);
    if (q->model->version >= 0) set_add(&needed, q->model->version);
    plan_make(c, &it.root.plan, q->view, q->fields, needed);
    layers_plan(c, q, &it.root);
    it.local = js_to(&it.root.text);
    it.out = &it.local;
    Stmt *st = one_statement(c, q, &it.root.plan, id);
    bool found = stmt_step(st);
    if (found) {
        item_write(&it, st);
        *version = one_version(&it.root.plan, st);
        stmt_reset(st);
    } else {
        one_missing(c);
    }
    return layers_finish(c, &it.root);
}

static bool one_direct(Ctx *c, const Query *q, int64_t id, int64_t *version) {
    Plan plan;
    bool plain = one_is_plain(q);
    FieldSet needed = {{0, 0}};
    if (q->model->version >= 0) set_add(&needed, q->model->version);
    plan_make(c, &plan, q->view, q->fields, plain ? set_all() : needed);
    Stmt *st = plain ? one_prepared(c, q->model, id) : one_statement(c, q, &plan, id);
    if (!stmt_step(st)) return one_missing(c);
    js_begin_object(&c->out);
    plan_write(&c->out, &plan, st, NULL);
    *version = one_version(&plan, st);
    stmt_reset(st);
    if (q->expand_lines && q->model->lines) lines_write(c, q->model, id);
    js_end_object(&c->out);
    if (db_failed(c->db)) return db_fail(c->db, &c->err);
    return answer_fits(c, c->body);
}

bool query_one(Ctx *c, const Query *q, int64_t id, int64_t *version) {
    *version = 0;
    bool layered = !set_empty(&q->expand) || !set_empty(&q->expand_line_refs);
    return layered ? one_layered(c, q, id, version) : one_direct(c, q, id, version);
}

bool query_finds(Ctx *c, const Query *q, int64_t id) {
    Plan plan;
    FieldSet needed = {{0, 0}};
    set_add(&needed, q->model->id);
    plan_make(c, &plan, q->view, needed, needed);
    Stmt *st = one_statement(c, q, &plan, id);
    bool found = stmt_step(st);
    stmt_reset(st);
    return found || one_missing(c);
}

/* --- every record, for exports --- */

/* Texts point into the statement: a row costs no memory. */
static void row_point(const Plan *plan, Stmt *st, Row *row) {
    for (int i = 0; i < plan->model->n; i++) {
        int column = plan->column_of[i];
        if (column < 0) continue;
        row->values[i] = stmt_value(st, column);
        if (plan->model->fields[i].name_key.p) row->names[i] = stmt_text(st, column + 1);
    }
}

bool query_each(Ctx *c, const Query *q, bool (*each_row)(Ctx *c, const Row *row, void *arg), void *arg) {
    Plan plan;
    Sql s;
    bool wanted = true;
    FieldSet needed = {{0, 0}};
    set_add(&needed, q->model->id);
    plan_make(c, &plan, q->view, q->fields, needed);
    sql_begin(&s, c);
    sql_add(&s, S("SELECT "));
    plan_select(&s, &plan);
    sql_found(&s, q);
    sort_sql(&s, q);
    Stmt *st = sql_prepare(&s);
    Row row = row_new(c->arena, q->model);
    while (wanted && stmt_step(st)) {
        row_point(&plan, st, &row);
        wanted = each_row(c, &row, arg);
    }
    stmt_reset(st);
    if (db_failed(c->db)) return db_fail(c->db, &c->err);
    return wanted;
}
