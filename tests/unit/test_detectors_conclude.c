/* From sessions to findings: the four archetypes, determinism, bounds, and what is written. */
#include <stdio.h>
#include <stdlib.h>

#include "analyzer/base/json.h"
#include "tests/unit/detectors_fixture.h"

enum { MANY = 400 };

struct crowd {
    struct world *w;
    struct session *list[MANY];
    uint32_t n;
};

static struct crowd crowd_new(uint32_t resolution_us)
{
    return (struct crowd){.w = world_new(resolution_us)};
}

static void crowd_add(struct crowd *c, struct session *s)
{
    assert_true(c->n < MANY);
    session_close(s);
    c->list[c->n++] = s;
}

static const char *text(struct crowd *c, const char *format, int a, int b)
{
    char line[128];
    /* the formats are literals of this file */
    _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wformat-nonliteral\"")
    int n = snprintf(line, sizeof line, format, a, b);
    _Pragma("GCC diagnostic pop")
    return arena_cstr(&c->w->a, (struct str){line, n});
}

/* People who have nothing to do with it. */
static void add_strangers(struct crowd *c, int n)
{
    for (int i = 0; i < n; i++) {
        struct session *s = session_make(c->w, text(c, "198.51.%d.%d", i / 200, i % 200 + 1),
                                         text(c, "agent %d", i % 9, 0), NULL);
        human_booking(c->w, s, T0 + i * 77 * SECOND);
        identity_add(s, IDENTITY_EMAIL, text(c, "person.%d.of.%d@example.net", i, i * 31));
        crowd_add(c, s);
    }
}

static const struct findings *conclude_all(struct crowd *crowd, struct conclude **c)
{
    *c = conclude_new(&crowd->w->site, &crowd->w->settings);
    for (uint32_t i = 0; i < crowd->n; i++)
        conclude_session(*c, crowd->list[i]);
    return conclude_now(*c);
}

static uint32_t concluded(const struct findings *f, bool bulk)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < f->clusters_count; i++)
        n += bulk ? f->clusters[i].bulk.concluded : f->clusters[i].automated.concluded;
    return n;
}

static void crowd_free(struct crowd *crowd, struct conclude *c)
{
    conclude_free(c);
    world_free(crowd->w);
}

static void an_office_is_innocent(void **state)
{
    (void)state;
    for (int pass = 0; pass < 2; pass++) {
        struct crowd crowd = crowd_new(pass == 0 ? 1000 : 1000000);
        struct conclude *c;
        for (int i = 0; i < 15; i++) {
            struct session *s = session_make(crowd.w, "203.0.113.7", text(&crowd, "agent %d", i % 6, 0), NULL);
            human_booking(crowd.w, s, T0 + i * 300 * SECOND);
            identity_add(s, IDENTITY_EMAIL, text(&crowd, "colleague%d@firm%d.example", i * 7, i));
            crowd_add(&crowd, s);
        }
        add_strangers(&crowd, 50);
        const struct findings *f = conclude_all(&crowd, &c);
        assert_int_equal(concluded(f, true), 0);
        assert_int_equal(concluded(f, false), 0);
        assert_int_equal(f->clusters_count, 0);
        crowd_free(&crowd, c);
    }
}

static void a_family_mailbox_is_never_bulk(void **state)
{
    (void)state;
    struct crowd crowd = crowd_new(1000);
    struct conclude *c;
    static const char *const numbers[] = {"1111111111", "2222222222", "3333333333"};
    add_strangers(&crowd, 30);
    for (int i = 0; i < 3; i++) {
        struct session *s = session_make(crowd.w, "203.0.113.9", "family agent", NULL);
        human_booking(crowd.w, s, T0 + i * 3600 * SECOND);
        identity_add(s, IDENTITY_EMAIL, "family@example.org");
        identity_add(s, IDENTITY_AGDREF, numbers[i]);
        crowd_add(&crowd, s);
    }
    const struct findings *f = conclude_all(&crowd, &c);
    assert_int_equal(concluded(f, true), 0);
    assert_int_equal(concluded(f, false), 0);
    assert_int_equal(f->clusters_count, 1);
    assert_int_equal(f->clusters[0].sessions_count, 3);
    assert_int_equal(f->clusters[0].links_count, 2);
    assert_string_equal(f->clusters[0].links[0].kind, "email");
    assert_non_null(cluster_reason(&f->clusters[0], FAMILY_IDENTITY));
    crowd_free(&crowd, c);
}

static void a_monitor_is_automated_and_never_bulk(void **state)
{
    (void)state;
    struct crowd crowd = crowd_new(1000000);
    struct conclude *c;
    add_strangers(&crowd, 30);
    for (int k = 0; k < 5; k++) {
        struct session *s = session_make(crowd.w, "203.0.113.20", "monitor", NULL);
        int64_t now = T0 + k * 20000 * SECOND;
        for (int i = 0; i < 100; i++)
            act_after(crowd.w, s, PLANNING, 60 * SECOND + (int64_t)world_random(crowd.w, 900) * MS, &now);
        crowd_add(&crowd, s);
    }
    const struct findings *f = conclude_all(&crowd, &c);
    assert_int_equal(concluded(f, true), 0);
    assert_true(concluded(f, false) > 0);
    for (uint32_t i = 0; i < f->clusters_count; i++)
        assert_int_equal(f->clusters[i].bulk.family_llr_milli[FAMILY_REGULARITY], 0);
    crowd_free(&crowd, c);
}

/* kind 0: one mailbox; 1: numbered mailboxes; 2: many people on one cookie; addresses rotate in all. */
static void add_reseller(struct crowd *crowd, int kind, int n)
{
    for (int i = 0; i < n; i++) {
        const char *cookie = kind == 2 ? "0123456789abcdefghijklmnop" : NULL;
        struct session *s = session_make(crowd->w, text(crowd, "192.0.2.%d", i + 1, 0), "script/1.0", cookie);
        robot_booking(crowd->w, s, T0 + i * 600 * SECOND);
        if (kind == 0)
            identity_add(s, IDENTITY_EMAIL, "seller@example.com");
        if (kind == 1)
            identity_add(s, IDENTITY_EMAIL, text(crowd, "dossier.rdv%d@example.com", i + 10, 0));
        if (kind == 2)
            identity_add(s, IDENTITY_EMAIL, text(crowd, "client-%d-%d@example.com.invalid", i * 977, i));
        identity_add(s, IDENTITY_AGDREF, text(crowd, "77%08d", i * 12347, 0));
        crowd_add(crowd, s);
    }
}

static void a_reseller_is_bulk(void **state)
{
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        struct crowd crowd = crowd_new(1000);
        struct conclude *c;
        add_strangers(&crowd, 40);
        add_reseller(&crowd, kind, 12);
        const struct findings *f = conclude_all(&crowd, &c);
        if (concluded(f, true) != 1)
            fail_msg("kind %d: %u clusters, first bulk %d", kind, f->clusters_count,
                     f->clusters_count > 0 ? f->clusters[0].bulk.llr_milli : 0);
        const struct cluster *first = &f->clusters[0];
        assert_true(first->automated.concluded);
        assert_int_equal(first->sessions_count, 12);
        assert_int_equal(first->links_count, 11);
        assert_true(first->bulk.families & 1u << FAMILY_LATENCY);
        assert_true(first->bulk.families & 1u << FAMILY_IDENTITY);
        assert_int_equal(first->hypotheses_count, 5);
        assert_true(first->limits_count > 0);
        for (uint32_t i = 1; i < first->reasons_count; i++)
            assert_true(first->reasons[i - 1].llr_milli >= first->reasons[i].llr_milli);
        for (uint32_t i = 0; i < f->sessions_count; i++)
            assert_true(conclude_with_group(f, i).bulk.concluded == (f->session_cluster[i] == 0));
        crowd_free(&crowd, c);
    }
}

static void a_long_cluster_weighs_what_it_lists(void **state)
{
    (void)state;
    struct crowd crowd = crowd_new(1000);
    struct conclude *c;
    crowd.w->settings.limits.v[LIMIT_cluster_sessions_max] = 5;
    add_reseller(&crowd, 0, 12);
    const struct findings *f = conclude_all(&crowd, &c);
    assert_int_equal(concluded(f, true), 1);
    assert_int_equal(f->clusters[0].sessions_count, 5);
    assert_int_equal(f->clusters[0].links_count, 11);
    for (uint32_t i = 0; i < 12; i++)
        assert_int_equal(f->session_cluster[i], 0);
    bool said = false;
    for (uint32_t i = 0; i < f->clusters[0].limits_count; i++)
        said |= strcmp(f->clusters[0].limit_codes[i], "not_all_listed") == 0;
    assert_true(said);
    crowd_free(&crowd, c);
}

/* One cookie, one form, other people every half second: two families in one session are enough. */
static void one_session_for_many_people_is_bulk(void **state)
{
    (void)state;
    struct crowd crowd = crowd_new(1000000);
    struct conclude *c;
    add_strangers(&crowd, 20);
    struct session *s = session_make(crowd.w, "203.0.113.9", "robot", "the-one-cookie-of-all");
    for (int i = 0; i < ACTS; i++) {
        act_at(crowd.w, s, FORM_POST, T0 + i * SECOND / 2);
        if (i < IDENTITIES)
            identity_add(s, IDENTITY_EMAIL, text(&crowd, "person%d.%d@example.net", i, i * 31));
    }
    s->truncated = true;
    crowd_add(&crowd, s);
    const struct findings *f = conclude_all(&crowd, &c);
    assert_int_equal(concluded(f, true), 1);
    assert_int_equal(f->clusters[0].sessions_count, 1);
    assert_true(f->clusters[0].bulk.families & 1u << FAMILY_IDENTITY);
    assert_true(f->clusters[0].bulk.families & 1u << FAMILY_STRUCTURE);
    crowd_free(&crowd, c);
}

/* What a finding says of a session alone does not change because its group is concluded. */
static void a_session_alone_keeps_its_own_weights(void **state)
{
    (void)state;
    struct crowd crowd = crowd_new(1000);
    struct conclude *c;
    add_reseller(&crowd, 0, 12);
    const struct findings *f = conclude_all(&crowd, &c);
    assert_true(f->clusters[0].bulk.concluded);
    for (uint32_t i = 0; i < f->sessions_count; i++) {
        assert_false(f->session_bulk[i].concluded);
        assert_true(f->session_bulk[i].llr_milli < f->clusters[0].bulk.llr_milli);
        assert_int_equal(conclude_with_group(f, i).bulk.llr_milli, f->clusters[0].bulk.llr_milli);
    }
    crowd_free(&crowd, c);
}

/* The reseller's customer who also comes by hand is linked, but what is concluded is not said of his visit. */
static void a_customer_s_own_visit_is_not_concluded(void **state)
{
    (void)state;
    struct crowd crowd = crowd_new(1000);
    struct conclude *c;
    add_strangers(&crowd, 20);
    add_reseller(&crowd, 1, 12);
    struct session *own = session_make(crowd.w, "198.51.100.77", "own agent", NULL);
    human_booking(crowd.w, own, T0 + 9000 * SECOND);
    identity_add(own, IDENTITY_AGDREF, "7700012347");
    crowd_add(&crowd, own);
    const struct findings *f = conclude_all(&crowd, &c);
    assert_int_equal(concluded(f, true), 1);
    uint32_t at = f->sessions_count - 1;
    assert_int_equal(f->sessions[at]->id, own->id);
    assert_int_equal(f->session_cluster[at], 0);
    assert_false(conclude_with_group(f, at).bulk.concluded);
    assert_false(conclude_with_group(f, at).automated.concluded);
    crowd_free(&crowd, c);
}

/* An association: 30 in a row, one mailbox, the browser fills the forms in a second or two. */
static void an_association_with_autofill_is_not_bulk(void **state)
{
    (void)state;
    struct crowd crowd = crowd_new(1000);
    struct conclude *c;
    add_strangers(&crowd, 40);
    for (int i = 0; i < 30; i++) {
        struct session *s = session_make(crowd.w, "203.0.113.50", "desk agent", NULL);
        booking(crowd.w, s, T0 + i * 200 * SECOND, 1200 * MS, 8 * SECOND);
        identity_add(s, IDENTITY_EMAIL, "desk@association.example");
        identity_add(s, IDENTITY_AGDREF, text(&crowd, "99%08d", i * 7919, 0));
        crowd_add(&crowd, s);
    }
    const struct findings *f = conclude_all(&crowd, &c);
    assert_int_equal(concluded(f, true), 0);
    assert_int_equal(concluded(f, false), 0);
    crowd_free(&crowd, c);
}

static void swap_all(struct crowd *c)
{
    for (uint32_t i = c->n - 1; i > 0; i--) {
        uint32_t k = world_random(c->w, i + 1);
        struct session *s = c->list[i];
        c->list[i] = c->list[k];
        c->list[k] = s;
    }
}

static struct str written(struct crowd *crowd, struct out *o)
{
    struct conclude *c;
    const struct findings *f = conclude_all(crowd, &c);
    *o = out_memory();
    for (uint32_t i = 0; i < f->clusters_count; i++) {
        struct jw w = jw_open(o, true);
        finding_write_json(&w, &f->clusters[i], f, &crowd->w->site, NULL);
        out_char(o, '\n');
    }
    for (uint32_t i = 0; i < f->sessions_count; i++) {
        struct session_sources all = {.records = true};
        struct jw w = jw_open(o, true);
        session_write_json(&w, f->sessions[i], &crowd->w->site, f, &all);
        out_char(o, '\n');
    }
    conclude_free(c);
    return out_slice(o);
}

static void the_order_of_sessions_plays_no_part(void **state)
{
    (void)state;
    struct crowd crowd = crowd_new(1000);
    struct out first, again;
    add_strangers(&crowd, 40);
    for (int kind = 0; kind < 3; kind++)
        add_reseller(&crowd, kind, 9);
    crowd.w->settings.limits.v[LIMIT_sessions_kept_max] = 45; /* some must go, and the same ones */
    struct str before = written(&crowd, &first);
    assert_true(before.n > 1000);
    for (int round = 0; round < 5; round++) {
        swap_all(&crowd);
        assert_true(str_eq(before, written(&crowd, &again)));
        out_close(&again);
    }
    out_close(&first);
    world_free(crowd.w);
}

/* Every line is JSON in canonical form and names what the issue names. */
static void what_is_written_is_canonical(void **state)
{
    (void)state;
    struct crowd crowd = crowd_new(1000);
    struct out o;
    add_strangers(&crowd, 5);
    add_reseller(&crowd, 1, 8);
    struct str rest = written(&crowd, &o), line;
    struct arena a = {0};
    int lines = 0;
    while (rest.n > 0) {
        rest = str_cut(rest, '\n', &line);
        struct json_error e;
        struct json *tree = json_parse(&a, line, &e);
        assert_non_null(tree);
        struct out canonical = out_memory();
        json_canonical(&canonical, tree);
        assert_true(str_eq(out_slice(&canonical), line));
        out_close(&canonical);
        assert_non_null(json_get(json_get(tree, STR("automated")), STR("llr_milli")));
        assert_non_null(json_get(json_get(tree, STR("bulk_booking")), STR("concluded")));
        assert_non_null(json_get(tree, STR("id")));
        assert_non_null(json_get(tree, STR("reasons")));
        lines++;
    }
    assert_int_equal(lines, 1 + 13);
    arena_free(&a);
    out_close(&o);
    world_free(crowd.w);
}

static void a_session_that_was_not_kept_is_still_scored(void **state)
{
    (void)state;
    struct crowd crowd = crowd_new(1000000);
    struct conclude *c;
    struct session *s = session_make(crowd.w, NULL, "reader", "a-cookie-of-one");
    int64_t now = T0;
    for (int i = 0; i < 14; i++)
        act_after(crowd.w, s, 0, (int64_t)(2 + world_random(crowd.w, 50)) * SECOND, &now);
    crowd_add(&crowd, s);
    const struct findings *f = conclude_all(&crowd, &c);
    assert_int_equal(f->sessions_count, 0);
    assert_int_equal(f->sessions_seen, 1);
    int32_t llr = conclude_session_result(c, s).automated.llr_milli;
    assert_true(llr < 0);
    struct out o = out_memory();
    struct jw w = jw_open(&o, true);
    session_write_json(&w, s, &crowd.w->site, f, NULL);
    struct json_error e;
    struct json *tree = json_parse(&crowd.w->a, out_slice(&o), &e);
    assert_non_null(tree);
    assert_int_equal(json_get(json_get(tree, STR("automated")), STR("llr_milli"))->integer, llr);
    assert_int_equal(json_get(tree, STR("cluster"))->kind, JSON_KIND_NULL);
    assert_int_equal(json_get(tree, STR("clients"))->count, 0);
    out_close(&o);
    crowd_free(&crowd, c);
}

static void bounds_leave_a_mark(void **state)
{
    (void)state;
    struct crowd crowd = crowd_new(1000);
    struct conclude *c;
    struct diags d = {0};
    uint64_t dropped = 0, addresses = 0;
    crowd.w->settings.limits.v[LIMIT_sessions_kept_max] = 10;
    crowd.w->settings.limits.v[LIMIT_addresses_max] = 5;
    add_strangers(&crowd, 30);
    const struct findings *f = conclude_all(&crowd, &c);
    assert_int_equal(f->sessions_count, 10);
    assert_int_equal(f->sessions_seen, 30);
    assert_int_equal(f->addresses_seen, 5);
    for (uint32_t i = 0; i < 10; i++)
        assert_int_equal(f->sessions[i]->id, i); /* the newest went */
    conclude_report(c, &d);
    for (size_t i = 0; i < d.count; i++) {
        if (d.items[i].code == DIAG_sessions_dropped)
            dropped = d.items[i].count;
        if (d.items[i].code == DIAG_addresses_dropped)
            addresses = d.items[i].count;
    }
    assert_int_equal(dropped, 20);
    assert_int_equal(addresses, 25);
    diags_free(&d);
    crowd_free(&crowd, c);
}

/* watch: what is concluded in the end does not depend on having been asked before. */
static void asking_twice_changes_nothing(void **state)
{
    (void)state;
    struct crowd crowd = crowd_new(1000);
    add_strangers(&crowd, 10);
    add_reseller(&crowd, 0, 8);
    struct conclude *c = conclude_new(&crowd.w->site, &crowd.w->settings);
    uint32_t before = 0;
    for (uint32_t i = 0; i < crowd.n; i++) {
        conclude_session(c, crowd.list[i]);
        const struct findings *f = conclude_now(c);
        assert_true(concluded(f, true) >= before); /* a conclusion once reached stays, in this crowd */
        before = concluded(f, true);
    }
    int32_t llr = conclude_now(c)->clusters[0].bulk.llr_milli;
    struct conclude *once;
    assert_int_equal(conclude_all(&crowd, &once)->clusters[0].bulk.llr_milli, llr);
    assert_int_equal(before, 1);
    conclude_free(once);
    crowd_free(&crowd, c);
}

int main(void)
{
    hash_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_office_is_innocent),
        cmocka_unit_test(a_family_mailbox_is_never_bulk),
        cmocka_unit_test(a_monitor_is_automated_and_never_bulk),
        cmocka_unit_test(a_reseller_is_bulk),
        cmocka_unit_test(a_long_cluster_weighs_what_it_lists),
        cmocka_unit_test(one_session_for_many_people_is_bulk),
        cmocka_unit_test(a_session_alone_keeps_its_own_weights),
        cmocka_unit_test(a_customer_s_own_visit_is_not_concluded),
        cmocka_unit_test(an_association_with_autofill_is_not_bulk),
        cmocka_unit_test(the_order_of_sessions_plays_no_part),
        cmocka_unit_test(what_is_written_is_canonical),
        cmocka_unit_test(a_session_that_was_not_kept_is_still_scored),
        cmocka_unit_test(bounds_leave_a_mark),
        cmocka_unit_test(asking_twice_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
