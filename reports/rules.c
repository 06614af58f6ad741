/* rules.c: a rule as it was in force, readable without the program. */
#include "reports/rules.h"

#include "detectors/score.h"
#include "reports/bundle.h"
#include "reports/put.h"

static int64_t value_in_force(const struct detector *d, const struct detector_param *p,
                              const struct settings *s)
{
    for (size_t i = 0; i < s->params_count; i++) {
        struct str parameter, of;
        parameter = str_cut(s->params[i].name, '.', &of);
        if (str_eq(of, str_of(d->name)) && str_eq(parameter, str_of(p->name)))
            return s->params[i].value;
    }
    return p->value;
}

static void write_params(struct jw *w, const struct detector *d, const struct settings *s)
{
    jw_array(w, "params");
    for (size_t i = 0; i < d->params_count; i++) {
        const struct detector_param *p = &d->params[i];
        jw_object(w, NULL);
        put_int(w, "default", p->value);
        put_int(w, "max", p->max);
        put_int(w, "min", p->min);
        jw_text(w, "name", p->name);
        jw_text(w, "unit", p->unit);
        put_int(w, "value", value_in_force(d, p, s));
        put_text(w, "what", p->what);
        jw_object_end(w);
    }
    jw_array_end(w);
}

static void write_needs(struct jw *w, const struct detector *d)
{
    jw_array(w, "needs");
    for (int i = 0; i < FIELD_COUNT; i++)
        if ((d->needs & 1u << i) != 0)
            jw_text(w, NULL, field_table[i].name);
    jw_array_end(w);
    jw_bool(w, "needs_identity", d->needs_identity);
}

void rule_write(struct out *o, const struct detector *d, const struct settings *s)
{
    struct jw w = jw_open(o, true);
    jw_object(&w, NULL);
    jw_bool(&w, "automated", d->automated);
    jw_bool(&w, "bulk_booking", d->bulk);
    jw_int(&w, "cap_milli", d->cap_milli);
    jw_text(&w, "family", family_names[d->family]);
    jw_text(&w, "id", d->name);
    put_text(&w, "innocent", d->innocent);
    put_text(&w, "limits", d->limits);
    write_needs(&w, d);
    jw_text(&w, "null_model", d->null_model);
    write_params(&w, d, s);
    put_text(&w, "rule", d->rule);
    jw_int(&w, "schema_version", BUNDLE_SCHEMA_VERSION);
    put_text(&w, "title", d->title);
    jw_int(&w, "version", d->version);
    jw_object_end(&w);
}

struct str rule_path(struct arena *a, const struct detector *d)
{
    return arena_printf(a, "data/rules/%s.v%d.json", d->name, d->version);
}

/* ---- scoring ---- */

static void write_factors(struct jw *w)
{
    jw_array(w, "families");
    for (int f = 0; f < FAMILY_COUNT; f++) {
        const struct score_weight *s = &score_weights[f];
        if (!score_has_factors(f))
            continue;
        jw_object(w, NULL);
        jw_int(w, "against_permille", s->against_permille);
        jw_int(w, "automated_permille", s->automated_permille);
        jw_int(w, "bulk_permille", s->bulk_permille);
        jw_bool(w, "carries_bulk", s->carries_bulk);
        jw_text(w, "family", family_names[f]);
        jw_int(w, "least_milli", s->least_milli);
        jw_object_end(w);
    }
    jw_array_end(w);
}

static void write_score_param(struct jw *w, const struct score_param *p, int64_t value)
{
    jw_object(w, NULL);
    jw_text(w, "name", p->name);
    jw_text(w, "unit", p->unit);
    put_int(w, "value", value);
    put_text(w, "what", p->what);
    jw_object_end(w);
}

void scoring_write(struct out *o, int64_t bulk_least)
{
    static const struct score_param served = {
        "served_least", SCORE_BULK_PERSONS, "bookings or people",
        {{"bookings or people from which bulk booking can be concluded: the limit that the site "
          "posts, but at least 3",
          "réservations ou personnes à partir desquelles la réservation en nombre peut être conclue : "
          "la limite affichée par le site, mais au moins 3"}}};
    struct jw w = jw_open(o, true);
    jw_object(&w, NULL);
    write_factors(&w);
    jw_text(&w, "id", SCORING_ID);
    jw_array(&w, "params");
    for (size_t i = 0; i < score_params_count; i++)
        write_score_param(&w, &score_params[i], score_params[i].value);
    write_score_param(&w, &served, bulk_least);
    jw_array_end(&w);
    put_text(&w, "rule", scoring_text);
    jw_int(&w, "schema_version", BUNDLE_SCHEMA_VERSION);
    put_text(&w, "title", scoring_title);
    jw_int(&w, "version", SCORE_VERSION);
    jw_object_end(&w);
}

struct str scoring_path(struct arena *a)
{
    return arena_printf(a, "data/rules/" SCORING_ID ".v%d.json", SCORE_VERSION);
}
