/* net_event.c: a transaction or a ClientHello as an event.  All texts are copied into the batch's arena; a
 * header that was not sent is absent, one that was sent empty is empty. */
#include "parsers/log/field.h"
#include "parsers/net/net_priv.h"

/* Beside those that the site asks for. */
static const struct str usual_headers[] = {
    STR_INIT("forwarded"),       STR_INIT("cf-connecting-ip"), STR_INIT("true-client-ip"),
    STR_INIT("x-real-ip"),       STR_INIT("content-type"),     STR_INIT("origin"),
    STR_INIT("accept-language"), STR_INIT("x-requested-with")};

/* ---- headers ---- */

static const struct http_header *find_header(const struct http_transaction *t, size_t from, struct str name)
{
    for (size_t i = from; i < t->request_headers_count; i++)
        if (str_eq_nocase(t->request_headers[i].name, name))
            return &t->request_headers[i];
    return NULL;
}

/* The values of a header that may be sent in several lines (RFC 9110 section 5.3), joined. */
static struct str joined(struct arena *a, const struct http_transaction *t, struct str name, struct str by)
{
    const struct http_header *first = find_header(t, 0, name), *x = first;
    ptrdiff_t n = 0;
    if (first == NULL)
        return STR_NONE;
    size_t from = (size_t)(first - t->request_headers) + 1;
    if (find_header(t, from, name) == NULL)
        return arena_str(a, first->value);
    for (; x != NULL; x = find_header(t, (size_t)(x - t->request_headers) + 1, name))
        n += x->value.n + by.n;
    char *text = ARENA_ARRAY(a, char, n), *p = text;
    for (x = first; x != NULL; x = find_header(t, (size_t)(x - t->request_headers) + 1, name)) {
        if (x != first) {
            memcpy(p, by.p, (size_t)by.n);
            p += by.n;
        }
        if (x->value.n > 0)
            memcpy(p, x->value.p, (size_t)x->value.n);
        p += x->value.n;
    }
    return (struct str){text, p - text};
}

static struct str first_value(struct arena *a, const struct http_transaction *t, struct str name)
{
    const struct http_header *h = find_header(t, 0, name);
    return h == NULL ? STR_NONE : arena_str(a, h->value);
}

static void set_text(struct event *e, uint32_t field, struct str *slot, struct str value)
{
    *slot = value;
    e->has |= field;
    if (value.p == NULL)
        e->absent |= field;
}

static void add_extra(struct arena *a, const struct http_transaction *t, struct str name, struct event *e)
{
    for (size_t i = 0; i < e->extras_count; i++)
        if (str_eq(e->extras[i].name, name))
            return;
    struct str value = joined(a, t, name, STR(", "));
    if (value.p != NULL)
        field_extra(e, EXTRA_REQUEST_HEADER, name, value);
}

static void set_headers(const struct net_parser *n, struct arena *a, const struct http_transaction *t,
                        struct event *e)
{
    struct str host = first_value(a, t, STR("host"));
    set_text(e, HAS(REFERER), &e->referer, first_value(a, t, STR("referer")));
    set_text(e, HAS(AGENT), &e->agent, first_value(a, t, STR("user-agent")));
    set_text(e, HAS(COOKIES), &e->cookies, joined(a, t, STR("cookie"), STR("; ")));
    set_text(e, HAS(FORWARDED), &e->forwarded, joined(a, t, STR("x-forwarded-for"), STR(", ")));
    set_text(e, HAS(HOST), &e->host, host);
    for (size_t i = 0; i < n->options->headers_count; i++)
        if (!str_eq(n->options->headers[i], STR("x-forwarded-for")))
            add_extra(a, t, n->options->headers[i], e);
    if (host.p != NULL)
        field_host(e, host);
    for (size_t i = 0; i < sizeof usual_headers / sizeof *usual_headers; i++)
        add_extra(a, t, usual_headers[i], e);
}

static const struct event_header *copy_headers(struct arena *a, const struct http_header *h, size_t n)
{
    struct event_header *copy = ARENA_ARRAY(a, struct event_header, n + 1);
    for (size_t i = 0; i < n; i++)
        copy[i] = (struct event_header){arena_str(a, h[i].name), arena_str(a, h[i].value)};
    return copy;
}

/* ---- the request line ---- */

static void set_request(struct arena *a, const struct http_transaction *t, struct event *e)
{
    e->has |= HAS(REQUEST) | HAS(METHOD) | HAS(TARGET) | HAS(VERSION);
    if (!t->has_request || t->method.p == NULL) {
        e->absent |= HAS(REQUEST) | HAS(METHOD) | HAS(TARGET) | HAS(VERSION);
        return;
    }
    const struct str parts[] = {t->method, t->target, t->version_text};
    char *line = ARENA_ARRAY(a, char, t->method.n + t->target.n + t->version_text.n + 2), *p = line;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i].n <= 0)
            continue;
        if (p > line)
            *p++ = ' ';
        memcpy(p, parts[i].p, (size_t)parts[i].n);
        p += parts[i].n;
    }
    field_request(e, (struct str){line, p - line});
    e->http_version = t->http_version;
}

static void set_times(const struct http_transaction *t, struct event *e)
{
    bool asked = t->request_first_us != INT64_MIN, answered = t->response_last_us != INT64_MIN;
    e->time_us = asked ? t->request_first_us : t->response_first_us;
    e->meaning = TIME_MEANS_REQUEST_START;
    e->resolution_us = 1;
    e->has |= HAS(TIME) | HAS(DURATION);
    if (asked && answered && t->response_last_us >= t->request_first_us)
        e->duration_us = t->response_last_us - t->request_first_us;
    else
        e->absent |= HAS(DURATION);
}

static void set_answer(const struct http_transaction *t, struct event *e)
{
    e->has |= HAS(STATUS) | HAS(BYTES);
    e->status = t->status;
    e->bytes = (int64_t)t->response_body_len;
    if (t->response_first_us == INT64_MIN)
        e->absent |= HAS(STATUS) | HAS(BYTES);
}

/* ---- what only a capture knows ---- */

static void set_client(const struct connection *c, struct event *e, struct event_net *net)
{
    const struct net_conn *conn = c->user;
    e->peer = c->client;
    e->client_port = c->client_port;
    e->has |= HAS(PEER) | HAS(PORT);
    net->connection = c->number;
    if (conn->proxy.has_addresses) {
        net->proxied = conn->proxy.src;
        net->proxied_port = conn->proxy.src_port;
    }
    if (conn->proxy_bad || conn->proxy.malformed)
        e->odd |= ODD(PROXY_INVALID);
}

static const uint64_t *copy_packets(struct arena *a, const uint64_t *packets, uint32_t n)
{
    uint64_t *copy = ARENA_ARRAY(a, uint64_t, n + 1);
    if (n > 0)
        memcpy(copy, packets, n * sizeof *copy);
    return copy;
}

static void set_anomalies(struct arena *a, uint32_t bits, struct event_net *net)
{
    const char **names = ARENA_ARRAY(a, const char *, HTTP_ODD_COUNT);
    for (int i = 0; i < HTTP_ODD_COUNT; i++)
        if ((bits >> i & 1) != 0)
            names[net->anomalies_count++] = http_odd_table[i].name;
    net->anomalies = names;
}

static void set_net(const struct net_parser *n, struct arena *a, const struct http_transaction *t,
                    struct event_net *net)
{
    net->transaction = t->number;
    net->completeness = completeness_names[t->completeness];
    net->packets = copy_packets(a, t->packets, t->packets_count);
    net->packets_count = t->packets_count;
    net->packets_more = t->packets_more;
    net->has_request_body = t->has_request_body;
    net->has_response_body = t->has_response_body;
    net->request_body_len = t->request_body_len;
    net->response_body_len = t->response_body_len;
    net->request_body_sha256 = t->request_body_sha256;
    net->response_body_sha256 = t->response_body_sha256;
    if (t->anomalies != 0)
        set_anomalies(a, t->anomalies, net);
    if (n->options->response_bodies)
        net->response_body = arena_str(a, t->response_body);
    net->request_headers = copy_headers(a, t->request_headers, t->request_headers_count);
    net->request_headers_count = t->request_headers_count;
}

static struct event *new_event(struct net_parser *n)
{
    struct event *e = n->batch->room(n->batch->user);
    *e = (struct event){.escaping = ESCAPING_NONE};
    return e;
}

void net_transaction(struct net_parser *n, const struct http_transaction *t)
{
    struct arena *a = n->batch->arena;
    struct event *e = new_event(n);
    struct event_net *net = ARENA_NEW(a, struct event_net);

    n->transactions++;
    e->record = t->packets_count > 0 ? t->packets[0] : 0;
    e->offset = t->first_offset;
    e->length = t->first_length;
    set_client(t->connection, e, net);
    set_times(t, e);
    set_request(a, t, e);
    set_headers(n, a, t, e);
    set_answer(t, e);
    set_text(e, HAS(BODY), &e->body, t->has_request_body ? arena_str(a, t->request_body) : STR_NONE);
    set_net(n, a, t, net);
    e->net = net;
}

void net_hello(struct net_parser *n, const struct connection *c, const struct client_hello *h)
{
    struct arena *a = n->batch->arena;
    const struct hello_state *s = ((const struct net_conn *)c->user)->hello;
    struct event *e = new_event(n);
    struct event_net *net = ARENA_NEW(a, struct event_net);
    struct event_hello *hello = ARENA_NEW(a, struct event_hello);

    n->hellos++;
    e->record = s->packets[0];
    e->offset = s->first.offset;
    e->length = s->first.length;
    e->time_us = s->first.time_us;
    e->meaning = TIME_MEANS_REQUEST_START;
    e->resolution_us = 1;
    e->has = HAS(TIME) | HAS(TLS);
    set_client(c, e, net);
    net->transaction = ((const struct net_conn *)c->user)->hellos;
    net->completeness = completeness_names[COMPLETE];
    net->packets = copy_packets(a, s->packets, s->count);
    net->packets_count = s->count;
    net->packets_more = s->more;
    *hello = (struct event_hello){.sni = h->sni, .alpn = h->alpn, .alpn_count = h->alpn_count,
                                  .ja3_raw = h->ja3_raw, .ja4_raw = h->ja4_raw};
    hello->ja3 = h->ja3[0] != '\0' ? arena_str(a, str_of(h->ja3)) : STR_NONE;
    hello->ja4 = arena_str(a, str_of(h->ja4));
    net->hello = hello;
    e->net = net;
}
