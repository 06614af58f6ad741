/* test_base_str.c: slices: cutting, searching, numbers, UTF-8, edit distance. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "analyzer/base/str.h"
#include "tests/unit/guard.h"

#define assert_str(got, literal) assert_true(str_eq((got), STR(literal)))

static void sub_clamps(void **state)
{
    (void)state;
    static const struct {
        ptrdiff_t from, to;
        const char *want;
    } rows[] = {
        {0, 5, "hello"}, {1, 3, "el"}, {-4, 2, "he"}, {3, 99, "lo"}, {4, 2, ""}, {9, 12, ""}, {-3, -1, ""},
    };
    struct str s = GUARDED("hello");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str got = str_sub(s, rows[i].from, rows[i].to);
        assert_true(got.p != NULL);
        assert_true(str_eq(got, str_of(rows[i].want)));
    }
    assert_null(str_sub(STR_NONE, 0, 5).p);
}

static void find_looks_only_inside(void **state)
{
    (void)state;
    struct str s = guarded((struct str){"abcab|", 5});
    assert_int_equal(str_find(s, 'b', 0), 1);
    assert_int_equal(str_find(s, 'b', 2), 4);
    assert_int_equal(str_find(s, 'a', -7), 0);
    assert_int_equal(str_find(s, '|', 0), -1);
    assert_int_equal(str_find(s, 'a', 5), -1);
    assert_int_equal(str_find(STR_NONE, 'a', 0), -1);
    assert_int_equal(str_find_str(s, STR("ca")), 2);
    assert_int_equal(str_find_str(s, STR("b|")), -1);
    assert_int_equal(str_find_str(s, STR("")), 0);
    assert_int_equal(str_find_str(s, STR("abcabc")), -1);
}

static void cut_tells_missing_from_empty(void **state)
{
    (void)state;
    struct str head;
    struct str rest = str_cut(GUARDED("a=b=c"), '=', &head);
    assert_str(head, "a");
    assert_str(rest, "b=c");
    rest = str_cut(GUARDED("a="), '=', &head);
    assert_str(head, "a");
    assert_non_null(rest.p);
    assert_int_equal(rest.n, 0);
    rest = str_cut(GUARDED("a"), '=', &head);
    assert_str(head, "a");
    assert_null(rest.p);
}

static void trim_takes_blanks_only(void **state)
{
    (void)state;
    assert_str(str_trim(GUARDED(" \t a b\r\n")), "a b");
    assert_str(str_trim(GUARDED("\v\x01")), "\v\x01");
    assert_int_equal(str_trim(GUARDED(" \t\r\n")).n, 0);
    assert_int_equal(str_trim(STR_NONE).n, 0);
}

static void cmp_orders_bytes(void **state)
{
    (void)state;
    assert_true(str_cmp(STR("a"), STR("b")) < 0);
    assert_true(str_cmp(STR("b"), STR("a")) > 0);
    assert_true(str_cmp(STR("a"), STR("ab")) < 0);
    assert_true(str_cmp(STR("\xff"), STR("a")) > 0);
    assert_true(str_cmp(STR("ab"), STR("ab")) == 0);
    assert_true(str_cmp(STR_NONE, STR("")) == 0);
    assert_true(str_eq_nocase(STR("Host"), STR("hOST")));
    assert_false(str_eq_nocase(STR("host"), STR("hosts")));
    assert_false(str_eq_nocase(STR("[{"), STR("{["))); /* 0x20 apart, but no letters */
    assert_false(str_eq_nocase(STR("\xC9"), STR("\xE9")));
}

static void numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool u_ok, i_ok;
        uint64_t u;
        int64_t i;
    } rows[] = {
        {"0", true, true, 0, 0},
        {"007", true, true, 7, 7},
        {"9223372036854775807", true, true, INT64_MAX, INT64_MAX},
        {"9223372036854775808", true, false, (uint64_t)INT64_MAX + 1, 0},
        {"18446744073709551615", true, false, UINT64_MAX, 0},
        {"18446744073709551616", false, false, 0, 0},
        {"99999999999999999999999", false, false, 0, 0},
        {"-1", false, true, 0, -1},
        {"-9223372036854775808", false, true, 0, INT64_MIN},
        {"-9223372036854775809", false, false, 0, 0},
        {"", false, false, 0, 0},
        {"-", false, false, 0, 0},
        {"+1", false, false, 0, 0},
        {" 1", false, false, 0, 0},
        {"1x", false, false, 0, 0},
        {"1/", false, false, 0, 0},
        {"1:", false, false, 0, 0},
        {"--1", false, false, 0, 0},
    };
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        struct str s = guarded(str_of(rows[k].text));
        uint64_t u = 42;
        int64_t i = 42;
        assert_int_equal(str_u64(s, &u), rows[k].u_ok);
        assert_int_equal(str_i64(s, &i), rows[k].i_ok);
        assert_true(u == (rows[k].u_ok ? rows[k].u : 42));
        assert_true(i == (rows[k].i_ok ? rows[k].i : 42));
    }
}

static void seconds(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t us; /* -1: refused */
    } rows[] = {
        {"0.123", 123000}, {"12", 12000000}, {"0.000", 0}, {"1.0000019", 1000001}, {"1.", -1},
        {".5", -1}, {"-1", -1}, {"1.2.3", -1}, {"", -1}, {"1.2x", -1}, {"1e3", -1},
        {"9223372036853", 9223372036853000000}, {"9223372036854", -1},
        {"18446744073709551615", -1},
    };
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        int64_t us = -1;
        bool ok = str_seconds_us(guarded(str_of(rows[k].text)), &us);
        assert_int_equal(ok, rows[k].us >= 0);
        assert_true(us == rows[k].us);
    }
}

static void hex(void **state)
{
    (void)state;
    static const char good[] = "0123456789abcdefABCDEF";
    for (int c = 0; c < 256; c++) {
        const char *at = c == 0 ? NULL : strchr(good, c);
        int want = at == NULL ? -1 : (int)(at - good) > 15 ? (int)(at - good) - 6 : (int)(at - good);
        assert_int_equal(hex_digit((char)c), want);
    }
}

static void utf8(void **state)
{
    (void)state;
    static const struct {
        struct str s;
        bool valid;
    } rows[] = {
        {{"", 0}, true},
        {{"plain ascii, long enough", 24}, true},
        {{"\xC3\xA9t\xC3\xA9", 5}, true},
        {{"12345678\xE2\x82\xAC", 11}, true},
        {{"\xF0\x9F\x98\x80", 4}, true},
        {{"\xF4\x8F\xBF\xBF", 4}, true},
        {{"\xEF\xBF\xBF", 3}, true},
        {{"\0", 1}, true},
        {{"\x80", 1}, false},
        {{"\xC0\x80", 2}, false},
        {{"\xC1\xBF", 2}, false},
        {{"\xE0\x9F\xBF", 3}, false},
        {{"\xED\xA0\x80", 3}, false},
        {{"\xED\x9F\xBF", 3}, true},
        {{"\xF0\x8F\xBF\xBF", 4}, false},
        {{"\xF4\x90\x80\x80", 4}, false},
        {{"\xF5\x80\x80\x80", 4}, false},
        {{"\xFF", 1}, false},
        {{"\xC3", 1}, false},
        {{"\xE2\x82", 2}, false},
        {{"\xF0\x9F\x98", 3}, false},
        {{"\xC3z", 2}, false},
        {{"1234567\xC3", 8}, false},
    };
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        assert_int_equal(str_utf8_valid(guarded(rows[k].s)), rows[k].valid);
}

static void distance(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        int want;
    } rows[] = {
        {"", "", 0}, {"abc", "", 3}, {"", "abc", 3}, {"analyze", "analyse", 1}, {"wacth", "watch", 1},
        {"kitten", "sitting", 3}, {"ca", "abc", 3}, {"verify", "verify", 0}, {"abcd", "badc", 2},
    };
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        assert_int_equal(
            str_distance(guarded(str_of(rows[k].a)), guarded(str_of(rows[k].b))), rows[k].want);
    char long_text[200];
    memset(long_text, 'x', sizeof long_text);
    assert_int_equal(str_distance((struct str){long_text, 200}, (struct str){long_text, 64}), 0);
    assert_int_equal(str_distance((struct str){long_text, 200}, STR("")), 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sub_clamps),
        cmocka_unit_test(find_looks_only_inside),
        cmocka_unit_test(cut_tells_missing_from_empty),
        cmocka_unit_test(trim_takes_blanks_only),
        cmocka_unit_test(cmp_orders_bytes),
        cmocka_unit_test(numbers),
        cmocka_unit_test(seconds),
        cmocka_unit_test(hex),
        cmocka_unit_test(utf8),
        cmocka_unit_test(distance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
