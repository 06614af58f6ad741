/* proxy.c: see proxy.h.  A header that does not keep to the letter is none: the bytes stay in the stream,
 * as a server that obeys the specification would refuse the connection. */
#include "parsers/net/proxy.h"

#include "parsers/net/bytes.h"

enum { V1_BYTES_MAX = 107, V2_FIXED = 16, V2_TCP4 = 0x11, V2_UDP4 = 0x12, V2_TCP6 = 0x21, V2_UDP6 = 0x22 };

static const struct str v1_start = STR_INIT("PROXY ");
static const struct str v2_start = STR_INIT("\r\n\r\n\0\r\nQUIT\n");

static bool may_become(struct str head, struct str start)
{
    return head.n < start.n && str_starts(start, head);
}

/* ---- version 1: "PROXY TCP4 192.0.2.1 198.51.100.2 4711 443\r\n" ---- */

static bool read_port(struct str s, uint16_t *port)
{
    uint64_t v;
    if (s.n < 1 || s.n > 5 || (s.n > 1 && s.p[0] == '0') || !str_u64(s, &v) || v > UINT16_MAX)
        return false;
    *port = (uint16_t)v;
    return true;
}

static bool read_address(struct str s, bool v4, struct ip *out)
{
    return ip_parse(s, out) && (str_find(s, ':', 0) < 0) == v4;
}

static bool read_v1_line(struct str line, struct proxy_header *h)
{
    struct str family, src, dst, port;
    struct str rest = str_cut(line, ' ', &family);
    if (str_eq(family, STR("UNKNOWN")))
        return true;
    bool v4 = str_eq(family, STR("TCP4"));
    if (!v4 && !str_eq(family, STR("TCP6")))
        return false;
    rest = str_cut(rest, ' ', &src);
    rest = str_cut(rest, ' ', &dst);
    rest = str_cut(rest, ' ', &port);
    h->has_addresses = read_address(src, v4, &h->src) && read_address(dst, v4, &h->dst) &&
                       read_port(port, &h->src_port) && read_port(rest, &h->dst_port);
    return h->has_addresses;
}

static enum status read_v1(struct str head, struct proxy_header *h)
{
    ptrdiff_t end = str_find(str_sub(head, 0, V1_BYTES_MAX), '\n', 0);
    h->version = 1;
    if (end < 0)
        return head.n < V1_BYTES_MAX ? STATUS_MORE : STATUS_SKIP;
    if (head.p[end - 1] != '\r' || !read_v1_line(str_sub(head, v1_start.n, end - 1), h))
        return STATUS_SKIP;
    h->length = end + 1;
    return STATUS_OK;
}

/* ---- version 2 ---- */

static struct ip v4_at(const uint8_t *p)
{
    struct ip a = {{0}};
    a.b[10] = a.b[11] = 0xff;
    memcpy(a.b + 12, p, 4);
    return a;
}

/* Bytes of both addresses with their ports; 0 for families that name no IP address. */
static ptrdiff_t read_v2_addresses(uint8_t family, const uint8_t *p, ptrdiff_t n, struct proxy_header *h)
{
    if ((family == V2_TCP4 || family == V2_UDP4) && n >= 12) {
        h->src = v4_at(p);
        h->dst = v4_at(p + 4);
        h->src_port = be16(p + 8);
        h->dst_port = be16(p + 10);
        return 12;
    }
    if ((family == V2_TCP6 || family == V2_UDP6) && n >= 36) {
        memcpy(h->src.b, p, 16);
        memcpy(h->dst.b, p + 16, 16);
        h->src_port = be16(p + 32);
        h->dst_port = be16(p + 34);
        return 36;
    }
    return 0;
}

static bool values_fit(const uint8_t *p, ptrdiff_t n)
{
    while (n >= 3) {
        ptrdiff_t whole = 3 + be16(p + 1);
        if (whole > n)
            return false;
        p += whole;
        n -= whole;
    }
    return n == 0;
}

static enum status read_v2(struct str head, struct proxy_header *h)
{
    const uint8_t *p = (const uint8_t *)head.p;
    h->version = 2;
    if (head.n < V2_FIXED)
        return STATUS_MORE;
    uint8_t command = p[12] & 15, family = p[13];
    ptrdiff_t length = be16(p + 14);
    if (p[12] >> 4 != 2 || command > 1)
        return STATUS_SKIP;
    if (head.n < V2_FIXED + length)
        return STATUS_MORE;
    h->length = V2_FIXED + length;
    if (command == 0) /* LOCAL: the proxy speaks for itself */
        return STATUS_OK;
    ptrdiff_t used = read_v2_addresses(family, p + V2_FIXED, length, h);
    h->has_addresses = used > 0;
    h->malformed = used > 0 && !values_fit(p + V2_FIXED + used, length - used);
    return STATUS_OK;
}

enum status proxy_read(struct str head, struct proxy_header *h)
{
    *h = (struct proxy_header){.length = 0};
    if (may_become(head, v1_start) || may_become(head, v2_start))
        return STATUS_MORE;
    if (str_starts(head, v1_start))
        return read_v1(head, h);
    if (str_starts(head, v2_start))
        return read_v2(head, h);
    return STATUS_SKIP;
}
