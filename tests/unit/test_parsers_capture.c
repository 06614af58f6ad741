/* test_parsers_capture.c: capture files made by hand: every offset, every cut, every lying length. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/unit/bytes_made.h"
#include "tests/unit/files.h"
#include "tests/unit/guard.h"

struct read {
    struct capture_counts counts;
    enum status last;
    enum capture_trouble trouble;
    char why[256];
    size_t n;
    struct packet packets[64]; /* data is of no use any more */
    char first[64];            /* first byte of each packet, '-' for an empty one */
    struct str secrets;        /* in arena */
    struct arena arena;
};

static struct limits limits;

static void check_sums(const struct capture_counts *n, struct str file)
{
    assert_int_equal(n->bytes, file.n);
    assert_int_equal(n->packet_bytes + n->other_bytes + n->rejected_bytes, n->bytes);
}

static struct read *read_fed(struct str file, struct feed feed, struct str head)
{
    struct read *r = mem_alloc(sizeof *r);
    struct capture *c = capture_open_read(feed_read, &feed, head, &limits);
    struct packet p;
    struct str why;
    while ((r->last = capture_next(c, &p, &why)) == STATUS_OK) {
        assert_in_range(r->n, 0, 63);
        assert_int_equal(p.number, r->n + 1);
        assert_true(p.data_offset + p.captured <= (uint64_t)file.n);
        if (p.captured > 0)
            assert_memory_equal(p.data, file.p + p.data_offset, p.captured);
        r->first[r->n] = p.captured > 0 ? (char)p.data[0] : '-';
        r->packets[r->n++] = p;
    }
    assert_int_equal(capture_next(c, &p, &why), r->last); /* it stays so */
    assert_int_equal(why.p != NULL, r->last == STATUS_FAILED);
    if (why.p != NULL)
        memcpy(r->why, why.p, (size_t)why.n);
    r->counts = *capture_counts(c);
    r->trouble = capture_trouble(c);
    r->secrets = arena_str(&r->arena, capture_secrets(c));
    assert_int_equal(r->trouble != CAPTURE_FINE, r->last == STATUS_FAILED);
    assert_int_equal(r->counts.packets, r->n);
    check_sums(&r->counts, file);
    capture_close(c);
    return r;
}

static void read_free(struct read *r)
{
    arena_free(&r->arena);
    mem_free(r);
}

static bool same_read(const struct read *a, const struct read *b)
{
    bool same = a->n == b->n && a->last == b->last && strcmp(a->why, b->why) == 0 &&
                memcmp(&a->counts, &b->counts, sizeof a->counts) == 0 && str_eq(a->secrets, b->secrets);
    for (size_t i = 0; same && i < a->n; i++)
        same = a->packets[i].offset == b->packets[i].offset && a->packets[i].time_us == b->packets[i].time_us &&
               a->packets[i].captured == b->packets[i].captured && a->first[i] == b->first[i];
    return same;
}

/* In one piece, byte by byte, and with a head taken off before: it reads the same. */
static struct read *read_made(const struct made *m)
{
    struct str file = guarded(made_str(m)), none = STR_NONE;
    struct read *whole = read_fed(file, (struct feed){.rest = file, .end = STATUS_END}, none);
    struct read *bytes = read_fed(file, (struct feed){.rest = file, .step = 1, .end = STATUS_END}, none);
    ptrdiff_t cut = file.n < 30 ? file.n : 30;
    struct read *headed = read_fed(file, (struct feed){.rest = str_sub(file, cut, file.n), .end = STATUS_END},
                                   str_sub(file, 0, cut));
    assert_true(same_read(whole, bytes));
    assert_true(same_read(whole, headed));
    read_free(bytes);
    read_free(headed);
    return whole;
}

/* ---- libpcap ---- */

static void pcap_times_and_places(void **state)
{
    static const struct {
        uint32_t magic;
        bool big;
        uint32_t extra, fraction;
        int64_t us;
        uint32_t ns;
    } files[] = {
        {0xa1b2c3d4, false, 0, 123456, 123456, 0},
        {0xa1b2c3d4, true, 0, 999999, 999999, 0},
        {0xa1b23c4d, false, 0, 123456789, 123456, 789},
        {0xa1b23c4d, true, 0, 999999999, 999999, 999},
        {0x1c0001ac, false, 4, 123456789, 123456, 789},
        {0x1c0001ab, true, 4, 123456, 123456, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct made *m = made_new();
        m->big = files[i].big;
        pcap_header(m, files[i].magic, 4, 65535, 0x10000001); /* frame check sum bits above the link type */
        put_zeros(m, files[i].extra);
        pcap_record(m, 0xfffffff0, files[i].fraction, STR("abc")); /* after 2038, before 2106 */
        pcap_record(m, 5, 0, STR(""));
        pcap_record(m, 6, 1, STR("xyzt"));
        assert_true(capture_recognises(made_str(m)));
        struct read *r = read_made(m);
        uint32_t at = 24 + files[i].extra;
        assert_int_equal(r->last, STATUS_END);
        assert_int_equal(r->n, 3);
        assert_int_equal(r->packets[0].time_us, INT64_C(0xfffffff0) * 1000000 + files[i].us);
        assert_int_equal(r->packets[0].time_ns, files[i].ns);
        assert_int_equal(r->packets[0].linktype, 1);
        assert_int_equal(r->packets[0].offset, at);
        assert_int_equal(r->packets[0].data_offset, at + 16);
        assert_int_equal(r->packets[1].offset, at + 19);
        assert_int_equal(r->packets[2].data_offset, at + 19 + 16 + 16);
        assert_memory_equal(r->first, "a-x", 3);
        assert_int_equal(r->counts.rejected, 0);
        read_free(r);
        mem_free(m);
    }
}

/* Records with longer headers, by their magic or by what makes sense. */
static void pcap_variants(void **state)
{
    static const struct {
        uint32_t magic;
        size_t extra;
    } files[] = {{0xa1b2cd34, 8}, {0xa1b2cd34, 12}, {0xa1b2c3d4, 8}, {0xa1b2c3d4, 4}, {0xa1b2c3d4, 0}};
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct made *m = made_new();
        pcap_header(m, files[i].magic, 4, 65535, 1);
        for (uint32_t k = 0; k < 3; k++) {
            file32(m, 1000000000 + k);
            file32(m, 7);
            file32(m, 5);
            file32(m, 60);
            put_bytes(m, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", files[i].extra);
            put_bytes(m, "ABCDE", 5);
        }
        struct read *r = read_made(m);
        assert_int_equal(r->last, STATUS_END);
        assert_int_equal(r->n, 3);
        assert_memory_equal(r->first, "AAA", 3);
        assert_int_equal(r->packets[2].time_us, INT64_C(1000000002000007));
        assert_int_equal(r->counts.cut, 3);
        read_free(r);
        mem_free(m);
    }
}

/* Before version 2.3 the original length stood first; 2.3 was written both ways. */
static void pcap_old_lengths(void **state)
{
    (void)state;
    for (unsigned minor = 2; minor <= 4; minor++) {
        struct made *m = made_new();
        pcap_header(m, 0xa1b2c3d4, minor, 96, 1);
        for (int k = 0; k < 2; k++) {
            file64(m, 0);
            file32(m, minor < 4 ? 60 : 3);
            file32(m, minor < 4 ? 3 : 60);
            put_bytes(m, "abc", 3);
        }
        struct read *r = read_made(m);
        assert_int_equal(r->last, STATUS_END);
        assert_int_equal(r->n, 2);
        assert_int_equal(r->packets[1].captured, 3);
        assert_int_equal(r->packets[1].original, 60);
        read_free(r);
        mem_free(m);
    }
}

static void pcap_lengths_that_lie(void **state)
{
    static const struct {
        uint32_t captured, original, snaplen;
        size_t there; /* bytes behind the header */
        enum status last;
        size_t packets;
        enum capture_trouble trouble;
    } records[] = {
        {3, 2, 65535, 3, STATUS_END, 1, CAPTURE_FINE}, /* more captured than sent: as it is */
        {3, 3, 0, 3, STATUS_END, 1, CAPTURE_FINE},     /* no snap length */
        {3, UINT32_MAX, 2, 3, STATUS_END, 1, CAPTURE_FINE},
        {4, 4, 65535, 3, STATUS_FAILED, 0, CAPTURE_CUT_OFF},
        {262144, 262144, 65535, 262144, STATUS_END, 1, CAPTURE_FINE},
        {262145, 262145, 65535, 262145, STATUS_FAILED, 0, CAPTURE_DAMAGED},
        {262145, 262145, 300000, 262145, STATUS_END, 0, CAPTURE_FINE}, /* announced: passed over */
        {700000, 700000, 0x7fffffff, 700000, STATUS_END, 0, CAPTURE_FINE},
        {700000, 700000, 0x7fffffff, 699999, STATUS_FAILED, 0, CAPTURE_CUT_OFF},
        {UINT32_MAX, 3, 65535, 3, STATUS_FAILED, 0, CAPTURE_DAMAGED},
        {UINT32_MAX, 3, UINT32_MAX, 3, STATUS_FAILED, 0, CAPTURE_CUT_OFF},
        {0x80000000, 0x80000000, 0, 3, STATUS_FAILED, 0, CAPTURE_DAMAGED},
    };
    (void)state;
    for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
        struct made *m = made_new();
        pcap_header(m, 0xa1b2c3d4, 4, records[i].snaplen, 1);
        file64(m, 0);
        file32(m, records[i].captured);
        file32(m, records[i].original);
        put_zeros(m, records[i].there);
        struct read *r = read_made(m);
        assert_int_equal(r->last, records[i].last);
        assert_int_equal(r->n, records[i].packets);
        assert_int_equal(r->trouble, records[i].trouble);
        assert_int_equal(r->counts.rejected, records[i].packets == 0);
        read_free(r);
        mem_free(m);
    }
}

/* ---- cut at every byte ---- */

/* boundaries: offsets at which a file may end in order. */
static void cut_everywhere(const struct made *m)
{
    struct read *all = read_made(m);
    struct made *part = made_new();
    for (size_t n = 0; n < m->n; n++) {
        memcpy(part->b, m->b, n);
        part->n = n;
        struct read *r = read_made(part);
        size_t whole = 0;
        while (whole < all->n && all->packets[whole].data_offset + all->packets[whole].captured <= n)
            whole++;
        assert_true(r->n <= whole);
        assert_true(r->n + 1 >= whole); /* a pcapng block may lack padding and its last length */
        assert_true(r->last == STATUS_END || r->why[0] != '\0');
        assert_int_equal(r->counts.rejected, r->last == STATUS_FAILED);
        read_free(r);
    }
    read_free(all);
    mem_free(part);
}

static void pcap_cut_everywhere(void **state)
{
    (void)state;
    for (int big = 0; big < 2; big++) {
        struct made *m = made_new();
        m->big = big;
        pcap_header(m, 0xa1b2c3d4, 4, 65535, 1);
        pcap_record(m, 1, 1, STR("first packet"));
        pcap_record(m, 2, 2, STR(""));
        pcap_record(m, 3, 3, STR("third"));
        cut_everywhere(m);
        mem_free(m);
    }
}

static void fill_pcapng(struct made *m)
{
    block_section(m);
    block_interface(m, 1, 65535, 6, 0);
    block_interface(m, 113, 4, 9, -10);
    block_enhanced(m, 0, 1500000, STR("Aone"));
    block_any(m, 4, STR("\0\0\0\0"));
    block_enhanced(m, 1, UINT64_C(20000000123), STR("Btwo two"));
    block_secrets(m, STR("CLIENT_RANDOM 00 11\n"));
    block_simple(m, 3, STR("Cxy"));
    size_t at = block_begin(m, 2);
    file16(m, 1);
    file16(m, 65535);
    file64(m, 0);
    file32(m, 2);
    file32(m, 9);
    put_bytes(m, "Dd", 2);
    block_end(m, at);
    at = block_begin(m, 5);
    file32(m, 1);
    file64(m, 0);
    option64(m, 4, 1000);
    option64(m, 5, 7);
    option64(m, 7, 4);
    block_end(m, at);
    block_any(m, 0xbad, STR("\0\0\x7d\xd9wxyz"));
    block_any(m, 0x12345678, STR("unheard of"));
}

static void pcapng_cut_everywhere(void **state)
{
    (void)state;
    for (int big = 0; big < 2; big++) {
        struct made *m = made_new();
        m->big = big;
        fill_pcapng(m);
        cut_everywhere(m);
        mem_free(m);
    }
}

/* ---- pcapng ---- */

static void pcapng_blocks(void **state)
{
    (void)state;
    for (int big = 0; big < 2; big++) {
        struct made *m = made_new();
        m->big = big;
        fill_pcapng(m);
        struct read *r = read_made(m);
        assert_int_equal(r->last, STATUS_END);
        assert_int_equal(r->n, 4);
        assert_memory_equal(r->first, "ABCD", 4);
        assert_int_equal(r->packets[0].time_us, 1500000);
        assert_int_equal(r->packets[0].linktype, 1);
        assert_int_equal(r->packets[0].offset, 28 + 20 + 40);
        assert_int_equal(r->packets[0].data_offset, 28 + 20 + 40 + 28);
        assert_int_equal(r->packets[1].linktype, 113);
        assert_int_equal(r->packets[1].interface, 1);
        assert_int_equal(r->packets[1].time_us, 10000000); /* 20 s - 10 s */
        assert_int_equal(r->packets[1].time_ns, 123);
        assert_false(r->packets[2].has_time);
        assert_int_equal(r->packets[2].captured, 3);
        assert_int_equal(r->packets[3].interface, 1);
        assert_int_equal(r->packets[3].original, 9);
        assert_int_equal(r->counts.dropped, 11);
        assert_int_equal(r->counts.blocks_skipped, 3);
        assert_int_equal(r->counts.rejected, 0);
        assert_int_equal(r->counts.undated, 1);
        assert_int_equal(r->counts.interfaces, 2);
        assert_true(str_eq(r->secrets, STR("CLIENT_RANDOM 00 11\n")));
        read_free(r);
        mem_free(m);
    }
}

static void pcapng_resolutions(void **state)
{
    static const struct {
        unsigned resolution;
        uint64_t ts;
        int64_t offset_s, us;
        uint32_t ns;
        bool has_time;
    } clocks[] = {
        {6, 1700000000123456, 0, 1700000000123456, 0, true},
        {9, UINT64_C(1700000000123456789), 0, 1700000000123456, 789, true},
        {0, 1700000000, 0, INT64_C(1700000000000000), 0, true},
        {3, 1700000000123, 3600, INT64_C(1700003600123000), 0, true},
        {12, UINT64_C(1700000123456789999), 0, INT64_C(1700000123456), 789, true},
        {19, UINT64_C(15000000000000000000), 0, 1500000, 0, true},
        {20, UINT64_MAX, 0, 184467, 440, true},
        {29, UINT64_MAX, 0, 0, 0, true},
        {127, UINT64_MAX, 0, 0, 0, true},
        {0x80, 5, 0, 5000000, 0, true},
        {0x80 | 10, 1536, 0, 1500000, 0, true},
        {0x80 | 32, UINT64_C(0x1ffffffff), 0, 1999999, 999, true},
        {0x80 | 63, UINT64_MAX, 0, 1999999, 999, true},
        {0x80 | 64, UINT64_C(1) << 63, 0, 500000, 0, true},
        {0x80 | 127, UINT64_MAX, 0, 0, 0, true},
        {6, 5, -1, -999995, 0, true},
        {0, UINT64_MAX, 0, 0, 0, false},
        {0, INT64_MAX, 0, 0, 0, false},
        {0, INT64_MAX, INT64_MAX, 0, 0, false},
        {6, 0, INT64_MIN, 0, 0, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
        struct made *m = made_new();
        block_section(m);
        block_interface(m, 1, 0, clocks[i].resolution, clocks[i].offset_s);
        block_enhanced(m, 0, clocks[i].ts, STR("x"));
        struct read *r = read_made(m);
        assert_int_equal(r->n, 1);
        if (r->packets[0].time_us != clocks[i].us || r->packets[0].time_ns != clocks[i].ns)
            print_error("clock %zu: %lld %u\n", i, (long long)r->packets[0].time_us, r->packets[0].time_ns);
        assert_int_equal(r->packets[0].has_time, clocks[i].has_time);
        assert_true(r->packets[0].time_us == clocks[i].us);
        assert_int_equal(r->packets[0].time_ns, clocks[i].ns);
        read_free(r);
        mem_free(m);
    }
}

/* Each section counts its interfaces anew, and may turn the byte order. */
static void pcapng_sections(void **state)
{
    (void)state;
    struct made *m = made_new();
    block_section(m);
    block_interface(m, 1, 0, 6, 0);
    block_interface(m, 101, 0, 6, 0);
    block_enhanced(m, 1, 1, STR("a"));
    m->big = true;
    block_section(m);
    block_interface(m, 276, 0, 6, 0);
    block_enhanced(m, 0, 2, STR("b"));
    block_enhanced(m, 1, 3, STR("c")); /* not of this section */
    m->big = false;
    block_section(m);
    block_enhanced(m, 0, 4, STR("d")); /* no interface at all */
    block_simple(m, 1, STR("e"));
    struct read *r = read_made(m);
    assert_int_equal(r->last, STATUS_END);
    assert_int_equal(r->n, 2);
    assert_memory_equal(r->first, "ab", 2);
    assert_int_equal(r->packets[0].linktype, 101);
    assert_int_equal(r->packets[0].section, 1);
    assert_int_equal(r->packets[1].linktype, 276);
    assert_int_equal(r->packets[1].section, 2);
    assert_int_equal(r->counts.sections, 3);
    assert_int_equal(r->counts.rejected, 3);
    assert_int_equal(r->counts.rejected_bytes, 36 + 36 + 20);
    read_free(r);
    mem_free(m);
}

/* What contradicts itself inside a sound block costs that block alone; also its number is not given away. */
static void pcapng_bad_bodies(void **state)
{
    (void)state;
    struct made *m = made_new();
    block_section(m);
    block_any(m, 1, STR("\1\0\0")); /* interface 0: too short */
    block_interface(m, 113, 2, 6, 0);
    block_enhanced(m, 0, 1, STR("a"));
    block_enhanced(m, 1, 1, STR("b"));
    block_enhanced(m, UINT32_MAX, 1, STR("c"));
    size_t at = m->n;
    block_enhanced(m, 1, 1, STR("d"));
    memcpy(m->b + at + 20, "\5\0\0\0", 4); /* captured 5 of 1 (4 with padding) */
    at = m->n;
    block_enhanced(m, 1, 1, STR("e"));
    memcpy(m->b + at + 20, "\xff\xff\xff\xff", 4);
    block_any(m, 6, STR("0123456789abcdef"));
    block_any(m, 3, STR(""));
    block_any(m, 5, STR("\x09\0\0\0\0\0\0\0\0\0\0\0"));
    block_any(m, 10, STR("KSLT\xff\xff\xff\xff" "abcd"));
    block_enhanced(m, 1, 1, STR("f"));
    struct read *r = read_made(m);
    assert_int_equal(r->last, STATUS_END);
    assert_int_equal(r->n, 2);
    assert_memory_equal(r->first, "bf", 2);
    assert_int_equal(r->packets[0].linktype, 113);
    assert_int_equal(r->counts.rejected, 9);
    read_free(r);
    mem_free(m);
}

static void pcapng_bad_frames(void **state)
{
    static const struct {
        uint32_t first, last; /* the two lengths of a block of 36 bytes */
    } lengths[] = {{0, 0}, {4, 4}, {8, 36}, {11, 11}, {36, 32}, {32, 32}, {40, 40}, {36, 0}, {UINT32_MAX, UINT32_MAX},
                   {0x80000000, 0x80000000}, {0xfffffffc, 0xfffffffc}, {37, 36}};
    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct made *m = made_new();
        block_section(m);
        block_interface(m, 1, 0, 6, 0);
        block_enhanced(m, 0, 1, STR("a"));
        size_t at = m->n, end;
        block_enhanced(m, 0, 2, STR("b"));
        end = m->n;
        m->n = at + 4;
        file32(m, lengths[i].first);
        m->n = end - 4;
        file32(m, lengths[i].last);
        block_enhanced(m, 0, 3, STR("c"));
        struct read *r = read_made(m);
        assert_int_equal(r->last, STATUS_FAILED);
        assert_int_equal(r->n, 1);
        assert_int_equal(r->counts.rejected, 1);
        assert_int_equal(r->counts.rejected_bytes, m->n - at);
        read_free(r);
        mem_free(m);
    }
}

/* A length without its padding, as some writers put it at both ends. */
static void pcapng_unpadded_length(void **state)
{
    (void)state;
    struct made *m = made_new();
    block_section(m);
    block_interface(m, 1, 0, 6, 0);
    size_t at = m->n, end;
    block_enhanced(m, 0, 2, STR("bcd"));
    end = m->n;
    m->n = at + 4;
    file32(m, 35);
    m->n = end - 4;
    file32(m, 35);
    block_enhanced(m, 0, 3, STR("e"));
    struct read *r = read_made(m);
    assert_int_equal(r->last, STATUS_END);
    assert_memory_equal(r->first, "be", 2);
    read_free(r);
    mem_free(m);
}

static void pcapng_bad_section_headers(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct made *m = made_new();
        block_section(m);
        block_interface(m, 1, 0, 6, 0);
        size_t at = m->n;
        block_section(m);
        m->b[at + 8] ^= i == 0;                   /* no byte order */
        m->b[at + 12] = i == 1 ? 9 : 1;           /* another major version */
        if (i == 2) {                             /* too short */
            m->n = at;
            block_any(m, 0x0a0d0d0a, STR("\x4d\x3c\x2b\x1a\1\0\0\0"));
        }
        block_enhanced(m, 0, 3, STR("e"));
        struct read *r = read_made(m);
        assert_int_equal(r->last, STATUS_FAILED);
        assert_int_equal(r->trouble, CAPTURE_DAMAGED);
        assert_int_equal(r->n, 0);
        read_free(r);
        mem_free(m);
    }
}

static void statistics(struct made *m, uint32_t interface, uint64_t dropped)
{
    size_t at = block_begin(m, 5);
    file32(m, interface);
    file64(m, 0);
    option64(m, 5, dropped);
    file32(m, 0);
    block_end(m, at);
}

/* Later statistics of an interface replace earlier ones; sections add up. */
static void pcapng_drops(void **state)
{
    (void)state;
    struct made *m = made_new();
    for (int section = 0; section < 2; section++) {
        block_section(m);
        block_interface(m, 1, 0, 6, 0);
        block_interface(m, 1, 0, 6, 0);
        statistics(m, 0, 3);
        statistics(m, 1, 100);
        statistics(m, 0, 5);
    }
    struct read *r = read_made(m);
    assert_int_equal(r->counts.dropped, 210);
    assert_int_equal(r->counts.rejected, 0);
    read_free(r);
    mem_free(m);
}

static void pcapng_option_lies(void **state)
{
    static const struct str options[] = {
        STR_INIT("\x09\0\xff\xff\x09\0\0\0"), STR_INIT("\x09\0\2\0\x09\x09\0\0"), STR_INIT("\x09\0"),
        STR_INIT("\0\0\0\0\x09\0\1\0\x09\0\0\0"), STR_INIT("\x0e\0\1\0\1\0\0\0"), STR_INIT("\x09\0\1\0")};
    (void)state;
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        struct made *m = made_new();
        block_section(m);
        size_t at = block_begin(m, 1);
        file16(m, 1);
        put_zeros(m, 6);
        put_bytes(m, options[i].p, (size_t)options[i].n);
        block_end(m, at);
        block_enhanced(m, 0, 77, STR("e"));
        struct read *r = read_made(m);
        assert_int_equal(r->n, 1);
        assert_int_equal(r->packets[0].time_us, 77); /* microseconds, no offset */
        read_free(r);
        mem_free(m);
    }
}

/* Blocks beyond the window: secrets pass through, others are counted, a description keeps its number. */
static void pcapng_long_blocks(void **state)
{
    static char text[600000];
    (void)state;
    memset(text, 's', sizeof text);
    text[sizeof text - 1] = '\n';
    struct str long_text = {text, sizeof text};
    struct made *m = made_new();
    block_section(m);
    block_interface(m, 1, 0, 6, 0);
    block_secrets(m, long_text);
    block_enhanced(m, 0, 77, STR("e"));
    struct read *r = read_made(m);
    assert_int_equal(r->last, STATUS_END);
    assert_int_equal(r->n, 1);
    assert_int_equal(r->secrets.n, sizeof text);
    assert_int_equal(r->counts.rejected, 0);
    read_free(r);

    m->n = 0;
    block_section(m);
    block_any(m, 1, long_text);
    block_interface(m, 101, 0, 6, 0);
    block_enhanced(m, 1, 77, STR("e"));
    r = read_made(m);
    assert_int_equal(r->last, STATUS_END);
    assert_int_equal(r->n, 1);
    assert_int_equal(r->packets[0].linktype, 101);
    assert_int_equal(r->counts.rejected, 1);
    assert_int_equal(r->counts.rejected_bytes, sizeof text + 12);
    read_free(r);

    m->n = 28;
    block_any(m, 0x777, long_text);
    block_any(m, 0x0a0d0d0a, long_text);
    memcpy(m->b + 28 + sizeof text + 12 + 8, "\x4d\x3c\x2b\x1a", 4);
    r = read_made(m);
    assert_int_equal(r->trouble, CAPTURE_DAMAGED);
    assert_int_equal(r->counts.blocks_skipped, 1);
    read_free(r);
    mem_free(m);
}

static void pcapng_secrets_bound(void **state)
{
    (void)state;
    struct made *m = made_new();
    block_section(m);
    block_secrets(m, STR("one two three"));
    block_secrets(m, STR("four\n"));
    limits.v[LIMIT_capture_secrets_bytes_max] = 16;
    struct read *r = read_made(m);
    limits = limits_default();
    assert_true(str_eq(r->secrets, STR("one two three\nfo")));
    assert_int_equal(r->counts.secrets_left_out, 3);
    read_free(r);
    mem_free(m);
}

static void interfaces_bound(void **state)
{
    (void)state;
    struct made *m = made_new();
    block_section(m);
    for (int i = 0; i < 20; i++)
        block_interface(m, 1, 0, 6, 0);
    block_enhanced(m, 11, 1, STR("a"));
    block_enhanced(m, 12, 1, STR("b"));
    limits.v[LIMIT_capture_interfaces_max] = 12;
    struct read *r = read_made(m);
    limits = limits_default();
    assert_int_equal(r->counts.interfaces, 12);
    assert_int_equal(r->counts.rejected, 9);
    assert_memory_equal(r->first, "a", 2);
    read_free(r);
    mem_free(m);
}

static void not_captures(void **state)
{
    static const struct str heads[] = {STR_INIT(""), STR_INIT("\xa1\xb2\xc3"), STR_INIT("\x0a\x0d\x0d\x0a"),
                                       STR_INIT("\x0a\x0d\x0d\x0a\0\0\0\x1c\x1a\x2b\x3c\x4e"),
                                       STR_INIT("203.0.113.7 - - [10/Oct/2026")};
    (void)state;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        struct made *m = made_new();
        assert_false(capture_recognises(guarded(heads[i])));
        put_bytes(m, heads[i].p, (size_t)heads[i].n);
        struct read *r = read_made(m);
        assert_int_equal(r->last, STATUS_FAILED);
        assert_int_equal(r->counts.rejected_bytes, m->n);
        read_free(r);
        mem_free(m);
    }
}

/* A source that breaks off is not one that ends, also between two records. */
static void broken_source(void **state)
{
    (void)state;
    struct made *m = made_new();
    pcap_header(m, 0xa1b2c3d4, 4, 65535, 1);
    pcap_record(m, 1, 1, STR("a"));
    struct str file = guarded(made_str(m));
    struct read *r = read_fed(file, (struct feed){.rest = file, .end = STATUS_FAILED}, STR_NONE);
    assert_int_equal(r->last, STATUS_FAILED);
    assert_int_equal(r->trouble, CAPTURE_CUT_OFF);
    assert_int_equal(r->n, 1);
    assert_int_equal(r->counts.rejected, 0);
    read_free(r);
    mem_free(m);
}

/* Records across the window's end, many times its size in all. */
static void more_than_the_window(void **state)
{
    static char data[60001];
    (void)state;
    struct made *m = made_new();
    memset(data, 'w', sizeof data);
    pcap_header(m, 0xa1b2c3d4, 4, 65535, 1);
    for (uint32_t i = 0; i < 17; i++)
        pcap_record(m, i, 0, (struct str){data, (ptrdiff_t)sizeof data - i});
    struct str file = guarded(made_str(m));
    limits.v[LIMIT_packet_bytes_max] = 65535;
    for (size_t step = 0; step < 5000; step += 4999) {
        struct read *r = read_fed(file, (struct feed){.rest = file, .step = step, .end = STATUS_END}, STR_NONE);
        assert_int_equal(r->last, STATUS_END);
        assert_int_equal(r->n, 17);
        read_free(r);
    }
    limits = limits_default();
    mem_free(m);
}

/* Plain, compressed, and compressed but cut short: what is there, then why it ended. */
static void through_a_source(void **state)
{
    const char *folder = folder_make();
    struct arena a = {0};
    struct made *m = made_new();
    (void)state;
    pcap_header(m, 0xa1b2c3d4, 4, 65535, 1);
    for (uint32_t i = 0; i < 1000; i++)
        pcap_record(m, i, i * 997, (struct str){(const char *)&i, sizeof i});
    struct str gz = gzip_member(&a, made_str(m), 6);
    const struct str files[] = {made_str(m), gz, str_sub(gz, 0, gz.n / 2)};
    for (size_t i = 0; i < 3; i++) {
        const char *path = in_folder(folder, "capture");
        struct source_options o = {0};
        struct packet p;
        struct str why = STR_NONE;
        enum status last;
        uint32_t n = 0;
        file_write(path, files[i], O_TRUNC);
        struct source *source = source_open(str_of(path), &o, &why);
        assert_non_null(source);
        struct capture *c = capture_open(source, STR_NONE, &limits);
        for (; (last = capture_next(c, &p, &why)) == STATUS_OK; n++)
            assert_memory_equal(p.data, &n, sizeof n);
        assert_int_equal(last, i < 2 ? STATUS_END : STATUS_FAILED);
        assert_in_range(n, i < 2 ? 1000 : 1, i < 2 ? 1000 : 999);
        assert_int_equal(str_find_str(why, STR("gzip_truncated")) >= 0, i == 2);
        assert_int_equal(capture_trouble(c), i < 2 ? CAPTURE_FINE : CAPTURE_CUT_OFF);
        assert_true(i == 2 || capture_counts(c)->bytes == m->n);
        capture_close(c);
        source_close(source);
    }
    assert_int_equal(unlink(in_folder(folder, "capture")), 0);
    assert_int_equal(rmdir(folder), 0);
    arena_free(&a);
    mem_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pcap_times_and_places),
        cmocka_unit_test(pcap_variants),
        cmocka_unit_test(pcap_old_lengths),
        cmocka_unit_test(pcap_lengths_that_lie),
        cmocka_unit_test(pcap_cut_everywhere),
        cmocka_unit_test(pcapng_cut_everywhere),
        cmocka_unit_test(pcapng_blocks),
        cmocka_unit_test(pcapng_resolutions),
        cmocka_unit_test(pcapng_sections),
        cmocka_unit_test(pcapng_bad_bodies),
        cmocka_unit_test(pcapng_bad_frames),
        cmocka_unit_test(pcapng_unpadded_length),
        cmocka_unit_test(pcapng_bad_section_headers),
        cmocka_unit_test(pcapng_drops),
        cmocka_unit_test(pcapng_option_lies),
        cmocka_unit_test(pcapng_long_blocks),
        cmocka_unit_test(pcapng_secrets_bound),
        cmocka_unit_test(interfaces_bound),
        cmocka_unit_test(not_captures),
        cmocka_unit_test(broken_source),
        cmocka_unit_test(more_than_the_window),
        cmocka_unit_test(through_a_source),
    };
    limits = limits_default();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
