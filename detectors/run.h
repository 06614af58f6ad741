/* run.h: running detectors on one session or cluster.
 *
 * While sessions close it only matters whether there is a reason, and nothing is allocated; when
 * conclusions are drawn, the same detectors run again on what was kept, first for the scores, then
 * to write their reasons with all their words. */
#ifndef VIGIE_DETECTORS_RUN_H
#define VIGIE_DETECTORS_RUN_H

#include "analyzer/base/mem.h"
#include "detectors/address.h"
#include "detectors/detector.h"

enum {
    DETECT_SCRATCH = 8,
    DETECT_DETECTORS_MAX = 64,
    DETECT_PARAMS_MAX = 16,
    DETECT_NOTES_MAX = 64
};

enum detect_mode { DETECT_REASONS, DETECT_SCORES, DETECT_WORDS };

/* What the detectors said of one session. */
struct tally {
    int32_t automated[FAMILY_COUNT], bulk[FAMILY_COUNT]; /* strongest result of each family */
    uint8_t tested_automated, tested_bulk;               /* by family */
    bool reason; /* at least one reason that supports a conclusion */
};

struct detect {
    const struct site *site;
    enum detect_mode mode;
    int64_t params[DETECT_DETECTORS_MAX][DETECT_PARAMS_MAX];
    bool disabled[DETECT_DETECTORS_MAX]; /* the sources lack what it needs */
    bool tested[DETECT_DETECTORS_MAX];   /* at least one session could be tested */
    struct text untested[DETECT_DETECTORS_MAX]; /* why a session could not be */
    /* what is known of the run */
    const struct address_table *addresses;
    const struct session *const *sessions; /* kept, ascending id; NULL while the run goes on */
    uint32_t sessions_count;
    uint64_t total, with_assets;
    int64_t first_us;
    /* what is under test */
    struct tally *tally;
    struct reason *reasons; /* grows in words mode */
    uint32_t reasons_count, reasons_cap;
    uint32_t session; /* id, or UINT32_MAX for a cluster */
    struct reason scratch[DETECT_SCRATCH];
    struct arena *arena;
    struct not_testable notes[DETECT_NOTES_MAX];
    uint32_t notes_count;
};

void detect_init(struct detect *x, const struct site *site, const struct settings *settings);
void detect_free(struct detect *x);
/* Marks the detectors that cannot run on these fields, and says why when the mode has words. */
void detect_fields(struct detect *x, uint32_t has, bool identities);
/* Runs every session detector.  In words mode the reasons are appended to x->reasons. */
void detect_run_session(struct detect *x, const struct session *s, struct tally *t);
/* Says of which detectors no session could be tested. */
void detect_close_notes(struct detect *x);
void detect_run_cluster(struct detect *x, const struct cluster *c);
/* Index of an id in kept sessions, UINT32_MAX when it was not kept. */
uint32_t session_find(const struct session *const *sessions, uint32_t n, uint32_t id);

#endif
