/* robots.h: software on the site, modelled from the parameters of public tools, never from their code.
 *
 * Monitors look and tell a person; bookers take what a release brings for clients of one operator; the
 * reseller turns over identities on few mailboxes and hands slots over by cancelling and booking again. */
#ifndef GEN_ROBOTS_H
#define GEN_ROBOTS_H

#include "samples/gen/world.h"

struct monitor_plan {
    const char *agent, *address;
    int64_t period_us; /* slept after the answer */
    int64_t jitter_us; /* uniform, added */
    int64_t cron_us;   /* instead: wakes at multiples of it */
    int64_t until_us;
    bool grid;         /* asks the week grid without a session */
};
void monitor_starts(struct world *w, uint32_t party, int64_t at_us, const struct monitor_plan *plan);

struct booker_plan {
    const char *agent, *own_address;
    const char *const *proxies;
    uint32_t proxies_count, weeks, clients;
    int64_t release_us, until_us;
};
/* A sweep of the weeks on several threads and one cookie; a booking thread for each client. */
void booker_starts(struct world *w, uint32_t party, int64_t at_us, const struct booker_plan *plan);

struct reseller_plan {
    const char *agent;
    const char *const *addresses, *const *mailboxes;
    uint32_t addresses_count, mailboxes_count, clients;
    int64_t spacing_us;  /* between two bookings */
    int64_t release_us;
    uint32_t rebook_permille;
};
void reseller_starts(struct world *w, uint32_t party, int64_t at_us, const struct reseller_plan *plan);

#endif
