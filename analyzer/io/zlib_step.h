/* zlib_step.h: one call of zlib's inflate on a struct inflate_io, whose sizes may exceed zlib's. */
#ifndef VIGIE_IO_ZLIB_STEP_H
#define VIGIE_IO_ZLIB_STEP_H

#include <limits.h>

#define ZLIB_CONST
#include <zlib.h>

#include "analyzer/io/inflate.h"

/* Moves io on by what was used and made; zlib's own answer. */
static inline int zlib_step(z_stream *z, struct inflate_io *io)
{
    uInt in_n = io->in_n > UINT_MAX ? UINT_MAX : (uInt)io->in_n;
    uInt out_n = io->out_n > UINT_MAX ? UINT_MAX : (uInt)io->out_n;
    z->next_in = io->in;
    z->avail_in = in_n;
    z->next_out = io->out;
    z->avail_out = out_n;
    int answer = inflate(z, Z_NO_FLUSH);
    io->in += in_n - z->avail_in;
    io->in_n -= in_n - z->avail_in;
    io->out += out_n - z->avail_out;
    io->out_n -= out_n - z->avail_out;
    return answer;
}

#endif
