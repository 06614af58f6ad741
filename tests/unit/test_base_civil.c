/* test_base_civil.c: dates against libc over the whole range, and RFC 3339 text. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <time.h>

#include "analyzer/base/civil.h"
#include "tests/unit/guard.h"

static void every_day_agrees_with_libc(void **state)
{
    (void)state;
    for (int64_t day = 0; day < 2932897; day += day < 60000 ? 1 : 97) { /* up to 9999-12-31 */
        time_t t = day * 86400 + 86399;
        struct tm tm;
        gmtime_r(&t, &tm);
        struct civil c = civil_from_us(t * 1000000 + 5);
        assert_true(c.year == tm.tm_year + 1900 && c.month == tm.tm_mon + 1 && c.day == tm.tm_mday);
        assert_true(c.hour == 23 && c.minute == 59 && c.second == 59 && c.us == 5);
        assert_true(days_from_civil(c.year, c.month, c.day) == day);
        int64_t us;
        assert_true(civil_to_us(&c, 0, &us));
        assert_true(us == t * 1000000 + 5);
    }
}

static void impossible_dates(void **state)
{
    (void)state;
    static const struct {
        struct civil c;
        bool ok;
    } rows[] = {
        {{2024, 2, 29, 0, 0, 0, 0}, true},
        {{2023, 2, 29, 0, 0, 0, 0}, false},
        {{2000, 2, 29, 0, 0, 0, 0}, true},
        {{2100, 2, 29, 0, 0, 0, 0}, false},
        {{2026, 4, 31, 0, 0, 0, 0}, false},
        {{2026, 0, 1, 0, 0, 0, 0}, false},
        {{2026, 13, 1, 0, 0, 0, 0}, false},
        {{2026, 1, 0, 0, 0, 0, 0}, false},
        {{2026, 1, 1, 24, 0, 0, 0}, false},
        {{2026, 1, 1, 0, 60, 0, 0}, false},
        {{2026, 1, 1, 0, 0, 60, 0}, true},
        {{2026, 1, 1, 0, 0, 61, 0}, false},
        {{2026, 1, 1, 0, 0, 0, 1000000}, false},
        {{2026, 1, 1, -1, 0, 0, 0}, false},
        {{1969, 12, 31, 23, 59, 59, 0}, false},
        {{9999, 12, 31, 23, 59, 59, 999999}, true},
        {{10000, 1, 1, 0, 0, 0, 0}, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t us = 42;
        assert_int_equal(civil_to_us(&rows[i].c, 0, &us), rows[i].ok);
        assert_true(rows[i].ok || us == 42);
    }
}

static void text_both_ways(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int offset_s;
        const char *utc; /* NULL: refused */
        bool zone;
    } rows[] = {
        {"2026-03-01T08:00:00Z", 0, "2026-03-01T08:00:00Z", true},
        {"2026-03-01t08:00:00z", 3600, "2026-03-01T08:00:00Z", true},
        {"2026-03-01 08:00:00+01:00", 0, "2026-03-01T07:00:00Z", true},
        {"2026-03-01T08:00:00-0530", 0, "2026-03-01T13:30:00Z", true},
        {"2026-03-01T08:00:00.123Z", 0, "2026-03-01T08:00:00.123000Z", true},
        {"2026-03-01T08:00:00.123456789Z", 0, "2026-03-01T08:00:00.123456Z", true},
        {"2026-03-01T08:00:00.000000001Z", 0, "2026-03-01T08:00:00Z", true},
        {"2026-03-01T08:00:00", 3600, "2026-03-01T07:00:00Z", false},
        {"2026-03-01T08:00:00.5", 0, "2026-03-01T08:00:00.500000Z", false},
        {"2026-03-01", 7200, "2026-02-28T22:00:00Z", false},
        {"2016-12-31T23:59:60Z", 0, "2017-01-01T00:00:00Z", true},
        {"9999-12-31T23:59:59.999999Z", 0, "9999-12-31T23:59:59.999999Z", true},
        {"2026-03-01T08:00:00.1234567890Z", 0, NULL, false},
        {"2026-03-01T08:00:00.Z", 0, NULL, false},
        {"2026-03-01T08:00Z", 0, NULL, false},
        {"2026-03-01T08:00:00+1", 0, NULL, false},
        {"2026-03-01T08:00:00+01:0", 0, NULL, false},
        {"2026-03-01T08:00:00+24:00", 0, NULL, false},
        {"2026-03-01T08:00:00+01:60", 0, NULL, false},
        {"2026-03-01T08:00:00+01:00x", 0, NULL, false},
        {"2026-03-01T08:00:00 Z", 0, NULL, false},
        {"2026-03-01T", 0, NULL, false},
        {"2026-03-01Z", 0, NULL, false},
        {"2026-02-30", 0, NULL, false},
        {"2026-3-1", 0, NULL, false},
        {"26-03-01", 0, NULL, false},
        {"-026-03-01", 0, NULL, false},
        {"", 0, NULL, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t us = 0;
        bool zone = false;
        bool ok = iso_parse(guarded(str_of(rows[i].text)), rows[i].offset_s, &us, &zone);
        assert_int_equal(ok, rows[i].utc != NULL);
        if (!ok)
            continue;
        char text[ISO_TEXT_MAX];
        assert_int_equal(iso_format(us, text), strlen(rows[i].utc));
        assert_string_equal(text, rows[i].utc);
        assert_int_equal(zone, rows[i].zone);
    }
}

static void any_number_has_a_text(void **state)
{
    (void)state;
    static const struct {
        int64_t us;
        const char *text;
    } rows[] = {
        {0, "1970-01-01T00:00:00Z"},
        {-1, "1969-12-31T23:59:59.999999Z"},
        {INT64_MAX, "294247-01-10T04:00:54.775807Z"},
        {INT64_MIN, "-290308-12-21T19:59:05.224192Z"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[ISO_TEXT_MAX];
        size_t n = iso_format(rows[i].us, text);
        assert_int_equal(n, strlen(text));
        assert_string_equal(text, rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_agrees_with_libc),
        cmocka_unit_test(impossible_dates),
        cmocka_unit_test(text_both_ways),
        cmocka_unit_test(any_number_has_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
