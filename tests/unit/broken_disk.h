/* A disk that can be broken: SQLite's default VFS, with a switch for writing
 * and one for fsync of the write-ahead log. */
#ifndef TESTS_BROKEN_DISK_H
#define TESTS_BROKEN_DISK_H

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>

static _Atomic int fail_write, fail_sync; /* result codes for the WAL, 0 = works */
static _Atomic int wal_writes;             /* calls so far */

typedef struct {
    sqlite3_file base;
    bool is_wal;
    sqlite3_file *real;
} ShimFile;

static sqlite3_io_methods shim_methods;
static sqlite3_vfs shim;

#define REAL(f) (((ShimFile *)(f))->real)

static int shim_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at) {
    if (((ShimFile *)f)->is_wal && fail_write) return fail_write;
    wal_writes += ((ShimFile *)f)->is_wal;
    return REAL(f)->pMethods->xWrite(REAL(f), p, n, at);
}
static int shim_sync(sqlite3_file *f, int flags) {
    if (((ShimFile *)f)->is_wal && fail_sync) return fail_sync;
    return REAL(f)->pMethods->xSync(REAL(f), flags);
}
static int shim_close(sqlite3_file *f) { return REAL(f)->pMethods->xClose(REAL(f)); }
static int shim_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at) {
    return REAL(f)->pMethods->xRead(REAL(f), p, n, at);
}
static int shim_truncate(sqlite3_file *f, sqlite3_int64 n) {
    return REAL(f)->pMethods->xTruncate(REAL(f), n);
}
static int shim_size(sqlite3_file *f, sqlite3_int64 *n) { return REAL(f)->pMethods->xFileSize(REAL(f), n); }
static int shim_lock(sqlite3_file *f, int level) { return REAL(f)->pMethods->xLock(REAL(f), level); }
static int shim_unlock(sqlite3_file *f, int level) { return REAL(f)->pMethods->xUnlock(REAL(f), level); }
static int shim_reserved(sqlite3_file *f, int *out) {
    return REAL(f)->pMethods->xCheckReservedLock(REAL(f), out);
}
static int shim_control(sqlite3_file *f, int op, void *arg) {
    return REAL(f)->pMethods->xFileControl(REAL(f), op, arg);
}
static int shim_sector(sqlite3_file *f) { return REAL(f)->pMethods->xSectorSize(REAL(f)); }
static int shim_device(sqlite3_file *f) { return REAL(f)->pMethods->xDeviceCharacteristics(REAL(f)); }
static int shim_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out) {
    return REAL(f)->pMethods->xShmMap(REAL(f), page, size, extend, out);
}
static int shim_shm_lock(sqlite3_file *f, int offset, int n, int flags) {
    return REAL(f)->pMethods->xShmLock(REAL(f), offset, n, flags);
}
static void shim_shm_barrier(sqlite3_file *f) { REAL(f)->pMethods->xShmBarrier(REAL(f)); }
static int shim_shm_unmap(sqlite3_file *f, int delete) {
    return REAL(f)->pMethods->xShmUnmap(REAL(f), delete);
}

static int shim_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out) {
    sqlite3_vfs *real = vfs->pAppData;
    ShimFile *file = (ShimFile *)f;
    file->real = (sqlite3_file *)(file + 1);
    file->is_wal = flags & SQLITE_OPEN_WAL;
    int rc = real->xOpen(real, name, file->real, flags, out);
    f->pMethods = file->real->pMethods ? &shim_methods : NULL;
    return rc;
}

static void shim_install(void) {
    sqlite3_vfs *real = sqlite3_vfs_find(NULL);
    shim_methods = (sqlite3_io_methods){
        2,           shim_close,   shim_read,     shim_write,       shim_truncate,  shim_sync,
        shim_size,   shim_lock,    shim_unlock,   shim_reserved,    shim_control,   shim_sector,
        shim_device, shim_shm_map, shim_shm_lock, shim_shm_barrier, shim_shm_unmap,
    };
    shim = *real;
    shim.zName = "shim";
    shim.pAppData = real;
    shim.szOsFile = (int)sizeof(ShimFile) + real->szOsFile;
    shim.xOpen = shim_open;
    sqlite3_vfs_register(&shim, 1);
}

#endif
