/* Every document of a bundle satisfies its schema, and every constraint of every schema refuses a
 * document that breaks it and nothing else.  The broken documents are made from the valid ones by
 * walking schema and document together; a constraint that none of them reaches fails the test.
 * All documents then go to a second validator, where there is one (tests/schema/validate.py). */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "reports/rules.h"
#include "reports/schema.h"
#include "reports/schemas.h"
#include "tests/unit/reports_fixture.h"

enum { TRIED_MAX = 4096 };

struct tried { /* a constraint that a broken document was made for */
    const struct json *schema;
    const char *keyword;
};

struct check {
    struct arena arena;
    const char *name;
    struct json *schema;
    struct json *document;
    struct tried tried[TRIED_MAX];
    size_t count;
    size_t broken; /* documents made */
    FILE *dump;
};

static void dump(struct check *c, const char *keyword, bool valid)
{
    struct out o = out_memory();
    json_canonical(&o, c->document);
    fprintf(c->dump, "{\"document\":%.*s,\"keyword\":\"%s\",\"schema\":\"%s\",\"valid\":%s}\n",
            STR_ARG(out_slice(&o)), keyword, c->name, valid ? "true" : "false");
    out_close(&o);
}

static bool was_tried(const struct check *c, const struct json *schema, const char *keyword)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->tried[i].schema == schema && strcmp(c->tried[i].keyword, keyword) == 0)
            return true;
    return false;
}

static void ignore(void *user, struct str pointer, struct str keyword)
{
    (void)user;
    (void)pointer;
    (void)keyword;
}

/* The document as it stands now must be refused. */
static void must_fail(struct check *c, const struct json *schema, const char *keyword)
{
    if (schema_valid(c->schema, c->document, ignore, NULL)) {
        struct out o = out_memory();
        json_canonical(&o, schema);
        fail_msg("%s: broken %s is accepted: %.*s", c->name, keyword, (int)out_slice(&o).n,
                 out_slice(&o).p);
    }
    c->broken++;
    if (was_tried(c, schema, keyword))
        return;
    dump(c, keyword, false);
    assert_true(c->count < TRIED_MAX);
    c->tried[c->count++] = (struct tried){schema, keyword};
}

/* Replaces a value but not its place in its parent. */
static struct json replace(struct json *place, const struct json *with)
{
    struct json before = *place;
    struct json *next = place->next;
    struct str key = place->key;
    *place = *with;
    place->next = next;
    place->key = key;
    return before;
}

static void try_value(struct check *c, const struct json *schema, struct json *value,
                      struct json *with, const char *keyword)
{
    struct json before = replace(value, with);
    must_fail(c, schema, keyword);
    *value = before;
}

/* A value that no type, enum, const, anyOf or pattern of ours accepts. */
static struct json *wrong(struct check *c, const struct json *value)
{
    if (value->kind != JSON_KIND_ARRAY)
        return json_new(&c->arena, JSON_KIND_ARRAY);
    return json_text(&c->arena, "\x01 no such value");
}

static void break_scalar(struct check *c, const struct json *schema, struct json *value)
{
    static const char *const keywords[] = {"type", "enum", "const", "anyOf"};
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++)
        if (json_get(schema, str_of(keywords[i])) != NULL)
            try_value(c, schema, value, wrong(c, value), keywords[i]);
    const struct json *bound = json_get(schema, STR("minimum"));
    if (bound != NULL)
        try_value(c, schema, value, json_int(&c->arena, bound->integer - 1), "minimum");
    bound = json_get(schema, STR("maximum"));
    if (bound != NULL)
        try_value(c, schema, value, json_int(&c->arena, bound->integer + 1), "maximum");
    if (json_get(schema, STR("pattern")) != NULL)
        try_value(c, schema, value, json_text(&c->arena, "!"), "pattern");
    if (json_get(schema, STR("minLength")) != NULL)
        try_value(c, schema, value, json_text(&c->arena, ""), "minLength");
}

static void break_required(struct check *c, const struct json *schema, struct json *object)
{
    const struct json *required = json_get(schema, STR("required"));
    for (const struct json *r = required != NULL ? required->child : NULL; r != NULL; r = r->next) {
        for (struct json **link = &object->child; *link != NULL; link = &(*link)->next) {
            if (!str_eq((*link)->key, r->text))
                continue;
            struct json *gone = *link;
            *link = gone->next;
            must_fail(c, r, "required");
            *link = gone;
        }
    }
}

static void break_object(struct check *c, const struct json *schema, struct json *object)
{
    const struct json *more = json_get(schema, STR("additionalProperties"));
    break_required(c, schema, object);
    if (more != NULL) {
        struct json *first = object->child, *unknown = json_new(&c->arena, JSON_KIND_ARRAY);
        unknown->key = STR("no_such_member");
        unknown->next = first;
        object->child = unknown;
        object->count++;
        must_fail(c, schema, "additionalProperties");
        object->child = first;
        object->count--;
    }
}

static void break_array(struct check *c, const struct json *schema, struct json *array)
{
    struct json empty = *array;
    empty.child = NULL;
    empty.count = 0;
    if (json_get(schema, STR("minItems")) != NULL)
        try_value(c, schema, array, &empty, "minItems");
    const struct json *most = json_get(schema, STR("maxItems"));
    if (most != NULL) {
        struct json *many = json_new(&c->arena, JSON_KIND_ARRAY);
        for (int64_t i = 0; i <= most->integer; i++) {
            struct json *copy = ARENA_NEW(&c->arena, struct json);
            *copy = *array->child;
            copy->next = NULL;
            json_push(many, copy);
        }
        try_value(c, schema, array, many, "maxItems");
    }
}

static const struct json *resolve(const struct check *c, const struct json *schema)
{
    for (const struct json *ref; (ref = json_get(schema, STR("$ref"))) != NULL;) {
        struct str name = str_sub(ref->text, sizeof "#/$defs/" - 1, ref->text.n);
        schema = json_get(json_get(c->schema, STR("$defs")), name);
        assert_non_null(schema);
    }
    return schema;
}

/* Our anyOf are all "this, or null". */
static void visit(struct check *c, const struct json *schema, struct json *value)
{
    schema = resolve(c, schema);
    break_scalar(c, schema, value);
    const struct json *any = json_get(schema, STR("anyOf"));
    if (any != NULL && value->kind != JSON_KIND_NULL) {
        visit(c, any->child, value);
    } else if (value->kind == JSON_KIND_OBJECT) {
        break_object(c, schema, value);
        for (struct json *v = value->child; v != NULL; v = v->next) {
            const struct json *member = json_get(json_get(schema, STR("properties")), v->key);
            const struct json *more = json_get(schema, STR("additionalProperties"));
            if (member != NULL || (more != NULL && more->kind == JSON_KIND_OBJECT))
                visit(c, member != NULL ? member : more, v);
        }
    } else if (value->kind == JSON_KIND_ARRAY) {
        break_array(c, schema, value);
        for (struct json *v = value->child; v != NULL && json_get(schema, STR("items")) != NULL;
             v = v->next)
            visit(c, json_get(schema, STR("items")), v);
    }
}

static void say_why(void *user, struct str pointer, struct str keyword)
{
    print_error("%s: %.*s: %.*s\n", (const char *)user, STR_ARG(pointer), STR_ARG(keyword));
}

static void add_document(struct check *c, struct str text)
{
    struct json_error error;
    c->document = json_parse(&c->arena, text, &error);
    assert_non_null(c->document);
    char name[64];
    snprintf(name, sizeof name, "%s", c->name);
    assert_true(schema_valid(c->schema, c->document, say_why, name));
    dump(c, "", true);
    visit(c, c->schema, c->document);
    assert_true(schema_valid(c->schema, c->document, say_why, name)); /* every change was undone */
}

/* Constraints of one schema and of what lies below it that no document reached. */
static size_t untried(const struct check *c, const struct json *schema)
{
    static const char *const keywords[] = {"type",     "enum",    "const",   "anyOf",
                                           "minimum",  "maximum", "pattern", "minLength",
                                           "minItems", "maxItems"};
    size_t n = 0;
    if (schema->kind != JSON_KIND_OBJECT)
        return 0;
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++) {
        if (json_get(schema, str_of(keywords[i])) == NULL || was_tried(c, schema, keywords[i]))
            continue;
        print_error("%s: no broken document for %s of %.*s at byte %td\n", c->name, keywords[i],
                    STR_ARG(schema->key), schema->at);
        n++;
    }
    if (json_get(schema, STR("additionalProperties")) != NULL &&
        !was_tried(c, schema, "additionalProperties"))
        n++;
    const struct json *required = json_get(schema, STR("required"));
    for (const struct json *r = required != NULL ? required->child : NULL; r != NULL; r = r->next)
        n += !was_tried(c, r, "required");
    static const char *const groups[] = {"properties", "$defs"};
    for (size_t i = 0; i < 2; i++) {
        const struct json *group = json_get(schema, str_of(groups[i]));
        for (const struct json *s = group != NULL ? group->child : NULL; s != NULL; s = s->next)
            n += untried(c, s);
    }
    if (json_get(schema, STR("items")) != NULL)
        n += untried(c, json_get(schema, STR("items")));
    if (json_get(schema, STR("anyOf")) != NULL)
        n += untried(c, json_get(schema, STR("anyOf"))->child);
    return n;
}

static void check_open(struct check *c, const char *name, FILE *dump_to)
{
    struct json_error error;
    memset(c, 0, sizeof *c);
    c->name = name;
    c->dump = dump_to;
    c->schema = json_parse(
        &c->arena, embedded_schema(arena_printf(&c->arena, "%s.schema.json", name)), &error);
    assert_non_null(c->schema);
    char shown[64];
    snprintf(shown, sizeof shown, "%s.schema.json", name);
    assert_true(schema_usable(c->schema, say_why, shown));
}

static void check_close(struct check *c)
{
    assert_int_equal(untried(c, c->schema), 0);
    assert_true(c->broken > 10);
    arena_free(&c->arena);
}

/* text with the first `old` replaced, for values that the fixture cannot bring about. */
static struct str replaced(struct fixture *x, struct str text, struct str old, struct str with)
{
    const ptrdiff_t at = str_find_str(text, old);
    if (at < 0)
        return text;
    return arena_printf(&x->arena, "%.*s%.*s%.*s", (int)at, text.p, STR_ARG(with),
                        STR_ARG(str_sub(text, at + old.n, text.n)));
}

/* A ledger in which every reason and every oddity occurs. */
static struct str full_ledger(struct fixture *x)
{
    struct ledger_source *s = &x->ledger.sources[0];
    for (int i = 1; i < REJECT_COUNT; i++)
        s->rejects_by_reason[i] = 1;
    for (int i = 0; i < ODDITY_COUNT; i++)
        s->oddities[i] = 1;
    diag_add(&x->diags, DIAG_rejects, 0, 1, STR("14"));
    struct out o = out_memory();
    json_canonical(&o, ledger_json(&x->arena, &x->ledger, &x->diags));
    struct str text = arena_str(&x->arena, out_slice(&o));
    out_close(&o);
    return text;
}

/* The record with what only a capture's events have, transactions and ClientHellos at once. */
static struct str of_capture(struct fixture *x, struct str line)
{
    static const struct str more = STR_INIT(
        "\"fields\":{\"alpn\":[\"h2\"],\"completeness\":\"complete\",\"connection\":1,"
        "\"header_names\":[\"Host\"],\"http_anomalies\":[\"bare_lf\"],"
        "\"ja3\":\"00\",\"ja3_raw\":\"771,,,,\",\"ja4\":\"t12d\",\"ja4_raw\":\"t12d\",\"packets\":[4,5],"
        "\"packets_more\":1,\"proxied_ip\":\"192.0.2.1\",\"proxied_port\":443,\"request_body_len\":0,"
        "\"request_body_sha256\":\"0000000000000000000000000000000000000000000000000000000000000000\","
        "\"response_body_len\":0,"
        "\"response_body_sha256\":\"0000000000000000000000000000000000000000000000000000000000000000\","
        "\"sni\":\"rdv.example\",\"transaction\":1,");
    return replaced(x, line, STR("\"fields\":{"), more);
}

static void ask_another_validator(struct fixture *x)
{
    int status = system(
        arena_printf(&x->arena, "python3 tests/schema/validate.py samples/schema %s/dump.jsonl",
                     x->folder)
            .p);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 127)
        print_message("SKIP: schemas: no python3\n");
    else
        assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 77);
}

static struct check check; /* large */

static void schemas_accept_and_refuse(void **state)
{
    (void)state;
    struct fixture *x = fixture_new();
    FILE *dump_to = fopen(arena_printf(&x->arena, "%s/dump.jsonl", x->folder).p, "w");
    assert_non_null(dump_to);
    struct str why, bag = x->settings.out, line;
    assert_int_equal(bundle_write(&x->in, &why), STATUS_OK);

    check_open(&check, "evidence", dump_to);
    add_document(&check, fixture_read(x, bag, "data/evidence.json"));
    add_document(&check, replaced(x, fixture_read(x, bag, "data/evidence.json"),
                                  STR("\"git_commit\":null"), STR("\"git_commit\":\"0123456\"")));
    check_close(&check);

    check_open(&check, "ledger", dump_to);
    add_document(&check, fixture_read(x, bag, "data/ledger.json"));
    add_document(&check, full_ledger(x));
    check_close(&check);

    check_open(&check, "record", dump_to);
    struct str rest = fixture_read(x, bag, "data/records.jsonl");
    while (rest.n > 0) {
        rest = str_cut(rest, '\n', &line);
        add_document(&check, line);
        add_document(&check, of_capture(x, line));
    }
    check_close(&check);

    check_open(&check, "rule", dump_to);
    for (size_t i = 0; i < detectors_count; i++)
        add_document(&check, fixture_read(x, bag,
                                          arena_printf(&x->arena, "data/rules/%s.v%d.json",
                                                       detectors[i]->name, detectors[i]->version)
                                              .p));
    check_close(&check);

    check_open(&check, "scoring", dump_to);
    add_document(&check, fixture_read(x, bag, scoring_path(&x->arena).p));
    check_close(&check);

    check_open(&check, "effective", dump_to);
    struct str effective = fixture_read(x, bag, "data/config/effective.json");
    add_document(&check, effective);
    effective =
        replaced(x, effective, STR("\"key_map\":null"), STR("\"key_map\":{\"ip\":\"peer_ip\"}"));
    effective = replaced(x, effective, STR("\"limits\":{}"), STR("\"limits\":{\"sources_max\":7}"));
    add_document(&check, replaced(x, effective, STR("\"params\":{}"),
                                  STR("\"params\":{\"form-latency.floor_us\":7}")));
    check_close(&check);
    fclose(dump_to);
    ask_another_validator(x);
    fixture_free(x);
}

int main(void)
{
    hash_init();
    const struct CMUnitTest tests[] = {cmocka_unit_test(schemas_accept_and_refuse)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
