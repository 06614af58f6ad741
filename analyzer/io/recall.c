/* recall.c: cited records, read a second time.
 *
 * Plain bytes are read by place.  gzip data are inflated again from the start, with a window that
 * slides over the wanted ranges; these may overlap, since one record can be cited twice. */
#include <stdlib.h>

#include "analyzer/io/inflate.h"
#include "analyzer/io/stored.h"

enum { IN_LEN = 256 * 1024, OUT_LEN = 512 * 1024 };

struct recall {
    const struct stored *stored;
    struct inflate *inflate; /* NULL: plain */
    uint8_t *in;
    size_t in_at, in_end;
    uint64_t stored_at;  /* offset of the next stored byte */
    char *window;
    size_t held, cap;    /* bytes in window */
    uint64_t window_at;  /* stream offset of window[0] */
    bool over;
};

static int by_place(const void *left, const void *right)
{
    const struct range *a = left, *b = right;
    if (a->offset != b->offset)
        return a->offset < b->offset ? -1 : 1;
    return (a->length > b->length) - (a->length < b->length);
}

static void room_for(struct recall *r, size_t n)
{
    if (n <= r->cap)
        return;
    r->window = mem_grow(r->window, n);
    r->cap = n;
}

static bool refill(struct recall *r)
{
    r->in_at = 0;
    r->in_end = stored_again(r->stored, r->stored_at, r->in, IN_LEN);
    r->stored_at += r->in_end;
    return r->in_end > 0;
}

/* Appends the next stretch of the stream to the window. */
static void inflate_on(struct recall *r)
{
    room_for(r, r->held + OUT_LEN);
    struct inflate_io io = {
        .in = r->in + r->in_at,
        .in_n = r->in_end - r->in_at,
        .out = (uint8_t *)r->window + r->held,
        .out_n = OUT_LEN,
    };
    enum status status = inflate_run(r->inflate, &io);
    r->in_at = r->in_end - io.in_n;
    r->held += OUT_LEN - io.out_n;
    r->over = status == STATUS_END || status == STATUS_FAILED ||
              (status == STATUS_MORE && !refill(r));
}

static void forget_before(struct recall *r, uint64_t offset)
{
    uint64_t gone = offset - r->window_at;
    if (gone > r->held)
        gone = r->held;
    if (gone == 0)
        return;
    memmove(r->window, r->window + gone, r->held - gone);
    r->held -= gone;
    r->window_at += gone;
}

static struct str range_of_gzip(struct recall *r, const struct range *want)
{
    while (!r->over && r->window_at + r->held < want->offset + want->length) {
        forget_before(r, want->offset);
        inflate_on(r);
    }
    forget_before(r, want->offset);
    if (r->window_at != want->offset || r->held < want->length)
        return STR_NONE;
    return (struct str){r->window, want->length};
}

static struct str range_of_plain(struct recall *r, const struct range *want)
{
    room_for(r, (size_t)want->length + 1);
    size_t got = stored_again(r->stored, want->offset, r->window, want->length);
    return got == want->length ? (struct str){r->window, want->length} : STR_NONE;
}

static void recall_open(struct recall *r, struct source *s)
{
    uint8_t head[3];
    *r = (struct recall){.stored = source_stored(s)};
    if (!inflate_recognises(head, stored_again(r->stored, 0, head, sizeof head)))
        return;
    r->inflate = inflate_open(inflate_backends[0]);
    r->in = mem_alloc(IN_LEN);
}

static void recall_close(struct recall *r)
{
    inflate_close(r->inflate);
    mem_free(r->in);
    mem_free(r->window);
}

enum status source_recall(struct source *s, const struct range *ranges, size_t n,
                          void (*give)(void *user, struct str bytes), struct str *why)
{
    struct recall r;
    size_t lost = 0;
    if (!stored_can_repeat(source_stored(s))) {
        *why = STR("a pipe of which no copy was kept");
        return STATUS_FAILED;
    }
    if (n == 0)
        return STATUS_OK;
    struct range *sorted = mem_alloc(n * sizeof *sorted);
    memcpy(sorted, ranges, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_place);
    recall_open(&r, s);
    for (size_t i = 0; i < n; i++) {
        struct str bytes =
            r.inflate != NULL ? range_of_gzip(&r, &sorted[i]) : range_of_plain(&r, &sorted[i]);
        if (bytes.p != NULL)
            give(sorted[i].user, bytes);
        else
            lost++;
    }
    recall_close(&r);
    mem_free(sorted);
    if (lost > 0)
        *why = STR("the source no longer has all of these bytes");
    return lost > 0 ? STATUS_FAILED : STATUS_OK;
}
