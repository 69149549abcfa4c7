/* Imports as records.
 *
 *   queued ──▶ running ──▶ done | failed
 *      └─────────┴──cancel──▶ cancelled
 *
 * Who asks for one makes the record (POST /<resource>/import-jobs); the program
 * alone moves it on, in the same transaction as the rows it stands for.
 *
 * Never: a row counted that is not stored, or stored that is not counted. */
#include "model/import_job.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "model/query.h"

#define FORGET_AFTER_S ((int64_t)30 * 86400)
#define FORGET_BATCH   50

static const Choice statuses[] = {[IMPORT_QUEUED] = {"queued"}, [IMPORT_RUNNING] = {"running"},
                                  [IMPORT_DONE] = {"done"},     [IMPORT_FAILED] = {"failed"},
                                  [IMPORT_CANCELLED] = {"cancelled"}, {0}};

static const Field fields[] = {
    {"resource", &T_TEXT, F_READONLY | F_FILTER, .max_length = 64, .help = "what is imported", .example = "\"customers\""},
    {"key", &T_TEXT, F_READONLY, .column = "key_field", .max_length = 64,
     .help = "field by which rows find the records they update; null: every row is a new record", .example = "\"email\""},
    {"map", &T_TEXT, F_READONLY, .column = "column_map", .max_length = 4000, .help = "columns of the file that are called otherwise",
     .example = "\"Company:name,Mail:email\""},
    {"dry_run", &T_BOOL, F_READONLY | F_FILTER | F_UNINDEXED, .fallback = "false", .help = "looks for what is wrong and keeps nothing"},
    {"status", &T_ENUM, F_FILTER | F_READONLY, .choices = statuses, .fallback = "queued"},
    {"rows", &T_INT, F_READONLY, .column = "row_count", .help = "in the file; null until they are counted", .example = "1200"},
    {"done", &T_INT, F_READONLY, .column = "done_count", .fallback = "0", .help = "rows worked on", .example = "600"},
    {"created", &T_INT, F_READONLY, .column = "created_count", .fallback = "0", .example = "580"},
    {"updated", &T_INT, F_READONLY, .column = "updated_count", .fallback = "0", .example = "18"},
    {"failed", &T_INT, F_READONLY, .column = "failed_count", .fallback = "0", .help = "rows that are wrong: see errors", .example = "2"},
    {"percent", &T_INT, F_READONLY, .fallback = "0", .example = "50"},
    {"rows_per_second", &T_INT, F_READONLY, .example = "25000"},
    {"seconds_left", &T_INT, F_READONLY, .example = "1"},
    {"bytes", &T_INT, F_READONLY, .fallback = "0", .help = "of the file"},
    {"message", &T_LONG_TEXT, F_READONLY, .max_length = 1000, .help = "why it failed"},
    {"started_at", &T_TIME, F_READONLY},
    {"finished_at", &T_TIME, F_READONLY},
    {"file", &T_TEXT, F_READONLY | F_HIDDEN, .max_length = 4096},
    {"position", &T_INT, F_READONLY | F_HIDDEN, .column = "file_position", .fallback = "0", .help = "byte where the next row begins"},
    {"rows_read", &T_INT, F_READONLY | F_HIDDEN, .fallback = "0", .help = "rows up to there, blank ones and the heading too"},
    {"error_count", &T_INT, F_READONLY | F_HIDDEN, .fallback = "0"},
    {"error_bytes", &T_INT, F_READONLY | F_HIDDEN, .fallback = "0", .help = "of the errors' file that count"},
    {"api_key_id", &T_INT, F_READONLY | F_HIDDEN, .help = "whose scopes bound it"},
};

static const Field error_fields[] = {
    {"row", &T_INT, F_REQUIRED, .column = "row_number", .help = "as a spreadsheet counts: the heading is row 1", .example = "7"},
    {"field", &T_TEXT, 0, .example = "\"email\""},
    {"code", &T_TEXT, F_REQUIRED, .example = "\"format\""},
    {"message", &T_LONG_TEXT, F_REQUIRED, .example = "\"must be an e-mail address\""},
};

static const Lines errors = {
    .name = "errors", .table = "job_errors", .parent = "job_id", LINE_FIELDS(error_fields), .max = IMPORT_ERRORS_MAX};

/* --- files --- */

Str import_folder(const App *app, Arena *a) {
    Str path = arena_fmt(a, "%s/imports", app->data_dir ? app->data_dir : ".");
    if (mkdir(path.p, 0700) != 0 && errno != EEXIST)
        log_event("import", LOG_ERROR, "cannot make the folder %s: %s", path.p, strerror(errno));
    return path;
}

Str import_file(const App *app, Arena *a, Str file) {
    if (str_starts(file, S("/"))) return arena_str(a, file);
    return arena_fmt(a, "%s/%.*s", import_folder(app, a).p, STR_ARG(file));
}

Str import_errors_file(const App *app, Arena *a, int64_t job_id) {
    return arena_fmt(a, "%s/%lld.errors.csv", import_folder(app, a).p, (long long)job_id);
}

static void file_delete(const App *app, void *path) {
    (void)app;
    if (unlink(path) != 0 && errno != ENOENT) log_event("import", LOG_WARNING, "%s: %s", (char *)path, strerror(errno));
}

static void file_delete_later(Ctx *c, Str path) { ctx_after_commit(c, file_delete, arena_c_str(c->arena, path)); }

/* A path of the command line's is its user's own file. */
static void upload_delete_later(Ctx *c, const Row *job) {
    Str file = row_get(job, "file").s;
    if (file.n && !str_starts(file, S("/"))) file_delete_later(c, import_file(c->app, c->arena, file));
}

/* --- the record --- */

static void give(Input *in, const char *field, Value v) {
    row_set(&in->row, field, v);
    set_add(&in->given, model_field(in->row.model, field)->index);
}

bool import_job_create(Ctx *c, const NewImport *job, Row *out) {
    const Model *m = ctx_model(c, "jobs");
    Input in = {.row = row_new(c->arena, m), .status = -1, .kind = INPUT_CREATE};
    give(&in, "resource", value_text(job->view->path));
    if (job->key) give(&in, "key", value_text(job->view->names[job->key->index]));
    if (job->map.n) give(&in, "map", value_text(job->map));
    give(&in, "dry_run", value_int(job->dry_run));
    give(&in, "file", value_text(job->file));
    give(&in, "bytes", value_int(job->bytes));
    if (c->api_key_id) give(&in, "api_key_id", value_int(c->api_key_id));
    return record_create(c, m, &in, out);
}

bool import_job_seek(Ctx *c, int64_t id, Row *out) {
    Value by = value_int(id);
    return record_seek(c, ctx_model(c, "jobs"), &(Seek){"id = ?2", &by, 1}, out);
}

void import_job_status(Ctx *c, Row *job, int status) {
    row_set(job, "status", value_text(str_of(statuses[status].name)));
    if (status == IMPORT_RUNNING) {
        if (row_get(job, "started_at").kind == V_NULL)
            row_set(job, "started_at", value_text((Str){c->now_text, TIME_TEXT - 1}));
        return;
    }
    row_set(job, "finished_at", value_text((Str){c->now_text, TIME_TEXT - 1}));
    row_set(job, "seconds_left", VALUE_NULL);
    upload_delete_later(c, job);
}

bool import_job_error(Ctx *c, const Row *job, int position, const ImportError *e) {
    const Model *lines = job->model->lines;
    Stmt *st = db_prepare(c->db, lines->insert_sql);
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind(st, 2, job->values[job->model->id]);
    stmt_bind_int(st, 3, position);
    stmt_bind_int(st, 4, e->row);
    stmt_bind(st, 5, e->field.n ? value_text(e->field) : VALUE_NULL);
    stmt_bind_text(st, 6, str_of(e->code));
    stmt_bind_text(st, 7, e->message);
    return stmt_run(st) || db_fail(c->db, &c->err);
}

bool import_job_restart(Ctx *c, int64_t id) {
    Stmt *st = db_prepare(c->db, S("DELETE FROM job_errors WHERE organization_id = ?1 AND job_id = ?2"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_int(st, 2, id);
    return stmt_run(st) || db_fail(c->db, &c->err);
}

static bool cancel(Ctx *c, Change *ch) {
    change_set(ch, "finished_at", value_text((Str){c->now_text, TIME_TEXT - 1}));
    change_set(ch, "seconds_left", VALUE_NULL);
    upload_delete_later(c, ch->before);
    return true;
}

static bool saved(Ctx *c, Change *ch) {
    if (ch->row) return true;
    upload_delete_later(c, ch->before);
    file_delete_later(c, import_errors_file(c->app, c->arena, ch->before->values[ch->model->id].i));
    return true;
}

/* --- GET /jobs/<id>/errors.csv --- */

/* No more than what was written together with the counts. */
static bool file_copy(Ctx *c, const char *path, int64_t bytes) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *room = fd >= 0 ? buf_room(c->body, (size_t)bytes) : NULL;
    ssize_t n = 0;
    for (int64_t got = 0; room && got < bytes; got += n) {
        n = pread(fd, room + got, (size_t)(bytes - got), got);
        if (n <= 0) break;
        c->body->n += (size_t)n;
    }
    if (fd >= 0) close(fd);
    if (c->body->failed) return fail(c, E_TOO_LARGE, "the list of errors is too large to be sent: it is in %s", path);
    return (room && n > 0) || fail(c, E_NOT_FOUND, "the errors of this job are not kept any more");
}

static bool errors_csv(Ctx *c, Call *call) {
    Query one;
    Row job;
    if (!query_read_one(c, call->view, (Params){0}, MAY_READ, &one) || !query_finds(c, &one, call->id)) return false;
    if (!import_job_seek(c, call->id, &job)) return fail(c, E_NOT_FOUND, NULL);
    int64_t bytes = row_get(&job, "error_bytes").i;
    c->media_type = "text/csv; charset=utf-8";
    c->body->max = (size_t)1 << 30;
    if (bytes) return file_copy(c, import_errors_file(c->app, c->arena, call->id).p, bytes);
    buf_c(c->body, "import_row,import_error\r\n");
    return true;
}

static const Action actions[] = {
    {"cancel", 0, "Stop an import; rows that are stored stay", IN(IMPORT_QUEUED) | IN(IMPORT_RUNNING), IMPORT_CANCELLED,
     .effect = cancel},
    {"errors.csv", ACTION_GET | ACTION_POOL, "All rows that are wrong, with the reasons, as CSV to correct and import again",
     .permission = "read", .run = errors_csv},
};

const Resource import_jobs = {
    .name = "jobs",
    .singular = "job",
    .summary = "Imports of files that take longer than a request: progress, and what is wrong with which row.",
    .flags = R_READ_ONLY | R_TRACKED | R_SYSTEM,
    FIELDS(fields),
    .lines = &errors,
    .done_states = IN(IMPORT_DONE) | IN(IMPORT_FAILED) | IN(IMPORT_CANCELLED),
    ACTIONS(actions),
    .saved = saved,
};

/* --- forgetting --- */

bool import_jobs_forget(Ctx *c) {
    char before[TIME_TEXT];
    int64_t ids[FORGET_BATCH];
    int n = 0;
    time_format(c->now - FORGET_AFTER_S, before);
    Stmt *st = db_prepare(c->db, S("SELECT id FROM jobs WHERE organization_id = ?1 AND finished_at < ?2 ORDER BY id LIMIT ?3"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_text(st, 2, str_of(before));
    stmt_bind_int(st, 3, FORGET_BATCH);
    while (n < FORGET_BATCH && stmt_step(st)) ids[n++] = stmt_int(st, 0);
    stmt_reset(st);
    if (db_failed(c->db)) return db_fail(c->db, &c->err);
    for (int i = 0; i < n; i++)
        if (!record_delete(c, ctx_model(c, "jobs"), ids[i])) return false;
    return true;
}
