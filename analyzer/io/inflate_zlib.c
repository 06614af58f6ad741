/* inflate_zlib.c: one gzip member by zlib. */
#include <limits.h>

#define ZLIB_CONST
#include <zlib.h>

#include "analyzer/base/mem.h"
#include "analyzer/io/inflate.h"

enum { WINDOW_BITS = 15, GZIP_ONLY = 16 };

static void *zlib_open(void)
{
    z_stream *z = mem_alloc(sizeof *z);
    if (inflateInit2(z, WINDOW_BITS + GZIP_ONLY) != Z_OK)
        mem_exhausted();
    return z;
}

static void zlib_begin(void *z)
{
    inflateReset(z);
}

static uInt at_most(size_t n)
{
    return n > UINT_MAX ? UINT_MAX : (uInt)n;
}

static enum inflate_step zlib_run(void *state, struct inflate_io *io)
{
    z_stream *z = state;
    uInt in_n = at_most(io->in_n), out_n = at_most(io->out_n);
    z->next_in = io->in;
    z->avail_in = in_n;
    z->next_out = io->out;
    z->avail_out = out_n;
    int answer = inflate(z, Z_NO_FLUSH);
    io->in += in_n - z->avail_in;
    io->in_n -= in_n - z->avail_in;
    io->out += out_n - z->avail_out;
    io->out_n -= out_n - z->avail_out;
    if (answer == Z_STREAM_END)
        return INFLATE_MEMBER_END;
    if (answer == Z_OK || answer == Z_BUF_ERROR)
        return INFLATE_ON;
    if (answer == Z_MEM_ERROR)
        mem_exhausted();
    struct str said = str_of(z->msg);
    bool trailer = str_eq(said, STR("incorrect data check")) ||
                   str_eq(said, STR("incorrect length check"));
    return trailer ? INFLATE_BAD_CHECKSUM : INFLATE_BAD_DATA;
}

static void zlib_close(void *z)
{
    inflateEnd(z);
    mem_free(z);
}

const struct inflate_backend inflate_zlib = {
    .name = "zlib",
    .open = zlib_open,
    .begin = zlib_begin,
    .run = zlib_run,
    .close = zlib_close,
};
