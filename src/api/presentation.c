/* The native presentation: DESIGN's list envelope and RFC 9457 problems. */
#include "api/request.h"

static void list_begin(ApiRequest *r) {
    js_begin_object(&r->c.out);
    js_key(&r->c.out, S("items"));
}

static void list_end(ApiRequest *r, const Page *page) {
    Json *j = &r->c.out;
    const Query *q = r->query;
    if (page->total >= 0) js_field_int(j, "total", page->total);
    if (page->total_is_least) js_field_bool(j, "total_at_least", true);
    if (!q->has_cursor) js_field_int(j, "page", q->page);
    js_field_int(j, "page_size", q->size);
    if (page->total >= 0) js_field_int(j, "pages", (page->total + q->size - 1) / q->size);
    js_field_str(j, "next_cursor", page->next_cursor);
    js_end_object(j);
}

static void deleted(ApiRequest *r) {
    Json *j = &r->c.out;
    js_begin_object(j);
    js_field_str(j, "message", ctx_fmt(&r->c, "%s deleted", r->model->resource->singular));
    js_field_int(j, "id", r->id);
    js_end_object(j);
}

void issues_write(Json *j, const Error *e) {
    js_key(j, S("errors"));
    js_begin_array(j);
    for (const Issue *i = e->issues; i; i = i->next) {
        js_begin_object(j);
        js_field_str(j, "field", i->field);
        js_field_c(j, "code", i->code);
        js_field_str(j, "message", i->message);
        js_end_object(j);
    }
    js_end_array(j);
}

static void error(const Error *e, Str request_id, const char *timestamp, Buf *body) {
    const ErrorInfo *info = error_info(e->kind);
    Json json = js_to(body), *j = &json;
    js_begin_object(j);
    js_key(j, S("type"));
    buf_char(body, '"');
    buf_fmt(body, "/docs#error-%s", info->code);
    buf_char(body, '"');
    j->comma = true;
    js_field_c(j, "title", info->title);
    js_field_int(j, "status", info->status);
    js_field_str(j, "detail", e->detail.n ? e->detail : str_of(info->title));
    js_field_c(j, "code", info->code);
    js_field_str(j, "request_id", request_id);
    js_field_c(j, "timestamp", timestamp);
    if (e->issues) issues_write(j, e);
    js_end_object(j);
}

const Presentation native_presentation = {
    .prefix = "",
    .list_begin = list_begin,
    .list_end = list_end,
    .deleted = deleted,
    .error = error,
    .error_type = "application/problem+json",
};
