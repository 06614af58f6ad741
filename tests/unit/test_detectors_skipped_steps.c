/* skipped-steps: forms without their page, with every ordinary reason for it excused. */
#include "tests/unit/detectors_fixture.h"

static struct session_result result_of(struct world *w, struct session *s)
{
    struct conclude *c = conclude_new(&w->site, &w->settings);
    session_close(s);
    conclude_session(c, s);
    struct session_result r = conclude_session_result(c, s);
    conclude_free(c);
    return r;
}

static const struct {
    const char *what;
    int steps[10];
    int skipped; /* as the session table counted it */
    int sign;
} rows[] = {
    {"a whole booking", {HOME, HOME_POST, PLANNING, CAPTCHA, CAPTCHA_POST, FORM, FORM_POST}, 0, -1},
    {"posts only", {HOME, HOME_POST, CAPTCHA_POST, FORM_POST}, 0, 1},
    {"the first act is excused", {CAPTCHA_POST, FORM, FORM_POST}, 0, -1},
    {"one form of three", {HOME, HOME_POST, CAPTCHA, CAPTCHA_POST, FORM_POST}, 0, 1},
    {"the form came back in the answer", {HOME, FORM, FORM_POST, FORM_POST, FORM_POST}, 0, -1},
    {"entered in the middle twice", {PLANNING, FORM}, 2, 1},
    {"the link of a confirmation message", {ACCEPTED, ACCEPTED}, 2, 0},
    {"entered in the middle once: a bookmark", {PLANNING}, 1, 0},
    {"no form at all", {HOME, PLANNING, PLANNING}, 0, 0},
};

static void each_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world *w = world_new(1000);
        struct session *s = session_make(w, "192.0.2.1", "A", NULL);
        int64_t now = T0;
        for (int k = 0; k < 10 && rows[i].steps[k] != 0; k++)
            act_after(w, s, rows[i].steps[k], 20 * SECOND, &now);
        s->skipped = (uint32_t)rows[i].skipped;
        for (int k = 0; k < rows[i].skipped; k++)
            s->acts[k].flags |= ACT_SKIPPED;
        s->assets = 9;
        int32_t llr = result_of(w, s).automated.family_llr_milli[FAMILY_STRUCTURE];
        if ((llr > 0) - (llr < 0) != rows[i].sign)
            fail_msg("%s: %d", rows[i].what, llr);
        world_free(w);
    }
}

static void it_is_weak_alone(void **state)
{
    (void)state;
    struct world *w = world_new(1000);
    struct session *s = session_make(w, "192.0.2.1", "A", NULL);
    int64_t now = T0;
    static const int posts[] = {HOME_POST, CAPTCHA_POST, FORM_POST};
    for (int i = 0; i < 60; i++)
        act_after(w, s, posts[i % 3], (3 + world_random(w, 60)) * SECOND, &now);
    struct session_result r = result_of(w, s);
    assert_false(r.automated.concluded);
    assert_false(r.bulk.concluded);
    assert_true(r.automated.family_llr_milli[FAMILY_STRUCTURE] <= 1000);
    world_free(w);
}

static void a_mixture_is_not_tested(void **state)
{
    (void)state;
    for (int kind = 1; kind < 3; kind++) {
        struct world *w = world_new(1000);
        struct session *s = session_make(w, "192.0.2.1", "A", NULL);
        int64_t now = T0;
        act_after(w, s, HOME, 0, &now);
        act_after(w, s, CAPTCHA_POST, 20 * SECOND, &now);
        act_after(w, s, FORM_POST, 20 * SECOND, &now);
        s->mixture = kind == 1 ? MIXTURE_MARKED : MIXTURE_SPLIT;
        assert_int_equal(result_of(w, s).automated.family_llr_milli[FAMILY_STRUCTURE], 0);
        world_free(w);
    }
}

/* One form posted again and again for other people, its page never fetched: in a session of which
 * only the first acts were kept as well.  With the page once, or for one person, it says little. */
static void one_form_for_many_people(void **state)
{
    (void)state;
    static const struct {
        bool page, people;
        int32_t least, most;
    } cases[] = {{false, true, 1400, 1400}, {true, true, -300, -300}, {false, false, 700, 700}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct world *w = world_new(1000);
        struct session *s = session_make(w, "192.0.2.1", "A", "a-cookie");
        int64_t now = T0;
        act_after(w, s, cases[k].page ? FORM : HOME, 0, &now);
        for (int i = 0; i < 12; i++) {
            act_after(w, s, FORM_POST, 20 * SECOND, &now);
            if (cases[k].people || i == 0)
                identity_add(s, IDENTITY_EMAIL, arena_printf(&w->a, "p%d.of.%d@x.fr", i, i * 77).p);
        }
        s->truncated = true;
        int32_t llr = result_of(w, s).automated.family_llr_milli[FAMILY_STRUCTURE];
        if (llr < cases[k].least || llr > cases[k].most)
            fail_msg("case %zu: %d", k, llr);
        world_free(w);
    }
}

/* The same session without assets, in a log where people load them, on an address of its own or a busy one,
 * and in a log that has none. */
static void missing_assets_need_a_first_visit(void **state)
{
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        struct world *w = world_new(1000);
        struct conclude *c = conclude_new(&w->site, &w->settings);
        for (int i = 0; i < 10; i++) {
            struct session *s = session_make(w, "198.51.100.1", "B", NULL);
            human_booking(w, s, T0);
            s->assets = kind == 2 ? 0 : 12;
            session_close(s);
            conclude_session(c, s);
        }
        struct session *bare = session_make(w, kind == 1 ? "198.51.100.1" : "192.0.2.1", "A",
                                            "a-cookie-of-its-own"); /* else it is not kept */
        human_booking(w, bare, T0);
        bare->assets = 0;
        session_close(bare);
        conclude_session(c, bare);
        const struct findings *f = conclude_now(c);
        const struct reason *r = reason_of(f, bare->id, FAMILY_STRUCTURE);
        bool found = r != NULL && r->llr_milli > 0;
        for (uint32_t i = 0; i < f->reasons_count; i++)
            found |= f->reasons[i].session == bare->id && f->reasons[i].family == FAMILY_STRUCTURE &&
                     f->reasons[i].llr_milli > 0;
        assert_true(found == (kind == 0));
        conclude_free(c);
        world_free(w);
    }
}

int main(void)
{
    hash_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row),
        cmocka_unit_test(it_is_weak_alone),
        cmocka_unit_test(a_mixture_is_not_tested),
        cmocka_unit_test(one_form_for_many_people),
        cmocka_unit_test(missing_assets_need_a_first_visit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
