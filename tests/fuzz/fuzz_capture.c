/* fuzz_capture.c: any bytes as a capture file, in one piece and in pieces: the same packets, every byte accounted. */
#include <stdlib.h>

#include "analyzer/base/hash.h"
#include "parsers/net/packet.h"

struct feed {
    struct str rest;
    size_t step;
};

static enum status feed_read(void *user, char *buf, size_t n, size_t *got)
{
    struct feed *f = user;
    *got = (size_t)f->rest.n < n ? (size_t)f->rest.n : n;
    if (f->step != 0 && *got > f->step)
        *got = f->step;
    if (*got == 0)
        return STATUS_END;
    memcpy(buf, f->rest.p, *got);
    f->rest = str_sub(f->rest, (ptrdiff_t)*got, f->rest.n);
    return STATUS_OK;
}

struct summary {
    struct capture_counts counts;
    enum capture_trouble trouble;
    uint64_t hash; /* of every packet, the reason and the secrets */
};

static uint64_t add_packet(uint64_t hash, const struct packet *p)
{
    const uint64_t facts[] = {p->number,   p->offset,    p->data_offset, (uint64_t)p->time_us, p->time_ns,  p->captured,
                              p->original, p->interface, p->linktype,    p->has_time,          p->section};
    hash = hash_bytes_seed(facts, sizeof facts, hash);
    return hash_bytes_seed(p->data, p->captured, hash);
}

static struct summary read_all(struct str file, size_t step, const struct limits *l)
{
    struct feed f = {file, step};
    struct capture *c = capture_open_read(feed_read, &f, STR_NONE, l);
    struct summary s = {.hash = 0};
    struct packet p;
    struct str why;
    enum status status;
    while ((status = capture_next(c, &p, &why)) == STATUS_OK) {
        if (p.data_offset + p.captured > (uint64_t)file.n || p.data_offset <= p.offset ||
            (p.captured > 0 && memcmp(p.data, file.p + p.data_offset, p.captured) != 0))
            abort();
        s.hash = add_packet(s.hash, &p);
    }
    struct str secrets = capture_secrets(c);
    s.hash = hash_bytes_seed(secrets.p, (size_t)secrets.n, s.hash);
    s.hash = hash_bytes_seed(why.p, (size_t)why.n, s.hash);
    s.counts = *capture_counts(c);
    s.trouble = capture_trouble(c);
    if ((status == STATUS_FAILED) != (s.trouble != CAPTURE_FINE) || s.counts.bytes != (uint64_t)file.n ||
        s.counts.packet_bytes + s.counts.other_bytes + s.counts.rejected_bytes != s.counts.bytes)
        abort();
    capture_close(c);
    return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str file = {(const char *)data, (ptrdiff_t)size};
    struct limits l = limits_default();
    l.v[LIMIT_packet_bytes_max] = 4096;
    l.v[LIMIT_capture_interfaces_max] = 9;
    l.v[LIMIT_capture_secrets_bytes_max] = 64;
    struct summary whole = read_all(file, 0, &l);
    struct summary pieces = read_all(file, 1 + (size > 0 ? data[size - 1] : 0U), &l);
    if (whole.hash != pieces.hash || whole.trouble != pieces.trouble ||
        memcmp(&whole.counts, &pieces.counts, sizeof whole.counts) != 0)
        abort();
    return 0;
}
