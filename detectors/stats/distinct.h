/* distinct.h: how many different values were seen, exactly while they are few.
 *
 * The k smallest of the values' 32-bit hashes are kept.  Up to k different values the count is
 * exact (but for hash collisions, 1 in 2^32 a pair); beyond, it is (k - 1) 2^32 / (k-th smallest),
 * the estimator of Bar-Yossef et al. 2002 (relative error about 1/sqrt(k - 2)).  The state is a
 * function of the set of values: the order of arrival plays no part, and the hash is fixed, so that
 * runs agree. */
#ifndef VIGIE_DETECTORS_STATS_DISTINCT_H
#define VIGIE_DETECTORS_STATS_DISTINCT_H

#include "analyzer/base/str.h"

enum { DISTINCT_KEPT = 64 };

struct distinct {
    uint32_t *smallest; /* ascending */
    uint16_t count, room;
    bool more; /* a value was turned away or pushed out: the count is an estimate */
};

/* A hash that depends on the bytes alone; never 0. */
uint32_t distinct_hash(struct str s);
void distinct_add(struct distinct *d, uint32_t hash);
uint32_t distinct_count(const struct distinct *d);
void distinct_free(struct distinct *d);

#endif
