/* score.c: adds up what the families say; see score.h. */
#include "detectors/score.h"

#include <stdlib.h>

#include "detectors/identities.h"
#include "detectors/stats/stat.h"

/* Network only ever supports; regularity says nothing of bookings; identity nothing of automation.
 * Absence says little: one automaton in five waits before it posts, every other one drives a browser
 * that fetches its pages, and whoever waits for a code or a slot has uneven gaps. */
const struct score_weight score_weights[FAMILY_COUNT] = {
    [FAMILY_LATENCY] = {1000, 800, 800, -700},
    [FAMILY_STRUCTURE] = {700, 700, 700, -300},
    [FAMILY_REGULARITY] = {1000, 0, 250, -3000},
    [FAMILY_NETWORK] = {0, 300, 0, 0},
    [FAMILY_IDENTITY] = {0, 800, 0, 0},
    [FAMILY_LIFECYCLE] = {500, 1000, 500, -300},
    [FAMILY_COORDINATION] = {500, 800, 500, -300},
};

enum conclusion_kind { KIND_AUTOMATED, KIND_BULK };

static int32_t weight_of(enum conclusion_kind kind, int family)
{
    return kind == KIND_AUTOMATED ? score_weights[family].automated_permille
                                  : score_weights[family].bulk_permille;
}

static int64_t weighted(const struct conclusion *c, enum conclusion_kind kind, int family)
{
    const struct score_weight *w = &score_weights[family];
    int64_t llr = c->family_llr_milli[family];
    if (llr >= 0)
        return llr * weight_of(kind, family) / 1000;
    return (llr > w->least_milli ? llr : w->least_milli) * w->against_permille / 1000;
}

static void add_up(struct conclusion *c, enum conclusion_kind kind)
{
    int64_t sum = 0;
    c->families = 0;
    for (int f = 0; f < FAMILY_COUNT; f++) {
        sum += weighted(c, kind, f);
        if (c->family_llr_milli[f] >= SCORE_REASON_MILLI && weight_of(kind, f) > 0)
            c->families |= 1u << f;
    }
    c->llr_milli = (int32_t)stat_clamp(sum, -SCORE_TOTAL_CAP_MILLI, SCORE_TOTAL_CAP_MILLI);
    c->score_permille = stat_odds_permille(c->llr_milli);
    c->level = level_of(c->llr_milli);
}

static bool bulk_holds(const struct conclusion *c, bool beyond_one)
{
    int strong = 0;
    for (int f = 0; f < FAMILY_COUNT; f++)
        strong += (SCORE_BULK_MASK >> f & 1) && c->family_llr_milli[f] >= SCORE_BULK_FAMILY_MILLI;
    return beyond_one && strong >= SCORE_BULK_FAMILIES && c->llr_milli >= SCORE_BULK_MILLI;
}

void score_session(const struct tally *t, struct conclusion *automated, struct conclusion *bulk)
{
    memset(automated, 0, sizeof *automated);
    memset(bulk, 0, sizeof *bulk);
    memcpy(automated->family_llr_milli, t->automated, sizeof t->automated);
    memcpy(bulk->family_llr_milli, t->bulk, sizeof t->bulk);
    add_up(automated, KIND_AUTOMATED);
    add_up(bulk, KIND_BULK);
    automated->concluded = automated->llr_milli >= SCORE_AUTOMATED_MILLI;
}

/* What all sessions of the cluster say in one family, below the caps of the reasons for it. */
static int32_t pooled(const struct conclusion *sessions, const struct cluster *c,
                      const uint32_t *indices, int family, int32_t cap)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < c->sessions_count; i++)
        sum += stat_clamp(sessions[indices[i]].family_llr_milli[family], SCORE_SESSION_LEAST,
                          SCORE_CAP_MILLI);
    return (int32_t)stat_clamp(sum, score_weights[family].least_milli, cap);
}

static void family_of(struct conclusion *out, enum conclusion_kind kind,
                      const struct conclusion *sessions, const struct cluster *c,
                      const uint32_t *indices, int family)
{
    int32_t pool_cap = SCORE_REASON_MILLI, whole = 0;
    for (uint32_t i = 0; i < c->reasons_count; i++) {
        const struct reason *r = &c->reasons[i];
        bool for_it = kind == KIND_AUTOMATED ? r->automated : r->bulk;
        if ((int)r->family != family || !for_it)
            continue;
        if (r->session != UINT32_MAX && r->llr_milli > 0 && r->pool_cap_milli > pool_cap)
            pool_cap = r->pool_cap_milli;
        if (r->session == UINT32_MAX && r->llr_milli > whole)
            whole = r->llr_milli;
    }
    int32_t pool = pooled(sessions, c, indices, family, pool_cap);
    int32_t best = whole > 0 && whole > pool ? whole : pool;
    out->family_llr_milli[family] = best < SCORE_CAP_MILLI ? best : SCORE_CAP_MILLI;
}

void score_cluster(struct cluster *c, const struct findings *f, const uint32_t *indices,
                   bool beyond_one)
{
    memset(&c->automated, 0, sizeof c->automated);
    memset(&c->bulk, 0, sizeof c->bulk);
    for (int family = 0; family < FAMILY_COUNT; family++) {
        family_of(&c->automated, KIND_AUTOMATED, f->session_automated, c, indices, family);
        family_of(&c->bulk, KIND_BULK, f->session_bulk, c, indices, family);
    }
    add_up(&c->automated, KIND_AUTOMATED);
    add_up(&c->bulk, KIND_BULK);
    c->automated.concluded = c->automated.llr_milli >= SCORE_AUTOMATED_MILLI;
    c->bulk.concluded = bulk_holds(&c->bulk, beyond_one);
}

static int by_ip(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct ip));
}

static uint32_t address_units(struct arena *a, const struct session *const *sessions, uint32_t n)
{
    size_t most = 1, count = 0;
    uint32_t distinct = 0;
    for (uint32_t i = 0; i < n; i++)
        most += sessions[i]->clients_count;
    struct ip *units = ARENA_ARRAY(a, struct ip, most);
    for (uint32_t i = 0; i < n; i++)
        for (uint8_t k = 0; k < sessions[i]->clients_count; k++)
            if (!ip_is_zero(&sessions[i]->clients[k]))
                units[count++] = ip_unit(&sessions[i]->clients[k]);
    qsort(units, count, sizeof *units, by_ip);
    for (size_t i = 0; i < count; i++)
        distinct += i == 0 || !ip_eq(&units[i - 1], &units[i]);
    return distinct;
}

struct extent score_extent(struct arena *a, const struct session *const *sessions, uint32_t n)
{
    struct extent e = {0};
    struct id_use *uses;
    size_t count = id_uses(a, sessions, n, IDENTITY_EMAIL, &uses);
    e.mailboxes = id_distinct(uses, count);
    e.persons = id_persons(a, sessions, n);
    e.addresses = address_units(a, sessions, n);
    for (uint32_t i = 0; i < n; i++)
        e.bookings += session_booked(sessions[i]);
    return e;
}

bool score_beyond_one(const struct extent *e, const struct site *site)
{
    int64_t limit = site->booking_limit > SCORE_BULK_PERSONS ? site->booking_limit
                                                             : SCORE_BULK_PERSONS;
    return e->bookings >= limit || e->persons >= limit;
}
