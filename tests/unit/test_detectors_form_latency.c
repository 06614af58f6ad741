/* form-latency: what is below the floor, what cannot be, and how every doubt speaks for the person. */
#include "tests/unit/detectors_fixture.h"

struct row {
    const char *what;
    uint32_t resolution_us;
    uint8_t meaning;
    int64_t gap_us;       /* page to post */
    int64_t page_us, post_us; /* durations, -1 not logged */
    int forms;            /* page and post pairs in the session */
    int sign;             /* of the family's result */
    int64_t tier;         /* expected input of the reason; -1 no positive reason */
};

/* forms: only the identity form, posted again and again after fetching it again */
static struct session *form_session(struct world *w, const struct row *r)
{
    struct session *s = session_make(w, "192.0.2.1", "A", NULL);
    int64_t now = T0;
    for (int i = 0; i < r->forms; i++) {
        act_after(w, s, FORM, 20 * SECOND, &now);
        if (r->page_us >= 0)
            s->acts[s->acts_count - 1].duration_us = (uint32_t)r->page_us;
        act_after(w, s, FORM_POST, r->gap_us, &now);
        if (r->post_us >= 0)
            s->acts[s->acts_count - 1].duration_us = (uint32_t)r->post_us;
    }
    session_close(s);
    return s;
}

static const struct row rows[] = {
    {"instant, milliseconds", 1000, TIME_MEANS_REQUEST_START, 80 * MS, -1, -1, 4, 1, 0},
    {"exactly the floor with its resolution", 1000, TIME_MEANS_REQUEST_START, 499 * MS, -1, -1, 4, 1, 0},
    {"just above the floor", 1000, TIME_MEANS_REQUEST_START, 500 * MS, -1, -1, 4, 1, 1},
    {"auto-fill or automation", 1000, TIME_MEANS_REQUEST_START, 1500 * MS, -1, -1, 4, 1, 2},
    {"a person", 1000, TIME_MEANS_REQUEST_START, 15 * SECOND, -1, -1, 4, -1, -1},
    {"the answer of the page took longer than the gap shows", 1000, TIME_MEANS_REQUEST_START, 700 * MS, 300 * MS, -1,
     4, 1, 0},
    {"stamps at the end: the post began before its stamp", 1000, TIME_MEANS_LOG_WRITE, 900 * MS, -1, 500 * MS, 4, 1, 0},
    {"stamps at the end: the page's duration is over already", 1000, TIME_MEANS_LOG_WRITE, 900 * MS, 500 * MS, -1, 4,
     1, 1},
    {"meaning unknown: durations are not used", 1000, TIME_MEANS_UNKNOWN, 900 * MS, 500 * MS, 500 * MS, 4, 1, 1},
    {"same second, stamps to the second", 1000000, TIME_MEANS_REQUEST_START, 0, -1, -1, 4, 1, 1},
    {"next second, stamps to the second", 1000000, TIME_MEANS_REQUEST_START, SECOND, -1, -1, 4, 1, 2},
    {"3 s, stamps to the second", 1000000, TIME_MEANS_REQUEST_START, 3 * SECOND, -1, -1, 4, -1, -1},
};

static void each_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world *w = world_new(rows[i].resolution_us);
        w->time_meaning = rows[i].meaning;
        struct conclude *c = conclude_new(&w->site, &w->settings);
        const struct session *s = form_session(w, &rows[i]);
        conclude_session(c, s);
        const struct findings *f = conclude_now(c);
        int32_t llr = conclude_session_result(c, s).automated.family_llr_milli[FAMILY_LATENCY];
        if ((llr > 0) - (llr < 0) != rows[i].sign)
            fail_msg("%s: llr %d", rows[i].what, llr);
        const struct reason *r = reason_of(f, 0, FAMILY_LATENCY);
        for (uint32_t k = 0; k < f->reasons_count; k++) /* every place of a sentence has its value */
            assert_null(strchr(f->reasons[k].says.in[LANG_FR], '{'));
        int64_t tier = -1;
        if (r != NULL && r->llr_milli > 0)
            tier = r->inputs[3].value;
        if (tier != rows[i].tier)
            fail_msg("%s: tier %d", rows[i].what, (int)tier);
        conclude_free(c);
        world_free(w);
    }
}

static int32_t latency_of(struct world *w, struct session *s)
{
    struct conclude *c = conclude_new(&w->site, &w->settings);
    session_close(s);
    conclude_session(c, s);
    int32_t llr = conclude_session_result(c, s).automated.family_llr_milli[FAMILY_LATENCY];
    conclude_free(c);
    return llr;
}

/* One session without a form says nothing of a run in which another one could be tested. */
static void not_testable_is_said_when_no_session_could_be_tested(void **state)
{
    (void)state;
    for (int with_form = 0; with_form < 2; with_form++) {
        struct world *w = world_new(1000);
        struct conclude *c = conclude_new(&w->site, &w->settings);
        struct session *bare = session_make(w, "192.0.2.1", "A", "cookie-one-of-a-session");
        int64_t now = T0;
        act_after(w, bare, ACCEPTED, 0, &now);
        act_after(w, bare, HOME_POST, 30 * SECOND, &now);
        w->steps[HOME - 1].method = STR("HEAD"); /* no page of the form is known */
        w->steps[HOME_POST - 1].needs_before = false;
        session_close(bare);
        conclude_session(c, bare);
        if (with_form == 1) {
            struct session *s = session_make(w, "192.0.2.2", "A", "cookie-two-of-a-session");
            act_after(w, s, FORM, SECOND, &now);
            act_after(w, s, FORM_POST, 40 * SECOND, &now);
            session_close(s);
            conclude_session(c, s);
        }
        const struct findings *f = conclude_now(c);
        uint32_t notes = 0;
        for (uint32_t i = 0; i < f->not_testable_count; i++)
            notes += strcmp(f->not_testable[i].detector->name, "form-latency") == 0;
        assert_int_equal(notes, with_form == 0 ? 1 : 0);
        conclude_free(c);
        world_free(w);
    }
}

/* DETECTION section 2: with stamps to the second a gap of 0 is never below the floor. */
static void a_zero_second_gap_is_never_impossible(void **state)
{
    (void)state;
    struct world *w = world_new(1000000);
    struct session *s = session_make(w, "192.0.2.1", "A", NULL);
    int64_t now = T0;
    act_after(w, s, FORM, 0, &now);
    act_after(w, s, FORM_POST, 0, &now);
    int32_t llr = latency_of(w, s);
    assert_in_range(llr, 1, 400);
    world_free(w);
}

static void a_double_click_is_no_second_form(void **state)
{
    (void)state;
    struct world *w = world_new(1000);
    struct session *s = session_make(w, "192.0.2.1", "A", NULL);
    int64_t now = T0;
    act_after(w, s, FORM, 0, &now);
    act_after(w, s, FORM_POST, 30 * SECOND, &now);
    act_after(w, s, FORM_POST, 150 * MS, &now);
    act_after(w, s, FORM_POST, 150 * MS, &now);
    assert_true(latency_of(w, s) < 0);
    world_free(w);
}

static void a_click_only_page_has_its_own_floor(void **state)
{
    (void)state;
    static const struct {
        int64_t gap;
        int sign;
    } clicks[] = {{100 * MS, 1}, {350 * MS, -1}};
    for (int i = 0; i < 2; i++) {
        struct world *w = world_new(1000);
        struct session *s = session_make(w, "192.0.2.1", "A", NULL);
        int64_t now = T0;
        act_after(w, s, HOME, 0, &now);
        act_after(w, s, HOME_POST, clicks[i].gap, &now);
        int32_t llr = latency_of(w, s);
        assert_int_equal((llr > 0) - (llr < 0), clicks[i].sign);
        world_free(w);
    }
}

static void a_marked_mixture_is_never_timed(void **state)
{
    (void)state;
    struct world *w = world_new(1000);
    struct session *s = robot_booking(w, session_make(w, "192.0.2.1", "A", NULL), T0);
    s->mixture = MIXTURE_MARKED;
    assert_int_equal(latency_of(w, s), 0);
    world_free(w);
}

/* A profile without knowledge names no page: a post may be the page's own. */
static void without_a_known_page_nothing_is_timed(void **state)
{
    (void)state;
    struct world *w = world_new(1000);
    w->steps[0] = (struct site_step){.name = STR("post"), .method = STR("POST"), .path = STR("/{rest...}"),
                                     .meaning = MEANING_SUBMITTED, .order = 1, .decision = true};
    w->site.steps_count = 1;
    struct session *s = session_make(w, "192.0.2.1", "A", NULL);
    int64_t now = T0;
    act_after(w, s, 0, 0, &now);
    act_after(w, s, 1, 50 * MS, &now);
    assert_int_equal(latency_of(w, s), 0);
    world_free(w);
}

/* A post whose page was never fetched has no latency: not even from the post before it. */
static void only_its_own_page_starts_the_clock(void **state)
{
    (void)state;
    struct world *w = world_new(1000);
    struct session *s = session_make(w, "192.0.2.1", "A", "a-cookie");
    int64_t now = T0;
    act_after(w, s, HOME, 0, &now);
    act_after(w, s, HOME_POST, 50 * MS, &now);
    act_after(w, s, CAPTCHA_POST, 50 * MS, &now); /* neither of these two pages was fetched */
    act_after(w, s, FORM_POST, 30 * MS, &now);
    session_close(s);
    struct conclude *c = conclude_new(&w->site, &w->settings);
    conclude_session(c, s);
    const struct reason *r = found(reason_of(conclude_now(c), s->id, FAMILY_LATENCY));
    assert_int_equal(r->n, 1);
    assert_true(r->llr_milli <= 700);
    for (uint8_t i = 0; i < r->inputs_count; i++)
        if (strcmp(r->inputs[i].name, "shortest_us") == 0)
            assert_int_equal(r->inputs[i].value, 51 * MS);
    conclude_free(c);
    world_free(w);
}

static void caps_hold_whatever_the_count(void **state)
{
    (void)state;
    struct world *w = world_new(1000);
    struct row r = {"", 1000, TIME_MEANS_REQUEST_START, 80 * MS, -1, -1, 1, 1, 0};
    for (r.forms = 1; r.forms < 100; r.forms += 7) {
        struct session *s = form_session(w, &r);
        struct conclude *c = conclude_new(&w->site, &w->settings);
        conclude_session(c, s);
        const struct findings *f = conclude_now(c);
        const struct reason *reason = found(reason_of(f, s->id, FAMILY_LATENCY));
        assert_true(reason->llr_milli <= (r.forms < 3 ? 700 : 1892));
        assert_true(reason->llr_milli <= reason->cap_milli);
        assert_true(reason->acts_count >= 2 && reason->acts[1] < s->acts_count);
        conclude_free(c);
    }
    world_free(w);
}

int main(void)
{
    hash_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row),
        cmocka_unit_test(not_testable_is_said_when_no_session_could_be_tested),
        cmocka_unit_test(a_zero_second_gap_is_never_impossible),
        cmocka_unit_test(a_double_click_is_no_second_form),
        cmocka_unit_test(a_click_only_page_has_its_own_floor),
        cmocka_unit_test(a_marked_mixture_is_never_timed),
        cmocka_unit_test(without_a_known_page_nothing_is_timed),
        cmocka_unit_test(only_its_own_page_starts_the_clock),
        cmocka_unit_test(caps_hold_whatever_the_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
