/* http_body.h: a message's body: decoded as it comes, measured and hashed whole, kept up to a bound.
 *
 * Content codings of RFC 9110 section 8.4.1: gzip (RFC 1952), deflate with and without its zlib header
 * (RFC 1950), br (RFC 7932).  A body that is not what its header says is kept as it came. */
#ifndef VIGIE_PARSERS_NET_HTTP_BODY_H
#define VIGIE_PARSERS_NET_HTTP_BODY_H

#include "analyzer/base/hash.h"
#include "analyzer/base/limits.h"
#include "analyzer/base/mem.h"

/* Bytes that grow, accounted for in a number that many share. */
struct http_store {
    const struct limits *limits;
    uint64_t *held;
    bool no_hashes;
};
struct http_buffer {
    char *p;
    size_t n, cap;
};
/* False, and nothing added, when http_held_all_max forbids it. */
bool buffer_add(const struct http_store *store, struct http_buffer *b, struct str bytes);
void buffer_free(const struct http_store *store, struct http_buffer *b);
static inline struct str buffer_text(const struct http_buffer *b)
{
    return (struct str){b->n > 0 ? b->p : "", (ptrdiff_t)b->n};
}

enum http_coding { CODING_GZIP, CODING_DEFLATE, CODING_BROTLI };
struct http_layer; /* one coding; the next one is inside of it */

struct http_body {
    const struct http_store *store;
    struct http_buffer kept;
    bool cut, stopped; /* more than is kept; decoding came to a bound */
    uint64_t length;   /* decoded */
    uint64_t coded, made; /* bytes given to the outermost coding, made by all */
    struct sha256_stream *sha; /* once cut */
    struct http_layer *layers; /* outermost first */
    uint32_t codings;
    uint32_t odd;      /* HTTP_ODD */
};

void body_open(struct http_body *b, const struct http_store *store);
/* Outermost first.  False: more codings than are undone. */
bool body_coding(struct http_body *b, enum http_coding coding);
void body_add(struct http_body *b, struct str bytes);
void body_lost(struct http_body *b); /* bytes are missing here: codings cannot go on */
void body_end(struct http_body *b);  /* what waits in the codings comes out */
struct sha256 body_sha256(const struct http_body *b); /* after body_end */
void body_free(struct http_body *b);

/* ---- for http_coding.c ---- */
void body_put(struct http_body *b, struct str decoded);
/* n more bytes were made by a coding; false: too many for what was sent. */
bool body_may_make(struct http_body *b, size_t n);

struct http_layer *layer_open(enum http_coding coding);
void layer_inside(struct http_layer *outer, struct http_layer *inner); /* puts it innermost */
void layer_add(struct http_body *b, struct http_layer *l, struct str bytes);
void layer_end(struct http_body *b, struct http_layer *l);
void layer_free(struct http_layer *l);
void layer_lost(struct http_layer *l);

#endif
