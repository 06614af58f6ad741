/* profile.c: a profile's JSON into struct site, refusing with line and column what it does not
 * know.
 *
 * The members of every object stand in a table; the same table gives unknown keys their nearest
 * name. What the schema (samples/sites/site.schema.json) can say is checked here too, and some of
 * what it cannot: two steps that accept the same requests, a step hidden behind an asset rule, a
 * step that wants a predecessor and has none. */
#include "analyzer/site/index.h"

enum {
    NAME_MAX_LENGTH = 64,
    TEXT_MAX = 1000,
    FIELD_MAX = 128,
    PATH_MAX_LENGTH = 255,
    HOST_MAX = 253,
    SUFFIX_MAX = 32,
    LIST_MAX = 256,
    ORDER_MAX = 63, /* sessions keep the orders they saw as one bit each */
    IDLE_S_MIN = 60,
    IDLE_S_MAX = 86400,
    BOOKING_LIMIT_MAX = 1000,
    BEACON_BYTES_MAX = 1000000,
    FORM_FLOOR_US_MAX = 60000000
};

struct reader {
    struct arena *arena;
    struct site *site;
    struct str file, text;
    struct str *why;
    const struct json *
        *step_paths; /* where each step's template stands, for the compiler's messages */
};
typedef bool member_read(struct reader *r, const struct json *v, void *into);
struct member {
    struct str key;
    enum json_kind kind;
    enum { OPTIONAL, REQUIRED } need;
    member_read *read;
};
struct string_list {
    struct str **items;
    size_t *count;
    const char *(*wrong)(struct str s); /* NULL: fine */
};

static bool fail(struct reader *r, ptrdiff_t at, struct str what)
{
    int line, column;
    json_position(r->text, at, &line, &column);
    *r->why =
        arena_printf(r->arena, "%.*s:%d:%d: %.*s", STR_ARG(r->file), line, column, STR_ARG(what));
    return false;
}

/* The nearest of the candidates, or missing when none is near enough to be meant. */
static struct str nearest(struct str s, const struct str *candidates, size_t count)
{
    struct str best = STR_NONE;
    int smallest = s.n < 4 ? 2 : 4;
    for (size_t i = 0; i < count; i++) {
        int d = str_eq_nocase(s, candidates[i]) ? 0 : str_distance(s, candidates[i]);
        if (d < smallest) {
            smallest = d;
            best = candidates[i];
        }
    }
    return best;
}

static bool fail_unknown(struct reader *r, ptrdiff_t at, const char *what, struct str given,
                         struct str near)
{
    if (near.p != NULL)
        return fail(r, at,
                    arena_printf(r->arena, "unknown %s \"%.*s\"; did you mean \"%.*s\"?", what,
                                 STR_ARG(given), STR_ARG(near)));
    return fail(r, at, arena_printf(r->arena, "unknown %s \"%.*s\"", what, STR_ARG(given)));
}

static const char *kind_text(enum json_kind kind)
{
    static const char *const texts[] = {"null",     "true or false", "a number",
                                        "a string", "an array",      "an object"};
    return texts[kind];
}

static bool want(struct reader *r, const struct json *v, enum json_kind kind)
{
    if (v->kind == kind)
        return true;
    return fail(r, v->at,
                arena_printf(r->arena, "expected %s, found %s", kind_text(kind),
                             kind_text(v->kind)));
}

static bool read_object(struct reader *r, const struct json *v, const struct member *m,
                        size_t count, void *into)
{
    if (!want(r, v, JSON_KIND_OBJECT))
        return false;
    for (const struct json *c = v->child; c != NULL; c = c->next) {
        size_t i = 0;
        while (i < count && !str_eq(m[i].key, c->key))
            i++;
        if (i == count) {
            struct str *keys = ARENA_ARRAY(r->arena, struct str, count);
            for (size_t k = 0; k < count; k++)
                keys[k] = m[k].key;
            return fail_unknown(r, c->key_at, "key", c->key, nearest(c->key, keys, count));
        }
        if (!want(r, c, m[i].kind) || !m[i].read(r, c, into))
            return false;
    }
    for (size_t i = 0; i < count; i++)
        if (m[i].need == REQUIRED && json_get(v, m[i].key) == NULL)
            return fail(r, v->at,
                        arena_printf(r->arena, "the key \"%.*s\" is missing", STR_ARG(m[i].key)));
    return true;
}

static bool read_int(struct reader *r, const struct json *v, int64_t min, int64_t max, int64_t *out)
{
    if (!v->is_int || v->integer < min || v->integer > max)
        return fail(r, v->at,
                    arena_printf(r->arena, "expected an integer from %lld to %lld", (long long)min,
                                 (long long)max));
    *out = v->integer;
    return true;
}

/* ---- what a string may look like; each answers with what is wrong, or NULL ---- */

static bool all_of(struct str s, const char *set)
{
    for (ptrdiff_t i = 0; i < s.n; i++)
        if (s.p[i] == '\0' || strchr(set, s.p[i]) == NULL)
            return false;
    return true;
}

#define LOWER_DIGITS "abcdefghijklmnopqrstuvwxyz0123456789"

static const char *wrong_name(struct str s)
{
    if (s.n < 1 || s.n > NAME_MAX_LENGTH || !all_of(s, LOWER_DIGITS "-") || s.p[0] == '-')
        return "expected a name of 1 to 64 small letters, digits and '-', not starting with '-'";
    return NULL;
}

/* As JSON Schema counts; the text is valid UTF-8, or there would be no tree of it. */
static ptrdiff_t characters(struct str s)
{
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < s.n; i++)
        n += ((uint8_t)s.p[i] & 0xC0) != 0x80;
    return n;
}

static const char *wrong_text(struct str s)
{
    if (s.n < 1 || characters(s) > TEXT_MAX)
        return "expected a text of 1 to 1000 characters";
    for (ptrdiff_t i = 0; i < s.n; i++)
        if ((uint8_t)s.p[i] < ' ' || s.p[i] == 0x7F)
            return "a control character in a text";
    return NULL;
}

static const char *wrong_field(struct str s)
{
    if (s.n < 1 || characters(s) > FIELD_MAX)
        return "expected a field name of 1 to 128 characters";
    return wrong_text(s);
}

static const char *wrong_cookie(struct str s) /* RFC 6265: a token of RFC 9110 section 5.6.2 */
{
    if (s.n < 1 || s.n > FIELD_MAX ||
        !all_of(s, LOWER_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZ!#$%&'*+-.^_`|~"))
        return "expected a cookie name: 1 to 128 letters, digits or any of !#$%&'*+-.^_`|~";
    return NULL;
}

static const char *wrong_header(struct str s)
{
    if (s.n < 1 || s.n > NAME_MAX_LENGTH || !all_of(s, LOWER_DIGITS "-"))
        return "expected a header name in small letters, such as \"x-forwarded-for\"";
    return NULL;
}

static const char *wrong_host(struct str s)
{
    if (s.n < 2 || s.n > HOST_MAX || !all_of(s, LOWER_DIGITS ".-"))
        return "expected a host name in small letters, or \".example.org\" for every name below it";
    return NULL;
}

static const char *wrong_path(struct str s)
{
    if (s.n < 2 || characters(s) > PATH_MAX_LENGTH || s.p[0] != '/')
        return "expected a path of 2 to 255 characters that starts with '/'";
    return wrong_text(s);
}

static const char *wrong_prefix(struct str s)
{
    if ((s.n > 0 && s.p[s.n - 1] == '/') || str_find_str(s, STR("//")) >= 0)
        return "expected a path prefix that does not end in '/' and holds no \"//\"";
    return wrong_path(s);
}

static const char *wrong_asset(struct str s)
{
    if (s.n > 1 && s.p[0] == '/')
        return wrong_path(s);
    if (s.n < 2 || s.n > SUFFIX_MAX || s.p[0] != '.' || !all_of(s, LOWER_DIGITS ".-_"))
        return "expected a suffix \".css\", a folder \"/design/\" or a path \"/manifest.json\"";
    return NULL;
}

static const char *wrong_cidr(struct str s)
{
    struct cidr c;
    return cidr_parse(s, &c) ? NULL : "expected an address or a prefix, such as \"192.0.2.0/24\"";
}

/* ---- lists ---- */

static bool read_strings(struct reader *r, const struct json *v, struct string_list list)
{
    if (v->count > LIST_MAX)
        return fail(r, v->at, arena_printf(r->arena, "more than %d entries", LIST_MAX));
    *list.items = ARENA_ARRAY(r->arena, struct str, v->count + 1);
    for (const struct json *c = v->child; c != NULL; c = c->next) {
        if (!want(r, c, JSON_KIND_STRING))
            return false;
        const char *wrong = list.wrong(c->text);
        if (wrong != NULL)
            return fail(r, c->at, str_of(wrong));
        for (size_t i = 0; i < *list.count; i++)
            if (str_eq((*list.items)[i], c->text))
                return fail(r, c->at,
                            arena_printf(r->arena, "\"%.*s\" stands twice in the list",
                                         STR_ARG(c->text)));
        (*list.items)[(*list.count)++] = c->text;
    }
    return true;
}

static bool read_label_part(struct reader *r, const struct json *v, const char **into)
{
    const char *wrong = wrong_text(v->text);
    if (wrong != NULL)
        return fail(r, v->at, str_of(wrong));
    *into = arena_cstr(r->arena, v->text);
    return true;
}

static bool read_en(struct reader *r, const struct json *v, void *into)
{
    return read_label_part(r, v, &((struct text *)into)->in[LANG_EN]);
}

static bool read_fr(struct reader *r, const struct json *v, void *into)
{
    return read_label_part(r, v, &((struct text *)into)->in[LANG_FR]);
}

static bool read_label(struct reader *r, const struct json *v, struct text *into)
{
    static const struct member members[] = {
        {STR_INIT("en"), JSON_KIND_STRING, REQUIRED, read_en},
        {STR_INIT("fr"), JSON_KIND_STRING, REQUIRED, read_fr},
    };
    return read_object(r, v, members, sizeof members / sizeof *members, into);
}

/* ---- steps ---- */

static bool read_step_name(struct reader *r, const struct json *v, void *into)
{
    const char *wrong = wrong_name(v->text);
    if (wrong != NULL)
        return fail(r, v->at, str_of(wrong));
    for (size_t i = 0; i < r->site->steps_count; i++)
        if (str_eq(r->site->steps[i].name, v->text))
            return fail(r, v->at,
                        arena_printf(r->arena, "two steps are named \"%.*s\"", STR_ARG(v->text)));
    ((struct site_step *)into)->name = v->text;
    return true;
}

static bool read_method(struct reader *r, const struct json *v, void *into)
{
    static const struct str methods[] = {STR_INIT("GET"),   STR_INIT("POST"),   STR_INIT("HEAD"),
                                         STR_INIT("PUT"),   STR_INIT("DELETE"), STR_INIT("OPTIONS"),
                                         STR_INIT("PATCH"), STR_INIT("*")};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (str_eq(methods[i], v->text)) {
            ((struct site_step *)into)->method = v->text;
            return true;
        }
    return fail_unknown(r, v->at, "method", v->text,
                        nearest(v->text, methods, sizeof methods / sizeof *methods));
}

static bool read_path(struct reader *r, const struct json *v, void *into)
{
    if (v->text.n < 1 || characters(v->text) > PATH_MAX_LENGTH)
        return fail(r, v->at, STR("expected a template of 1 to 255 characters"));
    ((struct site_step *)into)->path = v->text;
    r->step_paths[r->site->steps_count] = v;
    return true;
}

static bool read_meaning(struct reader *r, const struct json *v, void *into)
{
    struct str names[MEANING_COUNT];
    for (size_t i = 0; i < MEANING_COUNT; i++) {
        names[i] = str_of(meaning_names[i]);
        if (str_eq(names[i], v->text)) {
            ((struct site_step *)into)->meaning = (enum meaning)i;
            return true;
        }
    }
    return fail_unknown(r, v->at, "meaning", v->text, nearest(v->text, names, MEANING_COUNT));
}

static bool read_order(struct reader *r, const struct json *v, void *into)
{
    int64_t order = 0;
    if (!read_int(r, v, 0, ORDER_MAX, &order))
        return false;
    ((struct site_step *)into)->order = (int)order;
    return true;
}

static bool read_needs_before(struct reader *r, const struct json *v, void *into)
{
    (void)r;
    ((struct site_step *)into)->needs_before = v->boolean;
    return true;
}

static bool read_decision(struct reader *r, const struct json *v, void *into)
{
    (void)r;
    ((struct site_step *)into)->decision = v->boolean;
    return true;
}

static bool read_completes(struct reader *r, const struct json *v, void *into)
{
    (void)r;
    ((struct site_step *)into)->completes = v->boolean;
    return true;
}

static bool read_step_label(struct reader *r, const struct json *v, void *into)
{
    return read_label(r, v, &((struct site_step *)into)->label);
}

static bool read_steps(struct reader *r, const struct json *v, void *into)
{
    static const struct member members[] = {
        {STR_INIT("name"), JSON_KIND_STRING, REQUIRED, read_step_name},
        {STR_INIT("label"), JSON_KIND_OBJECT, REQUIRED, read_step_label},
        {STR_INIT("method"), JSON_KIND_STRING, REQUIRED, read_method},
        {STR_INIT("path"), JSON_KIND_STRING, REQUIRED, read_path},
        {STR_INIT("meaning"), JSON_KIND_STRING, REQUIRED, read_meaning},
        {STR_INIT("order"), JSON_KIND_NUMBER, REQUIRED, read_order},
        {STR_INIT("needs_before"), JSON_KIND_BOOL, OPTIONAL, read_needs_before},
        {STR_INIT("decision"), JSON_KIND_BOOL, OPTIONAL, read_decision},
        {STR_INIT("completes"), JSON_KIND_BOOL, OPTIONAL, read_completes},
    };
    struct site *s = into;
    if (v->count < 1 || v->count > SITE_STEPS_MAX)
        return fail(r, v->at, arena_printf(r->arena, "expected 1 to %d steps", SITE_STEPS_MAX));
    s->steps = ARENA_ARRAY(r->arena, struct site_step, v->count);
    r->step_paths = ARENA_ARRAY(r->arena, const struct json *, v->count);
    for (const struct json *c = v->child; c != NULL; c = c->next) {
        s->steps[s->steps_count].decision = true;
        if (!read_object(r, c, members, sizeof members / sizeof *members,
                         &s->steps[s->steps_count]))
            return false;
        s->steps_count++;
    }
    return true;
}

/* ---- fields ---- */

static bool read_field_list(struct reader *r, const struct json *v, struct str **items,
                            size_t *count)
{
    struct site *s = r->site;
    if (!read_strings(r, v, (struct string_list){items, count, wrong_field}))
        return false;
    const struct {
        const struct str *items;
        size_t count;
    } others[ROLES] = {{s->fields[0], s->fields_count[0]},
                       {s->fields[1], s->fields_count[1]},
                       {s->fields[2], s->fields_count[2]},
                       {s->fields[3], s->fields_count[3]},
                       {s->email_check_fields, s->email_check_fields_count},
                       {s->captcha_fields, s->captcha_fields_count}};
    for (const struct json *c = v->child; c != NULL; c = c->next)
        for (size_t k = 0; k < ROLES; k++)
            for (size_t i = 0; i < others[k].count; i++)
                if (others[k].items != *items && str_eq(others[k].items[i], c->text))
                    return fail(r, c->at,
                                arena_printf(r->arena,
                                             "the field \"%.*s\" already has another meaning",
                                             STR_ARG(c->text)));
    return true;
}

static bool read_identity_field(struct reader *r, const struct json *v, void *into)
{
    struct site *s = into;
    for (size_t k = 0; k < IDENTITY_KINDS; k++)
        if (str_eq(v->key, str_of(identity_names[k])))
            return read_field_list(r, v, &s->fields[k], &s->fields_count[k]);
    return false;
}

static bool read_email_check(struct reader *r, const struct json *v, void *into)
{
    struct site *s = into;
    return read_field_list(r, v, &s->email_check_fields, &s->email_check_fields_count);
}

static bool read_captcha(struct reader *r, const struct json *v, void *into)
{
    struct site *s = into;
    return read_field_list(r, v, &s->captcha_fields, &s->captcha_fields_count);
}

static bool read_fields(struct reader *r, const struct json *v, void *into)
{
    static const struct member members[] = {
        {STR_INIT("email"), JSON_KIND_ARRAY, OPTIONAL, read_identity_field},
        {STR_INIT("email_check"), JSON_KIND_ARRAY, OPTIONAL, read_email_check},
        {STR_INIT("agdref"), JSON_KIND_ARRAY, OPTIONAL, read_identity_field},
        {STR_INIT("phone"), JSON_KIND_ARRAY, OPTIONAL, read_identity_field},
        {STR_INIT("name"), JSON_KIND_ARRAY, OPTIONAL, read_identity_field},
        {STR_INIT("captcha"), JSON_KIND_ARRAY, OPTIONAL, read_captcha},
    };
    return read_object(r, v, members, sizeof members / sizeof *members, into);
}

/* ---- release times ---- */

static bool read_weekday(struct reader *r, const struct json *v, void *into)
{
    static const struct str days[] = {STR_INIT("sunday"),   STR_INIT("monday"),
                                      STR_INIT("tuesday"),  STR_INIT("wednesday"),
                                      STR_INIT("thursday"), STR_INIT("friday"),
                                      STR_INIT("saturday"), STR_INIT("every day")};
    struct site_release *release = into;
    for (int i = 0; i < 8; i++)
        if (str_eq(days[i], v->text)) {
            release->weekday = i == 7 ? -1 : i;
            return true;
        }
    return fail_unknown(r, v->at, "weekday", v->text, nearest(v->text, days, 8));
}

/* Two digits at i, below the bound; -1 otherwise. */
static int two_digits(struct str s, ptrdiff_t i, int below)
{
    if (i + 2 > s.n || s.p[i] < '0' || s.p[i] > '9' || s.p[i + 1] < '0' || s.p[i + 1] > '9')
        return -1;
    int v = (s.p[i] - '0') * 10 + (s.p[i + 1] - '0');
    return v < below ? v : -1;
}

static bool read_time(struct reader *r, const struct json *v, void *into)
{
    struct str t = v->text;
    bool seconds = t.n == 8 && t.p[5] == ':';
    int h = two_digits(t, 0, 24), m = two_digits(t, 3, 60), s = seconds ? two_digits(t, 6, 60) : 0;
    if ((t.n != 5 && !seconds) || t.p[2] != ':' || h < 0 || m < 0 || s < 0)
        return fail(r, v->at, STR("expected a local time \"hh:mm\" or \"hh:mm:ss\""));
    ((struct site_release *)into)->seconds = h * 3600 + m * 60 + s;
    return true;
}

static bool read_releases(struct reader *r, const struct json *v, void *into)
{
    static const struct member members[] = {
        {STR_INIT("weekday"), JSON_KIND_STRING, REQUIRED, read_weekday},
        {STR_INIT("time"), JSON_KIND_STRING, REQUIRED, read_time},
    };
    struct site *s = into;
    if (v->count > LIST_MAX)
        return fail(r, v->at, arena_printf(r->arena, "more than %d entries", LIST_MAX));
    s->releases = ARENA_ARRAY(r->arena, struct site_release, v->count + 1);
    for (const struct json *c = v->child; c != NULL; c = c->next)
        if (!read_object(r, c, members, sizeof members / sizeof *members,
                         &s->releases[s->releases_count++]))
            return false;
    return true;
}

/* ---- the profile itself ---- */

static bool read_schema(struct reader *r, const struct json *v, void *into)
{
    (void)into;
    const char *wrong = wrong_text(v->text);
    return wrong == NULL || fail(r, v->at, str_of(wrong));
}

static bool read_site_name(struct reader *r, const struct json *v, void *into)
{
    const char *wrong = wrong_name(v->text);
    if (wrong != NULL)
        return fail(r, v->at, str_of(wrong));
    ((struct site *)into)->name = v->text;
    return true;
}

static bool read_site_label(struct reader *r, const struct json *v, void *into)
{
    return read_label(r, v, &((struct site *)into)->label);
}

static bool read_notes(struct reader *r, const struct json *v, void *into)
{
    struct site *s = into;
    if (v->count > LIST_MAX)
        return fail(r, v->at, arena_printf(r->arena, "more than %d entries", LIST_MAX));
    s->notes = ARENA_ARRAY(r->arena, struct text, v->count + 1);
    for (const struct json *c = v->child; c != NULL; c = c->next)
        if (!read_label(r, c, &s->notes[s->notes_count++]))
            return false;
    return true;
}

static bool read_sources(struct reader *r, const struct json *v, void *into)
{
    struct str *unused;
    size_t count = 0;
    (void)into; /* for the reader of the file; nothing is derived from them */
    return read_strings(r, v, (struct string_list){&unused, &count, wrong_text});
}

static bool read_hosts(struct reader *r, const struct json *v, void *into)
{
    struct site *s = into;
    return read_strings(r, v, (struct string_list){&s->hosts, &s->hosts_count, wrong_host});
}

static bool read_prefixes(struct reader *r, const struct json *v, void *into)
{
    struct site *s = into;
    return read_strings(r, v, (struct string_list){&s->prefixes, &s->prefixes_count, wrong_prefix});
}

static bool read_cookies(struct reader *r, const struct json *v, void *into)
{
    struct site *s = into;
    return read_strings(r, v, (struct string_list){&s->cookies, &s->cookies_count, wrong_cookie});
}

static bool read_headers(struct reader *r, const struct json *v, void *into)
{
    struct site *s = into;
    return read_strings(r, v,
                        (struct string_list){&s->client_headers, &s->client_headers_count,
                                             wrong_header});
}

static bool read_assets(struct reader *r, const struct json *v, void *into)
{
    struct site *s = into;
    return read_strings(r, v, (struct string_list){&s->assets, &s->assets_count, wrong_asset});
}

static bool read_proxies(struct reader *r, const struct json *v, void *into)
{
    struct site *s = into;
    struct str *texts;
    size_t count = 0;
    if (!read_strings(r, v, (struct string_list){&texts, &count, wrong_cidr}))
        return false;
    s->proxies = ARENA_ARRAY(r->arena, struct cidr, count + 1);
    for (size_t i = 0; i < count; i++)
        s->proxies_count += cidr_parse(texts[i], &s->proxies[s->proxies_count]);
    return true;
}

static bool read_timezone(struct reader *r, const struct json *v, void *into)
{
    struct str t = v->text;
    struct site *s = into;
    int h = two_digits(t, 1, 15), m = two_digits(t, 4, 60);
    if (t.n != 6 || (t.p[0] != '+' && t.p[0] != '-') || t.p[3] != ':' || h < 0 || m < 0 ||
        h * 60 + m > 14 * 60)
        return fail(r, v->at, STR("expected an offset from UTC such as \"+01:00\""));
    s->tz_offset_s = (t.p[0] == '-' ? -1 : 1) * (h * 3600 + m * 60);
    s->has_tz = true;
    return true;
}

static bool read_idle(struct reader *r, const struct json *v, void *into)
{
    int64_t seconds = 0;
    if (!read_int(r, v, IDLE_S_MIN, IDLE_S_MAX, &seconds))
        return false;
    ((struct site *)into)->idle_us = seconds * 1000000;
    return true;
}

static bool read_limit(struct reader *r, const struct json *v, void *into)
{
    return read_int(r, v, 0, BOOKING_LIMIT_MAX, &((struct site *)into)->booking_limit);
}

static bool read_beacon(struct reader *r, const struct json *v, void *into)
{
    return read_int(r, v, 0, BEACON_BYTES_MAX, &((struct site *)into)->beacon_bytes);
}

static bool read_floor(struct reader *r, const struct json *v, void *into)
{
    return read_int(r, v, 0, FORM_FLOOR_US_MAX, &((struct site *)into)->form_floor_us);
}

static const struct member profile_members[] = {
    {STR_INIT("$schema"), JSON_KIND_STRING, OPTIONAL, read_schema},
    {STR_INIT("name"), JSON_KIND_STRING, REQUIRED, read_site_name},
    {STR_INIT("label"), JSON_KIND_OBJECT, REQUIRED, read_site_label},
    {STR_INIT("notes"), JSON_KIND_ARRAY, OPTIONAL, read_notes},
    {STR_INIT("sources"), JSON_KIND_ARRAY, OPTIONAL, read_sources},
    {STR_INIT("hosts"), JSON_KIND_ARRAY, OPTIONAL, read_hosts},
    {STR_INIT("path_prefixes"), JSON_KIND_ARRAY, OPTIONAL, read_prefixes},
    {STR_INIT("steps"), JSON_KIND_ARRAY, REQUIRED, read_steps},
    {STR_INIT("fields"), JSON_KIND_OBJECT, OPTIONAL, read_fields},
    {STR_INIT("cookies"), JSON_KIND_ARRAY, OPTIONAL, read_cookies},
    {STR_INIT("trusted_proxies"), JSON_KIND_ARRAY, OPTIONAL, read_proxies},
    {STR_INIT("client_headers"), JSON_KIND_ARRAY, OPTIONAL, read_headers},
    {STR_INIT("assets"), JSON_KIND_ARRAY, OPTIONAL, read_assets},
    {STR_INIT("timezone"), JSON_KIND_STRING, OPTIONAL, read_timezone},
    {STR_INIT("idle_seconds"), JSON_KIND_NUMBER, OPTIONAL, read_idle},
    {STR_INIT("booking_limit"), JSON_KIND_NUMBER, OPTIONAL, read_limit},
    {STR_INIT("beacon_bytes"), JSON_KIND_NUMBER, OPTIONAL, read_beacon},
    {STR_INIT("form_floor_us"), JSON_KIND_NUMBER, OPTIONAL, read_floor},
    {STR_INIT("releases"), JSON_KIND_ARRAY, OPTIONAL, read_releases},
};

static bool check_predecessors(struct reader *r, const struct json *steps)
{
    const struct site *s = r->site;
    const struct json *v = steps->child;
    for (size_t i = 0; i < s->steps_count; i++, v = v->next) {
        bool before = false;
        for (size_t j = 0; j < s->steps_count; j++)
            before |= s->steps[j].order < s->steps[i].order;
        if (s->steps[i].needs_before && !before)
            return fail(r, json_get(v, STR("needs_before"))->at,
                        STR("\"needs_before\" is true, but no step has a smaller order"));
    }
    return true;
}

static bool read_profile(struct reader *r, const struct json *root)
{
    struct site *s = r->site;
    s->idle_us = 1800LL * 1000000;
    s->form_floor_us = 500000; /* auto-fill by keyboard: 0.4-0.7 s (KLM) */
    if (!read_object(r, root, profile_members, sizeof profile_members / sizeof *profile_members,
                     s) ||
        !check_predecessors(r, json_get(root, STR("steps"))))
        return false;
    size_t step = 0;
    struct str why;
    if (!site_compile(r->arena, s, &step, &why))
        return fail(r, r->step_paths[step]->at, why);
    if (s->proxies_count > 0 && s->client_headers_count == 0) {
        s->client_headers = ARENA_NEW(r->arena, struct str);
        s->client_headers[s->client_headers_count++] = STR("x-forwarded-for");
    }
    return true;
}

const struct site *site_parse(struct arena *a, struct str file, struct str text, struct str *why)
{
    struct site *s = ARENA_NEW(a, struct site);
    struct json_error error = {0};
    *why = STR_NONE;
    const struct json *root = json_parse(a, text, &error);
    if (root == NULL) {
        *why =
            arena_printf(a, "%.*s:%d:%d: %s", STR_ARG(file), error.line, error.column, error.what);
        return NULL;
    }
    s->file = file;
    s->source = text;
    s->sha256 = sha256_of(text);
    struct reader r = {.arena = a, .site = s, .file = file, .text = text, .why = why};
    return read_profile(&r, root) ? s : NULL;
}
