/* A database of a test's own: a file, or one made on the server that
 * MILLWRIGHT_TEST_DATABASE names. The same cases run in both. */
#ifndef TEST_PLACE_H
#define TEST_PLACE_H

#include <assert.h>
#include <stdio.h>
#include <unistd.h>

#include "db/db.h"

typedef struct {
    char folder[64], path[80], url[300], server[200], name[64];
    Db *db;
} Place;

static inline const char *place_server(void) {
    const char *url = getenv("MILLWRIGHT_TEST_DATABASE");
    return url && strstr(url, "://") ? url : NULL;
}

static inline Db *place_open(const char *url, DbMode mode) {
    DbError error;
    Db *db = db_open(&(DbConfig){.url = url, .timeout_s = 20}, mode, &error);
    if (!db) fprintf(stderr, "open: %s\n", error.message);
    assert(db);
    return db;
}

static inline bool place_is_file(const Place *p) { return p->folder[0] != '\0'; }

static inline void place_admin(const Place *p, const char *format) {
    char sql[128];
    Db *db = place_open(p->server, DB_WRITE);
    snprintf(sql, sizeof sql, "%s %s", format, p->name);
    if (!db_exec(db, sql)) fprintf(stderr, "%s: %s\n", sql, db->error.message);
    db_close(db);
}

static inline Place *place_new(bool file) {
    static int made;
    Place *p = calloc(1, sizeof *p);
    assert(p);
    if (file) {
        snprintf(p->folder, sizeof p->folder, "/tmp/millwright-unit-XXXXXX");
        assert(mkdtemp(p->folder));
        snprintf(p->path, sizeof p->path, "%s/a.db", p->folder);
        snprintf(p->url, sizeof p->url, "sqlite:%s", p->path);
        return p;
    }
    snprintf(p->server, sizeof p->server, "%s", place_server());
    snprintf(p->name, sizeof p->name, "unit_%ld_%d", (long)getpid(), ++made);
    place_admin(p, "CREATE DATABASE");
    int kept = (int)(strrchr(p->server, '/') - p->server);
    snprintf(p->url, sizeof p->url, "%.*s/%s", kept, p->server, p->name);
    return p;
}

static inline void place_free(Place *p) {
    static const char *const ends[] = {"", "-wal", "-shm"};
    char path[128];
    if (!place_is_file(p)) place_admin(p, "DROP DATABASE IF EXISTS");
    for (int i = 0; i < 3 && place_is_file(p); i++) {
        snprintf(path, sizeof path, "%s%s", p->path, ends[i]);
        unlink(path);
    }
    if (place_is_file(p)) rmdir(p->folder);
    free(p);
}

static inline int64_t place_number(Db *db, const char *sql) {
    Stmt *st = db_prepare(db, str_of(sql));
    int64_t n = stmt_step(st) ? stmt_int(st, 0) : -1;
    stmt_reset(st);
    return n;
}

#endif
