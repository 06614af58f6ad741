/* Sentences about numbers: agreement and units in both languages. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "analyzer/model/sentence.h"

static const struct {
    const char *en, *fr;
    int64_t value;
    const char *says_en, *says_fr;
} cases[] = {
    {"{n} {n:form was|forms were} posted", "{n} {n:formulaire envoyé|formulaires envoyés}", 1,
     "1 form was posted", "1 formulaire envoyé"},
    {"{n} {n:form was|forms were} posted", "{n} {n:formulaire envoyé|formulaires envoyés}", 2,
     "2 forms were posted", "2 formulaires envoyés"},
    {"{n} {n:form was|forms were} posted", "{n} {n:formulaire envoyé|formulaires envoyés}", 0,
     "0 forms were posted", "0 formulaire envoyé"},
    {"{n us}", "{n us}", 29000, "0.029\xC2\xA0s", "0,029\xE2\x80\xAFs"},
    {"{n us}", "{n us}", 500000, "0.5\xC2\xA0s", "0,5\xE2\x80\xAFs"},
    {"{n us}", "{n us}", 1000000, "1\xC2\xA0s", "1\xE2\x80\xAFs"},
    {"{n us}", "{n us}", 47123456, "47.1\xC2\xA0s", "47,1\xE2\x80\xAFs"},
    {"{n us}", "{n us}", INT64_C(339000000), "5\xC2\xA0min\xC2\xA0" "39\xC2\xA0s",
     "5\xE2\x80\xAFmin\xC2\xA0" "39\xE2\x80\xAFs"},
    {"{n us}", "{n us}", INT64_C(7500000000), "2\xC2\xA0h\xC2\xA0" "05\xC2\xA0min",
     "2\xE2\x80\xAFh\xC2\xA0" "05\xE2\x80\xAFmin"},
    {"{n milli}", "{n milli}", 1892, "1.892", "1,892"},
    {"{n milli}", "{n milli}", 1050, "1.05", "1,05"},
    {"{n milli}", "{n milli}", -388, "\xE2\x88\x92" "0.388", "\xE2\x88\x92" "0,388"},
    {"{n milli}", "{n milli}", 0, "0", "0"},
    {"{n %}", "{n %}", 34, "3.4%", "3,4\xE2\x80\xAF%"},
    {"{n %}", "{n %}", 1, "0.1%", "0,1\xE2\x80\xAF%"},
    {"{m} and {n:x|y", "{m:a|b} et {n", 1, "{m} and x", "{m:a|b} et 1"},
    {"", "", 1, "", ""},
};

static void numbers_and_words_agree(void **state)
{
    (void)state;
    struct arena a = {0};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct named_int n = {"n", cases[i].value};
        const struct text said = sentence(&a, TEXT(cases[i].en, cases[i].fr), &n, 1);
        assert_string_equal(SAY(said, LANG_EN), cases[i].says_en);
        assert_string_equal(SAY(said, LANG_FR), cases[i].says_fr);
    }
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_and_words_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
