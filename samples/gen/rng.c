/* rng.c: PCG32 and the draws made from it, in integers only. */
#include "samples/gen/rng.h"

#include <string.h>

static const uint64_t pcg_multiplier = 6364136223846793005u;
/* log2(e) in 16 fractional bits. */
static const int64_t log2_e_q16 = 94548;
/* Taylor coefficients of 2^f in 30 fractional bits: ln2^k / k!. */
static const int64_t exp2_q30[] = {1073741824, 744261118, 257941112, 59597170, 10327494, 1431665};

static uint64_t splitmix(uint64_t *x)
{
    *x += 0x9e3779b97f4a7c15u;
    uint64_t z = *x;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void rng_seed(struct rng *r, uint64_t seed, uint64_t stream)
{
    uint64_t x = seed * 0xd1342543de82ef95u + stream;
    r->state = splitmix(&x);
    r->increment = splitmix(&x) | 1u;
    rng_next(r);
}

uint32_t rng_next(struct rng *r)
{
    uint64_t old = r->state;
    r->state = old * pcg_multiplier + r->increment;
    uint32_t shifted = (uint32_t)(((old >> 18) ^ old) >> 27);
    uint32_t turn = (uint32_t)(old >> 59);
    return (shifted >> turn) | (shifted << ((32u - turn) & 31u));
}

uint32_t rng_below(struct rng *r, uint32_t n)
{
    return (uint32_t)(((uint64_t)rng_next(r) * n) >> 32);
}

int64_t rng_between(struct rng *r, int64_t low, int64_t high)
{
    uint64_t span = (uint64_t)(high - low) + 1u;
    uint64_t high_bits = rng_next(r);
    uint64_t draw = high_bits << 32 | rng_next(r);
    return low + (int64_t)(draw % span);
}

bool rng_chance(struct rng *r, uint32_t permille)
{
    return rng_below(r, 1000) < permille;
}

int32_t rng_normal_milli(struct rng *r)
{
    int64_t sum = 0;
    for (int i = 0; i < 12; i++)
        sum += rng_next(r) >> 16;
    return (int32_t)((sum - 6 * 65536) * 1000 / 65536);
}

int64_t rng_lognormal_us(struct rng *r, int32_t mu_milli, int32_t sigma_milli)
{
    int64_t x_milli = mu_milli + (int64_t)sigma_milli * rng_normal_milli(r) / 1000;
    int64_t y = x_milli * log2_e_q16 / 1000 + 64 * 65536; /* kept positive: the shift must not be */
    int64_t whole = (y >> 16) - 64;
    int64_t f = (y & 65535) << 14;
    int64_t power = 0;
    for (int i = 5; i >= 0; i--)
        power = exp2_q30[i] + ((power * f) >> 30);
    int64_t us = (power * 1000000) >> 30;
    if (whole > 14)
        whole = 14;
    if (whole >= 0)
        return us << whole;
    return whole < -20 ? 0 : us >> -whole;
}

void rng_letters(struct rng *r, const char *alphabet, char *out, uint32_t n)
{
    uint32_t size = (uint32_t)strlen(alphabet);
    for (uint32_t i = 0; i < n; i++)
        out[i] = alphabet[rng_below(r, size)];
    out[n] = 0;
}
