/* One exchange through libmicrohttpd's callbacks:
 *
 *   LINE   the request line is there (exchange_uri), headers are being read
 *   BODY   admitted; body bytes are counted, and kept or dropped
 *   READY  answered by admit; waits for the end of a body that is dropped
 *   LATER  another thread has it; http_resume brings it back
 *   SENT   the answer is queued; exchange_completed ends it
 *
 * An answer queued in the first callback makes libmicrohttpd close the
 * connection, so that is done only for refusals; everything else waits for the
 * callback after the body. None can be queued while body bytes are given. */
#include "http/internal.h"

#include <errno.h>
#include <malloc.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"

#define ARENA_MAX ((size_t)256 << 20)

/* Which lane this I/O thread is: MHD's callbacks carry no thread identity, and
 * a connection stays with the thread that accepted it. The threads belong to
 * one server, so the number never has to change. */
static _Thread_local int lane_of_thread = -1;

static Exchange *exchange_take(Conn *c) {
    Lane *lane = &c->server->lanes[c->lane];
    Exchange *x = lane->free;
    if (x) {
        lane->free = x->next_free;
        lane->n_free--;
        return x;
    }
    x = calloc(1, sizeof *x);
    if (!x) log_fatal("http", "out of memory");
    arena_init(&x->r.arena, ARENA_MAX);
    buf_init(&x->r.response.body, 0, BUF_DEFAULT_MAX);
    buf_init(&x->upload, 0, BUF_DEFAULT_MAX);
    buf_init(&x->packed, 0, BUF_DEFAULT_MAX);
    return x;
}

static void buf_recycle(Buf *b) {
    if (b->cap > HTTP_KEEP_MAX) {
        buf_free(b);
        buf_init(b, 0, BUF_DEFAULT_MAX);
    } else {
        buf_reset(b);
    }
    b->max = BUF_DEFAULT_MAX;
}

/* Back on the lane's list, with its memory but without its past. */
static void exchange_give_back(Exchange *x) {
    Lane *lane = &x->conn->server->lanes[x->conn->lane];
    bool was_large = x->r.arena.total > HTTP_TRIM_FROM;
    if (lane->n_free == HTTP_SPARE_MAX || was_large) {
        exchange_free(x);
        if (was_large) malloc_trim(0); /* many small blocks, which malloc would keep */
        return;
    }
    lane->n_free++;
    Arena arena = x->r.arena;
    arena_reset(&arena);
    buf_recycle(&x->r.response.body);
    buf_recycle(&x->upload);
    buf_recycle(&x->packed);
    Buf body = x->r.response.body, upload = x->upload, packed = x->packed;
    x->r = (HttpRequest){.arena = arena, .response.body = body};
    x->upload = upload;
    x->packed = packed;
    x->mhd = NULL;
    x->conn = NULL;
    x->n_headers = 0;
    x->uri_n = 0;
    x->phase = PHASE_LINE;
    x->length = x->read = 0;
    x->has_length = x->chunked = x->expect = x->uri_too_long = x->too_many = false;
    x->spool_errno = 0;
    x->drop = x->too_large = x->seen = x->close = x->linger = x->handed_over = false;
    atomic_store_explicit(&x->handoff, HANDOFF_RUNNING, memory_order_relaxed);
    x->next_free = lane->free;
    lane->free = x;
}

void exchange_free(Exchange *x) {
    arena_free(&x->r.arena);
    buf_free(&x->r.response.body);
    buf_free(&x->upload);
    buf_free(&x->packed);
    free(x);
}

/* One writer, so a load and a store do. */
static void count(_Atomic int64_t *n, int by) {
    atomic_store_explicit(n, atomic_load_explicit(n, memory_order_relaxed) + by, memory_order_release);
}

static void deadline(Conn *c, int64_t at_us) {
    atomic_store_explicit(&c->deadline_us, at_us, memory_order_relaxed);
}

void exchange_connection(void *cls, struct MHD_Connection *connection, void **state,
                         enum MHD_ConnectionNotificationCode what) {
    HttpServer *s = cls;
    Conn *c = *state;
    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        if (c) watch_remove(&s->watch, c);
        free(c);
        *state = NULL;
        return;
    }
    if (lane_of_thread < 0) lane_of_thread = atomic_fetch_add(&s->lanes_taken, 1) % s->n_lanes;
    c = calloc(1, sizeof *c);
    if (!c) log_fatal("http", "out of memory");
    c->server = s;
    c->lane = lane_of_thread;
    c->fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    address_of(MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr,
               &c->peer);
    address_text(&c->peer, c->ip);
    c->proxy = proxies_trust(&s->proxies, &c->peer);
    deadline(c, monotonic_us() + HTTP_STALL_US + (int64_t)s->config.idle_timeout_s * 1000000);
    *state = c;
    watch_add(&s->watch, c);
}

/* libmicrohttpd would now split the query into a list of its own, and hangs
 * when that outgrows the connection's memory. The text is in its read buffer,
 * behind a '?' that it has found already: ended there, it is not split. */
static void hide_query(const char *uri, size_t n) {
    char *mark = n ? memchr((void *)(uintptr_t)uri, '?', n) : NULL;
    if (mark) mark[1] = '\0';
}

void *exchange_uri(void *cls, const char *uri, struct MHD_Connection *connection) {
    HttpServer *s = cls;
    Conn *c = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    Exchange *x = exchange_take(c);
    count(&s->lanes[c->lane].in_flight, 1);
    x->conn = c;
    x->mhd = connection;
    x->r.started_us = monotonic_us();
    x->r.io_thread = c->lane;
    x->uri_n = uri ? strlen(uri) : 0;
    x->uri_too_long = x->uri_n > s->config.path_max;
    x->r.path = x->uri_too_long ? S("/") : arena_str(&x->r.arena, (Str){uri, x->uri_n});
    hide_query(uri, x->uri_n);
    atomic_store(&c->busy, true); /* before `closing` is looked at, see watch_close_idle */
    deadline(c, x->r.started_us + HTTP_STALL_US);
    return x;
}

static bool body_expected(const Exchange *x) { return x->chunked || x->length > 0; }

static void refuse(Exchange *x, ErrorKind kind, const char *why) {
    const HttpHandler *h = &x->conn->server->handler;
    x->seen = true;
    x->close = true;
    h->refuse(h->app, &x->r, kind, why);
}

/* Answers before the body was read; libmicrohttpd closes afterwards. */
static enum MHD_Result answer_at_once(Exchange *x) {
    x->close = true;
    x->linger = body_expected(x);
    return respond_send(x);
}

static const char *too_large_text(Exchange *x) {
    if (!x->r.body_limit) return "no body is wanted here";
    bool kib = x->r.body_limit < (size_t)1 << 20;
    return arena_fmt(&x->r.arena, "the body may have at most %zu %s", x->r.body_limit >> (kib ? 10 : 20), kib ? "KiB" : "MiB").p;
}

static enum MHD_Result admit(Exchange *x) {
    const HttpHandler *h = &x->conn->server->handler;
    x->phase = PHASE_BODY;
    /* libmicrohttpd is lenient about the syntax between chunks, so what
     * follows a chunked body on the same connection is not trusted. */
    x->close = x->chunked;
    x->seen = true;
    h->admit(h->app, &x->r);
    bool small = !x->chunked && x->length <= HTTP_DRAIN_MAX;
    if (x->r.response.status != 0) {
        x->phase = PHASE_READY;
        x->drop = true;
        return body_expected(x) && (!small || x->expect) ? answer_at_once(x) : MHD_YES;
    }
    x->drop = x->r.body_limit == 0;
    x->upload.max = x->r.body_limit;
    if (x->length > x->r.body_limit && !(x->drop && small)) {
        refuse(x, E_TOO_LARGE, too_large_text(x));
        return answer_at_once(x);
    }
    if (x->length > 0 && !x->drop && x->length <= HTTP_KEEP_MAX) buf_room(&x->upload, (size_t)x->length);
    return MHD_YES;
}

/* Into the page cache: as fast as into memory, for a body that outgrows it. */
static void spool(Exchange *x, const char *bytes, size_t n) {
    while (n > 0) {
        ssize_t written = write(x->r.body_fd, bytes, n);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) {
            x->spool_errno = errno;
            x->drop = true;
            return;
        }
        bytes += written;
        n -= (size_t)written;
    }
}

static enum MHD_Result take_body(Exchange *x, const char *bytes, size_t *n) {
    x->read += *n;
    deadline(x->conn, x->r.started_us + HTTP_STALL_US + (int64_t)(x->read / HTTP_SLOWEST) * 1000000);
    size_t limit = x->drop && x->r.body_limit == 0 ? HTTP_DRAIN_MAX : x->r.body_limit;
    if (x->read > limit && x->chunked) {
        x->drop = x->too_large = true;
        if (x->read - limit > HTTP_CHUNKED_OVER) return MHD_NO;
    }
    if (!x->drop) x->r.body_fd ? spool(x, bytes, *n) : buf_add(&x->upload, bytes, *n);
    *n = 0;
    return MHD_YES;
}

static enum MHD_Result run(Exchange *x) {
    const HttpHandler *h = &x->conn->server->handler;
    deadline(x->conn, INT64_MAX);
    if (atomic_load(&x->conn->server->closed) || atomic_load(&x->conn->closing)) {
        refuse(x, E_OVERLOADED, "shutting down");
        return respond_send(x);
    }
    if (x->too_large || x->upload.failed) {
        refuse(x, E_TOO_LARGE, too_large_text(x));
        return respond_send(x);
    }
    if (x->spool_errno) {
        refuse(x, x->spool_errno == ENOSPC || x->spool_errno == EDQUOT ? E_DISK_FULL : E_INTERNAL, NULL);
        return respond_send(x);
    }
    if (!x->drop) x->r.body = buf_view(&x->upload);
    if (h->handle(h->app, &x->r) == HTTP_DONE) return respond_send(x);
    x->phase = PHASE_LATER;
    x->handed_over = true;
    count(&x->conn->server->lanes[x->conn->lane].parked, 1);
    if (atomic_load(&x->handoff) == HANDOFF_RESUMED) return respond_send(x);
    /* libmicrohttpd must not see a resume before the suspend: the later of the
     * two threads does it. */
    MHD_suspend_connection(x->mhd);
    int seen = HANDOFF_RUNNING;
    if (!atomic_compare_exchange_strong(&x->handoff, &seen, HANDOFF_PARKED)) MHD_resume_connection(x->mhd);
    return MHD_YES;
}

void http_resume(HttpRequest *r) {
    Exchange *x = (Exchange *)(void *)r;
    struct MHD_Connection *mhd = x->mhd;
    /* Unless it was parked, x may be answered and reused from here on. */
    if (atomic_exchange(&x->handoff, HANDOFF_RESUMED) == HANDOFF_PARKED) MHD_resume_connection(mhd);
}

static enum MHD_Result begin(Exchange *x, const char *method, const char *url, const char *version) {
    const char *why;
    ErrorKind wrong = request_check(x, method, url, version, &why);
    request_identify(x);
    if (wrong == E_NONE) return admit(x);
    refuse(x, wrong, why);
    return answer_at_once(x);
}

enum MHD_Result exchange_access(void *cls, struct MHD_Connection *connection, const char *url,
                                const char *method, const char *version, const char *upload, size_t *upload_n,
                                void **state) {
    Exchange *x = *state;
    (void)cls;
    (void)connection;
    if (!x) return MHD_NO;
    switch (x->phase) {
    case PHASE_LINE: return begin(x, method, url, version);
    case PHASE_BODY: return upload && *upload_n > 0 ? take_body(x, upload, upload_n) : run(x);
    case PHASE_READY: return upload && *upload_n > 0 ? take_body(x, upload, upload_n) : respond_send(x);
    case PHASE_LATER: return atomic_load(&x->handoff) == HANDOFF_RESUMED ? respond_send(x) : MHD_YES;
    case PHASE_SENT: break;
    }
    return MHD_NO;
}

void exchange_completed(void *cls, struct MHD_Connection *connection, void **state,
                        enum MHD_RequestTerminationCode how) {
    HttpServer *s = cls;
    Exchange *x = *state;
    (void)connection;
    if (!x) return;
    *state = NULL;
    Conn *c = x->conn;
    if (x->handed_over) count(&s->lanes[c->lane].parked, -1);
    if (x->seen) s->handler.finished(s->handler.app, &x->r);
    if (x->r.body_fd) close(x->r.body_fd);
    if (x->linger && how == MHD_REQUEST_TERMINATED_COMPLETED_OK) watch_linger(&s->watch, c->fd);
    exchange_give_back(x);
    deadline(c, monotonic_us() + HTTP_STALL_US + (int64_t)s->config.idle_timeout_s * 1000000);
    atomic_store_explicit(&c->busy, false, memory_order_release);
    count(&s->lanes[c->lane].in_flight, -1);
}
