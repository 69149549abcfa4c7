/* A bounded cache from secret texts to small values, shared by all threads.
 * It keeps a keyed 128-bit hash of a text, never the text, so that neither a
 * chosen text nor a dump of the memory gives anything away.
 *
 * What was read from the database may be stale by the time it is put. So a
 * reader takes a ticket before it reads, and cache_put ignores values whose
 * ticket is older than the last cache_drop. */
#ifndef IDENTITY_CACHE_H
#define IDENTITY_CACHE_H

#include "base/arena.h"

typedef struct Cache Cache;

typedef struct {
    const void *value;
    size_t n;
    int64_t now_us; /* monotonic: its age counts from here */
} CacheValue;

Cache *cache_new(void);
void cache_free(Cache *c);
uint64_t cache_ticket(Cache *c);
/* A copy in the arena; NULL when absent or put before oldest_us. */
void *cache_get(Cache *c, Str text, int64_t oldest_us, Arena *a);
void cache_put(Cache *c, Str text, const CacheValue *v, uint64_t ticket);
/* Drops every value that `match` says yes to. */
void cache_drop(Cache *c, bool (*match)(const void *value, const void *arg), const void *arg);

#endif
