/* skipped_steps.c: forms posted whose page was never fetched, a funnel entered in the middle, no
 * asset.
 *
 * One family, one joint statistic: the strongest of the three counts. */
#include "detectors/score.h"
#include "detectors/stats/stat.h"

enum {
    POSTS_CITED_MAX = 64,
    CAP_FEW = 700, CAP_SOME = 1000, CAP_MANY = 1400, SOME = 3, MANY = 10,
    ENTERED = 300, NO_ASSETS = 300, WEAK_POOL = 600,
    LEAST = -1000
};

struct steps {
    uint32_t posts, unfetched;
    uint32_t cited[POSTS_CITED_MAX], cited_count;
};

/* True when the site delivers this step's form by a page of its own. */
static bool has_page(const struct site *site, uint8_t step)
{
    for (size_t i = 0; i < site->steps_count; i++)
        if (str_eq(site->steps[i].path, site->steps[step - 1].path) &&
            !str_eq(site->steps[i].method, STR("POST")))
            return true;
    return false;
}

static bool fetched_before(const struct site *site, const struct session *s, uint32_t post)
{
    const struct site_step *form = &site->steps[s->acts[post].step - 1];
    for (uint32_t i = post; i-- > 0;)
        if (s->acts[i].step != 0 && s->acts[i].step != s->acts[post].step &&
            str_eq(site->steps[s->acts[i].step - 1].path, form->path))
            return true;
    return false;
}

static bool brings_a_person(const struct session *s, uint32_t act)
{
    for (uint32_t i = 0; i < s->identities_count; i++)
        if (s->identities[i].act == act &&
            (s->identities[i].kind == IDENTITY_EMAIL || s->identities[i].kind == IDENTITY_AGDREF))
            return true;
    return false;
}

/* The first act is excused (its page may lie before the log or under an earlier cookie), and so is
 * every form but the first of its kind (the answer to a post may hold the form again), unless it
 * brings another person. */
static void count_posts(const struct site *site, const struct session *s, struct steps *c)
{
    uint64_t seen = 0;
    for (uint32_t i = 1; i < s->acts_count; i++) {
        const struct act *a = &s->acts[i];
        if (a->method != METHOD_POST || a->step == 0 ||
            ((seen >> (a->step & 63) & 1) && !brings_a_person(s, i)) || !has_page(site, a->step))
            continue;
        seen |= UINT64_C(1) << (a->step & 63);
        c->posts++;
        if (fetched_before(site, s, i))
            continue;
        c->unfetched++;
        if (c->cited_count < POSTS_CITED_MAX)
            c->cited[c->cited_count++] = i;
    }
}

static void test_posts(const struct detector *d, struct detect *x, const struct session *s)
{
    struct steps c;
    c.posts = c.unfetched = c.cited_count = 0;
    count_posts(detect_site(x), s, &c);
    if (c.posts == 0)
        return;
    int32_t cap = c.unfetched < SOME ? CAP_FEW : c.unfetched < MANY ? CAP_SOME : CAP_MANY;
    int64_t llr = stat_binomial_llr(c.unfetched, c.posts,
                                    (uint32_t)detect_param(x, d, "machine_permille"),
                                    (uint32_t)detect_param(x, d, "human_permille"));
    llr = stat_clamp(llr, LEAST, cap);
    if (llr < SCORE_REASON_MILLI && llr >= 0) {
        detect_score(x, d, (int32_t)llr);
        return;
    }
    struct reason *r = detect_reason(x, d);
    r->llr_milli = (int32_t)llr;
    r->cap_milli = cap;
    r->pool_cap_milli = CAP_MANY;
    r->n = c.posts;
    detect_input(r, "forms", c.posts);
    detect_input(r, "page_fetched", c.posts - c.unfetched);
    detect_input(r, "page_never_fetched", c.unfetched);
    detect_cite(x, r, c.cited, c.cited_count);
    if (llr > 0)
        detect_says(
            x, r,
            TEXT("{page_never_fetched} of {forms} {forms:form|forms} {page_never_fetched:was|were} "
                 "posted although the log shows no fetch of the page that holds "
                 "{page_never_fetched:it|them} in this session.",
                 "{page_never_fetched} {page_never_fetched:formulaire|formulaires} sur {forms} "
                 "{page_never_fetched:a été envoyé|ont été envoyés} sans que le journal montre, "
                 "dans cette session, la consultation de la page qui {page_never_fetched:le|les} "
                 "contient."));
    else
        detect_says(
            x, r,
            TEXT("{page_fetched} of {forms} {forms:form|forms} {page_fetched:was|were} posted "
                 "after {page_fetched:its|their} page had been fetched, as with a browser.",
                 "{page_fetched} {page_fetched:formulaire|formulaires} sur {forms} "
                 "{page_fetched:a été envoyé|ont été envoyés} après consultation de "
                 "{page_fetched:sa|leur} page, comme avec un navigateur."));
}

/* Confirming and cancelling begin with a link in a message, in a session of their own. */
static bool is_booking(enum meaning m)
{
    return m != MEANING_NONE && m <= MEANING_SUBMITTED;
}

static void test_entry(const struct detector *d, struct detect *x, const struct session *s)
{
    uint32_t cited[POSTS_CITED_MAX], n = 0;
    if (s->skipped < detect_param(x, d, "skipped_least"))
        return;
    for (uint32_t i = 0; i < s->acts_count && n < POSTS_CITED_MAX; i++)
        if ((s->acts[i].flags & ACT_SKIPPED) && is_booking((enum meaning)s->acts[i].meaning))
            cited[n++] = i;
    if (n < detect_param(x, d, "skipped_least"))
        return;
    struct reason *r = detect_reason(x, d);
    r->llr_milli = ENTERED;
    r->cap_milli = ENTERED;
    r->pool_cap_milli = WEAK_POOL;
    r->n = n;
    detect_input(r, "skipped", n);
    detect_cite(x, r, cited, n);
    detect_says(
        x, r,
        TEXT("{skipped} {skipped:step was|steps were} reached although the step before "
             "{skipped:it|them} was never seen in this session.",
             "{skipped} {skipped:étape a été atteinte|étapes ont été atteintes} sans que l'étape "
             "précédente apparaisse dans la session."));
}

/* Nobody else, and nobody before, came from this address: nothing can be in a cache. */
static bool first_visit(const struct detect *x, const struct session *s)
{
    struct ip unit = ip_unit(&s->client);
    return !ip_is_zero(&unit) && detect_address(x, &unit).sessions == 1;
}

static void test_assets(const struct detector *d, struct detect *x, const struct session *s)
{
    uint64_t total = detect_sessions_total(x), with = detect_sessions_with_assets(x);
    if (s->assets > 0 || s->acts_total < detect_param(x, d, "pages_least") || total == 0)
        return;
    if (with * 1000 / total < (uint64_t)detect_param(x, d, "assets_logged_permille")) {
        detect_not_testable(
            x, d,
            TEXT("too few sessions of this log load images, style sheets or scripts for their "
                 "absence to say anything",
                 "trop peu de sessions du journal chargent images, feuilles de style ou scripts "
                 "pour que leur absence soit parlante"));
        return;
    }
    if (!first_visit(x, s))
        return;
    struct reason *r = detect_reason(x, d);
    r->llr_milli = NO_ASSETS;
    r->cap_milli = NO_ASSETS;
    r->pool_cap_milli = WEAK_POOL;
    r->n = s->acts_total;
    detect_input(r, "acts", s->acts_total);
    detect_input(r, "sessions_with_assets", (int64_t)with);
    detect_input(r, "sessions", (int64_t)total);
    detect_says(
        x, r,
        TEXT("{acts} {acts:act|acts} and not one image, style sheet or script loaded, while "
             "{sessions_with_assets} of {sessions} sessions of this log "
             "{sessions_with_assets:loads|load} some.",
             "{acts} {acts:acte|actes} sans qu'une image, une feuille de style ou un script ait "
             "été chargé, alors que {sessions_with_assets} "
             "{sessions_with_assets:session|sessions} sur {sessions} du journal en "
             "{sessions_with_assets:charge|chargent}."));
}

static void test_session(const struct detector *d, struct detect *x, const struct session *s)
{
    if (s->acts_count == 0 || s->mixture != MIXTURE_NO)
        return;
    if (s->posts > 0)
        test_posts(d, x, s);
    test_entry(d, x, s);
    test_assets(d, x, s);
}

static const struct detector_param params[] = {
    {"machine_permille", 600, 300, 990, "permille",
     {{"share of an automaton's forms posted without their page",
       "part des formulaires d'un automate envoyés sans leur page"}}},
    {"human_permille", 30, 5, 300, "permille",
     {{"the same for people: caches, restored tabs, lost lines",
       "idem pour les personnes : caches, onglets restaurés, lignes perdues"}}},
    {"skipped_least", 2, 1, 64, "steps",
     {{"steps reached without the one before, from which on it is a reason",
       "étapes atteintes sans la précédente, à partir desquelles il y a motif"}}},
    {"pages_least", 5, 2, 1000, "acts",
     {{"acts without any asset, from which on it is a reason",
       "actes sans aucun fichier annexe, à partir desquels il y a motif"}}},
    {"assets_logged_permille", 500, 100, 1000, "permille",
     {{"share of sessions with assets below which their absence says nothing",
       "part de sessions avec fichiers annexes en deçà de laquelle leur absence ne dit rien"}}},
};

const struct detector detector_skipped_steps = {
    .name = "skipped-steps",
    .version = 2,
    .family = FAMILY_STRUCTURE,
    .automated = true,
    .bulk = true,
    .title = {{"Pages missing before a form or a step",
               "Pages absentes avant un formulaire ou une étape"}},
    .needs = HAS(METHOD) | HAS(TARGET),
    .params = params,
    .params_count = sizeof params / sizeof *params,
    .rule = {{
        "Three observations, of which the strongest counts. (1) Each form of the funnel, at its "
        "first post and whenever it brings another mailbox or AGDREF number, is checked for an "
        "earlier fetch of the page that holds it; k of n forms without it are compared with the "
        "share expected of people (3 %) and of automata (60 %): decimal logarithm of the "
        "binomial likelihood ratio, k log(0.6/0.03) + (n-k) log(0.4/0.97), at least -1, at most "
        "0.7, 1.0 for k from 3, 1.4 for k from 10; 1.4 for a group. The first act of a session "
        "is excused. (2) Two or more steps up to the submission reached although the step before "
        "was never seen: 0.3. (3) Five or more acts without one image, style or script in the "
        "only session of an address, in a log where at least half of the sessions load some: "
        "0.3. (2) and (3) weigh at most 0.6 in a group. Of a session that is not kept whole the "
        "acts kept, which are its first, are tested; sessions that were split or marked as a "
        "mixture are not.",
        "Trois observations, dont la plus forte compte. (1) Pour chaque formulaire du parcours, "
        "à son premier envoi et chaque fois qu'il apporte une autre boîte ou un autre numéro "
        "AGDREF, on cherche une consultation antérieure de la page qui le contient ; k "
        "formulaires sur n sans cette page sont comparés à la part attendue des personnes (3 %) "
        "et des automates (60 %) : logarithme décimal du rapport de vraisemblance binomial, k "
        "log(0,6/0,03) + (n-k) log(0,4/0,97), au moins -1, au plus 0,7, 1,0 pour k à partir de "
        "3, 1,4 pour k à partir de 10 ; 1,4 pour un groupe. Le premier acte d'une session est "
        "excusé. (2) Deux étapes ou davantage, jusqu'à l'envoi, atteintes sans que la précédente "
        "ait été vue : 0,3. (3) Cinq actes ou davantage sans image, style ni script dans "
        "l'unique session d'une adresse, dans un journal où la moitié au moins des sessions en "
        "chargent : 0,3. (2) et (3) pèsent au plus 0,6 dans un groupe. D'une session conservée "
        "en partie sont examinés les actes conservés, qui sont les premiers ; les sessions "
        "scindées ou signalées comme mélange ne sont pas testées."}},
    .innocent = {{
        "A page kept in the browser's cache or in its back-forward cache, a restored tab, a "
        "bookmark or a link from elsewhere into the middle of the funnel, a prefetching service, a "
        "reading tool that loads no images, lines lost at a rotation, a cookie renewed on the way.",
        "Une page conservée par le cache du navigateur ou par celui de la navigation arrière, un "
        "onglet restauré, un signet ou un lien externe vers le milieu du parcours, un service de "
        "préchargement, un outil de lecture qui ne charge pas d'images, des lignes perdues lors "
        "d'une rotation, un cookie renouvelé en chemin."}},
    .limits = {{
        "The shares are conservative settings, not measurements of this site. Weak by itself. An "
        "automaton that drives a real browser shows none of this.",
        "Les parts sont des réglages prudents et non des mesures faites sur ce site. Indice faible "
        "à lui seul. Un automate pilotant un vrai navigateur n'en montre rien."}},
    .null_model = "builtin-funnel-1",
    .cap_milli = CAP_MANY,
    .session = test_session,
};
