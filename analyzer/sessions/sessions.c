/* The table of open sessions: an index by key, segments of visits, and a timing wheel that closes what
 * has been idle.  The wheel is lazy: a visit is filed under the slot in which it would fall idle and is
 * filed again when that slot comes up and it was touched meanwhile, so an event moves nothing. */
#include "analyzer/sessions/sessions.h"

#include <stdlib.h>

#include "analyzer/base/map.h"
#include "analyzer/sessions/visit.h"

enum {
    SEGMENT = 4096,
    WHEEL = 128,     /* slots; twice the idle time fits */
    WHEEL_IDLE = 64, /* slots an idle time spans */
    NEAR = 4,        /* visits ahead that are brought near while a slot is emptied */
    FUTURE_CONFIRM = 16 /* events in a row that make a leap of the clock credible */
};
#define FUTURE_LEAP_US (24ll * 3600 * 1000000) /* a stamp this far ahead moves the clock only when confirmed */

struct agents {
    struct map map;
    struct arena arena;
    struct str *texts;
    uint64_t *hashes;
    uint32_t count, cap;
    size_t bytes, bytes_max;
    uint64_t dropped;
};

struct sessions {
    const struct site *site;
    const struct limits *limits;
    struct closer closer;
    struct acts_pool pool;
    struct map map;
    struct visit **segments;
    uint32_t segments_count, segments_cap;
    uint32_t unused, fresh; /* as in acts_pool */
    uint32_t open, next_id;
    struct agents agents;

    int64_t watermark;
    int64_t leap_us;        /* smallest stamp of the unconfirmed leap */
    uint32_t leap_count;
    uint64_t leaps;         /* events that lay far ahead */
    int64_t slot_us;        /* width of a wheel slot */
    int64_t slot_now;       /* watermark / slot_us */
    struct slot {
        uint32_t *items;
        uint32_t first, count, cap; /* items[first, count) in the order they were filed */
    } wheel[WHEEL];
    struct slot turning;    /* the slot that is being emptied */
    uint64_t evicted, cookies_cut;
};

static struct visit *visit_at(const struct sessions *t, uint32_t i)
{
    return &t->segments[i / SEGMENT][i % SEGMENT];
}

/* ---- agents ---- */

static bool same_agent(const void *items, uint32_t item, const void *key)
{
    const struct agents *a = items;
    const struct str *text = key;
    return str_eq(a->texts[item], *text);
}

static uint32_t agent_intern(struct agents *a, struct str text, uint64_t hash)
{
    if (text.p == NULL)
        return AGENT_NONE;
    uint32_t found = map_find(&a->map, hash, same_agent, a, &text);
    if (found != MAP_NONE)
        return found;
    if (a->bytes + (size_t)text.n > a->bytes_max) {
        a->dropped++;
        return AGENT_NONE;
    }
    if (a->count == a->cap) {
        a->cap = a->cap == 0 ? 256 : a->cap * 2;
        a->texts = mem_grow(a->texts, a->cap * sizeof *a->texts);
    }
    a->bytes += (size_t)text.n;
    a->texts[a->count] = arena_str(&a->arena, text);
    map_put(&a->map, hash, a->count);
    return a->count++;
}

/* ---- finding and opening ---- */

struct visit_key {
    const struct event *event;
    const struct hit *hit;
    struct str cookie; /* cut to its bound; missing for address + agent */
    bool by_address;
};

static bool same_visit(const void *items, uint32_t item, const void *key)
{
    const struct visit *v = visit_at(items, item);
    const struct visit_key *k = key;

    if (k->by_address)
        return !(v->flags & VISIT_COOKIE) && v->agent_hash == k->hit->agent_hash &&
               ip_eq(&v->client, &k->event->client);
    return (v->flags & VISIT_COOKIE) && v->cookie_len == k->cookie.n &&
           memcmp(v->cookie, k->cookie.p, v->cookie_len) == 0;
}

static void wheel_file(struct sessions *t, uint32_t i)
{
    const struct visit *v = visit_at(t, i);
    int64_t due = (v->touched_us + t->site->idle_us) / t->slot_us + 1;

    if (due <= t->slot_now)
        due = t->slot_now + 1;
    struct slot *slot = &t->wheel[(uint64_t)due % WHEEL];
    if (slot->count == slot->cap) {
        slot->cap = slot->cap == 0 ? 64 : slot->cap * 2;
        slot->items = mem_grow(slot->items, slot->cap * sizeof *slot->items);
    }
    slot->items[slot->count++] = i;
}

static uint32_t visit_new(struct sessions *t)
{
    uint32_t i = t->unused;

    if (i != VISIT_NONE) {
        t->unused = visit_at(t, i)->next_unused;
        return i;
    }
    i = t->fresh++;
    if (i / SEGMENT == t->segments_count) {
        if (t->segments_count == t->segments_cap) {
            t->segments_cap = t->segments_cap == 0 ? 64 : t->segments_cap * 2;
            t->segments = mem_grow(t->segments, t->segments_cap * sizeof(struct visit *));
        }
        t->segments[t->segments_count++] = mem_alloc(SEGMENT * sizeof(struct visit));
    }
    return i;
}

/* Closes a visit; the caller took it off the wheel or leaves it there dead, to be freed when met. */
static void visit_close(struct sessions *t, uint32_t i, enum closed_by why)
{
    struct visit *v = visit_at(t, i);
    struct str agent = v->agent == AGENT_NONE ? STR_NONE : t->agents.texts[v->agent];

    if (v->requests > 0)
        closer_close(&t->closer, v, agent, why);
    acts_release(&t->pool, &v->acts);
    map_remove(&t->map, v->key_hash, i);
    mem_free(v->cookie);
    v->cookie = NULL;
    if (v->more != NULL) {
        for (struct visit_identity *n = v->more->identities, *next; n != NULL; n = next) {
            next = n->next;
            mem_free(n);
        }
        mem_free(v->more);
        v->more = NULL;
    }
    v->flags = 0;
    t->open--;
}

static void visit_free(struct sessions *t, uint32_t i)
{
    visit_at(t, i)->next_unused = t->unused;
    t->unused = i;
}

/* What closing a visit will touch, brought near while others are being closed. */
static inline __attribute__((always_inline)) void wheel_prefetch(const struct sessions *t, uint32_t i)
{
    const struct visit *v = visit_at(t, t->turning.items[i]);

    acts_prefetch(&t->pool, &v->acts);
    map_prefetch(&t->map, v->key_hash);
}

static void wheel_settle(struct sessions *t, uint32_t i)
{
    const struct visit *v = visit_at(t, i);

    if (!(v->flags & VISIT_LIVE)) {
        visit_free(t, i);
    } else if ((v->touched_us + t->site->idle_us) / t->slot_us + 1 <= t->slot_now) {
        visit_close(t, i, CLOSED_IDLE);
        visit_free(t, i);
    } else {
        wheel_file(t, i);
    }
}

/* One slot of the wheel: frees the dead, files the touched again, closes the idle. */
static void wheel_turn(struct sessions *t, uint32_t slot)
{
    struct slot empty = t->turning;

    t->turning = t->wheel[slot];
    t->wheel[slot] = empty;
    for (uint32_t i = t->turning.first; i < t->turning.count; i++) {
        if (i + 2 * NEAR < t->turning.count) {
            const char *v = (const char *)visit_at(t, t->turning.items[i + 2 * NEAR]);
            __builtin_prefetch(v);
            __builtin_prefetch(v + 64);
        }
        if (i + NEAR < t->turning.count)
            wheel_prefetch(t, i + NEAR);
        wheel_settle(t, t->turning.items[i]);
    }
    t->turning.first = t->turning.count = 0;
}

static void clock_set(struct sessions *t, int64_t us)
{
    int64_t slot = us / t->slot_us;

    if (t->watermark == INT64_MIN) {
        t->watermark = t->closer.run_first_us = us;
        t->slot_now = slot;
        return;
    }
    t->watermark = us;
    int64_t turns = slot - t->slot_now;
    if (turns > WHEEL)
        t->slot_now = slot - WHEEL;
    while (t->slot_now < slot) {
        t->slot_now++;
        wheel_turn(t, (uint32_t)((uint64_t)t->slot_now % WHEEL));
    }
}

/* One lying stamp must not close everybody's session: a leap counts once several events agree. */
static void clock_see(struct sessions *t, int64_t us)
{
    if (t->watermark == INT64_MIN || (us > t->watermark && us - t->watermark < FUTURE_LEAP_US)) {
        t->leap_count = 0;
        clock_set(t, us);
        return;
    }
    if (us <= t->watermark) {
        t->leap_count = 0;
        return;
    }
    t->leaps++;
    t->leap_us = t->leap_count == 0 || us < t->leap_us ? us : t->leap_us;
    if (++t->leap_count >= FUTURE_CONFIRM) {
        t->leap_count = 0;
        clock_set(t, t->leap_us);
    }
}

/* The session that has been idle longest, to within a slot of the wheel. */
static void evict_one(struct sessions *t)
{
    for (int64_t k = 1; k <= WHEEL; k++) {
        struct slot *slot = &t->wheel[(uint64_t)(t->slot_now + k) % WHEEL];
        while (slot->first < slot->count) {
            uint32_t i = slot->items[slot->first++];
            const struct visit *v = visit_at(t, i);
            if (!(v->flags & VISIT_LIVE)) {
                visit_free(t, i);
                continue;
            }
            if ((v->touched_us + t->site->idle_us) / t->slot_us + 1 > t->slot_now + k) {
                wheel_file(t, i);
                continue;
            }
            t->evicted++;
            visit_close(t, i, CLOSED_EVICTED);
            visit_free(t, i);
            return;
        }
        slot->first = slot->count = 0;
    }
}

static void visit_start(struct sessions *t, uint32_t i, const struct visit_key *k, uint64_t hash)
{
    struct visit *v = visit_at(t, i);
    const struct event *e = k->event;

    *v = (struct visit){.key_hash = hash, .agent_hash = k->hit->agent_hash, .client = e->client,
                        .first_us = e->time_us, .last_us = e->time_us, .touched_us = t->watermark,
                        .resolution_us = e->resolution_us, .meaning = e->meaning, .id = t->next_id++,
                        .flags = VISIT_LIVE};
    v->agent = agent_intern(&t->agents, e->agent, k->hit->agent_hash);
    if (!k->by_address) {
        v->flags |= VISIT_COOKIE;
        v->cookie_len = (uint16_t)k->cookie.n;
        v->cookie = mem_alloc((size_t)k->cookie.n + 1);
        memcpy(v->cookie, k->cookie.p, (size_t)k->cookie.n);
        if (k->hit->cookie.n > k->cookie.n) {
            v->flags |= VISIT_COOKIE_CUT;
            t->cookies_cut++;
        }
    }
    map_put(&t->map, hash, i);
    wheel_file(t, i);
    t->open++;
}

static bool was_just_before(const struct act *a, int64_t us)
{
    return a->time_us <= us;
}

/* The page that hands out a cookie is requested without it.  The first request that carries the cookie
 * claims the earliest such page still waiting under its address and agent: the earliest, because a longer
 * gap speaks for a person. */
static void claim_first_page(struct sessions *t, uint32_t i, const struct visit_key *k)
{
    struct visit_key sibling = {.event = k->event, .hit = k->hit, .by_address = true};
    uint64_t hash = site_address_key(&k->event->client, k->hit->agent_hash);
    uint32_t found = map_find(&t->map, hash, same_visit, t, &sibling);
    struct act act;

    if (found == MAP_NONE)
        return;
    struct visit *from = visit_at(t, found), *v = visit_at(t, i);
    if (k->event->time_us - from->last_us > t->site->idle_us || from->acts_total != from->acts.count ||
        !acts_take(&t->pool, &from->acts, was_just_before, k->event->time_us, &act))
        return;
    from->acts_total--;
    from->requests--;
    if (act.status >= 400)
        from->errors--;
    if (from->requests == 0) {
        visit_close(t, found, CLOSED_END); /* nothing left: hands over nothing */
    }
    if (acts_add(&t->pool, &v->acts, &act)) {
        v->acts_total++;
        v->requests++;
        v->errors += act.status >= 400;
        v->first_us = act.time_us < v->first_us ? act.time_us : v->first_us;
        v->last_step = (uint8_t)act.step;
    }
}

/* ---- one event ---- */

static void add_client(struct visit *v, const struct ip *client, int64_t most)
{
    struct visit_more *m = v->more;

    for (int k = 0; m != NULL && k < m->clients_count; k++)
        if (ip_eq(&m->clients[k], client))
            return;
    if (m == NULL) {
        m = v->more = mem_alloc(sizeof *m);
        m->identities_end = &m->identities;
    }
    if (m->clients_count + 1 >= most || m->clients_count == 15) {
        m->clients_full = true;
        v->flags |= VISIT_TRUNCATED | VISIT_CLIENTS_CUT;
        return;
    }
    m->clients[m->clients_count++] = *client;
}

static void add_identity(struct visit *v, const struct sighting *s, const struct event *e, int64_t most)
{
    struct visit_more *m = v->more;

    if (s->value.n <= 0)
        return;
    if (m == NULL) {
        m = v->more = mem_alloc(sizeof *m);
        m->identities_end = &m->identities;
    }
    for (struct visit_identity *n = m->identities; n != NULL; n = n->next)
        if (n->kind == s->kind && str_eq((struct str){n->bytes, n->length}, s->value)) {
            n->times++;
            return;
        }
    if (m->identities_count >= most || s->value.n > 320) {
        v->flags |= VISIT_TRUNCATED | VISIT_IDENTITIES_CUT;
        return;
    }
    struct visit_identity *n = mem_alloc(sizeof *n + (size_t)s->value.n);
    n->kind = s->kind;
    n->times = 1;
    n->offset = e->offset;
    n->source = (uint16_t)e->source;
    n->length = (uint32_t)s->value.n;
    memcpy(n->bytes, s->value.p, (size_t)s->value.n);
    *m->identities_end = n;
    m->identities_end = &n->next;
    m->identities_count++;
}

static struct act act_of(const struct event *e, const struct hit *h, uint8_t last_step)
{
    bool has_duration = (e->has & ~e->absent & HAS(DURATION)) && e->duration_us < UINT32_MAX;
    bool no_referer = (e->has & HAS(REFERER)) && e->referer.n <= 0;
    bool foreign = e->referer.n > 0 && !h->referer_own;
    unsigned flags = (h->step != 0 && h->step == last_step ? ACT_RETRY : 0u) |
                     (no_referer ? ACT_NO_REFERER : 0u) | (foreign ? ACT_FOREIGN_REFERER : 0u) |
                     (h->sightings_count > 0 ? ACT_IDENTITY : 0u);

    return (struct act){.time_us = e->time_us, .offset = e->offset & ((1ull << 44) - 1),
                        .length = e->length & 0xfffffu, .record = e->record & ((1ull << 36) - 1),
                        .step = h->step & 63u, .referer_step = h->referer_step & 63u,
                        .method = e->method & 15u, .meaning = h->meaning & 15u, .flags = (uint8_t)flags,
                        .source = (uint16_t)e->source, .status = e->status,
                        .duration_us = has_duration ? (uint32_t)e->duration_us : UINT32_MAX};
}

static void visit_touch(struct sessions *t, struct visit *v, const struct event *e, const struct hit *h)
{
    v->touched_us = t->watermark;
    v->requests++;
    v->errors += e->status >= 400;
    v->has |= e->has;
    if (e->time_us < v->first_us)
        v->first_us = e->time_us;
    if (e->time_us > v->last_us)
        v->last_us = e->time_us;
    if (e->resolution_us > v->resolution_us)
        v->resolution_us = e->resolution_us;
    if (e->meaning != v->meaning)
        v->meaning = TIME_MEANS_UNKNOWN;
    if (!ip_eq(&v->client, &e->client))
        add_client(v, &e->client, t->limits->v[LIMIT_session_clients_max]);
    if (!h->decision) {
        v->assets++;
        return;
    }
    struct act a = act_of(e, h, v->last_step);
    v->acts_total++;
    if (!acts_add(&t->pool, &v->acts, &a))
        v->flags |= VISIT_TRUNCATED;
    v->last_step = h->step;
    for (int k = 0; k < h->sightings_count; k++)
        add_identity(v, &h->sightings[k], e, t->limits->v[LIMIT_session_identities_max]);
    if (h->meaning >= MEANING_CAPTCHA)
        v->flags |= VISIT_BOOKING;
    if (h->step != 0 && t->site->steps[h->step - 1].completes && e->status < 400)
        v->flags |= VISIT_COMPLETED;
}

static bool begins_anew(const struct sessions *t, const struct visit *v, const struct event *e,
                        const struct hit *h)
{
    if (e->time_us - v->last_us > t->site->idle_us || v->first_us - e->time_us > t->site->idle_us)
        return true;
    /* Behind one address and agent another person may be midway: there the close decides. */
    return (v->flags & VISIT_COMPLETED) && (v->flags & VISIT_COOKIE) && h->meaning == MEANING_LANDING;
}

void sessions_add(struct sessions *t, const struct event *e, const struct hit *h)
{
    struct visit_key k = {.event = e, .hit = h, .by_address = h->cookie.p == NULL || h->cookie.n == 0};
    int64_t longest = t->limits->v[LIMIT_cookie_bytes_max];

    k.cookie = k.by_address ? STR_NONE : str_sub(h->cookie, 0, longest);
    clock_see(t, e->time_us);
    uint32_t i = map_find(&t->map, h->key_hash, same_visit, t, &k);
    if (i != MAP_NONE && begins_anew(t, visit_at(t, i), e, h)) {
        bool idle = e->time_us - visit_at(t, i)->last_us > t->site->idle_us ||
                    visit_at(t, i)->first_us - e->time_us > t->site->idle_us;
        visit_close(t, i, idle ? CLOSED_IDLE : CLOSED_COMPLETED);
        i = MAP_NONE;
    }
    if (i == MAP_NONE) {
        if (t->open >= (uint64_t)t->limits->v[LIMIT_sessions_open_max])
            evict_one(t);
        i = visit_new(t);
        visit_start(t, i, &k, h->key_hash);
        if (!k.by_address)
            claim_first_page(t, i, &k);
    }
    visit_touch(t, visit_at(t, i), e, h);
}

void sessions_prefetch_index(const struct sessions *t, const struct hit *h)
{
    map_prefetch(&t->map, h->key_hash);
}

void sessions_prefetch(const struct sessions *t, const struct hit *h)
{
    if (t->map.slots == NULL)
        return;
    const struct map_slot *s = &t->map.slots[h->key_hash & t->map.mask];
    if (s->hash != h->key_hash || s->item >= MAP_GONE)
        return;
    const char *v = (const char *)visit_at(t, s->item);
    __builtin_prefetch(v);
    __builtin_prefetch(v + 64);
}

/* ---- life ---- */

struct sessions *sessions_new(const struct site *site, const struct limits *limits, session_closed *closed,
                              void *user)
{
    struct sessions *t = mem_alloc(sizeof *t);

    t->site = site;
    t->limits = limits;
    t->unused = VISIT_NONE;
    t->watermark = INT64_MIN;
    t->slot_us = site->idle_us / WHEEL_IDLE > 0 ? site->idle_us / WHEEL_IDLE : 1;
    acts_init(&t->pool, limits);
    t->agents.bytes_max = (size_t)limits->v[LIMIT_agents_bytes_max];
    t->closer = (struct closer){.site = site, .limits = limits, .pool = &t->pool, .closed = closed,
                                .user = user, .next_id = &t->next_id};
    return t;
}

static int by_id(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

void sessions_end(struct sessions *t, enum closed_by why)
{
    uint64_t *order = mem_alloc((t->open + 1) * sizeof *order);
    size_t n = 0;

    for (uint32_t i = 0; i < t->fresh; i++)
        if (visit_at(t, i)->flags & VISIT_LIVE)
            order[n++] = (uint64_t)visit_at(t, i)->id << 32 | i;
    qsort(order, n, sizeof *order, by_id);
    for (size_t k = 0; k < n; k++)
        visit_close(t, (uint32_t)order[k], why);
    mem_free(order);
}

void sessions_peek(const struct sessions *t, session_closed *look, void *user)
{
    uint32_t ids = t->next_id;
    struct closer c = t->closer;

    c.arena = (struct arena){0};
    c.next_id = &ids;
    c.closed = look;
    c.user = user;
    for (uint32_t i = 0; i < t->fresh; i++) {
        const struct visit *v = visit_at(t, i);
        bool far = (v->flags & VISIT_BOOKING) || (v->more != NULL && v->more->identities_count > 0);
        if ((v->flags & VISIT_LIVE) && far && v->requests > 0)
            closer_close(&c, v, v->agent == AGENT_NONE ? STR_NONE : t->agents.texts[v->agent], CLOSED_OPEN);
    }
    arena_free(&c.arena);
}

int64_t sessions_watermark(const struct sessions *t)
{
    return t->watermark;
}

uint64_t sessions_open_count(const struct sessions *t)
{
    return t->open;
}

static void report_count(struct diags *d, enum diag_code code, uint64_t n)
{
    char text[24];
    size_t k = sizeof text;

    if (n == 0)
        return;
    for (uint64_t v = n; v > 0; v /= 10)
        text[--k] = (char)('0' + v % 10);
    diag_add(d, code, DIAG_RUN, n, (struct str){text + k, (ptrdiff_t)(sizeof text - k)});
}

void sessions_report(const struct sessions *t, struct diags *d)
{
    report_count(d, DIAG_sessions_evicted, t->evicted);
    report_count(d, DIAG_acts_truncated, t->closer.acts_cut);
    report_count(d, DIAG_clients_truncated, t->closer.clients_cut);
    report_count(d, DIAG_identities_truncated, t->closer.identities_cut);
    report_count(d, DIAG_agents_dropped, t->agents.dropped);
    report_count(d, DIAG_time_future, t->leaps);
}

void sessions_free(struct sessions *t)
{
    if (t == NULL)
        return;
    for (uint32_t i = 0; i < t->fresh; i++) {
        struct visit *v = visit_at(t, i);
        if (!(v->flags & VISIT_LIVE))
            continue;
        v->requests = 0;
        visit_close(t, i, CLOSED_INTERRUPTED);
    }
    for (int k = 0; k < WHEEL; k++)
        mem_free(t->wheel[k].items);
    mem_free(t->turning.items);
    for (uint32_t i = 0; i < t->segments_count; i++)
        mem_free(t->segments[i]);
    mem_free(t->segments);
    map_free(&t->map);
    acts_free(&t->pool);
    map_free(&t->agents.map);
    arena_free(&t->agents.arena);
    mem_free(t->agents.texts);
    arena_free(&t->closer.arena);
    mem_free(t);
}
