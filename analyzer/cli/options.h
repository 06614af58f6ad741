/* options.h: the commands and options as tables; the tables themselves are options.def. */
#ifndef VIGIE_CLI_OPTIONS_H
#define VIGIE_CLI_OPTIONS_H

#include "analyzer/base/lang.h"
#include "analyzer/base/str.h"

enum command {
#define COMMAND(id, operands, en, fr, more_en, more_fr) COMMAND_##id,
#include "analyzer/cli/options.def"
    COMMAND_COUNT
};

enum option {
#define OPTION(id, long, short, arg, key, type, value, min, max, commands, group, en, fr) OPTION_##id,
#include "analyzer/cli/options.def"
    OPTION_COUNT
};

enum option_group {
#define GROUP(id, en, fr) GROUP_##id,
#include "analyzer/cli/options.def"
    GROUP_COUNT
};

enum option_type {
    TYPE_FLAG,    /* given or not; true or false in a configuration file */
    TYPE_WORD,    /* any text */
    TYPE_CHOICE,  /* one of the words of its argument */
    TYPE_NUMBER,  /* min to max */
    TYPE_FILE, TYPE_FOLDER,
    TYPE_STAMP,   /* absolute time */
    TYPE_ZONE,    /* +hh:mm */
    TYPE_SITE, TYPE_FORMAT,
    TYPE_KEY_MAP, /* a JSON object, or a file that holds one */
    TYPE_LIMITS,  /* NAME=VALUE, repeated; an object in a configuration file */
    TYPE_PARAMS,  /* DETECTOR.NAME=VALUE, likewise */
    TYPE_INPUTS   /* operands; an array in a configuration file */
};

struct command_info {
    const char *name, *operands;
    struct text summary, detail;
};

struct option_info {
    const char *name; /* long, without dashes; "" when it is no option of the command line */
    char letter;      /* 0: none */
    const char *arg, *key, *value;
    enum option_type type;
    int64_t min, max;
    unsigned commands; /* bit mask of COMMAND_ */
    enum option_group group;
    struct text help;
};

extern const struct command_info command_table[COMMAND_COUNT];
extern const struct option_info option_table[OPTION_COUNT];
extern const struct text option_groups[GROUP_COUNT];

enum command command_find(struct str name);     /* COMMAND_COUNT: none */
enum option option_find(struct str long_name);  /* OPTION_COUNT: none */
enum option option_by_letter(char letter);
enum option option_by_key(struct str key);
bool option_of_command(enum option o, enum command c);
bool option_hidden(enum option o);
bool option_repeats(enum option o);
/* The words of a CHOICE one by one: *rest starts as the whole argument and ends missing. */
struct str option_word(struct str *rest);
/* The name nearest to what was typed, or a missing slice when none is near. */
struct str nearest(struct str typed, const struct str *names, size_t count);
struct str nearest_command(struct str typed);
struct str nearest_option(struct str typed);
struct str nearest_key(struct str typed);

#endif
