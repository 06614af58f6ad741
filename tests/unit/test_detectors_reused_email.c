/* reused-email: what counts as reuse, what is a correction or a family, and numbered mailboxes. */
#include "detectors/identities.h"
#include "tests/unit/detectors_fixture.h"

static const struct {
    const char *mail;
    bool ok;
    const char *stem, *domain;
    uint32_t counter;
} stems[] = {
    {"jean.dupont07@x.fr", true, "jean.dupont", "x.fr", 7},
    {"jean.dupont_12@x.fr", true, "jean.dupont", "x.fr", 12},
    {"dossier-000001@x.fr", true, "dossier", "x.fr", 1},
    {"jean@x.fr", false, "", "", 0},
    {"1234@x.fr", false, "", "", 0},
    {"ab1@x.fr", false, "", "", 0},
    {"abc1234567@x.fr", false, "", "", 0},
    {"abc12", false, "", "", 0},
    {"abc12@", false, "", "", 0},
    {"@x.fr", false, "", "", 0},
    {"", false, "", "", 0},
};

static void stems_and_counters(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof stems / sizeof *stems; i++) {
        struct mail_stem s;
        assert_true(mail_stem_of(str_of(stems[i].mail), &s) == stems[i].ok);
        if (!stems[i].ok)
            continue;
        assert_true(str_eq(s.stem, str_of(stems[i].stem)));
        assert_true(str_eq(s.domain, str_of(stems[i].domain)));
        assert_int_equal(s.counter, stems[i].counter);
    }
}

struct given {
    const char *mail, *agdref;
    bool booked;
};

static const struct findings *scene(struct world *w, struct conclude **c, const struct given *g, size_t n)
{
    *c = conclude_new(&w->site, &w->settings);
    for (size_t i = 0; i < n; i++) {
        struct session *s = session_make(w, "203.0.113.1", "A", NULL);
        int64_t now = T0 + (int64_t)i * 3600 * SECOND;
        act_after(w, s, FORM, 0, &now);
        act_after(w, s, g[i].booked ? FORM_POST : CAPTCHA, 60 * SECOND, &now);
        identity_add(s, IDENTITY_EMAIL, g[i].mail);
        if (g[i].agdref != NULL)
            identity_add(s, IDENTITY_AGDREF, g[i].agdref);
        session_close(s);
        conclude_session(*c, s);
    }
    return conclude_now(*c);
}

static const struct reason *identity_reason(const struct findings *f)
{
    return f->clusters_count > 0 ? cluster_reason(&f->clusters[0], FAMILY_IDENTITY) : NULL;
}

static int64_t input(const struct reason *r, const char *name)
{
    for (uint8_t i = 0; i < r->inputs_count; i++)
        if (strcmp(r->inputs[i].name, name) == 0)
            return r->inputs[i].value;
    return -1;
}

static void one_mailbox_for_four_people(void **state)
{
    (void)state;
    static const struct given given[] = {{"m@x.fr", "1111111111", true}, {"m@x.fr", "2222222222", true},
                                         {"m@x.fr", "3333333333", true}, {"m@x.fr", "4444444444", false}};
    struct world *w = world_new(1000);
    struct conclude *c;
    const struct findings *f = scene(w, &c, given, 4);
    const struct reason *r = found(identity_reason(f));
    assert_int_equal(input(r, "bookings"), 3);
    assert_int_equal(input(r, "persons"), 4);
    assert_int_equal(input(r, "spellings"), 1);
    assert_int_equal(input(r, "limit"), 1);
    assert_true(str_eq(r->subject, STR("m@x.fr")));
    assert_int_equal(r->llr_milli, 800); /* two doublings beyond the limit */
    assert_false(f->clusters[0].bulk.concluded);
    conclude_free(c);
    world_free(w);
}

/* An anxious person who comes back every day and never gets a slot. */
static void coming_back_is_no_reuse(void **state)
{
    (void)state;
    struct given given[20];
    for (int i = 0; i < 20; i++)
        given[i] = (struct given){"own@x.fr", "1111111111", i == 19};
    struct world *w = world_new(1000);
    struct conclude *c;
    const struct findings *f = scene(w, &c, given, 20);
    assert_null(identity_reason(f));
    conclude_free(c);
    world_free(w);
}

static void within_the_posted_limit_nothing_is_said(void **state)
{
    (void)state;
    static const struct given given[] = {{"m@x.fr", NULL, true}, {"m@x.fr", NULL, true}};
    struct world *w = world_new(1000);
    struct conclude *c;
    w->site.booking_limit = 2;
    assert_null(identity_reason(scene(w, &c, given, 2)));
    conclude_free(c);
    w->site.booking_limit = 0; /* none posted: the parameter's 3 */
    assert_null(identity_reason(scene(w, &c, given, 2)));
    conclude_free(c);
    w->site.booking_limit = 1;
    assert_non_null(identity_reason(scene(w, &c, given, 2)));
    conclude_free(c);
    world_free(w);
}

static int32_t session_identity(struct world *w, const char *const *mails, size_t n)
{
    struct session *s = session_make(w, "203.0.113.1", "A", "cookie-of-one-session");
    act_at(w, s, FORM_POST, T0);
    for (size_t i = 0; i < n; i++)
        identity_add(s, IDENTITY_EMAIL, mails[i]);
    session_close(s);
    struct conclude *c = conclude_new(&w->site, &w->settings);
    conclude_session(c, s);
    int32_t llr = conclude_session_result(c, s).bulk.family_llr_milli[FAMILY_IDENTITY];
    conclude_free(c);
    return llr;
}

static void several_people_on_one_session(void **state)
{
    (void)state;
    static const char *const typos[] = {"marie.durand@x.fr", "marie.durnad@x.fr", "mari.durand@x.fr"};
    static const char *const people[] = {"marie.durand@x.fr", "omar.sy.other@y.fr", "li.wei.third@z.fr",
                                         "ana.lima.fourth@q.fr"};
    struct world *w = world_new(1000);
    assert_int_equal(session_identity(w, typos, 3), 0);
    assert_int_equal(session_identity(w, people, 2), 0);
    assert_int_equal(session_identity(w, people, 4), 800);
    world_free(w);
}

/* Six bookings in one session are six, and a refused one is none. */
static void bookings_are_submissions(void **state)
{
    (void)state;
    for (int refused = 0; refused < 2; refused++) {
        struct world *w = world_new(1000);
        struct session *s = session_make(w, "203.0.113.1", "A", NULL);
        for (int i = 0; i < 6; i++) {
            act_at(w, s, FORM, T0 + 40 * i * SECOND);
            act_at(w, s, FORM_POST, T0 + (40 * i + 30) * SECOND);
            if (refused)
                s->acts[s->acts_count - 1].status = 403;
        }
        identity_add(s, IDENTITY_EMAIL, "m@x.fr");
        session_close(s);
        struct conclude *c = conclude_new(&w->site, &w->settings);
        conclude_session(c, s);
        const struct reason *r = reason_of(conclude_now(c), s->id, FAMILY_IDENTITY);
        assert_true((r == NULL) == (refused == 1));
        if (r != NULL)
            assert_int_equal(input(r, "bookings"), 6);
        conclude_free(c);
        world_free(w);
    }
}

int main(void)
{
    hash_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stems_and_counters),
        cmocka_unit_test(one_mailbox_for_four_people),
        cmocka_unit_test(coming_back_is_no_reuse),
        cmocka_unit_test(within_the_posted_limit_nothing_is_said),
        cmocka_unit_test(several_people_on_one_session),
        cmocka_unit_test(bookings_are_submissions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
