/* detector.h: a detector is a const descriptor: one file, one line in detectors.def.
 *
 * It sees sessions and what is known of addresses, never parsers or reports.  All statistics are
 * integers or fixed point (detectors/stats/stat.h), so that two machines agree to the last digit.
 */
#ifndef VIGIE_DETECTORS_DETECTOR_H
#define VIGIE_DETECTORS_DETECTOR_H

#include "analyzer/model/finding.h"
#include "analyzer/model/settings.h"
#include "analyzer/site/site.h"

struct detector_param {
    const char *name;
    int64_t value, min, max;
    const char *unit;
    struct text what;
};

struct detect; /* what a running detector may ask; below */

struct detector {
    const char *name; /* "form-latency" */
    int version;      /* of the rule; changes whenever a conclusion could */
    enum family family;
    bool automated, bulk; /* conclusions it may support */
    struct text title;
    uint32_t needs;      /* HAS() fields without which it is not testable here */
    bool needs_identity; /* identity values (query, body or JSON fields) */
    const struct detector_param *params;
    size_t params_count;
    struct text rule;       /* the full rule in words */
    struct text innocent;   /* innocent explanations */
    struct text limits;     /* known limits */
    const char *null_model; /* id and origin of the null */
    int32_t cap_milli;      /* of one reason */
    /* Called for each closed session; NULL when it only looks at clusters. */
    void (*session)(const struct detector *d, struct detect *x, const struct session *s);
    /* Called for each cluster after linking. */
    void (*cluster)(const struct detector *d, struct detect *x, const struct cluster *c);
};

extern const struct detector *const detectors[]; /* in the order of detectors.def */
extern const size_t detectors_count;
const struct detector *detector_find(struct str name); /* NULL */

/* Value of a parameter in this run. */
int64_t detect_param(const struct detect *x, const struct detector *d, const char *name);
/* The test of this detector's family gave llr_milli on the session under test, though it is no
 * reason: what speaks for a person must reach the score too.  The strongest result of a family
 * counts. */
void detect_score(struct detect *x, const struct detector *d, int32_t llr_milli);
/* False while only a reason that supports a conclusion would matter: a detector that sees that it
 * has none may stop before it works out by how much. */
bool detect_wants_scores(const struct detect *x);
/* A new reason for the session or cluster under test; fill it before asking for another.  says is
 * written with detect_says. */
struct reason *detect_reason(struct detect *x, const struct detector *d);
/* Cites acts of the session by index. */
void detect_cite(struct detect *x, struct reason *r, const uint32_t *acts, size_t n);
/* The reason in words: a template of analyzer/model/sentence.h over the reason's own inputs, which
 * must all be added before. */
void detect_says(struct detect *x, struct reason *r, struct text template);
/* This detector cannot run on this input. */
void detect_not_testable(struct detect *x, const struct detector *d, struct text why);
/* The session under test could be tested, or not: the reason why not is told of the run only when no
 * session at all could be.  why: of static strings. */
void detect_tested(struct detect *x, const struct detector *d);
void detect_untested(struct detect *x, const struct detector *d, struct text why);
const struct site *detect_site(const struct detect *x);
const struct session *detect_session(const struct detect *x, uint32_t id); /* a kept session */
/* Statistics of an address unit (IPv4 address, IPv6 /64) over the whole run so far. */
struct address_use {
    uint32_t sessions;   /* closed sessions seen on it */
    uint32_t agents;     /* distinct declared agents, at most 255 */
    uint32_t cookies;    /* distinct session cookies, at most 65535 */
    uint32_t identities; /* distinct canonical e-mails, at most 65535 */
    uint32_t bookings;   /* submissions that were not refused */
};
struct address_use detect_address(const struct detect *x, const struct ip *unit);
uint64_t detect_sessions_total(const struct detect *x);
/* Closed sessions that loaded an asset; 0 while the run goes on. */
uint64_t detect_sessions_with_assets(const struct detect *x);
/* Earliest session start of the run; INT64_MIN while the run goes on. */
int64_t detect_first_us(const struct detect *x);
/* Adds a named integer to the reason. */
void detect_input(struct reason *r, const char *name, int64_t value);

#endif
