/* Expansion: lines and referenced records inside the answer, with one
 * statement per relation for a whole page.
 *
 * A page's objects are written as text with holes: "behind byte 812 comes the
 * customer 42". When the page is there, the ids of all holes are known; one
 * statement reads those records, whose texts become pieces by id (and may have
 * holes themselves: the product of a line). At the end the texts are copied
 * into the answer, pieces in their holes. Nothing of it lives in the arena. */
#include <assert.h>

#include "model/plan.h"

#define IDS_PER_STATEMENT 1024

typedef struct {
    size_t at;
    const Layer *by;
    int64_t id;
} Hole;

typedef struct {
    int64_t id;
    size_t from, to;
} Piece;

/* The buffers come from malloc: aligned for both. */
static const Hole *holes_of(const Layer *l, size_t *n) {
    *n = l->holes.n / sizeof(Hole);
    return (const Hole *)(const void *)l->holes.p;
}

static const Piece *pieces_of(const Layer *l, size_t *n) {
    *n = l->pieces.n / sizeof(Piece);
    return (const Piece *)(const void *)l->pieces.p;
}

bool answer_fits(Ctx *c, const Buf *b) {
    if (!b->failed) return true;
    return fail(c, E_BAD_QUERY, "the answer would be too large: ask for fewer records or fields");
}

/* --- planning --- */

static Layer *layer_new(Ctx *c, Layer *parent, const View *v, Str key) {
    Layer *l = ARENA_NEW(c->arena, Layer);
    l->key = key;
    l->next = parent->children;
    parent->children = l;
    l->text.max = l->holes.max = l->pieces.max = c->body->max;
    plan_make(c, &l->plan, v, set_all(), (FieldSet){{0, 0}});
    return l;
}

static void refs_plan(Ctx *c, Layer *in, const FieldSet *refs) {
    for (int i = 0; i < in->plan.n_cells; i++) {
        Cell *cell = &in->plan.cells[i];
        const ModelField *f = cell->field;
        if (!f->ref || !set_has(refs, f->index)) continue;
        Str key = arena_fmt(c->arena, "\"%.*s\":", STR_ARG(f->object_name));
        cell->object = layer_new(c, in, &f->ref->views[0], key);
        cell->object->denied = ctx_may(c, f->ref, MAY_READ) != MAY_ALL;
    }
}

void layers_plan(Ctx *c, const Query *q, Layer *root) {
    root->text.max = root->holes.max = c->body->max;
    refs_plan(c, root, &q->expand);
    const Model *lines = q->model->lines;
    if (!q->expand_lines || !lines) return;
    root->lines = layer_new(c, root, &lines->views[0], q->model->lines_key);
    root->lines->many = true;
    refs_plan(c, root->lines, &q->expand_line_refs);
}

void layer_hole(Layer *in, Json *j, const Layer *filled_by, int64_t id) {
    js_raw_key(j, filled_by->key);
    if (filled_by->denied || id == 0) {
        js_null(j);
        return;
    }
    js_raw(j, STR_NONE);
    Hole hole = {in->text.n, filled_by, id};
    buf_add(&in->holes, &hole, sizeof hole);
}

/* --- reading --- */

static int id_order(const void *a, const void *b) {
    int64_t x = ((const Value *)a)->i, y = ((const Value *)b)->i;
    return (x > y) - (x < y);
}

/* The ids the holes of `parent` ask of `l`, ascending, each once. */
static Value *ids_collect(const Layer *parent, const Layer *l, size_t *out) {
    size_t n, found = 0, kept = 0;
    const Hole *holes = holes_of(parent, &n);
    Value *ids = malloc(sizeof(Value) * (n + 1));
    assert(ids);
    for (size_t i = 0; i < n; i++)
        if (holes[i].by == l) ids[found++] = value_int(holes[i].id);
    qsort(ids, found, sizeof *ids, id_order);
    for (size_t i = 0; i < found; i++)
        if (kept == 0 || ids[kept - 1].i != ids[i].i) ids[kept++] = ids[i];
    *out = kept;
    return ids;
}

static void piece_end(Layer *l, Piece *piece) {
    if (piece->id == 0) return;
    if (l->many) buf_char(&l->text, ']');
    piece->to = l->text.n;
    buf_add(&l->pieces, piece, sizeof *piece);
}

static void pieces_read(Layer *l, Stmt *st) {
    Piece piece = {0};
    Json j = js_to(&l->text);
    while (stmt_step(st)) {
        int64_t id = stmt_int(st, l->plan.n_columns); /* behind the plan's */
        if (id != piece.id) {
            piece_end(l, &piece);
            piece = (Piece){id, l->text.n, 0};
            j.comma = false;
            if (l->many) js_begin_array(&j);
        }
        js_begin_object(&j);
        plan_write(&j, &l->plan, st, l);
        js_end_object(&j);
    }
    piece_end(l, &piece);
    stmt_reset(st);
}

/* The list is filled up to a power of two with its last id, so that a page's
 * length does not make another statement of it. */
static void ids_sql(Sql *s, Value *ids, size_t n) {
    size_t size = 1;
    while (size < n) size *= 2;
    for (size_t i = 0; i < size; i++) {
        sql_add(s, i ? S(", ") : S(" IN ("));
        sql_bind(s, ids[i < n ? i : n - 1]);
    }
    sql_add(s, S(")"));
}

static void layer_query(Ctx *c, Layer *l, Value *ids, size_t n) {
    const Model *m = l->plan.model;
    Str key = l->many ? str_of(m->lines_decl->parent) : m->fields[m->id].column;
    Sql s;
    sql_begin(&s, c);
    sql_add(&s, S("SELECT "));
    plan_select(&s, &l->plan);
    sql_add(&s, S(", "));
    sql_column(&s, key);
    sql_from(&s, m);
    sql_add(&s, S(" AND "));
    sql_column(&s, key);
    ids_sql(&s, ids, n);
    sql_add(&s, S(" ORDER BY "));
    sql_column(&s, key);
    if (l->many) sql_add(&s, S(", t.position"));
    pieces_read(l, sql_prepare(&s));
}

static void children_load(Ctx *c, Layer *parent) {
    for (Layer *l = parent->children; l; l = l->next) {
        size_t n;
        Value *ids = ids_collect(parent, l, &n);
        for (size_t at = 0; at < n && !db_failed(c->db) && !l->text.failed; at += IDS_PER_STATEMENT)
            layer_query(c, l, ids + at, n - at < IDS_PER_STATEMENT ? n - at : IDS_PER_STATEMENT);
        free(ids);
        if (!l->text.failed && !l->holes.failed) children_load(c, l);
    }
}

/* --- putting together --- */

static void copy_filled(Buf *out, const Layer *l, size_t from, size_t to);

static void fill(Buf *out, const Hole *hole) {
    size_t low = 0, high;
    const Piece *pieces = pieces_of(hole->by, &high);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (pieces[middle].id == hole->id) {
            copy_filled(out, hole->by, pieces[middle].from, pieces[middle].to);
            return;
        }
        if (pieces[middle].id < hole->id)
            low = middle + 1;
        else
            high = middle;
    }
    buf_str(out, hole->by->many ? S("[]") : S("null"));
}

/* The first hole at or behind a byte. */
static size_t hole_from(const Hole *holes, size_t n, size_t at) {
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (holes[middle].at < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Two levels deep: a page, its lines, their products. */
static void copy_filled(Buf *out, const Layer *l, size_t from, size_t to) {
    size_t n;
    const Hole *holes = holes_of(l, &n);
    for (size_t i = hole_from(holes, n, from); i < n && holes[i].at < to && !out->failed; i++) {
        buf_add(out, l->text.p + from, holes[i].at - from);
        fill(out, &holes[i]);
        from = holes[i].at;
    }
    buf_add(out, l->text.p + from, to - from);
}

static void layer_release(Layer *l) {
    buf_free(&l->text);
    buf_free(&l->holes);
    buf_free(&l->pieces);
    for (Layer *child = l->children; child; child = child->next) layer_release(child);
}

static bool layers_whole(const Layer *l) {
    bool whole = !l->text.failed && !l->holes.failed && !l->pieces.failed;
    for (const Layer *child = l->children; child; child = child->next) whole = whole && layers_whole(child);
    return whole;
}

bool layers_finish(Ctx *c, Layer *root) {
    bool refused = c->err.kind != E_NONE, whole = false;
    if (!refused && layers_whole(root)) {
        children_load(c, root);
        whole = layers_whole(root);
    }
    if (whole) {
        js_raw(&c->out, STR_NONE);
        copy_filled(c->body, root, 0, root->text.n);
    }
    layer_release(root);
    if (refused) return false;
    if (db_failed(c->db)) return db_fail(c->db, &c->err);
    return answer_fits(c, whole ? c->body : &(Buf){.failed = true});
}
