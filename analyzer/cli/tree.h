/* tree.h: the files below a folder, compared or removed. */
#ifndef VIGIE_CLI_TREE_H
#define VIGIE_CLI_TREE_H

#include "analyzer/base/out.h"
#include "analyzer/cli/cli.h"

/* Names relative to root, in byte order.  What is neither a file nor a folder is listed too, so that it is
 * noticed.  False with c->problem. */
bool tree_files(struct cli *c, struct str root, struct str **names, size_t *count);
struct tree_difference {
    uint64_t different, same, bytes;
};
/* Each difference is one line on o. */
bool tree_compare(struct cli *c, struct str bag, struct str again, struct out *o, struct tree_difference *d);
void tree_remove(struct cli *c, struct str root);

#endif
