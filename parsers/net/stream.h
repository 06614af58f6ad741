/* stream.h: TCP connections put together again: bytes in order, with the packets that prove them.
 *
 * Both sides of a connection are handed over in causal order: bytes that acknowledge others come after
 * them, however the capture ordered the packets, so that an answer never overtakes its question.  A hole
 * is a loss when its end was acknowledged and nothing came for a while (stream_reorder_us), when nobody
 * filled it for long (stream_hole_us), when a bound is reached, or at the end.
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
    uint32_t length; /* of that record, to its last captured byte: packet_span() */
    const struct piece *pieces; /* the earlier packets, where it came in IP fragments; until the call returns */
    uint32_t pieces_count;
    bool cut; /* of a gap: the packet is there, the snap length cut these bytes off */
};
/* The client sent the SYN; midstream it is guessed by content, then by ports. */
enum stream_side { STREAM_CLIENT, STREAM_SERVER };

enum {
    STREAM_MIDSTREAM = 1,   /* no SYN seen */
    STREAM_ONE_SIDE = 2,    /* only one direction captured */
    STREAM_RETRANSMITTED_DIFFERENTLY = 4,
    STREAM_CUT = 8,         /* snap length */
    STREAM_EVICTED = 16,    /* a memory bound was reached */
    STREAM_RESET = 32,
    STREAM_URGENT = 64      /* urgent data; kept in place, where a server may take it out of line */
};

/* Who wins where bytes that still wait for their turn differ (Novak and Sturges, "Target-Based TCP Stream
 * Reassembly", 2007, for the systems' names).  What was handed over stands in any case. */
enum stream_policy { STREAM_FIRST, STREAM_LAST, STREAM_BSD, STREAM_LINUX, STREAM_WINDOWS, STREAM_POLICY_COUNT };
extern const char *const stream_policy_names[STREAM_POLICY_COUNT];

struct stream_difference { /* the same place of one side, sent twice with different bytes */
    uint64_t position;          /* of the bytes within the side's stream, from 0, gaps counted */
    int64_t behind;             /* bytes from there to the last one handed over; negative: still to come */
    struct str first, second;   /* equally long, as they came; live until the call returns */
    struct stream_ref first_ref, second_ref; /* first_ref.packet 0: no longer known */
};

struct connection {
    uint64_t number;        /* order of first packet, from 1 */
    struct ip client, server;
    uint16_t client_port, server_port;
    int64_t first_us, last_us;
    uint32_t flags;         /* STREAM_ */
    uint64_t packets;
    void *user;             /* the consumer's own */
    uint64_t started[2];    /* per side: packet of its first byte or SYN; 0: never seen */
};

struct stream_sink {
    void *user;
    void (*opened)(void *user, struct connection *c);
    /* In-order bytes of one side. */
    void (*bytes)(void *user, struct connection *c, enum stream_side side, struct str bytes,
                  const struct stream_ref *ref);
    /* n bytes of one side were never seen (acknowledged, or given up waiting for). */
    void (*gap)(void *user, struct connection *c, enum stream_side side, uint64_t n, const struct stream_ref *ref);
    void (*finished)(void *user, struct connection *c, enum stream_side side); /* FIN in order */
    void (*closed)(void *user, struct connection *c); /* the last call for c */
    /* Both versions of differing data; NULL: not wanted. */
    void (*differs)(void *user, struct connection *c, enum stream_side side, const struct stream_difference *d);
};

struct streams;
struct streams *streams_new(const struct limits *l, const struct stream_sink *sink);
void streams_set_policy(struct streams *s, enum stream_policy policy); /* before the first segment */
void streams_segment(struct streams *s, const struct segment *seg, const struct packet *p);
void streams_end(struct streams *s); /* hands over what waits, closes all in order of their number */
struct stream_counts {
    uint64_t connections, segments, out_of_order, retransmitted, overlaps_different, gaps, gap_bytes, evicted;
    uint64_t ignored;   /* segments outside of any window, after the end, SYNs that nobody answered */
    uint64_t unwatched; /* sides whose retransmissions could not be compared: stream_recent_all_max */
    uint64_t given_up;  /* holes no longer waited for because a bound was reached */
};
const struct stream_counts *streams_counts(const struct streams *s);
void streams_free(struct streams *s);

#endif
