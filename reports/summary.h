/* summary.h: what security staff read at the end of a run, in English or French. */
#ifndef VIGIE_REPORTS_SUMMARY_H
#define VIGIE_REPORTS_SUMMARY_H

#include "reports/bundle.h"

struct summary_options {
    enum lang lang;
    bool color;
    int width;      /* columns; 80 when not a terminal */
    struct str out; /* where the bundle is, or missing */
    uint64_t cited; /* records in the bundle */
    bool partial;
};
void summary_write(struct out *o, const struct bundle_input *in, const struct summary_options *opt);

#endif
