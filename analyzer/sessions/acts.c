/* The pool of decision events; see acts.h. */
#include "analyzer/sessions/acts.h"

static struct acts_chunk *chunk_at(const struct acts_pool *p, uint32_t i)
{
    return &p->segments[i / ACTS_SEGMENT][i % ACTS_SEGMENT];
}

static void add_segment(struct acts_pool *p)
{
    if (p->segments_count == p->segments_cap) {
        p->segments_cap = p->segments_cap == 0 ? 64 : p->segments_cap * 2;
        p->segments = mem_grow(p->segments, p->segments_cap * sizeof *p->segments);
    }
    p->segments[p->segments_count++] = mem_alloc(ACTS_SEGMENT * sizeof(struct acts_chunk));
}

static uint32_t take_chunk(struct acts_pool *p)
{
    uint32_t i = p->unused;

    if (i != ACTS_NONE) {
        p->unused = chunk_at(p, i)->next;
    } else {
        i = p->fresh++;
        if (i / ACTS_SEGMENT == p->segments_count)
            add_segment(p);
    }
    struct acts_chunk *c = chunk_at(p, i);
    c->next = ACTS_NONE;
    c->used = 0;
    return i;
}

void acts_init(struct acts_pool *p, const struct limits *l)
{
    *p = (struct acts_pool){.unused = ACTS_NONE};
    p->live_max = (uint64_t)l->v[LIMIT_acts_open_max];
    p->each_max = (uint32_t)l->v[LIMIT_session_acts_max];
    p->each_crowded = (uint32_t)l->v[LIMIT_session_acts_crowded];
}

bool acts_add(struct acts_pool *p, struct acts_list *l, const struct act *a)
{
    uint32_t most = p->live * 2 > p->live_max ? p->each_crowded : p->each_max;

    if (l->count >= most || p->live >= p->live_max)
        return false;
    if (l->count == 0) {
        l->first = l->last = take_chunk(p);
    } else if (chunk_at(p, l->last)->used == ACTS_CHUNK) {
        uint32_t next = take_chunk(p);
        chunk_at(p, l->last)->next = next;
        l->last = next;
    }
    struct acts_chunk *c = chunk_at(p, l->last);
    c->acts[c->used++] = *a;
    l->count++;
    p->live++;
    return true;
}

void acts_copy(const struct acts_pool *p, const struct acts_list *l, struct act *out)
{
    uint32_t left = l->count;

    for (uint32_t i = l->first; left > 0;) {
        const struct acts_chunk *c = chunk_at(p, i);
        memcpy(out, c->acts, c->used * sizeof *out);
        out += c->used;
        left -= c->used;
        i = c->next;
    }
}

bool acts_take(struct acts_pool *p, struct acts_list *l, bool (*wanted)(const struct act *a, int64_t arg),
               int64_t arg, struct act *out)
{
    struct acts_list rest = {0};
    uint32_t left = l->count;
    bool found = false;

    for (uint32_t i = l->first; left > 0 && !found;) {
        const struct acts_chunk *c = chunk_at(p, i);
        for (uint32_t k = 0; k < c->used && !found; k++)
            found = wanted(&c->acts[k], arg);
        left -= c->used;
        i = c->next;
    }
    if (!found)
        return false;

    /* Rare (once for each new cookie): rebuild the list without the act. */
    struct act *all = mem_alloc(l->count * sizeof *all);
    uint32_t n = l->count;
    acts_copy(p, l, all);
    acts_release(p, l);
    found = false;
    for (uint32_t k = 0; k < n; k++) {
        if (!found && wanted(&all[k], arg)) {
            *out = all[k];
            found = true;
            continue;
        }
        acts_add(p, &rest, &all[k]);
    }
    mem_free(all);
    *l = rest;
    return true;
}

void acts_release(struct acts_pool *p, struct acts_list *l)
{
    if (l->count == 0)
        return;
    chunk_at(p, l->last)->next = p->unused;
    p->unused = l->first;
    p->live -= l->count;
    l->count = 0;
}

void acts_free(struct acts_pool *p)
{
    for (uint32_t i = 0; i < p->segments_count; i++)
        mem_free(p->segments[i]);
    mem_free(p->segments);
    *p = (struct acts_pool){.unused = ACTS_NONE};
}
