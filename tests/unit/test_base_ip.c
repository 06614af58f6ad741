/* test_base_ip.c: addresses and prefixes as text, checked against inet_pton and inet_ntop too. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <arpa/inet.h>

#include "analyzer/base/ip.h"
#include "tests/unit/guard.h"

static const char *const good[] = {
    "203.0.113.7", "0.0.0.0", "255.255.255.255", "1.2.3.4", "::", "::1", "1::", "2001:db8::1",
    "2001:DB8:0:0:8:800:200C:417A", "1:2:3:4:5:6:7:8", "::2:3:4:5:6:7:8", "1:2:3:4:5:6:7::",
    "1::3:4:5:6:7:8", "::ffff:1.2.3.4", "::1.2.3.4", "64:ff9b::192.0.2.33", "1:2:3:4:5:6:1.2.3.4",
    "1:2:3:4:5::1.2.3.4", "fe80::0001", "0:0:0:0:0:0:0:0", "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255",
};

static const char *const bad[] = {
    "", ".", ":", ":::", "1", "1.2", "1.2.3", "1.2.3.", "1.2.3.4.", ".1.2.3.4", "1.2.3.4.5", "1..2.3",
    "256.1.1.1", "1.2.3.256", "1.2.3.1000", "01.2.3.4", "1.2.3.00", "1.2.3.4 ", " 1.2.3.4", "1.2.3.-4",
    "1.2.3.4x", "0x1.2.3.4", "a.b.c.d", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", ":1::2", "1::2:",
    "1:2:3:4:5:6:7:", ":1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "12345::", "g::",
    "1:2:3:4:5:6:7:1.2.3.4", "1.2.3.4::", "::1.2.3.4:5", "::1.2.3", "::1.2.3.4.5", "::01.2.3.4",
    "fe80::1%eth0", "[::1]", "-", "localhost", "1:::2", "::ffff:256.1.1.1",
    "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.2550",
};

static struct ip address(const char *text)
{
    struct ip a;
    assert_true(ip_parse(guarded(str_of(text)), &a));
    return a;
}

static void assert_text(const struct ip *a, const char *want)
{
    char text[IP_TEXT_MAX];
    size_t n = ip_format(a, text);
    assert_int_equal(n, strlen(want));
    assert_memory_equal(text, want, n);
}

static void good_ones_agree_with_libc(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct ip got = address(good[i]), want = {{[10] = 0xff, [11] = 0xff}};
        bool v6 = strchr(good[i], ':') != NULL;
        assert_int_equal(inet_pton(v6 ? AF_INET6 : AF_INET, good[i], v6 ? want.b : want.b + 12), 1);
        assert_memory_equal(got.b, want.b, 16);
    }
}

static void bad_ones_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct ip a = {{9}};
        assert_false(ip_parse(guarded(str_of(bad[i])), &a));
        assert_int_equal(a.b[0], 9);
    }
    struct ip a;
    assert_false(ip_parse(STR_NONE, &a));
    assert_false(ip_parse((struct str){"1.2.3.4\0", 8}, &a));
}

static void text_is_rfc5952(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"203.0.113.7", "203.0.113.7"},
        {"::ffff:203.0.113.7", "203.0.113.7"},
        {"100.10.1.0", "100.10.1.0"},
        {"2001:0db8::0001", "2001:db8::1"},
        {"2001:db8:0:0:0:0:2:1", "2001:db8::2:1"},
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
        {"2001:DB8::AaAa", "2001:db8::aaaa"},
        {"::", "::"},
        {"::1", "::1"},
        {"1::", "1::"},
        {"0:1:2:3:4:5:6:7", "0:1:2:3:4:5:6:7"},
        {"1:2:3:4:5:6::", "1:2:3:4:5:6::"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ip a = address(rows[i][0]);
        assert_text(&a, rows[i][1]);
        struct ip again = address(rows[i][1]);
        assert_true(ip_eq(&a, &again));
    }
}

static void random_texts_agree_with_libc(void **state)
{
    (void)state;
    static const char alphabet[] = "0123456789af::::....%";
    uint64_t random = 99;
    for (int round = 0; round < 200000; round++) {
        char text[24];
        size_t n = 0, len = 2 + (random >> 40) % 20;
        for (; n < len; n++) {
            random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
            text[n] = alphabet[(random >> 33) % (sizeof alphabet - 1)];
        }
        text[n] = '\0';
        struct ip got, want = {{[10] = 0xff, [11] = 0xff}};
        bool v4 = inet_pton(AF_INET, text, want.b + 12) == 1;
        bool ok = v4 || inet_pton(AF_INET6, text, want.b) == 1;
        assert_int_equal(ip_parse((struct str){text, (ptrdiff_t)n}, &got), ok);
        if (ok)
            assert_memory_equal(got.b, want.b, 16);
    }
}

static void ports(void **state)
{
    (void)state;
    static const struct {
        const char *text, *address; /* NULL: refused */
        int port;
    } rows[] = {
        {"203.0.113.7", "203.0.113.7", 0},
        {"203.0.113.7:443", "203.0.113.7", 443},
        {"203.0.113.7:65535", "203.0.113.7", 65535},
        {"203.0.113.7:65536", NULL, 0},
        {"203.0.113.7:", NULL, 0},
        {"203.0.113.7:x", NULL, 0},
        {"203.0.113.7:000443", NULL, 0},
        {"[2001:db8::1]:443", "2001:db8::1", 443},
        {"[2001:db8::1]", "2001:db8::1", 0},
        {"[2001:db8::1]443", NULL, 0},
        {"[2001:db8::1", NULL, 0},
        {"[2001:db8::1]:", NULL, 0},
        {"[203.0.113.7]:1", NULL, 0},
        {"2001:db8::1", "2001:db8::1", 0},
        {"::ffff:1.2.3.4", "1.2.3.4", 0},
        {"::1", "::1", 0},
        {"[]:1", NULL, 0},
        {"[", NULL, 0},
        {":80", NULL, 0},
        {"", NULL, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ip a = {{9}};
        uint16_t port = 7;
        bool ok = ip_parse_port(guarded(str_of(rows[i].text)), &a, &port);
        assert_int_equal(ok, rows[i].address != NULL);
        if (ok)
            assert_text(&a, rows[i].address);
        assert_int_equal(port, ok ? rows[i].port : 7);
    }
}

static void prefixes(void **state)
{
    (void)state;
    static const struct {
        const char *cidr;
        int bits; /* -1: refused */
        const char *in, *out;
    } rows[] = {
        {"10.0.0.0/8", 104, "10.255.1.2", "11.0.0.0"},
        {"10.1.2.3/8", 104, "10.9.9.9", "9.255.255.255"},
        {"192.0.2.128/25", 121, "192.0.2.129", "192.0.2.127"},
        {"192.0.2.1", 128, "192.0.2.1", "192.0.2.2"},
        {"0.0.0.0/0", 96, "203.0.113.7", "2001:db8::1"},
        {"::/0", 0, "2001:db8::1", "203.0.113.7"},
        {"2001:db8::/32", 32, "2001:db8:ffff::1", "2001:db9::"},
        {"2001:db8::/33", 33, "2001:db8:7fff::1", "2001:db8:8000::"},
        {"::ffff:10.0.0.0/104", 104, "10.1.2.3", "11.1.2.3"},
        {"2001:db8::1", 128, "2001:db8::1", "2001:db8::2"},
        {"10.0.0.0/33", -1, NULL, NULL},
        {"10.0.0.0/", -1, NULL, NULL},
        {"10.0.0.0/-1", -1, NULL, NULL},
        {"10.0.0/8", -1, NULL, NULL},
        {"::/129", -1, NULL, NULL},
        {"/8", -1, NULL, NULL},
        {"", -1, NULL, NULL},
        {"10.0.0.0/8/8", -1, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cidr c;
        bool ok = cidr_parse(guarded(str_of(rows[i].cidr)), &c);
        assert_int_equal(ok, rows[i].bits >= 0);
        if (!ok)
            continue;
        assert_int_equal(c.bits, rows[i].bits);
        struct ip in = address(rows[i].in), out = address(rows[i].out);
        assert_true(cidr_has(&c, &in));
        assert_false(cidr_has(&c, &out));
    }
}

static void units(void **state)
{
    (void)state;
    struct ip v4 = address("203.0.113.7"), v6 = address("2001:db8:1:2:3:4:5:6");
    struct ip unit = ip_unit(&v4);
    assert_text(&unit, "203.0.113.7");
    unit = ip_unit(&v6);
    assert_text(&unit, "2001:db8:1:2::");
    struct ip zero = {{0}};
    assert_true(ip_is_zero(&zero) && !ip_is_v4(&zero));
    assert_true(ip_is_v4(&v4) && !ip_is_zero(&v4) && !ip_is_v4(&v6));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_ones_agree_with_libc),
        cmocka_unit_test(bad_ones_are_refused),
        cmocka_unit_test(text_is_rfc5952),
        cmocka_unit_test(random_texts_agree_with_libc),
        cmocka_unit_test(ports),
        cmocka_unit_test(prefixes),
        cmocka_unit_test(units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
