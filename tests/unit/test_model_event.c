/* test_model_event.c: escapes undone, and the golden JSON of an event. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "analyzer/base/json.h"
#include "analyzer/model/event.h"
#include "analyzer/model/finding.h"
#include "tests/unit/guard.h"

static void escapes(void **state)
{
    (void)state;
    static const struct {
        enum escaping e;
        const char *in;
        struct str want;
        bool lies;
    } rows[] = {
        {ESCAPING_NGINX, "plain", {"plain", 5}, false},
        {ESCAPING_NGINX, "", {"", 0}, false},
        {ESCAPING_NGINX, "\\x22a\\x5C\\x00z", {"\"a\\\0z", 5}, false},
        {ESCAPING_NGINX, "\\xC3\\xA9", {"\xC3\xA9", 2}, false},
        {ESCAPING_NGINX, "a\\n", {"a\\n", 3}, true},
        {ESCAPING_NGINX, "a\\", {"a\\", 2}, true},
        {ESCAPING_NGINX, "\\x4", {"\\x4", 3}, true},
        {ESCAPING_NGINX, "\\xG1", {"\\xG1", 4}, true},
        {ESCAPING_NGINX, "\\\\x41", {"\\A", 2}, true},
        {ESCAPING_APACHE, "\\\"\\\\\\b\\n\\r\\t\\v\\x7f", {"\"\\\b\n\r\t\v\x7f", 8}, false},
        {ESCAPING_APACHE, "\\q", {"\\q", 2}, true},
        {ESCAPING_APACHE, "\\\\x41", {"\\x41", 4}, false},
        {ESCAPING_APACHE, "end\\", {"end\\", 4}, true},
        {ESCAPING_NONE, "\\x41", {"\\x41", 4}, false},
        {ESCAPING_JSON_DECODED, "\\x41", {"\\x41", 4}, false},
    };
    struct arena a = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool lies = false;
        struct str got = event_unescape(&a, rows[i].e, guarded(str_of(rows[i].in)), &lies);
        assert_true(str_eq(got, rows[i].want));
        assert_int_equal(lies, rows[i].lies);
    }
    bool lies = false;
    struct str same = STR("nothing escaped");
    assert_ptr_equal(event_unescape(&a, ESCAPING_NGINX, same, &lies).p, same.p);
    assert_null(event_unescape(&a, ESCAPING_APACHE, STR_NONE, &lies).p);
    arena_free(&a);
}

static struct event combined(void)
{
    struct event e = {
        .record = 7,
        .offset = 1000,
        .length = 90,
        .time_us = INT64_C(1772352000000000),
        .resolution_us = 1000000,
        .meaning = TIME_MEANS_LOG_WRITE,
        .method = METHOD_GET,
        .http_version = 11,
        .status = 200,
        .bytes = 512,
        .has = HAS(PEER) | HAS(TIME) | HAS(REQUEST) | HAS(STATUS) | HAS(BYTES) | HAS(REFERER) |
               HAS(AGENT) | HAS(USER),
        .absent = HAS(REFERER) | HAS(USER),
        .peer_text = STR("203.0.113.7"),
        .time_text = STR("01/Mar/2026:08:00:00 +0000"),
        .method_text = STR("GET"),
        .request = STR("GET /a?b=\"c\" HTTP/1.1"),
        .target = STR("/a?b=\"c\""),
        .referer = STR("-"),
        .user = STR("-"),
        .agent = STR(""),
    };
    assert_true(ip_parse(e.peer_text, &e.peer));
    e.client = e.peer;
    return e;
}

static void assert_json(const struct event *e, struct str raw, const char *want)
{
    struct out o = out_memory();
    struct jw w = jw_open(&o, true);
    event_write_json(&w, e, STR("access.log"), raw);
    if (!str_eq(out_slice(&o), str_of(want)))
        fail_msg("got  %.*s\nwant %s", STR_ARG(out_slice(&o)), want);
    out_close(&o);
}

static void a_usual_event(void **state)
{
    (void)state;
    struct event e = combined();
    assert_json(&e, STR("the line"),
                "{\"bytes\":512,\"client_ip\":\"203.0.113.7\",\"client_rule\":\"peer\","
                "\"http_version\":\"1.1\",\"length\":90,\"method\":\"GET\",\"offset\":1000,"
                "\"peer_ip\":\"203.0.113.7\",\"record\":7,\"referer\":null,\"source\":\"access.log\","
                "\"status\":200,\"target\":\"/a?b=\\\"c\\\"\",\"time_iso\":\"2026-03-01T08:00:00Z\","
                "\"time_meaning\":\"log_write\",\"time_resolution_us\":1000000,"
                "\"time_text\":\"01/Mar/2026:08:00:00 +0000\",\"time_us\":1772352000000000,"
                "\"user\":null,\"user_agent\":\"\"}");
}

static void a_broken_event(void **state)
{
    (void)state;
    struct event e = combined();
    e.has |= HAS(PORT) | HAS(DURATION) | HAS(HOST) | HAS(BODY) | HAS(COOKIES) | HAS(FORWARDED);
    e.absent = HAS(BYTES) | HAS(DURATION) | HAS(BODY);
    e.odd = ODD(REQUEST_NOT_HTTP) | ODD(UTF8_INVALID);
    e.method = METHOD_NONE;
    e.method_text = STR_NONE;
    e.http_version = 0;
    e.status = 0;
    e.request = e.target = STR("\\x16\xFF");
    e.peer = e.client = (struct ip){{0}};
    e.peer_text = STR("name.example");
    e.client_rule = CLIENT_NONE;
    e.host = STR("h");
    e.cookies = STR("a=b");
    e.forwarded = STR("-");
    e.referer = STR("r");
    e.user = STR("u");
    e.agent = STR("a");
    e.has &= ~HAS(TIME);
    assert_json(&e, STR("x\xFF"),
                "{\"bytes\":null,\"client_ip\":\"name.example\",\"client_port\":null,"
                "\"client_rule\":\"none\",\"cookies\":\"a=b\",\"duration_us\":null,"
                "\"forwarded_for\":\"-\",\"host\":\"h\",\"http_version\":null,\"length\":90,"
                "\"method\":null,\"oddities\":[\"request_not_http\",\"utf8_invalid\"],\"offset\":1000,"
                "\"peer_ip\":\"name.example\",\"raw_b64\":\"eP8=\",\"record\":7,\"referer\":\"r\","
                "\"request\":\"\\\\x16\xEF\xBF\xBD\",\"request_body\":null,\"source\":\"access.log\","
                "\"status\":null,\"target\":\"\\\\x16\xEF\xBF\xBD\",\"user\":\"u\",\"user_agent\":\"a\"}");
}

static void extras_are_sorted_and_single(void **state)
{
    (void)state;
    struct event e = {.has = 0, .extras_count = 5};
    e.extras[0] = (struct extra){EXTRA_REQUEST_HEADER, STR("x-a"), STR("1")};
    e.extras[1] = (struct extra){EXTRA_COOKIE, STR("sid"), STR("2")};
    e.extras[2] = (struct extra){EXTRA_OTHER, STR("we\"ird \xC3"), STR_NONE};
    e.extras[3] = (struct extra){EXTRA_COOKIE, STR("sid"), STR("again")};
    e.extras[4] = (struct extra){EXTRA_RESPONSE_HEADER, STR("x-a"), STR("")};
    assert_json(&e, STR(""),
                "{\"extras\":{\"cookie:sid\":\"2\",\"header:x-a\":\"1\",\"response:x-a\":\"\","
                "\"we%22ird%20%C3\":null},\"length\":0,\"offset\":0,\"record\":0,"
                "\"source\":\"access.log\"}");
}

static void single_cookies_are_no_missing_header(void **state)
{
    (void)state;
    struct event e = {.has = HAS(COOKIES), .extras_count = 1};
    e.extras[0] = (struct extra){EXTRA_COOKIE, STR("sid"), STR("2")};
    assert_json(&e, STR(""),
                "{\"extras\":{\"cookie:sid\":\"2\"},\"length\":0,\"offset\":0,\"record\":0,"
                "\"source\":\"access.log\"}");
    e.extras_count = 0;
    assert_json(&e, STR(""),
                "{\"cookies\":null,\"length\":0,\"offset\":0,\"record\":0,"
                "\"source\":\"access.log\"}");
}

static void forwarded_client_with_a_named_peer(void **state)
{
    (void)state;
    struct event e = {.has = HAS(PEER), .client_rule = CLIENT_FORWARDED, .peer_text = STR("proxy")};
    assert_true(ip_parse(STR("2001:db8::1"), &e.client));
    assert_json(&e, STR(""),
                "{\"client_ip\":\"2001:db8::1\",\"client_rule\":\"forwarded\",\"length\":0,\"offset\":0,"
                "\"peer_ip\":\"proxy\",\"record\":0,\"source\":\"access.log\"}");
}

static void every_name_is_there(void **state)
{
    (void)state;
    for (int i = 0; i < FIELD_COUNT; i++)
        assert_true(field_table[i].name != NULL && SAY(field_table[i].what, LANG_FR) != NULL);
    for (int i = 0; i < ODDITY_COUNT; i++)
        assert_true(oddity_table[i].name != NULL && SAY(oddity_table[i].what, LANG_FR) != NULL);
    for (int i = 0; i < MEANING_COUNT; i++)
        assert_non_null(meaning_names[i]);
    for (int i = 0; i <= CLOSED_INTERRUPTED; i++)
        assert_non_null(closed_by_names[i]);
    for (int i = 0; i < FAMILY_COUNT; i++)
        assert_non_null(family_names[i]);
    for (int i = 0; i < LEVEL_COUNT; i++)
        assert_true(level_names[i] != NULL && SAY(level_texts[i], LANG_FR) != NULL);
    assert_true(FIELD_COUNT <= 32 && ODDITY_COUNT <= 32);
    assert_string_equal(time_meaning_name(TIME_MEANS_REQUEST_START), "request_start");
}

static void verbal_scale(void **state)
{
    (void)state;
    static const struct {
        int32_t llr_milli;
        enum level level;
    } rows[] = {
        {INT32_MIN, LEVEL_NONE}, {-1, LEVEL_NONE}, {0, LEVEL_NONE}, {301, LEVEL_NONE}, {302, LEVEL_WEAK},
        {1000, LEVEL_WEAK}, {1001, LEVEL_MODERATE}, {2000, LEVEL_MODERATE},
        {2001, LEVEL_MODERATELY_STRONG}, {3000, LEVEL_MODERATELY_STRONG}, {3001, LEVEL_STRONG},
        {4000, LEVEL_STRONG}, {4001, LEVEL_VERY_STRONG}, {6000, LEVEL_VERY_STRONG},
        {6001, LEVEL_EXTREMELY_STRONG}, {INT32_MAX, LEVEL_EXTREMELY_STRONG},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(level_of(rows[i].llr_milli), rows[i].level);
}

static void public_ids(void **state)
{
    (void)state;
    struct act acts[1] = {{.offset = 5}};
    struct session s = {.key_kind = KEY_COOKIE, .key_value = STR("abc"), .acts = acts, .acts_count = 1};
    char id[SESSION_ID_MAX], again[SESSION_ID_MAX];
    session_public_id(&s, id);
    assert_int_equal(strlen(id), SESSION_ID_MAX - 1);
    assert_memory_equal(id, "S-", 2);
    assert_int_equal(strspn(id + 2, "0123456789abcdef"), 16);
    s.agent = STR("another agent"); /* is no part of a cookie's key */
    s.first_us = 9;
    session_public_id(&s, again);
    assert_string_equal(again, id);
    acts[0].source = 1;
    session_public_id(&s, again);
    assert_string_not_equal(again, id);
    acts[0] = (struct act){.offset = 6};
    session_public_id(&s, again);
    assert_string_not_equal(again, id);
    acts[0].offset = 5;
    s.key_value = STR("abd");
    session_public_id(&s, again);
    assert_string_not_equal(again, id);
    s.key_value = STR("abc");
    s.key_kind = KEY_ADDRESS_AGENT;
    session_public_id(&s, again);
    assert_string_not_equal(again, id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes),
        cmocka_unit_test(a_usual_event),
        cmocka_unit_test(a_broken_event),
        cmocka_unit_test(extras_are_sorted_and_single),
        cmocka_unit_test(single_cookies_are_no_missing_header),
        cmocka_unit_test(forwarded_client_with_a_named_peer),
        cmocka_unit_test(every_name_is_there),
        cmocka_unit_test(verbal_scale),
        cmocka_unit_test(public_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
