/* The timeline of a record: a merge of its sources (timeline.h). Each source
 * is read newest first by id through an index, as far as the page needs it, so
 * that a page costs the same however much there is. Ids grow with created_at,
 * which is the server's alone.
 *
 * A cursor says for each source below which id its next page begins: what was
 * there when the first page was read appears once, and nothing that came later. */
#include "model/timeline.h"

#include <assert.h>

#include "base/hash.h"
#include "model/plan.h"

#define TIMELINE_PAGE "50"
#define TIMELINE_MOST "200"
#define SOURCES_MAX   64
#define CURSOR_MAX    4096
#define CURSOR_BYTES  3072

const Field timeline_input[TIMELINE_INPUTS] = {
    {"page_size", &T_INT, 0, .min = "1", .max = TIMELINE_MOST, .also = "limit", .help = TIMELINE_PAGE " when left out", .example = "20"},
    {"cursor", &T_LONG_TEXT, 0, .max_length = CURSOR_MAX, .help = "the next_cursor of the page before"},
};

#define ITEM_EXAMPLE                                                                                 \
    "[{\"at\": \"2026-01-15T08:30:00Z\", \"resource\": \"activities\", \"record_id\": 7, \"title\": \"Call\", " \
    "\"record\": {\"id\": 7, \"title\": \"Call\"}}]"

const Field timeline_answer[TIMELINE_ANSWERS] = {
    {"items", &T_JSON, F_REQUIRED, .example = ITEM_EXAMPLE, .help = "newest first; `record` as its own list prints it"},
    {"next_cursor", &T_TEXT, 0, .example = "null"},
};

typedef struct {
    const Model *model;
    const View *view;           /* as the caller sees it */
    const ModelField *by;       /* the reference; of a pair the id */
    const ModelField *resource; /* of a pair; NULL: a reference */
    const ModelField *at;
    Plan plan;
    Stmt *st;
    int64_t below;              /* only smaller ids, 0: all */
    bool there;                 /* st stands on the next one */
    int64_t entry, entry_of;    /* the journal entry that made that record, once it was asked for */
} Source;

typedef struct {
    Ctx *c;
    const Model *model;
    int64_t id, size;
    Source sources[SOURCES_MAX];
    int n;
} Timeline;

/* --- sources --- */

static const ModelField *named(const Model *m, const char *name) { return map_get(&m->views[0].by_name, str_of(name)); }

static bool has_index(const Model *m, const char *columns) {
    for (const char *const *x = m->resource->indexes; x && *x; x++)
        if (!strcmp(*x, columns)) return true;
    return false;
}

static bool is_source(const Ctx *c, const Model *m) {
    const uint32_t never = R_INTERNAL | R_VIRTUAL | R_GLOBAL | R_PERSONAL | R_TENANT;
    return !(m->resource->flags & never) && ctx_view(c, m) && ctx_may(c, m, MAY_READ) != MAY_NOT && named(m, "created_at");
}

static void source_add(Timeline *t, const Model *m, const ModelField *by, const ModelField *resource) {
    assert(t->n < SOURCES_MAX);
    t->sources[t->n++] = (Source){.model = m, .view = ctx_view(t->c, m), .by = by, .resource = resource, .at = named(m, "created_at")};
}

static void references_add(Timeline *t, const Model *m) {
    for (int i = 0; i < m->n; i++) {
        const ModelField *f = &m->fields[i];
        bool indexed = field_filterable(f) && !(f->flags & F_UNINDEXED);
        if (f->ref == t->model && indexed) source_add(t, m, f, NULL);
    }
}

static void pairs_add(Timeline *t, const Model *m) {
    static const char *const pairs[][3] = {
        {"resource", "record_id", "resource,record_id"}, {"source", "source_id", "source,source_id"},
    };
    for (int i = 0; i < 2; i++) {
        const ModelField *resource = named(m, pairs[i][0]), *id = named(m, pairs[i][1]);
        if (resource && id && has_index(m, pairs[i][2])) source_add(t, m, id, resource);
    }
}

static void sources_find(Timeline *t) {
    const Registry *r = t->c->app->registry;
    for (int i = 0; i < r->n; i++) {
        const Model *m = &r->models[i];
        if (!is_source(t->c, m)) continue;
        references_add(t, m);
        pairs_add(t, m);
    }
}

/* --- reading one --- */

static void equals_sql(Sql *s, const ModelField *f, Value v) {
    sql_add(s, S(" AND "));
    sql_column(s, f->column);
    sql_add(s, S(" = "));
    sql_bind(s, v);
}

/* Of a whole table what no other resource tells. */
static void rows_sql(Sql *s, const Model *m) {
    if (m->kind >= 0) model_rows_sql(s->c->app->registry, m, &s->text);
}

/* A record that refers to this one twice is told once. */
static void earlier_sql(Sql *s, const Timeline *t, const Source *source) {
    for (const Source *e = t->sources; e < source; e++) {
        if (e->model != source->model || e->resource || source->resource) continue;
        sql_add(s, S(" AND "));
        sql_column(s, e->by->column);
        sql_add(s, S(" IS DISTINCT FROM "));
        sql_bind(s, value_int(t->id));
    }
}

static void scope_sql(Sql *s, Ctx *c, const Model *m) {
    if (ctx_may(c, m, MAY_READ) != MAY_OWN) return;
    Value operand;
    Filter own = scope_own(c, m, &operand);
    sql_add(s, S(" AND "));
    filter_sql(s, m, &own);
}

static void source_open(Timeline *t, Source *source) {
    Sql s;
    const Model *m = source->model;
    FieldSet needed = {{0, 0}};
    set_add(&needed, m->id);
    set_add(&needed, source->at->index);
    if (m->display >= 0) set_add(&needed, m->display);
    plan_make(t->c, &source->plan, source->view, set_all(), needed);
    sql_begin(&s, t->c);
    sql_add(&s, S("SELECT "));
    plan_select(&s, &source->plan);
    sql_from(&s, m);
    if (source->resource) equals_sql(&s, source->resource, value_text(t->model->name));
    equals_sql(&s, source->by, value_int(t->id));
    rows_sql(&s, m);
    earlier_sql(&s, t, source);
    scope_sql(&s, t->c, m);
    if (source->below) {
        sql_add(&s, S(" AND t.id < "));
        sql_bind(&s, value_int(source->below));
    }
    sql_add(&s, S(" ORDER BY t.id DESC LIMIT "));
    sql_bind(&s, value_int(t->size + 1));
    source->st = sql_prepare(&s);
    source->there = stmt_step(source->st);
}

static int64_t source_id(const Source *s) { return stmt_int(s->st, s->plan.column_of[s->model->id]); }
static Str source_at(const Source *s) { return stmt_text(s->st, s->plan.column_of[s->at->index]); }

static int text_order(Str a, Str b) {
    int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
    return order ? order : (int)a.n - (int)b.n;
}

/* The journal tells in which order what has the same second came to be. What
 * came with another record's change has no entry: it stands below. */
static int64_t source_entry(Timeline *t, Source *s) {
    int64_t id = source_id(s);
    if (str_is(s->model->table, "journal")) return id;
    if (s->entry_of == id) return s->entry;
    Stmt *st = db_prepare(t->c->db, S("SELECT min(id) FROM journal WHERE organization_id = ?1 AND resource = ?2 AND record_id = ?3"));
    stmt_bind_int(st, 1, t->c->organization_id);
    stmt_bind_text(st, 2, s->model->name);
    stmt_bind_int(st, 3, id);
    s->entry = stmt_step(st) ? stmt_int(st, 0) : 0;
    s->entry_of = id;
    stmt_reset(st);
    return s->entry;
}

static bool is_newer(Timeline *t, Source *a, Source *b) {
    int order = text_order(source_at(a), source_at(b));
    return order ? order > 0 : source_entry(t, a) > source_entry(t, b);
}

static Source *newest(Timeline *t) {
    Source *best = NULL;
    for (int i = 0; i < t->n; i++) {
        Source *s = &t->sources[i];
        if (s->there && (!best || is_newer(t, s, best))) best = s;
    }
    return best;
}

static void item_write(Json *j, const Source *s) {
    const Model *m = s->model;
    js_begin_object(j);
    js_field_str(j, "at", source_at(s));
    js_field_str(j, "resource", m->name);
    js_field_int(j, "record_id", source_id(s));
    js_key(j, S("title"));
    if (m->display >= 0) {
        Value v = stmt_value(s->st, s->plan.column_of[m->display]);
        m->fields[m->display].type->to_json(j, &v);
    } else {
        js_c(j, m->resource->singular);
    }
    js_key(j, S("record"));
    js_begin_object(j);
    plan_write(j, &s->plan, s->st, NULL);
    js_end_object(j);
    js_end_object(j);
}

/* --- the cursor: "customers 7 activities.customer_id=56 …" --- */

static Str source_key(Ctx *c, const Source *s) {
    return arena_fmt(c->arena, "%.*s.%.*s=", STR_ARG(s->model->name), STR_ARG(s->by->name));
}

static Str list_key(const Timeline *t) {
    return arena_fmt(t->c->arena, "%.*s %lld", STR_ARG(t->model->name), (long long)t->id);
}

static Str cursor_of(Timeline *t) {
    Buf b;
    buf_init(&b, 256, CURSOR_BYTES);
    buf_str(&b, list_key(t));
    for (int i = 0; i < t->n; i++) {
        const Source *s = &t->sources[i];
        long long below = s->there ? source_id(s) + 1 : 1; /* 1: there are no more */
        buf_fmt(&b, " %.*s%lld", STR_ARG(source_key(t->c, s)), below);
    }
    char *text = arena_alloc(t->c->arena, CURSOR_MAX + 4);
    size_t n = base64url_encode(buf_view(&b), text, CURSOR_MAX + 4);
    buf_free(&b);
    return (Str){text, n};
}

static bool position_read(Timeline *t, Str word) {
    for (int i = 0; i < t->n; i++) {
        Str key = source_key(t->c, &t->sources[i]);
        if (!str_starts(word, key)) continue;
        return str_to_int((Str){word.p + key.n, word.n - key.n}, &t->sources[i].below) && t->sources[i].below > 0;
    }
    return true; /* a source that the caller may not read any more */
}

static bool cursor_read(Timeline *t, Str text) {
    if (!text.p) return true;
    char *bytes = arena_alloc(t->c->arena, CURSOR_BYTES);
    size_t n = base64url_decode(text, bytes, CURSOR_BYTES);
    Str key = list_key(t), rest = {bytes, n}, word;
    if (!str_starts(rest, key) || (rest.n > key.n && rest.p[key.n] != ' ')) return false;
    rest = (Str){rest.p + key.n, rest.n - key.n};
    while (rest.n) {
        rest = (Str){rest.p + 1, rest.n - 1};
        word = str_cut(rest, ' ', &rest);
        if (rest.p) rest = (Str){rest.p - 1, rest.n + 1};
        if (!position_read(t, word)) return false;
    }
    return true;
}

/* --- a page --- */

static void page_write(Timeline *t) {
    Json *j = &t->c->out;
    Source *s;
    js_begin_object(j);
    js_key(j, S("items"));
    js_begin_array(j);
    for (int64_t i = 0; i < t->size && (s = newest(t)); i++) {
        item_write(j, s);
        s->there = stmt_step(s->st);
    }
    js_end_array(j);
    js_field_str(j, "next_cursor", newest(t) ? cursor_of(t) : STR_NONE);
    js_end_object(j);
}

bool timeline_run(Ctx *c, Call *call) {
    Query one;
    Value size = call_value(call, "page_size");
    Timeline *t = ARENA_NEW(c->arena, Timeline);
    *t = (Timeline){.c = c, .model = call->view->model, .id = call->id};
    if (size.kind == V_NULL) str_to_int(S(TIMELINE_PAGE), &size.i);
    t->size = size.i;
    if (!query_read_one(c, call->view, (Params){0}, MAY_READ, &one) || !query_finds(c, &one, call->id)) return false;
    sources_find(t);
    if (!cursor_read(t, call_text(call, "cursor"))) return fail(c, E_BAD_QUERY, "cursor is not one this timeline gave");
    for (int i = 0; i < t->n; i++) source_open(t, &t->sources[i]);
    page_write(t);
    for (int i = 0; i < t->n; i++) stmt_reset(t->sources[i].st);
    if (db_failed(c->db)) return db_fail(c->db, &c->err);
    return answer_fits(c, c->body);
}
