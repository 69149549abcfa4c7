/* From libmicrohttpd's view of a request to ours, strictly: whatever two
 * parsers in a row could read differently (request smuggling) is refused.
 *
 * libmicrohttpd 0.9.75 parses in place: it puts NULs over the separators of
 * its read buffer and hands out pointers into it. It tolerates bare LF, folded
 * lines, NUL bytes and blanks around the parts of the request line; all of
 * those leave gaps between the parts, so request_check wants every part
 * exactly where a strict request has it. Sources: RFC 9112 2.2, 3, 5.1, 6.1. */
#include "http/internal.h"

static bool is_token_char(unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_token(Str s) {
    for (size_t i = 0; i < s.n; i++)
        if (!is_token_char((unsigned char)s.p[i])) return false;
    return s.n > 0;
}

static bool has_control(Str s, bool blank_too) {
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if ((c < ' ' && c != '\t') || c == 0x7f || (blank_too && (c == ' ' || c == '\t'))) return true;
    }
    return false;
}

static bool is_host(Str s) {
    for (size_t i = 0; i < s.n; i++)
        if (!is_token_char((unsigned char)s.p[i]) && !strchr(":[]", s.p[i])) return false;
    return true;
}

static enum MHD_Result keep_header(void *cls, enum MHD_ValueKind kind, const char *key, size_t key_n,
                                   const char *value, size_t value_n) {
    Exchange *x = cls;
    (void)kind;
    if (x->n_headers == HTTP_HEADERS_MAX) {
        x->too_many = true;
        return MHD_NO;
    }
    x->headers[x->n_headers].name = (Str){key, key_n};
    x->headers[x->n_headers].value = (Str){value ? value : key + key_n, value_n};
    x->n_headers++;
    return MHD_YES;
}

/* Every part at its place, with the header fields taking exactly the bytes
 * that they need? Sets *fields_n to their length. */
static bool layout_strict(const Exchange *x, const char *method, const char *url, const char *version,
                          size_t *fields_n) {
    const char *at = method + x->r.method.n + 1;
    if (url != at) return false;
    at += x->uri_n + 1;
    if (version != at) return false;
    at += strlen(version) + 2;
    const char *fields = at;
    for (int i = 0; i < x->n_headers; i++) {
        Str name = x->headers[i].name, value = x->headers[i].value;
        if (name.p != at || value.p <= name.p + name.n) return false;
        at = value.p + value.n + 2;
    }
    at += 2;
    *fields_n = (size_t)(at - fields);
    return (size_t)(at - method) ==
           MHD_get_connection_info(x->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE)->header_size;
}

static const char *length_check(Exchange *x, Str value) {
    int64_t n;
    if (x->has_length) return "more than one Content-Length";
    for (size_t i = 0; i < value.n; i++)
        if (value.p[i] < '0' || value.p[i] > '9') return "bad Content-Length";
    if (!str_to_int(value, &n)) return "bad Content-Length";
    x->has_length = true;
    x->length = (uint64_t)n;
    return NULL;
}

typedef struct {
    int hosts, codings;
} Seen;

static const char *framing_header(Exchange *x, Seen *seen, Str name, Str value) {
    switch (name.n) {
    case 4:
        if (!str_ieq(name, S("host"))) return NULL;
        if (seen->hosts++ > 0) return "more than one Host";
        return is_host(value) ? NULL : "bad Host";
    case 6:
        if (str_ieq(name, S("expect"))) x->expect = true;
        return NULL;
    case 14: return str_ieq(name, S("content-length")) ? length_check(x, value) : NULL;
    case 17:
        if (!str_ieq(name, S("transfer-encoding"))) return NULL;
        x->chunked = true;
        return seen->codings++ == 0 && str_ieq(value, S("chunked")) ? NULL : "unsupported Transfer-Encoding";
    default: return NULL;
    }
}

static const char *framing_check(Exchange *x, const char *version) {
    Seen seen = {0};
    for (int i = 0; i < x->n_headers; i++) {
        Str name = x->headers[i].name;
        if (!is_token(name)) return "bad header name";
        if (has_control(x->headers[i].value, false)) return "control character in a header";
        /* An untrimmed Content-Length or coding was not understood by
         * libmicrohttpd, so the comparison is with what it saw. */
        const char *wrong = framing_header(x, &seen, name, x->headers[i].value);
        if (wrong) return wrong;
        x->headers[i].value = str_trim(x->headers[i].value);
    }
    bool old = strcmp(version, "HTTP/1.1") != 0;
    if (!old && seen.hosts == 0) return "no Host";
    if (x->chunked && (x->has_length || old))
        return x->has_length ? "both Content-Length and Transfer-Encoding"
                             : "Transfer-Encoding before HTTP/1.1";
    return NULL;
}

/* Splits the request target, which is in r->path whole; absolute form loses
 * its scheme and authority. */
static bool split_target(HttpRequest *r) {
    Str target = r->path;
    if (has_control(target, true) || memchr(target.p, '#', target.n)) return false;
    if (str_starts(target, S("http://")) || str_starts(target, S("https://"))) {
        size_t skip = target.p[4] == 's' ? 8 : 7;
        const char *slash = memchr(target.p + skip, '/', target.n - skip);
        if (!slash) return false;
        target = (Str){slash, target.n - (size_t)(slash - target.p)};
    }
    r->path = str_cut(target, '?', &r->query);
    return (r->path.n > 0 && r->path.p[0] == '/') || (str_is(r->path, "*") && str_is(r->method, "OPTIONS"));
}

ErrorKind request_check(Exchange *x, const char *method, const char *url, const char *version,
                        const char **why) {
    const HttpConfig *config = &x->conn->server->config;
    size_t fields_n = 0;
    *why = NULL;
    x->r.method = arena_str(&x->r.arena, str_of(method));
    MHD_get_connection_values_n(x->mhd, MHD_HEADER_KIND, keep_header, x);
    if (x->uri_too_long) return E_URI_TOO_LONG;
    if (x->too_many) return E_HEADERS_TOO_LARGE;
    if (!layout_strict(x, method, url, version, &fields_n)) {
        *why = "not well-formed HTTP";
        return E_BAD_REQUEST;
    }
    if (fields_n > config->header_max) return E_HEADERS_TOO_LARGE;
    if (!is_token(x->r.method) || !split_target(&x->r))
        *why = "bad request line";
    else
        *why = framing_check(x, version);
    return *why ? E_BAD_REQUEST : E_NONE;
}

static void forwarded_client(Exchange *x) {
    Address client = x->conn->peer;
    bool final = false, proto_seen = false;
    for (int i = x->n_headers - 1; i >= 0; i--) {
        Str name = x->headers[i].name, value = x->headers[i].value;
        if (!final && name.n == 15 && str_ieq(name, S("x-forwarded-for"))) {
            final = proxies_walk(&x->conn->server->proxies, value, &client);
        } else if (!proto_seen && name.n == 17 && str_ieq(name, S("x-forwarded-proto"))) {
            const char *comma = value.n ? memrchr(value.p, ',', value.n) : NULL;
            if (comma) value = (Str){comma + 1, value.n - (size_t)(comma + 1 - value.p)};
            x->r.https = x->r.https || str_ieq(str_trim(value), S("https"));
            proto_seen = true;
        }
    }
    address_text(&client, x->r.ip);
}

static bool is_request_id(Str s) {
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
              c == '_' || c == '-'))
            return false;
    }
    return s.n >= 1 && s.n <= 32;
}

/* 16 random hex digits of this start, the lane, and the lane's counter. */
static void make_id(const HttpServer *s, Lane *lane, char id[33]) {
    static const char HEX[] = "0123456789abcdef";
    uint64_t n = ++lane->ids;
    size_t number = (size_t)(lane - s->lanes);
    memcpy(id, s->id_prefix, 16);
    id[16] = HEX[number >> 4 & 15];
    id[17] = HEX[number & 15];
    for (int i = 27; i >= 18; i--, n >>= 4) id[i] = HEX[n & 15];
    id[28] = '\0';
}

void request_identify(Exchange *x) {
    HttpServer *s = x->conn->server;
    x->r.https = s->cert != NULL;
    memcpy(x->r.ip, x->conn->ip, sizeof x->r.ip);
    if (x->conn->proxy) forwarded_client(x);
    Str wanted = http_header(&x->r, "X-Request-Id");
    if (is_request_id(wanted)) {
        memcpy(x->r.id, wanted.p, wanted.n);
        x->r.id[wanted.n] = '\0';
    } else {
        make_id(s, &s->lanes[x->conn->lane], x->r.id);
    }
}

Str http_header(const HttpRequest *r, const char *name) {
    const Exchange *x = (const Exchange *)(const void *)r;
    Str wanted = str_of(name);
    for (int i = 0; i < x->n_headers; i++)
        if (x->headers[i].name.n == wanted.n && str_ieq(x->headers[i].name, wanted))
            return x->headers[i].value;
    return STR_NONE;
}
