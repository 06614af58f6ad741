/* verify_text.h: VERIFY.txt: how to check the bundle with coreutils and jq alone, in two languages.
 */
#ifndef VIGIE_REPORTS_VERIFY_TEXT_H
#define VIGIE_REPORTS_VERIFY_TEXT_H

#include "reports/bundle.h"

/* What the text depends on; everything of it can be told from a finished bundle too. */
struct verify_steps {
    int64_t record; /* number of the first record whose bytes are in the bundle; -1: none */
    bool streamed;  /* a source came from standard input */
};
struct verify_steps verify_text_of(const struct bundle_input *in);
void verify_text_write(struct out *o, const struct verify_steps *t);

#endif
