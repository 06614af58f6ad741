/* verify_document.c: one JSON document: readable, canonical, integers only, as its schema says. */
#include "reports/verify_bundle.h"

#include "reports/schema.h"
#include "reports/schemas.h"

#define SAFE_INTEGER INT64_C(9007199254740992) /* 2^53 */

/* Where the problems of one document go, and how many were told. */
struct told {
    struct bundle_check *x;
    struct str place;
    enum cause cause;
    int count;
};

void verify_say(struct bundle_check *x, enum cause c, struct str place, struct str detail)
{
    if (x->v->seen[c] < VERIFY_PROBLEMS_MAX)
        verdict(x->v, c, place, detail);
    else if (x->v->seen[c] == VERIFY_PROBLEMS_MAX)
        verdict(x->v, CAUSE_more, place, str_of(cause_name(c)));
    if (x->v->seen[c] >= VERIFY_PROBLEMS_MAX)
        x->v->seen[c] = VERIFY_PROBLEMS_MAX + 1;
}

static void tell(void *user, struct str pointer, struct str keyword)
{
    struct told *t = user;
    struct arena a = {.chunk_len = 1024};
    if (t->count++ < VERIFY_PROBLEMS_MAX)
        verify_say(t->x, t->cause, t->place,
                   arena_printf(&a, "%.*s: %.*s", STR_ARG(pointer), STR_ARG(keyword)));
    arena_free(&a);
}

struct str verify_string(const struct json *o, const char *key)
{
    const struct json *v = json_get(o, str_of(key));
    return v != NULL && v->kind == JSON_KIND_STRING ? v->text : STR_NONE;
}

int64_t verify_int(const struct json *o, const char *key)
{
    const struct json *v = json_get(o, str_of(key));
    return v != NULL && v->is_int ? v->integer : -1;
}

/* The program's own schema; a bag whose copy differs was made by no version of this program. */
static const struct json *load_schema(struct bundle_check *x, const char *name)
{
    struct str file = arena_printf(&x->arena, "%s.schema.json", name);
    struct str path = arena_printf(&x->arena, "data/schema/%s.schema.json", name);
    struct str ours = embedded_schema(file), theirs;
    const struct bagit_file *f = bagit_find(x->b, path);
    if (f == NULL)
        verdict(x->v, CAUSE_missing, path, STR_NONE);
    else if (bagit_read(x->b, f, &x->arena, VERIFY_DOCUMENT_MAX, &theirs) && !str_eq(ours, theirs))
        verdict(x->v, CAUSE_schema_differs, path, STR_NONE);
    struct json *schema = json_parse(&x->arena, ours, NULL);
    struct told t = {.x = x, .place = path, .cause = CAUSE_schema_unusable};
    return schema != NULL && schema_usable(schema, tell, &t) ? schema : NULL;
}

void verify_schemas(struct bundle_check *x)
{
    static const char *const names[DOCUMENT_COUNT] = {"effective", "evidence", "ledger",
                                                      "record",    "rule",     "scoring"};
    for (int i = 0; i < DOCUMENT_COUNT; i++)
        x->schemas[i] = load_schema(x, names[i]);
}

/* The lexer walks the text once more: a tree would need a second recursion-free walk. */
static void check_numbers(struct bundle_check *x, struct str place, struct str text)
{
    struct json_lexer l = json_lexer_of(text);
    for (enum json_token t; (t = json_next(&l)) != JSON_END && t != JSON_ERROR;) {
        int64_t n;
        if (t != JSON_NUMBER)
            continue;
        if (!str_i64(l.value, &n))
            verify_say(x, CAUSE_not_integer, place, l.value);
        else if (n >= SAFE_INTEGER || n <= -SAFE_INTEGER)
            verify_say(x, CAUSE_large_integer, place, l.value);
    }
}

static bool is_canonical(const struct json *v, struct str text)
{
    struct out o = out_memory();
    json_canonical(&o, v);
    bool same = str_eq(out_slice(&o), text);
    out_close(&o);
    return same;
}

const struct json *verify_text(struct bundle_check *x, struct arena *a, struct str place,
                               struct str text, enum document kind)
{
    struct json_error e;
    const struct json *v = json_parse(a, text, &e);
    if (v == NULL) {
        verify_say(x, CAUSE_json, place, arena_printf(a, "%d:%d: %s", e.line, e.column, e.what));
        return NULL;
    }
    if (!is_canonical(v, text))
        verify_say(x, CAUSE_canonical, place, STR_NONE);
    check_numbers(x, place, text);
    struct told t = {.x = x, .place = place, .cause = CAUSE_schema};
    const struct json *schema = x->schemas[kind];
    bool valid = schema != NULL && schema_valid(schema, v, tell, &t);
    return valid ? v : NULL;
}

const struct json *verify_document(struct bundle_check *x, struct str path, enum document kind)
{
    const struct bagit_file *f = bagit_find(x->b, path);
    struct str text;
    if (f == NULL || !bagit_read(x->b, f, &x->arena, VERIFY_DOCUMENT_MAX, &text))
        return NULL;
    return verify_text(x, &x->arena, path, text, kind);
}

void verify_file_link(struct bundle_check *x, const struct json *link)
{
    struct str path = verify_string(link, "file");
    struct sha256 want, have;
    struct bagit_file *f = bagit_find(x->b, path);
    x->v->result->links++;
    if (f == NULL)
        verdict(x->v, CAUSE_missing, path, STR("data/evidence.json"));
    else if (!sha256_parse(verify_string(link, "sha256"), &want) || !bagit_sha256(x->b, f, &have) ||
             memcmp(want.b, have.b, sizeof want.b) != 0)
        verdict(x->v, CAUSE_file_sha256, path, STR_NONE);
}
