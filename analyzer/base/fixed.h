/* fixed.h: logarithms in integers, so that two machines agree to the last digit.
 *
 * Binary logarithm bit by bit: normalise to [1, 2), square, take the carry (Knuth, TAOCP 1.2.2). */
#ifndef VIGIE_BASE_FIXED_H
#define VIGIE_BASE_FIXED_H

#include <stdint.h>

/* 1000 ln(x), rounded; x >= 1 (0 counts as 1).  Error below 1. */
int64_t fixed_ln_milli(uint64_t x);
/* Largest r with r * r <= x. */
uint64_t fixed_sqrt(uint64_t x);

#endif
