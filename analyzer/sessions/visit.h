/* visit.h: an open session as the table holds it: small, because hundreds of thousands are open.
 *
 * Two cache lines hold what every event touches; addresses beyond the first, identities and a cookie's
 * text are rare and stand apart. */
#ifndef VIGIE_SESSIONS_VISIT_H
#define VIGIE_SESSIONS_VISIT_H

#include "analyzer/sessions/acts.h"
#include "analyzer/site/site.h"

#define VISIT_NONE UINT32_MAX
#define AGENT_NONE UINT32_MAX

struct visit_identity {
    struct visit_identity *next;
    enum identity_kind kind;
    uint32_t times;
    uint64_t offset; /* of the record that carried it first */
    uint16_t source;
    uint32_t length;
    char bytes[];
};

struct visit_more {
    struct visit_identity *identities, **identities_end;
    uint32_t identities_count;
    uint8_t clients_count;
    bool clients_full;
    struct ip clients[16]; /* beyond the first */
};

enum { VISIT_LIVE = 1, VISIT_COMPLETED = 2, VISIT_TRUNCATED = 4, VISIT_COOKIE = 8, VISIT_COOKIE_CUT = 16,
       VISIT_BOOKING = 32,        /* went as far as a captcha or further */
       VISIT_IDENTITIES_CUT = 64, /* with VISIT_TRUNCATED: more identity values than are kept, or a longer one */
       VISIT_CLIENTS_CUT = 128 }; /* with VISIT_TRUNCATED: more addresses than are kept */

struct visit {
    uint64_t key_hash;
    uint64_t agent_hash;
    struct ip client;   /* of the first event */
    int64_t first_us, last_us;
    int64_t touched_us; /* watermark at the last event */
    struct acts_list acts;
    uint32_t requests;

    uint32_t assets, errors, acts_total;
    uint32_t has;
    uint32_t resolution_us;
    uint32_t id;
    uint32_t next_unused;
    uint32_t agent;     /* index into the table's agents */
    char *cookie;       /* VISIT_COOKIE: cookie_len bytes */
    struct visit_more *more;
    uint16_t cookie_len;
    uint8_t meaning;
    uint8_t flags;
    uint8_t last_step;
};

/* What close.c needs to turn a visit into sessions. */
struct closer {
    const struct site *site;
    const struct limits *limits;
    struct acts_pool *pool;
    struct arena arena; /* rewound after each visit */
    void (*closed)(void *user, const struct session *s);
    void *user;
    uint32_t *next_id;  /* for the further people of a mixture */
    int64_t run_first_us; /* first stamp of the run: what began just after it may have begun before */
    uint64_t acts_cut, clients_cut, identities_cut; /* sessions that reached that bound */
    uint64_t split, marked;
};

/* Hands one session, or several when a mixture was split, to c->closed.  agent: text, or missing. */
void closer_close(struct closer *c, const struct visit *v, struct str agent, enum closed_by why);

#endif
