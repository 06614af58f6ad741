/* rules.h: data/rules/<detector>.v<version>.json: each rule in words, with the values in force. */
#ifndef VIGIE_REPORTS_RULES_H
#define VIGIE_REPORTS_RULES_H

#include "analyzer/model/settings.h"
#include "detectors/detector.h"

void rule_write(struct out *o, const struct detector *d, const struct settings *s);
/* "data/rules/form-latency.v1.json", in a. */
struct str rule_path(struct arena *a, const struct detector *d);

/* data/rules/scoring.v<version>.json: how the totals follow from the reasons. */
#define SCORING_ID "scoring"
void scoring_write(struct out *o, int64_t bulk_least);
struct str scoring_path(struct arena *a);

#endif
