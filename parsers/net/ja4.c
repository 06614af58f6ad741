/* ja4.c: the JA4 fingerprint of TLS clients over TCP (FoxIO-LLC/ja4, technical_details/JA4.md, BSD-3).
 *
 * Lists are sorted, so it survives shuffled extensions; GREASE is left out everywhere.  Beside the hashes
 * stands the readable form with the lists themselves. */
#include <stdlib.h>

#include "analyzer/base/hash.h"
#include "parsers/net/hello.h"

enum { PREFIX_LENGTH = 10, HASH_LENGTH = 12, COUNT_MAX = 99, HEX_TEXT = 5 };

static const char hex_digits[] = "0123456789abcdef";

static const char *version_text(uint16_t v)
{
    static const struct {
        uint16_t version;
        const char *text;
    } known[] = {{0x0304, "13"}, {0x0303, "12"}, {0x0302, "11"}, {0x0301, "10"}, {0x0300, "s3"},
                 {0x0002, "s2"}, {0xfeff, "d1"}, {0xfefd, "d2"}, {0xfefc, "d3"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].version == v)
            return known[i].text;
    return "00";
}

static bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* First and last character of the first protocol; of its hexadecimal form where either is no letter or digit. */
static void put_alpn(const struct client_hello *h, char out[2])
{
    out[0] = out[1] = '0';
    if (h->alpn_count == 0 || h->alpn[0].n == 0)
        return;
    char first = h->alpn[0].p[0], last = h->alpn[0].p[h->alpn[0].n - 1];
    bool plain = is_alphanumeric(first) && is_alphanumeric(last);
    out[0] = plain ? first : hex_digits[(uint8_t)first >> 4];
    out[1] = plain ? last : hex_digits[(uint8_t)last & 15];
}

static void put_count(char *p, size_t n)
{
    n = n < COUNT_MAX ? n : COUNT_MAX;
    p[0] = (char)('0' + n / 10);
    p[1] = (char)('0' + n % 10);
}

static void put_prefix(const struct hello_lists *l, const struct client_hello *h, char *p)
{
    p[0] = 't';
    memcpy(p + 1, version_text(l->version), 2);
    p[3] = h->sni.p != NULL ? 'd' : 'i';
    put_count(p + 4, l->ciphers.n);
    put_count(p + 6, l->extensions.n);
    put_alpn(h, p + 8);
}

static int by_value(const void *a, const void *b)
{
    uint16_t x = *(const uint16_t *)a, y = *(const uint16_t *)b;
    return (x > y) - (x < y);
}

static struct hello_list sorted_without(struct arena *a, const struct hello_list *l, bool (*leave_out)(uint16_t))
{
    struct hello_list s = {ARENA_ARRAY(a, uint16_t, l->n + 1), 0};
    for (size_t i = 0; i < l->n; i++)
        if (leave_out == NULL || !leave_out(l->v[i]))
            s.v[s.n++] = l->v[i];
    qsort(s.v, s.n, sizeof *s.v, by_value);
    return s;
}

static bool is_sni_or_alpn(uint16_t extension)
{
    return extension == EXTENSION_SNI || extension == EXTENSION_ALPN;
}

static char *put_hex_list(char *p, const struct hello_list *l)
{
    for (size_t i = 0; i < l->n; i++) {
        if (i > 0)
            *p++ = ',';
        for (int shift = 12; shift >= 0; shift -= 4)
            *p++ = hex_digits[l->v[i] >> shift & 15];
    }
    return p;
}

/* The first twelve digits of SHA-256; of an empty list twelve zeros. */
static void put_hash(struct str s, bool empty, char *p)
{
    char hex[65];
    struct sha256 digest = sha256_of(s);
    sha256_hex(&digest, hex);
    memcpy(p, empty ? "000000000000" : hex, HASH_LENGTH);
}

void ja4_of(struct arena *a, const struct hello_lists *l, struct client_hello *h)
{
    struct hello_list ciphers = sorted_without(a, &l->ciphers, NULL);
    struct hello_list extensions = sorted_without(a, &l->extensions, is_sni_or_alpn);
    size_t room = PREFIX_LENGTH + 3 + (ciphers.n + extensions.n + l->algorithms.n) * HEX_TEXT;
    char *text = ARENA_ARRAY(a, char, room), *p = text + PREFIX_LENGTH;

    put_prefix(l, h, text);
    *p++ = '_';
    char *from_b = p;
    p = put_hex_list(p, &ciphers);
    struct str b = {from_b, p - from_b};
    *p++ = '_';
    char *from_c = p;
    p = put_hex_list(p, &extensions);
    if (l->algorithms.n > 0) {
        *p++ = '_';
        p = put_hex_list(p, &l->algorithms);
    }
    struct str c = {from_c, p - from_c};
    h->ja4_raw = (struct str){text, p - text};
    memcpy(h->ja4, text, PREFIX_LENGTH);
    h->ja4[PREFIX_LENGTH] = h->ja4[PREFIX_LENGTH + 1 + HASH_LENGTH] = '_';
    put_hash(b, ciphers.n == 0, h->ja4 + PREFIX_LENGTH + 1);
    put_hash(c, extensions.n == 0, h->ja4 + PREFIX_LENGTH + 2 + HASH_LENGTH);
    h->ja4[sizeof h->ja4 - 1] = '\0';
}
