/* A lane that is a capture: its reading side, what is said of it at the end, and the fields of its cited
 * packets.  Bytes come through one function that also hands them to the hashing thread; everything behind
 * it is parsers/net. */
#include "analyzer/base/json.h"
#include "analyzer/engine/engine_priv.h"
#include "analyzer/enrich/client.h"

/* The copy of what was read is hashed by whichever thread has time. */
static void copy_to_hash(struct lane *l, const char *p, size_t n)
{
    struct packet_lane *k = l->packets;

    memcpy(k->block->data + k->block->fresh.n, p, n);
    k->block->fresh.n += (ptrdiff_t)n;
}

static size_t room_to_hash(struct lane *l, size_t n)
{
    struct packet_lane *k = l->packets;

    if ((size_t)k->block->fresh.n == k->block->cap)
        k->make_room(k->user, l);
    size_t room = k->block->cap - (size_t)k->block->fresh.n;
    return n < room ? n : room;
}

static enum status read_bytes(void *user, char *buf, size_t n, size_t *got)
{
    struct lane *l = user;
    enum status st = STATUS_OK;

    *got = 0;
    if (l->packets->stop)
        return STATUS_END;
    if (l->sha != NULL)
        n = room_to_hash(l, n);
    if (l->taken.n > 0) {
        *got = (size_t)l->taken.n < n ? (size_t)l->taken.n : n;
        memcpy(buf, l->taken.p, *got);
        l->taken = str_sub(l->taken, (ptrdiff_t)*got, l->taken.n);
    } else {
        st = source_read(l->source, buf, n, got);
    }
    if (l->sha != NULL)
        copy_to_hash(l, buf, *got);
    return st;
}

static struct net_options options_of(const struct engine *e)
{
    return (struct net_options){.since_us = e->settings->since_us,
                                .until_us = e->settings->until_us,
                                .headers = e->site->client_headers,
                                .headers_count = e->site->client_headers_count,
                                .response_bodies = e->hooks.bodies};
}

void packets_recognise(struct engine *e, struct lane *l, struct str head)
{
    struct ledger_source *s = &e->ledger.sources[l->index];
    const char *format = "";

    l->front_us = net_front_us(head, &e->settings->limits, &format);
    s->format = str_of(format);
    s->meaning = TIME_MEANS_REQUEST_START;
    s->first_us = INT64_MAX;
    s->last_us = INT64_MIN;
    l->packets = mem_alloc(sizeof *l->packets);
    l->packets->options = options_of(e);
    l->packets->net = net_open(read_bytes, l, &e->settings->limits, &l->packets->options);
}

static void say_count(struct engine *e, const struct lane *l, enum diag_code code, uint64_t n)
{
    if (n > 0)
        diag_add(&e->diags, code, l->index, n, arena_printf(&e->arena, "%llu", (unsigned long long)n));
}

void packets_finish(struct engine *e, struct lane *l)
{
    enum diag_code code;
    struct str detail;

    if (l->packets == NULL)
        return;
    const struct net_counts c = net_counts(l->packets->net);
    if (l->packets->why.p != NULL && !e->interrupted && !source_problem(l->source, &code, &detail)) {
        diag_add(&e->diags, DIAG_source_broke_off, l->index, 1, arena_str(&e->arena, l->packets->why));
        e->ledger.sources[l->index].complete = false;
    }
    say_count(e, l, DIAG_capture_dropped, c.capture.dropped);
    say_count(e, l, DIAG_capture_cut, c.capture.cut);
    say_count(e, l, DIAG_capture_gaps, c.streams.gap_bytes);
    say_count(e, l, DIAG_capture_evicted, c.streams.evicted + c.first_bytes_lost);
    say_count(e, l, DIAG_capture_not_understood, c.not_understood);
    say_count(e, l, DIAG_capture_tls, c.hellos);
}

void packets_close(struct lane *l)
{
    if (l->packets == NULL)
        return;
    net_close(l->packets->net);
    mem_free(l->packets);
    l->packets = NULL;
}

/* ---- the evidence pass ---- */

static struct cited *find_cited(struct cited *cited, size_t n, uint64_t offset)
{
    size_t lo = 0, hi = n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (cited[mid].offset < offset)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < n && cited[lo].offset == offset ? &cited[lo] : NULL;
}

/* The first transaction that begins with the packet speaks for it. */
static void describe_event(struct engine *e, struct arena *a, const struct lane *l, struct event *ev, struct cited *c)
{
    struct out o = out_memory();
    struct jw w = jw_open(&o, true);

    ev->source = l->index;
    client_resolve(e->site, ev);
    event_write_json(&w, ev, e->ledger.sources[l->index].name, c->raw);
    c->fields = arena_str(a, out_slice(&o));
    out_close(&o);
}

static void describe_block(struct engine *e, struct arena *a, const struct lane *l, struct block *b,
                           struct cited *cited, size_t n)
{
    for (size_t i = 0; i < b->count; i++) {
        struct event *ev = &b->events[i];
        struct cited *c = ev->net->hello == NULL ? find_cited(cited, n, ev->offset) : NULL;
        if (c != NULL && c->raw.p != NULL && c->fields.p == NULL && c->record == ev->record)
            describe_event(e, a, l, ev, c);
    }
}

static enum status read_again(void *user, char *buf, size_t n, size_t *got)
{
    return source_read(user, buf, n, got);
}

/* The same packets through the same parsers as the first time. */
static void describe_all(struct engine *e, struct arena *a, struct lane *l, struct cited *cited, size_t n)
{
    struct str why = STR_NONE;
    struct source *s = source_again(l->source, &why);
    const struct net_options o = options_of(e);
    enum status st;

    if (s == NULL)
        return;
    struct net_parser *net = net_open(read_again, s, &e->settings->limits, &o);
    struct block *b = block_new(&e->settings->limits);
    do {
        block_clear(b);
        st = block_read_packets(b, net, &why);
        describe_block(e, a, l, b, cited, n);
    } while (st == STATUS_OK);
    block_free(b);
    net_close(net);
    source_close(s);
}

void packets_describe(struct engine *e, struct arena *a, struct lane *l, struct cited *cited, size_t n)
{
    if (l->source != NULL)
        describe_all(e, a, l, cited, n);
    for (size_t i = 0; i < n; i++) {
        if (cited[i].fields.p != NULL)
            continue;
        diag_add(&e->diags, DIAG_cited_record_changed, l->index, 1, STR_NONE);
        cited[i].fields = STR("{}");
    }
}
