/* inflate.c: members one after another. */
#include "analyzer/io/inflate.h"

#include "analyzer/base/mem.h"

static const uint8_t magic[3] = {0x1f, 0x8b, 8}; /* ID1 ID2, CM = deflate */

enum place {
    BETWEEN,  /* before a member, none of whose bytes was seen */
    IN_MAGIC, /* the first byte of one was seen */
    IN_MEMBER,
    BEHIND, /* bytes that are not gzip */
    DAMAGED
};

struct inflate {
    const struct inflate_backend *backend;
    void *z;
    enum place place;
    bool any; /* a member ended before */
    const char *problem;
};

const struct inflate_backend *const inflate_backends[] = {
#ifdef VIGIE_HAVE_ISAL
    &inflate_isal,
#endif
    &inflate_zlib,
    NULL,
};

bool inflate_recognises(const uint8_t *p, size_t n)
{
    return n >= 2 && memcmp(p, magic, n < sizeof magic ? n : sizeof magic) == 0;
}

struct inflate *inflate_open(const struct inflate_backend *b)
{
    struct inflate *z = mem_alloc(sizeof *z);
    z->backend = b;
    z->z = b->open();
    return z;
}

/* Padding of zero bytes is skipped, as tapes and some tools leave it. */
static void look_for_member(struct inflate *z, struct inflate_io *io)
{
    while (z->any && io->in_n > 0 && io->in[0] == 0) {
        io->in++;
        io->in_n--;
    }
    if (io->in_n == 0)
        return;
    z->place = io->in[0] == magic[0] ? IN_MAGIC : BEHIND;
    io->in += z->place == IN_MAGIC ? 1 : 0;
    io->in_n -= z->place == IN_MAGIC ? 1 : 0;
}

/* The second byte decides; the first one is handed to the library again. */
static void look_at_second(struct inflate *z, struct inflate_io *io)
{
    struct inflate_io first = {.in = magic, .in_n = 1, .out = io->out, .out_n = 0};
    if (io->in[0] != magic[1]) {
        z->place = BEHIND;
        return;
    }
    z->backend->begin(z->z);
    z->backend->run(z->z, &first);
    z->place = IN_MEMBER;
}

static enum status run_member(struct inflate *z, struct inflate_io *io)
{
    switch (z->backend->run(z->z, io)) {
    case INFLATE_ON:
        return io->out_n > 0 && io->in_n == 0 ? STATUS_MORE : STATUS_OK;
    case INFLATE_MEMBER_END:
        z->place = BETWEEN;
        z->any = true;
        return STATUS_OK;
    case INFLATE_BAD_CHECKSUM:
        z->problem = "checksum or length does not agree";
        break;
    case INFLATE_BAD_DATA:
        z->problem = "invalid data";
        break;
    }
    z->place = DAMAGED;
    return STATUS_FAILED;
}

enum status inflate_run(struct inflate *z, struct inflate_io *io)
{
    for (;;) {
        if (z->place == BEHIND)
            return STATUS_END;
        if (z->place == DAMAGED)
            return STATUS_FAILED;
        if (z->place == IN_MEMBER) {
            enum status status = run_member(z, io);
            if (status != STATUS_OK || z->place == IN_MEMBER)
                return status;
        }
        if (z->place == BETWEEN)
            look_for_member(z, io);
        if (io->in_n == 0 && z->place != BEHIND)
            return STATUS_MORE;
        if (z->place == IN_MAGIC)
            look_at_second(z, io);
    }
}

enum status inflate_finish(const struct inflate *z)
{
    return z->place == BETWEEN || z->place == BEHIND ? STATUS_END : STATUS_FAILED;
}

const char *inflate_problem(const struct inflate *z)
{
    return z->problem;
}

void inflate_close(struct inflate *z)
{
    if (z == NULL)
        return;
    z->backend->close(z->z);
    mem_free(z);
}
