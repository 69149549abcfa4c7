/* The thread beside the I/O threads that keeps absolute time: it cuts
 * connections whose deadline has passed (libmicrohttpd's own timer restarts
 * with every byte, which is what slow-loris clients live on), and it lets
 * refused uploads end gently.
 *
 * A connection's fd is only touched under the mutex while the connection is in
 * the list, and libmicrohttpd closes it only after watch_remove: so a reused
 * descriptor is never shut down by mistake. */
#include "http/watch.h"
#include "base/log.h"
#include "base/time.h"
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINGER_US ((int64_t)3 * 1000000)

static void sweep(Watch *w, int64_t now) {
    int cut = 0;
    pthread_mutex_lock(&w->lock);
    for (Conn *c = w->conns; c; c = c->next) {
        if (atomic_load_explicit(&c->deadline_us, memory_order_relaxed) > now) continue;
        atomic_store_explicit(&c->deadline_us, INT64_MAX, memory_order_relaxed);
        shutdown(c->fd, SHUT_RDWR);
        cut++;
    }
    pthread_mutex_unlock(&w->lock);
    if (cut > 0) log_event("http", LOG_INFO, "%d slow connections closed", cut);
}

/* True when the client is done or its time is up. */
static bool linger_over(int fd, bool readable, int64_t until_us, int64_t now) {
    char sink[16384];
    if (now >= until_us) return true;
    for (int i = 0; readable && i < 64; i++) {
        ssize_t n = recv(fd, sink, sizeof sink, MSG_DONTWAIT);
        if (n == 0) return true;
        if (n < 0) break;
    }
    return false;
}

static int linger_snapshot(Watch *w, struct pollfd *polls) {
    polls[0] = (struct pollfd){w->wake, POLLIN, 0};
    pthread_mutex_lock(&w->lock);
    int n = w->n_linger;
    for (int i = 0; i < n; i++) polls[i + 1] = (struct pollfd){w->linger[i].fd, POLLIN, 0};
    pthread_mutex_unlock(&w->lock);
    return n;
}

/* Only this thread removes, from the first n, so their places are stable. */
static void linger_sweep(Watch *w, const struct pollfd *polls, int n, int64_t now) {
    pthread_mutex_lock(&w->lock);
    for (int i = n - 1; i >= 0; i--) {
        bool readable = (polls[i + 1].revents & (POLLIN | POLLHUP | POLLERR)) != 0;
        if (!linger_over(w->linger[i].fd, readable, w->linger[i].until_us, now)) continue;
        close(w->linger[i].fd);
        w->linger[i] = w->linger[--w->n_linger];
    }
    pthread_mutex_unlock(&w->lock);
}

static void *watch_main(void *arg) {
    Watch *w = arg;
    struct pollfd polls[LINGER_MAX + 1];
    int64_t swept = monotonic_us();
    pthread_setname_np(pthread_self(), "http-watch");
    while (!atomic_load(&w->stop)) {
        int n = linger_snapshot(w, polls);
        poll(polls, (nfds_t)n + 1, 1000);
        uint64_t count;
        if ((polls[0].revents & POLLIN) && read(w->wake, &count, sizeof count) < 0)
            log_event("http", LOG_DEBUG, "watch: spurious wake");
        int64_t now = monotonic_us();
        linger_sweep(w, polls, n, now);
        if (now - swept < 900000) continue;
        swept = now;
        sweep(w, now);
    }
    return NULL;
}

static void wake(Watch *w) {
    uint64_t one = 1;
    if (write(w->wake, &one, sizeof one) < 0) log_event("http", LOG_DEBUG, "watch: wake lost");
}

bool watch_start(Watch *w) {
    pthread_mutex_init(&w->lock, NULL);
    w->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return w->wake >= 0 && pthread_create(&w->thread, NULL, watch_main, w) == 0;
}

void watch_stop(Watch *w) {
    atomic_store(&w->stop, true);
    wake(w);
    pthread_join(w->thread, NULL);
    for (int i = 0; i < w->n_linger; i++) close(w->linger[i].fd);
    close(w->wake);
    pthread_mutex_destroy(&w->lock);
}

void watch_add(Watch *w, Conn *c) {
    pthread_mutex_lock(&w->lock);
    c->next = w->conns;
    if (c->next) c->next->prev = c;
    w->conns = c;
    w->open++;
    pthread_mutex_unlock(&w->lock);
}

void watch_remove(Watch *w, Conn *c) {
    pthread_mutex_lock(&w->lock);
    if (c->prev)
        c->prev->next = c->next;
    else
        w->conns = c->next;
    if (c->next) c->next->prev = c->prev;
    w->open--;
    pthread_mutex_unlock(&w->lock);
}

int watch_open(Watch *w) {
    pthread_mutex_lock(&w->lock);
    int n = w->open;
    pthread_mutex_unlock(&w->lock);
    return n;
}

/* A request may arrive at this very moment. Once nothing more is read from its
 * connection, libmicrohttpd drops its answer, so it must not run: either it is
 * seen here to be busy, or it sees that the connection is closing. */
void watch_close_idle(Watch *w) {
    pthread_mutex_lock(&w->lock);
    for (Conn *c = w->conns; c; c = c->next) {
        atomic_store(&c->closing, true);
        if (atomic_load(&c->busy))
            atomic_store(&c->closing, false);
        else
            shutdown(c->fd, SHUT_RD);
    }
    pthread_mutex_unlock(&w->lock);
}

void watch_linger(Watch *w, int fd) {
    pthread_mutex_lock(&w->lock);
    int copy = w->n_linger < LINGER_MAX ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : -1;
    if (copy >= 0) {
        w->linger[w->n_linger].fd = copy;
        w->linger[w->n_linger].until_us = monotonic_us() + LINGER_US;
        w->n_linger++;
    }
    pthread_mutex_unlock(&w->lock);
    if (copy >= 0) wake(w);
}
