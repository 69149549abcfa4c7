/* The JSON writer; see json.h. Each call reserves its worst case once, writes
 * through a plain pointer, and commits the length at the end. */
#include "base/json.h"

#define REPEAT(byte) (0x0101010101010101u * (byte))

/* How a byte is written inside a string: 0 as it is, 'u' as \u00XX, else
 * backslash and this letter. */
static const char escapes[256] = {
    [0] = 'u',  [1] = 'u',    [2] = 'u',    [3] = 'u',    [4] = 'u',   [5] = 'u',     [6] = 'u',
    [7] = 'u',  ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', [11] = 'u',  ['\f'] = 'f',  ['\r'] = 'r',
    [14] = 'u', [15] = 'u',   [16] = 'u',   [17] = 'u',   [18] = 'u',  [19] = 'u',    [20] = 'u',
    [21] = 'u', [22] = 'u',   [23] = 'u',   [24] = 'u',   [25] = 'u',  [26] = 'u',    [27] = 'u',
    [28] = 'u', [29] = 'u',   [30] = 'u',   [31] = 'u',   ['"'] = '"', ['\\'] = '\\',
};

static inline char *room(Buf *b, size_t n) {
    return __builtin_expect(n < b->cap - b->n, 1) ? b->p + b->n : buf_room(b, n);
}

/* Room for n bytes after the comma that is due, which is written. */
static inline char *begin(Json *j, size_t n) {
    char *w = room(j->out, n + 1);
    if (!w) return NULL;
    *w = ',';
    return w + j->comma;
}

static inline void end(Json *j, const char *w) {
    j->out->n = (size_t)(w - j->out->p);
    j->comma = true;
}

static inline char *put(char *w, const char *p, size_t n) {
    memcpy(w, p, n);
    return w + n;
}

/* How many bytes at p need no escape. */
static size_t plain_run(const char *p, size_t n) {
    size_t i = 0;
    for (uint64_t word; n - i >= sizeof word; i += sizeof word) {
        memcpy(&word, p + i, sizeof word);
        uint64_t quote = word ^ REPEAT('"'), slash = word ^ REPEAT('\\');
        uint64_t hit = ((word - REPEAT(0x20u)) & ~word) | ((quote - REPEAT(1u)) & ~quote) |
                       ((slash - REPEAT(1u)) & ~slash);
        if (hit & REPEAT(0x80u)) break;
    }
    while (i < n && !escapes[(unsigned char)p[i]]) i++;
    return i;
}

static char *put_escape(char *w, unsigned char c) {
    *w++ = '\\';
    *w++ = escapes[c];
    if (escapes[c] != 'u') return w;
    w = put(w, "00", 2);
    *w++ = "0123456789abcdef"[c >> 4];
    *w++ = "0123456789abcdef"[c & 15];
    return w;
}

/* The rest of a string from its first byte that needs an escape. */
static __attribute__((noinline)) char *put_escaped(Buf *b, char *w, Str s) {
    while (s.n > 0) {
        b->n = (size_t)(w - b->p);
        /* One escape, the rest unescaped, the closing quote and a colon. */
        w = buf_room(b, s.n + 8);
        if (!w) return NULL;
        w = put_escape(w, (unsigned char)s.p[0]);
        size_t run = plain_run(s.p + 1, s.n - 1);
        w = put(w, s.p + 1, run);
        s = (Str){s.p + 1 + run, s.n - 1 - run};
    }
    return w;
}

/* The comma that is due and the quoted string; room for one byte is left. */
static inline char *quoted(Json *j, Str s) {
    char *w = begin(j, s.n + 3);
    if (!w) return NULL;
    *w++ = '"';
    size_t run = plain_run(s.p, s.n);
    w = put(w, s.p, run);
    if (__builtin_expect(run < s.n, 0)) {
        w = put_escaped(j->out, w, (Str){s.p + run, s.n - run});
        if (!w) return NULL;
    }
    *w++ = '"';
    return w;
}

static void open_with(Json *j, char bracket) {
    char *w = begin(j, 1);
    if (!w) return;
    *w++ = bracket;
    end(j, w);
    j->comma = false;
}

static void close_with(Json *j, char bracket) {
    buf_char(j->out, bracket);
    j->comma = true;
}

void js_begin_object(Json *j) { open_with(j, '{'); }

void js_end_object(Json *j) { close_with(j, '}'); }

void js_begin_array(Json *j) { open_with(j, '['); }

void js_end_array(Json *j) { close_with(j, ']'); }

void js_key(Json *j, Str key) {
    char *w = quoted(j, key.p ? key : S(""));
    if (!w) return;
    *w++ = ':';
    end(j, w);
    j->comma = false;
}

Str js_prepare_key(Arena *a, Str key) {
    Buf text = {0};
    Json j = js_to(&text);
    js_key(&j, key);
    Str prepared = arena_str(a, buf_view(&text));
    buf_free(&text);
    return prepared;
}

void js_raw_key(Json *j, Str prepared) {
    js_raw(j, prepared);
    j->comma = false;
}

void js_str(Json *j, Str s) {
    if (!s.p) {
        js_null(j);
        return;
    }
    char *w = quoted(j, s);
    if (w) end(j, w);
}

void js_c(Json *j, const char *s) { js_str(j, str_of(s)); }

void js_int(Json *j, int64_t v) {
    char *w = begin(j, INT_TEXT_MAX);
    if (w) end(j, w + int_format(v, w));
}

void js_bool(Json *j, bool v) { js_raw(j, v ? S("true") : S("false")); }

void js_null(Json *j) { js_raw(j, S("null")); }

void js_decimal(Json *j, Decimal v) {
    char *w = begin(j, DECIMAL_TEXT_MAX);
    if (w) end(j, w + decimal_format(v, w));
}

void js_raw(Json *j, Str text) {
    char *w = begin(j, text.n);
    if (w && text.n > 0) w = put(w, text.p, text.n);
    if (w) end(j, w);
}

void js_plain(Json *j, Str s) {
    if (!s.p) {
        js_null(j);
        return;
    }
    char *w = begin(j, s.n + 2);
    if (!w) return;
    *w++ = '"';
    w = put(w, s.p, s.n);
    *w++ = '"';
    end(j, w);
}
