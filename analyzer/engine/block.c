/* Framing and parsing of one block; see block.h. */
#include "analyzer/engine/block.h"

#include <stdlib.h>

#include "analyzer/enrich/client.h"

enum { EVENTS_FIRST = 64 };

/* Tests cut blocks small to show that their borders change nothing. */
static size_t block_bytes(const struct limits *l)
{
    uint64_t n = 0;
    return str_u64(str_of(getenv("VIGIE_BLOCK_BYTES")), &n) && n > 0 ? (size_t)n
                                                                     : (size_t)l->v[LIMIT_block_bytes];
}

struct block *block_new(const struct limits *l)
{
    struct block *b = mem_alloc(sizeof *b);

    b->want = block_bytes(l);
    b->cap = (size_t)l->v[LIMIT_line_bytes_max] + BLOCK_HEAD_BYTES + b->want;
    b->data = mem_alloc(b->cap);
    return b;
}

void block_clear(struct block *b)
{
    struct block keep = *b;

    arena_rewind(&b->arena);
    keep.arena = b->arena;
    *b = (struct block){.data = keep.data, .cap = keep.cap, .want = keep.want, .events = keep.events, .hits = keep.hits,
                        .cap_events = keep.cap_events, .rejects = keep.rejects,
                        .rejects_cap = keep.rejects_cap, .arena = keep.arena};
}

void block_free(struct block *b)
{
    if (b == NULL)
        return;
    mem_free(b->data);
    mem_free(b->events);
    mem_free(b->hits);
    mem_free(b->rejects);
    arena_free(&b->arena);
    mem_free(b);
}

/* ---- framing ---- */

size_t frame_begin(struct framer *f, struct block *b)
{
    if (f->carry_len > 0)
        memcpy(b->data, f->carry, f->carry_len);
    return f->carry_len;
}

static void give_up_line(struct framer *f, struct block *b, size_t upto, bool ended)
{
    b->broken_line = true;
    b->too_long = (struct rejected){.offset = f->skip_offset, .length = f->skip_length + upto,
                                    .reason = REJECT_TOO_LONG};
    b->too_long_end = ended;
    f->skipping = false;
}

static void keep_carry(struct framer *f, const char *p, size_t n)
{
    if (n > f->line_max) {
        f->skipping = true;
        f->skip_offset = f->offset - n;
        f->skip_length = n;
        n = 0;
    }
    if (n > 0) {
        if (f->carry == NULL)
            f->carry = mem_alloc(f->line_max + 1);
        memcpy(f->carry, p, n);
    }
    f->carry_len = n;
}

void frame_block(struct framer *f, struct block *b, size_t fresh, bool end)
{
    size_t n = f->carry_len + fresh, start = 0;

    b->fresh = (struct str){b->data + f->carry_len, (ptrdiff_t)fresh};
    uint64_t base = f->offset - f->carry_len;
    f->offset += fresh;
    b->last = end;
    if (f->skipping) {
        const char *newline = n > 0 ? memchr(b->data, '\n', n) : NULL;
        if (newline == NULL && !end) {
            f->skip_length += n;
            return;
        }
        size_t upto = newline != NULL ? (size_t)(newline - b->data) : n;
        give_up_line(f, b, upto, newline != NULL);
        start = newline != NULL ? upto + 1 : n;
    }
    const char *tail = n > start ? memrchr(b->data + start, '\n', n - start) : NULL;
    size_t cut = tail != NULL ? (size_t)(tail - b->data) + 1 : start;
    if (end && cut < n) { /* too long or not, it is whole here */
        b->no_final_newline = true;
        cut = n;
    }
    b->lines = (struct str){b->data + start, (ptrdiff_t)(cut - start)};
    b->offset = base + start;
    keep_carry(f, b->data + cut, n - cut);
}

/* ---- parsing ---- */

static void grow_events(struct block *b)
{
    b->cap_events = b->cap_events == 0 ? EVENTS_FIRST : b->cap_events * 2;
    b->events = mem_grow(b->events, b->cap_events * sizeof *b->events);
    b->hits = mem_grow(b->hits, b->cap_events * sizeof *b->hits);
}

static void reject_line(struct block *b, const struct rejected *r)
{
    if (b->rejects_count == b->rejects_cap) {
        b->rejects_cap = b->rejects_cap == 0 ? 64 : b->rejects_cap * 2;
        b->rejects = mem_grow(b->rejects, b->rejects_cap * sizeof *b->rejects);
    }
    b->rejects[b->rejects_count++] = *r;
}

static void note_clock(struct block *b, const struct event *e)
{
    if (b->count == 0) {
        b->first_us = b->last_us = b->front_us = b->back_us = e->time_us;
        b->meaning = e->meaning;
    }
    if (e->time_us < b->back_us) {
        b->backward_steps++;
        if (b->back_us - e->time_us > b->backward_us_max)
            b->backward_us_max = b->back_us - e->time_us;
    }
    b->back_us = e->time_us;
    b->first_us = e->time_us < b->first_us ? e->time_us : b->first_us;
    b->last_us = e->time_us > b->last_us ? e->time_us : b->last_us;
    if (e->resolution_us > b->resolution_us)
        b->resolution_us = e->resolution_us;
    if (e->meaning != b->meaning)
        b->meaning = TIME_MEANS_UNKNOWN;
}

static void note_oddities(struct block *b, uint32_t odd)
{
    while (odd != 0) {
        b->oddities[__builtin_ctz(odd)]++;
        odd &= odd - 1;
    }
}

/* The parser's answer, but for a line that is longer than a line may be: whether it fell whole into one
 * block or was skipped by the framer must make no difference. */
static enum reject read_line(const struct parse_context *c, struct log_thread *thread, struct arena *a,
                             struct str line, struct event *e)
{
    if (line.n > c->settings->limits.v[LIMIT_line_bytes_max])
        return REJECT_TOO_LONG;
    return log_line(c->format, thread, a, line, e);
}

/* Whom and what an event is about; false: it lies outside the window asked for. */
static bool settle(struct block *b, const struct parse_context *c, struct event *e, struct hit *h)
{
    if (e->time_us < c->settings->since_us || e->time_us >= c->settings->until_us)
        return false;
    e->source = c->source;
    client_resolve(c->site, e);
    if (e->net != NULL && e->net->hello != NULL)
        *h = (struct hit){0}; /* no request: the profile says nothing of it */
    else
        site_read(c->site, &b->arena, e, h);
    b->explained += h->step != 0;
    note_clock(b, e);
    note_oddities(b, e->odd);
    b->has |= e->has;
    return true;
}

/* One line: an event, an exclusion or a reject.  with_end: its length including the line end. */
static void parse_line(struct block *b, const struct parse_context *c, struct log_thread *thread,
                       struct str line, size_t with_end)
{
    uint64_t offset = b->offset + (uint64_t)(line.p - b->lines.p);

    b->physical++;
    if (b->count == b->cap_events)
        grow_events(b);
    struct event *e = &b->events[b->count];
    enum reject why = read_line(c, thread, &b->arena, line, e);
    if (why != REJECT_NONE) {
        b->rejected_bytes += with_end;
        reject_line(b, &(struct rejected){.record = b->physical, .offset = offset,
                                          .length = (uint64_t)line.n, .reason = why});
        return;
    }
    e->record = b->physical;
    e->offset = offset;
    e->length = (uint32_t)line.n;
    e->raw = line.p;
    if (!settle(b, c, e, &b->hits[b->count])) {
        b->excluded++;
        b->excluded_bytes += with_end;
        return;
    }
    b->parsed_records++;
    b->parsed_bytes += with_end;
    b->count++;
}

void block_parse(struct block *b, const struct parse_context *c, struct log_thread *thread)
{
    const char *p = b->lines.p, *end = p + b->lines.n;

    thread->plain = log_bytes_plain(b->lines);
    while (p < end) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        const char *stop = newline != NULL ? newline : end;
        size_t with_end = (size_t)(stop - p) + (newline != NULL);
        parse_line(b, c, thread, (struct str){p, stop - p}, with_end);
        p = stop + 1;
    }
}

void block_count_lines(struct block *b)
{
    const char *p = b->lines.p, *end = p + b->lines.n;

    while (p < end) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        b->physical++;
        p = newline != NULL ? newline + 1 : end;
    }
}

/* ---- packets ---- */

static struct event *room_for_event(void *user)
{
    struct block *b = user;
    if (b->count == b->cap_events)
        grow_events(b);
    return &b->events[b->count++];
}

static void reject_packet(void *user, const struct rejected *r)
{
    reject_line(user, r);
}

enum status block_read_packets(struct block *b, struct net_parser *n, struct str *why)
{
    struct net_batch batch = {.arena = &b->arena, .user = b, .room = room_for_event, .reject = reject_packet};
    enum status st = net_next(n, &batch, why);

    b->packets = true;
    b->physical += batch.packets;
    b->parsed_records += batch.parsed;
    b->parsed_bytes += batch.parsed_bytes;
    b->rejected_bytes += batch.rejected_bytes;
    b->excluded += batch.excluded;
    b->excluded_bytes += batch.excluded_bytes;
    return st;
}

void block_settle(struct block *b, const struct parse_context *c)
{
    size_t n = b->count;

    b->count = 0;
    for (size_t i = 0; i < n; i++) {
        if (i != b->count)
            b->events[b->count] = b->events[i];
        if (settle(b, c, &b->events[b->count], &b->hits[b->count]))
            b->count++;
    }
}

void block_count_packets(struct block *b)
{
    b->count = b->rejects_count = 0;
    b->already_seen_bytes = b->parsed_bytes + b->rejected_bytes + b->excluded_bytes;
    b->parsed_records = b->parsed_bytes = b->rejected_bytes = b->excluded = b->excluded_bytes = 0;
}

uint64_t block_bytes_of(const struct block *b)
{
    if (!b->packets)
        return (uint64_t)b->lines.n;
    return b->parsed_bytes + b->rejected_bytes + b->excluded_bytes + b->already_seen_bytes;
}

/* ---- accounting ---- */

static void account_clock(const struct block *b, struct ledger_source *s, int64_t *previous_us)
{
    if (b->count == 0)
        return;
    if (s->first_us > s->last_us) {
        s->first_us = b->first_us;
        s->last_us = b->last_us;
        s->meaning = b->meaning;
    }
    s->first_us = b->first_us < s->first_us ? b->first_us : s->first_us;
    s->last_us = b->last_us > s->last_us ? b->last_us : s->last_us;
    if (*previous_us != INT64_MIN && b->front_us < *previous_us) {
        int64_t step = *previous_us - b->front_us;
        s->backward_steps++;
        s->backward_us_max = step > s->backward_us_max ? step : s->backward_us_max;
    }
    *previous_us = b->back_us;
    s->backward_steps += b->backward_steps;
    if (b->backward_us_max > s->backward_us_max)
        s->backward_us_max = b->backward_us_max;
    if (b->resolution_us > s->resolution_us)
        s->resolution_us = b->resolution_us;
    if (b->meaning != s->meaning)
        s->meaning = TIME_MEANS_UNKNOWN;
}

void block_account(struct block *b, struct ledger_source *s, uint64_t *records, int64_t *previous_us,
                   int64_t rejects_listed_max)
{
    uint64_t before = *records;

    if (b->broken_line) {
        b->too_long.record = ++before;
        s->physical++;
        s->rejected_bytes += b->too_long.length + b->too_long_end;
        s->bytes += b->too_long.length + b->too_long_end;
        ledger_reject(s, &b->too_long, rejects_listed_max);
    }
    for (size_t i = 0; i < b->rejects_count; i++) {
        b->rejects[i].record += b->packets ? 0 : before;
        ledger_reject(s, &b->rejects[i], rejects_listed_max);
    }
    for (size_t i = 0; i < b->count && !b->packets; i++)
        b->events[i].record += before;
    account_clock(b, s, previous_us);
    s->physical += b->physical;
    s->parsed += b->parsed_records;
    s->parsed_bytes += b->parsed_bytes;
    s->rejected_bytes += b->rejected_bytes;
    s->excluded += b->excluded;
    s->excluded_bytes += b->excluded_bytes;
    s->bytes += block_bytes_of(b);
    s->has |= b->has;
    for (int i = 0; i < ODDITY_COUNT; i++)
        s->oddities[i] += b->oddities[i];
    *records = before + b->physical;
}
