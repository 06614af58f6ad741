/* test_parsers_decode.c: packets made by hand through every link layer and tunnel; cut at every byte. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "analyzer/base/hash.h"
#include "tests/unit/bytes_made.h"
#include "tests/unit/guard.h"

#define PAYLOAD "GET / HTTP/1.1\r\n\r\n"
enum { PAYLOAD_LEN = sizeof PAYLOAD - 1, TCP_LEN = 20 + PAYLOAD_LEN, IP_LEN = 20 + TCP_LEN };

static struct limits limits;

static enum decoded run(struct decoder *d, struct str bytes, uint32_t original, uint16_t link, struct segment *out)
{
    struct packet p = {.number = 1,
                       .captured = (uint32_t)bytes.n,
                       .original = original,
                       .linktype = link,
                       .data = (const uint8_t *)bytes.p};
    return decoder_run(d, &p, out);
}

static enum decoded run_alone(struct str bytes, uint32_t original, uint16_t link, struct segment *out)
{
    struct decoder *d = decoder_new(&limits);
    enum decoded answer = run(d, guarded(bytes), original, link, out);
    assert_int_equal(decoder_counts(d)->decoded[answer], 1);
    decoder_free(d);
    return answer;
}

static struct ip address(const char *text)
{
    struct ip a = {{0}};
    assert_true(ip_parse(str_of(text), &a));
    return a;
}

static void check_segment(const struct segment *s, bool v6, bool tunnelled)
{
    struct ip src = address(v6 ? "2001:db8::7" : "203.0.113.7"), dst = address(v6 ? "2001:db8::9" : "198.51.100.9");
    assert_memory_equal(&s->src, &src, sizeof src);
    assert_memory_equal(&s->dst, &dst, sizeof dst);
    assert_int_equal(s->src_port, 40000);
    assert_int_equal(s->dst_port, 80);
    assert_int_equal(s->seq, 1000);
    assert_int_equal(s->ack, 2000);
    assert_int_equal(s->window, 512);
    assert_int_equal(s->flags, SEGMENT_PSH | SEGMENT_ACK);
    assert_int_equal(s->hops, v6 ? 63 : 64);
    assert_int_equal(s->length, PAYLOAD_LEN);
    assert_int_equal(s->missing, 0);
    assert_memory_equal(s->payload, PAYLOAD, PAYLOAD_LEN);
    assert_int_equal(s->tunnelled, tunnelled);
}

/* ---- recipes: bytes in hexadecimal, and letters for what is always the same ---- */

static void put_ip4_tcp(struct made *m)
{
    put_ip4(m, 6, TCP_LEN, 1, 0);
    put_tcp(m, STR_NONE, STR(PAYLOAD));
}

static void put_ip6_tcp(struct made *m)
{
    put_ip6(m, 6, TCP_LEN);
    put_tcp(m, STR_NONE, STR(PAYLOAD));
}

/* I and J: a whole packet of TCP over IPv4 and IPv6; M: two Ethernet addresses. */
static void cook(struct made *m, const char *recipe)
{
    static const char hex[] = "0123456789abcdef";
    for (const char *r = recipe; *r != '\0'; r++) {
        if (*r == ' ')
            continue;
        if (*r == 'I')
            put_ip4_tcp(m);
        else if (*r == 'J')
            put_ip6_tcp(m);
        else if (*r == 'M')
            put_bytes(m, "\x02\0\0\0\0\x01\x02\0\0\0\0\x02", 12);
        else {
            put8(m, (unsigned)((strchr(hex, r[0]) - hex) << 4 | (strchr(hex, r[1]) - hex)));
            r++;
        }
    }
}

static const struct {
    const char *name;
    uint16_t link;
    bool v6;
    const char *recipe;
} frames[] = {
    {"ethernet", 1, false, "M 0800 I"},
    {"ethernet 6", 1, true, "M 86dd J"},
    {"ethernet, padded", 1, false, "M 0800 I 000000000000"},
    {"ethernet 6, padded", 1, true, "M 86dd J 0000"},
    {"vlan 0", 1, false, "M 8100 0000 0800 I"},
    {"qinq", 1, false, "M 88a8 0001 8100 0002 0800 I"},
    {"three tags", 1, true, "M 88a8 0001 9100 0003 8100 0002 86dd J"},
    {"mpls", 1, false, "M 8847 00001040 00002140 I"},
    {"mpls 6", 1, true, "M 8848 00002140 J"},
    {"mpls in vlan", 1, false, "M 8100 0007 8847 00002140 I"},
    {"mpls, control word", 1, false, "M 8847 00002140 00000000 M 0800 I"},
    {"mpls, bare ethernet", 1, false, "M 8847 00002140 a20000000001 020000000002 0800 I"},
    {"pppoe", 1, false, "M 8864 1100 0001 003c 0021 I"},
    {"pppoe over vlan", 1, false, "M 8100 0001 8864 1100 0001 003b 21 I"},
    {"snap", 1, false, "M 0042 aaaa03 000000 0800 I"},
    {"snap in vlan", 1, false, "M 8100 0001 0042 aaaa03 000000 0800 I"},
    {"llc ip", 1, false, "M 003d 060603 I"},
    {"vn-tag", 1, false, "M 8926 00000000 8100 0001 0800 I"},
    {"e-tag", 1, false, "M 893f 000000000000 0800 I"},
    {"provider backbone", 1, true, "M 88e7 00000001 M 86dd J"},
    {"fabric path", 1, false, "M 8903 0001 M 0800 I"},
    {"fddi", 10, false, "50 M aaaa03 000000 0800 I"},
    {"sll", 113, false, "0000 0001 0006 020000000001 0000 0800 I"},
    {"sll 6, vlan", 113, true, "0000 0001 0006 020000000001 0000 8100 0001 86dd J"},
    {"sll2", 276, false, "0800 0000 00000002 0001 00 06 0200000000010000 I"},
    {"raw", 101, false, "I"},
    {"raw 6", 101, true, "J"},
    {"raw of BSD", 12, false, "I"},
    {"raw of OpenBSD", 14, true, "J"},
    {"raw 4 only", 228, false, "I"},
    {"raw 6 only", 229, true, "J"},
    {"null, little", 0, false, "02000000 I"},
    {"null, big", 0, false, "00000002 I"},
    {"null 6, FreeBSD", 0, true, "1c000000 J"},
    {"null 6, macOS", 0, true, "1e000000 J"},
    {"null 6, Linux", 0, true, "0a000000 J"},
    {"loop 6, OpenBSD", 108, true, "00000018 J"},
    {"ppp", 9, false, "ff03 0021 I"},
    {"ppp, compressed", 9, false, "21 I"},
    {"ppp 6", 9, true, "ff03 0057 J"},
    {"ppp, mpls", 9, false, "0281 00002140 I"},
    {"ppp serial", 50, false, "ff03 0021 I"},
    {"ppp serial, cisco", 50, false, "0f00 0800 I"},
    {"cisco hdlc", 104, true, "0f00 86dd J"},
    {"pppoe link", 51, false, "1100 0001 003c 0021 I"},
    {"802.11", 105, false, "0801 0000 020000000001 020000000002 020000000003 0000 aaaa03 000000 0800 I"},
    {"802.11 qos, between stations", 105, false,
     "8803 0000 020000000001 020000000002 020000000003 0000 020000000004 0000 aaaa03 000000 0800 I"},
    {"802.11 qos, order", 105, false,
     "8881 0000 020000000001 020000000002 020000000003 0000 0000 00000000 aaaa03 000000 0800 I"},
    {"radiotap", 127, false,
     "0000 0800 00000000 0801 0000 020000000001 020000000002 020000000003 0000 aaaa03 000000 0800 I"},
    {"radiotap, padded", 127, false,
     "0000 0900 02000000 20 8801 0000 020000000001 020000000002 020000000003 0000 0000 0000 aaaa03 000000 0800 I"},
    {"radiotap, time and two words", 127, false,
     "0000 1900 03000080 00000000 00000000 1122334455667788 20 8801 0000 020000000001 020000000002 020000000003 0000 "
     "0000 0000 aaaa03 000000 0800 I"},
    {"nflog", 239, false, "02 00 0000 0800 0100 08000000 0600 0a00 6d61 0000 3e00 0900 I"},
    {"nflog, big", 239, true, "0a 00 0000 0008 0001 00000008 0052 0009 J"},
};

static void wrappings(void **state)
{
    (void)state;
    struct made *m = made_new();
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
        struct segment s;
        m->n = 0;
        cook(m, frames[i].recipe);
        enum decoded answer = run_alone(made_str(m), (uint32_t)m->n, frames[i].link, &s);
        if (answer != DECODED_TCP)
            print_error("%s: %d\n", frames[i].name, (int)answer);
        assert_int_equal(answer, DECODED_TCP);
        check_segment(&s, frames[i].v6, false);
        assert_false(s.fragmented);
    }
    mem_free(m);
}

/* A cut by the snap length leaves a TCP header with missing bytes, or says that it is broken; a frame that ends
 * there although its lengths promise more is never taken for whole. */
static void wrappings_cut_everywhere(void **state)
{
    (void)state;
    struct made *m = made_new();
    struct decoder *d = decoder_new(&limits);
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
        m->n = 0;
        cook(m, frames[i].recipe);
        for (size_t n = 0; n < m->n; n++) {
            struct segment s;
            struct str cut = guarded((struct str){(const char *)m->b, (ptrdiff_t)n});
            enum decoded answer = run(d, cut, (uint32_t)m->n, frames[i].link, &s);
            assert_true(answer == DECODED_TCP || answer == DECODED_BROKEN || answer == DECODED_OTHER);
            if (answer == DECODED_TCP)
                assert_int_equal(s.length + s.missing, PAYLOAD_LEN);
            answer = run(d, cut, (uint32_t)n, frames[i].link, &s);
            if (answer == DECODED_TCP)
                assert_int_equal(s.length, PAYLOAD_LEN); /* padding was cut off */
        }
    }
    decoder_free(d);
    mem_free(m);
}

/* ---- tunnels ---- */

/* headers: what follows an outer IPv4 or IPv6 header; inner: what they carry. */
static const struct {
    const char *name;
    unsigned protocol;
    bool outer6, v6;
    const char *headers, *inner;
} tunnels[] = {
    {"4 in 4", 4, false, false, "", "I"},
    {"6 in 4", 41, false, true, "", "J"},
    {"4 in 6", 4, true, false, "", "I"},
    {"6 in 6", 41, true, true, "", "J"},
    {"gre", 47, false, false, "0000 0800", "I"},
    {"gre 6", 47, true, true, "0000 86dd", "J"},
    {"gre, all words", 47, false, false, "b000 0800 00000000 00000007 00000001", "I"},
    {"gre, ethernet", 47, false, false, "0000 6558", "M 0800 I"},
    {"gre, mpls", 47, false, false, "0000 8847 00002140", "I"},
    {"gre in gre", 47, false, false, "2000 0800 00000007", "4500005200010000402f0000cb007107c633640a 0000 0800 I"},
    {"pptp", 47, false, false, "3001 880b 003d 0001 00000001", "ff03 21 I"},
    {"pptp, ack", 47, false, false, "3081 880b 003c 0001 00000001 00000000", "0021 I"},
    {"erspan I", 47, false, false, "0000 88be", "M 0800 I"},
    {"erspan II", 47, false, false, "1000 88be 00000001 1001000100000000", "M 0800 I"},
    {"erspan III", 47, false, false, "1000 22eb 00000001 200100010000000000000000", "M 8100 0001 0800 I"},
    {"erspan III, more", 47, false, false, "1000 22eb 00000001 200100010000000000000001 0000000000000000",
     "M 0800 I"},
    {"erspan III, ip", 47, false, false, "1000 22eb 00000001 200100010000000000000800", "I"},
    {"vxlan", 17, false, false, "c000 12b5 0000 0000 08000000 00007b00", "M 0800 I"},
    {"vxlan 6 in 6", 17, true, true, "c000 2118 0000 0000 08000000 00007b00", "M 86dd J"},
    {"geneve", 17, false, false, "c000 17c1 0000 0000 0000 6558 00007b00", "M 0800 I"},
    {"geneve, options, ip", 17, false, true, "c000 17c1 0000 0000 0200 86dd 00007b00 0102030411223344", "J"},
    {"gre over udp", 17, false, false, "c000 1292 0000 0000 0000 0800", "I"},
    {"gtp", 17, false, false, "0868 0868 0000 0000 30ff 003a 00000001", "I"},
    {"gtp, answered from its port, optional fields", 17, false, true, "0868 c000 0000 0000 32ff 0052 00000001 00010000",
     "J"},
    {"gtp, extension headers", 17, false, false,
     "0868 0868 0000 0000 34ff 0046 00000001 00000085 01000085 0100 0000", "I"},
    {"ayiya", 17, false, true, "c000 13d0 0000 0000 4152 1129 00000000 00112233445566778899aabbccddeeff "
     "0102030405060708090a0b0c0d0e0f1011121314", "J"},
    {"ah", 51, false, false, "0404 0000 00000001 00000001 000000000000000000000000", "I"},
};

static size_t put_tunnel(struct made *m, size_t i)
{
    struct made *inside = made_new();
    cook(inside, tunnels[i].headers);
    cook(inside, tunnels[i].inner);
    m->n = 0;
    if (tunnels[i].outer6)
        put_ip6(m, tunnels[i].protocol, (unsigned)inside->n);
    else
        put_ip4(m, tunnels[i].protocol, (unsigned)inside->n, 1, 0);
    put_bytes(m, inside->b, inside->n);
    mem_free(inside);
    return m->n;
}

static void tunnelled(void **state)
{
    (void)state;
    struct made *m = made_new();
    for (size_t i = 0; i < sizeof tunnels / sizeof *tunnels; i++) {
        struct segment s;
        put_tunnel(m, i);
        enum decoded answer = run_alone(made_str(m), (uint32_t)m->n, 101, &s);
        if (answer != DECODED_TCP)
            print_error("%s: %d\n", tunnels[i].name, (int)answer);
        assert_int_equal(answer, DECODED_TCP);
        check_segment(&s, tunnels[i].v6, true);
        for (size_t n = 0; n < m->n; n++) {
            struct str cut = {(const char *)m->b, (ptrdiff_t)n};
            answer = run_alone(cut, (uint32_t)m->n, 101, &s);
            assert_true(answer == DECODED_TCP || answer == DECODED_BROKEN || answer == DECODED_OTHER);
            if (answer == DECODED_TCP)
                assert_int_equal(s.length + s.missing, PAYLOAD_LEN);
        }
    }
    mem_free(m);
}

/* Known by its addresses alone: the same IPv6 packet with others is no tunnel. */
static void teredo(void **state)
{
    static const struct {
        const char *head;
        unsigned prefix, trailing;
        enum decoded answer;
    } packets[] = {
        {"", 0x0000, 0, DECODED_TCP},
        {"0000 1234 01020304", 0x0000, 0, DECODED_TCP},
        {"0001 0201 aabb cc 0011223344556677 00 0000 1234 01020304", 0x0000, 0, DECODED_TCP},
        {"", 0x0db8, 0, DECODED_OTHER},
        {"", 0x0000, 1, DECODED_OTHER},
        {"0001 ffff", 0x0000, 0, DECODED_OTHER},
    };
    (void)state;
    struct made *m = made_new();
    for (size_t i = 0; i < sizeof packets / sizeof *packets; i++) {
        struct made *inside = made_new();
        struct segment s;
        cook(inside, packets[i].head);
        size_t at = inside->n;
        put_ip6_tcp(inside);
        inside->b[at + 10] = (uint8_t)(packets[i].prefix >> 8);
        inside->b[at + 11] = (uint8_t)packets[i].prefix;
        put_zeros(inside, packets[i].trailing);
        m->n = 0;
        put_ip4(m, 17, (unsigned)inside->n + 8, 1, 0);
        put_udp(m, 3797, (unsigned)inside->n);
        put_bytes(m, inside->b, inside->n);
        mem_free(inside);
        assert_int_equal(run_alone(made_str(m), (uint32_t)m->n, 101, &s), packets[i].answer);
        if (packets[i].answer == DECODED_TCP)
            assert_true(s.tunnelled && s.length == PAYLOAD_LEN);
        for (size_t n = 0; n < m->n; n++)
            run_alone((struct str){(const char *)m->b, (ptrdiff_t)n}, (uint32_t)m->n, 101, &s);
    }
    mem_free(m);
}

/* ---- IPv6 extension headers ---- */

static void extension_headers(void **state)
{
    static const struct {
        unsigned next;
        const char *headers;
        const char *dst;
    } chains[] = {
        {0, "0600 010400000000", "2001:db8::9"},
        {60, "0601 010c000000000000 000000000000", "2001:db8::9"},
        {0, "3c00 010400000000 2c00 010400000000 0600 0000 00000001", "2001:db8::9"}, /* atomic fragment */
        {43, "0602 0001 00000000 20010db8000000000000000000000033", "2001:db8::33"},
        {43, "0604 0001 00000000 20010db8000000000000000000000022 20010db8000000000000000000000033", "2001:db8::33"},
        {43, "0602 0000 00000000 20010db8000000000000000000000033", "2001:db8::9"}, /* no station left */
        {43, "0602 0201 00000000 20010db8000000000000000000000033", "2001:db8::33"},
        {43, "0604 0401 01000000 20010db8000000000000000000000022 20010db8000000000000000000000033", "2001:db8::22"},
        {43, "0600 0001 00000000", "2001:db8::9"}, /* a station, and no address */
    };
    (void)state;
    struct made *m = made_new();
    for (size_t i = 0; i < sizeof chains / sizeof *chains; i++) {
        struct segment s;
        struct made *inside = made_new();
        cook(inside, chains[i].headers);
        put_tcp(inside, STR_NONE, STR(PAYLOAD));
        m->n = 0;
        put_ip6(m, chains[i].next, (unsigned)inside->n);
        put_bytes(m, inside->b, inside->n);
        mem_free(inside);
        assert_int_equal(run_alone(made_str(m), (uint32_t)m->n, 101, &s), DECODED_TCP);
        struct ip dst = address(chains[i].dst);
        assert_memory_equal(&s.dst, &dst, sizeof dst);
        assert_memory_equal(s.payload, PAYLOAD, PAYLOAD_LEN);
        for (size_t n = 0; n < m->n; n++)
            run_alone((struct str){(const char *)m->b, (ptrdiff_t)n}, (uint32_t)m->n, 101, &s);
    }
    mem_free(m);
}

/* ---- lengths that lie ---- */

static const struct {
    const char *what;
    size_t at;
    unsigned bytes, value;
    enum decoded answer;
} lies[] = {
    {"version 5", 14, 1, 0x55, DECODED_BROKEN},
    {"header of 16", 14, 1, 0x44, DECODED_BROKEN},
    {"header of 60", 14, 1, 0x4f, DECODED_BROKEN},
    {"total 19", 16, 2, 19, DECODED_BROKEN},
    {"total beyond the frame", 16, 2, IP_LEN + 1, DECODED_BROKEN},
    {"total 65535", 16, 2, 65535, DECODED_BROKEN},
    {"total 0: offloaded", 16, 2, 0, DECODED_TCP},
    {"total leaves no TCP", 16, 2, 20, DECODED_BROKEN},
    {"total cuts the TCP header", 16, 2, 39, DECODED_BROKEN},
    {"data offset 4", 14 + 32, 1, 0x40, DECODED_BROKEN},
    {"data offset 0", 14 + 32, 1, 0x00, DECODED_BROKEN},
    {"data offset beyond the packet", 14 + 32, 1, 0xf0, DECODED_BROKEN},
    {"UDP", 23, 1, 17, DECODED_OTHER},
    {"ICMP", 23, 1, 1, DECODED_OTHER},
    {"ESP", 23, 1, 50, DECODED_OTHER},
    {"protocol 255", 23, 1, 255, DECODED_OTHER},
    {"ARP", 12, 2, 0x0806, DECODED_OTHER},
    {"length of 802.3 beyond the frame", 12, 2, 0x05ff, DECODED_BROKEN},
    {"length 0", 12, 2, 0, DECODED_BROKEN},
    {"IPv6 by ethertype only", 12, 2, 0x86dd, DECODED_BROKEN},
};

static void lengths_that_lie(void **state)
{
    (void)state;
    struct made *m = made_new();
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        struct segment s;
        m->n = 0;
        put_ethernet(m, 0x0800);
        put_ip4_tcp(m);
        size_t end = m->n;
        m->n = lies[i].at;
        if (lies[i].bytes == 2)
            put16(m, lies[i].value);
        else
            put8(m, lies[i].value);
        m->n = end;
        enum decoded answer = run_alone(made_str(m), (uint32_t)m->n, 1, &s);
        if (answer != lies[i].answer)
            print_error("%s: %d\n", lies[i].what, (int)answer);
        assert_int_equal(answer, lies[i].answer);
    }
    mem_free(m);
}

/* original says less than captured; more: the snap length; the IP length still counts. */
static void snap_length(void **state)
{
    (void)state;
    struct segment s;
    struct made *m = made_new();
    put_ip4_tcp(m);
    assert_int_equal(run_alone(made_str(m), 1, 101, &s), DECODED_TCP);
    assert_int_equal(s.length, PAYLOAD_LEN);
    assert_int_equal(s.missing, 0);
    struct str cut = {(const char *)m->b, 45};
    assert_int_equal(run_alone(cut, IP_LEN, 101, &s), DECODED_TCP);
    assert_int_equal(s.length, 5);
    assert_int_equal(s.missing, PAYLOAD_LEN - 5);
    assert_int_equal(run_alone(cut, IP_LEN + 100, 101, &s), DECODED_TCP); /* padding behind it */
    assert_int_equal(s.missing, PAYLOAD_LEN - 5);
    mem_free(m);
}

static void tcp_options(void **state)
{
    (void)state;
    struct segment s;
    struct made *m = made_new();
    put_ip4(m, 6, 20 + 12 + 3, 1, 0);
    put_tcp(m, STR("\x02\x04\x05\xb4\x01\x01\x04\x02\x01\x03\x03\x07"), STR("abc"));
    assert_int_equal(run_alone(made_str(m), (uint32_t)m->n, 101, &s), DECODED_TCP);
    assert_int_equal(s.options_length, 12);
    assert_memory_equal(s.options, "\x02\x04\x05\xb4", 4);
    assert_int_equal(s.length, 3);
    struct str cut = {(const char *)m->b, 44};
    assert_int_equal(run_alone(cut, (uint32_t)m->n, 101, &s), DECODED_TCP);
    assert_int_equal(s.options_length, 4);
    assert_int_equal(s.length, 0);
    assert_int_equal(s.missing, 3);
    mem_free(m);
}

/* ---- depth ---- */

static void too_deep(void **state)
{
    static const struct {
        const char *head, *again, *tail;
        int link;
        enum decoded at_13, at_1000;
    } nests[] = {
        {"M 8100", "0001 8100", "0001 0800 I", 1, DECODED_TCP, DECODED_TOO_DEEP},
        {"M 8847", "00001040", "00002140 I", 1, DECODED_TOO_DEEP, DECODED_TOO_DEEP},
        {"6000000000003c01 M M 00000000 00000000", "3c00 010400000000", "0600 010400000000", 101, DECODED_BROKEN,
         DECODED_TOO_DEEP},
    };
    (void)state;
    struct made *m = made_new();
    for (size_t i = 0; i < sizeof nests / sizeof *nests; i++) {
        for (int n = 12; n <= 1000; n += 988) {
            struct segment s;
            m->n = 0;
            cook(m, nests[i].head);
            for (int k = 0; k < n; k++)
                cook(m, nests[i].again);
            cook(m, nests[i].tail);
            assert_int_equal(run_alone(made_str(m), (uint32_t)m->n, (uint16_t)nests[i].link, &s),
                             n == 12 ? nests[i].at_13 : nests[i].at_1000);
        }
    }
    mem_free(m);
}

/* IP in IP in IP: the bound itself, from both sides. */
static void depth_bound(void **state)
{
    (void)state;
    struct made *m = made_new();
    struct segment s;
    for (unsigned n = 1; n <= 20; n++) {
        m->n = 0;
        for (unsigned k = n; k > 1; k--)
            put_ip4(m, 4, (k - 2) * 20 + IP_LEN, 1, 0);
        put_ip4_tcp(m);
        /* raw, n IP headers, TCP */
        assert_int_equal(run_alone(made_str(m), (uint32_t)m->n, 101, &s), n + 2 <= 16 ? DECODED_TCP : DECODED_TOO_DEEP);
    }
    limits.v[LIMIT_decode_layers_max] = 3;
    m->n = 0;
    put_ip4_tcp(m);
    assert_int_equal(run_alone(made_str(m), (uint32_t)m->n, 101, &s), DECODED_TCP);
    limits.v[LIMIT_decode_layers_max] = 2;
    assert_int_equal(run_alone(made_str(m), (uint32_t)m->n, 101, &s), DECODED_TOO_DEEP);
    limits = limits_default();
    mem_free(m);
}

static void others(void **state)
{
    static const struct {
        uint16_t link;
        enum decoded answer;
        const char *recipe;
    } packets[] = {
        {1, DECODED_OTHER, "M 0806 0001080006040001"},
        {1, DECODED_OTHER, "M 0008 424203 0000000000"},
        {1, DECODED_BROKEN, ""},
        {1, DECODED_OTHER, "M 0800 4500001e00010000401100000a0000010a000002 c3500035000a0000 6162"},
        {228, DECODED_BROKEN, "4500001c00010000401100000a0000010a000002 c35012b500070000"},
        {228, DECODED_BROKEN, "4500001c00010000401100000a0000010a000002 c35012b500090000"},
        {228, DECODED_BROKEN, "4500001c00010000401100000a0000010a000002 c35012b500080000"}, /* no VXLAN header */
        {228, DECODED_OTHER, "4500002400010000401100000a0000010a000002 c35012b500100000 0000000000000000"},
        {228, DECODED_OTHER, "4500002400010000401100000a0000010a000002 c35017c100100000 4000655800000000"},
        {228, DECODED_BROKEN, "4500002400010000401100000a0000010a000002 c35017c100100000 3f00655800000000"},
        {228, DECODED_OTHER, "4500001800010000402f00000a0000010a000002 40000800"},
        {228, DECODED_BROKEN, "4500001800010000402f00000a0000010a000002 20000800"},
        {228, DECODED_OTHER, "4500001800010000402f00000a0000010a000002 00020800"},
        {228, DECODED_BROKEN, "4500001800010000402f00000a0000010a000002 3001880b"},
        {228, DECODED_OTHER, "4500002400010000401100000a0000010a000002 0868086800100000 3001000000000000"},
        {228, DECODED_OTHER, "4500002400010000401100000a0000010a000002 0868086800100000 30ff000100000000"},
        {228, DECODED_BROKEN, "4500002c00010000401100000a0000010a000002 0868086800180000 34ff000800000000 "
                              "00000085 00000000"},
        {228, DECODED_OTHER, "4500002400010000401100000a0000010a000002 c00013d000100000 f0ff112900000000"},
        {1, DECODED_OTHER, "M 8863 110900000000"},
        {1, DECODED_OTHER, "M 8864 1109 0000 0000"},
        {1, DECODED_BROKEN, "M 8864 1100 0001 ffff 0021 I"},
        {9, DECODED_OTHER, "ff03 c021 01010004"},
        {105, DECODED_OTHER, "8000 0000 ffffffffffff 020000000002 020000000003 0000"},
        {105, DECODED_OTHER, "0841 0000 020000000001 020000000002 020000000003 0000 aaaa03 000000 0800 I"},
        {105, DECODED_OTHER, "4801 0000 020000000001 020000000002 020000000003 0000"},
        {127, DECODED_BROKEN, "0000 0700 00000000 0801"},
        {127, DECODED_BROKEN, "0000 ffff 00000000 0801"},
        {127, DECODED_BROKEN, "0000 0800 ffffffff 08"},
        {239, DECODED_BROKEN, "0200 0000 0300 0900 00000000"},
        {239, DECODED_BROKEN, "0200 0000 0000 0000 00000000"},
        {239, DECODED_OTHER, "0200 0000 0800 0100 00000000"},
        {239, DECODED_OTHER, "0201 0000 0800 0100 00000000"},
        {0, DECODED_OTHER, "07000000 I"},
        {113, DECODED_OTHER, "0000 0001 0006 020000000001 0000 0001 I"},
        {113, DECODED_OTHER, "0000 0001 0006 020000000001 0000 0806 I"},
        {101, DECODED_BROKEN, "00 00"},
        {101, DECODED_BROKEN, "50 00"},
        {249, DECODED_LINK, "00 00"},
        {65535, DECODED_LINK, ""},
    };
    (void)state;
    struct made *m = made_new();
    for (size_t i = 0; i < sizeof packets / sizeof *packets; i++) {
        struct segment s;
        m->n = 0;
        cook(m, packets[i].recipe);
        enum decoded answer = run_alone(made_str(m), (uint32_t)m->n, packets[i].link, &s);
        if (answer != packets[i].answer)
            print_error("%s: %d\n", packets[i].recipe, (int)answer);
        assert_int_equal(answer, packets[i].answer);
    }
    mem_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrappings),
        cmocka_unit_test(wrappings_cut_everywhere),
        cmocka_unit_test(tunnelled),
        cmocka_unit_test(teredo),
        cmocka_unit_test(extension_headers),
        cmocka_unit_test(lengths_that_lie),
        cmocka_unit_test(snap_length),
        cmocka_unit_test(tcp_options),
        cmocka_unit_test(too_deep),
        cmocka_unit_test(depth_bound),
        cmocka_unit_test(others),
    };
    hash_init();
    limits = limits_default();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
