/* rules.c: a rule as it was in force, readable without the program. */
#include "reports/rules.h"

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
