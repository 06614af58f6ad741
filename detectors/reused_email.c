/* reused_email.c: one mailbox for many bookings, numbered mailboxes, many people on one session.
 *
 * Families, helpers and associations do all of it by hand, so this family never concludes alone. */
#include "detectors/identities.h"
#include "detectors/score.h"
#include "detectors/stats/stat.h"

#include <stdlib.h>

enum {
    CAP = 1400, CAP_PERSONS = 1200,
    PER_DOUBLING_USES = 400, PER_DOUBLING_VARIANTS = 300, PER_DOUBLING_PERSONS = 350,
    RUN_BONUS = 200,
    RUN_LEAST = 3,
    TYPO_EMAIL = 2, TYPO_DIGITS = 1,
    SESSION_VALUES_MAX = 64
};

/* ---- one session ---- */

/* Equal but for one place of at most typo bytes.  Linear, because the values were chosen by the
 * client. */
static bool is_correction(struct str a, struct str b, ptrdiff_t typo)
{
    ptrdiff_t shorter = a.n < b.n ? a.n : b.n, longer = a.n < b.n ? b.n : a.n;
    ptrdiff_t front = 0, back = 0;
    while (front < shorter && a.p[front] == b.p[front])
        front++;
    while (back < shorter - front && a.p[a.n - 1 - back] == b.p[b.n - 1 - back])
        back++;
    return longer - front - back <= typo;
}

/* Distinct values of a kind; a value within a typing error of an earlier one is a correction of it.
 */
static uint32_t corrected_count(const struct session *s, enum identity_kind kind, ptrdiff_t typo)
{
    struct str seen[SESSION_VALUES_MAX];
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->identities_count && n < SESSION_VALUES_MAX; i++) {
        struct str v = s->identities[i].canonical;
        bool again = s->identities[i].kind != kind;
        for (uint32_t k = 0; k < n && !again; k++)
            again = is_correction(seen[k], v, typo);
        if (!again)
            seen[n++] = v;
    }
    return n;
}

static size_t cite_identities(const struct session *s, uint32_t *acts, size_t most)
{
    size_t n = 0;
    for (uint32_t i = 0; i < s->identities_count && n < most; i++)
        if (s->identities[i].act < s->acts_count)
            acts[n++] = s->identities[i].act;
    return n;
}

static int64_t limit_of(const struct detect *x, const struct detector *d)
{
    int64_t posted = detect_site(x)->booking_limit;
    return posted > 0 ? posted : detect_param(x, d, "bookings_allowed");
}

/* One mailbox, used in one session for more bookings than it may. */
static void test_alone(const struct detector *d, struct detect *x, const struct session *s)
{
    int64_t limit = limit_of(x, d);
    uint32_t acts[SESSION_VALUES_MAX], n = 0;
    if (s->submissions <= limit || s->submissions < SCORE_BULK_PERSONS)
        return;
    struct reason *r = detect_reason(x, d);
    int64_t llr =
        (int64_t)stat_log2_milli(s->submissions, (uint64_t)limit) * PER_DOUBLING_USES / 1000;
    r->llr_milli = (int32_t)stat_clamp(llr, SCORE_REASON_MILLI, CAP);
    r->n = s->submissions;
    detect_input(r, "bookings", s->submissions);
    detect_input(r, "limit", limit);
    for (uint32_t i = 0; i < s->acts_count && n < SESSION_VALUES_MAX; i++)
        if (s->acts[i].meaning == MEANING_SUBMITTED && s->acts[i].method == METHOD_POST)
            acts[n++] = i;
    detect_cite(x, r, acts, n);
    detect_says(
        x, r,
        TEXT("One session sent {bookings} {bookings:booking|bookings} with one mailbox, where "
             "{limit} {limit:is|are} admitted.",
             "Une même session a envoyé {bookings} {bookings:réservation|réservations} avec une "
             "seule boîte électronique, pour {limit} {limit:admise|admises}."));
}

static void test_session(const struct detector *d, struct detect *x, const struct session *s)
{
    if (s->identities_count == 0 || s->mixture == MIXTURE_MARKED)
        return;
    if (s->identities_count < 2 && s->submissions < SCORE_BULK_PERSONS)
        return; /* almost every session */
    uint32_t mails = corrected_count(s, IDENTITY_EMAIL, TYPO_EMAIL);
    uint32_t numbers = corrected_count(s, IDENTITY_AGDREF, TYPO_DIGITS);
    uint32_t persons = mails > numbers ? mails : numbers;
    if (mails == 1)
        test_alone(d, x, s);
    if (persons < detect_param(x, d, "session_persons_least"))
        return;
    struct reason *r = detect_reason(x, d);
    uint32_t acts[SESSION_VALUES_MAX];
    r->llr_milli = (int32_t)stat_clamp(
        (int64_t)stat_log2_milli(persons, 1) * PER_DOUBLING_USES / 1000, 0, CAP);
    r->n = persons;
    detect_input(r, "mailboxes", mails);
    detect_input(r, "agdref", numbers);
    detect_cite(x, r, acts, cite_identities(s, acts, SESSION_VALUES_MAX));
    detect_says(
        x, r,
        TEXT("One session gave {mailboxes} different {mailboxes:mailbox|mailboxes} and {agdref} "
             "different AGDREF {agdref:number|numbers} (typing corrections not counted).",
             "Une même session a fourni {mailboxes} {mailboxes:boîte électronique|boîtes "
             "électroniques différentes} et {agdref} {agdref:numéro AGDREF|numéros AGDREF "
             "différents} (corrections de frappe non comptées)."));
}

/* ---- a group of linked sessions ---- */

struct mailbox {
    struct str canonical;
    uint32_t sessions, bookings, forms, persons; /* forms: distinct spellings */
};

static uint32_t spellings(const struct id_use *u, size_t n)
{
    uint32_t count = 0;
    for (size_t i = 0; i < n; i++) {
        bool again = false;
        for (size_t k = 0; k < i && k < SESSION_VALUES_MAX && !again; k++)
            again = str_eq(u[k].identity->value, u[i].identity->value);
        count += !again;
    }
    return count;
}

/* Of a session with other mailboxes too, one booking at most is this one's. */
static uint32_t bookings_with(const struct session *s, struct str canonical)
{
    uint32_t at = 0;
    for (struct str m = session_next_email(s, &at); m.p != NULL; m = session_next_email(s, &at))
        if (!str_eq(m, canonical))
            return s->submissions > 0;
    return s->submissions;
}

static struct mailbox mailbox_of(struct detect *x, const struct id_use *u, size_t n,
                                 const struct session *const *sessions)
{
    struct mailbox m = {.canonical = u[0].canonical, .forms = spellings(u, n)};
    const struct session **own = ARENA_ARRAY(x->arena, const struct session *, n);
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && u[i - 1].session == u[i].session)
            continue;
        own[m.sessions++] = sessions[u[i].session];
        m.bookings += bookings_with(sessions[u[i].session], m.canonical);
    }
    static const enum identity_kind kinds[] = {IDENTITY_AGDREF, IDENTITY_PHONE};
    for (int k = 0; k < 2; k++) {
        struct id_use *uses;
        size_t count = id_uses(x->arena, own, m.sessions, kinds[k], &uses);
        uint32_t distinct = id_distinct(uses, count);
        m.persons = distinct > m.persons ? distinct : m.persons;
    }
    return m;
}

static uint32_t uses_of(const struct mailbox *m)
{
    return m->bookings > m->persons ? m->bookings : m->persons;
}

#define STANDS_EN                                                                                  \
    "stands in {sessions} {sessions:session|sessions}: {bookings} {bookings:booking|bookings} "    \
    "sent, {persons} different {persons:person|people} declared, "
#define STANDS_FR                                                                                  \
    "figure dans {sessions} {sessions:session|sessions} : {bookings} {bookings:réservation "       \
    "envoyée|réservations envoyées}, {persons} {persons:personne déclarée|personnes différentes "  \
    "déclarées}, "

static void say_mailbox(struct detect *x, struct reason *r, uint32_t forms)
{
    bool posted = detect_site(x)->booking_limit > 0;
    struct text once = posted ? TEXT("One mailbox, spelt the same each time, " STANDS_EN
                                     "where the site profile gives a limit of {limit}.",
                                     "Une même boîte électronique, écrite à l'identique, " STANDS_FR
                                     "pour une limite de {limit} selon le profil du site.")
                              : TEXT("One mailbox, spelt the same each time, " STANDS_EN
                                     "where {limit} would be admitted for want of a posted limit.",
                                     "Une même boîte électronique, écrite à l'identique, " STANDS_FR
                                     "pour {limit} admises à défaut de limite affichée.");
    struct text merged =
        posted ? TEXT("One mailbox, spelt in {spellings} ways that its provider treats as one, "
                      STANDS_EN "where the site profile gives a limit of {limit}.",
                      "Une même boîte électronique, écrite de {spellings} façons que son "
                      "fournisseur tient pour équivalentes, " STANDS_FR
                      "pour une limite de {limit} selon le profil du site.")
               : TEXT("One mailbox, spelt in {spellings} ways that its provider treats as one, "
                      STANDS_EN "where {limit} would be admitted for want of a posted limit.",
                      "Une même boîte électronique, écrite de {spellings} façons que son "
                      "fournisseur tient pour équivalentes, " STANDS_FR
                      "pour {limit} admises à défaut de limite affichée.");
    detect_says(x, r, forms == 1 ? once : merged);
}

static void tell_mailbox(struct detect *x, const struct detector *d, const struct mailbox *m,
                         int64_t limit)
{
    struct reason *r = detect_reason(x, d);
    int64_t llr = (int64_t)stat_log2_milli(uses_of(m), (uint64_t)limit) * PER_DOUBLING_USES / 1000;
    r->llr_milli = (int32_t)stat_clamp(llr, SCORE_REASON_MILLI, CAP);
    r->n = m->sessions;
    r->subject = m->canonical;
    detect_input(r, "sessions", m->sessions);
    detect_input(r, "bookings", m->bookings);
    detect_input(r, "persons", m->persons);
    detect_input(r, "spellings", m->forms);
    detect_input(r, "limit", limit);
    say_mailbox(x, r, m->forms);
}

static void test_mailboxes(const struct detector *d, struct detect *x, const struct id_use *uses,
                           size_t n, const struct session *const *sessions)
{
    int64_t limit = limit_of(x, d);
    for (size_t i = 0; i < n;) {
        size_t end = id_run(uses, n, i);
        struct mailbox m = mailbox_of(x, uses + i, end - i, sessions);
        if (m.sessions > 1 && uses_of(&m) > limit)
            tell_mailbox(x, d, &m, limit);
        i = end;
    }
}

static int by_stem(const void *a, const void *b)
{
    const struct mail_stem *x = a, *y = b;
    int order = str_cmp(x->stem, y->stem);
    if (order == 0)
        order = str_cmp(x->domain, y->domain);
    if (order != 0)
        return order;
    return (x->counter > y->counter) - (x->counter < y->counter);
}

/* Length of the longest run of consecutive counters. */
static uint32_t longest_run(const struct mail_stem *s, size_t n)
{
    uint32_t best = 1, run = 1;
    for (size_t i = 1; i < n; i++) {
        run = s[i].counter == s[i - 1].counter + 1 ? run + 1 : 1;
        best = run > best ? run : best;
    }
    return best;
}

static void tell_variants(struct detect *x, const struct detector *d, const struct mail_stem *s,
                          size_t n)
{
    struct reason *r = detect_reason(x, d);
    uint32_t run = longest_run(s, n);
    int64_t llr = (int64_t)stat_log2_milli(n, 1) * PER_DOUBLING_VARIANTS / 1000 +
                  (run >= RUN_LEAST ? RUN_BONUS : 0);
    r->llr_milli = (int32_t)stat_clamp(llr, SCORE_REASON_MILLI, CAP);
    r->n = (uint32_t)n;
    r->subject = arena_printf(x->arena, "%.*s*@%.*s", STR_ARG(s->stem), STR_ARG(s->domain));
    detect_input(r, "variants", (int64_t)n);
    detect_input(r, "consecutive", run);
    if (run > 1)
        detect_says(
            x, r,
            TEXT("{variants} mailboxes differ only in the number at the end of their name, "
                 "{consecutive} of them with consecutive numbers.",
                 "{variants} boîtes électroniques ne diffèrent que par le nombre qui termine leur "
                 "nom, dont {consecutive} de nombres consécutifs."));
    else
        detect_says(
            x, r,
            TEXT("{variants} mailboxes differ only in the number at the end of their name.",
                 "{variants} boîtes électroniques ne diffèrent que par le nombre qui termine leur "
                 "nom."));
}

static void test_variants(const struct detector *d, struct detect *x, const struct id_use *uses,
                          size_t n)
{
    struct mail_stem *stems = ARENA_ARRAY(x->arena, struct mail_stem, n + 1);
    size_t count = 0, least = (size_t)detect_param(x, d, "variants_least");
    for (size_t i = 0; i < n; i = id_run(uses, n, i))
        count += mail_stem_of(uses[i].canonical, &stems[count]);
    qsort(stems, count, sizeof *stems, by_stem);
    for (size_t i = 0; i < count;) {
        size_t end = i + 1;
        while (end < count && str_eq(stems[end].stem, stems[i].stem) &&
               str_eq(stems[end].domain, stems[i].domain))
            end++;
        if (end - i >= least)
            tell_variants(x, d, stems + i, end - i);
        i = end;
    }
}

static void test_persons(const struct detector *d, struct detect *x, const struct cluster *c,
                         const struct session *const *sessions)
{
    uint32_t persons = id_persons(x->arena, sessions, c->sessions_count);
    if (c->sessions_count < 2 || persons < detect_param(x, d, "persons_least"))
        return;
    struct reason *r = detect_reason(x, d);
    int64_t llr = (int64_t)stat_log2_milli(persons, 2) * PER_DOUBLING_PERSONS / 1000;
    r->llr_milli = (int32_t)stat_clamp(llr, 0, CAP_PERSONS);
    r->cap_milli = CAP_PERSONS;
    r->n = c->sessions_count;
    detect_input(r, "persons", persons);
    detect_input(r, "sessions", c->sessions_count);
    detect_says(
        x, r,
        TEXT("{sessions} linked {sessions:session|sessions} gave the identities of {persons} "
             "different {persons:person|people}.",
             "{sessions} {sessions:session liée a fourni|sessions liées ont fourni} l'identité de "
             "{persons} {persons:personne|personnes différentes}."));
}

static void test_cluster(const struct detector *d, struct detect *x, const struct cluster *c)
{
    const struct session *const *sessions = id_sessions(x, c);
    struct id_use *uses;
    size_t n = id_uses(x->arena, sessions, c->sessions_count, IDENTITY_EMAIL, &uses);
    test_mailboxes(d, x, uses, n, sessions);
    test_variants(d, x, uses, n);
    test_persons(d, x, c, sessions);
}

static const struct detector_param params[] = {
    {"bookings_allowed", 3, 1, 1000, "bookings",
     {{"bookings a mailbox may make where the site posts no limit",
       "réservations admises par boîte lorsque le site n'affiche pas de limite"}}},
    {"variants_least", 3, 2, 1000, "mailboxes",
     {{"mailboxes that differ only in a final number",
       "boîtes ne différant que par un nombre final"}}},
    {"persons_least", 5, 2, 1000, "people",
     {{"different people in one group of linked sessions",
       "personnes différentes dans un groupe de sessions liées"}}},
    {"session_persons_least", 3, 2, 64, "people",
     {{"different mailboxes or numbers in one session",
       "boîtes ou numéros différents dans une session"}}},
};

const struct detector detector_reused_email = {
    .name = "reused-email",
    .version = 2,
    .family = FAMILY_IDENTITY,
    .automated = false,
    .bulk = true,
    .title = {{"Mailboxes and identities used again", "Boîtes électroniques et identités réutilisées"}},
    .needs = 0,
    .needs_identity = true,
    .params = params,
    .params_count = sizeof params / sizeof *params,
    .rule = {{
        "Four observations, of which the strongest counts. (1) A mailbox, in canonical form by "
        "its provider's own rule, used for more bookings or by more different people than the "
        "posted limit (3 where none is posted), in several sessions, or in one that sent three "
        "bookings or more: 0.4 a doubling beyond it, 0.3 to 1.4; exact and merged spellings are "
        "told apart. (2) Three or more mailboxes of one domain that differ only in a final "
        "number: 0.3 a doubling, 0.2 more for three consecutive numbers, at most 1.4. (3) Five "
        "or more different people in one group of linked sessions: 0.35 a doubling beyond two, "
        "at most 1.2. (4) Three or more different mailboxes or AGDREF numbers in one session, "
        "typing corrections not counted: 0.4 a doubling, at most 1.4. A doubling is a unit of "
        "the logarithm to base 2. Bookings are posts of the submitting step that were not "
        "refused (status below 400), one a session where the profile's step stands for every "
        "page below a path. Addresses of privacy relays are never merged.",
        "Quatre observations, dont la plus forte compte. (1) Une boîte, sous la forme canonique "
        "que définit son fournisseur, servant à plus de réservations ou à plus de personnes que "
        "la limite affichée (3 à défaut), dans plusieurs sessions ou dans une session d'au moins "
        "trois réservations : 0,4 par doublement au-delà, de 0,3 à 1,4 ; écritures identiques et "
        "écritures rapprochées sont distinguées. (2) Trois boîtes ou davantage d'un même domaine "
        "ne différant que par un nombre final : 0,3 par doublement, 0,2 de plus pour trois "
        "nombres consécutifs, au plus 1,4. (3) Cinq personnes différentes ou davantage dans un "
        "groupe de sessions liées : 0,35 par doublement au-delà de deux, au plus 1,2. (4) Trois "
        "boîtes ou numéros AGDREF différents ou davantage dans une session, corrections de "
        "frappe non comptées : 0,4 par doublement, au plus 1,4. Un doublement est une unité du "
        "logarithme en base 2. Les réservations sont les envois de l'étape finale qui n'ont pas "
        "été refusés (statut inférieur à 400), un seul par session lorsque l'étape du profil "
        "vaut pour toutes les pages d'un chemin. Les adresses de relais de confidentialité ne "
        "sont jamais rapprochées."}},
    .innocent = {{
        "A family or a helper using one mailbox, an association, a lawyer or a public agent "
        "booking for others, a kiosk whose browser keeps its cookie, people who happen to have "
        "numbered names.",
        "Une famille ou un aidant utilisant une même boîte, une association, un avocat ou un agent "
        "public réservant pour autrui, une borne dont le navigateur conserve son cookie, des "
        "homonymes numérotés."}},
    .limits = {{
        "Only what the log holds is seen: without bodies there is usually no identity at all. It "
        "says that identities are linked technically, not that they are false. The weights are "
        "settings, not measurements of this site.",
        "Seul ce que contient le journal est vu : sans corps de requête, il n'y a le plus souvent "
        "aucune identité. Le motif dit que des identités sont techniquement liées, non qu'elles "
        "sont fausses. Les poids sont des réglages et non des mesures faites sur ce site."}},
    .null_model = "builtin-identity-1",
    .cap_milli = CAP,
    .session = test_session,
    .cluster = test_cluster,
};
