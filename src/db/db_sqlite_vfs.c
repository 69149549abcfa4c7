/* SQLite's files with two differences. Writes to the log are gathered
 * (db_sqlite_wal.c); and the journal of savepoints, which is never read after a
 * crash, is kept in memory as long as it is short. SQLite's own way of doing
 * that takes one block of a fixed size; every change of more than some 30 pages
 * then goes through a file, page by page. */
#include "db/db_sqlite_vfs.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "db/db_sqlite_wal.h"

#define VFS_NAME  "millwright"
#define KEPT_MAX  (8 << 20) /* bytes in memory: some 2,000 pages of one batch */
#define KEPT_LEAST (256 << 10)
#define PIECE     65536     /* the most SQLite's file layer is given at once */

typedef struct {
    sqlite3_file base;
    sqlite3_vfs *real;
    sqlite3_file *spilled; /* NULL: all of it is in bytes */
    char *bytes;
    sqlite3_int64 n, cap;
    int flags;
} Kept;

static int kept_close(sqlite3_file *file) {
    Kept *k = (Kept *)file;
    int rc = k->spilled ? k->spilled->pMethods->xClose(k->spilled) : SQLITE_OK;
    free(k->spilled);
    free(k->bytes);
    return rc;
}

static int kept_read(sqlite3_file *file, void *out, int n, sqlite3_int64 at) {
    const Kept *k = (const Kept *)file;
    if (k->spilled) return k->spilled->pMethods->xRead(k->spilled, out, n, at);
    if (at + n > k->n) {
        memset(out, 0, (size_t)n);
        return SQLITE_IOERR_SHORT_READ;
    }
    memcpy(out, k->bytes + at, (size_t)n);
    return SQLITE_OK;
}

static int spill(Kept *k) {
    sqlite3_file *f = calloc(1, (size_t)k->real->szOsFile);
    if (!f) log_fatal("db", "out of memory");
    int rc = k->real->xOpen(k->real, NULL, f, k->flags, NULL);
    for (sqlite3_int64 at = 0; rc == SQLITE_OK && at < k->n; at += PIECE)
        rc = f->pMethods->xWrite(f, k->bytes + at, k->n - at < PIECE ? (int)(k->n - at) : PIECE, at);
    if (rc != SQLITE_OK) {
        if (f->pMethods) f->pMethods->xClose(f);
        free(f);
        return rc;
    }
    free(k->bytes);
    k->bytes = NULL;
    k->spilled = f;
    return SQLITE_OK;
}

static void kept_grow(Kept *k, sqlite3_int64 least) {
    while (k->cap < least) k->cap = k->cap ? k->cap * 2 : KEPT_LEAST;
    k->bytes = realloc(k->bytes, (size_t)k->cap);
    if (!k->bytes) log_fatal("db", "out of memory");
}

static int kept_write(sqlite3_file *file, const void *from, int n, sqlite3_int64 at) {
    Kept *k = (Kept *)file;
    if (!k->spilled && at + n > KEPT_MAX) {
        int rc = spill(k);
        if (rc != SQLITE_OK) return rc;
    }
    if (k->spilled) return k->spilled->pMethods->xWrite(k->spilled, from, n, at);
    if (at + n > k->cap) kept_grow(k, at + n);
    if (at > k->n) memset(k->bytes + k->n, 0, (size_t)(at - k->n));
    memcpy(k->bytes + at, from, (size_t)n);
    if (at + n > k->n) k->n = at + n;
    return SQLITE_OK;
}

static int kept_truncate(sqlite3_file *file, sqlite3_int64 size) {
    Kept *k = (Kept *)file;
    if (k->spilled) return k->spilled->pMethods->xTruncate(k->spilled, size);
    if (size < k->n) k->n = size;
    return SQLITE_OK;
}

static int kept_size(sqlite3_file *file, sqlite3_int64 *size) {
    const Kept *k = (const Kept *)file;
    if (k->spilled) return k->spilled->pMethods->xFileSize(k->spilled, size);
    *size = k->n;
    return SQLITE_OK;
}

/* Nobody else sees the file, and it need not outlive anything. */
static int kept_sync(sqlite3_file *file, int flags) { return (void)file, (void)flags, SQLITE_OK; }
static int kept_lock(sqlite3_file *file, int level) { return (void)file, (void)level, SQLITE_OK; }
static int kept_reserved(sqlite3_file *file, int *out) { return (void)file, *out = 0, SQLITE_OK; }
static int kept_control(sqlite3_file *file, int op, void *arg) { return (void)file, (void)op, (void)arg, SQLITE_NOTFOUND; }
static int kept_sector(sqlite3_file *file) { return (void)file, 4096; }
static int kept_device(sqlite3_file *file) { return (void)file, 0; }

static const sqlite3_io_methods kept_methods = {
    .iVersion = 1,
    .xClose = kept_close,
    .xRead = kept_read,
    .xWrite = kept_write,
    .xTruncate = kept_truncate,
    .xSync = kept_sync,
    .xFileSize = kept_size,
    .xLock = kept_lock,
    .xUnlock = kept_lock,
    .xCheckReservedLock = kept_reserved,
    .xFileControl = kept_control,
    .xSectorSize = kept_sector,
    .xDeviceCharacteristics = kept_device,
};

static int vfs_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags, int *got) {
    sqlite3_vfs *real = sqlite3_vfs_find(NULL);
    (void)vfs;
    if (flags & SQLITE_OPEN_WAL) return wal_open(real, name, file, flags, got);
    if (!(flags & SQLITE_OPEN_SUBJOURNAL)) return real->xOpen(real, name, file, flags, got);
    *(Kept *)file = (Kept){.base = {&kept_methods}, .real = real, .flags = flags};
    if (got) *got = flags;
    return SQLITE_OK;
}

/* The system's other functions do not mind whose table they are called through. */
static void vfs_register(void) {
    sqlite3_vfs *vfs = malloc(sizeof *vfs);
    if (!vfs) log_fatal("db", "out of memory");
    *vfs = *sqlite3_vfs_find(NULL);
    vfs->zName = VFS_NAME;
    vfs->xOpen = vfs_open;
    vfs->szOsFile = wal_file_size(vfs);
    if (vfs->szOsFile < (int)sizeof(Kept)) vfs->szOsFile = (int)sizeof(Kept);
    sqlite3_vfs_register(vfs, 0);
}

const char *sqlite_vfs(void) {
    if (sqlite3_initialize() != SQLITE_OK) log_fatal("db", "SQLite does not start");
    sqlite3_mutex *once = sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_APP1);
    sqlite3_mutex_enter(once);
    if (!sqlite3_vfs_find(VFS_NAME)) vfs_register();
    sqlite3_mutex_leave(once);
    return VFS_NAME;
}
