/* conclude.c: keeps what is worth keeping while sessions close, and draws conclusions when asked.
 */
#include "detectors/conclude.h"

#include <stdlib.h>

#include "detectors/explain.h"
#include "detectors/identities.h"
#include "detectors/keep.h"
#include "detectors/link.h"

#define BOOKING_STEPS                                                          \
    (1u << MEANING_CAPTCHA | 1u << MEANING_IDENTITY | 1u << MEANING_SUBMITTED | \
     1u << MEANING_CONFIRM | 1u << MEANING_CANCEL)

struct conclude {
    const struct site *site;
    const struct settings *settings;
    uint32_t has;
    bool identities;
    uint64_t total, with_assets;
    int64_t first_us;
    struct address_table addresses;
    struct kept kept;
    struct kept open;  /* sessions not closed yet, for one round */
    bool open_used;    /* that round is over: forget them before the next */
    struct detect scores; /* of a single session */
    struct findings findings;
};

/* One round of conclusions. */
struct round {
    struct conclude *c;
    struct detect words;
    struct findings *f;
    struct arena *a;
    bool *speaks; /* by session: it has a reason that supports a conclusion */
    struct linked linked;
    uint32_t *size;    /* by root: sessions of its cluster */
    uint32_t *tree_at; /* by root: first link of its cluster */
};

/* ---- while sessions close ---- */

struct conclude *conclude_new(const struct site *site, const struct settings *settings)
{
    struct conclude *c = mem_alloc(sizeof *c);
    c->site = site;
    c->settings = settings;
    c->first_us = INT64_MAX;
    address_init(&c->addresses, settings->limits.v[LIMIT_addresses_max]);
    keep_init(&c->kept, &settings->limits);
    keep_init(&c->open, &settings->limits);
    detect_init(&c->scores, site, settings);
    c->scores.mode = DETECT_SCORES;
    c->scores.addresses = &c->addresses;
    return c;
}

void conclude_fields(struct conclude *c, uint32_t has)
{
    c->has |= has;
}

bool conclude_session(struct conclude *c, const struct session *s)
{
    struct tally tally;
    c->total++;
    c->with_assets += s->assets > 0;
    c->has |= s->has;
    c->identities |= s->identities_count > 0;
    if (s->first_us < c->first_us)
        c->first_us = s->first_us;
    address_prefetch(&c->addresses, s);
    c->scores.mode = DETECT_REASONS;
    detect_run_session(&c->scores, s, &tally);
    c->scores.mode = DETECT_SCORES;
    address_add(&c->addresses, s);
    /* Without a reason or an identity only a cookie seen again, or the want of assets (judged when the whole
     * log is known), can make a booking session part of a finding. */
    bool booking = (s->steps_mask & BOOKING_STEPS) != 0;
    bool linkable = s->identities_count > 0 || (booking && (s->key_kind == KEY_COOKIE || s->assets == 0));
    return (tally.reason || linkable) && keep_add(&c->kept, s);
}

/* The findings of a round point at its open sessions: they go when the next round begins. */
static void forget_open(struct conclude *c)
{
    if (!c->open_used)
        return;
    keep_free(&c->open);
    keep_init(&c->open, &c->settings->limits);
    c->open_used = false;
}

void conclude_open_session(struct conclude *c, const struct session *s)
{
    struct tally tally;
    forget_open(c);
    c->scores.mode = DETECT_REASONS;
    detect_run_session(&c->scores, s, &tally);
    c->scores.mode = DETECT_SCORES;
    if (tally.reason || s->identities_count > 0)
        keep_add(&c->open, s);
}

struct session_result conclude_session_result(struct conclude *c, const struct session *s)
{
    struct session_result r;
    struct tally tally;
    detect_run_session(&c->scores, s, &tally);
    score_session(s, &tally, &r.automated, &r.bulk);
    return r;
}

/* ---- a round of conclusions ---- */

static int by_id(const void *a, const void *b)
{
    const struct session *x = *(const struct session *const *)a,
                         *y = *(const struct session *const *)b;
    return (x->id > y->id) - (x->id < y->id);
}

static void list_sessions(struct round *r)
{
    const struct kept *k = &r->c->kept, *open = &r->c->open;
    uint32_t n = k->count + open->count;
    const struct session **list = ARENA_ARRAY(r->a, const struct session *, n + 1);
    for (uint32_t i = 0; i < k->count; i++)
        list[i] = k->heap[i];
    for (uint32_t i = 0; i < open->count; i++)
        list[k->count + i] = open->heap[i];
    if (n > 1)
        qsort(list, n, sizeof *list, by_id);
    r->f->sessions = list;
    r->f->sessions_count = n;
}

static void open_words(struct round *r)
{
    struct conclude *c = r->c;
    r->words = c->scores;
    r->words.arena = r->a;
    r->words.sessions = r->f->sessions;
    r->words.sessions_count = r->f->sessions_count;
    r->words.total = c->total;
    r->words.with_assets = c->with_assets;
    r->words.first_us = c->first_us;
    r->words.mode = DETECT_WORDS;
    detect_fields(&r->words, c->has, c->identities);
}

static void score_sessions(struct round *r)
{
    struct findings *f = r->f;
    bool *behaves = ARENA_ARRAY(r->a, bool, f->sessions_count + 1);
    f->session_automated = ARENA_ARRAY(r->a, struct conclusion, f->sessions_count + 1);
    f->session_bulk = ARENA_ARRAY(r->a, struct conclusion, f->sessions_count + 1);
    r->speaks = ARENA_ARRAY(r->a, bool, f->sessions_count + 1);
    r->words.mode = DETECT_SCORES;
    for (uint32_t i = 0; i < f->sessions_count; i++) {
        struct tally t;
        detect_run_session(&r->words, f->sessions[i], &t);
        score_session(f->sessions[i], &t, &f->session_automated[i], &f->session_bulk[i]);
        r->speaks[i] = t.reason;
        behaves[i] = t.automated[FAMILY_LATENCY] >= SCORE_REASON_MILLI ||
                     t.automated[FAMILY_STRUCTURE] >= SCORE_REASON_MILLI;
    }
    r->words.mode = DETECT_WORDS;
    r->words.reasons_count = 0;
    r->linked = link_sessions(r->a, f->sessions, f->sessions_count, behaves, &r->c->addresses);
}

static void measure_clusters(struct round *r)
{
    uint32_t n = r->f->sessions_count;
    r->size = ARENA_ARRAY(r->a, uint32_t, n + 1);
    r->tree_at = ARENA_ARRAY(r->a, uint32_t, n + 1);
    for (uint32_t i = 0; i < n; i++)
        r->size[r->linked.root[i]]++;
    /* a tree has one link fewer than sessions, and trees stand in the order of their roots */
    uint32_t at = 0;
    for (uint32_t i = 0; i < n; i++)
        if (r->size[i] > 0) {
            r->tree_at[i] = at;
            at += r->size[i] - 1;
        }
}

/* Reasons in words for the sessions of every cluster that could make a finding. */
static void word_sessions(struct round *r)
{
    struct findings *f = r->f;
    bool *candidate = ARENA_ARRAY(r->a, bool, f->sessions_count + 1);
    f->session_reasons = ARENA_ARRAY(r->a, uint32_t, f->sessions_count + 1);
    for (uint32_t i = 0; i < f->sessions_count; i++)
        candidate[r->linked.root[i]] |= r->speaks[i] || r->size[r->linked.root[i]] > 1;
    for (uint32_t i = 0; i < f->sessions_count; i++) {
        struct tally t;
        f->session_reasons[i] = r->words.reasons_count;
        if (candidate[r->linked.root[i]])
            detect_run_session(&r->words, f->sessions[i], &t);
    }
    uint32_t n = f->session_reasons[f->sessions_count] = r->words.reasons_count;
    f->reasons = ARENA_ARRAY(r->a, struct reason, n + 1);
    if (n > 0)
        memcpy(f->reasons, r->words.reasons, n * sizeof *f->reasons);
    f->reasons_count = n;
}

static int by_llr(const void *a, const void *b)
{
    const struct reason *x = a, *y = b;
    if (x->llr_milli != y->llr_milli)
        return x->llr_milli > y->llr_milli ? -1 : 1;
    if (x->family != y->family)
        return x->family < y->family ? -1 : 1;
    if (x->session != y->session)
        return x->session < y->session ? -1 : 1;
    int order = str_cmp(x->subject, y->subject);
    if (order != 0)
        return order;
    return strcmp(x->says.in[LANG_EN], y->says.in[LANG_EN]);
}

/* Its sessions' reasons and its own, strongest first. */
static void gather_reasons(struct round *r, struct cluster *c, const uint32_t *indices)
{
    struct findings *f = r->f;
    r->words.reasons_count = 0;
    detect_run_cluster(&r->words, c);
    uint32_t n = r->words.reasons_count;
    for (uint32_t i = 0; i < c->sessions_count; i++)
        n += f->session_reasons[indices[i] + 1] - f->session_reasons[indices[i]];
    c->reasons = ARENA_ARRAY(r->a, struct reason, n + 1);
    for (uint32_t i = 0; i < r->words.reasons_count; i++)
        c->reasons[c->reasons_count++] = r->words.reasons[i];
    for (uint32_t i = 0; i < c->sessions_count; i++)
        for (uint32_t k = f->session_reasons[indices[i]]; k < f->session_reasons[indices[i] + 1];
             k++)
            c->reasons[c->reasons_count++] = f->reasons[k];
    if (c->reasons_count > 1)
        qsort(c->reasons, c->reasons_count, sizeof *c->reasons, by_llr);
}

static void explain(struct round *r, struct cluster *c, const uint32_t *indices,
                    const struct extent *extent)
{
    struct explain e = {.arena = r->a,
                        .sessions = id_sessions(&r->words, c),
                        .addresses = &r->c->addresses,
                        .site = r->c->site,
                        .extent = *extent,
                        .has = r->c->has,
                        .identities = r->c->identities,
                        .unlisted = c->links_count + 1 - c->sessions_count};
    for (uint32_t i = 0; i < c->sessions_count; i++)
        e.hub |= r->linked.hub[indices[i]];
    explain_cluster(&e, c);
}

/* False when nothing supports a conclusion.  What a finding may not list it does not weigh either:
 * every number in it can be recomputed from what it lists. */
static bool make_cluster(struct round *r, struct cluster *c, const uint32_t *indices, uint32_t all)
{
    struct findings *f = r->f;
    int64_t most = r->c->settings->limits.v[LIMIT_cluster_sessions_max];
    uint32_t n = all < most ? all : (uint32_t)most;
    *c = (struct cluster){.id = f->sessions[indices[0]]->id,
                          .sessions_count = n,
                          .links_count = all - 1,
                          .links = r->linked.tree + r->tree_at[indices[0]]};
    c->sessions = ARENA_ARRAY(r->a, uint32_t, n);
    for (uint32_t i = 0; i < n; i++)
        c->sessions[i] = f->sessions[indices[i]]->id;
    gather_reasons(r, c, indices);
    if (c->reasons_count == 0 || c->reasons[0].llr_milli <= 0)
        return false;
    struct extent extent = score_extent(r->a, id_sessions(&r->words, c), n);
    score_cluster(c, f, indices, &extent, score_bulk_least(r->c->site));
    explain(r, c, indices, &extent);
    return true;
}

/* Session indices grouped by cluster, ascending in each; *start by root. */
static uint32_t *group(struct round *r, uint32_t *start)
{
    uint32_t n = r->f->sessions_count, at = 0;
    uint32_t *order = ARENA_ARRAY(r->a, uint32_t, n + 1),
             *fill = ARENA_ARRAY(r->a, uint32_t, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        start[i] = fill[i] = at;
        at += r->size[i];
    }
    for (uint32_t i = 0; i < n; i++)
        order[fill[r->linked.root[i]]++] = i;
    return order;
}

static int by_weight(const void *a, const void *b)
{
    const struct cluster *x = a, *y = b;
    if (x->bulk.concluded != y->bulk.concluded)
        return x->bulk.concluded ? -1 : 1;
    if (x->automated.concluded != y->automated.concluded)
        return x->automated.concluded ? -1 : 1;
    int32_t wx = x->bulk.concluded ? x->bulk.llr_milli : x->automated.llr_milli;
    int32_t wy = y->bulk.concluded ? y->bulk.llr_milli : y->automated.llr_milli;
    if (wx != wy)
        return wx > wy ? -1 : 1;
    if (x->bulk.llr_milli != y->bulk.llr_milli)
        return x->bulk.llr_milli > y->bulk.llr_milli ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

static void make_clusters(struct round *r)
{
    struct findings *f = r->f;
    uint32_t n = f->sessions_count, candidates = 0;
    uint32_t *start = ARENA_ARRAY(r->a, uint32_t, n + 1), *order = group(r, start);
    for (uint32_t i = 0; i < n; i++)
        candidates += r->size[i] > 1 || (r->size[i] == 1 && r->speaks[i]);
    f->clusters = ARENA_ARRAY(r->a, struct cluster, candidates + 1);
    for (uint32_t i = 0; i < n; i++)
        if (r->size[i] > 1 || (r->size[i] == 1 && r->speaks[i]))
            f->clusters_count += make_cluster(r, &f->clusters[f->clusters_count], order + start[i],
                                              r->size[i]);
    if (f->clusters_count > 1)
        qsort(f->clusters, f->clusters_count, sizeof *f->clusters, by_weight);
}

/* By root, because a cluster may list fewer sessions than it has. */
static void name_clusters(struct round *r)
{
    struct findings *f = r->f;
    uint32_t n = f->sessions_count;
    uint32_t *of_root = ARENA_ARRAY(r->a, uint32_t, n + 1);
    f->session_cluster = ARENA_ARRAY(r->a, uint32_t, n + 1);
    for (uint32_t i = 0; i < n; i++)
        of_root[i] = UINT32_MAX;
    for (uint32_t i = 0; i < f->clusters_count; i++)
        of_root[session_find(f->sessions, n, f->clusters[i].id)] = i;
    for (uint32_t i = 0; i < n; i++)
        f->session_cluster[i] = of_root[r->linked.root[i]];
}

static void note_untestable(struct round *r)
{
    struct findings *f = r->f;
    detect_close_notes(&r->words);
    f->not_testable_count = r->words.notes_count;
    f->not_testable = ARENA_ARRAY(r->a, struct not_testable, r->words.notes_count + 1);
    memcpy(f->not_testable, r->words.notes, r->words.notes_count * sizeof *f->not_testable);
}

const struct findings *conclude_now(struct conclude *c)
{
    struct arena arena = c->findings.arena;
    forget_open(c);
    arena_rewind(&arena);
    c->findings = (struct findings){.arena = arena,
                                    .scores = &c->scores,
                                    .sessions_seen = c->total,
                                    .addresses_seen = c->addresses.count};
    struct round *r = mem_alloc(sizeof *r);
    r->c = c;
    r->f = &c->findings;
    r->a = &c->findings.arena;
    list_sessions(r);
    open_words(r);
    score_sessions(r);
    measure_clusters(r);
    word_sessions(r);
    make_clusters(r);
    name_clusters(r);
    note_untestable(r);
    detect_free(&r->words);
    mem_free(r);
    c->open_used = true;
    return &c->findings;
}

/* ---- after ---- */

static struct conclusion shared_with(struct conclusion own, const struct conclusion *whole)
{
    if (own.llr_milli <= 0 || !whole->concluded)
        return own;
    own.concluded = true;
    if (whole->llr_milli <= own.llr_milli)
        return own;
    own.llr_milli = whole->llr_milli;
    own.score_permille = whole->score_permille;
    own.level = whole->level;
    own.families |= whole->families;
    return own;
}

struct session_result conclude_with_group(const struct findings *f, uint32_t session)
{
    struct session_result r = {f->session_automated[session], f->session_bulk[session]};
    uint32_t at = f->session_cluster[session];
    if (at == UINT32_MAX)
        return r;
    r.automated = shared_with(r.automated, &f->clusters[at].automated);
    r.bulk = shared_with(r.bulk, &f->clusters[at].bulk);
    return r;
}

static void report(struct diags *d, enum diag_code code, uint64_t n)
{
    if (n > 0)
        diag_add(d, code, DIAG_RUN, n, arena_printf(&d->arena, "%llu", (unsigned long long)n));
}

void conclude_report(const struct conclude *c, struct diags *d)
{
    report(d, DIAG_sessions_dropped, c->kept.dropped);
    report(d, DIAG_addresses_dropped, c->addresses.turned_away);
}

void conclude_free(struct conclude *c)
{
    if (c == NULL)
        return;
    arena_free(&c->findings.arena);
    address_free(&c->addresses);
    keep_free(&c->kept);
    keep_free(&c->open);
    detect_free(&c->scores);
    mem_free(c);
}
