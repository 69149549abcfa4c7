/* The cookie that keeps the web application signed in: its session's refresh
 * token, out of reach of scripts and of other sites. Over TLS its name has the
 * prefix that makes browsers insist on Secure, Path=/ and no Domain; on plain
 * HTTP, where Secure cookies are not kept, it is another cookie without either.
 *
 * SameSite=Strict keeps other sites from sending it; that a page of this very
 * origin asks is checked besides, since a neighbour on another port is the same
 * site. Browsers tell it by Sec-Fetch-Site (over TLS and on loopback) and by
 * Origin (with every POST); who sends neither is no browser. */
#include "api/cookie.h"

#define NAME_PLAIN  "millwright"
#define NAME_SECURE "__Host-millwright"

static Str cookie_name(const HttpRequest *h) { return h->https ? S(NAME_SECURE) : S(NAME_PLAIN); }

static Str cookie_find(const HttpRequest *h) {
    Str rest = http_header(h, "Cookie"), name = cookie_name(h);
    while (rest.p) {
        Str value, pair = str_trim(str_cut(rest, ';', &rest));
        if (str_eq(str_cut(pair, '=', &value), name)) return value;
    }
    return STR_NONE;
}

/* "https://mill.example:8443" is of the Host "mill.example:8443". The scheme is
 * not compared: a proxy that ends TLS may not be known as one. */
static bool origin_is_host(Str origin, Str host) {
    Str authority = STR_NONE;
    if (str_starts(origin, S("https://"))) authority = (Str){origin.p + 8, origin.n - 8};
    if (str_starts(origin, S("http://"))) authority = (Str){origin.p + 7, origin.n - 7};
    return authority.n && str_ieq(authority, host);
}

static bool same_origin(const HttpRequest *h) {
    Str site = http_header(h, "Sec-Fetch-Site"), origin = http_header(h, "Origin");
    if (site.p) return str_is(site, "same-origin");
    return !origin.p || origin_is_host(origin, http_header(h, "Host"));
}

void cookie_read(ApiRequest *r) {
    if (!r->action || !(r->action->flags & ACTION_COOKIE)) return;
    r->c.cookie = cookie_find(r->http);
    r->c.same_origin = same_origin(r->http);
}

void cookie_write(ApiRequest *r) {
    const HttpRequest *h = r->http;
    Str value = r->c.cookie_out;
    if (!value.p) return;
    http_respond_header(r->http, "Set-Cookie",
                        arena_fmt(&r->http->arena, "%.*s=%.*s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%d%s",
                                  STR_ARG(cookie_name(h)), STR_ARG(value), value.n ? REFRESH_TOKEN_S : 0,
                                  h->https ? "; Secure" : ""));
}
