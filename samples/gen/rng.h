/* rng.h: numbers that are the same on every machine: a PCG generator and integer-only draws.
 *
 * PCG32 after O'Neill (2014), "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms
 * for Random Number Generation".  Nothing here uses floating point, so a seed names its bytes for ever.
 * One rule for callers: never two draws in one expression, its order would be the compiler's choice. */
#ifndef GEN_RNG_H
#define GEN_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
    uint64_t state, increment;
};

/* Streams of one seed are independent of each other: adding an actor does not move the others. */
void rng_seed(struct rng *r, uint64_t seed, uint64_t stream);
uint32_t rng_next(struct rng *r);
uint32_t rng_below(struct rng *r, uint32_t n);               /* 0 .. n-1; n > 0 */
int64_t rng_between(struct rng *r, int64_t low, int64_t high); /* both included */
bool rng_chance(struct rng *r, uint32_t permille);
/* Thousandths of a standard normal draw (sum of twelve uniforms). */
int32_t rng_normal_milli(struct rng *r);
/* Microseconds of a log-normal draw: exp((mu + sigma z) / 1000) seconds. */
int64_t rng_lognormal_us(struct rng *r, int32_t mu_milli, int32_t sigma_milli);
/* n letters of an alphabet and a final NUL. */
void rng_letters(struct rng *r, const char *alphabet, char *out, uint32_t n);

#endif
