/* str.h: text as a slice; never NUL-terminated, never written through.
 *
 * A slice with p == NULL is "missing"; p != NULL with n == 0 is "empty".  The two are different
 * facts about a log line.  Slices own nothing: whoever made the bytes says how long they live. */
#ifndef VIGIE_BASE_STR_H
#define VIGIE_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
    const char *p;
    ptrdiff_t n;
};

#define STR(literal) ((struct str){(literal), (ptrdiff_t)sizeof(literal) - 1})
#define STR_INIT(literal) {(literal), (ptrdiff_t)sizeof(literal) - 1} /* inside initialisers of static tables */
#define STR_NONE ((struct str){NULL, 0})
/* printf("%.*s", STR_ARG(s)): only for text that is already known to be printable. */
#define STR_ARG(s) (int)(s).n, (s).p != NULL ? (s).p : ""

static inline bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, (size_t)a.n) == 0);
}

static inline bool str_starts(struct str s, struct str prefix)
{
    return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, (size_t)prefix.n) == 0);
}

static inline bool str_ends(struct str s, struct str suffix)
{
    return s.n >= suffix.n &&
           (suffix.n == 0 || memcmp(s.p + s.n - suffix.n, suffix.p, (size_t)suffix.n) == 0);
}

/* From a C string that the program itself made (argv, a literal); never on input. */
static inline struct str str_of(const char *c)
{
    return c == NULL ? STR_NONE : (struct str){c, (ptrdiff_t)strlen(c)};
}

/* The bytes [from, to) of s; both clamped into s. */
struct str str_sub(struct str s, ptrdiff_t from, ptrdiff_t to);
/* Index of the first c at or after from, or -1. */
ptrdiff_t str_find(struct str s, char c, ptrdiff_t from);
/* Index of the first occurrence of needle, or -1. */
ptrdiff_t str_find_str(struct str s, struct str needle);
/* Splits at the first c: *head before it, the rest after it.  Without c, *head = s and rest missing. */
struct str str_cut(struct str s, char c, struct str *head);
struct str str_trim(struct str s); /* ASCII space, tab, CR, LF at both ends */
/* Byte order, shorter first on a tie; for sorting. */
int str_cmp(struct str a, struct str b);
/* ASCII letters only; the locale plays no part. */
bool str_eq_nocase(struct str a, struct str b);
/* Whole slice as a decimal number without sign; false on anything else or on overflow. */
bool str_u64(struct str s, uint64_t *out);
bool str_i64(struct str s, int64_t *out); /* optional leading '-' */
/* Decimal seconds ("0.123", "12") as microseconds, truncating below 1 us; false on anything else. */
bool str_seconds_us(struct str s, int64_t *out);
/* 0-15, or -1. */
extern const uint8_t hex_values[256]; /* value + 1; 0: none */
static inline int hex_digit(char c)
{
    return (int)hex_values[(uint8_t)c] - 1;
}
/* True when every byte is part of well-formed UTF-8 (no surrogates, no over-long forms). */
bool str_utf8_valid(struct str s);
/* Edit distance (insert, delete, replace, swap), for "did you mean"; both cut at 64 bytes. */
int str_distance(struct str a, struct str b);

#endif
