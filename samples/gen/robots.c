/* robots.c: monitors, bookers that wait for a release, and the reseller. */
#include "samples/gen/robots.h"

#include "samples/gen/people.h"
#include "samples/gen/site.h"

enum { REBOOK = 100, VALIDITY_TRIES = 9 }; /* runner.step values beside the shortcut's positions */

static struct browser script(struct world *w, struct runner *r, const char *agent, const char *address)
{
    struct browser b = {.agent = agent, .address = address, .version = 11, .quoted = true};
    b.cookie = site_cookie(w, &r->rng);
    b.port = (uint16_t)rng_between(&r->rng, 1024, 65000);
    return b;
}

static int64_t trip(struct runner *r)
{
    return rng_between(&r->rng, 18000, 65000);
}

/* -- monitors -- */

static void monitor_act(struct world *w, struct runner *r)
{
    struct reply a;
    if (r->browser.port++ == 65000)
        r->browser.port = 1024;
    if (r->step == 1 && w->site->grid) {
        a = site_grid(w, r, 7 * (r->count % 4), w->now_us);
    } else if (!w->site->grid) {
        a = site_open(w, r, PAGE_PLANNING, w->now_us);
    } else {
        a = site_open(w, r, PAGE_LANDING, w->now_us);
        a = site_send(w, r, PAGE_LANDING, a.end_us + trip(r));
        a = site_send(w, r, PAGE_DESK, a.end_us + trip(r));
        if (a.next == PAGE_NONE)
            a = site_open(w, r, PAGE_NONE, a.end_us + trip(r));
    }
    r->count++;
    int64_t next = a.end_us + r->period_us;
    if (r->jitter_us > 0)
        next += rng_between(&r->rng, 0, r->jitter_us);
    if (r->cron_us > 0) /* the second of the minute stays */
        next = (w->now_us / r->cron_us + 1) * r->cron_us + rng_between(&r->rng, 800000, 1400000);
    r->due_us = next < r->until_us ? next : NEVER_US;
}

void monitor_starts(struct world *w, uint32_t party, int64_t at_us, const struct monitor_plan *plan)
{
    struct runner *r = world_runner(w, party, monitor_act, at_us);
    r->browser = script(w, r, plan->agent, plan->address);
    r->browser.quoted = !plan->grid;
    r->period_us = plan->period_us;
    r->jitter_us = plan->jitter_us;
    r->cron_us = plan->cron_us;
    r->until_us = plan->until_us;
    r->step = plan->grid;
    world_visit(w, r);
}

/* -- the chain of posts a script sends -- */

/* Posts the shortcut from position `from` on with nothing shown in between; stops where the server does not
 * go along.  True when the identity was accepted. */
static bool post_chain(struct world *w, struct runner *r, int from, int64_t *at_us)
{
    bool submitted = false;
    for (int i = from; w->site->shortcut[i] != PAGE_DONE; i++) {
        enum page page = w->site->shortcut[i];
        if (r->proxies_count)
            r->browser.address = r->proxies[rng_below(&r->rng, r->proxies_count)];
        struct reply a = page == PAGE_PLANNING && w->site->pick ? site_pick(w, r, r->slot, *at_us)
                                                                 : site_send(w, r, page, *at_us);
        for (int again = 0; again < 4 && a.status == 502; again++)
            a = site_send(w, r, page, a.end_us + 3 * SECOND_US);
        *at_us = a.end_us + trip(r);
        if (page == PAGE_CAPTCHA && a.next == PAGE_CAPTCHA) { /* a wrong answer of the solver: once more */
            a = site_send(w, r, page, *at_us + rng_between(&r->rng, 9, 16) * SECOND_US);
            *at_us = a.end_us + trip(r);
        }
        if (a.status != 302 || (page == PAGE_PLANNING && r->slot < 0))
            return false;
        submitted |= page == PAGE_FORM;
    }
    return submitted;
}

/* Robots take the middle of the list, and the next client its neighbour. */
static void take_middle(struct world *w, struct runner *r)
{
    size_t n = site_free_count(w, w->now_us);
    r->slot = n ? site_free_slot(w, w->now_us, n / 2) : -1;
}

static void confirm(struct world *w, struct runner *r, int64_t at_us)
{
    struct reply a = site_open(w, r, PAGE_CONFIRM, at_us);
    site_send(w, r, PAGE_CONFIRM, a.end_us + trip(r));
}

/* -- bookers -- */

static void sweep_act(struct world *w, struct runner *r)
{
    r->browser.address = r->proxies[rng_below(&r->rng, r->proxies_count)];
    r->browser.port = (uint16_t)rng_between(&r->rng, 1024, 65000);
    struct reply a = w->site->grid ? site_grid(w, r, r->count, w->now_us) : site_open(w, r, PAGE_PLANNING, w->now_us);
    int64_t next = a.end_us + (a.status == 200 ? r->period_us : 3 * SECOND_US);
    r->due_us = next < r->until_us ? next : NEVER_US;
}

static void booking_act(struct world *w, struct runner *r)
{
    if (r->step == 0) { /* the cookie is fetched from the operator's own line, and the solver starts */
        r->browser.address = r->own_address;
        world_visit(w, r);
        site_open(w, r, w->site->grid ? PAGE_LANDING : PAGE_CAPTCHA, w->now_us);
        r->step = 1;
        r->due_us = r->release_us + rng_between(&r->rng, 400, 2600) * 1000;
        return;
    }
    take_middle(w, r);
    if (r->slot < 0)
        return;
    int64_t at = w->now_us + (r->count ? rng_between(&r->rng, 8, 19) * SECOND_US : 0);
    bool done = post_chain(w, r, 0, &at);
    r->browser.address = r->own_address;
    if (done)
        confirm(w, r, at + rng_between(&r->rng, 20, 40) * SECOND_US);
}

void booker_starts(struct world *w, uint32_t party, int64_t at_us, const struct booker_plan *plan)
{
    struct browser shared = {0};
    for (uint32_t i = 0; i < plan->weeks; i++) {
        struct runner *r = world_runner(w, party, sweep_act, at_us + 137000 * i);
        if (i == 0) {
            shared = script(w, r, plan->agent, plan->own_address);
            r->browser = shared;
            world_visit(w, r);
        }
        r->browser = shared;
        r->browser.greeted = true;
        r->visit = (uint32_t)w->visits_count - 1;
        r->proxies = plan->proxies;
        r->proxies_count = plan->proxies_count;
        r->period_us = SECOND_US;
        r->until_us = plan->until_us;
        r->count = (int32_t)(7 * i);
        r->browser.refused_permille = 40;
    }
    for (uint32_t i = 0; i < plan->clients; i++) {
        struct runner *r = world_runner(w, party, booking_act, plan->release_us - (45 - (int64_t)i) * SECOND_US);
        r->person = person_make(w, &r->rng);
        r->browser = script(w, r, plan->agent, plan->own_address);
        r->own_address = plan->own_address;
        r->proxies = plan->proxies;
        r->proxies_count = plan->proxies_count;
        r->release_us = plan->release_us;
        r->count = (int32_t)i % 2;
    }
}

/* -- the reseller -- */

/* One client after the other: the next mailbox of the list, an identity of the queue. */
static void next_client(struct world *w, struct runner *r)
{
    r->person = person_make(w, &r->rng);
    r->person.email = r->mailboxes[(uint32_t)r->count % r->mailboxes_count];
    r->browser.address = r->proxies[(uint32_t)r->count / 3 % r->proxies_count];
    r->browser.cookie = site_cookie(w, &r->rng);
    r->browser.greeted = false;
    r->browser.port = (uint16_t)rng_between(&r->rng, 1024, 65000);
    world_visit(w, r);
}

/* The end of validity is not known: it is tried day by day. */
static int64_t try_validities(struct world *w, struct runner *r, int64_t at_us)
{
    for (uint32_t day = 1; day <= VALIDITY_TRIES; day++) {
        r->person.validity = world_text(w, "%02u%%2F11%%2F2026", day + 3);
        at_us = site_send(w, r, PAGE_FORM, at_us).end_us;
        at_us += trip(r);
    }
    return at_us;
}

static bool book(struct world *w, struct runner *r, int64_t *at_us)
{
    uint32_t keep = r->proxies_count;
    r->proxies_count = 0; /* one address for one booking */
    bool ok = true;
    if (w->site->grid) {
        struct reply a = site_send(w, r, PAGE_LANDING, *at_us);
        a = site_send(w, r, PAGE_DESK, a.end_us + trip(r));
        *at_us = a.end_us + trip(r);
        a = site_pick(w, r, r->slot, *at_us);
        ok = a.next == PAGE_CAPTCHA;
        *at_us = a.end_us + rng_between(&r->rng, 9000, 31900) * 1000;
        ok = ok && post_chain(w, r, 3, at_us);
    } else {
        struct reply a = site_open(w, r, PAGE_CAPTCHA, *at_us);
        *at_us = a.end_us + rng_between(&r->rng, 9000, 31900) * 1000;
        ok = post_chain(w, r, 0, at_us);
    }
    r->proxies_count = keep;
    return ok;
}

/* A slot that was booked under a placeholder is cancelled and taken again for the buyer within seconds. */
static void hand_over(struct world *w, struct runner *r)
{
    int64_t at = w->now_us;
    int slot = r->slot;
    r->browser.referer = NULL;
    struct reply a = site_open(w, r, PAGE_CANCEL, at);
    a = site_send(w, r, PAGE_CANCEL, a.end_us + trip(r));
    if (a.status != 302)
        return;
    r->count++;
    next_client(w, r);
    r->slot = slot;
    at = a.end_us + rng_between(&r->rng, 700, 3200) * 1000;
    if (book(w, r, &at))
        confirm(w, r, at + rng_between(&r->rng, 15, 50) * SECOND_US);
}

static void reseller_act(struct world *w, struct runner *r)
{
    if (r->step == REBOOK) {
        r->step = 0;
        hand_over(w, r);
    } else {
        next_client(w, r);
        take_middle(w, r);
        int64_t at = w->now_us;
        if (r->slot < 0) {
            site_open(w, r, w->site->retry, at);
        } else if (book(w, r, &at)) {
            if (r->count == 2)
                at = try_validities(w, r, at);
            confirm(w, r, at + rng_between(&r->rng, 15, 50) * SECOND_US);
            if (rng_chance(&r->rng, r->rebook_permille))
                r->step = REBOOK;
        }
    }
    r->count++;
    if ((uint32_t)r->count < r->clients)
        r->due_us = w->now_us + 70 * SECOND_US + rng_between(&r->rng, r->period_us / 2, r->period_us * 3 / 2);
}

void reseller_starts(struct world *w, uint32_t party, int64_t at_us, const struct reseller_plan *plan)
{
    struct runner *r = world_runner(w, party, reseller_act, at_us);
    r->browser = script(w, r, plan->agent, plan->addresses[0]);
    r->proxies = plan->addresses;
    r->proxies_count = plan->addresses_count;
    r->mailboxes = plan->mailboxes;
    r->mailboxes_count = plan->mailboxes_count;
    r->period_us = plan->spacing_us;
    r->release_us = plan->release_us;
    r->rebook_permille = plan->rebook_permille;
    r->clients = plan->clients;
}
