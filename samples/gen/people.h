/* people.h: invented applicants and how a person at a browser behaves.
 *
 * Think times are log-normal with a mean and a spread of each person's own; forms cost key strokes or an
 * auto-fill; people mistype captchas, reload before a release, give up, and confirm from their telephone. */
#ifndef GEN_PEOPLE_H
#define GEN_PEOPLE_H

#include "samples/gen/world.h"

/* Agents a public of a booking site declares: n counts distinct texts. */
enum { AGENTS_COUNT = 420 };
void agent_text(uint32_t n, char *out, size_t size);

struct person person_make(struct world *w, struct rng *rng);
const char *address_v6(struct world *w, struct rng *rng, uint32_t network);
/* A shared address of a carrier, RFC 6598. */
const char *address_carrier(struct world *w, struct rng *rng);
/* One person who wants one appointment, at home or on the move. */
struct runner *human_arrives(struct world *w, uint32_t party, int64_t at_us, int64_t release_us,
                             const char *address);

#endif
