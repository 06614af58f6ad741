/* terminal.h: words, numbers and columns for people at a terminal.
 *
 * Text handed in must be safe to show (out_escaped); widths are counted in code points, which is
 * what a terminal shows for the languages used here. */
#ifndef VIGIE_REPORTS_TERMINAL_H
#define VIGIE_REPORTS_TERMINAL_H

#include "analyzer/base/lang.h"
#include "analyzer/base/out.h"

enum term_style { TERM_PLAIN, TERM_BOLD, TERM_DIM, TERM_RED, TERM_YELLOW, TERM_GREEN, TERM_STYLES };

struct term {
    struct out *o;
    struct arena *arena; /* of the strings made below */
    enum lang lang;
    bool color;
    int width;
};

struct noun {
    struct text one, many;
};

int term_cells(struct str s);
void term_styled(struct term *t, enum term_style style, struct str s);
/* s in a column: left-aligned for a positive width, right-aligned for a negative one. */
void term_column(struct term *t, struct str s, int width);
/* Breaks text at spaces; the first line starts with `lead` in its style, the rest at `indent`. */
void term_wrap(struct term *t, enum term_style style, struct str lead, int indent, struct str text);

/* 12,345 or 12 345 with U+202F. */
struct str term_count(struct term *t, uint64_t n);
/* "3 sessions", "1 session"; English has its plural for 0, French not. */
struct str term_counted(struct term *t, uint64_t n, const struct noun *noun);
/* "1.2 MB", "1,2 Mo": powers of 1000. */
struct str term_bytes(struct term *t, uint64_t n);
/* "0.4 s", "7 s", "3 min 14 s", "2 h 05 min", "3 d 4 h". */
struct str term_span(struct term *t, int64_t us);
/* "2026-03-01 08:00:00", "01/03/2026 08:00:00". */
struct str term_time(struct term *t, int64_t us);
/* Escaped for a terminal; what is missing becomes "-". */
struct str term_safe(struct term *t, struct str s);
/* At most `cells` wide, the middle replaced by an ellipsis. */
struct str term_fit(struct term *t, struct str s, int cells);

#endif
