/* http_coding.c: one content coding of a body.
 *
 * Input is decoded in blocks of a fixed size, so that the result depends on the bytes alone and not on how
 * they arrived.  The first block tells what the body really is; one that is not what its header said passes
 * through unchanged.  gzip and zlib wrappers are read here, leniently: what they carry counts. */
#include "analyzer/io/codec.h"
#include "parsers/net/http.h"
#include "parsers/net/http_body.h"

enum { BLOCK = 4096, WINDOW = 16384, PROBE_OUT = 65536 };
enum { GZIP_FIXED = 10, GZIP_TRAILER = 8, ZLIB_FIXED = 2, ZLIB_TRAILER = 4 };
enum { GZIP_FLAGS_AT = 3, FHCRC = 2, FEXTRA = 4, FNAME = 8, FCOMMENT = 16 };

enum layer_step { /* the parts of a gzip member, in order (RFC 1952 section 2.3) */
                  STEP_PROBE,
                  STEP_FIXED,
                  STEP_EXTRA_LENGTH,
                  STEP_EXTRA,
                  STEP_NAME,
                  STEP_COMMENT,
                  STEP_HEADER_CRC,
                  STEP_DATA,
                  STEP_TRAILER,
                  STEP_AFTER,
                  STEP_PASS /* not coded at all */
};

struct http_layer {
    struct http_layer *inner;
    enum http_coding coding;
    enum layer_step step;
    bool gzip, zlib, over; /* the wrapper found; the end was told */
    uint8_t flags;
    uint32_t left; /* bytes of the step still to come */
    uint8_t small[GZIP_FIXED];
    uint32_t small_n;
    uint32_t crc, made; /* of this member */
    struct codec *codec;
    uint32_t block_n;
    char block[BLOCK];
};

struct http_layer *layer_open(enum http_coding coding)
{
    struct http_layer *l = mem_alloc(sizeof *l);
    l->coding = coding;
    return l;
}

void layer_inside(struct http_layer *outer, struct http_layer *inner)
{
    while (outer->inner != NULL)
        outer = outer->inner;
    outer->inner = inner;
}

void layer_lost(struct http_layer *l)
{
    for (; l != NULL; l = l->inner)
        l->over = true;
}

void layer_free(struct http_layer *l)
{
    while (l != NULL) {
        struct http_layer *inner = l->inner;
        codec_close(l->codec);
        mem_free(l);
        l = inner;
    }
}

static void layer_out(struct http_body *b, struct http_layer *l, struct str decoded)
{
    if (l->inner != NULL)
        layer_add(b, l->inner, decoded);
    else
        body_put(b, decoded);
}

/* ---- what the first block says ---- */

static bool has_gzip_magic(struct str s)
{
    return s.n >= 2 && (uint8_t)s.p[0] == 0x1f && (uint8_t)s.p[1] == 0x8b;
}

static bool has_zlib_header(struct str s)
{
    if (s.n < ZLIB_FIXED)
        return false;
    unsigned cmf = (uint8_t)s.p[0], flags = (uint8_t)s.p[1];
    return (cmf & 15) == 8 && (cmf << 8 | flags) % 31 == 0 && (flags & 0x20) == 0;
}

/* Whether the block decodes, at least as far as it goes, and to something. */
static bool decodes(enum codec_kind kind, struct str s, const struct http_store *store)
{
    char window[WINDOW];
    size_t made = 0;
    enum codec_step step = CODEC_ON;
    struct codec *c =
        codec_open(kind, store->held, (uint64_t)store->limits->v[LIMIT_http_held_all_max]);
    struct inflate_io io = {.in = (const uint8_t *)s.p, .in_n = (size_t)s.n};
    do {
        io.out = (uint8_t *)window;
        io.out_n = sizeof window;
        step = codec_run(c, &io);
        made += sizeof window - io.out_n;
    } while (step == CODEC_ON && io.out_n == 0 && made < PROBE_OUT);
    codec_close(c);
    return step != CODEC_BAD && (made > 0 || step == CODEC_END);
}

static void probe(struct http_body *b, struct http_layer *l, struct str s)
{
    bool deflate = l->coding == CODING_DEFLATE;
    l->step = STEP_PASS;
    if (l->coding == CODING_BROTLI) {
        if (decodes(CODEC_BROTLI, s, b->store))
            l->step = STEP_DATA;
    } else if (has_gzip_magic(s)) {
        l->gzip = true;
        l->step = STEP_FIXED;
        l->left = GZIP_FIXED;
    } else if (deflate && has_zlib_header(s) &&
               decodes(CODEC_DEFLATE, str_sub(s, ZLIB_FIXED, s.n), b->store)) {
        l->zlib = true;
        l->step = STEP_FIXED;
        l->left = ZLIB_FIXED;
    } else if (deflate && decodes(CODEC_DEFLATE, s, b->store)) {
        l->step = STEP_DATA;
    }
    if (l->step == STEP_PASS)
        b->odd |= HTTP_ODD(NOT_AS_CODED);
}

/* ---- wrappers ---- */

/* Collects the bytes of a small fixed part; true when it is whole. */
static bool collect(struct http_layer *l, struct str *in)
{
    while (l->left > 0 && in->n > 0) {
        l->small[l->small_n++] = (uint8_t)in->p[0];
        *in = str_sub(*in, 1, in->n);
        l->left--;
    }
    return l->left == 0;
}

static void skip(struct http_layer *l, struct str *in)
{
    uint32_t n = (uint64_t)in->n < l->left ? (uint32_t)in->n : l->left;
    *in = str_sub(*in, n, in->n);
    l->left -= n;
}

/* Skips a text that ends in a zero byte; true when the end was found. */
static bool skip_text(struct str *in)
{
    ptrdiff_t zero = str_find(*in, '\0', 0);
    *in = zero < 0 ? STR("") : str_sub(*in, zero + 1, in->n);
    return zero >= 0;
}

static void enter(struct http_layer *l, enum layer_step step, uint32_t left)
{
    l->step = step;
    l->left = left;
    l->small_n = 0;
}

/* The part of the gzip header that follows `step`, by the flags. */
static void enter_next(struct http_layer *l, enum layer_step step)
{
    static const struct {
        enum layer_step step;
        uint8_t flag;
        uint8_t left;
    } parts[] = {{STEP_EXTRA_LENGTH, FEXTRA, 2},
                 {STEP_NAME, FNAME, 0},
                 {STEP_COMMENT, FCOMMENT, 0},
                 {STEP_HEADER_CRC, FHCRC, 2}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].step > step && (l->flags & parts[i].flag)) {
            enter(l, parts[i].step, parts[i].left);
            return;
        }
    enter(l, STEP_DATA, 0);
}

static void header_step(struct http_layer *l, struct str *in)
{
    switch (l->step) {
    case STEP_FIXED:
        if (!collect(l, in))
            return;
        l->flags = l->gzip ? l->small[GZIP_FLAGS_AT] : 0;
        enter_next(l, STEP_FIXED);
        return;
    case STEP_EXTRA_LENGTH:
        if (collect(l, in))
            enter(l, STEP_EXTRA, l->small[0] | (uint32_t)l->small[1] << 8);
        return;
    case STEP_EXTRA:
    case STEP_HEADER_CRC: /* not checked: decoders differ, the data does not depend on it */
        skip(l, in);
        if (l->left == 0)
            enter_next(l, l->step);
        return;
    case STEP_NAME:
    case STEP_COMMENT:
        if (skip_text(in))
            enter_next(l, l->step);
        return;
    case STEP_PROBE:
    case STEP_DATA:
    case STEP_TRAILER:
    case STEP_AFTER:
    case STEP_PASS:
        break;
    }
}

static uint32_t little(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void trailer_step(struct http_body *b, struct http_layer *l, struct str *in)
{
    if (!collect(l, in))
        return;
    if (l->gzip && (little(l->small) != l->crc || little(l->small + 4) != l->made))
        b->odd |= HTTP_ODD(CODING_DAMAGED);
    enter(l, STEP_AFTER, 0);
}

/* Behind the end: another gzip member, or bytes that nobody asked for. */
static void after_step(struct http_body *b, struct http_layer *l, struct str *in)
{
    if (l->gzip && has_gzip_magic(*in)) {
        l->crc = l->made = 0;
        enter(l, STEP_FIXED, GZIP_FIXED);
        return;
    }
    b->odd |= HTTP_ODD(CODING_DAMAGED);
    *in = STR("");
}

/* ---- data ---- */

static void data_end(struct http_layer *l)
{
    codec_close(l->codec);
    l->codec = NULL;
    if (l->gzip)
        enter(l, STEP_TRAILER, GZIP_TRAILER);
    else
        enter(l, l->zlib ? STEP_TRAILER : STEP_AFTER, l->zlib ? ZLIB_TRAILER : 0);
}

static void data_step(struct http_body *b, struct http_layer *l, struct str *in)
{
    char window[WINDOW];
    struct inflate_io io = {.in = (const uint8_t *)in->p, .in_n = (size_t)in->n};
    enum codec_step step;
    if (l->codec == NULL)
        l->codec =
            codec_open(l->coding == CODING_BROTLI ? CODEC_BROTLI : CODEC_DEFLATE, b->store->held,
                       (uint64_t)b->store->limits->v[LIMIT_http_held_all_max]);
    do {
        io.out = (uint8_t *)window;
        io.out_n = sizeof window;
        step = codec_run(l->codec, &io);
        size_t made = sizeof window - io.out_n;
        if (made > 0 && !body_may_make(b, made))
            return;
        if (l->gzip)
            l->crc = codec_crc32(l->crc, window, made);
        l->made += (uint32_t)made;
        if (made > 0)
            layer_out(b, l, (struct str){window, (ptrdiff_t)made});
    } while (step == CODEC_ON && io.out_n == 0 && !b->stopped);
    *in = step == CODEC_ON ? STR("") : str_sub(*in, in->n - (ptrdiff_t)io.in_n, in->n);
    if (step == CODEC_END)
        data_end(l);
    if (step == CODEC_BAD) {
        b->odd |= HTTP_ODD(CODING_DAMAGED);
        l->over = true;
    }
}

static void layer_block(struct http_body *b, struct http_layer *l, struct str in)
{
    if (l == b->layers)
        b->coded += (uint64_t)in.n;
    if (l->step == STEP_PROBE)
        probe(b, l, in);
    while (in.n > 0 && !l->over && !b->stopped) {
        if (l->step == STEP_PASS) {
            layer_out(b, l, in);
            return;
        }
        if (l->step == STEP_DATA)
            data_step(b, l, &in);
        else if (l->step == STEP_TRAILER)
            trailer_step(b, l, &in);
        else if (l->step == STEP_AFTER)
            after_step(b, l, &in);
        else
            header_step(l, &in);
    }
}

void layer_add(struct http_body *b, struct http_layer *l, struct str bytes)
{
    while (bytes.n > 0 && !l->over && !b->stopped) {
        if (l->block_n == 0 && bytes.n >= BLOCK) {
            layer_block(b, l, str_sub(bytes, 0, BLOCK));
            bytes = str_sub(bytes, BLOCK, bytes.n);
            continue;
        }
        ptrdiff_t room = BLOCK - (ptrdiff_t)l->block_n, n = bytes.n < room ? bytes.n : room;
        memcpy(l->block + l->block_n, bytes.p, (size_t)n);
        l->block_n += (uint32_t)n;
        bytes = str_sub(bytes, n, bytes.n);
        if (l->block_n == BLOCK) {
            l->block_n = 0;
            layer_block(b, l, (struct str){l->block, BLOCK});
        }
    }
}

void layer_end(struct http_body *b, struct http_layer *l)
{
    for (; l != NULL; l = l->inner) {
        uint32_t n = l->block_n;
        l->block_n = 0;
        if (n > 0 && !l->over && !b->stopped)
            layer_block(b, l, (struct str){l->block, (ptrdiff_t)n});
        bool whole = l->step == STEP_AFTER || l->step == STEP_PASS || l->step == STEP_PROBE;
        if (!l->over && !whole)
            b->odd |= HTTP_ODD(CODING_DAMAGED);
        l->over = true;
    }
}
