/* terminal.c: words, numbers and columns for people at a terminal. */
#include "reports/terminal.h"

#include <stdio.h>

#include "analyzer/base/civil.h"

enum { GROUP = 3, DIGITS_MAX = 64, KILO = 1000 };
#define SECOND_US    INT64_C(1000000)
#define NARROW_SPACE "\xE2\x80\xAF" /* U+202F: groups of digits in French, and before units */
#define NO_BREAK     "\xC2\xA0"     /* U+00A0: a span stands on one line */
#define ELLIPSIS     "\xE2\x80\xA6"

static bool starts_character(char c)
{
    return ((unsigned char)c & 0xC0) != 0x80;
}

int term_cells(struct str s)
{
    int n = 0;
    for (ptrdiff_t i = 0; i < s.n; i++)
        n += starts_character(s.p[i]);
    return n;
}

void term_styled(struct term *t, enum term_style style, struct str s)
{
    static const char *const codes[TERM_STYLES] = {
        [TERM_PLAIN] = "",   [TERM_BOLD] = "1",      [TERM_DIM] = "2",
        [TERM_RED] = "1;31", [TERM_YELLOW] = "1;33", [TERM_GREEN] = "1;32",
    };
    const bool on = t->color && style != TERM_PLAIN;
    if (on)
        out_printf(t->o, "\x1b[%sm", codes[style]);
    out_str(t->o, s);
    if (on)
        out_text(t->o, "\x1b[0m");
}

static void spaces(struct out *o, int n)
{
    for (; n > 0; n--)
        out_char(o, ' ');
}

void term_column(struct term *t, struct str s, int width)
{
    const int pad = (width < 0 ? -width : width) - term_cells(s);
    if (width < 0)
        spaces(t->o, pad);
    out_str(t->o, s);
    if (width > 0)
        spaces(t->o, pad);
}

/* Whether French typography keeps the two on one line: a sign after its word, a guillemet before.
 */
static bool belong_together(struct str word, struct str rest)
{
    static const char signs[] = {';', ':', '!', '?'};
    if (rest.n == 0)
        return false;
    return memchr(signs, rest.p[0], sizeof signs) != NULL || str_starts(rest, STR("\xC2\xBB")) ||
           str_ends(word, STR("\xC2\xAB"));
}

static struct str next_word(struct str text, struct str *word)
{
    struct str rest = str_cut(text, ' ', word), more;
    while (belong_together(*word, rest)) {
        rest = str_cut(rest, ' ', &more);
        word->n = more.p + more.n - word->p;
    }
    return rest;
}

void term_wrap(struct term *t, enum term_style style, struct str lead, int indent, struct str text)
{
    int at = term_cells(lead);
    bool fresh = true; /* nothing on this line yet but its indent */
    term_styled(t, style, lead);
    for (struct str rest = text, word; rest.n > 0;) {
        rest = next_word(rest, &word);
        const int cells = term_cells(word);
        if (cells == 0)
            continue;
        if (!fresh && at + 1 + cells > t->width) {
            out_char(t->o, '\n');
            spaces(t->o, indent);
            at = indent;
            fresh = true;
        }
        if (!fresh)
            out_char(t->o, ' ');
        out_str(t->o, word);
        at += cells + !fresh;
        fresh = false;
    }
    out_char(t->o, '\n');
}

struct str term_count(struct term *t, uint64_t n)
{
    const char *mark = t->lang == LANG_FR ? NARROW_SPACE : ",";
    char digits[DIGITS_MAX];
    struct out o = out_memory();
    const int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % GROUP == 0)
            out_text(&o, mark);
        out_char(&o, digits[i]);
    }
    struct str s = arena_str(t->arena, out_slice(&o));
    out_close(&o);
    return s;
}

struct str term_counted(struct term *t, uint64_t n, const struct noun *noun)
{
    const bool one = lang_singular(t->lang, n);
    return arena_printf(t->arena, "%.*s %s", STR_ARG(term_count(t, n)),
                        SAY(one ? noun->one : noun->many, t->lang));
}

struct str term_bytes(struct term *t, uint64_t n)
{
    static const char *const units[LANG_COUNT][5] = {{"B", "kB", "MB", "GB", "TB"},
                                                     {"o", "ko", "Mo", "Go", "To"}};
    const char *gap = t->lang == LANG_FR ? NARROW_SPACE : " ";
    int unit = 0;
    uint64_t tenths = n * 10;
    if (n < KILO)
        return arena_printf(t->arena, "%u%s%s", (unsigned)n, gap, units[t->lang][0]);
    for (; tenths >= 10 * KILO && unit < 4; unit++)
        tenths = (tenths + KILO / 2) / KILO;
    return arena_printf(t->arena, "%llu%c%llu%s%s", (unsigned long long)(tenths / 10),
                        t->lang == LANG_FR ? ',' : '.', (unsigned long long)(tenths % 10), gap,
                        units[t->lang][unit]);
}

struct str term_span(struct term *t, int64_t us)
{
    const long long s = (long long)(us / SECOND_US);
    const char *gap = t->lang == LANG_FR ? NARROW_SPACE : NO_BREAK;
    const char *day = t->lang == LANG_FR ? "j" : "d";
    if (us < SECOND_US)
        return arena_printf(t->arena, "0%c%lld%ss", t->lang == LANG_FR ? ',' : '.',
                            (long long)(us / (SECOND_US / 10)), gap);
    if (s < 60)
        return arena_printf(t->arena, "%lld%ss", s, gap);
    if (s < 3600)
        return arena_printf(t->arena, "%lld%smin" NO_BREAK "%02lld%ss", s / 60, gap, s % 60, gap);
    if (s < 86400)
        return arena_printf(t->arena, "%lld%sh" NO_BREAK "%02lld%smin", s / 3600, gap, s / 60 % 60, gap);
    return arena_printf(t->arena, "%lld%s%s" NO_BREAK "%lld%sh", s / 86400, gap, day, s / 3600 % 24, gap);
}

struct str term_time(struct term *t, int64_t us)
{
    const struct civil c = civil_from_us(us);
    if (t->lang == LANG_FR)
        return arena_printf(t->arena, "%02d/%02d/%04d %02d:%02d:%02d", c.day, c.month, c.year,
                            c.hour, c.minute, c.second);
    return arena_printf(t->arena, "%04d-%02d-%02d %02d:%02d:%02d", c.year, c.month, c.day, c.hour,
                        c.minute, c.second);
}

struct str term_safe(struct term *t, struct str s)
{
    struct out o = out_memory();
    out_escaped(&o, s.p != NULL ? s : STR("-"));
    struct str safe = arena_str(t->arena, out_slice(&o));
    out_close(&o);
    return safe;
}

/* Byte position of the n-th character. */
static ptrdiff_t cell_at(struct str s, int n)
{
    ptrdiff_t i = 0;
    for (; i < s.n; i++)
        if (starts_character(s.p[i]) && n-- == 0)
            break;
    return i;
}

struct str term_fit(struct term *t, struct str s, int cells)
{
    const int all = term_cells(s);
    if (all <= cells)
        return s;
    const int head = (cells - 1) / 3,
              tail = cells - 1 - head; /* a path's end says more than its start */
    const ptrdiff_t from = cell_at(s, head), to = cell_at(s, all - tail);
    return arena_printf(t->arena, "%.*s" ELLIPSIS "%.*s", (int)from, s.p, (int)(s.n - to),
                        s.p + to);
}
