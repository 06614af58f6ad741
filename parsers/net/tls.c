/* tls.c: the ClientHello out of TLS records (RFC 8446 sections 4.1.2 and 5.1, RFC 6066, RFC 7301).
 *
 * Records are taken apart as they come, one byte at a time if need be; only the handshake message under
 * way is held, and never more than a ClientHello can have.  The frame of the message (lengths that must
 * meet its end) is read strictly, because everything after a key exchange is ciphertext that may look
 * like anything; an extension whose inside is damaged counts as present without content. */
#include "parsers/net/tls.h"

#include "parsers/net/hello.h"

enum {
    RECORD_CHANGE_CIPHER = 20,
    RECORD_HANDSHAKE = 22,
    HANDSHAKE_CLIENT_HELLO = 1,
    HANDSHAKE_HEADER = 4,
    RECORD_BYTES_MAX = 16384 + 2048, /* RFC 5246: with expansion */
    /* legacy version, random, session id, ciphers, compression, extensions: each at its largest */
    HELLO_BYTES_MAX = 2 + 32 + 256 + 65537 + 256 + 65537,
    EXTENSION_GROUPS = 0x000a,
    EXTENSION_POINT_FORMATS = 0x000b,
    EXTENSION_ALGORITHMS = 0x000d,
    EXTENSION_VERSIONS = 0x002b
};

/* ---- fields; what a cursor cannot give is empty, and bad stays set ---- */

struct cursor {
    struct str s;
    bool bad;
};

static uint32_t take_number(struct cursor *c, int bytes)
{
    uint32_t v = 0;
    if (c->s.n < bytes) {
        c->bad = true;
        c->s = str_sub(c->s, c->s.n, c->s.n);
        return 0;
    }
    for (int i = 0; i < bytes; i++)
        v = v << 8 | (uint8_t)c->s.p[i];
    c->s = str_sub(c->s, bytes, c->s.n);
    return v;
}

static struct str take_bytes(struct cursor *c, ptrdiff_t n)
{
    struct str got = str_sub(c->s, 0, n);
    c->bad |= got.n < n;
    c->s = str_sub(c->s, got.n, c->s.n);
    return got;
}

/* A vector that its length precedes. */
static struct str take_vector(struct cursor *c, int length_bytes)
{
    return take_bytes(c, (ptrdiff_t)take_number(c, length_bytes));
}

/* GREASE (RFC 8701): 0x0a0a, 0x1a1a, ... 0xfafa. */
static bool is_grease(uint16_t v)
{
    return (v & 0x0f0f) == 0x0a0a && v >> 8 == (v & 0xff);
}

static void push_plain(struct hello_list *l, uint16_t v)
{
    if (!is_grease(v))
        l->v[l->n++] = v;
}

static struct hello_list list_of(struct arena *a, struct str bytes)
{
    struct hello_list l = {ARENA_ARRAY(a, uint16_t, bytes.n / 2 + 1), 0};
    struct cursor c = {bytes, false};
    while (c.s.n >= 2)
        push_plain(&l, (uint16_t)take_number(&c, 2));
    return l;
}

/* ---- extensions ---- */

static struct str read_sni(struct str body)
{
    struct cursor c = {body, false};
    struct cursor names = {take_vector(&c, 2), false};
    bool host = take_number(&names, 1) == 0;
    struct str name = take_vector(&names, 2);
    return host && !c.bad && !names.bad ? name : str_sub(body, 0, 0);
}

static void read_alpn(struct arena *a, struct str body, struct client_hello *h)
{
    struct cursor c = {body, false};
    struct cursor names = {take_vector(&c, 2), false};
    size_t n = 0;
    for (struct cursor count = names; count.s.n > 0; n++)
        take_vector(&count, 1);
    h->alpn = ARENA_ARRAY(a, struct str, n + 1);
    while (names.s.n > 0) {
        struct str name = take_vector(&names, 1);
        if (!names.bad)
            h->alpn[h->alpn_count++] = arena_str(a, name);
    }
}

/* Also the versions that have no place in h->versions count for the highest. */
static void read_versions(struct str body, struct client_hello *h, uint16_t *highest)
{
    struct cursor c = {body, false};
    struct cursor list = {take_vector(&c, 1), false};
    while (list.s.n >= 2) {
        uint16_t v = (uint16_t)take_number(&list, 2);
        if (h->versions_count < sizeof h->versions / sizeof *h->versions)
            h->versions[h->versions_count++] = v;
        if (!is_grease(v) && v > *highest)
            *highest = v;
    }
}

/* Of an extension that occurs twice the first one counts. */
static void read_extension(struct arena *a, uint32_t type, struct str body, struct hello_lists *l,
                           struct client_hello *h)
{
    struct cursor c = {body, false};
    switch (type) {
    case EXTENSION_SNI:
        if (h->sni.p == NULL)
            h->sni = arena_str(a, read_sni(body));
        break;
    case EXTENSION_ALPN:
        if (h->alpn == NULL)
            read_alpn(a, body, h);
        break;
    case EXTENSION_GROUPS:
        if (l->groups.v == NULL)
            l->groups = list_of(a, take_vector(&c, 2));
        break;
    case EXTENSION_POINT_FORMATS:
        if (l->point_formats.p == NULL)
            l->point_formats = take_vector(&c, 1);
        break;
    case EXTENSION_ALGORITHMS:
        if (l->algorithms.v == NULL)
            l->algorithms = list_of(a, take_vector(&c, 2));
        break;
    case EXTENSION_VERSIONS:
        if (h->versions_count == 0)
            read_versions(body, h, &l->version);
        break;
    default:
        break;
    }
}

static bool read_extensions(struct arena *a, struct str all, struct hello_lists *l, struct client_hello *h)
{
    struct cursor c = {all, false};
    l->extensions.v = ARENA_ARRAY(a, uint16_t, all.n / 4 + 1);
    while (c.s.n > 0) {
        uint32_t type = take_number(&c, 2);
        struct str body = take_vector(&c, 2);
        if (c.bad)
            return false;
        push_plain(&l->extensions, (uint16_t)type);
        read_extension(a, type, body, l, h);
    }
    return true;
}

/* The message behind its type and length.  Without extensions it ends after the compression methods. */
static bool read_hello(struct arena *a, struct str message, struct client_hello *h)
{
    struct hello_lists l = {.point_formats = STR_NONE};
    struct cursor c = {message, false};

    *h = (struct client_hello){.sni = STR_NONE};
    h->legacy_version = (uint16_t)take_number(&c, 2);
    take_bytes(&c, 32);
    struct str session = take_vector(&c, 1);
    struct str ciphers = take_vector(&c, 2);
    struct str compression = take_vector(&c, 1);
    if (c.bad || session.n > 32 || ciphers.n % 2 != 0 || compression.n == 0)
        return false;
    struct str extensions = c.s.n > 0 ? take_vector(&c, 2) : STR("");
    if (c.bad || c.s.n > 0 || !read_extensions(a, extensions, &l, h))
        return false;
    l.ciphers = list_of(a, ciphers);
    if (l.version == 0)
        l.version = h->legacy_version;
    ja3_of(a, &l, h);
    ja4_of(a, &l, h);
    return true;
}

/* ---- records ---- */

static bool record_is_plain(const struct hello_reader *r)
{
    uint32_t length = (uint32_t)r->header[3] << 8 | r->header[4];
    if (r->header[1] != 3 || length > RECORD_BYTES_MAX)
        return false;
    /* Between a HelloRetryRequest and the second hello many clients send a change of ciphers. */
    return r->header[0] == RECORD_HANDSHAKE || (r->header[0] == RECORD_CHANGE_CIPHER && length == 1);
}

static uint32_t message_length(const struct hello_reader *r)
{
    return (uint32_t)(uint8_t)r->body[1] << 16 | (uint32_t)(uint8_t)r->body[2] << 8 | (uint8_t)r->body[3];
}

/* How many bytes the message under way still lacks, as far as is known; 0: it is whole. */
static size_t body_wants(const struct hello_reader *r)
{
    if (r->body_n < HANDSHAKE_HEADER)
        return HANDSHAKE_HEADER - r->body_n;
    return HANDSHAKE_HEADER + message_length(r) - r->body_n;
}

static bool body_may_be_hello(const struct hello_reader *r)
{
    if (r->body_n > 0 && r->body[0] != HANDSHAKE_CLIENT_HELLO)
        return false;
    return r->body_n < HANDSHAKE_HEADER || message_length(r) <= HELLO_BYTES_MAX;
}

static void take_body(struct hello_reader *r, struct str *bytes)
{
    size_t n = body_wants(r);
    n = n < r->left ? n : r->left;
    n = n < (size_t)bytes->n ? n : (size_t)bytes->n;
    if (r->body_n + n > r->body_cap) {
        r->body_cap = (r->body_n + n) * 2;
        r->body = mem_grow(r->body, r->body_cap);
    }
    memcpy(r->body + r->body_n, bytes->p, n);
    r->body_n += n;
    r->left -= (uint32_t)n;
    *bytes = str_sub(*bytes, (ptrdiff_t)n, bytes->n);
}

static void skip_record(struct hello_reader *r, struct str *bytes)
{
    uint32_t n = (size_t)bytes->n < r->left ? (uint32_t)bytes->n : r->left;
    r->left -= n;
    *bytes = str_sub(*bytes, (ptrdiff_t)n, bytes->n);
}

static enum status no_hello(struct hello_reader *r)
{
    r->over = true;
    return STATUS_SKIP;
}

enum status hello_read(struct hello_reader *r, struct arena *a, struct str *bytes, struct client_hello *h)
{
    while (!r->over && bytes->n > 0) {
        if (r->left == 0) {
            r->header[r->header_n++] = (uint8_t)bytes->p[0];
            *bytes = str_sub(*bytes, 1, bytes->n);
            if (r->header_n < sizeof r->header)
                continue;
            if (!record_is_plain(r))
                return no_hello(r);
            r->type = r->header[0];
            r->left = (uint32_t)r->header[3] << 8 | r->header[4];
            r->header_n = 0;
            continue;
        }
        if (r->type != RECORD_HANDSHAKE) {
            skip_record(r, bytes);
            continue;
        }
        take_body(r, bytes);
        if (!body_may_be_hello(r))
            return no_hello(r);
        if (r->body_n < HANDSHAKE_HEADER || body_wants(r) > 0)
            continue;
        struct str message = {r->body + HANDSHAKE_HEADER, (ptrdiff_t)(r->body_n - HANDSHAKE_HEADER)};
        r->body_n = 0;
        return read_hello(a, message, h) ? STATUS_OK : no_hello(r);
    }
    return r->over ? STATUS_SKIP : STATUS_MORE;
}

void hello_reader_free(struct hello_reader *r)
{
    mem_free(r->body);
    *r = (struct hello_reader){.over = true};
}

bool tls_recognises(struct str head)
{
    return head.n >= 3 && head.p[0] == RECORD_HANDSHAKE && head.p[1] == 3 &&
           (head.n < 6 || head.p[5] == HANDSHAKE_CLIENT_HELLO || (head.p[3] == 0 && head.p[4] == 0));
}

enum status tls_client_hello(struct arena *a, struct str bytes, struct client_hello *h)
{
    struct hello_reader r = {.left = 0};
    enum status st = hello_read(&r, a, &bytes, h);
    hello_reader_free(&r);
    return st;
}
