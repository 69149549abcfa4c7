/* Which peers are our own reverse proxies, and so whom to believe about the
 * client's address. By default nobody. */
#include "http/proxy.h"
#include <arpa/inet.h>
#include <netinet/in.h>

static const unsigned char MAPPED[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static bool is_v4(const Address *a) { return memcmp(a->b, MAPPED, sizeof MAPPED) == 0; }

bool address_parse(Str text, Address *out) {
    char c[INET6_ADDRSTRLEN];
    if (text.n == 0 || text.n >= sizeof c || memchr(text.p, '\0', text.n)) return false;
    memcpy(c, text.p, text.n);
    c[text.n] = '\0';
    if (inet_pton(AF_INET, c, out->b + sizeof MAPPED) == 1) {
        memcpy(out->b, MAPPED, sizeof MAPPED);
        return true;
    }
    return inet_pton(AF_INET6, c, out->b) == 1;
}

void address_of(const struct sockaddr *sa, Address *out) {
    *out = (Address){{0}};
    if (sa->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, sa, sizeof v4);
        memcpy(out->b, MAPPED, sizeof MAPPED);
        memcpy(out->b + sizeof MAPPED, &v4.sin_addr, 4);
    } else if (sa->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, sa, sizeof v6);
        memcpy(out->b, &v6.sin6_addr, sizeof out->b);
    }
}

void address_text(const Address *a, char out[46]) {
    const char *ok =
        is_v4(a) ? inet_ntop(AF_INET, a->b + sizeof MAPPED, out, 46) : inet_ntop(AF_INET6, a->b, out, 46);
    if (!ok) out[0] = '\0';
}

static bool range_parse(Str text, Address *base, int *bits) {
    Str width;
    Str address = str_cut(text, '/', &width);
    if (!address_parse(address, base)) return false;
    bool v4 = is_v4(base) && !memchr(address.p, ':', address.n);
    int64_t n = v4 ? 32 : 128;
    if (width.p && (!str_to_int(width, &n) || n < 0 || n > (v4 ? 32 : 128))) return false;
    *bits = (int)n + (v4 ? 96 : 0);
    return true;
}

bool proxies_parse(Str list, Proxies *out, Str *bad) {
    out->n = 0;
    while (list.n > 0) {
        Str entry = str_trim(str_cut(list, ',', &list));
        if (entry.n == 0) continue;
        if (out->n == PROXIES_MAX ||
            !range_parse(entry, &out->range[out->n].base, &out->range[out->n].bits)) {
            *bad = entry;
            return false;
        }
        out->n++;
    }
    return true;
}

static bool in_range(const Address *a, const Address *base, int bits) {
    int whole = bits / 8, rest = bits % 8;
    if (memcmp(a->b, base->b, (size_t)whole) != 0) return false;
    return rest == 0 || ((a->b[whole] ^ base->b[whole]) >> (8 - rest)) == 0;
}

bool proxies_trust(const Proxies *p, const Address *a) {
    for (int i = 0; i < p->n; i++)
        if (in_range(a, &p->range[i].base, p->range[i].bits)) return true;
    return false;
}

/* "1.2.3.4", "1.2.3.4:5678", "2001:db8::1", "[2001:db8::1]:5678". */
static bool hop_parse(Str hop, Address *out) {
    hop = str_trim(hop);
    if (hop.n > 0 && hop.p[0] == '[') {
        const char *end = memchr(hop.p, ']', hop.n);
        return end && address_parse((Str){hop.p + 1, (size_t)(end - hop.p - 1)}, out);
    }
    if (address_parse(hop, out)) return true;
    Str port;
    Str host = str_cut(hop, ':', &port);
    return port.p && !memchr(port.p, ':', port.n) && address_parse(host, out);
}

bool proxies_walk(const Proxies *p, Str forwarded, Address *client) {
    while (forwarded.n > 0) {
        const char *comma = memrchr(forwarded.p, ',', forwarded.n);
        Str hop = forwarded;
        if (comma) {
            hop.p = comma + 1;
            hop.n = forwarded.n - (size_t)(hop.p - forwarded.p);
            forwarded.n = (size_t)(comma - forwarded.p);
        } else {
            forwarded.n = 0;
        }
        Address a;
        if (!hop_parse(hop, &a)) return true;
        *client = a;
        if (!proxies_trust(p, &a)) return true;
    }
    return false;
}
