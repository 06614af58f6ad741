/* http.c: requests and answers of one connection, paired.
 *
 * The streams tell both sides in causal order, so the k-th answer belongs to the k-th request as long as
 * nothing is lost.  A gap between requests leaves a place for the request it swallowed.  A gap between
 * answers, when one request waited, swallowed its answer unless another answer comes before the next
 * request; when several waited, the answers behind the gap are kept until their number tells how many are
 * missing: they belong to the last requests, not to the first. */
#include "parsers/net/http.h"

#include <stdlib.h>

#include "parsers/net/http_priv.h"

const char *const completeness_names[COMPLETENESS_COUNT] = {
    [COMPLETE] = "complete",
    [GAP_IN_HEAD] = "gap_in_head",
    [GAP_IN_BODY] = "gap_in_body",
    [ONE_SIDE_ONLY] = "one_side_only",
    [DIFFERENT_RETRANSMISSION] = "different_retransmission",
    [CUT_BY_SNAPLEN] = "cut_by_snaplen",
};

const struct http_odd_info http_odd_table[HTTP_ODD_COUNT] = {
#define HTTP_ODDITY(id, name, invalid, en, fr) \
    [HTTP_ODD_BIT_##id] = {name, invalid, {{(en), (fr)}}},
#include "parsers/net/http_odd.def"
#undef HTTP_ODDITY
};

/* ---- handing over ---- */

static enum completeness completeness_of(const struct exchange *x)
{
    const struct http_message *q = x->request, *a = x->response;
    bool cut = (q != NULL && q->cut) || (a != NULL && a->cut);
    bool head = (q != NULL && q->gap_head) || (a != NULL && a->gap_head) || x->lost_request ||
                x->lost_response;
    bool body = (q != NULL && q->gap_body) || (a != NULL && a->gap_body);
    bool differs = (q != NULL && q->differs) || (a != NULL && a->differs);
    if (cut)
        return CUT_BY_SNAPLEN;
    if (head)
        return GAP_IN_HEAD;
    if (body)
        return GAP_IN_BODY;
    if (differs)
        return DIFFERENT_RETRANSMISSION;
    return q == NULL || a == NULL ? ONE_SIDE_ONLY : COMPLETE;
}

static int by_packet(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* The packets of both messages, ascending, without repeats, at most max of them. */
static void set_packets(struct http_transaction *t, const struct exchange *x, uint32_t max)
{
    const struct http_message *both[] = {x->request, x->response};
    uint32_t n = 0, kept = 0;
    t->packets = mem_grow(NULL, (2 * (size_t)max + 1) * sizeof *t->packets);
    struct cite first = {.packet = 0};
    for (int i = 0; i < 2; i++) {
        const struct http_message *m = both[i];
        if (m == NULL)
            continue;
        if (m->packets_count > 0)
            memcpy(t->packets + n, m->packets, m->packets_count * sizeof *m->packets);
        n += m->packets_count;
        t->packets_more += m->packets_more;
        if (m->first_cite.packet != 0 && (first.packet == 0 || m->first_cite.packet < first.packet))
            first = m->first_cite;
    }
    qsort(t->packets, n, sizeof *t->packets, by_packet);
    for (uint32_t i = 0; i < n; i++)
        if (kept == 0 || t->packets[i] != t->packets[kept - 1])
            t->packets[kept++] = t->packets[i];
    t->packets_count = kept < max ? kept : max;
    t->packets_more += kept - t->packets_count;
    t->first_offset = first.offset;
    t->first_length = first.length;
}

static void set_request(struct http_transaction *t, struct http_message *m)
{
    t->has_request = true;
    t->method = m->head.method;
    t->target = m->head.target;
    t->version_text = m->head.version_text;
    t->http_version = m->head.version;
    t->request_headers = m->head.headers;
    t->request_headers_count = m->head.count;
    t->request_first_us = m->first_us;
    t->request_last_us = m->last_us;
    t->request_anomalies = m->odd;
    t->has_request_body = m->has_body;
    if (!m->has_body)
        return;
    t->request_body = buffer_text(&m->body.kept);
    t->request_body_len = m->body.length;
    t->request_body_sha256 = body_sha256(&m->body);
}

static void set_response(struct http_transaction *t, struct http_message *m)
{
    t->has_response = true;
    t->status = m->head.status;
    t->reason = m->head.reason;
    t->response_version_text = m->head.version_text;
    t->response_headers = m->head.headers;
    t->response_headers_count = m->head.count;
    t->response_first_us = m->first_us;
    t->response_last_us = m->last_us;
    t->response_anomalies = m->odd;
    t->has_response_body = m->has_body;
    if (!m->has_body)
        return;
    t->response_body = buffer_text(&m->body.kept);
    t->response_body_len = m->body.length;
    t->response_body_sha256 = body_sha256(&m->body);
}

static void hand_over(struct http_conn *h, struct exchange *x)
{
    struct http_transaction t = {
        .connection = h->connection,
        .number = x->number,
        .request_first_us = INT64_MIN,
        .request_last_us = INT64_MIN,
        .response_first_us = INT64_MIN,
        .response_last_us = INT64_MIN,
        .completeness = completeness_of(x),
        .interim = x->interim,
    };
    if (x->request != NULL)
        set_request(&t, x->request);
    if (x->response != NULL)
        set_response(&t, x->response);
    t.response_anomalies |= x->junk ? HTTP_ODD(JUNK) : 0;
    t.anomalies = t.request_anomalies | t.response_anomalies;
    set_packets(&t, x, (uint32_t)h->limits->v[LIMIT_packets_cited_max]);
    h->sink.transaction(h->sink.user, &t);
    mem_free(t.packets);
}

static void drop(struct http_conn *h, struct exchange *x)
{
    struct exchange *before = NULL;
    for (struct exchange *y = h->first; y != x; y = y->next)
        before = y;
    if (before == NULL)
        h->first = x->next;
    else
        before->next = x->next;
    if (h->last == x)
        h->last = before;
    h->count--;
    message_free(&h->store, x->request);
    message_free(&h->store, x->response);
    mem_free(x);
}

static bool is_over(const struct exchange *x)
{
    return (x->request == NULL || x->request->done) &&
           (x->lost_response || (x->response != NULL && x->response->done));
}

static void hand_over_and_drop(struct http_conn *h, struct exchange *x)
{
    if (x->request != NULL || x->response != NULL)
        hand_over(h, x);
    drop(h, x);
}

static void hand_over_ready(struct http_conn *h)
{
    while (h->first != NULL && is_over(h->first))
        hand_over_and_drop(h, h->first);
}

/* ---- pairing ---- */

static struct exchange *exchange_new(struct http_conn *h)
{
    struct exchange *x = mem_alloc(sizeof *x);
    x->number = ++h->numbers;
    if (h->last == NULL)
        h->first = x;
    else
        h->last->next = x;
    h->last = x;
    h->count++;
    return x;
}

/* The first one that waits for its answer. */
static struct exchange *waiting(const struct http_conn *h)
{
    struct exchange *x = h->first;
    while (x != NULL && (x->response != NULL || x->lost_response))
        x = x->next;
    return x;
}

static uint32_t count_waiting(const struct http_conn *h)
{
    uint32_t n = 0;
    for (const struct exchange *x = waiting(h); x != NULL; x = x->next)
        n++;
    return n;
}

/* The answers behind the gap go to the last requests; the first ones lost theirs. */
static void settle_late(struct http_conn *h)
{
    uint32_t n = count_waiting(h), lost = n > h->late_count ? n - h->late_count : 0;
    struct exchange *x = waiting(h);
    for (uint32_t i = 0; x != NULL && i < lost; i++, x = x->next)
        x->lost_response = true;
    for (uint32_t i = 0; i < h->late_count; i++, x = x != NULL ? x->next : NULL)
        (x != NULL ? x : exchange_new(h))->response = h->late[i];
    h->late_count = 0;
    h->lost_answers = 0;
    hand_over_ready(h);
}

/* A bound is reached: the oldest request is told as it is, its answer will stand alone. */
static void keep_bound(struct http_conn *h)
{
    if (h->count <= (uint64_t)h->limits->v[LIMIT_http_pending_max])
        return;
    if (h->lost_answers > 0)
        settle_late(h);
    struct exchange *x = waiting(h);
    if (h->count <= (uint64_t)h->limits->v[LIMIT_http_pending_max] || x == NULL ||
        (x->request != NULL && !x->request->done))
        return;
    h->unanswered++;
    hand_over_and_drop(h, x);
}

void pair_request(struct http_conn *h, struct http_message *m)
{
    if (h->lost_answers == 1 && h->late_count == 0)
        settle_late(h); /* who asks again has had the answer that the gap swallowed */
    exchange_new(h)->request = m;
    keep_bound(h);
}

static void add_late(struct http_conn *h, struct http_message *m)
{
    if (h->late_count == h->late_cap) {
        h->late_cap = h->late_cap == 0 ? 8 : h->late_cap * 2;
        h->late = mem_grow(h->late, h->late_cap * sizeof(struct http_message *));
    }
    h->late[h->late_count++] = m;
}

void pair_response(struct http_conn *h, struct http_message *m)
{
    if (h->unanswered > 0) {
        h->unanswered -= m->head.status / 100 != 1;
        exchange_new(h)->response = m;
        return;
    }
    if (h->lost_answers > 1) {
        add_late(h, m);
        if (h->late_count >= count_waiting(h))
            settle_late(h);
        return;
    }
    h->lost_answers = 0;
    struct exchange *x = waiting(h);
    (x != NULL ? x : exchange_new(h))->response = m;
}

/* An interim answer: the final one takes its place. */
static bool is_interim(const struct http_message *m)
{
    return m->head.status / 100 == 1 && m->head.status != 101 && !m->has_body;
}

static void forget_late(struct http_conn *h, const struct http_message *m)
{
    for (uint32_t i = 0; i < h->late_count; i++)
        if (h->late[i] == m) {
            memmove(&h->late[i], &h->late[i + 1],
                    (h->late_count - i - 1) * sizeof(struct http_message *));
            h->late_count--;
            return;
        }
}

void pair_done(struct http_conn *h, enum stream_side side, struct http_message *m)
{
    if (side == STREAM_SERVER && is_interim(m)) {
        for (struct exchange *x = h->first; x != NULL; x = x->next)
            if (x->response == m) {
                x->interim = m->head.status;
                x->response = NULL;
            }
        forget_late(h, m);
        message_free(&h->store, m);
        return;
    }
    hand_over_ready(h);
    if (side == STREAM_CLIENT)
        keep_bound(h);
}

void pair_gap(struct http_conn *h, enum stream_side side)
{
    if (side == STREAM_SERVER) {
        h->lost_answers = count_waiting(h);
        return;
    }
    if (h->last == NULL || !h->last->lost_request || h->last->response != NULL) {
        exchange_new(h)->lost_request = true;
        keep_bound(h);
    }
}

void pair_junk(struct http_conn *h)
{
    struct exchange *x = waiting(h);
    if (x != NULL)
        x->junk = true;
}

struct str pair_method(const struct http_conn *h, const struct http_message *response)
{
    for (const struct exchange *x = h->first; x != NULL; x = x->next) {
        if (x->response == response)
            return x->request != NULL ? x->request->head.method : STR_NONE;
        /* Of an answer that may belong to any: a HEAD among them makes its body doubtful. */
        if (h->late_count > 0 && x->request != NULL && str_eq(x->request->head.method, STR("HEAD")))
            return STR("HEAD");
    }
    return STR_NONE;
}

bool pair_expects_bare(const struct http_conn *h)
{
    const struct exchange *x = waiting(h);
    return x != NULL && x->request != NULL && x->request->head.version == 9;
}

/* ---- public ---- */

struct http_conn *http_open(const struct limits *l, const struct http_sink *sink,
                            const struct connection *c)
{
    struct http_conn *h = mem_alloc(sizeof *h);
    h->limits = l;
    h->sink = *sink;
    h->connection = c;
    h->store = (struct http_store){l, sink->held != NULL ? sink->held : &h->held, sink->no_hashes};
    return h;
}

void http_bytes(struct http_conn *h, enum stream_side side, struct str bytes,
                const struct stream_ref *ref)
{
    if (!h->side[side].ended)
        http_side_bytes(h, side, bytes, ref);
}

void http_gap(struct http_conn *h, enum stream_side side, uint64_t n, const struct stream_ref *ref)
{
    if (n > 0 && !h->side[side].ended)
        http_side_gap(h, side, n, ref);
}

static void differs_within(struct http_message *m, uint64_t from, uint64_t to)
{
    if (m != NULL && m->done && m->begin < to && m->end > from)
        m->differs = true;
}

void http_differs(struct http_conn *h, enum stream_side side, const struct stream_difference *d)
{
    struct http_side *s = &h->side[side];
    uint64_t n = (uint64_t)d->second.n;
    if (d->behind > 0 && (uint64_t)d->behind > s->at)
        return; /* before this parser began */
    uint64_t from = s->at - (uint64_t)d->behind, to = from + n;
    s->differences[s->differences_count % DIFFERENCES].from = from;
    s->differences[s->differences_count % DIFFERENCES].to = to;
    s->differences_count++;
    if (s->message != NULL && s->message->begin < to && s->at > from)
        s->message->differs = true;
    for (struct exchange *x = h->first; x != NULL; x = x->next)
        differs_within(side == STREAM_CLIENT ? x->request : x->response, from, to);
    for (uint32_t i = 0; i < h->late_count && side == STREAM_SERVER; i++)
        differs_within(h->late[i], from, to);
}

void http_finished(struct http_conn *h, enum stream_side side)
{
    if (!h->side[side].ended)
        http_side_over(h, side, true);
}

void http_close(struct http_conn *h)
{
    if (h == NULL)
        return;
    bool reset = (h->connection->flags & STREAM_RESET) != 0;
    for (int side = 0; side < 2; side++)
        if (!h->side[side].ended)
            http_side_over(h, (enum stream_side)side, reset);
    if (h->lost_answers > 0)
        settle_late(h);
    while (h->first != NULL)
        hand_over_and_drop(h, h->first);
    http_side_free(h, STREAM_CLIENT);
    http_side_free(h, STREAM_SERVER);
    mem_free(h->late);
    mem_free(h);
}
