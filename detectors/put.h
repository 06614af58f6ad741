/* put.h: what --sessions, --findings and evidence.json say in the same shape, written once.
 *
 * Text that was logged is written with \xHH for every byte that is not plainly printable, numbers are
 * integers below 2^53 (EVIDENCE: canonical form), keys stand in byte order. */
#ifndef VIGIE_DETECTORS_PUT_H
#define VIGIE_DETECTORS_PUT_H

#include "analyzer/base/json.h"
#include "analyzer/model/finding.h"

/* {"en": ..., "fr": ...}; from slices made while running, escaped. */
void put_text(struct jw *w, const char *key, struct text t);
void put_two(struct jw *w, const char *key, struct str en, struct str fr);
void put_logged(struct jw *w, const char *key, struct str s); /* missing: null */
void put_int(struct jw *w, const char *key, int64_t v);       /* cut to |n| < 2^53 */
void put_session_id(struct jw *w, const char *key, const struct session *s); /* NULL: null */

/* A conclusion; sums: how each family's weight follows, NULL for a session. */
void put_conclusion(struct jw *w, const char *key, const struct conclusion *c,
                    const struct family_sum *sums);
void put_hypotheses(struct jw *w, const struct cluster *c);
void put_limits(struct jw *w, const struct cluster *c);
/* The links between the first `listed` sessions of the cluster. */
void put_links(struct jw *w, const struct findings *f, const struct cluster *c, uint32_t listed);
/* A reason, in two parts: what stands before "records" and what stands after. */
void put_reason_begin(struct jw *w, const struct reason *r);
void put_reason_end(struct jw *w, const struct findings *f, const struct reason *r);

#endif
