/* acts.h: the pool of decision events of all open sessions, in chunks of four.
 *
 * The pool has one bound (acts_open_max); while it is more than half full a session may keep only
 * session_acts_crowded of them, so that one flood cannot push out everybody else's first acts. */
#ifndef VIGIE_SESSIONS_ACTS_H
#define VIGIE_SESSIONS_ACTS_H

#include "analyzer/base/limits.h"
#include "analyzer/base/mem.h"
#include "analyzer/model/session.h"

enum { ACTS_CHUNK = 4, ACTS_SEGMENT = 4096 };
#define ACTS_NONE UINT32_MAX

struct acts_chunk {
    struct act acts[ACTS_CHUNK];
    uint32_t next;
    uint32_t used;
};

struct acts_pool {
    struct acts_chunk **segments;
    uint32_t segments_count, segments_cap;
    uint32_t unused; /* head of the list of free chunks */
    uint32_t fresh;  /* chunks handed out for the first time so far */
    uint64_t live;   /* acts held */
    uint64_t live_max;
    uint32_t each_max, each_crowded;
};

/* The acts of one session: a list of chunks. */
struct acts_list {
    uint32_t first, last;
    uint32_t count;
};

void acts_init(struct acts_pool *p, const struct limits *l);
/* False: a bound was reached and the act was not kept. */
bool acts_add(struct acts_pool *p, struct acts_list *l, const struct act *a);
/* Copies the list into out (l->count acts) in the order they were added. */
void acts_copy(const struct acts_pool *p, const struct acts_list *l, struct act *out);
/* Takes out the earliest-added act that `wanted` accepts; false when there is none. */
bool acts_take(struct acts_pool *p, struct acts_list *l, bool (*wanted)(const struct act *a, int64_t arg),
               int64_t arg, struct act *out);
/* Brings the first and the last chunk near.  Always inline: gcc 12 takes a function that only prefetches for one
 * without effect and drops the call. */
static inline __attribute__((always_inline)) void acts_prefetch(const struct acts_pool *p, const struct acts_list *l)
{
    if (l->count == 0)
        return;
    const char *first = (const char *)&p->segments[l->first / ACTS_SEGMENT][l->first % ACTS_SEGMENT];
    const char *last = (const char *)&p->segments[l->last / ACTS_SEGMENT][l->last % ACTS_SEGMENT];
    for (int line = 0; line < 3; line++) {
        __builtin_prefetch(first + 64 * line);
        __builtin_prefetch(last + 64 * line);
    }
}
void acts_release(struct acts_pool *p, struct acts_list *l);
void acts_free(struct acts_pool *p);

#endif
