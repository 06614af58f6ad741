/* decode.c: from a captured packet to its TCP segment, header by header through a table.
 *
 * The loop counts headers of every kind: tags, labels, extension headers, tunnels.  A packet that
 * nests more than decode_layers_max of them is given up by name, however it does so. */
#include "parsers/net/decode_priv.h"

struct decoder {
    uint32_t layers_max;
    struct fragments *fragments;
    struct decoder_counts counts;
};

static const struct {
    enum layer (*run)(struct walk *w);
    uint32_t least;
} layers[LAYER_COUNT] = {
#define LAYER(name, least) [LAYER_##name] = {layer_##name, (least)},
    LAYERS(LAYER)
#undef LAYER
};

static const enum decoded answers[] = {
    [LAYER_IS_TCP - LAYER_COUNT] = DECODED_TCP,
    [LAYER_IS_OTHER - LAYER_COUNT] = DECODED_OTHER,
    [LAYER_IS_FRAGMENT - LAYER_COUNT] = DECODED_FRAGMENT,
    [LAYER_IS_BROKEN - LAYER_COUNT] = DECODED_BROKEN,
};

/* LINKTYPE_ registry (tcpdump.org/linktypes.html). */
static const struct {
    uint16_t linktype;
    enum layer layer;
} links[] = {
    {1, LAYER_ethernet},
    {101, LAYER_raw},
    {113, LAYER_sll},
    {276, LAYER_sll2},
    {0, LAYER_null},
    {108, LAYER_null},
    {228, LAYER_raw},
    {229, LAYER_raw},
    {12, LAYER_raw},
    {14, LAYER_raw},
    {9, LAYER_ppp},
    {10, LAYER_fddi},
    {50, LAYER_ppp_serial},
    {51, LAYER_pppoe},
    {104, LAYER_hdlc},
    {105, LAYER_wlan},
    {127, LAYER_radiotap},
    {239, LAYER_nflog},
};

static const struct {
    uint16_t type;
    enum layer layer;
} ethertypes[] = {
    {0x0800, LAYER_ip4},
    {0x86dd, LAYER_ip6},
    {0x8100, LAYER_vlan},
    {0x88a8, LAYER_vlan},
    {0x9100, LAYER_vlan},
    {0x9200, LAYER_vlan},
    {0x8847, LAYER_mpls},
    {0x8848, LAYER_mpls},
    {0x8864, LAYER_pppoe},
    {0x880b, LAYER_ppp},
    {0x6558, LAYER_ethernet}, /* transparent Ethernet bridging */
    {0x88be, LAYER_erspan2},
    {0x22eb, LAYER_erspan3},
    {0x8926, LAYER_tag6},     /* VN-Tag */
    {0x893f, LAYER_tag8},     /* 802.1BR E-Tag */
    {0x88e7, LAYER_pbb},
    {0x8903, LAYER_fabricpath},
};

/* IANA protocol numbers; the gaps read as layer 0, which no IP protocol is. */
static const enum layer protocols[] = {
    [0] = LAYER_ip6_options,   /* hop by hop */
    [4] = LAYER_ip4,
    [6] = LAYER_tcp,
    [17] = LAYER_udp,
    [41] = LAYER_ip6,
    [43] = LAYER_ip6_routing,
    [44] = LAYER_ip6_fragment,
    [47] = LAYER_gre,
    [51] = LAYER_auth,
    [60] = LAYER_ip6_options,  /* destination */
    [135] = LAYER_ip6_options, /* mobility */
    [139] = LAYER_ip6_options, /* HIP */
    [140] = LAYER_ip6_options, /* shim6 */
};

enum layer layer_of_ethertype(uint16_t type)
{
    if (type < 0x600)
        return LAYER_llc;
    for (size_t i = 0; i < sizeof ethertypes / sizeof *ethertypes; i++)
        if (ethertypes[i].type == type)
            return ethertypes[i].layer;
    return LAYER_IS_OTHER;
}

enum layer layer_of_ip_protocol(uint8_t protocol)
{
    _Static_assert(LAYER_ethernet == 0, "the gaps of the table");
    if (protocol >= sizeof protocols / sizeof *protocols || protocols[protocol] == LAYER_ethernet)
        return LAYER_IS_OTHER;
    return protocols[protocol];
}

static enum layer layer_of_link(uint16_t linktype)
{
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        if (links[i].linktype == linktype)
            return links[i].layer;
    return LAYER_COUNT;
}

static enum decoded walk_in(struct decoder *d, struct walk *w, enum layer next)
{
    for (uint32_t i = 0; i < d->layers_max; i++) {
        if (w->n < layers[next].least)
            return DECODED_BROKEN;
        next = layers[next].run(w);
        if (next >= LAYER_COUNT)
            return answers[next - LAYER_COUNT];
    }
    return DECODED_TOO_DEEP;
}

struct decoder *decoder_new(const struct limits *l)
{
    struct decoder *d = mem_alloc(sizeof *d);
    d->layers_max = (uint32_t)l->v[LIMIT_decode_layers_max];
    d->fragments = fragments_new(l, &d->counts);
    return d;
}

enum decoded decoder_run(struct decoder *d, const struct packet *p, struct segment *out)
{
    enum layer link = layer_of_link(p->linktype);
    enum decoded answer = DECODED_LINK;
    struct walk w = {.p = p->data,
                     .n = p->captured,
                     .wire = p->original > p->captured ? p->original : p->captured,
                     .packet = p,
                     .decoder = d,
                     .out = out};
    *out = (struct segment){0};
    if (link < LAYER_COUNT)
        answer = walk_in(d, &w, link);
    d->counts.decoded[answer]++;
    return answer;
}

const struct decoder_counts *decoder_counts(const struct decoder *d)
{
    return &d->counts;
}

struct fragments *decoder_fragments(struct decoder *d)
{
    return d->fragments;
}

void decoder_free(struct decoder *d)
{
    if (d == NULL)
        return;
    fragments_free(d->fragments);
    mem_free(d);
}
