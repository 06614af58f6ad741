/* identities.h: walks over the identity values that sessions were given. */
#ifndef VIGIE_DETECTORS_IDENTITIES_H
#define VIGIE_DETECTORS_IDENTITIES_H

#include "detectors/run.h"

/* One value in one session. */
struct id_use {
    struct str canonical;
    const struct identity *identity;
    uint32_t session; /* index into the array given */
};

/* All values of a kind, by canonical form, then session; lives in a. */
size_t id_uses(struct arena *a, const struct session *const *sessions, uint32_t n,
               enum identity_kind kind, struct id_use **out);
/* End of the run of equal canonical forms that begins at i. */
size_t id_run(const struct id_use *uses, size_t n, size_t i);
uint32_t id_distinct(const struct id_use *uses, size_t n);
/* The most distinct values of one kind among the sessions; names do not count, a person has
 * several. */
uint32_t id_persons(struct arena *a, const struct session *const *sessions, uint32_t n);
/* The kept sessions of a cluster. */
const struct session *const *id_sessions(struct detect *x, const struct cluster *c);

/* "jean.dupont07@x.fr" is stem "jean.dupont", domain "x.fr", counter 7. */
struct mail_stem {
    struct str stem, domain;
    uint32_t counter;
};
/* False when the local part has no trailing number of 1 to 6 digits after a stem of at least 3
 * bytes. */
bool mail_stem_of(struct str canonical, struct mail_stem *out);

#endif
