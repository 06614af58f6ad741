/* verify_text.h: VERIFY.txt: how to check the bundle with coreutils and jq alone, in two languages.
 */
#ifndef VIGIE_REPORTS_VERIFY_TEXT_H
#define VIGIE_REPORTS_VERIFY_TEXT_H

#include "reports/bundle.h"

void verify_text_write(struct out *o, const struct bundle_input *in);

#endif
