/* chains.h: several people behind one address and agent, told apart by funnel position and referer. */
#ifndef VIGIE_SESSIONS_CHAINS_H
#define VIGIE_SESSIONS_CHAINS_H

#include "analyzer/site/site.h"

enum { CHAINS_MAX = 16 };

struct chains {
    uint8_t count;               /* sessions that result, at least 1 */
    bool interleaved;            /* somebody went on while somebody else was midway: a mixture, split */
    bool crowded;                /* more people than session_chains_max: not separable */
    bool completed[CHAINS_MAX];  /* this one ended its funnel and another began */
};

/* Assigns each of n acts (sorted) to a chain; of[i] < result.count.  Without a sign of interleaving the
 * acts stay one session, but for a new start after a completed booking. */
struct chains chains_assign(const struct site *site, const struct act *acts, uint32_t n, int most, uint8_t *of);

#endif
