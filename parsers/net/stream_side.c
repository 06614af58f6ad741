/* stream_side.c: the sequence space of one side of a connection.
 *
 * Bytes that came too early are kept as pieces, sorted and without overlaps; bytes that come again are
 * compared with what is held or was handed over lately.  The policy says whose bytes stand where held
 * ones differ; what was handed over stands. */
#include "parsers/net/stream_priv.h"

enum { RECENT_MIN = 2048, PIECES_MIN = 8 };

const char *const stream_policy_names[STREAM_POLICY_COUNT] = {"first", "last", "bsd", "linux",
                                                              "windows"};

/* ---- handing over ---- */

static struct str text_of(const char *p, uint64_t n)
{
    return (struct str){p, (ptrdiff_t)n};
}

/* Room for n more bytes; false when the bound on all connections forbids it. */
static bool recent_room(struct streams *s, struct half *h, size_t n)
{
    size_t keep = (size_t)s->limits->v[LIMIT_stream_recent_bytes_max];
    size_t have = h->recent != NULL ? h->recent->cap : 0, want = have > 0 ? have : RECENT_MIN;
    size_t used = h->recent != NULL ? h->recent->count : 0;
    while (want < used + n && want < 2 * keep)
        want *= 2;
    if (want == have)
        return true;
    if (s->recent_all + want - have > (uint64_t)s->limits->v[LIMIT_stream_recent_all_max])
        return have > 0;
    struct recent *grown = mem_grow(h->recent, sizeof *grown + want);
    if (have == 0)
        *grown = (struct recent){0};
    grown->cap = (uint32_t)want;
    h->recent = grown;
    s->recent_all += want - have;
    return true;
}

/* Keeps the end of what was just handed over; the buffer is twice the window, so moving is rare. */
static void recent_add(struct streams *s, struct half *h, struct str bytes,
                       const struct stream_ref *ref)
{
    if (!recent_room(s, h, (size_t)bytes.n)) {
        s->counts.unwatched += !h->unwatched;
        h->unwatched = true;
        return;
    }
    struct recent *r = h->recent;
    if (bytes.n > r->cap)
        bytes = str_sub(bytes, bytes.n - r->cap, bytes.n);
    if (r->count + (size_t)bytes.n > r->cap) {
        uint32_t keep = r->cap / 2;
        keep = keep + (size_t)bytes.n > r->cap ? r->cap - (uint32_t)bytes.n : keep;
        keep = keep > r->count ? r->count : keep;
        memmove(r->bytes, r->bytes + r->count - keep, keep);
        r->count = keep;
    }
    memcpy(r->bytes + r->count, bytes.p, (size_t)bytes.n);
    r->count += (uint32_t)bytes.n;
    struct mark *mark = &r->marks[r->marks_count++ % RECENT_MARKS];
    *mark = (struct mark){h->next, *ref};
    mark->ref.pieces = NULL; /* they live no longer than the segment */
    mark->ref.pieces_count = 0;
}

static void hand_bytes(struct streams *s, struct conn *c, int side, struct str bytes,
                       const struct stream_ref *ref)
{
    struct half *h = &c->side[side];
    s->sink.bytes(s->sink.user, &c->pub, (enum stream_side)side, bytes, ref);
    h->next += (uint64_t)bytes.n;
    recent_add(s, h, bytes, ref);
}

void half_gap(struct streams *s, struct conn *c, int side, uint64_t to,
              const struct stream_ref *ref)
{
    struct half *h = &c->side[side];
    uint64_t n = to - h->next;
    s->counts.gaps++;
    s->counts.gap_bytes += n;
    s->sink.gap(s->sink.user, &c->pub, (enum stream_side)side, n, ref);
    h->next = to;
    if (h->recent != NULL)
        h->recent->count = 0;
}

static void held_free(struct held *p)
{
    mem_free((void *)(uintptr_t)p->bytes);
    mem_free((void *)(uintptr_t)p->ref.pieces);
}

void half_drop(struct streams *s, struct conn *c, int side)
{
    struct half *h = &c->side[side];
    while (h->count > 0) {
        struct held *p = &h->pieces[h->first + --h->count];
        conn_hold(s, c, -(int64_t)p->length);
        held_free(p);
    }
    h->first = 0;
}

static void hand_over(struct streams *s, struct conn *c, int side, const struct held *p)
{
    struct half *h = &c->side[side];
    if (p->length > 0)
        hand_bytes(s, c, side, text_of(p->bytes, p->length), &p->ref);
    if (p->missing > 0) {
        struct stream_ref cut = p->ref;
        cut.cut = true;
        c->pub.flags |= STREAM_CUT;
        half_gap(s, c, side, h->next + p->missing, &cut);
    }
    if (p->fin) {
        h->finished = true;
        h->next++;
        s->counts.ignored += h->count; /* what somebody sent behind the end */
        half_drop(s, c, side);
        s->sink.finished(s->sink.user, &c->pub, (enum stream_side)side);
    }
}

void half_pop(struct streams *s, struct conn *c, int side)
{
    struct half *h = &c->side[side];
    struct held p = h->pieces[h->first++];
    if (--h->count == 0)
        h->first = 0;
    conn_hold(s, c, -(int64_t)p.length);
    hand_over(s, c, side, &p);
    held_free(&p);
}

/* ---- the same place sent twice ---- */

struct again { /* n bytes at a position: the first version and the second */
    uint64_t at;
    const char *first, *second;
    size_t n;
    const struct stream_ref *first_ref, *second_ref;
};

/* Reports the part that differs, from its first to its last differing byte; false: all is equal. */
static bool report(struct streams *s, struct conn *c, int side, const struct again *a)
{
    size_t from = 0, to = a->n;
    if (a->n == 0 || memcmp(a->first, a->second, a->n) == 0)
        return false;
    while (a->first[from] == a->second[from])
        from++;
    while (a->first[to - 1] == a->second[to - 1])
        to--;
    c->pub.flags |= STREAM_RETRANSMITTED_DIFFERENTLY;
    s->counts.overlaps_different++;
    struct stream_difference d = {
        .position = a->at + from - c->side[side].origin,
        .behind = (int64_t)(c->side[side].next - (c->side[side].finished ? 1 : 0) - a->at - from),
        .first = text_of(a->first + from, to - from),
        .second = text_of(a->second + from, to - from),
        .first_ref = *a->first_ref,
        .second_ref = *a->second_ref,
    };
    if (s->sink.differs != NULL)
        s->sink.differs(s->sink.user, &c->pub, (enum stream_side)side, &d);
    return true;
}

/* The packet that brought the byte at this position. */
static struct stream_ref recent_ref(const struct recent *r, uint64_t at)
{
    struct stream_ref found = {0};
    uint32_t n = r->marks_count < RECENT_MARKS ? r->marks_count : RECENT_MARKS;
    bool bounded = r->marks_count <= RECENT_MARKS;
    for (uint32_t i = 1; i <= n; i++) {
        const struct mark *m = &r->marks[(r->marks_count - i) % RECENT_MARKS];
        if (m->end <= at)
            return found;
        found = m->ref;
    }
    return bounded ? found : (struct stream_ref){0};
}

/* Compares what lies before the next position with the bytes handed over, and cuts it off. */
static void drop_old(struct streams *s, struct conn *c, int side, struct held *p)
{
    struct half *h = &c->side[side];
    const struct recent *r = h->recent;
    uint64_t old = h->next - p->from, seen = old < p->length ? old : p->length;
    /* A FIN has a number of its own and no byte. */
    uint64_t end = h->next - (h->finished ? 1 : 0);
    if (r != NULL && p->from < end) {
        uint64_t start = end - r->count, from = p->from > start ? p->from : start;
        uint64_t to = p->from + seen < end ? p->from + seen : end;
        struct stream_ref ref = recent_ref(r, from);
        struct again a = {from,
                          r->bytes + (from - start),
                          p->bytes + (from - p->from),
                          to > from ? to - from : 0,
                          &ref,
                          &p->ref};
        report(s, c, side, &a);
    }
    p->bytes += seen;
    p->length -= (uint32_t)seen;
    old -= seen;
    p->missing -= old < p->missing ? (uint32_t)old : p->missing;
    p->from = h->next;
}

/* Whose bytes stand where [from, to) comes over the older [old_from, old_to): true for the newer. */
static bool newer_wins(enum stream_policy policy, const struct held *old, const struct held *p)
{
    uint64_t old_to = old->from + old->length, to = p->from + p->length;
    switch (policy) {
    case STREAM_LAST:
        return true;
    case STREAM_BSD:
        return p->from < old->from;
    case STREAM_LINUX:
        return p->from < old->from || (p->from == old->from && to > old_to);
    case STREAM_WINDOWS:
        return p->from < old->from && to > old_to;
    case STREAM_FIRST:
    case STREAM_POLICY_COUNT:
        break;
    }
    return false;
}

/* ---- pieces ---- */

static uint64_t piece_end(const struct held *p)
{
    return p->from + p->length + p->missing;
}

static void pieces_room(struct half *h)
{
    if (h->first + h->count < h->cap)
        return;
    if (h->first > h->cap / 2) {
        memmove(h->pieces, h->pieces + h->first, h->count * sizeof *h->pieces);
        h->first = 0;
        return;
    }
    h->cap = h->cap == 0 ? PIECES_MIN : h->cap * 2;
    h->pieces = mem_grow(h->pieces, h->cap * sizeof *h->pieces);
}

/* Puts a copy of [from, to) of p, without overlap, before place i. */
static void piece_insert(struct streams *s, struct conn *c, int side, uint32_t i,
                         const struct held *p)
{
    struct half *h = &c->side[side];
    struct held held = *p;
    char *copy = mem_grow(NULL, p->length > 0 ? p->length : 1);
    if (p->length > 0)
        memcpy(copy, p->bytes, p->length);
    held.bytes = copy;
    held.ref.pieces = NULL;
    if (p->ref.pieces_count > 0) {
        struct piece *pieces = mem_grow(NULL, p->ref.pieces_count * sizeof *pieces);
        memcpy(pieces, p->ref.pieces, p->ref.pieces_count * sizeof *pieces);
        held.ref.pieces = pieces;
    }
    pieces_room(h);
    struct held *at = &h->pieces[h->first + i];
    memmove(at + 1, at, (h->count - i) * sizeof *at);
    *at = held;
    h->count++;
    conn_hold(s, c, (int64_t)p->length);
}

/* The part of p in [from, to). */
static struct held piece_part(const struct held *p, uint64_t from, uint64_t to)
{
    struct held part = *p;
    uint64_t seen_end = p->from + p->length, seen_to = to < seen_end ? to : seen_end;
    part.from = from;
    part.length = seen_to > from ? (uint32_t)(seen_to - from) : 0;
    part.missing = (uint32_t)(to - from - part.length);
    part.bytes = part.length > 0 ? p->bytes + (from - p->from) : p->bytes;
    part.fin = p->fin && to == piece_end(p);
    return part;
}

static void compare_held(struct streams *s, struct conn *c, int side, const struct held *old,
                         const struct held *p)
{
    uint64_t from = old->from > p->from ? old->from : p->from;
    uint64_t old_to = old->from + old->length, to = p->from + p->length;
    to = old_to < to ? old_to : to;
    if (to <= from)
        return;
    struct again a = {
        from,   old->bytes + (from - old->from), p->bytes + (from - p->from), to - from, &old->ref,
        &p->ref};
    if (report(s, c, side, &a) && newer_wins(s->policy, old, p))
        memcpy((char *)(uintptr_t)a.first, a.second, a.n); /* held bytes are a copy of our own */
}

/* The first piece that ends behind `at`. */
static uint32_t piece_search(const struct half *h, uint64_t at)
{
    uint32_t low = 0, high = h->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (piece_end(&h->pieces[h->first + middle]) > at)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* Keeps p between the pieces there are. */
static void hold(struct streams *s, struct conn *c, int side, const struct held *p)
{
    struct half *h = &c->side[side];
    uint64_t from = p->from, end = piece_end(p);
    uint32_t i = piece_search(h, from);
    bool new_bytes = false, fin_held = !p->fin;
    while (from < end) {
        const struct held *old = i < h->count ? &h->pieces[h->first + i] : NULL;
        uint64_t to = old != NULL && old->from < end ? old->from : end;
        if (to > from) {
            struct held part = piece_part(p, from, to);
            piece_insert(s, c, side, i++, &part);
            new_bytes = true;
            fin_held |= part.fin;
            from = to;
            continue;
        }
        compare_held(s, c, side, old, p);
        from = piece_end(old);
        i++;
    }
    const struct held *last = half_front(h) != NULL ? &h->pieces[h->first + h->count - 1] : NULL;
    if (!fin_held && (last == NULL || (!last->fin && piece_end(last) <= end))) {
        struct held fin = piece_part(p, end, end);
        piece_insert(s, c, side, h->count, &fin);
    }
    s->counts.retransmitted += !new_bytes && p->length > 0;
    s->counts.out_of_order += new_bytes;
}

void half_take(struct streams *s, struct conn *c, int side, struct held p)
{
    struct half *h = &c->side[side];
    uint64_t end = piece_end(&p) + (p.fin ? 1 : 0);
    if (p.from + POSITION_FAR < h->next || p.from > h->next + POSITION_FAR ||
        (h->finished && end > h->next)) {
        s->counts.ignored++;
        return;
    }
    if (p.length <= 1 && p.missing == 0 && !p.fin && p.from + 1 == h->next)
        return; /* a keep-alive probe: its byte, if any, means nothing (RFC 9293, 3.8.4) */
    if (p.from < h->next) {
        drop_old(s, c, side, &p);
        s->counts.retransmitted += end <= h->next;
        if (end <= h->next)
            return;
    }
    if (h->count == 0 && p.from == h->next && order_is_due(c, side, &p))
        hand_over(s, c, side, &p);
    else
        hold(s, c, side, &p);
}

void half_forget(struct streams *s, struct conn *c, int side)
{
    struct half *h = &c->side[side];
    s->recent_all -= h->recent != NULL ? h->recent->cap : 0;
    mem_free(h->recent);
    h->recent = NULL;
}

void half_free(struct streams *s, struct conn *c, int side)
{
    struct half *h = &c->side[side];
    half_forget(s, c, side);
    half_drop(s, c, side);
    mem_free(h->pieces);
}
