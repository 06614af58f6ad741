/* stream_order.c: whose bytes are next, and when a hole is a loss.
 *
 * A segment that acknowledges bytes of the other side was sent after they arrived; it waits until they
 * are handed over.  So an answer whose question came late, or was never captured, is told after the
 * question or after the gap that stands for it. */
#include "parsers/net/stream_priv.h"

/* What it acknowledges is still to come. */
static bool waits_for(const struct half *other, const struct held *p)
{
    return other->seen && !other->soft && !other->finished && p->ack > other->next &&
           p->ack - other->next < POSITION_FAR;
}

bool order_is_due(const struct conn *c, int side, const struct held *p)
{
    return p->from == c->side[side].next && !waits_for(&c->side[!side], p);
}

static bool hand_over_due(struct streams *s, struct conn *c)
{
    bool moved = false;
    for (int side = 0; side < SIDES; side++) {
        const struct held *p;
        while ((p = half_front(&c->side[side])) != NULL && order_is_due(c, side, p)) {
            half_pop(s, c, side);
            moved = true;
        }
    }
    return moved;
}

/* Bytes at the end of what was seen, acknowledged; a single one is the FIN or a probe. */
static bool tail_missing(const struct half *h)
{
    return h->count == 0 && h->seen && !h->soft && !h->finished && h->acked > h->next + 1;
}

static struct stream_ref ref_of_tail(const struct conn *c)
{
    return (struct stream_ref){.time_us = c->pub.last_us};
}

/* One hole less: the one that the piece captured first waits for.  False: nothing waits. */
static bool give_up_one(struct streams *s, struct conn *c)
{
    const struct held *front[SIDES] = {half_front(&c->side[0]), half_front(&c->side[1])};
    int x = front[0] == NULL || (front[1] != NULL && front[1]->ref.packet < front[0]->ref.packet);
    if (front[x] == NULL) {
        for (int side = 0; side < SIDES; side++) {
            struct stream_ref ref = ref_of_tail(c);
            if (tail_missing(&c->side[side])) {
                half_gap(s, c, side, c->side[side].acked, &ref);
                return true;
            }
        }
        return false;
    }
    struct half *own = &c->side[x], *other = &c->side[!x];
    const struct held *p = front[x], *q = front[!x];
    if (waits_for(other, p) && !(q != NULL && q->from == other->next)) {
        uint64_t to = q != NULL && q->from < p->ack ? q->from : p->ack;
        struct stream_ref ref = p->ref;
        half_gap(s, c, !x, to, &ref);
        return true;
    }
    if (p->from == own->next) { /* both wait for each other: one of them lies */
        own->pieces[own->first].ack = 0;
        return true;
    }
    uint64_t to = q != NULL && q->ack > own->next && q->ack < p->from ? q->ack : p->from;
    struct stream_ref ref = p->ref;
    half_gap(s, c, x, to, &ref);
    return true;
}

static bool is_stuck(const struct conn *c)
{
    for (int side = 0; side < SIDES; side++)
        if (c->side[side].count > 0 || tail_missing(&c->side[side]))
            return true;
    return false;
}

static bool is_over_bounds(const struct streams *s, const struct conn *c)
{
    uint32_t pieces_max = (uint32_t)s->limits->v[LIMIT_stream_held_pieces_max];
    return c->held > (uint64_t)s->limits->v[LIMIT_stream_held_bytes_max] ||
           c->side[0].count > pieces_max || c->side[1].count > pieces_max;
}

/* How long a hole may stay open: short when its bytes were acknowledged, for then they existed. */
static int64_t patience(const struct streams *s, const struct conn *c)
{
    for (int side = 0; side < SIDES; side++)
        if (c->side[side].seen && !c->side[side].finished &&
            c->side[side].acked > c->side[side].next)
            return s->limits->v[LIMIT_stream_reorder_us];
    return s->limits->v[LIMIT_stream_hole_us];
}

void order_run(struct streams *s, struct conn *c)
{
    if (!c->stuck && !is_stuck(c))
        return;
    if (!c->oriented)
        conn_orient(s, c, guess_client(c, 0, STR_NONE));
    bool moved = hand_over_due(s, c);
    while (is_stuck(c)) {
        if (!c->stuck || moved)
            c->stuck_us = c->pub.last_us;
        c->stuck = true;
        bool over = is_over_bounds(s, c);
        if (!over && c->pub.last_us - c->stuck_us < patience(s, c))
            return;
        if (over) {
            s->counts.given_up++;
            c->pub.flags |= STREAM_EVICTED;
        }
        if (!give_up_one(s, c))
            return;
        moved = hand_over_due(s, c);
    }
    c->stuck = false;
}

void order_flush(struct streams *s, struct conn *c)
{
    hand_over_due(s, c);
    while (is_stuck(c) && give_up_one(s, c))
        hand_over_due(s, c);
    c->stuck = false;
}

void order_relieve(struct streams *s)
{
    while (s->held_all > (uint64_t)s->limits->v[LIMIT_stream_held_all_max]) {
        struct conn *c =
            (struct conn *)(void *)((char *)s->holding.next - offsetof(struct conn, holding));
        s->counts.given_up++;
        c->pub.flags |= STREAM_EVICTED;
        order_flush(s, c);
    }
}
