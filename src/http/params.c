/* Decoding of query strings and path segments. What comes out is valid UTF-8
 * without NUL, decoded exactly once. */
#include "http/http.h"

static int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

static bool decode(Str in, Arena *arena, bool plus_is_space, Str *out) {
    char *to = arena_alloc(arena, in.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < in.n; i++) {
        char c = in.p[i];
        if (c == '%') {
            if (in.n - i < 3) return false;
            int high = hex_value(in.p[i + 1]), low = hex_value(in.p[i + 2]);
            if (high < 0 || low < 0) return false;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        to[n++] = c;
    }
    *out = (Str){to, n};
    return str_utf8_valid(*out);
}

bool http_next_param(Str *rest, Arena *arena, Str *name, Str *value, bool *bad) {
    while (rest->n > 0) {
        Str pair = str_cut(*rest, '&', rest);
        if (pair.n == 0) continue;
        Str raw_value;
        Str raw_name = str_cut(pair, '=', &raw_value);
        if (!decode(raw_name, arena, true, name) || !decode(raw_value, arena, true, value)) {
            *bad = true;
            return false;
        }
        return true;
    }
    return false;
}

bool http_decode_text(Str segment, Arena *arena, Str *out) { return decode(segment, arena, false, out); }

bool http_decode_segment(Str segment, Arena *arena, Str *out) {
    return decode(segment, arena, false, out) && (out->n == 0 || !memchr(out->p, '/', out->n));
}
