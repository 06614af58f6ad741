/* Splitting a mixture.  An act goes on with the chain whose last step its referer names; a fresh landing
 * while the current chain is midway opens a tentative chain.  Only when an older chain then goes on is
 * that a second person; otherwise it was the same one starting over, and the tentative chain is undone. */
#include "analyzer/sessions/chains.h"

struct chain {
    uint64_t seen; /* steps, by index + 1 */
    uint8_t last_step;
    int last_order;
    bool completed;
    bool after_completion; /* opened because the chain before it had completed */
    uint8_t before;        /* that chain */
};

struct walk {
    const struct site *site;
    struct chain chains[CHAINS_MAX];
    int count, now, most;
    bool interleaved, crowded;
};

static int order_of(const struct site *s, unsigned step)
{
    return step == 0 ? -1 : s->steps[step - 1].order;
}

static int open_chain(struct walk *w, bool after_completion)
{
    if (w->count >= w->most) {
        w->crowded = true;
        return w->now;
    }
    w->chains[w->count] = (struct chain){.last_order = -1, .after_completion = after_completion,
                                         .before = (uint8_t)w->now};
    return w->count++;
}

/* The chain most recently opened, other than the current one, that `fits`; -1 when none. */
static int other_chain(const struct walk *w, bool (*fits)(const struct chain *c, unsigned v), unsigned v)
{
    for (int i = w->count - 1; i >= 0; i--)
        if (i != w->now && !w->chains[i].completed && fits(&w->chains[i], v))
            return i;
    return -1;
}

static bool last_was(const struct chain *c, unsigned step)
{
    return c->last_step == step;
}

static bool has_seen(const struct chain *c, unsigned step)
{
    return (c->seen >> step & 1) != 0;
}

static bool not_beyond(const struct chain *c, unsigned order)
{
    return c->last_order >= 0 && c->last_order <= (int)order;
}

static int go_back_to(struct walk *w, int other)
{
    if (other < 0)
        return w->now;
    w->interleaved = true;
    return other;
}

static int choose_by_referer(struct walk *w, unsigned referer)
{
    const struct chain *now = &w->chains[w->now];

    if (last_was(now, referer))
        return w->now;
    int other = other_chain(w, last_was, referer);
    if (other >= 0)
        return go_back_to(w, other);
    if (has_seen(now, referer))
        return w->now;
    return go_back_to(w, other_chain(w, has_seen, referer));
}

static int choose(struct walk *w, const struct act *a)
{
    const struct chain *now = &w->chains[w->now];
    int order = order_of(w->site, a->step);

    if (a->referer_step != 0)
        return choose_by_referer(w, a->referer_step);
    if (a->step == 0)
        return w->now;
    if (a->meaning == MEANING_LANDING) {
        if (now->completed)
            return open_chain(w, true);
        return now->last_order > order ? open_chain(w, false) : w->now;
    }
    if (order < now->last_order)
        return go_back_to(w, other_chain(w, not_beyond, (unsigned)order));
    return w->now;
}

static void step_on(struct walk *w, const struct act *a)
{
    struct chain *c = &w->chains[w->now];

    if (a->step == 0)
        return;
    c->seen |= 1ull << a->step;
    c->last_step = (uint8_t)a->step;
    c->last_order = order_of(w->site, a->step);
    if (w->site->steps[a->step - 1].completes && a->status < 400)
        c->completed = true;
}

/* Without interleaving, a tentative chain belongs to the one before it. */
static void number_chains(const struct walk *w, uint8_t *number, struct chains *out)
{
    out->count = 0;
    for (int i = 0; i < w->count; i++) {
        const struct chain *c = &w->chains[i];
        bool own = i == 0 || w->interleaved || c->after_completion;
        number[i] = own ? out->count++ : number[c->before];
        if (i > 0 && c->after_completion)
            out->completed[number[c->before]] = true;
    }
}

struct chains chains_assign(const struct site *site, const struct act *acts, uint32_t n, int most, uint8_t *of)
{
    struct walk w = {.site = site, .count = 1, .most = most < CHAINS_MAX ? most : CHAINS_MAX};
    uint8_t number[CHAINS_MAX];
    struct chains out = {0};

    w.chains[0].last_order = -1;
    for (uint32_t i = 0; i < n; i++) {
        w.now = choose(&w, &acts[i]);
        step_on(&w, &acts[i]);
        of[i] = (uint8_t)w.now;
    }
    number_chains(&w, number, &out);
    for (uint32_t i = 0; i < n; i++)
        of[i] = number[of[i]];
    out.interleaved = w.interleaved;
    out.crowded = w.crowded && w.interleaved;
    return out;
}
