/* gap_regularity.c: gaps between decision events that vary less than any person's.
 *
 * One statistic, the standard deviation of the log gaps, because low CV, low burstiness and low
 * spread are one fact; the others are shown beside it.  It supports automated access only: most
 * automata that keep a rhythm only watch. */
#include "detectors/score.h"
#include "detectors/stats/stat.h"

#include "analyzer/base/fixed.h"

enum {
    GAPS_LEAST = 3,           /* fewer say nothing */
    GAPS_SHOWN_MAX = 2048,    /* for the CV, which needs the gaps themselves */
    ACTS_CITED_MAX = 512,
    PACE_LN_WIDTH = 9210,     /* an automaton's pace: from 0.1 s to 1000 s, evenly over its log */
    PACE_MOST = 1000,
    SLOWER_A_FOLD = 300,
    FEW_MOST = 1200,          /* of fewer gaps than gaps_least: no conclusion by themselves */
    SCORE_MOST = 300, SCORE_LEAST = -3000 /* of spread and pace together */
};

struct gaps {
    uint32_t n;
    int64_t mean_ln, seen_sd_ln;
    int64_t sd_ln;       /* the same, but no smaller than the stamps can show */
    int64_t cv_permille; /* -1: not known, the acts were not all kept */
    int64_t mean_us;
    int32_t burstiness;
};

static int64_t cv_of(const struct session *s)
{
    int64_t gaps[GAPS_SHOWN_MAX];
    size_t n = 0;
    if (s->acts_count != s->gaps + 1 || s->gaps > GAPS_SHOWN_MAX)
        return -1;
    for (uint32_t i = 1; i < s->acts_count; i++)
        gaps[n++] = s->acts[i].time_us - s->acts[i - 1].time_us;
    return stat_cv_permille(gaps, n);
}

/* Stamps cut to a resolution r move each end of a gap by an error spread evenly over r: of a constant
 * gap m the logarithm seems to deviate by r / (m sqrt 6).  In thousandths, rounded up. */
static int64_t least_sd_ln(uint32_t resolution_us, int64_t mean_us)
{
    enum { MILLION_OVER_ROOT_6 = 408249 };
    if (mean_us < 1)
        mean_us = 1;
    return ((int64_t)resolution_us * MILLION_OVER_ROOT_6 + 1000 * mean_us - 1) / (1000 * mean_us);
}

static struct gaps gaps_of(const struct session *s)
{
    struct stat_spread ln = stat_spread_of(s->gaps, s->gap_ln_sum_milli, s->gap_ln_square_sum);
    int64_t mean_us = s->gap_sum_us / s->gaps, least = least_sd_ln(s->resolution_us, mean_us);
    return (struct gaps){.n = s->gaps,
                         .mean_ln = ln.mean - fixed_ln_milli(1000000),
                         .seen_sd_ln = (int64_t)ln.sd,
                         .sd_ln = (int64_t)ln.sd > least ? (int64_t)ln.sd : least,
                         .mean_us = mean_us};
}

/* 1000 log10 LR of the spread: an automaton's is spread evenly over its log, a person's is at least
 * the floor. */
static int64_t spread_llr(const struct detect *x, const struct detector *d, const struct gaps *g)
{
    uint64_t floor = (uint64_t)detect_param(x, d, "human_sd_ln_floor_milli");
    uint64_t least = (uint64_t)detect_param(x, d, "machine_sd_ln_least_milli");
    uint64_t sd = (uint64_t)g->sd_ln > least ? (uint64_t)g->sd_ln : least;
    return stat_ln_to_log10(stat_regularity_ln(g->n, sd, floor, 4300));
}

/* 1000 log10 LR of the pace.  Slower than the mean never speaks against a person: from there on
 * each e-fold takes SLOWER_A_FOLD away. */
static int64_t pace_llr(const struct detect *x, const struct detector *d, const struct gaps *g)
{
    int64_t mean = detect_param(x, d, "human_mean_ln_milli"),
            sd = detect_param(x, d, "human_mean_ln_sd_milli");
    uint64_t own = (uint64_t)(g->sd_ln * g->sd_ln) / g->n;
    int64_t at = g->mean_ln < mean ? g->mean_ln : mean;
    int64_t machine = stat_log10_milli(1000, PACE_LN_WIDTH);
    int64_t human = stat_normal_log10(at, mean, (uint64_t)(sd * sd) + own);
    int64_t slower = (g->mean_ln - at) * SLOWER_A_FOLD / 1000;
    return (machine - human < PACE_MOST ? machine - human : PACE_MOST) - slower;
}

/* The most that so many gaps may weigh; 0: too few for a reason. */
static int32_t cap_of(const struct detect *x, const struct detector *d, const struct gaps *g)
{
    if (g->n >= detect_param(x, d, "gaps_least"))
        return d->cap_milli;
    bool constant = g->n >= detect_param(x, d, "gaps_least_constant") && g->cv_permille >= 0 &&
                    g->cv_permille <= detect_param(x, d, "constant_cv_permille");
    return constant ? FEW_MOST : 0;
}

/* Their typical deviation as a share of their usual length, rounded up: exp(sd) - 1 for a small sd. */
static int64_t deviation_permille(int64_t sd_ln)
{
    return sd_ln + sd_ln * sd_ln / 2000 + 1;
}

static void input_extremes(struct reason *r, const struct session *s)
{
    int64_t shortest = INT64_MAX, longest = 0;
    if (s->acts_count != s->gaps + 1)
        return; /* the acts were not all kept */
    for (uint32_t i = 1; i < s->acts_count; i++) {
        int64_t gap = s->acts[i].time_us - s->acts[i - 1].time_us;
        shortest = gap < shortest ? gap : shortest;
        longest = gap > longest ? gap : longest;
    }
    detect_input(r, "shortest_us", shortest);
    detect_input(r, "longest_us", longest);
}

static void say_it(struct detect *x, struct reason *r, const struct session *s)
{
    if (r->llr_milli > 0)
        detect_says(
            x, r,
            TEXT("{gaps} {gaps:gap|gaps} between acts, {mean_us us} on average, {gaps:varies|vary} "
                 "by no more than about {deviation_permille %}: less than those of the most "
                 "regular reader measured.",
                 "{gaps} {gaps:intervalle|intervalles} entre actes, de {mean_us us} en moyenne, ne "
                 "{gaps:varie|varient} que de {deviation_permille %} environ : moins que chez le "
                 "lecteur le plus régulier mesuré."));
    else if (s->acts_count == s->gaps + 1)
        detect_says(
            x, r,
            TEXT("{gaps} {gaps:gap|gaps} between acts {gaps:lasts|last} from {shortest_us us} to "
                 "{longest_us us}, {mean_us us} on average: too uneven for a program that waits a "
                 "fixed time.",
                 "{gaps} {gaps:intervalle|intervalles} entre actes {gaps:dure|durent} de "
                 "{shortest_us us} à {longest_us us}, {mean_us us} en moyenne : trop inégaux pour "
                 "un programme à délai fixe."));
    else
        detect_says(
            x, r,
            TEXT("{gaps} {gaps:gap|gaps} between acts, {mean_us us} on average, {gaps:is|are} too "
                 "uneven for a program that waits a fixed time.",
                 "{gaps} {gaps:intervalle|intervalles} entre actes, de {mean_us us} en moyenne, "
                 "{gaps:est trop inégal|sont trop inégaux} pour un programme à délai fixe."));
}

static void tell(struct detect *x, const struct detector *d, const struct session *s,
                 const struct gaps *g, int64_t llr)
{
    struct reason *r = detect_reason(x, d);
    uint32_t acts[ACTS_CITED_MAX];
    uint32_t n = s->acts_count < ACTS_CITED_MAX ? s->acts_count : ACTS_CITED_MAX;
    r->llr_milli = (int32_t)llr;
    r->cap_milli = llr > 0 ? cap_of(x, d, g) : d->cap_milli;
    r->n = g->n;
    detect_input(r, "gaps", g->n);
    detect_input(r, "mean_us", g->mean_us);
    detect_input(r, "sd_ln_milli", g->sd_ln);
    detect_input(r, "seen_sd_ln_milli", g->seen_sd_ln);
    if (llr > 0)
        detect_input(r, "deviation_permille", deviation_permille(g->sd_ln));
    else
        detect_input(r, "mean_ln_milli", g->mean_ln);
    input_extremes(r, s);
    if (g->cv_permille >= 0) {
        detect_input(r, "cv_permille", g->cv_permille);
        detect_input(r, "burstiness_milli", g->burstiness);
    }
    for (uint32_t i = 0; i < n; i++)
        acts[i] = i;
    detect_cite(x, r, acts, n);
    say_it(x, r, s);
}

static void test_session(const struct detector *d, struct detect *x, const struct session *s)
{
    if (s->gaps < GAPS_LEAST || s->mixture == MIXTURE_MARKED)
        return;
    struct gaps g = gaps_of(s);
    if (!detect_wants_scores(x) && g.sd_ln >= detect_param(x, d, "human_sd_ln_floor_milli"))
        return;
    int64_t spread = spread_llr(x, d, &g);
    int64_t shrink = detect_param(x, d, "shrink_permille");
    bool coarse = g.mean_us < (int64_t)s->resolution_us * detect_param(x, d, "resolution_factor");
    if (coarse) {
        spread = spread < 0 ? spread : 0;
        detect_not_testable(
            x, d,
            TEXT("gaps only a few times longer than the resolution of the stamps cannot show "
                 "regularity",
                 "des intervalles à peine plus longs que la résolution de l'horodatage ne peuvent "
                 "révéler de régularité"));
    }
    int64_t llr = stat_clamp(spread * shrink / 1000, INT32_MIN, d->cap_milli);
    if (llr >= SCORE_REASON_MILLI) {
        g.cv_permille = cv_of(s);
        g.burstiness = g.cv_permille < 0 ? 0 : stat_burstiness_milli(g.cv_permille, g.n);
        int32_t cap = cap_of(x, d, &g);
        if (cap > 0) {
            tell(x, d, s, &g, llr < cap ? llr : cap);
            return;
        }
    }
    if (!detect_wants_scores(x))
        return;
    int64_t both = (spread + pace_llr(x, d, &g)) * shrink / 1000;
    both = stat_clamp(both, SCORE_LEAST, SCORE_MOST);
    g.cv_permille = -1;
    if (both < 0)
        tell(x, d, s, &g, both);
    else
        detect_score(x, d, (int32_t)both);
}

static const struct detector_param params[] = {
    {"gaps_least", 10, 5, 1000, "gaps",
     {{"number of gaps below which regularity is no reason",
       "nombre d'intervalles en deçà duquel la régularité n'est pas un motif"}}},
    {"gaps_least_constant", 5, 5, 1000, "gaps",
     {{"the same for nearly constant gaps", "idem pour des intervalles presque constants"}}},
    {"constant_cv_permille", 100, 0, 300, "permille",
     {{"coefficient of variation up to which gaps are nearly constant",
       "coefficient de variation jusqu'auquel des intervalles sont presque constants"}}},
    {"human_sd_ln_floor_milli", 500, 300, 1000, "thousandths",
     {{"least deviation of the log gaps of a person (most regular one admitted)",
       "plus petit écart-type du logarithme des intervalles d'une personne (la plus régulière "
       "admise)"}}},
    {"machine_sd_ln_least_milli", 20, 1, 100, "thousandths",
     {{"deviations below this count as this",
       "les écarts-types inférieurs comptent pour cette valeur"}}},
    {"human_mean_ln_milli", 2700, 1000, 5000, "thousandths",
     {{"mean of the log gaps of people, in seconds",
       "moyenne du logarithme des intervalles des personnes, en secondes"}}},
    {"human_mean_ln_sd_milli", 600, 300, 2000, "thousandths",
     {{"its deviation between people and sites", "son écart-type entre personnes et sites"}}},
    {"resolution_factor", 4, 2, 100, "times",
     {{"mean gaps shorter than so many times the resolution are not tested",
       "les intervalles moyens inférieurs à ce multiple de la résolution ne sont pas testés"}}},
    {"shrink_permille", 500, 100, 1000, "permille",
     {{"share of the log-likelihood ratio that is kept: the null was fitted on other sites",
       "part conservée du logarithme du rapport de vraisemblance : le modèle nul provient "
       "d'autres sites"}}},
};

const struct detector detector_gap_regularity = {
    .name = "gap-regularity",
    .version = 2,
    .family = FAMILY_REGULARITY,
    .automated = true,
    .bulk = false,
    .title = {{"Regular gaps between acts", "Intervalles réguliers entre actes"}},
    .needs = HAS(TIME),
    .params = params,
    .params_count = sizeof params / sizeof *params,
    .rule = {{
        "Only decision events are looked at (pages, posts, slot clicks), never the files a page "
        "loads by itself. Of n gaps (n from 3 on; one of zero counts as half the resolution of "
        "the stamps) let m be the mean and s the sample deviation of their natural logarithms in "
        "seconds; s is never taken below r/(g sqrt 6), the deviation that stamps of resolution r "
        "alone give to gaps of mean length g, nor below 0.02. Spread: an automaton's deviation "
        "may be anything from 0.02 to 1.5, evenly over its logarithm; a person's is h, the "
        "larger of s and 0.5, the most regular reader of the measured population. S = 0.4343 "
        "[(n-1)(ln(h/s) - 1/2 + s^2/(2h^2)) - ln 8.6 - ln((n-1)/(4 pi))/2]. Pace: an automaton's "
        "m is spread evenly over 9.21; a person's is normal around 2.7 (15 s) with variance v = "
        "0.36 + s^2/n. With q the smaller of m and 2.7, P = the smaller of 1 and 0.4343 "
        "[(q-2.7)^2/(2v) + ln(2 pi v)/2 - ln 9.21], minus 0.3 (m-q). It speaks for an automaton "
        "by S/2, at most 1.892 (1.2 for fewer than 10 gaps: among many thousand sessions a few "
        "are so even by chance), where that is 0.3 at least, n is 10 at least (5 where the "
        "coefficient of variation is at most 0.1) and the mean gap is four times the resolution "
        "at least; P plays no part in it. Otherwise it speaks for a person by (S+P)/2, down to "
        "-3, where that is below zero (S counts as zero at most where the mean gap is shorter "
        "than four times the resolution); fewer than 10 gaps are enough for that. What is above "
        "zero then only orders sessions. Both are halved because the population comes from other "
        "sites. A session marked as a mixture of several people is never tested. The coefficient "
        "of variation and the burstiness of Kim and Jo are shown, not added.",
        "Seuls les actes de décision sont examinés (pages, envois, choix de créneau), jamais les "
        "fichiers que la page charge d'elle-même. Pour n intervalles (n au moins égal à 3 ; un "
        "intervalle nul compte pour la moitié de la résolution), soient m la moyenne et s "
        "l'écart-type d'échantillon de leurs logarithmes népériens, en secondes ; s n'est jamais "
        "pris inférieur à r/(g racine de 6), écart-type que le seul horodatage de résolution r "
        "donne à des intervalles de durée moyenne g, ni à 0,02. Dispersion : l'écart-type d'un "
        "automate peut prendre toute valeur de 0,02 à 1,5, uniformément en logarithme ; celui "
        "d'une personne est h, le plus grand de s et de 0,5, lecteur le plus régulier de la "
        "population mesurée. S = 0,4343 [(n-1)(ln(h/s) - 1/2 + s^2/(2h^2)) - ln 8,6 - "
        "ln((n-1)/(4 pi))/2]. Rythme : pour un automate, m est uniforme sur 9,21 ; pour une "
        "personne, normal autour de 2,7 (15 s), de variance v = 0,36 + s^2/n. Avec q le plus "
        "petit de m et de 2,7, P = le plus petit de 1 et de 0,4343 [(q-2,7)^2/(2v) + ln(2 pi "
        "v)/2 - ln 9,21], moins 0,3 (m-q). Le résultat plaide pour un automate à hauteur de S/2, "
        "au plus 1,892 (1,2 pour moins de 10 intervalles : parmi des milliers de sessions, "
        "quelques-unes le sont par hasard), lorsque cette valeur atteint 0,3, que n vaut au "
        "moins 10 (5 lorsque le coefficient de variation ne dépasse pas 0,1) et que l'intervalle "
        "moyen vaut au moins quatre fois la résolution ; P n'y entre pas. Sinon, il plaide pour "
        "une personne à hauteur de (S+P)/2, jusqu'à -3, lorsque cette valeur est négative (S "
        "compte au plus pour zéro lorsque l'intervalle moyen est inférieur à quatre fois la "
        "résolution) ; moins de 10 intervalles y suffisent. Une valeur positive ne sert alors "
        "qu'à ordonner les sessions. Les deux sont divisés par deux, cette population venant "
        "d'autres sites. Une session signalée comme mélange de plusieurs personnes n'est jamais "
        "testée. Le coefficient de variation et l'indice de Kim et Jo sont montrés, non ajoutés."}},
    .innocent = {{
        "An extension that reloads the page, a monitor that only watches and notifies, a page that "
        "refreshes itself, an accessibility tool, a person reloading at a steady hand before a "
        "release. None of these is an abuse.",
        "Une extension qui recharge la page, un outil de veille qui ne fait qu'observer et "
        "prévenir, une page qui s'actualise seule, un outil d'accessibilité, une personne qui "
        "recharge à un rythme soutenu avant une ouverture. Rien de cela n'est un abus."}},
    .limits = {{
        "It cannot see an automaton with exponential or log-normal waits. People who reload before "
        "a release are more regular than people who read; they have no null of their own here. It "
        "says nothing about who, and nothing about bookings.",
        "Un automate aux attentes exponentielles ou log-normales échappe au test. Les personnes "
        "qui rechargent avant une ouverture sont plus régulières que celles qui lisent ; elles "
        "n'ont pas ici de modèle propre. Le test ne dit rien de l'auteur, ni des réservations."}},
    .null_model = "builtin-human-gaps-1",
    .cap_milli = SCORE_CAP_MILLI,
    .session = test_session,
};
