/* keep.c: a heap of copies, each in one block of its own. */
#include "detectors/keep.h"

#include "analyzer/base/mem.h"

static struct keep_place place_of(const struct session *s)
{
    return (struct keep_place){s->identities_count > 0, s->first_us, s->id};
}

static bool later(struct keep_place a, struct keep_place b)
{
    if (a.identity != b.identity)
        return b.identity;
    if (a.first_us != b.first_us)
        return a.first_us > b.first_us;
    return a.id > b.id;
}

static void swap(struct kept *k, uint32_t a, uint32_t b)
{
    struct session *s = k->heap[a];
    k->heap[a] = k->heap[b];
    k->heap[b] = s;
}

static void sift_up(struct kept *k, uint32_t i)
{
    while (i > 0 && later(place_of(k->heap[i]), place_of(k->heap[(i - 1) / 2]))) {
        swap(k, i, (i - 1) / 2);
        i = (i - 1) / 2;
    }
}

static void sift_down(struct kept *k, uint32_t i)
{
    for (;;) {
        uint32_t most = i;
        for (uint32_t child = 2 * i + 1; child <= 2 * i + 2 && child < k->count; child++)
            if (later(place_of(k->heap[child]), place_of(k->heap[most])))
                most = child;
        if (most == i)
            return;
        swap(k, i, most);
        i = most;
    }
}

static size_t text_size(const struct session *s)
{
    size_t n = (size_t)s->key_value.n + (size_t)s->agent.n;
    for (uint32_t i = 0; i < s->identities_count; i++) {
        const struct identity *id = &s->identities[i];
        n += (size_t)id->value.n + (size_t)id->canonical.n + (size_t)id->rule.n;
    }
    return n;
}

static size_t block_size(const struct session *s)
{
    return sizeof *s + s->acts_count * sizeof *s->acts +
           s->identities_count * sizeof *s->identities + text_size(s);
}

static struct str copy_text(char **at, struct str s)
{
    if (s.p == NULL)
        return s;
    struct str copy = {*at, s.n};
    if (s.n > 0)
        memcpy(*at, s.p, (size_t)s.n);
    *at += s.n;
    return copy;
}

/* One block: the session, its acts, its identities, their text. */
static struct session *copy_of(const struct session *s)
{
    struct session *copy = mem_alloc(block_size(s));
    *copy = *s;
    copy->acts = (struct act *)(copy + 1);
    copy->identities = (struct identity *)(copy->acts + s->acts_count);
    char *at = (char *)(copy->identities + s->identities_count);
    if (s->acts_count > 0)
        memcpy(copy->acts, s->acts, s->acts_count * sizeof *s->acts);
    copy->key_value = copy_text(&at, s->key_value);
    copy->agent = copy_text(&at, s->agent);
    for (uint32_t i = 0; i < s->identities_count; i++) {
        struct identity *id = &copy->identities[i];
        *id = s->identities[i];
        id->value = copy_text(&at, id->value);
        id->canonical = copy_text(&at, id->canonical);
        id->rule = copy_text(&at, id->rule);
    }
    return copy;
}

static void drop_last(struct kept *k)
{
    struct session *s = k->heap[0];
    k->sealed = true;
    k->ceiling = place_of(s);
    k->dropped++;
    k->bytes -= block_size(s);
    mem_free(s);
    k->heap[0] = k->heap[--k->count];
    sift_down(k, 0);
}

void keep_init(struct kept *k, const struct limits *l)
{
    *k = (struct kept){.count_most = l->v[LIMIT_sessions_kept_max],
                       .bytes_most = l->v[LIMIT_sessions_kept_bytes_max]};
}

bool keep_add(struct kept *k, const struct session *s)
{
    struct keep_place place = place_of(s);
    if (k->sealed && !later(k->ceiling, place)) {
        k->dropped++;
        return false;
    }
    if (k->count == k->cap) {
        k->cap = k->cap == 0 ? 256 : k->cap * 2;
        k->heap = mem_grow(k->heap, k->cap * sizeof(struct session *));
    }
    k->heap[k->count++] = copy_of(s);
    k->bytes += block_size(s);
    sift_up(k, k->count - 1);
    while (k->count > 0 && (k->count > k->count_most || k->bytes > (uint64_t)k->bytes_most))
        drop_last(k);
    return !k->sealed || later(k->ceiling, place);
}

void keep_free(struct kept *k)
{
    for (uint32_t i = 0; i < k->count; i++)
        mem_free(k->heap[i]);
    mem_free(k->heap);
    *k = (struct kept){0};
}
