/* Shards of small sets: a text's hash names its shard and its set of WAYS
 * entries; the oldest of a full set makes room. A shard's entries are under
 * its lock; `drops` orders them against cache_drop (see cache_put). */
#include "identity/cache.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>

#include "base/log.h"

#define SHARDS    16
#define SETS      64
#define WAYS      4
#define KEY_BYTES crypto_shorthash_siphashx24_BYTES

typedef struct {
    unsigned char key[KEY_BYTES];
    int64_t put_us;
    size_t n;
    void *value; /* NULL: empty */
} Entry;

typedef struct {
    pthread_mutex_t lock;
    Entry entries[SETS][WAYS];
} Shard;

struct Cache {
    unsigned char secret[crypto_shorthash_siphashx24_KEYBYTES];
    _Atomic uint64_t drops;
    Shard shards[SHARDS];
};

typedef struct {
    unsigned char key[KEY_BYTES];
    Shard *shard;
    Entry *set;
} Place;

Cache *cache_new(void) {
    Cache *c = calloc(1, sizeof *c);
    if (!c) log_fatal("identity", "out of memory");
    randombytes_buf(c->secret, sizeof c->secret);
    for (int i = 0; i < SHARDS; i++) pthread_mutex_init(&c->shards[i].lock, NULL);
    return c;
}

static void entry_clear(Entry *e) {
    if (e->value) sodium_memzero(e->value, e->n);
    free(e->value);
    *e = (Entry){.value = NULL};
}

void cache_free(Cache *c) {
    for (int i = 0; c && i < SHARDS; i++) {
        for (int k = 0; k < SETS * WAYS; k++) entry_clear(&c->shards[i].entries[k / WAYS][k % WAYS]);
        pthread_mutex_destroy(&c->shards[i].lock);
    }
    free(c);
}

uint64_t cache_ticket(Cache *c) { return atomic_load(&c->drops); }

static Place place_of(Cache *c, Str text) {
    Place p;
    crypto_shorthash_siphashx24(p.key, (const unsigned char *)text.p, text.n, c->secret);
    p.shard = &c->shards[p.key[0] % SHARDS];
    p.set = p.shard->entries[p.key[1] % SETS];
    return p;
}

static Entry *find(const Place *p) {
    for (int i = 0; i < WAYS; i++)
        if (p->set[i].value && memcmp(p->set[i].key, p->key, KEY_BYTES) == 0) return &p->set[i];
    return NULL;
}

void *cache_get(Cache *c, Str text, int64_t oldest_us, Arena *a) {
    Place p = place_of(c, text);
    void *copy = NULL;
    pthread_mutex_lock(&p.shard->lock);
    const Entry *e = find(&p);
    if (e && e->put_us >= oldest_us) copy = memcpy(arena_alloc(a, e->n), e->value, e->n);
    pthread_mutex_unlock(&p.shard->lock);
    return copy;
}

static Entry *oldest(Entry *set) {
    Entry *found = &set[0];
    for (int i = 1; i < WAYS && found->value; i++)
        if (!set[i].value || set[i].put_us < found->put_us) found = &set[i];
    return found;
}

void cache_put(Cache *c, Str text, const CacheValue *v, uint64_t ticket) {
    Place p = place_of(c, text);
    void *copy = malloc(v->n);
    if (!copy) log_fatal("identity", "out of memory");
    memcpy(copy, v->value, v->n);
    pthread_mutex_lock(&p.shard->lock);
    /* A drop counts before it looks at any shard: either it is seen here, or
     * it comes to this shard later and finds the value. */
    if (atomic_load(&c->drops) == ticket) {
        Entry *e = find(&p);
        if (!e) e = oldest(p.set);
        entry_clear(e);
        *e = (Entry){.put_us = v->now_us, .n = v->n, .value = copy};
        memcpy(e->key, p.key, KEY_BYTES);
        copy = NULL;
    }
    pthread_mutex_unlock(&p.shard->lock);
    free(copy);
}

void cache_drop(Cache *c, bool (*match)(const void *value, const void *arg), const void *arg) {
    atomic_fetch_add(&c->drops, 1);
    for (int i = 0; i < SHARDS; i++) {
        Shard *shard = &c->shards[i];
        pthread_mutex_lock(&shard->lock);
        for (int k = 0; k < SETS * WAYS; k++) {
            Entry *e = &shard->entries[k / WAYS][k % WAYS];
            if (e->value && match(e->value, arg)) entry_clear(e);
        }
        pthread_mutex_unlock(&shard->lock);
    }
}
