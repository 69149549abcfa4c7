/* One import at work; see import_run.h. On the importer's thread, or the
 * command line's, but for what runs on the writer: step_write and below. */
#include "app/import_run.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "model/import_read.h"
#include "app/import_seen.h"
#include "base/log.h"
#include "identity/identity.h"
#include "model/mark.h"
#include "model/store.h"

/* Work in one transaction: short while others write too, as they wait for its
 * commit; otherwise longer, since what a commit costs is mostly pages, and many
 * rows share them (measured: a third less for each row than in steps of 512). */
#define STEP_LEAST_US 3000
#define STEP_MOST_US  200000
#define STEP_FULL     ((size_t)64 << 20) /* bytes of memory, after which it ends */
#define MERGE_FROM    10000 /* rows that leave the words of search in many parts */
#define MERGE_PAGES   500   /* in one transaction, some 20 ms … */
#define MERGE_ALONE   20000 /* … and where nobody waits */
#define MERGES_MAX    10000 /* of many other changes meanwhile, not without end */
#define LOOK_UP       16 /* rows, after which the writer is asked whether somebody waits */
#define RUN_ARENA   ((size_t)64 << 20)
#define STEP_ARENA  ((size_t)256 << 20)
#define ERRORS_MAX  ((size_t)64 << 20) /* bytes of one step's */

/* What is stored with the rows it counts. */
typedef struct {
    int64_t done, created, updated, failed, position, rows_read, error_count, error_bytes;
} Counts;

struct ImportRun {
    const App *app;
    int64_t organization_id, job_id;
    Arena arena;
    Ctx c;
    ImportRead read;
    bool opened;
    const ModelField *key;
    Str find_sql;   /* by the key */
    bool dry_run;
    ImportSeen seen; /* of a dry run, which takes back what it did */
    int errors_fd;
    int64_t rows, user_id, api_key_id;
    Counts counts;
    int at;         /* item of the chunk that comes next */
    bool careful;   /* a savepoint for each row: one was refused behind its first write, or by the database */
    int64_t started_us, done_before, step_us, step_most_us;
    Arena step;
    Buf errors;     /* of one step, for the errors' file */
    int merges;     /* of the words of search, behind the last row */
    bool merged;
    bool ended;
    Str problem;
};

/* --- opening --- */

static const struct {
    const char *field;
    size_t at;
} stored_counts[] = {
    {"done", offsetof(Counts, done)},           {"created", offsetof(Counts, created)},
    {"updated", offsetof(Counts, updated)},     {"failed", offsetof(Counts, failed)},
    {"position", offsetof(Counts, position)},   {"rows_read", offsetof(Counts, rows_read)},
    {"error_count", offsetof(Counts, error_count)}, {"error_bytes", offsetof(Counts, error_bytes)},
};
#define STORED_COUNTS (sizeof stored_counts / sizeof *stored_counts)

static int64_t *count_at(Counts *counts, size_t i) { return (int64_t *)(void *)((char *)counts + stored_counts[i].at); }

static void find_prepare(ImportRun *r, Str key) {
    const Model *m = r->read.sheet.view->model;
    const Resource *o = m->resource;
    r->key = map_get(&r->read.sheet.view->by_name, key);
    if (!r->key) return;
    r->find_sql = arena_fmt(&r->arena, "SELECT id FROM %s WHERE %s = ?1%s%s%s%s%s AND %s = ?2 LIMIT 2", m->table.p, m->tenant.p,
                            o->only.column ? " AND " : "", o->only.column ? o->only.column : "", o->only.column ? " = '" : "",
                            o->only.column ? o->only.value : "", o->only.column ? "'" : "", r->key->column.p);
}

static Str kept(ImportRun *r, Str s) { return arena_str(&r->arena, s); }

/* Reads the job; a dry run that was interrupted begins anew, having kept nothing. */
static bool job_read(ImportRun *r, Str *file, int64_t *bytes) {
    Row job;
    if (!import_job_seek(&r->c, r->job_id, &job)) return false;
    Str path = row_get(&job, "resource").s;
    r->read.sheet.view = registry_view(r->app->registry, path);
    if (!r->read.sheet.view) return fail(&r->c, E_NOT_FOUND, "there is no resource %.*s any more", STR_ARG(path));
    r->read.sheet.map = kept(r, row_get(&job, "map").s);
    r->dry_run = row_get(&job, "dry_run").i != 0;
    r->user_id = job.values[job.model->created_by].i;
    r->api_key_id = row_get(&job, "api_key_id").i;
    if (r->dry_run && !import_job_restart(&r->c, r->job_id)) return false;
    for (size_t i = 0; i < STORED_COUNTS && !r->dry_run; i++)
        *count_at(&r->counts, i) = row_get(&job, stored_counts[i].field).i;
    find_prepare(r, row_get(&job, "key").s);
    *file = import_file(r->app, &r->arena, row_get(&job, "file").s);
    *bytes = row_get(&job, "bytes").i;
    return true;
}

static bool errors_open(ImportRun *r) {
    Str path = import_errors_file(r->app, &r->arena, r->job_id);
    r->errors_fd = open(path.p, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (r->errors_fd >= 0 && ftruncate(r->errors_fd, r->counts.error_bytes) == 0) return true;
    return fail(&r->c, E_INTERNAL, "the errors' file cannot be written: %s", strerror(errno));
}

static bool file_open(ImportRun *r, Str file, int64_t bytes) {
    r->opened = true;
    if (!import_read_open(&r->read, file.p)) return false;
    if (lseek(r->read.fd, 0, SEEK_END) != bytes)
        return fail(&r->c, E_CONFLICT, "the file is not as long any more as it was when the import began");
    r->rows = import_read_count(&r->read);
    import_read_seek(&r->read, r->counts.position, r->counts.rows_read);
    return errors_open(r);
}

/* A writing step that only reads: the job may be newer than a reader's snapshot. */
typedef struct {
    ImportRun *run;
    Str file;
    int64_t bytes;
} Opening;

static bool job_read_run(Ctx *c, void *arg) {
    Opening *o = arg;
    (void)c;
    return job_read(o->run, &o->file, &o->bytes);
}

static void problem_keep(ImportRun *r) {
    Buf b = {0};
    const Error *e = &r->c.err;
    buf_str(&b, e->detail.n ? e->detail : e->issues ? STR_NONE : str_of(error_info(e->kind)->title));
    for (const Issue *i = e->issues; i; i = i->next)
        buf_fmt(&b, "%s%.*s %.*s", b.n ? "; " : "", STR_ARG(i->field), STR_ARG(i->message));
    r->problem = kept(r, buf_view(&b));
    buf_free(&b);
}

ImportRun *import_run_open(const App *app, int64_t organization_id, int64_t job_id) {
    ImportRun *r = calloc(1, sizeof *r);
    if (!r) log_fatal("import", "out of memory");
    *r = (ImportRun){.app = app, .organization_id = organization_id, .job_id = job_id, .errors_fd = -1,
                      .step_us = STEP_LEAST_US, .step_most_us = STEP_MOST_US};
    arena_init(&r->arena, RUN_ARENA);
    arena_init(&r->step, STEP_ARENA);
    buf_init(&r->errors, 0, ERRORS_MAX);
    ctx_init(&r->c, app, &r->arena, NULL);
    r->c.organization_id = organization_id;
    r->read.sheet.c = &r->c;
    r->read.fd = -1;
    Opening o = {.run = r};
    if (!ctx_write(&r->c, job_read_run, &o)) {
        r->ended = r->c.err.kind == E_NONE; /* it is no more */
        if (!r->ended) problem_keep(r);
    } else if (!file_open(r, o.file, o.bytes)) {
        problem_keep(r);
    }
    r->started_us = monotonic_us();
    r->done_before = r->counts.done;
    return r;
}

void import_run_alone(ImportRun *r) { r->step_us = r->step_most_us = INT32_MAX; }

void import_run_close(ImportRun *r) {
    if (r->opened) import_read_close(&r->read);
    if (r->errors_fd >= 0) close(r->errors_fd);
    import_seen_free(&r->seen);
    buf_free(&r->errors);
    arena_free(&r->step);
    arena_free(&r->arena);
    free(r);
}

/* --- what is wrong with a row --- */

typedef struct Told {
    ImportError error;
    struct Told *next;
} Told;

typedef struct {
    ImportRun *run;
    Row job;       /* as it will be stored */
    Told *told, **told_end; /* for the record */
    Counts counts;
    int at;
    bool unclean;  /* as `careful` says: to be taken back and done again */
    bool hurried;  /* others waited */
    int status;
    Row *made;     /* of a dry run, in the step's arena */
    int n_made;
} Step;

/* As the client calls it. */
static Str shown_field(const Step *s, Str name) {
    const View *v = s->run->read.sheet.view;
    for (int i = 0; i < v->model->n; i++)
        if (str_eq(v->model->fields[i].name, name)) return v->names[i];
    return name;
}

static void reason_add(Buf *b, Str field, Str message) {
    if (b->n) buf_c(b, "; ");
    if (field.n) buf_fmt(b, "%.*s ", STR_ARG(field));
    buf_str(b, message);
}

static void error_add(Ctx *c, Step *s, Buf *reasons, const ImportError *e) {
    reason_add(reasons, e->field, e->message);
    if (s->counts.error_count++ >= IMPORT_ERRORS_MAX) return;
    Told *told = ARENA_NEW(c->arena, Told);
    *told = (Told){*e, NULL};
    *s->told_end = told;
    s->told_end = &told->next;
}

static void errors_head(ImportRun *r) {
    buf_c(&r->errors, SHEET_ROW "," SHEET_ERROR);
    for (int i = 0; i < r->read.sheet.n; i++) {
        buf_char(&r->errors, ',');
        csv_cell(&r->errors, r->read.sheet.titles[i]);
    }
    buf_c(&r->errors, "\r\n");
}

static void row_note_error(Ctx *c, Step *s, const ImportItem *item, const Error *e) {
    ImportRun *r = s->run;
    Buf reasons = {0};
    if (!s->counts.error_bytes && !r->errors.n) errors_head(r);
    for (const Issue *i = e->issues; i; i = i->next)
        error_add(c, s, &reasons, &(ImportError){item->number, shown_field(s, i->field), i->code, i->message});
    const ErrorInfo *info = error_info(e->kind);
    Str detail = e->detail.n ? e->detail : str_of(info->title);
    if (!e->issues) error_add(c, s, &reasons, &(ImportError){item->number, STR_NONE, info->code, detail});
    buf_fmt(&r->errors, "%lld,", (long long)item->number);
    csv_cell(&r->errors, buf_view(&reasons));
    buf_char(&r->errors, ',');
    import_read_cells(&r->read, item, &r->errors);
    buf_c(&r->errors, "\r\n");
    buf_free(&reasons);
    s->counts.failed++;
}

/* Behind the rows, which a dry run has taken back by now. */
static bool told_write(Ctx *c, const Step *s) {
    int position = (int)s->run->counts.error_count;
    for (const Told *t = s->told; t; t = t->next)
        if (!import_job_error(c, &s->job, ++position, &t->error)) return false;
    return true;
}

/* Behind the counted bytes, and on disk before they count. */
static bool errors_write(Ctx *c, Step *s) {
    Buf *b = &s->run->errors;
    size_t at = 0;
    if (b->failed) return fail(c, E_INTERNAL, "too many errors at once");
    while (at < b->n) {
        ssize_t n = pwrite(s->run->errors_fd, b->p + at, b->n - at, s->counts.error_bytes + (int64_t)at);
        if (n <= 0) return fail(c, errno == ENOSPC ? E_DISK_FULL : E_INTERNAL, "the errors' file: %s", strerror(errno));
        at += (size_t)n;
    }
    if (b->n && fdatasync(s->run->errors_fd) != 0) return fail(c, E_INTERNAL, "the errors' file: %s", strerror(errno));
    s->counts.error_bytes += (int64_t)b->n;
    return true;
}

/* --- rows, on the writer --- */

static bool fatal(Ctx *c) { return db_failed(c->db) || error_info(c->err.kind)->status >= 500; }

static Value key_of(const ImportRun *r, const ImportItem *item) {
    bool given = r->key && set_has(&item->input.given, r->key->index);
    return given ? item->input.row.values[r->key->index] : VALUE_NULL;
}

static bool record_by_key(Ctx *c, const ImportRun *r, Value key, int64_t *id) {
    Stmt *st = db_prepare(c->db, r->find_sql);
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind(st, 2, key);
    *id = stmt_step(st) ? stmt_int(st, 0) : 0;
    bool several = *id && stmt_step(st);
    stmt_reset(st);
    if (db_failed(c->db)) return db_fail(c->db, &c->err);
    if (!several) return true;
    error_issue(&c->err, r->key->name, "ambiguous", "is that of several %s: the key must tell them apart",
                r->read.sheet.view->model->name.p);
    return false;
}

static bool row_store(Ctx *c, Step *s, const ImportItem *item, bool *created) {
    ImportRun *r = s->run;
    const Model *m = r->read.sheet.view->model;
    int64_t id = 0;
    Row row;
    Value key = key_of(r, item);
    Input in = item->input;
    in.row = row_copy(c->arena, &item->input.row);
    if (key.kind != V_NULL && !record_by_key(c, r, key, &id)) return false;
    *created = !id && !(r->dry_run && import_seen_key(&r->seen, r->key, &key));
    if (r->dry_run && *created && !import_seen_check(c, &r->seen, &in.row)) return false;
    if (!ctx_require(c, m, *created ? MAY_CREATE : MAY_UPDATE)) return false;
    if (!(id ? record_update(c, m, id, &in, &row) : record_create(c, m, &in, &row))) return false;
    if (r->dry_run) s->made[s->n_made++] = row;
    return true;
}

static bool row_try(Ctx *c, Step *s, const ImportItem *item, bool *created) {
    WriteMark mark;
    AfterCommit *after = c->after;
    bool careful = s->run->careful;
    int64_t writes = c->db->writes;
    if (careful && !write_mark(c, &mark)) return false;
    bool ok = row_store(c, s, item, created);
    if (!ok && fatal(c)) return false;
    if (!ok) c->after = after;
    if (careful) return write_end(c, &mark, ok) && ok;
    s->unclean = !ok && (c->db->writes != writes || db_aborted(c->db));
    return ok;
}

static bool row_run(Ctx *c, Step *s, const ImportItem *item) {
    bool created = true;
    s->counts.done++;
    s->counts.position = item->end;
    s->counts.rows_read = item->number;
    if (item->bad) {
        row_note_error(c, s, item, &item->error);
        return true;
    }
    if (row_try(c, s, item, &created)) {
        created ? s->counts.created++ : s->counts.updated++;
        return true;
    }
    if (s->unclean || fatal(c)) return false;
    Error e = c->err;
    error_clear(&c->err);
    row_note_error(c, s, item, &e);
    return true;
}

static bool rows_run(Ctx *c, Step *s) {
    const ImportRead *read = &s->run->read;
    int64_t until = monotonic_us() + s->run->step_us;
    bool go_on = true;
    while (go_on && s->at < read->n) {
        if (!row_run(c, s, &read->items[s->at++])) return false;
        if (s->at % LOOK_UP != 0) continue;
        s->hurried = app_write_is_wanted(c->app);
        go_on = monotonic_us() < until && !s->hurried && c->arena->total < STEP_FULL;
    }
    return true;
}

/* A dry run's rows are taken back; what is wrong with them stays told. */
static bool dry_rows_run(Ctx *c, Step *s) {
    WriteMark mark;
    AfterCommit *after = c->after;
    if (!s->run->dry_run) return rows_run(c, s);
    return write_mark(c, &mark) && rows_run(c, s) && (c->after = after, write_end(c, &mark, false));
}

/* --- the job's record --- */

static void progress_store(const ImportRun *r, Row *job) {
    ImportProgress p;
    import_run_progress(r, &p);
    row_set(job, "rows", r->rows >= 0 ? value_int(r->rows) : VALUE_NULL);
    row_set(job, "percent", value_int(p.percent));
    row_set(job, "rows_per_second", p.rows_per_second ? value_int(p.rows_per_second) : VALUE_NULL);
    row_set(job, "seconds_left", value_int(p.seconds_left));
}

static bool end_journal(Ctx *c, const Step *s, const char *verb) {
    Str changes = arena_fmt(c->arena, "{\"created\":%lld,\"updated\":%lld,\"failed\":%lld}", (long long)s->counts.created,
                            (long long)s->counts.updated, (long long)s->counts.failed);
    return journal_append(c, ctx_model(c, "jobs")->name, s->run->job_id, str_of(verb), changes);
}

/* A job that was cancelled or forgotten in the meantime is over. */
static bool step_begin(Ctx *c, Step *s, Row *before) {
    ImportRun *r = s->run;
    bool there = import_job_seek(c, r->job_id, before);
    if (!there && c->err.kind != E_NONE) return false;
    int status = there ? choice_index(model_field(before->model, "status"), row_get(before, "status").s) : IMPORT_DONE;
    r->ended = status != IMPORT_QUEUED && status != IMPORT_RUNNING;
    /* Another program may have gone on with it, or a commit was heard of only now. */
    if (!r->ended && !r->dry_run) r->ended = row_get(before, "rows_read").i != r->counts.rows_read;
    if (r->ended) return true;
    s->job = row_copy(c->arena, before);
    return identity_resume(c, r->user_id, r->api_key_id);
}

static bool step_end(Ctx *c, Step *s, const Row *before) {
    ImportRun *r = s->run;
    const Counts was = r->counts;
    r->counts = s->counts; /* for the progress */
    for (size_t i = 0; i < STORED_COUNTS; i++) row_set(&s->job, stored_counts[i].field, value_int(*count_at(&s->counts, i)));
    progress_store(r, &s->job);
    r->counts = was;
    import_job_status(c, &s->job, s->status);
    if (s->status == IMPORT_FAILED) row_set(&s->job, "message", value_text(r->problem));
    if (s->status == IMPORT_DONE && !end_journal(c, s, "finish")) return false;
    if (s->status == IMPORT_FAILED && !end_journal(c, s, "fail")) return false;
    return record_put(c, before, &s->job);
}

static bool step_write(Ctx *c, void *arg) {
    Step *s = arg;
    Row before;
    buf_reset(&s->run->errors);
    if (!step_begin(c, s, &before)) return false;
    if (s->run->ended) return true;
    return dry_rows_run(c, s) && told_write(c, s) && errors_write(c, s) && step_end(c, s, &before);
}

/* --- a step --- */

static bool write_step(ImportRun *r, Step *s, ErrorKind *kind) {
    Ctx c;
    arena_reset(&r->step);
    ctx_init(&c, r->app, &r->step, NULL);
    c.organization_id = r->organization_id;
    c.origin = "import";
    c.request_id = arena_fmt(&r->step, "job-%lld", (long long)r->job_id);
    *s = (Step){.run = r, .counts = r->counts, .at = r->at, .status = s->status};
    s->told_end = &s->told;
    if (r->dry_run) s->made = ARENA_ARRAY(&r->step, Row, IMPORT_CHUNK);
    bool ok = ctx_write(&c, step_write, s);
    *kind = ok ? E_NONE : c.err.kind == E_NONE ? E_INTERNAL : c.err.kind;
    if (ok) {
        r->counts = s->counts;
        r->at = s->at;
        r->step_us = s->hurried ? STEP_LEAST_US : r->step_us * 2 < r->step_most_us ? r->step_us * 2 : r->step_most_us;
        for (int i = 0; i < s->n_made; i++) import_seen_add(&r->seen, &s->made[i], r->key);
    } else if (!s->unclean) {
        r->c.err = c.err;
        problem_keep(r);
        error_clear(&r->c.err);
    }
    return ok;
}

static bool may_pass(ErrorKind kind) { return kind == E_OVERLOADED || kind == E_DB_DOWN || kind == E_DISK_FULL; }

/* The job itself ends, whatever becomes of its rows. */
static ImportStep end_with(ImportRun *r, int status) {
    Step s = {.status = status};
    ErrorKind kind;
    Str problem = r->problem;
    r->read.n = r->at = 0;
    if (r->user_id && status == IMPORT_FAILED) r->user_id = r->api_key_id = 0; /* perhaps they may not any more */
    bool ok = write_step(r, &s, &kind);
    r->problem = problem;
    if (!ok && kind == E_COMMIT_UNKNOWN) return IMPORT_ENDED;
    if (!ok && may_pass(kind)) return IMPORT_LATER;
    if (!ok) log_event("import", LOG_ERROR, "job %lld cannot be ended: %s", (long long)r->job_id, error_info(kind)->code);
    r->ended = true;
    return IMPORT_ENDED;
}

static bool chunk_next(ImportRun *r) {
    if (r->at < r->read.n) return true;
    r->at = 0;
    if (import_read_chunk(&r->read)) return true;
    r->problem = r->read.problem;
    return false;
}

/* All parts become one when the import is much of the table: to write again what
 * was there before costs as much as it is. */
static bool is_much(Ctx *c, const ImportRun *r) {
    Stmt *st = db_prepare(c->db, arena_fmt(c->arena, "SELECT max(id) FROM %s", r->read.sheet.view->model->table.p));
    int64_t rows = stmt_step(st) ? stmt_int(st, 0) : 0;
    stmt_reset(st);
    return r->counts.created * 4 >= rows;
}

static bool merge_run(Ctx *c, void *arg) {
    ImportRun *r = arg;
    bool more;
    int64_t pages = r->step_most_us > STEP_MOST_US ? MERGE_ALONE : MERGE_PAGES;
    if (r->merges == 0 && is_much(c, r)) pages = -pages;
    if (!store_words_merge(c, r->read.sheet.view->model, pages, &more)) return false;
    r->merges++;
    r->merged = !more || r->merges > MERGES_MAX;
    return true;
}

/* Searches go on meanwhile; what cannot be merged is found as well. */
static ImportStep merge_step(ImportRun *r) {
    Ctx c;
    arena_reset(&r->step);
    ctx_init(&c, r->app, &r->step, NULL);
    c.organization_id = r->organization_id;
    if (!ctx_write(&c, merge_run, r)) r->merged = true;
    return IMPORT_MORE;
}

ImportStep import_run_step(ImportRun *r) {
    ErrorKind kind = E_NONE;
    if (r->ended) return IMPORT_ENDED;
    if (r->problem.p || !chunk_next(r)) return end_with(r, IMPORT_FAILED);
    bool many = !r->dry_run && r->counts.done - r->done_before >= MERGE_FROM;
    if (!r->read.n && many && !r->merged) return merge_step(r);
    if (!r->read.n) return end_with(r, IMPORT_DONE);
    Step s = {.status = IMPORT_RUNNING};
    if (write_step(r, &s, &kind)) {
        if (r->at == r->read.n) r->careful = false;
        return r->ended ? IMPORT_ENDED : IMPORT_MORE;
    }
    if (s.unclean) {
        r->careful = true;
        return IMPORT_MORE;
    }
    if (kind == E_COMMIT_UNKNOWN) return IMPORT_ENDED; /* for now: the job itself says where to go on */
    if (!may_pass(kind)) return end_with(r, IMPORT_FAILED);
    r->problem = STR_NONE;
    return IMPORT_LATER;
}

void import_run_cancel(ImportRun *r) {
    if (!r->ended) end_with(r, IMPORT_CANCELLED);
}

Str import_run_problem(const ImportRun *r) { return r->problem; }

void import_run_progress(const ImportRun *r, ImportProgress *out) {
    const Counts *n = &r->counts;
    int64_t us = monotonic_us() - r->started_us, done = n->done - r->done_before;
    *out = (ImportProgress){.rows = r->rows, .done = n->done, .created = n->created, .updated = n->updated, .failed = n->failed};
    out->percent = r->rows > 0 ? (int)(n->done * 100 / r->rows) : 100;
    out->rows_per_second = us > 0 ? done * 1000000 / us : 0;
    out->seconds_left = out->rows_per_second && r->rows > n->done ? (r->rows - n->done) / out->rows_per_second : 0;
}
