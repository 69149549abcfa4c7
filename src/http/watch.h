/* Open connections, and the thread that cuts those that are too slow and lets
 * refused uploads end gently. The list and the lingering sockets belong to
 * Watch and its mutex. */
#ifndef HTTP_WATCH_H
#define HTTP_WATCH_H

#include "http/proxy.h"
#include <pthread.h>
#include <stdatomic.h>

typedef struct Conn {
    struct Conn *next, *prev; /* Watch's */
    struct HttpServer *server;
    int fd;
    int lane;
    Address peer;
    char ip[46];
    bool proxy;                  /* the peer is a trusted proxy */
    _Atomic int64_t deadline_us; /* the line is cut when this passes */
    atomic_bool busy;            /* a request is being read, run or answered */
    atomic_bool closing;         /* told that nothing more is read: no request of it may run */
} Conn;

#define LINGER_MAX 256
typedef struct {
    pthread_t thread;
    pthread_mutex_t lock;
    Conn *conns;
    int open;
    struct {
        int fd;
        int64_t until_us;
    } linger[LINGER_MAX];
    int n_linger;
    int wake; /* eventfd */
    atomic_bool stop;
} Watch;

bool watch_start(Watch *w);
void watch_stop(Watch *w);
void watch_add(Watch *w, Conn *c);
void watch_remove(Watch *w, Conn *c);
int watch_open(Watch *w);
/* Tells every connection without a request that nothing more is read. */
void watch_close_idle(Watch *w);
/* Keeps a duplicate of fd open until the client has stopped sending, so that
 * an early refusal is not destroyed by a TCP reset. */
void watch_linger(Watch *w, int fd);

#endif
