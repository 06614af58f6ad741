/* link.c: keys, chains, and Kruskal's tree over them; O(n log n) in sessions. */
#include "detectors/link.h"

#include <stdlib.h>

#include "detectors/identities.h"
#include "detectors/stats/distinct.h"
#include "detectors/stats/stat.h"

enum {
    BIT = 1000,
    COOKIE_BITS_A_BYTE = 2,  /* a session cookie's text is at least so random */
    ADDRESS_BITS = 10,       /* an address used by one device */
    ADDRESS_PER_DOUBLING = 1500 /* thousandths of a bit less for each doubling of its devices */
};

enum kind {
    KIND_EMAIL, KIND_AGDREF, KIND_PHONE, KIND_COOKIE, KIND_BEHAVIOUR, KIND_ADDRESS_STEM, KIND_STEM,
    KINDS
};

const struct link_kind link_kinds[KINDS] = {
    [KIND_EMAIL] = {"email", 20 * BIT, 500, false, {{"same canonical mailbox",
                                                     "même boîte canonique"}}},
    [KIND_AGDREF] = {"agdref", 22 * BIT, 500, false, {{"same AGDREF number",
                                                       "même numéro AGDREF"}}},
    [KIND_PHONE] = {"phone", 18 * BIT, 500, false, {{"same telephone number",
                                                     "même numéro de téléphone"}}},
    [KIND_COOKIE] = {"cookie", 24 * BIT, 1000, false, {{"same session cookie",
                                                        "même cookie de session"}}},
    [KIND_BEHAVIOUR] = {"address_agent_behaviour", 5800, 500, true,
                        {{"same address and agent, and both posted as no person does",
                          "mêmes adresse et agent, et envois faits des deux côtés comme aucune "
                          "personne ne les fait"}}},
    [KIND_ADDRESS_STEM] = {"address_email_stem", 7 * BIT, 500, true,
                           {{"same address, and mailboxes that differ only in a final number",
                             "même adresse, et boîtes ne différant que par un nombre final"}}},
    [KIND_STEM] = {"email_stem_behaviour", 12800, 500, false,
                   {{"mailboxes that differ only in a final number, and both posted as no person "
                     "does",
                     "boîtes ne différant que par un nombre final, et envois qu'aucune des deux "
                     "n'a faits comme une personne"}}},
};
const size_t link_kinds_count = KINDS;

struct key {
    struct str value;
    uint32_t session; /* index */
};

struct keys {
    struct key *items;
    size_t count, cap;
};

struct edge {
    uint32_t a, b; /* indices, a < b */
    int32_t weight;
    enum kind kind;
    struct str value;
};

struct linking {
    struct arena *arena;
    const struct session *const *sessions;
    const bool *behaves;
    const struct address_table *addresses;
    struct linked out;
    struct keys keys;
    struct edge *edges;
    size_t edges_count, edges_cap;
};

static void put_key(struct linking *l, struct str value, uint32_t session)
{
    struct keys *k = &l->keys;
    if (value.p == NULL || value.n == 0)
        return;
    if (k->count == k->cap) {
        k->cap = k->cap == 0 ? 1024 : k->cap * 2;
        k->items = mem_grow(k->items, k->cap * sizeof *k->items);
    }
    k->items[k->count++] = (struct key){value, session};
}

/* Address unit, then the rest; the unit stands in front so that its text can be found again. */
static void put_addresses(struct linking *l, uint32_t i, const void *rest, size_t n)
{
    const struct session *s = l->sessions[i];
    for (uint8_t k = 0; k < s->clients_count; k++) {
        struct ip unit = ip_unit(&s->clients[k]);
        if (ip_is_zero(&unit))
            continue;
        char *p = arena_alloc(l->arena, sizeof unit + n, 1);
        memcpy(p, &unit, sizeof unit);
        memcpy(p + sizeof unit, rest, n);
        put_key(l, (struct str){p, (ptrdiff_t)(sizeof unit + n)}, i);
    }
}

static void put_identities(struct linking *l, uint32_t i, enum identity_kind kind)
{
    const struct session *s = l->sessions[i];
    for (uint32_t k = 0; k < s->identities_count; k++)
        if (s->identities[k].kind == kind)
            put_key(l, s->identities[k].canonical, i);
}

static void put_stems(struct linking *l, uint32_t i, bool with_address)
{
    const struct session *s = l->sessions[i];
    struct mail_stem stem;
    uint32_t at = 0;
    for (struct str m = session_next_email(s, &at); m.p != NULL; m = session_next_email(s, &at)) {
        if (!mail_stem_of(m, &stem))
            continue;
        struct str text = arena_printf(l->arena, "%.*s*@%.*s", STR_ARG(stem.stem),
                                       STR_ARG(stem.domain));
        if (with_address)
            put_addresses(l, i, text.p, (size_t)text.n);
        else
            put_key(l, text, i);
    }
}

static void put_session(struct linking *l, uint32_t i, enum kind kind)
{
    const struct session *s = l->sessions[i];
    uint32_t agent;
    switch (kind) {
    case KIND_EMAIL:
        put_identities(l, i, IDENTITY_EMAIL);
        break;
    case KIND_AGDREF:
        put_identities(l, i, IDENTITY_AGDREF);
        break;
    case KIND_PHONE:
        put_identities(l, i, IDENTITY_PHONE);
        break;
    case KIND_COOKIE:
        if (s->key_kind == KEY_COOKIE)
            put_key(l, s->key_value, i);
        break;
    case KIND_BEHAVIOUR:
        if (!l->behaves[i])
            break;
        agent = distinct_hash(s->agent);
        put_addresses(l, i, &agent, sizeof agent);
        break;
    case KIND_ADDRESS_STEM:
        put_stems(l, i, true);
        break;
    case KIND_STEM:
        if (l->behaves[i])
            put_stems(l, i, false);
        break;
    case KINDS:
        break;
    }
}

static int by_key(const void *a, const void *b)
{
    const struct key *x = a, *y = b;
    int order = str_cmp(x->value, y->value);
    if (order != 0)
        return order;
    return (x->session > y->session) - (x->session < y->session);
}

static int32_t address_weight(const struct linking *l, const struct ip *unit)
{
    struct address_use use = address_get(l->addresses, unit);
    uint32_t devices = use.agents > 0 ? use.agents : use.sessions / 2;
    int64_t w = ADDRESS_BITS * BIT -
                (int64_t)stat_log2_milli(devices, 1) * ADDRESS_PER_DOUBLING / BIT;
    return w > 0 ? (int32_t)w : 0;
}

/* Weight of a group, and the text that names its value. */
static int32_t weigh(const struct linking *l, enum kind kind, struct str value, struct str *text)
{
    int32_t weight = link_kinds[kind].weight_milli;
    *text = value;
    if (kind == KIND_COOKIE && value.n < weight / (COOKIE_BITS_A_BYTE * BIT))
        return (int32_t)value.n * COOKIE_BITS_A_BYTE * BIT;
    if (!link_kinds[kind].address)
        return weight;
    struct ip unit;
    char address[IP_TEXT_MAX];
    memcpy(&unit, value.p, sizeof unit);
    size_t n = ip_format(&unit, address);
    *text = arena_str(l->arena, (struct str){address, (ptrdiff_t)n});
    if (kind == KIND_ADDRESS_STEM) {
        struct str stem = str_sub(value, sizeof unit, value.n);
        *text = arena_printf(l->arena, "%.*s %.*s", STR_ARG(*text), STR_ARG(stem));
    }
    return weight + address_weight(l, &unit);
}

static void put_edge(struct linking *l, struct edge e)
{
    if (l->edges_count == l->edges_cap) {
        l->edges_cap = l->edges_cap == 0 ? 1024 : l->edges_cap * 2;
        l->edges = mem_grow(l->edges, l->edges_cap * sizeof *l->edges);
    }
    l->edges[l->edges_count++] = e;
}

/* Drops repeats of one session within a group; returns the sessions left. */
static size_t once_each(struct key *group, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || group[kept - 1].session != group[i].session)
            group[kept++] = group[i];
    return kept;
}

static void chain(struct linking *l, enum kind kind, struct key *group, size_t n)
{
    struct str text;
    n = once_each(group, n);
    if (n < 2)
        return;
    if (n > link_kinds[kind].hub) {
        for (size_t i = 0; i < n; i++)
            l->out.hub[group[i].session] = true;
        return;
    }
    int32_t weight = weigh(l, kind, group[0].value, &text);
    for (size_t i = 1; i < n && weight >= LINK_LEAST_MILLI; i++)
        put_edge(l, (struct edge){group[i - 1].session, group[i].session, weight, kind, text});
}

static void chain_kind(struct linking *l, enum kind kind, uint32_t n)
{
    struct keys *k = &l->keys;
    k->count = 0;
    for (uint32_t i = 0; i < n; i++)
        put_session(l, i, kind);
    if (k->count > 1)
        qsort(k->items, k->count, sizeof *k->items, by_key);
    for (size_t i = 0; i < k->count;) {
        size_t end = i + 1;
        while (end < k->count && str_eq(k->items[end].value, k->items[i].value))
            end++;
        chain(l, kind, k->items + i, end - i);
        i = end;
    }
}

static int by_strength(const void *a, const void *b)
{
    const struct edge *x = a, *y = b;
    if (x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    if (x->b != y->b)
        return x->b < y->b ? -1 : 1;
    return str_cmp(x->value, y->value);
}

static uint32_t root_of(uint32_t *root, uint32_t i)
{
    while (root[i] != i) {
        root[i] = root[root[i]];
        i = root[i];
    }
    return i;
}

/* Keeps the edges that join two trees, at the front; the smaller index becomes the root. */
static size_t span(struct linking *l)
{
    size_t kept = 0;
    if (l->edges_count > 1)
        qsort(l->edges, l->edges_count, sizeof *l->edges, by_strength);
    for (size_t i = 0; i < l->edges_count; i++) {
        uint32_t a = root_of(l->out.root, l->edges[i].a), b = root_of(l->out.root, l->edges[i].b);
        if (a == b)
            continue;
        l->out.root[a > b ? a : b] = a < b ? a : b;
        l->edges[kept++] = l->edges[i];
    }
    return kept;
}

struct rooted {
    uint32_t root;
    size_t at;
};

static int by_root(const void *a, const void *b)
{
    const struct rooted *x = a, *y = b;
    if (x->root != y->root)
        return x->root < y->root ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

static void write_tree(struct linking *l, size_t n)
{
    struct rooted *order = ARENA_ARRAY(l->arena, struct rooted, n + 1);
    for (size_t i = 0; i < n; i++)
        order[i] = (struct rooted){root_of(l->out.root, l->edges[i].a), i};
    if (n > 1)
        qsort(order, n, sizeof *order, by_root);
    l->out.tree = ARENA_ARRAY(l->arena, struct link, n + 1);
    l->out.tree_count = n;
    for (size_t i = 0; i < n; i++) {
        const struct edge *e = &l->edges[order[i].at];
        l->out.tree[i] = (struct link){l->sessions[e->a]->id, l->sessions[e->b]->id,
                                       link_kinds[e->kind].name, e->value, e->weight};
    }
}

struct linked link_sessions(struct arena *a, const struct session *const *sessions, uint32_t n,
                            const bool *behaves, const struct address_table *addresses)
{
    struct linking l = {
        .arena = a, .sessions = sessions, .behaves = behaves, .addresses = addresses};
    l.out.root = ARENA_ARRAY(a, uint32_t, n + 1);
    l.out.hub = ARENA_ARRAY(a, bool, n + 1);
    for (uint32_t i = 0; i < n; i++)
        l.out.root[i] = i;
    for (int kind = 0; kind < KINDS; kind++)
        chain_kind(&l, (enum kind)kind, n);
    write_tree(&l, span(&l));
    for (uint32_t i = 0; i < n; i++)
        l.out.root[i] = root_of(l.out.root, i);
    mem_free(l.keys.items);
    mem_free(l.edges);
    return l.out;
}
