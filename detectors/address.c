/* address.c: one compact entry an address unit, found through an index map. */
#include "detectors/address.h"

#include "detectors/stats/distinct.h"

enum { ADDRESS_SEGMENT = 4096, AGENTS_MOST = 255, OTHERS_MOST = 65535 };

enum counted { COUNTED_AGENT, COUNTED_COOKIE, COUNTED_EMAIL, COUNTED_KINDS };

struct address_sets {
    struct distinct of[COUNTED_KINDS];
};

/* Without sets each kind has at most the one value in first[]; 0 is none. */
struct address_entry {
    struct ip unit;
    uint32_t sessions, bookings;
    uint32_t first[COUNTED_KINDS];
    struct address_sets *sets;
};

static struct address_entry *entry_at(const struct address_table *t, uint32_t i)
{
    return &t->segments[i / ADDRESS_SEGMENT][i % ADDRESS_SEGMENT];
}

static bool same_unit(const void *items, uint32_t item, const void *key)
{
    return ip_eq(&entry_at(items, item)->unit, key);
}

static void add_segment(struct address_table *t, size_t at)
{
    if (at >= t->segments_cap) {
        t->segments_cap = t->segments_cap == 0 ? 64 : t->segments_cap * 2;
        t->segments = mem_grow(t->segments, t->segments_cap * sizeof *t->segments);
    }
    t->segments[at] = mem_alloc(ADDRESS_SEGMENT * sizeof **t->segments);
}

static struct address_entry *entry_of(struct address_table *t, const struct ip *unit)
{
    uint64_t hash = hash_bytes(unit, sizeof *unit);
    uint32_t i = map_find(&t->index, hash, same_unit, t, unit);
    if (i != MAP_NONE)
        return entry_at(t, i);
    if (t->count >= t->most)
        return NULL;
    if (t->count % ADDRESS_SEGMENT == 0)
        add_segment(t, t->count / ADDRESS_SEGMENT);
    i = t->count++;
    entry_at(t, i)->unit = *unit;
    map_put(&t->index, hash, i);
    return entry_at(t, i);
}

static void count_value(struct address_entry *e, enum counted kind, struct str value)
{
    if (value.n <= 0)
        return;
    uint32_t hash = distinct_hash(value);
    if (e->sets == NULL) {
        if (e->first[kind] == 0 || e->first[kind] == hash) {
            e->first[kind] = hash;
            return;
        }
        e->sets = mem_alloc(sizeof *e->sets);
        for (int k = 0; k < COUNTED_KINDS; k++)
            if (e->first[k] != 0)
                distinct_add(&e->sets->of[k], e->first[k]);
    }
    distinct_add(&e->sets->of[kind], hash);
}

static void add_to_unit(struct address_table *t, const struct ip *address, const struct session *s)
{
    struct ip unit = ip_unit(address);
    struct address_entry *e = entry_of(t, &unit);
    if (e == NULL) {
        t->turned_away++;
        return;
    }
    e->sessions++;
    e->bookings += s->submissions;
    count_value(e, COUNTED_AGENT, s->agent);
    if (s->key_kind == KEY_COOKIE)
        count_value(e, COUNTED_COOKIE, s->key_value);
    uint32_t at = 0;
    for (struct str mail = session_next_email(s, &at); mail.p != NULL;
         mail = session_next_email(s, &at))
        count_value(e, COUNTED_EMAIL, mail);
}

/* True when an earlier address of the session has the same unit. */
static bool unit_seen(const struct session *s, uint8_t i)
{
    struct ip unit = ip_unit(&s->clients[i]);
    for (uint8_t k = 0; k < i; k++) {
        struct ip other = ip_unit(&s->clients[k]);
        if (ip_eq(&unit, &other))
            return true;
    }
    return false;
}

static uint32_t counted(const struct address_entry *e, enum counted kind, uint32_t most)
{
    uint32_t n = e->sets != NULL ? distinct_count(&e->sets->of[kind]) : e->first[kind] != 0;
    return n > most ? most : n;
}

void address_init(struct address_table *t, int64_t most)
{
    *t = (struct address_table){.most = most > 0 && most < MAP_GONE ? (uint32_t)most : MAP_GONE};
}

void address_prefetch(const struct address_table *t, const struct session *s)
{
    struct ip unit = ip_unit(&s->client);
    map_prefetch(&t->index, hash_bytes(&unit, sizeof unit));
}

void address_add(struct address_table *t, const struct session *s)
{
    for (uint8_t i = 0; i < s->clients_count; i++)
        if (!ip_is_zero(&s->clients[i]) && (i == 0 || !unit_seen(s, i)))
            add_to_unit(t, &s->clients[i], s);
}

struct address_use address_get(const struct address_table *t, const struct ip *unit)
{
    uint32_t i = map_find(&t->index, hash_bytes(unit, sizeof *unit), same_unit, t, unit);
    if (i == MAP_NONE)
        return (struct address_use){0};
    const struct address_entry *e = entry_at(t, i);
    return (struct address_use){.sessions = e->sessions,
                                .agents = counted(e, COUNTED_AGENT, AGENTS_MOST),
                                .cookies = counted(e, COUNTED_COOKIE, OTHERS_MOST),
                                .identities = counted(e, COUNTED_EMAIL, OTHERS_MOST),
                                .bookings = e->bookings};
}

void address_free(struct address_table *t)
{
    for (uint32_t i = 0; i < t->count; i++) {
        struct address_sets *sets = entry_at(t, i)->sets;
        for (int k = 0; sets != NULL && k < COUNTED_KINDS; k++)
            distinct_free(&sets->of[k]);
        mem_free(sets);
    }
    for (size_t i = 0; i * ADDRESS_SEGMENT < t->count; i++)
        mem_free(t->segments[i]);
    mem_free(t->segments);
    map_free(&t->index);
    *t = (struct address_table){0};
}

struct str session_next_email(const struct session *s, uint32_t *at)
{
    while (*at < s->identities_count) {
        const struct identity *id = &s->identities[(*at)++];
        if (id->kind == IDENTITY_EMAIL)
            return id->canonical;
    }
    return STR_NONE;
}
