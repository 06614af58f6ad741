/* Linking: which agreements are edges, which are only co-location, and the tree as the proof. */
#include <stdio.h>

#include "detectors/link.h"
#include "tests/unit/detectors_fixture.h"

enum { MOST = 700 };

struct scene {
    struct world *w;
    struct session *list[MOST];
    bool behaves[MOST];
    uint32_t n;
    struct address_table addresses;
};

static struct scene *scene_new(void)
{
    struct scene *x = mem_alloc(sizeof *x);
    x->w = world_new(1000);
    address_init(&x->addresses, 100000);
    return x;
}

static struct session *add(struct scene *x, const char *address, const char *agent, const char *cookie,
                           const char *mail, bool behaves)
{
    assert_true(x->n < MOST);
    struct session *s = session_make(x->w, address, agent, cookie);
    act_at(x->w, s, FORM, T0);
    if (mail != NULL)
        identity_add(s, IDENTITY_EMAIL, mail);
    session_close(s);
    address_add(&x->addresses, s);
    x->behaves[x->n] = behaves;
    x->list[x->n++] = s;
    return s;
}

static struct linked link_all(struct scene *x)
{
    const struct session **list = ARENA_ARRAY(&x->w->a, const struct session *, x->n);
    for (uint32_t i = 0; i < x->n; i++)
        list[i] = x->list[i];
    return link_sessions(&x->w->a, list, x->n, x->behaves, &x->addresses);
}

static void scene_free(struct scene *x)
{
    address_free(&x->addresses);
    world_free(x->w);
    mem_free(x);
}

static const struct {
    const char *what;
    const char *address[2], *agent[2], *cookie[2], *mail[2];
    bool behaves[2];
    const char *kind; /* of the link, NULL when there is none */
} rows[] = {
    {"same mailbox", {"192.0.2.1", "192.0.2.2"}, {"A", "B"}, {0}, {"a@b.fr", "a@b.fr"}, {0}, "email"},
    {"same cookie", {"192.0.2.1", "192.0.2.2"}, {"A", "B"}, {"abcdefghijkl", "abcdefghijkl"}, {0}, {0}, "cookie"},
    {"a cookie too short to be one's own", {"192.0.2.1", "192.0.2.2"}, {"A", "B"}, {"oui", "oui"}, {0}, {0}, NULL},
    {"address and agent alone", {"192.0.2.1", "192.0.2.1"}, {"A", "A"}, {0}, {0}, {0}, NULL},
    {"address, agent and behaviour", {"192.0.2.1", "192.0.2.1"}, {"A", "A"}, {0}, {0}, {true, true},
     "address_agent_behaviour"},
    {"only one of them behaves", {"192.0.2.1", "192.0.2.1"}, {"A", "A"}, {0}, {0}, {true, false}, NULL},
    {"another agent", {"192.0.2.1", "192.0.2.1"}, {"A", "B"}, {0}, {0}, {true, true}, NULL},
    {"address and stem", {"192.0.2.1", "192.0.2.1"}, {"A", "B"}, {0}, {"dossier1@x.fr", "dossier2@x.fr"}, {0},
     "address_email_stem"},
    {"stem alone", {"192.0.2.1", "192.0.2.2"}, {"A", "B"}, {0}, {"dossier1@x.fr", "dossier2@x.fr"}, {0}, NULL},
    {"stem and behaviour", {"192.0.2.1", "192.0.2.2"}, {"A", "B"}, {0}, {"dossier1@x.fr", "dossier2@x.fr"},
     {true, true}, "email_stem_behaviour"},
    {"no address at all", {NULL, NULL}, {"A", "A"}, {0}, {0}, {true, true}, NULL},
};

static void each_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scene *x = scene_new();
        for (int k = 0; k < 2; k++)
            add(x, rows[i].address[k], rows[i].agent[k], rows[i].cookie[k], rows[i].mail[k], rows[i].behaves[k]);
        struct linked l = link_all(x);
        if (l.tree_count != (rows[i].kind != NULL))
            fail_msg("%s: %zu links", rows[i].what, l.tree_count);
        if (rows[i].kind != NULL) {
            assert_string_equal(l.tree[0].kind, rows[i].kind);
            assert_true(l.tree[0].weight_milli >= LINK_LEAST_MILLI);
            assert_int_equal(l.root[1], 0);
        }
        scene_free(x);
    }
}

/* The same pair on an address that six devices use: no edge any more. */
static void a_busy_address_links_nothing(void **state)
{
    (void)state;
    struct scene *x = scene_new();
    char agent[16];
    add(x, "192.0.2.1", "A", NULL, NULL, true);
    add(x, "192.0.2.1", "A", NULL, NULL, true);
    for (int i = 0; i < 6; i++) {
        int n = snprintf(agent, sizeof agent, "other %d", i);
        add(x, "192.0.2.1", arena_cstr(&x->w->a, (struct str){agent, n}), NULL, NULL, false);
    }
    assert_int_equal(link_all(x).tree_count, 0);
    scene_free(x);
}

static void a_hub_is_only_noted(void **state)
{
    (void)state;
    struct scene *x = scene_new();
    for (int i = 0; i < 600; i++)
        add(x, "192.0.2.1", "A", NULL, "test@test.fr", false);
    add(x, "192.0.2.2", "A", NULL, "other@test.fr", false);
    struct linked l = link_all(x);
    assert_int_equal(l.tree_count, 0);
    assert_true(l.hub[0] && l.hub[599] && !l.hub[600]);
    scene_free(x);
}

/* Chains of different kinds join; the tree has one link fewer than sessions and keeps the strongest. */
static void the_tree_spans(void **state)
{
    (void)state;
    struct scene *x = scene_new();
    add(x, "192.0.2.1", "A", "cookie-number-one", "a@b.fr", false);
    add(x, "192.0.2.2", "B", NULL, "a@b.fr", false);
    add(x, "192.0.2.3", "C", "cookie-number-one", "c@b.fr", false);
    add(x, "192.0.2.4", "D", NULL, "z@b.fr", false);
    add(x, "192.0.2.5", "E", "cookie-number-one", "a@b.fr", false);
    add(x, "192.0.2.6", "F", NULL, "z@b.fr", false);
    struct linked l = link_all(x);
    static const uint32_t roots[] = {0, 0, 0, 3, 0, 3};
    for (int i = 0; i < 6; i++)
        assert_int_equal(l.root[i], roots[i]);
    assert_int_equal(l.tree_count, 4);
    assert_string_equal(l.tree[0].kind, "cookie");
    assert_string_equal(l.tree[1].kind, "cookie");
    assert_string_equal(l.tree[2].kind, "email");
    assert_int_equal(l.tree[3].a, 3);
    assert_int_equal(l.tree[3].b, 5);
    scene_free(x);
}

int main(void)
{
    hash_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row),
        cmocka_unit_test(a_busy_address_links_nothing),
        cmocka_unit_test(a_hub_is_only_noted),
        cmocka_unit_test(the_tree_spans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
