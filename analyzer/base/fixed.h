/* fixed.h: logarithms in integers, so that two machines agree to the last digit.
 *
 * The logarithm is a table of 256 steps with linear interpolation: the error before rounding is below 0.01. */
#ifndef VIGIE_BASE_FIXED_H
#define VIGIE_BASE_FIXED_H

#include <stdint.h>

/* 1000 ln(x), rounded; x >= 1 (0 counts as 1). */
int64_t fixed_ln_milli(uint64_t x);
/* Largest r with r * r <= x. */
uint64_t fixed_sqrt(uint64_t x);

#endif
