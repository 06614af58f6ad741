/* path.c: request targets to paths and their segments (RFC 9112 section 3.2, RFC 3986).
 *
 * One pass over the bytes finds the segments, the end of the path and whether anything in it must
 * be cleaned (an escape of the log, a percent, a ;parameter, a dot segment).  Only then is the path
 * copied and brought to the form the servers act on. */
#include "analyzer/site/index.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum byte_class { BYTE_PLAIN, BYTE_SLASH, BYTE_END, BYTE_DIRTY };

static const uint8_t classes_logged[256] = {
    ['/'] = BYTE_SLASH, ['?'] = BYTE_END,   ['#'] = BYTE_END,
    ['%'] = BYTE_DIRTY, [';'] = BYTE_DIRTY, ['\\'] = BYTE_DIRTY};
static const uint8_t classes_clean[256] = {['/'] = BYTE_SLASH};

static bool is_dots(struct str segment)
{
    return segment.n > 0 && segment.n <= 2 && segment.p[0] == '.' &&
           segment.p[segment.n - 1] == '.';
}

/* Empty segments count for nothing: servers merge slashes, and a trailing one does not matter. */
static inline void add_segment(struct site_path *p, const char *from, const char *to)
{
    if (from == to)
        return;
    p->dirty |= *from == '.' && is_dots((struct str){from, to - from});
    if (p->count <= SITE_SEGMENTS_MAX)
        p->segments[p->count++] = (struct str){from, to - from};
}

/* One byte that is not plain; false at the path's end. */
static inline bool cut_at(struct site_path *p, const char *at, const char **from, const uint8_t *classes)
{
    uint8_t class = classes[(uint8_t)*at];
    if (class == BYTE_END)
        return false;
    if (class == BYTE_DIRTY) {
        p->dirty = true;
    } else if (class == BYTE_SLASH) {
        add_segment(p, *from, at);
        *from = at + 1;
    }
    return true;
}

#ifdef __SSE2__
enum special { SPECIAL_ALL, SPECIAL_BUT_SLASH };

/* A bit for each of the sixteen bytes at p that may not be plain. */
static inline unsigned special_bytes(const char *p, enum special which)
{
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i slash = _mm_cmpeq_epi8(v, _mm_set1_epi8('/')), query = _mm_cmpeq_epi8(v, _mm_set1_epi8('?'));
    __m128i hash = _mm_cmpeq_epi8(v, _mm_set1_epi8('#')), percent = _mm_cmpeq_epi8(v, _mm_set1_epi8('%'));
    __m128i semi = _mm_cmpeq_epi8(v, _mm_set1_epi8(';')), back = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));
    __m128i any = _mm_or_si128(_mm_or_si128(query, _mm_or_si128(hash, percent)), _mm_or_si128(semi, back));
    if (which == SPECIAL_ALL)
        any = _mm_or_si128(any, slash);
    return (unsigned)_mm_movemask_epi8(any);
}
#endif

static void cut(struct site_path *p, struct str s, const uint8_t *classes)
{
    const char *at = s.p, *end = s.p + s.n, *from = s.p, *stop = NULL;
    p->count = 0;
    p->dirty = false;
#ifdef __SSE2__
    for (; end - at >= 16 && stop == NULL; at += 16)
        for (unsigned bits = special_bytes(at, SPECIAL_ALL); bits != 0 && stop == NULL; bits &= bits - 1) {
            const char *byte = at + __builtin_ctz(bits);
            stop = cut_at(p, byte, &from, classes) ? NULL : byte;
        }
#endif
    for (; at < end && stop == NULL; at++)
        stop = cut_at(p, at, &from, classes) ? NULL : at;
    if (stop == NULL)
        stop = end;
    add_segment(p, from, stop);
    p->path = (struct str){s.p, stop - s.p};
}

bool site_path_plain(struct str target, struct str *path)
{
    ptrdiff_t i = 0;
    if (target.n == 0 || target.p[0] != '/')
        return false;
#ifdef __SSE2__
    while (target.n - i >= 16 && special_bytes(target.p + i, SPECIAL_BUT_SLASH) == 0)
        i += 16;
#endif
    while (i < target.n && (classes_logged[(uint8_t)target.p[i]] == BYTE_PLAIN || target.p[i] == '/'))
        i++;
    *path = (struct str){target.p, i};
    return i == target.n || classes_logged[(uint8_t)target.p[i]] == BYTE_END;
}

static bool starts_nocase(struct str s, struct str prefix)
{
    return s.n >= prefix.n && str_eq_nocase((struct str){s.p, prefix.n}, prefix);
}

static ptrdiff_t scheme_length(struct str s)
{
    if (str_starts(s, STR("https://")) || starts_nocase(s, STR("https://")))
        return 8;
    return str_starts(s, STR("http://")) || starts_nocase(s, STR("http://")) ? 7 : 0;
}

void site_path_cut(struct str target, struct site_path *p)
{
    p->path = p->query = p->authority = STR_NONE;
    p->count = 0;
    p->dirty = false;
    if (target.n == 0)
        return;
    if (target.p[0] != '/') {
        ptrdiff_t i = scheme_length(target), from = i;
        if (i == 0)
            return; /* "*", "host:port", or no target at all */
        while (i < target.n && target.p[i] != '/' && target.p[i] != '?' && target.p[i] != '#')
            i++;
        p->authority = (struct str){target.p + from, i - from};
        target = (struct str){target.p + i, target.n - i};
    }
    cut(p, target, classes_logged);
    if (p->path.n == target.n || target.p[p->path.n] == '#')
        return;
    p->query = str_sub(target, p->path.n + 1, target.n);
    ptrdiff_t fragment = str_find(p->query, '#', 0);
    if (fragment >= 0)
        p->query.n = fragment;
}

void site_path_cut_clean(struct str path, struct site_path *p)
{
    p->query = p->authority = STR_NONE;
    cut(p, path, classes_clean);
}

/* Resolves "." and ".." in place (RFC 3986 section 5.2.4) and returns the new length. */
static ptrdiff_t resolve_dots(char *p, ptrdiff_t n)
{
    ptrdiff_t out = 0;
    for (ptrdiff_t i = 0; i < n;) {
        ptrdiff_t from = i;
        while (i < n && p[i] != '/')
            i++;
        struct str segment = {p + from, i - from};
        if (is_dots(segment)) {
            out -= out > 1 && segment.n == 2; /* over the slash before, then over the segment */
            while (segment.n == 2 && out > 0 && p[out - 1] != '/')
                out--;
        } else {
            memmove(p + out, segment.p, (size_t)segment.n);
            out += segment.n;
            if (i < n)
                p[out++] = '/';
        }
        i++;
    }
    return out;
}

void site_path_clean(struct arena *a, enum escaping escaping, struct site_path *p)
{
    bool lies = false, parameter = false;
    struct str s = event_unescape(a, escaping, p->path, &lies);
    char *bytes = ARENA_ARRAY(a, char, s.n + 1);
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < s.n; i++) {
        parameter = s.p[i] == ';' || (parameter && s.p[i] != '/');
        if (!parameter)
            bytes[n++] = s.p[i];
    }
    struct str decoded = site_percent_decode(a, (struct str){bytes, n}, SITE_PLUS_LITERAL);
    if (decoded.n > 0)
        memmove(bytes, decoded.p, (size_t)decoded.n); /* never longer than what it was made from */
    cut(p, (struct str){bytes, resolve_dots(bytes, decoded.n)}, classes_clean);
    p->dirty = false;
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
