/* Integer logarithm and square root; see fixed.h. */
#include "analyzer/base/fixed.h"

enum { FRACTION_BITS = 20 };
__extension__ typedef unsigned __int128 u128;

/* log2(x) with FRACTION_BITS fractional bits. */
static uint64_t log2_fixed(uint64_t x)
{
    unsigned whole = 63u - (unsigned)__builtin_clzll(x);
    uint64_t m = whole >= 31 ? x >> (whole - 31) : x << (31 - whole); /* 1.31 fixed point */
    uint64_t out = (uint64_t)whole << FRACTION_BITS;

    for (int bit = FRACTION_BITS - 1; bit >= 0; bit--) {
        m = (m * m) >> 31;
        if (m >> 32) {
            m >>= 1;
            out |= 1ull << bit;
        }
    }
    return out;
}

int64_t fixed_ln_milli(uint64_t x)
{
    if (x <= 1)
        return 0;
    /* ln 2 = 0.693147180559945; times 1000 in 2^-32 units */
    const uint64_t ln2_milli_32 = 2977044471820ull;
    u128 p = (u128)log2_fixed(x) * ln2_milli_32;
    return (int64_t)((p + ((u128)1 << (FRACTION_BITS + 31))) >> (FRACTION_BITS + 32));
}

uint64_t fixed_sqrt(uint64_t x)
{
    uint64_t r = 0;

    for (uint64_t bit = 1ull << 31; bit != 0; bit >>= 1)
        if ((r | bit) * (r | bit) <= x)
            r |= bit;
    return r;
}
