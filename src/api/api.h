/* The API floor: route, dispatch, presentations, the generic verbs, OpenAPI.
 * It knows no concrete business resource. */
#ifndef API_API_H
#define API_API_H

#include "http/http.h"
#include "http/proxy.h"
#include "identity/identity.h"
#include "model/ctx.h"

#define DATABASE_TIMEOUT_S 30 /* longest a request waits for one statement, in PostgreSQL */

typedef struct Api Api;

typedef struct {
    const char *cors_origins;   /* comma-separated; NULL = none */
    bool statement_counts;      /* answers carry X-Db-Statements (tests) */
    size_t import_max;          /* bytes of a file to import */
    const Proxies *metrics_from; /* who may read /metrics */
    int reader_cache_kib;       /* page cache of each I/O thread's connection */
} ApiConfig;

/* `server` is told after http_start (for connection figures), may be NULL. */
Api *api_new(const App *app, const ApiConfig *config);
void api_set_server(Api *api, HttpServer *server);
HttpHandler api_handler(Api *api);
void api_free(Api *api); /* after http_stop, writer_stop and pool_stop */

/* The OpenAPI 3.1 document of every route. */
void api_openapi(const Registry *registry, Buf *out);

/* GET /meta: what web forms are made of. */
extern const Resource resource_meta;

#endif
