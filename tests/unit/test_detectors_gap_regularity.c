/* gap-regularity: power where the reference measured it, silence where there is none to have. */
#include <math.h>

#include "tests/unit/detectors_fixture.h"

/* n gaps around mean, uniform within +-jitter permille. */
static struct session *poller(struct world *w, int n, int64_t mean, int jitter)
{
    struct session *s = session_make(w, "192.0.2.1", "A", NULL);
    int64_t now = T0;
    act_at(w, s, 0, now);
    for (int i = 0; i < n; i++) {
        int64_t swing = mean * jitter / 1000;
        int64_t off = swing > 0 ? (int64_t)world_random(w, (uint32_t)(2 * swing / MS + 1)) * MS - swing : 0;
        act_after(w, s, 0, mean + off, &now);
    }
    session_close(s);
    return s;
}

static double normal(struct world *w)
{
    double sum = 0;
    for (int i = 0; i < 12; i++)
        sum += world_random(w, 1u << 20) / (double)(1u << 20);
    return sum - 6;
}

static struct session *reader(struct world *w, int n, double mean, double sd)
{
    struct session *s = session_make(w, "192.0.2.1", "A", NULL);
    int64_t now = T0;
    act_at(w, s, 0, now);
    for (int i = 0; i < n; i++)
        act_after(w, s, 0, (int64_t)(exp(mean + sd * normal(w)) * 1e6), &now);
    session_close(s);
    return s;
}

static struct session_result result_of(struct world *w, const struct session *s, bool *kept)
{
    struct conclude *c = conclude_new(&w->site, &w->settings);
    *kept = conclude_session(c, s);
    struct session_result r = conclude_session_result(c, s);
    conclude_free(c);
    return r;
}

static void constant_sleepers_are_seen(void **state)
{
    (void)state;
    static const struct {
        int gaps;
        int64_t mean;
        int jitter;
        bool concluded, kept;
    } rows[] = {
        {200, 30 * SECOND, 0, true, true},   {20, 30 * SECOND, 10, true, true},
        {10, 60 * SECOND, 100, true, true},  {5, 300 * SECOND, 0, false, true}, /* too few to conclude */
        {20, 30 * SECOND, 300, true, true},  {4, 300 * SECOND, 0, false, false},
        {6, 30 * SECOND, 500, false, false}, {100, 10 * SECOND, 900, false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world *w = world_new(1000000);
        bool kept;
        struct session_result r = result_of(w, poller(w, rows[i].gaps, rows[i].mean, rows[i].jitter), &kept);
        if (r.automated.concluded != rows[i].concluded || kept != rows[i].kept)
            fail_msg("row %zu: llr %d", i, r.automated.llr_milli);
        assert_false(r.bulk.concluded);
        assert_int_equal(r.bulk.llr_milli, 0);
        assert_true(r.automated.llr_milli <= 1892);
        world_free(w);
    }
}

/* 2,000 people of the reference's null, 1 s stamps: none concluded, and hardly one with a reason. */
static void readers_are_not(void **state)
{
    (void)state;
    int reasons = 0;
    struct world *w = world_new(1000000);
    for (int i = 0; i < 2000; i++) {
        double sd = 1.1 + 0.3 * normal(w), mean = 2.7 + 0.45 * normal(w);
        bool kept;
        const struct session *s = reader(w, 5 + (int)world_random(w, 40), mean, sd < 0.5 ? 0.5 : sd);
        struct session_result r = result_of(w, s, &kept);
        assert_false(r.automated.concluded);
        reasons += kept;
        arena_rewind(&w->a);
    }
    assert_in_range(reasons, 0, 2);
    world_free(w);
}

static void the_score_orders_sessions_by_pace(void **state)
{
    (void)state;
    struct world *w = world_new(1000000);
    bool kept;
    int32_t quick = result_of(w, reader(w, 15, 0.9, 0.9), &kept).automated.llr_milli;
    int32_t slow = result_of(w, reader(w, 15, 2.9, 1.1), &kept).automated.llr_milli;
    assert_true(quick > slow);
    assert_true(slow < 0);
    assert_true(quick <= 300);
    world_free(w);
}

static void coarse_stamps_show_no_regularity(void **state)
{
    (void)state;
    struct world *w = world_new(1000000);
    bool kept;
    struct session_result r = result_of(w, poller(w, 100, SECOND, 0), &kept);
    assert_false(r.automated.concluded);
    assert_false(kept);
    world_free(w);
}

/* Constant 8 s gaps with stamps to the second: the stamps alone allow 1/(8 sqrt 6) = 5.1 %. */
static void nothing_finer_than_the_stamps_is_claimed(void **state)
{
    (void)state;
    struct world *w = world_new(1000000);
    struct session *s = poller(w, 40, 8 * SECOND, 0);
    struct conclude *c = conclude_new(&w->site, &w->settings);
    conclude_session(c, s);
    const struct reason *r = found(reason_of(conclude_now(c), s->id, FAMILY_REGULARITY));
    int64_t used = 0, seen = -1, deviation = 0;
    for (uint8_t i = 0; i < r->inputs_count; i++) {
        used = strcmp(r->inputs[i].name, "sd_ln_milli") == 0 ? r->inputs[i].value : used;
        seen = strcmp(r->inputs[i].name, "seen_sd_ln_milli") == 0 ? r->inputs[i].value : seen;
        deviation = strcmp(r->inputs[i].name, "deviation_permille") == 0 ? r->inputs[i].value : deviation;
    }
    assert_int_equal(seen, 0);
    assert_int_equal(used, 52);
    assert_true(deviation >= 52);
    conclude_free(c);
    world_free(w);
}

static void a_marked_mixture_has_no_score(void **state)
{
    (void)state;
    struct world *w = world_new(1000000);
    struct session *s = poller(w, 50, 30 * SECOND, 0);
    bool kept;
    s->mixture = MIXTURE_MARKED;
    assert_int_equal(result_of(w, s, &kept).automated.llr_milli, 0);
    assert_false(kept);
    world_free(w);
}

static void a_parameter_changes_the_rule(void **state)
{
    (void)state;
    struct world *w = world_new(1000000);
    struct setting_param strict = {STR("gap-regularity.gaps_least"), 50};
    struct session *s = poller(w, 20, 30 * SECOND, 300);
    bool kept;
    assert_true(result_of(w, s, &kept).automated.concluded);
    w->settings.params = &strict;
    w->settings.params_count = 1;
    assert_false(result_of(w, s, &kept).automated.concluded);
    world_free(w);
}

int main(void)
{
    hash_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constant_sleepers_are_seen),
        cmocka_unit_test(readers_are_not),
        cmocka_unit_test(the_score_orders_sessions_by_pace),
        cmocka_unit_test(nothing_finer_than_the_stamps_is_claimed),
        cmocka_unit_test(coarse_stamps_show_no_regularity),
        cmocka_unit_test(a_marked_mixture_has_no_score),
        cmocka_unit_test(a_parameter_changes_the_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
