/* options.c: the tables of options.def and how names are found in them. */
#include "analyzer/cli/options.h"

enum {
    A = 1 << COMMAND_analyze,
    W = 1 << COMMAND_watch,
    V = 1 << COMMAND_verify,
    R = 1 << COMMAND_rederive,
    E = 1 << COMMAND_events,
    X = 1 << COMMAND_explain,
    L = 1 << COMMAND_list,
    S = 1 << COMMAND_site,
    ALL = A | W | V | R | E | X | L | S,
    HIDDEN = 0
};

const struct command_info command_table[COMMAND_COUNT] = {
#define COMMAND(id, operands, en, fr, more_en, more_fr) \
    {#id, operands, {{en, fr}}, {{more_en, more_fr}}},
#include "analyzer/cli/options.def"
};

const struct text option_groups[GROUP_COUNT] = {
#define GROUP(id, en, fr) {{en, fr}},
#include "analyzer/cli/options.def"
};

const struct option_info option_table[OPTION_COUNT] = {
#define OPTION(id, long, short, arg, key, type, value, min, max, commands, group, en, fr) \
    {long, short, arg, key, value, TYPE_##type, min, max, commands, GROUP_##group, {{en, fr}}},
#include "analyzer/cli/options.def"
};

enum command command_find(struct str name)
{
    for (int i = 0; i < COMMAND_COUNT; i++)
        if (str_eq(str_of(command_table[i].name), name))
            return (enum command)i;
    return COMMAND_COUNT;
}

enum option option_find(struct str long_name)
{
    for (int i = 0; i < OPTION_COUNT && long_name.n > 0; i++)
        if (str_eq(str_of(option_table[i].name), long_name))
            return (enum option)i;
    return OPTION_COUNT;
}

enum option option_by_letter(char letter)
{
    for (int i = 0; i < OPTION_COUNT && letter != 0; i++)
        if (option_table[i].letter == letter)
            return (enum option)i;
    return OPTION_COUNT;
}

enum option option_by_key(struct str key)
{
    for (int i = 0; i < OPTION_COUNT; i++)
        if (option_table[i].key != NULL && str_eq(str_of(option_table[i].key), key))
            return (enum option)i;
    return OPTION_COUNT;
}

bool option_of_command(enum option o, enum command c)
{
    return c < COMMAND_COUNT && (option_table[o].commands >> c & 1) != 0;
}

bool option_hidden(enum option o)
{
    return option_table[o].commands == HIDDEN || option_table[o].name[0] == '\0';
}

bool option_repeats(enum option o)
{
    enum option_type t = option_table[o].type;
    return t == TYPE_LIMITS || t == TYPE_PARAMS || t == TYPE_INPUTS;
}

struct str option_word(struct str *rest)
{
    struct str word;
    *rest = str_cut(*rest, '|', &word);
    return word;
}

struct str nearest(struct str typed, const struct str *names, size_t count)
{
    struct str best = STR_NONE;
    int best_distance = typed.n < 6 ? 3 : 4; /* farther is no typing error any more */
    for (size_t i = 0; i < count; i++) {
        int d = str_distance(typed, names[i]);
        bool prefix = typed.n >= 2 && str_starts(names[i], typed);
        if (prefix && d > 2)
            d = 2;
        if (d < best_distance && d < names[i].n) {
            best = names[i];
            best_distance = d;
        }
    }
    return best;
}

struct str nearest_command(struct str typed)
{
    struct str names[COMMAND_COUNT];
    for (int i = 0; i < COMMAND_COUNT; i++)
        names[i] = str_of(command_table[i].name);
    return nearest(typed, names, COMMAND_COUNT);
}

struct str nearest_option(struct str typed)
{
    struct str names[OPTION_COUNT];
    size_t n = 0;
    for (int i = 0; i < OPTION_COUNT; i++)
        if (!option_hidden((enum option)i))
            names[n++] = str_of(option_table[i].name);
    return nearest(typed, names, n);
}

struct str nearest_key(struct str typed)
{
    struct str names[OPTION_COUNT];
    size_t n = 0;
    for (int i = 0; i < OPTION_COUNT; i++)
        if (option_table[i].key != NULL)
            names[n++] = str_of(option_table[i].key);
    return nearest(typed, names, n);
}
