/* scenario.c: the casts of the scenarios.  Addresses are those set apart for documentation (RFC 5737, RFC 3849)
 * and for shared carriers (RFC 6598); mailboxes at real providers carry ".test" and a number. */
#include "samples/gen/scenario.h"

#include "samples/gen/people.h"
#include "samples/gen/robots.h"
#include "samples/gen/site.h"

#define AT(w, hour, minute) ((w)->day_us + (hour) * HOUR_US + (minute) * MINUTE_US)

static const char *const script_agents[] = {
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.16; rv:86.0) Gecko/20100101 Firefox/86.0",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/69.0.3497.100 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/119.0.6045.9 Safari/537.36",
    "python-requests/2.31.0",
};

static void slots(struct world *w, uint32_t count, int64_t release_us)
{
    int64_t first = (w->day_us / SECOND_US / 86400 + 13) * 86400 + 8 * 3600;
    size_t had = w->slots_count;
    for (uint32_t i = 0; i < count; i++) {
        int64_t n = (int64_t)(had + i);
        world_slot(w, first + n / 24 * 86400 + n % 24 * 900, release_us);
    }
}

/* Homes on IPv4 and IPv6, and telephones behind few carrier addresses. */
static const char *home(struct world *w, struct rng *rng)
{
    static const char *const nets[] = {"192.0.2", "203.0.113"};
    uint32_t kind = rng_below(rng, 100);
    if (kind < 50)
        return world_text(w, "%s.%u", nets[kind % 2], 30 + rng_below(rng, 220));
    if (kind < 78)
        return address_v6(w, rng, 0x1000 + rng_below(rng, 60000));
    return address_carrier(w, rng);
}

static void applicants(struct world *w, struct rng *rng, uint32_t n, int64_t from_us, int64_t to_us)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t party = world_party(w, "applicant", false, false, false);
        const char *address = home(w, rng);
        human_arrives(w, party, rng_between(rng, from_us, to_us), 0, address);
    }
}

/* They know the hour of the release, come before it and reload. */
static void crowd(struct world *w, struct rng *rng, uint32_t n, int64_t release_us)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t party = world_party(w, "crowd", false, false, false);
        int64_t early = rng_lognormal_us(rng, 4300, 900);
        int64_t at = release_us - early + (rng_chance(rng, 350) ? 2 * early : 0);
        human_arrives(w, party, at, release_us, home(w, rng));
    }
}

static void office(struct world *w, struct rng *rng, uint32_t n, const char *address, int64_t from_us, int64_t to_us)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t party = world_party(w, "office", false, false, false);
        human_arrives(w, party, rng_between(rng, from_us, to_us), 0, address);
    }
}

/* One parent books for the family: one computer, one mailbox, one after the other. */
static void family(struct world *w, struct rng *rng, uint32_t members, int64_t at_us)
{
    uint32_t party = world_party(w, "family", false, false, false);
    const char *address = home(w, rng);
    struct runner *first = NULL;
    bool same = false;
    for (uint32_t i = 0; i < members; i++) {
        struct runner *r = human_arrives(w, party, at_us + rng_between(rng, 0, 5) * MINUTE_US, 0, address);
        if (!first) {
            first = r;
            same = rng_chance(rng, 500);
        }
        if (same && r != first) { /* the browser was left open: its cookie is the first member's */
            r->browser.cookie = first->browser.cookie;
            w->visits[r->visit].cookie = first->browser.cookie;
            r->browser.greeted = true;
            r->browser.warm = true;
        }
        r->browser.agent = first->browser.agent;
        r->person.email = first->person.email;
        r->person.last = first->person.last;
        r->person.mu_milli = first->person.mu_milli;
        r->person.sigma_milli = first->person.sigma_milli;
        r->person.autofill = first->person.autofill;
        at_us += rng_between(rng, 12, 26) * MINUTE_US;
    }
}

static void monitors(struct world *w, struct rng *rng, int64_t from_us, int64_t to_us, bool all)
{
    const struct monitor_plan plans[] = {
        {script_agents[2], "198.51.100.7", 60 * SECOND_US, 0, 0, to_us, false},
        {script_agents[3], "198.51.100.91", 0, 0, 10 * MINUTE_US, to_us, false},
        {script_agents[1], "203.0.113.17", 30 * SECOND_US, 15 * SECOND_US, 0, to_us, true},
        {script_agents[1], "192.0.2.19", 5 * SECOND_US, 0, 0, from_us + 20 * MINUTE_US, true},
    };
    for (size_t i = 0; i < (all ? 4 : 2); i++)
        monitor_starts(w, world_party(w, "monitor", false, true, false), from_us + rng_between(rng, 0, MINUTE_US),
                       &plans[i]);
}

static const char *const *proxy_list(struct world *w, struct rng *rng, uint32_t n)
{
    const char **list = world_room(w, n * sizeof *list);
    for (uint32_t i = 0; i < n; i++)
        list[i] = i % 3 == 0 ? home(w, rng) : world_text(w, "198.51.100.%u", 100 + rng_below(rng, 150));
    return list;
}

static void booker(struct world *w, struct rng *rng, int64_t release_us, uint32_t clients)
{
    struct booker_plan plan = {
        .agent = script_agents[0], .own_address = "203.0.113.202", .proxies = proxy_list(w, rng, 24),
        .proxies_count = 24, .weeks = 3, .clients = clients, .release_us = release_us,
        .until_us = release_us + 25 * SECOND_US,
    };
    booker_starts(w, world_party(w, "booker", true, true, true), release_us - 60 * SECOND_US, &plan);
}

static void reseller(struct world *w, int64_t from_us, int64_t release_us, uint32_t clients)
{
    static const char *const addresses[] = {"203.0.113.66", "198.51.100.23", "192.0.2.201"};
    static const char *const mailboxes[] = {
        "dossiers.rapides.test44@gmail.com", "dossiersrapides.test44@gmail.com", "dossiers.rapidestest44@gmail.com",
        "rdv0411873025@mail-box.example.org", "rdv0411873026@mail-box.example.org",
        "d.o.s.s.i.e.r.s.rapides.test44@gmail.com", "rdv0411873027@mail-box.example.org",
        "dossiersrapidestest44@googlemail.com",
    };
    struct reseller_plan plan = {
        .agent = script_agents[1], .addresses = addresses, .addresses_count = 3, .mailboxes = mailboxes,
        .mailboxes_count = 8, .clients = clients, .spacing_us = 4 * MINUTE_US, .release_us = release_us,
        .rebook_permille = 450,
    };
    reseller_starts(w, world_party(w, "reseller", true, true, true), from_us, &plan);
}

/* -- what passes by every public server -- */

static void scanner_act(struct world *w, struct runner *r)
{
    static const char *const targets[] = {"/.env", "/wp-login.php", "/.git/config", "/phpmyadmin/index.php"};
    bool tls = r->count % 3 == 2;
    struct request q = {
        .method = tls ? "" : "GET", .referer = "", .body = "", .cookie = "", .start_us = w->now_us,
        .target = tls ? "\x16\x03\x01\x02\x01\x01\xfc\x03\x03" : targets[rng_below(&r->rng, 4)],
        .status = tls ? 400 : 404, .bytes = tls ? 157 : 548,
    };
    q.end_us = q.start_us + rng_between(&r->rng, 300, 30000);
    world_request(w, r, q);
    if (++r->count < r->tries)
        r->due_us = w->now_us + rng_between(&r->rng, 1, 900) * SECOND_US;
}

static void scanner(struct world *w, int64_t at_us, int32_t requests)
{
    struct runner *r = world_runner(w, world_party(w, "scanner", false, true, false), scanner_act, at_us);
    r->browser = (struct browser){.agent = "", .address = "198.51.100.250", .cookie = "", .version = 11, .port = 40112};
    r->tries = requests;
    world_visit(w, r);
}

/* -- the casts -- */

static void fill_quiet(struct world *w, struct rng *rng, uint32_t people)
{
    slots(w, people + people / 8 + 8, AT(w, 0, 0));
    applicants(w, rng, people, AT(w, 7, 0), AT(w, 22, 0));
}

static void fill_wave(struct world *w, struct rng *rng, uint32_t people)
{
    int64_t release = AT(w, 10, 0);
    w->capacity = 4 + people / 12;
    slots(w, people / 2 + 10, release);
    crowd(w, rng, people, release);
    booker(w, rng, release, 10);
    monitors(w, rng, AT(w, 9, 30), AT(w, 10, 30), false);
}

static void fill_office(struct world *w, struct rng *rng, uint32_t people)
{
    slots(w, 2 * people + 8, AT(w, 0, 0));
    office(w, rng, people, "203.0.113.20", AT(w, 9, 0), AT(w, 12, 0));
    applicants(w, rng, people / 2, AT(w, 8, 30), AT(w, 13, 0));
}

static void fill_family(struct world *w, struct rng *rng, uint32_t people)
{
    slots(w, 6 * people + 8, AT(w, 0, 0));
    for (uint32_t i = 0; i < people; i++)
        family(w, rng, 3 + i % 3, rng_between(rng, AT(w, 8, 0), AT(w, 20, 0)));
}

static void fill_monitor(struct world *w, struct rng *rng, uint32_t people)
{
    slots(w, 6, AT(w, 9, 0));
    monitors(w, rng, AT(w, 8, 0), AT(w, 11, 0), true);
    applicants(w, rng, people, AT(w, 8, 0), AT(w, 11, 0));
}

static void fill_reseller(struct world *w, struct rng *rng, uint32_t people)
{
    slots(w, people + 60, AT(w, 0, 0));
    applicants(w, rng, people, AT(w, 8, 0), AT(w, 18, 0));
    reseller(w, AT(w, 9, 5), AT(w, 9, 0), 24);
}

static void fill_demo(struct world *w, struct rng *rng, uint32_t people)
{
    int64_t release = AT(w, 10, 0);
    w->capacity = 7;
    slots(w, people / 3 + 28, AT(w, 0, 0)); /* about what the morning takes: few are left at ten */
    slots(w, people / 2 + 12, release);
    office(w, rng, 14, "203.0.113.20", AT(w, 8, 15), AT(w, 9, 50));
    family(w, rng, 3, AT(w, 8, 20));
    applicants(w, rng, people / 3, AT(w, 8, 0), AT(w, 9, 20));
    crowd(w, rng, people * 2 / 3, release);
    booker(w, rng, release, 6);
    reseller(w, AT(w, 8, 40), release, 22);
    monitors(w, rng, AT(w, 9, 40), AT(w, 10, 15), false);
    scanner(w, AT(w, 8, 5), 6);
}

const struct scenario scenarios[] = {
    {"quiet", "applicants of an ordinary day, nobody else", 60, fill_quiet},
    {"wave", "a slot release: a crowd, a booker with rotating proxies, monitors", 60, fill_wave},
    {"office", "people behind one address, each for themselves", 16, fill_office},
    {"family", "one parent, one mailbox, several members", 12, fill_family},
    {"monitor", "software that only looks, among applicants", 12, fill_monitor},
    {"reseller", "one operator with many identities, among applicants", 40, fill_reseller},
    {"demo", "all of it, small", 24, fill_demo},
};
const size_t scenarios_count = sizeof scenarios / sizeof *scenarios;
