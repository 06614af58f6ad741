/* commands.h: one function a command, in the order of options.def. */
#ifndef VIGIE_CLI_COMMANDS_H
#define VIGIE_CLI_COMMANDS_H

#include "analyzer/cli/cli.h"

/* Each returns the exit code; what went wrong before or after the work is in c->problem. */
#define COMMAND(id, operands, en, fr, more_en, more_fr) enum exit_code cmd_##id(struct cli *c);
#include "analyzer/cli/options.def"

#endif
