/* CSV in and out (RFC 4180, UTF-8) within one request. */
#include "api/batch.h"
#include "api/verbs.h"
#include "base/time.h"
#include "model/sheet.h"

#define EXPORT_MAX ((size_t)1 << 30)

/* --- export --- */

bool export_plan(ApiRequest *r) {
    Str format = param_take(r, "format");
    if (format.p && !str_is(format, "csv"))
        return fail(&r->c, E_BAD_QUERY, "format must be csv");
    r->query = ARENA_NEW(r->c.arena, Query);
    return query_read(&r->c, r->view, r->params, MAY_EXPORT, r->query);
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
    Sheet sheet;
    CsvRow row;
    Str rest; /* of the file */
    bool head_read;
} Import;

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

static bool row_take(Import *im) {
    ApiRequest *r = im->r;
    if (!batch_fits(r)) return false;
    BatchItem *item = item_add(im);
    if (!sheet_row(&im->sheet, &r->c, &im->row, &item->input)) {
        batch_note_error(r, item);
        return true;
    }
    const ModelField *key = im->batch->upsert;
    if (key && set_has(&item->input.given, key->index)) item->key = item->input.row.values[key->index];
    return true;
}

static bool head_take(Import *im) {
    im->head_read = true;
    return sheet_head(&im->sheet, &im->row);
}

static bool csv_read(Import *im) {
    Ctx *c = &im->r->c;
    Str body = im->r->http->body;
    im->rest = (Str){body.p + csv_mark(body), body.n - csv_mark(body)};
    im->row.delimiter = csv_delimiter(im->rest);
    for (;;) {
        CsvResult result = csv_row(im->rest, true, &im->row, c->arena);
        if (result == CSV_END) return im->head_read || fail(c, E_BAD_REQUEST, "the file has no heading row");
        if (result == CSV_WRONG)
            return fail(c, E_BAD_REQUEST, "not valid CSV near row %d: it %s", im->batch->n + 1, im->row.wrong);
        im->rest = (Str){im->rest.p + im->row.used, im->rest.n - im->row.used};
        if (csv_blank(&im->row)) continue;
        if (!(im->head_read ? row_take(im) : head_take(im))) return false;
    }
}

static bool upsert_field(ApiRequest *r, Batch *b) {
    Str key = param_take(r, "key");
    if (!key.p) return true;
    b->upsert = map_get(&r->view->by_name, key);
    if (b->upsert && (b->upsert->flags & F_UNIQUE)) return true;
    return fail(&r->c, E_BAD_QUERY, "key must name a unique field, such as %s",
                r->model->resource->key ? r->model->resource->key : "a number");
}

bool import_plan(ApiRequest *r) {
    Import *im = ARENA_NEW(r->c.arena, Import);
    *im = (Import){.r = r, .batch = ARENA_NEW(r->c.arena, Batch)};
    im->sheet = (Sheet){.c = &r->c, .view = r->view, .map = param_take(r, "map")};
    im->row = (CsvRow){.cells = ARENA_ARRAY(r->c.arena, Str, FIELDS_MAX), .max = FIELDS_MAX};
    im->batch->atomic = true;
    r->batch = im->batch;
    if (!upsert_field(r, im->batch) || !params_none_left(r)) return false;
    if (!str_utf8_valid(r->http->body))
        return fail(&r->c, E_BAD_REQUEST, "the file is not valid UTF-8: save it as \"CSV UTF-8\"");
    return csv_read(im);
}

bool import_run(ApiRequest *r) { return batch_run(r, r->batch); }
