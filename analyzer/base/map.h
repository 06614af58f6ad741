/* map.h: an insertion-ordered index from 64-bit keyed hashes to 32-bit numbers.
 *
 * The caller keeps its items in an array of its own and compares them itself; the map only finds
 * candidates.  Removal is supported (sessions close); iteration is not (walk your array instead). */
#ifndef VIGIE_BASE_MAP_H
#define VIGIE_BASE_MAP_H

#include "analyzer/base/mem.h"

struct map_slot {
    uint64_t hash;
    uint32_t item; /* MAP_NONE: never used; MAP_GONE: removed */
};

struct map {
    struct map_slot *slots;
    size_t mask;  /* slots - 1; 0 before the first insertion */
    size_t count; /* live items */
    size_t full;  /* live + removed slots */
};

#define MAP_NONE UINT32_MAX
#define MAP_GONE (UINT32_MAX - 1)

/* Called with a candidate whose hash is equal; true when the item is the one meant. */
typedef bool map_same(const void *items, uint32_t item, const void *key);

uint32_t map_find(const struct map *m, uint64_t hash, map_same *same, const void *items, const void *key);
void map_put(struct map *m, uint64_t hash, uint32_t item); /* the caller made sure it is not there */
bool map_remove(struct map *m, uint64_t hash, uint32_t item);
void map_free(struct map *m);

/* Brings the slot's cache line near, some events ahead of its use. */
static inline void map_prefetch(const struct map *m, uint64_t hash)
{
    if (m->slots != NULL)
        __builtin_prefetch(&m->slots[hash & m->mask]);
}

#endif
