/* The client behind the proxies: whose word counts, and where the walk ends. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "analyzer/enrich/client.h"
#include "tests/unit/guard.h"

#define PROFILE(more)                                                                                           \
    "{\"name\":\"t\",\"label\":{\"en\":\"t\",\"fr\":\"t\"},\"steps\":[{\"name\":\"s\",\"label\":{\"en\":\"s\"," \
    "\"fr\":\"s\"},\"method\":\"GET\",\"path\":\"/s\",\"meaning\":\"desk\",\"order\":1}]" more "}"

static struct arena arena;
static const struct site *plain, *proxied, *fronted, *standard;

static const struct site *profile(const char *text)
{
    struct str why;
    return site_parse(&arena, STR("test.json"), str_of(text), &why);
}

static int setup(void **state)
{
    (void)state;
    plain = profile(PROFILE(""));
    proxied = profile(PROFILE(",\"trusted_proxies\":[\"10.0.0.0/8\",\"2001:db8:1::/48\"]"));
    fronted = profile(
        PROFILE(",\"trusted_proxies\":[\"10.0.0.0/8\"],\"client_headers\":[\"cf-connecting-ip\","
                "\"x-forwarded-for\"]"));
    standard = profile(
        PROFILE(",\"trusted_proxies\":[\"10.0.0.0/8\"],\"client_headers\":[\"forwarded\"]"));
    return plain == NULL || proxied == NULL || fronted == NULL || standard == NULL;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static struct event from(const char *peer, const char *forwarded)
{
    struct event e = {.has = HAS(PEER), .forwarded = guarded(str_of(forwarded))};
    if (peer != NULL)
        assert_true(ip_parse(str_of(peer), &e.peer));
    return e;
}

static const char *client_text(const struct event *e)
{
    char text[IP_TEXT_MAX];
    if (ip_is_zero(&e->client))
        return "";
    return arena_cstr(&arena, (struct str){text, (ptrdiff_t)ip_format(&e->client, text)});
}

static const struct chain_case {
    const char *peer, *chain, *client;
    enum client_rule rule;
    uint32_t odd;
} lists[] = {
    {"10.0.0.1", NULL, "10.0.0.1", CLIENT_PEER, 0},
    {"10.0.0.1", "", "10.0.0.1", CLIENT_PEER, 0},
    {"10.0.0.1", "-", "10.0.0.1", CLIENT_PEER, 0},
    {"10.0.0.1", "203.0.113.9", "203.0.113.9", CLIENT_FORWARDED, 0},
    {"10.0.0.1", "1.1.1.1, 203.0.113.9", "203.0.113.9", CLIENT_FORWARDED, 0},
    {"10.0.0.1", "1.1.1.1,203.0.113.9,10.0.0.2", "203.0.113.9", CLIENT_FORWARDED, 0},
    {"10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3", CLIENT_FORWARDED, 0},
    {"10.0.0.1", "203.0.113.9:4711", "203.0.113.9", CLIENT_FORWARDED, 0},
    {"10.0.0.1", "[2001:db8:2::7]:4711", "2001:db8:2::7", CLIENT_FORWARDED, 0},
    {"10.0.0.1", "2001:db8:2::7", "2001:db8:2::7", CLIENT_FORWARDED, 0},
    {"10.0.0.1", "203.0.113.9, 2001:db8:1::5", "203.0.113.9", CLIENT_FORWARDED, 0},
    {"10.0.0.1", "::ffff:203.0.113.9", "203.0.113.9", CLIENT_FORWARDED, 0},
    {"10.0.0.1", "unknown", "10.0.0.1", CLIENT_PEER, 0},
    {"10.0.0.1", "203.0.113.9, unknown, 10.0.0.2", "10.0.0.2", CLIENT_FORWARDED, 0},
    {"10.0.0.1", "garbage", "10.0.0.1", CLIENT_PEER, ODD(FORWARDED_INVALID)},
    {"10.0.0.1", "garbage, 203.0.113.9", "203.0.113.9", CLIENT_FORWARDED, 0},
    {"10.0.0.1", "\" , 203.0.113.9", "203.0.113.9", CLIENT_FORWARDED, 0},
    {"10.0.0.1", "for=1.1.1.1, 203.0.113.9", "203.0.113.9", CLIENT_FORWARDED, 0},
    {"10.0.0.1", "garbage, 10.0.0.2", "10.0.0.2", CLIENT_FORWARDED, ODD(FORWARDED_INVALID)},
    {"10.0.0.1", "203.0.113.9,", "10.0.0.1", CLIENT_PEER, ODD(FORWARDED_INVALID)},
    {"10.0.0.1", ",", "10.0.0.1", CLIENT_PEER, ODD(FORWARDED_INVALID)},
    {"10.0.0.1", "0.0.0.0.0", "10.0.0.1", CLIENT_PEER, ODD(FORWARDED_INVALID)},
    {"10.0.0.1", "fe80::1%eth0", "10.0.0.1", CLIENT_PEER, ODD(FORWARDED_INVALID)},
    {"198.51.100.7", "203.0.113.9", "198.51.100.7", CLIENT_PEER, ODD(FORWARDED_UNTRUSTED)},
    {"198.51.100.7", NULL, "198.51.100.7", CLIENT_PEER, 0},
    {NULL, "203.0.113.9", "", CLIENT_NONE, ODD(FORWARDED_UNTRUSTED)}, /* the peer is a host name */
    {NULL, NULL, "", CLIENT_NONE, 0},
};

static const struct chain_case standards[] = {
    {"10.0.0.1", "for=203.0.113.9", "203.0.113.9", CLIENT_FORWARDED, 0},
    {"10.0.0.1", "For=\"[2001:db8:2::7]:4711\"", "2001:db8:2::7", CLIENT_FORWARDED, 0},
    {"10.0.0.1", "for=\\x22[2001:db8:2::7]:4711\\x22", "2001:db8:2::7", CLIENT_FORWARDED, 0},
    {"10.0.0.1", "for=\\\"203.0.113.9:1\\\"", "203.0.113.9", CLIENT_FORWARDED, 0},
    {"10.0.0.1", "for=1.1.1.1, proto=https; for=203.0.113.9 ;by=10.0.0.1", "203.0.113.9",
     CLIENT_FORWARDED, 0},
    {"10.0.0.1", "for=\"1.1.1.1, for=203.0.113.9", "203.0.113.9", CLIENT_FORWARDED, 0},
    {"10.0.0.1", "for=203.0.113.9, for=10.0.0.2", "203.0.113.9", CLIENT_FORWARDED, 0},
    {"10.0.0.1", "for=_hidden", "10.0.0.1", CLIENT_PEER, 0},
    {"10.0.0.1", "for=\"_gazonk\"", "10.0.0.1", CLIENT_PEER, 0},
    {"10.0.0.1", "for=unknown", "10.0.0.1", CLIENT_PEER, 0},
    {"10.0.0.1", "proto=https", "10.0.0.1", CLIENT_PEER, 0},
    {"10.0.0.1", "for=", "10.0.0.1", CLIENT_PEER, ODD(FORWARDED_INVALID)},
    {"10.0.0.1", "for=\"", "10.0.0.1", CLIENT_PEER, ODD(FORWARDED_INVALID)},
    {"10.0.0.1", "for=2001:db8:2::7:x", "10.0.0.1", CLIENT_PEER, ODD(FORWARDED_INVALID)},
    {"198.51.100.7", "for=203.0.113.9", "198.51.100.7", CLIENT_PEER, ODD(FORWARDED_UNTRUSTED)},
};

static void check(const struct site *s, const struct chain_case *c)
{
    struct event e = from(c->peer, c->chain);
    client_resolve(s, &e);
    if (strcmp(client_text(&e), c->client) != 0 || e.client_rule != c->rule || e.odd != c->odd)
        fail_msg("%s via %s: %s, rule %d, odd %x", c->chain, c->peer, client_text(&e),
                 e.client_rule, e.odd);
}

static void lists_are_walked_from_the_right(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        check(proxied, &lists[i]);
}

static void forwarded_is_walked_from_the_right(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof standards / sizeof *standards; i++) {
        check(standard, &standards[i]);
        check(proxied, &standards[i]); /* the format's one chain may be either header */
    }
}

static void nothing_is_believed_without_proxies(void **state)
{
    struct event e = from("10.0.0.1", "203.0.113.9");
    (void)state;
    client_resolve(plain, &e);
    assert_string_equal(client_text(&e), "10.0.0.1");
    assert_int_equal(e.client_rule, CLIENT_PEER);
    assert_int_equal(e.odd, ODD(FORWARDED_UNTRUSTED));
}

static void headers_by_the_profile(void **state)
{
    struct event e = from("10.0.0.1", "198.51.100.1");
    (void)state;
    e.extras[e.extras_count++] =
        (struct extra){EXTRA_REQUEST_HEADER, STR("CF-Connecting-IP"), STR("203.0.113.9")};
    client_resolve(fronted, &e);
    assert_string_equal(client_text(&e), "203.0.113.9");
    client_resolve(proxied, &e); /* does not name the header */
    assert_string_equal(client_text(&e), "198.51.100.1");

    e.extras[0].value = STR("203.0.113.9, 203.0.113.10"); /* a list is not what the CDN writes */
    client_resolve(fronted, &e);
    assert_string_equal(client_text(&e), "198.51.100.1");
    assert_true((e.odd & ODD(FORWARDED_INVALID)) != 0);

    e.odd = 0;
    e.extras[0].value = STR("-");
    client_resolve(fronted, &e);
    assert_string_equal(client_text(&e), "198.51.100.1");
    assert_int_equal(e.odd, 0);

    e.extras[0] = (struct extra){EXTRA_REQUEST_HEADER, STR("x-forwarded-for"), STR("203.0.113.20")};
    client_resolve(fronted, &e);
    assert_string_equal(client_text(&e), "203.0.113.20");
}

/* Peer, PROXY header, chain, and whom the client turns out to be. */
static const struct proxy_case {
    const char *peer, *said, *chain, *client;
    enum client_rule rule;
    uint32_t odd;
} proxies[] = {
    {"10.0.0.1", "203.0.113.9", NULL, "203.0.113.9", CLIENT_PROXY, 0},
    {"10.0.0.1", "203.0.113.9", "1.1.1.1", "203.0.113.9", CLIENT_PROXY, ODD(FORWARDED_UNTRUSTED)},
    {"10.0.0.1", "10.0.0.2", "1.1.1.1, 203.0.113.9", "203.0.113.9", CLIENT_FORWARDED, 0},
    {"10.0.0.1", "10.0.0.2", "for=_hidden", "10.0.0.2", CLIENT_PROXY, 0},
    {"198.51.100.7", "203.0.113.9", NULL, "198.51.100.7", CLIENT_PEER, ODD(FORWARDED_UNTRUSTED)},
};

static void a_proxy_header_speaks_for_our_proxies_only(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof proxies / sizeof *proxies; i++) {
        const struct proxy_case *c = &proxies[i];
        struct event_net net = {.proxied_port = 5555};
        struct event e = from(c->peer, c->chain);
        assert_true(ip_parse(str_of(c->said), &net.proxied));
        e.net = &net;
        e.client_port = 1;
        client_resolve(proxied, &e);
        assert_string_equal(client_text(&e), c->client);
        assert_int_equal(e.client_rule, c->rule);
        assert_int_equal(e.odd, c->odd);
        assert_int_equal(e.client_port, c->rule == CLIENT_PEER ? 1 : 5555);
    }
}

static void a_proxy_header_where_no_proxy_is_named(void **state)
{
    (void)state;
    struct event_net net = {.proxied_port = 5555};
    struct event e = from("198.51.100.7", NULL);
    assert_true(ip_parse(STR("203.0.113.9"), &net.proxied));
    e.net = &net;
    client_resolve(plain, &e);
    assert_string_equal(client_text(&e), "203.0.113.9");
    assert_int_equal(e.client_rule, CLIENT_PROXY);
}

static void formats_without_a_peer(void **state)
{
    struct event e = from(NULL, "1.1.1.1, 203.0.113.9");
    (void)state;
    e.has = HAS(FORWARDED);
    client_resolve(proxied, &e);
    assert_string_equal(client_text(&e), "203.0.113.9");
    client_resolve(plain, &e);
    assert_string_equal(client_text(&e), "");
    assert_int_equal(e.client_rule, CLIENT_NONE);
}

static void long_chains(void **state)
{
    char *p = ARENA_ARRAY(&arena, char, 100000);
    ptrdiff_t n = 0;
    (void)state;
    for (int i = 0; i < 9000; i++, n += 10)
        memcpy(p + n, "10.0.0.99,", 10);
    memcpy(p + n, "10.0.0.98", 9);
    struct event e = from("10.0.0.1", NULL);
    e.forwarded = (struct str){p, n + 9};
    client_resolve(proxied, &e);
    assert_string_equal(client_text(&e), "10.0.0.99");
    memset(p, ' ', 9000);
    memcpy(p, "1.1.1.1", 7);
    e.forwarded.n = 9000;
    client_resolve(proxied, &e);
    assert_int_equal(e.odd, ODD(FORWARDED_INVALID));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_walked_from_the_right),
        cmocka_unit_test(forwarded_is_walked_from_the_right),
        cmocka_unit_test(nothing_is_believed_without_proxies),
        cmocka_unit_test(headers_by_the_profile),
        cmocka_unit_test(a_proxy_header_speaks_for_our_proxies_only),
        cmocka_unit_test(a_proxy_header_where_no_proxy_is_named),
        cmocka_unit_test(formats_without_a_peer),
        cmocka_unit_test(long_chains),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
