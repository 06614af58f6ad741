/* test_parsers_detect.c: which format is recognised, and what is said when none or several fit. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/unit/parse_log.h"

#define COMMON "203.0.113.7 - - [10/Oct/2026:13:55:36 +0200] \"GET / HTTP/1.1\" 200 5"
#define COMBINED COMMON " \"-\" \"x\""
#define JSON                                                                            \
    "{\"msec\":\"1791633336.047\",\"remote_addr\":\"203.0.113.7\",\"request\":\"GET / " \
    "HTTP/1.1\",\"status\":\"200\"}"
#define JUNK "[Sat Oct 10 13:55:36 2026] [error] [client 203.0.113.7] File does not exist\n"

static const struct {
    const char *lines, *parser; /* NULL: none */
    enum diag_code code;
} inputs[] = {
    {COMMON "\n" COMMON "\n", "common", 0},
    {COMBINED "\n" COMBINED "\n", "combined", 0},
    {COMBINED, "combined", 0},
    {COMBINED "\r\n" COMBINED "\r\n", "combined", 0},
    {"\n\n" COMBINED "\n", "combined", 0},
    {"\xEF\xBB\xBF" COMBINED "\n", "combined", 0},
    {COMBINED " \"-\"\n" COMBINED " \"198.51.100.7\"\n", "combined_extra", 0},
    {"www.example.org:443 " COMBINED "\n", "vhost_combined", 0},
    {"www.example.org " COMBINED "\n", "vhost_combined", 0},
    {"www.example.org " COMMON "\n", "vhost_common", 0},
    {JSON "\n" JSON "\n", "json", 0},
    {JUNK COMBINED "\n" JUNK COMBINED "\n", "combined", 0},
    {JUNK JUNK JUNK COMBINED "\n", "combined", 0},
    {COMMON "\n" COMBINED "\n" COMBINED "\n", "combined", 0},
    {JSON "\n" COMBINED "\n" COMBINED "\n" COMBINED "\n", "combined", 0},
    {"# a comment\n# another\n# and another\n" COMBINED "\n", "combined", 0},
    {COMBINED "\n203.0.113.7 - - [10/Oct", "combined", 0}, /* the sample ends within a line */
    {JUNK JUNK JUNK JUNK JUNK COMBINED "\n", NULL, DIAG_format_unknown},
    {JUNK JUNK, NULL, DIAG_format_unknown},
    {"\x16\x03\x01 binary \x01\x02\n", NULL, DIAG_format_unknown},
    {"{\"level\":\"info\",\"message\":\"started\"}\n", NULL, DIAG_format_json},
    {"{\"level\":\"info\"\n", NULL, DIAG_format_unknown},
    {"BZh91AY&SY", NULL, DIAG_format_packed},
    {"\x28\xb5\x2f\xfd\x04", NULL, DIAG_format_packed},
    {"", NULL, DIAG_empty_source},
    {"\n \n\r\n", NULL, DIAG_empty_source},
};

static void recognised_unasked(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        struct arena a = {0};
        enum diag_code code = DIAG_COUNT;
        struct str why = STR_NONE;
        struct log_format *f = log_format_open(&a, STR("auto"), STR_NONE, 0,
                                               guarded(str_of(inputs[i].lines)), &code, &why);
        if ((f == NULL) != (inputs[i].parser == NULL))
            print_error("%s: %.*s\n", inputs[i].lines, STR_ARG(why));
        if (inputs[i].parser != NULL) {
            assert_non_null(f);
            assert_string_equal(f->parser->name, inputs[i].parser);
        } else {
            assert_null(f);
            assert_int_equal(code, inputs[i].code);
            assert_true(why.n > 0);
        }
        arena_free(&a);
    }
}

static void an_unknown_format_shows_bids_and_first_line(void **state)
{
    struct arena a = {0};
    enum diag_code code;
    struct str why;
    (void)state;
    assert_null(log_format_open(&a, STR("auto"), STR_NONE, 0, STR("first \x1b[31mline\nsecond\n"),
                                &code, &why));
    assert_true(str_find_str(why, STR("combined 0")) > 0);
    assert_true(str_find_str(why, STR("json 0")) > 0);
    assert_true(str_find_str(why, STR("first ")) > 0);
    assert_true(str_find(why, '\x1b', 0) < 0);
    assert_true(str_find(why, '\n', 0) < 0);
    arena_free(&a);
}

static void bids_are_sorted_and_never_tie_on_their_samples(void **state)
{
    struct log_bid bids[16];
    (void)state;
    assert_true(log_parsers_count <= sizeof bids / sizeof *bids);
    log_bids(STR(COMBINED "\n"), bids);
    assert_string_equal(bids[0].parser->name, "combined");
    for (size_t i = 1; i < log_parsers_count; i++)
        assert_true(bids[i].bits <= bids[i - 1].bits);
    assert_true(bids[1].bits < bids[0].bits);
}

/* Half the lines of one format, half of another with as many verified bits: nothing to choose by.
 */
static void a_tie_is_an_error(void **state)
{
    struct arena a = {0};
    enum diag_code code = DIAG_COUNT;
    struct str why;
    (void)state;
    assert_null(log_format_open(&a, STR("auto"), STR_NONE, 0,
                                STR("www.example.org " COMBINED "\n" COMBINED " z\n"), &code,
                                &why));
    assert_int_equal(code, DIAG_format_tie);
    assert_true(str_find_str(why, STR("vhost_combined")) > 0);
    arena_free(&a);
}

static void every_parser_describes_itself(void **state)
{
    (void)state;
    for (size_t i = 0; i < log_parsers_count; i++) {
        assert_non_null(log_parsers[i]->name);
        assert_non_null(log_parsers[i]->what.in[LANG_EN]);
        assert_non_null(log_parsers[i]->what.in[LANG_FR]);
        assert_non_null(log_parsers[i]->sample);
        assert_int_equal(log_parsers[i]->bid(STR_NONE), 0);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(log_parsers[i]->name, log_parsers[k]->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recognised_unasked),
        cmocka_unit_test(an_unknown_format_shows_bids_and_first_line),
        cmocka_unit_test(bids_are_sorted_and_never_tie_on_their_samples),
        cmocka_unit_test(a_tie_is_an_error),
        cmocka_unit_test(every_parser_describes_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
