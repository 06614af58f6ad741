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
    char ja3[33];        /* MD5; empty where libcrypto refuses MD5 */
    struct str ja4_raw;  /* ja4_r with sorted lists */
    char ja4[37];
};

/* The first bytes a client sent on a stream, over split records and segments.  OK: *h is filled (texts in a);
 * MORE: not all there yet; SKIP: no TLS handshake, or no ClientHello. */
enum status tls_client_hello(struct arena *a, struct str bytes, struct client_hello *h);

/* The same as bytes arrive, in time linear in them whatever the pieces: a second hello (after a
 * HelloRetryRequest) follows the first on one stream.  All zero is a reader of a fresh stream. */
struct hello_reader {
    char *body;          /* handshake bytes of the message under way */
    size_t body_n, body_cap;
    uint32_t left;       /* bytes of the current record still to come */
    uint8_t header[5], header_n, type;
    bool over;           /* what follows is not readable any more */
};
/* Takes bytes off *bytes.  OK: a ClientHello is complete in *h (call again: there may be more bytes); MORE: all
 * taken; SKIP: no hello will come on this stream, or none that can be read. */
enum status hello_read(struct hello_reader *r, struct arena *a, struct str *bytes, struct client_hello *h);
void hello_reader_free(struct hello_reader *r);
/* True when these bytes may begin a ClientHello's record. */
bool tls_recognises(struct str head);

#endif
