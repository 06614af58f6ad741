/* program.c: from values and literals to steps: which value fills which field, and how each one
 * ends. */
#include "parsers/log/program.h"

#include <stddef.h>

#include "parsers/log/stamp.h"

/* More slips than one would take http_x_forwarded_port for http_x_forwarded_for. */
enum { ERROR_CONTEXT = 24, LITERAL_SLACK = 64, SLIPS_MAX = 1 };

static const struct {
    uint32_t bits;
    ptrdiff_t offset;
} slot_field[SLOT_COUNT] = {
    [SLOT_PEER] = {HAS(PEER), 0},
    [SLOT_PORT] = {HAS(PORT), 0},
    [SLOT_IDENT] = {HAS(IDENT), 0},
    [SLOT_USER] = {HAS(USER), offsetof(struct event, user)},
    [SLOT_TIME] = {HAS(TIME), 0},
    [SLOT_DURATION] = {HAS(DURATION), 0},
    [SLOT_REQUEST] = {HAS(REQUEST) | HAS(METHOD) | HAS(TARGET) | HAS(VERSION), 0},
    [SLOT_METHOD] = {HAS(METHOD), 0},
    [SLOT_TARGET] = {HAS(TARGET), offsetof(struct event, target)},
    [SLOT_VERSION] = {HAS(VERSION), 0},
    [SLOT_STATUS] = {HAS(STATUS), 0},
    [SLOT_BYTES] = {HAS(BYTES), 0},
    [SLOT_REFERER] = {HAS(REFERER), offsetof(struct event, referer)},
    [SLOT_AGENT] = {HAS(AGENT), offsetof(struct event, agent)},
    [SLOT_HOST] = {HAS(HOST), 0},
    [SLOT_BODY] = {HAS(BODY), offsetof(struct event, body)},
    [SLOT_COOKIES] = {HAS(COOKIES), offsetof(struct event, cookies)},
    [SLOT_FORWARDED] = {HAS(FORWARDED), offsetof(struct event, forwarded)},
};

struct str format_error(struct arena *a, const char *what, struct str source, ptrdiff_t at)
{
    struct str near = str_sub(source, at, at + ERROR_CONTEXT);
    if (near.n <= 0)
        return arena_printf(a, "%s at the end of the format string", what);
    return arena_printf(a, "%s at byte %td of the format string: %.*s%s", what, at + 1,
                        STR_ARG(near), at + near.n < source.n ? "..." : "");
}

/* ---- building ---- */

void builder_open(struct builder *b, struct log_format *f, struct str source)
{
    *b = (struct builder){.format = f, .source = source};
    b->literals_cap = 2 * source.n + LITERAL_SLACK; /* %t writes two bytes, no directive more */
    b->literals = ARENA_ARRAY(f->arena, char, b->literals_cap);
}

void builder_literal(struct builder *b, char c)
{
    if (b->literals_n < b->literals_cap)
        b->literals[b->literals_n++] = c;
}

void builder_value(struct builder *b, ptrdiff_t at, const struct value *v)
{
    if (b->count < PROGRAM_STEPS_MAX) {
        b->values[b->count] = *v;
        b->at[b->count] = at;
        b->literal_from[b->count + 1] = b->literals_n;
    }
    b->count++;
}

static struct str literal_behind(const struct builder *b, int i)
{
    ptrdiff_t from = b->literal_from[i + 1];
    ptrdiff_t to = i + 1 < b->count ? b->literal_from[i + 2] : b->literals_n;
    return (struct str){b->literals + from, to - from};
}

struct value *builder_adjacent(struct builder *b)
{
    if (b->count == 0 || b->count > PROGRAM_STEPS_MAX || literal_behind(b, b->count - 1).n > 0)
        return NULL;
    return &b->values[b->count - 1];
}

/* "$uri?$args" is a whole target. */
static void join_targets(struct builder *b)
{
    for (int i = 0; i + 1 < b->count; i++) {
        bool pair = b->values[i].slot == SLOT_TARGET && b->values[i + 1].slot == SLOT_QUERY;
        if (!pair || !str_eq(literal_behind(b, i), STR("?")))
            continue;
        b->values[i].rank = 0;
        memmove(&b->values[i + 1], &b->values[i + 2],
                sizeof *b->values * (size_t)(b->count - i - 2));
        memmove(&b->at[i + 1], &b->at[i + 2], sizeof *b->at * (size_t)(b->count - i - 2));
        /* The '?' goes, so that no literal stands behind value i but the one behind the query. */
        char *mark = b->literals + b->literal_from[i + 1];
        memmove(mark, mark + 1, (size_t)(b->literals + b->literals_n - mark - 1));
        b->literals_n--;
        for (int k = i + 2; k <= b->count; k++)
            b->literal_from[k]--;
        memmove(&b->literal_from[i + 1], &b->literal_from[i + 2],
                sizeof *b->literal_from * (size_t)(b->count - i - 1));
        b->count--;
    }
}

/* ---- which value fills a field ---- */

static int winner(const struct builder *b, enum slot slot)
{
    int best = -1;
    for (int i = 0; i < b->count; i++)
        if (b->values[i].slot == slot && (best < 0 || b->values[i].rank < b->values[best].rank))
            best = i;
    return best;
}

static void become_extra(struct value *v)
{
    v->slot = SLOT_EXTRA;
    v->kind = STEP_EXTRA;
}

static void losers_become_extras(struct builder *b)
{
    int request = winner(b, SLOT_REQUEST), target = winner(b, SLOT_TARGET);
    bool whole = request >= 0 || target < 0 || b->values[target].rank == 0;
    for (int i = 0; i < b->count; i++) {
        struct value *v = &b->values[i];
        bool part = v->slot == SLOT_METHOD || v->slot == SLOT_TARGET || v->slot == SLOT_VERSION;
        if (v->slot == SLOT_EXTRA || v->slot == SLOT_SKIP || v->slot == SLOT_TIME)
            continue;
        if ((part && request >= 0) || (v->slot == SLOT_QUERY && whole))
            become_extra(v);
    }
    for (enum slot slot = SLOT_PEER; slot < SLOT_COUNT; slot++) {
        int best = winner(b, slot);
        for (int i = 0; i < b->count; i++)
            if (b->values[i].slot == slot && i != best && slot != SLOT_TIME)
                become_extra(&b->values[i]);
    }
}

/* Cookies and headers first: a site profile may ask for those. */
static void limit_extras(struct builder *b)
{
    int room = EVENT_EXTRAS_MAX - (winner(b, SLOT_IDENT) >= 0) - (winner(b, SLOT_HOST) >= 0),
        kept = 0;
    struct str dropped = STR_NONE;
    bool keep[PROGRAM_STEPS_MAX] = {false};
    for (int other = 0; other <= 1; other++)
        for (int i = 0; i < b->count; i++) {
            const struct value *v = &b->values[i];
            if (v->slot == SLOT_EXTRA && (v->extra == EXTRA_OTHER) == (other == 1) && kept < room) {
                keep[i] = true;
                kept++;
            }
        }
    for (int i = 0; i < b->count; i++) {
        struct value *v = &b->values[i];
        if (v->slot != SLOT_EXTRA || keep[i])
            continue;
        v->slot = SLOT_SKIP;
        v->kind = STEP_SKIP;
        dropped = arena_printf(b->format->arena, "%.*s%s%.*s", STR_ARG(dropped),
                               dropped.n > 0 ? ", " : "", STR_ARG(v->name));
    }
    if (dropped.n > 0)
        b->format->note =
            arena_printf(b->format->arena, "values that are read over, beyond the first %d: %.*s",
                         room, STR_ARG(dropped));
}

/* ---- the stamp ---- */

struct clock {
    int whole, fraction; /* values, or -1 */
    bool parts, zone;
};

static struct clock clock_find(const struct builder *b, uint8_t which)
{
    struct clock c = {.whole = -1, .fraction = -1};
    uint32_t parts = 0;
    for (int i = 0; i < b->count; i++) {
        const struct value *v = &b->values[i];
        if (v->slot != SLOT_TIME || v->which != which)
            continue;
        if (v->kind == STEP_PART)
            parts |= 1u << (v->unit_us == DATE_MONTH_NAME ? DATE_MONTH : v->unit_us);
        else if (v->kind == STEP_FRACTION)
            c.fraction = i;
        else if (c.whole < 0 || v->resolution_us < b->values[c.whole].resolution_us)
            c.whole = i;
    }
    uint32_t needed = 1u << DATE_YEAR | 1u << DATE_MONTH | 1u << DATE_DAY | 1u << DATE_HOUR |
                      1u << DATE_MINUTE | 1u << DATE_SECOND;
    c.parts = (parts & needed) == needed;
    c.zone = c.whole >= 0 || (parts & 1u << DATE_ZONE) != 0;
    return c;
}

static bool choose_time(struct builder *b, struct program *g, struct str *why)
{
    struct log_format *f = b->format;
    struct clock c = clock_find(b, 0);
    if (c.whole < 0 && !c.parts) {
        c = clock_find(b, 1);
        g->which = 1;
    }
    if (c.whole < 0 && !c.parts) {
        *why = arena_printf(f->arena, "the format string has no complete time stamp: %.*s",
                            STR_ARG(b->source));
        return false;
    }
    f->resolution_us = c.whole >= 0 ? b->values[c.whole].resolution_us : 1000000;
    g->from_parts = c.whole < 0;
    g->from_fraction = c.fraction >= 0 && f->resolution_us == 1000000;
    g->assembles_time = g->from_parts || g->from_fraction;
    if (g->from_fraction)
        f->resolution_us = b->values[c.fraction].resolution_us;
    f->zone_in_line = c.zone;
    for (int i = 0; i < b->count; i++) {
        const struct value *v = &b->values[i];
        bool piece = v->kind == STEP_PART || (v->kind == STEP_FRACTION && g->from_fraction);
        bool counts = v->slot == SLOT_TIME && v->which == g->which;
        g->steps[i].chosen = counts && (i == c.whole || (piece && g->assembles_time));
        if (g->steps[i].chosen)
            f->meaning = v->meaning;
    }
    return true;
}

/* ---- where a value ends ---- */

static uint8_t part_width(enum date_part part)
{
    static const uint8_t width[] = {[DATE_YEAR] = 4,   [DATE_MONTH] = 2, [DATE_MONTH_NAME] = 3,
                                    [DATE_DAY] = 2,    [DATE_HOUR] = 2,  [DATE_MINUTE] = 2,
                                    [DATE_SECOND] = 2, [DATE_ZONE] = 5,  [DATE_WEEKDAY] = 3};
    return width[part];
}

static uint8_t fixed_width(const struct value *v)
{
    switch (v->kind) {
    case STEP_CLF:
        return STAMP_CLF_LENGTH;
    case STEP_PART:
        return part_width((enum date_part)v->unit_us);
    case STEP_FRACTION:
        return v->unit_us == 1000 ? 3 : 6;
    case STEP_TEXT:
    case STEP_EXTRA:
    case STEP_SKIP:
    case STEP_MORE:
    case STEP_PEER:
    case STEP_PORT:
    case STEP_IDENT:
    case STEP_REQUEST:
    case STEP_METHOD:
    case STEP_QUERY:
    case STEP_VERSION:
    case STEP_STATUS:
    case STEP_BYTES:
    case STEP_DURATION:
    case STEP_HOST:
    case STEP_ISO:
    case STEP_EPOCH:
    default:
        return 0;
    }
}

static bool choose_scan(const struct builder *b, int i, struct step *s, struct str *why)
{
    const struct value *v = &b->values[i], *next = i + 1 < b->count ? v + 1 : NULL;
    ptrdiff_t from = b->literal_from[i + 1];
    bool opened = from > b->literal_from[i] && b->literals[from - 1] == '"';
    s->width = fixed_width(v);
    s->scan = SCAN_UNTIL;
    if (s->width > 0 || v->kind == STEP_MORE)
        s->scan = SCAN_FIXED;
    else if (opened && s->stop == '"')
        s->scan = next == NULL && s->literal.n == 1 ? SCAN_QUOTED_LAST : SCAN_QUOTED;
    else if (v->list && (s->stop == ' ' || (s->literal.n == 0 && next == NULL)))
        s->scan = SCAN_LIST;
    else if (s->literal.n == 0 && next == NULL)
        s->scan = SCAN_REST;
    else if (s->literal.n == 0 && next->slot == SLOT_TARGET)
        s->scan = SCAN_SLASH;
    else if (s->literal.n == 0) {
        *why = format_error(b->format->arena, "two values with nothing between them", b->source,
                            b->at[i]);
        return false;
    }
    return true;
}

static enum follow_kind choose_follow(const struct step *next)
{
    switch (next->kind) {
    case STEP_STATUS:
    case STEP_BYTES:
    case STEP_PORT:
    case STEP_DURATION:
    case STEP_EPOCH:
        return FOLLOW_NUMBER;
    case STEP_CLF:
        return FOLLOW_CLF;
    case STEP_ISO:
        return FOLLOW_ISO;
    case STEP_PART:
        return FOLLOW_PART;
    case STEP_VERSION:
        return FOLLOW_VERSION;
    case STEP_MORE:
        return FOLLOW_FIELDS;
    case STEP_TEXT:
    case STEP_EXTRA:
    case STEP_SKIP:
    case STEP_PEER:
    case STEP_IDENT:
    case STEP_REQUEST:
    case STEP_METHOD:
    case STEP_QUERY:
    case STEP_HOST:
    case STEP_FRACTION:
    default:
        return FOLLOW_ANY;
    }
}

static void set_literal(struct step *s, struct str literal)
{
    s->literal = literal;
    s->stop = literal.n > 0 ? literal.p[0] : '\0';
    size_t n = literal.n < 8 ? (size_t)literal.n : 8;
    memcpy(&s->literal_word, literal.p, n);
    memset(&s->literal_mask, 0xff, n);
}

static bool make_steps(struct builder *b, struct program *g, struct str *why)
{
    g->steps = ARENA_ARRAY(b->format->arena, struct step, b->count);
    g->count = b->count;
    g->prefix = (struct str){b->literals, b->count > 0 ? b->literal_from[1] : b->literals_n};
    for (int i = 0; i < b->count; i++) {
        const struct value *v = &b->values[i];
        struct step *s = &g->steps[i];
        *s = (struct step){.kind = v->kind,
                           .which = v->which,
                           .unit_us = v->unit_us,
                           .extra = v->extra,
                           .name = v->name,
                           .bit = slot_field[v->slot].bits,
                           .offset = slot_field[v->slot].offset};
        s->decode = g->escaping == ESCAPING_JSON_DECODED;
        set_literal(s, literal_behind(b, i));
        if (!choose_scan(b, i, s, why))
            return false;
        g->blank.has |= s->bit | (v->slot == SLOT_QUERY ? HAS(TARGET) : 0);
        if (v->slot == SLOT_EXTRA && v->extra == EXTRA_COOKIE)
            g->blank.has |= HAS(COOKIES);
        g->joins_query |= v->slot == SLOT_QUERY;
    }
    for (int i = 0; i < b->count; i++)
        g->steps[i].follow = i + 1 < b->count ? choose_follow(&g->steps[i + 1]) : FOLLOW_END;
    g->literal_bits = 8 * (uint32_t)b->literals_n;
    return true;
}

static bool slot_filled(const struct builder *b, enum slot slot)
{
    bool of_request = slot == SLOT_METHOD || slot == SLOT_TARGET || slot == SLOT_QUERY || slot == SLOT_VERSION;
    for (int i = 0; i < b->count && i < PROGRAM_STEPS_MAX; i++)
        if (b->values[i].slot == slot || (of_request && b->values[i].slot == SLOT_REQUEST))
            return true;
    return false;
}

bool builder_name_meant(struct builder *b, int i, struct str name, const struct named_value *known, size_t count,
                        struct str *why)
{
    for (size_t k = 0; k < count; k++) {
        enum slot slot = known[k].value.slot;
        if (slot == SLOT_SKIP || str_distance(name, known[k].name) > SLIPS_MAX || slot_filled(b, slot))
            continue;
        const char *sigil = b->source.p[b->at[i]] == '$' ? "$" : "";
        *why = arena_printf(b->format->arena, "unknown name %s%.*s at byte %td of the format string; did you mean %s%.*s?",
                            sigil, STR_ARG(name), b->at[i] + 1, sigil, STR_ARG(known[k].name));
        return false;
    }
    return true;
}

/* A quote that is opened and never closed swallows what stands behind it in every line. */
static bool quotes_close(struct builder *b, struct str *why)
{
    int quotes = 0;
    for (ptrdiff_t i = 0; i < b->literals_n; i++)
        quotes += b->literals[i] == '"';
    if (quotes % 2 == 0)
        return true;
    ptrdiff_t last = b->source.n;
    while (last > 0 && b->source.p[last - 1] != '"')
        last--;
    *why = format_error(b->format->arena, "a quote that is never closed", b->source, last > 0 ? last - 1 : 0);
    return false;
}

bool builder_close(struct builder *b, struct str *why)
{
    struct log_format *f = b->format;
    struct program *g = ARENA_NEW(f->arena, struct program);
    if (b->count > PROGRAM_STEPS_MAX) {
        *why =
            arena_printf(f->arena, "more than %d values in the format string", PROGRAM_STEPS_MAX);
        return false;
    }
    if (!quotes_close(b, why))
        return false;
    join_targets(b);
    losers_become_extras(b);
    limit_extras(b);
    g->escaping = f->escaping;
    g->tz_offset_s = f->tz_offset_s;
    if (!make_steps(b, g, why) || !choose_time(b, g, why))
        return false;
    bool peer = (g->blank.has & HAS(PEER)) != 0;
    g->blank.client_rule = (uint8_t)(peer ? CLIENT_PEER : CLIENT_NONE);
    g->blank.meaning = (uint8_t)f->meaning;
    g->blank.resolution_us = f->resolution_us;
    g->blank.escaping = (uint8_t)f->escaping;
    g->blank_bytes = offsetof(struct event, extras) - offsetof(struct event, time_us);
    f->fields = g->blank.has;
    f->program = g;
    return true;
}
