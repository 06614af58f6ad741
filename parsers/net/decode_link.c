/* decode_link.c: link layers, and the tags and labels that stand between them and IP.
 *
 * Sources: tcpdump.org/linktypes (each LINKTYPE_'s page), IEEE 802.3, 802.1Q, 802.1ah, 802.1BR,
 * 802.11, radiotap.org, RFC 1661 and 1662 (PPP), 2516 (PPPoE), 3032 and 4385 (MPLS). */
#include "parsers/net/decode_priv.h"

enum {
    PPP_IP4 = 0x21,
    PPP_IP6 = 0x57,
    PPP_MPLS = 0x281,
    PPP_MPLS_MULTICAST = 0x283,
    NFLOG_PAYLOAD = 9,
    RADIOTAP_TSFT = 1,
    RADIOTAP_FLAGS = 2,
    RADIOTAP_MORE_BIT = 31,
    RADIOTAP_DATA_PAD = 0x20
};

/* Takes n bytes off and goes on with `next`; a header that was cut off is broken. */
static enum layer after(struct walk *w, uint32_t n, enum layer next)
{
    return walk_take(w, n) ? next : LAYER_IS_BROKEN;
}

/* An ethertype at `at`, behind which the header of n bytes ends. */
static enum layer after_ethertype(struct walk *w, uint32_t at, uint32_t n)
{
    return after(w, n, layer_of_ethertype(be16(w->p + at)));
}

enum layer layer_ethernet(struct walk *w)
{
    uint16_t type = be16(w->p + 12);
    walk_take(w, 14);
    if (type < 0x600 && !walk_limit(w, type))
        return LAYER_IS_BROKEN;
    return layer_of_ethertype(type);
}

enum layer layer_vlan(struct walk *w)
{
    return after_ethertype(w, 2, 4);
}

enum layer layer_tag6(struct walk *w)
{
    return after_ethertype(w, 4, 6);
}

enum layer layer_tag8(struct walk *w)
{
    return after_ethertype(w, 6, 8);
}

/* Service tag of a provider backbone bridge, then the customer's whole frame. */
enum layer layer_pbb(struct walk *w)
{
    return after(w, 4, LAYER_ethernet);
}

/* The outer addresses are gone already: a tag, then the whole inner frame. */
enum layer layer_fabricpath(struct walk *w)
{
    return after(w, 2, LAYER_ethernet);
}

enum layer layer_fddi(struct walk *w)
{
    return after(w, 13, LAYER_llc);
}

/* IEEE 802.2: only SNAP, and IP's own number (6), lead anywhere. */
enum layer layer_llc(struct walk *w)
{
    static const uint8_t snap[] = {0xaa, 0xaa, 0x03}, ip[] = {0x06, 0x06, 0x03};
    if (memcmp(w->p, ip, sizeof ip) == 0)
        return after(w, 3, LAYER_ip4);
    if (memcmp(w->p, snap, sizeof snap) != 0)
        return LAYER_IS_OTHER;
    if (w->n < 8)
        return LAYER_IS_BROKEN;
    uint16_t type = be16(w->p + 6);
    return after(w, 8, type >= 0x600 ? layer_of_ethertype(type) : LAYER_IS_OTHER);
}

/* Its protocol field names LLC by 4 and Novell's raw frames by 1. */
static enum layer layer_of_sll(uint16_t protocol)
{
    return protocol >= 0x600 || protocol == 4 ? layer_of_ethertype(protocol) : LAYER_IS_OTHER;
}

enum layer layer_sll(struct walk *w)
{
    return after(w, 16, layer_of_sll(be16(w->p + 14)));
}

enum layer layer_sll2(struct walk *w)
{
    return after(w, 20, layer_of_sll(be16(w->p)));
}

/* An address family in the byte order of the capturing system, with that system's number for IPv6.
 * */
enum layer layer_null(struct walk *w)
{
    uint32_t family = le32(w->p) <= 0xffff ? le32(w->p) : be32(w->p);
    bool known = family == 2 || family == 10 || family == 24 || family == 28 || family == 30;
    return after(w, 4, known ? LAYER_raw : LAYER_IS_OTHER);
}

enum layer layer_raw(struct walk *w)
{
    switch (w->p[0] >> 4) {
    case 4: return LAYER_ip4;
    case 6: return LAYER_ip6;
    default: return LAYER_IS_BROKEN;
    }
}

/* ---- PPP ---- */

/* Address and control, and the protocol's first byte, may be compressed away. */
enum layer layer_ppp(struct walk *w)
{
    if (w->n >= 2 && w->p[0] == 0xff && w->p[1] == 0x03)
        walk_take(w, 2);
    if (w->n == 0)
        return LAYER_IS_BROKEN;
    bool short_form = (w->p[0] & 1) != 0;
    if (!short_form && w->n < 2)
        return LAYER_IS_BROKEN;
    uint16_t protocol = short_form ? w->p[0] : be16(w->p);
    walk_take(w, short_form ? 1 : 2);
    switch (protocol) {
    case PPP_IP4: return LAYER_ip4;
    case PPP_IP6: return LAYER_ip6;
    case PPP_MPLS:
    case PPP_MPLS_MULTICAST: return LAYER_mpls;
    default: return LAYER_IS_OTHER;
    }
}

enum layer layer_hdlc(struct walk *w)
{
    return after_ethertype(w, 2, 4);
}

/* PPP in HDLC-like framing, or Cisco's HDLC. */
enum layer layer_ppp_serial(struct walk *w)
{
    return w->p[0] == 0x0f || w->p[0] == 0x8f ? LAYER_hdlc : LAYER_ppp;
}

/* What the length cuts off is gone for the receiver as well, whatever IP says (some equipment pads
 * inside it). */
enum layer layer_pppoe(struct walk *w)
{
    uint8_t code = w->p[1];
    uint16_t length = be16(w->p + 4);
    walk_take(w, 6);
    if (!walk_limit(w, length))
        return LAYER_IS_BROKEN;
    return code == 0 ? LAYER_ppp : LAYER_IS_OTHER;
}

/* ---- MPLS ---- */

enum layer layer_mpls(struct walk *w)
{
    bool bottom = (w->p[2] & 1) != 0;
    return after(w, 4, bottom ? LAYER_mpls_end : LAYER_mpls);
}

/* Nothing names what labels carry: the first nibble tells IP from a pseudowire's control word; else
 * it is an Ethernet frame without one. */
enum layer layer_mpls_end(struct walk *w)
{
    switch (w->p[0] >> 4) {
    case 4: return LAYER_ip4;
    case 6: return LAYER_ip6;
    case 0: return after(w, 4, LAYER_ethernet);
    default: return LAYER_ethernet;
    }
}

/* ---- wireless ---- */

/* Bytes between the MAC header of an 802.11 frame and its data when the driver padded to four. */
static enum layer wlan(struct walk *w, bool padded)
{
    uint8_t control = w->p[0], flags = w->p[1];
    bool data = (control & 0x0f) == 0x08, has_body = (control & 0x40) == 0;
    bool qos = (control & 0x80) != 0;
    if (!data || !has_body || (flags & 0x40) != 0) /* management, control, empty, encrypted */
        return LAYER_IS_OTHER;
    uint32_t n = 24 + ((flags & 3) == 3 ? 6 : 0);
    if (qos && w->n >= n + 2 && (w->p[n] & 0x80) != 0) /* several frames in one */
        return LAYER_IS_OTHER;
    n += (qos ? 2 : 0) + (qos && (flags & 0x80) != 0 ? 4 : 0);
    return after(w, padded ? (n + 3) & ~3U : n, LAYER_llc);
}

enum layer layer_wlan(struct walk *w)
{
    return wlan(w, false);
}

/* The flags field of a radiotap header of n bytes, 0 when it has none. */
static uint8_t radiotap_flags(const uint8_t *p, uint32_t n)
{
    uint32_t present = le32(p + 4), at = 8;
    for (uint32_t word = present; (word >> RADIOTAP_MORE_BIT) != 0 && at + 4 <= n; at += 4)
        word = le32(p + at);
    if ((present & RADIOTAP_TSFT) != 0)
        at = ((at + 7) & ~7U) + 8;
    return (present & RADIOTAP_FLAGS) != 0 && at < n ? p[at] : 0;
}

enum layer layer_radiotap(struct walk *w)
{
    uint16_t n = le16(w->p + 2);
    if (w->p[0] != 0 || n < 8 || n > w->n)
        return LAYER_IS_BROKEN;
    bool padded = (radiotap_flags(w->p, n) & RADIOTAP_DATA_PAD) != 0;
    walk_take(w, n);
    return w->n < 2 ? LAYER_IS_BROKEN : wlan(w, padded);
}

/* ---- Linux netfilter log ---- */

/* Type-length-values in the byte order of the capturing system, which shows in the first length. */
enum layer layer_nflog(struct walk *w)
{
    if (w->p[1] != 0)
        return LAYER_IS_OTHER;
    walk_take(w, 4);
    if (w->n < 4)
        return LAYER_IS_BROKEN;
    bool big = le16(w->p) < 4 || le16(w->p) > w->n;
    while (w->n >= 4) {
        uint32_t len = big ? be16(w->p) : le16(w->p), type = big ? be16(w->p + 2) : le16(w->p + 2);
        if (len < 4 || len > w->wire)
            return LAYER_IS_BROKEN;
        if (type == NFLOG_PAYLOAD) {
            walk_limit(w, len);
            walk_take(w, 4);
            return w->n > 0 ? LAYER_raw : LAYER_IS_BROKEN;
        }
        if (!walk_take(w, (len + 3) & ~3U))
            return LAYER_IS_BROKEN;
    }
    return LAYER_IS_OTHER;
}
