/* decode_tunnel.c: packets inside packets: GRE, ERSPAN, VXLAN, Geneve.
 *
 * Sources: RFC 2784 and 2890 (GRE), 2637 (its version 1, PPTP), 7348 (VXLAN), 8926 (Geneve),
 * draft-foschiano-erspan.  Tunnels over UDP are known by their registered ports and by a header that fits. */
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
    PORT_VXLAN = 4789,
    PORT_VXLAN_LINUX = 8472,
    PORT_GENEVE = 6081
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

/* Version 1: the key's first half is the payload's length; without a sequence number there is none. */
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

/* The last bit announces eight bytes more; frames of other types than Ethernet (0) and IP (2) are not ours. */
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

enum layer layer_udp(struct walk *w)
{
    uint16_t port = be16(w->p + 2), length = be16(w->p + 4);
    if (length != 0 && (length < 8 || !walk_limit(w, length)))
        return LAYER_IS_BROKEN;
    walk_take(w, 8);
    switch (port) {
    case PORT_VXLAN:
    case PORT_VXLAN_LINUX: return LAYER_vxlan;
    case PORT_GENEVE: return LAYER_geneve;
    default: return LAYER_IS_OTHER;
    }
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
