/* scenario.h: what happens in a scenario: who comes, when, and from where. */
#ifndef GEN_SCENARIO_H
#define GEN_SCENARIO_H

#include "samples/gen/world.h"

struct scenario {
    const char *name, *what;
    uint32_t people; /* default of --people */
    void (*fill)(struct world *w, struct rng *rng, uint32_t people);
};

extern const struct scenario scenarios[];
extern const size_t scenarios_count;

#endif
