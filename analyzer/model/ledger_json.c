/* ledger_json.c: the ledger as the document data/ledger.json. */
#include "analyzer/model/event.h"
#include "analyzer/model/ledger.h"

/* The plain counters of a source, which also add up over all of them. */
static const struct counter {
    const char *name;
    size_t at;
} counters[] = {
#define COUNTER(member) {#member, offsetof(struct ledger_source, member)}
    COUNTER(bytes),        COUNTER(file_bytes),     COUNTER(physical),
    COUNTER(parsed),       COUNTER(rejected),       COUNTER(excluded),
    COUNTER(already_seen), COUNTER(parsed_bytes),   COUNTER(rejected_bytes),
    COUNTER(excluded_bytes), COUNTER(already_seen_bytes),
#undef COUNTER
};
enum { COUNTERS = sizeof counters / sizeof counters[0] };

static uint64_t counter_of(const struct ledger_source *s, const struct counter *c)
{
    uint64_t v;
    memcpy(&v, (const char *)s + c->at, sizeof v);
    return v;
}

static void set(struct json *object, const char *key, struct json *value)
{
    json_set(object, str_of(key), value);
}

static void set_int(struct arena *a, struct json *object, const char *key, int64_t v)
{
    set(object, key, json_int(a, v));
}

/* Names and details may hold any byte: what is not UTF-8 is shown as \xHH. */
static struct json *text_or_null(struct arena *a, struct str s)
{
    if (s.p == NULL)
        return json_new(a, JSON_KIND_NULL);
    if (str_utf8_valid(s))
        return json_str(a, arena_str(a, s));
    struct out escaped = out_memory();
    out_escaped(&escaped, s);
    struct json *value = json_str(a, arena_str(a, out_slice(&escaped)));
    out_close(&escaped);
    return value;
}

static struct json *hash_or_null(struct arena *a, const struct ledger_source *s)
{
    char hex[65];
    if (!s->hashed)
        return json_new(a, JSON_KIND_NULL);
    sha256_hex(&s->sha256, hex);
    return json_str(a, arena_str(a, str_of(hex)));
}

static struct json *rejects_json(struct arena *a, const struct ledger_source *s)
{
    struct json *list = json_new(a, JSON_KIND_ARRAY);
    for (size_t i = 0; i < s->rejects_count; i++) {
        struct json *r = json_new(a, JSON_KIND_OBJECT);
        set_int(a, r, "record", (int64_t)s->rejects[i].record);
        set_int(a, r, "offset", (int64_t)s->rejects[i].offset);
        set_int(a, r, "length", (int64_t)s->rejects[i].length);
        set(r, "reason", json_text(a, reject_table[s->rejects[i].reason].name));
        json_push(list, r);
    }
    return list;
}

static struct json *reasons_json(struct arena *a, const struct ledger_source *s)
{
    struct json *object = json_new(a, JSON_KIND_OBJECT);
    for (int i = 0; i < REJECT_COUNT; i++)
        if (s->rejects_by_reason[i] > 0)
            set_int(a, object, reject_table[i].name, (int64_t)s->rejects_by_reason[i]);
    return object;
}

static struct json *oddities_json(struct arena *a, const struct ledger_source *s)
{
    struct json *object = json_new(a, JSON_KIND_OBJECT);
    for (int i = 0; i < ODDITY_COUNT; i++)
        if (s->oddities[i] > 0)
            set_int(a, object, oddity_table[i].name, (int64_t)s->oddities[i]);
    return object;
}

static struct json *fields_json(struct arena *a, const struct ledger_source *s)
{
    struct json *list = json_new(a, JSON_KIND_ARRAY);
    for (int i = 0; i < FIELD_COUNT; i++)
        if ((s->has >> i & 1) != 0)
            json_push(list, json_text(a, field_table[i].name));
    return list;
}

static struct json *clock_json(struct arena *a, const struct ledger_source *s)
{
    struct json *clock = json_new(a, JSON_KIND_OBJECT);
    bool any = s->first_us <= s->last_us;
    set(clock, "meaning", json_text(a, time_meaning_name((enum time_meaning)s->meaning)));
    set_int(a, clock, "resolution_us", s->resolution_us);
    set(clock, "first_us", any ? json_int(a, s->first_us) : json_new(a, JSON_KIND_NULL));
    set(clock, "last_us", any ? json_int(a, s->last_us) : json_new(a, JSON_KIND_NULL));
    set_int(a, clock, "backward_steps", (int64_t)s->backward_steps);
    set_int(a, clock, "backward_us_max", s->backward_us_max);
    return clock;
}

/* Of one source, or of the run. */
static struct json *diagnostics_json(struct arena *a, const struct diags *d, uint32_t source)
{
    struct json *list = json_new(a, JSON_KIND_ARRAY);
    for (size_t i = 0; i < d->count; i++) {
        const struct diag *item = &d->items[i];
        if (item->source != source)
            continue;
        struct json *o = json_new(a, JSON_KIND_OBJECT);
        set(o, "code", json_text(a, diag_table[item->code].name));
        set(o, "severity", json_text(a, severity_name(diag_table[item->code].severity)));
        set_int(a, o, "count", (int64_t)item->count);
        set(o, "detail", text_or_null(a, item->detail));
        json_push(list, o);
    }
    return list;
}

static struct json *source_json(struct arena *a, const struct ledger_source *s,
                                struct json *diagnostics)
{
    struct json *o = json_new(a, JSON_KIND_OBJECT);
    set(o, "source", hash_or_null(a, s));
    set(o, "name", text_or_null(a, s->name));
    set(o, "compression", json_text(a, s->compression));
    set(o, "sha256", hash_or_null(a, s));
    set(o, "format", text_or_null(a, s->format));
    set(o, "format_string", text_or_null(a, s->format_string));
    for (int i = 0; i < COUNTERS; i++)
        set_int(a, o, counters[i].name, (int64_t)counter_of(s, &counters[i]));
    set(o, "complete", json_bool(a, s->complete));
    set(o, "rejects_by_reason", reasons_json(a, s));
    set(o, "rejects", rejects_json(a, s));
    set_int(a, o, "rejects_listed", (int64_t)s->rejects_count);
    set(o, "clock", clock_json(a, s));
    set(o, "fields", fields_json(a, s));
    set(o, "oddities", oddities_json(a, s));
    set(o, "diagnostics", diagnostics);
    return o;
}

static struct json *totals_json(struct arena *a, const struct ledger *l)
{
    struct json *totals = json_new(a, JSON_KIND_OBJECT);
    set_int(a, totals, "sources", (int64_t)l->count);
    for (int c = 0; c < COUNTERS; c++) {
        uint64_t sum = 0;
        for (size_t i = 0; i < l->count; i++)
            sum += counter_of(&l->sources[i], &counters[c]);
        set_int(a, totals, counters[c].name, (int64_t)sum);
    }
    return totals;
}

struct json *ledger_json(struct arena *a, const struct ledger *l, const struct diags *d)
{
    struct json *document = json_new(a, JSON_KIND_OBJECT);
    struct json *sources = json_new(a, JSON_KIND_ARRAY);
    for (size_t i = 0; i < l->count; i++)
        json_push(sources, source_json(a, &l->sources[i], diagnostics_json(a, d, (uint32_t)i)));
    set(document, "sources", sources);
    set(document, "diagnostics", diagnostics_json(a, d, DIAG_RUN));
    set(document, "totals", totals_json(a, l));
    return document;
}
