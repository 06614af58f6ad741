/* The terminal summary: what it says, in both languages, and that it never breaks the terminal. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "reports/summary.h"
#include "reports/terminal.h"
#include "tests/unit/reports_fixture.h"

static struct str summary_of(struct fixture *x, const struct summary_options *opt)
{
    struct out o = out_memory();
    summary_write(&o, &x->in, opt);
    struct str text = arena_str(&x->arena, out_slice(&o));
    out_close(&o);
    return text;
}

static void says(struct str text, const char *what)
{
    if (str_find_str(text, str_of(what)) < 0)
        fail_msg("not said: %s\nin:\n%.*s", what, STR_ARG(text));
}

static void does_not_say(struct str text, const char *what)
{
    if (str_find_str(text, str_of(what)) >= 0)
        fail_msg("said: %s\nin:\n%.*s", what, STR_ARG(text));
}

static void tells_what_was_found(void **state)
{
    static const char *const expected[LANG_COUNT][12] = {
        {"AFF-2026-0042", "2026-03-01 08:00:00", "access.log.1",
         "1 line rejected: the line is not of this format", "41 sessions from 17 IP addresses.",
         "1 for bulk booking, ", "Bulk booking: concluded, moderately strong support",
         "2 sessions, 3 bookings sent, 2 IP addresses, 1 mailbox", "+ 4 of 4 forms were sent back",
         "(and 1 similar reason)", "Not ruled out: an association", "vigie verify AFF-2026-0042"},
        {"AFF-2026-0042", "01/03/2026 08:00:00", "access.log.1",
         "1 ligne rejetée : la ligne n'est pas de ce format", "41 sessions, 17 adresses IP.",
         "1 pour réservation en nombre, ",
         "Réservation en nombre : conclusion, soutien modérément fort",
         "2 sessions, 3 réservations envoyées, 2 adresses IP, 1 boîte électronique",
         "+ 4 formulaires sur 4", "(et 1 motif semblable)", "Non exclu : une association",
         "vigie verify AFF-2026-0042"}};
    (void)state;
    struct fixture *x = fixture_new();
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        struct str text =
            summary_of(x, &(struct summary_options){
                              .lang = (enum lang)lang, .width = 80, .out = STR("AFF-2026-0042")});
        for (size_t i = 0; i < 12; i++)
            says(text, expected[lang][i]);
        does_not_say(text, lang == LANG_FR ? "INCOMPLET" : "INCOMPLETE");
        does_not_say(text, "\x1b");
    }
    fixture_free(x);
}

static void nothing_found_is_said_with_what_was_tested(void **state)
{
    (void)state;
    struct fixture *x = fixture_new();
    x->findings.clusters_count = 0;
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        struct str text =
            summary_of(x, &(struct summary_options){.lang = (enum lang)lang, .width = 200});
        says(text, lang == LANG_FR ? "Rien à conclure" : "Nothing to conclude");
        says(text, SAY(detectors[0]->title, lang)); /* tested */
        says(text, SAY(x->not_testable.why, lang));
        says(text, lang == LANG_FR ? "Aucun n'a été demandé" : "None was asked for");
    }
    fixture_free(x);
}

static void what_to_do_next_follows_from_what_was_found(void **state)
{
    (void)state;
    struct fixture *x = fixture_new();
    struct str text = summary_of(x, &(struct summary_options){.width = 200, .out = STR("AFF"), .cited = 1});
    says(text, "AFF, citing 1 record byte for byte");
    says(text, "Keep the bundle and the logs as they are");
    says(text, "vigie explain INPUT --session S-");
    text = summary_of(x, &(struct summary_options){.width = 200, .lang = LANG_FR});
    says(text, "relancer la même commande avec --out DIR");
    x->findings.clusters_count = 0;
    text = summary_of(x, &(struct summary_options){.width = 200});
    does_not_say(text, "WHAT TO DO NEXT");
    fixture_free(x);
}

static void weak_groups_are_noted_only(void **state)
{
    (void)state;
    struct fixture *x = fixture_new();
    x->findings.clusters = &x->clusters[1];
    x->findings.clusters_count = 1;
    struct str text = summary_of(x, &(struct summary_options){.width = 80});
    says(text, "Nothing to conclude");
    says(text, "signs too weak on their own: 1 group.");
    does_not_say(text, "F-0001");
    fixture_free(x);
}

static void only_the_strongest_are_shown(void **state)
{
    (void)state;
    struct fixture *x = fixture_new();
    struct cluster *many = ARENA_ARRAY(&x->arena, struct cluster, 1234);
    for (int i = 0; i < 1234; i++)
        many[i] = x->clusters[0];
    x->findings.clusters = many;
    x->findings.clusters_count = 1234;
    struct str text = summary_of(x, &(struct summary_options){.width = 80});
    says(text, "F-0003");
    does_not_say(text, "F-0004");
    says(text, "and 1,231 groups more");
    text = summary_of(x, &(struct summary_options){.width = 80, .lang = LANG_FR});
    says(text, "et 1\xE2\x80\xAF"
               "231 groupes de plus");
    fixture_free(x);
}

static void partial_input_is_said_first(void **state)
{
    (void)state;
    struct fixture *x = fixture_new();
    x->ledger.sources[1].complete = false;
    diag_add(&x->diags, DIAG_gzip_truncated, 1, 1, STR_NONE);
    struct str text = summary_of(x, &(struct summary_options){.width = 80, .partial = true});
    says(text, "INCOMPLETE");
    assert_true(str_find_str(text, STR("INCOMPLETE")) < str_find_str(text, STR("READ")));
    says(text, "! access.log ");
    says(text, "gzip data end in the middle");
    fixture_free(x);
}

static void no_source_at_all_is_bearable(void **state)
{
    (void)state;
    struct fixture *x = fixture_new();
    x->ledger.count = 0;
    x->diags.count = 0;
    x->findings = (struct findings){0};
    x->in.cited_count = 0;
    struct str text = summary_of(x, &(struct summary_options){.width = 80});
    says(text, "No session could be examined");
    does_not_say(text, "Nothing to conclude");
    x->ledger.count = FIXTURE_SOURCES;
    fixture_free(x);
}

/* Whatever was logged or given as a name, only the colours asked for are control bytes. */
static void logged_bytes_never_reach_the_terminal(void **state)
{
    (void)state;
    struct fixture *x = fixture_new();
    const struct str hostile = STR("\x1b]0;owned\x07\x1b[2J\xff\xe2\x80\xaeoff\r\n\x7f");
    x->ledger.sources[0].name = hostile;
    x->settings.case_id = hostile;
    x->site.name = hostile;
    x->reasons[0].says.in[LANG_EN] = hostile.p;
    diag_add(&x->diags, DIAG_rejects, 0, 1, hostile);
    for (int color = 0; color < 2; color++) {
        struct str text = summary_of(
            x, &(struct summary_options){.width = 80, .color = color == 1, .out = hostile});
        assert_true(str_utf8_valid(text));
        for (ptrdiff_t i = 0; i < text.n; i++) {
            const bool colour =
                color == 1 && text.p[i] == '\x1b' && i + 1 < text.n && text.p[i + 1] == '[';
            assert_true(text.p[i] == '\n' ||
                        ((unsigned char)text.p[i] >= 0x20 && text.p[i] != 0x7F) || colour);
        }
        does_not_say(text, "\x1b[2J");
        does_not_say(text, "\xe2\x80\xae");
    }
    fixture_free(x);
}

static void lines_fit_their_width(void **state)
{
    (void)state;
    struct fixture *x = fixture_new();
    x->ledger.sources[0].name =
        STR("/var/log/nginx/a-very-long-path/with-more/and-more/access.log.20260301.gz");
    for (int i = 0; i < 2 * LANG_COUNT; i++) {
        const int width = i < LANG_COUNT ? 60 : 160;
        struct str rest =
            summary_of(x, &(struct summary_options){.lang = (enum lang)(i % LANG_COUNT),
                                                    .width = width,
                                                    .out = STR("AFF-2026-0042")});
        for (struct str line; rest.n > 0;) {
            rest = str_cut(rest, '\n', &line);
            if (term_cells(line) > width)
                fail_msg("%d cells: %.*s", term_cells(line), STR_ARG(line));
        }
    }
    fixture_free(x);
}

static void signs_stay_with_their_word(void **state)
{
    (void)state;
    struct out o = out_memory();
    struct term t = {.o = &o, .width = 20, .lang = LANG_FR};
    term_wrap(&t, TERM_PLAIN, STR("  "), 2,
              STR("une adresse longue ; puis \xC2\xAB deux \xC2\xBB :  trois"));
    assert_true(str_eq(out_slice(&o),
                       STR("  une adresse\n  longue ; puis\n  \xC2\xAB deux \xC2\xBB : trois\n")));
    out_close(&o);
}

static void numbers_read_well(void **state)
{
    static const struct {
        int64_t us;
        const char *en, *fr;
    } spans[] = {
        {0, "0.0\xC2\xA0s", "0,0\xE2\x80\xAFs"},
        {430000, "0.4\xC2\xA0s", "0,4\xE2\x80\xAFs"},
        {59999999, "59\xC2\xA0s", "59\xE2\x80\xAFs"},
        {194000000, "3\xC2\xA0min\xC2\xA0" "14\xC2\xA0s",
         "3\xE2\x80\xAFmin\xC2\xA0" "14\xE2\x80\xAFs"},
        {7500000000, "2\xC2\xA0h\xC2\xA0" "05\xC2\xA0min",
         "2\xE2\x80\xAFh\xC2\xA0" "05\xE2\x80\xAFmin"},
        {273600000000, "3\xC2\xA0" "d\xC2\xA0" "4\xC2\xA0h",
         "3\xE2\x80\xAFj\xC2\xA0" "4\xE2\x80\xAFh"},
    };
    static const struct {
        uint64_t n;
        const char *count, *bytes;
    } counts[] = {
        {0, "0", "0 B"},
        {999, "999", "999 B"},
        {1000, "1,000", "1.0 kB"},
        {722345678, "722,345,678", "722.3 MB"},
        {UINT64_C(1) << 40, "1,099,511,627,776", "1.1 TB"},
    };
    (void)state;
    struct arena a = {0};
    struct term en = {.arena = &a, .width = 80}, fr = {.arena = &a, .width = 80, .lang = LANG_FR};
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
        assert_true(str_eq(term_span(&en, spans[i].us), str_of(spans[i].en)));
        assert_true(str_eq(term_span(&fr, spans[i].us), str_of(spans[i].fr)));
    }
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        assert_true(str_eq(term_count(&en, counts[i].n), str_of(counts[i].count)));
        assert_true(str_eq(term_bytes(&en, counts[i].n), str_of(counts[i].bytes)));
    }
    assert_true(str_eq(term_count(&fr, 1234567), STR("1\xE2\x80\xAF"
                                                     "234\xE2\x80\xAF"
                                                     "567")));
    assert_true(str_eq(term_fit(&en, STR("/var/log/access.log"), 10), STR("/va\xE2\x80\xA6"
                                                                          "ss.log")));
    arena_free(&a);
}

int main(void)
{
    hash_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_what_was_found),
        cmocka_unit_test(nothing_found_is_said_with_what_was_tested),
        cmocka_unit_test(what_to_do_next_follows_from_what_was_found),
        cmocka_unit_test(weak_groups_are_noted_only),
        cmocka_unit_test(only_the_strongest_are_shown),
        cmocka_unit_test(partial_input_is_said_first),
        cmocka_unit_test(no_source_at_all_is_bearable),
        cmocka_unit_test(logged_bytes_never_reach_the_terminal),
        cmocka_unit_test(lines_fit_their_width),
        cmocka_unit_test(signs_stay_with_their_word),
        cmocka_unit_test(numbers_read_well),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
