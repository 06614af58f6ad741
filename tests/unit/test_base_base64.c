/* test_base_base64.c: RFC 4648 section 10, and every way of being nearly right. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "analyzer/base/json.h"
#include "tests/unit/guard.h"

static void vectors(void **state)
{
    (void)state;
    const struct {
        struct str plain, coded;
    } table[] = {
        {STR(""), STR("")},
        {STR("f"), STR("Zg==")},
        {STR("fo"), STR("Zm8=")},
        {STR("foo"), STR("Zm9v")},
        {STR("foob"), STR("Zm9vYg==")},
        {STR("fooba"), STR("Zm9vYmE=")},
        {STR("foobar"), STR("Zm9vYmFy")},
        {STR("\xFF\xFE\xFB\0"), STR("//77AA==")},
    };
    struct arena a = {0};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct out o = out_memory();
        base64_encode(&o, guarded(table[i].plain));
        assert_true(str_eq(out_slice(&o), table[i].coded));
        out_close(&o);
        struct str back;
        assert_true(base64_decode(&a, guarded(table[i].coded), &back));
        assert_true(str_eq(back, table[i].plain));
    }
    arena_free(&a);
}

static void refused(void **state)
{
    (void)state;
    const struct str table[] = {
        STR("Z"),    STR("Zg"),       STR("Zg="),    STR("Zg==="), STR("===="), STR("Z==="),
        STR("Zh=="), /* spare bits */
        STR("Zm9="), STR("Zg==Zg=="), STR("Zm9v\n"), STR("Zm 9"),  STR("Zm-_"), STR("Zg=a"),
    };
    struct arena a = {0};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct str out;
        assert_false(base64_decode(&a, guarded(table[i]), &out));
    }
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(vectors), cmocka_unit_test(refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
