/* event.c: undoing the escaping of a log format. */
#include "analyzer/model/event.h"

/* Length of the escape at p, which starts with a backslash, and the byte it stands for; 0 when it
 * is none.  nginx writes \xHH only (ngx_http_log_escape), Apache also letters as in C
 * (ap_escape_logitem). */
static ptrdiff_t escape_read(enum escaping e, const char *p, ptrdiff_t left, char *byte)
{
    static const char letters[] = "\"\\bnrtv", meant[] = "\"\\\b\n\r\t\v";
    if (left >= 4 && p[1] == 'x') {
        int high = hex_digit(p[2]), low = hex_digit(p[3]);
        *byte = (char)(unsigned char)(high * 16 + low);
        return high >= 0 && low >= 0 ? 4 : 0;
    }
    if (e != ESCAPING_APACHE || left < 2 || p[1] == '\0')
        return 0;
    const char *letter = strchr(letters, p[1]);
    if (letter == NULL)
        return 0;
    *byte = meant[letter - letters];
    return 2;
}

struct str event_unescape(struct arena *a, enum escaping e, struct str s, bool *lies)
{
    if (e != ESCAPING_NGINX && e != ESCAPING_APACHE)
        return s;
    ptrdiff_t from = str_find(s, '\\', 0);
    if (from < 0)
        return s;
    char *out = arena_alloc(a, (size_t)s.n, 1);
    ptrdiff_t n = from;
    memcpy(out, s.p, (size_t)from);
    for (ptrdiff_t i = from; i < s.n;) {
        char byte = s.p[i];
        ptrdiff_t used = byte == '\\' ? escape_read(e, s.p + i, s.n - i, &byte) : 1;
        if (used == 0) {
            byte = '\\';
            used = 1;
            *lies = true;
        }
        out[n++] = byte;
        i += used;
    }
    return (struct str){out, n};
}

static const struct event_hello *keep_hello(struct arena *a, const struct event_hello *h)
{
    struct event_hello *k = ARENA_NEW(a, struct event_hello);

    *k = (struct event_hello){.sni = arena_str(a, h->sni), .alpn_count = h->alpn_count, .ja3 = arena_str(a, h->ja3),
                              .ja3_raw = arena_str(a, h->ja3_raw), .ja4 = arena_str(a, h->ja4),
                              .ja4_raw = arena_str(a, h->ja4_raw)};
    k->alpn = ARENA_ARRAY(a, struct str, h->alpn_count + 1);
    for (size_t i = 0; i < h->alpn_count; i++)
        k->alpn[i] = arena_str(a, h->alpn[i]);
    return k;
}

const struct event_net *event_net_keep(struct arena *a, const struct event_net *n)
{
    if (n == NULL)
        return NULL;
    struct event_net *k = ARENA_NEW(a, struct event_net);
    uint64_t *packets = ARENA_ARRAY(a, uint64_t, n->packets_count + 1);
    struct event_header *headers = ARENA_ARRAY(a, struct event_header, n->request_headers_count + 1);
    const char **anomalies = ARENA_ARRAY(a, const char *, n->anomalies_count + 1);

    *k = *n;
    for (uint32_t i = 0; i < n->packets_count; i++)
        packets[i] = n->packets[i];
    for (size_t i = 0; i < n->request_headers_count; i++)
        headers[i] = (struct event_header){arena_str(a, n->request_headers[i].name),
                                           arena_str(a, n->request_headers[i].value)};
    for (size_t i = 0; i < n->anomalies_count; i++)
        anomalies[i] = n->anomalies[i];
    k->packets = packets;
    k->request_headers = headers;
    k->anomalies = anomalies;
    k->response_body = STR_NONE;
    if (n->hello != NULL)
        k->hello = keep_hello(a, n->hello);
    return k;
}
