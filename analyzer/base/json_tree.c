/* json_tree.c: tokens to a tree with positions, and trees built by hand.
 *
 * The reader keeps the open containers on a small stack (the lexer bounds the depth).  A tree
 * refuses what a log line may hold: equal keys, lone surrogates, numbers that no double holds. */
#include "analyzer/base/json.h"

#include <math.h>
#include <stdlib.h>

#define KEYS_COMPARED_PAIRWISE 16 /* above this an object's keys are sorted to find equal ones */

struct builder {
    struct arena *a;
    struct json_lexer lexer;
    struct json *open[JSON_DEPTH_MAX];
    int depth;
    struct str key; /* of the member that comes next */
    ptrdiff_t key_at;
    const char *error;
    ptrdiff_t error_at;
};

struct json *json_new(struct arena *a, enum json_kind kind)
{
    struct json *v = ARENA_NEW(a, struct json);
    v->kind = kind;
    return v;
}

struct json *json_int(struct arena *a, int64_t n)
{
    struct json *v = json_new(a, JSON_KIND_NUMBER);
    v->is_int = true;
    v->integer = n;
    return v;
}

struct json *json_str(struct arena *a, struct str s)
{
    struct json *v = json_new(a, JSON_KIND_STRING);
    v->text = s;
    return v;
}

struct json *json_text(struct arena *a, const char *s)
{
    return json_str(a, str_of(s));
}

struct json *json_bool(struct arena *a, bool b)
{
    struct json *v = json_new(a, JSON_KIND_BOOL);
    v->boolean = b;
    return v;
}

void json_push(struct json *array, struct json *value)
{
    if (array->last == NULL)
        array->child = value;
    else
        array->last->next = value;
    array->last = value;
    array->count++;
}

void json_set(struct json *object, struct str key, struct json *value)
{
    value->key = key;
    json_push(object, value);
}

struct json *json_get(const struct json *object, struct str key)
{
    if (object == NULL || object->kind != JSON_KIND_OBJECT)
        return NULL;
    for (struct json *v = object->child; v != NULL; v = v->next) {
        if (str_eq(v->key, key))
            return v;
    }
    return NULL;
}

void json_position(struct str text, ptrdiff_t at, int *line, int *column)
{
    *line = 1;
    *column = 1;
    for (ptrdiff_t i = 0; i < at && i < text.n; i++) {
        (*column)++;
        if (text.p[i] == '\n') {
            (*line)++;
            *column = 1;
        }
    }
}

static bool refuse(struct builder *b, ptrdiff_t at, const char *what)
{
    if (b->error == NULL) {
        b->error = what;
        b->error_at = at;
    }
    return false;
}

static bool decode(struct builder *b, struct str *out)
{
    bool lossy = false;
    *out = b->lexer.value;
    if (b->lexer.escaped)
        *out = json_unescape(b->a, *out, &lossy);
    return !lossy || refuse(b, b->lexer.value.p - b->lexer.text.p, "half of a surrogate pair");
}

static bool set_number(struct builder *b, struct json *v)
{
    v->text = b->lexer.value;
    v->is_int = str_i64(v->text, &v->integer);
    if (v->is_int)
        return true;
    double d = strtod(arena_cstr(b->a, v->text), NULL);
    return isfinite(d) || refuse(b, v->at, "number too large for a double");
}

static int by_key(const void *x, const void *y)
{
    const struct json *a = *(struct json *const *)x, *b = *(struct json *const *)y;
    int c = str_cmp(a->key, b->key);
    return c != 0 ? c : (a->key_at > b->key_at) - (a->key_at < b->key_at);
}

/* The first member in the text whose key stood before, or NULL. */
static const struct json *repeated_sorted(const struct json *object)
{
    struct json **all = mem_alloc(object->count * sizeof(*all));
    size_t n = 0;
    for (struct json *v = object->child; v != NULL; v = v->next)
        all[n++] = v;
    qsort(all, n, sizeof(*all), by_key);
    const struct json *found = NULL;
    for (size_t i = 1; i < n; i++) {
        bool same = str_eq(all[i - 1]->key, all[i]->key);
        if (same && (found == NULL || all[i]->key_at < found->key_at))
            found = all[i];
    }
    mem_free(all);
    return found;
}

static const struct json *repeated(const struct json *object)
{
    if (object->count > KEYS_COMPARED_PAIRWISE)
        return repeated_sorted(object);
    for (const struct json *v = object->child; v != NULL; v = v->next) {
        if (json_get(object, v->key) != v)
            return v;
    }
    return NULL;
}

static bool close_container(struct builder *b)
{
    const struct json *done = b->open[--b->depth];
    if (done->kind != JSON_KIND_OBJECT)
        return true;
    const struct json *twice = repeated(done);
    return twice == NULL || refuse(b, twice->key_at, "key stands twice in one object");
}

static enum json_kind kind_of(enum json_token t)
{
    switch (t) {
    case JSON_OBJECT_OPEN:
        return JSON_KIND_OBJECT;
    case JSON_ARRAY_OPEN:
        return JSON_KIND_ARRAY;
    case JSON_STRING:
        return JSON_KIND_STRING;
    case JSON_NUMBER:
        return JSON_KIND_NUMBER;
    case JSON_TRUE:
    case JSON_FALSE:
        return JSON_KIND_BOOL;
    case JSON_NULL:
    case JSON_END:
    case JSON_ERROR:
    case JSON_OBJECT_CLOSE:
    case JSON_ARRAY_CLOSE:
    case JSON_KEY:
    default:
        return JSON_KIND_NULL;
    }
}

/* Where the token that was just read begins. */
static ptrdiff_t token_start(const struct builder *b, enum json_token t)
{
    ptrdiff_t text_at = b->lexer.value.p != NULL ? b->lexer.value.p - b->lexer.text.p : 0;
    switch (t) {
    case JSON_STRING:
        return text_at - 1;
    case JSON_NUMBER:
        return text_at;
    case JSON_TRUE:
    case JSON_NULL:
        return b->lexer.at - 4;
    case JSON_FALSE:
        return b->lexer.at - 5;
    case JSON_OBJECT_OPEN:
    case JSON_ARRAY_OPEN:
    case JSON_OBJECT_CLOSE:
    case JSON_ARRAY_CLOSE:
    case JSON_KEY:
    case JSON_END:
    case JSON_ERROR:
    default:
        return b->lexer.at - 1;
    }
}

static bool add_value(struct builder *b, enum json_token t, struct json **root)
{
    struct json *v = json_new(b->a, kind_of(t));
    v->at = token_start(b, t);
    v->boolean = t == JSON_TRUE;
    if (t == JSON_STRING && !decode(b, &v->text))
        return false;
    if (t == JSON_NUMBER && !set_number(b, v))
        return false;
    struct json *parent = b->depth > 0 ? b->open[b->depth - 1] : NULL;
    if (parent == NULL) {
        *root = v;
    } else {
        v->key = parent->kind == JSON_KIND_OBJECT ? b->key : STR_NONE;
        v->key_at = parent->kind == JSON_KIND_OBJECT ? b->key_at : 0;
        json_push(parent, v);
    }
    if (t == JSON_OBJECT_OPEN || t == JSON_ARRAY_OPEN)
        b->open[b->depth++] = v;
    return true;
}

static bool add_token(struct builder *b, enum json_token t, struct json **root)
{
    if (t == JSON_ERROR)
        return refuse(b, b->lexer.at, b->lexer.error);
    if (t == JSON_KEY) {
        b->key_at = b->lexer.value.p - b->lexer.text.p - 1;
        return decode(b, &b->key);
    }
    if (t == JSON_OBJECT_CLOSE || t == JSON_ARRAY_CLOSE)
        return close_container(b);
    return add_value(b, t, root);
}

struct json *json_parse(struct arena *a, struct str text, struct json_error *error)
{
    struct builder b = {.a = a, .lexer = json_lexer_of(text)};
    struct json *root = NULL;
    for (enum json_token t; (t = json_next(&b.lexer)) != JSON_END;) {
        if (add_token(&b, t, &root))
            continue;
        if (error != NULL) {
            error->what = b.error;
            json_position(text, b.error_at, &error->line, &error->column);
        }
        return NULL;
    }
    return root;
}
