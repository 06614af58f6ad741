/* test_cli_parts.c: the progress line, diagnostics as lines, sessions on the shelf, result files, trees. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "analyzer/cli/progress.h"
#include "analyzer/cli/report.h"
#include "analyzer/cli/result.h"
#include "analyzer/cli/shelf.h"
#include "analyzer/cli/tree.h"
#include "tests/unit/files.h"

static void progress_tells_what_is_known(void **state)
{
    (void)state;
    static const struct {
        struct engine_progress now;
        uint64_t ms;
        enum lang lang;
        const char *want;
    } rows[] = {
        {{.bytes = 50000000, .bytes_total = 200000000, .lines = 1000000}, 2000, LANG_EN,
         "50 / 200 MB (25%) - 500000 lines/s - left 7 s"},
        {{.bytes = 50000000, .bytes_total = 200000000, .lines = 1000000}, 2000, LANG_FR,
         "50 / 200 Mo (25 %) - 500000 lignes/s - encore 7 s"},
        {{.bytes = 1000000, .bytes_total = 100000000000, .lines = 10}, 1000, LANG_EN,
         "1 / 100000 MB (0%) - 10 lines/s - left 27 h 46 min"},
        {{.bytes = 7000000, .lines = 70}, 1000, LANG_EN, "7 MB - 70 lines/s"},
        {{.bytes = 7000000, .bytes_total = 7000000, .lines = 70}, 1000, LANG_EN, "7 / 7 MB (100%) - 70 lines/s"},
        {{0}, 0, LANG_EN, "0 MB - 0 lines/s"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct out o = out_memory();
        progress_line(&o, &rows[i].now, rows[i].ms, rows[i].lang);
        out_char(&o, '\0');
        assert_string_equal(out_slice(&o).p, rows[i].want);
        assert_int_equal(out_close(&o), 0);
    }
}

static void diagnostics_name_source_and_severity(void **state)
{
    (void)state;
    struct ledger l = {0};
    (void)ledger_add(&l, STR("a\x1b.log"));
    static const struct {
        struct diag d;
        enum lang lang;
        const char *want;
    } rows[] = {
        {{DIAG_empty_source, 0, 1, {NULL, 0}}, LANG_EN, "a\\x1b.log: warning: the source is empty"},
        {{DIAG_source_broke_off, 0, 1, {"EIO\n", 4}}, LANG_FR, "a\\x1b.log : partiel : interrompue : EIO\\x0a"},
        {{DIAG_forwarded_untrusted, DIAG_RUN, 12, {NULL, 0}}, LANG_EN,
         "warning: forwarded addresses are present but no trusted proxy is configured (12 times)"},
        {{DIAG_format_wrong, 0, 1, {"%s%n", 4}}, LANG_EN, "a\\x1b.log: unreadable: the format cannot be used: %s%n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct out o = out_memory();
        diag_line(&o, &rows[i].d, &l, rows[i].lang);
        out_char(&o, '\0');
        assert_string_equal(out_slice(&o).p, rows[i].want);
        assert_int_equal(out_close(&o), 0);
    }
    ledger_free(&l);
}

static void sessions_come_back_from_the_shelf(void **state)
{
    (void)state;
    struct cli c = {0};
    struct arena a = {0};
    struct act acts[2] = {{.time_us = 5, .offset = 77, .record = 3}, {.time_us = 9, .offset = 99, .record = 4}};
    struct identity identity = {.kind = IDENTITY_EMAIL, .value = STR("A@b"), .canonical = STR("a@b"), .rule = STR("r"), .times = 2};
    const struct session full = {.id = 1, .key_value = STR("cookie"), .agent = STR("agent"), .acts = acts, .acts_count = 2,
                                 .identities = &identity, .identities_count = 1, .first_us = 5, .last_us = 9};
    const struct session bare = {.id = 2, .agent = {"", 0}};
    struct shelf *s = shelf_open(&c, STR_NONE);
    assert_non_null(s);
    shelf_add(s, &full);
    shelf_add(s, &bare);
    for (int turn = 0; turn < 2; turn++) {
        struct session got;
        assert_true(shelf_rewind(&c, s));
        assert_true(shelf_next(s, &a, &got));
        struct session copy = shelf_copy(&c.arena, &got);
        arena_rewind(&a);
        assert_int_equal(copy.id, 1);
        assert_true(str_eq(copy.key_value, STR("cookie")));
        assert_true(str_eq(copy.agent, STR("agent")));
        assert_memory_equal(copy.acts, acts, sizeof acts);
        assert_true(str_eq(copy.identities[0].value, STR("A@b")));
        assert_true(str_eq(copy.identities[0].canonical, STR("a@b")));
        assert_true(str_eq(copy.identities[0].rule, STR("r")));
        assert_true(shelf_next(s, &a, &got));
        assert_int_equal(got.id, 2);
        assert_null(got.key_value.p);
        assert_non_null(got.agent.p);
        assert_int_equal(got.agent.n, 0);
        assert_false(shelf_next(s, &a, &got));
    }
    shelf_close(s);
    arena_free(&a);
    arena_free(&c.arena);
}

static bool exists(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

static void results_are_whole_or_not_there(void **state)
{
    (void)state;
    struct cli c = {0};
    struct result r;
    const char *folder = folder_make(), *path = in_folder(folder, "r.jsonl");
    assert_true(result_open(&c, &r, str_of(path), RESULT_REPLACE));
    out_text(&r.out, "one\n");
    assert_false(exists(path));
    assert_true(exists(r.temporary));
    const char *temporary = r.temporary;
    result_abandon(&r);
    assert_false(exists(path));
    assert_false(exists(temporary));

    assert_true(result_open(&c, &r, str_of(path), RESULT_REPLACE));
    out_text(&r.out, "two\n");
    assert_true(result_close(&c, &r));
    assert_true(exists(path));
    assert_false(result_wanted(&r));

    assert_true(result_open(&c, &r, STR_NONE, RESULT_REPLACE));
    assert_false(result_wanted(&r));
    assert_true(result_close(&c, &r));
    assert_false(result_open(&c, &r, str_of(in_folder(folder, "no/such")), RESULT_REPLACE));
    assert_non_null(c.problem.p);
    tree_remove(&c, str_of(folder));
    assert_false(exists(folder));
    arena_free(&c.arena);
}

static void trees_are_compared_to_the_byte(void **state)
{
    (void)state;
    struct cli c = {0};
    struct tree_difference d;
    const char *folder = folder_make();
    static const char *const folders[] = {"a", "b", "a/d", "b/d"};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(mkdir(in_folder(folder, folders[i]), 0700), 0);
    file_write(in_folder(folder, "a/same"), STR("12345"), 0);
    file_write(in_folder(folder, "b/same"), STR("12345"), 0);
    file_write(in_folder(folder, "a/d/x"), STR("12345"), 0);
    file_write(in_folder(folder, "b/d/x"), STR("12345678"), 0);
    file_write(in_folder(folder, "a/only-a"), STR(""), 0);
    file_write(in_folder(folder, "b/only-b"), STR(""), 0);
    assert_int_equal(symlink("same", in_folder(folder, "a/y")), 0);
    file_write(in_folder(folder, "b/y"), STR("12345"), 0);
    struct out o = out_memory();
    assert_true(tree_compare(&c, str_of(in_folder(folder, "a")), str_of(in_folder(folder, "b")), &o, &d));
    out_char(&o, '\0');
    assert_string_equal(out_slice(&o).p, "data/d/x: differs from byte 5 on\n"
                                         "data/only-a: only in the bundle\n"
                                         "data/only-b: only in the new derivation\n"
                                         "data/y: differs from byte 0 on\n");
    assert_int_equal(d.different, 4);
    assert_int_equal(d.same, 1);
    assert_int_equal(d.bytes, 5);
    assert_int_equal(out_close(&o), 0);
    tree_remove(&c, str_of(folder));
    arena_free(&c.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(progress_tells_what_is_known),
        cmocka_unit_test(diagnostics_name_source_and_severity),
        cmocka_unit_test(sessions_come_back_from_the_shelf),
        cmocka_unit_test(results_are_whole_or_not_there),
        cmocka_unit_test(trees_are_compared_to_the_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
