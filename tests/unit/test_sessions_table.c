/* Sessions rebuilt from hand-made events: keys, closing, adoption of the first page, mixtures, bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analyzer/base/hash.h"
#include "analyzer/sessions/sessions.h"

enum { SECOND = 1000000, MINUTE = 60 * SECOND };

/* landing -> planning -> identity (completes) */
static struct site_step steps[] = {
    {.name = {"landing", 7}, .meaning = MEANING_LANDING, .order = 0, .decision = true},
    {.name = {"planning", 8}, .meaning = MEANING_PLANNING, .order = 1, .needs_before = true, .decision = true},
    {.name = {"identity", 8}, .meaning = MEANING_SUBMITTED, .order = 2, .needs_before = true, .decision = true,
     .completes = true},
};
static const struct site site = {.steps = steps, .steps_count = 3, .idle_us = 30ll * MINUTE};

struct got {
    struct session s[64];
    struct act acts[64][64];
    int count;
};

static void take(void *user, const struct session *s)
{
    struct got *g = user;

    assert_true(g->count < 64);
    g->s[g->count] = *s;
    for (uint32_t i = 0; i < s->acts_count && i < 64; i++)
        g->acts[g->count][i] = s->acts[i];
    g->count++;
}

enum { REFUSED = 4 }; /* identity, answered with 403 */

/* One event in the shorthand of the tables below. */
struct e {
    int64_t at_s;
    int step;            /* 0 none, 1 landing, 2 planning, 3 identity, REFUSED; -1 an asset */
    const char *cookie;  /* NULL: none */
    int who;             /* address 192.0.2.who */
    int referer;         /* step the referer names */
};

static void feed(struct sessions *t, const struct e *e, uint64_t record)
{
    struct event ev = {.record = record, .offset = record * 100, .length = 90, .resolution_us = SECOND,
                       .time_us = e->at_s * SECOND, .status = e->step == REFUSED ? 403 : 200,
                       .method = e->step >= 3 ? METHOD_POST : METHOD_GET,
                       .agent = STR("agent")};
    struct hit h = {.decision = e->step >= 0, .asset = e->step < 0};
    char address[16] = {0};

    address[10] = address[11] = (char)0xff;
    address[12] = (char)192;
    address[14] = 2;
    address[15] = (char)e->who;
    memcpy(ev.client.b, address, 16);
    h.agent_hash = hash_bytes("agent", 5);
    if (e->step > 0) {
        h.step = (uint8_t)(e->step == REFUSED ? 3 : e->step);
        h.meaning = (uint8_t)steps[h.step - 1].meaning;
    }
    h.referer_step = (uint8_t)e->referer;
    h.cookie = str_of(e->cookie);
    h.key_hash = e->cookie != NULL ? hash_bytes(h.cookie.p, (size_t)h.cookie.n)
                                   : site_address_key(&ev.client, h.agent_hash);
    sessions_add(t, &ev, &h);
}

static void run(const struct e *events, size_t n, const struct limits *limits, struct got *g)
{
    struct sessions *t = sessions_new(&site, limits, take, g);

    g->count = 0;
    for (size_t i = 0; i < n; i++)
        feed(t, &events[i], i + 1);
    sessions_end(t, CLOSED_END);
    sessions_free(t);
}

#define RUN(g, ...)                                                                                      \
    do {                                                                                                 \
        const struct e events[] = {__VA_ARGS__};                                                         \
        struct limits l = limits_default();                                                              \
        run(events, sizeof events / sizeof *events, &l, (g));                                            \
    } while (0)

static void idle_time_closes(void **state)
{
    (void)state;
    struct got g;
    RUN(&g, {0, 1, NULL, 1, 0}, {1799, 2, NULL, 1, 0}, {1799 + 1801, 1, NULL, 1, 0});
    assert_int_equal(g.count, 2);
    assert_int_equal(g.s[0].closed_by, CLOSED_IDLE);
    assert_int_equal(g.s[0].requests, 2);
    assert_int_equal(g.s[1].closed_by, CLOSED_END);
}

static void the_clock_is_the_datas(void **state)
{
    (void)state;
    struct got g;
    /* somebody else's events move the watermark: the first session closes before the end */
    RUN(&g, {0, 1, NULL, 1, 0}, {1000, 1, NULL, 2, 0}, {2000, 1, NULL, 2, 0}, {3000, 1, NULL, 2, 0});
    assert_int_equal(g.count, 2);
    assert_int_equal(g.s[0].client.b[15], 1);
    assert_int_equal(g.s[0].closed_by, CLOSED_IDLE);
}

static void one_lying_stamp_closes_nobody(void **state)
{
    (void)state;
    struct got g;
    RUN(&g, {0, 1, NULL, 1, 0}, {900000000, 1, NULL, 9, 0}, {60, 2, NULL, 1, 0}, {120, 3, NULL, 1, 0});
    assert_int_equal(g.count, 2);
    assert_int_equal(g.s[0].requests, 3);
    assert_int_equal(g.s[0].closed_by, CLOSED_END);
}

static void cookie_beats_address(void **state)
{
    (void)state;
    struct got g;
    RUN(&g, {0, 1, "aaaa", 1, 0}, {5, 2, "aaaa", 2, 0}, {9, 1, "bbbb", 1, 0});
    assert_int_equal(g.count, 2);
    assert_int_equal(g.s[0].key_kind, KEY_COOKIE);
    assert_int_equal(g.s[0].clients_count, 2);
    assert_int_equal(g.s[0].requests, 2);
}

static void first_page_without_cookie_is_claimed(void **state)
{
    (void)state;
    struct got g;
    RUN(&g, {0, 1, NULL, 1, 0}, {4, 1, NULL, 1, 0}, {20, 2, "aaaa", 1, 1}, {21, 2, "bbbb", 1, 1});
    assert_int_equal(g.count, 2);
    assert_int_equal(g.s[0].requests, 2);
    assert_int_equal(g.acts[0][0].time_us, 0); /* the earliest: a longer gap speaks for a person */
    assert_int_equal(g.acts[1][0].time_us, 4 * SECOND);
    assert_int_equal(g.s[0].skipped, 0);
}

static void completed_then_new_start(void **state)
{
    (void)state;
    struct got g;
    RUN(&g, {0, 1, "aaaa", 1, 0}, {20, 2, "aaaa", 1, 1}, {60, 3, "aaaa", 1, 2}, {70, 1, "aaaa", 1, 0});
    assert_int_equal(g.count, 2);
    assert_int_equal(g.s[0].closed_by, CLOSED_COMPLETED);
    assert_int_equal(g.s[0].requests, 3);
    /* the same without a cookie is split at the close */
    RUN(&g, {0, 1, NULL, 1, 0}, {20, 2, NULL, 1, 1}, {60, 3, NULL, 1, 2}, {70, 1, NULL, 1, 0});
    assert_int_equal(g.count, 2);
    assert_int_equal(g.s[0].closed_by, CLOSED_COMPLETED);
    assert_int_equal(g.s[1].requests, 1);
    assert_int_equal(g.s[0].mixture, MIXTURE_NO);
}

static void two_people_behind_one_address(void **state)
{
    (void)state;
    struct got g;
    /* A lands and goes on; B lands while A is midway; A goes on by referer: a mixture, split */
    RUN(&g, {0, 1, NULL, 1, 0}, {20, 2, NULL, 1, 1}, {25, 1, NULL, 1, 0}, {40, 3, NULL, 1, 2},
        {50, 2, NULL, 1, 1}, {80, 3, NULL, 1, 2});
    assert_int_equal(g.count, 2);
    assert_int_equal(g.s[0].mixture, MIXTURE_SPLIT);
    assert_int_equal(g.s[0].requests, 3);
    assert_int_equal(g.s[1].requests, 3);
    assert_int_equal(g.s[0].first_us, 0);
    assert_int_equal(g.s[1].first_us, 25 * SECOND);
    assert_int_not_equal(g.s[0].id, g.s[1].id);
}

static void starting_over_is_not_a_mixture(void **state)
{
    (void)state;
    struct got g;
    RUN(&g, {0, 1, NULL, 1, 0}, {20, 2, NULL, 1, 1}, {25, 1, NULL, 1, 0}, {40, 2, NULL, 1, 1},
        {41, 1, NULL, 1, 0}, {60, 2, NULL, 1, 1});
    assert_int_equal(g.count, 1);
    assert_int_equal(g.s[0].mixture, MIXTURE_NO);
    assert_int_equal(g.s[0].requests, 6);
}

static void skipped_steps_and_retries(void **state)
{
    (void)state;
    struct got g;
    RUN(&g, {0, 1, "aaaa", 1, 0}, {5, 3, "aaaa", 1, 0}, {6, 3, "aaaa", 1, 0}, {7, 3, "aaaa", 1, 0});
    assert_int_equal(g.count, 1);
    assert_int_equal(g.s[0].skipped, 3);
    assert_int_equal(g.s[0].retries, 2);
    assert_true(g.acts[0][1].flags & ACT_SKIPPED);
    /* a session that may have begun before the log is not accused of its first step */
    RUN(&g, {0, 2, "aaaa", 1, 0}, {5, 3, "aaaa", 1, 2});
    assert_int_equal(g.s[0].skipped, 0);
    RUN(&g, {0, 1, "bbbb", 2, 0}, {1200, 2, "aaaa", 1, 0});
    assert_int_equal(g.s[1].skipped, 1);
}

static void acts_are_sorted_and_gaps_exact(void **state)
{
    (void)state;
    struct got g;
    RUN(&g, {10, 1, "aaaa", 1, 0}, {4, 2, "aaaa", 1, 0}, {7, 0, "aaaa", 1, 0}, {7, 0, "aaaa", 1, 0},
        {8, -1, "aaaa", 1, 0});
    assert_int_equal(g.s[0].first_us, 4 * SECOND);
    assert_int_equal(g.s[0].assets, 1);
    assert_int_equal(g.s[0].acts_count, 4);
    assert_int_equal(g.acts[0][0].step, 2);
    assert_int_equal(g.s[0].gaps, 3);
    assert_int_equal(g.s[0].gap_zero, 1);
    assert_int_equal(g.s[0].gap_sum_us, 6 * SECOND);
}

static uint64_t counted(const struct diags *d, enum diag_code code)
{
    for (size_t i = 0; i < d->count; i++)
        if (d->items[i].code == code)
            return d->items[i].count;
    return 0;
}

/* A session that came from many addresses and kept all of its acts is not said to have lost acts. */
static void the_bound_that_was_reached_is_named(void **state)
{
    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        struct limits l = limits_default();
        struct got g = {0};
        struct diags d = {0};
        if (kind == 0)
            l.v[LIMIT_session_acts_max] = 8;
        struct sessions *t = sessions_new(&site, &l, take, &g);
        for (int i = 0; i < 20; i++) {
            const struct e e = {i, 0, "aaaa", kind == 0 ? 1 : 1 + i, 0};
            feed(t, &e, (uint64_t)i + 1);
        }
        sessions_end(t, CLOSED_END);
        sessions_report(t, &d);
        assert_int_equal(counted(&d, DIAG_acts_truncated), kind == 0 ? 1 : 0);
        assert_int_equal(counted(&d, DIAG_clients_truncated), kind == 0 ? 0 : 1);
        assert_int_equal(counted(&d, DIAG_identities_truncated), 0);
        diags_free(&d);
        sessions_free(t);
    }
}

static void bounds_leave_marks(void **state)
{
    (void)state;
    struct limits l = limits_default();
    struct got g;
    struct e events[40];

    l.v[LIMIT_session_acts_max] = 8;
    for (int i = 0; i < 20; i++)
        events[i] = (struct e){i, 0, "aaaa", 1 + i, 0};
    run(events, 20, &l, &g);
    assert_int_equal(g.count, 1);
    assert_true(g.s[0].truncated);
    assert_int_equal(g.s[0].acts_count, 8);
    assert_int_equal(g.s[0].acts_total, 20);
    assert_int_equal(g.s[0].clients_count, 16);
    assert_true(g.s[0].clients_more);

    l = limits_default();
    l.v[LIMIT_sessions_open_max] = 10;
    for (int i = 0; i < 40; i++)
        events[i] = (struct e){i, 0, NULL, 1 + i, 0};
    run(events, 40, &l, &g);
    assert_int_equal(g.count, 40);
    int evicted = 0;
    for (int i = 0; i < g.count; i++)
        evicted += g.s[i].closed_by == CLOSED_EVICTED;
    assert_int_equal(evicted, 30);
}

/* Bookings are the posts that were not refused, but one where the step stands for every page. */
static void submissions_are_counted(void **state)
{
    static const struct e events[] = {{0, 1, "c", 1, 0},
                                      {20, 3, "c", 1, 0},
                                      {40, REFUSED, "c", 1, 0},
                                      {60, 3, "c", 1, 0},
                                      {80, 3, "c", 1, 0}};
    struct limits limits = limits_default();
    struct got g;
    (void)state;
    for (int every_page = 0; every_page < 2; every_page++) {
        uint32_t total = 0;
        steps[2].path = every_page ? STR("/form/{rest...}") : STR("/form/8");
        steps[2].completes = false;
        run(events, sizeof events / sizeof *events, &limits, &g);
        for (int i = 0; i < g.count; i++)
            total += g.s[i].submissions;
        assert_int_equal(total, every_page ? 1 : 3);
    }
    steps[2].path = STR_NONE;
    steps[2].completes = true;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(submissions_are_counted),
        cmocka_unit_test(idle_time_closes), cmocka_unit_test(the_clock_is_the_datas),
        cmocka_unit_test(one_lying_stamp_closes_nobody), cmocka_unit_test(cookie_beats_address),
        cmocka_unit_test(first_page_without_cookie_is_claimed), cmocka_unit_test(completed_then_new_start),
        cmocka_unit_test(two_people_behind_one_address), cmocka_unit_test(starting_over_is_not_a_mixture),
        cmocka_unit_test(skipped_steps_and_retries), cmocka_unit_test(acts_are_sorted_and_gaps_exact),
        cmocka_unit_test(the_bound_that_was_reached_is_named),
        cmocka_unit_test(bounds_leave_marks),
    };

    hash_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
