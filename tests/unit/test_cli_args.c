/* test_cli_args.c: argv: what is understood, and what is said of the rest. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "analyzer/cli/args.h"

enum { ARGS_MAX = 12 };

static bool parse(struct cli *c, const char *const *words)
{
    char *argv[ARGS_MAX + 2] = {(char *)(uintptr_t)"vigie"};
    int n = 1;
    for (; n <= ARGS_MAX && words[n - 1] != NULL; n++)
        argv[n] = (char *)(uintptr_t)words[n - 1];
    return args_parse(c, n, argv);
}

#define assert_choice(c, o, literal) assert_true(str_eq(choice_text((c), (o)), STR(literal)))

static void options_are_read_in_every_form(void **state)
{
    (void)state;
    static const char *const forms[][ARGS_MAX] = {
        {"analyze", "a.log", "--site", "x", "--quiet", "--threads", "4"},
        {"analyze", "--site=x", "a.log", "-q", "-j4"},
        {"--site", "x", "analyze", "-qj4", "a.log"},
        {"analyze", "-s", "x", "-qj", "4", "--", "a.log"},
        {"analyze", "--site", "y", "--site", "x", "--quiet", "--threads=4", "a.log"},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct cli c = {0};
        assert_true(parse(&c, forms[i]));
        assert_int_equal(c.command, COMMAND_analyze);
        assert_choice(&c, OPTION_SITE, "x");
        assert_choice(&c, OPTION_THREADS, "4");
        assert_true(choice_flag(&c, OPTION_QUIET));
        assert_false(choice_flag(&c, OPTION_SESSION_RECORDS));
        assert_int_equal(c.argv.of[OPTION_INPUTS].count, 1);
        assert_choice(&c, OPTION_INPUTS, "a.log");
        arena_free(&c.arena);
    }
}

static void dash_and_what_follows_two_dashes_are_operands(void **state)
{
    (void)state;
    struct cli c = {0};
    assert_true(parse(&c, (const char *const[]){"events", "-", "--", "--site", "-x", NULL}));
    assert_int_equal(c.argv.of[OPTION_INPUTS].count, 3);
    assert_true(str_eq(c.argv.of[OPTION_INPUTS].items[0].text, STR("-")));
    assert_true(str_eq(c.argv.of[OPTION_INPUTS].items[1].text, STR("--site")));
    assert_true(str_eq(c.argv.of[OPTION_INPUTS].items[2].text, STR("-x")));
    assert_choice(&c, OPTION_SITE, "generic");
    arena_free(&c.arena);
}

static void repeated_options_are_all_kept(void **state)
{
    (void)state;
    struct cli c = {0};
    assert_true(parse(&c, (const char *const[]){"analyze", "--limit", "a=1", "--limit=b=2", "--limit", "c=3", NULL}));
    assert_int_equal(c.argv.of[OPTION_LIMIT].count, 3);
    assert_true(str_eq(c.argv.of[OPTION_LIMIT].items[0].text, STR("a=1")));
    assert_true(str_eq(c.argv.of[OPTION_LIMIT].items[1].text, STR("b=2")));
    assert_true(str_eq(c.argv.of[OPTION_LIMIT].items[2].text, STR("c=3")));
    arena_free(&c.arena);
}

static void mistakes_are_named_with_the_nearest_name(void **state)
{
    (void)state;
    static const struct {
        const char *words[4];
        enum lang lang;
        const char *want;
    } rows[] = {
        {{"analyse", "x"}, LANG_EN, "unknown command 'analyse'; did you mean 'analyze'? (see vigie --help)"},
        {{"verfy", "x"}, LANG_FR, "commande inconnue « verfy » ; vouliez-vous dire « verify » ? (voir vigie --help)"},
        {{"zzzzzzzz"}, LANG_EN, "unknown command 'zzzzzzzz' (see vigie --help)"},
        {{"analyze", "--sitte=x"}, LANG_EN, "unknown option '--sitte'; did you mean '--site'?"},
        {{"analyze", "--sessoins", "x"}, LANG_EN, "unknown option '--sessoins'; did you mean '--sessions'?"},
        {{"analyze", "--qwertyuiop"}, LANG_EN, "unknown option '--qwertyuiop'"},
        {{"analyze", "-Z"}, LANG_EN, "unknown option '-Z' (see vigie --help)"},
        {{"analyze", "--site"}, LANG_EN, "option '--site' needs a value: --site NAME|FILE"},
        {{"analyze", "-s"}, LANG_FR, "l'option « --site » attend une valeur : --site NAME|FILE"},
        {{"analyze", "--quiet=yes"}, LANG_EN, "option '--quiet' takes no value"},
        {{"verify", "--alerts=x"}, LANG_EN, "option '--alerts' does not belong to 'verify' (it belongs to: watch)"},
        {{"analyze", "--\x1b[31m"}, LANG_EN, "unknown option '--\\x1b[31m'"},
        {{"--threads=2"}, LANG_EN, "no command is given (see vigie --help)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cli c = {.lang = rows[i].lang};
        assert_false(parse(&c, rows[i].words));
        assert_non_null(c.problem.p);
        assert_string_equal(arena_cstr(&c.arena, c.problem), rows[i].want);
        arena_free(&c.arena);
    }
}

static const char *environment_value[3]; /* LC_ALL, LC_MESSAGES, LANG */

static const char *environment(const char *name)
{
    struct str n = str_of(name);
    return environment_value[str_eq(n, STR("LC_ALL")) ? 0 : str_eq(n, STR("LC_MESSAGES")) ? 1 : 2];
}

static void language_comes_from_option_then_environment(void **state)
{
    (void)state;
    static const struct {
        const char *env[3], *word;
        enum lang want;
    } rows[] = {
        {{NULL, NULL, NULL}, NULL, LANG_EN},
        {{NULL, NULL, "fr_FR.UTF-8"}, NULL, LANG_FR},
        {{"C", NULL, "fr_FR.UTF-8"}, NULL, LANG_EN},
        {{"", "fr_FR", "en_US"}, NULL, LANG_FR},
        {{"fr", NULL, NULL}, "--lang=en", LANG_EN},
        {{NULL, NULL, "en"}, "--lang=fr", LANG_FR},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *argv[] = {(char *)(uintptr_t)"vigie", (char *)(uintptr_t)rows[i].word, NULL};
        memcpy(environment_value, rows[i].env, sizeof environment_value);
        assert_int_equal(args_lang(rows[i].word != NULL ? 2 : 1, argv, environment), rows[i].want);
    }
}

static void table_is_sound(void **state)
{
    (void)state;
    for (int i = 0; i < OPTION_COUNT; i++) {
        const struct option_info *o = &option_table[i];
        for (int k = 0; k < i; k++) {
            assert_true(o->name[0] == '\0' || !str_eq(str_of(o->name), str_of(option_table[k].name)));
            assert_true(o->letter == 0 || o->letter != option_table[k].letter);
            assert_true(o->key == NULL || option_table[k].key == NULL || !str_eq(str_of(o->key), str_of(option_table[k].key)));
        }
        assert_true((o->type == TYPE_FLAG) == (o->arg == NULL));
        assert_true(o->help.in[LANG_EN][0] != '\0' && o->help.in[LANG_FR][0] != '\0');
        assert_true(str_utf8_valid(str_of(o->help.in[LANG_FR])));
    }
}

static void worse_exit_code_wins(void **state)
{
    (void)state;
    static const enum exit_code rising[] = {EXIT_NOTHING,    EXIT_FINDINGS, EXIT_PARTIAL, EXIT_UNVERIFIED,
                                            EXIT_UNREADABLE, EXIT_USAGE,    EXIT_INTERNAL};
    for (size_t i = 0; i < sizeof rising / sizeof *rising; i++)
        for (size_t k = 0; k < sizeof rising / sizeof *rising; k++)
            assert_int_equal(exit_worse(rising[i], rising[k]), rising[i > k ? i : k]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_are_read_in_every_form),
        cmocka_unit_test(dash_and_what_follows_two_dashes_are_operands),
        cmocka_unit_test(repeated_options_are_all_kept),
        cmocka_unit_test(mistakes_are_named_with_the_nearest_name),
        cmocka_unit_test(language_comes_from_option_then_environment),
        cmocka_unit_test(table_is_sound),
        cmocka_unit_test(worse_exit_code_wins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
