/* Following growing logs.  The same framing, parsing, sessions and conclusions as a run over files, fed
 * as bytes arrive; sessions close by the data's clock, so what is concluded at the end is what `analyze`
 * concludes on the same bytes.  Every generation of a rotated log is a source of its own. */
#include <time.h>

#include "analyzer/base/map.h"
#include "analyzer/engine/engine_priv.h"
#include "analyzer/io/follow.h"

enum { RECOGNISE_BYTES = 65536, WAIT_MS = 500, DRAIN_READS = 4096, ALERT_EVERY_US = 500000 };

struct tail {
    struct engine *engine;
    struct str path;
    struct follow *follow;
    struct lane *lane;
    struct block *block;
    struct log_thread thread;
    char *pending;       /* bytes not yet recognised */
    size_t pending_len;
    bool unknown;        /* of no known format: counted as rejected, not parsed */
    bool ended;
    bool given_up;       /* its last generation is accounted for already */
};

/* ---- alerts ---- */

/* Which sessions an alert has named already, by the digits of their public id: those do not change when a
 * session closes. */
struct alerted {
    struct map map;
    struct alerted_session {
        uint64_t digits;
        uint8_t kinds; /* 1 automated, 2 bulk */
    } *items;
    uint32_t count, cap;
    int64_t next_us; /* monotonic: no round before it */
    uint64_t lines;  /* consumed when the last round was held */
};

static bool same_digits(const void *items, uint32_t item, const void *key)
{
    const struct alerted *a = items;
    const uint64_t *digits = key;
    return a->items[item].digits == *digits;
}

static struct alerted_session *alerted_at(struct alerted *a, const struct session *s)
{
    char id[SESSION_ID_MAX];
    uint64_t digits = 0;

    session_public_id(s, id);
    for (int i = 2; i < SESSION_ID_MAX - 1; i++)
        digits = digits << 4 | (uint64_t)hex_digit(id[i]);
    uint64_t hash = hash_bytes(&digits, sizeof digits);
    uint32_t found = map_find(&a->map, hash, same_digits, a, &digits);
    if (found != MAP_NONE)
        return &a->items[found];
    if (a->count == a->cap) {
        a->cap = a->cap == 0 ? 64 : a->cap * 2;
        a->items = mem_grow(a->items, a->cap * sizeof *a->items);
    }
    a->items[a->count] = (struct alerted_session){.digits = digits};
    map_put(&a->map, hash, a->count);
    return &a->items[a->count++];
}

static const struct session *session_by_id(const struct findings *f, uint32_t id)
{
    uint32_t lo = 0, hi = f->sessions_count;

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (f->sessions[mid]->id < id)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < f->sessions_count && f->sessions[lo]->id == id ? f->sessions[lo] : NULL;
}

/* True when no session of the cluster was named for this kind of conclusion before. */
static bool alert_is_new(struct alerted *a, const struct cluster *c, const struct findings *f, uint8_t kind)
{
    bool known = false;

    for (uint32_t i = 0; i < c->sessions_count; i++) {
        const struct session *s = session_by_id(f, c->sessions[i]);
        if (s == NULL)
            continue;
        struct alerted_session *x = alerted_at(a, s);
        known |= (x->kinds & kind) != 0;
        x->kinds |= kind;
    }
    return !known;
}

static void alert_all(struct engine *e, struct alerted *a, const struct findings *f)
{
    for (uint32_t i = 0; i < f->clusters_count; i++) {
        const struct cluster *c = &f->clusters[i];
        bool fresh = false;
        if (c->automated.concluded)
            fresh |= alert_is_new(a, c, f, 1);
        if (c->bulk.concluded)
            fresh |= alert_is_new(a, c, f, 2);
        if (fresh)
            e->hooks.alert(e->hooks.user, c, f);
    }
}

static int64_t monotonic_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void look_at_open(void *user, const struct session *s)
{
    struct engine *e = user;
    conclude_open_session(e->conclude, s);
}

/* Somebody in the middle of a wave cannot wait until sessions fall idle: a round of conclusions looks at
 * the open ones too.  Our clock only says how often; a round may take a tenth of the time. */
static void alert(struct engine *e, struct alerted *a)
{
    int64_t now = monotonic_us();

    if (e->hooks.alert == NULL || e->lines == a->lines || now < a->next_us)
        return;
    a->lines = e->lines;
    sessions_peek(e->sessions, look_at_open, e);
    alert_all(e, a, conclude_now(e->conclude));
    int64_t took = monotonic_us() - now;
    a->next_us = now + (took * 10 > ALERT_EVERY_US ? took * 10 : ALERT_EVERY_US);
}

static void alerted_free(struct alerted *a)
{
    map_free(&a->map);
    mem_free(a->items);
}

/* ---- one followed log ---- */

static void consume(struct tail *t)
{
    struct engine *e = t->engine;
    struct block *b = t->block;
    const struct parse_context c = {e->settings, e->site, t->lane->format, t->lane->index};

    if (t->lane->format != NULL)
        block_parse(b, &c, &t->thread);
    engine_account(e, t->lane, b);
    engine_events(e, t->lane, b, 0, b->count);
}

/* Frames n fresh bytes that stand behind the carry in the block. */
static void feed_block(struct tail *t, size_t fresh, bool end)
{
    frame_block(&t->lane->framer, t->block, fresh, end);
    consume(t);
    block_clear(t->block);
}

static void feed(struct tail *t, const char *p, size_t n)
{
    size_t most = (size_t)t->engine->settings->limits.v[LIMIT_block_bytes];

    for (size_t at = 0; at < n;) {
        size_t k = n - at < most ? n - at : most;
        size_t front = frame_begin(&t->lane->framer, t->block);
        memcpy(t->block->data + front, p + at, k);
        feed_block(t, k, false);
        at += k;
    }
}

/* Until the format is known the bytes wait; a whole line is enough to try, a full buffer forces it. */
static void recognise(struct tail *t, bool force)
{
    struct engine *e = t->engine;
    struct str head = {t->pending, (ptrdiff_t)t->pending_len};

    if (t->pending_len == 0 || (!force && str_find(head, '\n', 0) < 0))
        return;
    size_t diags = e->diags.count;
    if (capture_recognises(head)) {
        diag_add(&e->diags, DIAG_capture_followed, t->lane->index, 1, STR_NONE);
        t->unknown = true;
        t->pending_len = 0;
        return;
    }
    if (!lane_recognise(e, t->lane, head)) {
        if (!force && t->pending_len < RECOGNISE_BYTES) {
            e->diags.count = diags; /* perhaps the next lines tell */
            return;
        }
        t->unknown = true;
    }
    t->lane->ready = !t->unknown;
    t->lane->active = true;
    if (!t->unknown)
        feed(t, t->pending, t->pending_len);
    t->pending_len = 0;
}

static void take_bytes(struct tail *t, const char *p, size_t n)
{
    if (t->unknown)
        return;
    if (t->lane->ready) {
        feed(t, p, n);
        return;
    }
    size_t room = RECOGNISE_BYTES - t->pending_len;
    size_t k = n < room ? n : room;
    memcpy(t->pending + t->pending_len, p, k);
    t->pending_len += k;
    recognise(t, t->pending_len == RECOGNISE_BYTES);
    if (k < n)
        take_bytes(t, p + k, n - k);
}

static void end_generation(struct tail *t)
{
    struct engine *e = t->engine;
    struct lane *l = t->lane;

    recognise(t, true);
    if (l->ready) {
        frame_begin(&l->framer, t->block);
        feed_block(t, 0, true);
    }
    struct ledger_source *s = &e->ledger.sources[l->index];
    s->sha256 = follow_sha256(t->follow, &s->file_bytes);
    s->hashed = true;
    s->complete = !t->unknown;
    if (s->bytes == 0 && !t->unknown) {
        s->format = STR("none");
        s->first_us = INT64_MAX;
        s->last_us = INT64_MIN;
        diag_add(&e->diags, DIAG_empty_source, l->index, 1, STR_NONE);
    }
    lane_note_quality(e, l);
}

static void begin_generation(struct tail *t)
{
    t->lane = engine_lane(t->engine, t->path, base_name(t->path));
    t->engine->ledger.sources[t->lane->index].compression = "none";
    t->thread = (struct log_thread){0};
    t->pending_len = 0;
    t->unknown = false;
}

/* An act stores its source in sixteen bits: the last generation that fits is the last that is read. */
static void next_generation(struct tail *t)
{
    struct engine *e = t->engine;

    if (e->ledger.count < (size_t)e->settings->limits.v[LIMIT_sources_max]) {
        begin_generation(t);
        return;
    }
    diag_add(&e->diags, DIAG_sources_dropped, DIAG_RUN, 1, t->path);
    t->ended = true;
    t->given_up = true;
}

/* True when something happened. */
static bool tail_read(struct tail *t, char *buf, size_t n)
{
    size_t got = 0;

    if (t->ended)
        return false;
    switch (follow_read(t->follow, buf, n, &got)) {
    case FOLLOW_BYTES:
        take_bytes(t, buf, got);
        return true;
    case FOLLOW_GENERATION:
        end_generation(t);
        next_generation(t);
        return true;
    case FOLLOW_ERROR:
        diag_add(&t->engine->diags, DIAG_source_broke_off, t->lane->index, 1, STR_NONE);
        t->ended = true;
        return true;
    case FOLLOW_END:
        t->ended = true;
        return true;
    case FOLLOW_IDLE:
        break;
    }
    return false;
}

static bool tail_open(struct engine *e, struct tail *t, struct str path)
{
    struct str why = STR_NONE;

    *t = (struct tail){.engine = e, .path = path};
    begin_generation(t);
    t->follow = follow_open(path, &why);
    t->block = block_new(&e->settings->limits);
    t->pending = mem_alloc(RECOGNISE_BYTES);
    if (t->follow != NULL)
        return true;
    diag_add(&e->diags, DIAG_source_unreadable, t->lane->index, 1, why);
    t->ended = true;
    return false;
}

static void tail_close(struct tail *t)
{
    if (t->follow != NULL && !t->given_up)
        end_generation(t);
    if (t->follow != NULL)
        follow_close(t->follow);
    block_free(t->block);
    mem_free(t->pending);
}

static bool all_ended(const struct tail *tails, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!tails[i].ended)
            return false;
    return true;
}

static bool report_progress(struct engine *e)
{
    struct engine_progress p = {.lines = e->lines};

    for (size_t i = 0; i < e->ledger.count; i++)
        p.bytes += e->ledger.sources[i].bytes;
    return e->hooks.progress == NULL || e->hooks.progress(e->hooks.user, &p);
}

static void follow_all(struct engine *e, struct tail *tails, size_t n, const volatile int *stop,
                       struct alerted *alerted)
{
    size_t most = (size_t)e->settings->limits.v[LIMIT_block_bytes];
    struct follow **open = mem_alloc(n * sizeof(struct follow *));
    char *buf = mem_alloc(most);
    size_t opened = 0;

    for (size_t i = 0; i < n; i++)
        if (tails[i].follow != NULL)
            open[opened++] = tails[i].follow;
    while (!*stop && !all_ended(tails, n)) {
        bool busy = false;
        for (size_t i = 0; i < n; i++)
            busy |= tail_read(&tails[i], buf, most);
        alert(e, alerted);
        if (!report_progress(e))
            break;
        if (!busy)
            follow_wait((struct follow *const *)open, opened, WAIT_MS);
    }
    for (size_t i = 0; i < n; i++) /* what was written before the signal still counts */
        for (int k = 0; k < DRAIN_READS && tail_read(&tails[i], buf, most); k++)
            ;
    mem_free(buf);
    mem_free(open);
}

enum status engine_watch(struct engine *e, const volatile int *stop)
{
    size_t n = e->settings->inputs_count;
    struct tail *tails = mem_alloc((n + 1) * sizeof *tails);
    struct str why = STR_NONE;
    struct alerted alerted = {0};
    bool all = true;

    if (e->settings->out.n > 0) {
        e->keep = keep_open(&why);
        if (e->keep == NULL)
            diag_add(&e->diags, DIAG_spool_full, DIAG_RUN, 1, why);
    }
    for (size_t i = 0; i < n; i++)
        all &= tail_open(e, &tails[i], e->settings->inputs[i]);
    follow_all(e, tails, n, stop, &alerted);
    for (size_t i = 0; i < n; i++)
        tail_close(&tails[i]);
    mem_free(tails);
    engine_conclude(e, CLOSED_END);
    if (e->hooks.alert != NULL)
        alert_all(e, &alerted, e->findings);
    alerted_free(&alerted);
    return all ? STATUS_OK : STATUS_FAILED;
}
