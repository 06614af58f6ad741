/* sentence.c: sentences about numbers, with the words that agree with them. */
#include "analyzer/model/sentence.h"

#include "analyzer/base/out.h"

enum { PERCENT_TENTH = 10, MILLI = 1000, MINUTE = 60, HOUR = 3600 };
#define SECOND_US    INT64_C(1000000)
#define NARROW_SPACE "\xE2\x80\xAF" /* U+202F: before units in French */
#define NO_BREAK     "\xC2\xA0"     /* U+00A0: a number stands beside its unit */

struct sentence {
    struct out o;
    enum lang lang;
    const struct named_int *values;
    size_t count;
};

static char point(const struct sentence *s)
{
    return s->lang == LANG_FR ? ',' : '.';
}

static const char *gap(const struct sentence *s)
{
    return s->lang == LANG_FR ? NARROW_SPACE : NO_BREAK;
}

/* value / 1000, without the zeros at its end. */
static void put_milli(struct sentence *s, int64_t value)
{
    int64_t rest = value % MILLI;
    if (value < 0) {
        out_text(&s->o, "\xE2\x88\x92"); /* U+2212 */
        value = -value;
        rest = -rest;
    }
    out_printf(&s->o, "%lld", (long long)(value / MILLI));
    if (rest == 0)
        return;
    int digits = 3;
    for (; rest % 10 == 0; digits--)
        rest /= 10;
    out_printf(&s->o, "%c%0*lld", point(s), digits, (long long)rest);
}

/* To the millisecond below ten seconds, to the tenth below a minute, to the second below an hour. */
static void put_time(struct sentence *s, int64_t us)
{
    const long long seconds = (long long)(us / SECOND_US);
    if (seconds < MINUTE) {
        int64_t ms = (us + MILLI / 2) / MILLI;
        put_milli(s, seconds < 10 ? ms : ms / 100 * 100);
        out_printf(&s->o, "%ss", gap(s));
    } else if (seconds < HOUR) {
        out_printf(&s->o, "%lld%smin" NO_BREAK "%02lld%ss", seconds / MINUTE, gap(s), seconds % MINUTE, gap(s));
    } else {
        out_printf(&s->o, "%lld%sh" NO_BREAK "%02lld%smin", seconds / HOUR, gap(s), seconds / MINUTE % MINUTE,
                   gap(s));
    }
}

static const struct named_int *find(const struct sentence *s, struct str name)
{
    for (size_t i = 0; i < s->count; i++)
        if (str_eq(str_of(s->values[i].name), name))
            return &s->values[i];
    return NULL;
}

static void put_value(struct sentence *s, int64_t value, struct str form)
{
    if (str_eq(form, STR("us"))) {
        put_time(s, value);
    } else if (str_eq(form, STR("milli"))) {
        put_milli(s, value);
    } else if (str_eq(form, STR("%"))) {
        put_milli(s, value * MILLI / PERCENT_TENTH);
        out_printf(&s->o, "%s%%", s->lang == LANG_FR ? NARROW_SPACE : "");
    } else {
        out_printf(&s->o, "%lld", (long long)value);
    }
}

/* What stands between braces; a name without a value stays as it is, for a test to see. */
static void put_place(struct sentence *s, struct str place)
{
    struct str head, name, one;
    struct str words = str_cut(place, ':', &head);
    struct str form = str_cut(head, ' ', &name);
    const struct named_int *v = find(s, name);
    if (v == NULL) {
        out_printf(&s->o, "{%.*s}", STR_ARG(place));
        return;
    }
    if (words.p == NULL) {
        put_value(s, v->value, form);
        return;
    }
    struct str many = str_cut(words, '|', &one);
    uint64_t n = v->value < 0 ? (uint64_t)-v->value : (uint64_t)v->value;
    out_str(&s->o, lang_singular(s->lang, n) ? one : many);
}

static const char *fill(struct arena *a, struct sentence *s, struct str rest)
{
    struct str part;
    s->o = out_memory();
    while (rest.p != NULL) {
        rest = str_cut(rest, '{', &part);
        out_str(&s->o, part);
        if (rest.p == NULL)
            break;
        rest = str_cut(rest, '}', &part);
        put_place(s, part);
    }
    const char *text = arena_cstr(a, out_slice(&s->o));
    (void)out_close(&s->o); /* memory writers do not fail */
    return text;
}

struct text sentence(struct arena *a, struct text template, const struct named_int *values, size_t n)
{
    struct text t;
    for (int l = 0; l < LANG_COUNT; l++) {
        struct sentence s = {.lang = (enum lang)l, .values = values, .count = n};
        t.in[l] = fill(a, &s, str_of(template.in[l]));
    }
    return t;
}
