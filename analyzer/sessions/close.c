/* From an open visit to closed sessions: sorts the acts, splits a mixture, derives what only the whole
 * can tell (retries, skipped steps, gaps), and hands each session over. */
#include <stdlib.h>

#include "analyzer/base/fixed.h"
#include "analyzer/enrich/mailbox.h"
#include "analyzer/sessions/chains.h"
#include "analyzer/sessions/visit.h"

static int by_time(const void *a, const void *b)
{
    const struct act *x = a, *y = b;

    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    if (x->source != y->source)
        return x->source < y->source ? -1 : 1;
    return (x->offset > y->offset) - (x->offset < y->offset);
}

static void sort_acts(struct act *acts, uint32_t n)
{
    bool sorted = true;

    for (uint32_t i = 1; i < n && sorted; i++)
        sorted = by_time(&acts[i - 1], &acts[i]) <= 0;
    if (!sorted)
        qsort(acts, n, sizeof *acts, by_time);
}

/* The largest order below this one, or -1: the step an honest visitor comes from. */
static int order_before(const struct site *site, int order)
{
    int best = -1;

    for (size_t i = 0; i < site->steps_count; i++)
        if (site->steps[i].order < order && site->steps[i].order > best)
            best = site->steps[i].order;
    return best;
}

/* One booking a post, but one a session where the step stands for every page below a path: a form of
 * two pages is not two bookings. */
static void count_submission(const struct site *site, struct session *s, const struct act *a)
{
    if (a->meaning != MEANING_SUBMITTED || a->step == 0 || a->status >= 400)
        return;
    if (s->submissions == 0 || !str_ends(site->steps[a->step - 1].path, STR("...}")))
        s->submissions++;
}

static void derive_steps(const struct closer *c, struct session *s)
{
    uint64_t orders = 0;
    unsigned last = 0;

    for (uint32_t i = 0; i < s->acts_count; i++) {
        struct act *a = &s->acts[i];
        const struct site_step *step = a->step != 0 ? &c->site->steps[a->step - 1] : NULL;
        a->flags &= (uint8_t)~(unsigned)(ACT_RETRY | ACT_SKIPPED);
        if (a->method == METHOD_POST) {
            s->posts++;
            count_submission(c->site, s, a);
        }
        s->steps_mask |= 1u << a->meaning;
        if (step == NULL)
            continue;
        if (a->step == last) {
            a->flags |= ACT_RETRY;
            s->retries++;
        }
        int before = order_before(c->site, step->order);
        bool cut = i == 0 && a->time_us - c->run_first_us < c->site->idle_us / 3;
        if (step->needs_before && before >= 0 && !(orders >> (before & 63) & 1) && !cut) {
            a->flags |= ACT_SKIPPED;
            s->skipped++;
        }
        orders |= 1ull << (step->order & 63);
        last = a->step;
    }
}

static void derive_gaps(struct session *s)
{
    for (uint32_t i = 1; i < s->acts_count; i++) {
        int64_t gap = s->acts[i].time_us - s->acts[i - 1].time_us;
        uint64_t floor = s->resolution_us / 2 > 0 ? s->resolution_us / 2 : 1;
        int64_t ln = fixed_ln_milli(gap > 0 ? (uint64_t)gap : floor);
        s->gaps++;
        s->gap_sum_us += gap;
        s->gap_zero += gap == 0;
        s->gap_ln_sum_milli += ln;
        s->gap_ln_square_sum += (uint64_t)(ln * ln);
    }
}

static uint32_t act_index(const struct session *s, uint16_t source, uint64_t offset)
{
    for (uint32_t i = 0; i < s->acts_count; i++)
        if (s->acts[i].source == source && s->acts[i].offset == offset)
            return i;
    return UINT32_MAX;
}

/* whole: values whose act was not kept belong to this session too. */
static void derive_identities(struct closer *c, struct session *s, const struct visit_more *more, bool whole)
{
    if (more == NULL || more->identities_count == 0)
        return;
    s->identities = ARENA_ARRAY(&c->arena, struct identity, more->identities_count);
    for (const struct visit_identity *n = more->identities; n != NULL; n = n->next) {
        struct identity *id = &s->identities[s->identities_count];
        *id = (struct identity){.kind = n->kind, .times = n->times, .value = {n->bytes, n->length},
                                .act = act_index(s, n->source, n->offset)};
        if (id->act == UINT32_MAX && !whole)
            continue;
        if (identity_canonical(&c->arena, id))
            s->identities_count++;
    }
}

static void derive(struct closer *c, struct session *s, const struct visit *v, bool whole)
{
    derive_steps(c, s);
    derive_gaps(s);
    derive_identities(c, s, v->more, whole);
    c->closed(c->user, s);
}

static struct session session_of(const struct closer *c, const struct visit *v, struct str agent,
                                 enum closed_by why)
{
    struct session s = {.id = v->id, .agent = agent, .client = v->client, .first_us = v->first_us,
                        .last_us = v->last_us, .requests = v->requests, .assets = v->assets,
                        .errors = v->errors, .acts_total = v->acts_total, .has = v->has,
                        .resolution_us = v->resolution_us, .time_meaning = v->meaning, .closed_by = why,
                        .truncated = (v->flags & VISIT_TRUNCATED) != 0};

    (void)c;
    s.key_kind = v->flags & VISIT_COOKIE ? KEY_COOKIE : KEY_ADDRESS_AGENT;
    if (s.key_kind == KEY_COOKIE)
        s.key_value = (struct str){v->cookie, v->cookie_len};
    s.clients[s.clients_count++] = v->client;
    if (v->more != NULL) {
        for (int i = 0; i < v->more->clients_count; i++)
            s.clients[s.clients_count++] = v->more->clients[i];
        s.clients_more = v->more->clients_full;
    }
    return s;
}

static void close_parts(struct closer *c, const struct visit *v, struct session *base, const struct chains *ch,
                        const uint8_t *of)
{
    struct act *all = base->acts;
    uint32_t n = base->acts_count;

    for (uint8_t part = 0; part < ch->count; part++) {
        struct session s = *base;
        s.acts = ARENA_ARRAY(&c->arena, struct act, n);
        s.acts_count = 0;
        s.errors = 0;
        for (uint32_t i = 0; i < n; i++)
            if (of[i] == part) {
                s.acts[s.acts_count++] = all[i];
                s.errors += all[i].status >= 400;
            }
        if (s.acts_count == 0)
            continue;
        s.acts_total = s.requests = s.acts_count;
        s.first_us = s.acts[0].time_us;
        s.last_us = s.acts[s.acts_count - 1].time_us;
        s.mixture = ch->interleaved ? MIXTURE_SPLIT : MIXTURE_NO;
        if (part == 0) { /* what belongs to nobody in particular stays with the first */
            s.assets = base->assets;
            s.requests += base->assets;
            s.errors += base->errors;
            for (uint32_t i = 0; i < n; i++)
                s.errors -= all[i].status >= 400;
        } else {
            s.id = (*c->next_id)++;
            s.assets = 0;
        }
        if (ch->completed[part])
            s.closed_by = CLOSED_COMPLETED;
        derive(c, &s, v, false);
    }
}

void closer_close(struct closer *c, const struct visit *v, struct str agent, enum closed_by why)
{
    struct session s = session_of(c, v, agent, why);

    arena_rewind(&c->arena);
    s.acts_count = v->acts.count;
    s.acts = ARENA_ARRAY(&c->arena, struct act, s.acts_count + 1);
    acts_copy(c->pool, &v->acts, s.acts);
    sort_acts(s.acts, s.acts_count);
    if (s.acts_count < s.acts_total)
        s.truncated = true;
    c->acts_cut += s.acts_count < s.acts_total;
    c->clients_cut += (v->flags & VISIT_CLIENTS_CUT) != 0;
    c->identities_cut += (v->flags & VISIT_IDENTITIES_CUT) != 0;
    if (s.key_kind == KEY_ADDRESS_AGENT && s.acts_count > 2) {
        uint8_t *of = ARENA_ARRAY(&c->arena, uint8_t, s.acts_count);
        struct chains ch = chains_assign(c->site, s.acts, s.acts_count,
                                         (int)c->limits->v[LIMIT_session_chains_max], of);
        bool separable = !ch.crowded && !s.truncated;
        if (ch.count > 1 && separable) {
            c->split += ch.interleaved;
            close_parts(c, v, &s, &ch, of);
            return;
        }
        if (ch.interleaved && !separable) {
            s.mixture = MIXTURE_MARKED;
            c->marked++;
        }
    }
    derive(c, &s, v, true);
}
