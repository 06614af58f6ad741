/* help.h: help, version and shell completions, all from the option table. */
#ifndef VIGIE_CLI_HELP_H
#define VIGIE_CLI_HELP_H

#include "analyzer/base/out.h"
#include "analyzer/cli/cli.h"

/* Of one command, or of the program when command is COMMAND_COUNT. */
void help_write(struct out *o, enum command command, enum lang lang);
void version_write(struct out *o);
/* shell: "bash", "zsh" or "fish". */
void completions_write(struct out *o, struct str shell);
/* Words wrapped at 80 columns; later lines start at column indent. */
void help_wrap(struct out *o, struct str text, int indent);

#endif
