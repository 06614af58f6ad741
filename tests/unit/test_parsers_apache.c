/* test_parsers_apache.c: LogFormat strings, above all the many ways to write the time. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/unit/parse_log.h"

#define T_US (INT64_C(1791633336) * 1000000)

static const struct {
    const char *format, *line;
    int64_t us;
    uint32_t resolution;
    enum time_meaning meaning;
    bool zone;
    const char *text;
} times[] = {
    {"%t %m", "[10/Oct/2026:13:55:36 +0200] GET", T_US, 1000000, TIME_MEANS_REQUEST_START, true,
     "10/Oct/2026:13:55:36 +0200"},
    {"%{end:}t %m", "[10/Oct/2026:13:55:36 +0200] GET", T_US, 1000000, TIME_MEANS_RESPONSE_END,
     true, "10/Oct/2026:13:55:36 +0200"},
    {"%{sec}t %m", "1791633336 GET", T_US, 1000000, TIME_MEANS_REQUEST_START, true, "1791633336"},
    {"%{msec}t %m", "1791633336047 GET", T_US + 47000, 1000, TIME_MEANS_REQUEST_START, true,
     "1791633336047"},
    {"%{usec}t %m", "1791633336047001 GET", T_US + 47001, 1, TIME_MEANS_REQUEST_START, true,
     "1791633336047001"},
    {"%{end:msec}t %m", "1791633336047 GET", T_US + 47000, 1000, TIME_MEANS_RESPONSE_END, true,
     "1791633336047"},
    {"%{begin:usec}t %m", "1791633336047001 GET", T_US + 47001, 1, TIME_MEANS_REQUEST_START, true,
     "1791633336047001"},
    {"%{sec}t.%{usec_frac}t %m", "1791633336.047001 GET", T_US + 47001, 1, TIME_MEANS_REQUEST_START,
     true, "1791633336.047001"},
    {"%t.%{msec_frac}t %m", "[10/Oct/2026:13:55:36 +0200].047 GET", T_US + 47000, 1000,
     TIME_MEANS_REQUEST_START, true, "10/Oct/2026:13:55:36 +0200].047"},
    {"%{%d/%b/%Y:%H:%M:%S %z}t %m", "10/Oct/2026:13:55:36 +0200 GET", T_US, 1000000,
     TIME_MEANS_REQUEST_START, true, "10/Oct/2026:13:55:36 +0200"},
    {"%{%Y-%m-%dT%H:%M:%S%z}t %m", "2026-10-10T13:55:36+0200 GET", T_US, 1000000,
     TIME_MEANS_REQUEST_START, true, "2026-10-10T13:55:36+0200"},
    {"%{%FT%T}t.%{msec_frac}t%{%z}t %m", "2026-10-10T13:55:36.047+0200 GET", T_US + 47000, 1000,
     TIME_MEANS_REQUEST_START, true, "2026-10-10T13:55:36.047+0200"},
    {"[%{%d/%b/%Y:%T}t.%{usec_frac}t %{%z}t] %m", "[10/Oct/2026:13:55:36.000047 +0200] GET",
     T_US + 47, 1, TIME_MEANS_REQUEST_START, true, "10/Oct/2026:13:55:36.000047 +0200"},
    {"%{%Y%m%d%H%M%S}t %m", "20261010115536 GET", T_US, 1000000, TIME_MEANS_REQUEST_START, false,
     "20261010115536"},
    {"%{%a %d %b %Y %H:%M:%S}t %m", "Sat 10 Oct 2026 11:55:36 GET", T_US, 1000000,
     TIME_MEANS_REQUEST_START, false, "Sat 10 Oct 2026 11:55:36"},
    {"%{%b %e %T %Y}t %m", "Oct  1 11:55:36 2026 GET", T_US - INT64_C(9) * 86400 * 1000000, 1000000,
     TIME_MEANS_REQUEST_START, false, "Oct  1 11:55:36 2026"},
    {"%{%s}t %m", "1791633336 GET", T_US, 1000000, TIME_MEANS_REQUEST_START, true, "1791633336"},
    /* both ends: the beginning counts */
    {"%{end:usec}t %{begin:usec}t %m", "1791633339000000 1791633336047001 GET", T_US + 47001, 1,
     TIME_MEANS_REQUEST_START, true, "1791633336047001"},
};

static void times_of_all_kinds(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        struct parsed p = {0};
        char spec[128] = "apache:";
        memcpy(spec + 7, times[i].format, strlen(times[i].format) + 1);
        if (!parse_open(&p, spec, NULL))
            print_error("%s: %.*s\n", spec, STR_ARG(p.why));
        assert_non_null(p.format);
        assert_int_equal(p.format->meaning, times[i].meaning);
        assert_int_equal(p.format->resolution_us, times[i].resolution);
        assert_int_equal(p.format->zone_in_line, times[i].zone);
        if (parse_line(&p, str_of(times[i].line)) != REJECT_NONE)
            print_error("%s: %s: %s\n", spec, times[i].line, reject_table[p.reason].name);
        assert_int_equal(p.reason, REJECT_NONE);
        assert_int_equal(p.e.time_us, times[i].us);
        assert_string_equal(shown(&p, p.e.time_text), times[i].text);
        assert_int_equal(p.e.method, METHOD_GET);
        parse_close(&p);
    }
}

static void bad_times_are_refused(void **state)
{
    static const char *const rows[][2] = {
        {"apache:%{%Y-%m-%d %T}t %m", "2026-13-10 13:55:36 GET"},
        {"apache:%{%Y-%m-%d %T}t %m", "2026-02-30 13:55:36 GET"},
        {"apache:%{%Y-%m-%d %T}t %m", "2026-10-10 24:00:00 GET"},
        {"apache:%{%Y-%m-%d %T}t %m", "2026-10-10 23:0x:00 GET"},
        {"apache:%{usec}t %m", "x GET"},
        {"apache:%{%F %T %z}t %m", "2026-10-10 13:55:36 +02:0 GET"},
        {"apache:%{%F %T}t.%{msec_frac}t %m", "2026-10-10 13:55:36.0x7 GET"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct parsed p = {0};
        assert_true(parse_open(&p, rows[i][0], NULL));
        assert_int_equal(parse_line(&p, str_of(rows[i][1])), REJECT_TIME_INVALID);
        parse_close(&p);
    }
}

static void a_rich_format(void **state)
{
    struct parsed p = {0};
    (void)state;
    assert_true(
        parse_open(&p,
                   "apache:LogFormat \"%v:%p %{c}a %a %l %u %t \\\"%r\\\" %<s %>s %b %O %D %{ms}T "
                   "\\\"%{Referer}i\\\" \\\"%{User-agent}i\\\" \\\"%{Cookie}i\\\" %{PHPSESSID}C "
                   "\\\"%!200,304{X-Why}i\\\" %{UNIQUE_ID}e %{note}n \\\"%{Content-Type}o\\\" %X "
                   "%k %{remote}p\" full",
                   NULL));
    assert_int_equal(p.format->meaning, TIME_MEANS_REQUEST_START);
    assert_int_equal(
        parse_line(&p,
                   STR("www.example.org:443 192.0.2.1 203.0.113.7 - - [10/Oct/2026:13:55:36 +0200] "
                       "\"GET /a HTTP/1.1\" 200 302 512 900 125001 125 \"-\" \"ua \\\"x\\\"\" "
                       "\"a=1; b=2\" sess9 "
                       "\"because\" id7 n8 \"text/html\" + 3 50123")),
        REJECT_NONE);
    assert_string_equal(shown(&p, p.e.host), "www.example.org");
    assert_string_equal(shown(&p, p.e.peer_text), "203.0.113.7");
    assert_int_equal(p.e.status, 302);
    assert_int_equal(p.e.bytes, 512);
    assert_int_equal(p.e.duration_us, 125001);
    assert_int_equal(p.e.client_port, 50123);
    assert_string_equal(shown(&p, p.e.cookies), "a=1; b=2");
    assert_string_equal(shown(&p, p.e.agent), "ua \\\"x\\\"");
    assert_string_equal(shown(&p, extra_of(&p.e, EXTRA_COOKIE, "PHPSESSID")), "sess9");
    assert_string_equal(shown(&p, extra_of(&p.e, EXTRA_REQUEST_HEADER, "x-why")), "because");
    assert_string_equal(shown(&p, extra_of(&p.e, EXTRA_RESPONSE_HEADER, "content-type")),
                        "text/html");
    assert_string_equal(shown(&p, extra_of(&p.e, EXTRA_OTHER, "peer_ip")), "192.0.2.1");
    assert_string_equal(shown(&p, extra_of(&p.e, EXTRA_OTHER, "UNIQUE_ID")), "id7");
    assert_string_equal(shown(&p, extra_of(&p.e, EXTRA_OTHER, "server_port")), "443");
    assert_int_equal(p.e.odd, 0);
    parse_close(&p);
}

static void pieces_of_the_request(void **state)
{
    static const struct {
        const char *format, *line, *target;
        enum method method;
        uint8_t version;
    } rows[] = {
        {"apache:%{sec}t %m %U%q %H %>s", "1 POST /a?b=c HTTP/1.1 200", "/a?b=c", METHOD_POST, 11},
        {"apache:%{sec}t %m %U%q %H %>s", "1 GET /a HTTP/1.0 200", "/a", METHOD_GET, 10},
        {"apache:%{sec}t %m %U %q %H %>s", "1 GET /a ?b HTTP/1.0 200", "/a?b", METHOD_GET, 10},
        {"apache:%{sec}t \"%m %U%q %H\" %s", "1 \"GET /a HTTP/1.0\" 200", "/a", METHOD_GET, 10},
        {"apache:%{sec}t %r %%%>s", "1 GET /a b HTTP/1.0 %200", "/a b", METHOD_GET, 10},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct parsed p = {0};
        assert_true(parse_open(&p, rows[i].format, NULL));
        assert_int_equal(parse_line(&p, str_of(rows[i].line)), REJECT_NONE);
        assert_string_equal(shown(&p, p.e.target), rows[i].target);
        assert_int_equal(p.e.method, rows[i].method);
        assert_int_equal(p.e.http_version, rows[i].version);
        assert_int_equal(p.e.status, 200);
        parse_close(&p);
    }
}

static void durations(void **state)
{
    static const struct {
        const char *format, *line;
        int64_t us;
        uint32_t absent;
    } rows[] = {
        {"apache:%{sec}t %D", "1 125001", 125001, 0},
        {"apache:%{sec}t %T", "1 3", 3000000, 0},
        {"apache:%{sec}t %{ms}T", "1 3", 3000, 0},
        {"apache:%{sec}t %{us}T", "1 3", 3, 0},
        {"apache:%{sec}t %{s}T", "1 3", 3000000, 0},
        {"apache:%{sec}t %T/%D", "1 0/125001", 125001, 0},
        {"apache:%{sec}t %D", "1 -", 0, HAS(DURATION)},
        {"apache:%{sec}t %D", "1 -20", 0, HAS(DURATION)},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct parsed p = {0};
        assert_true(parse_open(&p, rows[i].format, NULL));
        assert_int_equal(parse_line(&p, str_of(rows[i].line)), REJECT_NONE);
        assert_int_equal(p.e.duration_us, rows[i].us);
        assert_int_equal(p.e.absent, rows[i].absent);
        parse_close(&p);
    }
}

static void without_addresses(void **state)
{
    struct parsed p = {0};
    (void)state;
    assert_true(parse_open(
        &p, "apache:%l %u %t \"%r\" %>s %b \"%{Referer}i\" %{PHPSESSID}C \"%{User-Agent}i\"",
        NULL));
    assert_int_equal(
        parse_line(
            &p, STR("- - [10/Oct/2026:13:55:36 +0200] \"GET / HTTP/1.1\" 200 5 \"-\" abc \"x\"")),
        REJECT_NONE);
    assert_int_equal(p.e.client_rule, CLIENT_NONE);
    assert_int_equal(p.e.has & HAS(PEER), 0);
    assert_true(ip_is_zero(&p.e.peer));
    assert_string_equal(shown(&p, extra_of(&p.e, EXTRA_COOKIE, "PHPSESSID")), "abc");
    parse_close(&p);
}

static void nicknames(void **state)
{
    static const char *const rows[][2] = {
        {"apache:common", "203.0.113.7 - - [10/Oct/2026:13:55:36 +0200] \"GET / HTTP/1.1\" 200 5"},
        {"apache:combined",
         "203.0.113.7 - - [10/Oct/2026:13:55:36 +0200] \"GET / HTTP/1.1\" 200 5 \"-\" \"x\""},
        {"apache:vhost_combined", "www.example.org:80 203.0.113.7 - - [10/Oct/2026:13:55:36 +0200] "
                                  "\"GET / HTTP/1.1\" 200 5 \"-\" \"x\""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct parsed p = {0};
        assert_true(parse_open(&p, rows[i][0], NULL));
        assert_int_equal(p.format->meaning, TIME_MEANS_REQUEST_START);
        assert_int_equal(parse_line(&p, str_of(rows[i][1])), REJECT_NONE);
        parse_close(&p);
    }
}

static void errors_name_the_place(void **state)
{
    static const struct {
        const char *format, *says;
    } rows[] = {
        {"apache", "needs its LogFormat string"},
        {"apache:%t %", "'%' without a directive at byte 4"},
        {"apache:%t %>", "'%' without a directive at byte 4"},
        {"apache:%t %{Foo", "'{' without '}' at byte 4"},
        {"apache:%t %y", "an unknown directive at byte 4"},
        {"apache:%t %i", "an unknown directive at byte 4"},
        {"apache:%{%c}t", "strftime"},
        {"apache:%h%u %t", "two values with nothing between them at byte 1"},
        {"apache:%h %u", "no complete time stamp"},
        {"apache:%h %{%H:%M}t", "no complete time stamp"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct parsed p = {0};
        assert_false(parse_open(&p, rows[i].format, NULL));
        if (str_find_str(p.why, str_of(rows[i].says)) < 0)
            print_error("%s: %.*s\n", rows[i].format, STR_ARG(p.why));
        assert_true(str_find_str(p.why, str_of(rows[i].says)) >= 0);
        parse_close(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_of_all_kinds), cmocka_unit_test(bad_times_are_refused),
        cmocka_unit_test(a_rich_format),      cmocka_unit_test(pieces_of_the_request),
        cmocka_unit_test(durations),          cmocka_unit_test(without_addresses),
        cmocka_unit_test(nicknames),          cmocka_unit_test(errors_name_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
