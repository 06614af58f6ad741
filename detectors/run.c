/* run.c: what a running detector may ask and say. */
#include "detectors/run.h"

#include "analyzer/model/sentence.h"

static size_t index_of(const struct detector *d)
{
    size_t i = 0;
    while (i < detectors_count && detectors[i] != d)
        i++;
    return i;
}

static int64_t set_value(const struct settings *settings, const struct detector *d,
                         const struct detector_param *p)
{
    struct str family = str_of(d->name), name = str_of(p->name), head;
    int64_t value = p->value;
    for (size_t i = 0; settings != NULL && i < settings->params_count; i++) {
        struct str rest = str_cut(settings->params[i].name, '.', &head);
        if (str_eq(head, family) && str_eq(rest, name))
            value = settings->params[i].value;
    }
    if (value < p->min)
        return p->min;
    return value > p->max ? p->max : value;
}

void detect_init(struct detect *x, const struct site *site, const struct settings *settings)
{
    *x = (struct detect){.site = site, .first_us = INT64_MIN, .session = UINT32_MAX};
    for (size_t i = 0; i < detectors_count && i < DETECT_DETECTORS_MAX; i++)
        for (size_t k = 0; k < detectors[i]->params_count && k < DETECT_PARAMS_MAX; k++)
            x->params[i][k] = set_value(settings, detectors[i], &detectors[i]->params[k]);
}

void detect_free(struct detect *x)
{
    mem_free(x->reasons);
    x->reasons = NULL;
}

int64_t detect_param(const struct detect *x, const struct detector *d, const char *name)
{
    size_t at = index_of(d);
    for (size_t k = 0; at < detectors_count && k < d->params_count; k++)
        if (d->params[k].name == name || strcmp(d->params[k].name, name) == 0)
            return x->params[at][k];
    return 0;
}

static void count_result(int32_t *family, uint8_t *tested, enum family f, int32_t llr)
{
    if (!(*tested >> f & 1) || llr > family[f])
        family[f] = llr;
    *tested |= (uint8_t)(1u << f);
}

static void tally_result(struct tally *t, const struct detector *d, const struct reason *r)
{
    if (r->automated)
        count_result(t->automated, &t->tested_automated, d->family, r->llr_milli);
    if (r->bulk)
        count_result(t->bulk, &t->tested_bulk, d->family, r->llr_milli);
}

bool detect_wants_scores(const struct detect *x)
{
    return x->mode != DETECT_REASONS;
}

void detect_score(struct detect *x, const struct detector *d, int32_t llr_milli)
{
    struct reason r = {.automated = d->automated, .bulk = d->bulk, .llr_milli = llr_milli};
    if (x->tally != NULL)
        tally_result(x->tally, d, &r);
}

static struct reason *next_reason(struct detect *x)
{
    if (x->mode != DETECT_WORDS)
        return &x->scratch[x->reasons_count < DETECT_SCRATCH ? x->reasons_count++
                                                             : DETECT_SCRATCH - 1];
    if (x->reasons_count == x->reasons_cap) {
        x->reasons_cap = x->reasons_cap == 0 ? 64 : x->reasons_cap * 2;
        x->reasons = mem_grow(x->reasons, x->reasons_cap * sizeof *x->reasons);
    }
    return &x->reasons[x->reasons_count++];
}

struct reason *detect_reason(struct detect *x, const struct detector *d)
{
    struct reason *r = next_reason(x);
    *r = (struct reason){.detector = d,
                         .family = d->family,
                         .automated = d->automated,
                         .bulk = d->bulk,
                         .cap_milli = d->cap_milli,
                         .pool_cap_milli = d->cap_milli,
                         .null_model = d->null_model,
                         .session = x->session};
    return r;
}

void detect_cite(struct detect *x, struct reason *r, const uint32_t *acts, size_t n)
{
    if (x->mode != DETECT_WORDS || n == 0)
        return;
    r->acts = ARENA_ARRAY(x->arena, uint32_t, n);
    memcpy(r->acts, acts, n * sizeof *acts);
    r->acts_count = (uint32_t)n;
}

void detect_says(struct detect *x, struct reason *r, struct text template)
{
    if (x->mode == DETECT_WORDS)
        r->says = sentence(x->arena, template, r->inputs, r->inputs_count);
}

void detect_input(struct reason *r, const char *name, int64_t value)
{
    if (r->inputs_count < REASON_INPUTS_MAX)
        r->inputs[r->inputs_count++] = (struct named_int){name, value};
}

void detect_not_testable(struct detect *x, const struct detector *d, struct text why)
{
    if (x->mode != DETECT_WORDS || x->notes_count == DETECT_NOTES_MAX)
        return;
    for (uint32_t i = 0; i < x->notes_count; i++)
        if (x->notes[i].detector == d && strcmp(x->notes[i].why.in[LANG_EN], why.in[LANG_EN]) == 0)
            return;
    x->notes[x->notes_count++] = (struct not_testable){d, why};
}

void detect_tested(struct detect *x, const struct detector *d)
{
    x->tested[index_of(d)] = true;
}

void detect_untested(struct detect *x, const struct detector *d, struct text why)
{
    x->untested[index_of(d)] = why;
}

void detect_close_notes(struct detect *x)
{
    for (size_t i = 0; i < detectors_count && i < DETECT_DETECTORS_MAX; i++)
        if (!x->tested[i] && x->untested[i].in[LANG_EN] != NULL)
            detect_not_testable(x, detectors[i], x->untested[i]);
}

const struct site *detect_site(const struct detect *x)
{
    return x->site;
}

uint32_t session_find(const struct session *const *sessions, uint32_t n, uint32_t id)
{
    uint32_t low = 0, high = n;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (sessions[mid]->id < id)
            low = mid + 1;
        else
            high = mid;
    }
    return low < n && sessions[low]->id == id ? low : UINT32_MAX;
}

const struct session *detect_session(const struct detect *x, uint32_t id)
{
    uint32_t i = session_find(x->sessions, x->sessions_count, id);
    return i == UINT32_MAX ? NULL : x->sessions[i];
}

struct address_use detect_address(const struct detect *x, const struct ip *unit)
{
    return address_get(x->addresses, unit);
}

uint64_t detect_sessions_total(const struct detect *x)
{
    return x->total;
}

uint64_t detect_sessions_with_assets(const struct detect *x)
{
    return x->sessions == NULL ? 0 : x->with_assets;
}

int64_t detect_first_us(const struct detect *x)
{
    return x->first_us;
}

/* "the sources carry no: duration, status" in both languages. */
static struct text missing_fields(struct arena *a, uint32_t missing)
{
    static const struct text names[FIELD_COUNT] = {
#define FIELD(id, name, en, fr) {{en, fr}},
#include "analyzer/model/field.def"
#undef FIELD
    };
    struct str list[LANG_COUNT] = {STR("the sources do not carry: "),
                                   STR("les sources ne comportent pas : ")};
    const char *comma = "";
    for (int f = 0; f < FIELD_COUNT; f++) {
        if (!(missing >> f & 1))
            continue;
        for (int l = 0; l < LANG_COUNT; l++)
            list[l] = arena_printf(a, "%.*s%s%s", STR_ARG(list[l]), comma, names[f].in[l]);
        comma = ", ";
    }
    return TEXT(arena_cstr(a, list[LANG_EN]), arena_cstr(a, list[LANG_FR]));
}

void detect_fields(struct detect *x, uint32_t has, bool identities)
{
    for (size_t i = 0; i < detectors_count && i < DETECT_DETECTORS_MAX; i++) {
        const struct detector *d = detectors[i];
        uint32_t missing = d->needs & ~has;
        x->disabled[i] = missing != 0 || (d->needs_identity && !identities);
        if (x->mode != DETECT_WORDS)
            continue;
        if (missing != 0)
            detect_not_testable(x, d, missing_fields(x->arena, missing));
        if (d->needs_identity && !identities)
            detect_not_testable(
                x, d,
                TEXT("no e-mail address, number or name was found in the sources: they log "
                     "neither bodies nor such query values",
                     "les sources ne comportent ni adresse électronique, ni numéro, ni nom : ni corps de "
                     "requête ni paramètre de ce type n'y figurent"));
    }
}

void detect_run_session(struct detect *x, const struct session *s, struct tally *t)
{
    *t = (struct tally){0};
    x->tally = t;
    x->session = s->id;
    if (x->mode != DETECT_WORDS)
        x->reasons_count = 0;
    uint32_t first = x->reasons_count;
    for (size_t i = 0; i < detectors_count; i++)
        if (detectors[i]->session != NULL && !x->disabled[i])
            detectors[i]->session(detectors[i], x, s);
    const struct reason *r = x->mode != DETECT_WORDS ? x->scratch : x->reasons;
    for (uint32_t i = first; i < x->reasons_count; i++) {
        tally_result(t, r[i].detector, &r[i]);
        t->reason |= r[i].llr_milli > 0;
    }
    x->tally = NULL;
}

void detect_run_cluster(struct detect *x, const struct cluster *c)
{
    x->session = UINT32_MAX;
    for (size_t i = 0; i < detectors_count; i++)
        if (detectors[i]->cluster != NULL && !x->disabled[i])
            detectors[i]->cluster(detectors[i], x, c);
}
