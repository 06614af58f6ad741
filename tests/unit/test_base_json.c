/* test_base_json.c: what RFC 8259 allows is read, what it forbids is refused at the byte that is
 * wrong. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "analyzer/base/json.h"
#include "tests/unit/guard.h"

/* One letter a token; ! is an error. */
static struct str shape(struct str text, bool lax, char out[200])
{
    static const char letter[] = {
        [JSON_END] = '.',          [JSON_ERROR] = '!',      [JSON_OBJECT_OPEN] = '{',
        [JSON_OBJECT_CLOSE] = '}', [JSON_ARRAY_OPEN] = '[', [JSON_ARRAY_CLOSE] = ']',
        [JSON_KEY] = 'k',          [JSON_STRING] = 's',     [JSON_NUMBER] = 'n',
        [JSON_TRUE] = 't',         [JSON_FALSE] = 'f',      [JSON_NULL] = '0'};
    struct json_lexer l = json_lexer_of(text);
    l.lax_utf8 = lax;
    ptrdiff_t n = 0;
    enum json_token t;
    do {
        t = json_next(&l);
        out[n++] = letter[t];
    } while (t != JSON_END && t != JSON_ERROR && n < 200);
    return (struct str){out, n};
}

static void tokens(void **state)
{
    (void)state;
    const struct {
        struct str text, shape;
    } table[] = {
        {STR("null"), STR("0.")},
        {STR(" \t\r\n true "), STR("t.")},
        {STR("[]"), STR("[].")},
        {STR("{}"), STR("{}.")},
        {STR("[1,-0,0.5,1e9,-1.25E-3]"), STR("[nnnnn].")},
        {STR("{\"a\":{\"b\":[true,false,null,\"\"]},\"c\":\"x\"}"), STR("{k{k[tf0s]}ks}.")},
        {STR("\"a long enough string to take the quick way \\u00e9\\n and back\""), STR("s.")},
        {STR("{\"a\":1,\"a\":2}"), STR("{knkn}.")}, /* the tokenizer hands equal keys on */
        {STR(""), STR("!")},
        {STR(" "), STR("!")},
        {STR("[1,]"), STR("[n!")},
        {STR("[,1]"), STR("[!")},
        {STR("{,}"), STR("{!")},
        {STR("{\"a\":1,}"), STR("{kn!")},
        {STR("{\"a\" 1}"), STR("{!")},
        {STR("{a:1}"), STR("{!")},
        {STR("{\"a\":}"), STR("{k!")},
        {STR("[1 2]"), STR("[n!")},
        {STR("[1}"), STR("[n!")},
        {STR("{\"a\":1]"), STR("{kn!")},
        {STR("1 2"), STR("n!")},
        {STR("nul"), STR("!")},
        {STR("nulls"), STR("0!")},
        {STR("True"), STR("!")},
        {STR("01"), STR("!")},
        {STR("-"), STR("!")},
        {STR("+1"), STR("!")},
        {STR(".5"), STR("!")},
        {STR("1."), STR("!")},
        {STR("1e"), STR("!")},
        {STR("1e+"), STR("!")},
        {STR("0x1"), STR("n!")},
        {STR("NaN"), STR("!")},
        {STR("'a'"), STR("!")},
        {STR("\""), STR("!")},
        {STR("\"a"), STR("!")},
        {STR("\"a\\"), STR("!")},
        {STR("\"\\x41\""), STR("!")},
        {STR("\"\\u12\""), STR("!")},
        {STR("\"\\u12G4\""), STR("!")},
        {STR("\"tab\there\""), STR("!")},
        {STR("\"nul\0\""), STR("!")},
        {STR("\"\xFF\""), STR("!")},
        {STR("\"\xC3\""), STR("!")},
        {STR("\"\xED\xA0\x80\""), STR("!")},
        {STR("\"\xF0\x9F\x98\x82\""), STR("s.")},
        {STR("\xEF\xBB\xBF{}"), STR("!")}, /* byte order mark */
        {STR("{} x"), STR("{}!")},
        {STR("["), STR("[!")},
        {STR("{\"a\":1"), STR("{kn!")},
        {STR("// c\n1"), STR("!")},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char got[200];
        struct str s = shape(guarded(table[i].text), false, got);
        if (!str_eq(s, table[i].shape))
            fail_msg("%.*s: %.*s", STR_ARG(table[i].text), STR_ARG(s));
    }
}

static void lax_strings_take_any_high_byte(void **state)
{
    (void)state;
    char got[200];
    struct str s = shape(guarded(STR("{\"ua\":\"\xFF\xC3(\"}")), true, got);
    assert_true(str_eq(s, STR("{ks}.")));
}

static void error_is_at_the_wrong_byte(void **state)
{
    (void)state;
    const struct {
        struct str text;
        ptrdiff_t at;
    } table[] = {{STR("[1,x]"), 3},    {STR("{\"a\":01}"), 6},  {STR("\"ab\x01\""), 3},
                 {STR("\"a\\q\""), 3}, {STR("[1"), 2},          {STR("\"\\u00g0\""), 5},
                 {STR("1.x"), 2},      {STR("[\"a\xC3(\"]"), 3}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct json_lexer l = json_lexer_of(guarded(table[i].text));
        enum json_token t;
        while ((t = json_next(&l)) != JSON_ERROR)
            assert_int_not_equal(t, JSON_END);
        assert_int_equal(l.at, table[i].at);
        assert_non_null(l.error);
        assert_int_equal(json_next(&l), JSON_ERROR); /* and it stays one */
    }
}

static void depth_is_64(void **state)
{
    (void)state;
    char deep[131];
    memset(deep, '[', 65);
    memset(deep + 65, ']', 65);
    struct json_error e;
    struct arena a = {0};
    assert_non_null(json_parse(&a, guarded((struct str){deep + 1, 128}), &e));
    assert_null(json_parse(&a, guarded((struct str){deep, 130}), &e));
    assert_int_equal(e.column, 65);
    /* Objects and arrays keep apart at every level. */
    struct out o = out_memory();
    for (int i = 0; i < 32; i++)
        out_text(&o, "{\"k\":[");
    for (int i = 0; i < 32; i++)
        out_text(&o, "]}");
    assert_non_null(json_parse(&a, guarded(out_slice(&o)), &e));
    out_close(&o);
    arena_free(&a);
}

static void skipping(void **state)
{
    (void)state;
    struct json_lexer l = json_lexer_of(guarded(STR("{\"a\":{\"x\":[1,{\"y\":2}]},\"b\":7}")));
    assert_int_equal(json_next(&l), JSON_OBJECT_OPEN);
    assert_int_equal(json_next(&l), JSON_KEY);
    assert_true(json_skip(&l, json_next(&l)));
    assert_int_equal(json_next(&l), JSON_KEY);
    assert_true(str_eq(l.value, STR("b")));
    assert_true(json_skip(&l, json_next(&l)));
    assert_int_equal(json_next(&l), JSON_OBJECT_CLOSE);
    assert_int_equal(json_next(&l), JSON_END);
    struct json_lexer cut = json_lexer_of(guarded(STR("[[1,")));
    assert_int_equal(json_next(&cut), JSON_ARRAY_OPEN);
    assert_false(json_skip(&cut, json_next(&cut)));
}

static void unescaping(void **state)
{
    (void)state;
    const struct {
        struct str raw, plain;
        bool lossy;
    } table[] = {
        {STR("none"), STR("none"), false},
        {STR("\\\"\\\\\\/\\b\\f\\n\\r\\t"), STR("\"\\/\b\f\n\r\t"), false},
        {STR("\\u0041\\u00e9\\u20AC"), STR("A\xC3\xA9\xE2\x82\xAC"), false},
        {STR("\\ud83d\\ude02!"), STR("\xF0\x9F\x98\x82!"), false},
        {STR("\\ud83d"), STR("\xEF\xBF\xBD"), true},
        {STR("\\ude02\\ud83d"), STR("\xEF\xBF\xBD\xEF\xBF\xBD"), true},
        {STR("\\ud83dx"), STR("\xEF\xBF\xBDx"), true},
        {STR("\\ud83d\\u0041"),
         STR("\xEF\xBF\xBD"
             "A"),
         true},
        {STR("\\u0000"), STR("\0"), false},
    };
    struct arena a = {0};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        bool lossy = !table[i].lossy;
        struct str s = json_unescape(&a, guarded(table[i].raw), &lossy);
        assert_true(str_eq(s, table[i].plain));
        assert_int_equal(lossy, table[i].lossy);
    }
    struct str same = guarded(STR("no backslash"));
    assert_ptr_equal(json_unescape(&a, same, NULL).p, same.p);
    arena_free(&a);
}

static void tree(void **state)
{
    (void)state;
    struct arena a = {0};
    struct json_error e;
    struct json *v = json_parse(
        &a, guarded(STR("{\"a\":[1,true,null],\n \"b\\u0063\":\"x\\n\",\"n\":1.5}")), &e);
    assert_non_null(v);
    assert_int_equal(v->count, 3);
    struct json *list = json_get(v, STR("a"));
    assert_int_equal(list->count, 3);
    assert_true(list->child->is_int && list->child->integer == 1);
    assert_true(list->child->next->boolean);
    assert_int_equal(list->child->next->next->kind, JSON_KIND_NULL);
    assert_ptr_equal(list->last, list->child->next->next);
    struct json *b = json_get(v, STR("bc"));
    assert_true(str_eq(b->text, STR("x\n")));
    assert_int_equal(b->key_at, 21);
    assert_int_equal(b->at, 31);
    int line, column;
    json_position(STR("{\"a\":[1,true,null],\n \"b\\u0063\":\"x\\n\",\"n\":1.5}"), b->key_at, &line,
                  &column);
    assert_int_equal(line, 2);
    assert_int_equal(column, 2);
    assert_false(json_get(v, STR("n"))->is_int);
    assert_null(json_get(v, STR("zz")));
    assert_null(json_get(list, STR("a")));
    arena_free(&a);
}

static void positions_of_values(void **state)
{
    (void)state;
    struct arena a = {0};
    struct json *v = json_parse(&a, guarded(STR(" [ \"s\", -12 , true,false,null,{} ]")), NULL);
    static const ptrdiff_t at[] = {3, 8, 14, 19, 25, 30};
    size_t i = 0;
    assert_int_equal(v->at, 1);
    for (struct json *c = v->child; c != NULL; c = c->next)
        assert_int_equal(c->at, at[i++]);
    arena_free(&a);
}

static void tree_refuses(void **state)
{
    (void)state;
    const struct {
        struct str text;
        int line, column;
    } table[] = {
        {STR("{\"a\":1,\n\"a\":2}"), 2, 1},
        {STR("{\"a\":1,\"\\u0061\":2}"), 1, 8}, /* equal after decoding */
        {STR("[\"\\ud800\"]"), 1, 3},
        {STR("[1,1e400]"), 1, 4},
        {STR("[1,\n 2,\n x]"), 3, 2},
        {STR("{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"h\":8,\"i\":9,\"j\":10,\"k\":11,"
             "\"l\":12,\"m\":13,\"n\":14,\"o\":15,\"p\":16,\n\"q\":17,\"b\":18,\"a\":19}"),
         2, 8},
    };
    struct arena a = {0};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct json_error e;
        assert_null(json_parse(&a, guarded(table[i].text), &e));
        assert_int_equal(e.line, table[i].line);
        assert_int_equal(e.column, table[i].column);
        assert_non_null(e.what);
    }
    arena_free(&a);
}

static void streaming_writer(void **state)
{
    (void)state;
    struct out o = out_memory();
    struct jw w = jw_open(&o, true);
    uint8_t v4[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 203, 0, 113, 7}, none[16] = {0};
    jw_object(&w, NULL);
    jw_array(&w, "a");
    jw_int(&w, NULL, -5);
    jw_object(&w, NULL);
    jw_object_end(&w);
    jw_text(&w, NULL, "x\"y");
    jw_array_end(&w);
    jw_bool(&w, "b", true);
    jw_base64(&w, "c", STR("\xFF"));
    jw_hex(&w, "d", "\x0A\xF0", 2);
    jw_ip(&w, "e", v4);
    jw_ip(&w, "f", none);
    jw_str(&w, "g", STR_NONE);
    jw_str(&w, "h", STR("\xFFz\x01"));
    jw_null(&w, "i");
    jw_object_end(&w);
    out_char(&o, '\n');
    jw_object(&w, NULL); /* the next line starts afresh */
    jw_int(&w, "a", 1);
    jw_object_end(&w);
    assert_true(
        str_eq(out_slice(&o),
               STR("{\"a\":[-5,{},\"x\\\"y\"],\"b\":true,\"c\":\"/w==\",\"d\":\"0af0\","
                   "\"e\":\"203.0.113.7\",\"f\":null,\"g\":null,\"h\":\"\xEF\xBF\xBDz\\u0001\","
                   "\"i\":null}\n{\"a\":1}")));
    out_close(&o);
}

/* What people look at escapes more than RFC 8785 does, and still reads back the same. */
static void quoted_to_be_shown(void **state)
{
    (void)state;
    static const struct {
        struct str in, canonical, shown;
    } table[] = {
        {STR_INIT("caf\xC3\xA9 \xC2\xAB"), STR_INIT("\"caf\xC3\xA9 \xC2\xAB\""), STR_INIT("\"caf\xC3\xA9 \xC2\xAB\"")},
        {STR_INIT("\x1b[\x7f"), STR_INIT("\"\\u001b[\x7f\""), STR_INIT("\"\\u001b[\\u007f\"")},
        {STR_INIT("\xC2\x9B"), STR_INIT("\"\xC2\x9B\""), STR_INIT("\"\\u009b\"")},
        {STR_INIT("\xE2\x80\xAE"), STR_INIT("\"\xE2\x80\xAE\""), STR_INIT("\"\\u202e\"")},
        {STR_INIT("\xFF"), STR_INIT("\"\xEF\xBF\xBD\""), STR_INIT("\"\xEF\xBF\xBD\"")},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct out o = out_memory();
        json_quote(&o, table[i].in);
        assert_true(str_eq(out_slice(&o), table[i].canonical));
        o.len = 0;
        o.shown = true;
        json_quote(&o, table[i].in);
        assert_true(str_eq(out_slice(&o), table[i].shown));
        out_close(&o);
    }
}

static void pretty(void **state)
{
    (void)state;
    struct arena a = {0};
    struct json *v = json_new(&a, JSON_KIND_OBJECT), *list = json_new(&a, JSON_KIND_ARRAY);
    json_set(v, STR("z"), json_int(&a, 1));
    json_set(v, STR("a"), list);
    json_push(list, json_text(&a, "x"));
    json_push(list, json_bool(&a, false));
    json_set(v, STR("e"), json_new(&a, JSON_KIND_OBJECT));
    struct out o = out_memory();
    json_pretty(&o, v);
    assert_true(
        str_eq(out_slice(&o),
               STR("{\n  \"z\": 1,\n  \"a\": [\n    \"x\",\n    false\n  ],\n  \"e\": {}\n}")));
    out_close(&o);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens),
        cmocka_unit_test(lax_strings_take_any_high_byte),
        cmocka_unit_test(error_is_at_the_wrong_byte),
        cmocka_unit_test(depth_is_64),
        cmocka_unit_test(skipping),
        cmocka_unit_test(unescaping),
        cmocka_unit_test(tree),
        cmocka_unit_test(positions_of_values),
        cmocka_unit_test(tree_refuses),
        cmocka_unit_test(streaming_writer),
        cmocka_unit_test(quoted_to_be_shown),
        cmocka_unit_test(pretty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
