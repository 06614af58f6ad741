/* match.c: a path against all templates of a profile at once.
 *
 * A mask holds the steps that still agree; after each segment it is cut down to those whose
 * template accepts the segment there.  No step is visited twice, there is no backtracking and no
 * allocation. */
#include "analyzer/site/index.h"

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

static inline bool same_text(struct str a, struct str b) /* both not empty */
{
    return a.n == b.n && a.p[0] == b.p[0] && memcmp(a.p, b.p, (size_t)a.n) == 0;
}

static inline uint64_t accepting(const struct segment_rules *r, struct str segment, uint64_t among)
{
    uint64_t steps = r->any;
    for (size_t i = 0; i < r->literals_count; i++)
        if (same_text(r->literals[i].text, segment)) {
            steps |= r->literals[i].steps;
            break;
        }
    for (size_t i = 0; i < r->patterns_count; i++)
        if ((r->patterns[i].steps & among) != 0 && pattern_fits(&r->patterns[i], segment))
            steps |= r->patterns[i].steps;
    return steps & among;
}

/* Segments of the prefix the path starts with; prefixes hold no empty segments. */
static size_t prefix_segments(const struct site *s, struct str path)
{
    for (size_t i = 0; i < s->prefixes_count; i++) {
        struct str prefix = s->prefixes[i];
        if (path.n < prefix.n || path.p[1] != prefix.p[1] || !str_starts(path, prefix) ||
            (path.n > prefix.n && path.p[prefix.n] != '/'))
            continue;
        size_t segments = 0;
        for (ptrdiff_t k = 0; k < prefix.n; k++)
            segments += prefix.p[k] == '/';
        return segments;
    }
    return 0;
}

uint64_t site_match_bits(const struct site *s, const struct site_path *p, uint64_t among)
{
    const struct site_index *x = s->index;
    uint64_t done = 0;
    size_t depth = 0;
    if (p->path.p == NULL || among == 0)
        return 0;
    for (size_t i = prefix_segments(s, p->path); i < p->count; i++) {
        done |= among & x->rests[depth];
        among = depth < SITE_SEGMENTS_MAX ? accepting(&x->at[depth], p->segments[i], among) : 0;
        if (among == 0)
            return done;
        depth++;
    }
    return done | (among & (x->ends[depth] | x->rests[depth]));
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
    struct site_path p;
    if (path.p == NULL)
        return 0;
    site_path_cut_clean(path, &p);
    uint64_t among = s->index->by_method[method_of(method)];
    return site_step_of(s->index, site_match_bits(s, &p, among));
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

bool site_has_asset_extension(const struct site_index *x, struct str path)
{
    uint64_t key = site_packed_extension(path);
    if (key == 0)
        return false;
    for (size_t i = site_extension_slot(key); x->extensions[i] != 0; i = (i + 1) % SITE_EXTENSIONS_SLOTS)
        if (x->extensions[i] == key)
            return true;
    return false;
}

bool site_is_asset(const struct site_index *x, struct str path)
{
    if (site_has_asset_extension(x, path))
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
