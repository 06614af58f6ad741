/* bytes_made.h: packets and capture files made by hand for tests.
 *
 * A struct made grows by put_*; every function appends.  Endianness of capture files is the maker's `big`. */
#ifndef VIGIE_TESTS_UNIT_BYTES_MADE_H
#define VIGIE_TESTS_UNIT_BYTES_MADE_H

#include <stdlib.h>

#include "parsers/net/packet.h"

struct made {
    uint8_t b[2 << 20];
    size_t n;
    bool big;
};

static inline struct made *made_new(void)
{
    return mem_alloc(sizeof(struct made));
}

static inline struct str made_str(const struct made *m)
{
    return (struct str){(const char *)m->b, (ptrdiff_t)m->n};
}

static inline void put_bytes(struct made *m, const void *p, size_t n)
{
    if (n > sizeof m->b - m->n)
        abort();
    if (n > 0)
        memcpy(m->b + m->n, p, n);
    m->n += n;
}

static inline void put_zeros(struct made *m, size_t n)
{
    while (n-- > 0)
        put_bytes(m, "", 1);
}

static inline void put8(struct made *m, unsigned v)
{
    uint8_t b = (uint8_t)v;
    put_bytes(m, &b, 1);
}

/* Network order. */
static inline void put16(struct made *m, unsigned v)
{
    put8(m, v >> 8);
    put8(m, v);
}

static inline void put32(struct made *m, uint32_t v)
{
    put16(m, v >> 16);
    put16(m, v);
}

/* The file's order. */
static inline void file16(struct made *m, unsigned v)
{
    put8(m, m->big ? v >> 8 : v);
    put8(m, m->big ? v : v >> 8);
}

static inline void file32(struct made *m, uint32_t v)
{
    file16(m, m->big ? v >> 16 : v);
    file16(m, m->big ? v : v >> 16);
}

static inline void file64(struct made *m, uint64_t v)
{
    file32(m, (uint32_t)(m->big ? v >> 32 : v));
    file32(m, (uint32_t)(m->big ? v : v >> 32));
}

/* ---- libpcap ---- */

static inline void pcap_header(struct made *m, uint32_t magic, unsigned minor, uint32_t snaplen, uint32_t link)
{
    file32(m, magic);
    file16(m, 2);
    file16(m, minor);
    file64(m, 0);
    file32(m, snaplen);
    file32(m, link);
}

static inline void pcap_record(struct made *m, uint32_t seconds, uint32_t fraction, struct str data)
{
    file32(m, seconds);
    file32(m, fraction);
    file32(m, (uint32_t)data.n);
    file32(m, (uint32_t)data.n);
    put_bytes(m, data.p, (size_t)data.n);
}

/* ---- pcapng ---- */

/* Begins a block; block_end sets both lengths. */
static inline size_t block_begin(struct made *m, uint32_t type)
{
    size_t at = m->n;
    file32(m, type);
    file32(m, 0);
    return at;
}

static inline void block_end(struct made *m, size_t at)
{
    put_zeros(m, (4 - m->n % 4) % 4);
    uint32_t length = (uint32_t)(m->n + 4 - at);
    size_t end = m->n;
    file32(m, length);
    memcpy(m->b + at + 4, m->b + end, 4);
}

static inline void option(struct made *m, unsigned code, struct str value)
{
    file16(m, code);
    file16(m, (unsigned)value.n);
    put_bytes(m, value.p, (size_t)value.n);
    put_zeros(m, (4 - m->n % 4) % 4);
}

static inline void option64(struct made *m, unsigned code, uint64_t v)
{
    file16(m, code);
    file16(m, 8);
    file64(m, v);
}

static inline void block_section(struct made *m)
{
    size_t at = block_begin(m, 0x0a0d0d0a);
    file32(m, 0x1a2b3c4d);
    file16(m, 1);
    file16(m, 0);
    file64(m, UINT64_MAX);
    block_end(m, at);
}

/* resolution, offset: options when not 6 and not 0. */
static inline void block_interface(struct made *m, unsigned link, uint32_t snaplen, unsigned resolution,
                                   int64_t offset_s)
{
    size_t at = block_begin(m, 1);
    char value = (char)resolution;
    file16(m, link);
    file16(m, 0);
    file32(m, snaplen);
    if (resolution != 6)
        option(m, 9, (struct str){&value, 1});
    if (offset_s != 0)
        option64(m, 14, (uint64_t)offset_s);
    block_end(m, at);
}

static inline void block_enhanced(struct made *m, uint32_t interface, uint64_t ts, struct str data)
{
    size_t at = block_begin(m, 6);
    file32(m, interface);
    file32(m, (uint32_t)(ts >> 32));
    file32(m, (uint32_t)ts);
    file32(m, (uint32_t)data.n);
    file32(m, (uint32_t)data.n);
    put_bytes(m, data.p, (size_t)data.n);
    block_end(m, at);
}

static inline void block_simple(struct made *m, uint32_t original, struct str data)
{
    size_t at = block_begin(m, 3);
    file32(m, original);
    put_bytes(m, data.p, (size_t)data.n);
    block_end(m, at);
}

static inline void block_any(struct made *m, uint32_t type, struct str body)
{
    size_t at = block_begin(m, type);
    put_bytes(m, body.p, (size_t)body.n);
    block_end(m, at);
}

static inline void block_secrets(struct made *m, struct str text)
{
    size_t at = block_begin(m, 10);
    file32(m, 0x544c534b);
    file32(m, (uint32_t)text.n);
    put_bytes(m, text.p, (size_t)text.n);
    block_end(m, at);
}

/* ---- protocols ---- */

static inline void put_ethernet(struct made *m, unsigned type)
{
    put_bytes(m, "\x02\0\0\0\0\x01\x02\0\0\0\0\x02", 12);
    put16(m, type);
}

/* 203.0.113.7 -> 198.51.100.9; field: flags and fragment offset. */
static inline void put_ip4(struct made *m, unsigned protocol, unsigned payload, unsigned id, unsigned field)
{
    put16(m, 0x4500);
    put16(m, 20 + payload);
    put16(m, id);
    put16(m, field);
    put8(m, 64);
    put8(m, protocol);
    put16(m, 0);
    put_bytes(m, "\xcb\x00\x71\x07\xc6\x33\x64\x09", 8);
}

/* 2001:db8::7 -> 2001:db8::9 */
static inline void put_ip6(struct made *m, unsigned next, unsigned payload)
{
    put32(m, 0x60000000);
    put16(m, payload);
    put8(m, next);
    put8(m, 63);
    put_bytes(m, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07", 16);
    put_bytes(m, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x09", 16);
}

/* Ports 40000 -> 80, sequence 1000, PSH and ACK. */
static inline void put_tcp(struct made *m, struct str options, struct str payload)
{
    put16(m, 40000);
    put16(m, 80);
    put32(m, 1000);
    put32(m, 2000);
    put8(m, (unsigned)(20 + options.n) / 4 << 4);
    put8(m, SEGMENT_PSH | SEGMENT_ACK);
    put16(m, 512);
    put32(m, 0);
    put_bytes(m, options.p, (size_t)options.n);
    put_bytes(m, payload.p, (size_t)payload.n);
}

static inline void put_udp(struct made *m, unsigned port, unsigned payload)
{
    put16(m, 50000);
    put16(m, port);
    put16(m, 8 + payload);
    put16(m, 0);
}

/* ---- reading what was made ---- */

/* Hands over a slice, at most `step` bytes at a time. */
struct feed {
    struct str rest;
    size_t step; /* 0: as many as asked for */
    enum status end; /* what follows the last byte */
};

static inline enum status feed_read(void *user, char *buf, size_t n, size_t *got)
{
    struct feed *f = user;
    *got = (size_t)f->rest.n < n ? (size_t)f->rest.n : n;
    if (f->step != 0 && *got > f->step)
        *got = f->step;
    if (*got == 0)
        return f->end;
    memcpy(buf, f->rest.p, *got);
    f->rest = str_sub(f->rest, (ptrdiff_t)*got, f->rest.n);
    return STATUS_OK;
}

#endif
