/* The HTTP server: libmicrohttpd behind requests and responses that know
 * nothing of data. Limits are checked before bytes are kept.
 *
 * Life of a request: `admit` is called when the headers are there and before
 * any body byte is kept; then the body is read up to the limit that admit
 * set; then `handle` runs on an I/O thread and either fills the response
 * (HTTP_DONE) or hands the request to another thread (HTTP_LATER), which
 * fills the response and calls http_resume exactly once. `finished` is called
 * when the answer was sent or the client went away; then the request's arena
 * is reset. */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include "base/arena.h"
#include "base/error.h"

typedef struct HttpServer HttpServer;

typedef struct {
    const char *name; /* must outlive the response: static or in the request's arena */
    Str value;
} HttpHeader;

#define HTTP_RESPONSE_HEADERS 24

typedef struct {
    int status; /* 0 = not answered yet */
    const char *content_type;
    Buf body;  /* heap; grown by the handler, freed by the server */
    Str fixed; /* used instead of body when p is set: lives until shutdown */
    HttpHeader headers[HTTP_RESPONSE_HEADERS];
    int n_headers;
    bool no_gzip; /* already compressed, or must not be */
} HttpResponse;

typedef struct HttpRequest {
    Arena arena;
    Str method;  /* "GET" */
    Str path;    /* as sent, undecoded, without the query */
    Str query;   /* as sent, without '?' */
    Str body;    /* empty until handle */
    bool https;  /* TLS here, or a trusted proxy's X-Forwarded-Proto */
    char ip[46]; /* the client's, through trusted proxies only */
    char id[33]; /* request id: the client's X-Request-Id when it is 1-32 of [A-Za-z0-9._-], else made here */
    int64_t started_us; /* monotonic */
    int io_thread;      /* 0 … n-1: which I/O thread this request runs on */
    size_t body_limit;  /* set by admit; 0 = no body wanted */
    int body_fd;        /* set by admit: the body goes to this file, closed with the request; 0 = to memory */
    HttpResponse response;
    void *user; /* the handler's */
} HttpRequest;

typedef enum { HTTP_DONE, HTTP_LATER } HttpVerdict;

typedef struct {
    void *app;
    /* Sets request->body_limit, or answers already (response.status != 0). */
    void (*admit)(void *app, HttpRequest *r);
    HttpVerdict (*handle)(void *app, HttpRequest *r);
    void (*finished)(void *app, HttpRequest *r);
    /* Writes an error body into the response for what the server itself
     * refuses: 400, 408, 413, 414, 431, 503. */
    void (*refuse)(void *app, HttpRequest *r, ErrorKind kind, const char *detail);
} HttpHandler;

typedef struct {
    const char *listen;             /* "127.0.0.1:8000", "[::]:8443"; port 0 = any free one */
    int io_threads;                 /* 0 = number of processors */
    int connections_max;            /* 0 = 4096 */
    int connections_per_ip;         /* 0 = no limit */
    int idle_timeout_s;             /* 0 = 60 */
    const char *tls_cert, *tls_key; /* PEM files; both or neither */
    const char *trusted_proxies;    /* "127.0.0.1,10.0.0.0/8", NULL = none */
    size_t path_max, header_max;    /* 0 = 8 KiB each */
    size_t gzip_from;               /* bodies at least this long; 0 = 1 KiB */
} HttpConfig;

/* NULL with a clear line in *problem (in `arena`) when it cannot listen. */
HttpServer *http_start(const HttpConfig *config, const HttpHandler *handler, Arena *arena, Str *problem);
int http_port(const HttpServer *s);
int http_io_threads(const HttpServer *s);
int http_connections(const HttpServer *s); /* open now */
/* Stops accepting, waits until what runs is answered (at most `seconds`). */
void http_stop(HttpServer *s, int seconds);

/* Value of a request header, STR_NONE when absent; name in any case. */
Str http_header(const HttpRequest *r, const char *name);
/* Adds a response header; a value with control characters is dropped (logged). */
void http_respond_header(HttpRequest *r, const char *name, Str value);
void http_resume(HttpRequest *r);

/* Next name=value of a query or form string, percent- and plus-decoded into
 * `arena`. False at the end; *bad is set on a malformed escape, invalid UTF-8
 * or a NUL. */
bool http_next_param(Str *rest, Arena *arena, Str *name, Str *value, bool *bad);
/* Percent-decodes one path segment; false on malformed escapes, %2F, %00 or
 * invalid UTF-8. */
bool http_decode_text(Str segment, Arena *arena, Str *out); /* in which a slash may be */
bool http_decode_segment(Str segment, Arena *arena, Str *out);

#endif
