/* inflate_isal.c: one gzip member by igzip, the inflater of ISA-L.
 *
 * The header is read with a struct that survives between calls: isal_inflate's own way forgets its
 * flags when a header arrives in pieces.  On damage igzip leaves decoded bytes in its window that
 * did not fit the caller's buffer; they are put out before the damage is reported. */
#include "analyzer/io/inflate.h"

#ifdef VIGIE_HAVE_ISAL

#include <isa-l/igzip_lib.h>

#include "analyzer/base/mem.h"

enum {
    PIECE_MAX = 1 << 30, /* igzip counts in 32 bits */
    FLAGS_RESERVED = 0xe0 /* must be zero (RFC 1952 section 2.3.1.2), which igzip does not check */
};

enum phase { HEADER, BODY, LEFT_OVER };

struct isal {
    struct inflate_state state;
    struct isal_gzip_header header;
    enum phase phase;
    enum inflate_step bad; /* to be reported when the left-over is gone */
};

static void isal_begin(void *z)
{
    struct isal *s = z;
    isal_inflate_reset(&s->state);
    s->state.crc_flag = ISAL_GZIP_NO_HDR_VER;
    s->state.count = 0;
    isal_gzip_header_init(&s->header);
    s->phase = HEADER;
}

static void *isal_open(void)
{
    struct isal *s = mem_alloc(sizeof *s);
    isal_inflate_init(&s->state);
    isal_begin(s);
    return s;
}

static enum inflate_step left_over(struct isal *s, struct inflate_io *io)
{
    struct inflate_state *z = &s->state;
    size_t n = (size_t)(z->tmp_out_valid - z->tmp_out_processed);
    if (n > io->out_n)
        n = io->out_n;
    if (n > 0)
        memcpy(io->out, z->tmp_out_buffer + z->tmp_out_processed, n);
    z->tmp_out_processed += (int32_t)n;
    io->out += n;
    io->out_n -= n;
    return z->tmp_out_processed < z->tmp_out_valid ? INFLATE_ON : s->bad;
}

static enum inflate_step after(struct isal *s, int answer, struct inflate_io *io)
{
    if (answer >= 0)
        return s->state.block_state == ISAL_BLOCK_FINISH ? INFLATE_MEMBER_END : INFLATE_ON;
    s->phase = LEFT_OVER;
    s->bad = answer == ISAL_INCORRECT_CHECKSUM ? INFLATE_BAD_CHECKSUM : INFLATE_BAD_DATA;
    return left_over(s, io);
}

static int read_header(struct isal *s)
{
    int answer = isal_read_gzip_header(&s->state, &s->header);
    if (answer == ISAL_INCORRECT_CHECKSUM) /* of the header, which zlib too counts as bad data */
        return ISAL_INVALID_WRAPPER;
    if (answer != ISAL_DECOMP_OK)
        return answer;
    s->phase = BODY;
    return (s->header.flags & FLAGS_RESERVED) != 0 ? ISAL_INVALID_WRAPPER : answer;
}

static uint32_t at_most(size_t n)
{
    return n > PIECE_MAX ? PIECE_MAX : (uint32_t)n;
}

static enum inflate_step isal_run(void *z, struct inflate_io *io)
{
    struct isal *s = z;
    if (s->phase == LEFT_OVER)
        return left_over(s, io);
    uint32_t in_n = at_most(io->in_n), out_n = at_most(io->out_n);
    s->state.next_in = (uint8_t *)(uintptr_t)io->in; /* igzip only reads it */
    s->state.avail_in = in_n;
    s->state.next_out = io->out;
    s->state.avail_out = out_n;
    int answer = 0;
    if (s->phase == HEADER)
        answer = read_header(s);
    if (s->phase == BODY && answer == ISAL_DECOMP_OK)
        answer = isal_inflate(&s->state);
    io->in += in_n - s->state.avail_in;
    io->in_n -= in_n - s->state.avail_in;
    io->out += out_n - s->state.avail_out;
    io->out_n -= out_n - s->state.avail_out;
    return after(s, answer, io);
}

static void isal_close(void *z)
{
    mem_free(z);
}

const struct inflate_backend inflate_isal = {
    .name = "igzip",
    .open = isal_open,
    .begin = isal_begin,
    .run = isal_run,
    .close = isal_close,
};

#endif
