/* codec.h: the compressed formats inside of messages, one step at a time: raw DEFLATE (RFC 1951) and brotli
 * (RFC 7932).  Headers and trailers around DEFLATE (gzip, zlib) are the caller's: senders get them wrong. */
#ifndef VIGIE_IO_CODEC_H
#define VIGIE_IO_CODEC_H

#include "analyzer/io/inflate.h"

enum codec_kind { CODEC_DEFLATE, CODEC_BROTLI };
enum codec_step {
    CODEC_ON,  /* wants more input or more room */
    CODEC_END, /* the format's own end */
    CODEC_BAD  /* not that format from here on; what could be decoded before was put out */
};
struct codec;

/* What the decoder takes from the system is added to *held; beyond max it answers CODEC_BAD. */
struct codec *codec_open(enum codec_kind kind, uint64_t *held, uint64_t max);
enum codec_step codec_run(struct codec *c, struct inflate_io *io);
void codec_close(struct codec *c); /* NULL is fine */
/* CRC-32 as in RFC 1952, continued from crc (0 at the start). */
uint32_t codec_crc32(uint32_t crc, const void *p, size_t n);

#endif
