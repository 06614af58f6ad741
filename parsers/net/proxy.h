/* proxy.h: the PROXY protocol, versions 1 and 2 (HAProxy, doc/proxy-protocol.txt): who the client of the
 * connection before this one was, in the first bytes of a stream. */
#ifndef VIGIE_PARSERS_NET_PROXY_H
#define VIGIE_PARSERS_NET_PROXY_H

#include "analyzer/base/ip.h"
#include "analyzer/base/status.h"

struct proxy_header {
    ptrdiff_t length;    /* bytes it takes of the stream */
    struct ip src, dst;
    uint16_t src_port, dst_port;
    uint8_t version;
    bool has_addresses;  /* false: LOCAL, UNKNOWN, or a family without addresses */
    bool malformed;      /* version 2: additional values run past its end */
};

/* The first bytes of a client.  OK: *h is set.  MORE: may become one.  SKIP: none, or one that is malformed:
 * then h->version is not 0. */
enum status proxy_read(struct str head, struct proxy_header *h);

#endif
