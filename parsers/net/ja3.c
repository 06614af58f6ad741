/* ja3.c: the JA3 fingerprint (salesforce/ja3, README.md): MD5 over version, ciphers, extensions, groups
 * and point formats in decimal, in wire order, without GREASE.  Clients that shuffle their extensions
 * have many; it is kept because lists of known robots are kept by it. */
#include "analyzer/base/hash.h"
#include "parsers/net/hello.h"

enum { NUMBER_TEXT_MAX = 6 }; /* "65535" and what separates it */

static char *put_number(char *p, uint32_t v)
{
    char digits[NUMBER_TEXT_MAX];
    int n = 0;
    do
        digits[n++] = (char)('0' + v % 10);
    while ((v /= 10) > 0);
    while (n > 0)
        *p++ = digits[--n];
    return p;
}

static char *put_list(char *p, const struct hello_list *l)
{
    for (size_t i = 0; i < l->n; i++) {
        if (i > 0)
            *p++ = '-';
        p = put_number(p, l->v[i]);
    }
    return p;
}

static void md5_hex(struct str s, char out[33])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t md[DIGEST_BYTES_MAX];
    struct digest_stream *d = digest_open(DIGEST_MD5);
    out[0] = '\0';
    if (d == NULL)
        return;
    digest_add(d, s.p, (size_t)s.n);
    digest_close(d, md);
    for (int i = 0; i < 16; i++) {
        out[2 * i] = digits[md[i] >> 4];
        out[2 * i + 1] = digits[md[i] & 15];
    }
    out[32] = '\0';
}

void ja3_of(struct arena *a, const struct hello_lists *l, struct client_hello *h)
{
    size_t numbers = 1 + l->ciphers.n + l->extensions.n + l->groups.n + (size_t)l->point_formats.n;
    char *text = ARENA_ARRAY(a, char, numbers *NUMBER_TEXT_MAX + 4), *p = text;

    p = put_number(p, h->legacy_version);
    *p++ = ',';
    p = put_list(p, &l->ciphers);
    *p++ = ',';
    p = put_list(p, &l->extensions);
    *p++ = ',';
    p = put_list(p, &l->groups);
    *p++ = ',';
    for (ptrdiff_t i = 0; i < l->point_formats.n; i++) {
        if (i > 0)
            *p++ = '-';
        p = put_number(p, (uint8_t)l->point_formats.p[i]);
    }
    h->ja3_raw = (struct str){text, p - text};
    md5_hex(h->ja3_raw, h->ja3);
}
