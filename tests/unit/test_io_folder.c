/* test_io_folder.c: rotated logs are listed oldest first. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "analyzer/io/source.h"
#include "tests/unit/files.h"

static const char *const in_order[] = {
    "access.log.10.gz", "access.log.9.gz", "access.log.2", "access.log.1", "access.log",
    "app.log-20251231.gz", "app.log-20260101", "app.log-20260102", "app.log",
    "error-2026-01-01.log", "error-2026-01-02.log",
    "shop.log.20260301", "shop.log.20260302.gz", "shop.log.03", "shop.log.3", "shop.log.1", "shop.log",
    "zz10", "zz9",
};
enum { N = sizeof in_order / sizeof *in_order };

static void oldest_first(void **state)
{
    (void)state;
    const char *folder = folder_make();
    struct arena a = {0};
    for (int i = 0; i < N; i++) /* made in another order */
        file_write(in_folder(folder, in_order[i * 7 % N]), STR("x"), 0);
    file_write(in_folder(folder, ".hidden"), STR("x"), 0);
    mkdir(in_folder(folder, "below"), 0700);
    assert_int_equal(symlink("access.log", in_folder(folder, "zzz-link")), 0);
    for (int with_slash = 0; with_slash < 2; with_slash++) {
        struct str *names, why, name = arena_printf(&a, "%s%s", folder, with_slash ? "/" : "");
        size_t count;
        assert_int_equal(source_list_folder(&a, name, &names, &count, &why), STATUS_OK);
        assert_int_equal(count, N + 1);
        for (int i = 0; i <= N; i++) {
            const char *want = i < N ? in_order[i] : "zzz-link";
            struct str path = str_of(in_folder(folder, want));
            if (!str_eq(names[i], path))
                fail_msg("%d: %.*s, not %s", i, STR_ARG(names[i]), want);
        }
    }
    for (int i = 0; i < N; i++)
        unlink(in_folder(folder, in_order[i]));
    unlink(in_folder(folder, ".hidden"));
    unlink(in_folder(folder, "zzz-link"));
    rmdir(in_folder(folder, "below"));
    assert_int_equal(rmdir(folder), 0);
    arena_free(&a);
}

static void no_folder(void **state)
{
    (void)state;
    struct arena a = {0};
    struct str *names, why = STR_NONE;
    size_t count;
    assert_int_equal(source_list_folder(&a, STR("/nonexistent/x"), &names, &count, &why), STATUS_FAILED);
    assert_true(str_eq(why, STR("No such file or directory")));
    const char *folder = folder_make();
    assert_int_equal(source_list_folder(&a, str_of(folder), &names, &count, &why), STATUS_OK);
    assert_int_equal(count, 0);
    rmdir(folder);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(oldest_first), cmocka_unit_test(no_folder)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
