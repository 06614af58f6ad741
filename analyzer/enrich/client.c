/* client.c: the client's address behind the site's own proxies.
 *
 * Headers are tried in the profile's order, the first one that gives an address decides.  Lists are
 * cut at their commas from the right, quotes or not: what our own proxies appended is well formed,
 * and what the client wrote to the left of it must not be able to hide it.  The walk ends at the
 * first hop that is no trusted proxy, or at one that does not say (RFC 7239 "unknown" and
 * "_hidden", an element without for=): then the client is the last hop that is known, which is one
 * of our proxies. */
#include "analyzer/enrich/client.h"

enum { HOP_BYTES_MAX = 512 }; /* one element of a chain; a longer one is malformed */

enum hop { HOP_ADDRESS, HOP_HIDDEN, HOP_INVALID };
enum chain_kind { CHAIN_SINGLE, CHAIN_LIST, CHAIN_FORWARDED };

static bool is_logged(struct str s)
{
    return s.n > 0 && !(s.n == 1 && s.p[0] == '-');
}

static bool is_trusted(const struct site *s, const struct ip *a)
{
    for (size_t i = 0; i < s->proxies_count; i++)
        if (cidr_has(&s->proxies[i], a))
            return true;
    return false;
}

/* Headers that proxies set to one address, replacing what the client sent. */
static enum chain_kind kind_of(struct str header)
{
    static const struct str singles[] = {
        STR_INIT("cf-connecting-ip"), STR_INIT("cf-connecting-ipv6"), STR_INIT("true-client-ip"),
        STR_INIT("x-real-ip"),        STR_INIT("incap-client-ip"),    STR_INIT("fastly-client-ip")};
    for (size_t i = 0; i < sizeof singles / sizeof *singles; i++)
        if (str_eq(singles[i], header))
            return CHAIN_SINGLE;
    return str_eq(header, STR("forwarded")) ? CHAIN_FORWARDED : CHAIN_LIST;
}

/* Quotes as the log wrote them (\", \x22 and \u0022) become quotes again, in buf. */
static struct str with_quotes(struct str s, char *buf)
{
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < s.n; i++) {
        struct str left = str_sub(s, i, s.n);
        buf[n++] = s.p[i];
        if (s.p[i] != '\\')
            continue;
        ptrdiff_t used = str_starts(left, STR("\\\""))      ? 2
                         : str_starts(left, STR("\\x22"))   ? 4
                         : str_starts(left, STR("\\u0022")) ? 6
                                                            : 0;
        if (used > 0) {
            buf[n - 1] = '"';
            i += used - 1;
        }
    }
    return (struct str){buf, n};
}

/* The value of for= in one element of Forwarded (RFC 7239 section 4); missing without one. */
static struct str forwarded_for(struct str element)
{
    while (element.p != NULL) {
        struct str pair, name;
        element = str_cut(element, ';', &pair);
        struct str value = str_cut(pair, '=', &name);
        if (value.p == NULL || !str_eq_nocase(str_trim(name), STR("for")))
            continue;
        value = str_trim(value);
        if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"')
            value = str_sub(value, 1, value.n - 1);
        return value;
    }
    return STR_NONE;
}

static enum hop read_hop(enum chain_kind kind, struct str element, struct ip *out)
{
    char buf[HOP_BYTES_MAX];
    uint16_t port;
    if (element.n > HOP_BYTES_MAX)
        return HOP_INVALID;
    /* The format's one chain may be either header; an '=' tells, element by element. */
    if (kind == CHAIN_FORWARDED || str_find(element, '=', 0) >= 0) {
        element = forwarded_for(with_quotes(element, buf));
        if (element.p == NULL)
            return HOP_HIDDEN;
    }
    element = str_trim(element);
    if (str_eq_nocase(element, STR("unknown")) || (element.n > 0 && element.p[0] == '_'))
        return HOP_HIDDEN;
    if (element.n == 0 || !ip_parse_port(element, out, &port) || ip_is_zero(out))
        return HOP_INVALID;
    return HOP_ADDRESS;
}

/* Takes the element behind the last comma off *chain; missing when the chain is used up. */
static struct str take_last(struct str *chain)
{
    if (chain->p == NULL)
        return STR_NONE;
    struct str whole = *chain;
    const char *comma = whole.n > 0 ? memrchr(whole.p, ',', (size_t)whole.n) : NULL;
    if (comma == NULL) {
        *chain = STR_NONE;
        return whole;
    }
    *chain = str_sub(whole, 0, comma - whole.p);
    return str_sub(whole, comma - whole.p + 1, whole.n);
}

static void walk(const struct site *s, struct event *e, enum chain_kind kind, struct str chain)
{
    struct ip hop;
    do {
        enum hop read = read_hop(kind, kind == CHAIN_SINGLE ? chain : take_last(&chain), &hop);
        if (read == HOP_INVALID)
            e->odd |= ODD(FORWARDED_INVALID);
        if (read != HOP_ADDRESS)
            return;
        e->client = hop;
        e->client_rule = CLIENT_FORWARDED;
    } while (kind != CHAIN_SINGLE && chain.p != NULL && is_trusted(s, &hop));
}

/* The value of a header as logged: a field of its own, or the format's one forwarded chain. */
static struct str header_value(const struct event *e, struct str header)
{
    for (size_t i = 0; i < e->extras_count; i++)
        if (e->extras[i].kind == EXTRA_REQUEST_HEADER && str_eq_nocase(e->extras[i].name, header))
            return e->extras[i].value;
    bool chain = str_eq(header, STR("x-forwarded-for")) || str_eq(header, STR("forwarded"));
    return chain ? e->forwarded : STR_NONE;
}

static bool has_forwarded(const struct site *s, const struct event *e)
{
    if (is_logged(e->forwarded))
        return true;
    for (size_t i = 0; e->extras_count > 0 && i < s->client_headers_count; i++)
        if (is_logged(header_value(e, s->client_headers[i])))
            return true;
    return false;
}

/* A format without the peer's address (only X-Forwarded-For is logged) stands behind the proxies
 * that the profile names, or the profile is wrong; a peer that is a host name is never trusted. */
static bool peer_is_trusted(const struct site *s, const struct event *e)
{
    const struct ip *peer = e->client_rule == CLIENT_PROXY ? &e->client : &e->peer;
    if (s->proxies_count == 0)
        return false;
    return (e->has & HAS(PEER)) == 0 || (!ip_is_zero(peer) && is_trusted(s, peer));
}

/* A PROXY header (captures only) speaks for a proxy of ours; where the profile names none, for whoever the
 * server let speak so. */
static void take_proxied(const struct site *s, struct event *e)
{
    if (e->net == NULL || ip_is_zero(&e->net->proxied))
        return;
    if (s->proxies_count > 0 && !is_trusted(s, &e->peer)) {
        e->odd |= ODD(FORWARDED_UNTRUSTED);
        return;
    }
    e->client = e->net->proxied;
    e->client_port = e->net->proxied_port;
    e->client_rule = CLIENT_PROXY;
}

void client_resolve(const struct site *s, struct event *e)
{
    e->client = e->peer;
    e->client_rule = ip_is_zero(&e->peer) ? CLIENT_NONE : CLIENT_PEER;
    take_proxied(s, e);
    if (s->proxies_count == 0 && e->forwarded.n <= 0 && e->extras_count == 0)
        return;
    if (!has_forwarded(s, e))
        return;
    if (!peer_is_trusted(s, e)) {
        e->odd |= ODD(FORWARDED_UNTRUSTED);
        return;
    }
    for (size_t i = 0; i < s->client_headers_count && e->client_rule != CLIENT_FORWARDED; i++) {
        struct str value = header_value(e, s->client_headers[i]);
        if (is_logged(value))
            walk(s, e, kind_of(s->client_headers[i]), value);
    }
}
