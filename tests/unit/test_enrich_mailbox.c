/* Canonical forms: what becomes one, and above all what must stay apart. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "analyzer/enrich/mailbox.h"
#include "tests/unit/guard.h"

static struct arena arena;

static int teardown(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

struct form {
    const char *in, *out, *rule; /* out NULL: refused */
};
typedef bool canonical(struct arena *a, struct str s, struct str *out, struct str *rule);

static void check(canonical *form, const struct form *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct str out = STR_NONE, rule = STR_NONE;
        bool known = form(&arena, guarded(str_of(cases[i].in)), &out, &rule);
        if (known != (cases[i].out != NULL) ||
            (known && (!str_eq(out, str_of(cases[i].out)) || !str_eq(rule, str_of(cases[i].rule)))))
            fail_msg("%s: %d \"%.*s\" by %.*s", cases[i].in, known, STR_ARG(out), STR_ARG(rule));
    }
}

static void mailboxes(void **state)
{
    static const struct form cases[] = {
        {"J.Doe+pref@GMail.com", "jdoe@gmail.com", "gmail-dots-plus"},
        {"jdoe@googlemail.com", "jdoe@gmail.com", "gmail-dots-plus"},
        {"j.doe@gmail.com.", "jdoe@gmail.com", "gmail-dots-plus"},
        {" jdoe@gmail.com ", "jdoe@gmail.com", "gmail-dots-plus"},
        {"+x@gmail.com", "+x@gmail.com", "domain-lower"},
        {"...@gmail.com", "...@gmail.com", "domain-lower"},
        {"jdoe@mail.gmail.com", "jdoe@mail.gmail.com", "domain-lower"},
        {"J.Doe+x@outlook.fr", "j.doe@outlook.fr", "outlook-plus"},
        {"J.Doe@hotmail.com", "j.doe@hotmail.com", "outlook-plus"},
        {"J-Doe@yahoo.fr", "j-doe@yahoo.fr", "yahoo-lower"},
        {"jdoe+x@yahoo.fr", "jdoe+x@yahoo.fr", "yahoo-lower"},
        {"Jdoe+x@me.com", "jdoe@me.com", "icloud-plus"},
        {"jdoe@icloud.com", "jdoe@icloud.com", "icloud-plus"},
        {"J.Doe+x@pm.me", "j.doe@proton.me", "proton-plus"},
        {"j-doe@protonmail.com", "j-doe@proton.me", "proton-plus"},
        {"tag@jdoe.fastmail.com", "jdoe@fastmail.com", "fastmail-plus"},
        {"jdoe+tag@fastmail.com", "jdoe@fastmail.com", "fastmail-plus"},
        {"x@a.b.fastmail.com", "x@a.b.fastmail.com", "domain-lower"},
        {"x@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.fastmail.com",
         "x@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.fastmail.com",
         "domain-lower"},
        {"J.Doe+x@Orange.fr", "j.doe+x@orange.fr", "provider-lower"},
        {"j.doe@wanadoo.fr", "j.doe@wanadoo.fr", "provider-lower"},
        {"AbC+x@privaterelay.appleid.com", "AbC+x@privaterelay.appleid.com", "relay"},
        {"AbC.d@user.MozMail.com", "AbC.d@user.mozmail.com", "relay"},
        {"J.Doe+x@Example.ORG", "J.Doe+x@example.org", "domain-lower"},
        {"j@B\xC3\x9C"
         "CHER.example",
         "j@xn--bcher-kva.example", "domain-lower"},
        {"j@xn--bcher-kva.example", "j@xn--bcher-kva.example", "domain-lower"},
        {"j@a\xCD\xBE"
         "b.example",
         "j@a\xCD\xBE"
         "b.example",
         "domain-lower"},
        {"j@\xFF\xFE.example", "j@\xFF\xFE.example", "domain-lower"},
        {"\"a b\"@example.org", "\"a b\"@example.org", "domain-lower"},
        {"\"a.b+c\"@gmail.com", "\"a.b+c\"@gmail.com", "domain-lower"},
        {"\xC3\xA9@example.org", "\xC3\xA9@example.org", "domain-lower"},
        {"", NULL, NULL},
        {"@", NULL, NULL},
        {"a@", NULL, NULL},
        {"@b.fr", NULL, NULL},
        {"a", NULL, NULL},
        {"a@localhost", NULL, NULL},
        {"a@b..fr", NULL, NULL},
        {"a@.fr", NULL, NULL},
        {"a@b.fr..", NULL, NULL},
        {"a b@c.fr", NULL, NULL},
        {"a@b@c.fr", NULL, NULL},
        {"a@b.fr\x01", NULL, NULL},
        {"a@b .fr", NULL, NULL},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@b.fr", NULL, NULL},
    };
    (void)state;
    check(mailbox_canonical, cases, sizeof cases / sizeof *cases);
}

static void mailboxes_that_stay_apart(void **state)
{
    static const char *const pairs[][2] = {
        {"jdoe@icloud.com", "jdoe@me.com"},        {"jdoe@orange.fr", "jdoe@wanadoo.fr"},
        {"jdoe-1@yahoo.fr", "jdoe@yahoo.fr"},      {"jdoe@yahoo.fr", "jdoe@yahoo.com"},
        {"j.doe@outlook.com", "jdoe@outlook.com"}, {"jdoe@outlook.com", "jdoe@hotmail.com"},
        {"j.doe@proton.me", "jdoe@proton.me"},     {"jdoe+a@laposte.net", "jdoe@laposte.net"},
        {"Jdoe@example.org", "jdoe@example.org"},  {"jdoe+a@example.org", "jdoe@example.org"},
        {"a.b@duck.com", "ab@duck.com"},           {"jdoe@fastmail.com", "jdoe@fastmail.fm"},
        {"jdoe@gmail.com", "jdoe@gmail.fr"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct str a, b, rule;
        assert_true(mailbox_canonical(&arena, str_of(pairs[i][0]), &a, &rule));
        assert_true(mailbox_canonical(&arena, str_of(pairs[i][1]), &b, &rule));
        if (str_eq(a, b))
            fail_msg("%s and %s became one", pairs[i][0], pairs[i][1]);
    }
}

static void canonical_of_canonical(void **state)
{
    static const char *const given[] = {"J.Doe+x@gmail.com", "tag@jdoe.fastmail.com",
                                        "A.b+c@pm.me",       "X@\xC3\xA9.fr",
                                        "A@duck.com",        "a+b@free.fr"};
    (void)state;
    for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
        struct str once, twice, rule;
        assert_true(mailbox_canonical(&arena, str_of(given[i]), &once, &rule));
        assert_true(mailbox_canonical(&arena, once, &twice, &rule));
        assert_true(str_eq(once, twice));
    }
}

static void agdref_numbers(void **state)
{
    static const struct form cases[] = {
        {"9912345678", "9912345678", "agdref-digits"},
        {"991234567", "991234567", "agdref-digits"},
        {" 99 12 34 56 78 ", "9912345678", "agdref-digits"},
        {"0991234567", "0991234567", "agdref-digits"},
        {"12345678", NULL, NULL},
        {"12345678901", NULL, NULL},
        {"", NULL, NULL},
        {"abc", NULL, NULL},
    };
    (void)state;
    check(agdref_canonical, cases, sizeof cases / sizeof *cases);
}

static void phone_numbers(void **state)
{
    static const struct form cases[] = {
        {"06 12 34 56 78", "+33612345678", "phone-fr"},
        {"06.12.34.56.78", "+33612345678", "phone-fr"},
        {"+33 6 12 34 56 78", "+33612345678", "phone-fr"},
        {"+33 (0)6 12 34 56 78", "+33612345678", "phone-fr"},
        {"0033612345678", "+33612345678", "phone-fr"},
        {"00330612345678", "+33612345678", "phone-fr"},
        {"+49 30 1234567", "+49301234567", "phone-e164"},
        {"0049301234567", "+49301234567", "phone-e164"},
        {"612345678", "612345678", "phone-digits"},
        {"+33 6 12", NULL, NULL},
        {"12345", NULL, NULL},
        {"+1234567890123456", NULL, NULL},
        {"06 12 34 56 7x", NULL, NULL},
        {"06+12345678", NULL, NULL},
        {"", NULL, NULL},
    };
    (void)state;
    check(phone_canonical, cases, sizeof cases / sizeof *cases);
}

static void identities_by_kind(void **state)
{
    static const struct {
        enum identity_kind kind;
        const char *in, *out, *rule;
    } cases[] = {
        {IDENTITY_EMAIL, "A.b@gmail.com", "ab@gmail.com", "gmail-dots-plus"},
        {IDENTITY_AGDREF, "9912345678", "9912345678", "agdref-digits"},
        {IDENTITY_PHONE, "0612345678", "+33612345678", "phone-fr"},
        {IDENTITY_NAME,
         "  DUPONT\t \xC3\x89lo\xC3\x8F"
         "se ",
         "dupont \xC3\xA9lo\xC3\xAFse", "name-fold"},
        {IDENTITY_NAME,
         "A\xC3\x97"
         "B",
         "a\xC3\x97"
         "b",
         "name-fold"},
        {IDENTITY_NAME, "  ", NULL, NULL},
        {IDENTITY_EMAIL, "nobody", NULL, NULL},
        {IDENTITY_PHONE, "nobody", NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct identity id = {.kind = cases[i].kind, .value = guarded(str_of(cases[i].in))};
        bool known = identity_canonical(&arena, &id);
        if (known != (cases[i].out != NULL) ||
            (known && (!str_eq(id.canonical, str_of(cases[i].out)) ||
                       !str_eq(id.rule, str_of(cases[i].rule)))))
            fail_msg("%s: \"%.*s\"", cases[i].in, STR_ARG(id.canonical));
    }
}

static void rules_are_published(void **state)
{
    (void)state;
    for (size_t i = 0; i < mailbox_rules_count; i++) {
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(mailbox_rules[i].id, mailbox_rules[j].id);
        assert_true(mailbox_rules[i].what.in[LANG_EN] != NULL &&
                    mailbox_rules[i].what.in[LANG_FR] != NULL);
    }
    assert_string_equal(mailbox_rules[mailbox_rules_count - 1].id, "domain-lower");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mailboxes),
        cmocka_unit_test(mailboxes_that_stay_apart),
        cmocka_unit_test(canonical_of_canonical),
        cmocka_unit_test(agdref_numbers),
        cmocka_unit_test(phone_numbers),
        cmocka_unit_test(identities_by_kind),
        cmocka_unit_test(rules_are_published),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
