/* net.c: from the capture reader to events; see net.h.
 *
 * A connection costs nothing here until bytes come.  Its first bytes may be a PROXY header, which is taken
 * off; then every run of bytes is looked at until one begins as HTTP or as a ClientHello does: so a
 * connection picked up in its middle, or one that changes to TLS by agreement, is understood from there. */
#include "parsers/net/net.h"

#include "parsers/net/net_priv.h"

enum { CALL_PACKETS = 4096, CALL_BYTES = 256 * 1024 };

/* ---- what is held of a connection ---- */

static bool may_hold(struct net_parser *n, struct net_conn *c, size_t more)
{
    if (n->first_bytes + more <= (uint64_t)n->limits->v[LIMIT_first_bytes_max])
        return true;
    n->first_bytes_lost += !c->lost;
    c->lost = true;
    return false;
}

static void drop_held(struct net_parser *n, struct net_conn *c)
{
    n->first_bytes -= c->held_n;
    mem_free(c->held);
    c->held = NULL;
    c->held_n = 0;
}

static void drop_hello(struct net_parser *n, struct net_conn *c)
{
    if (c->hello == NULL)
        return;
    n->first_bytes -= sizeof *c->hello + c->hello->reader.body_cap;
    hello_reader_free(&c->hello->reader);
    mem_free(c->hello);
    c->hello = NULL;
}

static struct net_conn *conn_of(struct connection *c)
{
    if (c->user == NULL)
        c->user = mem_alloc(sizeof(struct net_conn));
    return c->user;
}

/* ---- ClientHellos ---- */

static void note_packet(struct hello_state *s, const struct stream_ref *ref)
{
    if (s->count == 0)
        s->first = *ref;
    else if (s->packets[s->count - 1] == ref->packet)
        return;
    if (s->count < HELLO_PACKETS_MAX)
        s->packets[s->count++] = ref->packet;
    else
        s->more++;
}

/* The room that the reader has taken since, within first_bytes_max. */
static bool account_hello(struct net_parser *n, struct net_conn *c, size_t before)
{
    size_t now = c->hello->reader.body_cap;
    bool room = may_hold(n, c, now - before);
    n->first_bytes += now - before;
    return room;
}

static void read_hellos(struct net_parser *n, struct connection *k, struct str bytes, const struct stream_ref *ref)
{
    struct net_conn *c = k->user;
    enum status st;
    do {
        struct client_hello h;
        size_t before = c->hello->reader.body_cap;
        note_packet(c->hello, ref);
        st = hello_read(&c->hello->reader, n->batch->arena, &bytes, &h);
        if (!account_hello(n, c, before))
            st = STATUS_SKIP;
        if (st != STATUS_OK)
            break;
        c->hellos++;
        c->tls = true;
        net_hello(n, k, &h);
        c->hello->count = c->hello->more = 0;
    } while (bytes.n > 0);
    if (st == STATUS_SKIP)
        drop_hello(n, c);
}

static void begin_hello(struct net_parser *n, struct net_conn *c)
{
    if (!may_hold(n, c, sizeof *c->hello))
        return;
    c->hello = mem_alloc(sizeof *c->hello);
    n->first_bytes += sizeof *c->hello;
}

/* ---- recognising ---- */

static void open_http(struct net_parser *n, const struct connection *k, struct net_conn *c)
{
    c->http = http_open(n->limits, &n->sink, k);
}

/* A run of the client's bytes behind the PROXY header, if there was one. */
static void client_run(struct net_parser *n, struct connection *k, struct str bytes, const struct stream_ref *ref)
{
    struct net_conn *c = k->user;
    if (bytes.n == 0)
        return;
    if (c->hello == NULL && tls_recognises(bytes))
        begin_hello(n, c);
    if (c->http == NULL && c->hello == NULL && !c->tls && http_recognises(bytes))
        open_http(n, k, c);
    if (c->hello != NULL)
        read_hellos(n, k, bytes, ref);
    if (c->http != NULL)
        http_bytes(c->http, STREAM_CLIENT, bytes, ref);
}

/* The client's first bytes are as they will be: what was held goes on its way. */
static void release_held(struct net_parser *n, struct connection *k)
{
    struct net_conn *c = k->user;
    struct str held = {c->held, (ptrdiff_t)c->held_n};
    c->started = true;
    c->held = NULL;
    if (held.n > 0) {
        client_run(n, k, held, &c->held_ref);
        n->first_bytes -= (uint64_t)held.n;
    }
    c->held_n = 0;
    mem_free((void *)(uintptr_t)held.p);
}

static void hold(struct net_parser *n, struct net_conn *c, struct str bytes, const struct stream_ref *ref)
{
    if (c->held_n == 0)
        c->held_ref = *ref;
    c->held = mem_grow(c->held, c->held_n + (size_t)bytes.n);
    memcpy(c->held + c->held_n, bytes.p, (size_t)bytes.n);
    c->held_n += (size_t)bytes.n;
    n->first_bytes += (uint64_t)bytes.n;
}

/* The first bytes with those that are held, as one text. */
static struct str first_text(const struct net_conn *c, struct arena *a, struct str bytes)
{
    if (c->held_n == 0)
        return bytes;
    char *p = ARENA_ARRAY(a, char, c->held_n + (size_t)bytes.n);
    memcpy(p, c->held, c->held_n);
    memcpy(p + c->held_n, bytes.p, (size_t)bytes.n);
    return (struct str){p, (ptrdiff_t)c->held_n + bytes.n};
}

static void first_bytes(struct net_parser *n, struct connection *k, struct str bytes, const struct stream_ref *ref)
{
    struct net_conn *c = k->user;
    struct proxy_header h;
    struct arena a = {.chunk_len = 1024};
    enum status st = proxy_read(first_text(c, &a, bytes), &h);
    arena_free(&a);
    if (st == STATUS_MORE && may_hold(n, c, (size_t)bytes.n)) {
        hold(n, c, bytes, ref);
        return;
    }
    if (st != STATUS_OK) {
        c->proxy_bad = h.version != 0;
        release_held(n, k);
        client_run(n, k, bytes, ref);
        return;
    }
    c->proxy = h;
    c->started = true;
    ptrdiff_t of_this_run = h.length - (ptrdiff_t)c->held_n;
    drop_held(n, c);
    client_run(n, k, str_sub(bytes, of_this_run, bytes.n), ref);
}

/* ---- what the streams say ---- */

static void on_opened(void *user, struct connection *k)
{
    (void)user;
    k->user = NULL;
}

static void on_bytes(void *user, struct connection *k, enum stream_side side, struct str bytes,
                     const struct stream_ref *ref)
{
    struct net_parser *n = user;
    struct net_conn *c = conn_of(k);
    if (side == STREAM_CLIENT && c->started)
        client_run(n, k, bytes, ref);
    else if (side == STREAM_CLIENT)
        first_bytes(n, k, bytes, ref);
    if (side == STREAM_CLIENT)
        return;
    if (c->http == NULL && !c->tls && str_starts(bytes, STR("HTTP/")))
        open_http(n, k, c);
    if (c->http != NULL)
        http_bytes(c->http, STREAM_SERVER, bytes, ref);
}

static void on_gap(void *user, struct connection *k, enum stream_side side, uint64_t missing,
                   const struct stream_ref *ref)
{
    struct net_parser *n = user;
    struct net_conn *c = conn_of(k);
    if (side == STREAM_CLIENT) {
        release_held(n, k);
        drop_hello(n, c);
    }
    if (c->http != NULL)
        http_gap(c->http, side, missing, ref);
}

static void on_differs(void *user, struct connection *k, enum stream_side side, const struct stream_difference *d)
{
    const struct net_conn *c = k->user;
    (void)user;
    if (c != NULL && c->http != NULL)
        http_differs(c->http, side, d);
}

static void on_finished(void *user, struct connection *k, enum stream_side side)
{
    struct net_conn *c = k->user;
    if (c == NULL)
        return;
    if (side == STREAM_CLIENT)
        release_held(user, k);
    if (c->http != NULL)
        http_finished(c->http, side);
}

static void on_closed(void *user, struct connection *k)
{
    struct net_parser *n = user;
    struct net_conn *c = k->user;
    if (c == NULL)
        return;
    release_held(n, k);
    if (c->http != NULL)
        http_close(c->http);
    n->not_understood += c->http == NULL && !c->tls;
    drop_hello(n, c);
    mem_free(c);
    k->user = NULL;
}

static void on_transaction(void *user, const struct http_transaction *t)
{
    net_transaction(user, t);
}

/* ---- packets and their place in the ledger ---- */

static enum reject verdict_on(enum decoded d)
{
    switch (d) {
    case DECODED_BROKEN:
        return REJECT_PACKET_BROKEN;
    case DECODED_TOO_DEEP:
        return REJECT_PACKET_TOO_DEEP;
    case DECODED_LINK:
        return REJECT_LINK_UNKNOWN;
    case DECODED_TCP:
    case DECODED_OTHER:
    case DECODED_FRAGMENT:
        break;
    }
    return REJECT_NONE;
}

/* A stretch of the file that is no usable record counts as one. */
static void account_unusable(struct net_parser *n, uint64_t from)
{
    const struct capture_counts *now = capture_counts(n->capture), *before = &n->before;
    uint64_t bytes = now->rejected_bytes - before->rejected_bytes;
    n->batch->parsed_bytes += now->other_bytes - before->other_bytes;
    if (bytes == 0)
        return;
    n->batch->packets++;
    n->batch->rejected_bytes += bytes;
    n->batch->reject(n->batch->user, &(struct rejected){.record = before->packets + 1, .offset = from,
                                                        .length = bytes, .reason = REJECT_CAPTURE_DAMAGED});
}

static void account_packet(struct net_parser *n, const struct packet *p, enum decoded d)
{
    struct net_batch *b = n->batch;
    uint64_t bytes = capture_counts(n->capture)->packet_bytes - n->before.packet_bytes;
    enum reject why = verdict_on(d);
    b->packets++;
    if (why != REJECT_NONE) {
        b->rejected_bytes += bytes;
        b->reject(b->user, &(struct rejected){.record = p->number, .offset = p->offset, .length = packet_span(p),
                                              .reason = why});
    } else if (p->has_time && (p->time_us < n->options->since_us || p->time_us >= n->options->until_us)) {
        b->excluded++;
        b->excluded_bytes += bytes;
    } else {
        b->parsed++;
        b->parsed_bytes += bytes;
    }
}

static enum status read_packet(struct net_parser *n, struct str *why)
{
    struct packet p;
    struct segment seg;
    n->before = *capture_counts(n->capture);
    uint64_t from = n->before.bytes;
    enum status st = capture_next(n->capture, &p, why);
    account_unusable(n, from);
    if (st != STATUS_OK)
        return st;
    enum decoded d = decoder_run(n->decoder, &p, &seg);
    account_packet(n, &p, d);
    if (d == DECODED_TCP)
        streams_segment(n->streams, &seg, &p);
    return STATUS_OK;
}

/* ---- public ---- */

struct net_parser *net_open(capture_read *read, void *user, const struct limits *l, const struct net_options *o)
{
    struct net_parser *n = mem_alloc(sizeof *n);
    const struct stream_sink sink = {.user = n, .opened = on_opened, .bytes = on_bytes, .gap = on_gap,
                                     .finished = on_finished, .closed = on_closed, .differs = on_differs};
    n->limits = l;
    n->options = o;
    n->capture = capture_open_read(read, user, STR_NONE, l);
    n->decoder = decoder_new(l);
    n->streams = streams_new(l, &sink);
    n->sink = (struct http_sink){.user = n, .transaction = on_transaction, .held = &n->http_held};
    return n;
}

enum status net_next(struct net_parser *n, struct net_batch *b, struct str *why)
{
    uint64_t from = capture_counts(n->capture)->bytes;
    *why = STR_NONE;
    n->batch = b;
    for (int i = 0; n->over == STATUS_OK && i < CALL_PACKETS; i++) {
        n->over = read_packet(n, why);
        if (n->over != STATUS_OK)
            streams_end(n->streams);
        else if (capture_counts(n->capture)->bytes - from >= CALL_BYTES)
            break;
    }
    n->batch = NULL;
    return n->over;
}

struct net_counts net_counts(const struct net_parser *n)
{
    return (struct net_counts){.capture = *capture_counts(n->capture), .decoder = *decoder_counts(n->decoder),
                               .streams = *streams_counts(n->streams), .transactions = n->transactions,
                               .hellos = n->hellos, .not_understood = n->not_understood,
                               .first_bytes_lost = n->first_bytes_lost};
}

static enum status nothing_more(void *user, char *buf, size_t n, size_t *got)
{
    (void)user;
    (void)buf;
    (void)n;
    *got = 0;
    return STATUS_END;
}

int64_t net_front_us(struct str head, const struct limits *l, const char **format)
{
    struct capture *c = capture_open_read(nothing_more, NULL, head, l);
    struct packet p;
    struct str why;
    int64_t us = INT64_MIN;
    while (us == INT64_MIN && capture_next(c, &p, &why) == STATUS_OK)
        if (p.has_time)
            us = p.time_us;
    *format = capture_format_name(c);
    capture_close(c);
    return us;
}

static struct event *nowhere(void *user)
{
    return user;
}

/* Before the end: the connections are closed in order, what they still give is not wanted. */
static void close_early(struct net_parser *n)
{
    struct arena a = {0};
    struct event scratch;
    struct net_batch b = {.arena = &a, .user = &scratch, .room = nowhere};
    n->batch = &b;
    streams_end(n->streams);
    arena_free(&a);
}

void net_close(struct net_parser *n)
{
    if (n == NULL)
        return;
    if (n->over == STATUS_OK)
        close_early(n);
    streams_free(n->streams);
    decoder_free(n->decoder);
    capture_close(n->capture);
    mem_free(n);
}
