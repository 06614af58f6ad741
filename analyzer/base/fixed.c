/* Integer logarithm and square root; see fixed.h. */
#include "analyzer/base/fixed.h"

#include "analyzer/base/fixed_table.h"

enum { UNIT_BITS = 20 }; /* of the table */

int64_t fixed_ln_milli(uint64_t x)
{
    const int64_t ln2 = 726817498; /* 1000 ln 2 in units of 2^-20 */

    if (x <= 1)
        return 0;
    /* x = 2^whole (1 + m), m a fraction of 48 bits: 8 choose the row, 40 interpolate. */
    unsigned whole = 63u - (unsigned)__builtin_clzll(x);
    uint64_t m = (x << (63 - whole) & INT64_MAX) >> 15;
    unsigned row = (unsigned)(m >> 40);
    int64_t step = fixed_ln_table[row + 1] - fixed_ln_table[row];
    int64_t part = step * (int64_t)(m >> 8 & UINT32_MAX) >> 32;
    int64_t sum = (int64_t)whole * ln2 + fixed_ln_table[row] + part;
    return (sum + (1 << (UNIT_BITS - 1))) >> UNIT_BITS;
}

uint64_t fixed_sqrt(uint64_t x)
{
    uint64_t r = 0;

    for (uint64_t bit = 1ull << 31; bit != 0; bit >>= 1)
        if ((r | bit) * (r | bit) <= x)
            r |= bit;
    return r;
}
