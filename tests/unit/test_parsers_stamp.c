/* test_parsers_stamp.c: stamps, with the minute remembered and without. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "parsers/log/stamp.h"
#include "tests/unit/guard.h"

#define S INT64_C(1000000)

static const struct {
    const char *text;
    bool fine;
    int64_t s;
} clf[] = {
    {"10/Oct/2026:13:55:36 +0200", true, 1791633336},
    {"10/Oct/2026:13:55:37 +0200", true, 1791633337}, /* the same minute */
    {"10/Oct/2026:13:55:37 +0000", true, 1791640537}, /* another zone */
    {"10/Oct/2026:13:55:60 +0000", true, 1791640560}, /* a leap second counts as the next */
    {"10/Oct/2026:13:55:61 +0000", false, 0},
    {"10/Oct/2026:13:55:6x +0000", false, 0},
    {"10/Oct/2026:13:56:00 +0000", true, 1791640560},
    {"10/Oct/2026:13:56:00 -0930", true, 1791674760},
    {"29/Feb/2024:00:00:00 +0000", true, 1709164800},
    {"29/Feb/2025:00:00:00 +0000", false, 0},
    {"31/Apr/2025:00:00:00 +0000", false, 0},
    {"00/Apr/2025:00:00:00 +0000", false, 0},
    {"10/Okt/2026:13:55:36 +0200", false, 0},
    {"10/oct/2026:13:55:36 +0200", false, 0},
    {"10/Oct/2026:24:55:36 +0200", false, 0},
    {"10/Oct/2026:13:60:36 +0200", false, 0},
    {"10/Oct/2026 13:55:36 +0200", false, 0},
    {"10/Oct/2026:13:55:36 *0200", false, 0},
    {"10/Oct/2026:13:55:36 +2400", false, 0},
    {"10/Oct/2026:13:55:36 +0260", false, 0},
    {"10/Oct/2026:13:55:36T+0200", false, 0},
    {"10/Oct/2026:13:55.36 +0200", false, 0},
};

static void clf_stamps(void **state)
{
    struct log_minute remembered = {0};
    (void)state;
    for (size_t i = 0; i < sizeof clf / sizeof *clf; i++) {
        struct log_minute fresh = {0};
        int64_t us;
        struct str text = guarded(str_of(clf[i].text));
        assert_int_equal(text.n, STAMP_CLF_LENGTH);
        assert_int_equal(stamp_clf(&fresh, text.p, &us), clf[i].fine);
        if (clf[i].fine)
            assert_int_equal(us, clf[i].s * S);
        assert_int_equal(stamp_clf(&remembered, text.p, &us), clf[i].fine);
        if (clf[i].fine)
            assert_int_equal(us, clf[i].s * S);
    }
}

static const struct {
    const char *text;
    bool fine;
    int64_t us;
} iso[] = {
    {"2026-10-10T13:55:36+02:00", true, 1791633336 * S},
    {"2026-10-10T13:55:37+02:00", true, 1791633337 * S},
    {"2026-10-10T13:55:37+03:00", true, 1791629737 * S},
    {"2026-10-10T13:55:37Z", true, 1791640537 * S},
    {"2026-10-10T13:55:37.1234Z", true, 1791640537 * S + 123400}, /* as long as one with a zone */
    {"2026-10-10T13:55:38.1234Z", true, 1791640538 * S + 123400},
    {"2026-10-10 13:55:37", true, 1791636937 * S}, /* no zone: the one given */
    {"2026-10-10T13:55:6x+02:00", false, 0},
    {"2026-13-10T13:55:36+02:00", false, 0},
    {"2026-10-10T13:55:36+02:0x", false, 0},
};

static void iso_stamps(void **state)
{
    struct log_minute remembered = {0};
    (void)state;
    for (size_t i = 0; i < sizeof iso / sizeof *iso; i++) {
        struct log_minute fresh = {0};
        int64_t us;
        struct str text = guarded(str_of(iso[i].text));
        assert_int_equal(stamp_iso(&fresh, text, 3600, &us), iso[i].fine);
        if (iso[i].fine)
            assert_int_equal(us, iso[i].us);
        assert_int_equal(stamp_iso(&remembered, text, 3600, &us), iso[i].fine);
        if (iso[i].fine)
            assert_int_equal(us, iso[i].us);
    }
}

static void any_stamps(void **state)
{
    static const struct {
        const char *text;
        bool fine;
        int64_t us;
        uint32_t resolution;
    } rows[] = {
        {"1791633336", true, 1791633336 * S, 1000000},
        {"1791633336.123", true, 1791633336 * S + 123000, 1000},
        {"1791633336.123456", true, 1791633336 * S + 123456, 1},
        {"1791633336123", true, 1791633336 * S + 123000, 1000},
        {"1791633336123456", true, 1791633336 * S + 123456, 1},
        {"1791633336123456789", true, 1791633336 * S + 123456, 1},
        {"10/Oct/2026:13:55:36 +0200", true, 1791633336 * S, 1000000},
        {"[10/Oct/2026:13:55:36 +0200]", true, 1791633336 * S, 1000000},
        {"2026-10-10T13:55:36+02:00", true, 1791633336 * S, 1000000},
        {"2026-10-10T13:55:36.120+02:00", true, 1791633336 * S + 120000, 1000},
        {"2026-10-10T13:55:36.120000Z", true, 1791640536 * S + 120000, 1},
        {"2026-10-10T11:55:36", true, 1791633336 * S, 1000000},
        {"99999999999999999999", false, 0, 0},
        {"yesterday", false, 0, 0},
        {"", false, 0, 0},
        {"-1", false, 0, 0},
        {"10/Oct/2026", false, 0, 0},
        {"[]", false, 0, 0},
    };
    (void)state;
    struct log_thread t = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t us;
        uint32_t resolution;
        assert_int_equal(stamp_any(&t, guarded(str_of(rows[i].text)), 0, &us, &resolution),
                         rows[i].fine);
        if (!rows[i].fine)
            continue;
        assert_int_equal(us, rows[i].us);
        assert_int_equal(resolution, rows[i].resolution);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(clf_stamps), cmocka_unit_test(iso_stamps),
                                       cmocka_unit_test(any_stamps)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
