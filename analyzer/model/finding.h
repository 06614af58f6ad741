/* finding.h: reasons, clusters and the two conclusions, which are never merged.
 *
 * A reason is one observation by one detector with its statistic, sample size, null model and
 * log-likelihood ratio (thousandths of log10, already capped).  A finding is what a cluster of linked
 * sessions supports: automated access, and separately bulk booking. */
#ifndef VIGIE_MODEL_FINDING_H
#define VIGIE_MODEL_FINDING_H

#include "analyzer/base/lang.h"
#include "analyzer/model/session.h"

enum family {
    FAMILY_LATENCY, FAMILY_STRUCTURE, FAMILY_REGULARITY, FAMILY_NETWORK, FAMILY_IDENTITY,
    FAMILY_LIFECYCLE, FAMILY_COORDINATION, FAMILY_COUNT
};
extern const char *const family_names[FAMILY_COUNT];

struct detector;
struct named_int {
    const char *name; /* static */
    int64_t value;
};
enum { REASON_INPUTS_MAX = 10 };

struct reason {
    const struct detector *detector;
    enum family family;
    bool automated, bulk;     /* which conclusions it may support */
    int32_t llr_milli;        /* 1000 log10 LR after the cap; negative speaks against */
    int32_t cap_milli;        /* the cap that applied */
    int32_t pool_cap_milli;   /* of all reasons of this kind in one cluster together */
    uint32_t n;               /* observations */
    const char *null_model;   /* static id, e.g. "builtin-human-gaps-1" */
    struct named_int inputs[REASON_INPUTS_MAX]; /* statistic and what it was made from, integers */
    uint8_t inputs_count;
    uint32_t *acts;           /* indices into the session's acts (session reasons) */
    uint32_t acts_count;
    uint32_t session;         /* the session it is about, or UINT32_MAX for the whole cluster */
    struct str subject;       /* what it is about: a mailbox, an address; missing when none */
    struct text says;         /* one sentence with the numbers filled in; lives in the findings' arena */
};

enum level { LEVEL_NONE, LEVEL_WEAK, LEVEL_MODERATE, LEVEL_MODERATELY_STRONG, LEVEL_STRONG, LEVEL_VERY_STRONG,
             LEVEL_EXTREMELY_STRONG, LEVEL_COUNT };
extern const char *const level_names[LEVEL_COUNT]; /* keys, never translated */
extern const struct text level_texts[LEVEL_COUNT];
enum level level_of(int32_t llr_milli); /* DETECTION section 6: 2, 10, 100, 1e3, 1e4, 1e6 */

struct conclusion {
    bool tested;            /* false: nothing of the kind could be seen; the rest is then zero */
    bool concluded;
    int32_t llr_milli;
    int32_t score_permille; /* 1000 LR/(1+LR) at even prior: an ordering, not a probability */
    enum level level;
    uint32_t families;      /* bit mask of the families that carried it */
    int32_t family_llr_milli[FAMILY_COUNT];
};

/* How a group's weight in one family follows from its reasons (detectors/score.h). */
struct family_sum {
    bool tested;            /* at least one reason of the family counts in this conclusion */
    int32_t sessions_milli; /* sum over sessions, each within its bounds */
    int32_t cap_milli;      /* of that sum: the largest pool cap of a positive session reason */
    int32_t group_milli;    /* the strongest reason about the whole group, 0 when none */
};

struct hypothesis { /* H1 script, H2 human+autofill, H3 intermediary, H4 shared address, H5 monitoring */
    const char *id;
    struct text name, expected, observed;
    const char *status; /* "supports", "against", "not_tested" */
};

/* Why two sessions belong together: one line of the proof. */
struct link {
    uint32_t a, b;          /* session ids */
    const char *kind;       /* "email", "cookie", "address_agent", ... static */
    struct str value;
    int32_t weight_milli;   /* 1000 log2(m/u) */
};

struct cluster {
    uint32_t id;            /* smallest session id in it */
    uint32_t *sessions;     /* ascending, at most cluster_sessions_max; links may name more */
    uint32_t sessions_count;
    struct link *links;     /* spanning tree */
    uint32_t links_count;
    struct reason *reasons; /* of its sessions and of the whole, strongest first */
    uint32_t reasons_count;
    struct conclusion automated, bulk;
    struct family_sum automated_sums[FAMILY_COUNT], bulk_sums[FAMILY_COUNT];
    struct hypothesis *hypotheses;
    uint32_t hypotheses_count;
    struct text *limits;    /* what was not tested and why */
    const char **limit_codes;
    uint32_t limits_count;
};

/* A detector that could not run here, and why. */
struct not_testable {
    const struct detector *detector;
    struct text why;
};

struct findings {
    const struct session *const *sessions; /* kept sessions, ascending id */
    uint32_t sessions_count;
    struct conclusion *session_automated;  /* parallel to sessions: of each session alone */
    struct conclusion *session_bulk;
    struct reason *reasons;                /* of sessions, grouped by session in id order */
    uint32_t reasons_count;
    struct cluster *clusters;              /* all with a reason; concluded ones first, then by llr */
    uint32_t clusters_count;
    uint32_t *session_cluster;             /* parallel to sessions: index into clusters, UINT32_MAX when none */
    uint32_t *session_reasons;             /* parallel, and one more: reasons[session_reasons[i]..[i + 1]) */
    struct not_testable *not_testable;
    uint32_t not_testable_count;
    struct detect *scores;                 /* judges sessions that were not kept; private to detectors/ */
    uint64_t sessions_seen;                /* closed in all, kept or not */
    uint64_t addresses_seen;
    struct arena arena;
};

#endif
