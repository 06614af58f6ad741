/* bid.c: the formats that are known without a format string, and how well lines fit them.
 *
 * A format is tried on the lines in earnest: what it can read gives the bits that were verified in
 * it, what it cannot read gives none.  A few lines of junk therefore cost little, but a format that
 * reads less than a quarter of the lines is not this one. */
#include "parsers/log/program.h"

enum { FITTING_LINES_MIN_QUARTERS = 1 };

bool builtin_open(struct log_format *f, struct str log_format, enum builtin_tail tail,
                  struct str *why)
{
    struct builder b;
    f->escaping = ESCAPING_APACHE;
    builder_open(&b, f, log_format);
    if (!apache_compile(&b, why))
        return false;
    if (tail == TAIL_FURTHER_FIELDS)
        builder_value(&b, log_format.n, &(struct value){.kind = STEP_MORE, .slot = SLOT_SKIP});
    if (!builder_close(&b, why))
        return false;
    f->meaning = TIME_MEANS_UNKNOWN;
    ((struct program *)f->program)->blank.meaning = TIME_MEANS_UNKNOWN;
    return true;
}

/* The next line worth judging: empty lines and comments say nothing.  Missing at the end; a last
 * line that the sample cut off counts only when it is the first. */
static struct str sample_line(struct str *rest, bool first)
{
    while (rest->n > 0) {
        struct str line, after = str_cut(*rest, '\n', &line);
        if (after.p == NULL && !first)
            break;
        *rest = after;
        if (line.n > 0 && line.p[line.n - 1] == '\r')
            line.n--;
        if (line.n > 0 && line.p[0] != '#')
            return line;
    }
    return STR_NONE;
}

static uint32_t line_bits(const struct log_format *f, const struct event *e)
{
    if (f->program != NULL && f->parser->line == program_line)
        return program_bits(f->program, e);
    uint32_t bits = 8 * (uint32_t)e->time_text.n;
    for (uint32_t has = e->has; has != 0; has &= has - 1)
        bits += 32;
    return bits;
}

uint32_t format_bid(const struct log_parser *p, struct str lines)
{
    struct arena a = {.chunk_len = 8192};
    struct str why, rest = lines;
    struct log_thread thread = {0};
    struct log_format f = {.parser = p, .arena = &a};
    struct event e = {0};
    uint64_t bits = 0;
    uint32_t seen = 0, fit = 0;
    if (p->open(&f, STR_NONE, &why)) {
        while (seen < SAMPLE_LINES_MAX && lines.n - rest.n < SAMPLE_BYTES_MAX) {
            struct str line = sample_line(&rest, seen == 0);
            if (line.p == NULL)
                break;
            seen++;
            if (log_line(&f, &thread, &a, line, &e) == REJECT_NONE) {
                fit++;
                bits += line_bits(&f, &e);
            }
        }
    }
    arena_free(&a);
    if (fit == 0 || 4 * fit < FITTING_LINES_MIN_QUARTERS * seen)
        return 0;
    return bits > UINT32_MAX ? UINT32_MAX : (uint32_t)bits;
}
