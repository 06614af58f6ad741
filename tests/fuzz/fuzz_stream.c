/* fuzz_stream.c: whatever the order of segments, whole or cut in two, each byte told is the byte of its place, and
 * nobody is said to contradict himself who does not.  That a cut changes nothing at all is shown for ordinary
 * traffic by the unit test; it does not hold where resets, new starts and ends fall into one another.
 *
 * Six bytes make a segment: flags and side, sequence number (two), acknowledgement, length, milliseconds.  The
 * byte at a place depends on the place alone, but for segments that lie (one bit of the flags). */
#include <stdlib.h>

#include "analyzer/base/out.h"
#include "parsers/net/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RECORD = 6, SERVER = 0x40, LIES = 0x80, FLAGS = 0x1f, TEXT_MAX = 256 };
/* Close to the wrap, so that it is crossed. */
static const uint32_t starts[2] = {0xfffffe00, 0xffffff00};

struct told { /* of the connection being read */
    struct out text[2]; /* per side: bytes, '?' for each lost one */
    uint64_t bytes, lost;
    bool lies;
};

/* Who sent it, whoever opened the connection. */
static int sender(const struct connection *c, enum stream_side side)
{
    return (side == STREAM_SERVER) == (c->client_port == 40000);
}

static void on_opened(void *user, struct connection *c)
{
    (void)user;
    (void)c;
}

static void on_bytes(void *user, struct connection *c, enum stream_side side, struct str bytes,
                     const struct stream_ref *ref)
{
    struct told *t = user;
    if (bytes.n <= 0 || ref->packet == 0)
        abort();
    t->bytes += (uint64_t)bytes.n;
    out_str(&t->text[sender(c, side)], bytes);
}

static void on_gap(void *user, struct connection *c, enum stream_side side, uint64_t n,
                   const struct stream_ref *ref)
{
    struct told *t = user;
    (void)ref;
    if (n == 0 || n > UINT64_C(1) << 31)
        abort();
    t->lost += n;
    for (uint64_t i = 0; i < n && i < 4096; i++)
        out_char(&t->text[sender(c, side)], '?');
}

static void on_finished(void *user, struct connection *c, enum stream_side side)
{
    struct told *t = user;
    out_char(&t->text[sender(c, side)], '$');
}

static void on_closed(void *user, struct connection *c)
{
    struct told *t = user;
    (void)c;
    out_char(&t->text[0], '\n');
    out_char(&t->text[1], '\n');
}

static void on_differs(void *user, struct connection *c, enum stream_side side,
                       const struct stream_difference *d)
{
    struct told *t = user;
    (void)c;
    (void)side;
    if (!t->lies || d->first.n != d->second.n || str_eq(d->first, d->second))
        abort(); /* nobody contradicted himself */
}

static char byte_at(int side, uint32_t seq)
{
    return (char)('a' + (seq * 2654435761u + (uint32_t)side) % 26);
}

static void give(struct streams *s, const uint8_t *record, uint32_t from, uint32_t to,
                 struct packet *p)
{
    static char text[TEXT_MAX];
    int side = (record[0] & SERVER) != 0;
    uint32_t seq = starts[side] + (uint32_t)(record[1] | (record[2] & 3) << 8);
    struct segment g = {.seq = seq + from,
                        .ack = starts[!side] + (uint32_t)(record[3] * 4),
                        .flags = record[0] & FLAGS};
    bool syn = (g.flags & SEGMENT_SYN) != 0;
    for (uint32_t i = from; i < to; i++)
        text[i - from] =
            (char)(byte_at(side, seq + i + syn) ^ ((record[0] & LIES) != 0 && i % 3 == 1));
    if (from > 0) {
        g.seq += syn;
        g.flags &= (uint8_t)~SEGMENT_SYN;
    }
    if (to < record[4])
        g.flags &= (uint8_t)~SEGMENT_FIN;
    g.src.b[15] = side == 0 ? 1 : 2;
    g.dst.b[15] = side == 0 ? 2 : 1;
    g.src_port = side == 0 ? 40000 : 80;
    g.dst_port = side == 0 ? 80 : 40000;
    g.payload = (const uint8_t *)text;
    g.length = to - from;
    p->number++;
    streams_segment(s, &g, p);
}

/* A connection's text is a piece of what the side says, from some place on; '?' stands for anything. */
static bool is_said(int side, struct str line)
{
    enum { PLACES = 1536 };
    for (uint32_t start = 0; start < PLACES; start++) {
        ptrdiff_t i = 0;
        while (i < line.n &&
               (line.p[i] == '?' || line.p[i] == byte_at(side, starts[side] + start + (uint32_t)i)))
            i++;
        if (i == line.n || (line.p[i] == '$' && i + 1 == line.n))
            return true;
    }
    return false;
}

static void check(const struct told *t)
{
    struct str line;
    for (int side = 0; side < 2 && !t->lies && t->lost < 4096; side++)
        for (struct str rest = out_slice(&t->text[side]); rest.n > 0;) {
            rest = str_cut(rest, '\n', &line);
            if (!is_said(side, line))
                abort();
        }
}

static struct told run(const uint8_t *data, size_t size, bool cut)
{
    struct told t = {.text = {out_memory(), out_memory()}};
    struct limits limits = limits_default();
    struct stream_sink sink = {&t, on_opened, on_bytes, on_gap, on_finished, on_closed, on_differs};
    struct streams *s = streams_new(&limits, &sink);
    struct packet p = {.time_us = 1, .has_time = true};
    for (size_t i = 0; i + RECORD <= size; i += RECORD) {
        const uint8_t *record = data + i;
        uint32_t half = record[4] / 2;
        t.lies |= (record[0] & LIES) != 0;
        p.time_us += record[5] * 1000;
        /* Parts of one byte may be taken for keep-alive probes; a SYN is refused as a whole. */
        bool parts = cut && half >= 2 && !(record[0] & (SEGMENT_RST | SEGMENT_SYN));
        give(s, record, 0, parts ? half : record[4], &p);
        if (parts)
            give(s, record, half, record[4], &p);
    }
    streams_free(s);
    return t;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct told once = run(data, size, false), again = run(data, size, true);
    check(&once);
    check(&again);
    for (int side = 0; side < 2; side++) {
        out_close(&once.text[side]);
        out_close(&again.text[side]);
    }
    return 0;
}
