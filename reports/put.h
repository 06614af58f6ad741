/* put.h: the few shapes that recur in evidence.json.
 *
 * House rules of the bundle (EVIDENCE: canonical form): integers only, |n| < 2^53, ASCII keys, no
 * U+007F, so that `jq -cSj .` gives the same bytes; logged text is written with \xHH for every byte
 * that is not plainly printable, its exact bytes stand in records.jsonl. */
#ifndef VIGIE_REPORTS_PUT_H
#define VIGIE_REPORTS_PUT_H

#include "analyzer/base/json.h"
#include "analyzer/base/lang.h"
#include "analyzer/base/hash.h"
#include "detectors/put.h"

void put_count(struct jw *w, const char *key, uint64_t v);
void put_us(struct jw *w, const char *key, int64_t us); /* null when it cannot be written exactly */
void put_sha256(struct jw *w, const char *key, const struct sha256 *h);
void put_source_id(struct jw *w, const char *key, uint32_t source); /* "SRC-0001" for source 0 */
/* {"status": "not_produced", "why": {...}}: a section that this version leaves empty, and why. */
void put_not_produced(struct jw *w, const char *key, struct text why);

#define SOURCE_ID_MAX 16
void source_id(uint32_t source, char out[SOURCE_ID_MAX]);

#endif
