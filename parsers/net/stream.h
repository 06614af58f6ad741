/* stream.h: TCP connections put together again: bytes in order, with the packets that prove them.
 *
 * Policy for overlaps with different data is "first" by default; both versions are reported.  Memory is
 * bounded by name; what is evicted or lost is said.  After loss the consumer is told how many bytes are
 * missing (a gap) and goes on; nothing is invented. */
#ifndef VIGIE_PARSERS_NET_STREAM_H
#define VIGIE_PARSERS_NET_STREAM_H

#include "parsers/net/packet.h"

struct stream_ref { /* the packet a run of bytes came with */
    uint64_t packet, offset; /* number and place of the packet's record */
    int64_t time_us;
};
enum stream_side { STREAM_CLIENT, STREAM_SERVER }; /* client: who sent the SYN; midstream: guessed by content, then ports */

enum {
    STREAM_MIDSTREAM = 1,   /* no SYN seen */
    STREAM_ONE_SIDE = 2,    /* only one direction captured */
    STREAM_RETRANSMITTED_DIFFERENTLY = 4,
    STREAM_CUT = 8,         /* snap length */
    STREAM_EVICTED = 16,    /* a memory bound was reached */
    STREAM_RESET = 32
};

struct connection {
    uint64_t number;        /* order of first packet, from 1 */
    struct ip client, server;
    uint16_t client_port, server_port;
    int64_t first_us, last_us;
    uint32_t flags;         /* STREAM_ */
    uint64_t packets;
    void *user;             /* the consumer's own */
};

struct stream_sink {
    void *user;
    void (*opened)(void *user, struct connection *c);
    /* In-order bytes of one side. */
    void (*bytes)(void *user, struct connection *c, enum stream_side side, struct str bytes, const struct stream_ref *ref);
    /* n bytes of one side were never seen (acknowledged, or given up waiting for). */
    void (*gap)(void *user, struct connection *c, enum stream_side side, uint64_t n, const struct stream_ref *ref);
    void (*finished)(void *user, struct connection *c, enum stream_side side); /* FIN in order */
    void (*closed)(void *user, struct connection *c); /* the last call for c */
};

struct streams;
struct streams *streams_new(const struct limits *l, const struct stream_sink *sink);
void streams_segment(struct streams *s, const struct segment *seg, const struct packet *p);
void streams_end(struct streams *s); /* hands over what waits, closes all in order of their number */
struct stream_counts {
    uint64_t connections, segments, out_of_order, retransmitted, overlaps_different, gaps, gap_bytes, evicted;
};
const struct stream_counts *streams_counts(const struct streams *s);
void streams_free(struct streams *s);

#endif
