/* session.h: one visit to the booking site, rebuilt.
 *
 * A session keeps its decision events (pages, posts, slot clicks: the acts of a person or a script),
 * counters for the rest, its addresses, identities, funnel steps and the reason it closed.  All sums
 * are of the kind that add (counts, minima, maxima, sums of fixed-point logs), so that two fragments
 * of one session merge into the session of the whole. */
#ifndef VIGIE_MODEL_SESSION_H
#define VIGIE_MODEL_SESSION_H

#include "analyzer/base/hash.h"
#include "analyzer/model/event.h"

/* What a step of the funnel means; step.def is shared with the site profile's schema. */
enum meaning {
    MEANING_NONE, /* a decision event that is no step of the funnel */
    MEANING_LANDING, MEANING_DESK, MEANING_PLANNING, MEANING_SLOT, MEANING_CAPTCHA, MEANING_IDENTITY,
    MEANING_SUBMITTED, MEANING_CONFIRM, MEANING_CANCEL,
    MEANING_COUNT
};
extern const char *const meaning_names[MEANING_COUNT]; /* "none", "landing", ... */

/* A cited record, packed: it is the most numerous thing in memory (32 bytes). */
struct act {
    int64_t time_us;
    uint64_t offset : 44;
    uint64_t length : 20;
    uint64_t record : 36;
    uint64_t step : 6;    /* index into the profile's steps + 1; 0: none */
    uint64_t referer_step : 6; /* the step its referer names; 0: none */
    uint64_t method : 4;  /* enum method */
    uint64_t meaning : 4; /* enum meaning */
    uint64_t flags : 8;   /* ACT_ */
    uint16_t source;
    uint16_t status;
    uint32_t duration_us; /* UINT32_MAX: not logged or longer */
};
enum {
    ACT_RETRY = 1,        /* same step as the act before */
    ACT_SKIPPED = 2,      /* the funnel step before this one was never seen */
    ACT_NO_REFERER = 4,
    ACT_FOREIGN_REFERER = 8, /* referer names a page this session was not on */
    ACT_IDENTITY = 16     /* carried an identity value */
};

enum identity_kind { IDENTITY_EMAIL, IDENTITY_AGDREF, IDENTITY_PHONE, IDENTITY_NAME, IDENTITY_KINDS };
extern const char *const identity_names[IDENTITY_KINDS]; /* "email", "agdref", "phone", "name" */

struct identity {
    enum identity_kind kind;
    struct str value;     /* decoded, trimmed, as given */
    struct str canonical; /* mailbox or digits after the rule below; never empty */
    struct str rule;      /* id of the rule that made it, e.g. "gmail-dots-plus", "domain-lower" */
    uint32_t act;         /* index of the act that carried it; UINT32_MAX when that act was not kept */
    uint32_t times;
};

enum key_kind { KEY_COOKIE, KEY_ADDRESS_AGENT };
enum closed_by {
    CLOSED_IDLE,       /* no request for the site's idle time */
    CLOSED_COMPLETED,  /* the funnel's last step, then a new start */
    CLOSED_END,        /* end of input */
    CLOSED_EVICTED,    /* too many sessions open */
    CLOSED_INTERRUPTED, /* the program was told to stop */
    CLOSED_OPEN        /* not closed: shown as it stands, in an alert */
};
extern const char *const closed_by_names[];

enum mixture { MIXTURE_NO, MIXTURE_SPLIT, MIXTURE_MARKED };

struct session {
    uint32_t id;           /* order of the first event within the run, from 0 */
    enum key_kind key_kind;
    struct str key_value;  /* cookie value, or missing */
    struct str agent;      /* of the first event; missing when not logged or not kept */
    struct ip client;      /* of the first event */
    struct ip clients[16];
    uint8_t clients_count; /* at most session_clients_max; clients_more says there were others */
    bool clients_more;
    int64_t first_us, last_us;
    uint32_t requests, assets, errors; /* errors: status >= 400 */
    uint32_t acts_total;               /* decision events, kept or not */
    struct act *acts;                  /* sorted by (time, source, offset); the first acts_count */
    uint32_t acts_count;
    bool truncated;                    /* acts_count < acts_total, or another bound was reached */
    uint32_t steps_mask;               /* by meaning: seen */
    uint32_t posts, retries, skipped;
    uint32_t submissions;              /* kept posts of the submitting step that were not refused (status < 400);
                                          at most 1 where that step stands for every page below a path */
    struct identity *identities;
    uint32_t identities_count;
    enum closed_by closed_by;
    enum mixture mixture;
    uint32_t resolution_us;            /* worst of its events */
    uint8_t time_meaning;              /* common meaning, or unknown */
    uint32_t has;                      /* fields its records carried */
    /* gaps between successive kept decision events, in fixed point (analyzer/base/fixed.h) */
    uint32_t gaps;
    int64_t gap_sum_us;
    uint64_t gap_zero;                 /* gaps of 0 */
    int64_t gap_ln_sum_milli;          /* sum of 1000 ln(gap / 1 us), gaps of 0 counted as half the resolution */
    uint64_t gap_ln_square_sum;        /* sum of (1000 ln)^2 */
};

/* Stable public id: "S-" and 16 hex digits of SHA-256 over the key and the place of the first record (source's
 * index and offset), hence the same for a log, its gzip file and a pipe of it. */
#define SESSION_ID_MAX 19
void session_public_id(const struct session *s, char out[SESSION_ID_MAX]);

#endif
