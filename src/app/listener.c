/* The thread that hears; see listener.h. */
#include "app/listener.h"

#include <stdlib.h>

#include "app/background.h"
#include "base/log.h"
#include "base/time.h"
#include "db/peers.h"
#include "identity/identity.h"

#define HEAR_MS  200 /* how often it looks whether to stop */
#define AGAIN_US 500000

struct Listener {
    const App *app;
    Background background;
    Db *db;
};

static void heard(void *arg, Str note) {
    Listener *l = arg;
    identity_heard(l->app->identity, note);
}

/* What was changed before is read anew, what is changed from now on is heard. */
static bool begin(Listener *l) {
    if (!db_listen(l->db)) return false;
    identity_missed(l->app->identity);
    return true;
}

static void *listener_main(void *arg) {
    Listener *l = arg;
    bool listening = false, told = false;
    while (!background_stopping(&l->background)) {
        listening = listening ? db_hear(l->db, HEAR_MS, heard, l) : begin(l);
        if (!listening && !told) log_event("listen", LOG_WARNING, "changes by other servers are seen later for now: %s", l->db->error.message);
        if (!listening) background_rest(&l->background, monotonic_us() + AGAIN_US);
        told = !listening;
        db_clear_error(l->db);
    }
    return NULL;
}

Listener *listener_start(const App *app) {
    DbError error;
    const DbDriver *driver = db_driver_for(app->database_url);
    if (!driver || driver->one_writer) return NULL;
    Listener *l = calloc(1, sizeof *l);
    if (!l) log_fatal("listen", "out of memory");
    l->app = app;
    l->db = db_open(&(DbConfig){.url = app->database_url}, DB_WRITE, &error);
    if (!l->db) log_fatal("listen", "cannot open the database: %s", error.message);
    background_start(&l->background, "listen", listener_main, l);
    return l;
}

void listener_stop(Listener *l) {
    if (!l) return;
    background_stop(&l->background);
    db_close(l->db);
    free(l);
}
