/* capture_pcap.c: the libpcap file format and the variants that share its magic numbers.
 *
 * Source: draft-ietf-opsawg-pcap; the variants as libpcap (savefile) and Wireshark (wiretap) know
 * them: nanoseconds, the longer record headers of patched Linux and Nokia libpcaps, Ixia's longer
 * file header, and the files of version 2.3 and before whose two lengths stand the other way round.
 * Where a magic number has several record headers, the first under which the first two records make
 * sense is taken; the shorter one goes first, because it finds a record's seconds where its
 * fraction should be and is refuted at once. */
#include "parsers/net/capture_priv.h"

enum { FILE_HEADER = 24, RECORD_HEADER = 16, RECORDS_MAX = 3 };

static const struct variant {
    uint32_t magic;
    uint8_t extra;                /* bytes behind the file header */
    bool nanoseconds;
    uint8_t records[RECORDS_MAX]; /* lengths of record headers, the usual one first */
} variants[] = {
    {0xa1b2c3d4, 0, false, {RECORD_HEADER, 20, 24}},
    {0xa1b23c4d, 0, true, {RECORD_HEADER}},
    {0xa1b2cd34, 0, false, {24, 28}},
    {0x1c0001ac, 4, true, {RECORD_HEADER}},
    {0x1c0001ab, 4, false, {RECORD_HEADER}},
};

struct record {
    uint32_t seconds, fraction, captured, original;
};

static const struct variant *variant_of(const uint8_t *p, bool *big)
{
    for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
        *big = be32(p) == variants[i].magic;
        if (*big || le32(p) == variants[i].magic)
            return &variants[i];
    }
    return NULL;
}

static bool recognises(struct str head)
{
    bool big;
    return head.n >= 4 && variant_of((const uint8_t *)head.p, &big) != NULL;
}

static struct record record_at(const struct capture *c, const uint8_t *p)
{
    uint32_t first = capture_u32(c, p + 8), second = capture_u32(c, p + 12);
    bool turned = c->pcap.lengths == LENGTHS_ORIGINAL_FIRST ||
                  (c->pcap.lengths == LENGTHS_SMALLER_CAPTURED && first > second);
    return (struct record){.seconds = capture_u32(c, p),
                           .fraction = capture_u32(c, p + 4),
                           .captured = turned ? second : first,
                           .original = turned ? first : second};
}

static bool plausible(const struct capture *c, const struct record *r)
{
    return r->fraction < (c->pcap.nanoseconds ? 1000000000U : 1000000U) &&
           r->captured <= c->packet_max && r->captured <= r->original;
}

/* Are there two records, and do both make sense with headers of this length? */
static bool fits(struct capture *c, size_t header)
{
    if (!capture_need(c, header))
        return false;
    struct record r = record_at(c, capture_at(c));
    if (!plausible(c, &r) || !capture_need(c, 2 * header + r.captured))
        return false;
    r = record_at(c, capture_at(c) + header + r.captured);
    return plausible(c, &r);
}

/* Without two such records it is the usual header: files cut short are more common than odd ones.
 * */
static void choose_record(struct capture *c, const struct variant *v)
{
    c->pcap.record = v->records[0];
    for (size_t i = 0; i < RECORDS_MAX && v->records[i] != 0; i++)
        if (fits(c, v->records[i])) {
            c->pcap.record = v->records[i];
            return;
        }
}

static enum lengths lengths_of(uint16_t major, uint16_t minor)
{
    if (major != 2 || minor > 3)
        return LENGTHS_CAPTURED_FIRST;
    return minor == 3 ? LENGTHS_SMALLER_CAPTURED : LENGTHS_ORIGINAL_FIRST;
}

static enum status open_pcap(struct capture *c)
{
    const struct variant *v = variant_of(capture_at(c), &c->big);
    size_t header = (size_t)FILE_HEADER + v->extra;
    if (!capture_need(c, header))
        return capture_cut_off(c, "file header", 0, header);
    const uint8_t *p = capture_at(c);
    c->pcap.nanoseconds = v->nanoseconds;
    c->pcap.lengths = lengths_of(capture_u16(c, p + 4), capture_u16(c, p + 6));
    c->pcap.snaplen = capture_u32(c, p + 16);
    /* The upper half says how long frame check sums are. */
    c->pcap.linktype = (uint16_t)(capture_u32(c, p + 20) & 0xffff);
    c->counts.sections = c->counts.interfaces = 1;
    capture_pass(c, header, &c->counts.other_bytes);
    choose_record(c, v);
    return STATUS_OK;
}

/* A record longer than we keep but not than the file announced is passed over; a longer one is
 * damage, and where the next one begins nobody knows. */
static enum status too_long(struct capture *c, const struct record *r)
{
    uint64_t span = (uint64_t)c->pcap.record + r->captured, start = c->offset;
    if (r->captured > c->pcap.snaplen)
        return capture_damaged(c, "a packet of %u captured bytes", r->captured);
    if (!capture_pass(c, span, &c->counts.rejected_bytes))
        return capture_cut_off(c, "packet", start, span);
    c->counts.rejected++;
    return STATUS_SKIP;
}

static enum status next_pcap(struct capture *c, struct packet *p)
{
    size_t header = c->pcap.record;
    if (!capture_need(c, header))
        return capture_held(c) == 0 ? capture_end(c)
                                    : capture_cut_off(c, "packet", c->offset, header);
    struct record r = record_at(c, capture_at(c));
    if (r.captured > c->packet_max)
        return too_long(c, &r);
    if (!capture_need(c, header + r.captured))
        return capture_cut_off(c, "packet", c->offset, (uint64_t)header + r.captured);
    *p = (struct packet){
        .time_us = (int64_t)r.seconds * 1000000 + r.fraction / (c->pcap.nanoseconds ? 1000 : 1),
        .time_ns = c->pcap.nanoseconds ? r.fraction % 1000 : 0,
        .captured = r.captured,
        .original = r.original,
        .linktype = c->pcap.linktype,
        .has_time = true,
        .data = capture_at(c) + header,
    };
    capture_packet(c, p, header + r.captured);
    return STATUS_OK;
}

const struct capture_format capture_pcap = {"pcap", recognises, open_pcap, next_pcap};
