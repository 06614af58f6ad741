/* stream.c: the table of TCP connections: found by a keyed hash of both ends, closed when they ended,
 * fell silent or have to make room, always oldest first. */
#include <stdlib.h>

#include "analyzer/base/hash.h"
#include "parsers/net/stream_priv.h"

/* One stamp from the future must not end everything: the clock follows in steps. */
#define CLOCK_STEP_US INT64_C(10000000)
/* An ended connection's late packets come from nearby. */
#define LATE_NEAR (UINT64_C(1) << 24)

static const enum limit shelf_patience[SHELF_COUNT] = {
    [SHELF_ENDED] = LIMIT_stream_linger_us,
    [SHELF_EMPTY] = LIMIT_stream_empty_us,
    [SHELF_ACTIVE] = LIMIT_stream_idle_us,
};

/* ---- lists ---- */

static void list_init(struct link *l)
{
    l->prev = l->next = l;
}

static void list_remove(struct link *l)
{
    l->prev->next = l->next;
    l->next->prev = l->prev;
}

static void list_append(struct link *list, struct link *l)
{
    l->prev = list->prev;
    l->next = list;
    list->prev->next = l;
    list->prev = l;
}

static struct conn *conn_of_idle(struct link *l)
{
    return (struct conn *)(void *)((char *)l - offsetof(struct conn, idle));
}

void conn_hold(struct streams *s, struct conn *c, int64_t more)
{
    c->held += (uint64_t)more;
    s->held_all += (uint64_t)more;
    bool holds = c->side[0].count + c->side[1].count > 0;
    if (holds && !c->holds)
        list_append(&s->holding, &c->holding);
    if (!holds && c->holds)
        list_remove(&c->holding);
    c->holds = holds;
}

/* ---- connections ---- */

static bool same_key(const void *items, uint32_t item, const void *key)
{
    struct conn *const *conns = items;
    return memcmp(&conns[item]->key, key, sizeof(struct key)) == 0;
}

static uint32_t take_item(struct streams *s)
{
    if (s->spare_count > 0)
        return s->spare[--s->spare_count];
    if (s->items_count == s->items_cap) {
        s->items_cap = s->items_cap == 0 ? 64 : s->items_cap * 2;
        s->items = mem_grow(s->items, s->items_cap * sizeof(struct conn *));
    }
    return s->items_count++;
}

static void give_item(struct streams *s, uint32_t item)
{
    if (s->spare_count == s->spare_cap) {
        s->spare_cap = s->spare_cap == 0 ? 64 : s->spare_cap * 2;
        s->spare = mem_grow(s->spare, s->spare_cap * sizeof *s->spare);
    }
    s->items[item] = NULL;
    s->spare[s->spare_count++] = item;
}

void conn_orient(struct streams *s, struct conn *c, int client)
{
    if (client != STREAM_CLIENT) {
        struct half half = c->side[0];
        uint64_t started = c->pub.started[0];
        c->side[0] = c->side[1];
        c->side[1] = half;
        c->pub.started[0] = c->pub.started[1];
        c->pub.started[1] = started;
        c->first_end = !c->first_end;
        c->again_side = !c->again_side;
    }
    c->pub.client = c->key.ip[c->first_end];
    c->pub.client_port = c->key.port[c->first_end];
    c->pub.server = c->key.ip[!c->first_end];
    c->pub.server_port = c->key.port[!c->first_end];
    c->oriented = true;
    s->sink.opened(s->sink.user, &c->pub);
}

static void conn_close(struct streams *s, struct conn *c)
{
    if (!c->oriented)
        conn_orient(s, c, guess_client(c, 0, STR_NONE));
    order_flush(s, c);
    if (!c->side[0].seen || !c->side[1].seen)
        c->pub.flags |= STREAM_ONE_SIDE;
    s->sink.closed(s->sink.user, &c->pub);
    for (int side = 0; side < SIDES; side++)
        half_free(s, c, side);
    if (c->holds)
        list_remove(&c->holding);
    list_remove(&c->idle);
    map_remove(&s->map, c->hash, c->item);
    give_item(s, c->item);
    s->live--;
    mem_free(c);
}

static struct conn *oldest(struct streams *s, int shelf)
{
    struct link *l = s->shelves[shelf].next;
    return l == &s->shelves[shelf] ? NULL : conn_of_idle(l);
}

static void make_room(struct streams *s)
{
    while (s->live >= (uint64_t)s->limits->v[LIMIT_streams_max] && s->live > 0)
        for (int shelf = 0; shelf < SHELF_COUNT; shelf++) {
            struct conn *c = oldest(s, shelf);
            if (c == NULL)
                continue;
            if (shelf != SHELF_ENDED) {
                c->pub.flags |= STREAM_EVICTED;
                s->counts.evicted++;
            }
            conn_close(s, c);
            break;
        }
}

static void expire(struct streams *s)
{
    for (int shelf = 0; shelf < SHELF_COUNT; shelf++) {
        struct conn *c;
        int64_t patience = s->limits->v[shelf_patience[shelf]];
        while ((c = oldest(s, shelf)) != NULL && s->clock - c->clock > patience)
            conn_close(s, c);
    }
}

static struct conn *conn_new(struct streams *s, const struct key *key, uint64_t hash, int first_end)
{
    make_room(s);
    struct conn *c = mem_alloc(sizeof *c);
    c->pub.number = ++s->counts.connections;
    c->pub.flags = STREAM_MIDSTREAM;
    c->key = *key;
    c->hash = hash;
    c->first_end = (uint8_t)first_end;
    c->item = take_item(s);
    s->items[c->item] = c;
    map_put(&s->map, hash, c->item);
    list_append(&s->shelves[SHELF_EMPTY], &c->idle);
    s->live++;
    return c;
}

static void touch(struct streams *s, struct conn *c)
{
    bool data =
        c->side[0].next != c->side[0].origin || c->side[1].next != c->side[1].origin || c->held > 0;
    int shelf = c->ended ? SHELF_ENDED : data ? SHELF_ACTIVE : SHELF_EMPTY;
    list_remove(&c->idle);
    list_append(&s->shelves[shelf], &c->idle);
    c->clock = s->clock;
}

/* ---- which connection a segment belongs to ---- */

static int ends_cmp(const struct segment *seg)
{
    int order = memcmp(&seg->src, &seg->dst, sizeof seg->src);
    return order != 0 ? order : (int)seg->src_port - (int)seg->dst_port;
}

/* The key and, returned, which end of it sent the segment. */
static int key_of(const struct segment *seg, struct key *key)
{
    int sender = ends_cmp(seg) > 0;
    memset(key, 0, sizeof *key);
    key->ip[sender] = seg->src;
    key->port[sender] = seg->src_port;
    key->ip[!sender] = seg->dst;
    key->port[!sender] = seg->dst_port;
    return sender;
}

enum fit { FITS, IGNORE, ANOTHER }; /* ANOTHER: the ports are used again */

static bool nothing_handed(const struct conn *c)
{
    return c->side[0].next == c->side[0].origin && c->side[1].next == c->side[1].origin;
}

static enum fit syn_fits(struct conn *c, int side, const struct segment *seg)
{
    const struct half *h = &c->side[side], *other = &c->side[!side];
    bool synack = (seg->flags & SEGMENT_ACK) != 0;
    if (!h->placed || (uint32_t)h->origin == seg->seq + 1)
        return FITS;
    if (c->ended || (synack && c->again && c->again_side == !side && seg->ack == c->again_seq + 1))
        return ANOTHER;
    if (h->soft && h->next == h->origin)
        return FITS;
    if (!synack && nothing_handed(c) && !other->seen)
        return FITS; /* tried again with another number before anybody answered */
    if (!synack) {
        c->again = true;
        c->again_side = (uint8_t)side;
        c->again_seq = seg->seq;
    }
    return IGNORE;
}

static enum fit segment_fits(struct conn *c, int side, const struct segment *seg)
{
    const struct half *h = &c->side[side];
    if (seg->flags & SEGMENT_SYN)
        return syn_fits(c, side, seg);
    uint64_t at = position_of(h->next, seg->seq);
    bool far = h->placed && (at + LATE_NEAR < h->next || at > h->next + LATE_NEAR);
    bool answers_syn = c->again && c->again_side == side && seg->seq == c->again_seq + 1;
    return far && (answers_syn || (c->ended && seg->length > 0)) ? ANOTHER : FITS;
}

/* ---- one segment ---- */

static void place(struct half *h, uint64_t at)
{
    h->origin = h->next = at;
    h->placed = true;
    h->soft = false;
    h->acked = at;
}

static void take_start(struct streams *s, struct conn *c, int side, const struct segment *seg)
{
    struct half *h = &c->side[side];
    if (seg->flags & SEGMENT_SYN) {
        h->soft = false;
        if (h->placed && (uint32_t)h->origin == seg->seq + 1)
            return;
        half_drop(s, c, side); /* they were placed by another number */
        place(h, h->placed ? position_of(h->next, seg->seq + 1)
                           : POSITION_BASE + (uint32_t)(seg->seq + 1));
        return;
    }
    if (!h->placed) {
        place(h, POSITION_BASE + seg->seq);
        return;
    }
    if (!h->soft)
        return;
    /* Placed by what the other side acknowledged: a later first segment leaves a hole before it. */
    uint64_t at = position_of(h->next, seg->seq);
    if (at > h->next && at - h->next < LATE_NEAR)
        h->soft = false;
    else
        place(h, at);
}

static uint64_t take_ack(struct conn *c, int side, const struct segment *seg)
{
    struct half *other = &c->side[!side];
    if (!(seg->flags & SEGMENT_ACK))
        return 0;
    if (!other->placed) {
        place(other, POSITION_BASE + seg->ack);
        other->soft = true;
        return other->next;
    }
    uint64_t at = position_of(other->next, seg->ack);
    if (other->soft && at < other->next)
        return 0;
    /* Of several SYNs, the one that is answered counts. */
    if ((seg->flags & SEGMENT_SYN) && at != other->next && other->next == other->origin &&
        other->count == 0)
        place(other, at);
    if (at > other->next + POSITION_FAR || at + POSITION_FAR < other->next)
        return 0;
    if (at > other->acked)
        other->acked = at;
    return at;
}

static void take_reset(struct streams *s, struct conn *c, int side, const struct segment *seg)
{
    const struct half *h = &c->side[side];
    uint64_t at = position_of(h->next, seg->seq);
    if (h->placed && (at + LATE_NEAR < h->next || at > h->next + LATE_NEAR)) {
        s->counts.ignored++;
        return;
    }
    c->pub.flags |= STREAM_RESET;
    c->ended = true;
}

static void take_data(struct streams *s, struct conn *c, int side, const struct segment *seg,
                      const struct held *start)
{
    struct held p = *start;
    p.from = position_of(c->side[side].next, seg->seq + ((seg->flags & SEGMENT_SYN) ? 1 : 0));
    p.length = seg->length;
    p.missing = seg->missing;
    p.fin = (seg->flags & SEGMENT_FIN) != 0;
    p.bytes = (const char *)seg->payload;
    if ((seg->flags & SEGMENT_URG) && p.length > 0)
        c->pub.flags |= STREAM_URGENT;
    if (p.length + p.missing > 0 || p.fin)
        half_take(s, c, side, p);
}

static void note_packet(struct conn *c, int side, const struct packet *p)
{
    struct connection *pub = &c->pub;
    if (pub->packets++ == 0)
        pub->first_us = p->time_us;
    if (p->has_time)
        pub->last_us = p->time_us;
    if (pub->started[side] == 0)
        pub->started[side] = p->number;
}

static struct stream_ref ref_of(const struct segment *seg, const struct packet *p)
{
    return (struct stream_ref){
        .packet = p->number,
        .offset = p->offset,
        .time_us = p->time_us,
        .length = packet_span(p),
        .pieces = seg->pieces,
        .pieces_count = seg->pieces_count,
    };
}

static void take(struct streams *s, struct conn *c, int sender, const struct segment *seg,
                 const struct packet *p)
{
    int side = sender != c->first_end;
    struct str payload = {(const char *)seg->payload, (ptrdiff_t)seg->length};
    note_packet(c, side, p);
    if (seg->flags & SEGMENT_SYN)
        c->pub.flags &= ~(uint32_t)STREAM_MIDSTREAM;
    if (!c->oriented &&
        ((seg->flags & (SEGMENT_SYN | SEGMENT_FIN)) || seg->length + seg->missing > 0)) {
        bool answer = (seg->flags & (SEGMENT_SYN | SEGMENT_ACK)) == (SEGMENT_SYN | SEGMENT_ACK);
        int client =
            seg->flags & SEGMENT_SYN ? (answer ? !side : side) : guess_client(c, side, payload);
        conn_orient(s, c, client);
        side = sender != c->first_end;
    }
    if (seg->flags & SEGMENT_RST) {
        take_reset(s, c, side, seg); /* what it carries is a diagnosis (RFC 9293, 3.5.2), no data */
    } else {
        take_start(s, c, side, seg);
        c->side[side].seen = true;
        uint64_t ack = take_ack(c, side, seg);
        struct held start = {.ack = ack, .ref = ref_of(seg, p)};
        take_data(s, c, side, seg, &start);
    }
    order_run(s, c);
    order_relieve(s);
    bool over = c->side[0].finished && c->side[1].finished;
    bool alone = c->side[side].finished && !c->side[!side].seen;
    if ((over || alone) && !c->ended) {
        c->ended = true;
        half_forget(s, c, 0);
        half_forget(s, c, 1);
    }
    touch(s, c);
}

static void tick(struct streams *s, const struct packet *p)
{
    if (!p->has_time)
        return;
    if (s->counts.segments == 1 || s->clock == 0)
        s->clock = p->time_us;
    else if (p->time_us > s->clock)
        s->clock += p->time_us - s->clock < CLOCK_STEP_US ? p->time_us - s->clock : CLOCK_STEP_US;
    expire(s);
}

/* ---- public ---- */

struct streams *streams_new(const struct limits *l, const struct stream_sink *sink)
{
    struct streams *s = mem_alloc(sizeof *s);
    hash_init();
    s->limits = l;
    s->sink = *sink;
    for (int shelf = 0; shelf < SHELF_COUNT; shelf++)
        list_init(&s->shelves[shelf]);
    list_init(&s->holding);
    return s;
}

void streams_set_policy(struct streams *s, enum stream_policy policy)
{
    s->policy = policy;
}

void streams_segment(struct streams *s, const struct segment *seg, const struct packet *p)
{
    struct key key;
    int sender = key_of(seg, &key);
    uint64_t hash = hash_bytes(&key, sizeof key);
    s->counts.segments++;
    tick(s, p);
    uint32_t item = map_find(&s->map, hash, same_key, s->items, &key);
    struct conn *c = item != MAP_NONE ? s->items[item] : NULL;
    if (c != NULL) {
        enum fit fit = segment_fits(c, sender != c->first_end, seg);
        if (fit == IGNORE)
            s->counts.ignored++;
        if (fit == IGNORE)
            return;
        if (fit == ANOTHER) {
            conn_close(s, c);
            c = NULL;
        }
    }
    if (c == NULL && (seg->flags & SEGMENT_RST)) {
        s->counts.ignored++;
        return;
    }
    if (c == NULL)
        c = conn_new(s, &key, hash, sender);
    take(s, c, sender, seg, p);
}

static int by_number(const void *a, const void *b)
{
    const struct conn *const *x = a, *const *y = b;
    return ((*x)->pub.number > (*y)->pub.number) - ((*x)->pub.number < (*y)->pub.number);
}

void streams_end(struct streams *s)
{
    struct conn **all = mem_alloc((s->live + 1) * sizeof(struct conn *));
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->items_count; i++)
        if (s->items[i] != NULL)
            all[n++] = s->items[i];
    qsort(all, n, sizeof(struct conn *), by_number);
    for (uint32_t i = 0; i < n; i++)
        conn_close(s, all[i]);
    mem_free(all);
}

const struct stream_counts *streams_counts(const struct streams *s)
{
    return &s->counts;
}

void streams_free(struct streams *s)
{
    if (s == NULL)
        return;
    streams_end(s);
    map_free(&s->map);
    mem_free(s->items);
    mem_free(s->spare);
    mem_free(s);
}
