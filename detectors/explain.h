/* explain.h: what else could explain a cluster, and what was not tested. */
#ifndef VIGIE_DETECTORS_EXPLAIN_H
#define VIGIE_DETECTORS_EXPLAIN_H

#include "detectors/score.h"

struct explain {
    struct arena *arena;
    const struct session *const *sessions; /* of the cluster */
    const struct address_table *addresses;
    const struct site *site;
    struct extent extent;
    uint32_t has;      /* fields of the sources */
    bool identities;   /* some identity was logged in the run */
    bool hub;          /* a session held a value too common to link */
    uint32_t unlisted; /* sessions beyond cluster_sessions_max: not part of the cluster */
};

/* Sets hypotheses and limits of a scored cluster. */
void explain_cluster(const struct explain *e, struct cluster *c);

#endif
