/* test_parsers_proxy.c: PROXY headers, version 1 and 2, and what is none. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "parsers/net/proxy.h"
#include "tests/unit/guard.h"

#define V2 "\r\n\r\n\0\r\nQUIT\n"
#define TCP4 "\xc0\x00\x02\x01\xc6\x33\x64\x02\x12\x67\x01\xbb"

static const struct {
    struct str bytes;
    enum status status;
    ptrdiff_t length;
    const char *src; /* NULL: none */
    uint16_t port;
    bool malformed;
} cases[] = {
    {STR_INIT("PROXY TCP4 192.0.2.1 198.51.100.2 4711 443\r\nGET"), STATUS_OK, 44, "192.0.2.1", 4711, false},
    {STR_INIT("PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n"), STATUS_OK, 44, "2001:db8::1", 1, false},
    {STR_INIT("PROXY UNKNOWN\r\n"), STATUS_OK, 15, NULL, 0, false},
    {STR_INIT("PROXY UNKNOWN ffff::1 whatever\r\n"), STATUS_OK, 32, NULL, 0, false},
    {STR_INIT("PROXY TCP4 192.0.2.1 198.51.100.2 4711 443\n"), STATUS_SKIP, 0, NULL, 0, false},
    {STR_INIT("PROXY TCP4 192.0.2.1 198.51.100.2 04711 443\r\n"), STATUS_SKIP, 0, NULL, 0, false},
    {STR_INIT("PROXY TCP4 192.0.2.1 198.51.100.2 65536 443\r\n"), STATUS_SKIP, 0, NULL, 0, false},
    {STR_INIT("PROXY TCP4 192.0.2.1 198.51.100.2 1\r\n"), STATUS_SKIP, 0, NULL, 0, false},
    {STR_INIT("PROXY TCP4 192.0.2.1 198.51.100.2 1 2 3\r\n"), STATUS_SKIP, 0, NULL, 0, false},
    {STR_INIT("PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n"), STATUS_SKIP, 0, NULL, 0, false},
    {STR_INIT("PROXY TCP6 192.0.2.1 198.51.100.2 1 2\r\n"), STATUS_SKIP, 0, NULL, 0, false},
    {STR_INIT("PROXY TCP4  192.0.2.1 198.51.100.2 1 2\r\n"), STATUS_SKIP, 0, NULL, 0, false},
    {STR_INIT("PROXY \r\n"), STATUS_SKIP, 0, NULL, 0, false},
    {STR_INIT("PROXY \n"), STATUS_SKIP, 0, NULL, 0, false},
    {STR_INIT("PROXYS / HTTP/1.1\r\n"), STATUS_SKIP, 0, NULL, 0, false},
    {STR_INIT("GET / HTTP/1.1\r\n"), STATUS_SKIP, 0, NULL, 0, false},
    {STR_INIT("\r\n\r\nGET"), STATUS_SKIP, 0, NULL, 0, false},
    {STR_INIT(""), STATUS_MORE, 0, NULL, 0, false},
    {STR_INIT("PRO"), STATUS_MORE, 0, NULL, 0, false},
    {STR_INIT("\r\n\r\n"), STATUS_MORE, 0, NULL, 0, false},
    {STR_INIT(V2 "\x21\x11\x00\x0c" TCP4), STATUS_OK, 28, "192.0.2.1", 4711, false},
    {STR_INIT(V2 "\x21\x11\x00\x10" TCP4 "\x01\x00\x01z"), STATUS_OK, 32, "192.0.2.1", 4711, false},
    {STR_INIT(V2 "\x21\x11\x00\x10" TCP4 "\x01\x00\x02z"), STATUS_OK, 32, "192.0.2.1", 4711, true},
    {STR_INIT(V2 "\x21\x11\x00\x0d" TCP4 "z"), STATUS_OK, 29, "192.0.2.1", 4711, true},
    {STR_INIT(V2 "\x20\x11\x00\x0c" TCP4), STATUS_OK, 28, NULL, 0, false}, /* LOCAL */
    {STR_INIT(V2 "\x21\x31\x00\x02zz"), STATUS_OK, 18, NULL, 0, false},    /* UNIX */
    {STR_INIT(V2 "\x21\x11\x00\x04\xc0\x00\x02\x01"), STATUS_OK, 20, NULL, 0, false}, /* no room for addresses */
    {STR_INIT(V2 "\x21\x11\x00\x0c" "\xc0\x00"), STATUS_MORE, 0, NULL, 0, false},
    {STR_INIT(V2 "\x22\x11\x00\x0c" TCP4), STATUS_SKIP, 0, NULL, 0, false},
    {STR_INIT(V2 "\x31\x11\x00\x0c" TCP4), STATUS_SKIP, 0, NULL, 0, false},
};

static void headers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct proxy_header h;
        char text[IP_TEXT_MAX + 1] = "";
        enum status st = proxy_read(guarded(cases[i].bytes), &h);
        if (st != cases[i].status)
            fail_msg("case %zu: status %d", i, (int)st);
        if (st != STATUS_OK)
            continue;
        assert_int_equal(h.length, cases[i].length);
        assert_int_equal(h.has_addresses, cases[i].src != NULL);
        assert_int_equal(h.malformed, cases[i].malformed);
        if (cases[i].src == NULL)
            continue;
        text[ip_format(&h.src, text)] = '\0';
        assert_string_equal(text, cases[i].src);
        assert_int_equal(h.src_port, cases[i].port);
    }
}

static void every_cut_waits(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct proxy_header h;
        for (ptrdiff_t n = 0; cases[i].status == STATUS_OK && n < cases[i].length; n++)
            assert_int_equal(proxy_read(guarded(str_sub(cases[i].bytes, 0, n)), &h), STATUS_MORE);
    }
}

static void a_line_without_end(void **state)
{
    (void)state;
    char line[200];
    struct proxy_header h;
    memset(line, 'x', sizeof line);
    memcpy(line, "PROXY UNKNOWN ", 14);
    assert_int_equal(proxy_read(guarded((struct str){line, 106}), &h), STATUS_MORE);
    assert_int_equal(proxy_read(guarded((struct str){line, 107}), &h), STATUS_SKIP);
    assert_int_equal(h.version, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers),
        cmocka_unit_test(every_cut_waits),
        cmocka_unit_test(a_line_without_end),
    };
    return cmocka_run_group_tests_name("parsers_proxy", tests, NULL, NULL);
}
