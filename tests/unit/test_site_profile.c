/* Loading profiles: what the shipped ones say, where they are found, and every way to be refused.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdlib.h>

#include "analyzer/site/site.h"
#include "tests/unit/guard.h"

#define REFUSED "tests/schema/site"

static struct arena arena;

static int setup(void **state)
{
    (void)state;
    return setenv("VIGIE_SITES", "samples/sites", 1);
}

static int teardown(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static const struct site *load(const char *name, struct str *why)
{
    return site_load(&arena, str_of(name), why);
}

static void shipped_profiles(void **state)
{
    struct str *names, why;
    size_t count = site_names(&arena, &names);
    (void)state;
    assert_int_equal(count, 3);
    assert_true(str_eq(names[0], STR("ez-booking")) && str_eq(names[1], STR("generic")) &&
                str_eq(names[2], STR("rdvpref")));
    for (size_t i = 0; i < count; i++) {
        const struct site *s = site_load(&arena, names[i], &why);
        if (s == NULL)
            fail_msg("%.*s", STR_ARG(why));
        assert_true(str_eq(s->name, names[i]));
        assert_true(s->label.in[LANG_EN] != NULL && s->label.in[LANG_FR] != NULL);
        assert_true(s->notes_count > 0 && s->steps_count > 0 && s->cookies_count > 0 &&
                    s->assets_count > 0);
        assert_int_equal(s->form_floor_us, 500000);
        assert_int_equal(s->idle_us, 1800000000);
        assert_int_equal(s->releases_count, 0);
        struct sha256 again = sha256_of(s->source);
        assert_memory_equal(again.b, s->sha256.b, sizeof again.b);
    }
}

static void ez_booking(void **state)
{
    struct str why;
    const struct site *s = load("ez-booking", &why);
    (void)state;
    assert_non_null(s);
    assert_int_equal(s->booking_limit, 1);
    assert_true(s->has_tz && s->tz_offset_s == 3600);
    assert_true(str_eq(s->cookies[0], STR("eZSESSID")));
    assert_true(str_eq(s->fields[IDENTITY_EMAIL][0], STR("email")));
    assert_true(str_eq(s->email_check_fields[0], STR("emailcheck")));
    for (size_t i = 1; i < s->steps_count; i++)
        assert_true(s->steps[i].order >= s->steps[i - 1].order);
}

static void every_key_is_read(void **state)
{
    static const char text[] =
        "{\"name\":\"t\",\"label\":{\"en\":\"T\",\"fr\":\"T\\u00e9\"},\"notes\":[{\"en\":\"n\",\"fr\":\"n\"}],"
        "\"sources\":[\"s\"],\"hosts\":[\".a.fr\"],\"path_prefixes\":[\"/index.php\"],"
        "\"steps\":[{\"name\":\"a\",\"label\":{\"en\":\"A\",\"fr\":\"A\"},\"method\":\"*\",\"path\":\"/a/{x}\","
        "\"meaning\":\"slot\",\"order\":3},{\"name\":\"b\",\"label\":{\"en\":\"B\",\"fr\":\"B\"},\"method\":\"PUT\","
        "\"path\":\"/b\",\"meaning\":\"cancel\",\"order\":63,\"needs_before\":true,\"decision\":false,"
        "\"completes\":true}],\"fields\":{\"email\":[\"e\"],\"email_check\":[\"f\"],\"agdref\":[\"g\"],"
        "\"phone\":[\"p\",\"q\"],\"name\":[\"n\"],\"captcha\":[\"c\"]},\"cookies\":[\"sid\"],"
        "\"trusted_proxies\":[\"10.0.0.0/8\",\"2001:db8::1\"],\"client_headers\":[\"forwarded\"],"
        "\"assets\":[\".css\"],\"timezone\":\"-03:30\",\"idle_seconds\":60,\"booking_limit\":2,"
        "\"form_floor_us\":7,\"releases\":[{\"weekday\":\"saturday\",\"time\":\"23:59:58\"},"
        "{\"weekday\":\"every day\",\"time\":\"08:00\"}]}";
    struct str why;
    const struct site *s = site_parse(&arena, STR("t.json"), GUARDED(text), &why);
    (void)state;
    if (s == NULL)
        fail_msg("%.*s", STR_ARG(why));
    assert_string_equal(s->label.in[LANG_FR], "T\xC3\xA9");
    assert_int_equal(s->notes_count, 1);
    assert_true(str_eq(s->hosts[0], STR(".a.fr")) && str_eq(s->prefixes[0], STR("/index.php")));
    assert_true(s->steps[0].decision && !s->steps[0].needs_before && !s->steps[0].completes);
    assert_true(!s->steps[1].decision && s->steps[1].needs_before && s->steps[1].completes);
    assert_true(s->steps[1].order == 63 && s->steps[1].meaning == MEANING_CANCEL);
    assert_int_equal(s->fields_count[IDENTITY_PHONE], 2);
    assert_true(str_eq(s->fields[IDENTITY_AGDREF][0], STR("g")) &&
                str_eq(s->fields[IDENTITY_NAME][0], STR("n")));
    assert_true(str_eq(s->captcha_fields[0], STR("c")));
    assert_true(s->proxies_count == 2 && s->proxies[0].bits == 104 && s->proxies[1].bits == 128);
    assert_true(str_eq(s->client_headers[0], STR("forwarded")));
    assert_int_equal(s->tz_offset_s, -12600);
    assert_int_equal(s->idle_us, 60000000);
    assert_true(s->booking_limit == 2 && s->form_floor_us == 7);
    assert_true(s->releases[0].weekday == 6 && s->releases[0].seconds == 86398);
    assert_true(s->releases[1].weekday == -1 && s->releases[1].seconds == 28800);
}

/* "file:LINE:COLUMN: text": one line, both numbers from 1. */
static bool names_a_place(struct str why, struct str file)
{
    struct str rest, line, column;
    if (!str_starts(why, file) || str_find(why, '\n', 0) >= 0)
        return false;
    rest = str_cut(str_sub(why, file.n + 1, why.n), ':', &line);
    rest = str_cut(rest, ':', &column);
    uint64_t l, c;
    return str_u64(line, &l) && str_u64(column, &c) && l > 0 && c > 0 && rest.n > 2;
}

static void refused_documents(void **state)
{
    DIR *dir = opendir(REFUSED);
    int count = 0;
    (void)state;
    assert_non_null(dir);
    for (const struct dirent *d; (d = readdir(dir)) != NULL;) {
        struct str file = arena_printf(&arena, REFUSED "/%s", d->d_name), why;
        if (d->d_name[0] == '.')
            continue;
        if (site_load(&arena, file, &why) != NULL)
            fail_msg("%s was accepted", d->d_name);
        if (!names_a_place(why, file))
            fail_msg("%.*s", STR_ARG(why));
        count++;
    }
    closedir(dir);
    assert_true(count >= 179);
}

static void messages(void **state)
{
    static const struct {
        const char *file, *why;
    } cases[] = {
        {"unknown-key", ":20:2: unknown key \"stepz\"; did you mean \"steps\"?"},
        {"fields-unknown-key", ":21:3: unknown key \"emial\"; did you mean \"email\"?"},
        {"step-meaning", ":16:15: unknown meaning \"capcha\"; did you mean \"captcha\"?"},
        {"step-method", ":14:14: unknown method \"get\"; did you mean \"GET\"?"},
        {"step-unknown-key", ":18:4: unknown key \"regex\""},
        {"missing-steps", ":1:1: the key \"steps\" is missing"},
        {"steps-not-array", ":7:11: expected an array, found an object"},
        {"idle-small", ":20:18: expected an integer from 60 to 86400"},
        {"semantic-two-steps-one-path", ":26:12: the step \"s\" has the same method and path"},
        {"semantic-nothing-before",
         ":18:20: \"needs_before\" is true, but no step has a smaller order"},
        {"semantic-rest-not-last", ":15:12: {rest...} must be the last segment"},
        {"json-two-keys", ":2:2: key stands twice in one object"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str file = arena_printf(&arena, REFUSED "/%s.json", cases[i].file), why;
        assert_null(site_load(&arena, file, &why));
        if (!str_eq(why, arena_printf(&arena, "%.*s%s", STR_ARG(file), cases[i].why)))
            fail_msg("%.*s", STR_ARG(why));
    }
}

static void names_that_are_not_there(void **state)
{
    struct str why;
    (void)state;
    assert_null(load("ez-bookin", &why));
    assert_true(str_eq(why, STR("no site profile \"ez-bookin\"; did you mean \"ez-booking\"?")));
    assert_null(load("prefecture-of-somewhere", &why));
    assert_true(str_eq(
        why,
        STR("no site profile \"prefecture-of-somewhere\"; there are: ez-booking, generic, rdvpref "
            "(in samples/sites)")));
    assert_null(load("", &why));
    assert_true(why.n > 0);
    assert_null(load("samples/sites/none.json", &why));
    assert_true(str_eq(
        why,
        STR("samples/sites/none.json: the site profile cannot be read: No such file or directory")));
    assert_null(load("samples/sites/", &why));
    assert_true(why.n > 0);
    setenv("VIGIE_SITES", "samples/nowhere", 1);
    assert_null(load("generic", &why));
    assert_true(why.n > 0);
    setenv("VIGIE_SITES", "samples/sites", 1);
}

static void proxies_imply_a_header(void **state)
{
    static const char text[] =
        "{\"name\":\"t\",\"label\":{\"en\":\"T\",\"fr\":\"T\"},\"steps\":[{\"name\":\"a\","
        "\"label\":{\"en\":\"A\",\"fr\":\"A\"},\"method\":\"*\",\"path\":\"/\",\"meaning\":"
        "\"slot\",\"order\":3}],\"trusted_proxies\":[\"10.0.0.1\"]}";
    struct str why;
    const struct site *s = site_parse(&arena, STR("t.json"), STR(text), &why);
    (void)state;
    assert_non_null(s);
    assert_int_equal(s->client_headers_count, 1);
    assert_true(str_eq(s->client_headers[0], STR("x-forwarded-for")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shipped_profiles),
        cmocka_unit_test(ez_booking),
        cmocka_unit_test(every_key_is_read),
        cmocka_unit_test(refused_documents),
        cmocka_unit_test(messages),
        cmocka_unit_test(names_that_are_not_there),
        cmocka_unit_test(proxies_imply_a_header),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
