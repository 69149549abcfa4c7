/* The request's memory; see arena.h. The newest block is the head and the only
 * one that allocations are cut from; a request too large for it gets a block
 * of its own behind the head, so that the head's rest stays in use. */
#include "base/arena.h"

#include <assert.h>
#include <stdalign.h>

#include "base/log.h"

/* Bytes of a standard block; none under MILLWRIGHT_ARENA_DEBUG, where every
 * allocation is then "too large" and gets a malloc of exactly its size. */
#ifdef MILLWRIGHT_ARENA_DEBUG
#define STANDARD_BLOCK ((size_t)0)
#else
#define STANDARD_BLOCK ((size_t)16 * 1024 - sizeof(ArenaBlock))
#endif

struct ArenaBlock {
    ArenaBlock *next;
    size_t size, used;
    alignas(max_align_t) char data[];
};

void arena_init(Arena *a, size_t limit) { *a = (Arena){.limit = limit}; }

static ArenaBlock *block_new(Arena *a, size_t size) {
    ArenaBlock *block = malloc(sizeof *block + size);
    if (!block) log_fatal("memory", "no %zu bytes for an arena", size);
    block->next = NULL;
    block->size = size;
    block->used = 0;
    a->total += size;
    return block;
}

static __attribute__((noinline)) void *bump_slowly(Arena *a, size_t n) {
    size_t left = a->limit - a->total;
    if (n > left) log_fatal("memory", "an arena would exceed its limit of %zu bytes", a->limit);
    bool own = n > STANDARD_BLOCK / 4;
    size_t size = own ? n : STANDARD_BLOCK;
    ArenaBlock *block = block_new(a, size < left ? size : left);
    block->used = n;
    if (own && a->head) {
        block->next = a->head->next;
        a->head->next = block;
    } else {
        block->next = a->head;
        a->head = block;
    }
    return block->data;
}

static inline void *bump(Arena *a, size_t n, size_t alignment) {
    ArenaBlock *block = a->head;
    if (__builtin_expect(block != NULL, 1)) {
        size_t start = (block->used + alignment - 1) & ~(alignment - 1);
        if (__builtin_expect(start <= block->size && n <= block->size - start, 1)) {
            block->used = start + n;
            return block->data + start;
        }
    }
    return bump_slowly(a, n);
}

void arena_reset(Arena *a) {
    ArenaBlock *keep = NULL;
    for (ArenaBlock *block = a->head, *next; block; block = next) {
        next = block->next;
        if (!keep && block->size > 0 && block->size == STANDARD_BLOCK)
            keep = block;
        else
            free(block);
    }
    a->head = keep;
    a->total = 0;
    if (keep) {
        keep->next = NULL;
        keep->used = 0;
        a->total = keep->size;
    }
}

void arena_free(Arena *a) {
    for (ArenaBlock *block = a->head, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    a->head = NULL;
    a->total = 0;
}

void *arena_alloc(Arena *a, size_t n) { return memset(bump(a, n, alignof(max_align_t)), 0, n); }

char *arena_c_str(Arena *a, Str s) {
    size_t room;
    if (__builtin_add_overflow(s.n, 1, &room)) log_fatal("memory", "a string of %zu bytes", s.n);
    char *copy = bump(a, room, 1);
    if (s.n > 0) memcpy(copy, s.p, s.n);
    copy[s.n] = '\0';
    return copy;
}

Str arena_str(Arena *a, Str s) { return (Str){arena_c_str(a, s), s.n}; }

Str arena_join(Arena *a, Str first, Str second) {
    size_t n;
    if (__builtin_add_overflow(first.n, second.n, &n) || n == SIZE_MAX) log_fatal("memory", "a string too long");
    char *p = bump(a, n + 1, 1);
    if (first.n > 0) memcpy(p, first.p, first.n);
    if (second.n > 0) memcpy(p + first.n, second.p, second.n);
    p[n] = '\0';
    return (Str){p, n};
}

Str arena_vfmt(Arena *a, const char *format, va_list args) {
    char small[256];
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(small, sizeof small, format, args);
    assert(length >= 0);
    size_t n = (size_t)length;
    Str text;
    if (n < sizeof small) {
        text = arena_str(a, (Str){small, n});
    } else {
        char *p = bump(a, n + 1, 1);
        vsnprintf(p, n + 1, format, again);
        text = (Str){p, n};
    }
    va_end(again);
    return text;
}

Str arena_fmt(Arena *a, const char *format, ...) {
    va_list args;
    va_start(args, format);
    Str text = arena_vfmt(a, format, args);
    va_end(args);
    return text;
}
