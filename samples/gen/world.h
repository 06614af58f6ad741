/* world.h: the simulated day: who acts when, and the requests that come of it.
 *
 * A party is what the truth file names: one person or one operator of robots.  A runner is one thread of
 * action (a browser, a script's thread) of a party; it is woken at due_us, acts, and says when next.  A
 * visit is what one cookie did.  Requests are kept until the end and written in the server's order. */
#ifndef GEN_WORLD_H
#define GEN_WORLD_H

#include <stddef.h>
#include <stdint.h>

#include "samples/gen/rng.h"

#define SECOND_US INT64_C(1000000)
#define MINUTE_US (60 * SECOND_US)
#define HOUR_US (60 * MINUTE_US)
#define NEVER_US INT64_MAX

enum page {
    PAGE_LANDING, PAGE_DESK, PAGE_NATURE, PAGE_PLANNING, PAGE_NONE, PAGE_CAPTCHA, PAGE_FORM, PAGE_RECAP,
    PAGE_DONE, PAGE_CONFIRM, PAGE_CANCEL,
    PAGE_COUNT
};

/* All text is interned in the world and lives as long as it. */
struct request {
    int64_t start_us, end_us;
    const char *method, *target, *referer, *body; /* "" when not sent; no method: target is the raw line */
    const char *address, *agent, *cookie;
    uint32_t visit, sequence, bytes;
    uint16_t status, port;
    uint16_t version; /* 11, 20 */
};

struct visit {
    uint32_t party;
    const char *cookie;
    const char *email;   /* NULL: none given */
    int64_t slot;        /* 0: none booked */
    uint32_t requests;
};

struct party {
    const char *class;
    char id[16];
    bool offender;  /* books in bulk against the rules */
    bool automated; /* software acted, innocently or not */
    bool bulk;      /* many identities booked by one hand */
};

struct person {
    const char *first, *last, *email, *agdref, *postcode, *validity;
    int32_t mu_milli, sigma_milli; /* of ln(think time / 1 s) */
    int32_t key_us;                /* a key stroke */
    bool autofill;
};

struct browser {
    const char *agent, *address, *cookie, *referer;
    uint16_t port, version;
    uint16_t refused_permille; /* requests that the firewall in front refuses */
    uint16_t pictures;         /* pages whose picture is in the cache, a bit each */
    bool assets; /* loads what pages name */
    bool warm;   /* has them in its cache */
    bool greeted; /* has been given its cookie: a first request carries none */
    bool quoted; /* script: labels encoded twice */
    bool failed; /* the last answer refused what was sent */
};

struct world;
struct runner {
    void (*act)(struct world *w, struct runner *r);
    int64_t due_us; /* NEVER_US: finished */
    struct rng rng;
    struct browser browser;
    struct person person;
    uint32_t party, visit, index;
    enum page page;
    int slot;              /* index of the slot held, -1 none */
    int64_t release_us;    /* a release it waits for, or 0 */
    int32_t tries, step, count;
    const char *token;     /* of the mail's link */
    /* scripts */
    int64_t period_us, until_us;
    int64_t jitter_us, cron_us;
    const char *own_address;      /* the operator's own line */
    const char *const *mailboxes; /* the boxes turned over */
    const char *const *proxies;
    uint32_t mailboxes_count, proxies_count, clients, rebook_permille;
};

enum slot_state { SLOT_FREE, SLOT_HELD, SLOT_TAKEN };
struct slot {
    int64_t start;      /* unix seconds of the appointment */
    int64_t release_us; /* when it is published */
    int64_t held_until_us;
    enum slot_state state;
    const char *token;
};

struct site_model;
struct world {
    const struct site_model *site;
    uint64_t seed;
    int64_t day_us;       /* local midnight, as UTC */
    int32_t zone_s;
    uint32_t capacity;    /* page requests a second before answers fail */
    int64_t now_us;
    struct request *requests;
    struct visit *visits;
    struct party *parties;
    struct runner **runners;
    struct slot *slots;
    size_t requests_count, visits_count, parties_count, runners_count, slots_count;
    size_t requests_room, visits_room, parties_room, runners_room, slots_room;
    uint32_t *heap;       /* runner indices by (due_us, index) */
    size_t heap_count;
    struct load {
        int64_t second;
        uint32_t pages;
    } loads[256];         /* by second modulo 256: scripts are simulated some seconds ahead */
    char *block;          /* interned text */
    size_t block_left;
    void *blocks;
};

void world_init(struct world *w, const struct site_model *site, uint64_t seed, int64_t day_us);
void world_free(struct world *w);
/* Formatted text that lives as long as the world; at most 4,000 bytes. */
const char *world_text(struct world *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Zeroed room of the same lifetime, aligned for pointers; at most 4,000 bytes. */
void *world_room(struct world *w, size_t size);

uint32_t world_party(struct world *w, const char *class, bool offender, bool automated, bool bulk);
/* A runner due at due_us, its own stream of chance seeded; the pointer is stable. */
struct runner *world_runner(struct world *w, uint32_t party, void (*act)(struct world *, struct runner *),
                            int64_t due_us);
/* Starts a new visit of the runner under its browser's present cookie. */
void world_visit(struct world *w, struct runner *r);
void world_slot(struct world *w, int64_t start, int64_t release_us);
void world_request(struct world *w, const struct runner *r, struct request q);
void world_run(struct world *w);
/* Sorts the requests into the order in which a server writes them. */
void world_order(struct world *w);

#endif
