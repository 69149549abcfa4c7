/* Duplicates: equal keys are looked up in their indexes; similar texts among
 * the records that share a word with them, from the search table. Each look-up
 * reads at most FOUND_MAX rows; when one of them had more, the answer says so. */
#include "model/alike.h"

#include "base/fold.h"
#include "model/plan.h"
#include "model/read.h"
#include "model/search_dialect.h"
#include "model/write.h"

#define FOUND_MAX   100
#define KEPT_MAX    500
#define WORDS_MAX   4
#define STEM        4  /* letters by which a misspelt word is still found */
#define SIMILAR_MIN 75 /* percent of the letters */
#define SCORE_MAX   100
#define SCORE_MORE  5 /* for each further reason */

const Field duplicates_answer[3] = {
    {"items", &T_JSON, F_REQUIRED, .example = "[{\"score\": 95, \"reasons\": [\"email\", \"name\"], \"record\": {\"id\": 7}}]",
     .help = "the most alike first; a score of 100 is certain"},
    {"total", &T_INT, F_REQUIRED, .example = "1"},
    {"more", &T_BOOL, F_REQUIRED, .help = "whether more may be alike than are told", .example = "false"},
};

typedef struct {
    int64_t id;
    int score;
    uint32_t reasons; /* bit per row of Resource.alike */
} Found;

typedef struct {
    Ctx *c;
    const Model *model;
    Value *probe; /* by field: what is compared with, by key fields as they are stored */
    int64_t self; /* never found; 0: none */
    Found list[KEPT_MAX];
    int n;
    bool more;
} Hunt;

static const ModelField *key_of(const Hunt *h, const Alike *a) { return model_field(h->model, a->key); }
static const ModelField *source_of(const ModelField *key) { return key->folds ? key->folds : key; }

static Found *found_get(Hunt *h, int64_t id) {
    for (int i = 0; i < h->n; i++)
        if (h->list[i].id == id) return &h->list[i];
    if (h->n == KEPT_MAX) {
        h->more = true;
        return NULL;
    }
    h->list[h->n] = (Found){.id = id};
    return &h->list[h->n++];
}

static void found_note(Hunt *h, int64_t id, int at, int score) {
    Found *f = id == h->self ? NULL : found_get(h, id);
    if (!f || f->reasons >> at & 1) return;
    int higher = f->score > score ? f->score : score;
    f->score = f->reasons ? higher + SCORE_MORE : higher;
    if (f->score > SCORE_MAX) f->score = SCORE_MAX;
    f->reasons |= 1u << at;
}

/* --- equal --- */

static Stmt *rows_begin(Hunt *h, Str where, Value value) {
    Ctx *c = h->c;
    Stmt *st = db_prepare(c->db, arena_fmt(c->arena, "%.*s%.*s ORDER BY id DESC LIMIT %d", STR_ARG(h->model->seek_sql),
                                           STR_ARG(where), FOUND_MAX + 1));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind(st, 2, value);
    return st;
}

static bool rows_end(Hunt *h, Stmt *st, int n) {
    stmt_reset(st);
    h->more = h->more || n > FOUND_MAX;
    return !db_failed(h->c->db) || db_fail(h->c->db, &h->c->err);
}

static bool equal_find(Hunt *h, int at, const Alike *a) {
    const ModelField *key = key_of(h, a);
    Value value = h->probe[key->index];
    Row row;
    int n = 0;
    if (value.kind == V_NULL) return true;
    Stmt *st = rows_begin(h, arena_fmt(h->c->arena, "%.*s = ?2", STR_ARG(key->column)), value);
    while (n <= FOUND_MAX && stmt_step(st) && row_bare_from_stmt(h->c, h->model, st, &row)) {
        n++;
        if (record_visible(h->c, &row)) found_note(h, row.values[0].i, at, a->score);
    }
    return rows_end(h, st, n);
}

/* --- similar --- */

static Str folded(Ctx *c, const ModelField *key, Str text) {
    Buf b;
    buf_init(&b, text.n, BUF_DEFAULT_MAX);
    key->decl->fold(&b, text);
    Str out = arena_str(c->arena, buf_view(&b));
    buf_free(&b);
    return out;
}

/* In percent of the longer one. */
static int likeness(Str a, Str b) {
    size_t longer = a.n > b.n ? a.n : b.n;
    int limit = (int)(longer * (100 - SIMILAR_MIN) / 100);
    int distance = longer ? fold_distance(a, b, limit) : 0;
    return distance > limit ? 0 : 100 - (int)((size_t)distance * 100 / (longer ? longer : 1));
}

static Str term_of(Ctx *c, Str word, bool beginning) {
    Buf b = {0};
    search_words(c->db)->term(&b, c->organization_id, word, beginning);
    Str term = arena_str(c->arena, buf_view(&b));
    buf_free(&b);
    return term;
}

static bool similar_try(Hunt *h, int at, const Alike *a, Str term) {
    Ctx *c = h->c;
    const ModelField *key = key_of(h, a), *source = source_of(key);
    const SearchWords *words = search_words(c->db);
    Buf match = {0};
    words->match(&match, "", h->model->table.p);
    Str where = arena_fmt(c->arena, "id IN (SELECT rowid FROM %s_search WHERE %.*s?2%s ORDER BY rowid DESC LIMIT %d)",
                          h->model->table.p, STR_ARG(buf_view(&match)), words->match_end, FOUND_MAX + 1);
    buf_free(&match);
    Row row;
    int n = 0;
    Stmt *st = rows_begin(h, where, value_text(term));
    while (n <= FOUND_MAX && stmt_step(st) && row_bare_from_stmt(c, h->model, st, &row)) {
        n++;
        const Value *text = &row.values[source->index];
        int percent = text->kind == V_TEXT && record_visible(c, &row)
                          ? likeness(h->probe[key->index].s, folded(c, key, text->s))
                          : 0;
        if (percent) found_note(h, row.values[0].i, at, a->score * percent / 100);
    }
    return rows_end(h, st, n);
}

static int longer_first(const void *a, const void *b) {
    const Str *x = a, *y = b;
    return (x->n < y->n) - (x->n > y->n);
}

/* The longest words; and when they find nobody, the longest one's beginning:
 * it may be misspelt. */
static bool similar_find(Hunt *h, int at, const Alike *a) {
    Value value = h->probe[key_of(h, a)->index];
    Str words[FOLD_COMPARED], rest = value.kind == V_TEXT ? value.s : STR_NONE;
    int n = 0, known = h->n;
    bool ok = true;
    while (rest.n && n < FOLD_COMPARED) words[n++] = str_cut(rest, ' ', &rest);
    qsort(words, (size_t)n, sizeof *words, longer_first);
    for (int i = 0; ok && i < n && i < WORDS_MAX; i++)
        ok = similar_try(h, at, a, term_of(h->c, words[i], false));
    if (!ok || !n || h->n > known) return ok;
    size_t stem = 0;
    for (int letters = 0; stem < words[0].n && letters < STEM; letters++)
        do stem++;
        while (stem < words[0].n && ((unsigned char)words[0].p[stem] & 0xc0) == 0x80);
    return similar_try(h, at, a, term_of(h->c, (Str){words[0].p, stem}, true));
}

/* --- the answer --- */

static int most_alike_first(const void *a, const void *b) {
    const Found *x = a, *y = b;
    if (x->score != y->score) return y->score - x->score;
    return (x->id > y->id) - (x->id < y->id);
}

static bool found_write(Hunt *h, const View *v, const Found *f) {
    Json *j = &h->c->out;
    Row row;
    if (!record_load(h->c, h->model, f->id, &row)) return false;
    js_begin_object(j);
    js_field_int(j, "score", f->score);
    js_key(j, S("reasons"));
    js_begin_array(j);
    for (int i = 0; h->model->resource->alike[i].key; i++)
        if (f->reasons >> i & 1) js_str(j, source_of(key_of(h, &h->model->resource->alike[i]))->name);
    js_end_array(j);
    js_key(j, S("record"));
    row_write(h->c, v, &row);
    js_end_object(j);
    return true;
}

static bool hunt_run(Hunt *h, const View *v) {
    const Alike *alike = h->model->resource->alike;
    Json *j = &h->c->out;
    bool ok = true;
    for (int i = 0; ok && alike[i].key; i++) {
        ok = equal_find(h, i, &alike[i]);
        if (ok && alike[i].similar) ok = similar_find(h, i, &alike[i]);
    }
    if (!ok) return false;
    qsort(h->list, (size_t)h->n, sizeof *h->list, most_alike_first);
    int shown = h->n < DUPLICATES_MAX ? h->n : DUPLICATES_MAX;
    js_begin_object(j);
    js_key(j, S("items"));
    js_begin_array(j);
    for (int i = 0; i < shown && ok; i++) ok = found_write(h, v, &h->list[i]);
    js_end_array(j);
    js_field_int(j, "total", h->n);
    js_field_bool(j, "more", h->more || h->n > shown);
    js_end_object(j);
    return ok;
}

/* --- what is asked --- */

static Hunt *hunt_new(Ctx *c, const Model *m) {
    Hunt *h = ARENA_NEW(c->arena, Hunt);
    h->c = c;
    h->model = m;
    h->probe = ARENA_ARRAY(c->arena, Value, (size_t)m->n);
    return h;
}

static void probe_set(Hunt *h, const ModelField *key, Value source) {
    Value *v = &h->probe[key->index];
    *v = source;
    if (source.kind != V_TEXT || !key->folds) return;
    *v = value_text(folded(h->c, key, source.s));
    if (!v->s.n) *v = VALUE_NULL;
}

bool duplicates_of_record(Ctx *c, Call *call) {
    const Model *m = call->view->model;
    Hunt *h = hunt_new(c, m);
    Row row;
    if (!record_load(c, m, call->id, &row)) return false;
    if (!record_visible(c, &row)) return fail(c, E_NOT_FOUND, NULL);
    h->self = call->id;
    for (const Alike *a = m->resource->alike; a->key; a++) {
        const ModelField *key = key_of(h, a);
        probe_set(h, key, row.values[source_of(key)->index]);
    }
    return hunt_run(h, call->view);
}

bool duplicates_of_values(Ctx *c, Call *call) {
    const Model *m = call->view->model;
    Hunt *h = hunt_new(c, m);
    for (const Alike *a = m->resource->alike; a->key; a++) {
        const ModelField *key = key_of(h, a);
        probe_set(h, key, call_value(call, source_of(key)->name.p));
    }
    return hunt_run(h, call->view);
}
