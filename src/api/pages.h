/* What the pages that are not resources keep ready. */
#ifndef API_PAGES_H
#define API_PAGES_H

#include "api/request.h"

/* Of a started Api with its OpenAPI document. */
Pages *pages_new(const Api *api);
void pages_free(Pages *p);
/* "/", /docs, /health, /metrics, … True when the path is one of them and the
 * response is filled. */
bool pages_serve(Api *api, HttpRequest *h);

/* --- health.c --- */
typedef struct {
    Api *api;
    HttpRequest *http;
} PageRequest;
void health_plain(const PageRequest *p);
void health_db(const PageRequest *p);
void health_status(const PageRequest *p);

#endif
