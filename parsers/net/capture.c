/* capture.c: the window over a capture's bytes, and what both file formats have in common.
 *
 * Bytes are read straight into one buffer and packets point into it: nothing is copied but the part
 * of a record that stands at the window's end when more is read.  Whatever is consumed is accounted
 * to exactly one of packets, other content or rejected, so that the sums can be held against the
 * file's length. */
#include "parsers/net/capture_priv.h"

#include <stdarg.h>
#include <stdio.h>

/* Beside one packet of the largest size: room for its block's options, and for few large reads. */
enum { WINDOW_SLACK = 256 * 1024 };

static const struct capture_format *const formats[] = {&capture_pcap, &capture_pcapng};

static const struct capture_format *format_of(struct str head)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (formats[i]->recognises(head))
            return formats[i];
    return NULL;
}

/* ---- the window ---- */

bool capture_need(struct capture *c, size_t n)
{
    if (capture_held(c) >= n)
        return true;
    memmove(c->buf, c->buf + c->at, capture_held(c));
    c->end -= c->at;
    c->at = 0;
    while (c->end < n && c->stream == STATUS_OK) {
        size_t got = 0;
        c->stream = c->read(c->user, (char *)c->buf + c->end, c->cap - c->end, &got);
        c->end += got;
        if (got == 0 && c->stream == STATUS_OK)
            c->stream = STATUS_END;
    }
    return c->end >= n;
}

static void consume(struct capture *c, size_t n, uint64_t *account)
{
    c->at += n;
    c->offset += n;
    c->counts.bytes += n;
    *account += n;
}

bool capture_pass(struct capture *c, uint64_t n, uint64_t *account)
{
    uint64_t passed = 0;
    while (n > 0 && capture_need(c, 1)) {
        size_t held = capture_held(c), now = n < held ? (size_t)n : held;
        consume(c, now, &passed);
        n -= now;
    }
    *(n == 0 ? account : &c->counts.rejected_bytes) += passed;
    return n == 0;
}

/* ---- ends ---- */

/* Read on although it means nothing: the file is hashed and counted whole. */
static void drain(struct capture *c)
{
    do
        consume(c, capture_held(c), &c->counts.rejected_bytes);
    while (capture_need(c, 1));
}

static void say(struct capture *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds to the reason; what does not fit is left out. */
static void say(struct capture *c, const char *format, ...)
{
    size_t len = strnlen(c->why, sizeof c->why);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(c->why + len, sizeof c->why - len, format, arguments);
    va_end(arguments);
}

static void say_source_problem(struct capture *c)
{
    enum diag_code code;
    struct str detail = STR_NONE;
    if (c->source == NULL || !source_problem(c->source, &code, &detail))
        return;
    say(c, " (%s", diag_table[code].name);
    if (detail.n > 0)
        say(c, ": %.*s", STR_ARG(detail));
    say(c, ")");
}

enum status capture_end(struct capture *c)
{
    if (c->stream != STATUS_FAILED)
        return STATUS_END;
    c->trouble = CAPTURE_CUT_OFF;
    say(c, "broke off at byte %llu, after packet %llu", (unsigned long long)c->offset,
        (unsigned long long)c->counts.packets);
    say_source_problem(c);
    return STATUS_FAILED;
}

enum status capture_damaged(struct capture *c, const char *format, ...)
{
    char what[160];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    c->trouble = CAPTURE_DAMAGED;
    c->counts.rejected++;
    say(c, "damaged at byte %llu, after packet %llu: %s", (unsigned long long)c->offset,
        (unsigned long long)c->counts.packets, what);
    drain(c);
    return STATUS_FAILED;
}

enum status capture_cut_off(struct capture *c, const char *what, uint64_t start, uint64_t wanted)
{
    c->trouble = CAPTURE_CUT_OFF;
    c->counts.rejected++;
    say(c, "cut off inside the %s at byte %llu, after packet %llu: "
           "%llu of at least %llu bytes are there",
        what, (unsigned long long)start, (unsigned long long)c->counts.packets,
        (unsigned long long)(c->offset - start + capture_held(c)), (unsigned long long)wanted);
    if (c->stream == STATUS_FAILED)
        say_source_problem(c);
    drain(c);
    return STATUS_FAILED;
}

void capture_packet(struct capture *c, struct packet *p, uint64_t span)
{
    p->number = ++c->counts.packets;
    p->offset = c->offset;
    p->data_offset = c->offset + (uint64_t)(p->data - capture_at(c));
    p->section = (uint32_t)c->counts.sections;
    c->counts.cut += p->captured < p->original;
    c->counts.undated += !p->has_time;
    consume(c, span, &c->counts.packet_bytes);
}

/* ---- public ---- */

bool capture_recognises(struct str head)
{
    return format_of(head) != NULL;
}

static enum status read_source(void *user, char *buf, size_t n, size_t *got)
{
    return source_read(user, buf, n, got);
}

struct capture *capture_open(struct source *s, struct str head, const struct limits *l)
{
    struct capture *c = capture_open_read(read_source, s, head, l);
    c->source = s;
    return c;
}

struct capture *capture_open_read(capture_read *read, void *user, struct str head,
                                  const struct limits *l)
{
    struct capture *c = mem_alloc(sizeof *c);
    c->read = read;
    c->user = user;
    c->packet_max = (uint64_t)l->v[LIMIT_packet_bytes_max];
    c->interfaces_max = (uint64_t)l->v[LIMIT_capture_interfaces_max];
    c->secrets_max = (uint64_t)l->v[LIMIT_capture_secrets_bytes_max];
    c->cap = (size_t)(c->packet_max + WINDOW_SLACK);
    if (c->cap < (size_t)head.n)
        c->cap = (size_t)head.n;
    c->buf = mem_alloc(c->cap);
    if (head.n > 0)
        memcpy(c->buf, head.p, (size_t)head.n);
    c->end = (size_t)head.n;
    return c;
}

/* Which format it is needs twelve bytes; with fewer it is none. */
static enum status open_format(struct capture *c)
{
    c->opened = true;
    capture_need(c, 12);
    c->format = format_of((struct str){(const char *)capture_at(c), (ptrdiff_t)capture_held(c)});
    if (c->format == NULL)
        return capture_damaged(c, "no capture file begins so");
    return c->format->open(c);
}

enum status capture_next(struct capture *c, struct packet *p, struct str *why)
{
    if (c->over == STATUS_OK && !c->opened)
        c->over = open_format(c);
    enum status status = c->over;
    if (status == STATUS_OK)
        do
            status = c->format->next(c, p);
        while (status == STATUS_SKIP);
    c->over = status;
    *why = status == STATUS_FAILED ? str_of(c->why) : STR_NONE;
    return status;
}

const struct capture_counts *capture_counts(const struct capture *c)
{
    return &c->counts;
}

struct str capture_secrets(const struct capture *c)
{
    return (struct str){c->secrets, (ptrdiff_t)c->secrets_len};
}

enum capture_trouble capture_trouble(const struct capture *c)
{
    return c->trouble;
}

const char *capture_format_name(const struct capture *c)
{
    return c->format != NULL ? c->format->name : "unknown";
}

void capture_close(struct capture *c)
{
    if (c == NULL)
        return;
    mem_free(c->ng.interfaces);
    mem_free(c->secrets);
    mem_free(c->buf);
    mem_free(c);
}
