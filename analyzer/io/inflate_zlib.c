/* inflate_zlib.c: one gzip member by zlib. */
#include "analyzer/base/mem.h"
#include "analyzer/io/zlib_step.h"

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

static enum inflate_step zlib_run(void *state, struct inflate_io *io)
{
    z_stream *z = state;
    int answer = zlib_step(z, io);
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
