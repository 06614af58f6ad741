/* identities.c: sorted lists of identity values; see identities.h. */
#include "detectors/identities.h"

#include <stdlib.h>

enum { STEM_LEAST = 3, COUNTER_DIGITS_MAX = 6 };

static int by_canonical(const void *a, const void *b)
{
    const struct id_use *x = a, *y = b;
    int order = str_cmp(x->canonical, y->canonical);
    if (order != 0)
        return order;
    return (x->session > y->session) - (x->session < y->session);
}

size_t id_uses(struct arena *a, const struct session *const *sessions, uint32_t n,
               enum identity_kind kind, struct id_use **out)
{
    size_t most = 0, count = 0;
    for (uint32_t i = 0; i < n; i++)
        most += sessions[i]->identities_count;
    *out = ARENA_ARRAY(a, struct id_use, most + 1);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < sessions[i]->identities_count; k++) {
            const struct identity *id = &sessions[i]->identities[k];
            if (id->kind == kind)
                (*out)[count++] = (struct id_use){id->canonical, id, i};
        }
    if (count > 1)
        qsort(*out, count, sizeof **out, by_canonical);
    return count;
}

size_t id_run(const struct id_use *uses, size_t n, size_t i)
{
    size_t end = i + 1;
    while (end < n && str_eq(uses[end].canonical, uses[i].canonical))
        end++;
    return end;
}

uint32_t id_distinct(const struct id_use *uses, size_t n)
{
    uint32_t count = 0;
    for (size_t i = 0; i < n; i = id_run(uses, n, i))
        count++;
    return count;
}

uint32_t id_persons(struct arena *a, const struct session *const *sessions, uint32_t n)
{
    static const enum identity_kind kinds[] = {IDENTITY_EMAIL, IDENTITY_AGDREF, IDENTITY_PHONE};
    uint32_t most = 0;
    for (int k = 0; k < 3; k++) {
        struct id_use *uses;
        size_t count = id_uses(a, sessions, n, kinds[k], &uses);
        uint32_t distinct = id_distinct(uses, count);
        if (distinct > most)
            most = distinct;
    }
    return most;
}

const struct session *const *id_sessions(struct detect *x, const struct cluster *c)
{
    const struct session **list = ARENA_ARRAY(x->arena, const struct session *,
                                              c->sessions_count + 1);
    for (uint32_t i = 0; i < c->sessions_count; i++)
        list[i] = detect_session(x, c->sessions[i]);
    return list;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool mail_stem_of(struct str canonical, struct mail_stem *out)
{
    struct str local;
    struct str domain = str_cut(canonical, '@', &local);
    ptrdiff_t end = local.n;
    uint64_t counter;
    if (domain.p == NULL || domain.n == 0)
        return false;
    while (end > 0 && is_digit(local.p[end - 1]))
        end--;
    if (end == local.n || local.n - end > COUNTER_DIGITS_MAX ||
        !str_u64(str_sub(local, end, local.n), &counter))
        return false;
    while (end > 0 &&
           (local.p[end - 1] == '.' || local.p[end - 1] == '_' || local.p[end - 1] == '-'))
        end--;
    if (end < STEM_LEAST)
        return false;
    *out = (struct mail_stem){str_sub(local, 0, end), domain, (uint32_t)counter};
    return true;
}
