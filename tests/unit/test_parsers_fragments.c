/* test_parsers_fragments.c: IP fragments in every order, overlapping, lying, and more of them than there is room for. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "analyzer/base/hash.h"
#include "tests/unit/bytes_made.h"
#include "tests/unit/guard.h"

enum { DATAGRAM = 20 + 44, MORE = 0x2000 }; /* TCP header and 44 bytes: eight units */

static struct limits limits;

struct piece_made {
    int offset, length; /* in bytes of the datagram */
    bool last;
    char fill;          /* 0: the datagram's own bytes */
};

struct bench {
    struct decoder *d;
    struct segment s;
    uint8_t datagram[DATAGRAM];
    uint64_t number;
    int64_t now_us;
    bool v6;
    unsigned id;
};

static void bench_open(struct bench *b, bool v6)
{
    struct made *m = made_new();
    *b = (struct bench){.d = decoder_new(&limits), .v6 = v6, .id = 7};
    put_tcp(m, STR_NONE, STR("GET /0123456789/0123456789/01234 HTTP/1.1\r\n\r"));
    assert_int_equal(m->n, DATAGRAM);
    memcpy(b->datagram, m->b, DATAGRAM);
    mem_free(m);
}

static enum decoded send_bytes(struct bench *b, struct str bytes, unsigned offset, bool last, uint32_t original)
{
    struct made *m = made_new();
    if (b->v6) {
        put_ip6(m, 44, 8 + original);
        put16(m, 0x0600);
        put16(m, offset | !last);
        put32(m, b->id);
    } else
        put_ip4(m, 6, original, b->id, offset / 8 | (last ? 0 : MORE));
    size_t header = m->n;
    put_bytes(m, bytes.p, (size_t)bytes.n);
    struct str packet = guarded(made_str(m));
    mem_free(m);
    b->number++;
    struct packet p = {.number = b->number,
                       .offset = 100 * b->number,
                       .time_us = b->now_us,
                       .has_time = true,
                       .captured = (uint32_t)packet.n,
                       .original = (uint32_t)header + original,
                       .linktype = 101,
                       .data = (const uint8_t *)packet.p};
    return decoder_run(b->d, &p, &b->s);
}

static enum decoded send_piece(struct bench *b, const struct piece_made *p)
{
    char bytes[DATAGRAM];
    if (p->fill != 0)
        memset(bytes, p->fill, sizeof bytes);
    else
        memcpy(bytes, b->datagram + p->offset, (size_t)p->length);
    return send_bytes(b, (struct str){bytes, p->length}, (unsigned)p->offset, p->last, (uint32_t)p->length);
}

static void check_whole(const struct bench *b)
{
    assert_int_equal(b->s.src_port, 40000);
    assert_int_equal(b->s.length, DATAGRAM - 20);
    assert_int_equal(b->s.missing, 0);
    assert_memory_equal(b->s.payload, b->datagram + 20, DATAGRAM - 20);
    assert_true(b->s.fragmented);
    assert_false(b->s.tunnelled);
}

/* Every order of four pieces, both versions; pieces name the packets before the last. */
static void every_order(void **state)
{
    static const struct piece_made pieces[4] = {{0, 16, false, 0}, {16, 24, false, 0}, {40, 8, false, 0}, {48, 16, true, 0}};
    (void)state;
    for (int order = 0; order < 256; order++) {
        int at[4] = {order & 3, order >> 2 & 3, order >> 4 & 3, order >> 6 & 3};
        if ((1 << at[0] | 1 << at[1] | 1 << at[2] | 1 << at[3]) != 15)
            continue;
        struct bench b;
        bench_open(&b, (order & 1) != 0);
        for (int i = 0; i < 3; i++)
            assert_int_equal(send_piece(&b, &pieces[at[i]]), DECODED_FRAGMENT);
        assert_int_equal(send_piece(&b, &pieces[at[3]]), DECODED_TCP);
        check_whole(&b);
        assert_false(b.s.overlapped);
        assert_int_equal(b.s.pieces_count, 3);
        for (uint64_t i = 0; i < 3; i++) {
            assert_int_equal(b.s.pieces[i].packet, i + 1);
            assert_int_equal(b.s.pieces[i].offset, 100 * (i + 1));
        }
        assert_int_equal(decoder_counts(b.d)->reassembled, 1);
        assert_int_equal(decoder_counts(b.d)->datagrams_waiting, 0);
        decoder_free(b.d);
    }
}

/* Sequences of pieces and what the last one gives. */
static const struct {
    const char *name;
    struct piece_made pieces[5];
    int count;
    enum decoded last;
    unsigned refused, overlaps, different;
} sequences[] = {
    {"repeated", {{0, 32, false, 0}, {0, 32, false, 0}, {32, 32, true, 0}}, 3, DECODED_TCP, 0, 1, 0},
    {"repeated with other bytes: the first stays", {{0, 32, false, 0}, {0, 32, false, 'x'}, {32, 32, true, 0}}, 3,
     DECODED_TCP, 0, 1, 1},
    {"overlapping the next", {{32, 32, true, 0}, {0, 40, false, 0}}, 2, DECODED_TCP, 0, 1, 0},
    {"overlapping the next with other bytes",
     {{0, 24, false, 0}, {32, 32, true, 0}, {16, 8, false, 'x'}, {24, 8, false, 0}},
     4, DECODED_TCP, 0, 1, 1},
    {"a last one inside", {{0, 32, false, 0}, {32, 32, true, 0}}, 2, DECODED_TCP, 0, 0, 0},
    {"two ends, the first counts", {{32, 32, true, 0}, {32, 24, true, 'x'}, {0, 32, false, 0}}, 3, DECODED_TCP, 1, 0, 0},
    {"an end before what is known", {{32, 16, false, 0}, {16, 16, true, 'x'}, {0, 32, false, 0}, {48, 16, true, 0}}, 4,
     DECODED_TCP, 1, 0, 0},
    {"more beyond the end", {{32, 32, true, 0}, {64, 8, false, 'x'}, {0, 32, false, 0}}, 3, DECODED_TCP, 1, 0, 0},
    {"more up to the end", {{32, 32, true, 0}, {32, 32, false, 'x'}, {0, 32, false, 0}}, 3, DECODED_TCP, 1, 0, 0},
    {"the end again", {{32, 32, true, 0}, {32, 32, true, 0}, {0, 32, false, 0}}, 3, DECODED_TCP, 0, 1, 0},
    {"a part of the end again", {{40, 24, true, 0}, {32, 32, true, 0}, {0, 32, false, 0}}, 3, DECODED_TCP, 0, 1, 0},
    {"a length that is no multiple of eight", {{0, 31, false, 0}, {32, 32, true, 0}, {0, 32, false, 0}}, 3, DECODED_TCP, 1, 0, 0},
    {"nothing", {{0, 0, false, 0}, {8, 0, true, 0}, {0, 32, false, 0}, {32, 32, true, 0}}, 4, DECODED_TCP, 2, 0, 0},
    {"a hole", {{0, 32, false, 0}, {40, 24, true, 0}}, 2, DECODED_FRAGMENT, 0, 0, 0},
    {"a hole of one unit at the end", {{0, 56, false, 0}, {56, 8, true, 0}}, 2, DECODED_TCP, 0, 0, 0},
    {"only the end", {{56, 8, true, 0}}, 1, DECODED_FRAGMENT, 0, 0, 0},
};

static void sequences_of_pieces(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++)
        for (int v6 = 0; v6 < 2; v6++) {
            struct bench b;
            enum decoded answer = DECODED_OTHER;
            bench_open(&b, v6);
            for (int k = 0; k < sequences[i].count; k++)
                answer = send_piece(&b, &sequences[i].pieces[k]);
            const struct decoder_counts *n = decoder_counts(b.d);
            if (answer != sequences[i].last || n->fragments_refused != sequences[i].refused ||
                n->overlaps != sequences[i].overlaps || n->overlaps_different != sequences[i].different)
                print_error("%s: %d refused %d overlaps %d different %d\n", sequences[i].name, (int)answer,
                            (int)n->fragments_refused, (int)n->overlaps, (int)n->overlaps_different);
            assert_int_equal(answer, sequences[i].last);
            assert_int_equal(n->fragments_refused, sequences[i].refused);
            assert_int_equal(n->overlaps, sequences[i].overlaps);
            assert_int_equal(n->overlaps_different, sequences[i].different);
            assert_int_equal(n->fragments, sequences[i].count);
            if (answer == DECODED_TCP) {
                check_whole(&b);
                assert_int_equal(b.s.overlapped, sequences[i].different > 0);
            }
            decoder_free(b.d);
        }
}

/* One byte too many is a datagram that cannot be. */
static void longest(void **state)
{
    static char zeros[65535];
    struct bench b;
    (void)state;
    bench_open(&b, false);
    memcpy(zeros, b.datagram, DATAGRAM);
    assert_int_equal(send_bytes(&b, (struct str){zeros, 32768}, 0, false, 32768), DECODED_FRAGMENT);
    assert_int_equal(send_bytes(&b, (struct str){zeros, 32744}, 32768, false, 32744), DECODED_FRAGMENT);
    assert_int_equal(send_bytes(&b, (struct str){zeros, 24}, 65512, true, 24), DECODED_BROKEN);
    assert_int_equal(send_bytes(&b, (struct str){zeros, 24}, 65528, true, 8), DECODED_BROKEN);
    assert_int_equal(send_bytes(&b, (struct str){zeros, 23}, 65512, true, 23), DECODED_TCP);
    assert_int_equal(b.s.length, 65535 - 20);
    decoder_free(b.d);
}

/* What the snap length cut out of the middle is missing for good. */
static void cut_by_snaplen(void **state)
{
    struct bench b;
    (void)state;
    bench_open(&b, true);
    assert_int_equal(send_bytes(&b, (struct str){(char *)b.datagram, 20}, 0, false, 32), DECODED_FRAGMENT);
    assert_int_equal(send_bytes(&b, (struct str){(char *)b.datagram + 32, 32}, 32, true, 32), DECODED_FRAGMENT);
    assert_int_equal(decoder_counts(b.d)->datagrams_waiting, 1);
    assert_int_equal(send_bytes(&b, (struct str){(char *)b.datagram + 16, 16}, 16, false, 16), DECODED_TCP);
    check_whole(&b);
    decoder_free(b.d);
}

static void waits_no_longer(void **state)
{
    static const struct piece_made first = {0, 32, false, 'x'}, again = {0, 32, false, 0}, last = {32, 32, true, 0};
    struct bench b;
    (void)state;
    bench_open(&b, false);
    b.now_us = 1000;
    send_piece(&b, &first);
    b.now_us += 30000001; /* the identification is in use again */
    assert_int_equal(send_piece(&b, &again), DECODED_FRAGMENT);
    assert_int_equal(decoder_counts(b.d)->datagrams_expired, 1);
    b.now_us = 5; /* a clock set back throws nothing away */
    assert_int_equal(send_piece(&b, &last), DECODED_TCP);
    check_whole(&b);
    decoder_free(b.d);
}

/* Same identification, another protocol, address or version: another datagram. */
static void keys(void **state)
{
    static const struct piece_made first = {0, 32, false, 0}, last = {32, 32, true, 0};
    struct bench b;
    (void)state;
    bench_open(&b, false);
    send_piece(&b, &first);
    b.id = 8;
    assert_int_equal(send_piece(&b, &last), DECODED_FRAGMENT);
    b.v6 = true;
    b.id = 7;
    assert_int_equal(send_piece(&b, &last), DECODED_FRAGMENT);
    b.v6 = false;
    assert_int_equal(decoder_counts(b.d)->datagrams_waiting, 3);
    assert_int_equal(send_piece(&b, &last), DECODED_TCP);
    assert_int_equal(decoder_counts(b.d)->datagrams_waiting, 2);
    decoder_free(b.d);
}

static void bounds(void **state)
{
    static const struct piece_made first = {0, 32, false, 0}, last = {32, 32, true, 0}, far = {0, 64, false, 'y'};
    struct bench b;
    (void)state;
    limits.v[LIMIT_fragments_open_max] = 10;
    bench_open(&b, false);
    for (b.id = 100; b.id < 1000; b.id++)
        assert_int_equal(send_piece(&b, &first), DECODED_FRAGMENT);
    assert_int_equal(decoder_counts(b.d)->datagrams_waiting, 10);
    assert_int_equal(decoder_counts(b.d)->datagrams_evicted, 890);
    b.id = 990; /* the oldest that is left */
    assert_int_equal(send_piece(&b, &last), DECODED_TCP);
    decoder_free(b.d);
    limits = limits_default();

    limits.v[LIMIT_fragments_bytes_max] = 20000;
    bench_open(&b, false);
    for (b.id = 100; b.id < 200; b.id++)
        send_piece(&b, &first);
    assert_in_range(decoder_counts(b.d)->datagrams_waiting, 2, 10);
    decoder_free(b.d);
    limits.v[LIMIT_fragments_bytes_max] = 0; /* not even one */
    bench_open(&b, false);
    assert_int_equal(send_piece(&b, &first), DECODED_BROKEN);
    assert_int_equal(decoder_counts(b.d)->datagrams_waiting, 0);
    decoder_free(b.d);
    limits = limits_default();

    limits.v[LIMIT_fragments_pieces_max] = 3;
    bench_open(&b, false);
    for (int i = 0; i < 3; i++)
        assert_int_equal(send_piece(&b, &far), DECODED_FRAGMENT);
    assert_int_equal(send_piece(&b, &far), DECODED_BROKEN);
    assert_int_equal(decoder_counts(b.d)->datagrams_waiting, 0);
    assert_int_equal(decoder_counts(b.d)->datagrams_evicted, 1);
    decoder_free(b.d);
    limits = limits_default();
}

/* A datagram out of fragments whose payload is itself a packet in fragments. */
static void nested(void **state)
{
    struct bench b;
    struct made *inner = made_new();
    (void)state;
    bench_open(&b, false);
    for (unsigned half = 0; half < 2; half++) {
        inner->n = 0;
        put_ip4(inner, 6, DATAGRAM / 2, 55, half == 0 ? MORE : DATAGRAM / 2 / 8);
        put_bytes(inner, b.datagram + half * DATAGRAM / 2, DATAGRAM / 2);
        for (unsigned part = 0; part < 2; part++) {
            struct made *m = made_new();
            put_ip4(m, 4, part == 0 ? 24 : (unsigned)inner->n - 24, 60 + half, part == 0 ? MORE : 3);
            put_bytes(m, inner->b + part * 24, part == 0 ? 24 : inner->n - 24);
            struct str bytes = guarded(made_str(m));
            struct packet p = {.captured = (uint32_t)bytes.n, .original = (uint32_t)bytes.n, .linktype = 101,
                               .number = ++b.number, .data = (const uint8_t *)bytes.p};
            enum decoded answer = decoder_run(b.d, &p, &b.s);
            assert_int_equal(answer, half == 1 && part == 1 ? DECODED_TCP : DECODED_FRAGMENT);
            mem_free(m);
        }
    }
    assert_memory_equal(b.s.payload, b.datagram + 20, DATAGRAM - 20);
    assert_true(b.s.tunnelled);
    assert_int_equal(decoder_counts(b.d)->reassembled, 3);
    decoder_free(b.d);
    mem_free(inner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_order),     cmocka_unit_test(sequences_of_pieces), cmocka_unit_test(longest),
        cmocka_unit_test(cut_by_snaplen),  cmocka_unit_test(waits_no_longer),     cmocka_unit_test(keys),
        cmocka_unit_test(bounds),          cmocka_unit_test(nested),
    };
    hash_init();
    limits = limits_default();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
