/* decode_priv.h: the walk from a packet's first byte inwards, one function for each protocol
 * header.
 *
 * A layer function sees the captured bytes from its header on, takes its header off and names what
 * follows. Its fixed part is captured for certain: the walk checks that by the table before it
 * calls. */
#ifndef VIGIE_PARSERS_NET_DECODE_PRIV_H
#define VIGIE_PARSERS_NET_DECODE_PRIV_H

#include "parsers/net/bytes.h"
#include "parsers/net/packet.h"

/* LAYER(name, least bytes of its header) */
#define LAYERS(LAYER)                                                                             \
    LAYER(ethernet, 14) LAYER(sll, 16) LAYER(sll2, 20) LAYER(null, 4) LAYER(raw, 1)               \
    LAYER(ppp, 1) LAYER(hdlc, 4) LAYER(ppp_serial, 4) LAYER(wlan, 2) LAYER(radiotap, 8)           \
    LAYER(nflog, 4) LAYER(fddi, 13) LAYER(llc, 3) LAYER(vlan, 4) LAYER(tag6, 6) LAYER(tag8, 8)    \
    LAYER(pbb, 18) LAYER(fabricpath, 16) LAYER(mpls, 4) LAYER(mpls_end, 1) LAYER(pppoe, 6)        \
    LAYER(gre, 4) LAYER(erspan2, 8) LAYER(erspan3, 12) LAYER(ip4, 20) LAYER(ip6, 40)              \
    LAYER(ip6_options, 8) LAYER(ip6_routing, 8) LAYER(ip6_fragment, 8) LAYER(auth, 12)            \
    LAYER(udp, 8) LAYER(vxlan, 8) LAYER(geneve, 8) LAYER(gtp, 8) LAYER(teredo, 40)                \
    LAYER(ayiya, 8) LAYER(tcp, 20)

enum layer {
#define LAYER(name, least) LAYER_##name,
    LAYERS(LAYER)
#undef LAYER
    LAYER_COUNT,
    /* no header follows: the answer */
    LAYER_IS_TCP = LAYER_COUNT,
    LAYER_IS_OTHER,
    LAYER_IS_FRAGMENT,
    LAYER_IS_BROKEN
};

struct walk {
    const uint8_t *p; /* captured bytes from here on */
    uint32_t n;
    uint32_t wire;    /* bytes from here on as they were sent; >= n */
    const struct packet *packet;
    struct decoder *decoder;
    struct segment *out;
    bool ip_seen;
    bool gre_sequence;    /* tells ERSPAN's type II from type I */
};

#define LAYER(name, least) enum layer layer_##name(struct walk *w);
LAYERS(LAYER)
#undef LAYER

/* Takes n bytes off; more than was captured leaves none, more than was sent is a lie. */
static inline bool walk_take(struct walk *w, uint32_t n)
{
    if (n > w->n)
        return false;
    w->p += n;
    w->n -= n;
    w->wire -= n;
    return true;
}

/* What a length field says is sent from here on: cuts padding off; false when it says more than was
 * sent. */
static inline bool walk_limit(struct walk *w, uint32_t wire)
{
    if (wire > w->wire)
        return false;
    w->wire = wire;
    w->n = w->n < wire ? w->n : wire;
    return true;
}

enum layer layer_of_ethertype(uint16_t type); /* also the lengths of 802.3 frames: LLC */
enum layer layer_of_ip_protocol(uint8_t protocol);

/* ---- fragments ---- */

struct fragment {
    uint32_t id;
    uint32_t offset; /* in the datagram's payload, a multiple of 8 */
    bool more;
    uint8_t protocol;
    uint8_t version; /* 4 or 6 */
};
struct fragments;
struct fragments *fragments_new(const struct limits *l, struct decoder_counts *counts);
/* The fragment's payload is what w stands at.  OK: w stands at the whole datagram's payload now,
 * *protocol is the first fragment's.  MORE: it waits.  SKIP: it lies and was left out. */
enum status fragments_add(struct fragments *f, struct walk *w, const struct fragment *piece,
                          uint8_t *protocol);
void fragments_free(struct fragments *f);
struct fragments *decoder_fragments(struct decoder *d);

#endif
