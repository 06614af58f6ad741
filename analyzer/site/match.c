/* match.c: a path against all templates of a profile at once.
 *
 * One pass over the segments, a mask of the steps that still agree, no backtracking: after each
 * segment the mask is cut down to the steps whose template accepts it there.  Empty segments count
 * for nothing, so a trailing slash and doubled slashes do not matter (the servers merge them).  The
 * pass stops at the first byte that needs cleaning (an escape, a percent, a ;parameter, a dot
 * segment); only then is the path copied, cleaned as the servers would, and walked again. */
#include "analyzer/site/index.h"

enum { STOP_NO, STOP_SLASH, STOP_DIRTY };

static const uint8_t stops_logged[256] = {
    ['/'] = STOP_SLASH, ['%'] = STOP_DIRTY, [';'] = STOP_DIRTY, ['\\'] = STOP_DIRTY};
static const uint8_t stops_clean[256] = {['/'] = STOP_SLASH};

static bool pattern_fits(const struct segment_pattern *p, struct str segment)
{
    struct str head = p->literals[0], tail = p->literals[p->count - 1];
    if (segment.n < head.n + tail.n + 1 || !str_starts(segment, head) || !str_ends(segment, tail))
        return false;
    struct str left = str_sub(segment, head.n, segment.n - tail.n);
    for (size_t i = 1; i + 1 < p->count; i++) {
        /* The leftmost place is the best one: it leaves the most for what follows. */
        ptrdiff_t at = str_find_str(str_sub(left, 1, left.n), p->literals[i]);
        if (at < 0)
            return false;
        left = str_sub(left, 1 + at + p->literals[i].n, left.n);
    }
    return left.n > 0;
}

static uint64_t accepting(const struct segment_rules *r, struct str segment, uint64_t among)
{
    uint64_t steps = r->any;
    for (size_t i = 0; i < r->literals_count; i++)
        if (str_eq(r->literals[i].text, segment)) {
            steps |= r->literals[i].steps;
            break;
        }
    for (size_t i = 0; i < r->patterns_count; i++)
        if ((r->patterns[i].steps & among) != 0 && pattern_fits(&r->patterns[i], segment))
            steps |= r->patterns[i].steps;
    return steps & among;
}

static bool is_dots(struct str segment)
{
    return segment.n > 0 && segment.n <= 2 && segment.p[0] == '.' &&
           segment.p[segment.n - 1] == '.';
}

/* Whether cleaning could change what stands from at on. */
static bool tail_is_dirty(struct str path, ptrdiff_t at)
{
    for (ptrdiff_t i = at; i < path.n; i++) {
        uint8_t stop = stops_logged[(uint8_t)path.p[i]];
        if (stop == STOP_DIRTY || (stop == STOP_SLASH && i + 1 < path.n && path.p[i + 1] == '.'))
            return true;
    }
    return at > 0 && at < path.n && path.p[at] == '.';
}

/* False when the path must be cleaned first. */
static bool walk(const struct site_index *x, const uint8_t *stops, struct str path, uint64_t among,
                 uint64_t *found)
{
    uint64_t done = 0;
    size_t depth = 0;
    ptrdiff_t i = 0;
    while (among != 0 && i < path.n) {
        ptrdiff_t from = i;
        while (i < path.n && stops[(uint8_t)path.p[i]] == STOP_NO)
            i++;
        struct str segment = {path.p + from, i - from};
        if (stops == stops_logged &&
            ((i < path.n && stops[(uint8_t)path.p[i]] == STOP_DIRTY) || is_dots(segment)))
            return false;
        i++;
        if (segment.n == 0)
            continue;
        done |= among & x->rests[depth];
        among = depth < SITE_SEGMENTS_MAX ? accepting(&x->at[depth], segment, among) : 0;
        depth++;
    }
    if (among != 0)
        done |= among & (x->ends[depth] | x->rests[depth]);
    *found = done;
    return among != 0 || stops == stops_clean || !tail_is_dirty(path, i);
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

static struct str clean(struct arena *a, enum escaping escaping, struct str path)
{
    bool lies = false;
    struct str s = event_unescape(a, escaping, path, &lies);
    char *p = ARENA_ARRAY(a, char, s.n + 1);
    ptrdiff_t n = 0;
    bool parameter = false;
    for (ptrdiff_t i = 0; i < s.n; i++) {
        parameter = s.p[i] == ';' || (parameter && s.p[i] != '/');
        if (!parameter)
            p[n++] = s.p[i];
    }
    struct str decoded = site_percent_decode(a, (struct str){p, n}, SITE_PLUS_LITERAL);
    if (decoded.n > 0)
        memmove(p, decoded.p, (size_t)decoded.n); /* never longer than what it was made from */
    return (struct str){p, resolve_dots(p, decoded.n)};
}

static struct str without_prefix(const struct site *s, struct str path)
{
    for (size_t i = 0; i < s->prefixes_count; i++) {
        struct str prefix = s->prefixes[i];
        if (str_starts(path, prefix) && (path.n == prefix.n || path.p[prefix.n] == '/'))
            return str_sub(path, prefix.n, path.n);
    }
    return path;
}

uint64_t site_match_bits(const struct site *s, struct arena *a, enum escaping escaping,
                         struct str path, uint64_t among)
{
    uint64_t found = 0;
    if (path.p == NULL || among == 0)
        return 0;
    if (a == NULL) {
        walk(s->index, stops_clean, without_prefix(s, path), among, &found);
        return found;
    }
    if (walk(s->index, stops_logged, without_prefix(s, path), among, &found))
        return found;
    walk(s->index, stops_clean, without_prefix(s, clean(a, escaping, path)), among, &found);
    return found;
}

int site_step_of(const struct site_index *x, uint64_t bits)
{
    return bits == 0 ? 0 : x->step[__builtin_ctzll(bits)] + 1;
}

static enum method method_of(struct str name)
{
    static const struct {
        struct str name;
        enum method method;
    } methods[] = {
        {STR_INIT("GET"), METHOD_GET},         {STR_INIT("POST"), METHOD_POST},
        {STR_INIT("HEAD"), METHOD_HEAD},       {STR_INIT("PUT"), METHOD_PUT},
        {STR_INIT("PATCH"), METHOD_PATCH},     {STR_INIT("DELETE"), METHOD_DELETE},
        {STR_INIT("OPTIONS"), METHOD_OPTIONS},
    };
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (str_eq(methods[i].name, name))
            return methods[i].method;
    return METHOD_OTHER;
}

int site_match(const struct site *s, struct str method, struct str path)
{
    uint64_t among = s->index->by_method[method_of(method)];
    return site_step_of(s->index, site_match_bits(s, NULL, ESCAPING_NONE, path, among));
}

uint64_t site_packed_extension(struct str path)
{
    uint64_t key = 0;
    ptrdiff_t last = path.n - SITE_EXTENSION_BYTES_MAX;
    for (ptrdiff_t i = path.n - 1; i >= 0 && i >= last; i--) {
        char c = path.p[i];
        if (c == '/')
            return 0;
        key = key << 8 | (uint8_t)((uint8_t)c | 0x20U); /* letters in either case */
        if (c == '.')
            return key;
    }
    return 0;
}

static bool any_starts(const struct str *list, size_t count, struct str path)
{
    for (size_t i = 0; i < count; i++)
        if (str_starts(path, list[i]))
            return true;
    return false;
}

static bool any_equal(const struct str *list, size_t count, struct str path)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(path, list[i]))
            return true;
    return false;
}

bool site_is_asset(const struct site_index *x, struct str path)
{
    uint64_t key = site_packed_extension(path);
    if (key != 0)
        for (size_t i = site_extension_slot(key); x->extensions[i] != 0;
             i = (i + 1) % SITE_EXTENSIONS_SLOTS)
            if (x->extensions[i] == key)
                return true;
    if (path.n > 1 && x->folder_starts[(uint8_t)path.p[1]] &&
        (any_starts(x->folders, x->folders_count, path) ||
         any_equal(x->files, x->files_count, path)))
        return true;
    for (size_t i = 0; i < x->suffixes_count; i++)
        if (str_ends(path, x->suffixes[i]))
            return true;
    return false;
}
