/* decode_fragments.c: IP datagrams put together from fragments, within bounds.
 *
 * A datagram keeps its payload as it arrives and one bit for each unit of eight bytes; of a unit
 * that comes twice the first copy stays, and a different second one is remembered.  Datagrams stand
 * in a list by age: what waits too long by the packets' clock, or must make room, goes from its old
 * end. */
#include "analyzer/base/hash.h"
#include "analyzer/base/map.h"
#include "parsers/net/decode_priv.h"

enum {
    UNIT = 8,
    DATAGRAM_MAX = 65535,
    UNITS_MAX = (DATAGRAM_MAX + UNIT) / UNIT,
    KEY_LEN = 38,
    DATA_LEAST = 2048
};

struct datagram {
    uint8_t key[KEY_LEN]; /* addresses, identification, version, IPv4's protocol */
    uint8_t protocol;     /* of the first fragment */
    bool timed, different;
    uint32_t slot;
    uint32_t end;         /* length of the payload; 0 until the last fragment said it */
    uint32_t highest;     /* end of what was seen */
    uint32_t units;       /* present */
    int64_t first_us;
    uint64_t hash;
    struct datagram *older, *younger;
    struct piece *pieces;
    uint32_t pieces_count, pieces_cap;
    uint8_t *data;
    uint32_t cap;
    uint8_t present[(UNITS_MAX + 7) / 8];
};

struct fragments {
    struct decoder_counts *counts;
    uint64_t open_max, bytes_max, pieces_max;
    int64_t wait_us;
    struct map map;           /* key -> slot */
    struct datagram **slots;
    uint32_t *vacant;         /* numbers of empty slots */
    uint32_t slots_count, slots_cap, vacant_count;
    struct datagram *oldest, *youngest;
    uint64_t bytes;           /* memory of all open datagrams */
    struct datagram *done;    /* the last one made whole: packets point into it */
};

/* ---- the table ---- */

static void datagram_free(struct datagram *d)
{
    if (d == NULL)
        return;
    mem_free(d->pieces);
    mem_free(d->data);
    mem_free(d);
}

static uint64_t memory_of(const struct datagram *d)
{
    return sizeof *d + d->cap + d->pieces_cap * sizeof *d->pieces;
}

/* Takes d out of the table without freeing it. */
static void take_out(struct fragments *f, struct datagram *d)
{
    *(d->older != NULL ? &d->older->younger : &f->oldest) = d->younger;
    *(d->younger != NULL ? &d->younger->older : &f->youngest) = d->older;
    map_remove(&f->map, d->hash, d->slot);
    f->slots[d->slot] = NULL;
    f->vacant[f->vacant_count++] = d->slot;
    f->bytes -= memory_of(d);
    f->counts->datagrams_waiting--;
}

static void give_up(struct fragments *f, struct datagram *d, uint64_t *account)
{
    take_out(f, d);
    datagram_free(d);
    *account += 1;
}

static uint32_t slot_take(struct fragments *f)
{
    if (f->vacant_count > 0)
        return f->vacant[--f->vacant_count];
    if (f->slots_count == f->slots_cap) {
        f->slots_cap = f->slots_cap > 0 ? 2 * f->slots_cap : 16;
        f->slots = mem_grow(f->slots, f->slots_cap * sizeof *f->slots);
        f->vacant = mem_grow(f->vacant, f->slots_cap * sizeof *f->vacant);
    }
    return f->slots_count++;
}

static bool same_key(const void *items, uint32_t item, const void *key)
{
    struct datagram *const *slots = items;
    return memcmp(slots[item]->key, key, KEY_LEN) == 0;
}

static void put_in(struct fragments *f, struct datagram *d)
{
    d->slot = slot_take(f);
    f->slots[d->slot] = d;
    map_put(&f->map, d->hash, d->slot);
    d->older = f->youngest;
    *(f->youngest != NULL ? &f->youngest->younger : &f->oldest) = d;
    f->youngest = d;
    f->bytes += memory_of(d);
    f->counts->datagrams_waiting++;
}

static void key_of(uint8_t key[KEY_LEN], const struct segment *s, const struct fragment *piece)
{
    memcpy(key, s->src.b, 16);
    memcpy(key + 16, s->dst.b, 16);
    memcpy(key + 32, &piece->id, 4);
    key[36] = piece->version;
    key[37] = piece->version == 4 ? piece->protocol : 0;
}

static void expire(struct fragments *f, const struct packet *p)
{
    struct datagram *d = f->oldest;
    while (p->has_time && d != NULL && d->timed && p->time_us > d->first_us &&
           (uint64_t)p->time_us - (uint64_t)d->first_us > (uint64_t)f->wait_us) {
        give_up(f, d, &f->counts->datagrams_expired);
        d = f->oldest;
    }
}

static struct datagram *find_or_open(struct fragments *f, const struct walk *w,
                                     const struct fragment *piece)
{
    uint8_t key[KEY_LEN];
    key_of(key, w->out, piece);
    uint64_t hash = hash_bytes(key, sizeof key);
    uint32_t slot = map_find(&f->map, hash, same_key, f->slots, key);
    if (slot != MAP_NONE)
        return f->slots[slot];
    if (f->counts->datagrams_waiting >= f->open_max && f->oldest != NULL)
        give_up(f, f->oldest, &f->counts->datagrams_evicted);
    struct datagram *d = mem_alloc(sizeof *d);
    memcpy(d->key, key, sizeof key);
    d->hash = hash;
    d->protocol = piece->protocol;
    d->timed = w->packet->has_time;
    d->first_us = w->packet->time_us;
    put_in(f, d);
    return d;
}

/* ---- one datagram ---- */

/* Room for bytes up to `end` and for one piece more. */
static void grow(struct fragments *f, struct datagram *d, uint32_t end)
{
    f->bytes -= memory_of(d);
    if (d->cap < end) {
        uint32_t cap = d->cap > 0 ? d->cap : DATA_LEAST;
        while (cap < end)
            cap *= 2;
        d->data = mem_grow(d->data, cap);
        d->cap = cap;
    }
    if (d->pieces_count == d->pieces_cap) {
        d->pieces_cap = d->pieces_cap > 0 ? 2 * d->pieces_cap : 4;
        d->pieces = mem_grow(d->pieces, d->pieces_cap * sizeof *d->pieces);
    }
    f->bytes += memory_of(d);
}

/* Older datagrams make room; false when d itself had to. */
static bool make_room(struct fragments *f, const struct datagram *d)
{
    while (f->bytes > f->bytes_max) {
        struct datagram *oldest = f->oldest;
        bool itself = oldest == d;
        give_up(f, oldest, &f->counts->datagrams_evicted);
        if (itself)
            return false;
    }
    return true;
}

/* Is what is known of the datagram's end compatible with this fragment's? */
static bool contradicts(const struct datagram *d, const struct fragment *piece, uint32_t end)
{
    if (piece->more)
        return d->end != 0 && end >= d->end;
    return (d->end != 0 && d->end != end) || d->highest > end;
}

/* Copies the units that are not there yet; a unit that was cut off is as good as not sent. */
static void fill(struct fragments *f, struct datagram *d, const struct walk *w, uint32_t offset)
{
    bool repeats = false, differs = false;
    for (uint32_t at = 0; at < w->n; at += UNIT) {
        uint32_t len = w->n - at < UNIT ? w->n - at : UNIT, unit = (offset + at) / UNIT;
        if (len < UNIT && w->n < w->wire)
            break;
        uint8_t bit = (uint8_t)(1U << (unit & 7)), *flags = &d->present[unit / 8];
        uint8_t *to = d->data + offset + at;
        if ((*flags & bit) != 0) {
            repeats = true;
            differs = differs || memcmp(to, w->p + at, len) != 0;
            continue;
        }
        memcpy(to, w->p + at, len);
        *flags |= bit;
        d->units++;
    }
    d->different = d->different || differs;
    f->counts->overlaps += repeats;
    f->counts->overlaps_different += differs;
}

static void note_piece(struct datagram *d, const struct packet *p)
{
    d->pieces[d->pieces_count++] = (struct piece){.packet = p->number, .offset = p->offset};
}

/* w goes on in the whole payload; the last piece is the packet at hand. */
static void finish(struct fragments *f, struct datagram *d, struct walk *w)
{
    take_out(f, d);
    datagram_free(f->done);
    f->done = d;
    f->counts->reassembled++;
    w->p = d->data;
    w->n = w->wire = d->end;
    w->out->fragmented = true;
    w->out->overlapped = w->out->overlapped || d->different;
    w->out->pieces = d->pieces;
    w->out->pieces_count = d->pieces_count - 1;
}

static bool refuse(struct fragments *f)
{
    f->counts->fragments_refused++;
    return false;
}

/* Adds the fragment to its datagram; false when it, or the whole datagram, was left out. */
static bool add_piece(struct fragments *f, struct datagram *d, struct walk *w,
                      const struct fragment *piece)
{
    uint32_t end = piece->offset + w->wire;
    if (contradicts(d, piece, end))
        return refuse(f);
    if (d->pieces_count >= f->pieces_max) {
        give_up(f, d, &f->counts->datagrams_evicted);
        return false;
    }
    grow(f, d, end);
    if (!make_room(f, d))
        return false;
    if (piece->offset == 0 && (d->present[0] & 1) == 0)
        d->protocol = piece->protocol;
    if (!piece->more)
        d->end = end;
    d->highest = end > d->highest ? end : d->highest;
    fill(f, d, w, piece->offset);
    note_piece(d, w->packet);
    return true;
}

/* ---- for the walk ---- */

enum status fragments_add(struct fragments *f, struct walk *w, const struct fragment *piece,
                          uint8_t *protocol)
{
    f->counts->fragments++;
    expire(f, w->packet);
    if (w->wire == 0 || w->wire > DATAGRAM_MAX - piece->offset ||
        (piece->more && w->wire % UNIT != 0)) {
        refuse(f);
        return STATUS_SKIP;
    }
    struct datagram *d = find_or_open(f, w, piece);
    if (!add_piece(f, d, w, piece))
        return STATUS_SKIP;
    if (d->end == 0 || d->units < (d->end + UNIT - 1) / UNIT)
        return STATUS_MORE;
    *protocol = d->protocol;
    finish(f, d, w);
    return STATUS_OK;
}

struct fragments *fragments_new(const struct limits *l, struct decoder_counts *counts)
{
    struct fragments *f = mem_alloc(sizeof *f);
    f->counts = counts;
    f->open_max = (uint64_t)l->v[LIMIT_fragments_open_max];
    f->bytes_max = (uint64_t)l->v[LIMIT_fragments_bytes_max];
    f->pieces_max = (uint64_t)l->v[LIMIT_fragments_pieces_max];
    f->wait_us = l->v[LIMIT_fragments_wait_us_max];
    return f;
}

void fragments_free(struct fragments *f)
{
    while (f->oldest != NULL) {
        struct datagram *d = f->oldest;
        take_out(f, d);
        datagram_free(d);
    }
    datagram_free(f->done);
    map_free(&f->map);
    mem_free(f->slots);
    mem_free(f->vacant);
    mem_free(f);
}
