/* Counters in fixed arrays of atomics: recording takes no lock and allocates
 * nothing. Only what was seen at least once is printed. */
#include "api/metrics.h"

#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

#define VERBS_MAX    24 /* further ones are counted as the last */
#define STATUSES_MAX 40

static const int64_t bounds_us[] = {100,   250,    500,    1000,   2500,    5000,    10000,   25000,
                                    50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000};
#define N_BOUNDS ((int)(sizeof bounds_us / sizeof *bounds_us))

/* Statuses by place, so that a counter is found without a search. */
static const short statuses[] = {200, 201, 204, 206, 301, 302, 303, 304, 307, 400, 401, 403,
                                 404, 405, 406, 408, 409, 410, 411, 412, 413, 414, 415, 422,
                                 423, 428, 429, 431, 500, 501, 502, 503, 504, 507};
#define N_STATUSES ((int)(sizeof statuses / sizeof *statuses)) /* one more: any other */
_Static_assert(N_STATUSES < STATUSES_MAX, "room for other statuses");

typedef struct {
    _Atomic int64_t by_status[STATUSES_MAX];
    _Atomic int64_t buckets[N_BOUNDS + 1];
    _Atomic int64_t microseconds;
} Route;

struct Metrics {
    const Registry *registry;
    _Atomic(const char *) verbs[VERBS_MAX];
    signed char status_at[600]; /* place in `statuses` */
    Route *routes;              /* (model or none) × verb */
};

Metrics *metrics_new(const Registry *registry) {
    Metrics *m = calloc(1, sizeof *m);
    if (m) m->routes = calloc((size_t)(registry->n + 1) * VERBS_MAX, sizeof(Route));
    if (!m || !m->routes) log_fatal("metrics", "out of memory");
    m->registry = registry;
    memset(m->status_at, N_STATUSES, sizeof m->status_at);
    for (int i = 0; i < N_STATUSES; i++) m->status_at[statuses[i]] = (signed char)i;
    return m;
}

void metrics_free(Metrics *m) {
    free(m->routes);
    free(m);
}

/* --- recording --- */

static void count(_Atomic int64_t *n, int64_t by) { atomic_fetch_add_explicit(n, by, memory_order_relaxed); }
static int64_t value(_Atomic int64_t *n) { return atomic_load_explicit(n, memory_order_relaxed); }

/* The place of a verb's name, taken at its first request. Names are static
 * strings, so nearly every search ends with comparing pointers. */
static int verb_at(Metrics *m, const char *verb) {
    for (int i = 0; i < VERBS_MAX; i++) {
        const char *known = atomic_load_explicit(&m->verbs[i], memory_order_relaxed);
        if (known == verb) return i;
        if (!known && atomic_compare_exchange_strong(&m->verbs[i], &known, verb)) return i;
        if (!strcmp(known, verb)) return i;
    }
    return VERBS_MAX - 1;
}

void metrics_record(Metrics *m, const Model *model, const char *verb, int status, int64_t microseconds) {
    int at = model && model->index >= 0 ? model->index : m->registry->n;
    Route *r = &m->routes[(size_t)at * VERBS_MAX + (size_t)verb_at(m, verb)];
    bool known = status >= 0 && status < (int)sizeof m->status_at;
    int bucket = 0;
    while (bucket < N_BOUNDS && microseconds > bounds_us[bucket]) bucket++;
    count(&r->by_status[known ? m->status_at[status] : N_STATUSES], 1);
    count(&r->buckets[bucket], 1);
    count(&r->microseconds, microseconds);
}

/* --- printing --- */

static void head(Buf *out, const char *name, const char *type, const char *help) {
    buf_fmt(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void number(Buf *out, const char *name, const char *type, const char *help, double v) {
    head(out, name, type, help);
    buf_fmt(out, "%s %.15g\n", name, v);
}

typedef struct {
    Buf *out;
    const char *resource, *verb;
} Labels;

static void requests(Route *r, const Labels *l) {
    for (int i = 0; i <= N_STATUSES; i++) {
        int64_t n = value(&r->by_status[i]);
        if (!n) continue;
        buf_fmt(l->out, "millwright_requests_total{resource=\"%s\",verb=\"%s\",status=\"%d\"} %lld\n",
                l->resource, l->verb, i < N_STATUSES ? statuses[i] : 0, (long long)n);
    }
}

static void durations(Route *r, const Labels *l) {
    int64_t n = 0, sum = value(&r->microseconds);
    for (int i = 0; i <= N_BOUNDS; i++) n += value(&r->buckets[i]);
    if (!n) return;
    int64_t below = 0;
    for (int i = 0; i <= N_BOUNDS; i++) {
        buf_fmt(l->out, "millwright_request_duration_seconds_bucket{resource=\"%s\",verb=\"%s\",le=\"",
                l->resource, l->verb);
        below += value(&r->buckets[i]);
        if (i < N_BOUNDS)
            buf_fmt(l->out, "%g\"} %lld\n", (double)bounds_us[i] / 1e6, (long long)(below < n ? below : n));
        else
            buf_fmt(l->out, "+Inf\"} %lld\n", (long long)n);
    }
    buf_fmt(l->out, "millwright_request_duration_seconds_sum{resource=\"%s\",verb=\"%s\"} %.6f\n",
            l->resource, l->verb, (double)sum / 1e6);
    buf_fmt(l->out, "millwright_request_duration_seconds_count{resource=\"%s\",verb=\"%s\"} %lld\n",
            l->resource, l->verb, (long long)n);
}

static void each_route(Metrics *m, Buf *out, void (*print)(Route *, const Labels *)) {
    for (int i = 0; i <= m->registry->n; i++) {
        for (int v = 0; v < VERBS_MAX; v++) {
            const char *verb = atomic_load_explicit(&m->verbs[v], memory_order_relaxed);
            if (!verb) break;
            Labels l = {out, i < m->registry->n ? m->registry->models[i].name.p : "", verb};
            print(&m->routes[(size_t)i * VERBS_MAX + (size_t)v], &l);
        }
    }
}

/* Batches of 1, 2, 3-4, … 129-256, more. */
static void batches(Buf *out, const WriterStats *w) {
    static const char *const bounds[] = {"1", "2", "4", "8", "16", "32", "64", "128", "256", "+Inf"};
    int64_t below = 0;
    head(out, "millwright_commit_batch_size", "histogram", "Writes in one commit.");
    for (int i = 0; i < 10; i++) {
        below += w->batch_sizes[i];
        buf_fmt(out, "millwright_commit_batch_size_bucket{le=\"%s\"} %lld\n", bounds[i], (long long)below);
    }
    buf_fmt(out, "millwright_commit_batch_size_sum %lld\nmillwright_commit_batch_size_count %lld\n",
            (long long)w->jobs, (long long)below);
}

static void lanes(const App *app, Buf *out) {
    WriterStats w = {0};
    PoolStats p = {0};
    if (app->writer) writer_stats(app->writer, &w);
    if (app->pool) pool_stats(app->pool, &p);
    head(out, "millwright_lane_queue_depth", "gauge", "Requests that wait for a lane.");
    buf_fmt(out, "millwright_lane_queue_depth{lane=\"writer\"} %lld\n", (long long)w.queued);
    buf_fmt(out, "millwright_lane_queue_depth{lane=\"pool\"} %lld\n", (long long)p.queued);
    head(out, "millwright_lane_jobs_total", "counter", "Requests that ran in a lane.");
    buf_fmt(out, "millwright_lane_jobs_total{lane=\"writer\"} %lld\n", (long long)w.jobs);
    buf_fmt(out, "millwright_lane_jobs_total{lane=\"pool\"} %lld\n", (long long)p.jobs);
    number(out, "millwright_standby_reads_total", "counter", "Reads sent to a standby of the database.", (double)p.at_standby);
    number(out, "millwright_pool_running", "gauge", "Workers that are busy.", (double)p.running);
    number(out, "millwright_commits_total", "counter", "Transactions that were committed.",
           (double)(w.commits + p.commits));
    number(out, "millwright_failed_commits_total", "counter", "Transactions that could not be committed.",
           (double)(w.failed_commits + p.failed_commits));
    batches(out, &w);
}

int64_t metrics_resident_bytes(void) {
    long long pages = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f) return 0;
    if (fscanf(f, "%lld %lld", &pages, &resident) != 2) resident = 0;
    fclose(f);
    return resident * (int64_t)sysconf(_SC_PAGESIZE);
}

static double cpu_seconds(void) {
    struct timespec t = {0};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void metrics_write(Metrics *m, const App *app, const HttpServer *server, Buf *out) {
    head(out, "millwright_build_info", "gauge", "What runs.");
    buf_fmt(out, "millwright_build_info{version=\"%s\",database=\"%s\"} 1\n", MILLWRIGHT_VERSION,
            app->dialect ? app->dialect->name : "");
    head(out, "millwright_requests_total", "counter", "Requests answered.");
    each_route(m, out, requests);
    head(out, "millwright_request_duration_seconds", "histogram",
         "From the first byte read to the answer sent.");
    each_route(m, out, durations);
    lanes(app, out);
    number(out, "millwright_connections", "gauge", "Open connections.",
           server ? http_connections(server) : 0);
    number(out, "process_resident_memory_bytes", "gauge", "Resident memory.",
           (double)metrics_resident_bytes());
    number(out, "process_cpu_seconds_total", "counter", "CPU time used.", cpu_seconds());
}
