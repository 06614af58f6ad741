/* distinct.c: the k smallest hashes, in a sorted array that grows as needed. */
#include "detectors/stats/distinct.h"

#include <endian.h>

#include "analyzer/base/mem.h"

static uint64_t load_le(const char *p, size_t n)
{
    uint64_t v = 0;
    memcpy(&v, p, n);
    return le64toh(v);
}

/* splitmix64's finalizer (Steele, Lea, Flood 2014). */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

uint32_t distinct_hash(struct str s)
{
    uint64_t h = UINT64_C(0x9e3779b97f4a7c15) * ((uint64_t)s.n + 1);
    ptrdiff_t i = 0;
    for (; i + 8 <= s.n; i += 8)
        h = (h ^ load_le(s.p + i, 8)) * UINT64_C(0xff51afd7ed558ccd), h ^= h >> 32;
    if (i < s.n)
        h ^= load_le(s.p + i, (size_t)(s.n - i));
    uint32_t folded = (uint32_t)(mix(h) >> 32);
    return folded == 0 ? 1 : folded;
}

static size_t place_of(const struct distinct *d, uint32_t hash)
{
    size_t low = 0, high = d->count;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (d->smallest[mid] < hash)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

void distinct_add(struct distinct *d, uint32_t hash)
{
    size_t at = place_of(d, hash);
    if (at < d->count && d->smallest[at] == hash)
        return;
    if (d->count == DISTINCT_KEPT) {
        d->more = true;
        if (at == DISTINCT_KEPT)
            return;
        d->count--;
    }
    if (d->count == d->room) {
        d->room = (uint16_t)(d->room == 0 ? 4 : d->room * 2);
        d->smallest = mem_grow(d->smallest, d->room * sizeof *d->smallest);
    }
    memmove(d->smallest + at + 1, d->smallest + at, (d->count - at) * sizeof *d->smallest);
    d->smallest[at] = hash;
    d->count++;
}

uint32_t distinct_count(const struct distinct *d)
{
    if (!d->more)
        return d->count;
    uint64_t estimate = ((uint64_t)(DISTINCT_KEPT - 1) << 32) / d->smallest[DISTINCT_KEPT - 1];
    return estimate > UINT32_MAX ? UINT32_MAX : (uint32_t)estimate;
}

void distinct_free(struct distinct *d)
{
    mem_free(d->smallest);
    *d = (struct distinct){NULL, 0, 0, false};
}
