/* test_parsers_stream.c: TCP put together again: order, loss, contradictions, reuse, bounds.
 *
 * A test is a list of segments in the order captured; what is told of them is written as text. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <cmocka.h>

#include "analyzer/base/out.h"
#include "parsers/net/stream.h"
#include "tests/unit/guard.h"

enum { F = SEGMENT_FIN, SYN = SEGMENT_SYN, R = SEGMENT_RST, A = SEGMENT_ACK, U = SEGMENT_URG };

struct sent { /* one segment; from: 'c' port 40000, 's' port 80, 'd' port 40001 to 80 */
    char from;
    uint8_t flags;
    uint32_t seq, ack;
    const char *text;
    uint32_t missing;
    int64_t ms; /* since the one before */
};

static void put_opened(void *user, struct connection *c)
{
    out_printf(user, "open %u%s\n", c->client_port, c->flags & STREAM_MIDSTREAM ? " midstream" : "");
}

static void put_bytes(void *user, struct connection *c, enum stream_side side, struct str bytes,
                      const struct stream_ref *ref)
{
    (void)c;
    out_printf(user, "%c%llu \"", "cs"[side], (unsigned long long)ref->packet);
    out_escaped(user, bytes);
    out_text(user, "\"\n");
}

static void put_gap(void *user, struct connection *c, enum stream_side side, uint64_t n, const struct stream_ref *ref)
{
    (void)c;
    out_printf(user, "%c gap %llu%s\n", "cs"[side], (unsigned long long)n, ref->cut ? " cut" : "");
}

static void put_finished(void *user, struct connection *c, enum stream_side side)
{
    (void)c;
    out_printf(user, "%c fin\n", "cs"[side]);
}

static void put_closed(void *user, struct connection *c)
{
    static const struct {
        uint32_t flag;
        const char *name;
    } flags[] = {{STREAM_ONE_SIDE, " one_side"},    {STREAM_RETRANSMITTED_DIFFERENTLY, " differs"},
                 {STREAM_CUT, " cut"},              {STREAM_EVICTED, " evicted"},
                 {STREAM_RESET, " reset"},          {STREAM_URGENT, " urgent"}};
    out_printf(user, "close");
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (c->flags & flags[i].flag)
            out_text(user, flags[i].name);
    out_char(user, '\n');
}

static void put_differs(void *user, struct connection *c, enum stream_side side, const struct stream_difference *d)
{
    (void)c;
    out_printf(user, "%c differs at %llu \"%.*s\" (%llu) \"%.*s\" (%llu)\n", "cs"[side],
               (unsigned long long)d->position, STR_ARG(d->first), (unsigned long long)d->first_ref.packet,
               STR_ARG(d->second), (unsigned long long)d->second_ref.packet);
}

static struct segment segment_of(const struct sent *x)
{
    struct segment s = {.seq = x->seq, .ack = x->ack, .flags = x->flags, .missing = x->missing};
    struct str text = x->text != NULL ? guarded(str_of(x->text)) : STR("");
    bool client = x->from != 's';
    assert_true(ip_parse(client ? STR("192.0.2.7") : STR("198.51.100.1"), &s.src));
    assert_true(ip_parse(client ? STR("198.51.100.1") : STR("192.0.2.7"), &s.dst));
    uint16_t port = x->from == 'd' ? 40001 : 40000;
    s.src_port = client ? port : 80;
    s.dst_port = client ? 80 : port;
    s.payload = (const uint8_t *)text.p;
    s.length = (uint32_t)text.n;
    return s;
}

struct setting {
    enum stream_policy policy;
    enum limit limit; /* one that differs from its default */
    int64_t value;
};

static struct str run(struct arena *a, const struct sent *list, size_t n, const struct setting *setting)
{
    struct out o = out_memory();
    struct limits limits = limits_default();
    struct stream_sink sink = {&o, put_opened, put_bytes, put_gap, put_finished, put_closed, put_differs};
    if (setting != NULL && setting->value > 0)
        limits.v[setting->limit] = setting->value;
    struct streams *s = streams_new(&limits, &sink);
    streams_set_policy(s, setting != NULL ? setting->policy : STREAM_FIRST);
    struct packet p = {.time_us = INT64_C(1700000000000000), .has_time = true};
    for (size_t i = 0; i < n; i++) {
        struct segment segment = segment_of(&list[i]);
        p.number++;
        p.offset += 100;
        p.time_us += list[i].ms * 1000 + 10;
        streams_segment(s, &segment, &p);
    }
    streams_end(s);
    struct str text = arena_str(a, out_slice(&o));
    streams_free(s);
    out_close(&o);
    return text;
}

static void check(const struct sent *list, size_t n, const struct setting *setting, const char *want)
{
    struct arena a = {.chunk_len = 4096};
    struct str got = run(&a, list, n, setting);
    if (!str_eq(got, str_of(want))) {
        print_error("got:\n%.*swant:\n%s", STR_ARG(got), want);
        fail();
    }
    arena_free(&a);
}

#define CHECK(want, ...) \
    do { \
        static const struct sent list[] = {__VA_ARGS__}; \
        check(list, sizeof list / sizeof *list, NULL, want); \
    } while (0)
#define CHECK_WITH(what, want, ...) \
    do { \
        static const struct sent list[] = {__VA_ARGS__}; \
        const struct setting with = what; \
        check(list, sizeof list / sizeof *list, &with, want); \
    } while (0)
#define WITH(...) {__VA_ARGS__}
#define SHAKE {'c', SYN, 100, 0, NULL, 0, 0}, {'s', SYN | A, 500, 101, NULL, 0, 0}, {'c', A, 101, 501, NULL, 0, 0}

static void whole(void **state)
{
    (void)state;
    CHECK("open 40000\nc4 \"ask\"\ns5 \"answer\"\nc fin\ns fin\nclose\n", SHAKE, {'c', A, 101, 501, "ask", 0, 0},
          {'s', A, 501, 104, "answer", 0, 0}, {'c', F | A, 104, 507, NULL, 0, 0}, {'s', F | A, 507, 105, NULL, 0, 0},
          {'c', A, 105, 508, NULL, 0, 0});
}

static void out_of_order(void **state)
{
    (void)state;
    CHECK("open 40000\nc5 \"one\"\nc4 \"two\"\nc6 \"three\"\nc fin\nclose\n", SHAKE, {'c', A, 104, 501, "two", 0, 0},
          {'c', A, 101, 501, "one", 0, 0}, {'c', A | F, 107, 501, "three", 0, 0});
    /* The FIN first, then the hole. */
    CHECK("open 40000\nc5 \"one\"\nc fin\nclose\n", SHAKE, {'c', A | F, 104, 501, NULL, 0, 0},
          {'c', A, 101, 501, "one", 0, 0});
    /* The handshake's packets swapped. */
    CHECK("open 40000\nc3 \"ask\"\nclose\n", {'s', SYN | A, 500, 101, NULL, 0, 0}, {'c', SYN, 100, 0, NULL, 0, 0},
          {'c', A, 101, 501, "ask", 0, 0});
    /* The request captured before the SYN. */
    CHECK("open 40000 midstream\nc1 \"GET / HTTP/1.1\"\nclose\n", {'c', A, 101, 501, "GET / HTTP/1.1", 0, 0},
          {'c', SYN, 100, 0, NULL, 0, 0}, {'s', SYN | A, 500, 101, NULL, 0, 0});
}

static void causal(void **state)
{
    (void)state;
    /* The answer captured before its question. */
    CHECK("open 40000\nc5 \"ask\"\ns4 \"answer\"\nclose\n", SHAKE, {'s', A, 501, 104, "answer", 0, 0},
          {'c', A, 101, 501, "ask", 0, 0});
    /* The question was never captured: a gap stands for it, before the answer and before the next question. */
    CHECK("open 40000\nc gap 3\ns4 \"answer\"\nc5 \"more\"\ns6 \"yes\"\nclose\n", SHAKE,
          {'s', A, 501, 104, "answer", 0, 0}, {'c', A, 104, 507, "more", 0, 0}, {'s', A, 507, 108, "yes", 0, 0});
    /* Nor was the answer. */
    CHECK("open 40000\nc4 \"ask\"\ns gap 6\nc5 \"more\"\ns6 \"yes\"\nclose\n", SHAKE, {'c', A, 101, 501, "ask", 0, 0},
          {'c', A, 104, 507, "more", 0, 0}, {'s', A, 507, 108, "yes", 0, 0});
}

static void lost(void **state)
{
    (void)state;
    /* Acknowledged but unseen: given up after the patience for reordering, at the next packet. */
    CHECK("open 40000\nc4 \"one\"\nc gap 3\nc5 \"three\"\nc7 \"four\"\nclose\n", SHAKE, {'c', A, 101, 501, "one", 0, 0},
          {'c', A, 107, 501, "three", 0, 0}, {'s', A, 501, 112, NULL, 0, 10}, {'c', A, 112, 501, "four", 0, 900});
    /* Not acknowledged: a retransmission may come, and does. */
    CHECK("open 40000\nc4 \"one\"\nc7 \"two\"\nc5 \"three\"\nc6 \"four\"\nclose\n", SHAKE,
          {'c', A, 101, 501, "one", 0, 0}, {'c', A, 107, 501, "three", 0, 0}, {'c', A, 112, 501, "four", 0, 900},
          {'c', A, 104, 501, "two", 0, 900});
    /* The end of what was said, acknowledged, never seen; a lone acknowledged number is the FIN. */
    CHECK("open 40000\nc4 \"one\"\nc gap 10\nclose\n", SHAKE, {'c', A, 101, 501, "one", 0, 0},
          {'s', A, 501, 114, NULL, 0, 0});
    CHECK("open 40000\nc4 \"one\"\nclose\n", SHAKE, {'c', A, 101, 501, "one", 0, 0}, {'s', A, 501, 105, NULL, 0, 0});
}

static void again(void **state)
{
    (void)state;
    CHECK("open 40000\nc4 \"abcdef\"\nc6 \"gh\"\nclose\n", SHAKE, {'c', A, 101, 501, "abcdef", 0, 0},
          {'c', A, 101, 501, "abcdef", 0, 0}, {'c', A, 104, 501, "defgh", 0, 0});
    CHECK("open 40000\nc4 \"abcdef\"\nc differs at 2 \"cd\" (4) \"XY\" (5)\nclose differs\n", SHAKE,
          {'c', A, 101, 501, "abcdef", 0, 0}, {'c', A, 101, 501, "abXYef", 0, 0});
    /* A keep-alive probe carries a byte that means nothing. */
    CHECK("open 40000\nc4 \"abc\"\nclose\n", SHAKE, {'c', A, 101, 501, "abc", 0, 0}, {'c', A, 103, 501, "Z", 0, 0});
    /* Two packets back, by its packet. */
    CHECK("open 40000\nc4 \"ab\"\nc5 \"cd\"\nc6 \"ef\"\nc differs at 1 \"b\" (4) \"X\" (7)\nclose differs\n", SHAKE,
          {'c', A, 101, 501, "ab", 0, 0}, {'c', A, 103, 501, "cd", 0, 0}, {'c', A, 105, 501, "ef", 0, 0},
          {'c', A, 101, 501, "aXc", 0, 0});
}

#define OVERLAP SHAKE, {'c', A, 104, 501, "DEF", 0, 0}, {'c', A, 103, 501, "123456", 0, 0}, {'c', A, 101, 501, "ab", 0, 0}
static void overlaps(void **state)
{
    (void)state;
    CHECK("open 40000\nc differs at 3 \"DEF\" (4) \"234\" (5)\nc6 \"ab\"\nc5 \"1\"\nc4 \"DEF\"\nc5 \"56\"\nclose differs\n",
          OVERLAP);
    static const enum stream_policy newer[] = {STREAM_LAST, STREAM_BSD, STREAM_LINUX, STREAM_WINDOWS};
    for (size_t i = 0; i < sizeof newer / sizeof *newer; i++)
        CHECK_WITH(WITH(newer[i], LIMIT_streams_max, 0),
                   "open 40000\nc differs at 3 \"DEF\" (4) \"234\" (5)\nc6 \"ab\"\nc5 \"1\"\nc4 \"234\"\nc5 \"56\"\n"
                   "close differs\n",
                   OVERLAP);
    /* The same start and a longer end: only Linux and "last" take the newer. */
    static const struct {
        enum stream_policy policy;
        const char *want;
    } rows[] = {{STREAM_FIRST, "DEF"}, {STREAM_BSD, "DEF"}, {STREAM_WINDOWS, "DEF"}, {STREAM_LINUX, "123"}, {STREAM_LAST, "123"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        static const struct sent list[] = {SHAKE, {'c', A, 104, 501, "DEF", 0, 0}, {'c', A, 104, 501, "1234", 0, 0},
                                           {'c', A, 101, 501, "abc", 0, 0}};
        struct setting with = {rows[i].policy, LIMIT_streams_max, 0};
        char want[200];
        snprintf(want, sizeof want,
                 "open 40000\nc differs at 3 \"DEF\" (4) \"123\" (5)\nc6 \"abc\"\nc4 \"%s\"\nc5 \"4\"\nclose differs\n",
                 rows[i].want);
        check(list, sizeof list / sizeof *list, &with, want);
    }
}

static void wrap(void **state)
{
    (void)state;
    CHECK("open 40000\nc3 \"abcd\"\nc5 \"ef\"\nc4 \"gh\"\nc fin\nclose\n", {'c', SYN, 0xfffffffb, 0, NULL, 0, 0},
          {'s', SYN | A, 0xffffffff, 0xfffffffc, NULL, 0, 0}, {'c', A, 0xfffffffc, 0, "abcd", 0, 0},
          {'c', A | F, 2, 0, "gh", 0, 0}, {'c', A, 0, 0, "ef", 0, 0});
}

static void fast_open(void **state)
{
    (void)state;
    CHECK("open 40000\nc1 \"early\"\ns3 \"answer\"\nclose\n", {'c', SYN, 100, 0, "early", 0, 0},
          {'s', SYN | A, 500, 106, NULL, 0, 0}, {'s', A, 501, 106, "answer", 0, 0});
    /* The server refuses the early bytes; they come again. */
    CHECK("open 40000\nc1 \"early\"\nclose\n", {'c', SYN, 100, 0, "early", 0, 0}, {'s', SYN | A, 500, 101, NULL, 0, 0},
          {'c', A, 101, 501, "early", 0, 0});
}

static void oddities(void **state)
{
    (void)state;
    CHECK("open 40000\nc4 \"ask\"\nclose reset\n", SHAKE, {'c', A, 101, 501, "ask", 0, 0},
          {'s', R | A, 501, 104, "why not", 0, 0});
    /* A reset from elsewhere in the numbers is nobody's. */
    CHECK("open 40000\nc5 \"ask\"\nclose\n", SHAKE, {'s', R, 0x70000000, 0, NULL, 0, 0}, {'c', A, 101, 501, "ask", 0, 0});
    CHECK("open 40000\nc4 \"ask\"\nclose urgent\n", SHAKE, {'c', A | U, 101, 501, "ask", 0, 0});
    CHECK("open 40000\nc4 \"as\"\nc gap 3 cut\nc5 \"more\"\nclose cut\n", SHAKE, {'c', A, 101, 501, "as", 3, 0},
          {'c', A, 106, 501, "more", 0, 0});
    /* Behind the end, and far from any window. */
    CHECK("open 40000\nc4 \"a\"\nc fin\nclose\n", SHAKE, {'c', A | F, 101, 501, "a", 0, 0},
          {'c', A, 103, 501, "late", 0, 0}, {'c', A, 0x60000000, 501, "far", 0, 0});
}

static void one_side(void **state)
{
    (void)state;
    CHECK("open 40000\nc2 \"ask\"\nc3 \"more\"\nc fin\nclose one_side\n", {'c', SYN, 100, 0, NULL, 0, 0},
          {'c', A, 101, 501, "ask", 0, 0}, {'c', A, 104, 900, "more", 0, 0}, {'c', A | F, 108, 1900, NULL, 0, 0});
    CHECK("open 40000 midstream\ns1 \"HTTP/1.1 200 OK\"\nclose one_side\n", {'s', A, 501, 104, "HTTP/1.1 200 OK", 0, 0});
}

static void midstream(void **state)
{
    (void)state;
    CHECK("open 40000 midstream\nc1 \"GET / HTTP/1.1\"\ns2 \"x\"\nclose\n", {'c', A, 101, 501, "GET / HTTP/1.1", 0, 0},
          {'s', A, 501, 115, "x", 0, 0});
    /* Neither content nor the first packet's direction: the ports. */
    CHECK("open 40000 midstream\ns1 \"...\"\nc2 \"...\"\nclose\n", {'s', A, 501, 101, "...", 0, 0},
          {'c', A, 101, 504, "...", 0, 0});
    /* What the client had received by then is where the server's bytes begin: a hole before them is told. */
    CHECK("open 40000 midstream\nc1 \"GET / HTTP/1.1\"\ns gap 9\ns2 \"late\"\nclose\n",
          {'c', A, 101, 501, "GET / HTTP/1.1", 0, 0}, {'s', A, 510, 115, "late", 0, 0});
}

static void ports_again(void **state)
{
    (void)state;
    CHECK("open 40000\nc4 \"one\"\nc fin\ns fin\nclose\nopen 40000\nc9 \"two\"\nclose\n", SHAKE,
          {'c', A, 101, 501, "one", 0, 0}, {'c', A | F, 104, 501, NULL, 0, 0}, {'s', A | F, 501, 105, NULL, 0, 0},
          {'c', SYN, 9000, 0, NULL, 0, 0}, {'s', SYN | A, 7000, 9001, NULL, 0, 0}, {'c', A, 9001, 7001, "two", 0, 0});
    /* A SYN in the middle of a connection counts once it is answered ... */
    CHECK("open 40000\nc4 \"one\"\nclose\nopen 40000\nc7 \"two\"\nclose\n", SHAKE, {'c', A, 101, 501, "one", 0, 0},
          {'c', SYN, 9000, 0, NULL, 0, 0}, {'s', SYN | A, 7000, 9001, NULL, 0, 0}, {'c', A, 9001, 7001, "two", 0, 0});
    /* ... and is noise otherwise. */
    CHECK("open 40000\nc4 \"one\"\nc6 \"two\"\nclose\n", SHAKE, {'c', A, 101, 501, "one", 0, 0},
          {'c', SYN, 9000, 0, NULL, 0, 0}, {'c', A, 104, 501, "two", 0, 0});
    /* Of two SYNs the one that is answered counts. */
    CHECK("open 40000\nc4 \"one\"\nclose\n", {'c', SYN, 9000, 0, NULL, 0, 0}, {'c', SYN, 100, 0, NULL, 0, 0},
          {'s', SYN | A, 500, 101, NULL, 0, 0}, {'c', A, 101, 501, "one", 0, 0});
    /* Late packets of an ended connection are its own. */
    CHECK("open 40000\nc fin\ns fin\nclose\n", SHAKE, {'c', A | F, 101, 501, NULL, 0, 0},
          {'s', A | F, 501, 102, NULL, 0, 0}, {'c', A | F, 101, 501, NULL, 0, 300}, {'c', A, 102, 502, NULL, 0, 0});
}

static void bounds(void **state)
{
    (void)state;
    /* Too many bytes behind a hole: it is given up. */
    CHECK_WITH(WITH(STREAM_FIRST, LIMIT_stream_held_bytes_max, 4),
               "open 40000\nc gap 3\nc4 \"two\"\nc5 \"three\"\nclose evicted\n", SHAKE, {'c', A, 104, 501, "two", 0, 0},
               {'c', A, 107, 501, "three", 0, 0});
    CHECK_WITH(WITH(STREAM_FIRST, LIMIT_stream_held_pieces_max, 1),
               "open 40000\nc gap 3\nc4 \"a\"\nc gap 1\nc5 \"c\"\nclose evicted\n", SHAKE,
               {'c', A, 104, 501, "a", 0, 0}, {'c', A, 106, 501, "c", 0, 0});
    CHECK_WITH(WITH(STREAM_FIRST, LIMIT_stream_held_all_max, 4),
               "open 40000\nopen 40001\nc gap 3\nc4 \"two\"\nclose evicted\nc gap 2\nc6 \"XY\"\nclose one_side\n", SHAKE,
               {'c', A, 104, 501, "two", 0, 0}, {'d', SYN, 100, 0, NULL, 0, 0}, {'d', A, 103, 1, "XY", 0, 0});
    /* Too many connections: the empty one makes room before the one with data. */
    CHECK_WITH(WITH(STREAM_FIRST, LIMIT_streams_max, 1),
               "open 40000\nc4 \"a\"\nclose evicted\nopen 40001\nclose one_side\n", SHAKE, {'c', A, 101, 501, "a", 0, 0},
               {'d', SYN, 100, 0, NULL, 0, 0});
    /* Silence, by the clock of the packets. */
    CHECK_WITH(WITH(STREAM_FIRST, LIMIT_stream_idle_us, 1000000),
               "open 40000\nc4 \"a\"\nclose\nopen 40001\nclose one_side\n", SHAKE, {'c', A, 101, 501, "a", 0, 0},
               {'d', SYN, 100, 0, NULL, 0, 2000});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole),     cmocka_unit_test(out_of_order), cmocka_unit_test(causal),
        cmocka_unit_test(lost),      cmocka_unit_test(again),        cmocka_unit_test(overlaps),
        cmocka_unit_test(wrap),      cmocka_unit_test(fast_open),    cmocka_unit_test(oddities),
        cmocka_unit_test(one_side),  cmocka_unit_test(midstream),    cmocka_unit_test(ports_again),
        cmocka_unit_test(bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
