/* The log is copied into the database by a thread of its own, since that is
 * much writing and two fsyncs, and neither the commits nor their clients need
 * wait for it. While it works the log grows on; it starts over when a checkpoint
 * has caught up with all of it, which the writer sees to with a last one, of the
 * little that has come meanwhile.
 *
 * The state is under `lock`; the connection is the thread's. */
#include "db/db_sqlite_checkpoint.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/log.h"

#define ROUNDS_MAX 4
#define REST_FRAMES 1000 /* 4 MiB: what is left to the writer */

typedef enum { IDLE, ASKED, FINISHED } State;

struct Checkpointer {
    sqlite3 *handle;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    State state;
    bool stopping;
};

int checkpoint_run(sqlite3 *handle, int mode, int *frames, int *done) {
    int rc = sqlite3_wal_checkpoint_v2(handle, "main", mode, frames, done);
    if (rc == SQLITE_IOERR_FSYNC) log_fatal("db", "fsync failed in a checkpoint, stopping");
    return rc;
}

/* Again for what came meanwhile, while that is much. */
static void round_run(sqlite3 *handle) {
    for (int i = 0, before = 0, frames, done; i < ROUNDS_MAX; i++, before = frames) {
        if (checkpoint_run(handle, SQLITE_CHECKPOINT_PASSIVE, &frames, &done) != SQLITE_OK) return;
        if (done < frames || frames - before < REST_FRAMES) return; /* a reader needs the rest, or it is little */
    }
}

static void *checkpointer_main(void *arg) {
    Checkpointer *cp = arg;
    pthread_mutex_lock(&cp->lock);
    while (!cp->stopping) {
        if (cp->state != ASKED) {
            pthread_cond_wait(&cp->wake, &cp->lock);
            continue;
        }
        pthread_mutex_unlock(&cp->lock);
        round_run(cp->handle);
        pthread_mutex_lock(&cp->lock);
        cp->state = FINISHED;
    }
    pthread_mutex_unlock(&cp->lock);
    return NULL;
}

/* A connection knows of the log only once it has read. */
static bool connection_open(Checkpointer *cp, const char *path, const char *vfs) {
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE;
    return sqlite3_open_v2(path, &cp->handle, flags, vfs) == SQLITE_OK &&
           sqlite3_db_config(cp->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL) == SQLITE_OK &&
           sqlite3_exec(cp->handle, "PRAGMA wal_autocheckpoint=0; PRAGMA synchronous=FULL; PRAGMA user_version",
                        NULL, NULL, NULL) == SQLITE_OK;
}

Checkpointer *checkpointer_start(const char *path, const char *vfs) {
    Checkpointer *cp = calloc(1, sizeof *cp);
    if (!cp) log_fatal("db", "out of memory");
    pthread_mutex_init(&cp->lock, NULL);
    pthread_cond_init(&cp->wake, NULL);
    if (connection_open(cp, path, vfs) && pthread_create(&cp->thread, NULL, checkpointer_main, cp) == 0) return cp;
    log_event("db", LOG_WARNING, "no checkpoints beside the writer: %s", sqlite3_errmsg(cp->handle));
    sqlite3_close_v2(cp->handle);
    free(cp);
    return NULL;
}

void checkpointer_ask(Checkpointer *cp) {
    pthread_mutex_lock(&cp->lock);
    cp->state = ASKED;
    pthread_cond_signal(&cp->wake);
    pthread_mutex_unlock(&cp->lock);
}

bool checkpointer_finished(Checkpointer *cp) {
    pthread_mutex_lock(&cp->lock);
    bool finished = cp->state == FINISHED;
    if (finished) cp->state = IDLE;
    pthread_mutex_unlock(&cp->lock);
    return finished;
}

void checkpointer_stop(Checkpointer *cp) {
    if (!cp) return;
    pthread_mutex_lock(&cp->lock);
    cp->stopping = true;
    pthread_cond_signal(&cp->wake);
    pthread_mutex_unlock(&cp->lock);
    pthread_join(cp->thread, NULL);
    sqlite3_close_v2(cp->handle);
    pthread_cond_destroy(&cp->wake);
    pthread_mutex_destroy(&cp->lock);
    free(cp);
}
