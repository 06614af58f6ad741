/* What the shipped profiles say of single requests: step, act, asset, key, referer, identities. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "analyzer/site/site.h"
#include "tests/unit/guard.h"

static struct arena arena;
static const struct site *ez, *rdvpref, *generic;

static const struct site *load(const char *path)
{
    struct str why;
    const struct site *s = site_load(&arena, str_of(path), &why);
    if (s == NULL)
        print_error("%.*s\n", STR_ARG(why));
    return s;
}

static int setup(void **state)
{
    (void)state;
    hash_init();
    ez = load("samples/sites/ez-booking.json");
    rdvpref = load("samples/sites/rdvpref.json");
    generic = load("samples/sites/generic.json");
    return ez == NULL || rdvpref == NULL || generic == NULL;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static struct event request(enum method method, const char *target)
{
    struct event e = {.method = (uint8_t)method, .target = guarded(str_of(target))};
    e.agent = e.referer = e.host = e.body = e.cookies = STR_NONE;
    return e;
}

static struct hit read_hit(const struct site *s, const struct event *e)
{
    struct hit h;
    site_read(s, &arena, e, &h);
    return h;
}

static const char *step_of(const struct site *s, const struct hit *h)
{
    return h->step == 0 ? "" : arena_cstr(&arena, s->steps[h->step - 1].name);
}

enum { PAGE, ACT, ASSET, NOTHING }; /* PAGE: a step that is no act */

static void steps_of_shipped_profiles(void **state)
{
    const struct {
        const struct site *site;
        enum method method;
        const char *target, *step;
        enum meaning meaning;
        int kind;
    } cases[] = {
        {ez, METHOD_GET, "/booking/create/9845", "start", MEANING_LANDING, ACT},
        {ez, METHOD_GET, "/booking/create/9845/", "start", MEANING_LANDING, ACT},
        {ez, METHOD_GET, "/booking/create/9845/0", "conditions", MEANING_LANDING, ACT},
        {ez, METHOD_GET, "/index.php/booking/create/9845/0", "conditions", MEANING_LANDING, ACT},
        {ez, METHOD_GET, "https://www.essonne.gouv.fr/booking/create/9845/0?x=1", "conditions",
         MEANING_LANDING, ACT},
        {ez, METHOD_POST, "/booking/create/9845/0", "conditions-post", MEANING_LANDING, ACT},
        {ez, METHOD_GET, "/booking/create/9845/1", "desk", MEANING_DESK, ACT},
        {ez, METHOD_POST, "/booking/create/9845/1", "desk-post", MEANING_DESK, ACT},
        {ez, METHOD_GET, "/booking/create/9845/2", "none-left", MEANING_PLANNING, ACT},
        {ez, METHOD_POST, "/booking/create/9845/3", "nature-post", MEANING_DESK, ACT},
        {ez, METHOD_GET, "/booking/create/9845/4", "planning", MEANING_PLANNING, ACT},
        {ez, METHOD_GET, "/ezjscore/call/bookingserver::planning::assign::14056::17481::7", "grid",
         MEANING_PLANNING, ACT},
        {ez, METHOD_POST, "/booking/create/9845/4", "first-slot", MEANING_SLOT, ACT},
        {ez, METHOD_GET, "/booking/create/9845/5/1409132400", "slot", MEANING_SLOT, ACT},
        {ez, METHOD_GET, "/booking/create/9845/6", "captcha", MEANING_CAPTCHA, ACT},
        {ez, METHOD_POST, "/ezjscore/call/bookingserver::captcha", "captcha-media", MEANING_CAPTCHA,
         PAGE},
        {ez, METHOD_POST, "/booking/create/9845/6", "captcha-post", MEANING_CAPTCHA, ACT},
        {ez, METHOD_GET, "/booking/create/9845/8", "identity", MEANING_IDENTITY, ACT},
        {ez, METHOD_POST, "/booking/create/9845/8", "identity-post", MEANING_SUBMITTED, ACT},
        {ez, METHOD_GET, "/booking/create/9845/9", "accepted", MEANING_NONE, ACT},
        {ez, METHOD_GET, "/booking/confirm/9845/abc", "confirm", MEANING_CONFIRM, ACT},
        {ez, METHOD_POST, "/booking/remove/9845/abc", "cancel-post", MEANING_CANCEL, ACT},
        {ez, METHOD_GET, "/etape_3r.png", "", MEANING_NONE, ASSET},
        {ez, METHOD_GET, "/var/storage/captcha", "", MEANING_NONE, ASSET},
        {ez, METHOD_GET, "/design/x.css?v=2", "", MEANING_NONE, ASSET},
        {ez, METHOD_HEAD, "/design/x.css", "", MEANING_NONE, ASSET},
        {ez, METHOD_GET, "/Actualites", "", MEANING_NONE, ACT},
        {ez, METHOD_HEAD, "/booking/create/9845/0", "", MEANING_NONE, NOTHING},
        {ez, METHOD_OPTIONS, "*", "", MEANING_NONE, NOTHING},
        {ez, METHOD_NONE, "", "", MEANING_NONE, NOTHING},
        {rdvpref, METHOD_GET, "/rdvpref/reservation/demarche/4231/", "procedure", MEANING_LANDING,
         ACT},
        {rdvpref, METHOD_GET, "/rdvpref/reservation/demarche/4231/cgu/?error=invalidCaptcha",
         "conditions", MEANING_CAPTCHA, ACT},
        {rdvpref, METHOD_GET, "/rdvpref/reservation/demarche/4231/cgu/;jsessionid=A~B",
         "conditions", MEANING_CAPTCHA, ACT},
        {rdvpref, METHOD_POST, "/rdvpref/reservation/demarche/4231/_validerCaptcha", "captcha-post",
         MEANING_CAPTCHA, ACT},
        {rdvpref, METHOD_GET, "/rdvpref/reservation/demarche/4231/creneau/", "slots",
         MEANING_PLANNING, ACT},
        {rdvpref, METHOD_GET, "/rdvpref/reservation/demarche/4231/autre/", "page", MEANING_NONE,
         ACT},
        {rdvpref, METHOD_POST, "/rdvpref/reservation/demarche/4231/autre/", "form-post",
         MEANING_SUBMITTED, ACT},
        {rdvpref, METHOD_POST, "/api/nextSlot", "api-next-slot", MEANING_PLANNING, PAGE},
        {rdvpref, METHOD_GET, "/rdvpref/dsfr/dsfr.min.css", "", MEANING_NONE, ASSET},
        {rdvpref, METHOD_GET, "/rdvpref/x.css;jsessionid=A~B", "", MEANING_NONE, ASSET},
        {generic, METHOD_POST, "/anything/at/all", "post", MEANING_SUBMITTED, ACT},
        {generic, METHOD_POST, "/", "post", MEANING_SUBMITTED, ACT},
        {generic, METHOD_POST, "/x.css", "post", MEANING_SUBMITTED, ACT},
        {generic, METHOD_GET, "/page", "", MEANING_NONE, ACT},
        {generic, METHOD_GET, "/availabilities.json", "", MEANING_NONE, ACT},
        {generic, METHOD_GET, "/robots.txt", "", MEANING_NONE, ACT},
        {generic, METHOD_GET, "/favicon.ico", "", MEANING_NONE, ASSET},
        {generic, METHOD_GET, "/font.woff2?x", "", MEANING_NONE, ASSET},
        {generic, METHOD_PUT, "/users/rdvs/1/cancel", "", MEANING_NONE, ACT},
        {generic, METHOD_OTHER, "/page", "", MEANING_NONE, NOTHING},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct event e = request(cases[i].method, cases[i].target);
        struct hit h = read_hit(cases[i].site, &e);
        if (strcmp(step_of(cases[i].site, &h), cases[i].step) != 0 ||
            h.meaning != cases[i].meaning || h.decision != (cases[i].kind == ACT) ||
            h.asset != (cases[i].kind == ASSET))
            fail_msg("%s: step \"%s\", meaning %d, act %d, asset %d", cases[i].target,
                     step_of(cases[i].site, &h), h.meaning, h.decision, h.asset);
    }
}

static void a_small_answer_is_no_form(void **state)
{
    static const struct {
        int status;
        int64_t bytes; /* -1: logged as missing */
        const char *body;
        bool act;
    } cases[] = {
        {200, 12, NULL, false}, {204, -1, NULL, false}, {200, 999, NULL, false}, {200, 1000, NULL, true},
        {302, 0, NULL, true},   {500, 12, NULL, true},  {200, 12, "email=a@example.org", true},
        {200, 12, "captcha=x7", true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct event e = request(METHOD_POST, "/telemetry");
        e.status = (uint16_t)cases[i].status;
        e.has |= HAS(BYTES) | HAS(STATUS);
        e.bytes = cases[i].bytes;
        if (cases[i].bytes < 0)
            e.absent |= HAS(BYTES);
        e.body = str_of(cases[i].body);
        struct hit h = read_hit(generic, &e);
        assert_int_equal(h.decision, cases[i].act);
        assert_int_equal(h.step != 0, cases[i].act);
        /* a profile that knows its forms says so itself */
        struct event form = request(METHOD_POST, "/booking/create/14056/8");
        form.status = 200;
        form.has |= HAS(BYTES);
        h = read_hit(ez, &form);
        assert_true(h.decision);
    }
}

static void session_cookies(void **state)
{
    static const struct {
        const char *header, *value;
    } cases[] = {
        {"eZSESSID=abc", "abc"},
        {"xtvrn=$488932$; eZSESSID=abc; xtan=-", "abc"},
        {"a=b;eZSESSID = abc ;c", "abc"},
        {"ezsessid=abc", NULL},
        {"eZSESSID=", NULL},
        {"eZSESSID=-", NULL},
        {"eZSESSID", NULL},
        {"xeZSESSID=abc", NULL},
        {"", NULL},
        {"-", NULL},
        {"eZSESSID=a=b", "a=b"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct event e = request(METHOD_GET, "/");
        e.cookies = guarded(str_of(cases[i].header));
        struct hit h = read_hit(ez, &e);
        assert_true((h.cookie.p == NULL) == (cases[i].value == NULL));
        if (!str_eq(h.cookie, str_of(cases[i].value)))
            fail_msg("%s", cases[i].header);
        struct event x = request(METHOD_GET, "/");
        x.extras[x.extras_count++] = (struct extra){EXTRA_REQUEST_HEADER, STR("cookie"), e.cookies};
        struct hit same = read_hit(ez, &x);
        assert_true(str_eq(same.cookie, h.cookie) && same.key_hash == h.key_hash);
    }
}

static void cookie_of_its_own(void **state)
{
    struct event e = request(METHOD_GET, "/");
    (void)state;
    e.extras[e.extras_count++] = (struct extra){EXTRA_RESPONSE_HEADER, STR("ezsessid"), STR("no")};
    e.extras[e.extras_count++] = (struct extra){EXTRA_COOKIE, STR("other"), STR("no")};
    e.extras[e.extras_count++] =
        (struct extra){EXTRA_COOKIE, STR("ezsessid"), STR("abc")}; /* $cookie_ezsessid */
    struct hit h = read_hit(ez, &e);
    assert_true(str_eq(h.cookie, STR("abc")));

    struct event whole = request(METHOD_GET, "/");
    whole.cookies = STR("eZSESSID=abc");
    assert_true(read_hit(ez, &whole).key_hash == h.key_hash);

    e.extras[2].value = STR("a\\x62c");
    e.escaping = ESCAPING_NGINX;
    assert_true(str_eq(read_hit(ez, &e).cookie, STR("abc")));
    assert_true(read_hit(ez, &e).key_hash == h.key_hash);

    /* The profile's first name wins, whatever the order in the request. */
    struct event two = request(METHOD_GET, "/");
    two.cookies = STR("sid=9; PHPSESSID=7");
    assert_true(str_eq(read_hit(generic, &two).cookie, STR("7")));
}

static void keys_tell_visitors_apart(void **state)
{
    struct event e = request(METHOD_GET, "/");
    (void)state;
    assert_true(ip_parse(STR("203.0.113.7"), &e.client));
    e.agent = STR("Mozilla/5.0");
    struct hit base = read_hit(ez, &e);
    assert_true(base.cookie.p == NULL && base.agent_hash != 0);

    struct event other = e;
    assert_true(ip_parse(STR("203.0.113.8"), &other.client));
    assert_true(read_hit(ez, &other).key_hash != base.key_hash);
    other = e;
    other.agent = STR("Mozilla/5.1");
    assert_true(read_hit(ez, &other).key_hash != base.key_hash);
    other = e;
    other.agent = STR_NONE;
    assert_true(read_hit(ez, &other).key_hash != base.key_hash &&
                read_hit(ez, &other).agent_hash == 0);
    other = e;
    other.target = STR("/elsewhere");
    assert_true(read_hit(ez, &other).key_hash == base.key_hash);

    struct event cookie = e;
    cookie.cookies = STR("eZSESSID=abc");
    struct hit with = read_hit(ez, &cookie);
    assert_true(ip_parse(STR("198.51.100.1"), &cookie.client));
    assert_true(read_hit(ez, &cookie).key_hash == with.key_hash && with.key_hash != base.key_hash);
}

static void referers(void **state)
{
    const struct {
        const struct site *site;
        const char *referer, *host, *step;
        bool own;
    } cases[] = {
        {ez, "https://www.essonne.gouv.fr/booking/create/14056/6", NULL, "captcha", true},
        {ez, "https://rdv.example.org/booking/create/14056/0", NULL, "conditions", true},
        {ez, "https://rdv.example.org/demarches", NULL, "", false},
        {ez, "https://www.essonne.gouv.fr/demarches", NULL, "", true},
        {ez, "https://gouv.fr/", NULL, "", false},
        {ez, "https://evilgouv.fr/", NULL, "", false},
        {ez, "https://rdv.example.org/demarches", "rdv.example.org:443", "", true},
        {ez, "https://user@RDV.example.org:8443/x", "rdv.example.org", "", true},
        {ez, "https://other.example/booking/create/1/0", "rdv.example.org", "", false},
        {ez, "https://www.essonne.gouv.fr/booking/create/1/0", "10.0.0.7", "conditions", true},
        {ez, "http://[2001:db8::1]:80/x", "[2001:db8::1]", "", true},
        {ez, "https://www.google.com/search?q=booking/create", NULL, "", false},
        {ez, "/booking/create/1/0", NULL, "", false},
        {ez, "android-app://com.google/", NULL, "", false},
        {ez, "-", NULL, "", false},
        {ez, "", NULL, "", false},
        {ez, "://", NULL, "", false},
        {ez, "https://", NULL, "", false},
        {generic, "https://anything.example/x", NULL, "post", true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct event e = request(METHOD_POST, "/booking/create/14056/8");
        e.referer = guarded(str_of(cases[i].referer));
        e.host = guarded(str_of(cases[i].host));
        struct hit h = read_hit(cases[i].site, &e);
        const char *step = h.referer_step == 0
                               ? ""
                               : arena_cstr(&arena, cases[i].site->steps[h.referer_step - 1].name);
        if (strcmp(step, cases[i].step) != 0 || h.referer_own != cases[i].own)
            fail_msg("%s: step \"%s\", own %d", cases[i].referer, step, h.referer_own);
    }
}

/* Sightings as "kind=value|...", and "+" when there were more. */
static const char *sightings_text(const struct hit *h)
{
    struct str s = STR("");
    for (size_t i = 0; i < h->sightings_count; i++)
        s = arena_printf(&arena, "%.*s%s%s=%.*s", STR_ARG(s), i == 0 ? "" : "|",
                         identity_names[h->sightings[i].kind], STR_ARG(h->sightings[i].value));
    return arena_cstr(&arena,
                      arena_printf(&arena, "%.*s%s", STR_ARG(s), h->sightings_more ? "+" : ""));
}

static void identities(void **state)
{
    const struct {
        const struct site *site;
        enum escaping escaping;
        const char *target, *body, *seen;
        bool captcha;
    } cases[] = {
        {ez, ESCAPING_NONE, "/booking/create/1/8",
         "firstname=Ana&lastname=Martin&email=a.b%40example.org&emailcheck=a.b%40example.org&number_agdref=9912345678",
         "email=a.b@example.org|agdref=9912345678|name=Martin Ana", false},
        {ez, ESCAPING_NONE, "/booking/create/1/8", "emailcheck=a%40example.org&email",
         "email=a@example.org", false},
        {ez, ESCAPING_NONE, "/booking/create/1/8", "email=+a%40b.fr+&email=a%40b.fr",
         "email=a@b.fr", false},
        {ez, ESCAPING_NONE, "/booking/create/1/6",
         "eZHumanCAPTCHACode=ab12c&nextButton=Etape+suivante", "", true},
        {ez, ESCAPING_NONE, "/booking/create/1/6", "eZHumanCAPTCHACode=", "", false},
        {ez, ESCAPING_NONE, "/booking/create/1/8?email=q%40b.fr", NULL, "email=q@b.fr", false},
        {ez, ESCAPING_NONE, "/x.css?email=q%40b.fr", NULL, "", false},
        {ez, ESCAPING_NGINX, "/8", "email=\\x22a\\x22%40b.fr", "email=\"a\"@b.fr", false},
        {ez, ESCAPING_NGINX, "/8", "{\\x22email\\x22:\\x22a@b.fr\\x22}", "email=a@b.fr", false},
        {ez, ESCAPING_NONE, "/8",
         "{\"user\":{\"email\":\"a\\u0040b.fr\",\"number_agdref\":9912345678}}",
         "email=a@b.fr|agdref=9912345678", false},
        {ez, ESCAPING_NONE, "/8", "[{\"email\":[\"a@b.fr\",\"c@d.fr\"]},{\"email\":\"e@f.fr\"}]",
         "email=a@b.fr|email=c@d.fr|email=e@f.fr", false},
        {ez, ESCAPING_NONE, "/8", "{\"email\":\"a@b.fr\",\"x\":[1,2", "email=a@b.fr", false},
        {ez, ESCAPING_NONE, "/8", "{\"email\":\"a@b.fr\",\"email\":\"c@d.fr\"}",
         "email=a@b.fr|email=c@d.fr", false},
        {ez, ESCAPING_NONE, "/8",
         "--X\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\na@b.fr\r\n--X\r\nContent-Disposition: "
         "form-data; name=\"f\"; filename=\"email\"\r\n\r\nz\r\n--X\r\nContent-Disposition: form-data; "
         "name=\"emailcheck\"\r\n\r\ncut",
         "email=a@b.fr", false},
        {ez, ESCAPING_NONE, "/8", "email=a%40b.fr&emailcheck=c%40d.fr", "email=a@b.fr", false},
        {ez, ESCAPING_NONE, "/8", "--X\nContent-Disposition: form-data; name=\"email\"\n\na@b.fr",
         "", false},
        {generic, ESCAPING_NONE, "/x", "user%5Bemail%5D=a%40b.fr", "email=a@b.fr", false},
        {generic, ESCAPING_NONE, "/slots?loginUser=a@b.fr&payCode=1", NULL, "email=a@b.fr", false},
        {generic, ESCAPING_NONE, "/x", "EMAIL=a%40b.fr", "email=a@b.fr", false},
        {generic, ESCAPING_NONE, "/x", "&&=&email&=x&email==", "email==", false},
        {generic, ESCAPING_NONE, "/x", "{", "", false},
        {generic, ESCAPING_NONE, "/x", "--", "", false},
        {generic, ESCAPING_NONE, "/x", "", "", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct event e = request(cases[i].body == NULL ? METHOD_GET : METHOD_POST, cases[i].target);
        e.body = guarded(str_of(cases[i].body));
        e.escaping = (uint8_t)cases[i].escaping;
        struct hit h = read_hit(cases[i].site, &e);
        if (strcmp(sightings_text(&h), cases[i].seen) != 0 || h.captcha != cases[i].captcha)
            fail_msg("%s %s: %s", cases[i].target, cases[i].body, sightings_text(&h));
    }
}

static void bounds_leave_a_mark(void **state)
{
    struct str body = STR("email=a0@b.fr");
    (void)state;
    for (int i = 1; i < SITE_SIGHTINGS_MAX; i++)
        body = arena_printf(&arena, "%.*s&email=a%d@b.fr", STR_ARG(body), i);
    struct event e = request(METHOD_POST, "/");
    e.body = body;
    struct hit h = read_hit(generic, &e);
    assert_int_equal(h.sightings_count, SITE_SIGHTINGS_MAX);
    assert_false(h.sightings_more);
    e.body = arena_printf(&arena, "%.*s&email=one-more@b.fr", STR_ARG(body));
    h = read_hit(generic, &e);
    assert_int_equal(h.sightings_count, SITE_SIGHTINGS_MAX);
    assert_true(h.sightings_more);

    char *big = ARENA_ARRAY(&arena, char, SITE_VALUE_BYTES_MAX + 7);
    memset(big, 'x', SITE_VALUE_BYTES_MAX + 7);
    memcpy(big, "email=", 6);
    e.body = (struct str){big, SITE_VALUE_BYTES_MAX + 6};
    h = read_hit(generic, &e);
    assert_true(h.sightings_count == 1 && !h.sightings_more);
    e.body.n++;
    h = read_hit(generic, &e);
    assert_true(h.sightings_count == 0 && h.sightings_more);
}

static void common_requests_take_no_memory(void **state)
{
    static const char *const targets[] = {"/booking/create/14056/4", "/design/x.css?v=1", "/",
                                          "/a/b/c.html"};
    struct arena untouched = {0};
    struct hit h;
    (void)state;
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        struct event e = request(METHOD_GET, targets[i]);
        e.agent = STR("Mozilla/5.0");
        e.referer = STR("https://rdv.example.org/booking/create/14056/3");
        e.cookies = STR("eZSESSID=abc");
        site_read(ez, &untouched, &e, &h);
        site_read(generic, &untouched, &e, &h);
    }
    assert_int_equal(untouched.total, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_of_shipped_profiles),
        cmocka_unit_test(a_small_answer_is_no_form),
        cmocka_unit_test(session_cookies),
        cmocka_unit_test(cookie_of_its_own),
        cmocka_unit_test(keys_tell_visitors_apart),
        cmocka_unit_test(referers),
        cmocka_unit_test(identities),
        cmocka_unit_test(bounds_leave_a_mark),
        cmocka_unit_test(common_requests_take_no_memory),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
