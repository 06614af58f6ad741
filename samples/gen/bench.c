/* bench.c: a day of a booking site in combined lines, in time order, without keeping any of them.
 *
 * Visits under way hang in a bucket for the second of their next line.  A visit is some pages with what
 * they load, at a person's pace; a few clients poll.  Agents, paths and referers are ready-made text. */
#include "samples/gen/bench.h"

#include <stdlib.h>
#include <string.h>

#include "samples/gen/people.h"
#include "samples/gen/write.h"

enum {
    BUFFER_SIZE = 1 << 20, LINE_MAX_BYTES = 1024, POLLERS = 40, POLL_S = 60, VISIT_LINES = 10,
    WHEEL = 4096 /* seconds ahead that a visit may sleep */
};
static const uint32_t no_visit = UINT32_MAX;
static const int64_t bench_day_us = INT64_C(1772492400) * SECOND_US; /* 3 March 2026, midnight at +01:00 */

/* Share of a day's visits by hour, thousandths. */
static const uint32_t hours_permille[24] = {8,  5,  4,  3,  4,  8,  20, 40, 70, 88, 90, 78,
                                            60, 62, 70, 72, 66, 58, 50, 44, 38, 30, 20, 12};

struct piece {
    const char *request; /* with method and version */
    const char *referer;
    uint16_t status;
    uint32_t bytes;
};
#define ORIGIN "https://example.org"
static const struct piece pages[] = {
    {"GET /booking/create/14056/0 HTTP/2.0", "-", 200, 14210},
    {"POST /booking/create/14056/0 HTTP/2.0", ORIGIN "/booking/create/14056/0", 302, 0},
    {"GET /booking/create/14056/1 HTTP/2.0", ORIGIN "/booking/create/14056/0", 200, 12874},
    {"POST /booking/create/14056/1 HTTP/2.0", ORIGIN "/booking/create/14056/1", 302, 0},
    {"GET /booking/create/14056/2 HTTP/2.0", ORIGIN "/booking/create/14056/1", 200, 11032},
    {"GET /Demarches/Titre-de-sejour/Renouvellement HTTP/2.0", ORIGIN "/Demarches", 200, 28870},
    {"GET /ezjscore/call/bookingserver::planning::assign::14056::17481::7 HTTP/2.0",
     ORIGIN "/booking/create/14056/4", 200, 3120},
    {"GET /Actualites/Horaires-d-ouverture-des-guichets HTTP/2.0", "https://www.google.com/", 200, 21980},
};
static const struct piece assets[] = {
    {"GET /stylesheets/booking.css HTTP/2.0", ORIGIN "/booking/", 200, 9120},
    {"GET /javascript/jquery.min.js HTTP/2.0", ORIGIN "/Demarches", 200, 30877},
    {"GET /images/logo.png HTTP/2.0", "-", 304, 0},
    {"GET /var/storage/images/bandeau.jpg HTTP/2.0", ORIGIN "/booking/", 200, 48213},
    {"GET /javascript/planning.js HTTP/2.0", "-", 200, 18230},
};
#define COUNT(a) (sizeof(a) / sizeof *(a))

struct guest {
    char address[40];
    uint32_t address_length, agent, next, left, page;
    struct rng rng;
};

struct bench {
    FILE *f;
    char *buffer;
    size_t used;
    char stamp[STAMP_MAX];
    char agents[AGENTS_COUNT][256];
    size_t agent_lengths[AGENTS_COUNT];
    struct guest *guests;
    uint32_t guests_room, free, wheel[WHEEL];
    uint64_t lines, written, visits;
    const struct bench_plan *plan;
    int failed;
};

static void flush(struct bench *b)
{
    if (b->used && fwrite(b->buffer, 1, b->used, b->f) != b->used)
        b->failed = 1;
    b->used = 0;
}

static void add(struct bench *b, const char *text, size_t n)
{
    memcpy(b->buffer + b->used, text, n);
    b->used += n;
}

static void add_number(struct bench *b, uint32_t n)
{
    char digits[10];
    size_t i = sizeof digits;
    do
        digits[--i] = (char)('0' + n % 10);
    while (n /= 10);
    add(b, digits + i, sizeof digits - i);
}

static void line(struct bench *b, struct guest *g, const struct piece *p)
{
    if (b->written == b->lines)
        return;
    if (b->used + LINE_MAX_BYTES > BUFFER_SIZE)
        flush(b);
    add(b, g->address, g->address_length);
    add(b, " - - [", 6);
    add(b, b->stamp, 26);
    add(b, "] \"", 3);
    add(b, p->request, strlen(p->request));
    add(b, "\" ", 2);
    add_number(b, p->status);
    add(b, " ", 1);
    add_number(b, p->bytes ? p->bytes + rng_below(&g->rng, 64) : 0);
    add(b, " \"", 2);
    add(b, p->referer, strlen(p->referer));
    add(b, "\" \"", 3);
    add(b, b->agents[g->agent], b->agent_lengths[g->agent]);
    add(b, "\"\n", 2);
    b->written++;
}

static void wait_until(struct bench *b, uint32_t guest, uint64_t second)
{
    b->guests[guest].next = b->wheel[second % WHEEL];
    b->wheel[second % WHEEL] = guest;
}

/* Most are on the benchmarking range (RFC 2544), the rest behind carriers and on IPv6. */
static void address_of(struct guest *g, uint32_t client)
{
    int n;
    uint32_t c = client * 2654435761u >> 14; /* 18 bits, spread */
    if (client % 5 < 3)
        n = snprintf(g->address, sizeof g->address, "198.%u.%u.%u", 18 + (client >> 16 & 1), client >> 8 & 255,
                     client & 255);
    else if (client % 5 == 3)
        n = snprintf(g->address, sizeof g->address, "100.%u.%u.%u", 64 + (c >> 16), c >> 8 & 255, c & 255);
    else
        n = snprintf(g->address, sizeof g->address, "2001:db8:%x:%x::%x", client >> 8, client & 255, 1 + c % 65521);
    g->address_length = (uint32_t)n;
}

static uint32_t new_guest(struct bench *b)
{
    if (b->free == no_visit) {
        uint32_t had = b->guests_room;
        b->guests_room = had ? had * 2 : 4096;
        b->guests = realloc(b->guests, b->guests_room * sizeof *b->guests);
        if (!b->guests)
            exit(70);
        for (uint32_t i = b->guests_room; i-- > had;) {
            b->guests[i].next = b->free;
            b->free = i;
        }
    }
    uint32_t i = b->free;
    b->free = b->guests[i].next;
    return i;
}

static void arrive(struct bench *b, uint64_t second)
{
    uint32_t i = new_guest(b);
    struct guest *g = &b->guests[i];
    /* A stride coprime to the number of clients visits each in turn, far apart in time. */
    uint32_t client = (uint32_t)(b->visits * 999983 % b->plan->clients);
    rng_seed(&g->rng, b->plan->seed, b->visits);
    address_of(g, client);
    g->agent = client * 2246822519u % AGENTS_COUNT;
    g->left = client < POLLERS ? UINT32_MAX : 2 + rng_below(&g->rng, 2 * (VISIT_LINES - 2) + 1);
    if (client < POLLERS && b->visits >= b->plan->clients)
        g->left = 3; /* it polls since its first visit */
    g->page = rng_below(&g->rng, 100) < 70 ? 0 : 5 + rng_below(&g->rng, 3);
    b->visits++;
    wait_until(b, i, second);
}

/* One page and what it loads; then the visitor reads. */
static void turn(struct bench *b, uint32_t i, uint64_t second)
{
    struct guest *g = &b->guests[i];
    if (g->left > 1000) {
        line(b, g, &pages[0]);
        line(b, g, &pages[4]);
        wait_until(b, i, second + POLL_S);
        return;
    }
    line(b, g, &pages[g->page]);
    g->left--;
    bool first = g->page == 0 || g->page >= 5;
    for (uint32_t n = first ? 4 : 1; n > 0 && g->left > 0; n--, g->left--)
        line(b, g, &assets[rng_below(&g->rng, COUNT(assets))]);
    g->page = g->page < 4 ? g->page + 1 : 0;
    if (g->left == 0) {
        g->next = b->free;
        b->free = i;
        return;
    }
    uint64_t gap = 1 + (uint64_t)(rng_lognormal_us(&g->rng, 2600, 900) / SECOND_US);
    wait_until(b, i, second + (gap < 1500 ? gap : 1500));
}

static void each_second(struct bench *b, uint64_t second, uint64_t starts)
{
    write_stamp(b->stamp, bench_day_us + (int64_t)second * SECOND_US, 3600);
    while (b->visits < starts)
        arrive(b, second);
    uint32_t i = b->wheel[second % WHEEL];
    b->wheel[second % WHEEL] = no_visit;
    while (i != no_visit) {
        uint32_t next = b->guests[i].next;
        turn(b, i, second);
        i = next;
    }
}

/* Visits that have begun by the end of a second, out of `all` a day of plan->hours scaled to 24. */
static uint64_t begun(const struct bench_plan *plan, uint64_t all, uint64_t second)
{
    uint64_t day_second = second * 24 / plan->hours, permille = 0;
    for (uint64_t h = 0; h < day_second / 3600; h++)
        permille += hours_permille[h % 24] * UINT64_C(3600);
    permille += hours_permille[day_second / 3600 % 24] * (day_second % 3600);
    return all * permille / 3600000;
}

int bench_write(FILE *f, const struct bench_plan *plan)
{
    struct bench *b = calloc(1, sizeof *b);
    char *buffer = malloc(BUFFER_SIZE);
    if (!b || !buffer)
        exit(70);
    b->f = f;
    b->buffer = buffer;
    b->lines = plan->lines;
    b->plan = plan;
    b->free = no_visit;
    for (uint32_t i = 0; i < AGENTS_COUNT; i++) {
        agent_text(i, b->agents[i], sizeof b->agents[i]);
        b->agent_lengths[i] = strlen(b->agents[i]);
    }
    for (size_t i = 0; i < WHEEL; i++)
        b->wheel[i] = no_visit;
    for (uint64_t s = 0; b->written < b->lines && !b->failed; s++)
        each_second(b, s, begun(plan, plan->lines / VISIT_LINES, s + 1));
    flush(b);
    int failed = b->failed || fflush(f) != 0;
    free(b->guests);
    free(b->buffer);
    free(b);
    return failed ? -1 : 0;
}
