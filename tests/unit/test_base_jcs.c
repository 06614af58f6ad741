/* test_base_jcs.c: canonical form (RFC 8785): the suite's pairs, numbers, and the order of keys. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "analyzer/base/json.h"

static struct str read_whole(struct arena *a, const char *name)
{
    FILE *f = fopen(name, "rb");
    if (f == NULL)
        return STR_NONE;
    char *p = arena_alloc(a, 1 << 16, 1);
    size_t n = fread(p, 1, 1 << 16, f);
    fclose(f);
    return (struct str){p, (ptrdiff_t)n};
}

static void suite(void **state)
{
    (void)state;
    static const char *const names[] = {"arrays",  "french", "structures",
                                        "unicode", "values", "weird"};
    struct arena a = {0};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct str in = read_whole(
            &a, arena_printf(&a, "../shared/corpora/vectors/jcs/input/%s.json", names[i]).p);
        struct str want = read_whole(
            &a, arena_printf(&a, "../shared/corpora/vectors/jcs/output/%s.json", names[i]).p);
        if (in.p == NULL || want.p == NULL) {
            print_message("SKIP: the JCS vectors of ../shared/corpora are not here\n");
            break;
        }
        struct json *v = json_parse(&a, in, NULL);
        assert_non_null(v);
        struct out o = out_memory();
        json_canonical(&o, v);
        assert_true(str_eq(out_slice(&o), want));
        out_close(&o);
    }
    arena_free(&a);
}

static void numbers(void **state)
{
    (void)state;
    /* RFC 8785 appendix B: bits, text. */
    static const struct {
        uint64_t bits;
        const char *text;
    } table[] = {
        {0x0000000000000000, "0"},
        {0x8000000000000000, "0"},
        {0x0000000000000001, "5e-324"},
        {0x8000000000000001, "-5e-324"},
        {0x7fefffffffffffff, "1.7976931348623157e+308"},
        {0xffefffffffffffff, "-1.7976931348623157e+308"},
        {0x4340000000000000, "9007199254740992"},
        {0xc340000000000000, "-9007199254740992"},
        {0x4430000000000000, "295147905179352830000"},
        {0x44b52d02c7e14af5, "9.999999999999997e+22"},
        {0x44b52d02c7e14af6, "1e+23"},
        {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
        {0x444b1ae4d6e2ef4e, "999999999999999700000"},
        {0x444b1ae4d6e2ef4f, "999999999999999900000"},
        {0x444b1ae4d6e2ef50, "1e+21"},
        {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
        {0x3eb0c6f7a0b5ed8d, "0.000001"},
        {0x41b3de4355555553, "333333333.3333332"},
        {0x41b3de4355555554, "333333333.33333325"},
        {0x41b3de4355555555, "333333333.3333333"},
        {0x41b3de4355555556, "333333333.3333334"},
        {0x41b3de4355555557, "333333333.33333343"},
        {0xbecbf647612f3696, "-0.0000033333333333333333"},
        {0x43143ff3c1cb0959, "1424953923781206.2"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        double v;
        memcpy(&v, &table[i].bits, sizeof v);
        char out[JSON_DOUBLE_MAX];
        size_t n = json_double(v, out);
        assert_int_equal(n, strlen(table[i].text));
        assert_memory_equal(out, table[i].text, n);
    }
}

static void canonical_of(void **state)
{
    (void)state;
    const struct {
        struct str in, out;
    } table[] = {
        {STR(" { \"b\" : 1 , \"a\" : [ ] } "), STR("{\"a\":[],\"b\":1}")},
        {STR("[1.0,1e2,-0,-0.0,100000000000000000000000]"), STR("[1,100,0,0,1e+23]")},
        {STR("[9007199254740993,-9223372036854775808]"),
         STR("[9007199254740993,-9223372036854775808]")},
        {STR("\"\\u00E9\\/\\u001F\\u007f\""), STR("\"\xC3\xA9/\\u001f\x7F\"")},
        /* U+FB33 sorts after U+1F602, whose first UTF-16 unit is D83D. */
        {STR("{\"\\uFB33\":1,\"\\uD83D\\uDE02\":2,\"\\u20ac\":3}"),
         STR("{\"\xE2\x82\xAC\":3,\"\xF0\x9F\x98\x82\":2,\"\xEF\xAC\xB3\":1}")},
        {STR("{\"aa\":1,\"a\":2,\"\":3}"), STR("{\"\":3,\"a\":2,\"aa\":1}")},
        {STR("{\"b\":{\"d\":1,\"c\":2},\"a\":[{\"z\":1,\"y\":2}]}"),
         STR("{\"a\":[{\"y\":2,\"z\":1}],\"b\":{\"c\":2,\"d\":1}}")},
    };
    struct arena a = {0};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct json *v = json_parse(&a, table[i].in, NULL);
        assert_non_null(v);
        struct out o = out_memory();
        json_canonical(&o, v);
        struct str got = out_slice(&o);
        if (!str_eq(got, table[i].out))
            fail_msg("%.*s", STR_ARG(got));
        out_close(&o);
    }
    arena_free(&a);
}

static void too_deep_a_tree_is_an_error(void **state)
{
    (void)state;
    struct arena a = {0};
    struct json *v = json_new(&a, JSON_KIND_ARRAY);
    for (int i = 0; i < 64; i++) {
        struct json *outer = json_new(&a, JSON_KIND_ARRAY);
        json_push(outer, v);
        v = outer;
    }
    struct out o = out_memory();
    json_canonical(&o, v);
    assert_int_not_equal(out_close(&o), 0);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(suite), cmocka_unit_test(numbers),
                                       cmocka_unit_test(canonical_of),
                                       cmocka_unit_test(too_deep_a_tree_is_an_error)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
