/* shared-address: it supports, it never carries, and a busy address weighs nothing. */
#include <stdio.h>

#include "detectors/address.h"
#include "tests/unit/detectors_fixture.h"

/* n bookings of one mailbox's owner from one address; others: strangers' sessions and agents on it. */
static const struct findings *scene(struct world *w, struct conclude **c, int others, int agents)
{
    char name[40];
    *c = conclude_new(&w->site, &w->settings);
    for (int i = 0; i < 8; i++) {
        struct session *s = session_make(w, "203.0.113.1", "one agent", NULL);
        robot_booking(w, s, T0 + i * 60 * SECOND);
        int n = snprintf(name, sizeof name, "name%d@example.com", i);
        identity_add(s, IDENTITY_EMAIL, arena_cstr(&w->a, (struct str){name, n}));
        session_close(s);
        conclude_session(*c, s);
    }
    for (int i = 0; i < others; i++) {
        int n = snprintf(name, sizeof name, "agent %d", i % agents);
        struct session *s = session_make(w, "203.0.113.1", arena_cstr(&w->a, (struct str){name, n}), NULL);
        human_booking(w, s, T0 + i * 60 * SECOND);
        session_close(s);
        conclude_session(*c, s);
    }
    return conclude_now(*c);
}

static const struct reason *network_reason(const struct findings *f)
{
    for (uint32_t i = 0; i < f->clusters_count; i++) {
        const struct reason *r = cluster_reason(&f->clusters[i], FAMILY_NETWORK);
        if (r != NULL)
            return r;
    }
    return NULL;
}

static void few_devices_many_mailboxes(void **state)
{
    (void)state;
    struct world *w = world_new(1000);
    struct conclude *c;
    const struct findings *f = scene(w, &c, 0, 1);
    const struct reason *r = found(network_reason(f));
    assert_in_range(r->llr_milli, 300, 477);
    assert_true(str_eq(r->subject, STR("203.0.113.1")));
    assert_false(r->automated);
    assert_int_equal(f->clusters[0].automated.family_llr_milli[FAMILY_NETWORK], 0);
    conclude_free(c);
    world_free(w);
}

static void a_busy_address_weighs_nothing(void **state)
{
    (void)state;
    struct world *w = world_new(1000);
    struct conclude *c;
    assert_null(network_reason(scene(w, &c, 500, 100)));
    conclude_free(c);
    arena_rewind(&w->a);
    assert_null(network_reason(scene(w, &c, 15, 15)));
    conclude_free(c);
    world_free(w);
}

static void the_table_counts_units(void **state)
{
    (void)state;
    struct world *w = world_new(1000);
    struct address_table t;
    struct ip unit;
    address_init(&t, 100);
    for (int i = 0; i < 6; i++) {
        static const char *const addresses[] = {"2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1"};
        static const char *const agents[] = {"A", "B", "A"};
        struct session *s = session_make(w, addresses[i % 3], agents[i % 3], i < 3 ? "cookie-1" : "cookie-2");
        act_at(w, s, FORM_POST, T0);
        identity_add(s, IDENTITY_EMAIL, i == 0 ? "a@b.fr" : "c@d.fr");
        identity_add(s, IDENTITY_AGDREF, "1234567890");
        session_close(s);
        address_add(&t, s);
    }
    assert_int_equal(t.count, 2); /* two /64 */
    assert_true(ip_parse(STR("2001:db8:1:2::"), &unit));
    struct address_use use = address_get(&t, &unit);
    assert_int_equal(use.sessions, 4);
    assert_int_equal(use.agents, 2);
    assert_int_equal(use.cookies, 2);
    assert_int_equal(use.identities, 2);
    assert_int_equal(use.bookings, 4);
    assert_true(ip_parse(STR("2001:db8:9::"), &unit));
    assert_int_equal(address_get(&t, &unit).sessions, 0);
    address_free(&t);
    world_free(w);
}

static void an_address_without_text_is_not_counted(void **state)
{
    (void)state;
    struct world *w = world_new(1000);
    struct address_table t;
    address_init(&t, 100);
    struct session *s = session_make(w, NULL, "A", "cookie");
    act_at(w, s, HOME, T0);
    session_close(s);
    address_add(&t, s);
    assert_int_equal(t.count, 0);
    /* one session on two addresses of one unit counts once */
    s = session_make(w, "2001:db8::1", "A", NULL);
    assert_true(ip_parse(STR("2001:db8::2"), &s->clients[s->clients_count++]));
    act_at(w, s, HOME, T0);
    session_close(s);
    address_add(&t, s);
    struct ip unit = ip_unit(&s->client);
    assert_int_equal(address_get(&t, &unit).sessions, 1);
    address_free(&t);
    world_free(w);
}

int main(void)
{
    hash_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_devices_many_mailboxes),
        cmocka_unit_test(a_busy_address_weighs_nothing),
        cmocka_unit_test(the_table_counts_units),
        cmocka_unit_test(an_address_without_text_is_not_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
