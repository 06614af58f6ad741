/* net.h: a capture as events: packets, segments, connections, then one event for each HTTP transaction
 * and each ClientHello.
 *
 * Events come in the order in which transactions complete, which depends on the packets alone.  The stamp
 * of a transaction is the first byte seen of it (of the response, where no request was captured: then
 * REQUEST is absent); record, offset and length are those of the first packet it rests on. */
#ifndef VIGIE_PARSERS_NET_NET_H
#define VIGIE_PARSERS_NET_NET_H

#include "analyzer/model/ledger.h"
#include "parsers/net/http.h"

struct net_options {
    int64_t since_us, until_us;   /* packets outside are read but counted as excluded */
    const struct str *headers;    /* lower case: request headers wanted as extras, before the usual ones */
    size_t headers_count;
    bool response_bodies;         /* keep them in struct event_net */
};

/* What one call reads, and where its events go. */
struct net_batch {
    struct arena *arena;  /* texts of the events */
    void *user;
    struct event *(*room)(void *user); /* a place for one more event */
    void (*reject)(void *user, const struct rejected *r); /* record and offset are those of the stream */
    /* added to; bytes of everything read: headers and blocks without packets count as parsed */
    uint64_t packets, parsed, parsed_bytes, rejected_bytes, excluded, excluded_bytes;
};

struct net_counts {
    struct capture_counts capture;
    struct decoder_counts decoder;
    struct stream_counts streams;
    uint64_t transactions, hellos;
    uint64_t not_understood;   /* connections with bytes but neither HTTP nor TLS in clear */
    uint64_t first_bytes_lost; /* connections given up for first_bytes_max */
};

struct net_parser;
/* Reads from `read`; what *o points to and *l must outlive the parser. */
struct net_parser *net_open(capture_read *read, void *user, const struct limits *l, const struct net_options *o);
/* A stretch of packets.  OK: call again.  END.  FAILED: *why says how and where the capture ended; what it
 * held before counts.  With END and FAILED the last events are in the batch as well. */
enum status net_next(struct net_parser *n, struct net_batch *b, struct str *why);
struct net_counts net_counts(const struct net_parser *n);
/* The first packet's stamp in the first bytes of a capture, and the name of its format; INT64_MIN: no packet in
 * these bytes, or none with a stamp. */
int64_t net_front_us(struct str head, const struct limits *l, const char **format);
void net_close(struct net_parser *n);

#endif
