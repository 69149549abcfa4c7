/* Counters for Prometheus: requests by route and status, latency histograms,
 * lane queues, commits and batches, connections. Lock-free to record. */
#ifndef API_METRICS_H
#define API_METRICS_H

#include "http/http.h"
#include "model/ctx.h"

typedef struct Metrics Metrics;

Metrics *metrics_new(const Registry *registry);
void metrics_free(Metrics *m);
/* model may be NULL (pages, unknown paths); verb is a static string. */
void metrics_record(Metrics *m, const Model *model, const char *verb, int status, int64_t microseconds);
/* The text exposition format, with the figures of writer, pool and server. */
void metrics_write(Metrics *m, const App *app, const HttpServer *server, Buf *out);
int64_t metrics_resident_bytes(void); /* of this process, 0 when unknown */

#endif
