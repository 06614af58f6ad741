/* evidence_findings.c: findings and the sessions they rest on, down to the record numbers. */
#include <stdlib.h>

#include "detectors/conclude.h"
#include "detectors/score.h"
#include "reports/evidence.h"
#include "reports/facts.h"
#include "reports/put.h"
#include "reports/rules.h"

/* One finding while it is written. */
struct view {
    const struct bundle_input *in;
    const struct cluster *c;
    struct own_records own;
    struct arena scratch;
};

static struct view view_open(const struct bundle_input *in, size_t index)
{
    struct view v = {.in = in, .c = &in->findings->clusters[index]};
    v.own = facts_records(&v.scratch, in->findings, v.c, &in->settings->limits);
    return v;
}

static const struct session *view_session(const struct view *v, uint32_t i)
{
    return facts_session(v->in->findings, v->c->sessions[i]);
}

/* seq of an act's record, or SIZE_MAX when the finding does not list it. */
static size_t seq_of(const struct view *v, const struct act *a)
{
    if (facts_find(v->own.items, v->own.count, a->source, a->offset) == SIZE_MAX)
        return SIZE_MAX;
    return facts_find(v->in->cited, v->in->cited_count, a->source, a->offset);
}

static int seq_order(const void *a, const void *b)
{
    const size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

static void put_seqs(struct jw *w, size_t *seqs, size_t n)
{
    qsort(seqs, n, sizeof *seqs, seq_order);
    jw_array(w, "records");
    for (size_t i = 0; i < n; i++)
        if (seqs[i] != SIZE_MAX && (i == 0 || seqs[i] != seqs[i - 1]))
            jw_int(w, NULL, (int64_t)seqs[i]);
    jw_array_end(w);
}

static void put_counts(struct jw *w, const struct cluster_facts *facts)
{
    jw_object(w, "counts");
    put_count(w, "acts", facts->acts);
    put_count(w, "addresses", facts->addresses);
    jw_bool(w, "addresses_at_least", facts->addresses_more);
    put_count(w, "agdref", facts->identities[IDENTITY_AGDREF]);
    put_count(w, "bookings", facts->bookings);
    jw_bool(w, "bookings_at_least", facts->bookings_more);
    put_count(w, "mailboxes", facts->identities[IDENTITY_EMAIL]);
    put_count(w, "names", facts->identities[IDENTITY_NAME]);
    put_count(w, "phones", facts->identities[IDENTITY_PHONE]);
    put_count(w, "requests", facts->requests);
    put_count(w, "sessions", facts->sessions);
    jw_object_end(w);
}

static void put_scoring(struct jw *w)
{
    jw_object(w, "scoring");
    jw_text(w, "id", SCORING_ID);
    jw_int(w, "version", SCORE_VERSION);
    jw_object_end(w);
}

static struct text verdict_of(const struct conclusion *c)
{
    if (!c->tested)
        return TEXT("not tested, no booking was sent", "non examinée, aucune réservation envoyée");
    return c->concluded ? TEXT("supported by the observations", "étayée par les observations")
                        : TEXT("not supported by the observations",
                               "non étayée par les observations");
}

/* The two conclusions in words, with the number behind each; the same sentence for every finding.
 */
static void put_explanation(struct jw *w, struct arena *a, const struct cluster *c)
{
    const struct text x = verdict_of(&c->automated), y = verdict_of(&c->bulk);
    const struct text x_level = level_texts[c->automated.level], y_level = level_texts[c->bulk.level];
    struct str en =
        arena_printf(a,
                     "Automated access: %s (%s; log10 of the likelihood ratio, in thousandths: "
                     "%d). Bulk booking: %s (%s; %d). "
                     "Both are statements about acts, not about a person.",
                     SAY(x, LANG_EN), SAY(x_level, LANG_EN), (int)c->automated.llr_milli,
                     SAY(y, LANG_EN), SAY(y_level, LANG_EN), (int)c->bulk.llr_milli);
    struct str fr =
        arena_printf(a,
                     "Accès automatisé : conclusion %s (%s ; log10 du rapport de vraisemblance, en "
                     "millièmes : %d). "
                     "Réservation en nombre : conclusion %s (%s ; %d). Ces énoncés portent sur des "
                     "actes, non sur une personne.",
                     SAY(x, LANG_FR), SAY(x_level, LANG_FR), (int)c->automated.llr_milli,
                     SAY(y, LANG_FR), SAY(y_level, LANG_FR), (int)c->bulk.llr_milli);
    put_two(w, "explanation", en, fr);
}

/* Listed sessions are the first ones in ascending order of id. */
static bool listed(const struct view *v, uint32_t session)
{
    return v->own.sessions > 0 && session <= v->c->sessions[v->own.sessions - 1];
}

/* Records of a reason about one session: those it names. */
static void session_reason_records(struct jw *w, struct view *v, const struct reason *r,
                                   const struct session *s)
{
    size_t *seqs = ARENA_ARRAY(&v->scratch, size_t, r->acts_count + 1u);
    size_t n = 0;
    for (uint32_t i = 0; i < r->acts_count; i++)
        if (r->acts[i] < s->acts_count)
            seqs[n++] = seq_of(v, &s->acts[r->acts[i]]);
    put_seqs(w, seqs, n);
}

/* Records of a reason about the whole cluster: for identities the requests that carried one, else
 * all. */
static void cluster_reason_records(struct jw *w, struct view *v, const struct reason *r)
{
    size_t *seqs = ARENA_ARRAY(&v->scratch, size_t, v->own.count + 1);
    size_t n = 0;
    for (uint32_t i = 0; i < v->own.sessions; i++) {
        const struct session *s = view_session(v, i);
        for (uint32_t k = 0; s != NULL && k < s->acts_count && n < v->own.count; k++) {
            const bool of_it =
                r->family != FAMILY_IDENTITY || (s->acts[k].flags & ACT_IDENTITY) != 0;
            const size_t seq = of_it ? seq_of(v, &s->acts[k]) : SIZE_MAX;
            if (seq != SIZE_MAX)
                seqs[n++] = seq;
        }
    }
    put_seqs(w, seqs, n);
}

static void put_reason(struct jw *w, struct view *v, const struct reason *r)
{
    const struct session *s =
        r->session != UINT32_MAX ? facts_session(v->in->findings, r->session) : NULL;
    put_reason_begin(w, r);
    if (s != NULL)
        session_reason_records(w, v, r, s);
    else
        cluster_reason_records(w, v, r);
    put_reason_end(w, v->in->findings, r);
}

static void put_reasons(struct jw *w, struct view *v)
{
    jw_array(w, "reasons");
    for (uint32_t i = 0; i < v->c->reasons_count; i++) {
        const struct reason *r = &v->c->reasons[i];
        if (r->session == UINT32_MAX || listed(v, r->session))
            put_reason(w, v, r);
    }
    jw_array_end(w);
}

static void put_own_records(struct jw *w, struct view *v)
{
    size_t *seqs = ARENA_ARRAY(&v->scratch, size_t, v->own.count + 1);
    for (size_t i = 0; i < v->own.count; i++)
        seqs[i] = facts_find(v->in->cited, v->in->cited_count, v->own.items[i].source,
                             v->own.items[i].offset);
    put_seqs(w, seqs, v->own.count);
}

static void put_finding(struct jw *w, struct view *v, size_t index)
{
    const struct cluster_facts facts = facts_of(&v->scratch, v->in->findings, v->c);
    char id[FINDING_ID_MAX], cluster[SESSION_ID_MAX];
    finding_id(index, id);
    cluster_public_id(v->c, v->in->findings, cluster);
    jw_object(w, NULL);
    put_conclusion(w, "automated", &v->c->automated, v->c->automated_sums);
    put_conclusion(w, "bulk_booking", &v->c->bulk, v->c->bulk_sums);
    jw_text(w, "cluster", cluster);
    put_counts(w, &facts);
    put_not_produced(
        w, "error_rate",
        TEXT("No error rate of these rule versions on a named corpus is shipped.",
             "Aucun taux d'erreur de ces versions de règles sur un corpus désigné n'est joint."));
    put_explanation(w, &v->scratch, v->c);
    put_hypotheses(w, v->c);
    jw_text(w, "id", id);
    put_limits(w, v->c);
    put_links(w, v->in->findings, v->c, v->own.sessions);
    put_reasons(w, v);
    put_own_records(w, v);
    put_scoring(w);
    jw_array(w, "sessions");
    for (uint32_t i = 0; i < v->own.sessions; i++)
        if (view_session(v, i) != NULL)
            put_session_id(w, NULL, view_session(v, i));
    jw_array_end(w);
    jw_object(w, "span");
    put_us(w, "first_us", facts.first_us);
    put_us(w, "last_us", facts.last_us);
    jw_object_end(w);
    jw_bool(w, "truncated", v->own.truncated);
    jw_object_end(w);
}

void evidence_findings(struct jw *w, const struct bundle_input *in)
{
    jw_array(w, "findings");
    for (uint32_t i = 0; i < in->findings->clusters_count; i++) {
        struct view v = view_open(in, i);
        put_finding(w, &v, i);
        arena_free(&v.scratch);
    }
    jw_array_end(w);
}

/* ---- sessions ---- */

static void put_flags(struct jw *w, const struct act *a)
{
    static const struct {
        unsigned bit;
        const char *name;
    } flags[] = {{ACT_RETRY, "retry"},
                 {ACT_SKIPPED, "step_skipped"},
                 {ACT_NO_REFERER, "no_referer"},
                 {ACT_FOREIGN_REFERER, "foreign_referer"},
                 {ACT_IDENTITY, "identity"}};
    jw_array(w, "flags");
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        if ((a->flags & flags[i].bit) != 0)
            jw_text(w, NULL, flags[i].name);
    jw_array_end(w);
}

static void put_act(struct jw *w, const struct view *v, const struct act *a, size_t seq)
{
    const struct site *site = v->in->site;
    jw_object(w, NULL);
    if (a->duration_us != UINT32_MAX)
        jw_int(w, "duration_us", a->duration_us);
    else
        jw_null(w, "duration_us");
    put_flags(w, a);
    jw_text(w, "meaning", meaning_names[a->meaning]);
    jw_int(w, "record", (int64_t)seq);
    jw_int(w, "status", a->status);
    put_logged(w, "step",
               a->step > 0 && a->step <= site->steps_count ? site->steps[a->step - 1].name
                                                           : STR_NONE);
    put_us(w, "time_us", a->time_us);
    jw_object_end(w);
}

static void put_acts(struct jw *w, const struct view *v, const struct session *s)
{
    jw_array(w, "acts");
    for (uint32_t i = 0; i < s->acts_count; i++) {
        const size_t seq = seq_of(v, &s->acts[i]);
        if (seq != SIZE_MAX)
            put_act(w, v, &s->acts[i], seq);
    }
    jw_array_end(w);
    jw_int(w, "acts_total", s->acts_total);
}

static void put_identities(struct jw *w, const struct view *v, const struct session *s)
{
    jw_array(w, "identities");
    for (uint32_t i = 0; i < s->identities_count; i++) {
        const struct identity *id = &s->identities[i];
        const size_t seq = id->act < s->acts_count ? seq_of(v, &s->acts[id->act]) : SIZE_MAX;
        jw_object(w, NULL);
        put_logged(w, "canonical", id->canonical);
        jw_text(w, "kind", identity_names[id->kind]);
        if (seq != SIZE_MAX)
            jw_int(w, "record", (int64_t)seq);
        else
            jw_null(w, "record");
        put_logged(w, "rule", id->rule);
        jw_int(w, "times", id->times);
        put_logged(w, "value", id->value);
        jw_object_end(w);
    }
    jw_array_end(w);
}

static void put_key(struct jw *w, const struct session *s)
{
    jw_object(w, "key");
    jw_text(w, "kind", s->key_kind == KEY_COOKIE ? "cookie" : "address_agent");
    put_logged(w, "value", s->key_value);
    jw_object_end(w);
}

static void put_clients(struct jw *w, const struct session *s)
{
    jw_array(w, "clients");
    for (uint8_t i = 0; i < s->clients_count; i++)
        jw_ip(w, NULL, &s->clients[i]);
    jw_array_end(w);
    jw_bool(w, "clients_more", s->clients_more);
}

static void put_session(struct jw *w, const struct view *v, const struct session *s,
                        const char *finding)
{
    static const char *const mixtures[] = {
        [MIXTURE_NO] = "no", [MIXTURE_SPLIT] = "split", [MIXTURE_MARKED] = "marked"};
    jw_object(w, NULL);
    put_acts(w, v, s);
    put_logged(w, "agent", s->agent);
    jw_int(w, "assets", s->assets);
    put_clients(w, s);
    jw_text(w, "closed_by", closed_by_names[s->closed_by]);
    jw_int(w, "errors", s->errors);
    jw_text(w, "finding", finding);
    put_us(w, "first_us", s->first_us);
    put_session_id(w, "id", s);
    put_identities(w, v, s);
    put_key(w, s);
    put_us(w, "last_us", s->last_us);
    jw_text(w, "mixture", mixtures[s->mixture]);
    jw_int(w, "posts", s->posts);
    jw_int(w, "requests", s->requests);
    jw_int(w, "resolution_us", s->resolution_us);
    jw_int(w, "retries", s->retries);
    jw_int(w, "skipped", s->skipped);
    jw_text(w, "time_meaning", time_meaning_name(s->time_meaning));
    jw_bool(w, "truncated", s->truncated);
    jw_object_end(w);
}

void evidence_sessions(struct jw *w, const struct bundle_input *in)
{
    jw_array(w, "sessions");
    for (uint32_t i = 0; i < in->findings->clusters_count; i++) {
        struct view v = view_open(in, i);
        char id[FINDING_ID_MAX];
        finding_id(i, id);
        for (uint32_t k = 0; k < v.own.sessions; k++)
            if (view_session(&v, k) != NULL)
                put_session(w, &v, view_session(&v, k), id);
        arena_free(&v.scratch);
    }
    jw_array_end(w);
}
