/* explain_session.c: how a session was rebuilt, what each detector said of it and why, what it is part of. */
#include "analyzer/base/civil.h"
#include "analyzer/cli/explain.h"
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
    [MIXTURE_SPLIT] = {{"several people behind one key were told apart by funnel position and referer; this is one of them",
                        "plusieurs personnes derrière une même clé ont été séparées par position et référent ; en voici une"}},
    [MIXTURE_MARKED] = {{"several people behind one key could not be told apart: no timing statement is made",
                         "plusieurs personnes derrière une même clé, indissociables : aucune conclusion de durée"}},
};

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
    tell(t, "%u requests: %u decision events (%u kept), %u assets, %u errors; %u posts, %u retries, %u skipped steps",
         "%u requêtes : %u décisions (%u conservées), %u éléments de page, %u erreurs ; %u envois, %u répétitions, "
         "%u étapes sautées", s->requests, s->acts_total, s->acts_count, s->assets, s->errors, s->posts, s->retries,
         s->skipped);
    tell(t, "Closed: %s", "Clôture : %s", SAY(closed_words[s->closed_by], t->cli->lang));
    tell(t, "Mixture: %s", "Mélange : %s", SAY(mixture_words[s->mixture], t->cli->lang));
    if (s->truncated)
        tell(t, "A limit was reached: not everything of this session was kept.",
             "Une limite a été atteinte : tout n'a pas été conservé de cette session.");
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

static void tell_acts(const struct teller *t, const struct session *s)
{
    tell_title(t, "Decision events, with the gap before each", "Décisions, avec l'intervalle qui précède");
    for (uint32_t i = 0; i < s->acts_count && i < ACTS_SHOWN; i++) {
        const struct act *a = &s->acts[i];
        int64_t gap = i > 0 ? a->time_us - s->acts[i - 1].time_us : 0;
        tell(t, "%s +%lld.%03lld s  line %llu  %s  status %u%s", "%s +%lld,%03lld s  ligne %llu  %s  code %u%s",
             stamp(t->cli, a->time_us), (long long)(gap / 1000000), (long long)(gap / 1000 % 1000),
             (unsigned long long)a->record, step_name(t, a->step), a->status, act_words(t, a));
    }
    if (s->acts_count > ACTS_SHOWN)
        tell(t, "and %u more", "et %u autres", s->acts_count - ACTS_SHOWN);
    if (s->gaps > 0)
        tell(t, "%u gaps, mean %lld ms, %llu of 0; resolution of the stamps %u us",
             "%u intervalles, moyenne %lld ms, %llu nuls ; résolution des horodatages %u us", s->gaps,
             (long long)(s->gap_sum_us / s->gaps / 1000), (unsigned long long)s->gap_zero, s->resolution_us);
}

static void tell_identities(const struct teller *t, const struct session *s)
{
    tell_title(t, "Identity values", "Valeurs d'identité");
    if (s->identities_count == 0)
        tell(t, "None was seen: the source carries none, or none was submitted.",
             "Aucune : la source n'en porte pas, ou aucune n'a été envoyée.");
    for (uint32_t i = 0; i < s->identities_count; i++) {
        const struct identity *id = &s->identities[i];
        tell(t, "%s %s, canonical %s by rule %s, %u times", "%s %s, forme canonique %s par la règle %s, %u fois",
             identity_names[id->kind], shown(t->cli, id->value), shown(t->cli, id->canonical), shown(t->cli, id->rule),
             id->times);
    }
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
        tell(t, "%s: %s (1000 log10 LR %d, cap %d)", "%s : %s (1000 log10 RV %d, plafond %d)", d->name,
             SAY(r->says, t->cli->lang), r->llr_milli, r->cap_milli);
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
             "Session versée aux statistiques de son adresse : aucun détecteur n'avait de motif, ni valeur d'identité ni "
             "étape de réservation.");
    for (size_t i = 0; i < detectors_count; i++) {
        const struct detector *d = detectors[i];
        const struct text *why = why_not_testable(f, d);
        if (tell_reasons(t, d, s) > 0)
            continue;
        if (why != NULL)
            tell(t, "%s: not testable here: %s", "%s : non vérifiable ici : %s", d->name, SAY(*why, t->cli->lang));
        else if (d->session == NULL)
            tell(t, "%s: looks at groups of sessions only, below", "%s : ne porte que sur des groupes, ci-dessous", d->name);
        else
            tell(t, "%s: nothing in this session speaks for it", "%s : rien dans cette session ne va en ce sens", d->name);
    }
}

static void tell_conclusion(const struct teller *t, const struct conclusion *c, struct text what)
{
    tell(t, "%s: %s; %s, 1000 log10 LR %d", "%s : %s ; %s, 1000 log10 RV %d", SAY(what, t->cli->lang),
         c->concluded ? SAY(TEXT("concluded", "conclu"), t->cli->lang) : SAY(TEXT("not concluded", "non conclu"), t->cli->lang),
         SAY(level_texts[c->level], t->cli->lang), c->llr_milli);
}

static void tell_both(const struct teller *t, const struct conclusion *automated, const struct conclusion *bulk)
{
    tell_conclusion(t, automated, TEXT("Automated access", "Accès automatisé"));
    for (int i = 0; i < FAMILY_COUNT; i++)
        if (automated->family_llr_milli[i] != 0)
            tell(t, "  family %s: %d%s", "  famille %s : %d%s", family_names[i], automated->family_llr_milli[i],
                 automated->family_llr_milli[i] < 0 ? SAY(TEXT(", against", ", à décharge"), t->cli->lang) : "");
    tell_conclusion(t, bulk, TEXT("Bulk booking", "Réservation en nombre"));
}

static const struct cluster *cluster_of(const struct findings *f, uint32_t id)
{
    for (uint32_t i = 0; i < f->clusters_count; i++)
        for (uint32_t k = 0; k < f->clusters[i].sessions_count; k++)
            if (f->clusters[i].sessions[k] == id)
                return &f->clusters[i];
    return NULL;
}

static void tell_links(const struct teller *t, const struct cluster *c, const struct session *s)
{
    for (uint32_t i = 0; i < c->links_count && i < SESSIONS_SHOWN; i++)
        if (c->links[i].a == s->id || c->links[i].b == s->id)
            tell(t, "Linked by %s %s (weight %d)", "Rapprochée par %s %s (poids %d)", c->links[i].kind,
                 shown(t->cli, c->links[i].value), c->links[i].weight_milli);
}

static void tell_cluster(const struct teller *t, const struct session *s)
{
    const struct cluster *c = cluster_of(engine_findings(t->run->engine), s->id);
    tell_title(t, "Group of linked sessions", "Groupe de sessions rapprochées");
    if (c == NULL) {
        tell(t, "The session belongs to no group with a reason.", "La session n'appartient à aucun groupe porteur d'un motif.");
        return;
    }
    tell(t, "%u sessions", "%u sessions", c->sessions_count);
    tell_links(t, c, s);
    for (uint32_t i = 0; i < c->reasons_count; i++)
        if (c->reasons[i].session == UINT32_MAX)
            tell(t, "%s: %s (1000 log10 LR %d)", "%s : %s (1000 log10 RV %d)", c->reasons[i].detector->name,
                 SAY(c->reasons[i].says, t->cli->lang), c->reasons[i].llr_milli);
    tell_both(t, &c->automated, &c->bulk);
    for (uint32_t i = 0; i < c->hypotheses_count; i++)
        tell(t, "%s %s: expected %s; observed %s (%s)", "%s %s : attendu %s ; observé %s (%s)", c->hypotheses[i].id,
             SAY(c->hypotheses[i].name, t->cli->lang), SAY(c->hypotheses[i].expected, t->cli->lang),
             SAY(c->hypotheses[i].observed, t->cli->lang), c->hypotheses[i].status);
    for (uint32_t i = 0; i < c->limits_count; i++)
        tell(t, "Not tested: %s", "Non vérifié : %s", SAY(c->limits[i], t->cli->lang));
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
