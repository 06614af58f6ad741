/* people.c: invented applicants at their browsers. */
#include "samples/gen/people.h"

#include <stdio.h>

#include "samples/gen/site.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const char *const first_names[] = {
    "camille", "dominique", "claude", "sacha", "alix", "morgan", "charlie", "noa", "andrea", "maxime", "louison",
    "ange", "eden", "lou", "yael", "ariel", "robin", "jordan", "sasha", "stephane", "pascale", "gabriele", "marley",
    "nour", "amal", "kim", "loan", "ines", "karim", "leila", "ibrahim", "aminata", "wei", "linh", "pedro", "joana",
};
static const char *const last_names[] = {
    "durand", "martin", "petit", "moreau", "lefevre", "garnier", "chevalier", "roussel", "picard", "renard", "colin",
    "marchand", "barbier", "perrot", "daniel", "besson", "lemoine", "collet", "breton", "carre", "benali", "haddad",
    "diallo", "traore", "nguyen", "tran", "silva", "pereira", "kaya", "popescu", "ivanova", "singh", "rahman", "zhou",
};
static const char *const domains[] = {
    "gmail.com", "gmail.com", "gmail.com", "gmail.com", "outlook.fr", "hotmail.fr", "yahoo.fr", "orange.fr",
    "free.fr", "laposte.net", "icloud.com", "sfr.fr", "example.com", "example.org",
};

void agent_text(uint32_t n, char *out, size_t size)
{
    static const char *const phones[] = {"SM-A145R", "SM-S911B", "Pixel 7", "23021RAA2Y", "CPH2385", "SM-A546B"};
    uint32_t kind = n % 7, i = n / 7 % 60;
    if (kind == 0)
        snprintf(out, size,
                 "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
                 "Chrome/%u.0.0.0 Safari/537.36", 118 + i % 30);
    if (kind == 1)
        snprintf(out, size, "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:%u.0) Gecko/20100101 Firefox/%u.0",
                 115 + i % 30, 115 + i % 30);
    if (kind == 2)
        snprintf(out, size,
                 "Mozilla/5.0 (iPhone; CPU iPhone OS %u_%u like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
                 "Version/%u.%u Mobile/15E148 Safari/604.1", 15 + i % 4, i / 4 % 8, 15 + i % 4, i / 4 % 8);
    if (kind == 3 || kind == 4)
        snprintf(out, size,
                 "Mozilla/5.0 (Linux; Android %u; %s) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%u.0.%u.%u "
                 "Mobile Safari/537.36", 11 + kind % 2 * 2 + i % 2, phones[i % 6], 120 + i / 6 % 10,
                 6099 + i / 6 % 10 * 33, 40 + kind);
    if (kind == 5)
        snprintf(out, size,
                 "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
                 "Version/%u.%u Safari/605.1.15", 15 + i % 4, i / 4 % 7);
    if (kind == 6)
        snprintf(out, size,
                 "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
                 "Chrome/%u.0.0.0 Safari/537.36 Edg/%u.0.%u.%u", 118 + i % 20, 118 + i % 20, 2210 + i % 20 * 17,
                 60 + i / 20);
}

struct person person_make(struct world *w, struct rng *rng)
{
    struct person p = {.first = first_names[rng_below(rng, COUNT(first_names))]};
    p.last = last_names[rng_below(rng, COUNT(last_names))];
    const char *domain = domains[rng_below(rng, COUNT(domains))];
    uint32_t shape = rng_below(rng, 3);
    p.email = world_text(w, "%s%s%s.test%u@%s", p.first, shape == 0 ? "." : shape == 1 ? "_" : "", p.last,
                         10 + rng_below(rng, 9990), domain);
    p.agdref = world_text(w, "99%08u", rng_below(rng, 100000000));
    uint32_t department = 91 + rng_below(rng, 5), day = 1 + rng_below(rng, 28);
    p.postcode = world_text(w, "%02u%03u", department, rng_below(rng, 90) * 10);
    p.validity = world_text(w, "%02u%%2F%02u%%2F2026", day, 4 + rng_below(rng, 8));
    p.mu_milli = 2100 + 450 * rng_normal_milli(rng) / 1000;
    p.sigma_milli = 900 + 200 * rng_normal_milli(rng) / 1000;
    if (p.sigma_milli < 450)
        p.sigma_milli = 450;
    p.key_us = (int32_t)rng_between(rng, 160000, 420000);
    p.autofill = rng_chance(rng, 350);
    return p;
}

const char *address_v6(struct world *w, struct rng *rng, uint32_t network)
{
    uint32_t host[4];
    for (int i = 0; i < 4; i++)
        host[i] = 1 + rng_below(rng, 65535);
    return world_text(w, "2001:db8:%x:%x:%x:%x:%x:%x", network >> 8 & 0xffffu, network & 0xffu, host[0], host[1],
                      host[2], host[3]);
}

const char *address_carrier(struct world *w, struct rng *rng)
{
    uint32_t net = rng_below(rng, 4);
    return world_text(w, "100.64.%u.%u", net, 1 + rng_below(rng, 20));
}

/* Time from the page on the screen to the act that leaves it. */
static int64_t think(struct runner *r, enum page page)
{
    const struct person *p = &r->person;
    int64_t hurry = r->release_us ? -700 : 0;
    int64_t read = rng_lognormal_us(&r->rng, p->mu_milli + (int32_t)hurry, p->sigma_milli);
    if (page == PAGE_CAPTCHA)
        return rng_lognormal_us(&r->rng, 1900 + (p->mu_milli - 2100) / 3, 400) + 6 * p->key_us;
    if (page == PAGE_FORM) {
        int64_t keys = p->autofill ? rng_between(&r->rng, 6, 16) : rng_between(&r->rng, 70, 105);
        return read / 2 + 2200000 + keys * p->key_us * rng_between(&r->rng, 80, 130) / 100;
    }
    return read < 650000 ? 650000 + read / 4 : read;
}

/* Shows a page and everything it loads; when the server fails the person reloads after a moment. */
static void show(struct world *w, struct runner *r, enum page page, int64_t at_us)
{
    struct reply a = site_open(w, r, page, at_us + rng_between(&r->rng, 12000, 60000));
    if (a.status != 200) {
        r->page = page;
        r->step = 1; /* reload */
        r->due_us = a.end_us + rng_lognormal_us(&r->rng, 1100, 500);
        return;
    }
    int64_t done = site_assets(w, r, page, a.end_us);
    if (page == PAGE_PLANNING && w->site->grid)
        done = site_grid(w, r, 0, done + rng_between(&r->rng, 15000, 60000)).end_us;
    r->page = a.next;
    r->step = 0;
    r->due_us = (done > a.end_us ? done : a.end_us) + think(r, a.next);
}

static struct browser browser_make(struct world *w, struct rng *rng, const char *agent, const char *address)
{
    struct browser b = {.agent = agent, .address = address, .assets = true, .version = 20};
    b.cookie = site_cookie(w, rng);
    b.port = (uint16_t)rng_between(rng, 1024, 65000);
    return b;
}

/* The mail has come: some open it on the telephone, which has another address and no cookie. */
static void take_telephone(struct world *w, struct runner *r)
{
    char agent[256];
    agent_text(7 * rng_below(&r->rng, 60) + 3, agent, sizeof agent);
    r->browser = browser_make(w, &r->rng, world_text(w, "%s", agent), address_carrier(w, &r->rng));
    struct visit old = w->visits[r->visit];
    world_visit(w, r);
    w->visits[r->visit].email = old.email;
}

static void nothing_left(struct world *w, struct runner *r)
{
    if (r->tries-- <= 0)
        return;
    int64_t gap = rng_lognormal_us(&r->rng, 3200 + r->person.mu_milli / 4, 700);
    if (r->release_us && r->release_us - w->now_us < 4 * MINUTE_US)
        gap = 900000 + rng_lognormal_us(&r->rng, 1500, 600);
    r->page = w->site->retry;
    r->step = 1;
    r->due_us = w->now_us + gap;
}

static void choose_slot(struct world *w, struct runner *r)
{
    size_t free_slots = site_free_count(w, w->now_us);
    r->slot = free_slots ? site_free_slot(w, w->now_us, rng_below(&r->rng, (uint32_t)free_slots)) : -1;
    if (!w->site->pick || r->slot < 0 || rng_chance(&r->rng, 400)) {
        struct reply a = site_send(w, r, PAGE_PLANNING, w->now_us);
        show(w, r, a.next, a.end_us);
        return;
    }
    int64_t at = w->now_us;
    if (rng_chance(&r->rng, 300)) {
        at = site_grid(w, r, 7, at).end_us;
        at += rng_lognormal_us(&r->rng, 1300, 400);
    }
    struct reply a = site_pick(w, r, r->slot, at);
    show(w, r, a.status == 302 ? a.next : PAGE_PLANNING, a.end_us);
}

static void booked_by_form(struct world *w, struct runner *r, int64_t at_us)
{
    show(w, r, PAGE_DONE, at_us);
    if (rng_chance(&r->rng, 120)) { /* never opens the mail */
        r->due_us = NEVER_US;
        return;
    }
    r->page = PAGE_CONFIRM;
    r->step = 2;
    r->due_us = at_us + 15 * SECOND_US + rng_lognormal_us(&r->rng, 3900, 600);
}

static void human_act(struct world *w, struct runner *r)
{
    if (r->step == 1) {
        show(w, r, r->page, w->now_us);
        return;
    }
    if (r->step == 2) {
        if (rng_chance(&r->rng, 150))
            take_telephone(w, r);
        r->browser.referer = NULL;
        show(w, r, PAGE_CONFIRM, w->now_us);
        return;
    }
    if (r->page == PAGE_NONE) {
        nothing_left(w, r);
        return;
    }
    if (r->page == PAGE_DONE)
        return;
    if (r->page == PAGE_PLANNING) {
        choose_slot(w, r);
        return;
    }
    int64_t at = w->now_us;
    if (r->page == PAGE_FORM)
        at = site_check(w, r, at - 1500000).end_us + 1500000;
    struct reply a = site_send(w, r, r->page, at);
    if (a.next == PAGE_DONE && r->page != PAGE_CONFIRM)
        booked_by_form(w, r, a.end_us);
    else if (a.next == PAGE_DONE)
        show(w, r, PAGE_DONE, a.end_us);
    else
        show(w, r, a.next, a.end_us);
}

struct runner *human_arrives(struct world *w, uint32_t party, int64_t at_us, int64_t release_us,
                             const char *address)
{
    struct runner *r = world_runner(w, party, human_act, at_us);
    char agent[256];
    agent_text(rng_below(&r->rng, AGENTS_COUNT), agent, sizeof agent);
    r->person = person_make(w, &r->rng);
    r->browser = browser_make(w, &r->rng, world_text(w, "%s", agent), address);
    if (rng_chance(&r->rng, 600))
        r->browser.referer = "https://www.example.org/demarches/titre-de-sejour";
    r->release_us = release_us;
    r->page = PAGE_LANDING;
    r->step = 1;
    r->tries = (int32_t)rng_between(&r->rng, 0, release_us ? 9 : 2);
    world_visit(w, r);
    return r;
}
