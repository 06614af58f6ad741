/* write.c: sessions and findings as JSON lines, keys in byte order. */
#include "analyzer/base/json.h"
#include "detectors/conclude.h"
#include "detectors/put.h"
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
        struct session_result r = conclude_with_group(f, j.at);
        j.automated = r.automated;
        j.bulk = r.bulk;
        j.cluster = f->session_cluster[j.at];
    } else if (f->scores != NULL) {
        detect_run_session(f->scores, s, &tally);
        score_session(s, &tally, &j.automated, &j.bulk);
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

static void write_reason(struct jw *w, const struct findings *f, const struct reason *r)
{
    put_reason_begin(w, r);
    put_reason_end(w, f, r);
}

static void write_reasons(struct jw *w, const struct judged *j, const struct findings *f)
{
    jw_array(w, "reasons");
    if (j->at != UINT32_MAX)
        for (uint32_t i = f->session_reasons[j->at]; i < f->session_reasons[j->at + 1]; i++)
            write_reason(w, f, &f->reasons[i]);
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
    put_conclusion(w, "automated", &j.automated, NULL);
    put_conclusion(w, "bulk_booking", &j.bulk, NULL);
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

void finding_write_json(struct jw *w, const struct cluster *c, const struct findings *f,
                        const struct site *site, const struct session_sources *sources)
{
    char id[SESSION_ID_MAX];
    (void)site;
    (void)sources;
    cluster_public_id(c, f, id);
    jw_object(w, NULL);
    put_conclusion(w, "automated", &c->automated, c->automated_sums);
    put_conclusion(w, "bulk_booking", &c->bulk, c->bulk_sums);
    jw_text(w, "cluster", id);
    put_hypotheses(w, c);
    jw_text(w, "id", id);
    put_limits(w, c);
    put_links(w, f, c, c->sessions_count);
    jw_array(w, "reasons");
    for (uint32_t i = 0; i < c->reasons_count; i++)
        write_reason(w, f, &c->reasons[i]);
    jw_array_end(w);
    jw_array(w, "sessions");
    for (uint32_t i = 0; i < c->sessions_count; i++)
        put_session_id(w, NULL, kept_session(f, c->sessions[i]));
    jw_array_end(w);
    jw_object_end(w);
}
