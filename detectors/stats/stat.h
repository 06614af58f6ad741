/* stat.h: the statistics of detection in integers, so that two machines agree to the last digit.
 *
 * Logarithms are in thousandths ("milli"), probabilities in permille.  Log-likelihood ratios are
 * thousandths of log10.  Rounding is to the nearest, halves away from zero, everywhere. */
#ifndef VIGIE_DETECTORS_STATS_STAT_H
#define VIGIE_DETECTORS_STATS_STAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 1000 log10(num / den) and 1000 log2(num / den), within 1; zeros count as 1. */
int32_t stat_log10_milli(uint64_t num, uint64_t den);
int32_t stat_log2_milli(uint64_t num, uint64_t den);
/* Natural thousandths into decimal ones. */
int64_t stat_ln_to_log10(int64_t ln_milli);
int64_t stat_clamp(int64_t v, int64_t least, int64_t most);

/* Mean and sample standard deviation from a count, a sum and a sum of squares. */
struct stat_spread {
    int64_t mean;
    uint64_t variance; /* 0 when n < 2; UINT64_MAX when larger */
    uint64_t sd;
};
struct stat_spread stat_spread_of(uint64_t n, int64_t sum, uint64_t square_sum);

/* Coefficient of variation in permille of n gaps; their mean 0 gives 0. */
int64_t stat_cv_permille(const int64_t *gaps, size_t n);
/* Kim and Jo 2016 (Phys. Rev. E 94:032311, eq. 22) burstiness of n gaps, in thousandths: -1000
 * constant gaps, about 0 for a Poisson process, 1000 all in one gap; comparable between different
 * n. */
int32_t stat_burstiness_milli(int64_t cv_permille, uint64_t n);

/* 1000 log10 of the normal density at x, per unit of 1000. */
int32_t stat_normal_log10(int64_t x_milli, int64_t mean_milli, uint64_t variance_milli2);
/* k of n under two binomial rates, 0 < rate < 1000. */
int64_t stat_binomial_llr(uint64_t k, uint64_t n, uint32_t machine_permille,
                          uint32_t human_permille);
/* Natural log, in thousandths, of the likelihood of a sample standard deviation sd of n log gaps
 * under a deviation spread evenly over ln sd (width_milli natural logs wide) against the deviation
 * floor_sd, or sd itself where that is larger: the least regular person who is still more regular
 * than sd is never assumed.  Chi density with Stirling's formula for the gamma function. */
int64_t stat_regularity_ln(uint64_t n, uint64_t sd_milli, uint64_t floor_sd_milli,
                           uint64_t width_milli);
/* 1000 LR / (1 + LR), never 1000: an ordering at even prior, not a probability. */
int32_t stat_odds_permille(int32_t llr_milli);

#endif
