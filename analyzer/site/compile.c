/* compile.c: templates, asset rules and field names to what match.c and sight.c walk.
 *
 * A template is cut into segments: plain text, text around {parts}, one {name}, or a trailing
 * {rest...} that takes whatever is left.  Steps are ordered so that the most specific template owns
 * the lowest bit: segment by segment plain text before text around parts before {name} before
 * {rest...}, then a named method before "*", then the order of the file. */
#include "analyzer/site/index.h"

enum segment_kind { SEGMENT_TEXT, SEGMENT_PATTERN, SEGMENT_ANY, SEGMENT_REST };

struct segment {
    enum segment_kind kind;
    struct str literals[SITE_SEGMENT_PARTS_MAX + 1];
    size_t count; /* literals; one more than parts */
};
struct route {
    struct segment segments[SITE_SEGMENTS_MAX + 1];
    size_t count; /* with the trailing {rest...} */
};

static bool is_part_name(struct str s)
{
    if (str_ends(s, STR("...")))
        s = str_sub(s, 0, s.n - 3);
    for (ptrdiff_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') ||
              s.p[i] == '_'))
            return false;
    return s.n > 0;
}

static const char *check_text(struct str s)
{
    for (ptrdiff_t i = 0; i < s.n; i++)
        if ((uint8_t)s.p[i] <= ' ' || s.p[i] == 0x7F || memchr("?#%;\\}", s.p[i], 6) != NULL)
            return "a template is a decoded path: no '?', '#', '%', ';', '\\', '}', space or control byte in it";
    return NULL;
}

/* Adds one {part}; s starts behind its brace and is moved behind the closing one. */
static const char *take_part(struct str *s, struct segment *segment)
{
    ptrdiff_t close = str_find(*s, '}', 0);
    struct str name = str_sub(*s, 0, close);
    if (close < 0)
        return "a '{' without '}'";
    if (!is_part_name(name))
        return "a part is {name} or {name...}, with small letters, digits and '_'";
    *s = str_sub(*s, close + 1, s->n);
    if (str_ends(name, STR("..."))) {
        segment->kind = SEGMENT_REST;
        return s->n > 0 || segment->literals[0].n > 0 || segment->count > 1
                   ? "{rest...} must be a whole segment"
                   : NULL;
    }
    return segment->count > SITE_SEGMENT_PARTS_MAX ? "too many {parts} in one segment" : NULL;
}

static const char *take_segment(struct str s, struct segment *segment)
{
    *segment = (struct segment){0};
    for (;;) {
        ptrdiff_t open = str_find(s, '{', 0);
        struct str text = open < 0 ? s : str_sub(s, 0, open);
        const char *wrong = check_text(text);
        if (wrong != NULL)
            return wrong;
        if (segment->count > 0 && open >= 0 && text.n == 0)
            return "two {parts} need text between them";
        segment->literals[segment->count++] = text;
        if (open < 0)
            break;
        s = str_sub(s, open + 1, s.n);
        wrong = take_part(&s, segment);
        if (wrong != NULL || segment->kind == SEGMENT_REST)
            return wrong;
    }
    if (segment->count == 2 && segment->literals[0].n == 0 && segment->literals[1].n == 0)
        segment->kind = SEGMENT_ANY;
    else if (segment->count > 1)
        segment->kind = SEGMENT_PATTERN;
    return NULL;
}

static const char *take_route(struct str path, struct route *t)
{
    t->count = 0;
    if (path.n == 0 || path.p[0] != '/')
        return "a template starts with '/'";
    while (path.p != NULL) {
        struct str head;
        path = str_cut(path, '/', &head);
        if (head.n == 0)
            continue;
        if (t->count > 0 && t->segments[t->count - 1].kind == SEGMENT_REST)
            return "{rest...} must be the last segment";
        if (t->count == SITE_SEGMENTS_MAX)
            return "too many segments in a template";
        const char *wrong = take_segment(head, &t->segments[t->count++]);
        if (wrong != NULL)
            return wrong;
    }
    return NULL;
}

/* Negative: a is the more specific one; 0: they accept the same segments, up to the text itself. */
static int compare_shapes(const struct route *a, const struct route *b)
{
    for (size_t i = 0; i < a->count && i < b->count; i++)
        if (a->segments[i].kind != b->segments[i].kind)
            return a->segments[i].kind < b->segments[i].kind ? -1 : 1;
    bool a_rest = a->count > 0 && a->segments[a->count - 1].kind == SEGMENT_REST;
    bool b_rest = b->count > 0 && b->segments[b->count - 1].kind == SEGMENT_REST;
    if (a_rest != b_rest)
        return a_rest ? 1 : -1;
    return a->count == b->count ? 0 : a->count > b->count ? -1 : 1;
}

static bool same_route(const struct route *a, const struct route *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct segment *x = &a->segments[i], *y = &b->segments[i];
        if (x->kind != y->kind || (x->kind != SEGMENT_REST && x->count != y->count))
            return false;
        for (size_t j = 0; x->kind != SEGMENT_REST && j < x->count; j++)
            if (!str_eq(x->literals[j], y->literals[j]))
                return false;
    }
    return true;
}

static void add_literal(struct arena *a, struct segment_rules *r, struct str text, uint64_t bit)
{
    for (size_t i = 0; i < r->literals_count; i++)
        if (str_eq(r->literals[i].text, text)) {
            r->literals[i].steps |= bit;
            return;
        }
    if (r->literals == NULL)
        r->literals = ARENA_ARRAY(a, struct segment_literal, SITE_STEPS_MAX);
    r->literals[r->literals_count++] = (struct segment_literal){text, bit};
}

static void add_pattern(struct arena *a, struct segment_rules *r, const struct segment *s,
                        uint64_t bit)
{
    if (r->patterns == NULL)
        r->patterns = ARENA_ARRAY(a, struct segment_pattern, SITE_STEPS_MAX);
    struct str *literals = ARENA_ARRAY(a, struct str, s->count);
    memcpy(literals, s->literals, s->count * sizeof *literals);
    r->patterns[r->patterns_count++] = (struct segment_pattern){literals, s->count, bit};
}

static void add_step(struct arena *a, struct site_index *x, const struct route *t, uint64_t bit)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct segment *s = &t->segments[i];
        if (s->kind == SEGMENT_REST) {
            x->rests[i] |= bit;
            return;
        }
        if (s->kind == SEGMENT_ANY)
            x->at[i].any |= bit;
        else if (s->kind == SEGMENT_PATTERN)
            add_pattern(a, &x->at[i], s, bit);
        else
            add_literal(a, &x->at[i], s->literals[0], bit);
    }
    x->ends[t->count] |= bit;
}

static void add_method(struct site_index *x, struct str method, uint64_t bit)
{
    static const char *const names[METHOD_PATCH + 1] = {
        [METHOD_GET] = "GET",    [METHOD_POST] = "POST",     [METHOD_HEAD] = "HEAD",
        [METHOD_PUT] = "PUT",    [METHOD_DELETE] = "DELETE", [METHOD_OPTIONS] = "OPTIONS",
        [METHOD_PATCH] = "PATCH"};
    bool every = str_eq(method, STR("*"));
    for (size_t i = 0; i <= METHOD_PATCH; i++)
        if ((every && i != METHOD_NONE) || (names[i] != NULL && str_eq(method, str_of(names[i]))))
            x->by_method[i] |= bit;
    x->all |= bit;
}

static void sort_steps(const struct site *s, const struct route *t, uint8_t *order)
{
    for (size_t i = 0; i < s->steps_count; i++) {
        size_t j = i;
        for (; j > 0; j--) {
            size_t before = order[j - 1];
            int c = compare_shapes(&t[before], &t[i]);
            bool star_before = str_eq(s->steps[before].method, STR("*"));
            if (c < 0 || (c == 0 && !(star_before && !str_eq(s->steps[i].method, STR("*")))))
                break;
            order[j] = order[j - 1];
        }
        order[j] = (uint8_t)i;
    }
}

static struct str check_unique(struct arena *a, const struct site *s, const struct route *t,
                               size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (str_eq(s->steps[i].method, s->steps[j].method) && same_route(&t[i], &t[j]))
            return arena_printf(a, "the step \"%.*s\" has the same method and path",
                                STR_ARG(s->steps[j].name));
    return STR_NONE;
}

static void index_assets(struct arena *a, const struct site *s, struct site_index *x)
{
    x->suffixes = ARENA_ARRAY(a, struct str, s->assets_count + 1);
    x->folders = ARENA_ARRAY(a, struct str, s->assets_count + 1);
    x->files = ARENA_ARRAY(a, struct str, s->assets_count + 1);
    size_t short_ones = 0;
    for (size_t i = 0; i < s->assets_count; i++) {
        struct str rule = s->assets[i];
        if (rule.p[0] == '/') {
            bool folder = rule.n > 1 && rule.p[rule.n - 1] == '/';
            x->folder_starts[(uint8_t)rule.p[1]] = true;
            if (folder)
                x->folders[x->folders_count++] = rule;
            else
                x->files[x->files_count++] = rule;
            continue;
        }
        uint64_t key = str_find(rule, '.', 1) < 0 ? site_packed_extension(rule) : 0;
        if (key == 0 || short_ones == SITE_EXTENSIONS_SLOTS / 2) {
            x->suffixes[x->suffixes_count++] = rule;
            continue;
        }
        size_t slot = site_extension_slot(key);
        while (x->extensions[slot] != 0)
            slot = (slot + 1) % SITE_EXTENSIONS_SLOTS;
        x->extensions[slot] = key;
        short_ones++;
    }
}

/* A GET step whose path is always an asset would never be seen. */
static bool is_hidden(const struct site_index *x, const struct site_step *step,
                      const struct route *t)
{
    bool reads = str_eq(step->method, STR("GET")) || str_eq(step->method, STR("HEAD"));
    if (!reads || t->count == 0 || t->segments[t->count - 1].kind == SEGMENT_REST)
        return false;
    return site_is_asset(x, step->path);
}

static void add_roles(struct site_index *x, const struct str *names, size_t count, int role)
{
    for (size_t i = 0; i < count; i++) {
        x->roles[x->roles_count++] = (struct field_role){names[i], role, i};
        x->role_lengths |= 1ULL << (names[i].n < 63 ? names[i].n : 63);
    }
}

static void index_roles(struct arena *a, const struct site *s, struct site_index *x)
{
    size_t count = s->captcha_fields_count + s->email_check_fields_count;
    for (size_t k = 0; k < IDENTITY_KINDS; k++)
        count += s->fields_count[k];
    x->roles = ARENA_ARRAY(a, struct field_role, count + 1);
    for (int k = 0; k < IDENTITY_KINDS; k++)
        add_roles(x, s->fields[k], s->fields_count[k], k);
    add_roles(x, s->email_check_fields, s->email_check_fields_count, ROLE_EMAIL_CHECK);
    add_roles(x, s->captcha_fields, s->captcha_fields_count, ROLE_CAPTCHA);
}

static void index_steps(struct arena *a, const struct site *s, const struct route *t,
                        struct site_index *x)
{
    sort_steps(s, t, x->step);
    for (size_t bit = 0; bit < s->steps_count; bit++) {
        size_t owner = x->step[bit];
        add_step(a, x, &t[owner], 1ULL << bit);
        add_method(x, s->steps[owner].method, 1ULL << bit);
    }
}

bool site_compile(struct arena *a, struct site *s, size_t *step, struct str *why)
{
    struct site_index *x = ARENA_NEW(a, struct site_index);
    struct arena scratch = {0};
    struct route *t = ARENA_ARRAY(&scratch, struct route, s->steps_count + 1);
    *why = STR_NONE;
    index_assets(a, s, x);
    for (size_t i = 0; i < s->steps_count && why->p == NULL; i++) {
        *step = i;
        *why = str_of(take_route(s->steps[i].path, &t[i]));
        if (why->p == NULL)
            *why = check_unique(a, s, t, i);
        if (why->p == NULL && is_hidden(x, &s->steps[i], &t[i]))
            *why = STR("this path is an asset by \"assets\", so the step can never be seen");
    }
    if (why->p == NULL)
        index_steps(a, s, t, x);
    arena_free(&scratch);
    index_roles(a, s, x);
    s->index = x;
    return why->p == NULL;
}
