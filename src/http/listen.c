/* Opening the listening socket, with errors an administrator can act on. */
#include "http/internal.h"
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static bool split(Str address, Str *host, Str *port) {
    if (address.n > 0 && address.p[0] == '[') {
        const char *end = memchr(address.p, ']', address.n);
        if (!end) return false;
        *host = (Str){address.p + 1, (size_t)(end - address.p - 1)};
        *port = (Str){end + 1, address.n - host->n - 2};
        if (port->n < 2 || port->p[0] != ':') return false;
        port->p++;
        port->n--;
        return true;
    }
    const char *colon = address.n ? memrchr(address.p, ':', address.n) : NULL;
    if (!colon || memchr(address.p, ':', (size_t)(colon - address.p))) return false;
    *host = (Str){address.p, (size_t)(colon - address.p)};
    *port = (Str){colon + 1, address.n - host->n - 1};
    return port->n > 0;
}

static int open_one(const struct addrinfo *a) {
    int fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    int yes = 1, no = 0;
    bool ok = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0;
    if (a->ai_family == AF_INET6) ok = ok && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no) == 0;
    if (ok && bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, 4096) == 0) return fd;
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

static int port_of(int fd) {
    struct sockaddr_storage own;
    socklen_t n = sizeof own;
    if (getsockname(fd, (struct sockaddr *)&own, &n) != 0) return 0;
    struct sockaddr_in6 v6;
    struct sockaddr_in v4;
    memcpy(&v6, &own, sizeof v6);
    memcpy(&v4, &own, sizeof v4);
    return ntohs(own.ss_family == AF_INET6 ? v6.sin6_port : v4.sin_port);
}

int listen_open(Str address, Arena *arena, Str *problem, int *port) {
    Str host, service;
    int64_t number;
    if (!split(address, &host, &service) || !str_to_int(service, &number) || number < 0 || number > 65535) {
        *problem = arena_fmt(arena, "\"%.*s\" is not host:port or [IPv6]:port", STR_ARG(address));
        return -1;
    }
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    bool any = host.n == 0 || str_is(host, "*");
    int bad = getaddrinfo(any ? NULL : arena_c_str(arena, host), arena_c_str(arena, service), &hints, &found);
    if (bad) {
        *problem = arena_fmt(arena, "cannot listen on %.*s: %s", STR_ARG(address), gai_strerror(bad));
        return -1;
    }
    int fd = -1;
    for (const struct addrinfo *a = found; a && fd < 0; a = a->ai_next) fd = open_one(a);
    if (fd < 0)
        *problem = arena_fmt(arena, "cannot listen on %.*s: %s", STR_ARG(address), strerrordesc_np(errno));
    else
        *port = port_of(fd);
    freeaddrinfo(found);
    return fd;
}
