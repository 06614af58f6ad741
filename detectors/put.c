/* put.c: conclusions, reasons, links, hypotheses and limits as JSON; see put.h. */
#include "detectors/put.h"

#include "detectors/run.h"
#include "detectors/score.h"

#define EXACT_MAX ((INT64_C(1) << 53) - 1)

void put_text(struct jw *w, const char *key, struct text t)
{
    jw_object(w, key);
    jw_text(w, "en", t.in[LANG_EN] != NULL ? t.in[LANG_EN] : "");
    jw_text(w, "fr", t.in[LANG_FR] != NULL ? t.in[LANG_FR] : "");
    jw_object_end(w);
}

void put_two(struct jw *w, const char *key, struct str en, struct str fr)
{
    jw_object(w, key);
    put_logged(w, "en", en.p != NULL ? en : STR(""));
    put_logged(w, "fr", fr.p != NULL ? fr : STR(""));
    jw_object_end(w);
}

void put_logged(struct jw *w, const char *key, struct str s)
{
    if (s.p == NULL) {
        jw_null(w, key);
        return;
    }
    struct out o = out_memory();
    out_escaped(&o, s);
    jw_str(w, key, out_slice(&o));
    out_close(&o);
}

void put_int(struct jw *w, const char *key, int64_t v)
{
    jw_int(w, key, v > EXACT_MAX ? EXACT_MAX : v < -EXACT_MAX ? -EXACT_MAX : v);
}

void put_session_id(struct jw *w, const char *key, const struct session *s)
{
    char id[SESSION_ID_MAX];
    if (s == NULL) {
        jw_null(w, key);
        return;
    }
    session_public_id(s, id);
    jw_text(w, key, id);
}

static const struct session *session_of(const struct findings *f, uint32_t id)
{
    uint32_t i = session_find(f->sessions, f->sessions_count, id);
    return i == UINT32_MAX ? NULL : f->sessions[i];
}

/* Every family that was tested, for and against. */
static void put_families(struct jw *w, const struct conclusion *c, const struct family_sum *sums)
{
    jw_array(w, "families");
    for (int f = 0; f < FAMILY_COUNT; f++) {
        if (!sums[f].tested)
            continue;
        jw_object(w, NULL);
        jw_int(w, "cap_milli", sums[f].cap_milli);
        jw_text(w, "family", family_names[f]);
        jw_int(w, "group_milli", sums[f].group_milli);
        jw_int(w, "llr_milli", c->family_llr_milli[f]);
        jw_int(w, "sessions_milli", sums[f].sessions_milli);
        jw_object_end(w);
    }
    jw_array_end(w);
}

void put_conclusion(struct jw *w, const char *key, const struct conclusion *c,
                    const struct family_sum *sums)
{
    jw_object(w, key);
    jw_bool(w, "concluded", c->concluded);
    if (sums != NULL)
        put_families(w, c, sums);
    jw_text(w, "level", level_names[c->level]);
    if (sums != NULL)
        put_text(w, "level_text", level_texts[c->level]);
    jw_int(w, "llr_milli", c->llr_milli);
    jw_int(w, "score_permille", c->score_permille);
    jw_bool(w, "tested", c->tested);
    jw_object_end(w);
}

void put_hypotheses(struct jw *w, const struct cluster *c)
{
    jw_array(w, "hypotheses");
    for (uint32_t i = 0; i < c->hypotheses_count; i++) {
        const struct hypothesis *h = &c->hypotheses[i];
        jw_object(w, NULL);
        put_text(w, "expected", h->expected);
        jw_text(w, "id", h->id);
        put_text(w, "name", h->name);
        put_text(w, "observed", h->observed);
        jw_text(w, "status", h->status);
        jw_object_end(w);
    }
    jw_array_end(w);
}

void put_limits(struct jw *w, const struct cluster *c)
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

void put_links(struct jw *w, const struct findings *f, const struct cluster *c, uint32_t listed)
{
    jw_array(w, "links");
    for (uint32_t i = 0; i < c->links_count && listed > 0; i++) {
        const struct link *l = &c->links[i];
        const struct session *a = session_of(f, l->a), *b = session_of(f, l->b);
        uint32_t last = c->sessions[listed - 1]; /* they ascend */
        if (a == NULL || b == NULL || l->a > last || l->b > last)
            continue;
        jw_object(w, NULL);
        put_session_id(w, "a", a);
        put_session_id(w, "b", b);
        jw_text(w, "kind", l->kind);
        put_logged(w, "value", l->value);
        jw_int(w, "weight_milli", l->weight_milli);
        jw_object_end(w);
    }
    jw_array_end(w);
}

static void put_inputs(struct jw *w, const struct reason *r)
{
    jw_array(w, "inputs");
    for (uint8_t i = 0; i < r->inputs_count; i++) {
        jw_object(w, NULL);
        jw_text(w, "name", r->inputs[i].name);
        put_int(w, "value", r->inputs[i].value);
        jw_object_end(w);
    }
    jw_array_end(w);
}

void put_reason_begin(struct jw *w, const struct reason *r)
{
    jw_object(w, NULL);
    jw_bool(w, "automated", r->automated);
    jw_bool(w, "bulk_booking", r->bulk);
    jw_int(w, "cap_milli", r->cap_milli);
    jw_text(w, "detector", r->detector->name);
    jw_text(w, "family", family_names[r->family]);
    jw_int(w, "group_cap_milli", r->pool_cap_milli);
    put_inputs(w, r);
    jw_int(w, "llr_milli", r->llr_milli);
    jw_int(w, "n", r->n);
    jw_text(w, "null_model", r->null_model);
}

void put_reason_end(struct jw *w, const struct findings *f, const struct reason *r)
{
    const struct session *s = r->session != UINT32_MAX ? session_of(f, r->session) : NULL;
    put_two(w, "says", str_of(SAY(r->says, LANG_EN)), str_of(SAY(r->says, LANG_FR)));
    put_session_id(w, "session", s);
    put_logged(w, "subject", r->subject);
    jw_int(w, "version", r->detector->version);
    jw_object_end(w);
}
