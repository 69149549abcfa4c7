/* The write-ahead log as a file whose writes are gathered: SQLite writes each
 * page in two calls, one behind the other; the system gets them together, at
 * the latest when the log is synced. Nobody else may see a page before that:
 * with synchronous=FULL a commit is announced only after the sync. */
#include "db/db_sqlite_wal.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"

#define GATHERED_MAX (64 << 10) /* the file layer takes less than 128 KiB at once */

typedef struct {
    sqlite3_file base;
    char *bytes; /* not written yet: n of them, for the place `at` */
    int n;
    sqlite3_int64 at;
    sqlite3_file real; /* the system's, as long as it needs */
} Wal;

int wal_file_size(const sqlite3_vfs *real) { return (int)offsetof(Wal, real) + real->szOsFile; }

static sqlite3_file *real_of(sqlite3_file *file) { return &((Wal *)file)->real; }

/* What could not be written is forgotten: the transaction fails with it. */
static int flush(Wal *w) {
    int n = w->n;
    w->n = 0;
    return n ? w->real.pMethods->xWrite(&w->real, w->bytes, n, w->at) : SQLITE_OK;
}

static int wal_close(sqlite3_file *file) {
    Wal *w = (Wal *)file;
    int rc = flush(w), closed = w->real.pMethods->xClose(&w->real);
    free(w->bytes);
    return rc != SQLITE_OK ? rc : closed;
}

static int wal_read(sqlite3_file *file, void *out, int n, sqlite3_int64 at) {
    int rc = flush((Wal *)file);
    return rc != SQLITE_OK ? rc : real_of(file)->pMethods->xRead(real_of(file), out, n, at);
}

static int wal_write(sqlite3_file *file, const void *from, int n, sqlite3_int64 at) {
    Wal *w = (Wal *)file;
    bool goes_on = at == w->at + w->n && n <= GATHERED_MAX - w->n;
    int rc = goes_on ? SQLITE_OK : flush(w);
    if (rc != SQLITE_OK) return rc;
    if (n > GATHERED_MAX) return w->real.pMethods->xWrite(&w->real, from, n, at);
    if (!w->bytes && !(w->bytes = malloc(GATHERED_MAX))) log_fatal("db", "out of memory");
    if (!w->n) w->at = at;
    memcpy(w->bytes + w->n, from, (size_t)n);
    w->n += n;
    return SQLITE_OK;
}

static int wal_truncate(sqlite3_file *file, sqlite3_int64 size) {
    int rc = flush((Wal *)file);
    return rc != SQLITE_OK ? rc : real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int wal_sync(sqlite3_file *file, int flags) {
    int rc = flush((Wal *)file);
    return rc != SQLITE_OK ? rc : real_of(file)->pMethods->xSync(real_of(file), flags);
}

static int wal_size(sqlite3_file *file, sqlite3_int64 *size) {
    int rc = flush((Wal *)file);
    return rc != SQLITE_OK ? rc : real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int wal_lock(sqlite3_file *file, int level) { return real_of(file)->pMethods->xLock(real_of(file), level); }
static int wal_unlock(sqlite3_file *file, int level) { return real_of(file)->pMethods->xUnlock(real_of(file), level); }
static int wal_reserved(sqlite3_file *file, int *out) { return real_of(file)->pMethods->xCheckReservedLock(real_of(file), out); }
static int wal_control(sqlite3_file *file, int op, void *arg) { return real_of(file)->pMethods->xFileControl(real_of(file), op, arg); }
static int wal_sector(sqlite3_file *file) { return real_of(file)->pMethods->xSectorSize(real_of(file)); }
static int wal_device(sqlite3_file *file) { return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file)); }

static const sqlite3_io_methods wal_methods = {
    .iVersion = 1,
    .xClose = wal_close,
    .xRead = wal_read,
    .xWrite = wal_write,
    .xTruncate = wal_truncate,
    .xSync = wal_sync,
    .xFileSize = wal_size,
    .xLock = wal_lock,
    .xUnlock = wal_unlock,
    .xCheckReservedLock = wal_reserved,
    .xFileControl = wal_control,
    .xSectorSize = wal_sector,
    .xDeviceCharacteristics = wal_device,
};

int wal_open(sqlite3_vfs *real, sqlite3_filename name, sqlite3_file *file, int flags, int *got) {
    Wal *w = (Wal *)file;
    *w = (Wal){0};
    int rc = real->xOpen(real, name, &w->real, flags, got);
    if (rc == SQLITE_OK) w->base.pMethods = &wal_methods;
    return rc;
}
