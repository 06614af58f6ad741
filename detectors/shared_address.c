/* shared_address.c: many identities from an address that few devices use.
 *
 * It only ever supports what other families show: cafés, associations and carrier NATs are the
 * rule, not the exception, so a busy address weighs nothing. */
#include "detectors/identities.h"
#include "detectors/score.h"
#include "detectors/stats/stat.h"

#include <stdlib.h>

enum { CAP = 477 }; /* LR 3 */

/* One identity, or the session itself, on one address unit. */
struct on_unit {
    struct ip unit;
    uint32_t session;
    struct str identity;
};

struct unit_count {
    struct ip unit;
    uint32_t sessions, identities, bookings;
};

static int by_unit(const void *a, const void *b)
{
    const struct on_unit *x = a, *y = b;
    int order = memcmp(&x->unit, &y->unit, sizeof x->unit);
    if (order == 0)
        order = str_cmp(x->identity, y->identity);
    if (order != 0)
        return order;
    return (x->session > y->session) - (x->session < y->session);
}

static size_t collect(struct detect *x, const struct session *const *sessions, uint32_t n,
                      struct on_unit **out)
{
    size_t most = 1, count = 0;
    for (uint32_t i = 0; i < n; i++)
        most += (size_t)sessions[i]->clients_count * (sessions[i]->identities_count + 1);
    *out = ARENA_ARRAY(x->arena, struct on_unit, most);
    for (uint32_t i = 0; i < n; i++)
        for (uint8_t k = 0; k < sessions[i]->clients_count; k++) {
            const struct session *s = sessions[i];
            struct ip unit = ip_unit(&s->clients[k]);
            uint32_t at = 0;
            if (ip_is_zero(&unit))
                continue;
            (*out)[count++] = (struct on_unit){unit, i, STR_NONE}; /* counts the session itself */
            for (struct str m = session_next_email(s, &at); m.p != NULL;
                 m = session_next_email(s, &at))
                (*out)[count++] = (struct on_unit){unit, i, m};
        }
    qsort(*out, count, sizeof **out, by_unit);
    return count;
}

/* Counts the unit that begins at i and returns where the next one begins. */
static size_t count_unit(const struct on_unit *list, size_t n, size_t i,
                         const struct session *const *sessions, struct unit_count *c)
{
    size_t first = i;
    *c = (struct unit_count){.unit = list[i].unit};
    for (; i < n && ip_eq(&list[i].unit, &c->unit); i++) {
        const struct on_unit *o = &list[i];
        bool again = i > first && str_eq(list[i - 1].identity, o->identity);
        if (o->identity.p != NULL) {
            c->identities += !again || list[i - 1].identity.p == NULL;
        } else if (!again || list[i - 1].session != o->session) {
            c->sessions++;
            c->bookings += sessions[o->session]->submissions;
        }
    }
    return i;
}

/* log10(people served / devices seen), times the cluster's share of the address. */
static int64_t weigh(const struct unit_count *c, const struct address_use *use)
{
    uint32_t served = c->identities > c->bookings ? c->identities : c->bookings;
    uint32_t devices = use->agents > 0 ? use->agents : use->sessions;
    uint32_t all = use->sessions > c->sessions ? use->sessions : c->sessions;
    if (served <= devices || all == 0)
        return 0;
    return (int64_t)stat_log10_milli(served, devices) * c->sessions / all;
}

static int64_t input_of(const struct reason *r, const char *name)
{
    for (uint8_t i = 0; i < r->inputs_count; i++)
        if (strcmp(r->inputs[i].name, name) == 0)
            return r->inputs[i].value;
    return 0;
}

#define SEEN_EN                                                                                  \
    "while {address_agents} declared {address_agents:agent was|agents were} seen on it in the "  \
    "whole log; {sessions} of its {address_sessions} {address_sessions:session|sessions} "       \
    "{sessions:belongs|belong} to this group."
#define SEEN_FR                                                                                  \
    "alors que {address_agents} {address_agents:agent déclaré y a été vu|agents déclarés y ont " \
    "été vus} dans tout le journal ; {sessions} de ses {address_sessions} "                      \
    "{address_sessions:session|sessions} {sessions:appartient|appartiennent} à ce groupe."

static void say_it(struct detect *x, struct reason *r)
{
    if (input_of(r, "identities") > 0)
        detect_says(
            x, r,
            TEXT("One IP address served {identities} {identities:mailbox|mailboxes} and {bookings} "
                 "{bookings:booking|bookings} in these sessions, " SEEN_EN,
                 "Une même adresse IP a servi à {identities} {identities:boîte électronique|boîtes "
                 "électroniques} et à {bookings} {bookings:réservation|réservations} dans ces "
                 "sessions, " SEEN_FR));
    else
        detect_says(
            x, r,
            TEXT("One IP address served {bookings} {bookings:booking|bookings} in these sessions, "
                 SEEN_EN,
                 "Une même adresse IP a servi à {bookings} {bookings:réservation|réservations} "
                 "dans ces sessions, " SEEN_FR));
}

static void tell(struct detect *x, const struct detector *d, const struct unit_count *c,
                 int64_t llr)
{
    struct address_use use = detect_address(x, &c->unit);
    struct reason *r = detect_reason(x, d);
    char text[IP_TEXT_MAX];
    size_t n = ip_format(&c->unit, text);
    r->llr_milli = (int32_t)stat_clamp(llr, 0, CAP);
    r->n = c->sessions;
    r->subject = arena_str(x->arena, (struct str){text, (ptrdiff_t)n});
    detect_input(r, "identities", c->identities);
    detect_input(r, "bookings", c->bookings);
    detect_input(r, "sessions", c->sessions);
    detect_input(r, "address_sessions", use.sessions);
    detect_input(r, "address_agents", use.agents);
    detect_input(r, "address_cookies", use.cookies);
    say_it(x, r);
}

static void test_cluster(const struct detector *d, struct detect *x, const struct cluster *c)
{
    const struct session *const *sessions = id_sessions(x, c);
    struct on_unit *list;
    struct unit_count best = {0}, now;
    int64_t best_llr = 0, least = detect_param(x, d, "served_least");
    size_t n = collect(x, sessions, c->sessions_count, &list);
    for (size_t i = 0; i < n;) {
        i = count_unit(list, n, i, sessions, &now);
        struct address_use use = detect_address(x, &now.unit);
        int64_t llr = now.identities >= least || now.bookings >= least ? weigh(&now, &use) : 0;
        if (llr > best_llr) {
            best_llr = llr;
            best = now;
        }
    }
    if (best_llr >= detect_param(x, d, "llr_least_milli"))
        tell(x, d, &best, best_llr);
}

static const struct detector_param params[] = {
    {"served_least", 3, 2, 1000, "identities",
     {{"mailboxes or bookings on one address below which nothing is said",
       "boîtes ou réservations sur une adresse en deçà desquelles rien n'est dit"}}},
    {"llr_least_milli", 150, 0, 477, "thousandths",
     {{"weaker results are not shown", "les résultats plus faibles ne sont pas montrés"}}},
};

const struct detector detector_shared_address = {
    .name = "shared-address",
    .version = 2,
    .family = FAMILY_NETWORK,
    .automated = false,
    .bulk = true,
    .title = {{"Many identities behind one IP address",
               "Nombreuses identités derrière une même adresse IP"}},
    .needs = 0,
    .params = params,
    .params_count = sizeof params / sizeof *params,
    .rule = {{
        "For each address (IPv6: each /64) of a group of linked sessions, the distinct mailboxes "
        "given from it, or the bookings sent from it where those are more, are compared with "
        "the declared agents seen on that address over the whole log, by anyone. The logarithm of "
        "their ratio, times the group's share of the address's sessions, is the weight, at most "
        "0.477 (a ratio of 3). An address with as many agents as mailboxes weighs nothing; neither "
        "does one that mostly serves others. It can only add to reasons of other families: on its "
        "own it concludes nothing, and it is not one of the families that a conclusion on bulk "
        "booking needs.",
        "Pour chaque adresse (IPv6 : chaque /64) d'un groupe de sessions liées, les boîtes "
        "distinctes indiquées depuis cette adresse, ou les réservations envoyées depuis elle si "
        "elles sont plus nombreuses, sont comparées aux agents déclarés vus sur cette adresse "
        "dans tout le journal, quels qu'en soient les auteurs. Le poids est le logarithme de leur "
        "rapport, multiplié par la part du groupe dans les sessions de l'adresse, au plus 0,477 "
        "(rapport de 3). Une adresse comptant autant d'agents que de boîtes ne pèse rien ; une "
        "adresse servant surtout à d'autres, non plus. Ce motif ne fait que s'ajouter à ceux "
        "d'autres familles : il ne conclut rien à lui seul et ne compte pas parmi les familles "
        "requises pour conclure à des réservations en nombre."}},
    .innocent = {{
        "A carrier's shared address, a household, an office, a cyber-café, a kiosk, an association "
        "or a lawyer booking for others, one device used in turn.",
        "L'adresse partagée d'un opérateur, un foyer, un bureau, un cybercafé, une borne, une "
        "association ou un avocat réservant pour autrui, un même appareil utilisé tour à tour."}},
    .limits = {{
        "Agents are declared by the client and several people may share one. Without the client "
        "port nobody behind a carrier's shared address can be told apart.",
        "Les agents sont déclarés par le client et plusieurs personnes peuvent avoir le même. Sans "
        "port client, nul ne peut être distingué derrière l'adresse partagée d'un opérateur."}},
    .null_model = "builtin-address-devices-1",
    .cap_milli = CAP,
    .cluster = test_cluster,
};
