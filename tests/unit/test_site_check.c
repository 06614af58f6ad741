/* The report of a profile against a log: counts, groups, bounds, both languages. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "analyzer/site/check.h"

static struct arena arena;
static const struct site *ez;

static int setup(void **state)
{
    struct str why;
    (void)state;
    hash_init();
    ez = site_load(&arena, STR("samples/sites/ez-booking.json"), &why);
    return ez == NULL;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static void feed(struct site_check *c, const char *method, const char *target, const char *body)
{
    struct event e = {.has = HAS(BODY) | HAS(COOKIES),
                      .target = str_of(target),
                      .method_text = str_of(method)};
    struct hit h;
    e.method = strcmp(method, "POST") == 0 ? METHOD_POST : METHOD_GET;
    e.body = str_of(body);
    e.agent = e.referer = e.host = STR_NONE;
    e.cookies = STR("eZSESSID=abc");
    site_read(ez, &arena, &e, &h);
    site_check_add(c, &e, &h);
}

static struct str report(const struct site_check *c, enum lang lang)
{
    struct out o = out_memory();
    site_check_write(c, &o, lang);
    struct str text = arena_str(&arena, out_slice(&o));
    assert_int_equal(out_close(&o), 0);
    assert_true(str_utf8_valid(text));
    return text;
}

static void says(struct str text, const char *what)
{
    if (str_find_str(text, str_of(what)) < 0)
        fail_msg("\"%s\" is not in\n%.*s", what, STR_ARG(text));
}

static void says_not(struct str text, const char *what)
{
    if (str_find_str(text, str_of(what)) >= 0)
        fail_msg("\"%s\" is in\n%.*s", what, STR_ARG(text));
}

static void profile_alone(void **state)
{
    struct site_check *c = site_check_new(ez);
    (void)state;
    assert_int_equal(site_check_explained_permille(c), -1);
    struct str en = report(c, LANG_EN), fr = report(c, LANG_FR);
    says(en, "Profile ez-booking: eZ Publish booking module");
    says(en, "To confirm by the operator:");
    says(en, "/booking/create/{form}/5/{slot}");
    says_not(en, "Requests explained");
    says(fr, "Profil ez-booking : Module de réservation");
    says(fr, "À confirmer par l'exploitant :");
    site_check_free(c);
}

static void counts_and_groups(void **state)
{
    static const char body[] = "email=a%40b.fr&lastname=X&eZHumanCAPTCHACode=1";
    struct site_check *c = site_check_new(ez);
    (void)state;
    feed(c, "GET", "/booking/create/14056/0", NULL);
    feed(c, "POST", "/booking/create/14056/8", body);
    feed(c, "GET", "/design/x.css", NULL);
    feed(c, "GET", "/rdv/17/edit?x=1", NULL);
    feed(c, "GET", "/rdv/4711/edit", NULL);
    feed(c, "POST", "/rdv/4711/edit", NULL);
    feed(c, "GET", "/t/a9f3b2c4d5e6/x", NULL);
    feed(c, "GET", "/ev\x1b[31mil", NULL);
    feed(c, "GET", "/\\x16\\x03", NULL);
    feed(c, "GET", "/x.png", NULL);
    assert_int_equal(site_check_explained_permille(c), 400);
    struct str en = report(c, LANG_EN), fr = report(c, LANG_FR);
    says(en, "Requests explained by the profile: 40.0 % of 10");
    says(fr, "Requêtes expliquées par le profil : 40,0 % de 10");
    says(en, "           1  conditions       landing");
    says(en, "           0  desk             desk");
    says(en, "          10  with a session cookie");
    says(en, "           1  e-mail addresses");
    says(en, "           1  captcha answers");
    says(en, "           2  GET /rdv/{number}/edit");
    says(en, "           1  POST /rdv/{number}/edit");
    says(en, "           1  GET /t/{token}/x");
    says(en, "GET /ev\\x1b[{number}mil");
    says(en, "           1  GET /\\x16\\x03\n");
    says_not(en, "\x1b");
    says_not(en, "! No request is a step");
    says_not(en, "others");
    site_check_free(c);
}

static void hints(void **state)
{
    struct site_check *c = site_check_new(ez);
    struct event e = {.target = STR("/elsewhere"),
                      .method = METHOD_GET,
                      .odd = ODD(FORWARDED_UNTRUSTED)};
    struct hit h = {.cookie = STR_NONE, .decision = true};
    (void)state;
    site_check_add(c, &e, &h);
    struct str en = report(c, LANG_EN);
    says(en, "! No request is a step of the funnel");
    says(en, "! No cookies are logged");
    says(en, "! Request bodies are not logged");
    says(en, "! Forwarded addresses come from peers that trusted_proxies does not list");
    site_check_free(c);
}

static void groups_are_bounded(void **state)
{
    struct site_check *c = site_check_new(ez);
    struct event e = {.method = METHOD_GET};
    struct hit h = {.cookie = STR_NONE};
    char path[SITE_CHECK_PATH_BYTES_MAX * 2];
    (void)state;
    memset(path, 'x', sizeof path);
    path[0] = '/';
    e.target = (struct str){path, sizeof path};
    site_check_add(c, &e, &h);
    says(report(c, LANG_EN), "xxx...\n");
    for (int i = 0; i < SITE_CHECK_PATHS_MAX + 5; i++) {
        path[1] = (char)('a' + i % 26);
        path[2] = (char)('a' + i / 26 % 26);
        path[3] = (char)('a' + i / 676);
        e.target.n = 4;
        site_check_add(c, &e, &h);
    }
    struct str en = report(c, LANG_EN);
    says(en, "        1000  others\n"); /* 1030 groups in all, 30 shown */
    says(en, "Only the first 1024 paths were told apart.");
    site_check_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(profile_alone),
        cmocka_unit_test(counts_and_groups),
        cmocka_unit_test(hints),
        cmocka_unit_test(groups_are_bounded),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
