/* From a filled HttpResponse to libmicrohttpd's: security headers, request id,
 * compression. Runs on the connection's I/O thread. */
#include "http/internal.h"
#include "base/log.h"
#include "base/time.h"

/* Sent with every answer unless the handler set the same header. */
static const HttpHeader DEFAULTS[] = {
    {"Cache-Control", {"no-store", 8}},
    {"X-Content-Type-Options", {"nosniff", 7}},
    {"Referrer-Policy", {"no-referrer", 11}},
    {"X-Frame-Options", {"DENY", 4}},
    {"Cross-Origin-Resource-Policy", {"same-origin", 11}},
    {"Content-Security-Policy", {"default-src 'none'; frame-ancestors 'none'", 42}},
};

void http_respond_header(HttpRequest *r, const char *name, Str value) {
    for (size_t i = 0; i < value.n; i++) {
        unsigned char c = (unsigned char)value.p[i];
        if ((c < ' ' && c != '\t') || c == 0x7f) {
            log_event("http", LOG_WARNING, "control character in answer header %s: dropped", name);
            return;
        }
    }
    if (r->response.n_headers == HTTP_RESPONSE_HEADERS) {
        log_event("http", LOG_WARNING, "too many answer headers: %s dropped", name);
        return;
    }
    r->response.headers[r->response.n_headers++] = (HttpHeader){name, arena_str(&r->arena, value)};
}

static bool has_header(const HttpResponse *a, const char *name) {
    for (int i = 0; i < a->n_headers; i++)
        if (str_ieq(str_of(a->headers[i].name), str_of(name))) return true;
    return false;
}

static void add(struct MHD_Response *m, const char *name, const char *value) {
    if (value[0] && MHD_add_response_header(m, name, value) != MHD_YES)
        log_event("http", LOG_WARNING, "answer header %s refused", name);
}

static void add_headers(const Exchange *x, struct MHD_Response *m) {
    const HttpResponse *a = &x->r.response;
    if (a->content_type) add(m, "Content-Type", a->content_type);
    for (int i = 0; i < a->n_headers; i++) add(m, a->headers[i].name, a->headers[i].value.p);
    for (size_t i = 0; i < sizeof DEFAULTS / sizeof *DEFAULTS; i++)
        if (a->n_headers == 0 || !has_header(a, DEFAULTS[i].name))
            add(m, DEFAULTS[i].name, DEFAULTS[i].value.p);
    if (x->r.https) add(m, "Strict-Transport-Security", "max-age=31536000");
    add(m, "X-Request-Id", x->r.id);
    if (x->close) add(m, "Connection", "close");
}

/* The bytes to send, packed when that is wanted and worth it. */
static Str choose_body(Exchange *x, bool *packed, bool *varies) {
    HttpResponse *a = &x->r.response;
    HttpServer *s = x->conn->server;
    Str body = a->fixed.p ? a->fixed : buf_view(&a->body);
    *packed = *varies = false;
    if (a->no_gzip || body.n < s->config.gzip_from || !gzip_worthwhile(a->content_type)) return body;
    *varies = true;
    if (!gzip_accepted(http_header(&x->r, "Accept-Encoding")) ||
        !gzip_pack(&s->lanes[x->conn->lane].gzip, body, &x->packed))
        return body;
    *packed = true;
    return buf_view(&x->packed);
}

static void check_answer(Exchange *x) {
    HttpResponse *a = &x->r.response;
    HttpServer *s = x->conn->server;
    if (a->status != 0 && !a->body.failed) return;
    log_event("http", LOG_ERROR, "request %s: %s", x->r.id,
              a->body.failed ? "the answer outgrew its limit" : "no answer was given");
    buf_reset(&a->body);
    a->fixed = STR_NONE;
    a->n_headers = 0;
    s->handler.refuse(s->handler.app, &x->r, E_INTERNAL, NULL);
}

enum MHD_Result respond_send(Exchange *x) {
    bool packed, varies;
    check_answer(x);
    Str body = choose_body(x, &packed, &varies);
    struct MHD_Response *m = MHD_create_response_from_buffer(
        body.n, (void *)(uintptr_t)(body.n ? body.p : ""), MHD_RESPMEM_PERSISTENT);
    if (!m) return MHD_NO;
    x->close = x->close || atomic_load_explicit(&x->conn->server->draining, memory_order_relaxed);
    add_headers(x, m);
    if (packed) add(m, "Content-Encoding", "gzip");
    if (varies) add(m, "Vary", "Accept-Encoding");
    atomic_store_explicit(&x->conn->deadline_us,
                          monotonic_us() + HTTP_STALL_US + (int64_t)(body.n / HTTP_SLOWEST) * 1000000,
                          memory_order_relaxed);
    x->phase = PHASE_SENT;
    enum MHD_Result queued = MHD_queue_response(x->mhd, (unsigned)x->r.response.status, m);
    MHD_destroy_response(m);
    return queued;
}
