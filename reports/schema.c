/* schema.c: one table of keywords; each says how its own value must look and what it asks of the
 * data. */
#include "reports/schema.h"

#include <stdlib.h>

#include "analyzer/base/utf8.h"
#include "reports/pattern.h"

#define NUMBER_TEXT_MAX 64

/* The walk over schema and document; where we are in the document (or in the schema itself). */
struct check {
    const struct json *root;
    schema_report *report;
    void *user;
    int nesting;
    uint64_t steps_left;
    int silent; /* inside anyOf, oneOf, not: branches fail without a word */
    struct out pointer;
};

/* The value of a keyword within its schema, against the data. */
typedef bool keyword_check(struct check *c, const struct json *schema, const struct json *keyword,
                           const struct json *v);
/* The value of a keyword as such. */
typedef bool keyword_form(struct check *c, const struct json *keyword);

struct keyword {
    struct str name;
    keyword_check *check; /* NULL: an annotation */
    keyword_form *form;
};

static bool check_value(struct check *c, const struct json *schema, const struct json *v);
static bool form_schema(struct check *c, const struct json *schema);

/* ---- pointers ---- */

static size_t enter_key(struct check *c, struct str key)
{
    size_t before = c->pointer.len;
    out_char(&c->pointer, '/');
    for (ptrdiff_t i = 0; i < key.n; i++) {
        if (key.p[i] == '~' || key.p[i] == '/')
            out_text(&c->pointer, key.p[i] == '~' ? "~0" : "~1");
        else
            out_char(&c->pointer, key.p[i]);
    }
    return before;
}

static size_t enter_index(struct check *c, size_t index)
{
    size_t before = c->pointer.len;
    out_char(&c->pointer, '/');
    out_u64(&c->pointer, index);
    return before;
}

static void leave(struct check *c, size_t before)
{
    c->pointer.len = before;
}

static bool complain(struct check *c, struct str keyword)
{
    if (c->silent == 0)
        c->report(c->user, out_slice(&c->pointer), keyword);
    return false;
}

/* ---- values ---- */

static double number_of(const struct json *v)
{
    char text[NUMBER_TEXT_MAX + 1] = "";
    if (v->is_int)
        return (double)v->integer;
    memcpy(text, v->text.p, (size_t)(v->text.n < NUMBER_TEXT_MAX ? v->text.n : NUMBER_TEXT_MAX));
    return strtod(text, NULL);
}

/* < 0, 0, > 0; exact when both are integers. */
static int compare_numbers(const struct json *a, const struct json *b)
{
    if (a->is_int && b->is_int)
        return (a->integer > b->integer) - (a->integer < b->integer);
    double x = number_of(a), y = number_of(b);
    return (x > y) - (x < y);
}

static bool is_integer(const struct json *v)
{
    if (v->kind != JSON_KIND_NUMBER || v->is_int)
        return v->kind == JSON_KIND_NUMBER;
    double d = number_of(v);
    return d > -9007199254740992.0 && d < 9007199254740992.0 && d == (double)(int64_t)d;
}

static bool same_value(const struct json *a, const struct json *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == JSON_KIND_STRING)
        return str_eq(a->text, b->text);
    if (a->kind == JSON_KIND_NUMBER)
        return compare_numbers(a, b) == 0;
    struct out x = out_memory(), y = out_memory();
    json_canonical(&x, a);
    json_canonical(&y, b);
    bool same = str_eq(out_slice(&x), out_slice(&y));
    out_close(&x);
    out_close(&y);
    return same;
}

static int64_t code_points(struct str s)
{
    int64_t n = 0;
    for (ptrdiff_t i = 0; i < s.n; i++)
        n += ((uint8_t)s.p[i] & 0xC0) != 0x80;
    return n;
}

/* ---- type, enum, const ---- */

static bool is_of_type(struct str name, const struct json *v)
{
    static const char *const names[] = {
        [JSON_KIND_NULL] = "null",     [JSON_KIND_BOOL] = "boolean", [JSON_KIND_NUMBER] = "number",
        [JSON_KIND_STRING] = "string", [JSON_KIND_ARRAY] = "array",  [JSON_KIND_OBJECT] = "object"};
    return str_eq(name, str_of(names[v->kind])) || (str_eq(name, STR("integer")) && is_integer(v));
}

static bool check_type(struct check *c, const struct json *schema, const struct json *k,
                       const struct json *v)
{
    (void)schema;
    (void)c;
    if (k->kind == JSON_KIND_STRING)
        return is_of_type(k->text, v);
    for (const struct json *t = k->child; t != NULL; t = t->next) {
        if (is_of_type(t->text, v))
            return true;
    }
    return false;
}

static bool type_name(const struct json *k)
{
    static const char *const names[] = {"null",  "boolean", "number", "string",
                                        "array", "object",  "integer"};
    for (size_t i = 0; k->kind == JSON_KIND_STRING && i < sizeof names / sizeof names[0]; i++) {
        if (str_eq(k->text, str_of(names[i])))
            return true;
    }
    return false;
}

static bool form_type(struct check *c, const struct json *k)
{
    (void)c;
    if (k->kind != JSON_KIND_ARRAY)
        return type_name(k);
    for (const struct json *t = k->child; t != NULL; t = t->next) {
        if (!type_name(t))
            return false;
    }
    return k->count > 0;
}

static bool check_enum(struct check *c, const struct json *schema, const struct json *k,
                       const struct json *v)
{
    (void)schema;
    (void)c;
    for (const struct json *e = k->child; e != NULL; e = e->next) {
        if (same_value(e, v))
            return true;
    }
    return false;
}

static bool check_const(struct check *c, const struct json *schema, const struct json *k,
                        const struct json *v)
{
    (void)schema;
    (void)c;
    return same_value(k, v);
}

static bool form_array(struct check *c, const struct json *k)
{
    (void)c;
    return k->kind == JSON_KIND_ARRAY;
}

static bool form_any(struct check *c, const struct json *k)
{
    (void)c;
    (void)k;
    return true;
}

/* ---- numbers and lengths ---- */

#define LIMIT_CHECK(name, applies, holds)                                                          \
    static bool name(struct check *c, const struct json *schema, const struct json *k,             \
                     const struct json *v)                                                         \
    {                                                                                              \
        (void)schema;                                                                              \
        (void)c;                                                                                   \
        return v->kind != (applies) || (holds);                                                    \
    }
LIMIT_CHECK(check_minimum, JSON_KIND_NUMBER, compare_numbers(v, k) >= 0)
LIMIT_CHECK(check_maximum, JSON_KIND_NUMBER, compare_numbers(v, k) <= 0)
LIMIT_CHECK(check_above, JSON_KIND_NUMBER, compare_numbers(v, k) > 0)
LIMIT_CHECK(check_below, JSON_KIND_NUMBER, compare_numbers(v, k) < 0)
LIMIT_CHECK(check_min_length, JSON_KIND_STRING, code_points(v->text) >= k->integer)
LIMIT_CHECK(check_max_length, JSON_KIND_STRING, code_points(v->text) <= k->integer)
LIMIT_CHECK(check_min_items, JSON_KIND_ARRAY, (int64_t)v->count >= k->integer)
LIMIT_CHECK(check_max_items, JSON_KIND_ARRAY, (int64_t)v->count <= k->integer)
LIMIT_CHECK(check_min_properties, JSON_KIND_OBJECT, (int64_t)v->count >= k->integer)
LIMIT_CHECK(check_max_properties, JSON_KIND_OBJECT, (int64_t)v->count <= k->integer)
LIMIT_CHECK(check_pattern, JSON_KIND_STRING, pattern_match(k->text, v->text) == PATTERN_MATCHES)
#undef LIMIT_CHECK

static bool form_number(struct check *c, const struct json *k)
{
    (void)c;
    return k->kind == JSON_KIND_NUMBER;
}

static bool form_count(struct check *c, const struct json *k)
{
    (void)c;
    return k->kind == JSON_KIND_NUMBER && k->is_int && k->integer >= 0;
}

static bool form_pattern(struct check *c, const struct json *k)
{
    (void)c;
    return k->kind == JSON_KIND_STRING && pattern_match(k->text, STR("")) != PATTERN_UNSUPPORTED;
}

/* ---- objects ---- */

static bool check_properties(struct check *c, const struct json *schema, const struct json *k,
                             const struct json *v)
{
    bool ok = true;
    (void)schema;
    for (const struct json *m = v->kind == JSON_KIND_OBJECT ? v->child : NULL; m != NULL;
         m = m->next) {
        const struct json *s = json_get(k, m->key);
        if (s == NULL)
            continue;
        size_t before = enter_key(c, m->key);
        ok = check_value(c, s, m) && ok;
        leave(c, before);
    }
    return ok;
}

static bool check_additional(struct check *c, const struct json *schema, const struct json *k,
                             const struct json *v)
{
    const struct json *known = json_get(schema, STR("properties"));
    bool ok = true;
    for (const struct json *m = v->kind == JSON_KIND_OBJECT ? v->child : NULL; m != NULL;
         m = m->next) {
        if (known != NULL && json_get(known, m->key) != NULL)
            continue;
        size_t before = enter_key(c, m->key);
        ok = check_value(c, k, m) && ok;
        leave(c, before);
    }
    return ok;
}

static bool check_required(struct check *c, const struct json *schema, const struct json *k,
                           const struct json *v)
{
    bool ok = true;
    (void)schema;
    for (const struct json *name = v->kind == JSON_KIND_OBJECT ? k->child : NULL; name != NULL;
         name = name->next) {
        if (json_get(v, name->text) != NULL)
            continue;
        size_t before = enter_key(c, name->text);
        ok = complain(c, STR("required"));
        leave(c, before);
    }
    return ok;
}

static bool form_schemas_by_name(struct check *c, const struct json *k)
{
    bool ok = k->kind == JSON_KIND_OBJECT;
    for (const struct json *s = ok ? k->child : NULL; s != NULL; s = s->next) {
        size_t before = enter_key(c, s->key);
        ok = form_schema(c, s) && ok;
        leave(c, before);
    }
    return ok;
}

static bool form_names(struct check *c, const struct json *k)
{
    (void)c;
    bool ok = k->kind == JSON_KIND_ARRAY;
    for (const struct json *s = k->child; ok && s != NULL; s = s->next)
        ok = s->kind == JSON_KIND_STRING;
    return ok;
}

/* ---- arrays ---- */

static bool check_prefix(struct check *c, const struct json *schema, const struct json *k,
                         const struct json *v)
{
    bool ok = true;
    (void)schema;
    const struct json *e = v->kind == JSON_KIND_ARRAY ? v->child : NULL;
    size_t i = 0;
    for (const struct json *s = k->child; s != NULL && e != NULL; s = s->next, e = e->next, i++) {
        size_t before = enter_index(c, i);
        ok = check_value(c, s, e) && ok;
        leave(c, before);
    }
    return ok;
}

static bool check_items(struct check *c, const struct json *schema, const struct json *k,
                        const struct json *v)
{
    const struct json *prefix = json_get(schema, STR("prefixItems"));
    size_t skipped = prefix != NULL ? prefix->count : 0, i = 0;
    bool ok = true;
    for (const struct json *e = v->kind == JSON_KIND_ARRAY ? v->child : NULL; e != NULL;
         e = e->next, i++) {
        if (i < skipped)
            continue;
        size_t before = enter_index(c, i);
        ok = check_value(c, k, e) && ok;
        leave(c, before);
    }
    return ok;
}

static int by_bytes(const void *x, const void *y)
{
    return str_cmp(*(const struct str *)x, *(const struct str *)y);
}

static bool all_different(const struct json *array)
{
    struct arena a = {0};
    struct str *texts = ARENA_ARRAY(&a, struct str, array->count + 1);
    size_t n = 0;
    for (const struct json *e = array->child; e != NULL; e = e->next) {
        struct out o = out_memory();
        json_canonical(&o, e);
        texts[n++] = arena_str(&a, out_slice(&o));
        out_close(&o);
    }
    qsort(texts, n, sizeof *texts, by_bytes);
    bool different = true;
    for (size_t i = 1; i < n && different; i++)
        different = !str_eq(texts[i - 1], texts[i]);
    arena_free(&a);
    return different;
}

static bool check_unique(struct check *c, const struct json *schema, const struct json *k,
                         const struct json *v)
{
    (void)schema;
    (void)c;
    return v->kind != JSON_KIND_ARRAY || !k->boolean || all_different(v);
}

static bool form_bool(struct check *c, const struct json *k)
{
    (void)c;
    return k->kind == JSON_KIND_BOOL;
}

static bool form_schemas(struct check *c, const struct json *k)
{
    bool ok = k->kind == JSON_KIND_ARRAY && k->count > 0;
    size_t i = 0;
    for (const struct json *s = ok ? k->child : NULL; s != NULL; s = s->next, i++) {
        size_t before = enter_index(c, i);
        ok = form_schema(c, s) && ok;
        leave(c, before);
    }
    return ok;
}

/* ---- combinations and references ---- */

static size_t branches_that_hold(struct check *c, const struct json *k, const struct json *v)
{
    size_t n = 0;
    c->silent++;
    for (const struct json *s = k->child; s != NULL; s = s->next)
        n += check_value(c, s, v);
    c->silent--;
    return n;
}

static bool check_any_of(struct check *c, const struct json *schema, const struct json *k,
                         const struct json *v)
{
    (void)schema;
    if (branches_that_hold(c, k, v) > 0)
        return true;
    /* Name the deeper problem when only one branch could have been meant. */
    const struct json *meant = NULL;
    size_t candidates = 0;
    for (const struct json *s = k->child; s != NULL; s = s->next) {
        const struct json *type = json_get(s, STR("type"));
        bool fits = type == NULL || check_type(c, s, type, v);
        meant = fits ? s : meant;
        candidates += fits;
    }
    if (candidates == 1)
        (void)check_value(c, meant, v);
    return false;
}

static bool check_one_of(struct check *c, const struct json *schema, const struct json *k,
                         const struct json *v)
{
    (void)schema;
    return branches_that_hold(c, k, v) == 1;
}

static bool check_all_of(struct check *c, const struct json *schema, const struct json *k,
                         const struct json *v)
{
    bool ok = true;
    (void)schema;
    for (const struct json *s = k->child; s != NULL; s = s->next)
        ok = check_value(c, s, v) && ok;
    return ok;
}

static bool check_not(struct check *c, const struct json *schema, const struct json *k,
                      const struct json *v)
{
    (void)schema;
    c->silent++;
    bool holds = check_value(c, k, v);
    c->silent--;
    return !holds;
}

static const struct json *resolve(const struct json *root, struct str ref)
{
    if (str_eq(ref, STR("#")))
        return root;
    if (!str_starts(ref, STR("#/$defs/")))
        return NULL;
    return json_get(json_get(root, STR("$defs")), str_sub(ref, 8, ref.n));
}

static bool check_ref(struct check *c, const struct json *schema, const struct json *k,
                      const struct json *v)
{
    (void)schema;
    return check_value(c, resolve(c->root, k->text), v);
}

static bool form_ref(struct check *c, const struct json *k)
{
    return k->kind == JSON_KIND_STRING && resolve(c->root, k->text) != NULL;
}

static bool form_text(struct check *c, const struct json *k)
{
    (void)c;
    return k->kind == JSON_KIND_STRING;
}

/* ---- the table ---- */

static const struct keyword keywords[] = {
    {STR_INIT("type"), check_type, form_type},
    {STR_INIT("description"), NULL, form_text},
    {STR_INIT("$ref"), check_ref, form_ref},
    {STR_INIT("anyOf"), check_any_of, form_schemas},
    {STR_INIT("properties"), check_properties, form_schemas_by_name},
    {STR_INIT("required"), check_required, form_names},
    {STR_INIT("additionalProperties"), check_additional, form_schema},
    {STR_INIT("minimum"), check_minimum, form_number},
    {STR_INIT("maximum"), check_maximum, form_number},
    {STR_INIT("enum"), check_enum, form_array},
    {STR_INIT("const"), check_const, form_any},
    {STR_INIT("pattern"), check_pattern, form_pattern},
    {STR_INIT("items"), check_items, form_schema},
    {STR_INIT("prefixItems"), check_prefix, form_schemas},
    {STR_INIT("minLength"), check_min_length, form_count},
    {STR_INIT("maxLength"), check_max_length, form_count},
    {STR_INIT("minItems"), check_min_items, form_count},
    {STR_INIT("maxItems"), check_max_items, form_count},
    {STR_INIT("uniqueItems"), check_unique, form_bool},
    {STR_INIT("minProperties"), check_min_properties, form_count},
    {STR_INIT("maxProperties"), check_max_properties, form_count},
    {STR_INIT("exclusiveMinimum"), check_above, form_number},
    {STR_INIT("exclusiveMaximum"), check_below, form_number},
    {STR_INIT("oneOf"), check_one_of, form_schemas},
    {STR_INIT("allOf"), check_all_of, form_schemas},
    {STR_INIT("not"), check_not, form_schema},
    {STR_INIT("$defs"), NULL, form_schemas_by_name},
    {STR_INIT("$schema"), NULL, form_text},
    {STR_INIT("$id"), NULL, form_text},
    {STR_INIT("$comment"), NULL, form_text},
    {STR_INIT("title"), NULL, form_text},
    {STR_INIT("default"), NULL, form_any},
    {STR_INIT("examples"), NULL, form_array},
};

static const struct keyword *find_keyword(struct str name)
{
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++) {
        if (str_eq(keywords[i].name, name))
            return &keywords[i];
    }
    return NULL;
}

/* Keywords that speak for themselves further down, so that a failure is told once. */
static bool told_below(const struct keyword *k)
{
    return k->check == check_properties || k->check == check_additional ||
           k->check == check_required || k->check == check_items || k->check == check_prefix ||
           k->check == check_ref || k->check == check_all_of;
}

static bool check_keywords(struct check *c, const struct json *schema, const struct json *v)
{
    bool ok = true;
    for (const struct json *m = schema->child; m != NULL; m = m->next) {
        const struct keyword *k = find_keyword(m->key);
        if (k != NULL && (k->check == NULL || k->check(c, schema, m, v)))
            continue;
        ok = k != NULL && told_below(k) ? false : complain(c, m->key);
    }
    return ok;
}

static bool check_value(struct check *c, const struct json *schema, const struct json *v)
{
    if (schema->kind == JSON_KIND_BOOL)
        return schema->boolean || complain(c, STR("additionalProperties"));
    if (c->nesting == SCHEMA_NESTING_MAX)
        return complain(c, STR("$ref"));
    if (c->steps_left == 0 || --c->steps_left == 0)
        return false; /* said at the end */
    c->nesting++;
    bool ok = check_keywords(c, schema, v);
    c->nesting--;
    return ok;
}

static bool form_keywords(struct check *c, const struct json *schema)
{
    bool ok = true;
    for (const struct json *m = schema->child; m != NULL; m = m->next) {
        const struct keyword *k = find_keyword(m->key);
        size_t before = enter_key(c, m->key);
        bool good = k != NULL && k->form(c, m);
        if (!good && (k == NULL || (k->form != form_schema && k->form != form_schemas &&
                                    k->form != form_schemas_by_name)))
            (void)complain(c, m->key);
        leave(c, before);
        ok = ok && good;
    }
    return ok;
}

static bool form_schema(struct check *c, const struct json *schema)
{
    if (schema->kind == JSON_KIND_BOOL)
        return true;
    if (schema->kind != JSON_KIND_OBJECT || c->nesting == SCHEMA_NESTING_MAX)
        return complain(c, STR("schema"));
    c->nesting++;
    bool ok = form_keywords(c, schema);
    c->nesting--;
    return ok;
}

#define DEPTH_MAX 64 /* of a parsed document */

static uint64_t count_values(const struct json *v)
{
    const struct json *open[DEPTH_MAX + 1] = {v->child};
    uint64_t n = 1;
    for (int depth = 0; depth >= 0;) {
        const struct json *now = open[depth];
        if (now == NULL) {
            depth--;
            continue;
        }
        n++;
        open[depth] = now->next;
        if (now->child != NULL && depth < DEPTH_MAX)
            open[++depth] = now->child;
    }
    return n;
}

static struct check check_open(const struct json *root, schema_report *report, void *user)
{
    return (struct check){.root = root, .report = report, .user = user, .pointer = out_memory()};
}

bool schema_usable(const struct json *schema, schema_report *report, void *user)
{
    struct check c = check_open(schema, report, user);
    bool ok = form_schema(&c, schema);
    out_close(&c.pointer);
    return ok;
}

bool schema_valid(const struct json *schema, const struct json *document, schema_report *report,
                  void *user)
{
    struct check c = check_open(schema, report, user);
    c.steps_left = SCHEMA_STEPS_MIN + SCHEMA_STEPS_A_VALUE * count_values(document);
    bool ok = check_value(&c, schema, document);
    if (c.steps_left == 0)
        ok = complain(&c, STR("steps"));
    out_close(&c.pointer);
    return ok;
}
