/* Trusted reverse proxies and addresses. An address is 16 bytes, IPv4 in its
 * mapped form ::ffff:a.b.c.d, so that both families compare alike. */
#ifndef HTTP_PROXY_H
#define HTTP_PROXY_H

#include "base/str.h"
#include <sys/socket.h>

#define PROXIES_MAX 64
typedef struct {
    unsigned char b[16];
} Address;
typedef struct {
    struct {
        Address base;
        int bits;
    } range[PROXIES_MAX];
    int n;
} Proxies;

bool address_parse(Str text, Address *out);
void address_of(const struct sockaddr *sa, Address *out);
void address_text(const Address *a, char out[46]);
/* "127.0.0.1,10.0.0.0/8,fd00::/8"; false with the offending entry in *bad. */
bool proxies_parse(Str list, Proxies *out, Str *bad);
bool proxies_trust(const Proxies *p, const Address *a);
/* Walks one X-Forwarded-For value from the right. True when *client is final
 * (the rightmost address no proxy of ours has); false when all of it is
 * trusted, with *client the leftmost. A malformed entry ends the walk. */
bool proxies_walk(const Proxies *p, Str forwarded, Address *client);

#endif
