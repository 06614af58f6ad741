/* The bundle as a whole: layout, sameness, refusal, and nothing left behind when writing fails. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "analyzer/base/fault.h"
#include "reports/bag_write.h"
#include "tests/unit/reports_fixture.h"

static enum status write_to(struct fixture *x, const char *name, struct str *why)
{
    x->settings.out = arena_printf(&x->arena, "%s/%s", x->folder, name);
    *why = STR_NONE;
    return bundle_write(&x->in, why);
}

/* Entries of the fixture's folder but the two logs. */
static int left_over(const struct fixture *x)
{
    int n = 0;
    DIR *d = opendir(x->folder);
    assert_non_null(d);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d))
        n +=
            e->d_name[0] == '.' ? strlen(e->d_name) > 2 : strncmp(e->d_name, "access.log", 10) != 0;
    closedir(d);
    return n;
}

static const char *const files[] = {"VERIFY.txt",
                                    "bag-info.txt",
                                    "bagit.txt",
                                    "manifest-sha256.txt",
                                    "tagmanifest-sha256.txt",
                                    "data/evidence.json",
                                    "data/records.jsonl",
                                    "data/ledger.json",
                                    "data/config/effective.json",
                                    "data/config/site.json",
                                    "data/schema/evidence.schema.json",
                                    "data/schema/record.schema.json",
                                    "data/schema/ledger.schema.json",
                                    "data/schema/rule.schema.json",
                                    "data/schema/effective.schema.json"};

static void has_its_layout(void **state)
{
    (void)state;
    struct fixture *x = fixture_new();
    struct str why;
    assert_int_equal(write_to(x, "AFF", &why), STATUS_OK);
    assert_int_equal(left_over(x), 1);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        if (fixture_read(x, x->settings.out, files[i]).n <= 0)
            fail_msg("%s is missing or empty", files[i]);
    for (size_t i = 0; i < detectors_count; i++) {
        struct str rule = arena_printf(&x->arena, "data/rules/%s.v%d.json", detectors[i]->name,
                                       detectors[i]->version);
        assert_true(fixture_read(x, x->settings.out, rule.p).n > 0);
    }
    struct str bagit = fixture_read(x, x->settings.out, "bagit.txt");
    assert_true(str_eq(bagit, STR("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")));
    struct str site = fixture_read(x, x->settings.out, "data/config/site.json");
    assert_true(str_eq(site, x->site.source));
    fixture_free(x);
}

/* Every line "hash  path" is true, and paths ascend. */
static size_t check_manifest(struct fixture *x, const char *name)
{
    struct str rest = fixture_read(x, x->settings.out, name), line, before = STR("");
    size_t n = 0;
    for (; rest.n > 0; n++) {
        rest = str_cut(rest, '\n', &line);
        struct str path = str_sub(line, 66, line.n);
        struct sha256 said,
            is = sha256_of(fixture_read(x, x->settings.out, arena_cstr(&x->arena, path)));
        assert_true(sha256_parse(str_sub(line, 0, 64), &said));
        assert_memory_equal(said.b, is.b, sizeof is.b);
        assert_true(str_cmp(before, path) < 0);
        before = path;
    }
    return n;
}

static void manifests_are_true(void **state)
{
    (void)state;
    struct fixture *x = fixture_new();
    struct str why;
    assert_int_equal(write_to(x, "AFF/", &why), STATUS_OK);
    assert_int_equal(check_manifest(x, "manifest-sha256.txt"), 12 + detectors_count);
    assert_int_equal(check_manifest(x, "tagmanifest-sha256.txt"), 4);
    fixture_free(x);
}

static void two_writes_are_the_same(void **state)
{
    (void)state;
    struct fixture *x = fixture_new();
    struct str why, first, second;
    assert_int_equal(write_to(x, "one", &why), STATUS_OK);
    first = x->settings.out;
    x->settings.threads = 3; /* may show in bag-info.txt only */
    assert_int_equal(write_to(x, "two", &why), STATUS_OK);
    second = x->settings.out;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        const bool differs = strcmp(files[i], "bag-info.txt") == 0 ||
                             strcmp(files[i], "tagmanifest-sha256.txt") == 0;
        assert_int_equal(
            str_eq(fixture_read(x, first, files[i]), fixture_read(x, second, files[i])), !differs);
    }
    fixture_free(x);
}

static void bag_info_is_sorted_and_dated_on_request(void **state)
{
    (void)state;
    struct fixture *x = fixture_new();
    struct str why, line, before = STR("");
    assert_int_equal(write_to(x, "undated", &why), STATUS_OK);
    assert_true(
        str_find_str(fixture_read(x, x->settings.out, "bag-info.txt"), STR("Bagging-Date")) < 0);
    setenv("SOURCE_DATE_EPOCH", "1772352000", 1);
    x->settings.case_id = STR("two\nlines");
    assert_int_equal(write_to(x, "dated", &why), STATUS_OK);
    unsetenv("SOURCE_DATE_EPOCH");
    struct str rest = fixture_read(x, x->settings.out, "bag-info.txt");
    assert_true(str_find_str(rest, STR("Bagging-Date: 2026-03-01\n")) > 0);
    assert_true(str_find_str(rest, STR("External-Identifier: two\\x0alines\n")) > 0);
    while (rest.n > 0) {
        rest = str_cut(rest, '\n', &line);
        assert_true(str_cmp(before, line) < 0);
        before = line;
    }
    fixture_free(x);
}

static void refuses_what_is_in_the_way(void **state)
{
    static const struct {
        const char *name;
        struct text why;
    } cases[] = {
        {"there", {{"exists already", "existe déjà"}}},
        {"missing/AFF", {{"no such folder", "dossier inexistant"}}},
        {"access.log/AFF", {{"is not a folder", "n'est pas un dossier"}}},
        {"there/..", {{"is not a usable name", "n'est pas un nom utilisable"}}},
    };
    (void)state;
    struct fixture *x = fixture_new();
    char there[128];
    snprintf(there, sizeof there, "%s/there", x->folder);
    assert_int_equal(mkdir(there, 0700), 0);
    for (size_t i = 0; i < 2 * sizeof cases / sizeof cases[0]; i++) {
        struct str why;
        x->settings.lang = i % 2 == 0 ? LANG_EN : LANG_FR;
        assert_int_equal(write_to(x, cases[i / 2].name, &why), STATUS_FAILED);
        if (str_find_str(why, str_of(SAY(cases[i / 2].why, x->settings.lang))) < 0)
            fail_msg("%s: %.*s", cases[i / 2].name, STR_ARG(why));
        assert_int_equal(left_over(x), 1);
    }
    fixture_free(x);
}

static void nothing_is_left_when_a_write_fails(void **state)
{
    (void)state;
    struct fixture *x = fixture_new();
    enum status status = STATUS_FAILED;
    int n = 1;
    for (; status != STATUS_OK; n++) {
        char number[16];
        struct str why;
        assert_true(n < 1000);
        snprintf(number, sizeof number, "%d", n);
        setenv("VIGIE_FAULT_WRITE", number, 1);
        fault_init();
        status = write_to(x, "AFF", &why);
        assert_int_equal(left_over(x), status == STATUS_OK ? 1 : 0);
        assert_true(status == STATUS_OK || str_find_str(why, STR("no space left")) > 0);
    }
    unsetenv("VIGIE_FAULT_WRITE");
    fault_init();
    assert_true(n > 60); /* folders, files, syncs and the rename were all made to fail once */
    fixture_free(x);
}

static void abandoning_leaves_nothing(void **state)
{
    (void)state;
    struct fixture *x = fixture_new();
    struct bag b;
    bag_begin(&b, arena_printf(&x->arena, "%s/AFF", x->folder));
    bag_put(&b, STR("data/rules/a.json"), STR("{}"));
    out_text(bag_open(&b, STR("data/b.json")), "half");
    assert_int_equal(left_over(x), 1);
    bundle_abandon();
    assert_int_equal(left_over(x), 0);
    bag_close(&b);
    assert_int_equal(bag_finish(&b, NULL, 0), STATUS_FAILED);
    assert_int_equal(left_over(x), 0);
    bag_free(&b);
    bundle_abandon(); /* nothing under way: does nothing */
    fixture_free(x);
}

static void the_finished_bundle_survives_abandoning(void **state)
{
    (void)state;
    struct fixture *x = fixture_new();
    struct str why;
    assert_int_equal(write_to(x, "AFF", &why), STATUS_OK);
    bundle_abandon();
    assert_true(fixture_read(x, x->settings.out, "data/evidence.json").n > 0);
    fixture_free(x);
}

/* The commands of VERIFY.txt, typed by a script; see there. */
static void verify_text_can_be_typed(void **state)
{
    (void)state;
    struct fixture *x = fixture_new();
    struct str why;
    char command[512];
    assert_int_equal(write_to(x, "AFF", &why), STATUS_OK);
    snprintf(command, sizeof command, "bash tests/stream/verify_text.sh %.*s %s",
             STR_ARG(x->settings.out), x->folder);
    int status = system(command);
    assert_true(WIFEXITED(status));
    assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 77);
    fixture_free(x);
}

int main(void)
{
    hash_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_its_layout),
        cmocka_unit_test(manifests_are_true),
        cmocka_unit_test(two_writes_are_the_same),
        cmocka_unit_test(bag_info_is_sorted_and_dated_on_request),
        cmocka_unit_test(refuses_what_is_in_the_way),
        cmocka_unit_test(nothing_is_left_when_a_write_fails),
        cmocka_unit_test(abandoning_leaves_nothing),
        cmocka_unit_test(the_finished_bundle_survives_abandoning),
        cmocka_unit_test(verify_text_can_be_typed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
