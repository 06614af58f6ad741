/* fuzz_net.c: any file as a capture: the same events whether it comes whole or in small pieces, and a ledger that
 * adds up to its length.  The first byte is the size of the pieces. */
#include <stdlib.h>

#include "analyzer/base/json.h"
#include "parsers/net/net.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct reading {
    struct str rest;
    size_t step;
    struct event event;
    struct net_batch batch;
    struct arena arena;
    uint64_t rejected;
    struct out text;
    bool any;
};

static void check(bool ok)
{
    if (!ok)
        abort();
}

static enum status read_piece(void *user, char *buf, size_t n, size_t *got)
{
    struct reading *r = user;
    *got = (size_t)r->rest.n < n ? (size_t)r->rest.n : n;
    *got = *got < r->step ? *got : r->step;
    if (*got == 0)
        return STATUS_END;
    memcpy(buf, r->rest.p, *got);
    r->rest = str_sub(r->rest, (ptrdiff_t)*got, r->rest.n);
    return STATUS_OK;
}

static void tell(struct reading *r)
{
    struct jw w = jw_open(&r->text, true);
    if (!r->any)
        return;
    event_write_json(&w, &r->event, STR("capture"), STR_NONE);
    out_char(&r->text, '\n');
    r->any = false;
}

static struct event *room(void *user)
{
    struct reading *r = user;
    tell(r);
    r->any = true;
    return &r->event;
}

static void reject(void *user, const struct rejected *rejected)
{
    struct reading *r = user;
    check(rejected->reason != REJECT_NONE);
    r->rejected++;
}

static void read_all(struct reading *r, struct str file, size_t step)
{
    static const struct net_options options = {.since_us = INT64_MIN, .until_us = INT64_MAX};
    const struct limits limits = limits_default();
    struct str why;
    *r = (struct reading){.rest = file, .step = step, .text = out_memory()};
    r->batch = (struct net_batch){.arena = &r->arena, .user = r, .room = room, .reject = reject};
    struct net_parser *n = net_open(read_piece, r, &limits, &options);
    enum status st;
    do
        st = net_next(n, &r->batch, &why);
    while (st == STATUS_OK);
    tell(r);
    net_close(n);
    check(r->batch.parsed + r->batch.excluded + r->rejected == r->batch.packets);
    check(r->batch.parsed_bytes + r->batch.excluded_bytes + r->batch.rejected_bytes == (uint64_t)file.n);
}

static void let_go(struct reading *r)
{
    out_close(&r->text);
    arena_free(&r->arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reading whole, pieces;
    static bool ready;
    if (!ready)
        hash_init();
    ready = true;
    if (size == 0)
        return 0;
    struct str file = {(const char *)data + 1, (ptrdiff_t)size - 1};
    read_all(&whole, file, size);
    read_all(&pieces, file, data[0] % 64u + 1);
    check(str_eq(out_slice(&whole.text), out_slice(&pieces.text)));
    let_go(&whole);
    let_go(&pieces);
    return 0;
}
