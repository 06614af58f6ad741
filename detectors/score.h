/* score.h: from reasons to the two conclusions, with fixed published weights.
 *
 * Only reasons count, so that every total can be recomputed from what a finding lists; the rule in
 * words (scoring_text) is part of every bundle and `vigie verify` follows it.  No family exceeds
 * SCORE_CAP_MILLI: 77 people without a false positive support a likelihood ratio of 78 at most
 * (ELUB; Vergeer et al. 2016), until a site is calibrated. */
#ifndef VIGIE_DETECTORS_SCORE_H
#define VIGIE_DETECTORS_SCORE_H

#include "detectors/run.h"

enum {
    SCORE_VERSION = 1,            /* changes whenever a total or a conclusion could */
    SCORE_CAP_MILLI = 1892,       /* 1000 log10 78, of one family */
    SCORE_TOTAL_CAP_MILLI = 3784, /* of all families together: two independent ones at their caps */
    SCORE_REASON_MILLI = 300,     /* what supports less is no reason: LR 2 */
    SCORE_SESSION_LEAST = -1000,  /* what one session may at most say against */
    SCORE_AUTOMATED_MILLI = 1500, /* automated access is concluded from here */
    SCORE_BULK_MILLI = 2000,      /* bulk booking is concluded from here, and only with ... */
    SCORE_BULK_FAMILIES = 2,      /* ... so many families that carry it ... */
    SCORE_BULK_FAMILY_MILLI = 700,/* ... of at least this each (LR 5), before the weight, ... */
    SCORE_BULK_PERSONS = 3        /* ... and as many bookings or identities, at least */
};

enum conclusion_kind { CONCLUSION_AUTOMATED, CONCLUSION_BULK, CONCLUSION_KINDS };

struct score_weight {
    int32_t automated_permille, bulk_permille;
    int32_t against_permille; /* of what speaks for a person, in both */
    int32_t least_milli;      /* below which it counts no further: 1000 log10 of the share of automata
                                 that show none of it, for all their sessions alike */
    bool carries_bulk;        /* one of those that bulk booking needs SCORE_BULK_FAMILIES of */
};
extern const struct score_weight score_weights[FAMILY_COUNT];
bool score_has_factors(int family); /* some detector's family */

/* The rule in words, and the numbers that stand in it. */
struct score_param {
    const char *name;
    int32_t value;
    const char *unit;
    struct text what;
};
extern const struct score_param score_params[];
extern const size_t score_params_count;
extern const struct text scoring_title, scoring_text;

/* How many bookings and people a cluster shows; what is more than one person's business. */
struct extent {
    uint32_t bookings;  /* submissions that were not refused */
    uint32_t mailboxes; /* distinct canonical e-mails */
    uint32_t persons;   /* the most distinct values of one kind of identity */
    uint32_t addresses; /* distinct address units */
};
struct extent score_extent(struct arena *a, const struct session *const *sessions, uint32_t n);
/* Bookings or people from which on it is more than one person's: the posted limit, but at least
 * SCORE_BULK_PERSONS. */
int64_t score_bulk_least(const struct site *site);

/* ---- the rule, step by step; shared with the verification ---- */

/* A session's weight in a family, within its bounds. */
int32_t score_of_session(int32_t strongest_reason_milli);
/* A group's weight in a family. */
int32_t score_of_group(int family, const struct family_sum *s);
/* A family's part of the total. */
int32_t score_part(enum conclusion_kind kind, int family, int32_t llr_milli);
int32_t score_total(enum conclusion_kind kind, const int32_t families[FAMILY_COUNT]);
/* Whether the total is enough; served: bookings or people, whichever are more. */
bool score_holds(enum conclusion_kind kind, const int32_t families[FAMILY_COUNT], int32_t total_milli,
                 int64_t served, int64_t bulk_least);

/* Of a single session, when it closes: no allocation. */
void score_session(const struct session *s, const struct tally *t, struct conclusion *automated,
                   struct conclusion *bulk);
/* Of a cluster, from its sessions' reasons (f, by index) and its own. */
void score_cluster(struct cluster *c, const struct findings *f, const uint32_t *indices,
                   const struct extent *e, int64_t bulk_least);

#endif
