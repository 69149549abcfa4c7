/* Memory that lives for one request: allocate, never free, reset at the end.
 *
 * Blocks come from malloc; an arena over its limit aborts the process (see
 * S16: every input is limited at the door, so only a bug gets there). With
 * MILLWRIGHT_ARENA_DEBUG each allocation is its own malloc, so that
 * sanitizers see overflows inside an arena. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/str.h"

typedef struct ArenaBlock ArenaBlock;

typedef struct {
    ArenaBlock *head;
    size_t total, limit;
} Arena;

void arena_init(Arena *a, size_t limit);
void arena_reset(Arena *a); /* keeps one standard block for reuse */
void arena_free(Arena *a);
void *arena_alloc(Arena *a, size_t n); /* zeroed, aligned for any type */
Str arena_str(Arena *a, Str s);        /* a copy, with a NUL behind it */
char *arena_c_str(Arena *a, Str s);
Str arena_join(Arena *a, Str first, Str second);
Str arena_fmt(Arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
Str arena_vfmt(Arena *a, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

#define ARENA_NEW(a, type)      ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, type, n) ((type *)arena_alloc((a), sizeof(type) * (n)))

#endif
