/* test_parsers_json.c: JSON lines: nginx's names, ours, anybody's by a key map; and JSON that lies.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/unit/parse_log.h"

#define T_US (INT64_C(1791633336) * 1000000)

static void nginx_names(void **state)
{
    struct parsed p = {0};
    (void)state;
    assert_true(parse_open(&p, "json", NULL));
    assert_int_equal(
        parse_line(
            &p,
            STR("{\"time_local\":\"10/Oct/2026:13:55:36 +0200\",\"msec\":\"1791633336.047\","
                "\"remote_addr\":\"203.0.113.7\",\"remote_port\":\"50123\",\"remote_user\":\"\","
                "\"request\":\"POST \\/a\\u00e9?b "
                "HTTP/1.1\",\"status\":\"200\",\"body_bytes_sent\":512,"
                "\"request_time\":0.125,\"http_referer\":\"\",\"http_user_agent\":\"a \\\"b\\\"\","
                "\"http_x_forwarded_for\":\"198.51.100.9\",\"http_cookie\":\"a=1\",\"cookie_"
                "eZSESSID\":\"s1\","
                "\"request_body\":\"x=1\",\"host\":\"www.example.org\",\"upstream_addr\":\"192.0.2."
                "1:80, 192.0.2.2:80\","
                "\"http_accept_language\":\"fr\"}")),
        REJECT_NONE);
    struct event *e = &p.e;
    assert_int_equal(e->time_us, T_US + 47000);
    assert_int_equal(e->resolution_us, 1000);
    assert_int_equal(e->meaning, TIME_MEANS_LOG_WRITE);
    assert_string_equal(shown(&p, e->peer_text), "203.0.113.7");
    assert_int_equal(e->client_port, 50123);
    assert_string_equal(shown(&p, e->user), "");
    assert_int_equal(e->method, METHOD_POST);
    assert_string_equal(shown(&p, e->target), "/a\xc3\xa9?b");
    assert_int_equal(e->http_version, 11);
    assert_int_equal(e->status, 200);
    assert_int_equal(e->bytes, 512);
    assert_int_equal(e->duration_us, 125000);
    assert_string_equal(shown(&p, e->agent), "a \"b\"");
    assert_string_equal(shown(&p, e->forwarded), "198.51.100.9");
    assert_string_equal(shown(&p, e->cookies), "a=1");
    assert_string_equal(shown(&p, e->body), "x=1");
    assert_string_equal(shown(&p, e->host), "www.example.org");
    assert_string_equal(shown(&p, extra_of(e, EXTRA_COOKIE, "eZSESSID")), "s1");
    assert_string_equal(shown(&p, extra_of(e, EXTRA_REQUEST_HEADER, "accept-language")), "fr");
    assert_int_equal(e->odd, ODD(UPSTREAM_LIST));
    assert_int_equal(e->absent, 0);
    assert_int_equal(e->escaping, ESCAPING_JSON_DECODED);
    parse_close(&p);
}

static void our_own_events(void **state)
{
    struct parsed p = {0};
    (void)state;
    assert_true(parse_open(&p, "json", NULL));
    assert_int_equal(
        parse_line(
            &p, STR("{\"bytes\":5,\"client_ip\":\"198.51.100.9\",\"client_rule\":\"forwarded\","
                    "\"extras\":{\"cookie:sid\":\"s\","
                    "\"header:x-a\":\"h\",\"plain\":\"v\"},\"http_version\":\"1.1\",\"length\":77,"
                    "\"method\":\"GET\","
                    "\"offset\":0,\"peer_ip\":\"203.0.113.7\",\"record\":1,\"referer\":null,"
                    "\"source\":\"x\",\"status\":200,"
                    "\"target\":\"/"
                    "a\",\"time_iso\":\"2026-10-10T11:55:36Z\",\"time_meaning\":\"request_start\","
                    "\"time_resolution_us\":1000000,\"time_text\":\"10/Oct/2026:13:55:36 +0200\","
                    "\"time_us\":1791633336000000,\"user\":null,\"user_agent\":\"ua\"}")),
        REJECT_NONE);
    struct event *e = &p.e;
    assert_int_equal(e->time_us, T_US);
    assert_int_equal(e->resolution_us, 1000000);
    assert_int_equal(e->meaning, TIME_MEANS_REQUEST_START);
    assert_string_equal(shown(&p, e->peer_text), "203.0.113.7");
    assert_int_equal(e->bytes, 5);
    assert_int_equal(e->method, METHOD_GET);
    assert_int_equal(e->http_version, 11);
    assert_string_equal(shown(&p, e->target), "/a");
    assert_int_equal(e->absent, HAS(REFERER) | HAS(USER));
    assert_string_equal(shown(&p, extra_of(e, EXTRA_COOKIE, "sid")), "s");
    assert_string_equal(shown(&p, extra_of(e, EXTRA_REQUEST_HEADER, "x-a")), "h");
    assert_string_equal(shown(&p, extra_of(e, EXTRA_OTHER, "plain")), "v");
    assert_int_equal(e->extras_count, 3);
    assert_int_equal(e->odd, 0);
    parse_close(&p);
}

static void by_key_map(void **state)
{
    struct parsed p = {0};
    (void)state;
    assert_true(parse_open(&p, "auto",
                           "{\"req.when\":\"time_us\",\"req.from\":\"peer_ip\",\"req.what\":"
                           "\"target\",\"req.verb\":\"method\","
                           "\"sess\":\"cookie:sid\",\"took\":\"duration_ms\"}"));
    assert_string_equal(p.format->parser->name, "json");
    assert_int_equal(
        parse_line(&p, STR("{\"req\":{\"when\":\"2026-10-10T13:55:36.047+02:00\",\"from\":\"[2001:"
                           "db8::7]:99\","
                           "\"what\":\"/a\",\"verb\":\"GET\"},\"sess\":\"s1\",\"took\":3.5}")),
        REJECT_NONE);
    assert_int_equal(p.e.time_us, T_US + 47000);
    assert_int_equal(p.e.resolution_us, 1000);
    assert_string_equal(shown(&p, p.e.target), "/a");
    assert_int_equal(p.e.client_port, 99);
    assert_int_equal(p.e.duration_us, 3500);
    assert_string_equal(shown(&p, extra_of(&p.e, EXTRA_COOKIE, "sid")), "s1");
    parse_close(&p);
    assert_true(parse_open(&p, "json:{\"q\":\"target\"}", NULL));
    parse_close(&p);
    static const char *const wrong[] = {"{\"a\":\"no_such_field\"}", "{\"a\":1}", "[]", "{",
                                        "{\"a\":\"target\",\"a\":\"host\"}"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(parse_open(&p, "json", wrong[i]));
        assert_true(str_starts(p.why, STR("key map: ")));
        parse_close(&p);
    }
}

static const struct {
    const char *line;
    enum reject reason;
    uint32_t odd;
    const char *target;
} lines[] = {
    {"{\"time_us\":1791633336000000,\"target\":\"/\"}", REJECT_NONE, 0, "/"},
    {" {\"ts\":1791633336.5 , \"url\" : \"/x\" } ", REJECT_NONE, 0, "/x"},
    {"{\"time\":\"10/Oct/2026:13:55:36 +0200\",\"request\":\"GET /r HTTP/1.1\"}", REJECT_NONE, 0,
     "/r"},
    {"{\"time\":\"[10/Oct/2026:13:55:36 +0200]\",\"request\":\"\\u0016\\u0003\"}", REJECT_NONE,
     ODD(REQUEST_NOT_HTTP), "\x16\x03"},
    {"{\"time\":1791633336,\"request\":\"\"}", REJECT_NONE, ODD(REQUEST_EMPTY), NULL},
    {"{\"time\":1791633336,\"request\":null}", REJECT_NONE, 0, NULL},
    {"{\"time\":1791633336,\"uri\":\"/p\",\"args\":\"a=b\"}", REJECT_NONE, 0, "/p?a=b"},
    {"{\"time\":1791633336,\"uri\":\"/p\",\"args\":\"\"}", REJECT_NONE, 0, "/p"},
    {"{\"time\":1791633336,\"request_uri\":\"/p?x\",\"args\":\"x\"}", REJECT_NONE, 0, "/p?x"},
    {"{\"time\":1791633336,\"target\":\"/1\",\"target\":\"/2\"}", REJECT_NONE, ODD(DUPLICATE_KEY),
     "/1"},
    {"{\"time\":1791633336,\"target\":\"/1\",\"other\":1,\"other\":2}", REJECT_NONE,
     ODD(DUPLICATE_KEY), "/1"},
    {"{\"time\":1791633336,\"target\":[\"/1\"]}", REJECT_NONE, 0, "/1"},
    {"{\"time\":1791633336,\"target\":[\"/1\",\"/2\"]}", REJECT_NONE, ODD(UPSTREAM_LIST), "/1"},
    {"{\"time\":1791633336,\"target\":\"/1\",\"list\":[{\"a\":1},[2]],\"e\":[],\"o\":{}}",
     REJECT_NONE, ODD(UPSTREAM_LIST), "/1"},
    {"{\"time\":1791633336,\"target\":\"/1\",\"status\":,\"x\": }", REJECT_NONE, ODD(VALUE_MISSING),
     "/1"},
    {"{\"time\":1791633336,\"status\":-,\"target\":\"/:,\\\":,\"}", REJECT_NONE, ODD(VALUE_MISSING),
     "/:,\":,"},
    {"{\"time\":1791633336,\"target\":\"/\\ud800\"}", REJECT_NONE, ODD(ESCAPE_INVALID),
     "/\xEF\xBF\xBD"},
    {"{\"time\":1791633336,\"target\":\"/\xe9\"}", REJECT_NONE, ODD(UTF8_INVALID), "/\xe9"},
    {"{\"time\":1791633336,\"target\":\"/\",\"remote_addr\":\"gateway\"}", REJECT_NONE,
     ODD(PEER_NOT_ADDRESS), "/"},
    {"{\"t\\u0069me\":1791633336,\"target\":\"/\"}", REJECT_NONE, 0, "/"},
    {"{}", REJECT_LITERAL_MISMATCH, 0, NULL},
    {"{\"time\":1791633336,\"level\":\"info\",\"message\":\"started\"}", REJECT_LITERAL_MISMATCH, 0,
     NULL},
    {"{\"target\":\"/\"}", REJECT_NO_TIME, 0, NULL},
    {"{\"target\":\"/\",\"time\":null}", REJECT_NO_TIME, 0, NULL},
    {"{\"target\":\"/\",\"time\":\"\"}", REJECT_NO_TIME, 0, NULL},
    {"{\"target\":\"/\",\"time\":\"noon\"}", REJECT_TIME_INVALID, 0, NULL},
    {"{\"target\":\"/\",\"time\":true}", REJECT_TIME_INVALID, 0, NULL},
    {"{\"target\":\"/\",\"time\":1,\"status\":\"OK\"}", REJECT_STATUS_INVALID, 0, NULL},
    {"{\"target\":\"/\",\"time\":1,\"bytes\":\"many\"}", REJECT_NUMBER_INVALID, 0, NULL},
    {"{\"target\":\"/\",\"time\":1,\"remote_addr\":\"\"}", REJECT_ADDRESS_INVALID, 0, NULL},
    {"[1]", REJECT_NOT_OBJECT, 0, NULL},
    {"12", REJECT_NOT_OBJECT, 0, NULL},
    {"{\"target\":\"/\",\"time\":1", REJECT_JSON_INVALID, 0, NULL},
    {"{\"target\":\"/\",\"time\":1}}", REJECT_JSON_INVALID, 0, NULL},
    {"{\"target\":\"/", REJECT_JSON_INVALID, 0, NULL},
    {"{\"target\":", REJECT_JSON_INVALID, 0, NULL},
    {"203.0.113.7 - - [", REJECT_NOT_OBJECT, 0, NULL}, /* begins with a number */
    {"{\"a\":[", REJECT_JSON_INVALID, 0, NULL},
    {"{\"a\":[1,", REJECT_JSON_INVALID, 0, NULL},
    {"{\"a\":{\"b\":[{\"c\":", REJECT_JSON_INVALID, 0, NULL},
};

static void nasty_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct parsed p = {0};
        assert_true(parse_open(&p, "json", NULL));
        if (parse_line(&p, str_of(lines[i].line)) != lines[i].reason)
            print_error("%s: %s\n", reject_table[p.reason].name, lines[i].line);
        assert_int_equal(p.reason, lines[i].reason);
        if (p.reason == REJECT_NONE) {
            assert_int_equal(p.e.odd, lines[i].odd);
            assert_string_equal(shown(&p, p.e.target),
                                lines[i].target != NULL ? lines[i].target : "(missing)");
        }
        parse_close(&p);
    }
}

/* Deep nesting, long paths and many keys stay within their bounds and leave a mark. */
static void bounds(void **state)
{
    struct parsed p = {0};
    char deep[1024] = "{\"time\":1791633336,\"target\":\"/\"";
    size_t n = strlen(deep);
    (void)state;
    assert_true(parse_open(&p, "json", NULL));
    for (int i = 0; i < 40; i++, n += 5)
        memcpy(deep + n, i == 0 ? ",\"a\":" : "{\"a\":", 6);
    deep[n++] = '1';
    for (int i = 0; i < 40; i++)
        deep[n++] = '}';
    assert_int_equal(parse_line(&p, (struct str){deep, (ptrdiff_t)n}), REJECT_NONE);
    assert_int_equal(p.e.odd, ODD(EXTRAS_CUT));
    char wide[2048] = "{\"time\":1791633336,\"target\":\"/\"";
    n = strlen(wide);
    for (int i = 0; i < 26; i++) {
        char pair[] = ",\"k?\":1";
        pair[3] = (char)('a' + i);
        memcpy(wide + n, pair, sizeof pair);
        n += sizeof pair - 1;
    }
    static const char tail[] = ",\"cookie_sid\":\"s\",\"http_x_a\":\"h\"}";
    memcpy(wide + n, tail, sizeof tail);
    assert_int_equal(parse_line(&p, str_of(wide)), REJECT_NONE);
    assert_int_equal(p.e.odd, ODD(EXTRAS_CUT));
    assert_int_equal(p.e.extras_count, EVENT_EXTRAS_MAX);
    assert_string_equal(shown(&p, extra_of(&p.e, EXTRA_COOKIE, "sid")), "s");
    assert_string_equal(shown(&p, extra_of(&p.e, EXTRA_REQUEST_HEADER, "x-a")), "h");
    assert_string_equal(shown(&p, extra_of(&p.e, EXTRA_OTHER, "ka")), "1");
    parse_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nginx_names), cmocka_unit_test(our_own_events),
        cmocka_unit_test(by_key_map),  cmocka_unit_test(nasty_lines),
        cmocka_unit_test(bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
