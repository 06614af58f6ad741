/* test_parsers_http_body.c: content codings: what is decoded, what passes as it came, where decoding stops. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdlib.h>
#include <cmocka.h>

#include <brotli/encode.h>
#include <zlib.h>

#include "analyzer/base/out.h"
#include "parsers/net/http.h"
#include "parsers/net/http_body.h"

/* windowBits of deflateInit2: raw, zlib, gzip. */
enum { RAW = -15, ZLIB = 15, GZIP = 31 };

static struct str deflated(struct arena *a, struct str s, int wrapper)
{
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, wrapper, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t room = deflateBound(&z, (uLong)s.n) + 64;
    unsigned char *p = ARENA_ARRAY(a, unsigned char, room);
    z.next_in = (unsigned char *)(uintptr_t)s.p;
    z.avail_in = (uInt)s.n;
    z.next_out = p;
    z.avail_out = (uInt)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    struct str out = {(char *)p, (ptrdiff_t)z.total_out};
    deflateEnd(&z);
    return out;
}

static struct str brotlied(struct arena *a, struct str s)
{
    size_t n = BrotliEncoderMaxCompressedSize((size_t)s.n) + 64;
    uint8_t *p = ARENA_ARRAY(a, uint8_t, n);
    assert_true(
        BrotliEncoderCompress(5, 22, BROTLI_MODE_TEXT, (size_t)s.n, (const uint8_t *)s.p, &n, p));
    return (struct str){(char *)p, (ptrdiff_t)n};
}

struct undone {
    struct str text;
    uint64_t length;
    struct sha256 sha;
    uint32_t odd;
};

/* piece 0: all at once; else pieces of that size. */
static struct undone decode(struct arena *a, const struct limits *limits,
                            const enum http_coding *codings, size_t n, struct str sent,
                            ptrdiff_t piece)
{
    uint64_t held = 0;
    struct http_store store = {limits, &held, false};
    struct http_body b;
    body_open(&b, &store);
    for (size_t i = 0; i < n; i++)
        body_coding(&b, codings[i]);
    for (ptrdiff_t at = 0, step = piece > 0 ? piece : sent.n; at < sent.n; at += step)
        body_add(&b, str_sub(sent, at, at + step < sent.n ? at + step : sent.n));
    body_end(&b);
    struct undone d = {arena_str(a, buffer_text(&b.kept)), b.length, body_sha256(&b), b.odd};
    body_free(&b);
    assert_int_equal(held, 0);
    return d;
}

/* However it is cut, the same comes out. */
static struct undone decode_all_ways(struct arena *a, const struct limits *limits,
                                     const enum http_coding *codings, size_t n, struct str sent)
{
    static const ptrdiff_t pieces[] = {1, 7, 1000, 4095, 4096, 4097, 65536};
    struct undone once = decode(a, limits, codings, n, sent, 0);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct undone again = decode(a, limits, codings, n, sent, pieces[i]);
        assert_true(str_eq(once.text, again.text));
        assert_int_equal(once.length, again.length);
        assert_int_equal(once.odd, again.odd);
        assert_memory_equal(&once.sha, &again.sha, sizeof once.sha);
    }
    return once;
}

/* Text that compresses a little, larger than one block. */
static struct str sample(struct arena *a, ptrdiff_t n)
{
    char *p = ARENA_ARRAY(a, char, n);
    uint32_t seed = 7;
    for (ptrdiff_t i = 0; i < n; i++) {
        seed = seed * 1664525 + 1013904223;
        p[i] = "abcdefghijklmnopqrstuvwxyz      "[seed >> 27];
    }
    return (struct str){p, n};
}

static void each_coding(void **state)
{
    static const ptrdiff_t sizes[] = {0, 1, 100, 4096, 30000, 200000};
    struct limits limits = limits_default();
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct arena a = {0};
        struct str text = sample(&a, sizes[i]);
        const struct {
            enum http_coding coding;
            struct str sent;
        } rows[] = {{CODING_GZIP, deflated(&a, text, GZIP)},
                    {CODING_DEFLATE, deflated(&a, text, ZLIB)},
                    {CODING_DEFLATE, deflated(&a, text, RAW)},
                    {CODING_DEFLATE, deflated(&a, text, GZIP)}, /* misnamed, as some servers do */
                    {CODING_BROTLI, brotlied(&a, text)}};
        for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
            struct undone d = decode_all_ways(&a, &limits, &rows[k].coding, 1, rows[k].sent);
            struct sha256 want = sha256_of(text);
            assert_int_equal(d.length, text.n);
            assert_true(str_eq(d.text, text));
            assert_memory_equal(&d.sha, &want, sizeof want);
            assert_int_equal(d.odd, 0);
        }
        arena_free(&a);
    }
}

static void nested(void **state)
{
    struct limits limits = limits_default();
    struct arena a = {0};
    (void)state;
    struct str text = sample(&a, 20000);
    struct str sent = deflated(&a, brotlied(&a, deflated(&a, text, GZIP)), ZLIB);
    const enum http_coding codings[] = {CODING_DEFLATE, CODING_BROTLI, CODING_GZIP, CODING_GZIP,
                                        CODING_GZIP};
    struct undone d = decode_all_ways(&a, &limits, codings, 3, sent);
    assert_true(str_eq(d.text, text));
    assert_int_equal(d.odd, 0);
    /* One announced too often, and one more than is undone. */
    d = decode_all_ways(&a, &limits, codings, 5, sent);
    assert_true(str_eq(d.text, text));
    assert_int_equal(d.odd, HTTP_ODD(NOT_AS_CODED) | HTTP_ODD(DECODED_TOO_LARGE));
    arena_free(&a);
}

static struct str changed(struct arena *a, struct str s, ptrdiff_t at, uint8_t flip)
{
    struct str copy = arena_str(a, s);
    ((char *)(uintptr_t)copy.p)[at < 0 ? s.n + at : at] ^= (char)flip;
    return copy;
}

static struct str joined(struct arena *a, struct str x, struct str y)
{
    char *p = ARENA_ARRAY(a, char, x.n + y.n);
    memcpy(p, x.p, (size_t)x.n);
    memcpy(p + x.n, y.p, (size_t)y.n);
    return (struct str){p, x.n + y.n};
}

static void damaged(void **state)
{
    struct limits limits = limits_default();
    struct arena a = {0};
    (void)state;
    struct str text = sample(&a, 9000), gz = deflated(&a, text, GZIP),
               twice = joined(&a, text, text);
    const uint32_t damage = HTTP_ODD(CODING_DAMAGED), plain = HTTP_ODD(NOT_AS_CODED);
    const struct {
        enum http_coding coding;
        struct str sent, want;
        uint32_t odd;
    } rows[] = {
        {CODING_GZIP, changed(&a, gz, -8, 1), text, damage}, /* checksum */
        {CODING_GZIP, changed(&a, gz, -1, 1), text, damage}, /* length */
        {CODING_GZIP, str_sub(gz, 0, gz.n - 8), text, damage}, /* no trailer */
        {CODING_GZIP, joined(&a, gz, STR("junk")), text, damage}, /* more behind it */
        {CODING_GZIP, joined(&a, gz, gz), twice, 0}, /* two members */
        {CODING_GZIP, changed(&a, gz, 3, 0x40), text, 0}, /* a reserved flag */
        {CODING_GZIP, text, text, plain}, /* not coded at all */
        {CODING_DEFLATE, STR("<html>plain</html>"), STR("<html>plain</html>"), plain},
        {CODING_BROTLI, STR("{\"plain\":true}"), STR("{\"plain\":true}"), plain},
        {CODING_GZIP, STR("x"), STR("x"), plain},
        {CODING_GZIP,
         STR("\x1f\x8b\x08\x1e\0\0\0\0\0\x03\x02\0ab"
             "name\0comment\0\xff\xff\x03\0\0\0\0\0\0\0\0\0"),
         STR(""), 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct undone d = decode_all_ways(&a, &limits, &rows[i].coding, 1, rows[i].sent);
        if (!str_eq(d.text, rows[i].want) || d.odd != rows[i].odd) {
            print_error("row %zu: %llu bytes, odd %x\n", i, (unsigned long long)d.length, d.odd);
            fail();
        }
    }
    /* Cut off in the middle: what could be decoded counts. */
    struct undone d = decode_all_ways(&a, &limits, &rows[0].coding, 1, str_sub(gz, 0, gz.n / 2));
    assert_true(d.length > 1000 && str_starts(text, d.text));
    assert_int_equal(d.odd, damage);
    arena_free(&a);
}

static void bombs(void **state)
{
    static char zeros[8 << 20];
    struct limits limits = limits_default();
    struct arena a = {0};
    (void)state;
    struct str text = {zeros, sizeof zeros}, once = deflated(&a, text, GZIP);
    const enum http_coding gzip[] = {CODING_GZIP, CODING_GZIP}, brotli = CODING_BROTLI;
    limits.v[LIMIT_http_decoded_ratio_max] = 100;
    struct undone d = decode(&a, &limits, gzip, 1, once, 0);
    assert_int_equal(d.odd & HTTP_ODD(DECODED_TOO_LARGE), HTTP_ODD(DECODED_TOO_LARGE));
    assert_true(d.length < (uint64_t)once.n * 100 + 65536 + 16384);
    d = decode_all_ways(&a, &limits, gzip, 2, deflated(&a, once, GZIP));
    assert_int_equal(d.odd & HTTP_ODD(DECODED_TOO_LARGE), HTTP_ODD(DECODED_TOO_LARGE));
    assert_true(d.length < 1 << 20);
    d = decode_all_ways(&a, &limits, &brotli, 1, brotlied(&a, text));
    assert_int_equal(d.odd & HTTP_ODD(DECODED_TOO_LARGE), HTTP_ODD(DECODED_TOO_LARGE));
    assert_true(d.length < 1 << 20);
    arena_free(&a);
}

static void kept_and_cut(void **state)
{
    struct limits limits = limits_default();
    struct arena a = {0};
    (void)state;
    limits.v[LIMIT_body_bytes_max] = 1000;
    struct str text = sample(&a, 5000);
    struct sha256 want = sha256_of(text);
    struct undone d = decode_all_ways(&a, &limits, NULL, 0, text);
    assert_int_equal(d.length, 5000);
    assert_true(str_eq(d.text, str_sub(text, 0, 1000)));
    assert_memory_equal(&d.sha, &want, sizeof want);
    assert_int_equal(d.odd, HTTP_ODD(BODY_CUT));
    /* No memory at all: length and hash are still right. */
    limits.v[LIMIT_http_held_all_max] = 0;
    d = decode_all_ways(&a, &limits, NULL, 0, text);
    assert_int_equal(d.text.n, 0);
    assert_memory_equal(&d.sha, &want, sizeof want);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_coding), cmocka_unit_test(nested),       cmocka_unit_test(damaged),
        cmocka_unit_test(bombs),       cmocka_unit_test(kept_and_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
