/* test_cli_resolve.c: values: times, zones, numbers, limits; and the effective configuration both ways. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdlib.h>
#include <cmocka.h>

#include "analyzer/cli/args.h"
#include "analyzer/cli/config.h"
#include "analyzer/cli/resolve.h"
#include "analyzer/engine/engine.h"
#include "tests/unit/guard.h"

#define MARCH INT64_C(1772323200000000) /* 2026-03-01T00:00:00Z */
#define HOUR INT64_C(3600000000)

static void stamps(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int offset_s;
        bool ok;
        int64_t us;
    } rows[] = {
        {"2026-03-01", 0, true, MARCH},
        {"2026-03-01", 3600, true, MARCH - HOUR},
        {"2026-03-01T08:00", 0, true, MARCH + 8 * HOUR},
        {"2026-03-01 08:00", 3600, true, MARCH + 7 * HOUR},
        {"2026-03-01T08:00Z", 3600, true, MARCH + 8 * HOUR},
        {"2026-03-01T08:00+02:00", 0, true, MARCH + 6 * HOUR},
        {"2026-03-01T08:00:00.25Z", 0, true, MARCH + 8 * HOUR + 250000},
        {"1772323200", 3600, true, MARCH},
        {"1772323200.5", 0, true, MARCH + 500000},
        {"2026", 0, false, 0},
        {"20260301", 0, false, 0},
        {"2026-02-30", 0, false, 0},
        {"2026-03-01T8:00", 0, false, 0},
        {"2026-03-01T08:00:", 0, false, 0},
        {"2026-03-01T08:00x", 0, false, 0},
        {"177232320000000", 0, false, 0},
        {"-24h", 0, false, 0},
        {"", 0, false, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t us = 0;
        assert_int_equal(stamp_parse(guarded(str_of(rows[i].text)), rows[i].offset_s, &us), rows[i].ok);
        if (rows[i].ok)
            assert_int_equal(us, rows[i].us);
    }
}

static void relative_stamps_are_told_from_wrong_ones(void **state)
{
    (void)state;
    static const char *const relative[] = {"-24h", "+2d", "7d", "now", "today", "yesterday", "-30m"};
    static const char *const wrong[] = {"", "-", "h", "abch", "2026-13-01", "-h"};
    for (size_t i = 0; i < sizeof relative / sizeof *relative; i++)
        assert_true(stamp_is_relative(guarded(str_of(relative[i]))));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(stamp_is_relative(guarded(str_of(wrong[i]))));
}

static void zones(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool ok;
        int offset_s;
    } rows[] = {
        {"+01:00", true, 3600}, {"-0330", true, -12600}, {"Z", true, 0},      {"UTC", true, 0},    {"+14:00", true, 50400},
        {"+15:00", false, 0},   {"+01:60", false, 0},    {"01:00", false, 0}, {"+1:00", false, 0}, {"CET", false, 0},
        {"", false, 0},         {"+01:0", false, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int s = 0;
        assert_int_equal(zone_parse(guarded(str_of(rows[i].text)), &s), rows[i].ok);
        if (rows[i].ok)
            assert_int_equal(s, rows[i].offset_s);
    }
}

/* ---- settings ---- */

static struct cli command_line(const char *const *words)
{
    struct cli c = {.lang = LANG_EN};
    char *argv[16] = {(char *)(uintptr_t)"vigie"};
    int n = 1;
    for (; n < 15 && words[n - 1] != NULL; n++)
        argv[n] = (char *)(uintptr_t)words[n - 1];
    assert_true(args_parse(&c, n, argv));
    return c;
}

static void nothing_told_is_the_default(void **state)
{
    (void)state;
    struct cli c = command_line((const char *const[]){"analyze", "x.log", NULL});
    const struct settings d = settings_default();
    const struct site *site;
    struct settings s;
    assert_true(resolve_general(&c));
    if (!resolve_settings(&c, &s, &site))
        fail_msg("%s", arena_cstr(&c.arena, c.problem));
    assert_true(str_eq(s.site, d.site));
    assert_true(str_eq(s.format, d.format));
    assert_int_equal(s.since_us, d.since_us);
    assert_int_equal(s.until_us, d.until_us);
    assert_int_equal(s.rejects_permille_max, d.rejects_permille_max);
    assert_memory_equal(&s.limits, &d.limits, sizeof s.limits);
    assert_int_equal(s.params_count, 0);
    assert_null(s.out.p);
    assert_true(s.threads >= 1);
    arena_free(&c.arena);
}

static void wrong_values_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *words[6];
        const char *want;
    } rows[] = {
        {{"analyze", "x", "--threads=x"}, "--threads: 'x' is not a number from 0 to 64"},
        {{"analyze", "x", "--max-rejects=1001"}, "--max-rejects: '1001' is not a number from 0 to 1000"},
        {{"analyze", "x", "--color=alway"}, "--color: 'alway' is none of auto|always|never; did you mean 'always'?"},
        {{"analyze", "x", "--lang=de"}, "--lang: 'de' is none of en|fr"},
        {{"explain", "x", "--line=0"}, "--line: '0' is not a number from 1 up"},
        {{"analyze", "x", "--limit=sorces_max=3"},
         "--limit: unknown limit 'sorces_max'; did you mean 'sources_max'? (see vigie list limits)"},
        {{"analyze", "x", "--limit=sources_max"}, "--limit: 'sources_max' is not of the form NAME=VALUE"},
        {{"analyze", "x", "--limit=sources_max=0"}, "--limit: sources_max must be from 1 to 65535"},
        {{"analyze", "x", "--param=nonsense.p=1"}, "--param: unknown detector 'nonsense' (see vigie list detectors)"},
        {{"analyze", "x", "--tz=CET"}, "--tz: 'CET' is not a zone like +01:00, -0330 or UTC"},
        {{"analyze", "x", "--since=2026-03-02", "--until=2026-03-01"}, "--until must lie after --since"},
        {{"analyze", "x", "--since=-24h"},
         "--since: '-24h' counts from now, and the same command must give the same evidence tomorrow; give a time like "
         "2026-03-01T08:00"},
        {{"analyze", "x", "--key-map={\"a\": 1}"}, "--key-map: a key map is an object of strings, {\"theirs\": \"ours\"}"},
        {{"analyze", "x", "--format=combind"},
         "--format: unknown format 'combind'; did you mean 'combined'? (see vigie list formats)"},
        {{"analyze", "x", "--sessions=-", "--findings=-"},
         "only one result can go to standard output: name a file for the others"},
        {{"analyze", "x", "--site="}, "--site: the value is empty"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cli c = command_line(rows[i].words);
        const struct site *site;
        struct settings s;
        assert_false(resolve_general(&c) && resolve_settings(&c, &s, &site));
        assert_string_equal(arena_cstr(&c.arena, c.problem), rows[i].want);
        arena_free(&c.arena);
    }
}

static void effective_configuration_reads_back_the_same(void **state)
{
    (void)state;
    struct cli c = command_line((const char *const[]){
        "analyze", "/some/where/a.log", "b.log.gz", "--since=2026-03-01T08:00:00.5", "--until=2026-04-01", "--tz=-03:30",
        "--limit=sources_max=9", "--key-map={\"b\":\"status\",\"a\":\"peer_ip\"}", "--max-rejects=7", "--out=/x/CASE-1",
        NULL});
    const struct site *site;
    struct settings s;
    assert_true(resolve_general(&c) && resolve_settings(&c, &s, &site));
    struct str first = settings_effective(&c.arena, &s, site);
    assert_true(str_eq(first, STR("{\"case\":\"CASE-1\",\"format\":\"auto\",\"inputs\":[\"a.log\",\"b.log.gz\"],\"key_map\":{\"a\":"
                                  "\"peer_ip\",\"b\":\"status\"},\"limits\":{\"sources_max\":9},\"max_rejects_permille\":7,"
                                  "\"params\":{},\"since\":\"2026-03-01T11:30:00.500000Z\",\"site\":\"generic\",\"tz\":\"-03:30\","
                                  "\"until\":\"2026-04-01T03:30:00Z\"}")));
    struct cli again = {.command = COMMAND_rederive};
    assert_true(config_parse(&again, STR("effective.json"), first));
    assert_true(resolve_general(&again) && resolve_settings(&again, &s, &site));
    assert_true(str_eq(settings_effective(&again.arena, &s, site), first));
    arena_free(&again.arena);
    arena_free(&c.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stamps),
        cmocka_unit_test(relative_stamps_are_told_from_wrong_ones),
        cmocka_unit_test(zones),
        cmocka_unit_test(nothing_told_is_the_default),
        cmocka_unit_test(wrong_values_are_named),
        cmocka_unit_test(effective_configuration_reads_back_the_same),
    };
    setenv("VIGIE_SITES", "samples/sites", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
