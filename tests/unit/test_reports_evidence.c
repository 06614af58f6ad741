/* evidence.json and records.jsonl: canonical, safe to print, and every statement leads to bytes. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/unit/reports_fixture.h"

static struct json *at(const struct json *v, const char *key)
{
    struct json *member = json_get(v, str_of(key));
    if (member == NULL)
        fail_msg("no %s", key);
    return member;
}

static struct json *item(const struct json *array, size_t i)
{
    struct json *v = array->child;
    for (; v != NULL && i > 0; i--)
        v = v->next;
    assert_non_null(v);
    return v;
}

static struct json *parsed(struct fixture *x, struct str text)
{
    struct json_error error;
    struct json *v = json_parse(&x->arena, text, &error);
    assert_non_null(v);
    struct out o = out_memory();
    json_canonical(&o, v);
    assert_true(str_eq(out_slice(&o), text));
    out_close(&o);
    return v;
}

static struct json *written(struct fixture *x)
{
    struct str why;
    assert_int_equal(bundle_write(&x->in, &why), STATUS_OK);
    struct str text = fixture_read(x, x->settings.out, "data/evidence.json");
    for (ptrdiff_t i = 0; i < text.n; i++)
        assert_true(text.p[i] != 0x7F && (unsigned char)text.p[i] >= 0x20);
    return parsed(x, text);
}

static void records_hold_their_bytes(void **state)
{
    (void)state;
    struct fixture *x = fixture_new();
    written(x);
    struct str rest = fixture_read(x, x->settings.out, "data/records.jsonl"), line;
    size_t seq = 0;
    for (; rest.n > 0; seq++) {
        rest = str_cut(rest, '\n', &line);
        const struct json *r = parsed(x, line);
        struct str raw;
        struct sha256 said;
        assert_int_equal(at(r, "seq")->integer, seq);
        assert_true(base64_decode(&x->arena, at(r, "raw_b64")->text, &raw));
        assert_true(str_eq(raw, x->cited[seq].raw));
        assert_true(sha256_parse(at(r, "sha256")->text, &said));
        const struct sha256 is = sha256_of(raw);
        assert_memory_equal(said.b, is.b, sizeof is.b);
        assert_true(str_eq(at(r, "source")->text, seq < 8 ? STR("SRC-0001") : STR("SRC-0002")));
        assert_true(str_eq(at(at(r, "fields"), "method")->text, STR("POST")));
    }
    assert_int_equal(seq, FIXTURE_LINES);
    fixture_free(x);
}

static void a_record_that_was_not_read_again_says_so(void **state)
{
    (void)state;
    struct fixture *x = fixture_new();
    x->cited[0].raw = STR_NONE;
    x->cited[0].fields = STR("{}");
    written(x);
    struct str line;
    str_cut(fixture_read(x, x->settings.out, "data/records.jsonl"), '\n', &line);
    const struct json *r = parsed(x, line);
    assert_int_equal(at(r, "raw_b64")->kind, JSON_KIND_NULL);
    assert_int_equal(at(r, "sha256")->kind, JSON_KIND_NULL);
    assert_int_equal(at(r, "fields")->kind, JSON_KIND_NULL);
    fixture_free(x);
}

static void numbers_are(const struct json *array, const int *expected, size_t n)
{
    assert_int_equal(array->count, n);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(item(array, i)->integer, expected[i]);
}

static void a_finding_leads_to_its_records(void **state)
{
    (void)state;
    struct fixture *x = fixture_new();
    const struct json *e = written(x), *f = item(at(e, "findings"), 0);
    assert_int_equal(at(e, "findings")->count, 2);
    assert_true(str_eq(at(f, "id")->text, STR("F-0001")));
    numbers_are(at(f, "records"), (const int[]){0, 1, 2, 3, 4, 5, 6, 7}, 8);
    numbers_are(at(item(at(f, "reasons"), 0), "records"), (const int[]){1, 3}, 2);
    numbers_are(at(item(at(f, "reasons"), 1), "records"), (const int[]){5, 7}, 2);
    numbers_are(at(item(at(f, "reasons"), 2), "records"), (const int[]){3, 7}, 2); /* identities */
    numbers_are(at(item(at(e, "findings"), 1), "records"), (const int[]){8, 9, 10, 11}, 4);
    assert_true(at(at(f, "automated"), "concluded")->boolean);
    assert_false(at(at(item(at(e, "findings"), 1), "automated"), "concluded")->boolean);
    fixture_free(x);
}

static void sessions_are_named_everywhere_alike(void **state)
{
    (void)state;
    struct fixture *x = fixture_new();
    const struct json *e = written(x), *f = item(at(e, "findings"), 0);
    char id[SESSION_ID_MAX];
    for (uint32_t i = 0; i < FIXTURE_SESSIONS; i++) {
        session_public_id(&x->sessions[i], id);
        const struct json *s = item(at(e, "sessions"), i);
        assert_true(str_eq(at(s, "id")->text, str_of(id)));
        assert_int_equal(at(s, "acts")->count, 4);
        assert_int_equal(at(item(at(s, "acts"), 3), "record")->integer, 4 * i + 3);
    }
    const struct json *first = item(at(e, "sessions"), 0);
    assert_true(str_eq(at(item(at(f, "links"), 0), "a")->text, at(first, "id")->text));
    assert_true(str_eq(at(item(at(f, "reasons"), 0), "session")->text, at(first, "id")->text));
    assert_int_equal(at(item(at(f, "reasons"), 2), "session")->kind, JSON_KIND_NULL);
    assert_int_equal(at(item(at(first, "identities"), 0), "record")->integer, 3);
    fixture_free(x);
}

static void logged_text_is_escaped(void **state)
{
    (void)state;
    struct fixture *x = fixture_new();
    const struct json *e = written(x), *s = item(at(e, "sessions"), 0);
    assert_true(str_eq(at(s, "agent")->text, STR("caf\xc3\xa9\\x7f")));
    assert_true(str_eq(at(at(s, "key"), "value")->text, STR("c00kie\\x7f0")));
    const struct json *r = item(at(item(at(e, "findings"), 0), "reasons"), 2);
    assert_true(str_eq(at(r, "subject")->text, STR("a.durand@example.org\\x1b[31m")));
    fixture_free(x);
}

static void a_truncated_finding_says_so(void **state)
{
    (void)state;
    struct fixture *x = fixture_new();
    x->settings.limits.v[LIMIT_finding_records_max] = 5;
    x->in.cited_count = bundle_cited(&x->arena, &x->findings, &x->settings.limits, &x->cited);
    x->in.cited = x->cited;
    assert_int_equal(x->in.cited_count, 9);
    const struct json *e = written(x), *f = item(at(e, "findings"), 0);
    assert_true(at(f, "truncated")->boolean);
    assert_false(at(item(at(e, "findings"), 1), "truncated")->boolean);
    numbers_are(at(f, "records"), (const int[]){0, 1, 2, 3, 4}, 5);
    numbers_are(at(item(at(f, "reasons"), 1), "records"), (const int[]){3, 4}, 2);
    fixture_free(x);
}

/* A stamp of the year 9999 cannot be written as a number that every reader keeps. */
static void far_stamps_are_null(void **state)
{
    (void)state;
    struct fixture *x = fixture_new();
    x->sessions[0].last_us = INT64_C(253402300799000000);
    const struct json *e = written(x);
    assert_int_equal(at(item(at(e, "sessions"), 0), "last_us")->kind, JSON_KIND_NULL);
    assert_int_equal(at(at(item(at(e, "findings"), 0), "span"), "last_us")->kind, JSON_KIND_NULL);
    fixture_free(x);
}

static void says_what_is_missing(void **state)
{
    (void)state;
    struct fixture *x = fixture_new();
    const struct json *e = written(x), *elements = at(e, "legal_elements");
    static const char *const later[] = {"evasion", "impact", "pseudonymisation"};
    for (size_t i = 0; i < sizeof later / sizeof later[0]; i++)
        assert_true(str_eq(at(at(e, later[i]), "status")->text, STR("not_produced")));
    for (size_t i = 0; i < elements->count; i++) {
        bool person = false, intention = false;
        for (const struct json *m = at(item(elements, i), "missing")->child; m != NULL;
             m = m->next) {
            person |= str_eq(at(m, "code")->text, STR("person"));
            intention |= str_eq(at(m, "code")->text, STR("intention"));
        }
        assert_true(person && intention);
    }
    assert_int_equal(at(e, "not_testable")->count, 1);
    assert_int_equal(at(at(e, "population"), "sessions_seen")->integer, 41);
    fixture_free(x);
}

static void a_parameter_that_was_set_is_in_force(void **state)
{
    (void)state;
    struct fixture *x = fixture_new();
    const struct detector *d = detectors[0];
    assert_true(d->params_count > 0);
    struct setting_param set = {arena_printf(&x->arena, "%s.%s", d->name, d->params[0].name),
                                d->params[0].max};
    x->settings.params = &set;
    x->settings.params_count = 1;
    written(x);
    struct str file = arena_printf(&x->arena, "data/rules/%s.v%d.json", d->name, d->version);
    const struct json *p =
        item(at(parsed(x, fixture_read(x, x->settings.out, file.p)), "params"), 0);
    assert_int_equal(at(p, "value")->integer, d->params[0].max);
    assert_int_equal(at(p, "default")->integer, d->params[0].value);
    fixture_free(x);
}

int main(void)
{
    hash_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_hold_their_bytes),
        cmocka_unit_test(a_record_that_was_not_read_again_says_so),
        cmocka_unit_test(a_finding_leads_to_its_records),
        cmocka_unit_test(sessions_are_named_everywhere_alike),
        cmocka_unit_test(logged_text_is_escaped),
        cmocka_unit_test(a_truncated_finding_says_so),
        cmocka_unit_test(far_stamps_are_null),
        cmocka_unit_test(says_what_is_missing),
        cmocka_unit_test(a_parameter_that_was_set_is_in_force),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
