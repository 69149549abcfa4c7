/* Strings and the growable buffer; see str.h. A Buf's block is always one byte
 * larger than what it may hold, so that a NUL fits behind the last byte. */
#include "base/str.h"

#include <assert.h>

#include "base/log.h"

#define LOW_BITS       0x0101010101010101u
#define HIGH_BITS      0x8080808080808080u
#define SMALLEST_BLOCK 256

Str str_of(const char *c_string) { return c_string ? (Str){c_string, strlen(c_string)} : STR_NONE; }

bool str_eq(Str a, Str b) { return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0); }

bool str_is(Str a, const char *c_string) { return str_eq(a, str_of(c_string)); }

static unsigned char ascii_lower(char c) {
    unsigned char u = (unsigned char)c;
    return u >= 'A' && u <= 'Z' ? (unsigned char)(u | 0x20) : u;
}

bool str_ieq(Str a, Str b) {
    if (a.n != b.n) return false;
    for (size_t i = 0; i < a.n; i++)
        if (ascii_lower(a.p[i]) != ascii_lower(b.p[i])) return false;
    return true;
}

bool str_starts(Str s, Str prefix) {
    return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

bool str_ends(Str s, Str suffix) {
    return s.n >= suffix.n && (suffix.n == 0 || memcmp(s.p + (s.n - suffix.n), suffix.p, suffix.n) == 0);
}

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

Str str_trim(Str s) {
    while (s.n > 0 && is_space(s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n > 0 && is_space(s.p[s.n - 1])) s.n--;
    return s;
}

Str str_cut(Str s, char c, Str *rest) {
    const char *at = s.n > 0 ? memchr(s.p, c, s.n) : NULL;
    if (!at) {
        *rest = STR_NONE;
        return s;
    }
    size_t before = (size_t)(at - s.p);
    *rest = (Str){at + 1, s.n - before - 1};
    return (Str){s.p, before};
}

bool str_listed(const char *names, Str name) {
    Str rest = str_of(names);
    while (rest.p)
        if (str_eq(str_cut(rest, ',', &rest), name)) return true;
    return false;
}

bool str_to_int(Str s, int64_t *out) {
    bool negative = s.n > 0 && s.p[0] == '-';
    size_t i = negative ? 1 : 0;
    if (i == s.n) return false;
    int64_t v = 0;
    for (; i < s.n; i++) {
        int digit = s.p[i] - '0';
        if (digit < 0 || digit > 9 || __builtin_mul_overflow(v, 10, &v) ||
            __builtin_add_overflow(v, negative ? -digit : digit, &v))
            return false;
    }
    *out = v;
    return true;
}

/* Length of the sequence at p, 0 when it is malformed (Unicode 15, table 3-7). */
static size_t utf8_sequence(const unsigned char *p, size_t n) {
    unsigned char lead = p[0], low = 0x80, high = 0xBF;
    size_t length;
    if (lead < 0x80) return lead != 0;
    if (lead >= 0xC2 && lead <= 0xDF)
        length = 2;
    else if (lead >= 0xE0 && lead <= 0xEF)
        length = 3;
    else if (lead >= 0xF0 && lead <= 0xF4)
        length = 4;
    else
        return 0;
    if (lead == 0xE0)
        low = 0xA0;
    else if (lead == 0xED)
        high = 0x9F;
    else if (lead == 0xF0)
        low = 0x90;
    else if (lead == 0xF4)
        high = 0x8F;
    if (n < length || p[1] < low || p[1] > high) return 0;
    for (size_t i = 2; i < length; i++)
        if ((p[i] & 0xC0) != 0x80) return 0;
    return length;
}

bool str_utf8_valid(Str s) {
    const unsigned char *p = (const unsigned char *)s.p;
    size_t left = s.n;
    while (left > 0) {
        uint64_t word;
        if (left >= sizeof word) {
            memcpy(&word, p, sizeof word);
            /* Set when any of the eight is not ASCII or is NUL. */
            if (((word | (word - LOW_BITS)) & HIGH_BITS) == 0) {
                p += sizeof word;
                left -= sizeof word;
                continue;
            }
        }
        size_t length = utf8_sequence(p, left);
        if (length == 0) return false;
        p += length;
        left -= length;
    }
    return true;
}

size_t str_utf8_length(Str s) {
    size_t points = 0;
    for (size_t i = 0; i < s.n; i++) points += ((unsigned char)s.p[i] & 0xC0) != 0x80;
    return points;
}

uint64_t str_hash(Str s) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < s.n; i++) hash = (hash ^ (unsigned char)s.p[i]) * 0x100000001b3u;
    return hash;
}

static size_t decimal_digits(uint64_t v) {
    static const uint64_t power[20] = {
        0, /* 0 has one digit, not none */
        10u,
        100u,
        1000u,
        10000u,
        100000u,
        1000000u,
        10000000u,
        100000000u,
        1000000000u,
        10000000000u,
        100000000000u,
        1000000000000u,
        10000000000000u,
        100000000000000u,
        1000000000000000u,
        10000000000000000u,
        100000000000000000u,
        1000000000000000000u,
        10000000000000000000u,
    };
    /* bits × log10(2) is the number of digits or one too few. */
    size_t guess = (size_t)(64 - __builtin_clzll(v | 1)) * 1233 >> 12;
    return guess + (v >= power[guess]);
}

size_t int_format(int64_t v, char out[INT_TEXT_MAX]) {
    static const char pairs[] = "00010203040506070809"
                                "10111213141516171819"
                                "20212223242526272829"
                                "30313233343536373839"
                                "40414243444546474849"
                                "50515253545556575859"
                                "60616263646566676869"
                                "70717273747576777879"
                                "80818283848586878889"
                                "90919293949596979899";
    uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    out[0] = '-';
    size_t length = decimal_digits(u) + (v < 0);
    char *w = out + length;
    *w = '\0';
    while (u >= 100) {
        w -= 2;
        memcpy(w, pairs + u % 100 * 2, 2);
        u /= 100;
    }
    if (u >= 10)
        memcpy(w - 2, pairs + u * 2, 2);
    else
        w[-1] = (char)('0' + u);
    return length;
}

void buf_init(Buf *b, size_t hint, size_t max) {
    *b = (Buf){.max = max ? max : BUF_DEFAULT_MAX};
    if (hint > 0) buf_room(b, hint < b->max ? hint : b->max);
}

void buf_free(Buf *b) {
    free(b->p);
    *b = (Buf){.max = b->max};
}

void buf_reset(Buf *b) {
    b->n = 0;
    b->failed = false;
}

static void buf_fail(Buf *b) {
    buf_free(b);
    b->failed = true;
}

/* Not inlined, so that the fast paths stay small. */
static __attribute__((noinline)) bool buf_grow(Buf *b, size_t n) {
    if (b->failed) return false;
    if (b->max == 0) b->max = BUF_DEFAULT_MAX;
    if (n > b->max - b->n) {
        buf_fail(b);
        return false;
    }
    size_t need = b->n + n + 1;
    size_t cap = b->cap > b->max / 2 ? b->max + 1 : b->cap * 2;
    if (cap < SMALLEST_BLOCK) cap = SMALLEST_BLOCK < b->max ? SMALLEST_BLOCK : b->max + 1;
    if (cap < need) cap = need;
    char *p = realloc(b->p, cap);
    if (!p) log_fatal("memory", "no %zu bytes for a buffer", cap);
    b->p = p;
    b->cap = cap;
    return true;
}

char *buf_room(Buf *b, size_t n) {
    if (__builtin_expect(n >= b->cap - b->n, 0) && !buf_grow(b, n)) return NULL;
    return b->p + b->n;
}

void buf_add(Buf *b, const void *p, size_t n) {
    if (n == 0 || (__builtin_expect(n >= b->cap - b->n, 0) && !buf_grow(b, n))) return;
    memcpy(b->p + b->n, p, n);
    b->n += n;
}

void buf_str(Buf *b, Str s) { buf_add(b, s.p, s.n); }

void buf_c(Buf *b, const char *c_string) { buf_str(b, str_of(c_string)); }

void buf_char(Buf *b, char c) {
    if (__builtin_expect(1 >= b->cap - b->n, 0) && !buf_grow(b, 1)) return;
    b->p[b->n++] = c;
}

void buf_int(Buf *b, int64_t v) {
    char text[INT_TEXT_MAX];
    buf_add(b, text, int_format(v, text));
}

void buf_vfmt(Buf *b, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    size_t free_now = b->cap - b->n;
    int length = vsnprintf(free_now ? b->p + b->n : NULL, free_now, format, args);
    assert(length >= 0);
    size_t n = (size_t)length;
    /* vsnprintf writes a NUL too: the spare byte of the block is for it. */
    if (n < free_now) {
        b->n += n;
    } else if (buf_grow(b, n)) {
        vsnprintf(b->p + b->n, n + 1, format, again);
        b->n += n;
    }
    va_end(again);
}

void buf_fmt(Buf *b, const char *format, ...) {
    va_list args;
    va_start(args, format);
    buf_vfmt(b, format, args);
    va_end(args);
}

const char *buf_c_str(Buf *b) {
    if (!b->p) return "";
    b->p[b->n] = '\0';
    return b->p;
}
