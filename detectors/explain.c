/* explain.c: the competing hypotheses with what each leads one to expect, and the limits that
 * apply. */
#include "detectors/explain.h"

#include "analyzer/model/sentence.h"

enum { HYPOTHESES = 5, PERSONS_MANY = 3 };

static const char *const supports = "supports", *const against = "against",
                         *const not_tested = "not_tested";

static int32_t family(const struct cluster *c, enum family f)
{
    return c->automated.family_llr_milli[f];
}

static bool below_floor(const struct cluster *c)
{
    for (uint32_t i = 0; i < c->reasons_count; i++)
        if (c->reasons[i].family == FAMILY_LATENCY && c->reasons[i].llr_milli > 0 &&
            c->reasons[i].pool_cap_milli >= SCORE_CAP_MILLI)
            return true;
    return false;
}

static struct hypothesis script(const struct explain *e, const struct cluster *c)
{
    int32_t l = family(c, FAMILY_LATENCY), s = family(c, FAMILY_STRUCTURE),
            r = family(c, FAMILY_REGULARITY);
    const struct named_int values[] = {{"latency", l}, {"structure", s}, {"regularity", r}};
    bool any = l != 0 || s != 0 || r != 0;
    bool positive = l >= SCORE_REASON_MILLI || s >= SCORE_REASON_MILLI || r >= SCORE_REASON_MILLI;
    return (struct hypothesis){
        .id = "H1 script",
        .name = {{"software submits without a person completing each form",
                  "un logiciel envoie sans qu'une personne remplisse chaque formulaire"}},
        .expected =
            {{"forms sent sooner than a person is expected to, pages never fetched, constant pauses",
              "formulaires envoyés plus tôt que ce qui est attendu d'une personne, pages jamais "
              "consultées, pauses constantes"}},
        .observed = sentence(
            e->arena,
            TEXT("logarithm of the likelihood ratio (above 0 it speaks for software): answer times "
                 "{latency milli}, steps {structure milli}, regularity {regularity milli}",
                 "logarithme du rapport de vraisemblance (positif, il plaide pour un logiciel) : "
                 "temps de réponse {latency milli}, étapes {structure milli}, régularité "
                 "{regularity milli}"),
            values, sizeof values / sizeof *values),
        .status = !any       ? not_tested
                  : positive ? supports
                             : against};
}

static struct hypothesis autofill(const struct explain *e, const struct cluster *c)
{
    int32_t l = family(c, FAMILY_LATENCY);
    (void)e;
    return (struct hypothesis){
        .id = "H2 human+autofill",
        .name = {{"people whose browser fills the forms",
                  "des personnes dont le navigateur remplit les formulaires"}},
        .expected =
            {{"pages fetched, forms sent half a second to a few seconds after them, uneven pauses",
              "pages consultées, formulaires envoyés une demi-seconde à quelques secondes après, "
              "pauses inégales"}},
        .observed =
            below_floor(c)
                ? TEXT("forms sent sooner than is expected of an auto-filled one",
                       "formulaires envoyés plus tôt que ce qui est attendu d'un formulaire "
                       "rempli automatiquement")
            : l == 0
                ? TEXT("no form with its page in the log", "aucun formulaire accompagné de sa page")
                : TEXT("no form sent sooner than is expected of an auto-filled one",
                       "aucun formulaire envoyé plus tôt que ce qui est attendu d'un formulaire "
                       "rempli automatiquement"),
        .status = l == 0           ? not_tested
                  : below_floor(c) ? against
                                   : supports};
}

static struct hypothesis intermediary(const struct explain *e, const struct cluster *c)
{
    const struct extent *x = &e->extent;
    const struct named_int values[] = {
        {"persons", x->persons}, {"bookings", x->bookings}, {"addresses", x->addresses}};
    bool known = x->persons > 0 || x->bookings > 0;
    bool many = x->persons >= PERSONS_MANY || x->bookings >= PERSONS_MANY;
    bool by_hand = family(c, FAMILY_LATENCY) < SCORE_BULK_FAMILY_MILLI;
    return (struct hypothesis){
        .id = "H3 intermediary/association",
        .name = {{"somebody who books by hand for consenting people",
                  "une personne qui réserve à la main pour des personnes consentantes"}},
        .expected = {{"many identities, few addresses, the pace of a person",
                      "plusieurs identités, peu d'adresses, le rythme d'une personne"}},
        .observed =
            sentence(e->arena,
                     TEXT("{persons} {persons:person|people} declared, {bookings} "
                          "{bookings:booking|bookings}, {addresses} {addresses:address|addresses}",
                          "{persons} {persons:personne déclarée|personnes déclarées}, {bookings} "
                          "{bookings:réservation|réservations}, {addresses} "
                          "{addresses:adresse|adresses}"),
                     values, sizeof values / sizeof *values),
        .status = !known            ? not_tested
                  : many && by_hand ? supports
                                    : against};
}

static struct hypothesis shared(const struct explain *e, const struct cluster *c)
{
    struct address_use most = {0};
    for (uint32_t i = 0; i < c->sessions_count; i++) {
        struct ip unit = ip_unit(&e->sessions[i]->client);
        struct address_use use = address_get(e->addresses, &unit);
        if (!ip_is_zero(&unit) && (use.agents > most.agents || most.sessions == 0))
            most = use;
    }
    uint32_t served = e->extent.persons > e->extent.bookings ? e->extent.persons
                                                             : e->extent.bookings;
    const struct named_int values[] = {
        {"agents", most.agents}, {"sessions", most.sessions}, {"served", served}};
    bool known = most.sessions > 0 && most.agents > 0;
    return (struct hypothesis){
        .id = "H4 shared NAT",
        .name = {{"unrelated people behind one address",
                  "des personnes sans lien derrière une même adresse"}},
        .expected = {{"about as many agents as people on the address",
                      "à peu près autant d'agents que de personnes "
                      "sur l'adresse"}},
        .observed = sentence(
            e->arena,
            TEXT("at most {agents} {agents:agent|agents} in {sessions} {sessions:session|sessions} "
                 "on one address; {served} {served:person or booking|people or bookings} here",
                 "au plus {agents} {agents:agent|agents} pour {sessions} {sessions:session|"
                 "sessions} sur une même adresse ; ici, {served} {served:personne ou réservation|"
                 "personnes ou réservations}"),
            values, sizeof values / sizeof *values),
        .status = !known                                     ? not_tested
                  : most.agents > 1 && most.agents >= served ? supports
                                                             : against};
}

static bool site_shows_bookings(const struct site *site)
{
    for (size_t i = 0; i < site->steps_count; i++)
        if (site->steps[i].meaning == MEANING_SUBMITTED ||
            site->steps[i].meaning == MEANING_CONFIRM)
            return true;
    return false;
}

static struct hypothesis monitoring(const struct explain *e, const struct cluster *c)
{
    (void)c;
    const struct named_int bookings = {"bookings", e->extent.bookings};
    return (struct hypothesis){
        .id = "H5 monitoring/accessibility",
        .name = {{"a tool that watches and notifies, or helps a person to read",
                  "un outil qui surveille et prévient, ou qui aide une personne à lire"}},
        .expected = {{"visits without any booking", "des visites sans aucune réservation"}},
        .observed = sentence(e->arena,
                             TEXT("{bookings} {bookings:booking|bookings}",
                                  "{bookings} {bookings:réservation|réservations}"),
                             &bookings, 1),
        .status = !site_shows_bookings(e->site) ? not_tested
                  : e->extent.bookings == 0     ? supports
                                                : against};
}

/* ---- limits ---- */

static bool any_session(const struct explain *e, const struct cluster *c,
                        bool (*test)(const struct session *s))
{
    for (uint32_t i = 0; i < c->sessions_count; i++)
        if (test(e->sessions[i]))
            return true;
    return false;
}

static bool is_coarse(const struct session *s)
{
    return s->resolution_us >= 1000000;
}

static bool is_cut(const struct session *s)
{
    return s->truncated || s->closed_by == CLOSED_EVICTED || s->closed_by == CLOSED_INTERRUPTED;
}

static bool is_mixture(const struct session *s)
{
    return s->mixture != MIXTURE_NO;
}

static bool is_unclear(const struct session *s)
{
    return s->time_meaning == TIME_MEANS_UNKNOWN;
}

static bool coarse(const struct explain *e, const struct cluster *c)
{
    return any_session(e, c, is_coarse);
}
static bool cut(const struct explain *e, const struct cluster *c)
{
    return any_session(e, c, is_cut);
}
static bool mixture(const struct explain *e, const struct cluster *c)
{
    return any_session(e, c, is_mixture);
}
static bool unclear(const struct explain *e, const struct cluster *c)
{
    return any_session(e, c, is_unclear);
}

static bool no_identity(const struct explain *e, const struct cluster *c)
{
    (void)c;
    return !e->identities;
}

static bool no_cookie(const struct explain *e, const struct cluster *c)
{
    (void)c;
    return !(e->has & HAS(COOKIES));
}

static bool no_port(const struct explain *e, const struct cluster *c)
{
    (void)c;
    return !(e->has & HAS(PORT));
}

static bool no_duration(const struct explain *e, const struct cluster *c)
{
    (void)c;
    return !(e->has & HAS(DURATION));
}

static bool no_agent(const struct explain *e, const struct cluster *c)
{
    (void)c;
    return !(e->has & HAS(AGENT));
}

static bool hub(const struct explain *e, const struct cluster *c)
{
    (void)c;
    return e->hub;
}

static bool unlisted(const struct explain *e, const struct cluster *c)
{
    (void)c;
    return e->unlisted > 0;
}

static bool always(const struct explain *e, const struct cluster *c)
{
    (void)e;
    (void)c;
    return true;
}

static const struct {
    const char *code;
    bool (*applies)(const struct explain *e, const struct cluster *c);
    struct text what;
} limits[] = {
    {"built_in_null", always,
     {{"the comparison with people rests on built-in conservative models, not on ordinary traffic "
       "of this site; no family of reasons may therefore exceed a likelihood ratio of 78",
       "la comparaison avec des personnes repose sur des modèles intégrés et prudents, non sur le "
       "trafic ordinaire du site ; aucune famille de motifs ne peut donc dépasser un rapport de "
       "vraisemblance de 78"}}},
    {"families_independent", always,
     {{"the total adds up the families of reasons by the published scoring rule and assumes that they "
       "are independent of each other",
       "le total additionne les familles de motifs selon la règle de pondération publiée et les "
       "suppose indépendantes entre elles"}}},
    {"not_examined", always,
     {{"not examined by this version: slots cancelled and booked again, joint action around "
       "releases, networks and hosting, outcome of the appointments",
       "non examinés par cette version : créneaux annulés puis repris, action concertée lors des "
       "ouvertures, réseaux et hébergeurs, suites données aux rendez-vous"}}},
    {"time_resolution", coarse,
     {{"stamps to the second: nothing can be said of shorter times",
       "horodatage à la seconde : rien ne peut être dit de durées inférieures"}}},
    {"time_meaning", unclear,
     {{"the logs do not say whether a stamp is the start or the end of a request; the reading more "
       "favourable to a person was taken",
       "les journaux ne disent pas si l'horodatage marque le début ou la fin d'une requête ; la "
       "lecture la plus favorable à une personne a été retenue"}}},
    {"no_duration", no_duration,
     {{"request durations are not logged", "la durée des requêtes n'est pas journalisée"}}},
    {"no_identity", no_identity,
     {{"no identity is logged: neither mailboxes nor numbers could be compared",
       "aucune identité n'est journalisée : ni boîtes électroniques ni numéros n'ont pu être comparés"}}},
    {"no_cookie", no_cookie,
     {{"no session cookie is logged: sessions are told apart by address and declared agent",
       "aucun cookie de session n'est journalisé : les sessions sont distinguées par l'adresse et "
       "l'agent déclaré"}}},
    {"no_agent", no_agent, {{"the declared agent is not logged",
                             "l'agent déclaré n'est pas journalisé"}}},
    {"no_port", no_port,
     {{"the client port is not logged: nobody behind a carrier's shared address can be told apart",
       "le port client n'est pas journalisé : nul ne peut être distingué derrière l'adresse "
       "partagée d'un opérateur"}}},
    {"mixture", mixture,
     {{"at least one session may hold several people; it gave no reason from its timing when it "
       "could not be split",
       "une session au moins peut mêler plusieurs personnes ; lorsqu'elle n'a pu être scindée, elle "
       "n'a fourni aucun motif tiré des durées"}}},
    {"cut", cut,
     {{"at least one session is not whole: more acts, addresses or identity values than are kept, "
       "closed early, or interrupted",
       "une session au moins n'est pas entière : plus d'actes, d'adresses ou de valeurs d'identité "
       "que le nombre conservé, clôture prématurée ou interruption"}}},
    {"common_value", hub,
     {{"a value shared by too many sessions was noted but not used to link them",
       "une valeur commune à trop de sessions a été relevée sans servir à les lier"}}},
    {"not_all_listed", unlisted,
     {{"the group has more sessions than a finding lists; those beyond were neither counted nor "
       "weighed",
       "le groupe compte plus de sessions que n'en liste une constatation ; les suivantes n'ont été "
       "ni comptées ni pondérées"}}},
};

static void set_limits(const struct explain *e, struct cluster *c)
{
    size_t most = sizeof limits / sizeof *limits;
    c->limits = ARENA_ARRAY(e->arena, struct text, most);
    c->limit_codes = ARENA_ARRAY(e->arena, const char *, most);
    c->limits_count = 0;
    for (size_t i = 0; i < most; i++)
        if (limits[i].applies(e, c)) {
            c->limits[c->limits_count] = limits[i].what;
            c->limit_codes[c->limits_count++] = limits[i].code;
        }
}

void explain_cluster(const struct explain *e, struct cluster *c)
{
    static struct hypothesis (*const make[HYPOTHESES])(
        const struct explain *, const struct cluster *) = {script, autofill, intermediary, shared,
                                                           monitoring};
    c->hypotheses = ARENA_ARRAY(e->arena, struct hypothesis, HYPOTHESES);
    c->hypotheses_count = HYPOTHESES;
    for (int i = 0; i < HYPOTHESES; i++)
        c->hypotheses[i] = make[i](e, c);
    set_limits(e, c);
}
