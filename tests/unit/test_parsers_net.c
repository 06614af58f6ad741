/* test_parsers_net.c: captures made by hand, and the events that come out of them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/unit/bytes_made.h"
#include "tests/unit/hello_fixture.h"
#include "parsers/net/net.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
enum { CLIENT = 40000, SERVER = 80, SECOND = 1700000000 };

/* ---- a capture under construction ---- */

static struct made *file;
static uint32_t next_seq[2];
static uint32_t stamp_us;

static void begin(void)
{
    file->n = 0;
    file->big = false;
    stamp_us = 0;
    next_seq[0] = 1000;
    next_seq[1] = 5000;
    pcap_header(file, 0xa1b2c3d4, 4, 262144, 1);
}

static void put_record(const struct made *packet)
{
    pcap_record(file, SECOND, stamp_us, made_str(packet));
    stamp_us += 1000;
}

/* side 0: 203.0.113.7:port -> 198.51.100.9:80, side 1: back. */
static void segment(int side, unsigned port, unsigned flags, struct str payload)
{
    struct made *p = made_new();
    put_ethernet(p, 0x0800);
    put_ip4(p, 6, (unsigned)(20 + payload.n), 1, 0);
    if (side == 1) {
        memcpy(p->b + 26, "\xc6\x33\x64\x09\xcb\x00\x71\x07", 8);
    }
    put16(p, side == 0 ? port : SERVER);
    put16(p, side == 0 ? SERVER : port);
    put32(p, next_seq[side]);
    put32(p, next_seq[1 - side]);
    put8(p, 5 << 4);
    put8(p, flags);
    put16(p, 512);
    put32(p, 0);
    put_bytes(p, payload.p, (size_t)payload.n);
    put_record(p);
    next_seq[side] += (uint32_t)payload.n + ((flags & (SEGMENT_SYN | SEGMENT_FIN)) != 0);
    mem_free(p);
}

static void handshake(unsigned port)
{
    segment(0, port, SEGMENT_SYN, STR(""));
    segment(1, port, SEGMENT_SYN | SEGMENT_ACK, STR(""));
    segment(0, port, SEGMENT_ACK, STR(""));
}

static void client_says(struct str s)
{
    segment(0, CLIENT, SEGMENT_PSH | SEGMENT_ACK, s);
}

static void server_says(struct str s)
{
    segment(1, CLIENT, SEGMENT_PSH | SEGMENT_ACK, s);
}

static void farewell(void)
{
    segment(0, CLIENT, SEGMENT_FIN | SEGMENT_ACK, STR(""));
    segment(1, CLIENT, SEGMENT_FIN | SEGMENT_ACK, STR(""));
    segment(0, CLIENT, SEGMENT_ACK, STR(""));
}

/* ---- reading it ---- */

static struct limits limits;
static struct net_options options;
static struct arena arena;
static struct event events[64];
static size_t count;
static struct rejected rejects[64];
static size_t rejects_count;
static struct net_batch sums;
static struct net_counts counts;

static struct event *room(void *user)
{
    (void)user;
    assert_in_range(count, 0, COUNT(events) - 1);
    return &events[count++];
}

static void reject(void *user, const struct rejected *r)
{
    (void)user;
    assert_in_range(rejects_count, 0, COUNT(rejects) - 1);
    rejects[rejects_count++] = *r;
}

static enum status read_capture(struct str bytes, size_t step)
{
    struct feed feed = {.rest = bytes, .step = step, .end = STATUS_END};
    struct net_parser *n = net_open(feed_read, &feed, &limits, &options);
    struct str why;
    enum status st;
    arena_free(&arena);
    arena = (struct arena){0};
    count = rejects_count = 0;
    sums = (struct net_batch){.arena = &arena, .room = room, .reject = reject};
    do
        st = net_next(n, &sums, &why);
    while (st == STATUS_OK);
    assert_int_equal(net_next(n, &sums, &why), st); /* it stays so */
    counts = net_counts(n);
    net_close(n);
    assert_int_equal(sums.parsed + sums.excluded + rejects_count, sums.packets);
    assert_int_equal(sums.parsed_bytes + sums.excluded_bytes + sums.rejected_bytes, bytes.n);
    return st;
}

static void read_made(void)
{
    assert_int_equal(read_capture(made_str(file), 0), STATUS_END);
}

static void assert_text(struct str got, const char *wanted)
{
    assert_non_null(got.p);
    assert_int_equal(got.n, strlen(wanted));
    assert_memory_equal(got.p, wanted, strlen(wanted));
}

static void assert_address(const struct ip *a, const char *wanted)
{
    char text[IP_TEXT_MAX];
    assert_text((struct str){text, (ptrdiff_t)ip_format(a, text)}, wanted);
}

/* ---- transactions ---- */

static const struct str request = STR_INIT(
    "POST /rdv/confirm?x=1 HTTP/1.1\r\nHost: rdv.example:8080\r\nUser-Agent: probe/1\r\nCookie: a=1\r\n"
    "Cookie: b=2\r\nX-Forwarded-For: 192.0.2.1\r\nx-forwarded-for: 192.0.2.2\r\nContent-Type: text/plain\r\n"
    "Referer: \r\nContent-Length: 5\r\n\r\nhello");
static const struct str response = STR_INIT("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes");

static void one_transaction(void **state)
{
    (void)state;
    begin();
    handshake(CLIENT);
    client_says(request);
    server_says(response);
    farewell();
    read_made();
    assert_int_equal(count, 1);
    const struct event *e = &events[0];
    assert_address(&e->peer, "203.0.113.7");
    assert_int_equal(e->client_port, CLIENT);
    assert_int_equal(e->time_us, SECOND * 1000000ll + 3000);
    assert_int_equal(e->duration_us, 1000);
    assert_int_equal(e->meaning, TIME_MEANS_REQUEST_START);
    assert_int_equal(e->resolution_us, 1);
    assert_int_equal(e->method, METHOD_POST);
    assert_text(e->target, "/rdv/confirm?x=1");
    assert_int_equal(e->http_version, 11);
    assert_int_equal(e->status, 200);
    assert_int_equal(e->bytes, 3);
    assert_text(e->agent, "probe/1");
    assert_text(e->cookies, "a=1; b=2");
    assert_text(e->forwarded, "192.0.2.1, 192.0.2.2");
    assert_text(e->body, "hello");
    assert_text(e->referer, "");
    assert_int_equal(e->absent & HAS(REFERER), 0);
    assert_text(e->host, "rdv.example");
    assert_int_equal(e->escaping, ESCAPING_NONE);
}

static void its_place_and_its_packets(void **state)
{
    (void)state;
    begin();
    handshake(CLIENT);
    size_t place = file->n;
    client_says(request);
    size_t after = file->n;
    server_says(response);
    farewell();
    read_made();
    const struct event *e = &events[0];
    assert_int_equal(e->record, 4);
    assert_int_equal(e->offset, place);
    assert_int_equal(e->length, after - place);
    assert_non_null(e->net);
    assert_int_equal(e->net->connection, 1);
    assert_int_equal(e->net->transaction, 1);
    assert_string_equal(e->net->completeness, "complete");
    assert_true(e->net->packets_count >= 2);
    assert_int_equal(e->net->packets[0], 4);
    assert_int_equal(e->net->packets[1], 5);
    assert_int_equal(e->net->request_body_len, 5);
    assert_int_equal(e->net->response_body_len, 3);
    struct sha256 yes = sha256_of(STR("yes"));
    assert_memory_equal(e->net->response_body_sha256.b, yes.b, sizeof yes.b);
    assert_int_equal(e->net->request_headers_count, 9);
    assert_text(e->net->request_headers[5].name, "x-forwarded-for");
}

static const struct extra *find_extra(const struct event *e, const char *name)
{
    for (size_t i = 0; i < e->extras_count; i++)
        if (str_eq(e->extras[i].name, str_of(name)))
            return &e->extras[i];
    return NULL;
}

static void headers_that_the_site_asks_for(void **state)
{
    (void)state;
    static const struct str wanted[] = {STR_INIT("x-forwarded-for"), STR_INIT("x-client")};
    options.headers = wanted;
    options.headers_count = COUNT(wanted);
    begin();
    handshake(CLIENT);
    client_says(STR("GET / HTTP/1.1\r\nHost: a\r\nX-Client: 192.0.2.9\r\nContent-Type: x/y\r\n\r\n"));
    server_says(response);
    read_made();
    options.headers_count = 0;
    assert_int_equal(count, 1);
    assert_non_null(find_extra(&events[0], "x-client"));
    assert_non_null(find_extra(&events[0], "content-type"));
    assert_null(find_extra(&events[0], "x-forwarded-for")); /* has a place of its own */
    assert_int_equal(events[0].absent & HAS(AGENT), HAS(AGENT));
    assert_int_equal(events[0].absent & HAS(BODY), HAS(BODY));
}

/* The same events however the bytes of the file arrive. */
static void in_pieces(void **state)
{
    (void)state;
    begin();
    handshake(CLIENT);
    client_says(request);
    server_says(response);
    client_says(request);
    server_says(response);
    farewell();
    for (size_t step = 1; step < 40; step += 3) {
        assert_int_equal(read_capture(made_str(file), step), STATUS_END);
        assert_int_equal(count, 2);
        assert_int_equal(events[1].net->transaction, 2);
        assert_int_equal(events[1].record, 6);
    }
}

static void cut_anywhere_gives_what_it_holds(void **state)
{
    (void)state;
    begin();
    handshake(CLIENT);
    client_says(request);
    server_says(response);
    struct str whole = made_str(file);
    for (ptrdiff_t n = 0; n < whole.n; n += 7) {
        read_capture(str_sub(whole, 0, n), 0);
        assert_in_range(count, 0, 1);
    }
    assert_int_equal(read_capture(str_sub(whole, 0, whole.n - 1), 0), STATUS_FAILED);
    assert_int_equal(count, 1);
    assert_int_equal(events[0].status, 0);
    assert_int_equal(rejects_count, 1);
    assert_int_equal(rejects[0].reason, REJECT_CAPTURE_DAMAGED);
}

/* ---- packets that are none ---- */

static void broken_packets_are_rejected_by_place(void **state)
{
    (void)state;
    begin();
    handshake(CLIENT);
    struct made *p = made_new();
    put_ethernet(p, 0x0800);
    put_bytes(p, "\x45\0\0", 3);
    size_t place = file->n;
    put_record(p);
    client_says(request);
    server_says(response);
    read_made();
    assert_int_equal(rejects_count, 1);
    assert_int_equal(rejects[0].record, 4);
    assert_int_equal(rejects[0].offset, place);
    assert_int_equal(rejects[0].length, 16 + p->n);
    assert_int_equal(rejects[0].reason, REJECT_PACKET_BROKEN);
    assert_int_equal(count, 1);
    assert_int_equal(events[0].record, 5);
    mem_free(p);
}

static void packets_outside_the_window(void **state)
{
    (void)state;
    begin();
    handshake(CLIENT);
    client_says(request);
    server_says(response);
    options.since_us = SECOND * 1000000ll + 2000;
    read_made();
    options.since_us = INT64_MIN;
    assert_int_equal(sums.excluded, 2);
    assert_int_equal(sums.parsed, 3);
    assert_int_equal(count, 1); /* whose event it is, the engine says */
}

static void stopping_early_leaves_nothing(void **state)
{
    (void)state;
    begin();
    handshake(CLIENT);
    client_says(str_sub(request, 0, 40));
    for (int i = 0; i < 5000; i++)
        segment(0, CLIENT, SEGMENT_ACK, STR(""));
    struct feed feed = {.rest = made_str(file), .end = STATUS_END};
    struct net_parser *n = net_open(feed_read, &feed, &limits, &options);
    struct str why;
    count = rejects_count = 0;
    sums = (struct net_batch){.arena = &arena, .room = room, .reject = reject};
    assert_int_equal(net_next(n, &sums, &why), STATUS_OK);
    net_close(n);
}

/* ---- ClientHellos ---- */

static const uint16_t ciphers[] = {47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4};
static const struct extension extensions[] = {
    {0x0000, STR_INIT("\x00\x0e\x00\x00\x0b" "example.org")},
    {0x000a, STR_INIT("\x00\x06\x00\x17\x00\x18\x00\x19")},
    {0x000b, STR_INIT("\x01\x00")},
};
static const struct hello hello = {0x0301, ciphers, COUNT(ciphers), extensions, COUNT(extensions), false};
static struct arena hello_arena;

static struct str hello_record(size_t most)
{
    static struct bytes message;
    message.n = 0;
    put_hello(&message, &hello);
    return in_records(&hello_arena, &message, most);
}

static void assert_hello(const struct event *e)
{
    assert_non_null(e->net);
    assert_non_null(e->net->hello);
    assert_int_equal(e->has & HAS(TLS), HAS(TLS));
    assert_text(e->net->hello->ja3, "ada70206e40642a3e4461f35503241d5");
    assert_text(e->net->hello->sni, "example.org");
}

static void a_hello_over_segments_and_records(void **state)
{
    (void)state;
    begin();
    handshake(CLIENT);
    struct str bytes = hello_record(20);
    client_says(str_sub(bytes, 0, 3));
    client_says(str_sub(bytes, 3, 50));
    client_says(str_sub(bytes, 50, bytes.n));
    client_says(STR("\x17\x03\x03\x00\x04" "GET "));
    read_made();
    assert_int_equal(count, 1);
    assert_hello(&events[0]);
    assert_int_equal(events[0].record, 4);
    assert_int_equal(events[0].net->packets_count, 3);
    assert_int_equal(events[0].net->packets[2], 6);
    assert_int_equal(counts.hellos, 1);
    assert_int_equal(counts.not_understood, 0);
}

static void a_hello_after_talk_in_clear(void **state)
{
    (void)state;
    begin();
    handshake(CLIENT);
    server_says(STR("220 mail\r\n"));
    client_says(STR("STARTTLS\r\n"));
    server_says(STR("220 go\r\n"));
    client_says(hello_record(16384));
    read_made();
    assert_int_equal(count, 1);
    assert_hello(&events[0]);
    assert_int_equal(events[0].record, 7);
}

static void neither_http_nor_tls(void **state)
{
    (void)state;
    begin();
    handshake(CLIENT);
    client_says(STR("EHLO there\r\n"));
    read_made();
    assert_int_equal(count, 0);
    assert_int_equal(counts.not_understood, 1);
}

static void a_bound_on_first_bytes(void **state)
{
    (void)state;
    struct str bytes = hello_record(16384);
    limits.v[LIMIT_first_bytes_max] = 64;
    begin();
    handshake(CLIENT);
    client_says(str_sub(bytes, 0, 100));
    client_says(str_sub(bytes, 100, bytes.n));
    read_made();
    limits = limits_default();
    assert_int_equal(count, 0);
    assert_int_equal(counts.first_bytes_lost, 1);
}

/* ---- the PROXY protocol ---- */

static void proxy_line_before_a_request(void **state)
{
    (void)state;
    struct str line = STR("PROXY TCP4 192.0.2.77 198.51.100.9 5555 80\r\n");
    for (ptrdiff_t cut = 0; cut <= line.n; cut++) {
        begin();
        handshake(CLIENT);
        if (cut > 0)
            client_says(str_sub(line, 0, cut));
        struct made *rest = made_new();
        put_bytes(rest, line.p + cut, (size_t)(line.n - cut));
        put_bytes(rest, request.p, (size_t)request.n);
        client_says(made_str(rest));
        mem_free(rest);
        server_says(response);
        read_made();
        assert_int_equal(count, 1);
        assert_address(&events[0].peer, "203.0.113.7");
        assert_address(&events[0].net->proxied, "192.0.2.77");
        assert_int_equal(events[0].net->proxied_port, 5555);
        assert_text(events[0].target, "/rdv/confirm?x=1");
        assert_int_equal(events[0].odd, 0);
    }
}

static void proxy_2_before_a_hello(void **state)
{
    (void)state;
    struct made *p = made_new();
    struct str bytes = hello_record(16384);
    put_bytes(p, "\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0f" "\xc0\x00\x02\x4d\xc6\x33\x64\x09\x15\xb3\x00\x50" "\x04\0\0", 31);
    put_bytes(p, bytes.p, (size_t)bytes.n);
    begin();
    handshake(CLIENT);
    client_says(made_str(p));
    mem_free(p);
    read_made();
    assert_int_equal(count, 1);
    assert_hello(&events[0]);
    assert_address(&events[0].net->proxied, "192.0.2.77");
    assert_int_equal(events[0].net->proxied_port, 5555);
}

/* A header that is none stays in the stream; where a request can be found behind it, it says so. */
static void malformed_proxy_headers(void **state)
{
    (void)state;
    begin();
    handshake(CLIENT);
    client_says(STR("PROXY TCP4 192.0.2.77 198.51.100.9 5555 99999\r\n"));
    client_says(request);
    server_says(response);
    read_made();
    assert_int_equal(count, 1);
    assert_true(ip_is_zero(&events[0].net->proxied));
    assert_int_equal(events[0].odd >> ODDITY_PROXY_INVALID & 1, 1);
}

static void held_bytes_of_a_method_that_begins_like_proxy(void **state)
{
    (void)state;
    begin();
    handshake(CLIENT);
    client_says(STR("P"));
    client_says(STR("OST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"));
    server_says(response);
    read_made();
    assert_int_equal(count, 1);
    assert_int_equal(events[0].record, 4);
    assert_text(events[0].target, "/a");
}

/* ---- the first stamp ---- */

static void first_stamp_of_a_head(void **state)
{
    (void)state;
    const char *format = NULL;
    begin();
    handshake(CLIENT);
    assert_int_equal(net_front_us(made_str(file), &limits, &format), SECOND * 1000000ll);
    assert_string_equal(format, "pcap");
    assert_int_equal(net_front_us(str_sub(made_str(file), 0, 24), &limits, &format), INT64_MIN);
}

static int set_up(void **state)
{
    (void)state;
    hash_init();
    limits = limits_default();
    options = (struct net_options){.since_us = INT64_MIN, .until_us = INT64_MAX};
    file = made_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(&arena);
    arena_free(&hello_arena);
    mem_free(file);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_transaction),
        cmocka_unit_test(its_place_and_its_packets),
        cmocka_unit_test(headers_that_the_site_asks_for),
        cmocka_unit_test(in_pieces),
        cmocka_unit_test(cut_anywhere_gives_what_it_holds),
        cmocka_unit_test(broken_packets_are_rejected_by_place),
        cmocka_unit_test(packets_outside_the_window),
        cmocka_unit_test(stopping_early_leaves_nothing),
        cmocka_unit_test(a_hello_over_segments_and_records),
        cmocka_unit_test(a_hello_after_talk_in_clear),
        cmocka_unit_test(neither_http_nor_tls),
        cmocka_unit_test(a_bound_on_first_bytes),
        cmocka_unit_test(proxy_line_before_a_request),
        cmocka_unit_test(proxy_2_before_a_hello),
        cmocka_unit_test(malformed_proxy_headers),
        cmocka_unit_test(held_bytes_of_a_method_that_begins_like_proxy),
        cmocka_unit_test(first_stamp_of_a_head),
    };
    return cmocka_run_group_tests_name("parsers_net", tests, set_up, tear_down);
}
