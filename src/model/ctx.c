/* The request's context, rows, and small helpers every floor above uses. */
#include "model/ctx.h"

#include "db/transact.h"
#include "model/touched.h"

#include <assert.h>

void ctx_init(Ctx *c, const App *app, Arena *arena, Buf *body) {
    *c = (Ctx){.app = app, .arena = arena, .body = body, .out = js_to(body), .if_match = -1};
    error_init(&c->err, arena);
    c->now = clock_now(&app->clock);
    time_format(c->now, c->now_text);
    c->origin = "api";
    c->zone = "UTC";
    memcpy(c->today, c->now_text, DATE_TEXT - 1);
}

void ctx_set_zone(Ctx *c, const char *zone) {
    c->zone = zone;
    if (!strcmp(zone, "UTC"))
        memcpy(c->today, c->now_text, DATE_TEXT - 1);
    else
        date_in_zone(c->now, zone, c->today);
}

May ctx_may(const Ctx *c, const Model *m, int permission) {
    if (!c->rights || m->index < 0) return MAY_NOT;
    const Rights *r = &c->rights[m->index];
    uint64_t bit = (uint64_t)1 << permission;
    return r->all & bit ? MAY_ALL : r->own & bit ? MAY_OWN : MAY_NOT;
}

bool ctx_require(Ctx *c, const Model *m, int permission) {
    if (ctx_may(c, m, permission) != MAY_NOT) return true;
    return fail(c, E_FORBIDDEN, "you need the permission %s:%s", m->name.p,
                m->permissions[permission].p);
}

const View *ctx_view(const Ctx *c, const Model *m) {
    for (int i = 0; i < m->n_views; i++)
        if (m->views[i].client == (c->client_id != 0)) return &m->views[i];
    return NULL;
}

void ctx_after_commit(Ctx *c, void (*run)(const App *app, void *arg), void *arg) {
    AfterCommit *a = ARENA_NEW(c->arena, AfterCommit);
    *a = (AfterCommit){run, arg, c->after};
    c->after = a;
}

Lent ctx_lend(Ctx *c) {
    Lent lent = {c->rights, c->if_match, c->client_id};
    size_t bytes = sizeof(Rights) * (size_t)c->app->registry->n;
    Rights *all = arena_alloc(c->arena, bytes);
    memset(all, 0xff, bytes);
    c->rights = all;
    c->if_match = -1;
    c->client_id = 0;
    return lent;
}

void ctx_return(Ctx *c, const Lent *lent) {
    c->rights = lent->rights;
    c->if_match = lent->if_match;
    c->client_id = lent->client_id;
}

Str ctx_fmt(Ctx *c, const char *format, ...) {
    va_list args;
    va_start(args, format);
    Buf b;
    buf_init(&b, 128, 64 * 1024);
    buf_vfmt(&b, format, args);
    va_end(args);
    Str text = arena_str(c->arena, buf_view(&b));
    buf_free(&b);
    return text;
}

typedef struct {
    WriterJob job;
    Ctx *c;
    bool (*fn)(Ctx *, void *);
    void *arg;
    bool ok;
    DbStatus status;
} CtxWrite;

static bool write_run(WriterJob *job, Db *db) {
    CtxWrite *w = (CtxWrite *)job;
    Db *outer = w->c->db;
    w->c->db = db;
    w->c->writing = true;
    if (w->c->across) db_scope(db, 0);
    w->ok = w->fn(w->c, w->arg) && !db_failed(db) && touched_publish(w->c);
    if (db_failed(db)) db_fail(db, &w->c->err);
    w->c->db = outer;
    w->c->writing = false;
    return w->ok && !w->c->dry_run;
}

static void write_done(WriterJob *job, DbStatus status) {
    CtxWrite *w = (CtxWrite *)job;
    w->status = status;
    if (status != DB_OK || !w->ok) return;
    for (AfterCommit *a = w->c->after; a; a = a->next) a->run(w->c->app, a->arg);
    w->c->after = NULL;
}

bool app_write(const App *app, WriterJob *job) {
    return app->writer ? writer_submit(app->writer, job) : transact_submit(app->pool, job);
}

bool app_write_is_wanted(const App *app) {
    PoolStats pool;
    if (app->writer) return writer_is_wanted(app->writer);
    pool_stats(app->pool, &pool);
    return pool.queued > 0;
}

static bool write_submit_wait(Ctx *c, WriterJob *job) {
    if (c->app->writer) return writer_submit_wait(c->app->writer, job);
    if (!c->db) return transact_submit_wait(c->app->pool, job);
    transact(job, c->db, c->app->pool); /* a thread of the pool, which has no transaction open */
    return true;
}

bool ctx_write(Ctx *c, bool (*fn)(Ctx *c, void *arg), void *arg) {
    if (c->writing) return fn(c, arg);
    CtxWrite w = {.job = {.run = write_run, .done = write_done, .organization_id = c->organization_id},
                  .c = c, .fn = fn, .arg = arg};
    if (!write_submit_wait(c, &w.job)) {
        c->err.retry_after = 1;
        return fail(c, E_OVERLOADED, NULL);
    }
    if (w.status == DB_FULL) return fail(c, E_DISK_FULL, NULL);
    if (w.status == DB_UNKNOWN) return fail(c, E_COMMIT_UNKNOWN, NULL);
    if (w.status != DB_OK) return fail(c, E_DB_DOWN, NULL);
    return w.ok;
}

static int input_at(const Field *fields, size_t n, const char *name) {
    for (size_t i = 0; i < n; i++)
        if (!strcmp(fields[i].name, name)) return (int)i;
    assert(!"an input field of this action");
    return -1;
}

Value call_value(const Call *call, const char *name) {
    int i = input_at(call->action->input, call->action->n_input, name);
    return set_has(&call->given, i) ? call->input.values[i] : VALUE_NULL;
}

Value call_line_value(const Call *call, int line, const char *name) {
    const Lines *l = call->action->lines;
    return call->input.lines[line].values[input_at(l->fields, l->n_fields, name)];
}

Str call_text(const Call *call, const char *name) { return call_value(call, name).s; }

Row row_new(Arena *a, const Model *m) {
    return (Row){.model = m,
                 .values = ARENA_ARRAY(a, Value, (size_t)m->n),
                 .names = ARENA_ARRAY(a, Str, (size_t)m->n)};
}

Row row_copy(Arena *a, const Row *row) {
    Row copy = row_new(a, row->model);
    memcpy(copy.values, row->values, sizeof(Value) * (size_t)row->model->n);
    memcpy(copy.names, row->names, sizeof(Str) * (size_t)row->model->n);
    copy.lines = row->lines;
    copy.n_lines = row->n_lines;
    return copy;
}

Str ctx_returning(Ctx *c, Str insert) {
    Str returning = str_of(c->db->driver->dialect.returning_id);
    if (!returning.n) return insert;
    char *text = arena_alloc(c->arena, insert.n + returning.n + 1);
    memcpy(text, insert.p, insert.n);
    memcpy(text + insert.n, returning.p, returning.n + 1);
    return (Str){text, insert.n + returning.n};
}
