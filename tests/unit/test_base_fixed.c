/* Fixed-point logarithm and square root against libm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "analyzer/base/fixed.h"

static void ln_agrees_with_libm(void **state)
{
    (void)state;
    assert_int_equal(fixed_ln_milli(0), 0);
    assert_int_equal(fixed_ln_milli(1), 0);
    assert_int_equal(fixed_ln_milli(2), 693);
    for (uint64_t x = 1, k = 0; k < 200000; k++, x = x * 6364136223846793005ull + 1442695040888963407ull) {
        uint64_t v = (x >> (k % 63)) | 1;
        double want = 1000.0 * log((double)v);
        assert_true(fabs((double)fixed_ln_milli(v) - want) < 0.52);
    }
}

static void ln_grows(void **state)
{
    (void)state;
    for (uint64_t v = 1; v < 100000; v++)
        assert_true(fixed_ln_milli(v) <= fixed_ln_milli(v + 1));
}

static void sqrt_is_exact(void **state)
{
    (void)state;
    assert_int_equal(fixed_sqrt(UINT64_MAX), UINT32_MAX);
    for (uint64_t r = 1; r < 4000000000ull; r = r * 3 + 1) {
        assert_int_equal(fixed_sqrt(r * r), r);
        assert_int_equal(fixed_sqrt(r * r - 1), r - 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ln_agrees_with_libm),
        cmocka_unit_test(ln_grows),
        cmocka_unit_test(sqrt_is_exact),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
