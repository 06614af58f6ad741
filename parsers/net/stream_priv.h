/* stream_priv.h: what the parts of the TCP reassembly share.
 *
 * stream.c keeps the table of connections, stream_side.c the sequence space of one side, stream_order.c
 * decides whose bytes are next and what is lost, stream_guess.c who the client is. */
#ifndef VIGIE_PARSERS_NET_STREAM_PRIV_H
#define VIGIE_PARSERS_NET_STREAM_PRIV_H

#include "analyzer/base/map.h"
#include "parsers/net/stream.h"

/* Positions are sequence numbers without the wrap: 64 bits, counted on from the first one seen. */
enum { SIDES = 2 };
#define POSITION_BASE (UINT64_C(1) << 32)
/* What lies farther off than any window (RFC 7323: 2^30) belongs to no one. */
#define POSITION_FAR (UINT64_C(1) << 30)

struct held { /* waits for its turn; pieces of a side do not overlap */
    uint64_t from, ack; /* ack: what the sender had received by then, a position of the other side; 0: nothing */
    uint32_t length, missing;
    bool fin;
    const char *bytes; /* owned once the piece is held */
    struct stream_ref ref;
};

enum { RECENT_MARKS = 16 };
struct mark {
    uint64_t end;
    struct stream_ref ref;
};
struct recent { /* the last bytes handed over; they end at the side's next position */
    struct mark marks[RECENT_MARKS];
    uint32_t marks_count; /* ever written: a ring */
    uint32_t count, cap;
    char bytes[];
};

struct half {
    bool seen;     /* a packet of it was captured */
    bool placed;   /* origin and next are known */
    bool soft;     /* but only from what the other side acknowledged */
    bool finished; /* its FIN was handed over */
    bool unwatched;
    uint64_t origin, next, acked;
    struct held *pieces; /* first .. first + count, by position */
    uint32_t first, count, cap;
    struct recent *recent;
};

struct link {
    struct link *prev, *next;
};
enum shelf { SHELF_ENDED, SHELF_EMPTY, SHELF_ACTIVE, SHELF_COUNT }; /* in order of eviction */

struct key { /* both ends, the smaller one first */
    struct ip ip[2];
    uint16_t port[2];
};

struct conn {
    struct connection pub;
    struct link idle, holding; /* on a shelf, oldest first; among those that hold bytes */
    struct key key;
    uint64_t hash;
    uint32_t item;
    uint8_t first_end;         /* which end of the key is side 0 */
    bool oriented, ended, holds, stuck;
    struct half side[SIDES];
    uint64_t held;             /* bytes of its pieces */
    int64_t clock, stuck_us;
    bool again;                /* a SYN that does not fit was seen ... */
    uint8_t again_side;
    uint32_t again_seq;        /* ... with this number */
};

struct streams {
    const struct limits *limits;
    struct stream_sink sink;
    struct stream_counts counts;
    enum stream_policy policy;
    struct map map;
    struct conn **items;
    uint32_t items_count, items_cap;
    uint32_t *spare; /* free places in items */
    uint32_t spare_count, spare_cap;
    uint32_t live;
    struct link shelves[SHELF_COUNT], holding;
    int64_t clock;
    uint64_t held_all, recent_all;
};

static inline uint64_t position_of(uint64_t near, uint32_t seq)
{
    return near + (uint64_t)(int64_t)(int32_t)(seq - (uint32_t)near);
}

/* ---- stream_side.c ---- */
/* A segment's bytes find their place: handed over when it is their turn, else held. */
void half_take(struct streams *s, struct conn *c, int side, struct held p);
/* Hands over the first piece of the side, whose turn it is. */
void half_pop(struct streams *s, struct conn *c, int side);
/* Tells that the bytes up to `to` are lost. */
void half_gap(struct streams *s, struct conn *c, int side, uint64_t to, const struct stream_ref *ref);
void half_forget(struct streams *s, struct conn *c, int side); /* its recent bytes */
void half_drop(struct streams *s, struct conn *c, int side);   /* the pieces it holds */
void half_free(struct streams *s, struct conn *c, int side);
static inline const struct held *half_front(const struct half *h)
{
    return h->count > 0 ? &h->pieces[h->first] : NULL;
}

/* ---- stream_order.c ---- */
/* True when a piece that stands at its side's next position may be handed over now. */
bool order_is_due(const struct conn *c, int side, const struct held *p);
/* Hands over all whose turn it is; then gives up what is lost. */
void order_run(struct streams *s, struct conn *c);
/* Nothing more will come: all that is held is handed over, with gaps. */
void order_flush(struct streams *s, struct conn *c);
/* Gives up holes of the connections that wait longest until the common bound is kept. */
void order_relieve(struct streams *s);

/* ---- stream_guess.c ---- */
/* The side that is the client, by the first bytes of `side` (may be missing) and the ports. */
int guess_client(const struct conn *c, int side, struct str bytes);

/* ---- stream.c ---- */
/* Says which side is the client: side 0 from then on.  Nothing is handed over before. */
void conn_orient(struct streams *s, struct conn *c, int client);
void conn_hold(struct streams *s, struct conn *c, int64_t more); /* accounts for held bytes */

#endif
