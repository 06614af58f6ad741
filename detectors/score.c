/* score.c: adds up what the reasons say; see score.h. */
#include "detectors/score.h"

#include <stdlib.h>

#include "detectors/identities.h"
#include "detectors/stats/stat.h"

/* Network only ever supports; regularity says nothing of bookings; identity nothing of automation.
 * Absence says little: one automaton in five waits before it posts, every other one drives a browser
 * that fetches its pages, and whoever waits for a code or a slot has uneven gaps.  A family without a
 * detector has no factors. */
const struct score_weight score_weights[FAMILY_COUNT] = {
    [FAMILY_LATENCY] = {1000, 800, 800, -700, true},
    [FAMILY_STRUCTURE] = {700, 700, 700, -300, true},
    [FAMILY_REGULARITY] = {1000, 0, 250, -3000, false},
    [FAMILY_NETWORK] = {0, 300, 0, 0, false},
    [FAMILY_IDENTITY] = {0, 800, 0, 0, true},
};

const struct score_param score_params[] = {
    {"automated_least_milli", SCORE_AUTOMATED_MILLI, "thousandths",
     {{"total from which automated access is concluded",
       "total à partir duquel l'accès automatisé est conclu"}}},
    {"bulk_families_least", SCORE_BULK_FAMILIES, "families",
     {{"families marked as carrying bulk booking that it needs",
       "nombre requis de familles désignées comme portant la réservation en nombre"}}},
    {"bulk_family_least_milli", SCORE_BULK_FAMILY_MILLI, "thousandths",
     {{"weight of each of them, before its factor", "poids de chacune, avant son coefficient"}}},
    {"bulk_least_milli", SCORE_BULK_MILLI, "thousandths",
     {{"total from which bulk booking is concluded",
       "total à partir duquel la réservation en nombre est conclue"}}},
    {"family_most_milli", SCORE_CAP_MILLI, "thousandths",
     {{"the most that a family weighs, in a session or a group",
       "poids maximal d'une famille, dans une session ou un groupe"}}},
    {"reason_least_milli", SCORE_REASON_MILLI, "thousandths",
     {{"what supports a conclusion by less is no reason",
       "en deçà, ce qui étaye une conclusion n'est pas un motif"}}},
    {"session_least_milli", SCORE_SESSION_LEAST, "thousandths",
     {{"the most that one session says against, in a family",
       "poids maximal à décharge d'une session, dans une famille"}}},
    {"total_most_milli", SCORE_TOTAL_CAP_MILLI, "thousandths",
     {{"the total stays within plus and minus this", "le total reste entre plus et moins cette valeur"}}},
};
const size_t score_params_count = sizeof score_params / sizeof *score_params;

const struct text scoring_title = {
    {"From reasons to the two conclusions", "Des motifs aux deux conclusions"}};

const struct text scoring_text = {{
    "Weights are decimal logarithms of likelihood ratios, in thousandths. Each conclusion counts the "
    "reasons that may support it. (1) A session's weight in a family is that of its strongest reason "
    "of the family, the largest number, but not below session_least_milli; whatever speaks for a "
    "person is a reason, what speaks against one only from reason_least_milli on. (2) A group's "
    "weight in a family is the sum of its sessions' (sessions_milli), not above the largest "
    "group_cap_milli of their positive reasons (cap_milli, 0 without one) and not below the "
    "family's least_milli; a reason about the whole group takes its place where it weighs more "
    "(group_milli); never above family_most_milli. (3) The total is the sum of the families' "
    "weights, each times its factor for the conclusion, or times its factor against when below "
    "zero, divided by 1000 and cut towards zero; it stays within total_most_milli either way. (4) "
    "Automated access is concluded from automated_least_milli on. (5) Bulk booking is concluded "
    "from bulk_least_milli on, if bulk_families_least of the families that carry it weigh "
    "bulk_family_least_milli each before their factor, and if the bookings, or the different "
    "mailboxes, AGDREF numbers or telephone numbers, are at least served_least. Without a booking "
    "it is not tested and its total is zero. The level follows from the total: above 301 weak, "
    "from 1001 moderate, 2001 moderately strong, 3001 strong, 4001 very strong.",
    "Les poids sont des logarithmes décimaux de rapports de vraisemblance, en millièmes. Chaque "
    "conclusion compte les motifs qui peuvent l'étayer. (1) Le poids d'une session dans une famille "
    "est celui de son motif le plus fort dans cette famille, le plus grand nombre, sans descendre "
    "sous session_least_milli ; tout ce qui plaide pour une personne est un motif, ce qui plaide en "
    "sens contraire ne l'est qu'à partir de reason_least_milli. (2) Le poids d'un groupe dans une "
    "famille est la somme de ceux de ses sessions (sessions_milli), sans dépasser le plus grand "
    "group_cap_milli de leurs motifs positifs (cap_milli, 0 à défaut) ni descendre sous le "
    "least_milli de la famille ; un motif portant sur le groupe entier s'y substitue lorsqu'il pèse "
    "davantage (group_milli) ; jamais plus de family_most_milli. (3) Le total est la somme des "
    "poids des familles, chacun multiplié par son coefficient pour la conclusion, ou par son "
    "coefficient à décharge s'il est négatif, divisé par 1000 et tronqué vers zéro ; il reste, dans "
    "les deux sens, dans la limite de total_most_milli. (4) L'accès automatisé est conclu à partir "
    "de automated_least_milli. (5) La réservation en nombre est conclue à partir de "
    "bulk_least_milli, si bulk_families_least des familles qui la portent pèsent chacune "
    "bulk_family_least_milli avant coefficient, et si les réservations, ou bien les boîtes "
    "électroniques, numéros AGDREF ou numéros de téléphone différents, sont au moins au nombre de "
    "served_least. Sans réservation, elle n'est pas examinée et son total est nul. Le niveau "
    "découle du total : au-dessus de 301 faible, à partir de 1001 modéré, 2001 modérément fort, "
    "3001 fort, 4001 très fort."}};

bool score_has_factors(int family)
{
    const struct score_weight *w = &score_weights[family];
    return w->automated_permille > 0 || w->bulk_permille > 0;
}

int32_t score_of_session(int32_t strongest_reason_milli)
{
    return (int32_t)stat_clamp(strongest_reason_milli, SCORE_SESSION_LEAST, SCORE_CAP_MILLI);
}

int32_t score_of_group(int family, const struct family_sum *s)
{
    int32_t sum = s->sessions_milli < s->cap_milli ? s->sessions_milli : s->cap_milli;
    if (sum < score_weights[family].least_milli)
        sum = score_weights[family].least_milli;
    if (s->group_milli > 0 && s->group_milli > sum)
        sum = s->group_milli;
    return sum < SCORE_CAP_MILLI ? sum : SCORE_CAP_MILLI;
}

int32_t score_part(enum conclusion_kind kind, int family, int32_t llr_milli)
{
    const struct score_weight *w = &score_weights[family];
    int32_t permille = llr_milli < 0                ? w->against_permille
                       : kind == CONCLUSION_AUTOMATED ? w->automated_permille
                                                      : w->bulk_permille;
    return (int32_t)((int64_t)llr_milli * permille / 1000);
}

int32_t score_total(enum conclusion_kind kind, const int32_t families[FAMILY_COUNT])
{
    int64_t sum = 0;
    for (int f = 0; f < FAMILY_COUNT; f++)
        sum += score_part(kind, f, families[f]);
    return (int32_t)stat_clamp(sum, -SCORE_TOTAL_CAP_MILLI, SCORE_TOTAL_CAP_MILLI);
}

bool score_holds(enum conclusion_kind kind, const int32_t families[FAMILY_COUNT], int32_t total_milli,
                 int64_t served, int64_t bulk_least)
{
    int strong = 0;
    if (kind == CONCLUSION_AUTOMATED)
        return total_milli >= SCORE_AUTOMATED_MILLI;
    for (int f = 0; f < FAMILY_COUNT; f++)
        strong += score_weights[f].carries_bulk && families[f] >= SCORE_BULK_FAMILY_MILLI;
    return served >= bulk_least && strong >= SCORE_BULK_FAMILIES && total_milli >= SCORE_BULK_MILLI;
}

static void add_up(struct conclusion *c, enum conclusion_kind kind)
{
    c->llr_milli = c->tested ? score_total(kind, c->family_llr_milli) : 0;
    c->score_permille = stat_odds_permille(c->llr_milli);
    c->level = level_of(c->llr_milli);
    for (int f = 0; f < FAMILY_COUNT && c->tested; f++)
        if (c->family_llr_milli[f] >= SCORE_REASON_MILLI && score_part(kind, f, 1000) > 0)
            c->families |= 1u << f;
}

void score_session(const struct session *s, const struct tally *t, struct conclusion *automated,
                   struct conclusion *bulk)
{
    *automated = (struct conclusion){.tested = true};
    *bulk = (struct conclusion){.tested = s->submissions > 0};
    for (int f = 0; f < FAMILY_COUNT; f++) {
        int32_t least = score_weights[f].least_milli;
        automated->family_llr_milli[f] = t->automated[f] > least ? t->automated[f] : least;
        bulk->family_llr_milli[f] = t->bulk[f] > least ? t->bulk[f] : least;
    }
    add_up(automated, CONCLUSION_AUTOMATED);
    add_up(bulk, CONCLUSION_BULK);
    automated->concluded = automated->llr_milli >= SCORE_AUTOMATED_MILLI;
}

/* ---- a group ---- */

static bool counts(const struct reason *r, enum conclusion_kind kind)
{
    return kind == CONCLUSION_AUTOMATED ? r->automated : r->bulk;
}

/* Adds the strongest reasons of one session. */
static void add_session(struct family_sum sums[FAMILY_COUNT], enum conclusion_kind kind,
                        const struct reason *reasons, uint32_t n)
{
    int32_t best[FAMILY_COUNT];
    uint32_t seen = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct reason *r = &reasons[i];
        struct family_sum *sum = &sums[r->family];
        if (!counts(r, kind))
            continue;
        if (!(seen >> r->family & 1) || r->llr_milli > best[r->family])
            best[r->family] = r->llr_milli;
        seen |= 1u << r->family;
        if (r->llr_milli > 0 && r->pool_cap_milli > sum->cap_milli)
            sum->cap_milli = r->pool_cap_milli;
    }
    for (int f = 0; f < FAMILY_COUNT; f++) {
        if (!(seen >> f & 1))
            continue;
        sums[f].tested = true;
        sums[f].sessions_milli += score_of_session(best[f]);
    }
}

static void add_group(struct family_sum sums[FAMILY_COUNT], enum conclusion_kind kind,
                      const struct cluster *c)
{
    for (uint32_t i = 0; i < c->reasons_count; i++) {
        const struct reason *r = &c->reasons[i];
        if (r->session != UINT32_MAX || !counts(r, kind))
            continue;
        sums[r->family].tested = true;
        if (r->llr_milli > sums[r->family].group_milli)
            sums[r->family].group_milli = r->llr_milli;
    }
}

static void sum_families(struct conclusion *out, struct family_sum sums[FAMILY_COUNT],
                         enum conclusion_kind kind, const struct cluster *c,
                         const struct findings *f, const uint32_t *indices)
{
    memset(sums, 0, FAMILY_COUNT * sizeof *sums);
    for (uint32_t i = 0; i < c->sessions_count; i++) {
        uint32_t first = f->session_reasons[indices[i]], end = f->session_reasons[indices[i] + 1];
        add_session(sums, kind, f->reasons + first, end - first);
    }
    add_group(sums, kind, c);
    for (int k = 0; k < FAMILY_COUNT; k++)
        out->family_llr_milli[k] = score_of_group(k, &sums[k]);
    add_up(out, kind);
}

void score_cluster(struct cluster *c, const struct findings *f, const uint32_t *indices,
                   const struct extent *e, int64_t bulk_least)
{
    uint32_t served = e->bookings > e->persons ? e->bookings : e->persons;
    c->automated = (struct conclusion){.tested = true};
    c->bulk = (struct conclusion){.tested = e->bookings > 0};
    sum_families(&c->automated, c->automated_sums, CONCLUSION_AUTOMATED, c, f, indices);
    sum_families(&c->bulk, c->bulk_sums, CONCLUSION_BULK, c, f, indices);
    c->automated.concluded = score_holds(CONCLUSION_AUTOMATED, c->automated.family_llr_milli,
                                         c->automated.llr_milli, served, bulk_least);
    c->bulk.concluded = c->bulk.tested && score_holds(CONCLUSION_BULK, c->bulk.family_llr_milli,
                                                      c->bulk.llr_milli, served, bulk_least);
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
        e.bookings += sessions[i]->submissions;
    return e;
}

int64_t score_bulk_least(const struct site *site)
{
    return site->booking_limit > SCORE_BULK_PERSONS ? site->booking_limit : SCORE_BULK_PERSONS;
}
