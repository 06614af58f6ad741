/* The integer statistics against the same formulas in doubles. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "detectors/stats/distinct.h"
#include "detectors/stats/stat.h"

static void near(double got, double want, double tolerance)
{
    if (fabs(got - want) > tolerance)
        fail_msg("%f is not within %f of %f", got, tolerance, want);
}

static void logarithms_agree_with_libm(void **state)
{
    (void)state;
    static const uint64_t values[] = {1, 2, 3, 9, 10, 78, 100, 999, 1000, 12345, 1000003, UINT64_C(1) << 40};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        for (size_t k = 0; k < sizeof values / sizeof *values; k++) {
            double ratio = (double)values[i] / (double)values[k];
            near(stat_log10_milli(values[i], values[k]), 1000 * log10(ratio), 1.5);
            near(stat_log2_milli(values[i], values[k]), 1000 * log2(ratio), 2.5);
        }
    assert_int_equal(stat_log10_milli(78, 1), 1892);
    assert_int_equal(stat_log10_milli(0, 1), 0);
}

static void spread_agrees(void **state)
{
    (void)state;
    static const int64_t values[] = {14500, 15000, 13200, 16100, 14900, 0, 20000};
    double n = 7, mean = 0, squares = 0;
    int64_t sum = 0;
    uint64_t square_sum = 0;
    for (int i = 0; i < 7; i++) {
        sum += values[i];
        square_sum += (uint64_t)(values[i] * values[i]);
        mean += (double)values[i] / n;
    }
    for (int i = 0; i < 7; i++)
        squares += pow((double)values[i] - mean, 2);
    struct stat_spread s = stat_spread_of(7, sum, square_sum);
    near((double)s.mean, mean, 0.6);
    near((double)s.sd, sqrt(squares / 6), 1.1);
    assert_int_equal(stat_spread_of(0, 0, 0).sd, 0);
    assert_int_equal(stat_spread_of(1, 5, 25).sd, 0);
    assert_int_equal(stat_spread_of(3, 30, 300).sd, 0);
    /* impossible sums never give a root of something negative */
    assert_int_equal(stat_spread_of(3, 1000, 1).sd, 0);
}

static void cv_and_burstiness_agree(void **state)
{
    (void)state;
    static const int64_t gaps[] = {1000000, 3000000, 2000000, 10000000, 500000};
    double mean = 3300000, squares = 0;
    for (int i = 0; i < 5; i++)
        squares += pow((double)gaps[i] - mean, 2);
    double cv = sqrt(squares / 4) / mean;
    int64_t got = stat_cv_permille(gaps, 5);
    near((double)got, 1000 * cv, 1.1);
    double burstiness = (sqrt(6) * cv - sqrt(4)) / ((sqrt(6) - 2) * cv + sqrt(4));
    near(stat_burstiness_milli(got, 5), 1000 * burstiness, 2);
    /* the three points of Kim and Jo */
    assert_int_equal(stat_burstiness_milli(0, 20), -1000);
    near(stat_burstiness_milli((int64_t)(1000 * sqrt(19)), 20), 1000, 2);
    near(stat_burstiness_milli((int64_t)(1000 * sqrt(19. / 21.)), 20), 0, 2);
    assert_int_equal(stat_cv_permille(gaps, 1), 0);
}

static void densities_agree(void **state)
{
    (void)state;
    for (int x = -4000; x <= 6000; x += 250) {
        double sd = 0.65, z = (x / 1000. - 2.7) / sd;
        double want = -0.5 * log10(2 * M_PI) - log10(sd) - z * z / 2 / log(10);
        near(stat_normal_log10(x, 2700, 422500), 1000 * want, 2);
    }
    for (unsigned k = 0; k <= 10; k++) {
        double want = k * log10(0.8 / 0.05) + (10 - k) * log10(0.2 / 0.95);
        near((double)stat_binomial_llr(k, 10, 800, 50), 1000 * want, 12);
    }
}

/* ln of the chi density of a sample deviation s of n values whose deviation is sigma. */
static double ln_chi(double s, double nu, double sigma)
{
    return log(2) + nu / 2 * log(nu / 2) - lgamma(nu / 2) + (nu - 1) * log(s) - nu * log(sigma) -
           nu * s * s / (2 * sigma * sigma);
}

static void regularity_agrees_with_the_densities(void **state)
{
    (void)state;
    static const double spreads[] = {0.02, 0.1, 0.25, 0.4, 0.5, 0.8, 1.5};
    static const unsigned counts[] = {5, 10, 20, 50, 200};
    for (size_t i = 0; i < sizeof spreads / sizeof *spreads; i++)
        for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
            double s = spreads[i], n = counts[k], human = s > 0.5 ? s : 0.5;
            double want = -log(4.3 * s) - ln_chi(s, n - 1, human);
            /* Stirling's formula: 1 / (12 nu/2) at most; the logs: 1 a term of nu */
            double tolerance = 1000 / (6 * (n - 1)) + 2 * n;
            near((double)stat_regularity_ln(counts[k], (uint64_t)(s * 1000), 500, 4300), 1000 * want, tolerance);
        }
    assert_true(stat_regularity_ln(20, 20, 500, 4300) > stat_regularity_ln(20, 100, 500, 4300));
    assert_true(stat_regularity_ln(50, 600, 500, 4300) < 0);
}

static void odds_are_an_ordering(void **state)
{
    (void)state;
    int32_t before = -1;
    for (int32_t llr = -5000; llr <= 5000; llr += 7) {
        int32_t got = stat_odds_permille(llr);
        double lr = pow(10, llr / 1000.);
        near(got, 1000 * lr / (1 + lr), 1.1);
        assert_true(got >= before);
        assert_in_range(got, 0, 999);
        before = got;
    }
    assert_int_equal(stat_odds_permille(0), 500);
}

static void distinct_is_exact_while_few(void **state)
{
    (void)state;
    struct distinct d = {0};
    char text[32];
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < DISTINCT_KEPT; i++) {
            int n = snprintf(text, sizeof text, "cookie-%d", i);
            distinct_add(&d, distinct_hash((struct str){text, n}));
        }
    assert_int_equal(distinct_count(&d), DISTINCT_KEPT);
    assert_false(d.more);
    distinct_free(&d);
}

static void distinct_estimates_the_same_in_any_order(void **state)
{
    (void)state;
    enum { MANY = 20000 };
    struct distinct up = {0}, down = {0};
    char text[32];
    for (int i = 0; i < MANY; i++) {
        int n = snprintf(text, sizeof text, "%d", i);
        distinct_add(&up, distinct_hash((struct str){text, n}));
        n = snprintf(text, sizeof text, "%d", MANY - 1 - i);
        distinct_add(&down, distinct_hash((struct str){text, n}));
    }
    assert_int_equal(distinct_count(&up), distinct_count(&down));
    near(distinct_count(&up), MANY, MANY * 0.4); /* 3 deviations of 1/sqrt(62) */
    assert_int_equal(distinct_hash(STR("abc")), distinct_hash(STR("abc")));
    assert_int_not_equal(distinct_hash(STR("abc")), distinct_hash(STR("abd")));
    assert_int_not_equal(distinct_hash(STR("")), 0);
    distinct_free(&up);
    distinct_free(&down);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logarithms_agree_with_libm),
        cmocka_unit_test(spread_agrees),
        cmocka_unit_test(cv_and_burstiness_agree),
        cmocka_unit_test(densities_agree),
        cmocka_unit_test(regularity_agrees_with_the_densities),
        cmocka_unit_test(odds_are_an_ordering),
        cmocka_unit_test(distinct_is_exact_while_few),
        cmocka_unit_test(distinct_estimates_the_same_in_any_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
