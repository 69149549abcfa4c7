/* A thread that works beside the server until it is told to stop, and rests in
 * between so that stopping never waits for a rest to end. */
#ifndef APP_BACKGROUND_H
#define APP_BACKGROUND_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;
} Background;

/* Runs main(arg) on a thread of its own; ends the process when there is none
 * to be had. `b` stays where it is until background_stop. */
void background_start(Background *b, const char *name, void *(*main)(void *arg), void *arg);
/* For the thread: whether it is to return. */
bool background_stopping(Background *b);
/* For the thread: waits until monotonic_us() is `when`, or it is to return. */
void background_rest(Background *b, int64_t when);
/* Tells the thread to return and waits until it has. */
void background_stop(Background *b);

#endif
