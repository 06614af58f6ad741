/* verdict.h: what a check of `vigie verify` found, one line each: "file: cause". */
#ifndef VIGIE_REPORTS_VERDICT_H
#define VIGIE_REPORTS_VERDICT_H

#include "reports/verify.h"

enum cause {
#define CAUSE(name, severity, en, fr) CAUSE_##name,
#include "reports/verdict.def"
#undef CAUSE
    CAUSE_COUNT
};

struct verdicts {
    struct out *o;
    enum lang lang;
    bool strict; /* the bag is vigie's own: its warnings are failures */
    struct verify_result *result;
    uint32_t seen[CAUSE_COUNT]; /* how often each was said; for tests, and to stop repeating */
};

const char *cause_name(enum cause c);
/* detail: what it is about, in parentheses; missing when the cause says all. */
void verdict(struct verdicts *v, enum cause c, struct str file, struct str detail);

#endif
