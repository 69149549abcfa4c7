/* A thread beside the server; see background.h. */
#include "app/background.h"

#include <time.h>

#include "base/log.h"
#include "base/time.h"

void background_start(Background *b, const char *name, void *(*main)(void *arg), void *arg) {
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&b->wake, &attr);
    pthread_condattr_destroy(&attr);
    pthread_mutex_init(&b->lock, NULL);
    b->stopping = false;
    if (pthread_create(&b->thread, NULL, main, arg) != 0) log_fatal(name, "cannot start its thread");
}

bool background_stopping(Background *b) {
    pthread_mutex_lock(&b->lock);
    bool stopping = b->stopping;
    pthread_mutex_unlock(&b->lock);
    return stopping;
}

void background_rest(Background *b, int64_t when) {
    struct timespec t = {.tv_sec = when / 1000000, .tv_nsec = when % 1000000 * 1000};
    pthread_mutex_lock(&b->lock);
    while (!b->stopping && monotonic_us() < when) pthread_cond_timedwait(&b->wake, &b->lock, &t);
    pthread_mutex_unlock(&b->lock);
}

void background_stop(Background *b) {
    pthread_mutex_lock(&b->lock);
    b->stopping = true;
    pthread_cond_signal(&b->wake);
    pthread_mutex_unlock(&b->lock);
    pthread_join(b->thread, NULL);
    pthread_cond_destroy(&b->wake);
    pthread_mutex_destroy(&b->lock);
}
