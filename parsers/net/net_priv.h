/* net_priv.h: what the files of the glue share. */
#ifndef VIGIE_PARSERS_NET_NET_PRIV_H
#define VIGIE_PARSERS_NET_NET_PRIV_H

#include "parsers/net/net.h"
#include "parsers/net/proxy.h"
#include "parsers/net/tls.h"

/* A connection that has sent something. */
struct net_conn {
    struct http_conn *http;       /* NULL: not recognised as HTTP (yet) */
    struct hello_state *hello;    /* NULL: no ClientHello under way */
    char *held;                   /* first bytes that may become a PROXY header */
    size_t held_n;
    struct stream_ref held_ref;   /* of the first of them */
    struct proxy_header proxy;
    uint32_t hellos;
    bool started;                 /* the client's first bytes have been looked at */
    bool proxy_bad;
    bool tls;                     /* at least one ClientHello */
    bool lost;                    /* first_bytes_max was reached */
};

enum { HELLO_PACKETS_MAX = 32 };
struct hello_state {
    struct hello_reader reader;
    struct stream_ref first;
    uint64_t packets[HELLO_PACKETS_MAX]; /* since the last hello, or the start */
    uint32_t count, more;
};

struct net_parser {
    const struct limits *limits;
    const struct net_options *options;
    struct capture *capture;
    struct decoder *decoder;
    struct streams *streams;
    struct http_sink sink;
    struct net_batch *batch;  /* while net_next runs */
    struct capture_counts before;
    uint64_t first_bytes;     /* held now, of all connections */
    uint64_t http_held;       /* the same of their HTTP parsers */
    uint64_t transactions, hellos, not_understood, first_bytes_lost;
    enum status over;
};

/* net_event.c: what was understood, as an event in the batch. */
void net_transaction(struct net_parser *n, const struct http_transaction *t);
void net_hello(struct net_parser *n, const struct connection *c, const struct client_hello *h);

#endif
