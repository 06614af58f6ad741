/* facts.c: counting and collecting over the sessions of a cluster, with its limits. */
#include "reports/facts.h"

#include <stdlib.h>

#include "detectors/run.h"

const struct session *facts_session(const struct findings *f, uint32_t id)
{
    uint32_t i = session_find(f->sessions, f->sessions_count, id);
    return i == UINT32_MAX ? NULL : f->sessions[i];
}

static int ip_order(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct ip));
}

static uint32_t distinct_addresses(struct arena *scratch, const struct findings *f,
                                   const struct cluster *c)
{
    size_t n = 0;
    for (uint32_t i = 0; i < c->sessions_count; i++) {
        const struct session *s = facts_session(f, c->sessions[i]);
        n += s != NULL ? s->clients_count : 0;
    }
    struct ip *all = ARENA_ARRAY(scratch, struct ip, n + 1);
    size_t at = 0;
    for (uint32_t i = 0; i < c->sessions_count; i++) {
        const struct session *s = facts_session(f, c->sessions[i]);
        for (uint8_t k = 0; s != NULL && k < s->clients_count; k++)
            all[at++] = s->clients[k];
    }
    qsort(all, n, sizeof *all, ip_order);
    uint32_t distinct = 0;
    for (size_t i = 0; i < n; i++)
        distinct += i == 0 || !ip_eq(&all[i], &all[i - 1]);
    return distinct;
}

static int identity_order(const void *x, const void *y)
{
    const struct identity *a = *(const struct identity *const *)x,
                          *b = *(const struct identity *const *)y;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    return str_cmp(a->canonical, b->canonical);
}

static void distinct_identities(struct arena *scratch, const struct findings *f,
                                const struct cluster *c, uint32_t out[IDENTITY_KINDS])
{
    size_t n = 0;
    for (uint32_t i = 0; i < c->sessions_count; i++) {
        const struct session *s = facts_session(f, c->sessions[i]);
        n += s != NULL ? s->identities_count : 0;
    }
    const struct identity **all = ARENA_ARRAY(scratch, const struct identity *, n + 1);
    size_t at = 0;
    for (uint32_t i = 0; i < c->sessions_count; i++) {
        const struct session *s = facts_session(f, c->sessions[i]);
        for (uint32_t k = 0; s != NULL && k < s->identities_count; k++)
            all[at++] = &s->identities[k];
    }
    qsort(all, n, sizeof *all, identity_order);
    for (size_t i = 0; i < n; i++)
        out[all[i]->kind] += i == 0 || identity_order(&all[i], &all[i - 1]) != 0;
}

struct cluster_facts facts_of(struct arena *scratch, const struct findings *f,
                              const struct cluster *c)
{
    struct cluster_facts facts = {
        .first_us = INT64_MAX, .last_us = INT64_MIN, .sessions = c->sessions_count};
    for (uint32_t i = 0; i < c->sessions_count; i++) {
        const struct session *s = facts_session(f, c->sessions[i]);
        if (s == NULL)
            continue;
        facts.first_us = s->first_us < facts.first_us ? s->first_us : facts.first_us;
        facts.last_us = s->last_us > facts.last_us ? s->last_us : facts.last_us;
        facts.requests += s->requests;
        facts.acts += s->acts_total;
        facts.bookings += s->submissions;
        facts.bookings_more |= s->acts_count < s->acts_total;
        facts.addresses_more |= s->clients_more;
    }
    facts.addresses = distinct_addresses(scratch, f, c);
    distinct_identities(scratch, f, c, facts.identities);
    return facts;
}

bool facts_spoke(const struct findings *f, const struct detector *d)
{
    for (uint32_t i = 0; i < f->reasons_count; i++)
        if (f->reasons[i].detector == d)
            return true;
    for (uint32_t i = 0; i < f->clusters_count; i++)
        for (uint32_t k = 0; k < f->clusters[i].reasons_count; k++)
            if (f->clusters[i].reasons[k].detector == d)
                return true;
    return false;
}

static int cited_order(const void *x, const void *y)
{
    const struct cited *a = x, *b = y;
    if (a->source != b->source)
        return a->source < b->source ? -1 : 1;
    return (a->offset > b->offset) - (a->offset < b->offset);
}

size_t facts_sort(struct cited *items, size_t count)
{
    if (count == 0)
        return 0;
    qsort(items, count, sizeof *items, cited_order);
    size_t kept = 1;
    for (size_t i = 1; i < count; i++)
        if (cited_order(&items[i], &items[kept - 1]) != 0)
            items[kept++] = items[i];
    return kept;
}

size_t facts_find(const struct cited *items, size_t count, uint32_t source, uint64_t offset)
{
    const struct cited key = {.source = source, .offset = offset};
    const struct cited *hit =
        count > 0 ? bsearch(&key, items, count, sizeof *items, cited_order) : NULL;
    return hit != NULL ? (size_t)(hit - items) : SIZE_MAX;
}

static void take(struct own_records *own, size_t max, const struct act *a)
{
    if (own->count == max) {
        own->truncated = true;
        return;
    }
    own->items[own->count++] = (struct cited){.source = a->source,
                                              .record = a->record,
                                              .offset = a->offset,
                                              .length = (uint32_t)a->length};
}

static void take_reasons(struct own_records *own, size_t max, const struct findings *f,
                         const struct cluster *c)
{
    for (uint32_t i = 0; i < c->reasons_count; i++) {
        const struct reason *r = &c->reasons[i];
        const struct session *s = r->session != UINT32_MAX ? facts_session(f, r->session) : NULL;
        for (uint32_t k = 0; s != NULL && k < r->acts_count; k++)
            if (r->acts[k] < s->acts_count)
                take(own, max, &s->acts[r->acts[k]]);
    }
    own->count = facts_sort(own->items, own->count);
}

struct own_records facts_records(struct arena *a, const struct findings *f, const struct cluster *c,
                                 const struct limits *l)
{
    const int64_t sessions_max = l->v[LIMIT_cluster_sessions_max];
    const size_t records_max = (size_t)l->v[LIMIT_finding_records_max];
    struct own_records own = {.sessions = c->sessions_count};
    if (own.sessions > sessions_max) {
        own.sessions = (uint32_t)sessions_max;
        own.truncated = true;
    }
    size_t acts = 0;
    for (uint32_t i = 0; i < own.sessions; i++) {
        const struct session *s = facts_session(f, c->sessions[i]);
        acts += s != NULL ? s->acts_count : 0;
    }
    size_t cited = 0;
    for (uint32_t i = 0; i < c->reasons_count; i++)
        cited += c->reasons[i].acts_count;
    size_t room = acts + cited; /* enough for all; what is kept is bounded by the limit */
    size_t max = room < records_max ? room : records_max;
    own.items = ARENA_ARRAY(a, struct cited, max + 1);
    take_reasons(&own, max, f, c);
    size_t first = own.count; /* already there and in order; the rest is looked up against it */
    for (uint32_t i = 0; i < own.sessions; i++) {
        const struct session *s = facts_session(f, c->sessions[i]);
        for (uint32_t k = 0; s != NULL && k < s->acts_count; k++)
            if (facts_find(own.items, first, s->acts[k].source, s->acts[k].offset) == SIZE_MAX)
                take(&own, max, &s->acts[k]);
    }
    own.count = facts_sort(own.items, own.count);
    return own;
}
