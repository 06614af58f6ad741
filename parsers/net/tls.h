/* tls.h: what a client says before anything is secret: the ClientHello.
 *
 * JA3 (Salesforce, BSD-3) and JA4 for TLS clients (FoxIO JA4.md, BSD-3; none of the other JA4+ methods). */
#ifndef VIGIE_PARSERS_NET_TLS_H
#define VIGIE_PARSERS_NET_TLS_H

#include "analyzer/base/mem.h"
#include "analyzer/base/status.h"

struct client_hello {
    struct str sni;      /* missing: no extension */
    struct str *alpn;
    size_t alpn_count;
    uint16_t legacy_version;
    uint16_t versions[32];
    size_t versions_count;
    struct str ja3_raw;  /* "771,4865-...,0-23-...,29-23,0" */
    char ja3[33];        /* MD5 */
    struct str ja4_raw;  /* ja4_r with sorted lists */
    char ja4[37];
};

/* The first bytes a client sent on a stream, over split records and segments.  OK: *h is filled (texts in a);
 * MORE: not all there yet; SKIP: no TLS handshake, or no ClientHello. */
enum status tls_client_hello(struct arena *a, struct str bytes, struct client_hello *h);

#endif
