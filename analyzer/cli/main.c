/* main.c: understand argv, walk the table of commands, return an exit code. */
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "analyzer/base/fault.h"
#include "analyzer/base/hash.h"
#include "analyzer/cli/args.h"
#include "analyzer/cli/commands.h"
#include "analyzer/cli/config.h"
#include "analyzer/cli/help.h"
#include "analyzer/cli/resolve.h"
#include "analyzer/cli/result.h"
#include "analyzer/cli/signals.h"
#include "reports/bundle.h"

static enum exit_code (*const commands[COMMAND_COUNT])(struct cli *) = {
#define COMMAND(id, operands, en, fr, more_en, more_fr) cmd_##id,
#include "analyzer/cli/options.def"
};

/* Any thread may end here, so nothing below allocates. */
static void out_of_memory(void)
{
    static const char line[] = "vigie: out of memory; nothing unfinished is left behind\n";
    (void)!write(STDERR_FILENO, line, sizeof line - 1);
    results_abandon();
    bundle_abandon();
    _exit(EXIT_INTERNAL);
}

/* A folder of rotated logs may have more files than a shell lets a program open. */
static void allow_many_files(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return;
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files); /* refused: opening says so, file by file */
}

static const char *environment(const char *name)
{
    return getenv(name);
}

/* --help and its like: answered before anything is read. */
static bool answers_at_once(struct cli *c, struct out *o)
{
    if (choice_flag(c, OPTION_HELP))
        help_write(o, c->command, c->lang);
    else if (choice_flag(c, OPTION_VERSION))
        version_write(o);
    else if (choice_flag(c, OPTION_CONFIG_SCHEMA))
        config_schema(o);
    else if (choice_of(c, OPTION_COMPLETIONS) != NULL)
        completions_write(o, choice_text(c, OPTION_COMPLETIONS));
    else
        return false;
    return true;
}

static enum exit_code obey(struct cli *c, int argc, char *const *argv)
{
    if (!args_parse(c, argc, argv) || !config_read(c) || !resolve_general(c))
        return EXIT_USAGE;
    struct out o = out_fd(STDOUT_FILENO, 1 << 16);
    bool answered = answers_at_once(c, &o);
    if (!stdout_close(c, &o))
        return EXIT_INTERNAL;
    if (answered)
        return EXIT_NOTHING;
    if (c->command != COMMAND_COUNT)
        return commands[c->command](c);
    refuse(c, "no command is given (see vigie --help)", "aucune commande n'est donnée (voir vigie --help)");
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    fault_init();
    mem_on_exhausted(out_of_memory);
    hash_init();
    signals_install();
    allow_many_files();
    struct cli c = {.lang = args_lang(argc, argv, environment)};
    enum exit_code code = obey(&c, argc, argv);
    if (c.problem.p != NULL)
        complain_line(c.problem);
    arena_free(&c.arena);
    return (int)code;
}
