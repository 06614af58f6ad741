/* test_parsers_request.c: request lines as browsers, scanners and broken clients write them;
 * statuses, hosts, addresses and numbers. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "parsers/log/field.h"
#include "tests/unit/guard.h"

static const struct {
    const char *line, *method_text, *target;
    enum method method;
    uint8_t version;
    uint32_t odd;
} requests[] = {
    {"GET / HTTP/1.1", "GET", "/", METHOD_GET, 11, 0},
    {"POST /booking/create/7/1 HTTP/2.0", "POST", "/booking/create/7/1", METHOD_POST, 20, 0},
    {"HEAD /a?b=c HTTP/1.0", "HEAD", "/a?b=c", METHOD_HEAD, 10, 0},
    {"GET / HTTP/2", "GET", "/", METHOD_GET, 20, 0},
    {"GET / HTTP/3", "GET", "/", METHOD_GET, 30, 0},
    {"OPTIONS * HTTP/1.1", "OPTIONS", "*", METHOD_OPTIONS, 11, 0},
    {"DELETE /x HTTP/1.1", "DELETE", "/x", METHOD_DELETE, 11, 0},
    {"PUT /x HTTP/1.1", "PUT", "/x", METHOD_PUT, 11, 0},
    {"PATCH /x HTTP/1.1", "PATCH", "/x", METHOD_PATCH, 11, 0},
    {"PROPFIND /dav HTTP/1.1", "PROPFIND", "/dav", METHOD_OTHER, 11, 0},
    {"get / HTTP/1.1", "get", "/", METHOD_OTHER, 11, 0},
    {"CONNECT www.example.org:443 HTTP/1.1", "CONNECT", "www.example.org:443", METHOD_OTHER, 11, 0},
    {"CONNECT www.example.org:443", "CONNECT", "www.example.org:443", METHOD_OTHER, 0,
     ODD(VERSION_MISSING)},
    {"GET http://www.example.org/ HTTP/1.1", "GET", "http://www.example.org/", METHOD_GET, 11, 0},
    {"GET /two words HTTP/1.1", "GET", "/two words", METHOD_GET, 11, ODD(REQUEST_SPACES)},
    {"GET /  HTTP/1.1", "GET", "/ ", METHOD_GET, 11, ODD(REQUEST_SPACES)},
    {"GET /", "GET", "/", METHOD_GET, 0, ODD(VERSION_MISSING)},
    {"GET /a b", "GET", "/a b", METHOD_GET, 0, ODD(VERSION_MISSING) | ODD(REQUEST_SPACES)},
    {"GET / HTTP/1.", "GET", "/ HTTP/1.", METHOD_GET, 0,
     ODD(VERSION_MISSING) | ODD(REQUEST_SPACES)},
    {"GET / HTTP/0.9", "GET", "/", METHOD_GET, 9, 0},
    {"", NULL, NULL, METHOD_NONE, 0, ODD(REQUEST_EMPTY)},
    {"GET", NULL, "GET", METHOD_NONE, 0, ODD(REQUEST_NOT_HTTP)},
    {"GET ", NULL, "GET ", METHOD_NONE, 0, ODD(REQUEST_NOT_HTTP)},
    {"GET HTTP/1.1", NULL, "GET HTTP/1.1", METHOD_NONE, 0, ODD(REQUEST_NOT_HTTP)},
    {"HTTP/1.1", NULL, "HTTP/1.1", METHOD_NONE, 0, ODD(REQUEST_NOT_HTTP)},
    {" HTTP/1.1", NULL, " HTTP/1.1", METHOD_NONE, 0, ODD(REQUEST_NOT_HTTP)},
    {"\\x16\\x03\\x01", NULL, "\\x16\\x03\\x01", METHOD_NONE, 0, ODD(REQUEST_NOT_HTTP)},
    {"\\x16\\x03\\x01 / HTTP/1.1", NULL, "\\x16\\x03\\x01 / HTTP/1.1", METHOD_NONE, 0,
     ODD(REQUEST_NOT_HTTP)},
    {"batman", NULL, "batman", METHOD_NONE, 0, ODD(REQUEST_NOT_HTTP)},
    {"SSH-2.0-probe /", "SSH-2.0-probe", "/", METHOD_OTHER, 0, ODD(VERSION_MISSING)},
};

static void check_text(const char *want, struct str got)
{
    if (want == NULL) {
        assert_null(got.p);
        return;
    }
    assert_int_equal(got.n, strlen(want));
    assert_memory_equal(got.p, want, strlen(want));
}

static void request_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        struct event e = {0};
        field_request(&e, guarded(str_of(requests[i].line)));
        check_text(requests[i].line, e.request);
        check_text(requests[i].method_text, e.method_text);
        check_text(requests[i].target, e.target);
        assert_int_equal(e.method, requests[i].method);
        assert_int_equal(e.http_version, requests[i].version);
        assert_int_equal(e.odd, requests[i].odd);
    }
}

static void statuses(void **state)
{
    static const struct {
        const char *text;
        bool fine;
        uint16_t status;
        uint32_t odd, absent;
    } rows[] = {
        {"200", true, 200, 0, 0},
        {"999", true, 999, 0, 0},
        {"000", true, 0, ODD(STATUS_INVALID), 0},
        {"009", true, 9, ODD(STATUS_INVALID), 0},
        {"0", true, 0, ODD(STATUS_INVALID), 0},
        {"-", true, 0, 0, HAS(STATUS)},
        {"", true, 0, 0, HAS(STATUS)},
        {"2000", false, 0, 0, 0},
        {"2x0", false, 0, 0, 0},
        {"-1", false, 0, 0, 0},
        {"+20", false, 0, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct event e = {0};
        assert_int_equal(field_status(&e, guarded(str_of(rows[i].text))), rows[i].fine);
        assert_int_equal(e.status, rows[i].status);
        assert_int_equal(e.odd, rows[i].odd);
        assert_int_equal(e.absent, rows[i].absent);
    }
}

static void peers(void **state)
{
    static const struct {
        const char *text, *address;
        uint16_t port;
        uint32_t odd;
    } rows[] = {
        {"203.0.113.7", "203.0.113.7", 0, 0},
        {"203.0.113.7:50123", "203.0.113.7", 50123, 0},
        {"2001:db8::7", "2001:db8::7", 0, 0},
        {"[2001:db8::7]:443", "2001:db8::7", 443, 0},
        {"::ffff:203.0.113.7", "203.0.113.7", 0, 0},
        {"host.example.org", "::", 0, ODD(PEER_NOT_ADDRESS)},
        {"unix:", "::", 0, ODD(PEER_NOT_ADDRESS)},
        {"203.0.113.700", "::", 0, ODD(PEER_NOT_ADDRESS)},
        {"010.0.0.1", "::", 0, ODD(PEER_NOT_ADDRESS)},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct event e = {0};
        struct ip want;
        assert_true(field_peer(&e, guarded(str_of(rows[i].text))));
        assert_true(ip_parse(str_of(rows[i].address), &want));
        assert_true(ip_eq(&e.peer, &want));
        assert_true(ip_eq(&e.client, &want));
        assert_int_equal(e.client_port, rows[i].port);
        assert_int_equal(e.odd, rows[i].odd);
        check_text(rows[i].text, e.peer_text);
    }
    struct event e = {0};
    assert_true(field_peer(&e, GUARDED("-")));
    assert_int_equal(e.absent, HAS(PEER));
    assert_null(e.peer_text.p);
    assert_false(field_peer(&e, GUARDED("")));
}

static void hosts(void **state)
{
    static const struct {
        const char *text, *host, *port;
    } rows[] = {
        {"www.example.org", "www.example.org", NULL},
        {"www.example.org:443", "www.example.org", "443"},
        {"[2001:db8::1]:80", "[2001:db8::1]", "80"},
        {"2001:db8::1", "2001:db8::1", NULL},
        {":80", ":80", NULL},
        {"www.example.org:", "www.example.org:", NULL},
        {"8080", "8080", NULL},
        {"a:123456", "a:123456", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct event e = {0};
        field_host(&e, guarded(str_of(rows[i].text)));
        check_text(rows[i].host, e.host);
        assert_int_equal(e.extras_count, rows[i].port != NULL);
        if (rows[i].port != NULL)
            check_text(rows[i].port, e.extras[0].value);
    }
}

static void scaled_numbers(void **state)
{
    static const struct {
        const char *text;
        int64_t unit, us;
        bool fine;
    } rows[] = {
        {"0.123", 1000000, 123000, true},
        {"12", 1000000, 12000000, true},
        {"1.0000019", 1000000, 1000001, true},
        {"5", 1000, 5000, true},
        {"0.008", 1000, 8, true},
        {"17", 1, 17, true},
        {"1.", 1000000, 1000000, true},
        {".5", 1000000, 0, false},
        {"", 1, 0, false},
        {"1e3", 1000, 0, false},
        {"1,5", 1000000, 0, false},
        {"99999999999999999999", 1, 0, false},
        {"99999999999", 1000000, 0, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t us = -1;
        assert_int_equal(field_scaled(guarded(str_of(rows[i].text)), rows[i].unit, &us),
                         rows[i].fine);
        if (rows[i].fine)
            assert_int_equal(us, rows[i].us);
    }
}

static void durations(void **state)
{
    struct event e = {0};
    (void)state;
    assert_true(field_duration(&e, GUARDED("-"), 1));
    assert_int_equal(e.absent, HAS(DURATION));
    e.absent = 0;
    assert_true(field_duration(&e, GUARDED("-204"), 1)); /* the clock was set back */
    assert_int_equal(e.absent, HAS(DURATION));
    assert_false(field_duration(&e, GUARDED("-x"), 1));
    assert_false(field_duration(&e, GUARDED("x"), 1));
}

static void escapes(void **state)
{
    static const struct {
        const char *text;
        bool nginx_lies, apache_lies;
    } rows[] = {
        {"plain", false, false}, {"\\x22\\xAf", false, false},
        {"\\\"", true, false},   {"a\\nb\\tc\\\\d", true, false},
        {"\\x2", true, true},    {"\\xzz", true, true},
        {"\\q", true, true},     {"end\\", true, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct event e = {0};
        field_check_escapes(&e, ESCAPING_NGINX, guarded(str_of(rows[i].text)));
        assert_int_equal(e.odd != 0, rows[i].nginx_lies);
        e.odd = 0;
        field_check_escapes(&e, ESCAPING_APACHE, guarded(str_of(rows[i].text)));
        assert_int_equal(e.odd != 0, rows[i].apache_lies);
        e.odd = 0;
        field_check_escapes(&e, ESCAPING_NONE, guarded(str_of(rows[i].text)));
        assert_int_equal(e.odd, 0);
    }
}

static void extras_have_a_bound(void **state)
{
    struct event e = {0};
    (void)state;
    for (int i = 0; i < EVENT_EXTRAS_MAX; i++)
        field_extra(&e, EXTRA_OTHER, STR("n"), STR("v"));
    assert_int_equal(e.odd, 0);
    field_extra(&e, EXTRA_OTHER, STR("n"), STR("v"));
    assert_int_equal(e.extras_count, EVENT_EXTRAS_MAX);
    assert_int_equal(e.odd, ODD(EXTRAS_CUT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_lines),  cmocka_unit_test(statuses),
        cmocka_unit_test(peers),          cmocka_unit_test(hosts),
        cmocka_unit_test(scaled_numbers), cmocka_unit_test(durations),
        cmocka_unit_test(escapes),        cmocka_unit_test(extras_have_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
