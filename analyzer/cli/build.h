/* build.h: which build of the program made a bundle. */
#ifndef VIGIE_CLI_BUILD_H
#define VIGIE_CLI_BUILD_H

#include "analyzer/base/out.h"
#include "analyzer/cli/cli.h"

/* Where two bundles were made by different builds: one line on o that says which, and whether anything else
 * differs.  different: how many files do. */
void build_say(struct cli *c, struct str bag, struct str again, uint64_t different, struct out *o);

#endif
