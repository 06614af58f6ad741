/* hello.h: the lists of a ClientHello as sent, from which both fingerprints are made. */
#ifndef VIGIE_PARSERS_NET_HELLO_H
#define VIGIE_PARSERS_NET_HELLO_H

#include "parsers/net/tls.h"

struct hello_list {
    uint16_t *v;
    size_t n;
};
struct hello_lists {
    struct hello_list ciphers, extensions, groups, algorithms; /* in wire order, without GREASE */
    struct str point_formats; /* bytes; missing: no extension */
    uint16_t version;         /* highest of supported_versions, else the legacy version */
};

enum { EXTENSION_SNI = 0x0000, EXTENSION_ALPN = 0x0010 };

/* Both read h->sni, h->alpn and h->legacy_version and set their own fields of *h; texts in a. */
void ja3_of(struct arena *a, const struct hello_lists *l, struct client_hello *h);
void ja4_of(struct arena *a, const struct hello_lists *l, struct client_hello *h);

#endif
