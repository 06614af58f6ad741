/* detectors_fixture.h: sessions made by hand on a small booking site, as the session table would hand
 * them over. */
#ifndef VIGIE_TESTS_DETECTORS_FIXTURE_H
#define VIGIE_TESTS_DETECTORS_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>

#include "analyzer/base/fixed.h"
#include "detectors/conclude.h"

#define T0 INT64_C(1772352000000000) /* 2026-03-01T08:00:00Z */
#define MS INT64_C(1000)
#define SECOND INT64_C(1000000)

enum { HOME = 1, HOME_POST, PLANNING, CAPTCHA, CAPTCHA_POST, FORM, FORM_POST, ACCEPTED, STEPS = ACCEPTED };
enum { ACTS = 256, IDENTITIES = 16 };

struct world {
    struct arena a;
    struct settings settings;
    struct site site;
    struct site_step steps[STEPS];
    uint32_t next_id;
    uint64_t offset;
    uint32_t resolution_us;
    uint8_t time_meaning;
    uint32_t random; /* of the synthetic people */
};

static inline void world_step(struct world *w, int at, const char *method, const char *path, enum meaning m)
{
    w->steps[at - 1] = (struct site_step){.name = str_of(path), .method = str_of(method), .path = str_of(path),
                                          .meaning = m, .order = at, .needs_before = at > 1, .decision = true,
                                          .completes = at == ACCEPTED};
}

static inline struct world *world_new(uint32_t resolution_us)
{
    struct world *w = mem_alloc(sizeof *w);
    w->settings.limits = limits_default();
    w->resolution_us = resolution_us;
    w->time_meaning = TIME_MEANS_REQUEST_START;
    w->random = 12345;
    world_step(w, HOME, "GET", "/0", MEANING_LANDING);
    world_step(w, HOME_POST, "POST", "/0", MEANING_LANDING);
    world_step(w, PLANNING, "GET", "/4", MEANING_PLANNING);
    world_step(w, CAPTCHA, "GET", "/6", MEANING_CAPTCHA);
    world_step(w, CAPTCHA_POST, "POST", "/6", MEANING_CAPTCHA);
    world_step(w, FORM, "GET", "/8", MEANING_IDENTITY);
    world_step(w, FORM_POST, "POST", "/8", MEANING_SUBMITTED);
    world_step(w, ACCEPTED, "GET", "/9", MEANING_NONE);
    w->site = (struct site){.name = STR("small"), .steps = w->steps, .steps_count = STEPS,
                            .idle_us = 1800 * SECOND, .booking_limit = 1, .form_floor_us = 500000};
    return w;
}

static inline void world_free(struct world *w)
{
    arena_free(&w->a);
    mem_free(w);
}

static inline uint32_t world_random(struct world *w, uint32_t below)
{
    w->random = w->random * 1664525u + 1013904223u;
    return (w->random >> 8) % below;
}

/* cookie NULL: keyed by address and agent. */
static inline struct session *session_make(struct world *w, const char *address, const char *agent,
                                           const char *cookie)
{
    struct session *s = ARENA_NEW(&w->a, struct session);
    s->id = w->next_id++;
    s->key_kind = cookie != NULL ? KEY_COOKIE : KEY_ADDRESS_AGENT;
    s->key_value = str_of(cookie);
    s->agent = str_of(agent);
    if (address != NULL)
        assert_true(ip_parse(str_of(address), &s->client));
    s->clients[0] = s->client;
    s->clients_count = 1;
    s->acts = ARENA_ARRAY(&w->a, struct act, ACTS);
    s->identities = ARENA_ARRAY(&w->a, struct identity, IDENTITIES);
    s->resolution_us = w->resolution_us;
    s->time_meaning = w->time_meaning;
    s->closed_by = CLOSED_IDLE;
    s->has = HAS(PEER) | HAS(TIME) | HAS(METHOD) | HAS(TARGET) | HAS(STATUS) | HAS(AGENT) | HAS(REQUEST);
    return s;
}

/* The stamp is cut to the world's resolution, as a log's is. */
static inline void act_at(struct world *w, struct session *s, int step, int64_t time_us)
{
    assert_true(s->acts_count < ACTS);
    struct act *a = &s->acts[s->acts_count++];
    bool known = step > 0;
    bool post = known && w->steps[step - 1].method.p[0] == 'P';
    *a = (struct act){.time_us = time_us - time_us % w->resolution_us,
                      .offset = w->offset & ((UINT64_C(1) << 44) - 1), .length = 100,
                      .record = (w->offset / 100 + 1) & ((UINT64_C(1) << 36) - 1),
                      .step = (unsigned)(known ? step : 0) & 63, .method = post ? METHOD_POST : METHOD_GET,
                      .meaning = (unsigned)(known ? w->steps[step - 1].meaning : MEANING_NONE) & 15,
                      .status = 200, .duration_us = UINT32_MAX};
    w->offset += 100;
}

static inline void act_after(struct world *w, struct session *s, int step, int64_t gap_us, int64_t *now)
{
    *now += gap_us;
    act_at(w, s, step, *now);
}

static inline void identity_add(struct session *s, enum identity_kind kind, const char *value)
{
    assert_true(s->identities_count < IDENTITIES);
    s->identities[s->identities_count++] = (struct identity){
        .kind = kind, .value = str_of(value), .canonical = str_of(value), .rule = STR("domain-lower"),
        .act = s->acts_count > 0 ? s->acts_count - 1 : UINT32_MAX, .times = 1};
}

/* What the session table derives when a session closes. */
static inline void session_close(struct session *s)
{
    s->acts_total = s->acts_count;
    s->requests = s->acts_count + s->assets;
    s->first_us = s->acts[0].time_us;
    s->last_us = s->acts[s->acts_count - 1].time_us;
    for (uint32_t i = 0; i < s->acts_count; i++) {
        s->posts += s->acts[i].method == METHOD_POST;
        s->submissions += s->acts[i].method == METHOD_POST && s->acts[i].meaning == MEANING_SUBMITTED &&
                          s->acts[i].status < 400;
        s->steps_mask |= 1u << s->acts[i].meaning;
        if (i == 0)
            continue;
        int64_t gap = s->acts[i].time_us - s->acts[i - 1].time_us;
        int64_t ln = fixed_ln_milli(gap > 0 ? (uint64_t)gap : s->resolution_us / 2 + 1);
        s->gaps++;
        s->gap_sum_us += gap;
        s->gap_zero += gap == 0;
        s->gap_ln_sum_milli += ln;
        s->gap_ln_square_sum += (uint64_t)(ln * ln);
    }
}

/* A whole booking: the gap before each act drawn between least and most. */
static inline struct session *booking(struct world *w, struct session *s, int64_t start, int64_t least,
                                      int64_t most)
{
    int64_t now = start;
    for (int step = HOME; step <= ACCEPTED; step++)
        act_after(w, s, step, least + (int64_t)world_random(w, (uint32_t)((most - least) / MS + 1)) * MS, &now);
    s->assets = 12;
    return s;
}

static inline struct session *human_booking(struct world *w, struct session *s, int64_t start)
{
    return booking(w, s, start, 3 * SECOND, 60 * SECOND);
}

static inline struct session *robot_booking(struct world *w, struct session *s, int64_t start)
{
    booking(w, s, start, 40 * MS, 200 * MS);
    s->assets = 0;
    return s;
}

/* The reason itself; the test fails when there is none. */
static inline const struct reason *found(const struct reason *r)
{
    assert_non_null(r);
    if (r == NULL)
        abort(); /* not reached: cmocka does not tell the compiler that it never returns */
    return r;
}

/* The strongest reason of a family for one session of f, or NULL. */
static inline const struct reason *reason_of(const struct findings *f, uint32_t session, enum family family)
{
    for (uint32_t i = 0; i < f->sessions_count; i++) {
        if (f->sessions[i]->id != session)
            continue;
        for (uint32_t k = f->session_reasons[i]; k < f->session_reasons[i + 1]; k++)
            if (f->reasons[k].family == family)
                return &f->reasons[k];
    }
    return NULL;
}

static inline const struct reason *cluster_reason(const struct cluster *c, enum family family)
{
    for (uint32_t i = 0; i < c->reasons_count; i++)
        if (c->reasons[i].family == family)
            return &c->reasons[i];
    return NULL;
}

#endif
