/* ip.h: addresses as 16 bytes (IPv4 mapped, RFC 4291 section 2.5.5.2) and prefixes. */
#ifndef VIGIE_BASE_IP_H
#define VIGIE_BASE_IP_H

#include "analyzer/base/str.h"

struct ip {
    uint8_t b[16];
};
struct cidr {
    struct ip net;
    uint8_t bits; /* 0-128, counted in the mapped form: an IPv4 /24 is 120 */
};

#define IP_TEXT_MAX 46

/* Plain textual forms; a zone id ("%eth0") is refused.  False leaves *out alone. */
bool ip_parse(struct str s, struct ip *out);
/* "203.0.113.7", "[2001:db8::1]:443", "203.0.113.7:443", "::ffff:1.2.3.4"; port 0 when absent. */
bool ip_parse_port(struct str s, struct ip *out, uint16_t *port);
bool cidr_parse(struct str s, struct cidr *out); /* a bare address is a /32 or /128 */
/* An IPv6 prefix, however short, never holds an IPv4 address ("::/0" is all of IPv6). */
bool cidr_has(const struct cidr *c, const struct ip *a);
bool ip_is_v4(const struct ip *a);
bool ip_is_zero(const struct ip *a); /* all zero: "no address" */
static inline bool ip_eq(const struct ip *a, const struct ip *b) { return memcmp(a, b, 16) == 0; }
/* RFC 5952 text without NUL; returns its length (at most IP_TEXT_MAX). */
size_t ip_format(const struct ip *a, char out[IP_TEXT_MAX]);
/* The unit that is counted: the address for IPv4, the /64 for IPv6 (DETECTION: never compare /128). */
struct ip ip_unit(const struct ip *a);

#endif
