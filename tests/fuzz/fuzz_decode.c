/* fuzz_decode.c: any bytes as packets of any link type, one decoder for all of them.
 *
 * The input is a row of packets: link type, length and how much was cut off, each of two bytes in network
 * order, then the bytes.  What is handed over must lie inside the packet or be a datagram out of fragments. */
#include <stdlib.h>

#include "analyzer/base/hash.h"
#include "parsers/net/bytes.h"
#include "parsers/net/packet.h"

enum { HEAD = 6 };

static void check(const struct packet *p, const struct segment *s)
{
    volatile uint8_t sink = 0;
    const uint8_t *end = p->data + p->captured;
    for (uint32_t i = 0; i < s->length; i++)
        sink ^= s->payload[i];
    for (uint32_t i = 0; i < s->options_length; i++)
        sink ^= s->options[i];
    (void)sink;
    if (!s->fragmented && (s->options < p->data || s->payload < s->options || s->payload + s->length > end))
        abort();
    if (s->options_length > 40 || s->fragmented != (s->pieces_count > 0))
        abort();
    if (!s->fragmented && s->length + s->missing > (p->original > p->captured ? p->original : p->captured))
        abort();
    for (uint32_t i = 0; i < s->pieces_count; i++)
        if (s->pieces[i].packet > p->number)
            abort();
}

static void run(struct decoder *d, struct packet *p, struct str bytes)
{
    struct segment s;
    uint8_t *own = malloc(p->captured > 0 ? p->captured : 1);
    memcpy(own, bytes.p, p->captured);
    p->data = own;
    enum decoded answer = decoder_run(d, p, &s);
    if (answer == DECODED_TCP)
        check(p, &s);
    free(own);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct limits l = limits_default();
    l.v[LIMIT_fragments_open_max] = 4;
    l.v[LIMIT_fragments_bytes_max] = 100000;
    l.v[LIMIT_fragments_pieces_max] = 20;
    struct decoder *d = decoder_new(&l);
    struct packet p = {.has_time = true};
    while (size >= HEAD) {
        size_t len = be16(data + 2), there = size - HEAD;
        p.number++;
        p.time_us += 1000000;
        p.linktype = be16(data);
        p.captured = (uint32_t)(len < there ? len : there);
        p.original = p.captured + be16(data + 4);
        run(d, &p, (struct str){(const char *)data + HEAD, (ptrdiff_t)p.captured});
        data += HEAD + p.captured;
        size = there - p.captured;
    }
    const struct decoder_counts *n = decoder_counts(d);
    uint64_t sum = 0;
    for (int i = 0; i < DECODED_KINDS; i++)
        sum += n->decoded[i];
    if (sum != p.number || n->datagrams_waiting > 4 || n->overlaps_different > n->overlaps)
        abort();
    decoder_free(d);
    return 0;
}
