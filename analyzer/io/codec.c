/* codec.c: raw DEFLATE by zlib, brotli by libbrotlidec. */
#include "analyzer/io/codec.h"

#include <stddef.h>

#include <brotli/decode.h>

#include "analyzer/base/mem.h"
#include "analyzer/io/zlib_step.h"

enum { WINDOW_BITS = 15 };

struct codec {
    BrotliDecoderState *brotli;
    z_stream z;
    uint64_t *held, max;
    bool refused; /* no room for the decoder itself */
};

/* In front of each block of memory: its size, and the alignment of malloc. */
union block {
    size_t n;
    max_align_t align;
};

static void *take(void *opaque, size_t n)
{
    struct codec *c = opaque;
    if (*c->held + n > c->max)
        return NULL;
    union block *b = mem_grow(NULL, sizeof *b + n);
    b->n = n;
    *c->held += n;
    return b + 1;
}

static void give(void *opaque, void *p)
{
    struct codec *c = opaque;
    if (p == NULL)
        return;
    union block *b = (union block *)p - 1;
    *c->held -= b->n;
    mem_free(b);
}

static void *take_items(void *opaque, uInt items, uInt n)
{
    return take(opaque, (size_t)items * n);
}

struct codec *codec_open(enum codec_kind kind, uint64_t *held, uint64_t max)
{
    struct codec *c = mem_alloc(sizeof *c);
    c->held = held;
    c->max = max;
    if (kind == CODEC_BROTLI) {
        c->brotli = BrotliDecoderCreateInstance(take, give, c);
        c->refused = c->brotli == NULL;
        return c;
    }
    c->z.zalloc = take_items;
    c->z.zfree = give;
    c->z.opaque = c;
    c->refused = inflateInit2(&c->z, -WINDOW_BITS) != Z_OK;
    return c;
}

static enum codec_step run_deflate(z_stream *z, struct inflate_io *io)
{
    int answer = zlib_step(z, io);
    if (answer == Z_STREAM_END)
        return CODEC_END;
    return answer == Z_OK || answer == Z_BUF_ERROR ? CODEC_ON : CODEC_BAD;
}

static enum codec_step run_brotli(BrotliDecoderState *b, struct inflate_io *io)
{
    BrotliDecoderResult answer =
        BrotliDecoderDecompressStream(b, &io->in_n, &io->in, &io->out_n, &io->out, NULL);
    if (answer == BROTLI_DECODER_RESULT_SUCCESS)
        return CODEC_END;
    return answer == BROTLI_DECODER_RESULT_ERROR ? CODEC_BAD : CODEC_ON;
}

enum codec_step codec_run(struct codec *c, struct inflate_io *io)
{
    if (c->refused)
        return CODEC_BAD;
    return c->brotli != NULL ? run_brotli(c->brotli, io) : run_deflate(&c->z, io);
}

void codec_close(struct codec *c)
{
    if (c == NULL)
        return;
    if (c->brotli != NULL)
        BrotliDecoderDestroyInstance(c->brotli);
    else if (!c->refused)
        inflateEnd(&c->z);
    mem_free(c);
}

uint32_t codec_crc32(uint32_t crc, const void *p, size_t n)
{
    return (uint32_t)crc32_z(crc, p, n);
}
