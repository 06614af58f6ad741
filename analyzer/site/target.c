/* target.c: request targets and percent-encoding (RFC 9112 section 3.2, RFC 3986 section 2.1). */
#include "analyzer/site/index.h"

static bool starts_nocase(struct str s, struct str prefix)
{
    return s.n >= prefix.n && str_eq_nocase(str_sub(s, 0, prefix.n), prefix);
}

/* From the byte after the authority on: "/path", "?query" or nothing. */
static struct str after_authority(struct str s)
{
    ptrdiff_t i = 0;
    while (i < s.n && s.p[i] != '/' && s.p[i] != '?' && s.p[i] != '#')
        i++;
    return str_sub(s, i, s.n);
}

struct str site_target_path(struct str target, struct str *query)
{
    *query = STR_NONE;
    if (target.n == 0)
        return STR_NONE;
    if (target.p[0] != '/') {
        if (starts_nocase(target, STR("http://")))
            target = after_authority(str_sub(target, 7, target.n));
        else if (starts_nocase(target, STR("https://")))
            target = after_authority(str_sub(target, 8, target.n));
        else
            return STR_NONE; /* "*", "host:port", or no target at all */
    }
    ptrdiff_t fragment = str_find(target, '#', 0);
    if (fragment >= 0)
        target = str_sub(target, 0, fragment);
    ptrdiff_t mark = str_find(target, '?', 0);
    if (mark < 0)
        return target;
    *query = str_sub(target, mark + 1, target.n);
    return str_sub(target, 0, mark);
}

struct str site_percent_decode(struct arena *a, struct str s, enum site_plus plus)
{
    if (str_find(s, '%', 0) < 0 && (plus == SITE_PLUS_LITERAL || str_find(s, '+', 0) < 0))
        return s;
    char *p = ARENA_ARRAY(a, char, s.n);
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        int high = c == '%' && i + 2 < s.n ? hex_digit(s.p[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(s.p[i + 2]) : -1;
        if (low >= 0) {
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && plus == SITE_PLUS_SPACE) {
            c = ' ';
        }
        p[n++] = c; /* a percent that starts no pair of digits stays as it is */
    }
    return (struct str){p, n};
}
