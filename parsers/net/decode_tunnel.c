/* decode_tunnel.c: packets inside packets: GRE, ERSPAN, VXLAN, Geneve, GTP, Teredo, AYIYA.
 *
 * Sources: RFC 2784 and 2890 (GRE), 2637 (its version 1, PPTP), 8086 (over UDP), 7348 (VXLAN), 8926
 * (Geneve), 4380 (Teredo), draft-foschiano-erspan, draft-massar-v6ops-ayiya.  Tunnels over UDP are
 * known by their registered ports and by a header that fits. */
#include "parsers/net/decode_priv.h"

enum {
    GRE_CHECKSUM = 0x8000,
    GRE_ROUTING = 0x4000,
    GRE_KEY = 0x2000,
    GRE_SEQUENCE = 0x1000,
    GRE_ACK = 0x0080,
    GRE_VERSION = 7,
    ETHERTYPE_ERSPAN = 0x88be,
    ETHERTYPE_PPP = 0x880b,
    IP6_HEADER = 40
};

/* Version 0: optional words in the order of their bits. */
static enum layer gre(struct walk *w, uint16_t flags, uint16_t type)
{
    uint32_t n = 4;
    if ((flags & GRE_ROUTING) != 0)
        return LAYER_IS_OTHER;
    n += (flags & GRE_CHECKSUM) != 0 ? 4 : 0;
    n += (flags & GRE_KEY) != 0 ? 4 : 0;
    n += (flags & GRE_SEQUENCE) != 0 ? 4 : 0;
    w->gre_sequence = (flags & GRE_SEQUENCE) != 0;
    if (!walk_take(w, n))
        return LAYER_IS_BROKEN;
    if (type == ETHERTYPE_ERSPAN && !w->gre_sequence) /* type I has no header of its own */
        return LAYER_ethernet;
    return type >= 0x600 ? layer_of_ethertype(type) : LAYER_IS_OTHER;
}

/* Version 1: the key's first half is the payload's length; without a sequence number there is none.
 * */
static enum layer gre_pptp(struct walk *w, uint16_t flags, uint16_t type)
{
    if (type != ETHERTYPE_PPP || (flags & GRE_KEY) == 0 || (flags & GRE_SEQUENCE) == 0)
        return LAYER_IS_OTHER;
    if (w->n < 8)
        return LAYER_IS_BROKEN;
    uint16_t length = be16(w->p + 4);
    if (!walk_take(w, (flags & GRE_ACK) != 0 ? 16 : 12) || !walk_limit(w, length))
        return LAYER_IS_BROKEN;
    return LAYER_ppp;
}

enum layer layer_gre(struct walk *w)
{
    uint16_t flags = be16(w->p), type = be16(w->p + 2);
    w->out->tunnelled = true;
    switch (flags & GRE_VERSION) {
    case 0: return gre(w, flags, type);
    case 1: return gre_pptp(w, flags, type);
    default: return LAYER_IS_OTHER;
    }
}

enum layer layer_erspan2(struct walk *w)
{
    walk_take(w, 8);
    return LAYER_ethernet;
}

/* The last bit announces eight bytes more; frames of other types than Ethernet (0) and IP (2) are
 * not ours. */
enum layer layer_erspan3(struct walk *w)
{
    uint8_t frame_type = w->p[10] >> 2 & 0x1f;
    bool more = (w->p[11] & 1) != 0;
    if (!walk_take(w, more ? 20 : 12))
        return LAYER_IS_BROKEN;
    if (frame_type == 2)
        return LAYER_raw;
    return frame_type == 0 ? LAYER_ethernet : LAYER_IS_OTHER;
}

static const struct {
    uint16_t port;
    bool any_side; /* also as the source's port: both ends speak alike */
    enum layer layer;
} ports[] = {
    {4789, false, LAYER_vxlan},
    {8472, false, LAYER_vxlan}, /* Linux before the registration */
    {6081, false, LAYER_geneve},
    {4754, false, LAYER_gre},
    {2152, true, LAYER_gtp},
    {5072, true, LAYER_ayiya},
};

enum layer layer_udp(struct walk *w)
{
    uint16_t from = be16(w->p), to = be16(w->p + 2), length = be16(w->p + 4);
    if (length != 0 && (length < 8 || !walk_limit(w, length)))
        return LAYER_IS_BROKEN;
    walk_take(w, 8);
    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++)
        if (ports[i].port == to || (ports[i].any_side && ports[i].port == from))
            return ports[i].layer;
    return w->n >= IP6_HEADER ? LAYER_teredo : LAYER_IS_OTHER;
}

/* The flag that the network identifier is valid, and nothing in the reserved bytes. */
enum layer layer_vxlan(struct walk *w)
{
    if ((w->p[0] & 0x08) == 0 || w->p[7] != 0)
        return LAYER_IS_OTHER;
    w->out->tunnelled = true;
    walk_take(w, 8);
    return LAYER_ethernet;
}

enum layer layer_geneve(struct walk *w)
{
    uint32_t options = (w->p[0] & 0x3fU) * 4;
    uint16_t type = be16(w->p + 2);
    if (w->p[0] >> 6 != 0 || type < 0x600)
        return LAYER_IS_OTHER;
    w->out->tunnelled = true;
    return walk_take(w, 8 + options) ? layer_of_ethertype(type) : LAYER_IS_BROKEN;
}

/* An IPv6 packet at `at` that ends where this one does. */
static bool exact_ip6(const struct walk *w, uint32_t at)
{
    return w->n >= at + IP6_HEADER && w->p[at] >> 4 == 6 &&
           at + IP6_HEADER + be16(w->p + at + 4) == w->wire;
}

static enum layer into_ip6(struct walk *w, uint32_t at)
{
    w->out->tunnelled = true;
    walk_take(w, at);
    return LAYER_ip6;
}

/* Its peers use any ports: known by one of its addresses in an IPv6 packet of the right length,
 * before which there may be an authentication and then an origin indication. */
enum layer layer_teredo(struct walk *w)
{
    enum { PREFIX = 0x20010000 };
    uint32_t at = 0;
    if (be16(w->p) == 1)
        at = 4 + 9U + w->p[2] + w->p[3];
    if (w->n >= at + 8 && be16(w->p + at) == 0)
        at += 8;
    if (!exact_ip6(w, at) || (be32(w->p + at + 8) != PREFIX && be32(w->p + at + 24) != PREFIX))
        return LAYER_IS_OTHER;
    return into_ip6(w, at);
}

/* Identity of 2^n bytes and signature of 4n; operation 1 is to forward. */
enum layer layer_ayiya(struct walk *w)
{
    enum { FORWARD = 1, NEXT_IP6 = 41 };
    if ((w->p[2] & 0x0f) != FORWARD || w->p[3] != NEXT_IP6)
        return LAYER_IS_OTHER;
    uint32_t at = 8 + (1U << (w->p[0] >> 4)) + (w->p[1] >> 4) * 4U;
    return exact_ip6(w, at) ? into_ip6(w, at) : LAYER_IS_OTHER;
}

/* 3GPP TS 29.281: user data (type 255) of version 1, behind optional fields and extension headers.
 * */
enum layer layer_gtp(struct walk *w)
{
    enum { VERSION_1 = 0x30, OPTIONAL = 7, EXTENDED = 4, USER_DATA = 255 };
    uint8_t flags = w->p[0], next;
    if ((flags & 0xf0) != VERSION_1 || w->p[1] != USER_DATA || be16(w->p + 2) > w->wire - 8)
        return LAYER_IS_OTHER;
    uint32_t at = (flags & OPTIONAL) != 0 ? 12 : 8;
    if (w->n <= at)
        return LAYER_IS_BROKEN;
    next = (flags & EXTENDED) != 0 ? w->p[11] : 0;
    while (next != 0) {
        uint32_t length = w->p[at] * 4U;
        if (length == 0 || at + length >= w->n)
            return LAYER_IS_BROKEN;
        at += length;
        next = w->p[at - 1];
    }
    w->out->tunnelled = true;
    walk_take(w, at);
    return LAYER_raw;
}
