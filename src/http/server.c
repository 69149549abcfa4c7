/* Starting and stopping the server: configuration, sockets, TLS, the threads
 * of libmicrohttpd and the drain at the end. */
#include "http/internal.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/time.h"
#include <errno.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define PEM_MAX ((size_t)1 << 20)
#define GOODBYE_US 100000

static void __attribute__((format(printf, 2, 0))) on_log(void *cls, const char *format, va_list args) {
    char line[512];
    (void)cls;
    if (!log_wants(LOG_DEBUG)) return;
    int n = vsnprintf(line, sizeof line, format, args);
    if (n <= 0) return;
    Str text = str_trim(str_of(line));
    log_event("http", LOG_DEBUG, "%.*s", STR_ARG(text));
}

/* The path stays as sent: decoding is params.c's business, once. */
static size_t keep_escapes(void *cls, struct MHD_Connection *connection, char *text) {
    (void)cls;
    (void)connection;
    return strlen(text);
}

static char *read_pem(const char *path, Arena *arena, Str *problem) {
    FILE *f = fopen(path, "re");
    char *text = f ? calloc(1, PEM_MAX) : NULL;
    size_t n = text ? fread(text, 1, PEM_MAX - 1, f) : 0;
    int why = errno;
    if (f) fclose(f);
    if (n > 0) return text;
    free(text);
    *problem = arena_fmt(arena, "cannot read %s: %s", path, f ? "empty" : strerrordesc_np(why));
    return NULL;
}

static void raise_file_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        log_event("http", LOG_WARNING, "cannot raise the limit of open files");
}

static void fill_defaults(HttpConfig *c) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (c->io_threads <= 0) c->io_threads = cores > 0 ? (int)cores : 1;
    if (c->io_threads > LANES_MAX) c->io_threads = LANES_MAX;
    if (c->connections_max <= 0) c->connections_max = 4096;
    if (c->idle_timeout_s <= 0) c->idle_timeout_s = 60;
    if (c->path_max == 0) c->path_max = (size_t)8 << 10;
    if (c->header_max == 0) c->header_max = (size_t)8 << 10;
    if (c->gzip_from == 0) c->gzip_from = 1024;
}

static bool prepare(HttpServer *s, Arena *arena, Str *problem) {
    HttpConfig *c = &s->config;
    Str bad;
    if (!proxies_parse(str_of(c->trusted_proxies), &s->proxies, &bad)) {
        *problem = arena_fmt(arena, "trusted proxies: \"%.*s\" is not an address or a network", STR_ARG(bad));
        return false;
    }
    if (!c->tls_cert != !c->tls_key) {
        *problem = S("TLS needs both a certificate and a key");
        return false;
    }
    if (c->tls_cert) {
        s->cert = read_pem(c->tls_cert, arena, problem);
        s->key = s->cert ? read_pem(c->tls_key, arena, problem) : NULL;
        if (!s->key) return false;
    }
    s->listen_fd = listen_open(str_of(c->listen), arena, problem, &s->port);
    return s->listen_fd >= 0;
}

#define OPTIONS_MAX 16
typedef struct {
    struct MHD_OptionItem item[OPTIONS_MAX];
    int n;
} Options;

static void option(Options *o, enum MHD_OPTION which, size_t value, const void *p) {
    o->item[o->n++] = (struct MHD_OptionItem){which, (intptr_t)value, (void *)(uintptr_t)p};
}

static struct MHD_Daemon *start_daemon(HttpServer *s) {
    HttpConfig *c = &s->config;
    Options o = {.n = 0};
    unsigned flags =
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_ERROR_LOG;
    option(&o, MHD_OPTION_LISTEN_SOCKET, (size_t)s->listen_fd, NULL);
    /* 0: what 1 refuses without an answer (no Host, blanks in the target),
     * request_check refuses with one. */
    option(&o, MHD_OPTION_STRICT_FOR_CLIENT, 0, NULL);
    option(&o, MHD_OPTION_CONNECTION_MEMORY_LIMIT, c->path_max + c->header_max + (6 << 10), NULL);
    option(&o, MHD_OPTION_CONNECTION_LIMIT, (size_t)c->connections_max, NULL);
    option(&o, MHD_OPTION_CONNECTION_TIMEOUT, (size_t)c->idle_timeout_s, NULL);
    if (c->connections_per_ip > 0)
        option(&o, MHD_OPTION_PER_IP_CONNECTION_LIMIT, (size_t)c->connections_per_ip, NULL);
    if (c->io_threads > 1) option(&o, MHD_OPTION_THREAD_POOL_SIZE, (size_t)c->io_threads, NULL);
    if (s->cert) {
        flags |= MHD_USE_TLS;
        option(&o, MHD_OPTION_HTTPS_MEM_CERT, 0, s->cert);
        option(&o, MHD_OPTION_HTTPS_MEM_KEY, 0, s->key);
        option(&o, MHD_OPTION_HTTPS_PRIORITIES, 0, "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2");
    }
    option(&o, MHD_OPTION_END, 0, NULL);
    return MHD_start_daemon(flags, 0, NULL, NULL, exchange_access, s, MHD_OPTION_EXTERNAL_LOGGER, on_log,
                            NULL, MHD_OPTION_URI_LOG_CALLBACK, exchange_uri, s, MHD_OPTION_UNESCAPE_CALLBACK,
                            keep_escapes, NULL, MHD_OPTION_NOTIFY_COMPLETED, exchange_completed, s,
                            MHD_OPTION_NOTIFY_CONNECTION, exchange_connection, s, MHD_OPTION_ARRAY, o.item,
                            MHD_OPTION_END);
}

static void server_free(HttpServer *s) {
    for (int i = 0; i < s->n_lanes; i++) {
        Exchange *next;
        for (Exchange *x = s->lanes[i].free; x; x = next) {
            next = x->next_free;
            exchange_free(x);
        }
        if (s->lanes[i].gzip) deflateEnd(s->lanes[i].gzip);
        free(s->lanes[i].gzip);
    }
    if (s->key) explicit_bzero(s->key, strlen(s->key));
    free(s->key);
    free(s->cert);
    if (s->listen_fd >= 0) close(s->listen_fd);
    free(s);
}

static void make_prefix(char out[17]) {
    unsigned char seed[8];
    random_bytes(seed, sizeof seed);
    for (size_t i = 0; i < sizeof seed; i++) snprintf(out + 2 * i, 3, "%02x", seed[i]);
}

HttpServer *http_start(const HttpConfig *config, const HttpHandler *handler, Arena *arena, Str *problem) {
    HttpServer *s = aligned_alloc(_Alignof(HttpServer), sizeof *s);
    if (!s) log_fatal("http", "out of memory");
    memset(s, 0, sizeof *s);
    s->config = *config;
    s->handler = *handler;
    s->listen_fd = -1;
    fill_defaults(&s->config);
    s->n_lanes = s->config.io_threads;
    make_prefix(s->id_prefix);
    raise_file_limit();
    if (!prepare(s, arena, problem)) {
        server_free(s);
        return NULL;
    }
    if (!watch_start(&s->watch)) log_fatal("http", "cannot start a thread");
    s->daemon = start_daemon(s);
    if (s->daemon) return s;
    *problem = arena_fmt(arena, "cannot serve on %s%s", s->config.listen,
                         s->cert ? ": is the certificate's key the right one?" : "");
    watch_stop(&s->watch);
    s->listen_fd = -1; /* libmicrohttpd closed it */
    server_free(s);
    return NULL;
}

int http_port(const HttpServer *s) { return s->port; }

int http_io_threads(const HttpServer *s) { return s->n_lanes; }

int http_connections(const HttpServer *s) { return watch_open((Watch *)(uintptr_t)&s->watch); }

static int64_t in_flight(HttpServer *s, bool handed_over) {
    int64_t n = 0;
    for (int i = 0; i < s->n_lanes; i++)
        n += atomic_load_explicit(handed_over ? &s->lanes[i].parked : &s->lanes[i].in_flight,
                                  memory_order_acquire);
    return n;
}

static void drain(HttpServer *s, bool handed_over, int64_t until_us) {
    while (in_flight(s, handed_over) > 0 && monotonic_us() < until_us) usleep(2000);
}

void http_stop(HttpServer *s, int seconds) {
    int64_t until = monotonic_us() + (int64_t)seconds * 1000000;
    atomic_store(&s->draining, true);
    if (MHD_quiesce_daemon(s->daemon) >= 0) shutdown(s->listen_fd, SHUT_RDWR);
    /* Who is talking to us is told by the next answer to go elsewhere. */
    if (watch_open(&s->watch) > 0) usleep(GOODBYE_US);
    watch_close_idle(&s->watch);
    drain(s, false, until);
    atomic_store(&s->closed, true);
    usleep(20000);
    drain(s, true, until); /* what began just before that */
    int64_t left = in_flight(s, true);
    if (left > 0) {
        /* A suspended connection must not be torn down under the thread that
         * answers it (libmicrohttpd aborts on that); the process ends anyway. */
        log_event("http", LOG_WARNING, "%lld requests not answered within %d s", (long long)left, seconds);
        return;
    }
    MHD_stop_daemon(s->daemon);
    watch_stop(&s->watch);
    server_free(s);
}
