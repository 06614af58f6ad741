/* report.h: diagnostics as lines on standard error. */
#ifndef VIGIE_CLI_REPORT_H
#define VIGIE_CLI_REPORT_H

#include "analyzer/base/diag.h"
#include "analyzer/cli/cli.h"
#include "analyzer/model/ledger.h"

/* "<source>: <severity>: <text>", escaped. */
void diag_line(struct out *o, const struct diag *d, const struct ledger *l, enum lang lang);
/* All of at least this severity, in the order of their first occurrence. */
void diags_print(const struct cli *c, const struct diags *d, const struct ledger *l, enum severity least);

#endif
