/* The threads of the engine; see pipeline.h. */
#include "analyzer/engine/pipeline.h"

#include <pthread.h>

enum { BLOCKS_AHEAD = 8, THREADS_MAX = 64, LANES_FULL = 32, FRESH_MIN = 4096 };

struct pipeline {
    const struct pipeline_config *c;
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct block *unused;
    bool consuming, stopped, finished;
    int waiting;
};

struct worker {
    struct pipeline *p;
    struct log_thread *states; /* one for each lane: zones and days differ */
};

enum job_kind { JOB_NONE, JOB_READ, JOB_HASH, JOB_PARSE, JOB_CONSUME };
struct job {
    enum job_kind kind;
    struct lane *lane;
    struct block *block;
};

/* ---- choosing work; all under the lock ---- */

static void activate_due(struct pipeline *p)
{
    int64_t least = INT64_MAX;
    bool any = false;

    for (size_t i = 0; i < p->c->lanes_count; i++) {
        struct lane *l = p->c->lanes[i];
        if (!l->active || l->done)
            continue;
        any = true;
        if (l->head != NULL && l->head->parsed && l->head->at < l->head->count) {
            int64_t us = l->head->events[l->head->at].time_us;
            least = us < least ? us : least;
        }
    }
    if (any && least == INT64_MAX)
        return; /* what is active has not been parsed yet: nothing to compare with */
    if (!any)
        for (size_t i = 0; i < p->c->lanes_count; i++) {
            const struct lane *l = p->c->lanes[i];
            if (l->ready && !l->active && l->front_us < least)
                least = l->front_us;
        }
    for (size_t i = 0; i < p->c->lanes_count; i++) {
        struct lane *l = p->c->lanes[i];
        if (l->ready && !l->active && l->front_us <= least)
            l->active = true;
    }
}

/* A lane holds up the merge while its next event is not known. */
static bool lane_known(const struct lane *l)
{
    if (!l->active || l->done)
        return true;
    return l->head != NULL && l->head->parsed;
}

static bool can_consume(const struct pipeline *p)
{
    bool any = false;

    if (p->consuming)
        return false;
    for (size_t i = 0; i < p->c->lanes_count; i++) {
        const struct lane *l = p->c->lanes[i];
        if (!lane_known(l))
            return false;
        any |= l->active && !l->done;
    }
    return any;
}

static struct block *unparsed_block(const struct lane *l)
{
    struct block *b = l->head;

    while (b != NULL && (b->parsed || b->thread_state != NULL))
        b = b->next;
    return b;
}

/* What all lanes hold together stays the same however many there are. */
static size_t fresh_bytes(const struct pipeline *p, const struct block *b)
{
    size_t share = b->want / (1 + p->c->lanes_count / LANES_FULL);
    return share > FRESH_MIN ? share : b->want < FRESH_MIN ? b->want : FRESH_MIN;
}

static bool can_read(const struct pipeline *p, const struct lane *l)
{
    int ahead = p->c->lanes_count > LANES_FULL ? 1 : p->c->lanes_count > 4 ? 2 : BLOCKS_AHEAD;
    return l->active && !l->ended && !l->reading && l->blocks < ahead;
}

static struct job choose_lane_job(struct pipeline *p, struct lane *l)
{
    struct block *b = unparsed_block(l);

    if (b != NULL)
        return (struct job){JOB_PARSE, l, b};
    if (l->sha != NULL && !l->hashing && l->unhashed != NULL)
        return (struct job){JOB_HASH, l, l->unhashed};
    if (can_read(p, l))
        return (struct job){JOB_READ, l, NULL};
    return (struct job){JOB_NONE, NULL, NULL};
}

static struct job choose(struct pipeline *p)
{
    if (can_consume(p))
        return (struct job){JOB_CONSUME, NULL, NULL};
    for (size_t i = 0; i < p->c->lanes_count; i++) {
        struct lane *l = p->c->lanes[i];
        if (!l->active || (l->done && l->unhashed == NULL))
            continue;
        struct job j = choose_lane_job(p, l);
        if (j.kind != JOB_NONE)
            return j;
    }
    return (struct job){JOB_NONE, NULL, NULL};
}

static bool all_done(const struct pipeline *p)
{
    for (size_t i = 0; i < p->c->lanes_count; i++) {
        const struct lane *l = p->c->lanes[i];
        if (l->ready && (!l->done || l->first != NULL))
            return false;
    }
    return true;
}

/* Frees blocks at the front that are hashed and consumed. */
static void release_front(struct pipeline *p, struct lane *l)
{
    while (l->first != NULL && l->first->consumed && l->first->hashed) {
        struct block *b = l->first;
        l->first = b->next;
        if (l->first == NULL)
            l->last = NULL;
        l->blocks--;
        b->next = p->unused;
        p->unused = b;
    }
}

/* ---- the four kinds of work ---- */

static size_t fill(struct lane *l, struct block *b, size_t at, size_t want, bool *end)
{
    size_t got_all = 0;

    *end = false;
    if (l->taken.n > 0) {
        got_all = (size_t)l->taken.n;
        memcpy(b->data + at, l->taken.p, got_all);
        l->taken = STR_NONE;
        return got_all;
    }
    while (got_all < want && !*end) {
        size_t got = 0;
        enum status st = source_read(l->source, b->data + at + got_all, want - got_all, &got);
        got_all += got;
        *end = st != STATUS_OK;
    }
    return got_all;
}

/* A capture's block is full of bytes to hash, and more are to be read for the same packets: hashes all that was
 * read of this lane.  A hashing thread may be at work; it never waits for this one. */
static void hash_so_far(void *user, struct lane *l)
{
    struct pipeline *p = user;
    struct block *b = l->packets->block;

    pthread_mutex_lock(&p->lock);
    while (l->hashing)
        pthread_cond_wait(&p->work, &p->lock);
    struct block *first = l->unhashed;
    l->hashing = true;
    l->unhashed = NULL;
    pthread_mutex_unlock(&p->lock);
    for (const struct block *x = first; x != NULL; x = x->next)
        if (x->fresh.n > 0)
            sha256_add(l->sha, x->fresh.p, (size_t)x->fresh.n);
    sha256_add(l->sha, b->fresh.p, (size_t)b->fresh.n);
    b->fresh.n = 0;
    pthread_mutex_lock(&p->lock);
    for (struct block *x = first; x != NULL; x = x->next)
        x->hashed = true;
    l->hashing = false;
    release_front(p, l);
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
}

/* True at the end. */
static bool read_packets(struct pipeline *p, struct lane *l, struct block *b, bool stopped)
{
    struct packet_lane *k = l->packets;
    enum status st;

    k->block = b;
    k->make_room = hash_so_far;
    k->user = p;
    k->stop = stopped;
    b->fresh = (struct str){b->data, 0};
    do
        st = block_read_packets(b, k->net, &k->why);
    while (stopped && st == STATUS_OK);
    b->last = st != STATUS_OK;
    return b->last;
}

/* True at the end. */
static bool read_lines(struct pipeline *p, struct lane *l, struct block *b, bool stopped)
{
    bool end = false;
    size_t at = frame_begin(&l->framer, b);
    size_t fresh = stopped ? 0 : fill(l, b, at, fresh_bytes(p, b), &end);

    frame_block(&l->framer, b, fresh, stopped || end);
    return stopped || end;
}

static void do_read(struct pipeline *p, struct lane *l)
{
    struct block *b = NULL;

    pthread_mutex_lock(&p->lock);
    if (p->unused != NULL) {
        b = p->unused;
        p->unused = b->next;
    }
    bool stopped = p->stopped;
    pthread_mutex_unlock(&p->lock);
    if (b == NULL)
        b = block_new(&p->c->settings->limits);
    block_clear(b);
    bool end = l->packets != NULL ? read_packets(p, l, b, stopped) : read_lines(p, l, b, stopped);
    b->hashed = l->sha == NULL;

    pthread_mutex_lock(&p->lock);
    if (l->last != NULL)
        l->last->next = b;
    else
        l->first = b;
    l->last = b;
    if (l->head == NULL)
        l->head = b;
    if (l->sha != NULL && l->unhashed == NULL)
        l->unhashed = b;
    l->blocks++;
    l->ended = end;
    l->reading = false;
    pthread_mutex_unlock(&p->lock);
}

static void do_hash(struct pipeline *p, struct lane *l, struct block *b)
{
    if (b->fresh.n > 0)
        sha256_add(l->sha, b->fresh.p, (size_t)b->fresh.n);
    pthread_mutex_lock(&p->lock);
    b->hashed = true;
    l->hashing = false;
    l->unhashed = b->next;
    release_front(p, l);
    pthread_mutex_unlock(&p->lock);
}

static void do_parse(struct pipeline *p, struct lane *l, struct block *b)
{
    const struct parse_context c = {p->c->settings, p->c->site, l->format, l->index};

    if (l->packets != NULL && l->seen_before)
        block_count_packets(b);
    else if (l->packets != NULL)
        block_settle(b, &c);
    else if (l->seen_before || l->left_out)
        block_count_lines(b);
    else
        block_parse(b, &c, b->thread_state);
    pthread_mutex_lock(&p->lock);
    b->parsed = true;
    pthread_mutex_unlock(&p->lock);
}

/* The smallest next stamp of the other lanes. */
static int64_t bound_for(const struct pipeline *p, const struct lane *self)
{
    int64_t least = INT64_MAX;

    for (size_t i = 0; i < p->c->lanes_count; i++) {
        const struct lane *l = p->c->lanes[i];
        int64_t us = INT64_MAX;
        if (l == self || !l->ready || l->done)
            continue;
        if (!l->active)
            us = l->front_us;
        else if (l->head->at < l->head->count)
            us = l->head->events[l->head->at].time_us;
        /* On a tie the earlier source goes first. */
        if (us != INT64_MAX && l->index > self->index)
            us++;
        least = us < least ? us : least;
    }
    return least;
}

static struct lane *next_lane(const struct pipeline *p)
{
    struct lane *best = NULL;
    int64_t best_us = INT64_MAX;

    for (size_t i = 0; i < p->c->lanes_count; i++) {
        struct lane *l = p->c->lanes[i];
        if (!l->active || l->done)
            continue;
        if (l->head->at >= l->head->count)
            return l; /* only counts are left in its head block */
        int64_t us = l->head->events[l->head->at].time_us;
        if (best == NULL || us < best_us) {
            best = l;
            best_us = us;
        }
    }
    return best;
}

/* Consumes from one lane as far as the merge allows; true when its head block is used up. */
static bool consume_run(struct pipeline *p, struct lane *l)
{
    struct block *b = l->head;
    int64_t bound = p->c->lanes_count > 1 ? bound_for(p, l) : INT64_MAX;
    size_t to = b->at;

    if (!l->accounted) {
        p->c->hooks.account(p->c->hooks.user, l, b);
        l->accounted = true;
    }
    if (bound == INT64_MAX)
        to = b->count;
    while (to < b->count && b->events[to].time_us < bound)
        to++;
    if (to > b->at)
        p->c->hooks.events(p->c->hooks.user, l, b, b->at, to);
    b->at = to;
    return to == b->count;
}

/* With the lock not held: only the consuming thread touches head blocks that are parsed. */
static void do_consume(struct pipeline *p)
{
    for (;;) {
        pthread_mutex_lock(&p->lock);
        activate_due(p);
        bool known = true;
        for (size_t i = 0; i < p->c->lanes_count; i++)
            known &= lane_known(p->c->lanes[i]);
        struct lane *l = known ? next_lane(p) : NULL;
        pthread_mutex_unlock(&p->lock);
        if (l == NULL)
            break;
        if (!consume_run(p, l))
            continue;
        bool go_on = p->c->hooks.tick == NULL || p->c->hooks.tick(p->c->hooks.user);
        pthread_mutex_lock(&p->lock);
        p->stopped |= !go_on;
        struct block *b = l->head;
        b->consumed = true;
        l->head = b->next;
        l->accounted = false;
        l->done = b->last;
        release_front(p, l);
        pthread_cond_broadcast(&p->work);
        pthread_mutex_unlock(&p->lock);
    }
    pthread_mutex_lock(&p->lock);
    p->consuming = false;
    pthread_mutex_unlock(&p->lock);
}

static void do_job(struct worker *w, const struct job *j)
{
    switch (j->kind) {
    case JOB_READ:
        do_read(w->p, j->lane);
        break;
    case JOB_HASH:
        do_hash(w->p, j->lane, j->block);
        break;
    case JOB_PARSE:
        do_parse(w->p, j->lane, j->block);
        break;
    case JOB_CONSUME:
        do_consume(w->p);
        break;
    case JOB_NONE:
        break;
    }
}

/* Marks the work as taken; under the lock. */
static void take(struct worker *w, const struct job *j)
{
    switch (j->kind) {
    case JOB_READ:
        j->lane->reading = true;
        break;
    case JOB_HASH:
        j->lane->hashing = true;
        break;
    case JOB_PARSE:
        j->block->thread_state = &w->states[j->lane->index];
        break;
    case JOB_CONSUME:
        w->p->consuming = true;
        break;
    case JOB_NONE:
        break;
    }
}

static void *work(void *arg)
{
    struct worker *w = arg;
    struct pipeline *p = w->p;

    pthread_mutex_lock(&p->lock);
    while (!p->finished) {
        activate_due(p);
        struct job j = choose(p);
        if (j.kind == JOB_NONE) {
            if (all_done(p)) {
                p->finished = true;
                break;
            }
            pthread_cond_wait(&p->work, &p->lock);
            continue;
        }
        take(w, &j);
        pthread_mutex_unlock(&p->lock);
        do_job(w, &j);
        pthread_mutex_lock(&p->lock);
        pthread_cond_broadcast(&p->work);
    }
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

static size_t states_needed(const struct pipeline_config *c)
{
    size_t n = 1;

    for (size_t i = 0; i < c->lanes_count; i++)
        if (c->lanes[i]->index + 1 > n)
            n = c->lanes[i]->index + 1;
    return n;
}

void pipeline_run(const struct pipeline_config *c)
{
    struct pipeline p = {.c = c};
    struct worker workers[THREADS_MAX];
    pthread_t threads[THREADS_MAX];
    int n = c->settings->threads < 1 ? 1 : c->settings->threads > THREADS_MAX ? THREADS_MAX : c->settings->threads;
    int started = 0;

    pthread_mutex_init(&p.lock, NULL);
    pthread_cond_init(&p.work, NULL);
    for (int i = 0; i < n; i++)
        workers[i] = (struct worker){&p, mem_alloc(states_needed(c) * sizeof(struct log_thread))};
    for (int i = 1; i < n; i++)
        if (pthread_create(&threads[started], NULL, work, &workers[i]) == 0)
            started++;
    work(&workers[0]);
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < n; i++)
        mem_free(workers[i].states);
    while (p.unused != NULL) {
        struct block *b = p.unused;
        p.unused = b->next;
        block_free(b);
    }
    pthread_cond_destroy(&p.work);
    pthread_mutex_destroy(&p.lock);
}
