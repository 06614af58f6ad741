/* http_tell.h: conversations for the HTTP/1 parser, and what it says of them as text.
 *
 * The same conversation can be told in one piece, byte by byte, and in pieces of random sizes: the texts must
 * be equal. */
#ifndef VIGIE_TESTS_UNIT_HTTP_TELL_H
#define VIGIE_TESTS_UNIT_HTTP_TELL_H

#include <stdlib.h>

#include "analyzer/base/out.h"
#include "parsers/net/http.h"

enum what { SAYS, GAP, FIN };
struct told { /* one step of a conversation */
    enum stream_side side;
    enum what what;
    struct str text;
    uint64_t n; /* of a gap */
};
#define C(literal) {STREAM_CLIENT, SAYS, STR_INIT(literal), 0}
#define S(literal) {STREAM_SERVER, SAYS, STR_INIT(literal), 0}
#define CGAP(n) {STREAM_CLIENT, GAP, {NULL, 0}, n}
#define SGAP(n) {STREAM_SERVER, GAP, {NULL, 0}, n}
#define CFIN {STREAM_CLIENT, FIN, {NULL, 0}, 0}
#define SFIN {STREAM_SERVER, FIN, {NULL, 0}, 0}

static inline void put_text(struct out *o, struct str s)
{
    if (s.p == NULL)
        out_char(o, '-');
    else
        out_escaped(o, s);
}

static inline void put_body(struct out *o, bool has, struct str body, uint64_t len, const struct sha256 *sha)
{
    char hex[65];
    if (!has)
        return;
    out_printf(o, " [%llu]", (unsigned long long)len);
    if (len > 64) {
        sha256_hex(sha, hex);
        hex[8] = '\0';
        out_text(o, hex);
    } else {
        out_char(o, '"');
        out_escaped(o, body);
        out_char(o, '"');
    }
}

/* "GET /a 11 [4]"body" > 200 [2]"hi" complete bare_lf obs_fold" */
static inline void put_transaction(void *user, const struct http_transaction *t)
{
    struct out *o = user;
    out_printf(o, "%u ", t->number);
    if (t->has_request) {
        put_text(o, t->method);
        out_char(o, ' ');
        put_text(o, t->target);
        out_printf(o, " %d", t->http_version);
        put_body(o, t->has_request_body, t->request_body, t->request_body_len, &t->request_body_sha256);
    } else {
        out_char(o, '?');
    }
    out_text(o, " > ");
    if (t->interim != 0)
        out_printf(o, "%d ", t->interim);
    if (t->has_response) {
        out_printf(o, "%d", t->status);
        put_body(o, t->has_response_body, t->response_body, t->response_body_len, &t->response_body_sha256);
    } else {
        out_char(o, '?');
    }
    out_printf(o, " %s", completeness_names[t->completeness]);
    for (uint32_t i = 0; i < HTTP_ODD_COUNT; i++)
        if (t->anomalies >> i & 1)
            out_printf(o, " %s", http_odd_table[i].name);
    out_char(o, '\n');
}

enum cutting { IN_ONE, BY_BYTES, AT_RANDOM };

static inline size_t piece_of(enum cutting cutting, size_t left, uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    size_t n = cutting == IN_ONE ? left : cutting == BY_BYTES ? 1 : 1 + (*seed >> 16) % 23;
    return n < left ? n : left;
}

/* Tells the conversation; each piece is a copy of its own, whose end the sanitizer watches. */
static inline struct str tell(struct arena *a, const struct told *steps, size_t count, enum cutting cutting,
                              uint32_t seed)
{
    struct out o = out_memory();
    struct limits limits = limits_default();
    struct http_sink sink = {.user = &o, .transaction = put_transaction};
    struct connection c = {.number = 1};
    struct http_conn *h = http_open(&limits, &sink, &c);
    for (size_t i = 0; i < count; i++) {
        struct stream_ref ref = {.packet = i + 1, .offset = i * 100, .time_us = (int64_t)i};
        struct str rest = steps[i].text;
        while (rest.n > 0) {
            ptrdiff_t n = (ptrdiff_t)piece_of(cutting, (size_t)rest.n, &seed);
            char *copy = malloc((size_t)n);
            memcpy(copy, rest.p, (size_t)n);
            http_bytes(h, steps[i].side, (struct str){copy, n}, &ref);
            free(copy);
            rest = str_sub(rest, n, rest.n);
        }
        if (steps[i].what == GAP)
            http_gap(h, steps[i].side, steps[i].n, &ref);
        if (steps[i].what == FIN)
            http_finished(h, steps[i].side);
    }
    http_close(h);
    struct str text = arena_str(a, out_slice(&o));
    out_close(&o);
    return text;
}

#endif
