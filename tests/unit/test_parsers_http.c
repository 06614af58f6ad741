/* test_parsers_http.c: HTTP/1 conversations: framing, pairing, loss, oddities; each in one piece and in many. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/unit/http_fixture.h"

static void check(const struct told *steps, size_t n, const char *want)
{
    struct arena a = {.chunk_len = 4096};
    struct str got = tell_all_ways(&a, steps, n);
    if (!str_eq(got, str_of(want))) {
        print_error("got:\n%.*swant:\n%s", STR_ARG(got), want);
        fail();
    }
    arena_free(&a);
}

#define CHECK(want, ...) \
    do { \
        static const struct told steps[] = {__VA_ARGS__}; \
        check(steps, sizeof steps / sizeof *steps, want); \
    } while (0)
#define OK(n, text) "HTTP/1.1 200 OK\r\nContent-Length: " n "\r\n\r\n" text
#define GET(path) "GET " path " HTTP/1.1\r\nHost: a.example\r\n\r\n"

static void plain(void **state)
{
    (void)state;
    CHECK("1 GET / 11 > 200 [2]\"hi\" complete\n", C(GET("/")), S(OK("2", "hi")));
    CHECK("1 GET /1 11 > 200 [1]\"a\" complete\n2 GET /2 11 > 200 [1]\"b\" complete\n", C(GET("/1")), S(OK("1", "a")),
          C(GET("/2")), S(OK("1", "b")));
    CHECK("1 GET /1 11 > 200 [1]\"a\" complete\n2 GET /2 11 > 200 [1]\"b\" complete\n3 GET /3 11 > 200 [1]\"c\" complete\n",
          C(GET("/1") GET("/2") GET("/3")), S(OK("1", "a") OK("1", "b") OK("1", "c")));
    CHECK("1 POST / 11 [4]\"q=42\" > 200 complete\n2 GET / 11 > ? one_side_only\n",
          C("POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nq=42\r\n" GET("/")), S(OK("0", "")));
    CHECK("1 GET http://a.example/x 11 > 404 [2]\"no\" complete target_absolute\n",
          C("GET http://a.example/x HTTP/1.1\r\n\r\n"), S("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\nno"), SFIN);
    CHECK("1 GET / 10 > 200 [2]\"hi\" complete\n", C("GET / HTTP/1.0\r\n\r\n"), S("HTTP/1.0 200 OK\r\n\r\nhi"), CFIN, SFIN);
}

static void no_body(void **state)
{
    (void)state;
    CHECK("1 HEAD / 11 > 200 complete\n2 GET / 11 > 200 [2]\"hi\" complete\n", C("HEAD / HTTP/1.1\r\n\r\n"),
          S(OK("2", "")), C(GET("/")), S(OK("2", "hi")));
    CHECK("1 GET /1 11 > 304 complete\n2 GET /2 11 > 204 complete\n3 GET /3 11 > 200 [1]\"x\" complete\n",
          C(GET("/1") GET("/2") GET("/3")), S("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"),
          S("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n"), S(OK("1", "x")));
    /* Promised by the headers, forbidden by the status, and sent. */
    CHECK("1 GET / 11 > 304 [4]\"HTTQ\" complete body_unexpected\n", C(GET("/")),
          S("HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nHTTQ"));
    CHECK("1 POST / 11 [3]\"abc\" > 100 200 complete\n",
          C("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"), S("HTTP/1.1 100 Continue\r\n\r\n"),
          C("abc"), S(OK("0", "")));
    CHECK("1 GET / 11 > 103 200 [1]\"x\" complete\n", C(GET("/")),
          S("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" OK("1", "x")));
}

static void chunked(void **state)
{
    (void)state;
#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    CHECK("1 GET / 11 > 200 [5]\"hello\" complete\n2 GET / 11 > 200 [1]\"x\" complete\n", C(GET("/") GET("/")),
          S(CHUNKED "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n" OK("1", "x")));
    CHECK("1 GET / 11 > 200 [5]\"hello\" complete chunk_extension trailers\n", C(GET("/")),
          S(CHUNKED "5;a=b;c=\"d;\\\"e\"\r\nhello\r\n000\r\nX-Sum: 1\r\nY: 2\r\n\r\n"));
    CHECK("1 GET / 11 > 200 [5]\"hello\" complete bare_lf chunk_invalid\n", C(GET("/")),
          S(CHUNKED " 3 \nhel\n2x\nlo\n0\n\n"));
    CHECK("1 GET / 11 > 200 [3]\"hel\" complete body_broken_off\n", C(GET("/")), S(CHUNKED "5\r\nhel"), SFIN);
    CHECK("1 GET / 11 > 200 [3]\"hel\" gap_in_body\n", C(GET("/")), S(CHUNKED "5\r\nhel"));
    CHECK("1 GET / 11 > 200 [3]\"abc\" complete\n", C(GET("/")), S(CHUNKED "3\r\nabc\r\n0\r"), SFIN);
    /* Announced, but no chunks came. */
    CHECK("1 GET / 11 > 200 [5]\"hello\" complete transfer_coding_odd\n", C(GET("/")), S(CHUNKED "hello"), SFIN);
    CHECK("1 GET / 11 > 200 [7]\"hello\\x0d\\x0a\" complete length_and_transfer_coding transfer_coding_odd\n2 GET / 11 > 200 "
          "[1]\"x\" complete\n",
          C(GET("/") GET("/")),
          S("HTTP/1.1 200 OK\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n" OK("1", "x")));
    /* Announced, none came, and the length says that there is no body either: what follows is no message. */
    CHECK("1 GET / 11 > 200 complete length_and_transfer_coding transfer_coding_odd\n", C(GET("/")),
          S("HTTP/1.1 200 OK\r\nTransfer-Encoding: x\r\nContent-Length: 0\r\n\r\nz"));
    /* A chunk as large as no body. */
    CHECK("1 POST / 11 [0]\"\" > ? one_side_only chunk_invalid body_broken_off\n2 GET /2 11 > ? one_side_only "
          "bytes_outside_messages\n",
          C("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\nabc\r\n" GET("/2")));
}

static void lengths(void **state)
{
    (void)state;
    CHECK("1 POST / 11 [3]\"abc\" > ? one_side_only length_repeated\n",
          C("POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc"));
    CHECK("1 POST / 11 > ? one_side_only length_conflict\n2 GET /2 11 > ? one_side_only bytes_outside_messages\n",
          C("POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd" GET("/2")));
    static const char *const invalid[] = {"-1", "+5", "0x10", "18446744073709551616", "4 2", "", "five"};
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++) {
        struct arena a = {.chunk_len = 1024};
        struct str text = arena_printf(&a, "POST / HTTP/1.1\r\nContent-Length: %s\r\n\r\n", invalid[i]);
        const struct told steps[] = {{STREAM_CLIENT, SAYS, text, 0}};
        check(steps, 1, "1 POST / 11 > ? one_side_only length_invalid\n");
        arena_free(&a);
    }
    CHECK("1 POST / 11 [5]\"hello\" > ? one_side_only length_and_transfer_coding\n",
          C("POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"));
    static const char *const unknown[] = {"xchunked", "chunked, identity, foo", "chunked, gzip", "pigeons"};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        struct arena a = {.chunk_len = 1024};
        struct str text = arena_printf(&a, "POST / HTTP/1.1\r\nTransfer-Encoding: %s\r\n\r\n", unknown[i]);
        const struct told steps[] = {{STREAM_CLIENT, SAYS, text, 0}};
        check(steps, 1, "1 POST / 11 > ? one_side_only transfer_coding_odd\n");
        arena_free(&a);
    }
}

/* Lists longer than anybody's: read as far as they are kept, and marked. */
static void long_lists(void **state)
{
    struct arena a = {.chunk_len = 1024};
    struct out o = out_memory();
    (void)state;
    out_text(&o, "POST / HTTP/1.1\r\n");
    for (int i = 0; i < 40; i++)
        out_text(&o, "Transfer-Encoding: identity, identity\r\nContent-Encoding: gzip, br, gzip, br\r\n");
    out_text(&o, "\r\n");
    const struct told steps[] = {{STREAM_CLIENT, SAYS, arena_str(&a, out_slice(&o)), 0}};
    check(steps, 1, "1 POST / 11 > ? one_side_only transfer_coding_odd content_coding_unknown decoded_too_large\n");
    out_close(&o);
    arena_free(&a);
}

static void heads(void **state)
{
    (void)state;
    CHECK("1 GET / 11 > ? one_side_only bare_lf\n", C("GET / HTTP/1.1\nHost: a\n\n"));
    CHECK("1 GET / 11 > ? one_side_only obs_fold\n", C("GET / HTTP/1.1\r\nA: b\r\n c\r\n\td\r\n\r\n"));
    CHECK("1 GET / 11 > ? one_side_only header_name_invalid\n", C("GET / HTTP/1.1\r\nA : b\r\n\r\n"));
    CHECK("1 GET / 11 > ? one_side_only header_without_colon\n", C("GET / HTTP/1.1\r\nAb\r\n\r\n"));
    CHECK("1 GET / 11 > ? one_side_only header_value_control\n", C("GET / HTTP/1.1\r\nA: b\0c\r\n\r\n"));
    CHECK("1 GET / 11 > ? one_side_only bare_cr\n", C("GET / HTTP/1.1\r\nA: b\rc\r\n\r\n"));
    CHECK("1 GET / 11 > ? one_side_only bare_cr blank_line_odd\n", C("GET / HTTP/1.1\r\nA: b\r\n\r\r\nC: d\r\n\r\n"));
    CHECK("1 GET /a b 11 > ? one_side_only target_invalid\n", C("GET /a b HTTP/1.1\r\n\r\n"));
    CHECK("1 GET / 11 > ? one_side_only version_invalid\n", C("GET / HTTP/1.2\r\n\r\n"));
    CHECK("1 - \\x00\\x01 0 > ? one_side_only request_line_invalid\n2 GET / 11 > ? one_side_only bytes_outside_messages\n",
          C("\0\1\nmore\n" GET("/")));
    CHECK("1 GET / 11 > 0 [2]\"hi\" complete status_line_invalid\n", C(GET("/")), S("HTTP/1.1 2x0 OK\r\nContent-Length: 2\r\n\r\nhi"));
    /* A head whose end is odd: what follows decides. */
    CHECK("1 GET / 11 > 200 [2]\"hi\" complete bare_lf blank_line_odd\n", C(GET("/")),
          S("HTTP/1.1 200 OK\r\nContent-Length: 2\n\t\nhi"));
}

static void old_versions(void **state)
{
    (void)state;
    CHECK("1 GET /a 9 > 0 [9]\"old\\x0d\\x0abody\" complete version_missing\n", C("GET /a\r\n"), S("old\r\nbody"), SFIN);
    CHECK("1 GET /a 9 > 200 [1]\"x\" complete version_missing\n", C("GET /a\r\nHost: b\r\n\r\n"), S(OK("1", "x")));
    CHECK("1 GET /a 9 > ? one_side_only version_missing\n2 GET /b 9 > ? one_side_only version_missing after_close\n",
          C("GET /a\r\nGET /b\r\n\r\n"));
}

static void tunnels(void **state)
{
    (void)state;
    CHECK("1 GET /chat 11 > 101 complete\n",
          C("GET /chat HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"),
          S("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x05hello"), C("\x81\x85GET / HTTP/1.1\r\n\r\n"));
    CHECK("1 CONNECT a.example:443 11 > 200 complete\n", C("CONNECT a.example:443 HTTP/1.1\r\n\r\n"),
          S("HTTP/1.1 200 Connection established\r\n\r\n"), C("\x16\x03\x01 GET / HTTP/1.1\r\n\r\n"), S("\x16\x03\x03"));
    CHECK("1 CONNECT a:1 11 > 403 [2]\"no\" complete\n2 GET / 11 > 200 [1]\"x\" complete\n", C("CONNECT a:1 HTTP/1.1\r\n\r\n"),
          S("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"), C(GET("/")), S(OK("1", "x")));
    /* Not taken: the conversation goes on. */
    CHECK("1 GET / 11 > 200 [1]\"x\" complete\n2 GET /2 11 > 200 [1]\"y\" complete\n",
          C("GET / HTTP/1.1\r\nUpgrade: h2c\r\n\r\n"), S(OK("1", "x")), C(GET("/2")), S(OK("1", "y")));
}

static void unpaired(void **state)
{
    (void)state;
    CHECK("1 ? > 408 [2]\"no\" one_side_only\n2 GET / 11 > 200 [1]\"x\" complete after_close\n",
          S("HTTP/1.1 408 Timeout\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno"), C(GET("/")), S(OK("1", "x")));
    CHECK("1 GET / 11 > 200 [1]\"x\" complete\n2 ? > 200 [1]\"y\" one_side_only\n3 GET /3 11 > 200 [1]\"z\" complete\n",
          C(GET("/")), S(OK("1", "x") OK("1", "y")), C(GET("/3")), S(OK("1", "z")));
    /* The answer before the request's end. */
    CHECK("1 POST / 11 [4]\"abcd\" > 413 complete\n", C("POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nab"),
          S("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"), C("cd"));
    /* Bytes behind an answer that belong to none. */
    CHECK("1 GET / 11 > 200 [1]\"x\" complete\n2 GET /2 11 > 200 [1]\"y\" complete bytes_outside_messages\n",
          C(GET("/")), S(OK("1", "xJUNK\r\n")), C(GET("/2")), S(OK("1", "y")));
    CHECK("1 GET / 11 > ? one_side_only bytes_outside_messages\n", C(GET("/")), S("SSH-2.0-OpenSSH\r\n"), SFIN);
}

static void gaps(void **state)
{
    (void)state;
    /* Within a body, of known length and of chunks. */
    CHECK("1 GET / 11 > 200 [6]\"abchij\" gap_in_body\n2 GET /2 11 > 200 [1]\"x\" complete\n", C(GET("/") GET("/2")),
          S(OK("10", "abc")), SGAP(4), S("hij" OK("1", "x")));
    CHECK("1 GET / 11 > 200 [7]\"abcefgh\" gap_in_body\n", C(GET("/")),
          S(CHUNKED "4\r\nabc"), SGAP(1), S("\r\n4\r\nefgh\r\n0\r\n\r\n"));
    /* Beyond a body: an answer is gone, the next request's answer is its own. */
    CHECK("1 GET /1 11 > 200 [3]\"abc\" gap_in_body\n2 GET /2 11 > ? gap_in_head\n3 GET /3 11 > 200 [1]\"z\" complete\n",
          C(GET("/1") GET("/2")), S(OK("10", "abc")), SGAP(50), C(GET("/3")), S(OK("1", "z")));
    CHECK("1 GET /1 11 > ? gap_in_head\n2 GET /2 11 > 200 [1]\"y\" complete\n", C(GET("/1")), SGAP(300), C(GET("/2")),
          S(OK("1", "y")));
    /* Of several answers on their way one is lost: the last ones are told from the first by their number. */
    CHECK("1 GET /1 11 > 200 [1]\"a\" complete\n2 GET /2 11 > ? gap_in_head\n3 GET /3 11 > 200 [1]\"c\" complete\n4 GET /4 11 > "
          "200 [1]\"d\" complete\n",
          C(GET("/1") GET("/2") GET("/3") GET("/4")), S(OK("1", "a")), SGAP(40), S(OK("1", "c") OK("1", "d")));
    /* A request is lost: its answer stands alone. */
    CHECK("1 GET /1 11 > 200 [1]\"a\" complete\n2 ? > 200 [1]\"b\" gap_in_head\n3 GET /3 11 > 200 [1]\"c\" complete\n",
          C(GET("/1")), S(OK("1", "a")), CGAP(90), S(OK("1", "b")), C(GET("/3")), S(OK("1", "c")));
    /* Within heads: what came before is told, the rest is skipped. */
    CHECK("1 GET /1 11 > 200 [1]\"a\" gap_in_head\n2 GET /2 11 > 200 [1]\"b\" complete bytes_outside_messages\n",
          C("GET /1 HTTP/1.1\r\nHo"), CGAP(9), C("ample\r\n\r\n"), S(OK("1", "a")), C(GET("/2")), S(OK("1", "b")));
    CHECK("1 GET /1 11 > 200 gap_in_head\n2 GET /2 11 > 200 [1]\"b\" complete bytes_outside_messages\n", C(GET("/1")),
          S("HTTP/1.1 200 OK\r\nContent-Le"), SGAP(9), S("\r\n\r\nx\n"), C(GET("/2")), S(OK("1", "b")));
    /* A request line right behind the bytes of a body. */
    CHECK("1 POST / 11 [2]\"a=\" > ? gap_in_body\n3 GET /2 11 > ? one_side_only bytes_outside_messages\n",
          C("POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\na="), CGAP(9), C("b=cd" GET("/2")));
}

static void bounds(void **state)
{
    (void)state;
    struct limits limits = limits_default();
    struct out o = out_memory();
    struct http_sink sink = {.user = &o, .transaction = put_transaction};
    struct connection c = {.number = 1};
    struct stream_ref ref = {.packet = 1};
    limits.v[LIMIT_http_pending_max] = 2;
    limits.v[LIMIT_http_head_bytes_max] = 64;
    limits.v[LIMIT_body_bytes_max] = 3;
    struct http_conn *h = http_open(&limits, &sink, &c);
    const struct str requests = STR("GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\n\r\n");
    http_bytes(h, STREAM_CLIENT, requests, &ref);
    /* The third one waits: the first was told, and its answer stands alone. */
    http_bytes(h, STREAM_SERVER, STR(OK("5", "first") OK("1", "2") OK("1", "3")), &ref);
    http_bytes(h, STREAM_CLIENT, STR("GET /4 HTTP/1.1\r\nA: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n\r\n"), &ref);
    http_close(h);
    struct arena a = {.chunk_len = 1024};
    assert_string_equal(arena_cstr(&a, out_slice(&o)),
                        "1 GET /1 11 > ? one_side_only\n"
                        "2 GET /2 11 > 200 [1]\"2\" complete\n"
                        "3 GET /3 11 > 200 [1]\"3\" complete\n"
                        "4 ? > 200 [5]\"fir\" one_side_only body_cut\n"
                        "5 GET /4 11 > ? one_side_only head_cut\n");
    arena_free(&a);
    out_close(&o);
}

static void recognised(void **state)
{
    static const struct {
        struct str text;
        bool http;
    } rows[] = {
        {STR_INIT("G"), true},
        {STR_INIT("GET / HTTP/1.1\r\n"), true},
        {STR_INIT("\r\nGET / HTTP/1.1\r\n"), true},
        {STR_INIT("PROPFIND /x HTTP/1.1\r\n"), true},
        {STR_INIT("M-SEARCH * HTTP/1.1\r\n"), true},
        {STR_INIT("BREW /pot HTTP/1.1\r\n"), true},
        {STR_INIT("GET /"), true},
        {STR_INIT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), false},
        {STR_INIT("EHLO mail.example\r\n"), false},
        {STR_INIT("SSH-2.0-OpenSSH_9.2\r\n"), false},
        {STR_INIT("\x16\x03\x01\x02"), false},
        {STR_INIT("get / HTTP/1.1\r\n"), false},
        {STR_INIT(""), false},
        {STR_INIT("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (http_recognises(guarded(rows[i].text)) != rows[i].http) {
            print_error("%.*s\n", STR_ARG(rows[i].text));
            fail();
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain),        cmocka_unit_test(no_body),  cmocka_unit_test(chunked),
        cmocka_unit_test(lengths),      cmocka_unit_test(heads),
        cmocka_unit_test(long_lists),    cmocka_unit_test(old_versions),
        cmocka_unit_test(tunnels),      cmocka_unit_test(unpaired), cmocka_unit_test(gaps),
        cmocka_unit_test(bounds),       cmocka_unit_test(recognised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
