/* conclude.h: from closed sessions to findings: run detectors, link, score.
 *
 * The engine hands over every closed session; what no detector, identity or booking step marks as
 * worth keeping is folded into the address statistics and forgotten, so memory follows the number
 * of suspicious or identified sessions, not the traffic. */
#ifndef VIGIE_DETECTORS_CONCLUDE_H
#define VIGIE_DETECTORS_CONCLUDE_H

#include "analyzer/base/diag.h"
#include "detectors/detector.h"

struct conclude;

/* fields: HAS() bits the sources carry may arrive later through conclude_fields. */
struct conclude *conclude_new(const struct site *site, const struct settings *settings);
void conclude_fields(struct conclude *c, uint32_t has);
/* True when the session was kept (it has a copy of its own). */
bool conclude_session(struct conclude *c, const struct session *s);
/* What a session shows by itself, kept or not: llr_milli orders sessions, below zero it speaks for
 * a person. */
struct session_result {
    struct conclusion automated, bulk;
};
struct session_result conclude_session_result(struct conclude *c, const struct session *s);
/* A kept session, by its index in f, with its group's conclusion: it shares that only where it points
 * the same way itself. */
struct session_result conclude_with_group(const struct findings *f, uint32_t session);
/* A session that is still open, as it stands: part of the next conclusions only (watch's alerts). */
void conclude_open_session(struct conclude *c, const struct session *s);
/* Conclusions on what is known now; may be called again later with more sessions (watch).
 * Deterministic in the set of sessions given, whatever their order.  The result belongs to c until
 * the next call. */
const struct findings *conclude_now(struct conclude *c);
void conclude_report(const struct conclude *c, struct diags *d);
void conclude_free(struct conclude *c);

/* One JSON object a line: a session, with what was concluded of it.  Of a session that was not kept
 * the scores are computed again, without reasons; f NULL: nothing was concluded. */
struct jw;
struct session_sources {
    const struct sha256 *sha256; /* by source index */
    const struct str *names;
    bool records; /* write records[] */
};
void session_write_json(struct jw *w, const struct session *s, const struct site *site,
                        const struct findings *f, const struct session_sources *sources);
void finding_write_json(struct jw *w, const struct cluster *c, const struct findings *f,
                        const struct site *site, const struct session_sources *sources);

/* Public id of a cluster: "C-" and the digits of its first session's.  "C-" alone when that is
 * unknown. */
void cluster_public_id(const struct cluster *c, const struct findings *f, char out[SESSION_ID_MAX]);

#endif
