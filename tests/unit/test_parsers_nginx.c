/* test_parsers_nginx.c: log_format strings as administrators write them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/unit/parse_log.h"

#define T_S INT64_C(1791633336)

static void time_and_its_meaning(void **state)
{
    static const struct {
        const char *format, *line;
        int64_t us;
        uint32_t resolution;
        const char *text;
    } rows[] = {
        {"nginx:$remote_addr [$time_local] \"$request\"",
         "203.0.113.7 [10/Oct/2026:13:55:36 +0200] \"GET / HTTP/1.1\"", T_S * 1000000, 1000000,
         "10/Oct/2026:13:55:36 +0200"},
        {"nginx:$remote_addr $time_iso8601 \"$request\"",
         "203.0.113.7 2026-10-10T13:55:36+02:00 \"GET / HTTP/1.1\"", T_S * 1000000, 1000000,
         "2026-10-10T13:55:36+02:00"},
        {"nginx:$msec $remote_addr \"$request\"", "1791633336.047 203.0.113.7 \"GET / HTTP/1.1\"",
         T_S * 1000000 + 47000, 1000, "1791633336.047"},
        /* the finer one counts, wherever it stands */
        {"nginx:[$time_local] $msec \"$request\"",
         "[10/Oct/2026:13:55:36 +0200] 1791633336.047 \"GET / HTTP/1.1\"", T_S * 1000000 + 47000,
         1000, "1791633336.047"},
        {"nginx:$msec [$time_local] \"$request\"",
         "1791633336.047 [10/Oct/2026:13:55:36 +0200] \"GET / HTTP/1.1\"", T_S * 1000000 + 47000,
         1000, "1791633336.047"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct parsed p = {0};
        assert_true(parse_open(&p, rows[i].format, NULL));
        assert_int_equal(p.format->meaning, TIME_MEANS_LOG_WRITE);
        assert_int_equal(p.format->resolution_us, rows[i].resolution);
        assert_int_equal(parse_line(&p, str_of(rows[i].line)), REJECT_NONE);
        assert_int_equal(p.e.time_us, rows[i].us);
        assert_int_equal(p.e.resolution_us, rows[i].resolution);
        assert_int_equal(p.e.meaning, TIME_MEANS_LOG_WRITE);
        assert_string_equal(shown(&p, p.e.time_text), rows[i].text);
        parse_close(&p);
    }
}

static void a_rich_format(void **state)
{
    struct parsed p = {0};
    (void)state;
    assert_true(parse_open(
        &p,
        "nginx:log_format main '$remote_addr:$remote_port - $remote_user [$time_local] "
        "${request_time} '\n"
        "  '\"$request_method $scheme://$host$request_uri $server_protocol\" $status "
        "$body_bytes_sent '\n"
        "  '\"$http_referer\" \"$http_user_agent\" xff=\"$http_x_forwarded_for\" "
        "sid=$cookie_eZSESSID '\n"
        "  'up=$upstream_addr rt=$upstream_response_time al=\"$http_accept_language\" '\n"
        "  'set=\"$sent_http_set_cookie\" c=$connection body=\"$request_body\"';",
        NULL));
    assert_int_equal(
        parse_line(&p, STR("2001:db8:0:1::7:50123 - - [10/Oct/2026:13:55:36 +0200] 0.125 "
                           "\"POST https://www.example.org/booking/create/7/1?x=1 HTTP/2.0\" 200 "
                           "512 \"-\" \"ua\" "
                           "xff=\"198.51.100.9, 192.0.2.4\" sid=abc123 up=192.0.2.1:80, "
                           "192.0.2.2:80 : 192.0.2.3:80 "
                           "rt=0.010, 0.020 : 0.030 al=\"fr-FR\" set=\"-\" c=77 "
                           "body=\"loginUser=anna%40example.org\"")),
        REJECT_NONE);
    assert_string_equal(shown(&p, p.e.peer_text), "2001:db8:0:1::7");
    assert_int_equal(p.e.client_port, 50123);
    assert_int_equal(p.e.duration_us, 125000);
    assert_int_equal(p.e.method, METHOD_POST);
    assert_string_equal(shown(&p, p.e.host), "www.example.org");
    assert_string_equal(shown(&p, p.e.target), "/booking/create/7/1?x=1");
    assert_int_equal(p.e.http_version, 20);
    assert_string_equal(shown(&p, p.e.forwarded), "198.51.100.9, 192.0.2.4");
    assert_string_equal(shown(&p, p.e.body), "loginUser=anna%40example.org");
    assert_string_equal(shown(&p, extra_of(&p.e, EXTRA_COOKIE, "eZSESSID")), "abc123");
    assert_string_equal(shown(&p, extra_of(&p.e, EXTRA_REQUEST_HEADER, "accept-language")),
                        "fr-FR");
    assert_null(extra_of(&p.e, EXTRA_RESPONSE_HEADER, "set-cookie").p);
    assert_string_equal(shown(&p, extra_of(&p.e, EXTRA_OTHER, "upstream_addr")),
                        "192.0.2.1:80, 192.0.2.2:80 : 192.0.2.3:80");
    assert_string_equal(shown(&p, extra_of(&p.e, EXTRA_OTHER, "upstream_response_time")),
                        "0.010, 0.020 : 0.030");
    assert_string_equal(shown(&p, extra_of(&p.e, EXTRA_OTHER, "connection")), "77");
    assert_int_equal(p.e.odd, ODD(UPSTREAM_LIST));
    assert_true((p.e.has & HAS(COOKIES)) != 0);
    parse_close(&p);
}

static void targets_in_pieces(void **state)
{
    static const struct {
        const char *format, *line, *target;
    } rows[] = {
        {"nginx:$msec $request_uri $status", "1.000 /a?b=c 200", "/a?b=c"},
        {"nginx:$msec $uri $args $status", "1.000 /a b=c 200", "/a?b=c"},
        {"nginx:$msec $uri $args $status", "1.000 /a - 200", "/a"},
        {"nginx:$msec $uri$is_args$args $status", "1.000 /a?b=c 200", "/a?b=c"},
        {"nginx:$msec $uri?$args $status", "1.000 /a?b=c 200", "/a?b=c"},
        {"nginx:$msec $uri?$query_string $status", "1.000 /a? 200", "/a?"},
        {"nginx:$msec \"$request\" $uri $status", "1.000 \"GET /r HTTP/1.1\" /index.php 200", "/r"},
        {"nginx:$msec $uri $request_uri $status", "1.000 /index.php /r?q 200", "/r?q"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct parsed p = {0};
        assert_true(parse_open(&p, rows[i].format, NULL));
        assert_int_equal(parse_line(&p, str_of(rows[i].line)), REJECT_NONE);
        assert_string_equal(shown(&p, p.e.target), rows[i].target);
        assert_int_equal(p.e.status, 200);
        parse_close(&p);
    }
}

static void losers_are_extras(void **state)
{
    struct parsed p = {0};
    (void)state;
    assert_true(parse_open(&p,
                           "nginx:$realip_remote_addr $remote_addr $bytes_sent $body_bytes_sent "
                           "$server_name $http_host $msec",
                           NULL));
    assert_int_equal(
        parse_line(&p, STR("192.0.2.1 203.0.113.7 700 500 default www.example.org 1.5")),
        REJECT_NONE);
    assert_string_equal(shown(&p, p.e.peer_text), "203.0.113.7");
    assert_int_equal(p.e.bytes, 500);
    assert_string_equal(shown(&p, p.e.host), "www.example.org");
    assert_string_equal(shown(&p, extra_of(&p.e, EXTRA_OTHER, "realip_remote_addr")), "192.0.2.1");
    assert_string_equal(shown(&p, extra_of(&p.e, EXTRA_OTHER, "bytes_sent")), "700");
    assert_string_equal(shown(&p, extra_of(&p.e, EXTRA_OTHER, "server_name")), "default");
    parse_close(&p);
}

static void escape_json(void **state)
{
    struct parsed p = {0};
    (void)state;
    assert_true(parse_open(
        &p,
        "nginx:log_format j escape=json '{\"t\":$msec,\"ip\":\"$remote_addr\",\"r\":\"$request\",'"
        "'\"s\":$status,\"d\":$request_time,\"u\":$upstream_response_time,\"ua\":\"$http_user_"
        "agent\"}';",
        NULL));
    assert_int_equal(p.format->escaping, ESCAPING_JSON_DECODED);
    assert_int_equal(
        parse_line(
            &p,
            STR("{\"t\":1791633336.047,\"ip\":\"203.0.113.7\",\"r\":\"GET /\\u00e9\\\" HTTP/1.1\","
                "\"s\":200,\"d\":0.004,\"u\":,\"ua\":\"a \\\"b\\\" c\\\\\"}")),
        REJECT_NONE);
    assert_string_equal(shown(&p, p.e.target), "/\xc3\xa9\"");
    assert_string_equal(shown(&p, p.e.agent), "a \"b\" c\\");
    assert_int_equal(p.e.duration_us, 4000);
    assert_int_equal(p.e.odd, 0);
    assert_int_equal(parse_line(&p, STR("{\"t\":1791633336.047,\"ip\":\"203.0.113.7\",\"r\":\"\","
                                        "\"s\":,\"d\":,\"u\":,\"ua\":\"\"}")),
                     REJECT_NONE);
    assert_int_equal(p.e.absent, HAS(STATUS) | HAS(DURATION));
    assert_int_equal(p.e.odd, ODD(REQUEST_EMPTY));
    parse_close(&p);
}

static void escape_default_and_none(void **state)
{
    struct parsed p = {0};
    (void)state;
    assert_true(parse_open(&p, "nginx:escape=default '$msec \"$http_user_agent\"'", NULL));
    assert_int_equal(p.format->escaping, ESCAPING_NGINX);
    assert_int_equal(parse_line(&p, STR("1.000 \"a\\x22b\\x5cc\"")), REJECT_NONE);
    assert_string_equal(shown(&p, p.e.agent), "a\\x22b\\x5cc");
    assert_int_equal(p.e.odd, 0);
    assert_int_equal(parse_line(&p, STR("1.000 \"a\\nb\"")), REJECT_NONE);
    assert_int_equal(p.e.odd, ODD(ESCAPE_INVALID));
    parse_close(&p);
    assert_true(
        parse_open(&p, "nginx:log_format x escape=none '$msec \"$http_user_agent\"';", NULL));
    assert_int_equal(p.format->escaping, ESCAPING_NONE);
    assert_int_equal(parse_line(&p, STR("1.000 \"a\"b\\\"")), REJECT_NONE);
    assert_string_equal(shown(&p, p.e.agent), "a\"b\\");
    parse_close(&p);
}

static void nginx_combined_is_known(void **state)
{
    struct parsed p = {0};
    (void)state;
    assert_true(parse_open(&p, "nginx:combined", NULL));
    assert_int_equal(p.format->meaning, TIME_MEANS_LOG_WRITE);
    assert_int_equal(parse_line(&p, STR("203.0.113.7 - a b [10/Oct/2026:13:55:36 +0200] \"GET / "
                                        "HTTP/1.1\" 200 5 \"-\" \"x\"")),
                     REJECT_NONE);
    assert_string_equal(shown(&p, p.e.user), "a b");
    parse_close(&p);
}

static void more_extras_than_are_kept(void **state)
{
    struct parsed p = {0};
    (void)state;
    assert_true(parse_open(
        &p,
        "nginx:$msec $pid $v1 $v2 $v3 $v4 $v5 $v6 $v7 $v8 $v9 $v10 $v11 $v12 $cookie_sid $http_x_a",
        NULL));
    assert_non_null(p.format->note.p);
    assert_true(str_find_str(p.format->note, STR("v12")) > 0);
    assert_int_equal(parse_line(&p, STR("1.0 p 1 2 3 4 5 6 7 8 9 10 11 12 s h")), REJECT_NONE);
    assert_string_equal(shown(&p, extra_of(&p.e, EXTRA_COOKIE, "sid")), "s");
    assert_string_equal(shown(&p, extra_of(&p.e, EXTRA_REQUEST_HEADER, "x-a")), "h");
    assert_int_equal(p.e.extras_count, EVENT_EXTRAS_MAX);
    assert_int_equal(p.e.odd, 0);
    parse_close(&p);
}

static void errors_name_the_place(void **state)
{
    static const struct {
        const char *format, *says;
    } rows[] = {
        {"nginx", "needs its log_format string"},
        {"nginx:", "needs its log_format string"},
        {"nginx:$remote_addr$remote_user $msec", "two values with nothing between them at byte 1"},
        {"nginx:$msec $a$b", "two values with nothing between them at byte 7"},
        {"nginx:$msec ${host", "'${' without '}' at byte 7"},
        {"nginx:$msec $ x", "'$' without a variable at byte 7"},
        {"nginx:$msec $", "'$' without a variable at byte 7"},
        {"nginx:$remote_addr $status", "no complete time stamp"},
        {"nginx:log_format a escape=xml '$msec'", "escape=default, escape=json"},
        {"ngnix:$msec", "did you mean \"nginx\""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct parsed p = {0};
        assert_false(parse_open(&p, rows[i].format, NULL));
        assert_int_equal(p.code, DIAG_format_wrong);
        if (str_find_str(p.why, str_of(rows[i].says)) < 0)
            print_error("%s: %.*s\n", rows[i].format, STR_ARG(p.why));
        assert_true(str_find_str(p.why, str_of(rows[i].says)) >= 0);
        parse_close(&p);
    }
    struct parsed p = {0};
    char many[6 + 4 * 70 + 8] = "nginx:$msec";
    size_t n = strlen(many);
    for (int i = 0; i < 70; i++, n += 3)
        memcpy(many + n, " $v", 4);
    assert_false(parse_open(&p, many, NULL));
    assert_true(str_find_str(p.why, STR("more than 64 values")) >= 0);
    parse_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_and_its_meaning),
        cmocka_unit_test(a_rich_format),
        cmocka_unit_test(targets_in_pieces),
        cmocka_unit_test(losers_are_extras),
        cmocka_unit_test(escape_json),
        cmocka_unit_test(escape_default_and_none),
        cmocka_unit_test(nginx_combined_is_known),
        cmocka_unit_test(more_extras_than_are_kept),
        cmocka_unit_test(errors_name_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
