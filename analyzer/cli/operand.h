/* operand.h: commands that take one folder. */
#ifndef VIGIE_CLI_OPERAND_H
#define VIGIE_CLI_OPERAND_H

#include "analyzer/cli/cli.h"

/* The one operand, an existing folder.  False with c->problem and *code. */
bool one_folder(struct cli *c, struct str *folder, enum exit_code *code);
/* A missing name is fine. */
bool folder_exists(struct cli *c, struct str folder, enum exit_code *code);

#endif
