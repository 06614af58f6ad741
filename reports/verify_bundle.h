/* verify_bundle.h: the second half of `vigie verify`: what an evidence bundle says, against its bytes. */
#ifndef VIGIE_REPORTS_VERIFY_BUNDLE_H
#define VIGIE_REPORTS_VERIFY_BUNDLE_H

#include "reports/bagit.h"

/* inputs: folder with the sources, or missing.  What is wrong goes to the verdicts of b. */
void verify_bundle(struct bagit *b, struct str inputs);

#endif
