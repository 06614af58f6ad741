/* test_reports_schema.c: every keyword accepts and refuses; what is not supported is never passed
 * over. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "reports/pattern.h"
#include "reports/schema.h"
#include "reports/schemas.h"
#include "tests/unit/guard.h"

struct said {
    char text[400];
    size_t n;
};

static void note(void *user, struct str pointer, struct str keyword)
{
    struct said *s = user;
    struct out o = out_memory();
    out_str(&o, pointer);
    out_char(&o, ' ');
    out_str(&o, keyword);
    out_char(&o, ';');
    for (size_t i = 0; i < o.len && s->n + 1 < sizeof s->text; i++)
        s->text[s->n++] = o.buf[i];
    out_close(&o);
}

static const struct {
    const char *schema, *document;
    const char *says; /* "" when it is valid */
} table[] = {
    {"{\"type\":\"integer\"}", "1", ""},
    {"{\"type\":\"integer\"}", "1.0", ""},
    {"{\"type\":\"integer\"}", "1.5", " type;"},
    {"{\"type\":\"integer\"}", "\"1\"", " type;"},
    {"{\"type\":\"number\"}", "1.5", ""},
    {"{\"type\":[\"string\",\"null\"]}", "null", ""},
    {"{\"type\":[\"string\",\"null\"]}", "[]", " type;"},
    {"{\"type\":\"boolean\"}", "true", ""},
    {"{\"type\":\"object\"}", "[]", " type;"},
    {"{\"enum\":[\"a\",1,null,[1]]}", "[1]", ""},
    {"{\"enum\":[\"a\",1,null,[1]]}", "1.0", ""},
    {"{\"enum\":[\"a\",1]}", "\"b\"", " enum;"},
    {"{\"const\":{\"a\":1,\"b\":2}}", "{\"b\":2,\"a\":1}", ""},
    {"{\"const\":1}", "true", " const;"},
    {"{\"properties\":{\"a\":{\"type\":\"integer\"}}}", "{\"a\":\"x\",\"b\":1}", "/a type;"},
    {"{\"required\":[\"a\",\"b\"]}", "{\"b\":1}", "/a required;"},
    {"{\"required\":[\"a\"]}", "[]", ""},
    {"{\"properties\":{\"a\":true},\"additionalProperties\":false}", "{\"a\":1,\"b/~\":1}",
     "/b~1~0 additionalProperties;"},
    {"{\"additionalProperties\":{\"type\":\"integer\"}}", "{\"a\":1,\"b\":\"\"}", "/b type;"},
    {"{\"items\":{\"type\":\"integer\"}}", "[1,2,\"x\"]", "/2 type;"},
    {"{\"prefixItems\":[{\"type\":\"string\"}],\"items\":{\"type\":\"integer\"}}", "[\"a\",1]", ""},
    {"{\"prefixItems\":[{\"type\":\"string\"}],\"items\":{\"type\":\"integer\"}}", "[1,\"a\"]",
     "/0 type;/1 type;"},
    {"{\"prefixItems\":[true],\"items\":false}", "[1,2]", "/1 additionalProperties;"},
    {"{\"minItems\":1,\"maxItems\":2}", "[1,2]", ""},
    {"{\"minItems\":1}", "[]", " minItems;"},
    {"{\"maxItems\":2}", "[1,2,3]", " maxItems;"},
    {"{\"uniqueItems\":true}", "[1,2,{\"a\":1,\"b\":2}]", ""},
    {"{\"uniqueItems\":true}", "[{\"a\":1,\"b\":2},2,{\"b\":2,\"a\":1}]", " uniqueItems;"},
    {"{\"minimum\":0,\"maximum\":9}", "9", ""},
    {"{\"minimum\":0}", "-1", " minimum;"},
    {"{\"maximum\":9}", "10", " maximum;"},
    {"{\"maximum\":9007199254740992}", "9007199254740993", " maximum;"}, /* beyond doubles */
    {"{\"exclusiveMinimum\":0}", "0", " exclusiveMinimum;"},
    {"{\"exclusiveMaximum\":1}", "0.5", ""},
    {"{\"exclusiveMaximum\":1}", "1", " exclusiveMaximum;"},
    {"{\"minLength\":2,\"maxLength\":3}", "\"\xC3\xA9\xC3\xA9\xC3\xA9\"", ""},
    {"{\"minLength\":2}", "\"\xC3\xA9\"", " minLength;"},
    {"{\"maxLength\":1}", "\"ab\"", " maxLength;"},
    {"{\"minProperties\":1}", "{}", " minProperties;"},
    {"{\"maxProperties\":0}", "{\"a\":1}", " maxProperties;"},
    {"{\"pattern\":\"^[0-9a-f]{4}$\"}", "\"0af9\"", ""},
    {"{\"pattern\":\"^[0-9a-f]{4}$\"}", "\"0aF9\"", " pattern;"},
    {"{\"pattern\":\"^a$\"}", "1", ""},
    {"{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}", "null", ""},
    {"{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}", "1", " anyOf;"},
    {"{\"anyOf\":[{\"type\":\"array\",\"items\":{\"type\":\"integer\"}},{\"type\":\"null\"}]}",
     "[\"x\"]", "/0 type; anyOf;"},
    {"{\"oneOf\":[{\"minimum\":0},{\"maximum\":9}]}", "10", ""},
    {"{\"oneOf\":[{\"minimum\":0},{\"maximum\":9}]}", "5", " oneOf;"},
    {"{\"allOf\":[{\"minimum\":0},{\"maximum\":9}]}", "5", ""},
    {"{\"allOf\":[{\"minimum\":0},{\"maximum\":9}]}", "10", " maximum;"},
    {"{\"not\":{\"type\":\"null\"}}", "1", ""},
    {"{\"not\":{\"type\":\"null\"}}", "null", " not;"},
    {"{\"$ref\":\"#/$defs/a\",\"$defs\":{\"a\":{\"type\":\"null\"}}}", "null", ""},
    {"{\"$ref\":\"#/$defs/a\",\"$defs\":{\"a\":{\"type\":\"null\"}}}", "1", " type;"},
    {"{\"properties\":{\"a\":{\"$ref\":\"#\"}},\"additionalProperties\":false}",
     "{\"a\":{\"a\":{}}}", ""},
    {"{\"properties\":{\"a\":{\"$ref\":\"#\"}},\"additionalProperties\":false}",
     "{\"a\":{\"a\":{\"b\":1}}}", "/a/a/b additionalProperties;"},
    {"{\"$ref\":\"#\"}", "1", " $ref;"}, /* a reference to itself ends at a bound */
    {"true", "1", ""},
};

static void validation(void **state)
{
    (void)state;
    struct arena a = {0};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct json *schema = json_parse(&a, guarded(str_of(table[i].schema)), NULL);
        struct json *document = json_parse(&a, guarded(str_of(table[i].document)), NULL);
        struct said s = {.n = 0};
        assert_non_null(schema);
        assert_non_null(document);
        assert_true(schema_usable(schema, note, &s));
        bool valid = schema_valid(schema, document, note, &s);
        s.text[s.n] = '\0';
        if (valid != (table[i].says[0] == '\0') || strcmp(s.text, table[i].says) != 0)
            fail_msg("%s on %s: %s", table[i].schema, table[i].document, s.text);
    }
    arena_free(&a);
}

/* 2^64 ways through a document of 64 values. */
static void a_schema_made_to_take_forever(void **state)
{
    (void)state;
    struct arena a = {0};
    struct json *schema = json_parse(&a,
                                     STR("{\"anyOf\":[{\"items\":{\"$ref\":\"#\"},\"minItems\":1},"
                                         "{\"items\":{\"$ref\":\"#\"},\"minItems\":1}]}"),
                                     NULL);
    char deep[128];
    memset(deep, '[', 64);
    memset(deep + 64, ']', 64);
    struct json *document = json_parse(&a, (struct str){deep, 128}, NULL);
    struct said s = {.n = 0};
    assert_true(schema_usable(schema, note, &s));
    assert_false(schema_valid(schema, document, note, &s));
    s.text[s.n] = '\0';
    assert_non_null(strstr(s.text, " steps;"));
    arena_free(&a);
}

static void unusable_schemas(void **state)
{
    (void)state;
    static const struct {
        const char *schema, *says;
    } bad[] = {
        {"{\"if\":{}}", "/if if;"},
        {"{\"properties\":{\"a\":{\"format\":\"date\"}}}", "/properties/a/format format;"},
        {"{\"patternProperties\":{}}", "/patternProperties patternProperties;"},
        {"{\"type\":\"int\"}", "/type type;"},
        {"{\"type\":[]}", "/type type;"},
        {"{\"required\":[1]}", "/required required;"},
        {"{\"minItems\":-1}", "/minItems minItems;"},
        {"{\"minimum\":\"0\"}", "/minimum minimum;"},
        {"{\"enum\":1}", "/enum enum;"},
        {"{\"$ref\":\"#/$defs/none\"}", "/$ref $ref;"},
        {"{\"$ref\":\"http://example.org/s\"}", "/$ref $ref;"},
        {"{\"pattern\":\"a\"}", "/pattern pattern;"},
        {"{\"pattern\":\"^(a+)+$\"}", "/pattern pattern;"},
        {"{\"items\":[{}]}", "/items schema;"},
        {"{\"anyOf\":[{},{\"const\":1,\"x-mine\":2}]}", "/anyOf/1/x-mine x-mine;"},
    };
    struct arena a = {0};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct json *schema = json_parse(&a, str_of(bad[i].schema), NULL);
        struct said s = {.n = 0};
        assert_non_null(schema);
        assert_false(schema_usable(schema, note, &s));
        s.text[s.n] = '\0';
        assert_string_equal(s.text, bad[i].says);
    }
    arena_free(&a);
}

static void our_own_are_usable(void **state)
{
    (void)state;
    struct arena a = {0};
    assert_true(embedded_schemas_count >= 5);
    for (size_t i = 0; i < embedded_schemas_count; i++) {
        struct said s = {.n = 0};
        struct json *schema = json_parse(&a, embedded_schemas[i].bytes, NULL);
        assert_non_null(schema);
        if (!schema_usable(schema, note, &s))
            fail_msg("%s: %s", embedded_schemas[i].name, s.text);
    }
    arena_free(&a);
}

static void patterns(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text;
        enum pattern_answer answer;
    } rows[] = {
        {"^$", "", PATTERN_MATCHES},
        {"^$", "a", PATTERN_DIFFERS},
        {"^abc$", "abc", PATTERN_MATCHES},
        {"^abc$", "abcd", PATTERN_DIFFERS},
        {"^a?b*c+$", "bbcc", PATTERN_MATCHES},
        {"^a?b*c+$", "aab", PATTERN_DIFFERS},
        {"^a*a*a*a*b$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", PATTERN_DIFFERS},
        {"^[0-9]{4,6}$", "123", PATTERN_DIFFERS},
        {"^[0-9]{4,6}$", "123456", PATTERN_MATCHES},
        {"^[0-9]{4,6}$", "1234567", PATTERN_DIFFERS},
        {"^x{2,}$", "xxxxx", PATTERN_MATCHES},
        {"^x{2,}$", "x", PATTERN_DIFFERS},
        {"^x{0}y$", "y", PATTERN_MATCHES},
        {"^[^/]+$", "a/b", PATTERN_DIFFERS},
        {"^[a-]$", "-", PATTERN_MATCHES},
        {"^[+-][\\d]$", "-4", PATTERN_MATCHES},
        {"^\\d\\.\\$$", "4.$", PATTERN_MATCHES},
        {"^.$", "\xC3\xA9", PATTERN_MATCHES},
        {"^.$", "\n", PATTERN_DIFFERS},
        {"^.*$", "\xFF", PATTERN_DIFFERS},
        {"^data/[a-z0-9._-]+$", "data/x.v1.json", PATTERN_MATCHES},
        {"abc", "abc", PATTERN_UNSUPPORTED},
        {"^abc", "abc", PATTERN_UNSUPPORTED},
        {"^abc\\$", "abc$", PATTERN_UNSUPPORTED},
        {"^(a)$", "a", PATTERN_UNSUPPORTED},
        {"^a|b$", "a", PATTERN_UNSUPPORTED},
        {"^a*?$", "a", PATTERN_UNSUPPORTED},
        {"^a**$", "a", PATTERN_UNSUPPORTED},
        {"^\\w$", "a", PATTERN_UNSUPPORTED},
        {"^[]$", "a", PATTERN_UNSUPPORTED},
        {"^[a$", "a", PATTERN_UNSUPPORTED},
        {"^[b-a]$", "a", PATTERN_UNSUPPORTED},
        {"^a{3,2}$", "aaa", PATTERN_UNSUPPORTED},
        {"^a{999}$", "a", PATTERN_UNSUPPORTED},
        {"^a{2$", "aa", PATTERN_UNSUPPORTED},
        {"^^a$", "a", PATTERN_UNSUPPORTED},
        {"", "", PATTERN_UNSUPPORTED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum pattern_answer got =
            pattern_match(guarded(str_of(rows[i].pattern)), guarded(str_of(rows[i].text)));
        if (got != rows[i].answer)
            fail_msg("%s on %s: %d", rows[i].pattern, rows[i].text, (int)got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(validation), cmocka_unit_test(unusable_schemas),
        cmocka_unit_test(a_schema_made_to_take_forever), cmocka_unit_test(our_own_are_usable),
        cmocka_unit_test(patterns)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
