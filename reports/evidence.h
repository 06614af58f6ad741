/* evidence.h: data/evidence.json, written straight to the file in canonical form.
 *
 * Nothing is built in memory first: the size follows the findings, not the other way round.  Keys
 * are therefore written in byte order, which the JSON writer asserts. */
#ifndef VIGIE_REPORTS_EVIDENCE_H
#define VIGIE_REPORTS_EVIDENCE_H

#include "reports/bundle.h"

struct detector;

struct evidence_files { /* hashes of what was written before */
    struct sha256 records, ledger, effective, site;
    const struct sha256 *rules; /* by index in detectors[] */
    struct sha256 scoring;
};

void evidence_write(struct out *o, const struct bundle_input *in,
                    const struct evidence_files *files);

/* Parts of it (evidence_findings.c). */
struct jw;
void evidence_findings(struct jw *w, const struct bundle_input *in);
void evidence_sessions(struct jw *w, const struct bundle_input *in);
/* "F-0001" for the first cluster. */
#define FINDING_ID_MAX 16
void finding_id(size_t index, char out[FINDING_ID_MAX]);

#endif
