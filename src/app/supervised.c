/* See supervised.h. */
#include "app/supervised.h"

#include <systemd/sd-daemon.h>

#include "app/background.h"
#include "base/log.h"
#include "base/time.h"
#include "db/writer.h"

struct Supervised {
    Background thread;
    Writer *writer; /* NULL: the database is elsewhere, and a new start of ours mends it as little as its writes tell of us */
    int64_t every_us; /* 0: there is no watchdog */
};

static bool write_nothing(WriterJob *job, Db *db) {
    (void)job;
    (void)db;
    return false;
}

static void feed(WriterJob *job, DbStatus status) {
    (void)job;
    if (status == DB_OK) sd_notify(0, "WATCHDOG=1");
}

static void *keep_feeding(void *arg) {
    Supervised *s = arg;
    while (!background_stopping(&s->thread)) {
        WriterJob job = {.run = write_nothing, .done = feed};
        if (s->writer)
            writer_submit_wait(s->writer, &job);
        else
            feed(&job, DB_OK);
        background_rest(&s->thread, monotonic_us() + s->every_us);
    }
    return NULL;
}

Supervised *supervised_ready(const App *app) {
    uint64_t watchdog_us = 0;
    Supervised *s = calloc(1, sizeof *s);
    if (!s) log_fatal("start", "out of memory");
    s->writer = app->writer;
    if (sd_watchdog_enabled(0, &watchdog_us) > 0) s->every_us = (int64_t)(watchdog_us / 2);
    if (s->every_us) background_start(&s->thread, "watchdog", keep_feeding, s);
    sd_notify(0, "READY=1");
    return s;
}

void supervised_stopping(Supervised *s) {
    if (!s) return;
    sd_notify(0, "STOPPING=1");
    if (s->every_us) background_stop(&s->thread);
    free(s);
}
