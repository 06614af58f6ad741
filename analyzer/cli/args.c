/* args.c: argv by the table of options.def: long options with "=" or a following value, short ones
 * that may be joined. */
#include "analyzer/cli/args.h"

struct args {
    struct cli *cli;
    char *const *argv;
    int argc, at;
    bool operands_only; /* after "--" */
    bool command_named;
};

static bool next_value(struct args *a, enum option o, struct str *value)
{
    if (a->at + 1 < a->argc) {
        *value = str_of(a->argv[++a->at]);
        return true;
    }
    const struct option_info *info = &option_table[o];
    return refuse(a->cli, "option '--%s' needs a value: --%s %s", "l'option « --%s » attend une valeur : --%s %s",
                  info->name, info->name, info->arg);
}

static void add(struct args *a, enum option o, struct str value)
{
    choice_add(a->cli, &a->cli->argv, o, (struct choice){value, 0, 0});
}

static bool long_option(struct args *a, struct str word)
{
    struct str name, value = str_cut(word, '=', &name);
    enum option o = option_find(name);
    if (o == OPTION_COUNT)
        return refuse(a->cli, "unknown option '--%s'%s", "option inconnue « --%s »%s", shown(a->cli, name),
                      did_you_mean(a->cli, "--", nearest_option(name)));
    if (option_table[o].type == TYPE_FLAG) {
        if (value.p != NULL)
            return refuse(a->cli, "option '--%s' takes no value", "l'option « --%s » ne prend pas de valeur",
                          option_table[o].name);
        add(a, o, STR("true"));
        return true;
    }
    if (value.p == NULL && !next_value(a, o, &value))
        return false;
    add(a, o, value);
    return true;
}

static bool short_options(struct args *a, struct str letters)
{
    for (ptrdiff_t i = 0; i < letters.n; i++) {
        enum option o = option_by_letter(letters.p[i]);
        if (o == OPTION_COUNT)
            return refuse(a->cli, "unknown option '-%s' (see vigie --help)",
                          "option inconnue « -%s » (voir vigie --help)",
                          shown(a->cli, str_sub(letters, i, i + 1)));
        if (option_table[o].type == TYPE_FLAG) {
            add(a, o, STR("true"));
            continue;
        }
        struct str value = str_sub(letters, i + 1, letters.n);
        if (value.n == 0 && !next_value(a, o, &value))
            return false;
        add(a, o, value);
        return true;
    }
    return true;
}

static bool operand(struct args *a, struct str word)
{
    if (a->command_named) {
        add(a, OPTION_INPUTS, word);
        return true;
    }
    a->command_named = true;
    a->cli->command = command_find(word);
    if (a->cli->command != COMMAND_COUNT)
        return true;
    return refuse(a->cli, "unknown command '%s'%s (see vigie --help)",
                  "commande inconnue « %s »%s (voir vigie --help)", shown(a->cli, word),
                  did_you_mean(a->cli, "", nearest_command(word)));
}

static bool one_argument(struct args *a)
{
    struct str word = str_of(a->argv[a->at]);
    if (a->operands_only || word.n < 2 || word.p[0] != '-')
        return operand(a, word);
    if (str_eq(word, STR("--"))) {
        a->operands_only = true;
        return true;
    }
    if (word.p[1] == '-')
        return long_option(a, str_sub(word, 2, word.n));
    return short_options(a, str_sub(word, 1, word.n));
}

/* "analyze, watch": the commands an option belongs to. */
static const char *commands_of(struct cli *c, enum option o)
{
    struct str list = STR("");
    for (int i = 0; i < COMMAND_COUNT; i++)
        if (option_of_command(o, (enum command)i))
            list = arena_printf(&c->arena, "%.*s%s%s", STR_ARG(list), list.n > 0 ? ", " : "",
                                command_table[i].name);
    return list.p;
}

static bool options_fit_command(struct cli *c)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        enum option o = (enum option)i;
        if (c->argv.of[o].count == 0 || option_hidden(o) || option_of_command(o, c->command))
            continue;
        if (c->command == COMMAND_COUNT && !choice_flag(c, OPTION_HELP) && !choice_flag(c, OPTION_VERSION))
            return refuse(c, "no command is given (see vigie --help)",
                          "aucune commande n'est donnée (voir vigie --help)");
        if (c->command != COMMAND_COUNT)
            return refuse(c, "option '--%s' does not belong to '%s' (it belongs to: %s)",
                          "l'option « --%s » ne s'applique pas à « %s » (elle s'applique à : %s)",
                          option_table[o].name, command_table[c->command].name, commands_of(c, o));
    }
    return true;
}

enum lang args_lang(int argc, char *const *argv, const char *(*env)(const char *name))
{
    struct str lang = STR_NONE;
    for (int i = 1; i < argc; i++) {
        struct str word = str_of(argv[i]);
        if (str_eq(word, STR("--")))
            break;
        if ((str_eq(word, STR("--lang")) || str_eq(word, STR("-l"))) && i + 1 < argc)
            lang = str_of(argv[i + 1]);
        if (str_starts(word, STR("--lang=")))
            lang = str_sub(word, 7, word.n);
    }
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof names[0] && lang.n <= 0; i++)
        lang = str_of(env(names[i]));
    return str_starts(lang, STR("fr")) ? LANG_FR : LANG_EN;
}

bool args_parse(struct cli *c, int argc, char *const *argv)
{
    struct args a = {.cli = c, .argv = argv, .argc = argc, .at = 1};
    c->command = COMMAND_COUNT;
    for (; a.at < argc; a.at++)
        if (!one_argument(&a))
            return false;
    return options_fit_command(c);
}
