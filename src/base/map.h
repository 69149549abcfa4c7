/* A hash table from Str to pointer that is filled once and then only read
 * (registries, routes, field names). Keys are not copied. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/arena.h"

typedef struct {
    Str key;
    void *value;
} MapSlot;

typedef struct {
    MapSlot *slots;
    size_t n, cap; /* cap is a power of two, at most half full */
    Arena *arena;
} Map;

void map_init(Map *m, Arena *arena, size_t expected);
bool map_put(Map *m, Str key, const void *value); /* false when the key is there already */
void *map_get(const Map *m, Str key);             /* NULL when absent */

#endif
