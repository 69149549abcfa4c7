/* The only pre-flight of a request and its way through the lanes. `admit`
 * runs before a body byte is kept and answers everything that is wrong with
 * the request's shape or sender; `handle` plans and runs it in its lane. */
#include "api/cookie.h"
#include "api/idempotency.h"
#include "api/meta_kept.h"
#include "api/pages.h"
#include "api/verbs.h"

#include <assert.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"
#include "model/touched.h"

static ApiRequest *request_of(HttpRequest *h) { return h->user; }

Db *api_reader(Api *api, int io_thread) {
    assert(io_thread >= 0 && io_thread < api->n_readers);
    Db **slot = &api->readers[io_thread];
    if (*slot && !db_failed(*slot)) return *slot;
    if (*slot) db_clear_error(*slot);
    if (!*slot) {
        DbConfig config = {.url = api->app->database_url, .cache_kib = api->config.reader_cache_kib,
                           .timeout_s = DATABASE_TIMEOUT_S};
        DbError error;
        *slot = db_open(&config, DB_READ, &error);
        if (!*slot) log_event("db", LOG_ERROR, "cannot open a reader: %s", error.message);
    }
    return *slot;
}

/* --- answers --- */

static void header_cors(const Api *api, HttpRequest *h) {
    Str origin = cors_origin(api, h);
    if (!origin.p) return;
    http_respond_header(h, "Access-Control-Allow-Origin", origin);
    http_respond_header(h, "Access-Control-Expose-Headers",
                        S("ETag, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id, "
                          "Idempotency-Replayed"));
    http_respond_header(h, "Vary", S("Origin"));
}

/* Paths are "name" or, in bulk calls, "items[3].name". */
void issues_rename(ApiRequest *r) {
    if (!r->view || r->view == &r->model->views[0]) return;
    for (Issue *i = r->c.err.issues; i; i = i->next) {
        Str name = i->field, prefix = STR_NONE;
        if (str_starts(name, S("items["))) prefix = str_cut(name, '.', &name);
        for (int k = 0; name.p && k < r->model->n; k++) {
            if (!str_eq(name, r->model->fields[k].name) || str_eq(name, r->view->names[k])) continue;
            Str here = r->view->names[k];
            i->field = prefix.n ? ctx_fmt(&r->c, "%.*s.%s", STR_ARG(prefix), here.p) : here;
            break;
        }
    }
}

static Str etag_of(ApiRequest *r) {
    if (r->etag.p) return r->etag;
    char *text = arena_alloc(&r->http->arena, INT_TEXT_MAX + 3);
    text[0] = '"', text[1] = 'v';
    size_t n = 2 + int_format(r->version, text + 2);
    text[n++] = '"';
    return (Str){text, n};
}

static bool has_version(const ApiRequest *r) { return r->version > 0 || r->unwritten || r->etag.p; }

static void answer_error(ApiRequest *r) {
    HttpRequest *h = r->http;
    issues_rename(r);
    if (r->c.err.kind == E_NONE) {
        log_event("api", LOG_ERROR, "request %s failed without saying why", h->id);
        fail(&r->c, E_INTERNAL, NULL);
    }
    const ErrorInfo *info = error_info(r->c.err.kind);
    buf_reset(&h->response.body);
    r->look->error(&r->c.err, str_of(h->id), r->c.now_text, &h->response.body);
    h->response.status = info->status;
    h->response.content_type = r->look->error_type;
    if (info->status == 401) http_respond_header(h, "WWW-Authenticate", S("Bearer realm=\"millwright\""));
    int wait = r->c.err.retry_after;
    if (!wait && r->c.err.kind != E_COMMIT_UNKNOWN && (info->status == 503 || info->status == 507)) wait = 1;
    if (wait) http_respond_header(h, "Retry-After", arena_fmt(&h->arena, "%d", wait));
    if (has_version(r) && r->c.err.kind == E_STALE)
        http_respond_header(h, "ETag", etag_of(r));
}

static void rate_headers(ApiRequest *r) {
    const RateState *s = &r->rate;
    if (!s->policy) return;
    Arena *a = &r->http->arena;
    http_respond_header(r->http, "RateLimit-Policy",
                        arena_fmt(a, "\"%s\";q=%d;w=%d", s->policy, s->limit, s->window));
    http_respond_header(r->http, "RateLimit",
                        arena_fmt(a, "\"%s\";r=%d;t=%d", s->policy, s->remaining, s->reset));
}

/* RFC 9110 13.1.2: a list of tags, compared weakly, or "*". */
bool answer_is_known(const ApiRequest *r, Str etag) {
    Str rest = http_header(r->http, "If-None-Match");
    if (!rest.n || strcmp(r->verb->method, "GET") != 0) return false;
    while (rest.n) {
        Str tag = str_trim(str_cut(rest, ',', &rest));
        if (str_starts(tag, S("W/"))) tag.p += 2, tag.n -= 2;
        if (str_eq(tag, etag) || str_is(tag, "*")) return true;
    }
    return false;
}

static void answer_good(ApiRequest *r) {
    HttpRequest *h = r->http;
    h->response.status = r->c.status ? r->c.status : 200;
    h->response.content_type = r->content_type ? r->content_type : "application/json";
    if (has_version(r)) {
        Str etag = etag_of(r);
        http_respond_header(h, "ETag", etag);
        if (answer_is_known(r, etag)) {
            h->response.status = 304;
            buf_reset(&h->response.body);
        }
    }
    if (r->location.n) http_respond_header(h, "Location", r->location);
    /* A page of its own, such as a receipt: it has no script, and its style in it. */
    if (str_starts(str_of(h->response.content_type), S("text/html")))
        http_respond_header(h, "Content-Security-Policy", S("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"));
    if (r->replayed) http_respond_header(h, "Idempotency-Replayed", S("true"));
}

/* The request is through: its answer goes out. */
static void answer(ApiRequest *r) {
    if (r->ok && r->http->response.body.failed)
        r->ok = fail(&r->c, E_TOO_LARGE, "the answer is too large: narrow it with filters or fields=");
    if (r->ok)
        answer_good(r);
    else
        answer_error(r);
    rate_headers(r);
    cookie_write(r);
    header_cors(r->api, r->http);
    if (r->api->config.statement_counts)
        http_respond_header(r->http, "X-Db-Statements",
                            arena_fmt(&r->http->arena, "%lld", (long long)r->statements));
}

/* --- admit --- */

static bool admit_identity(ApiRequest *r) {
    Ctx *c = &r->c;
    Str authorization = http_header(r->http, "Authorization");
    uint32_t flags = r->action ? r->action->flags : 0;
    if ((flags & ACTION_PUBLIC) && !((flags & ACTION_MAYBE_SIGNED_IN) && authorization.p)) return true;
    c->db = api_reader(r->api, r->http->io_thread);
    if (!c->db) return fail(c, E_DB_DOWN, NULL);
    db_scope(c->db, 0);
    bool ok = identity_authenticate(c, authorization);
    c->db = NULL;
    return ok;
}

/* The users of customers come by the paths that are made for them, and nobody
 * else does. */
static bool admit_client(ApiRequest *r) {
    if (r->view->client == (r->c.client_id != 0)) return true;
    return fail(&r->c, E_FORBIDDEN, r->view->client ? "this is for the users of customers: use /%s"
                                                    : "/%s is not for the users of customers", r->model->name.p);
}

static bool admit_permission(ApiRequest *r) {
    if (r->action && (r->action->flags & (ACTION_PUBLIC | ACTION_SELF))) return true;
    if (!admit_client(r)) return false;
    if (!r->action) return ctx_require(&r->c, r->model, r->verb->permission);
    return ctx_require(&r->c, r->model, r->model->action_permission[r->action_at]);
}

static bool admit_rate(ApiRequest *r) {
    RateClass class = r->action ? r->action->rate : r->verb->rate;
    return rate_check(r->api->app->identity, &r->c, class, &r->rate);
}

static bool media_type_is(Str type, const char *wanted) {
    Str base = str_trim(str_cut(type, ';', &(Str){0}));
    return str_ieq(base, str_of(wanted));
}

static bool admit_media_type(ApiRequest *r) {
    Str type = http_header(r->http, "Content-Type");
    Str length = http_header(r->http, "Content-Length");
    bool has_body = (length.p && !str_is(length, "0")) || http_header(r->http, "Transfer-Encoding").p;
    if (!has_body || !(r->verb->flags & (VERB_BODY | VERB_CSV))) return true;
    const char *wanted = r->verb->flags & VERB_CSV ? "text/csv" : "application/json";
    if (media_type_is(type, wanted)) return true;
    return fail(&r->c, E_MEDIA_TYPE, "send this body as %s", wanted);
}

static bool admit_route(ApiRequest *r) {
    Str allow = STR_NONE;
    bool found = route_find(r, &allow);
    if (!found && r->c.err.kind == E_METHOD) http_respond_header(r->http, "Allow", allow);
    return found;
}

static ApiRequest *request_new(Api *api, HttpRequest *h) {
    ApiRequest *r = ARENA_NEW(&h->arena, ApiRequest);
    ctx_init(&r->c, api->app, &h->arena, &h->response.body);
    r->api = api;
    r->http = h;
    r->look = &native_presentation;
    r->c.ip = str_of(h->ip);
    r->c.request_id = str_of(h->id);
    r->c.user_agent = http_header(h, "User-Agent");
    r->c.https = h->https;
    h->user = r;
    return r;
}

static void preflight(Api *api, HttpRequest *h) {
    header_cors(api, h);
    if (cors_origin(api, h).p) {
        http_respond_header(h, "Access-Control-Allow-Methods", S("GET, POST, PUT, PATCH, DELETE"));
        http_respond_header(h, "Access-Control-Allow-Headers",
                            S("Authorization, Content-Type, If-Match, If-None-Match, "
                              "Idempotency-Key, X-Request-Id"));
        http_respond_header(h, "Access-Control-Max-Age", S("600"));
    }
    h->response.status = 204;
}

#define PARAMS_MAX 64

static bool query_params(ApiRequest *r) {
    Str rest = r->http->query, name, value;
    bool bad = false;
    if (!rest.n) return true;
    r->param_list = ARENA_ARRAY(r->c.arena, Param, PARAMS_MAX);
    r->params.list = r->param_list;
    while (http_next_param(&rest, r->c.arena, &name, &value, &bad)) {
        if (r->params.n == PARAMS_MAX)
            return fail(&r->c, E_BAD_QUERY, "more than %d parameters", PARAMS_MAX);
        r->param_list[r->params.n++] = (Param){name, value};
    }
    return !bad || fail(&r->c, E_BAD_QUERY, "a parameter is not valid percent-encoded UTF-8");
}

static bool param_dry_run(ApiRequest *r) {
    if (!strcmp(r->verb->method, "GET")) return true;
    Str s = param_take(r, "dry_run");
    r->c.dry_run = str_is(s, "true") || str_is(s, "1");
    if (!s.p || r->c.dry_run || str_is(s, "false") || str_is(s, "0")) return true;
    return fail(&r->c, E_BAD_QUERY, "dry_run must be true or false");
}

static bool admit_parameters(ApiRequest *r) {
    return !r->verb->admit || (query_params(r) && param_dry_run(r) && r->verb->admit(r));
}

static void admit(void *app, HttpRequest *h) {
    Api *api = app;
    if (str_is(h->method, "OPTIONS")) {
        preflight(api, h);
        return;
    }
    if (pages_serve(api, h)) {
        header_cors(api, h);
        return;
    }
    ApiRequest *r = request_new(api, h);
    r->ok = admit_route(r) && admit_identity(r) && admit_rate(r) && admit_permission(r) &&
            admit_media_type(r) && admit_parameters(r);
    cookie_read(r);
    if (r->ok)
        h->body_limit = route_body_limit(r);
    else
        answer(r);
}

/* --- handle --- */

static bool header_if_match(ApiRequest *r) {
    Str s = http_header(r->http, "If-Match");
    if (!s.p || str_is(s, "*")) return true;
    int64_t version = 0;
    bool tag = s.n > 3 && s.p[0] == '"' && s.p[1] == 'v' && s.p[s.n - 1] == '"';
    if (!tag || !str_to_int((Str){s.p + 2, s.n - 3}, &version) || version < 0)
        version = INT64_MAX; /* a tag that was never given matches nothing */
    r->c.if_match = version;
    return true;
}

static bool header_idempotency(ApiRequest *r) {
    Str s = http_header(r->http, "Idempotency-Key");
    if (!s.p || !(r->verb->flags & VERB_REPLAYS)) return true;
    bool good = s.n >= 1 && s.n <= 255;
    for (size_t i = 0; i < s.n; i++) good = good && s.p[i] > ' ' && s.p[i] < 127;
    if (!good)
        return fail(&r->c, E_BAD_REQUEST, "Idempotency-Key must be 1 to 255 visible ASCII characters");
    r->idempotency_key = s;
    return true;
}

/* Reading one record costs the primary no more than being asked how far it is; and
 * some reads write before. */
static bool may_read_elsewhere(const ApiRequest *r) {
    const App *app = r->api->app;
    if (app->writer || !pool_reads_elsewhere(app->pool) || r->model->resource->fresh) return false;
    return (r->verb->flags & VERB_STANDBY) && !(r->verb == &verb_ask && !(r->action->flags & ACTION_POOL));
}

/* What may have to start over: a write that is a transaction of its own, and what a
 * standby may fail to answer. */
static void remember(ApiRequest *r) {
    if (r->api->app->writer || (strcmp(r->verb->method, "GET") == 0 && !may_read_elsewhere(r))) return;
    ApiRequest *before = ARENA_NEW(r->c.arena, ApiRequest);
    *before = *r;
    before->param_list = ARENA_ARRAY(r->c.arena, Param, r->params.n + 1);
    if (r->params.n) memcpy(before->param_list, r->param_list, sizeof(Param) * (size_t)r->params.n);
    r->before = before;
}

static bool plan(ApiRequest *r) {
    remember(r);
    if (r->verb->flags & VERB_BODY && !body_parse(r)) return false;
    return r->verb->plan(r);
}

/* Reading such a body would keep an I/O thread from its other connections. */
#define LARGE_BODY ((size_t)256 << 10)

static bool plan_is_slow(const ApiRequest *r) {
    if (r->http->body.n > LARGE_BODY || (r->verb->flags & VERB_FILE)) return true;
    return (r->model->resource->flags & R_SLOW_INPUT) && (r->verb->flags & VERB_CHANGES) &&
           (r->verb->flags & VERB_BODY);
}

static void statements_count(ApiRequest *r, const Db *db, int64_t before) {
    r->statements += db->statements - before;
}

/* In the lane, with its connection at hand. */
static void run(ApiRequest *r, Db *db) {
    int64_t before = db->statements;
    r->c.db = db;
    bool (*fresh)(Ctx *c) = r->c.writing ? NULL : r->model->resource->fresh;
    r->c.across = r->model->resource->flags & R_ACROSS;
    if (r->c.across || !r->c.writing) db_scope(db, r->c.across ? 0 : r->c.organization_id);
    r->ok = (!fresh || fresh(&r->c)) && r->verb->run(r);
    if (db_failed(db)) {
        db_fail(db, &r->c.err);
        r->ok = false;
        if (!r->c.writing) db_clear_error(db);
    }
    r->c.db = NULL;
    statements_count(r, db, before);
}

static bool write_run(WriterJob *job, Db *db) {
    ApiRequest *r = (ApiRequest *)((char *)job - offsetof(ApiRequest, writer_job));
    int64_t before = db->statements;
    r->c.writing = true;
    r->c.db = db;
    r->ok = idempotency_begin(r);
    if (r->ok && !r->replayed) {
        run(r, db);
        r->c.db = db;
        r->ok = r->ok && (r->c.dry_run || (idempotency_store(r) && touched_publish(&r->c)));
        job->collided = r->collided;
    }
    if (db_failed(db)) r->ok = db_fail(db, &r->c.err);
    r->statements = db->statements - before;
    return r->ok && !r->c.dry_run && !r->replayed;
}

static void commit_failed(ApiRequest *r, DbStatus status) {
    r->ok = false;
    error_clear(&r->c.err);
    fail(&r->c, status == DB_FULL ? E_DISK_FULL : status == DB_UNKNOWN ? E_COMMIT_UNKNOWN : E_DB_DOWN,
         status == DB_UNKNOWN ? "the database's answer was lost: look whether it was done before doing it again" : NULL);
}

/* Back to where it was planned, and planned again: what run() has made of the
 * input, and what it was about to answer, is forgotten. */
static bool start_over(ApiRequest *r) {
    ApiRequest *before = r->before;
    WriterJob same = r->writer_job;
    Param *list = r->param_list;
    if (!before || (r->verb->flags & VERB_FILE)) return false;
    if (r->body) json_decref(r->body);
    *r = *before;
    r->before = before;
    r->writer_job = same;
    r->param_list = list;
    if (r->params.n) memcpy(list, before->param_list, sizeof(Param) * (size_t)r->params.n);
    buf_reset(r->c.body);
    r->http->response.n_headers = 0; /* nothing has any before it is run */
    r->ok = (!(r->verb->flags & VERB_BODY) || body_parse(r)) && r->verb->plan(r);
    return r->ok;
}

static bool write_again(WriterJob *job) {
    return start_over((ApiRequest *)((char *)job - offsetof(ApiRequest, writer_job)));
}

static void write_done(WriterJob *job, DbStatus status) {
    ApiRequest *r = (ApiRequest *)((char *)job - offsetof(ApiRequest, writer_job));
    if (status != DB_OK && r->ok) commit_failed(r, status);
    if (r->ok && !r->c.dry_run)
        for (AfterCommit *a = r->c.after; a; a = a->next) a->run(r->c.app, a->arg);
    answer(r);
    http_resume(r->http);
}

static bool overloaded(ApiRequest *r) {
    r->c.err.retry_after = 1;
    r->ok = fail(&r->c, E_OVERLOADED, "the server is busy: try again in a moment");
    answer(r);
    return false;
}

static bool to_writer(ApiRequest *r) {
    r->writer_job = (WriterJob){.run = write_run, .done = write_done, .again = write_again,
                                .organization_id = r->c.organization_id, .exactly_once = r->idempotency_key.p != NULL};
    return app_write(r->api->app, &r->writer_job) || overloaded(r);
}

static void pool_run(PoolJob *job, Db *db);

static bool to_pool(ApiRequest *r, bool at_standby) {
    r->pool_job = (PoolJob){.run = pool_run, .at_standby = at_standby};
    return pool_submit(r->api->app->pool, &r->pool_job) || overloaded(r);
}

/* What a standby failed to answer, the primary is asked. */
static bool read_again(ApiRequest *r) {
    return !r->ok && r->pool_job.at_standby && error_info(r->c.err.kind)->status >= 500 && start_over(r) && to_pool(r, false);
}

static void pool_run(PoolJob *job, Db *db) {
    ApiRequest *r = (ApiRequest *)((char *)job - offsetof(ApiRequest, pool_job));
    if (plan_is_slow(r)) {
        r->c.db = db;
        r->ok = plan(r);
        if (r->ok && to_writer(r)) return;
        if (!r->http->response.status) answer(r);
    } else {
        run(r, db);
        if (read_again(r)) return;
        if (!r->http->response.status) answer(r);
    }
    http_resume(r->http);
}

static HttpVerdict run_inline(ApiRequest *r) {
    Db *db = api_reader(r->api, r->http->io_thread);
    r->ok = db != NULL || fail(&r->c, E_DB_DOWN, NULL);
    if (db) run(r, db);
    answer(r);
    return HTTP_DONE;
}

static HttpVerdict handle(void *app, HttpRequest *h) {
    (void)app;
    ApiRequest *r = request_of(h);
    r->ok = header_if_match(r) && header_idempotency(r) && (r->verb->admit || (query_params(r) && param_dry_run(r)));
    bool slow = r->ok && plan_is_slow(r);
    r->lane = slow ? LANE_POOL : r->verb->lane;
    if (r->ok && !slow) r->ok = plan(r);
    if (!r->ok) {
        answer(r);
        return HTTP_DONE;
    }
    if (r->lane == LANE_INLINE && r->api->app->writer) return run_inline(r);
    bool queued = r->lane == LANE_WRITER ? to_writer(r) : to_pool(r, may_read_elsewhere(r));
    return queued ? HTTP_LATER : HTTP_DONE;
}

/* --- after the answer --- */

static void request_log(const HttpRequest *h, const ApiRequest *r, int64_t elapsed) {
    if (!log_wants(LOG_INFO)) return;
    Buf b;
    buf_init(&b, 512, 8192);
    Json j = js_to(&b);
    js_field_c(&j, "request_id", h->id);
    js_field_str(&j, "method", h->method);
    js_field_str(&j, "path", h->path);
    js_field_int(&j, "status", h->response.status);
    js_field_int(&j, "microseconds", elapsed);
    js_field_c(&j, "ip", h->ip);
    if (r && r->c.user_id) {
        js_field_int(&j, "organization_id", r->c.organization_id);
        js_field_int(&j, "user_id", r->c.user_id);
    }
    log_line("request", h->response.status >= 500 ? LOG_ERROR : LOG_INFO, buf_view(&b));
    buf_free(&b);
}

static void finished(void *app, HttpRequest *h) {
    Api *api = app;
    ApiRequest *r = request_of(h);
    int64_t elapsed = monotonic_us() - h->started_us;
    metrics_record(api->metrics, r ? r->model : NULL, r && r->verb ? r->verb->name : "page",
                   h->response.status, elapsed);
    request_log(h, r, elapsed);
    if (r && r->body) json_decref(r->body);
    if (r && r->upload.path.p && !r->upload.taken) unlink(r->upload.path.p);
}

static void refuse(void *app, HttpRequest *h, ErrorKind kind, const char *detail) {
    ApiRequest *r = h->user ? request_of(h) : request_new(app, h);
    error_clear(&r->c.err);
    if (detail)
        fail(&r->c, kind, "%s", detail);
    else
        fail(&r->c, kind, NULL);
    r->ok = false;
    answer(r);
}

/* --- the Api --- */

Api *api_new(const App *app, const ApiConfig *config) {
    Api *api = calloc(1, sizeof *api);
    assert(api);
    api->app = app;
    api->config = *config;
    api->metrics = metrics_new(app->registry);
    api->started = clock_now(&app->clock);
    api->n_readers = 256;
    api->readers = calloc((size_t)api->n_readers, sizeof(Db *));
    assert(api->readers);
    Buf b;
    buf_init(&b, 1 << 20, BUF_DEFAULT_MAX);
    api_openapi(app->registry, &b);
    api->openapi = buf_view(&b); /* kept until api_free */
    api->pages = pages_new(api);
    api->meta = meta_kept_new();
    return api;
}

void api_set_server(Api *api, HttpServer *server) { api->server = server; }

HttpHandler api_handler(Api *api) {
    return (HttpHandler){.app = api, .admit = admit, .handle = handle, .finished = finished, .refuse = refuse};
}

void api_free(Api *api) {
    for (int i = 0; i < api->n_readers; i++)
        if (api->readers[i]) db_close(api->readers[i]);
    free(api->readers);
    metrics_free(api->metrics);
    pages_free(api->pages);
    meta_kept_free(api->meta);
    Buf b = {.p = (char *)(uintptr_t)api->openapi.p};
    buf_free(&b);
    free(api);
}
