/* args.h: from argv to choices. */
#ifndef VIGIE_CLI_ARGS_H
#define VIGIE_CLI_ARGS_H

#include "analyzer/cli/cli.h"

/* Language of messages before anything is understood: --lang in argv, else the environment. */
enum lang args_lang(int argc, char *const *argv, const char *(*env)(const char *name));
/* False with c->problem.  The first operand names the command, the others become INPUTS choices;
 * "--" ends the options, "-" is an operand. */
bool args_parse(struct cli *c, int argc, char *const *argv);

#endif
