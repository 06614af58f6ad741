/* write.c: sessions and findings as JSON lines, keys in byte order. */
#include "analyzer/base/json.h"
#include "detectors/conclude.h"
#include "detectors/run.h"
#include "detectors/score.h"

static const struct session *kept_session(const struct findings *f, uint32_t id)
{
    uint32_t i = session_find(f->sessions, f->sessions_count, id);
    return i == UINT32_MAX ? NULL : f->sessions[i];
}

void cluster_public_id(const struct cluster *c, const struct findings *f, char out[SESSION_ID_MAX])
{
    const struct session *first = kept_session(f, c->id);
    memcpy(out, "C-", sizeof "C-");
    if (first == NULL)
        return;
    session_public_id(first, out);
    out[0] = 'C';
}

static void write_conclusion(struct jw *w, const char *key, const struct conclusion *c)
{
    jw_object(w, key);
    jw_bool(w, "concluded", c->concluded);
    jw_text(w, "level", level_names[c->level]);
    jw_int(w, "llr_milli", c->llr_milli);
    jw_int(w, "score_permille", c->score_permille);
    jw_object_end(w);
}

static void write_text(struct jw *w, const char *key, struct text t)
{
    jw_object(w, key);
    jw_text(w, "en", SAY(t, LANG_EN));
    jw_text(w, "fr", SAY(t, LANG_FR));
    jw_object_end(w);
}

/* The names of inputs are static but in no order: they are written sorted. */
static void write_inputs(struct jw *w, const struct reason *r)
{
    bool done[REASON_INPUTS_MAX] = {false};
    jw_object(w, "inputs");
    for (uint8_t n = 0; n < r->inputs_count; n++) {
        int next = -1;
        for (uint8_t i = 0; i < r->inputs_count; i++)
            if (!done[i] && (next < 0 || strcmp(r->inputs[i].name, r->inputs[next].name) < 0))
                next = i;
        done[next] = true;
        jw_int(w, r->inputs[next].name, r->inputs[next].value);
    }
    jw_object_end(w);
}

static void write_reason(struct jw *w, const struct reason *r, const char *session)
{
    jw_object(w, NULL);
    jw_int(w, "cap_milli", r->cap_milli);
    jw_text(w, "detector", r->detector->name);
    jw_text(w, "family", family_names[r->family]);
    write_inputs(w, r);
    jw_int(w, "llr_milli", r->llr_milli);
    jw_int(w, "n", r->n);
    jw_text(w, "null_model", r->null_model);
    write_text(w, "says", r->says);
    if (session != NULL)
        jw_text(w, "session", session);
    jw_str(w, "subject", r->subject);
    jw_int(w, "version", r->detector->version);
    jw_object_end(w);
}

static void write_identities(struct jw *w, const struct session *s)
{
    jw_array(w, "identities");
    for (uint32_t i = 0; i < s->identities_count; i++) {
        const struct identity *id = &s->identities[i];
        jw_object(w, NULL);
        jw_str(w, "canonical", id->canonical);
        jw_text(w, "kind", identity_names[id->kind]);
        jw_str(w, "rule", id->rule);
        jw_int(w, "times", id->times);
        jw_str(w, "value", id->value);
        jw_object_end(w);
    }
    jw_array_end(w);
}

static void write_key(struct jw *w, const struct session *s)
{
    jw_object(w, "key");
    jw_text(w, "kind", s->key_kind == KEY_COOKIE ? "cookie" : "address_agent");
    if (s->key_kind == KEY_COOKIE) {
        jw_str(w, "value", s->key_value);
    } else {
        jw_object(w, "value");
        jw_ip(w, "address", &s->client);
        jw_str(w, "agent", s->agent);
        jw_object_end(w);
    }
    jw_object_end(w);
}

static void write_steps(struct jw *w, const struct session *s, const struct site *site)
{
    jw_array(w, "steps");
    for (uint32_t i = 0; i < s->acts_count; i++) {
        const struct act *a = &s->acts[i];
        if (a->step == 0 || a->step > site->steps_count)
            continue;
        jw_object(w, NULL);
        jw_int(w, "act", i);
        jw_text(w, "meaning", meaning_names[a->meaning]);
        jw_int(w, "status", a->status);
        jw_str(w, "step", site->steps[a->step - 1].name);
        jw_int(w, "time_us", a->time_us);
        jw_object_end(w);
    }
    jw_array_end(w);
}

static void write_records(struct jw *w, const struct session *s,
                          const struct session_sources *sources)
{
    jw_array(w, "records");
    for (uint32_t i = 0; i < s->acts_count; i++) {
        const struct act *a = &s->acts[i];
        jw_object(w, NULL);
        jw_int(w, "length", a->length);
        jw_int(w, "offset", (int64_t)a->offset);
        jw_int(w, "record", (int64_t)a->record);
        jw_str(w, "source", sources->names != NULL ? sources->names[a->source] : STR_NONE);
        jw_object_end(w);
    }
    jw_array_end(w);
}

/* What is concluded of one session; at: its place among the kept ones or UINT32_MAX. */
struct judged {
    struct conclusion automated, bulk;
    uint32_t at, cluster;
};

static struct judged judge(const struct session *s, const struct findings *f)
{
    struct judged j = {.at = UINT32_MAX, .cluster = UINT32_MAX};
    struct tally tally;
    if (f == NULL)
        return j;
    j.at = session_find(f->sessions, f->sessions_count, s->id);
    if (j.at != UINT32_MAX) {
        j.automated = f->session_automated[j.at];
        j.bulk = f->session_bulk[j.at];
        j.cluster = f->session_cluster[j.at];
    } else if (f->scores != NULL) {
        detect_run_session(f->scores, s, &tally);
        score_session(&tally, &j.automated, &j.bulk);
    }
    return j;
}

static void write_clients(struct jw *w, const struct session *s)
{
    jw_array(w, "clients");
    for (uint8_t i = 0; i < s->clients_count; i++)
        if (!ip_is_zero(&s->clients[i]))
            jw_ip(w, NULL, &s->clients[i]);
    jw_array_end(w);
}

static void write_cluster(struct jw *w, const struct judged *j, const struct findings *f)
{
    char id[SESSION_ID_MAX];
    if (j->cluster == UINT32_MAX) {
        jw_null(w, "cluster");
        return;
    }
    cluster_public_id(&f->clusters[j->cluster], f, id);
    jw_text(w, "cluster", id);
}

static void write_reasons(struct jw *w, const struct judged *j, const struct findings *f)
{
    jw_array(w, "reasons");
    if (j->at != UINT32_MAX)
        for (uint32_t i = f->session_reasons[j->at]; i < f->session_reasons[j->at + 1]; i++)
            write_reason(w, &f->reasons[i], NULL);
    jw_array_end(w);
}

static const char *const mixture_names[] = {"no", "split", "marked"};

void session_write_json(struct jw *w, const struct session *s, const struct site *site,
                        const struct findings *f, const struct session_sources *sources)
{
    struct judged j = judge(s, f);
    char id[SESSION_ID_MAX];
    session_public_id(s, id);
    jw_object(w, NULL);
    write_conclusion(w, "automated", &j.automated);
    write_conclusion(w, "bulk_booking", &j.bulk);
    write_clients(w, s);
    jw_text(w, "closed_by", closed_by_names[s->closed_by]);
    write_cluster(w, &j, f);
    jw_int(w, "first_us", s->first_us);
    jw_text(w, "id", id);
    write_identities(w, s);
    write_key(w, s);
    jw_int(w, "last_us", s->last_us);
    jw_text(w, "mixture", mixture_names[s->mixture]);
    write_reasons(w, &j, f);
    if (sources != NULL && sources->records)
        write_records(w, s, sources);
    jw_int(w, "requests", s->requests);
    write_steps(w, s, site);
    jw_bool(w, "truncated", s->truncated);
    jw_object_end(w);
}

/* ---- findings ---- */

static void id_text(const struct findings *f, uint32_t session, char out[SESSION_ID_MAX])
{
    const struct session *s = kept_session(f, session);
    out[0] = '\0';
    if (s != NULL)
        session_public_id(s, out);
}

static void write_hypotheses(struct jw *w, const struct cluster *c)
{
    jw_array(w, "hypotheses");
    for (uint32_t i = 0; i < c->hypotheses_count; i++) {
        const struct hypothesis *h = &c->hypotheses[i];
        jw_object(w, NULL);
        write_text(w, "expected", h->expected);
        jw_text(w, "id", h->id);
        write_text(w, "name", h->name);
        write_text(w, "observed", h->observed);
        jw_text(w, "status", h->status);
        jw_object_end(w);
    }
    jw_array_end(w);
}

static void write_limits(struct jw *w, const struct cluster *c)
{
    jw_array(w, "limits");
    for (uint32_t i = 0; i < c->limits_count; i++) {
        jw_object(w, NULL);
        jw_text(w, "code", c->limit_codes[i]);
        jw_text(w, "en", SAY(c->limits[i], LANG_EN));
        jw_text(w, "fr", SAY(c->limits[i], LANG_FR));
        jw_object_end(w);
    }
    jw_array_end(w);
}

static void write_links(struct jw *w, const struct cluster *c, const struct findings *f)
{
    char id[SESSION_ID_MAX];
    jw_array(w, "links");
    for (uint32_t i = 0; i < c->links_count; i++) {
        const struct link *l = &c->links[i];
        jw_object(w, NULL);
        id_text(f, l->a, id);
        jw_text(w, "a", id);
        id_text(f, l->b, id);
        jw_text(w, "b", id);
        jw_text(w, "kind", l->kind);
        jw_str(w, "value", l->value);
        jw_int(w, "weight_milli", l->weight_milli);
        jw_object_end(w);
    }
    jw_array_end(w);
}

static void write_families(struct jw *w, const char *key, const struct conclusion *c)
{
    jw_object(w, key);
    jw_bool(w, "concluded", c->concluded);
    jw_array(w, "families");
    for (int f = 0; f < FAMILY_COUNT; f++) {
        if (c->family_llr_milli[f] == 0)
            continue;
        jw_object(w, NULL);
        jw_text(w, "family", family_names[f]);
        jw_int(w, "llr_milli", c->family_llr_milli[f]);
        jw_object_end(w);
    }
    jw_array_end(w);
    jw_text(w, "level", level_names[c->level]);
    jw_int(w, "llr_milli", c->llr_milli);
    jw_int(w, "score_permille", c->score_permille);
    jw_object_end(w);
}

void finding_write_json(struct jw *w, const struct cluster *c, const struct findings *f,
                        const struct site *site, const struct session_sources *sources)
{
    char id[SESSION_ID_MAX];
    (void)site;
    (void)sources;
    cluster_public_id(c, f, id);
    jw_object(w, NULL);
    write_families(w, "automated", &c->automated);
    write_families(w, "bulk_booking", &c->bulk);
    jw_text(w, "cluster", id);
    write_hypotheses(w, c);
    jw_text(w, "id", id);
    write_limits(w, c);
    write_links(w, c, f);
    jw_array(w, "reasons");
    for (uint32_t i = 0; i < c->reasons_count; i++) {
        char session[SESSION_ID_MAX] = "";
        if (c->reasons[i].session != UINT32_MAX)
            id_text(f, c->reasons[i].session, session);
        write_reason(w, &c->reasons[i], session[0] != '\0' ? session : NULL);
    }
    jw_array_end(w);
    jw_array(w, "sessions");
    for (uint32_t i = 0; i < c->sessions_count; i++) {
        id_text(f, c->sessions[i], id);
        jw_text(w, NULL, id);
    }
    jw_array_end(w);
    jw_object_end(w);
}
