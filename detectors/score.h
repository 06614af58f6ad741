/* score.h: from results per family to the two conclusions, with fixed published weights.
 *
 * Within a family the strongest result counts, never a sum of correlated ones.  Over the sessions
 * of a cluster a family's results add up, each within its bounds, below the pool cap of its
 * reasons.  Families are added with weights in [0, 1].  No family exceeds SCORE_CAP_MILLI: 77
 * people without a false positive support a likelihood ratio of 78 at most (ELUB; Vergeer et al.
 * 2016), until a site is calibrated. */
#ifndef VIGIE_DETECTORS_SCORE_H
#define VIGIE_DETECTORS_SCORE_H

#include "detectors/run.h"

enum {
    SCORE_CAP_MILLI = 1892,       /* 1000 log10 78, of one family */
    SCORE_TOTAL_CAP_MILLI = 3784, /* of all families together: two independent ones at their caps */
    SCORE_REASON_MILLI = 300,     /* a result weaker than this, either way, is no reason: LR 2 */
    SCORE_SESSION_LEAST = -1000,  /* what one session may at most say against */
    SCORE_AUTOMATED_MILLI = 1500, /* automated access is concluded from here */
    SCORE_BULK_MILLI = 2000,      /* bulk booking is concluded from here, and only with ... */
    SCORE_BULK_FAMILIES = 2,      /* ... so many families of SCORE_BULK_MASK ... */
    SCORE_BULK_FAMILY_MILLI = 700,/* ... of at least this each (LR 5), before the weight, ... */
    SCORE_BULK_PERSONS = 3        /* ... and as many bookings or identities, at least */
};
#define SCORE_BULK_MASK                                                            \
    (1u << FAMILY_LATENCY | 1u << FAMILY_STRUCTURE | 1u << FAMILY_LIFECYCLE |      \
     1u << FAMILY_COORDINATION | 1u << FAMILY_IDENTITY)

struct score_weight {
    int32_t automated_permille, bulk_permille;
    int32_t against_permille; /* of what speaks for a person, in both */
    int32_t least_milli;      /* below which it counts no further: 1000 log10 of the share of automata
                                 that show none of it, for all their sessions alike */
};
extern const struct score_weight score_weights[FAMILY_COUNT];

/* How many bookings and people a cluster shows; what is more than one person's business. */
struct extent {
    uint32_t bookings;  /* sessions that submitted */
    uint32_t mailboxes; /* distinct canonical e-mails */
    uint32_t persons;   /* the most distinct values of one kind of identity */
    uint32_t addresses; /* distinct address units */
};
struct extent score_extent(struct arena *a, const struct session *const *sessions, uint32_t n);
/* More than one person's: beyond the posted limit and SCORE_BULK_PERSONS. */
bool score_beyond_one(const struct extent *e, const struct site *site);

/* Of a single session, when it closes: no allocation. */
void score_session(const struct tally *t, struct conclusion *automated, struct conclusion *bulk);
/* Of a cluster, from its sessions' conclusions and its reasons. */
void score_cluster(struct cluster *c, const struct findings *f, const uint32_t *indices,
                   bool beyond_one);

#endif
