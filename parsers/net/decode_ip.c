/* decode_ip.c: IPv4, IPv6 with its extension headers, and TCP.
 *
 * Sources: RFC 791, 8200, 6275 (routing type 2), 8754 (type 4), 4302 (authentication), 9293 (TCP).
 * Check sums are not verified: where network cards compute them, captures hold wrong ones on sound
 * packets.  A total length of 0 is what segmentation offload leaves in a packet that is larger than
 * the field can say. */
#include "parsers/net/decode_priv.h"

enum {
    IP4_MORE = 0x2000,
    IP4_OFFSET = 0x1fff,
    IP6_MORE = 1,
    ROUTING_SOURCE = 0,
    ROUTING_MOBILE = 2,
    ROUTING_SEGMENTS = 4
};

static struct ip mapped(const uint8_t *p)
{
    struct ip a = {{[10] = 0xff, [11] = 0xff}};
    memcpy(a.b + 12, p, 4);
    return a;
}

static struct ip address(const uint8_t *p)
{
    struct ip a;
    memcpy(a.b, p, sizeof a.b);
    return a;
}

static void begin_ip(struct walk *w, struct ip src, struct ip dst, uint8_t hops)
{
    w->out->tunnelled = w->out->tunnelled || w->ip_seen;
    w->ip_seen = true;
    w->out->src = src;
    w->out->dst = dst;
    w->out->hops = hops;
}

static enum layer reassemble(struct walk *w, const struct fragment *piece)
{
    uint8_t protocol;
    switch (fragments_add(decoder_fragments(w->decoder), w, piece, &protocol)) {
    case STATUS_OK: return layer_of_ip_protocol(protocol);
    case STATUS_MORE: return LAYER_IS_FRAGMENT;
    case STATUS_END:
    case STATUS_SKIP:
    case STATUS_FAILED:
    case STATUS_FATAL: break;
    }
    return LAYER_IS_BROKEN;
}

enum layer layer_ip4(struct walk *w)
{
    const uint8_t *p = w->p;
    uint32_t header = (p[0] & 0x0fU) * 4, total = be16(p + 2), flags = be16(p + 6);
    if (p[0] >> 4 != 4 || header < 20)
        return LAYER_IS_BROKEN;
    if (total != 0 && (total < header || !walk_limit(w, total)))
        return LAYER_IS_BROKEN;
    if (!walk_take(w, header))
        return LAYER_IS_BROKEN;
    begin_ip(w, mapped(p + 12), mapped(p + 16), p[8]);
    if ((flags & (IP4_MORE | IP4_OFFSET)) == 0)
        return layer_of_ip_protocol(p[9]);
    struct fragment piece = {.id = be16(p + 4),
                             .offset = (flags & IP4_OFFSET) * 8,
                             .more = (flags & IP4_MORE) != 0,
                             .protocol = p[9],
                             .version = 4};
    return reassemble(w, &piece);
}

/* A payload length of 0: offload, or a jumbogram, which the frame bounds as well. */
enum layer layer_ip6(struct walk *w)
{
    const uint8_t *p = w->p;
    uint32_t payload = be16(p + 4);
    if (p[0] >> 4 != 6 || (payload != 0 && !walk_limit(w, 40 + payload)))
        return LAYER_IS_BROKEN;
    walk_take(w, 40);
    begin_ip(w, address(p + 8), address(p + 24), p[7]);
    return layer_of_ip_protocol(p[6]);
}

enum layer layer_ip6_options(struct walk *w)
{
    uint8_t protocol = w->p[0];
    return walk_take(w, 8 + w->p[1] * 8U) ? layer_of_ip_protocol(protocol) : LAYER_IS_BROKEN;
}

/* On its way through listed stations a packet bears the next one's address; the connection is with
 * the last. */
enum layer layer_ip6_routing(struct walk *w)
{
    const uint8_t *p = w->p;
    uint32_t length = 8 + p[1] * 8U;
    if (!walk_take(w, length))
        return LAYER_IS_BROKEN;
    if (p[3] != 0 && length >= 24) { /* stations left, and an address listed */
        if (p[2] == ROUTING_SOURCE)
            w->out->dst = address(p + 8 + (length - 24) / 16 * 16);
        if (p[2] == ROUTING_MOBILE || p[2] == ROUTING_SEGMENTS)
            w->out->dst = address(p + 8);
    }
    return layer_of_ip_protocol(p[0]);
}

enum layer layer_ip6_fragment(struct walk *w)
{
    const uint8_t *p = w->p;
    uint16_t field = be16(p + 2);
    struct fragment piece = {.id = be32(p + 4),
                             .offset = field & 0xfff8U,
                             .more = (field & IP6_MORE) != 0,
                             .protocol = p[0],
                             .version = 6};
    walk_take(w, 8);
    if (piece.offset == 0 && !piece.more) /* "atomic": a fragment only by name (RFC 6946) */
        return layer_of_ip_protocol(piece.protocol);
    return reassemble(w, &piece);
}

enum layer layer_auth(struct walk *w)
{
    uint8_t protocol = w->p[0];
    return walk_take(w, 8 + w->p[1] * 4U) ? layer_of_ip_protocol(protocol) : LAYER_IS_BROKEN;
}

/* Options that the snap length cut are handed over as far as they go: the rest of the header is
 * there. */
enum layer layer_tcp(struct walk *w)
{
    const uint8_t *p = w->p;
    uint32_t header = (p[12] >> 4) * 4U;
    struct segment *s = w->out;
    if (header < 20 || header > w->wire)
        return LAYER_IS_BROKEN;
    uint32_t held = header < w->n ? header : w->n;
    s->src_port = be16(p);
    s->dst_port = be16(p + 2);
    s->seq = be32(p + 4);
    s->ack = be32(p + 8);
    s->flags = p[13] & 0x3f;
    s->window = be16(p + 14);
    s->urgent = be16(p + 18);
    s->options = p + 20;
    s->options_length = (uint8_t)(held - 20);
    s->payload = p + held;
    s->length = w->n - held;
    s->missing = w->wire - header - s->length;
    return LAYER_IS_TCP;
}
