/* hello_fixture.h: ClientHellos put together field by field. */
#ifndef VIGIE_TESTS_UNIT_HELLO_FIXTURE_H
#define VIGIE_TESTS_UNIT_HELLO_FIXTURE_H

#include "analyzer/base/mem.h"

enum { HELLO_FIXTURE_MAX = 140000 };

struct bytes {
    size_t n;
    char p[HELLO_FIXTURE_MAX];
};

static inline void put(struct bytes *b, uint32_t v, int width)
{
    for (int i = width - 1; i >= 0; i--)
        b->p[b->n++] = (char)(v >> 8 * i);
}

static inline void put_str(struct bytes *b, struct str s)
{
    memcpy(b->p + b->n, s.p, (size_t)s.n);
    b->n += (size_t)s.n;
}

/* Writes the length of what follows `at` into the width bytes before it. */
static inline void close_vector(struct bytes *b, size_t at, int width)
{
    size_t n = b->n - at;
    for (int i = 0; i < width; i++)
        b->p[at - 1 - (size_t)i] = (char)(n >> 8 * i);
}

static inline size_t open_vector(struct bytes *b, int width)
{
    put(b, 0, width);
    return b->n;
}

struct extension {
    uint16_t type;
    struct str body;
};
struct hello {
    uint16_t version;
    const uint16_t *ciphers;
    size_t ciphers_count;
    const struct extension *extensions;
    size_t extensions_count;
    bool no_extensions; /* not even the empty list */
};

/* The handshake message with its header, no record around it. */
static inline void put_hello(struct bytes *b, const struct hello *h)
{
    put(b, 1, 1);
    size_t message = open_vector(b, 3);
    put(b, h->version, 2);
    for (int i = 0; i < 32; i++)
        put(b, (uint32_t)i, 1);
    put(b, 0, 1); /* no session id */
    size_t ciphers = open_vector(b, 2);
    for (size_t i = 0; i < h->ciphers_count; i++)
        put(b, h->ciphers[i], 2);
    close_vector(b, ciphers, 2);
    put(b, 0x0100, 2); /* compression: null */
    if (!h->no_extensions) {
        size_t list = open_vector(b, 2);
        for (size_t i = 0; i < h->extensions_count; i++) {
            put(b, h->extensions[i].type, 2);
            size_t one = open_vector(b, 2);
            put_str(b, h->extensions[i].body);
            close_vector(b, one, 2);
        }
        close_vector(b, list, 2);
    }
    close_vector(b, message, 3);
}

/* As handshake records of at most `most` bytes each. */
static inline struct str in_records(struct arena *a, const struct bytes *message, size_t most)
{
    size_t records = (message->n + most - 1) / most, n = 0;
    char *p = arena_alloc(a, message->n + records * 5 + 1, 1);
    for (size_t at = 0; at < message->n; at += most) {
        size_t k = message->n - at < most ? message->n - at : most;
        const char head[5] = {22, 3, 1, (char)(k >> 8), (char)k};
        memcpy(p + n, head, sizeof head);
        memcpy(p + n + 5, message->p + at, k);
        n += 5 + k;
    }
    return (struct str){p, (ptrdiff_t)n};
}

#endif
