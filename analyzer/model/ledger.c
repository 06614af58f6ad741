/* ledger.c: the counting side of the ledger. */
#include "analyzer/model/ledger.h"

enum { SOURCES_FIRST = 8, REJECTS_FIRST = 16 };

struct ledger_source *ledger_add(struct ledger *l, struct str name)
{
    if (l->count == l->cap) {
        l->cap = l->cap > 0 ? 2 * l->cap : SOURCES_FIRST;
        l->sources = mem_grow(l->sources, l->cap * sizeof *l->sources);
    }
    struct ledger_source *s = &l->sources[l->count++];
    *s = (struct ledger_source){
        .name = arena_str(&l->arena, name),
        .compression = "none",
        .first_us = INT64_MAX,
        .last_us = INT64_MIN,
    };
    return s;
}

void ledger_reject(struct ledger_source *s, const struct rejected *r, int64_t listed_max)
{
    s->rejected++;
    s->rejects_by_reason[r->reason]++;
    if ((int64_t)s->rejects_count >= listed_max)
        return;
    if (s->rejects_count == s->rejects_cap) {
        s->rejects_cap = s->rejects_cap > 0 ? 2 * s->rejects_cap : REJECTS_FIRST;
        s->rejects = mem_grow(s->rejects, s->rejects_cap * sizeof *s->rejects);
    }
    s->rejects[s->rejects_count++] = *r;
}

bool ledger_balances(const struct ledger_source *s)
{
    uint64_t by_reason = 0;
    for (int i = 0; i < REJECT_COUNT; i++)
        by_reason += s->rejects_by_reason[i];
    return s->parsed + s->rejected + s->excluded + s->already_seen == s->physical &&
           s->parsed_bytes + s->rejected_bytes + s->excluded_bytes + s->already_seen_bytes ==
               s->bytes &&
           by_reason == s->rejected && s->rejects_count <= s->rejected;
}

void ledger_free(struct ledger *l)
{
    for (size_t i = 0; i < l->count; i++)
        mem_free(l->sources[i].rejects);
    mem_free(l->sources);
    arena_free(&l->arena);
    *l = (struct ledger){0};
}
