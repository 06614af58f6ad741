/* sight.c: identity values and captcha answers in a query string or a logged body.
 *
 * What a name carries is the profile's word; what a value looks like is not judged here (enrich
 * does that).  Bodies are told apart by their first byte: '{' or '[' is JSON, "--" is multipart,
 * anything else is a form.  A body the log cut short gives what is whole in it.  Several name
 * fields (family name, first name) become one value, in the profile's order. */
#include "analyzer/site/index.h"

enum { JSON_LEVELS_MAX = 64, NAME_PARTS_MAX = 4, PATH_DOTS_MAX = 8 };

struct gather {
    const struct site *site;
    struct arena *arena;
    struct hit *hit;
    struct str email_check;
    struct str names[NAME_PARTS_MAX];
    bool any_email, any_name;
};

static const struct field_role *role_of(const struct site_index *x, struct str name)
{
    if ((x->role_lengths >> (name.n < 63 ? name.n : 63) & 1) == 0)
        return NULL;
    for (size_t i = 0; i < x->roles_count; i++)
        if (str_eq_nocase(x->roles[i].name, name))
            return &x->roles[i];
    return NULL;
}

static void add_sighting(struct gather *g, enum identity_kind kind, struct str value)
{
    struct hit *h = g->hit;
    for (size_t i = 0; i < h->sightings_count; i++)
        if (h->sightings[i].kind == kind && str_eq(h->sightings[i].value, value))
            return;
    if (h->sightings_count == SITE_SIGHTINGS_MAX) {
        h->sightings_more = true;
        return;
    }
    if (h->sightings == NULL)
        h->sightings = ARENA_ARRAY(g->arena, struct sighting, SITE_SIGHTINGS_MAX);
    h->sightings[h->sightings_count++] = (struct sighting){value, kind};
}

static void take(struct gather *g, const struct field_role *role, struct str value)
{
    value = str_trim(value);
    if (value.n == 0)
        return;
    if (role->role == ROLE_CAPTCHA) {
        g->hit->captcha = true;
        return;
    }
    if (value.n > SITE_VALUE_BYTES_MAX) {
        g->hit->sightings_more = true;
        return;
    }
    if (role->role == ROLE_EMAIL_CHECK) {
        g->email_check = value;
    } else if (role->role == IDENTITY_NAME && role->rank < NAME_PARTS_MAX) {
        g->names[role->rank] = value;
        g->any_name = true;
    } else {
        g->any_email |= role->role == IDENTITY_EMAIL;
        add_sighting(g, (enum identity_kind)role->role, value);
    }
}

static void join_names(struct gather *g)
{
    char *p = ARENA_ARRAY(g->arena, char, NAME_PARTS_MAX *(SITE_VALUE_BYTES_MAX + 1));
    ptrdiff_t n = 0;
    for (size_t i = 0; i < NAME_PARTS_MAX; i++) {
        if (g->names[i].n == 0)
            continue;
        if (n > 0)
            p[n++] = ' ';
        memcpy(p + n, g->names[i].p, (size_t)g->names[i].n);
        n += g->names[i].n;
    }
    add_sighting(g, IDENTITY_NAME, (struct str){p, n});
}

/* ---- name=value&name=value (WHATWG URL, application/x-www-form-urlencoded) ---- */

static void take_form(struct gather *g, struct str form)
{
    while (form.p != NULL) {
        struct str pair, name;
        form = str_cut(form, '&', &pair);
        struct str value = str_cut(pair, '=', &name);
        if (value.n == 0 || name.n == 0)
            continue;
        const struct field_role *role =
            role_of(g->site->index, site_percent_decode(g->arena, name, SITE_PLUS_SPACE));
        if (role != NULL)
            take(g, role, site_percent_decode(g->arena, value, SITE_PLUS_SPACE));
    }
}

/* ---- JSON ---- */

struct json_path {
    struct str keys[JSON_LEVELS_MAX + 2]; /* by depth; arrays have none of their own */
    int depth;
};

/* "user.email" agrees when the last keys on the way here are "user" and "email". */
static bool path_agrees(const struct json_path *p, struct str dotted)
{
    int depth = p->depth;
    for (int parts = 0; parts < PATH_DOTS_MAX; parts++) {
        ptrdiff_t dot = dotted.n - 1;
        while (dot >= 0 && dotted.p[dot] != '.')
            dot--;
        while (depth > 0 && p->keys[depth].p == NULL)
            depth--;
        if (depth == 0 || !str_eq_nocase(p->keys[depth--], str_sub(dotted, dot + 1, dotted.n)))
            return false;
        if (dot < 0)
            return true;
        dotted = str_sub(dotted, 0, dot);
    }
    return false;
}

static const struct field_role *role_of_path(const struct site_index *x, const struct json_path *p)
{
    int depth = p->depth;
    while (depth > 0 && p->keys[depth].p == NULL)
        depth--;
    if (depth == 0)
        return NULL;
    const struct field_role *role = role_of(x, p->keys[depth]);
    for (size_t i = 0; role == NULL && i < x->roles_count; i++)
        if (str_find(x->roles[i].name, '.', 0) >= 0 && path_agrees(p, x->roles[i].name))
            role = &x->roles[i];
    return role;
}

static void take_json_value(struct gather *g, const struct json_path *p, struct str raw,
                            bool escaped)
{
    bool lossy = false;
    const struct field_role *role = role_of_path(g->site->index, p);
    if (role != NULL)
        take(g, role, escaped ? json_unescape(g->arena, raw, &lossy) : raw);
}

static void take_json(struct gather *g, struct str text)
{
    struct json_lexer l = json_lexer_of(text);
    struct json_path path = {.depth = 0};
    bool lossy = false;
    l.lax_utf8 = true;
    for (;;) {
        switch (json_next(&l)) {
        case JSON_OBJECT_OPEN:
        case JSON_ARRAY_OPEN:
            if (path.depth == JSON_LEVELS_MAX)
                return;
            path.keys[++path.depth] = STR_NONE;
            break;
        case JSON_OBJECT_CLOSE:
        case JSON_ARRAY_CLOSE:
            path.depth--;
            break;
        case JSON_KEY:
            path.keys[path.depth] = l.escaped ? json_unescape(g->arena, l.value, &lossy) : l.value;
            break;
        case JSON_STRING:
            take_json_value(g, &path, l.value, l.escaped);
            break;
        case JSON_NUMBER:
            take_json_value(g, &path, l.value, false);
            break;
        case JSON_TRUE:
        case JSON_FALSE:
        case JSON_NULL:
            break;
        case JSON_END:
        case JSON_ERROR: /* what came before a cut is still a fact */
            return;
        }
    }
}

/* ---- multipart/form-data (RFC 7578) ---- */

/* The value of name="..." in a part's header lines; missing for files. */
static struct str part_name(struct str head)
{
    ptrdiff_t at = str_find_str(head, STR("name=\""));
    if (at < 0 || str_find_str(head, STR("filename")) >= 0)
        return STR_NONE;
    struct str name;
    struct str rest = str_cut(str_sub(head, at + 6, head.n), '"', &name);
    return rest.p == NULL ? STR_NONE : name;
}

static struct str cut_at(struct str s, struct str mark, struct str *head)
{
    ptrdiff_t at = str_find_str(s, mark);
    if (at < 0) {
        *head = s;
        return STR_NONE;
    }
    *head = str_sub(s, 0, at);
    return str_sub(s, at + mark.n, s.n);
}

static void take_multipart(struct gather *g, struct str body)
{
    struct str boundary, part, head;
    body = str_cut(body, '\n', &boundary);
    boundary = str_trim(boundary);
    if (boundary.n < 3 || boundary.n > 72) /* "--" and 1 to 70 bytes */
        return;
    while (body.p != NULL) {
        body = cut_at(body, boundary, &part);
        if (body.p == NULL)
            return; /* the last part was cut off */
        struct str value = cut_at(part, STR("\r\n\r\n"), &head);
        if (value.p == NULL)
            value = cut_at(part, STR("\n\n"), &head);
        struct str name = value.p == NULL ? STR_NONE : part_name(head);
        const struct field_role *role = name.p == NULL ? NULL : role_of(g->site->index, name);
        if (role != NULL)
            take(g, role, value);
    }
}

static void take_body(struct gather *g, struct str body)
{
    struct str start = str_trim(body);
    if (start.n == 0)
        return;
    if (start.p[0] == '{' || start.p[0] == '[')
        take_json(g, start);
    else if (str_starts(start, STR("--")))
        take_multipart(g, start);
    else
        take_form(g, start);
}

void site_sight(const struct site *s, struct arena *a, const struct event *e, struct str query,
                struct hit *h)
{
    struct gather g = {.site = s, .arena = a, .hit = h, .email_check = STR_NONE};
    bool lies = false;
    if (s->index->roles_count == 0)
        return;
    if (query.n > 0)
        take_form(&g, event_unescape(a, (enum escaping)e->escaping, query, &lies));
    if (e->body.n > 0)
        take_body(&g, event_unescape(a, (enum escaping)e->escaping, e->body, &lies));
    if (g.any_name)
        join_names(&g);
    if (!g.any_email && g.email_check.n > 0) /* the log cut the first field off */
        add_sighting(&g, IDENTITY_EMAIL, g.email_check);
}
