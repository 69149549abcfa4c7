/* POST /<resource>/import-jobs: the file goes to the folder of imports while it
 * arrives; its heading is read, and a job is made that is worked on behind the
 * request (app/importer.h). */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "api/verbs.h"
#include "base/hash.h"
#include "base/log.h"
#include "model/import_job.h"
#include "model/import_read.h"

#define NAME_BYTES 16

static bool upload_open(ApiRequest *r) {
    char token[2 * NAME_BYTES];
    random_token(NAME_BYTES, token, sizeof token);
    /* A name may not begin with what hides a file or looks like an option. */
    r->upload.name = ctx_fmt(&r->c, "u%s", token);
    r->upload.path = import_file(r->c.app, r->c.arena, r->upload.name);
    r->http->body_fd = open(r->upload.path.p, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (r->http->body_fd > 0) return true;
    log_event("import", LOG_ERROR, "%s: %s", r->upload.path.p, strerror(errno));
    r->http->body_fd = 0;
    return fail(&r->c, errno == ENOSPC ? E_DISK_FULL : E_INTERNAL, NULL);
}

bool import_job_admit(ApiRequest *r) {
    NewImport *job = ARENA_NEW(r->c.arena, NewImport);
    Str key = param_take(r, "key");
    *job = (NewImport){.view = r->view, .map = param_take(r, "map"), .dry_run = r->c.dry_run};
    r->batch = job;
    r->c.dry_run = false; /* of the rows, not of the job */
    if (r->c.amount_cap)
        return fail(&r->c, E_FORBIDDEN, "a session with a limit on amounts cannot import behind the request: use import");
    if (key.p && !(job->key = sheet_key(&r->c, r->view, key))) return false;
    return params_none_left(r) && upload_open(r);
}

/* So that an Idempotency-Key tells files apart. */
static bool body_fingerprint(ApiRequest *r, size_t n) {
    char *hex = arena_alloc(r->c.arena, HASH_HEX);
    Hash hash;
    void *file = mmap(NULL, n, PROT_READ, MAP_PRIVATE, r->http->body_fd, 0);
    if (file == MAP_FAILED) return fail(&r->c, E_INTERNAL, NULL);
    hash_sha256((Str){file, n}, &hash);
    munmap(file, n);
    hash_hex(&hash, hex);
    r->http->body = str_of(hex);
    return true;
}

/* The bytes, and the name they are found by. */
static bool upload_sync(ApiRequest *r) {
    int folder = open(import_folder(r->c.app, r->c.arena).p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = folder >= 0 && fsync(r->http->body_fd) == 0 && fsync(folder) == 0;
    if (folder >= 0) close(folder);
    return ok || fail(&r->c, errno == ENOSPC ? E_DISK_FULL : E_INTERNAL, NULL);
}

bool import_job_plan(ApiRequest *r) {
    NewImport *job = r->batch;
    ImportRead *read = ARENA_NEW(r->c.arena, ImportRead);
    *read = (ImportRead){.sheet = {.c = &r->c, .view = r->view, .map = job->map}};
    bool ok = import_read_open(read, r->upload.path.p);
    import_read_close(read);
    if (!ok) return false;
    job->file = r->upload.name;
    job->bytes = lseek(r->http->body_fd, 0, SEEK_END);
    return upload_sync(r) && (!r->idempotency_key.p || body_fingerprint(r, (size_t)job->bytes));
}

static void upload_taken(const App *app, void *upload) {
    (void)app;
    ((Upload *)upload)->taken = true;
}

bool import_job_run(ApiRequest *r) {
    Row row;
    if (!import_job_create(&r->c, r->batch, &row)) return false;
    ctx_after_commit(&r->c, upload_taken, &r->upload);
    r->c.status = 202;
    r->location = ctx_fmt(&r->c, "/api/v1/jobs/%lld", (long long)row.values[0].i);
    row_write(&r->c, &row.model->views[0], &row);
    return true;
}
