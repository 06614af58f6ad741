/* The published schema of site profiles and the loader say the same: what is shipped satisfies both, and
 * each document of tests/schema/site is refused by both, but for what only the loader can know. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>

#include "analyzer/site/site.h"
#include "reports/schema.h"

enum { DOCUMENT_BYTES_MAX = 1 << 18 };

static struct arena arena;
static const struct json *schema;

static struct str file_text(const char *folder, const char *name)
{
    char *p = ARENA_ARRAY(&arena, char, DOCUMENT_BYTES_MAX);
    FILE *f = fopen(arena_cstr(&arena, arena_printf(&arena, "%s/%s", folder, name)), "rb");
    assert_non_null(f);
    size_t n = fread(p, 1, DOCUMENT_BYTES_MAX, f);
    fclose(f);
    assert_true(n < DOCUMENT_BYTES_MAX);
    return (struct str){p, (ptrdiff_t)n};
}

static void report(void *user, struct str pointer, struct str keyword)
{
    if (user != NULL)
        print_error("%s: %.*s: %.*s\n", (const char *)user, STR_ARG(pointer), STR_ARG(keyword));
}

static int setup(void **state)
{
    struct json_error error;
    static char name[] = "site.schema.json";
    (void)state;
    schema = json_parse(&arena, file_text("samples/sites", name), &error);
    return schema == NULL || !schema_usable(schema, report, name);
}

static int teardown(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static void shipped_profiles_satisfy_the_schema(void **state)
{
    static char names[][20] = {"ez-booking.json", "rdvpref.json", "generic.json"};
    struct json_error error;
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct json *v = json_parse(&arena, file_text("samples/sites", names[i]), &error);
        assert_non_null(v);
        assert_true(schema_valid(schema, v, report, names[i]));
    }
}

/* "semantic-...": the schema cannot express it; "json-...": no JSON at all. */
static bool only_the_loader_knows(struct str name)
{
    return str_starts(name, STR("semantic-")) || str_starts(name, STR("json-"));
}

static void refused_documents(void **state)
{
    DIR *dir = opendir("tests/schema/site");
    int by_schema = 0;
    (void)state;
    assert_non_null(dir);
    for (const struct dirent *d; (d = readdir(dir)) != NULL;) {
        struct json_error error;
        struct str why;
        if (d->d_name[0] == '.')
            continue;
        struct str text = file_text("tests/schema/site", d->d_name);
        if (site_parse(&arena, str_of(d->d_name), text, &why) != NULL)
            fail_msg("the loader accepts %s", d->d_name);
        const struct json *v = json_parse(&arena, text, &error);
        bool valid = v != NULL && schema_valid(schema, v, report, NULL);
        if (valid != str_starts(str_of(d->d_name), STR("semantic-")))
            fail_msg("the schema says %d of %s", valid, d->d_name);
        by_schema += !only_the_loader_knows(str_of(d->d_name));
    }
    closedir(dir);
    assert_true(by_schema >= 150);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shipped_profiles_satisfy_the_schema),
        cmocka_unit_test(refused_documents),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
