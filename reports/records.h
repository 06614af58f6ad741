/* records.h: data/records.jsonl: every cited record with its bytes and what was read in them. */
#ifndef VIGIE_REPORTS_RECORDS_H
#define VIGIE_REPORTS_RECORDS_H

#include "reports/bundle.h"

/* One canonical JSON object a line, in the order of in->cited; the line number from 0 is `seq`. */
void records_write(struct out *o, const struct bundle_input *in);

#endif
