/* form_latency.c: forms posted sooner after they were delivered than a hand can.
 *
 * The true gap is never longer than the bound computed here: the later of the possible starts of
 * the POST minus the earlier of the possible ends of the page, plus the resolution of the stamps.
 * Every doubt therefore speaks for the person.  Three tiers share one family; the strongest counts.
 */
#include "detectors/score.h"
#include "detectors/stats/stat.h"

enum { PAIRS_MAX = 64, FEW = 3, LEAST = -1000 };

enum tier { TIER_IMPOSSIBLE, TIER_SUBSECOND, TIER_QUICK, TIERS };

static const struct {
    const char *human; /* parameter: share of people below the bound, permille */
    int32_t cap_few, cap_many, pool;
} tiers[TIERS] = {
    {"impossible_human_permille", 700, SCORE_CAP_MILLI, SCORE_CAP_MILLI},
    {"subsecond_human_permille", 400, 900, 1200},
    {"quick_human_permille", 300, 300, 600},
};

struct pair {
    uint32_t page, post;
    int64_t bound_us; /* the true gap is shorter */
    bool typed, captcha;
};

struct found {
    struct pair pairs[PAIRS_MAX];
    uint32_t n;
    int64_t floor_us[TIERS], click_floor_us;
};

static bool is_typed(enum meaning m)
{
    return m == MEANING_IDENTITY || m == MEANING_SUBMITTED;
}

static bool delivers(const struct site *site, const struct act *page, const struct act *post)
{
    if (page->method != METHOD_GET || page->step == 0 || page->status >= 400)
        return false;
    return page->step == post->referer_step ||
           str_eq(site->steps[page->step - 1].path, site->steps[post->step - 1].path);
}

/* True when the profile knows what an honest visitor saw before: without it a post may be a page's
 * own. */
static bool is_form(const struct site *site, uint8_t step)
{
    const struct site_step *post = &site->steps[step - 1];
    if (post->needs_before)
        return true;
    for (size_t i = 0; i < site->steps_count; i++)
        if (str_eq(site->steps[i].path, post->path) && str_eq(site->steps[i].method, STR("GET")))
            return true;
    return false;
}

/* The last page of this form since it was last posted; UINT32_MAX when there is none: a form whose
 * page was not fetched has no latency (skipped_steps.c looks at it), and neither has a second post (a
 * double click, or the form came back in the answer). */
static uint32_t page_of(const struct site *site, const struct session *s, uint32_t post)
{
    if (!is_form(site, s->acts[post].step))
        return UINT32_MAX;
    for (uint32_t i = post; i-- > 0;) {
        if (delivers(site, &s->acts[i], &s->acts[post]))
            return i;
        if (s->acts[i].step == s->acts[post].step)
            return UINT32_MAX;
    }
    return UINT32_MAX;
}

static int64_t bound_us(const struct session *s, const struct act *page, const struct act *post)
{
    bool ends = s->time_meaning == TIME_MEANS_LOG_WRITE ||
                s->time_meaning == TIME_MEANS_RESPONSE_END;
    int64_t start = post->time_us, end = page->time_us;
    if (ends && post->duration_us != UINT32_MAX)
        start -= post->duration_us;
    if (s->time_meaning == TIME_MEANS_REQUEST_START && page->duration_us != UINT32_MAX)
        end += page->duration_us;
    int64_t gap = start - end;
    return (gap > 0 ? gap : 0) + s->resolution_us;
}

/* A solving service answers a code after many seconds: of these forms only those below the floor
 * are taken. */
static void find_pairs(const struct site *site, const struct session *s, struct found *f)
{
    for (uint32_t i = 1; i < s->acts_count && f->n < PAIRS_MAX; i++) {
        const struct act *post = &s->acts[i];
        if (post->method != METHOD_POST || post->step == 0 || post->meaning == MEANING_NONE)
            continue;
        uint32_t page = page_of(site, s, i);
        if (page == UINT32_MAX)
            continue;
        struct pair p = {page, i, bound_us(s, &s->acts[page], post),
                         is_typed((enum meaning)post->meaning), post->meaning == MEANING_CAPTCHA};
        if (!p.captcha || p.bound_us <= f->floor_us[TIER_IMPOSSIBLE])
            f->pairs[f->n++] = p;
    }
}

/* One-button pages are only tested against the floor of a click; 0: not tested. */
static int64_t floor_of(const struct found *f, enum tier t, const struct pair *p)
{
    if (p->typed || (p->captcha && t == TIER_IMPOSSIBLE))
        return f->floor_us[t];
    return t == TIER_IMPOSSIBLE && !p->captcha ? f->click_floor_us : 0;
}

struct counts {
    uint32_t n, k;
    int64_t shortest_us;
    int64_t llr;
    int32_t cap;
};

static struct counts count_tier(const struct found *f, enum tier t, uint32_t resolution_us)
{
    struct counts c = {0, 0, INT64_MAX, 0, 0};
    for (uint32_t i = 0; i < f->n; i++) {
        int64_t floor = floor_of(f, t, &f->pairs[i]);
        if (floor < resolution_us || floor == 0)
            continue; /* no gap, however short, could be seen to be below it */
        c.n++;
        if (f->pairs[i].bound_us > floor)
            continue;
        c.k++;
        if (f->pairs[i].bound_us < c.shortest_us)
            c.shortest_us = f->pairs[i].bound_us;
    }
    return c;
}

static bool any_quick(const struct found *f)
{
    for (uint32_t i = 0; i < f->n; i++)
        if (f->pairs[i].bound_us <= f->floor_us[TIER_QUICK])
            return true;
    return false;
}

static void score_tier(const struct detect *x, const struct detector *d, enum tier t,
                       struct counts *c)
{
    uint32_t human = (uint32_t)detect_param(x, d, tiers[t].human);
    uint32_t machine = (uint32_t)detect_param(x, d, "machine_permille");
    c->cap = c->k < FEW ? tiers[t].cap_few : tiers[t].cap_many;
    c->llr = stat_clamp(stat_binomial_llr(c->k, c->n, machine, human), LEAST, c->cap);
}

static void cite_pairs(struct detect *x, struct reason *r, const struct found *f, enum tier t)
{
    uint32_t acts[2 * PAIRS_MAX];
    size_t n = 0;
    for (uint32_t i = 0; i < f->n; i++) {
        const struct pair *p = &f->pairs[i];
        if (r->llr_milli > 0 && p->bound_us > floor_of(f, t, p))
            continue;
        if (n == 0 || acts[n - 1] != p->page)
            acts[n++] = p->page;
        acts[n++] = p->post;
    }
    detect_cite(x, r, acts, n);
}

static void say_it(struct detect *x, struct reason *r, enum tier t)
{
    if (r->llr_milli < 0)
        detect_says(
            x, r,
            TEXT("{slower} of {forms} {forms:form|forms} {slower:shows|show} no answer within "
                 "{bound_us us} of {slower:its|their} page: a pace consistent with a person's.",
                 "{slower} {slower:formulaire|formulaires} sur {forms} ne {slower:présente|"
                 "présentent} aucun envoi dans les {bound_us us} suivant l'affichage : un rythme "
                 "compatible avec celui d'une personne."));
    else if (t == TIER_IMPOSSIBLE)
        detect_says(
            x, r,
            TEXT("{below} of {forms} {forms:form|forms} {below:was|were} posted at most {bound_us "
                 "us} after the page that delivers {below:it|them} (shortest: at most {shortest_us "
                 "us}), sooner than is expected even of a form that the browser fills.",
                 "{below} {below:formulaire|formulaires} sur {forms} {below:a été envoyé|ont été "
                 "envoyés} au plus {bound_us us} après la page qui {below:l'affiche|les affiche} "
                 "(délai le plus court : {shortest_us us} au plus), plus tôt que ce qui est "
                 "attendu même d'un formulaire rempli par le navigateur."));
    else
        detect_says(
            x, r,
            TEXT("{below} of {forms} typed {forms:form|forms} {below:was|were} posted at most "
                 "{bound_us us} after the page that delivers {below:it|them} (shortest: at most "
                 "{shortest_us us}), which auto-fill or automation would explain.",
                 "{below} {below:formulaire|formulaires} de saisie sur {forms} {below:a été envoyé|"
                 "ont été envoyés} au plus {bound_us us} après la page qui {below:l'affiche|les "
                 "affiche} (délai le plus court : {shortest_us us} au plus), ce qu'expliquerait un "
                 "remplissage automatique ou un automate."));
}

static void tell(struct detect *x, const struct detector *d, const struct found *f, enum tier t,
                 const struct counts *c)
{
    struct reason *r = detect_reason(x, d);
    r->llr_milli = (int32_t)c->llr;
    r->cap_milli = c->cap;
    r->pool_cap_milli = tiers[t].pool;
    r->n = c->n;
    detect_input(r, "forms", c->n);
    detect_input(r, "below", c->k);
    detect_input(r, "bound_us", f->floor_us[t]);
    detect_input(r, "tier", t);
    detect_input(r, "slower", c->n - c->k);
    if (c->k > 0)
        detect_input(r, "shortest_us", c->shortest_us);
    cite_pairs(x, r, f, t);
    say_it(x, r, t);
}

static void note_resolution(struct detect *x, const struct detector *d, const struct found *f,
                            const struct session *s)
{
    if (s->resolution_us > f->floor_us[TIER_IMPOSSIBLE])
        detect_not_testable(
            x, d,
            TEXT("stamps are too coarse to tell a form that is posted at once from one that the "
                 "browser fills; only posts within the same second are counted",
                 "horodatage trop grossier pour distinguer un envoi immédiat d'un remplissage "
                 "automatique ; seuls les envois dans la même seconde sont comptés"));
}

static void test_session(const struct detector *d, struct detect *x, const struct session *s)
{
    const struct site *site = detect_site(x);
    struct found f;
    struct counts best = {0};
    enum tier strongest = TIERS;
    f.n = 0;
    if (s->posts == 0 || s->acts_count < 2 || s->mixture == MIXTURE_MARKED)
        return;
    f.floor_us[TIER_IMPOSSIBLE] = site->form_floor_us;
    find_pairs(site, s, &f);
    if (f.n == 0) {
        detect_untested(x, d,
                        TEXT("no form was posted whose page the site profile names and the session "
                             "had fetched",
                             "aucun formulaire n'a été envoyé dont le profil du site nomme la page "
                             "et que la session avait consultée"));
        return;
    }
    detect_tested(x, d);
    f.floor_us[TIER_SUBSECOND] = detect_param(x, d, "subsecond_us");
    f.floor_us[TIER_QUICK] = detect_param(x, d, "quick_us");
    f.click_floor_us = detect_param(x, d, "click_floor_us");
    if (!detect_wants_scores(x) && !any_quick(&f))
        return;
    note_resolution(x, d, &f, s);
    for (enum tier t = TIER_IMPOSSIBLE; t < TIERS; t++) {
        struct counts c = count_tier(&f, t, s->resolution_us);
        if (c.n == 0)
            continue;
        score_tier(x, d, t, &c);
        if (strongest == TIERS || c.llr > best.llr) {
            best = c;
            strongest = t;
        }
    }
    if (strongest == TIERS)
        return;
    if (best.llr >= SCORE_REASON_MILLI || best.llr < 0)
        tell(x, d, &f, strongest, &best);
    else
        detect_score(x, d, (int32_t)best.llr);
}

static const struct detector_param params[] = {
    {"click_floor_us", 200000, 50000, 1000000, "us",
     {{"shortest time in which a person answers a page that only needs a click",
       "durée minimale de réponse d'une personne à une page qui ne demande qu'un clic"}}},
    {"subsecond_us", 1000000, 500000, 2000000, "us",
     {{"bound of the second tier, the finest that stamps to the second can show",
       "borne du deuxième palier, la plus fine que montre un horodatage à la seconde"}}},
    {"quick_us", 2000000, 1000000, 5000000, "us",
     {{"bound of the third tier: auto-fill or automation",
       "borne du troisième palier : remplissage automatique ou automate"}}},
    {"machine_permille", 800, 500, 990, "permille",
     {{"share of an automaton's forms posted below a bound",
       "part des formulaires d'un automate sous une borne"}}},
    {"impossible_human_permille", 50, 12, 500, "permille",
     {{"share of people's forms below the site's floor, auto-fill included",
       "part des formulaires de personnes sous le seuil du site, remplissage automatique "
       "compris"}}},
    {"subsecond_human_permille", 400, 18, 700, "permille",
     {{"the same below the bound of the second tier", "idem sous la borne du deuxième palier"}}},
    {"quick_human_permille", 600, 18, 750, "permille",
     {{"the same below the bound of the third tier", "idem sous la borne du troisième palier"}}},
};

const struct detector detector_form_latency = {
    .name = "form-latency",
    .version = 2,
    .family = FAMILY_LATENCY,
    .automated = true,
    .bulk = true,
    .title = {{"Forms sent very soon after their page",
               "Formulaires envoyés très tôt après leur affichage"}},
    .needs = HAS(TIME) | HAS(METHOD) | HAS(TARGET),
    .params = params,
    .params_count = sizeof params / sizeof *params,
    .rule = {{
        "For each form of the funnel that was posted, the time since the page that delivers it "
        "(same path, or the one its referer names; the last one since the form was last posted, "
        "in this session) is bounded from above: latest possible start of the post, minus "
        "earliest possible end of the page's answer, plus the resolution of the stamps. Where "
        "the duration is logged the start is the stamp minus the duration for stamps taken at "
        "the end, and the end of the page is the stamp plus its duration for stamps taken at the "
        "start. k of n forms below a bound are compared with the share of people below it, "
        "auto-fill included, and the share of an automaton's (80 %): decimal logarithm of the "
        "binomial likelihood ratio, k log(0.8/h) + (n-k) log(0.2/(1-h)), at least -1, where h is "
        "5 %, 40 % and 60 % for the three bounds: the site's floor (0.5 s by default: below it "
        "not even a form filled by the browser is sent), then 1 s, then 2 s with much weaker "
        "weight. Pages that need only a click are tested against 0.2 s alone. A security code "
        "counts only when it is answered below the first bound, since a slow answer may come "
        "from a solving service. A bound shorter than the resolution of the stamps is not "
        "tested, nor is a form whose page the session never fetched. The strongest bound counts, "
        "once. Fewer than three forms below the first bound give at most 0.7, three or more at "
        "most 1.892; below the second 0.4 and 0.9, below the third 0.3.",
        "Pour chaque formulaire du parcours envoyé, la durée écoulée depuis la page qui "
        "l'affiche (même chemin, ou celle que désigne le référent ; la dernière depuis son envoi "
        "précédent, dans cette session) est majorée : début le plus tardif possible de l'envoi, "
        "moins fin la plus précoce possible de la réponse, plus la résolution de l'horodatage. "
        "Lorsque la durée est journalisée, le début est l'horodatage diminué de la durée pour un "
        "horodatage de fin, et la fin de la page est l'horodatage augmenté de sa durée pour un "
        "horodatage de début. k formulaires sur n sous une borne sont comparés à la part h des "
        "personnes sous cette borne, remplissage automatique compris, et à celle des automates "
        "(80 %) : logarithme décimal du rapport de vraisemblance binomial, k log(0,8/h) + (n-k) "
        "log(0,2/(1-h)), au moins -1, h valant 5 %, 40 % et 60 % pour les trois bornes : le "
        "seuil du site (0,5 s par défaut, en deçà duquel même un formulaire rempli par le "
        "navigateur n'est pas envoyé), puis 1 s, puis 2 s avec un poids bien moindre. Les pages "
        "qui ne demandent qu'un clic ne sont comparées qu'à 0,2 s. Un code de sécurité ne compte "
        "que s'il est saisi sous la première borne, une réponse lente pouvant provenir d'un "
        "service de résolution. Une borne inférieure à la résolution n'est pas testée, non plus "
        "qu'un formulaire dont la session n'a jamais consulté la page. Seule la borne la plus "
        "forte compte, une fois. Moins de trois formulaires sous la première borne donnent au "
        "plus 0,7, trois ou davantage au plus 1,892 ; sous la deuxième, 0,4 et 0,9 ; sous la "
        "troisième, 0,3."}},
    .innocent = {{
        "A browser or password manager that fills the form, and a person who confirms at once; a "
        "double click; a page restored from the browser's cache, so that the visit to it is not in "
        "the log; two people behind one address and agent; a clock step.",
        "Un navigateur ou un gestionnaire de mots de passe qui remplit le formulaire, et une "
        "personne qui valide aussitôt ; un double clic ; une page restituée par le cache du "
        "navigateur, donc absente du journal ; deux personnes derrière une même adresse et un même "
        "agent ; un saut d'horloge."}},
    .limits = {{
        "The shares of people below each bound are conservative settings, not measurements of this "
        "site. With stamps to the second only posts within one second are seen, which keyboard "
        "auto-fill explains in part. An automaton that waits is not seen.",
        "Les parts de personnes sous chaque borne sont des réglages prudents et non des mesures "
        "faites sur ce site. Avec un horodatage à la seconde, seuls les envois dans la même "
        "seconde apparaissent, ce que le remplissage automatique au clavier explique en partie. Un "
        "automate qui patiente n'est pas vu."}},
    .null_model = "builtin-form-floors-1",
    .cap_milli = SCORE_CAP_MILLI,
    .session = test_session,
};
