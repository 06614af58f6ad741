/* link.h: who belongs together (Fellegi and Sunter 1969: weight = log2(m / u) of each agreement).
 *
 * Sessions that agree on a value are chained; an edge counts from LINK_LEAST_MILLI bits on. Address
 * and agent are one family and never link without another one; the weight of an address falls with
 * the devices that use it.  A value held by more sessions than its kind's hub bound is a
 * co-location, not a link.  The maximum spanning tree is kept as the proof.  All of it is a
 * function of the set of sessions. */
#ifndef VIGIE_DETECTORS_LINK_H
#define VIGIE_DETECTORS_LINK_H

#include "detectors/run.h"

enum { LINK_LEAST_MILLI = 12000 };

struct link_kind {
    const char *name;
    int32_t weight_milli; /* of the agreement itself, without the address */
    uint32_t hub;         /* more sessions than this are no link */
    bool address;         /* the address's weight is added */
    struct text what;
};
extern const struct link_kind link_kinds[];
extern const size_t link_kinds_count;

struct linked {
    uint32_t *root;    /* by session index: smallest index of its cluster */
    bool *hub;         /* by session index: held a value too common to link */
    struct link *tree; /* a and b are session ids; by root, then in the order of their strength */
    size_t tree_count;
};

/* sessions ascending by id; behaves[i]: session i has a reason of latency or structure of its own.
 */
struct linked link_sessions(struct arena *a, const struct session *const *sessions, uint32_t n,
                            const bool *behaves, const struct address_table *addresses);

#endif
