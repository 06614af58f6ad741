/* test_cli_config.c: configuration files in and out, their schema, and the man page. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "analyzer/base/json.h"
#include "analyzer/cli/config.h"
#include "analyzer/cli/help.h"
#include "tests/unit/guard.h"

static struct cli reader(enum lang lang)
{
    return (struct cli){.lang = lang, .command = COMMAND_watch};
}

static void keys_set_what_options_set(void **state)
{
    (void)state;
    struct cli c = reader(LANG_EN);
    assert_true(config_parse(&c, STR("c.json"),
                             GUARDED("{\"$schema\": \"x\", \"inputs\": [\"a\", \"b\"], \"site\": \"s\", \"since\": 1772352000, "
                                     "\"until\": \"2026-03-08\", \"quiet\": true, \"session_records\": false, \"out\": null,\n"
                                     " \"threads\": 3, \"limits\": {\"sources_max\": 5}, \"params\": {\"d.p\": -1}, "
                                     "\"key_map\": {\"b\": \"status\", \"a\": \"peer_ip\"}}")));
    assert_int_equal(c.config.of[OPTION_INPUTS].count, 2);
    assert_true(str_eq(choice_text(&c, OPTION_SITE), STR("s")));
    assert_true(str_eq(choice_text(&c, OPTION_SINCE), STR("1772352000")));
    assert_true(choice_flag(&c, OPTION_QUIET));
    assert_false(choice_flag(&c, OPTION_SESSION_RECORDS));
    assert_null(choice_text(&c, OPTION_OUT).p);
    assert_true(str_eq(choice_text(&c, OPTION_THREADS), STR("3")));
    assert_true(str_eq(c.config.of[OPTION_LIMIT].items[0].text, STR("sources_max=5")));
    assert_true(str_eq(c.config.of[OPTION_PARAM].items[0].text, STR("d.p=-1")));
    assert_true(str_eq(choice_text(&c, OPTION_KEY_MAP), STR("{\"a\":\"peer_ip\",\"b\":\"status\"}")));
    assert_string_equal(choice_where(&c, OPTION_LIMIT, &c.config.of[OPTION_LIMIT].items[0]), "c.json:2:27: limits");
    arena_free(&c.arena);
}

static void options_win(void **state)
{
    (void)state;
    struct cli c = reader(LANG_EN);
    assert_true(config_parse(&c, STR("c.json"), GUARDED("{\"site\": \"from-file\", \"threads\": 3}")));
    choice_add(&c, &c.argv, OPTION_SITE, (struct choice){STR("from-argv"), 0, 0});
    assert_true(str_eq(choice_text(&c, OPTION_SITE), STR("from-argv")));
    assert_true(str_eq(choice_text(&c, OPTION_THREADS), STR("3")));
    arena_free(&c.arena);
}

static void errors_name_line_and_column(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum lang lang;
        const char *want;
    } rows[] = {
        {"{\n  \"sitte\": \"x\"\n}", LANG_EN, "c.json:2:3: unknown key 'sitte'; did you mean 'site'?"},
        {"{\n  \"sitte\": \"x\"\n}", LANG_FR, "c.json:2:3 : clé inconnue « sitte » ; vouliez-vous dire « site » ?"},
        {"{\"max-rejects\": 3}", LANG_EN, "c.json:1:2: unknown key 'max-rejects'"},
        {"{\"threads\": \"4\"}", LANG_EN, "c.json:1:13: threads: expected an integer"},
        {"{\"threads\": 1.5}", LANG_EN, "c.json:1:13: threads: expected an integer"},
        {"{\"quiet\": 1}", LANG_FR, "c.json:1:11: quiet : attendu : true ou false"},
        {"{\"limits\": {\"a\": \"b\"}}", LANG_EN, "c.json:1:18: limits: expected an object of integers"},
        {"{\"limits\": 3}", LANG_EN, "c.json:1:12: limits: expected an object of integers"},
        {"{\"inputs\": \"a\"}", LANG_EN, "c.json:1:12: inputs: expected an array of strings"},
        {"{\"inputs\": [1]}", LANG_EN, "c.json:1:13: inputs: expected an array of strings"},
        {"[]", LANG_EN, "c.json:1:1: a configuration file is one JSON object"},
        {"{\"\x1b\": 1}", LANG_EN, NULL},
        {"{\"site\": \"a\", \"site\": \"b\"}", LANG_EN, NULL},
        {"", LANG_EN, NULL},
        {"{", LANG_EN, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cli c = reader(rows[i].lang);
        assert_false(config_parse(&c, STR("c.json"), guarded(str_of(rows[i].text))));
        assert_true(str_starts(c.problem, STR("c.json:1:")) || str_starts(c.problem, STR("c.json:2:")));
        if (rows[i].want != NULL)
            assert_string_equal(arena_cstr(&c.arena, c.problem), rows[i].want);
        arena_free(&c.arena);
    }
}

static struct str printed(struct cli *c)
{
    struct out o = out_memory();
    config_print(c, &o);
    struct str text = arena_str(&c->arena, out_slice(&o));
    assert_int_equal(out_close(&o), 0);
    return text;
}

static void what_is_printed_reads_back_the_same(void **state)
{
    (void)state;
    struct cli a = reader(LANG_EN), b = reader(LANG_EN);
    assert_true(config_parse(&a, STR("a"),
                             STR("{\"inputs\": [\"x\"], \"limits\": {\"sources_max\": 5, \"block_bytes\": 4096}, \"tz\": \"+01:00\", "
                                 "\"params\": {\"d.p\": 1}, \"quiet\": true, \"key_map\": {\"a\": \"b\"}, \"since\": \"2026-03-01\"}")));
    choice_add(&a, &a.argv, OPTION_LIMIT, (struct choice){STR("sources_max=7"), 0, 0});
    struct str first = printed(&a);
    assert_true(str_find_str(first, STR("\"sources_max\": 7")) > 0);
    assert_true(str_find_str(first, STR("\"block_bytes\": 4096")) > 0);
    assert_true(config_parse(&b, STR("b"), first));
    assert_true(str_eq(printed(&b), first));
    arena_free(&a.arena);
    arena_free(&b.arena);
}

/* ---- files that are made from the table, or must follow it ---- */

static struct str file_of(struct cli *c, const char *name)
{
    struct str text = STR_NONE;
    if (!config_file(c, str_of(name), &text))
        fail_msg("%s", arena_cstr(&c->arena, c->problem));
    return text;
}

static void published_schema_is_the_tables(void **state)
{
    (void)state;
    struct cli c = reader(LANG_EN);
    struct json_error error;
    struct out made = out_memory(), there = out_memory();
    config_schema(&made);
    const struct json *a = json_parse(&c.arena, arena_str(&c.arena, out_slice(&made)), &error);
    const struct json *b = json_parse(&c.arena, file_of(&c, "samples/schema/config.schema.json"), &error);
    assert_non_null(a);
    assert_non_null(b);
    assert_int_equal(out_close(&made), 0);
    made = out_memory();
    json_canonical(&made, a);
    json_canonical(&there, b);
    assert_true(str_eq(out_slice(&made), out_slice(&there)));
    assert_int_equal(out_close(&made), 0);
    assert_int_equal(out_close(&there), 0);
    arena_free(&c.arena);
}

static void man_page_mentions_everything(void **state)
{
    (void)state;
    struct cli c = reader(LANG_EN);
    struct str page = file_of(&c, "analyzer/cli/vigie.1");
    for (int i = 0; i < OPTION_COUNT; i++) {
        const struct option_info *o = &option_table[i];
        if (o->key != NULL && str_find_str(page, str_of(o->key)) < 0)
            fail_msg("vigie.1 does not mention the key %s", o->key);
        if (option_hidden((enum option)i))
            continue;
        struct str entry = o->letter != 0 ? arena_printf(&c.arena, ".It Fl %c , Fl -%s", o->letter, o->name)
                                          : arena_printf(&c.arena, ".It Fl -%s", o->name);
        if (str_find_str(page, entry) < 0)
            fail_msg("vigie.1 has no '%s'", entry.p);
    }
    for (int i = 0; i < COMMAND_COUNT; i++)
        if (str_find_str(page, arena_printf(&c.arena, ".It Cm %s", command_table[i].name)) < 0)
            fail_msg("vigie.1 does not describe %s", command_table[i].name);
    arena_free(&c.arena);
}

static void completions_name_every_option(void **state)
{
    (void)state;
    static const char *const shells[] = {"bash", "zsh", "fish"};
    struct arena a = {0};
    for (size_t s = 0; s < 3; s++) {
        struct out o = out_memory();
        completions_write(&o, str_of(shells[s]));
        for (int i = 0; i < OPTION_COUNT; i++) {
            if (option_hidden((enum option)i))
                continue;
            struct str name = arena_printf(&a, s == 2 ? " -l %s " : "--%s", option_table[i].name);
            if (str_find_str(out_slice(&o), name) < 0)
                fail_msg("%s: no %s", shells[s], option_table[i].name);
        }
        assert_int_equal(out_close(&o), 0);
    }
    arena_free(&a);
}

/* Each option stands in the help of its commands and of no other, in both languages, within 80 columns. */
static void help_is_complete_and_narrow(void **state)
{
    (void)state;
    struct arena a = {0};
    for (int c = 0; c <= COMMAND_COUNT; c++)
        for (int lang = 0; lang < LANG_COUNT; lang++) {
            struct out o = out_memory();
            help_write(&o, (enum command)c, (enum lang)lang);
            for (int i = 0; i < OPTION_COUNT && c < COMMAND_COUNT; i++) {
                if (option_hidden((enum option)i))
                    continue;
                struct str name = arena_printf(&a, "--%s%s", option_table[i].name, option_table[i].arg != NULL ? " " : "");
                bool there = str_find_str(out_slice(&o), name) >= 0;
                if (option_of_command((enum option)i, (enum command)c))
                    assert_true(there);
            }
            struct str rest = out_slice(&o), line;
            while (rest.p != NULL) {
                int columns = 0;
                rest = str_cut(rest, '\n', &line);
                for (ptrdiff_t i = 0; i < line.n; i++)
                    columns += ((unsigned char)line.p[i] & 0xC0) != 0x80;
                assert_in_range(columns, 0, 80);
            }
            assert_int_equal(out_close(&o), 0);
        }
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_set_what_options_set),
        cmocka_unit_test(options_win),
        cmocka_unit_test(errors_name_line_and_column),
        cmocka_unit_test(what_is_printed_reads_back_the_same),
        cmocka_unit_test(published_schema_is_the_tables),
        cmocka_unit_test(man_page_mentions_everything),
        cmocka_unit_test(completions_name_every_option),
        cmocka_unit_test(help_is_complete_and_narrow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
