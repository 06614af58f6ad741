/* map.c: open addressing with linear probing; at most three slots of four are in use. */
#include "analyzer/base/map.h"

enum { SLOTS_MIN = 64 };

uint32_t map_find(const struct map *m, uint64_t hash, map_same *same, const void *items,
                  const void *key)
{
    if (m->slots == NULL)
        return MAP_NONE;
    for (size_t i = hash & m->mask;; i = (i + 1) & m->mask) {
        const struct map_slot *slot = &m->slots[i];
        if (slot->item == MAP_NONE)
            return MAP_NONE;
        if (slot->hash == hash && slot->item != MAP_GONE && same(items, slot->item, key))
            return slot->item;
    }
}

static void slot_fill(struct map *m, uint64_t hash, uint32_t item)
{
    size_t i = hash & m->mask;
    while (m->slots[i].item != MAP_NONE)
        i = (i + 1) & m->mask;
    m->slots[i] = (struct map_slot){.hash = hash, .item = item};
}

/* Twice the slots when live items fill half of them, else the same number without removed ones. */
static void rebuild(struct map *m)
{
    struct map_slot *old = m->slots;
    size_t old_n = old == NULL ? 0 : m->mask + 1;
    size_t n = old_n == 0 ? SLOTS_MIN : m->count * 2 >= old_n ? old_n * 2 : old_n;
    m->slots = mem_grow(NULL, n * sizeof *m->slots);
    memset(m->slots, 0xff, n * sizeof *m->slots); /* MAP_NONE everywhere */
    m->mask = n - 1;
    for (size_t i = 0; i < old_n; i++)
        if (old[i].item < MAP_GONE)
            slot_fill(m, old[i].hash, old[i].item);
    m->full = m->count;
    mem_free(old);
}

void map_put(struct map *m, uint64_t hash, uint32_t item)
{
    if (m->slots == NULL || (m->full + 1) * 4 > (m->mask + 1) * 3)
        rebuild(m);
    slot_fill(m, hash, item);
    m->count++;
    m->full++;
}

bool map_remove(struct map *m, uint64_t hash, uint32_t item)
{
    if (m->slots == NULL)
        return false;
    for (size_t i = hash & m->mask; m->slots[i].item != MAP_NONE; i = (i + 1) & m->mask) {
        if (m->slots[i].hash != hash || m->slots[i].item != item)
            continue;
        /* At the end of a run of slots nothing is searched beyond: free it at once. */
        bool last = m->slots[(i + 1) & m->mask].item == MAP_NONE;
        m->slots[i].item = last ? MAP_NONE : MAP_GONE;
        m->full -= last ? 1 : 0;
        m->count--;
        return true;
    }
    return false;
}

void map_free(struct map *m)
{
    mem_free(m->slots);
    *m = (struct map){0};
}
