/* facts.h: what a cluster amounts to, counted once for the bundle and for the summary. */
#ifndef VIGIE_REPORTS_FACTS_H
#define VIGIE_REPORTS_FACTS_H

#include "analyzer/base/limits.h"
#include "analyzer/model/finding.h"
#include "reports/bundle.h"

struct cluster_facts {
    int64_t first_us, last_us; /* first > last when it has no session */
    uint64_t requests, acts;
    uint32_t sessions, bookings;         /* bookings: submissions that were not refused */
    bool bookings_more;                  /* a session had more acts than were kept */
    uint32_t addresses;                  /* distinct */
    bool addresses_more;                 /* a session had more than were kept */
    uint32_t identities[IDENTITY_KINDS]; /* distinct canonical values by kind */
};
/* scratch is used and left to the caller to rewind. */
struct cluster_facts facts_of(struct arena *scratch, const struct findings *f,
                              const struct cluster *c);

/* A kept session by its id, or NULL. */
const struct session *facts_session(const struct findings *f, uint32_t id);

/* True when the detector gave a reason anywhere: "not testable" then means some of the sessions. */
bool facts_spoke(const struct findings *f, const struct detector *d);

/* The records a finding rests on: those its reasons name first, then every act of its listed
 * sessions, up to finding_records_max; sorted by (source, offset), each once. */
struct own_records {
    struct cited *items;
    size_t count;
    uint32_t sessions; /* listed: the first cluster_sessions_max */
    bool truncated;    /* one of the two limits was reached */
};
struct own_records facts_records(struct arena *a, const struct findings *f, const struct cluster *c,
                                 const struct limits *l);
/* Position of (source, offset) in a sorted list, or SIZE_MAX. */
size_t facts_find(const struct cited *items, size_t count, uint32_t source, uint64_t offset);
/* Sorts by (source, offset) and drops what is there twice; returns the new count. */
size_t facts_sort(struct cited *items, size_t count);

#endif
