/* Scoring: weights, caps, the two conclusions, and the words that no text may use. */
#include <ctype.h>

#include "detectors/link.h"
#include "detectors/score.h"
#include "tests/unit/detectors_fixture.h"

struct given {
    int32_t latency, structure, identity, network, regularity;
};

static void conclude_given(const struct given *g, int sessions, bool beyond, struct cluster *c)
{
    struct reason own[3 * 64];
    uint32_t indices[64], ids[64], starts[65] = {0};
    for (int i = 0; i < sessions; i++) {
        struct reason *r = own + 3 * i;
        r[0] = (struct reason){.family = FAMILY_LATENCY, .automated = true, .bulk = true, .llr_milli = g->latency,
                               .pool_cap_milli = 1892};
        r[1] = (struct reason){.family = FAMILY_STRUCTURE, .automated = true, .bulk = true,
                               .llr_milli = g->structure, .pool_cap_milli = 1400};
        r[2] = (struct reason){.family = FAMILY_REGULARITY, .automated = true, .llr_milli = g->regularity,
                               .pool_cap_milli = 1892};
        indices[i] = ids[i] = (uint32_t)i;
        starts[i + 1] = (uint32_t)(3 * i + 3);
    }
    struct reason reasons[] = {
        {.family = FAMILY_IDENTITY, .bulk = true, .llr_milli = g->identity, .session = UINT32_MAX},
        {.family = FAMILY_NETWORK, .bulk = true, .llr_milli = g->network, .session = UINT32_MAX},
    };
    struct findings f = {.reasons = own, .session_reasons = starts};
    struct extent e = {.bookings = beyond ? 9 : 1};
    *c = (struct cluster){.sessions = ids, .sessions_count = (uint32_t)sessions, .reasons = reasons,
                          .reasons_count = 2};
    score_cluster(c, &f, indices, &e, SCORE_BULK_PERSONS);
    c->reasons = NULL;
}

static const struct {
    const char *what;
    struct given given;
    int sessions;
    bool beyond, automated, bulk;
} rows[] = {
    {"nothing", {0, 0, 0, 0, 0}, 3, true, false, false},
    {"one instant form", {700, 0, 0, 0, 0}, 1, true, false, false},
    {"three sessions of instant forms", {700, 0, 0, 0, 0}, 3, true, true, false},
    {"identity alone, as much as there can be", {0, 0, 1400, 477, 0}, 30, true, false, false},
    {"identity with human timing", {-800, -600, 1400, 477, 0}, 30, true, false, false},
    {"latency and identity", {700, 0, 900, 0, 0}, 5, true, true, true},
    {"the same for one person", {700, 0, 900, 0, 0}, 5, false, true, false},
    {"latency and structure", {700, 1000, 0, 0, 0}, 5, true, true, true},
    {"latency and a weak identity", {700, 0, 400, 477, 0}, 5, true, true, false},
    {"a browser is driven: pages fetched, one mailbox", {1892, -1000, 1400, 0, 0}, 12, true, true, true},
    {"regularity is no family of bulk", {0, 0, 1400, 477, 1892}, 5, true, true, false},
    {"network is no family of bulk", {700, 0, 0, 477, 0}, 9, true, true, false},
};

static void each_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cluster c;
        conclude_given(&rows[i].given, rows[i].sessions, rows[i].beyond, &c);
        if (c.automated.concluded != rows[i].automated || c.bulk.concluded != rows[i].bulk)
            fail_msg("%s: automated %d, bulk %d", rows[i].what, c.automated.llr_milli, c.bulk.llr_milli);
    }
}

/* 77 measured people support a ratio of 78 at most, however many sessions add up. */
static void no_family_exceeds_its_cap(void **state)
{
    (void)state;
    for (int n = 1; n <= 64; n++) {
        struct given g = {1892, 1000, 1400, 477, 1892};
        struct cluster c;
        conclude_given(&g, n, true, &c);
        for (int f = 0; f < FAMILY_COUNT; f++) {
            assert_true(c.automated.family_llr_milli[f] <= SCORE_CAP_MILLI);
            assert_true(c.bulk.family_llr_milli[f] <= SCORE_CAP_MILLI);
        }
        assert_true(c.bulk.llr_milli <= SCORE_TOTAL_CAP_MILLI);
        assert_true(c.automated.llr_milli <= SCORE_TOTAL_CAP_MILLI);
        assert_int_equal(c.bulk.level, level_of(c.bulk.llr_milli));
    }
}

/* The rule of the bundle by hand: 3 sessions of latency 700, structure 1000, regularity -800. */
static void a_total_is_what_the_rule_says(void **state)
{
    (void)state;
    struct given g = {700, 1000, 900, 400, -800};
    struct cluster c;
    conclude_given(&g, 3, true, &c);
    assert_int_equal(c.automated_sums[FAMILY_LATENCY].sessions_milli, 2100);
    assert_int_equal(c.automated.family_llr_milli[FAMILY_LATENCY], 1892);
    assert_int_equal(c.automated.family_llr_milli[FAMILY_STRUCTURE], 1400);
    assert_int_equal(c.automated.family_llr_milli[FAMILY_REGULARITY], -2400);
    assert_true(c.automated_sums[FAMILY_REGULARITY].tested);
    assert_int_equal(c.automated.llr_milli, 1892 + 980 - 600);
    assert_int_equal(c.bulk_sums[FAMILY_IDENTITY].group_milli, 900);
    assert_false(c.bulk_sums[FAMILY_REGULARITY].tested);
    assert_int_equal(c.bulk.llr_milli, 1513 + 980 + 120 + 720);
}

/* Nobody who booked nothing has any support for bulk booking, not even a weak one. */
static void without_a_booking_bulk_is_not_tested(void **state)
{
    (void)state;
    struct reason own[] = {
        {.family = FAMILY_STRUCTURE, .automated = true, .bulk = true, .llr_milli = 1400, .pool_cap_milli = 1400},
        {.family = FAMILY_IDENTITY, .bulk = true, .llr_milli = 1400, .pool_cap_milli = 1400}};
    uint32_t index = 0, starts[] = {0, 2};
    struct findings f = {.reasons = own, .session_reasons = starts};
    struct extent e = {.persons = 9};
    struct cluster c = {.sessions = &index, .sessions_count = 1};
    score_cluster(&c, &f, &index, &e, SCORE_BULK_PERSONS);
    assert_false(c.bulk.tested || c.bulk.concluded);
    assert_int_equal(c.bulk.llr_milli, 0);
    assert_int_equal(c.bulk.level, LEVEL_NONE);
    assert_true(c.automated.tested);
}

static void weights_are_within_bounds(void **state)
{
    (void)state;
    for (int f = 0; f < FAMILY_COUNT; f++) {
        assert_in_range(score_weights[f].automated_permille, 0, 1000);
        assert_in_range(score_weights[f].bulk_permille, 0, 1000);
        assert_in_range(score_weights[f].against_permille, 0, 1000);
        assert_true(score_weights[f].least_milli <= 0);
    }
    for (size_t i = 0; i < detectors_count; i++)
        assert_true(score_has_factors(detectors[i]->family));
    assert_int_equal(score_weights[FAMILY_REGULARITY].bulk_permille, 0);
    assert_int_equal(score_weights[FAMILY_NETWORK].automated_permille, 0);
}

/* ---- texts ---- */

static bool has_word(const char *text, const char *word)
{
    size_t n = strlen(word);
    for (const char *p = text; *p != '\0'; p++) {
        size_t i = 0;
        while (i < n && p[i] != '\0' && tolower((unsigned char)p[i]) == word[i])
            i++;
        bool starts = p == text || !isalpha((unsigned char)p[-1]);
        if (i == n && starts && !isalpha((unsigned char)p[n]))
            return true;
    }
    return false;
}

static void check_text(const char *where, struct text t)
{
    static const char *const never[] = {"proves",  "proof that", "guilty", "fraudster", "fraud",    "criminal", "crook",
                                        "offender", "prouve",    "coupable", "fraudeur", "escroc",  "criminel",
                                        "delinquant", "certainly", "certainement", "botnet", "suspect"};
    for (int l = 0; l < LANG_COUNT; l++) {
        if (t.in[l] == NULL || t.in[l][0] == '\0')
            fail_msg("%s: no text", where);
        assert_true(str_utf8_valid(str_of(t.in[l])));
        for (size_t i = 0; i < sizeof never / sizeof *never; i++)
            if (has_word(t.in[l], never[i]))
                fail_msg("%s: \"%s\" in: %s", where, never[i], t.in[l]);
    }
    assert_string_not_equal(t.in[LANG_EN], t.in[LANG_FR]);
}

static void descriptors_are_complete(void **state)
{
    (void)state;
    assert_true(detectors_count >= 5);
    for (size_t i = 0; i < detectors_count; i++) {
        const struct detector *d = detectors[i];
        assert_ptr_equal(detector_find(str_of(d->name)), d);
        assert_true(d->version >= 1 && (d->automated || d->bulk) && (d->session != NULL || d->cluster != NULL));
        assert_in_range(d->cap_milli, 1, SCORE_CAP_MILLI);
        assert_non_null(d->null_model);
        assert_true(d->params_count <= DETECT_PARAMS_MAX);
        check_text(d->name, d->title);
        check_text(d->name, d->rule);
        check_text(d->name, d->innocent);
        check_text(d->name, d->limits);
        for (size_t k = 0; k < d->params_count; k++) {
            const struct detector_param *p = &d->params[k];
            check_text(p->name, p->what);
            assert_true(p->min <= p->value && p->value <= p->max && p->unit[0] != '\0');
        }
    }
    check_text("scoring", scoring_title);
    check_text("scoring", scoring_text);
    for (size_t i = 0; i < score_params_count; i++)
        check_text(score_params[i].name, score_params[i].what);
    assert_null(detector_find(STR("form-latenc")));
    assert_null(detector_find(STR("")));
    for (size_t i = 0; i < link_kinds_count; i++)
        check_text(link_kinds[i].name, link_kinds[i].what);
}

/* Everything that is said of a crowd with every kind of reason. */
static void what_is_said_names_no_offence(void **state)
{
    (void)state;
    for (int pass = 0; pass < 2; pass++) {
        struct world *w = world_new(pass == 0 ? 1000 : 1000000);
        struct conclude *c = conclude_new(&w->site, &w->settings);
        static const char *const mails[] = {"dossier1@x.fr", "dossier2@x.fr", "dossier3@x.fr", "dossier3@x.fr",
                                            "dossier3@x.fr", "dossier3@x.fr"};
        for (int i = 0; i < 12; i++) {
            struct session *s = session_make(w, "192.0.2.1", "A", NULL);
            if (i % 2 == 0)
                robot_booking(w, s, T0 + i * 1000 * SECOND);
            else
                human_booking(w, s, T0 + i * 1000 * SECOND);
            identity_add(s, IDENTITY_EMAIL, mails[i % 6]);
            session_close(s);
            conclude_session(c, s);
        }
        const struct findings *f = conclude_now(c);
        assert_true(f->clusters_count > 0);
        for (uint32_t i = 0; i < f->clusters_count; i++) {
            const struct cluster *k = &f->clusters[i];
            for (uint32_t n = 0; n < k->reasons_count; n++)
                check_text(k->reasons[n].detector->name, k->reasons[n].says);
            for (uint32_t n = 0; n < k->hypotheses_count; n++) {
                check_text(k->hypotheses[n].id, k->hypotheses[n].name);
                check_text(k->hypotheses[n].id, k->hypotheses[n].expected);
                check_text(k->hypotheses[n].id, k->hypotheses[n].observed);
            }
            for (uint32_t n = 0; n < k->limits_count; n++)
                check_text(k->limit_codes[n], k->limits[n]);
        }
        for (uint32_t i = 0; i < f->not_testable_count; i++)
            check_text(f->not_testable[i].detector->name, f->not_testable[i].why);
        conclude_free(c);
        world_free(w);
    }
}

int main(void)
{
    hash_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row),
        cmocka_unit_test(no_family_exceeds_its_cap),
        cmocka_unit_test(a_total_is_what_the_rule_says),
        cmocka_unit_test(without_a_booking_bulk_is_not_tested),
        cmocka_unit_test(weights_are_within_bounds),
        cmocka_unit_test(descriptors_are_complete),
        cmocka_unit_test(what_is_said_names_no_offence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
