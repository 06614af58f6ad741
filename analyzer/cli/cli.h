/* cli.h: one invocation: what was asked for, in which language, and what is wrong with it.
 *
 * Choices are kept as text, from wherever they come, until resolve.c turns them into settings: one
 * place checks them, and an error names the place a choice came from. */
#ifndef VIGIE_CLI_CLI_H
#define VIGIE_CLI_CLI_H

#include "analyzer/base/mem.h"
#include "analyzer/cli/options.h"

enum exit_code {
    EXIT_NOTHING = 0,
    EXIT_FINDINGS = 1,
    EXIT_USAGE = 2,
    EXIT_UNREADABLE = 3,
    EXIT_PARTIAL = 4,
    EXIT_UNVERIFIED = 5,
    EXIT_INTERNAL = 70
};

struct choice {
    struct str text;
    int line, column; /* in the configuration file; 0: from the command line */
};
struct choices {
    struct {
        struct choice *items;
        size_t count;
    } of[OPTION_COUNT];
};

struct cli {
    struct arena arena;  /* lives as long as the invocation */
    enum lang lang;
    enum command command; /* COMMAND_COUNT: none was named */
    struct choices argv, config;
    struct str config_name;
    struct str problem;   /* one line without line end; missing: all is well */
};

/* Adds a choice; one that does not repeat replaces the one before. */
void choice_add(struct cli *c, struct choices *where, enum option o, struct choice value);
/* What applies: the command line, else the configuration file, else missing text (defaults are in the
 * table). */
const struct choice *choice_of(const struct cli *c, enum option o);
struct str choice_text(const struct cli *c, enum option o); /* with the default */
bool choice_flag(const struct cli *c, enum option o);
/* "--since" or "file.json:3:12: since", escaped. */
const char *choice_where(struct cli *c, enum option o, const struct choice *v);

/* Keeps the problem, unless there is one already; always false. */
bool refuse(struct cli *c, const char *en, const char *fr, ...)
    __attribute__((format(printf, 2, 4), format(printf, 3, 4)));
/* "vigie: " and one line on standard error. */
void complain(const struct cli *c, const char *en, const char *fr, ...)
    __attribute__((format(printf, 2, 4), format(printf, 3, 4)));
void complain_line(struct str line);
/* What an errno means, in the language of the messages. */
const char *cause_of(const struct cli *c, int error);
/* Fit for a terminal and for %s. */
const char *shown(struct cli *c, struct str s);
/* "; did you mean 'site'?" or "" when near is missing. */
const char *did_you_mean(struct cli *c, const char *before, struct str near);

/* Highest rank wins: 70, 2, 3, 5, 4, 1, 0. */
enum exit_code exit_worse(enum exit_code a, enum exit_code b);

#endif
