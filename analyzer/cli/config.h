/* config.h: configuration files: JSON objects whose keys are those of the option table.
 *
 * Schema: samples/schema/config.schema.json, printed by `vigie --config-schema`.  The document that a
 * bundle keeps as data/config/effective.json is such a file too. */
#ifndef VIGIE_CLI_CONFIG_H
#define VIGIE_CLI_CONFIG_H

#include "analyzer/base/out.h"
#include "analyzer/cli/cli.h"

/* Largest configuration file or key map that is read. */
enum { CONFIG_BYTES_MAX = 1 << 20 };

/* False with c->problem: what is wrong, with line and column and the nearest key. */
bool config_parse(struct cli *c, struct str name, struct str text);
/* The file named by --config, if any. */
bool config_read(struct cli *c);
/* Every key with what applies, defaults included; a configuration file that says the same. */
void config_print(struct cli *c, struct out *o);
void config_schema(struct out *o);
/* A small file whole; false with c->problem. */
bool config_file(struct cli *c, struct str name, struct str *text);
/* A file of at most so many bytes. */
bool config_file_upto(struct cli *c, struct str name, uint64_t most, struct str *text);

#endif
