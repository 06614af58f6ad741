/* test_parsers_combined.c: the formats that are recognised unasked, with everything that breaks
 * other readers. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/unit/parse_log.h"

#define T "[10/Oct/2026:13:55:36 +0200]"
#define T_US (INT64_C(1791633336) * 1000000)

static void every_field(void **state)
{
    struct parsed p = {0};
    (void)state;
    assert_true(parse_open(&p, "combined", NULL));
    assert_int_equal(p.format->meaning, TIME_MEANS_UNKNOWN);
    assert_int_equal(p.format->resolution_us, 1000000);
    assert_true(p.format->zone_in_line);
    assert_int_equal(parse_line(&p, STR("203.0.113.7 - anna " T " \"GET /a?b HTTP/1.1\" 200 2326 "
                                        "\"https://www.example.org/\" \"Mozilla/5.0 (X11)\"")),
                     REJECT_NONE);
    struct event *e = &p.e;
    struct ip want;
    assert_true(ip_parse(STR("203.0.113.7"), &want));
    assert_true(ip_eq(&e->peer, &want));
    assert_true(ip_eq(&e->client, &want));
    assert_int_equal(e->client_rule, CLIENT_PEER);
    assert_string_equal(shown(&p, e->peer_text), "203.0.113.7");
    assert_string_equal(shown(&p, e->user), "anna");
    assert_int_equal(e->time_us, T_US);
    assert_string_equal(shown(&p, e->time_text), "10/Oct/2026:13:55:36 +0200");
    assert_int_equal(e->method, METHOD_GET);
    assert_string_equal(shown(&p, e->target), "/a?b");
    assert_string_equal(shown(&p, e->request), "GET /a?b HTTP/1.1");
    assert_int_equal(e->http_version, 11);
    assert_int_equal(e->status, 200);
    assert_int_equal(e->bytes, 2326);
    assert_string_equal(shown(&p, e->referer), "https://www.example.org/");
    assert_string_equal(shown(&p, e->agent), "Mozilla/5.0 (X11)");
    assert_int_equal(e->odd, 0);
    assert_int_equal(e->absent, HAS(IDENT));
    assert_int_equal(e->has, HAS(PEER) | HAS(TIME) | HAS(REQUEST) | HAS(METHOD) | HAS(TARGET) |
                                 HAS(VERSION) | HAS(STATUS) | HAS(BYTES) | HAS(REFERER) |
                                 HAS(AGENT) | HAS(USER) | HAS(IDENT));
    assert_int_equal(e->has, p.format->fields);
    assert_int_equal(e->duration_us, 0);
    assert_null(e->host.p);
    assert_null(e->body.p);
    assert_null(e->cookies.p);
    assert_null(e->forwarded.p);
    assert_int_equal(e->extras_count, 0);
    assert_int_equal(e->client_port, 0);
    assert_int_equal(e->escaping, ESCAPING_APACHE);
    parse_close(&p);
}

/* What differs from the ordinary; NULL: not looked at. */
static const struct {
    const char *line;
    enum reject reason;
    uint32_t odd;
    const char *user, *target, *referer, *agent;
} lines[] = {
    {"203.0.113.7 - - " T " \"-\" 408 - \"-\" \"-\"", REJECT_NONE, 0, "(missing)", "(missing)",
     "(missing)", "(missing)"},
    {"203.0.113.7 - - " T " \"\" 400 0 \"\" \"\"", REJECT_NONE, ODD(REQUEST_EMPTY), NULL,
     "(missing)", "", ""},
    {"203.0.113.7 - - " T " \"\\x16\\x03\\x01\\x02\" 400 226 \"-\" \"-\"", REJECT_NONE,
     ODD(REQUEST_NOT_HTTP), NULL, "\\x16\\x03\\x01\\x02", NULL, NULL},
    {"203.0.113.7 - anna maria [of the desk] " T " \"GET / HTTP/1.1\" 401 12 \"-\" \"x\"",
     REJECT_NONE, 0, "anna maria [of the desk]", "/", NULL, "x"},
    {"203.0.113.7 - \"\" " T " \"GET / HTTP/1.1\" 401 12 \"-\" \"x\"", REJECT_NONE, 0, "\"\"", NULL,
     NULL, NULL},
    {"203.0.113.7 - - " T " \"GET / HTTP/1.1\" 000 0 \"-\" \"x\"", REJECT_NONE, ODD(STATUS_INVALID),
     NULL, NULL, NULL, NULL},
    {"203.0.113.7 - - " T " \"GET / HTTP/1.1\" 009 0 \"-\" \"x\"", REJECT_NONE, ODD(STATUS_INVALID),
     NULL, NULL, NULL, NULL},
    {"203.0.113.7 - - " T " \"GET / HTTP/1.1\" - 7908 \"-\" \"x\"", REJECT_NONE, 0, NULL, "/", NULL,
     "x"},
    {"host.example.net - - " T " \"GET / HTTP/1.1\" 200 1 \"-\" \"x\"", REJECT_NONE,
     ODD(PEER_NOT_ADDRESS), NULL, NULL, NULL, NULL},
    {"2001:db8::7 - - " T " \"GET / HTTP/1.1\" 200 1 \"-\" \"x\"", REJECT_NONE, 0, NULL, "/", NULL,
     "x"},
    {"[2001:db8::7]:443 - - " T " \"GET / HTTP/1.1\" 200 1 \"-\" \"x\"", REJECT_NONE, 0, NULL, "/",
     NULL, "x"},
    {"- - - " T " \"GET / HTTP/1.1\" 200 1 \"-\" \"x\"", REJECT_NONE, 0, NULL, "/", NULL, "x"},
    /* escapes of both servers, and backslashes of neither */
    {"203.0.113.7 - - " T " \"GET /\\x22\\x5C HTTP/1.1\" 200 1 \"-\" \"a \\\"q\\\" z\"",
     REJECT_NONE, 0, NULL, "/\\x22\\x5C", NULL, "a \\\"q\\\" z"},
    {"203.0.113.7 - - " T " \"GET /a\\b HTTP/1.1\" 200 1 \"-\" \"c:\\dos\"", REJECT_NONE,
     ODD(ESCAPE_INVALID), NULL, "/a\\b", NULL, "c:\\dos"},
    {"203.0.113.7 - - " T " \"GET / HTTP/1.1\" 200 1 \"-\" \"ends in \\\"", REJECT_NONE,
     ODD(ESCAPE_INVALID), NULL, NULL, NULL, "ends in \\"},
    {"203.0.113.7 - - " T " \"GET /\\\" 200 1 \"-\" \"x\"", REJECT_NONE,
     ODD(ESCAPE_INVALID) | ODD(VERSION_MISSING), NULL, "/\\", "(missing)", "x"},
    /* quotes that an old server did not escape */
    {"203.0.113.7 - - " T " \"GET /\"a\" b HTTP/1.1\" 200 1 \"-\" \"x\"", REJECT_NONE,
     ODD(QUOTE_INSIDE) | ODD(REQUEST_SPACES), NULL, "/\"a\" b", "(missing)", "x"},
    {"203.0.113.7 - - " T " \"GET / HTTP/1.1\" 200 1 \"http://a/\"b\"c\" \"say \"hi\" now\"",
     REJECT_NONE, ODD(QUOTE_INSIDE), NULL, "/", "http://a/\"b\"c", "say \"hi\" now"},
    {"203.0.113.7 - - " T " \"GET / HTTP/1.1\" 200 1 \"-\" \"a \" b\"", REJECT_NONE,
     ODD(QUOTE_INSIDE), NULL, NULL, NULL, "a \" b"},
    {"203.0.113.7 - - " T " \"GET / HTTP/1.1\" 200 1 \"-\" \"\"x\"\"", REJECT_NONE,
     ODD(QUOTE_INSIDE), NULL, NULL, NULL, "\"x\""},
    /* lines that are not combined */
    {"203.0.113.7 - - " T " \"GET / HTTP/1.1\" 200 1 \"-\" \"x", REJECT_QUOTE_OPEN, 0, NULL, NULL,
     NULL, NULL},
    {"203.0.113.7 - - " T " \"GET / HTTP/1.1\" 200 1 \"-", REJECT_QUOTE_OPEN, 0, NULL, NULL, NULL,
     NULL},
    {"203.0.113.7 - - " T " \"GET / HTTP/1.1", REJECT_QUOTE_OPEN, 0, NULL, NULL, NULL, NULL},
    {"203.0.113.7 - - " T " \"GET / HTTP/1.1\" 200", REJECT_FIELD_MISSING, 0, NULL, NULL, NULL,
     NULL},
    {"203.0.113.7 - - " T " \"GET / HTTP/1.1\" 200 1", REJECT_FIELD_MISSING, 0, NULL, NULL, NULL,
     NULL},
    {"203.0.113.7 - - " T, REJECT_FIELD_MISSING, 0, NULL, NULL, NULL, NULL},
    {"203.0.113.7 - - [10/Oct", REJECT_FIELD_MISSING, 0, NULL, NULL, NULL, NULL},
    {"203.0.113.7", REJECT_FIELD_MISSING, 0, NULL, NULL, NULL, NULL},
    {" - - " T " \"GET / HTTP/1.1\" 200 1 \"-\" \"x\"", REJECT_ADDRESS_INVALID, 0, NULL, NULL, NULL,
     NULL},
    {"203.0.113.7 - - [10/Oct/2026:25:55:36 +0200] \"GET / HTTP/1.1\" 200 1 \"-\" \"x\"",
     REJECT_TIME_INVALID, 0, NULL, NULL, NULL, NULL},
    {"203.0.113.7 - - [10/Oct/2026:13:55:36] \"GET / HTTP/1.1\" 200 1 \"-\" \"x\"",
     REJECT_TIME_INVALID, 0, NULL, NULL, NULL, NULL},
    {"203.0.113.7 - - " T " \"GET / HTTP/1.1\" abc 1 \"-\" \"x\"", REJECT_STATUS_INVALID, 0, NULL,
     NULL, NULL, NULL},
    {"203.0.113.7 - - " T " \"GET / HTTP/1.1\" 20000 1 \"-\" \"x\"", REJECT_STATUS_INVALID, 0, NULL,
     NULL, NULL, NULL},
    {"203.0.113.7 - - " T " \"GET / HTTP/1.1\" 200 1x \"-\" \"x\"", REJECT_NUMBER_INVALID, 0, NULL,
     NULL, NULL, NULL},
    {"203.0.113.7 - - " T " \"GET / HTTP/1.1\" 200 99999999999999999999 \"-\" \"x\"",
     REJECT_NUMBER_INVALID, 0, NULL, NULL, NULL, NULL},
    {"203.0.113.7 - - " T " \"GET / HTTP/1.1\" 200 1 \"-\" \"x\" \"-\"", REJECT_TRAILING, 0, NULL,
     NULL, NULL, NULL},
    {"203.0.113.7 - - " T " \"GET / HTTP/1.1\" 200 1 \"-\" \"x\" 1807", REJECT_TRAILING, 0, NULL,
     NULL, NULL, NULL},
    {"203.0.113.7 - - " T " \"GET / HTTP/1.1\" 200 1 \"-\" \"x\"y", REJECT_TRAILING, 0, NULL, NULL,
     NULL, NULL},
    /* a virtual host in front must not pass for the client */
    {"www.example.org 203.0.113.7 - - " T " \"GET / HTTP/1.1\" 200 1 \"-\" \"x\"",
     REJECT_LITERAL_MISMATCH, 0, NULL, NULL, NULL, NULL},
    {"", REJECT_EMPTY_LINE, 0, NULL, NULL, NULL, NULL},
    {"\r", REJECT_EMPTY_LINE, 0, NULL, NULL, NULL, NULL},
};

static void nasty_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct parsed p = {0};
        assert_true(parse_open(&p, "combined", NULL));
        enum reject got = parse_line(&p, str_of(lines[i].line));
        if (got != lines[i].reason)
            print_error("%s: %s\n", reject_table[got].name, lines[i].line);
        assert_int_equal(got, lines[i].reason);
        if (got == REJECT_NONE) {
            assert_int_equal(p.e.odd, lines[i].odd);
            if (lines[i].user != NULL)
                assert_string_equal(shown(&p, p.e.user), lines[i].user);
            if (lines[i].target != NULL)
                assert_string_equal(shown(&p, p.e.target), lines[i].target);
            if (lines[i].referer != NULL)
                assert_string_equal(shown(&p, p.e.referer), lines[i].referer);
            if (lines[i].agent != NULL)
                assert_string_equal(shown(&p, p.e.agent), lines[i].agent);
        }
        parse_close(&p);
    }
}

static void missing_is_not_empty(void **state)
{
    struct parsed p = {0};
    (void)state;
    assert_true(parse_open(&p, "combined", NULL));
    parse_line(&p, STR("203.0.113.7 - - " T " \"-\" 408 - \"-\" \"\""));
    assert_int_equal(p.e.absent, HAS(IDENT) | HAS(USER) | HAS(REQUEST) | HAS(METHOD) | HAS(TARGET) |
                                     HAS(VERSION) | HAS(BYTES) | HAS(REFERER));
    assert_non_null(p.e.agent.p);
    assert_int_equal(p.e.agent.n, 0);
    assert_int_equal(p.e.status, 408);
    parse_close(&p);
}

static void bytes_of_the_line(void **state)
{
    struct parsed p = {0};
    (void)state;
    assert_true(parse_open(&p, "combined", NULL));
    parse_line(&p, STR("203.0.113.7 - - " T " \"GET / HTTP/1.1\" 200 1 \"-\" \"x\"\r"));
    assert_int_equal(p.reason, REJECT_NONE);
    assert_int_equal(p.e.odd, ODD(CRLF));
    parse_line(&p, STR("\xEF\xBB\xBF"
                       "203.0.113.7 - - " T " \"GET / HTTP/1.1\" 200 1 \"-\" \"x\""));
    assert_int_equal(p.reason, REJECT_NONE);
    assert_int_equal(p.e.odd, ODD(BYTE_ORDER_MARK));
    parse_line(&p, STR("203.0.113.7 - - " T " \"GET /\xe9 HTTP/1.1\" 200 1 \"-\" \"x\""));
    assert_int_equal(p.e.odd, ODD(UTF8_INVALID));
    parse_line(&p, STR("203.0.113.7 - - " T " \"GET /\xc3\xa9 HTTP/1.1\" 200 1 \"-\" \"x\""));
    assert_int_equal(p.e.odd, 0);
    parse_line(&p, STR("203.0.113.7 - - " T " \"GET /\x01\0 HTTP/1.1\" 200 1 \"-\" \"x\ty\""));
    assert_int_equal(p.reason, REJECT_NONE);
    assert_int_equal(p.e.odd, ODD(CONTROL_BYTES));
    assert_int_equal(parse_line(&p, STR("\0\0\0\0\0\0\0\0 x")), REJECT_NUL_BYTES);
    parse_close(&p);
}

static void relatives(void **state)
{
    static const struct {
        const char *parser, *line;
        enum reject reason;
    } rows[] = {
        {"common", "203.0.113.7 - - " T " \"GET / HTTP/1.1\" 200 1", REJECT_NONE},
        {"common", "203.0.113.7 - - " T " \"GET / HTTP/1.1\" 200 -", REJECT_NONE},
        {"common", "203.0.113.7 - - " T " \"GET / HTTP/1.1\" 200 ", REJECT_NONE},
        {"common", "203.0.113.7 - - " T " \"GET / HTTP/1.1\" 200 1 \"-\" \"x\"", REJECT_TRAILING},
        {"common", "203.0.113.7 - - " T " \"GET / HTTP/1.1\" 200 x", REJECT_NUMBER_INVALID},
        {"common", "203.0.113.7 - - " T " \"GET / HTTP/1.1\" 200", REJECT_FIELD_MISSING},
        {"combined_extra",
         "203.0.113.7 - - " T
         " \"GET / HTTP/1.1\" 200 1 \"-\" \"x\" \"198.51.100.1, 192.0.2.9\" 0.004 [z]",
         REJECT_NONE},
        {"combined_extra", "203.0.113.7 - - " T " \"GET / HTTP/1.1\" 200 1 \"-\" \"x\"",
         REJECT_FIELD_MISSING},
        {"combined_extra", "203.0.113.7 - - " T " \"GET / HTTP/1.1\" 200 1 \"-\" \"x\" \"y",
         REJECT_TRAILING},
        {"vhost_combined",
         "www.example.org:443 203.0.113.7 - - " T " \"GET / HTTP/1.1\" 200 1 \"-\" \"x\"",
         REJECT_NONE},
        {"vhost_combined",
         "www.example.org 203.0.113.7 - - " T " \"GET / HTTP/1.1\" 200 1 \"-\" \"x\"", REJECT_NONE},
        {"vhost_combined", "203.0.113.7 - - " T " \"GET / HTTP/1.1\" 200 1 \"-\" \"x\"",
         REJECT_FIELD_MISSING},
        {"vhost_common", "www.example.org 203.0.113.7 - anna " T " \"GET / HTTP/1.0\" 301 368",
         REJECT_NONE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct parsed p = {0};
        assert_true(parse_open(&p, rows[i].parser, NULL));
        if (parse_line(&p, str_of(rows[i].line)) != rows[i].reason)
            print_error("%s: %s: %s\n", rows[i].parser, reject_table[p.reason].name, rows[i].line);
        assert_int_equal(p.reason, rows[i].reason);
        if (p.reason == REJECT_NONE)
            assert_string_equal(shown(&p, p.e.peer_text), "203.0.113.7");
        parse_close(&p);
    }
}

static void further_fields_and_hosts(void **state)
{
    struct parsed p = {0};
    (void)state;
    assert_true(parse_open(&p, "combined_extra", NULL));
    parse_line(&p, STR("203.0.113.7 - - " T
                       " \"GET / HTTP/1.1\" 200 1 \"-\" \"x\" \"198.51.100.1\" 0.004"));
    assert_string_equal(shown(&p, p.e.agent), "x");
    assert_string_equal(shown(&p, extra_of(&p.e, EXTRA_OTHER, "extra1")), "198.51.100.1");
    assert_string_equal(shown(&p, extra_of(&p.e, EXTRA_OTHER, "extra2")), "0.004");
    parse_close(&p);
    assert_true(parse_open(&p, "vhost_combined", NULL));
    parse_line(
        &p, STR("www.example.org:443 203.0.113.7 - - " T " \"GET / HTTP/1.1\" 200 1 \"-\" \"x\""));
    assert_string_equal(shown(&p, p.e.host), "www.example.org");
    assert_string_equal(shown(&p, extra_of(&p.e, EXTRA_OTHER, "server_port")), "443");
    parse_close(&p);
}

static void the_remembered_minute_is_not_reused_wrongly(void **state)
{
    static const struct {
        const char *line;
        int64_t s;
    } rows[] = {
        {"203.0.113.7 - - [10/Oct/2026:13:55:36 +0200] \"GET / HTTP/1.1\" 200 1 \"-\" \"x\"",
         1791633336},
        {"203.0.113.7 - - [10/Oct/2026:13:55:59 +0200] \"GET / HTTP/1.1\" 200 1 \"-\" \"x\"",
         1791633359},
        {"203.0.113.7 - - [10/Oct/2026:13:56:00 +0200] \"GET / HTTP/1.1\" 200 1 \"-\" \"x\"",
         1791633360},
        {"203.0.113.7 - - [25/Oct/2026:02:30:00 +0200] \"GET / HTTP/1.1\" 200 1 \"-\" \"x\"",
         1792888200},
        {"203.0.113.7 - - [25/Oct/2026:02:30:00 +0100] \"GET / HTTP/1.1\" 200 1 \"-\" \"x\"",
         1792891800},
    };
    struct parsed p = {0};
    (void)state;
    assert_true(parse_open(&p, "combined", NULL));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(parse_line(&p, str_of(rows[i].line)), REJECT_NONE);
        assert_int_equal(p.e.time_us, rows[i].s * 1000000);
    }
    parse_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field),
        cmocka_unit_test(nasty_lines),
        cmocka_unit_test(missing_is_not_empty),
        cmocka_unit_test(bytes_of_the_line),
        cmocka_unit_test(relatives),
        cmocka_unit_test(further_fields_and_hosts),
        cmocka_unit_test(the_remembered_minute_is_not_reused_wrongly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
