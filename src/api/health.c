/* Health: that the server runs, that the database answers, and how both do. */
#include "api/pages.h"
#include "base/time.h"

static Json begin(const PageRequest *p, bool healthy) {
    char now[TIME_TEXT];
    HttpResponse *a = &p->http->response;
    time_format(clock_now(&p->api->app->clock), now);
    a->status = healthy ? 200 : 503;
    a->content_type = "application/json";
    Json j = js_to(&a->body);
    js_begin_object(&j);
    js_field_c(&j, "status", healthy ? "healthy" : "unhealthy");
    js_field_c(&j, "version", MILLWRIGHT_VERSION);
    js_field_c(&j, "timestamp", now);
    return j;
}

void health_plain(const PageRequest *p) {
    Json j = begin(p, true);
    js_end_object(&j);
}

/* A read that has to look into the database's file. */
static bool database_answers(const PageRequest *p) {
    const Registry *r = p->api->app->registry;
    Db *db = api_reader(p->api, p->http->io_thread);
    if (!db) return false;
    int i = 0;
    while (i < r->n - 1 && (r->models[i].resource->flags & R_VIRTUAL)) i++;
    Stmt *st = db_prepare(db, arena_fmt(&p->http->arena, "SELECT 1 FROM %s LIMIT 1", r->models[i].table.p));
    stmt_step(st);
    stmt_reset(st);
    bool ok = !db_failed(db);
    db_clear_error(db);
    return ok;
}

void health_db(const PageRequest *p) {
    char text[32];
    int64_t started = monotonic_us();
    bool ok = database_answers(p);
    int n = snprintf(text, sizeof text, "%.3f", (double)(monotonic_us() - started) / 1000);
    Json j = begin(p, ok);
    js_field_c(&j, "database", p->api->app->dialect->name);
    js_key(&j, S("response_time_ms"));
    js_raw(&j, (Str){text, (size_t)n});
    if (!ok) js_field_c(&j, "error", "the database does not answer");
    js_end_object(&j);
    if (!ok) http_respond_header(p->http, "Retry-After", S("1"));
}

static void queues_write(Json *j, const App *app) {
    WriterStats w = {0};
    PoolStats pool = {0};
    if (app->writer) writer_stats(app->writer, &w);
    if (app->pool) pool_stats(app->pool, &pool);
    js_key(j, S("queues"));
    js_begin_object(j);
    js_field_int(j, "writer", w.queued);
    js_field_int(j, "pool", pool.queued);
    js_field_int(j, "pool_running", pool.running);
    js_end_object(j);
}

void health_status(const PageRequest *p) {
    const Api *api = p->api;
    Json j = begin(p, true);
    js_field_int(&j, "uptime_seconds", clock_now(&api->app->clock) - api->started);
    js_field_c(&j, "database", api->app->dialect->name);
    js_field_int(&j, "connections", api->server ? http_connections(api->server) : 0);
    queues_write(&j, api->app);
    js_field_int(&j, "memory_resident_bytes", metrics_resident_bytes());
    js_end_object(&j);
}
