/* Templates against paths: what agrees, what wins, what cleaning does, what an asset is. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "analyzer/site/index.h"
#include "tests/unit/guard.h"

/* clang-format off */
#define STEP(name, method, path) \
    "{\"name\":\"" name "\",\"label\":{\"en\":\"x\",\"fr\":\"x\"},\"method\":\"" method \
    "\",\"path\":\"" path "\",\"meaning\":\"desk\",\"order\":1}"

static const char profile[] =
    "{\"name\":\"t\",\"label\":{\"en\":\"t\",\"fr\":\"t\"},\"steps\":["
    STEP("rest", "GET", "/a/{rest...}") ","
    STEP("any", "GET", "/a/{x}") ","
    STEP("text", "GET", "/a/b") ","
    STEP("pattern", "GET", "/a/b-{x}") ","
    STEP("deep", "GET", "/a/{x}/c/{y}") ","
    STEP("post", "POST", "/a/b") ","
    STEP("star", "*", "/s") ","
    STEP("get-s", "GET", "/s") ","
    STEP("grid", "GET", "/call/grid::assign::{f}::{p}::{w}") ","
    STEP("root", "GET", "/") ","
    STEP("tail", "GET", "/t/x{a}z") ","
    STEP("mid", "GET", "/m/{a}-{b}z") ","
    STEP("utf8", "GET", "/d\xC3\xA9marche/{id}")
    "],\"path_prefixes\":[\"/index.php\"],\"assets\":[\".css\",\".woff2\",\".webmanifest\",\".tar.gz\","
    "\"/design/\",\"/manifest.json\"]}";
/* clang-format on */

static struct arena arena;
static const struct site *site;

static int setup(void **state)
{
    struct str why;
    (void)state;
    hash_init();
    site = site_parse(&arena, STR("test.json"), STR(profile), &why);
    return site == NULL;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static const char *step_name(int step)
{
    return step == 0 ? "" : arena_cstr(&arena, site->steps[step - 1].name);
}

static void clean_paths(void **state)
{
    static const struct {
        const char *method, *path, *step;
    } cases[] = {
        {"GET", "/a/b", "text"},
        {"GET", "/a/c", "any"},
        {"GET", "/a/b-1", "pattern"},
        {"GET", "/a/b-", "any"},
        {"GET", "/a/...", "any"},
        {"GET", "/a", "rest"},
        {"GET", "/a/", "rest"},
        {"GET", "/a/b/", "text"},
        {"GET", "//a///b//", "text"},
        {"GET", "/a/b/c", "rest"},
        {"GET", "/a/b/c/d", "deep"},
        {"GET", "/a/1/2/3/4/5/6/7/8/9/10/11/12/13/14", "rest"},
        {"POST", "/a/b", "post"},
        {"POST", "/a/c", ""},
        {"PUT", "/s", "star"},
        {"BREW", "/s", "star"},
        {"GET", "/s", "get-s"},
        {"GET", "/S", ""},
        {"GET", "/", "root"},
        {"GET", "", "root"},
        {"GET", "/call/grid::assign::14056::17481::7", "grid"},
        {"GET", "/call/grid::assign::14056::17481::", ""},
        {"GET", "/call/grid::assign::::::", ""},
        {"GET", "/call/grid::assign::a::b::c::d", "grid"},
        {"GET", "/call/grid::assign", ""},
        {"GET", "/m/1-2z", "mid"},
        {"GET", "/m/1-z", ""},
        {"GET", "/m/-2z", ""},
        {"GET", "/t/xyz", "tail"},
        {"GET", "/t/xz", ""},
        {"GET", "/t/x", ""},
        {"GET", "/index.php/a/b", "text"},
        {"GET", "/index.php", "root"},
        {"GET", "/index.phpa/b", ""},
        {"GET", "/d\xC3\xA9marche/7", "utf8"},
        {"GET", "/nothing", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int step = site_match(site, str_of(cases[i].method), guarded(str_of(cases[i].path)));
        if (strcmp(step_name(step), cases[i].step) != 0)
            fail_msg("%s %s is \"%s\", not \"%s\"", cases[i].method, cases[i].path, step_name(step),
                     cases[i].step);
    }
    assert_int_equal(site_match(site, STR("GET"), STR_NONE), 0);
}

static void logged_paths(void **state)
{
    static const struct {
        enum escaping escaping;
        const char *path, *step;
    } cases[] = {
        {ESCAPING_NONE, "/a/%62", "text"},
        {ESCAPING_NONE, "/%61/b", "text"},
        {ESCAPING_NONE, "/a%2Fb", "text"},
        {ESCAPING_NONE, "/a/b%", "any"},
        {ESCAPING_NONE, "/a/b%2", "any"},
        {ESCAPING_NONE, "/a/b%zz", "any"},
        {ESCAPING_NONE, "/a/b;jsessionid=0A.w1", "text"},
        {ESCAPING_NONE, "/a;x=1/b", "text"},
        {ESCAPING_NONE, "/x/../a/b", "text"},
        {ESCAPING_NONE, "/x/%2e%2E/a/b", "text"},
        {ESCAPING_NONE, "/../../a/b", "text"},
        {ESCAPING_NONE, "/../index.php/s", "get-s"},
        {ESCAPING_NONE, "/a/./b/.", "text"},
        {ESCAPING_NONE, "/a/b/c/../..", "rest"},
        {ESCAPING_NONE, "/x/../index.php/s", "get-s"},
        {ESCAPING_NONE, "/d%C3%A9marche/1", "utf8"},
        {ESCAPING_NGINX, "/d\\xC3\\xA9marche/1", "utf8"},
        {ESCAPING_NGINX, "/a/\\x62", "text"},
        {ESCAPING_NONE, "/a/\\x62", "any"},
        {ESCAPING_APACHE, "/a/\\x62", "text"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t among = site->index->by_method[METHOD_GET];
        struct site_path p;
        site_path_cut(guarded(str_of(cases[i].path)), &p);
        assert_true(p.dirty);
        site_path_clean(&arena, cases[i].escaping, &p);
        int step = site_step_of(site->index, site_match_bits(site, &p, among));
        if (strcmp(step_name(step), cases[i].step) != 0)
            fail_msg("%s is \"%s\", not \"%s\"", cases[i].path, step_name(step), cases[i].step);
    }
}

static void common_paths_are_clean(void **state)
{
    static const char *const paths[] = {"/a/b",
                                        "/a/1/c/2?x=%20;../.",
                                        "/nothing/here.html",
                                        "/.well-known/x",
                                        "/call/grid::assign::1::2::3",
                                        "/a/..b/c..",
                                        "/"};
    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct site_path p;
        site_path_cut(guarded(str_of(paths[i])), &p);
        assert_false(p.dirty);
    }
}

static void assets(void **state)
{
    static const struct {
        const char *path;
        bool asset;
    } cases[] = {
        {"/x/a.css", true},
        {"/x/a.CSS", true},
        {"/x/a.woff2", true},
        {"/x/a.cssx", false},
        {"/x/css", false},
        {".css", true},
        {"/x.css/y", false},
        {"/s.webmanifest", true},
        {"/a.tar.gz", true},
        {"/a.gz", false},
        {"/design/x", true},
        {"/design", false},
        {"/designer/x", false},
        {"/manifest.json", true},
        {"/x/manifest.json", false},
        {"/", false},
        {"", false},
        {"/a.verylongextension", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (site_is_asset(site->index, guarded(str_of(cases[i].path))) != cases[i].asset)
            fail_msg("%s", cases[i].path);
}

static void targets(void **state)
{
    static const struct {
        const char *target, *path, *query, *authority;
    } cases[] = {
        {"/a?b=c", "/a", "b=c", NULL},
        {"/a?b?c", "/a", "b?c", NULL},
        {"/a#f?b", "/a", NULL, NULL},
        {"/a?b#f", "/a", "b", NULL},
        {"/a?", "/a", "", NULL},
        {"http://host/a?b", "/a", "b", "host"},
        {"HTTPS://host:8443/a", "/a", NULL, "host:8443"},
        {"http://host", "", NULL, "host"},
        {"http://host?b", "", "b", "host"},
        {"//a/b", "//a/b", NULL, NULL},
        {"*", NULL, NULL, NULL},
        {"host:443", NULL, NULL, NULL},
        {"", NULL, NULL, NULL},
        {"http:/", NULL, NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct site_path p;
        site_path_cut(guarded(str_of(cases[i].target)), &p);
        assert_true((p.path.p == NULL) == (cases[i].path == NULL));
        assert_true((p.query.p == NULL) == (cases[i].query == NULL));
        if (!str_eq(p.path, str_of(cases[i].path)) || !str_eq(p.query, str_of(cases[i].query)) ||
            !str_eq(p.authority, str_of(cases[i].authority)))
            fail_msg("%s", cases[i].target);
    }
}

static void percent_decoding(void **state)
{
    static const struct {
        const char *in;
        enum site_plus plus;
        const char *out;
    } cases[] = {
        {"abc", SITE_PLUS_SPACE, "abc"},
        {"a%20b", SITE_PLUS_LITERAL, "a b"},
        {"a+b", SITE_PLUS_SPACE, "a b"},
        {"a+b", SITE_PLUS_LITERAL, "a+b"},
        {"%", SITE_PLUS_SPACE, "%"},
        {"%4", SITE_PLUS_SPACE, "%4"},
        {"%4x%41", SITE_PLUS_SPACE, "%4xA"},
        {"a%2Bb", SITE_PLUS_SPACE, "a+b"},
        {"Etape%2Bsuivante", SITE_PLUS_SPACE, "Etape+suivante"},
        {"", SITE_PLUS_SPACE, ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str out = site_percent_decode(&arena, guarded(str_of(cases[i].in)), cases[i].plus);
        if (!str_eq(out, str_of(cases[i].out)))
            fail_msg("%s", cases[i].in);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clean_paths),
        cmocka_unit_test(logged_paths),
        cmocka_unit_test(common_paths_are_clean),
        cmocka_unit_test(assets),
        cmocka_unit_test(targets),
        cmocka_unit_test(percent_decoding),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
