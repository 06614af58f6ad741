/* world.c: growing tables, interned text and the queue that wakes whoever acts next. */
#include "samples/gen/world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 4000, BLOCK_SIZE = 1 << 20 };

struct block {
    struct block *next;
    char text[];
};

static void *grow(void *table, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return table;
    size_t more = *room ? *room * 2 : 64;
    void *p = realloc(table, more * size);
    if (!p) {
        fputs("vigie-gen: out of memory\n", stderr);
        exit(70);
    }
    *room = more;
    return p;
}

void world_init(struct world *w, const struct site_model *site, uint64_t seed, int64_t day_us)
{
    *w = (struct world){.site = site, .seed = seed, .day_us = day_us, .zone_s = 3600, .capacity = 60};
}

void world_free(struct world *w)
{
    for (struct block *b = w->blocks, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    for (size_t i = 0; i < w->runners_count; i++)
        free(w->runners[i]);
    free(w->runners);
    free(w->requests);
    free(w->visits);
    free(w->parties);
    free(w->slots);
    free(w->heap);
    *w = (struct world){0};
}

static void room_for_text(struct world *w)
{
    if (w->block_left >= TEXT_MAX)
        return;
    struct block *b = malloc(sizeof *b + BLOCK_SIZE);
    if (!b) {
        fputs("vigie-gen: out of memory\n", stderr);
        exit(70);
    }
    b->next = w->blocks;
    w->blocks = b;
    w->block = b->text;
    w->block_left = BLOCK_SIZE;
}

const char *world_text(struct world *w, const char *format, ...)
{
    room_for_text(w);
    va_list args;
    va_start(args, format);
    int n = vsnprintf(w->block, TEXT_MAX, format, args);
    va_end(args);
    size_t used = (n < 0 ? 0 : n >= TEXT_MAX ? TEXT_MAX - 1 : (size_t)n) + 1;
    const char *text = w->block;
    w->block += used;
    w->block_left -= used;
    return text;
}

void *world_room(struct world *w, size_t size)
{
    room_for_text(w);
    size_t pad = -(uintptr_t)w->block % sizeof(void *);
    if (pad + size > TEXT_MAX)
        return NULL;
    void *room = memset(w->block + pad, 0, size);
    w->block += pad + size;
    w->block_left -= pad + size;
    return room;
}

uint32_t world_party(struct world *w, const char *class, bool offender, bool automated, bool bulk)
{
    w->parties = grow(w->parties, w->parties_count, &w->parties_room, sizeof *w->parties);
    struct party *p = &w->parties[w->parties_count];
    *p = (struct party){.class = class, .offender = offender, .automated = automated, .bulk = bulk};
    snprintf(p->id, sizeof p->id, "P%05u", (unsigned)(w->parties_count + 1) % 100000u);
    return (uint32_t)w->parties_count++;
}

struct runner *world_runner(struct world *w, uint32_t party, void (*act)(struct world *, struct runner *),
                            int64_t due_us)
{
    w->runners = grow(w->runners, w->runners_count, &w->runners_room, sizeof *w->runners);
    struct runner *r = calloc(1, sizeof *r);
    if (!r) {
        fputs("vigie-gen: out of memory\n", stderr);
        exit(70);
    }
    r->act = act;
    r->due_us = due_us;
    r->party = party;
    r->index = (uint32_t)w->runners_count;
    r->slot = -1;
    r->visit = UINT32_MAX;
    rng_seed(&r->rng, w->seed, r->index + 1u);
    w->runners[w->runners_count++] = r;
    return r;
}

void world_visit(struct world *w, struct runner *r)
{
    w->visits = grow(w->visits, w->visits_count, &w->visits_room, sizeof *w->visits);
    w->visits[w->visits_count] = (struct visit){.party = r->party, .cookie = r->browser.cookie};
    r->visit = (uint32_t)w->visits_count++;
}

void world_slot(struct world *w, int64_t start, int64_t release_us)
{
    w->slots = grow(w->slots, w->slots_count, &w->slots_room, sizeof *w->slots);
    w->slots[w->slots_count++] = (struct slot){.start = start, .release_us = release_us};
}

void world_request(struct world *w, const struct runner *r, struct request q)
{
    w->requests = grow(w->requests, w->requests_count, &w->requests_room, sizeof *w->requests);
    q.address = r->browser.address;
    q.agent = r->browser.agent;
    q.port = r->browser.port;
    q.version = r->browser.version;
    q.visit = r->visit;
    q.sequence = (uint32_t)w->requests_count;
    w->visits[r->visit].requests++;
    w->requests[w->requests_count++] = q;
}

static bool before(const struct world *w, uint32_t a, uint32_t b)
{
    int64_t x = w->runners[a]->due_us, y = w->runners[b]->due_us;
    return x < y || (x == y && a < b);
}

static void sink(struct world *w, size_t at)
{
    for (;;) {
        size_t least = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < w->heap_count; child++)
            if (before(w, w->heap[child], w->heap[least]))
                least = child;
        if (least == at)
            return;
        uint32_t t = w->heap[at];
        w->heap[at] = w->heap[least];
        w->heap[least] = t;
        at = least;
    }
}

/* Runners are all known before the start: the heap only shrinks. */
void world_run(struct world *w)
{
    w->heap = calloc(w->runners_count + 1, sizeof *w->heap);
    if (!w->heap)
        exit(70);
    for (size_t i = 0; i < w->runners_count; i++)
        w->heap[w->heap_count++] = (uint32_t)i;
    for (size_t i = w->heap_count; i-- > 0;)
        sink(w, i);
    while (w->heap_count > 0) {
        struct runner *r = w->runners[w->heap[0]];
        if (r->due_us == NEVER_US)
            return;
        w->now_us = r->due_us;
        r->due_us = NEVER_US;
        r->act(w, r);
        sink(w, 0);
    }
}

static int by_end(const void *a, const void *b)
{
    const struct request *x = a, *y = b;
    if (x->end_us != y->end_us)
        return x->end_us < y->end_us ? -1 : 1;
    return x->sequence < y->sequence ? -1 : 1;
}

void world_order(struct world *w)
{
    if (w->requests_count > 0)
        qsort(w->requests, w->requests_count, sizeof *w->requests, by_end);
}
