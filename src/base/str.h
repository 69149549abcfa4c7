/* Strings as (pointer, length), and a growable byte buffer.
 *
 * A Str never owns its bytes. A Buf owns one heap block, grows by doubling up
 * to `max`, and is sticky: after it would have to grow beyond `max` it drops
 * everything and `failed` stays set, so callers check once at the end. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    const char *p;
    size_t n;
} Str;

#define S(literal) ((Str){"" literal, sizeof(literal) - 1})
#define STR_NONE   ((Str){NULL, 0})
/* For printf's "%.*s". */
#define STR_ARG(s) (int)(s).n, (s).p ? (s).p : ""

Str str_of(const char *c_string); /* NULL becomes STR_NONE */
bool str_eq(Str a, Str b);
bool str_is(Str a, const char *c_string);
bool str_ieq(Str a, Str b); /* ASCII case only */
bool str_starts(Str s, Str prefix);
bool str_ends(Str s, Str suffix);
Str str_trim(Str s); /* ASCII white space at both ends */
/* Splits at the first `c`: returns what is before it, leaves the rest in
 * *rest (STR_NONE when there was no `c`). */
Str str_cut(Str s, char c, Str *rest);
bool str_listed(const char *names, Str name); /* is it one of "a,b" (NULL: none) */
bool str_to_int(Str s, int64_t *out); /* decimal, optional '-', whole string, no overflow */
bool str_utf8_valid(Str s);           /* also refuses NUL bytes */
size_t str_utf8_length(Str s);        /* code points in valid UTF-8 */
uint64_t str_hash(Str s);             /* FNV-1a; not for adversarial keys */

#define INT_TEXT_MAX 24
size_t int_format(int64_t v, char out[INT_TEXT_MAX]); /* with a NUL; length without */

typedef struct {
    char *p;
    size_t n, cap, max;
    bool failed;
} Buf;

/* Also the max of a Buf that is all zero, which is ready for use. */
#define BUF_DEFAULT_MAX ((size_t)64 << 20)

void buf_init(Buf *b, size_t hint, size_t max); /* allocates nothing when hint is 0 */
void buf_free(Buf *b);
void buf_reset(Buf *b); /* empty and not failed; keeps the block */
/* Makes room for n more bytes and returns where they go, or NULL; the caller
 * writes at most n bytes there and adds what it wrote to b->n. */
char *buf_room(Buf *b, size_t n);
void buf_add(Buf *b, const void *p, size_t n);
void buf_str(Buf *b, Str s);
void buf_c(Buf *b, const char *c_string);
void buf_char(Buf *b, char c);
void buf_int(Buf *b, int64_t v);
void buf_fmt(Buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vfmt(Buf *b, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
static inline Str buf_view(const Buf *b) { return (Str){b->p, b->n}; }
/* A NUL behind the last byte, for libraries that want C strings; the view
 * keeps its length. Returns "" when nothing was ever written. */
const char *buf_c_str(Buf *b);

#endif
