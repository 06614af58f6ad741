/* explain_session.c: how a session was rebuilt, what each detector said of it and why, what it is part of. */
#include "analyzer/base/civil.h"
#include "analyzer/cli/explain.h"
#include "analyzer/model/sentence.h"
#include "detectors/detector.h"

enum { ACTS_SHOWN = 200, SESSIONS_SHOWN = 20 };

static const struct text closed_words[] = {
    [CLOSED_IDLE] = {{"no request for the idle time of the site", "aucune requête pendant le délai d'inactivité du site"}},
    [CLOSED_COMPLETED] = {{"the booking was complete and a new one began", "réservation achevée, une autre a commencé"}},
    [CLOSED_END] = {{"end of input", "fin des données"}},
    [CLOSED_EVICTED] = {{"too many sessions were open", "trop de sessions ouvertes"}},
    [CLOSED_INTERRUPTED] = {{"the program was told to stop", "arrêt demandé au programme"}},
};
static const struct text mixture_words[] = {
    [MIXTURE_NO] = {{"no sign of several people behind one key", "aucun signe de plusieurs personnes derrière une même clé"}},
    [MIXTURE_SPLIT] = {{"several visitors behind one key were told apart by funnel position and referer; this is one of them",
                        "plusieurs visiteurs derrière une même clé ont été distingués par leur position dans le parcours et leur "
                        "référent ; en voici un"}},
    [MIXTURE_MARKED] = {{"several people behind one key could not be told apart: no timing statement is made",
                         "plusieurs personnes derrière une même clé n'ont pu être distinguées : aucune conclusion n'est tirée des durées"}},
};

static void tell_counts(const struct teller *t, struct text template, const struct named_int *values, size_t n)
{
    struct text said = sentence(&t->cli->arena, template, values, n);
    tell(t, "%s", "%s", SAY(said, t->cli->lang));
}

static const char *stamp(struct cli *c, int64_t us)
{
    char iso[ISO_TEXT_MAX];
    return arena_cstr(&c->arena, (struct str){iso, (ptrdiff_t)iso_format(us, iso)});
}

static void tell_identity_card(const struct teller *t, const struct session *s)
{
    char id[SESSION_ID_MAX], ip[IP_TEXT_MAX];
    session_public_id(s, id);
    tell_title(t, "Session", "Session");
    tell(t, "%s, from %s to %s", "%s, de %s à %s", id, stamp(t->cli, s->first_us), stamp(t->cli, s->last_us));
    if (s->key_kind == KEY_COOKIE)
        tell(t, "Key: session cookie %s", "Clé : cookie de session %s", shown(t->cli, s->key_value));
    else
        tell(t, "Key: address and agent", "Clé : adresse et agent");
    for (uint8_t i = 0; i < s->clients_count; i++)
        tell(t, "Address: %.*s", "Adresse : %.*s", (int)ip_format(&s->clients[i], ip), ip);
    if (s->clients_more)
        tell(t, "and further addresses that were not kept", "et d'autres adresses, non conservées");
    tell(t, "Agent: %s", "Agent : %s", s->agent.p != NULL ? shown(t->cli, s->agent) : "-");
    const struct named_int values[] = {{"requests", s->requests}, {"acts", s->acts_total}, {"kept", s->acts_count},
                                       {"assets", s->assets},     {"errors", s->errors},   {"posts", s->posts},
                                       {"retries", s->retries},   {"skipped", s->skipped}};
    tell_counts(t,
                TEXT("{requests} {requests:request|requests}: {acts} decision {acts:event|events} ({kept} kept), {assets} "
                     "{assets:asset|assets}, {errors} {errors:error|errors}; {posts} {posts:post|posts}, {retries} "
                     "{retries:repetition|repetitions}, {skipped} skipped {skipped:step|steps}",
                     "{requests} {requests:requête|requêtes} : {acts} {acts:acte|actes} de décision ({kept} "
                     "{kept:conservé|conservés}), {assets} {assets:élément|éléments} de page, {errors} "
                     "{errors:erreur|erreurs} ; {posts} {posts:envoi|envois}, {retries} {retries:répétition|répétitions}, "
                     "{skipped} {skipped:étape sautée|étapes sautées}"),
                values, sizeof values / sizeof values[0]);
    tell(t, "Closed: %s", "Clôture : %s", SAY(closed_words[s->closed_by], t->cli->lang));
    tell(t, "Mixture: %s", "Mélange : %s", SAY(mixture_words[s->mixture], t->cli->lang));
    if (s->truncated)
        tell(t, "A limit was reached: not all acts, addresses or identity values of this session were kept.",
             "Une limite a été atteinte : les actes, adresses ou valeurs d'identité de cette session n'ont pas tous été "
             "conservés.");
}

static const char *act_words(const struct teller *t, const struct act *a)
{
    static const struct {
        unsigned flag;
        struct text word;
    } words[] = {
        {ACT_RETRY, {{"repeated", "répétée"}}},
        {ACT_SKIPPED, {{"step before never seen", "étape précédente jamais vue"}}},
        {ACT_NO_REFERER, {{"no referer", "sans référent"}}},
        {ACT_FOREIGN_REFERER, {{"foreign referer", "référent étranger"}}},
    };
    struct str all = STR("");
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if ((a->flags & words[i].flag) != 0)
            all = arena_printf(&t->cli->arena, "%.*s%s%s", STR_ARG(all), all.n > 0 ? ", " : "  ",
                               SAY(words[i].word, t->cli->lang));
    return all.p;
}

static const char *step_name(const struct teller *t, unsigned step)
{
    const struct site *site = t->run->site;
    return step > 0 && step <= site->steps_count ? shown(t->cli, site->steps[step - 1].name) : "-";
}

static void tell_gaps(const struct teller *t, const struct session *s)
{
    const struct named_int values[] = {{"gaps", s->gaps},
                                       {"mean", s->gap_sum_us / s->gaps},
                                       {"zero", (int64_t)s->gap_zero},
                                       {"resolution", s->resolution_us}};
    tell_counts(t,
                TEXT("{gaps} {gaps:gap|gaps}, {mean us} on average, {zero} of them 0; resolution of the stamps {resolution us}",
                     "{gaps} {gaps:intervalle|intervalles}, {mean us} en moyenne, dont {zero} {zero:nul|nuls} ; résolution "
                     "des horodatages : {resolution us}"),
                values, sizeof values / sizeof values[0]);
}

static void tell_acts(const struct teller *t, const struct session *s)
{
    tell_title(t, "Decision events, with the gap before each", "Actes de décision, avec l'intervalle qui précède");
    for (uint32_t i = 0; i < s->acts_count && i < ACTS_SHOWN; i++) {
        const struct act *a = &s->acts[i];
        int64_t gap = i > 0 ? a->time_us - s->acts[i - 1].time_us : 0;
        tell(t, "%s +%lld.%03lld s  line %llu  %s  status %u%s", "%s +%lld,%03lld s  ligne %llu  %s  code %u%s",
             stamp(t->cli, a->time_us), (long long)(gap / 1000000), (long long)(gap / 1000 % 1000),
             (unsigned long long)a->record, step_name(t, a->step), a->status, act_words(t, a));
    }
    if (s->acts_count > ACTS_SHOWN)
        tell(t, "and %u more", "et %u de plus", s->acts_count - ACTS_SHOWN);
    if (s->gaps > 0)
        tell_gaps(t, s);
}

static void tell_identities(const struct teller *t, const struct session *s)
{
    tell_title(t, "Identity values", "Valeurs d'identité");
    if (s->identities_count == 0)
        tell(t, "None was seen: the source carries none, or none was submitted.",
             "Aucune : la source n'en contient pas, ou aucune n'a été envoyée.");
    for (uint32_t i = 0; i < s->identities_count; i++) {
        const struct identity *id = &s->identities[i];
        tell(t, "%s %s, canonical form %s by rule %s, seen %u %s", "%s %s, forme canonique %s selon la règle %s, vue %u %s",
             identity_names[id->kind], shown(t->cli, id->value), shown(t->cli, id->canonical), shown(t->cli, id->rule),
             id->times, t->cli->lang == LANG_FR ? "fois" : id->times == 1 ? "time" : "times");
    }
}

/* Thousandths as a decimal with its sign. */
static const char *weight(const struct teller *t, int32_t milli)
{
    const struct named_int value = {"x", milli};
    struct text said = sentence(&t->cli->arena, TEXT("{x milli}", "{x milli}"), &value, 1);
    return arena_printf(&t->cli->arena, "%s%s", milli > 0 ? "+" : "", SAY(said, t->cli->lang)).p;
}

static uint32_t tell_reasons(const struct teller *t, const struct detector *d, const struct session *s)
{
    const struct findings *f = engine_findings(t->run->engine);
    uint32_t n = 0;
    for (uint32_t i = 0; i < f->reasons_count; i++) {
        const struct reason *r = &f->reasons[i];
        if (r->detector != d || r->session != s->id)
            continue;
        n++;
        tell(t, "%s: %s (weight %s, at most %s)", "%s : %s (poids %s, au plus %s)", d->name,
             SAY(r->says, t->cli->lang), weight(t, r->llr_milli), weight(t, r->cap_milli));
    }
    return n;
}

static const struct text *why_not_testable(const struct findings *f, const struct detector *d)
{
    for (uint32_t i = 0; i < f->not_testable_count; i++)
        if (f->not_testable[i].detector == d)
            return &f->not_testable[i].why;
    return NULL;
}

static void tell_detectors(const struct teller *t, const struct session *s, bool kept)
{
    const struct findings *f = engine_findings(t->run->engine);
    tell_title(t, "Detectors", "Détecteurs");
    if (!kept)
        tell(t, "The session was folded into the statistics of its address: no detector had a reason, it carries no "
                "identity value and no booking step.",
             "La session a été versée aux statistiques de son adresse : aucun détecteur n'avait de motif, et elle ne porte ni "
             "valeur d'identité ni étape de réservation.");
    tell(t,
         "A weight is the decimal logarithm of a likelihood ratio: +1 supports tenfold, \xE2\x88\x92"
         "1 speaks tenfold against.",
         "Un poids est le logarithme décimal d'un rapport de vraisemblance : +1 vaut un soutien décuple, "
         "\xE2\x88\x92" "1 l'inverse.");
    for (size_t i = 0; i < detectors_count; i++) {
        const struct detector *d = detectors[i];
        const struct text *why = why_not_testable(f, d);
        if (tell_reasons(t, d, s) > 0)
            continue;
        if (why != NULL)
            tell(t, "%s: could not be tested here: %s", "%s : n'a pu être examiné ici : %s", d->name, SAY(*why, t->cli->lang));
        else if (d->session == NULL)
            tell(t, "%s: looks at groups of sessions only, below", "%s : ne porte que sur les groupes de sessions, ci-dessous", d->name);
        else
            tell(t, "%s: no reason in this session", "%s : aucun motif dans cette session", d->name);
    }
}

static void tell_conclusion(const struct teller *t, const struct conclusion *c, struct text what)
{
    if (!c->tested) {
        tell(t, "%s: not tested, no booking was sent", "%s : non examinée, aucune réservation envoyée",
             SAY(what, t->cli->lang));
        return;
    }
    tell(t, "%s: %s; %s (weight %s)", "%s : %s ; %s (poids %s)", SAY(what, t->cli->lang),
         c->concluded ? SAY(TEXT("concluded", "conclusion"), t->cli->lang)
                      : SAY(TEXT("not concluded", "pas de conclusion"), t->cli->lang),
         SAY(level_texts[c->level], t->cli->lang), weight(t, c->llr_milli));
}

static void tell_families(const struct teller *t, const struct conclusion *c)
{
    for (int i = 0; i < FAMILY_COUNT && c->tested; i++) {
        int32_t llr = c->family_llr_milli[i];
        const char *against = SAY(TEXT(" (speaks against)", " (à décharge)"), t->cli->lang);
        if (llr != 0)
            tell(t, "  family %s: %s%s", "  famille %s : %s%s", family_names[i], weight(t, llr),
                 llr < 0 ? against : "");
    }
}

static void tell_both(const struct teller *t, const struct conclusion *automated, const struct conclusion *bulk)
{
    tell_conclusion(t, automated, TEXT("Automated access", "Accès automatisé"));
    tell_families(t, automated);
    tell_conclusion(t, bulk, TEXT("Bulk booking", "Réservation en nombre"));
    tell_families(t, bulk);
}

static const struct cluster *cluster_of(const struct findings *f, uint32_t id)
{
    for (uint32_t i = 0; i < f->clusters_count; i++)
        for (uint32_t k = 0; k < f->clusters[i].sessions_count; k++)
            if (f->clusters[i].sessions[k] == id)
                return &f->clusters[i];
    return NULL;
}

static const char *public_id(const struct teller *t, uint32_t session)
{
    const struct findings *f = engine_findings(t->run->engine);
    char id[SESSION_ID_MAX] = "-";
    for (uint32_t i = 0; i < f->sessions_count; i++)
        if (f->sessions[i]->id == session)
            session_public_id(f->sessions[i], id);
    return arena_cstr(&t->cli->arena, str_of(id));
}

static void tell_links(const struct teller *t, const struct cluster *c, const struct session *s)
{
    for (uint32_t i = 0; i < c->links_count && i < SESSIONS_SHOWN; i++)
        if (c->links[i].a == s->id || c->links[i].b == s->id)
            tell(t, "Linked to %s by %s: %s", "Liée à %s par %s : %s",
                 public_id(t, c->links[i].a == s->id ? c->links[i].b : c->links[i].a), c->links[i].kind,
                 shown(t->cli, c->links[i].value));
}

static void tell_hypothesis(const struct teller *t, const struct hypothesis *h)
{
    static const struct {
        const char *status;
        struct text what;
    } words[] = {{"supports", {{"the observations fit", "les observations concordent"}}},
                 {"against", {{"the observations speak against it", "les observations plaident contre"}}},
                 {"not_tested", {{"could not be tested", "n'a pu être examinée"}}}};
    const char *verdict = h->status;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i].status, h->status) == 0)
            verdict = SAY(words[i].what, t->cli->lang);
    tell(t, "Explanation %s: %s: %s", "Explication %s : %s : %s", h->id, SAY(h->name, t->cli->lang), verdict);
    tell(t, "  expected: %s", "  attendu : %s", SAY(h->expected, t->cli->lang));
    tell(t, "  observed: %s", "  observé : %s", SAY(h->observed, t->cli->lang));
}

static void tell_cluster(const struct teller *t, const struct session *s)
{
    const struct cluster *c = cluster_of(engine_findings(t->run->engine), s->id);
    tell_title(t, "Group of linked sessions", "Groupe de sessions liées");
    if (c == NULL) {
        tell(t, "The session belongs to no group with a reason.", "La session n'appartient à aucun groupe porteur d'un motif.");
        return;
    }
    tell(t, c->sessions_count == 1 ? "%u session" : "%u sessions", c->sessions_count == 1 ? "%u session" : "%u sessions",
         c->sessions_count);
    tell_links(t, c, s);
    for (uint32_t i = 0; i < c->reasons_count; i++)
        if (c->reasons[i].session == UINT32_MAX)
            tell(t, "%s: %s (weight %s)", "%s : %s (poids %s)", c->reasons[i].detector->name,
                 SAY(c->reasons[i].says, t->cli->lang), weight(t, c->reasons[i].llr_milli));
    tell_both(t, &c->automated, &c->bulk);
    for (uint32_t i = 0; i < c->hypotheses_count; i++)
        tell_hypothesis(t, &c->hypotheses[i]);
    for (uint32_t i = 0; i < c->limits_count; i++)
        tell(t, "Limit: %s", "Limite : %s", SAY(c->limits[i], t->cli->lang));
}

void tell_session(const struct teller *t, const struct session *s, bool kept)
{
    const struct findings *f = engine_findings(t->run->engine);
    tell_identity_card(t, s);
    tell_acts(t, s);
    tell_identities(t, s);
    tell_detectors(t, s, kept);
    for (uint32_t i = 0; kept && i < f->sessions_count; i++)
        if (f->sessions[i]->id == s->id) {
            tell_title(t, "The session alone", "La session seule");
            tell_both(t, &f->session_automated[i], &f->session_bulk[i]);
        }
    tell_cluster(t, s);
}
