/* origin.h: the sources a bundle was made from, found again. */
#ifndef VIGIE_CLI_ORIGIN_H
#define VIGIE_CLI_ORIGIN_H

#include "analyzer/cli/cli.h"
#include "analyzer/model/settings.h"

/* Each source of data/ledger.json in folder, by name, then by SHA-256: s->places.  False with c->problem
 * and *code: 3 when one is missing, 5 when a file has the name but not the bytes. */
bool origin_find(struct cli *c, struct str bag, struct str folder, struct settings *s, enum exit_code *code);

#endif
