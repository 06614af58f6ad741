/* verify.h: checks a bundle, or any BagIt bag, without trusting who made it.
 *
 * Each failure is one line "file: cause"; checks go on after a failure so that all are named. */
#ifndef VIGIE_REPORTS_VERIFY_H
#define VIGIE_REPORTS_VERIFY_H

#include "analyzer/base/lang.h"
#include "analyzer/base/out.h"
#include "analyzer/base/status.h"

struct verify_options {
    struct str bag;
    struct str inputs;  /* folder with the sources, or missing */
    enum lang lang;
};
struct verify_result {
    uint64_t failures, warnings;
    uint64_t files, records, links, ranges; /* checked */
    bool foreign;       /* a bag that is not vigie's: only BagIt was checked */
};
/* OK: verified.  FAILED: failures were written to o.  FATAL: not a bag or unreadable. */
enum status verify_bag(const struct verify_options *v, struct out *o, struct verify_result *r);

#endif
