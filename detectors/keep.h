/* keep.h: copies of the closed sessions that are worth linking, within a bound.
 *
 * When the bound is reached the sessions last in order go, those without identity first, then the
 * newest; nothing at or past the first one that went is taken again, so that what remains is a
 * prefix of the order and depends on the set of sessions alone. */
#ifndef VIGIE_DETECTORS_KEEP_H
#define VIGIE_DETECTORS_KEEP_H

#include "analyzer/base/limits.h"
#include "analyzer/model/session.h"

/* Where a session stands in the order; the largest place goes first. */
struct keep_place {
    bool identity;
    int64_t first_us;
    uint32_t id;
};

struct kept {
    struct session **heap; /* the one that would go next is first */
    uint32_t count, cap;
    uint64_t bytes;
    int64_t count_most, bytes_most;
    uint64_t dropped;
    bool sealed; /* something went: ceiling is the first of those in order */
    struct keep_place ceiling;
};

void keep_init(struct kept *k, const struct limits *l);
/* Copies the session with all it points to.  False when it was not taken. */
bool keep_add(struct kept *k, const struct session *s);
void keep_free(struct kept *k);

#endif
