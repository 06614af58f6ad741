/* address.h: how many sessions, agents, cookies and identities an address unit had over the run.
 *
 * One entry of 48 bytes for each unit (IPv4 address, IPv6 /64); sets are allocated only for the
 * units that show a second agent, cookie or mailbox.  The result depends on the set of sessions
 * alone, except that units seen after addresses_max are only counted. */
#ifndef VIGIE_DETECTORS_ADDRESS_H
#define VIGIE_DETECTORS_ADDRESS_H

#include "analyzer/base/map.h"
#include "analyzer/model/session.h"
#include "detectors/detector.h"

struct address_table {
    struct address_entry **segments; /* of ADDRESS_SEGMENT entries, never moved */
    size_t segments_cap;
    uint32_t count, most;
    struct map index;
    uint64_t turned_away; /* sessions on units without an entry */
};

void address_init(struct address_table *t, int64_t most);
/* Brings the entry's place near, for an address_add that follows a little later. */
void address_prefetch(const struct address_table *t, const struct session *s);
void address_add(struct address_table *t, const struct session *s);
struct address_use address_get(const struct address_table *t, const struct ip *unit);
void address_free(struct address_table *t);

/* Canonical e-mail at or after *at, advancing *at past it; missing when there is none. */
struct str session_next_email(const struct session *s, uint32_t *at);

#endif
