/* ip.c: addresses and prefixes as text.
 *
 * ip_parse runs once per log line: dotted quads are read in one pass over the bytes, uncopied.
 * Leading zeros in a quad are refused (RFC 6943 section 3.1.1: some readers take them as octal). */
#include "analyzer/base/ip.h"

enum { V4_BITS = 96 }; /* length of the mapped prefix ::ffff:0:0/96 */

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

/* The whole slice as four octets. */
static bool quad_parse(const char *p, ptrdiff_t n, uint8_t out[4])
{
    ptrdiff_t i = 0;
    if (n < 7 || n > 15)
        return false;
    for (int octet = 0; octet < 4; octet++) {
        ptrdiff_t start = i;
        unsigned v = 0, digit;
        while (i < n && (digit = (unsigned)(unsigned char)p[i] - '0') <= 9) {
            v = v * 10 + digit;
            i++;
        }
        if (i == start || i - start > 3 || v > 255 || (p[start] == '0' && i - start > 1))
            return false;
        out[octet] = (uint8_t)v;
        if (octet < 3 && (i == n || p[i++] != '.'))
            return false;
    }
    return i == n;
}

struct groups {
    uint8_t b[16];
    int n;   /* bytes so far */
    int gap; /* position of "::", or -1 */
};

static void group_add(struct groups *g, unsigned v)
{
    g->b[g->n++] = (uint8_t)(v >> 8);
    g->b[g->n++] = (uint8_t)(v & 0xff);
}

/* One group or the dotted tail at p[*i]; leaves *i behind it. */
static bool group_take(struct groups *g, const char *p, ptrdiff_t n, ptrdiff_t *i)
{
    unsigned v = 0;
    ptrdiff_t start = *i, at = start;
    int digit;
    while (at < n && at - start < 5 && (digit = hex_digit(p[at])) >= 0) {
        v = v << 4 | (unsigned)digit;
        at++;
    }
    if (at < n && p[at] == '.') {
        if (g->n > 12 || !quad_parse(p + start, n - start, g->b + g->n))
            return false;
        g->n += 4;
        *i = n;
        return true;
    }
    if (at == start || at - start > 4 || g->n > 14)
        return false;
    group_add(g, v);
    *i = at;
    return true;
}

static bool groups_take(struct groups *g, const char *p, ptrdiff_t n)
{
    ptrdiff_t i = 0;
    if (p[0] == ':' && p[1] != ':')
        return false;
    while (i < n) {
        if (p[i] == ':' && i + 1 < n && p[i + 1] == ':') {
            if (g->gap >= 0)
                return false;
            g->gap = g->n;
            i += 2;
            continue;
        }
        if (p[i] == ':' && i > 0 && p[i - 1] != ':' && i + 1 < n)
            i++;
        if (!group_take(g, p, n, &i))
            return false;
    }
    return true;
}

static bool v6_parse(const char *p, ptrdiff_t n, struct ip *out)
{
    struct groups g = {.gap = -1};
    if (n < 2 || n > 45 || !groups_take(&g, p, n))
        return false;
    if (g.gap < 0 ? g.n != 16 : g.n > 14)
        return false;
    *out = (struct ip){{0}};
    int head = g.gap < 0 ? 16 : g.gap;
    memcpy(out->b, g.b, (size_t)head);
    int tail = g.n - head;
    memcpy(out->b + 16 - tail, g.b + head, (size_t)tail);
    return true;
}

bool ip_parse(struct str s, struct ip *out)
{
    uint8_t quad[4];
    if (quad_parse(s.p, s.n, quad)) {
        memcpy(out->b, mapped, sizeof mapped);
        memcpy(out->b + 12, quad, sizeof quad);
        return true;
    }
    return v6_parse(s.p, s.n, out);
}

static bool port_parse(struct str s, uint16_t *port)
{
    uint64_t v;
    if (s.n > 5 || !str_u64(s, &v) || v > UINT16_MAX)
        return false;
    *port = (uint16_t)v;
    return true;
}

bool ip_parse_port(struct str s, struct ip *out, uint16_t *port)
{
    struct ip a;
    uint16_t number = 0;
    struct str host = s, rest = STR_NONE;
    if (s.n > 0 && s.p[0] == '[') {
        rest = str_cut(str_sub(s, 1, s.n), ']', &host);
        if (rest.p == NULL || (rest.n > 0 && rest.p[0] != ':') || !v6_parse(host.p, host.n, &a))
            return false;
        rest = rest.n > 0 ? str_sub(rest, 1, rest.n) : STR_NONE;
    } else {
        ptrdiff_t colon = str_find(s, ':', 0);
        if (colon >= 0 && str_find(s, ':', colon + 1) < 0)
            rest = str_cut(s, ':', &host);
        if (!ip_parse(host, &a))
            return false;
    }
    if (rest.p != NULL && !port_parse(rest, &number))
        return false;
    *out = a;
    *port = number;
    return true;
}

/* Clears everything behind the first bits. */
static struct ip masked(const struct ip *a, unsigned bits)
{
    struct ip net = *a;
    for (unsigned i = 0; i < 16; i++) {
        unsigned kept = bits > 8 * i ? bits - 8 * i : 0;
        if (kept < 8)
            net.b[i] = (uint8_t)(net.b[i] & (0xff00u >> kept));
    }
    return net;
}

bool cidr_parse(struct str s, struct cidr *out)
{
    struct str host;
    struct str bits_text = str_cut(s, '/', &host);
    struct ip a;
    if (!ip_parse(host, &a))
        return false;
    bool quad = str_find(host, ':', 0) < 0;
    uint64_t bits = quad ? 32 : 128, most = bits;
    if (bits_text.p != NULL && (bits_text.n > 3 || !str_u64(bits_text, &bits) || bits > most))
        return false;
    out->bits = (uint8_t)(bits + (quad ? V4_BITS : 0));
    out->net = masked(&a, out->bits);
    return true;
}

bool cidr_has(const struct cidr *c, const struct ip *a)
{
    if (c->bits < V4_BITS && ip_is_v4(a))
        return false;
    struct ip net = masked(a, c->bits);
    return ip_eq(&net, &c->net);
}

bool ip_is_v4(const struct ip *a)
{
    return memcmp(a->b, mapped, sizeof mapped) == 0;
}

bool ip_is_zero(const struct ip *a)
{
    static const struct ip zero;
    return ip_eq(a, &zero);
}

static char *put_decimal(char *p, unsigned v)
{
    if (v >= 100)
        *p++ = (char)('0' + v / 100);
    if (v >= 10)
        *p++ = (char)('0' + v / 10 % 10);
    *p++ = (char)('0' + v % 10);
    return p;
}

static char *put_hex(char *p, unsigned v)
{
    static const char digits[] = "0123456789abcdef";
    for (int shift = 12; shift >= 0; shift -= 4)
        if (v >> shift != 0 || shift == 0)
            *p++ = digits[v >> shift & 15];
    return p;
}

static size_t quad_format(const uint8_t b[4], char *out)
{
    char *p = out;
    for (int i = 0; i < 4; i++) {
        if (i > 0)
            *p++ = '.';
        p = put_decimal(p, b[i]);
    }
    return (size_t)(p - out);
}

struct run {
    int at, n;
};

/* The first longest run of two or more zero groups (RFC 5952 section 4.2). */
static struct run zero_run(const unsigned group[8])
{
    struct run best = {-1, 1}, now = {0, 0};
    for (int i = 0; i < 8; i++) {
        if (group[i] != 0) {
            now.n = 0;
            continue;
        }
        if (now.n++ == 0)
            now.at = i;
        if (now.n > best.n)
            best = now;
    }
    return best;
}

size_t ip_format(const struct ip *a, char out[IP_TEXT_MAX])
{
    unsigned group[8];
    if (ip_is_v4(a))
        return quad_format(a->b + 12, out);
    for (int i = 0; i < 8; i++)
        group[i] = (unsigned)a->b[2 * i] << 8 | a->b[2 * i + 1];
    struct run gap = zero_run(group);
    char *p = out;
    for (int i = 0; i < 8; i++) {
        if (i == gap.at) {
            *p++ = ':';
            *p++ = ':';
            i += gap.n - 1;
            continue;
        }
        if (i > 0 && i != gap.at + gap.n)
            *p++ = ':';
        p = put_hex(p, group[i]);
    }
    return (size_t)(p - out);
}

struct ip ip_unit(const struct ip *a)
{
    return ip_is_v4(a) ? *a : masked(a, 64);
}
