/* stat.c: the few ratios and densities that the detectors need, on base's integer logarithm. */
#include "detectors/stats/stat.h"

#include "analyzer/base/fixed.h"

__extension__ typedef unsigned __int128 u128;
__extension__ typedef __int128 i128;

static int64_t divide_rounded(i128 num, i128 den)
{
    i128 half = den / 2;
    return (int64_t)(num < 0 ? -((-num + half) / den) : (num + half) / den);
}

static int64_t ln_ratio(uint64_t num, uint64_t den)
{
    return fixed_ln_milli(num) - fixed_ln_milli(den);
}

int32_t stat_log10_milli(uint64_t num, uint64_t den)
{
    return (int32_t)divide_rounded((i128)ln_ratio(num, den) * 43429448, 100000000);
}

int32_t stat_log2_milli(uint64_t num, uint64_t den)
{
    return (int32_t)divide_rounded((i128)ln_ratio(num, den) * 144269504, 100000000);
}

int64_t stat_ln_to_log10(int64_t ln_milli)
{
    return divide_rounded((i128)ln_milli * 43429448, 100000000);
}

int64_t stat_clamp(int64_t v, int64_t least, int64_t most)
{
    if (v < least)
        return least;
    return v > most ? most : v;
}

struct stat_spread stat_spread_of(uint64_t n, int64_t sum, uint64_t square_sum)
{
    struct stat_spread r = {0, 0, 0};
    if (n == 0)
        return r;
    r.mean = divide_rounded(sum, (i128)n);
    if (n < 2)
        return r;
    i128 over = (i128)n * square_sum - (i128)sum * sum;
    if (over <= 0)
        return r;
    i128 variance = over / ((i128)n * (n - 1));
    r.variance = variance > (i128)UINT64_MAX ? UINT64_MAX : (uint64_t)variance;
    r.sd = fixed_sqrt(r.variance);
    return r;
}

/* Deviations are taken from the mean, so that long gaps do not overflow the sum of squares; a
 * gap is below 2^40 us (12 days) in any session, and is cut there. */
int64_t stat_cv_permille(const int64_t *gaps, size_t n)
{
    enum { GAP_BITS = 40 };
    i128 sum = 0;
    u128 squares = 0;
    if (n < 2)
        return 0;
    for (size_t i = 0; i < n; i++)
        sum += stat_clamp(gaps[i], 0, INT64_C(1) << GAP_BITS);
    int64_t mean = divide_rounded(sum, (i128)n);
    if (mean == 0)
        return 0;
    for (size_t i = 0; i < n; i++) {
        int64_t d = stat_clamp(gaps[i], 0, INT64_C(1) << GAP_BITS) - mean;
        squares += (u128)((i128)d * d);
    }
    /* (sd / mean)^2 in millionths, whose root is in thousandths */
    u128 relative = squares * 1000000u / (n - 1) / ((u128)mean * (u128)mean);
    return (int64_t)fixed_sqrt(relative > UINT64_MAX ? UINT64_MAX : (uint64_t)relative);
}

int32_t stat_burstiness_milli(int64_t cv_permille, uint64_t n)
{
    if (n < 2 || n > UINT32_MAX)
        return 0;
    /* roots in thousandths */
    int64_t above = (int64_t)fixed_sqrt((n + 1) * 1000000),
            below = (int64_t)fixed_sqrt((n - 1) * 1000000);
    i128 num = (i128)above * cv_permille - (i128)below * 1000;
    i128 den = (i128)(above - 2000) * cv_permille + (i128)below * 1000;
    return den <= 0 ? 1000 : (int32_t)stat_clamp(divide_rounded(num * 1000, den), -1000, 1000);
}

int32_t stat_normal_log10(int64_t x_milli, int64_t mean_milli, uint64_t variance_milli2)
{
    enum { HALF_LOG10_2PI = 399, FLOOR = -100000 };
    u128 variance = variance_milli2 == 0 ? 1 : variance_milli2;
    i128 d = (i128)x_milli - mean_milli;
    /* d^2 / (2 variance), natural, in thousandths */
    i128 exponent = d * d * 500 / (i128)variance;
    if (exponent > 1000000)
        return FLOOR;
    int64_t scale = stat_log10_milli(fixed_sqrt((uint64_t)variance), 1000);
    return (int32_t)stat_clamp(-HALF_LOG10_2PI - scale - stat_ln_to_log10((int64_t)exponent), FLOOR,
                               -FLOOR);
}

int64_t stat_binomial_llr(uint64_t k, uint64_t n, uint32_t machine_permille,
                          uint32_t human_permille)
{
    int64_t hit = stat_log10_milli(machine_permille, human_permille);
    int64_t miss = stat_log10_milli(1000 - machine_permille, 1000 - human_permille);
    return (int64_t)k * hit + (int64_t)(n - k) * miss;
}

int64_t stat_regularity_ln(uint64_t n, uint64_t sd_milli, uint64_t floor_sd_milli,
                           uint64_t width_milli)
{
    enum { LN_4PI = 2531 };
    if (n < 2)
        return 0;
    uint64_t s = sd_milli == 0 ? 1 : sd_milli, human = s > floor_sd_milli ? s : floor_sd_milli;
    int64_t nu = (int64_t)n - 1;
    int64_t log_part = fixed_ln_milli(human) - fixed_ln_milli(s);
    int64_t square_part = divide_rounded((i128)s * s * 500, (i128)human * human);
    int64_t spread = fixed_ln_milli(2 * width_milli) - fixed_ln_milli(1000);
    int64_t gamma = (fixed_ln_milli((uint64_t)nu) - LN_4PI) / 2;
    return nu * (log_part - 500 + square_part) - spread - gamma;
}

/* 10^(x / 1000) as millionths, for 0 <= x < 4000: one table a decimal digit of x. */
static uint64_t power_of_ten(uint32_t x)
{
    static const uint32_t whole[4] = {1, 10, 100, 1000};
    static const uint32_t tenth[10] = {1000000, 1258925, 1584893, 1995262, 2511886,
                                       3162278, 3981072, 5011872, 6309573, 7943282};
    static const uint32_t hundredth[10] = {1000000, 1023293, 1047129, 1071519, 1096478,
                                           1122018, 1148154, 1174898, 1202264, 1230269};
    static const uint32_t thousandth[10] = {1000000, 1002305, 1004616, 1006932, 1009253,
                                            1011579, 1013911, 1016249, 1018591, 1020939};
    uint64_t v = (uint64_t)tenth[x / 100 % 10] * hundredth[x / 10 % 10] / 1000000;
    return v * thousandth[x % 10] / 1000000 * whole[x / 1000];
}

int32_t stat_odds_permille(int32_t llr_milli)
{
    if (llr_milli >= 4000)
        return 999;
    if (llr_milli <= -4000)
        return 0;
    bool positive = llr_milli >= 0;
    uint64_t lr = power_of_ten((uint32_t)(positive ? llr_milli : -llr_milli));
    uint64_t share = 1000 * lr / (1000000 + lr);
    return (int32_t)(positive ? share : 1000 - share);
}
