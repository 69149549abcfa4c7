/* CSV in and out (RFC 4180, UTF-8). Exported cells that a spreadsheet would
 * take for a formula get a leading apostrophe, which import takes off again. */
#include <csv.h>

#include "api/batch.h"
#include "api/verbs.h"
#include "base/time.h"

#define COLUMNS_MAX FIELDS_MAX
#define EXPORT_MAX ((size_t)1 << 30)

/* --- export --- */

bool export_plan(ApiRequest *r) {
    Str format = param_take(r, "format");
    if (format.p && !str_is(format, "csv"))
        return fail(&r->c, E_BAD_QUERY, "format must be csv");
    r->query = ARENA_NEW(r->c.arena, Query);
    return query_read(&r->c, r->view, r->params, MAY_EXPORT, r->query);
}

/* Behind any apostrophes, so that a guard can be told from the text's own. */
static bool formula_like(Str s) {
    while (s.n && s.p[0] == '\'') s.p++, s.n--;
    return s.n && (strchr("=+-@\t\r", s.p[0]) || (s.n > 2 && (unsigned char)s.p[0] == 0xef));
}

static bool is_number(Str s) {
    Decimal d;
    return decimal_parse(s, &d) != DECIMAL_SYNTAX;
}

static void csv_cell(Buf *b, Str s) {
    bool guard = formula_like(s) && !is_number(s);
    bool quote = guard;
    for (size_t i = 0; i < s.n && !quote; i++)
        quote = s.p[i] == ',' || s.p[i] == '"' || s.p[i] == '\n' || s.p[i] == '\r';
    if (!quote) {
        buf_str(b, s);
        return;
    }
    buf_char(b, '"');
    if (guard) buf_char(b, '\'');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"') buf_char(b, '"');
        buf_char(b, s.p[i]);
    }
    buf_char(b, '"');
}

static bool exported(const Query *q, const ModelField *f) {
    return !(f->flags & (F_HIDDEN | F_SECRET | F_NO_COLUMN)) && set_has(&q->fields, f->index);
}

static void export_head(ApiRequest *r) {
    Buf *b = r->c.body;
    int n = 0;
    for (int i = 0; i < r->model->n; i++) {
        const ModelField *f = &r->model->fields[i];
        if (!exported(r->query, f)) continue;
        if (n++) buf_char(b, ',');
        buf_str(b, r->view->names[i]);
        if (f->name_key.p) buf_fmt(b, ",%.*s", (int)f->name_key.n - 3, f->name_key.p + 1);
    }
    buf_c(b, "\r\n");
}

static bool export_row(Ctx *c, const Row *row, void *arg) {
    ApiRequest *r = arg;
    Buf cell;
    buf_init(&cell, 256, BUF_DEFAULT_MAX);
    int n = 0;
    for (int i = 0; i < row->model->n; i++) {
        const ModelField *f = &row->model->fields[i];
        if (!exported(r->query, f)) continue;
        if (n++) buf_char(c->body, ',');
        buf_reset(&cell);
        if (row->values[i].kind != V_NULL) f->type->to_text(&cell, &row->values[i]);
        csv_cell(c->body, buf_view(&cell));
        if (!f->name_key.p) continue;
        buf_char(c->body, ',');
        csv_cell(c->body, row->names[i]);
    }
    buf_c(c->body, "\r\n");
    buf_free(&cell);
    return !c->body->failed;
}

bool export_run(ApiRequest *r) {
    r->c.body->max = EXPORT_MAX;
    r->content_type = "text/csv; charset=utf-8";
    export_head(r);
    if (!query_each(&r->c, r->query, export_row, r)) return r->c.body->failed;
    http_respond_header(r->http, "Content-Disposition",
                        ctx_fmt(&r->c, "attachment; filename=\"%s-%s.csv\"", r->view->path.p, r->c.today));
    return true;
}

/* --- import --- */

typedef struct {
    ApiRequest *r;
    Batch *batch;
    int cap;
    Str names[COLUMNS_MAX], cells[COLUMNS_MAX];
    int n_names, n_cells;
    bool head_read;
    Error refused; /* the whole file, for this */
} Import;

static Str cell_text(Import *im, const void *p, size_t n) {
    Str s = arena_str(im->r->c.arena, (Str){p, n});
    bool guarded = s.n > 1 && s.p[0] == '\'' && formula_like((Str){s.p + 1, s.n - 1});
    return guarded ? (Str){s.p + 1, s.n - 1} : s;
}

static void on_cell(void *p, size_t n, void *arg) {
    Import *im = arg;
    if (im->n_cells < COLUMNS_MAX && im->refused.kind == E_NONE)
        im->cells[im->n_cells] = cell_text(im, p, n);
    im->n_cells++;
}

/* Columns an export has but a client may not set are passed over. */
static bool column_ignored(const Model *m, const View *v, Str name) {
    const ModelField *f = map_get(&v->by_name, name);
    if (f) return (f->flags & F_READONLY) && f->index != m->status;
    for (int i = 0; i < m->n; i++) {
        Str key = m->fields[i].name_key; /* "customer_name": */
        if (key.p && str_eq(name, (Str){key.p + 1, key.n - 3})) return true;
    }
    return false;
}

static void import_refuse(Import *im) {
    im->refused = im->r->c.err;
    error_clear(&im->r->c.err);
}

static void head_take(Import *im) {
    Str bom = S("\xef\xbb\xbf");
    im->head_read = true;
    if (im->n_cells > COLUMNS_MAX) {
        fail(&im->r->c, E_BAD_REQUEST, "the heading has more than %d columns", COLUMNS_MAX);
        import_refuse(im);
        return;
    }
    for (int i = 0; i < im->n_cells; i++) {
        Str s = i ? im->cells[i] : str_starts(im->cells[0], bom)
                        ? (Str){im->cells[0].p + 3, im->cells[0].n - 3}
                        : im->cells[0];
        im->names[i] = str_trim(s);
    }
    im->n_names = im->n_cells;
}

static BatchItem *item_add(Import *im) {
    Batch *b = im->batch;
    if (b->n == im->cap) {
        int cap = im->cap ? im->cap * 2 : 256;
        BatchItem *items = ARENA_ARRAY(im->r->c.arena, BatchItem, (size_t)cap);
        if (b->n) memcpy(items, b->items, sizeof(BatchItem) * (size_t)b->n);
        b->items = items;
        im->cap = cap;
    }
    return &b->items[b->n++];
}

static void row_take(Import *im) {
    ApiRequest *r = im->r;
    Str names[COLUMNS_MAX], texts[COLUMNS_MAX];
    int n = 0;
    BatchItem *item = item_add(im);
    if (im->n_cells != im->n_names) {
        error_issue(&r->c.err, S("row"), "columns", "has %d columns, the heading has %d", im->n_cells,
                    im->n_names);
        batch_note_error(r, item);
        return;
    }
    for (int i = 0; i < im->n_names; i++) {
        if (column_ignored(r->model, r->view, im->names[i])) continue;
        names[n] = im->names[i];
        texts[n++] = im->cells[i];
    }
    if (!input_read_texts(&r->c, r->view, &(TextRow){names, texts, n}, &item->input)) {
        batch_note_error(r, item);
        return;
    }
    const ModelField *key = im->batch->upsert;
    if (key && set_has(&item->input.given, key->index)) item->key = item->input.row.values[key->index];
}

static void on_row(int end, void *arg) {
    Import *im = arg;
    (void)end;
    bool blank = im->n_cells == 0 || (im->n_cells == 1 && !im->cells[0].n);
    if (!blank && !im->head_read)
        head_take(im);
    else if (!blank && im->refused.kind == E_NONE)
        batch_fits(im->r) ? row_take(im) : import_refuse(im);
    im->n_cells = 0;
}

static bool upsert_field(ApiRequest *r, Batch *b) {
    Str key = param_take(r, "key");
    if (!key.p) return true;
    b->upsert = map_get(&r->view->by_name, key);
    if (b->upsert && (b->upsert->flags & F_UNIQUE)) return true;
    return fail(&r->c, E_BAD_QUERY, "key must name a unique field, such as %s",
                r->model->resource->key ? r->model->resource->key : "a number");
}

static bool csv_read(ApiRequest *r, Import *im) {
    struct csv_parser parser;
    Str s = r->http->body;
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0) return fail(&r->c, E_INTERNAL, NULL);
    size_t n = csv_parse(&parser, s.p, s.n, on_cell, on_row, im);
    bool ok = n == s.n && csv_fini(&parser, on_cell, on_row, im) == 0;
    csv_free(&parser);
    return ok || fail(&r->c, E_BAD_REQUEST, "not valid CSV near row %d", im->batch->n + 1);
}

bool import_plan(ApiRequest *r) {
    Import *im = ARENA_NEW(r->c.arena, Import);
    *im = (Import){.r = r, .batch = ARENA_NEW(r->c.arena, Batch)};
    im->batch->atomic = true;
    r->batch = im->batch;
    if (!upsert_field(r, im->batch) || !params_none_left(r)) return false;
    if (!str_utf8_valid(r->http->body))
        return fail(&r->c, E_BAD_REQUEST, "the file is not valid UTF-8");
    if (!csv_read(r, im)) return false;
    if (im->refused.kind != E_NONE) {
        r->c.err = im->refused;
        return false;
    }
    if (!im->head_read) return fail(&r->c, E_BAD_REQUEST, "the file has no heading row");
    return true;
}

bool import_run(ApiRequest *r) { return batch_run(r, r->batch); }
