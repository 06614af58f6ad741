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
    if (end && cut < n && n - cut <= f->line_max) {
        b->no_final_newline = true;
        cut = n;
    }
    b->lines = (struct str){b->data + start, (ptrdiff_t)(cut - start)};
    b->offset = base + start;
    keep_carry(f, b->data + cut, n - cut);
    if (end && f->skipping)
        give_up_line(f, b, 0, false);
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

/* One line: an event, an exclusion or a reject.  with_end: its length including the line end. */
static void parse_line(struct block *b, const struct parse_context *c, struct log_thread *thread,
                       struct str line, size_t with_end)
{
    const struct settings *s = c->settings;
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
    e->source = c->source;
    e->raw = line.p;
    if (e->time_us < s->since_us || e->time_us >= s->until_us) {
        b->excluded++;
        b->excluded_bytes += with_end;
        return;
    }
    client_resolve(c->site, e);
    site_read(c->site, &b->arena, e, &b->hits[b->count]);
    note_clock(b, e);
    note_oddities(b, e->odd);
    b->has |= e->has;
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

/* ---- accounting ---- */

static void account_clock(const struct block *b, struct ledger_source *s, int64_t *previous_us)
{
    if (b->count == 0)
        return;
    if (s->parsed == 0) {
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
        b->rejects[i].record += before;
        ledger_reject(s, &b->rejects[i], rejects_listed_max);
    }
    for (size_t i = 0; i < b->count; i++)
        b->events[i].record += before;
    account_clock(b, s, previous_us);
    s->physical += b->physical;
    s->parsed += b->count;
    s->parsed_bytes += b->parsed_bytes;
    s->rejected_bytes += b->rejected_bytes;
    s->excluded += b->excluded;
    s->excluded_bytes += b->excluded_bytes;
    s->bytes += (uint64_t)b->lines.n;
    s->has |= b->has;
    for (int i = 0; i < ODDITY_COUNT; i++)
        s->oddities[i] += b->oddities[i];
    *records = before + b->physical;
}
