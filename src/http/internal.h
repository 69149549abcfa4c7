/* What the files of src/http share and nobody else sees: the server, one
 * connection, one exchange (a request with its answer).
 *
 * Threads: an exchange belongs to the I/O thread of its connection, or, between
 * HTTP_LATER and http_resume, to the thread that answers it. A lane belongs to
 * its I/O thread. */
#ifndef HTTP_INTERNAL_H
#define HTTP_INTERNAL_H

#include "http/gzip.h"
#include "http/http.h"
#include "http/watch.h"
#include <microhttpd.h>

#define HTTP_HEADERS_MAX  100
#define HTTP_KEEP_MAX     ((size_t)64 << 10)      /* a buffer above this is freed after the request */
#define HTTP_TRIM_FROM ((size_t)16 << 20)     /* a request that took more memory gives it back at once */
#define HTTP_SPARE_MAX    64                      /* exchanges a lane keeps for reuse */
#define HTTP_DRAIN_MAX    ((uint64_t)64 << 10)    /* an unwanted body up to this is read and dropped */
#define HTTP_CHUNKED_OVER ((uint64_t)8 << 20)     /* dropped past the limit before the line is cut */
#define HTTP_STALL_US     ((int64_t)30 * 1000000) /* for a request to arrive, an answer to leave … */
#define HTTP_SLOWEST      8192                    /* … plus its bytes at this many a second */

typedef struct Exchange Exchange;

/* --- one request and its answer */
typedef enum { PHASE_LINE, PHASE_BODY, PHASE_READY, PHASE_LATER, PHASE_SENT } Phase;
/* Who came first, the I/O thread that parks or the thread that resumes. */
enum { HANDOFF_RUNNING, HANDOFF_PARKED, HANDOFF_RESUMED };

struct Exchange {
    HttpRequest r; /* first: http.h hands out its address */
    Exchange *next_free;
    Conn *conn;
    struct MHD_Connection *mhd;
    struct {
        Str name, value;
    } headers[HTTP_HEADERS_MAX];
    int n_headers;
    size_t uri_n;
    Buf upload, packed;
    Phase phase;
    atomic_int handoff;
    uint64_t length;                  /* Content-Length, when has_length */
    uint64_t read;                    /* body bytes so far */
    bool has_length, chunked, expect; /* of the request */
    bool uri_too_long, too_many;      /* found before there was a way to say so */
    bool drop;                        /* body bytes are not kept */
    bool too_large;
    int spool_errno;  /* of a body that goes to a file; 0: all is well */
    bool seen;        /* the application knows of it: finished() is owed */
    bool close;       /* Connection: close */
    bool linger;      /* refused with a body still coming */
    bool handed_over; /* counted in its lane's `parked` */
};

/* What is wrong with the headers: E_NONE when nothing, else the reason in
 * *why. Fills x->headers and what the request line and the framing say. */
ErrorKind request_check(Exchange *x, const char *method, const char *url, const char *version,
                        const char **why);
/* Client address, scheme and request id; needs the headers. */
void request_identify(Exchange *x);
/* Sends x->r.response: builds MHD's response and queues it. */
enum MHD_Result respond_send(Exchange *x);

/* MHD's callbacks (exchange.c). */
void *exchange_uri(void *cls, const char *uri, struct MHD_Connection *connection);
enum MHD_Result exchange_access(void *cls, struct MHD_Connection *connection, const char *url,
                                const char *method, const char *version, const char *upload, size_t *upload_n,
                                void **state);
void exchange_completed(void *cls, struct MHD_Connection *connection, void **state,
                        enum MHD_RequestTerminationCode how);
void exchange_connection(void *cls, struct MHD_Connection *connection, void **state,
                         enum MHD_ConnectionNotificationCode what);
void exchange_free(Exchange *x);

/* What belongs to one I/O thread; on its own cache lines. */
typedef struct {
    _Alignas(128) Exchange *free;
    int n_free;
    z_stream *gzip;
    uint64_t ids;
    _Atomic int64_t in_flight, parked; /* written by the lane's thread only */
} Lane;

#define LANES_MAX 64

/* A socket that listens (listen.c), or -1 with a reason in *problem. */
int listen_open(Str address, Arena *arena, Str *problem, int *port);

struct HttpServer {
    HttpConfig config;
    HttpHandler handler;
    struct MHD_Daemon *daemon;
    Proxies proxies;
    Watch watch;
    char *key, *cert;
    int listen_fd, port;
    int n_lanes;
    atomic_int lanes_taken;
    atomic_bool draining; /* answers close their connections */
    atomic_bool closed;   /* nothing is handed to the handler any more */
    char id_prefix[17];
    Lane lanes[LANES_MAX];
};

#endif
