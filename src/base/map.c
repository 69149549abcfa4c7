/* Open addressing with linear probing; see map.h. An empty slot has no key. */
#include "base/map.h"

#include <assert.h>

#define SMALLEST_TABLE 8

static size_t table_size(size_t entries) {
    size_t cap = SMALLEST_TABLE;
    while (cap / 2 < entries) cap *= 2;
    return cap;
}

static uint64_t word_at(const char *p) {
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

/* All bytes of a key of at most seven. */
static uint64_t short_word(Str key) {
    uint32_t first, last;
    if (key.n >= 4) {
        memcpy(&first, key.p, 4);
        memcpy(&last, key.p + key.n - 4, 4);
        return (uint64_t)first << 32 | last;
    }
    uint64_t word = 0;
    for (size_t i = 0; i < key.n; i++) word = word << 8 | (unsigned char)key.p[i];
    return word;
}

static uint64_t mix(uint64_t hash, uint64_t word) {
    unsigned __int128 product = (unsigned __int128)(hash ^ word) * 0x9e3779b97f4a7c15u;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Eight bytes a step, which FNV is not; not for adversarial keys either. The
 * last word of a long key overlaps the one before it. */
static uint64_t key_hash(Str key) {
    uint64_t hash = key.n * 0xa0761d6478bd642fu;
    if (key.n < 8) return mix(hash, short_word(key));
    for (size_t i = 0; i + 8 < key.n; i += 8) hash = mix(hash, word_at(key.p + i));
    return mix(hash, word_at(key.p + key.n - 8));
}

/* The slot that has the key, or the empty one where it belongs. */
static MapSlot *slot_of(const Map *m, Str key) {
    size_t mask = m->cap - 1, i = key_hash(key) & mask;
    while (m->slots[i].key.p && !str_eq(m->slots[i].key, key)) i = (i + 1) & mask;
    return &m->slots[i];
}

static void resize(Map *m, size_t cap) {
    Map larger = {.slots = ARENA_ARRAY(m->arena, MapSlot, cap), .cap = cap};
    for (size_t i = 0; i < m->cap; i++)
        if (m->slots[i].key.p) *slot_of(&larger, m->slots[i].key) = m->slots[i];
    m->slots = larger.slots;
    m->cap = cap;
}

void map_init(Map *m, Arena *arena, size_t expected) {
    *m = (Map){.arena = arena};
    resize(m, table_size(expected));
}

bool map_put(Map *m, Str key, const void *value) {
    assert(key.p && value);
    if (m->n + 1 > m->cap / 2) resize(m, table_size(m->n + 1));
    MapSlot *slot = slot_of(m, key);
    if (slot->key.p) return false;
    /* The map hands back what it was given: const is the caller's to keep. */
    *slot = (MapSlot){key, (void *)(uintptr_t)value};
    m->n++;
    return true;
}

void *map_get(const Map *m, Str key) { return m->n > 0 ? slot_of(m, key)->value : NULL; }
