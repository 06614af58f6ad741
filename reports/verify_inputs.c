/* verify_inputs.c: the sources themselves, where the verifier has them: their hash, size and every
 * cited byte range. */
#include "reports/verify_bundle.h"

#include "analyzer/io/originals.h"
#include "analyzer/io/source.h"

struct inputs {
    struct bundle_check *x;
    struct originals *originals;
};

static bool same_hash(const struct sha256 *a, const struct sha256 *b)
{
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

static struct str place_of(struct bundle_check *x, const struct bundle_source *s)
{
    return s->name.p != NULL ? s->name : arena_str(&x->arena, s->id);
}

/* The file that holds the source; missing after a verdict that says why. */
static struct str find_input(struct inputs *in, const struct bundle_source *s)
{
    const struct original wanted = {s->name, s->sha256, s->hashed, s->file_bytes};
    const bool streamed = original_streamed(&wanted);
    struct verdicts *v = in->x->v;
    struct str path, place = place_of(in->x, s);
    switch (originals_find(in->originals, &wanted, &path)) {
    case ORIGINAL_SAME: return path;
    case ORIGINAL_RENAMED: verdict(v, streamed ? CAUSE_source_stream : CAUSE_source_renamed, place, path); return path;
    case ORIGINAL_GROWN: verdict(v, CAUSE_source_grew, place, path); return path;
    case ORIGINAL_CHANGED: verdict(v, CAUSE_source_sha256, place, path); return STR_NONE;
    case ORIGINAL_ABSENT: verdict(v, CAUSE_source_absent, place, STR_NONE); return STR_NONE;
    }
    return STR_NONE;
}

/* ---- cited ranges ---- */

struct cited_range {
    struct inputs *in;
    const struct bundle_source *source;
    const struct bundle_record *record;
};

static void compare_range(void *user, struct str bytes)
{
    const struct cited_range *c = user;
    struct bundle_check *x = c->in->x;
    struct sha256 sum = sha256_of(bytes);
    x->v->result->ranges++;
    if ((uint64_t)bytes.n != c->record->length || !same_hash(&sum, &c->record->sha256))
        verify_say(x, CAUSE_range_differs, place_of(x, c->source),
                   arena_printf(&x->arena, "%llu+%lu", (unsigned long long)c->record->offset,
                                (unsigned long)c->record->length));
}

static size_t ranges_of(struct inputs *in, uint32_t source, struct range *ranges,
                        struct cited_range *users)
{
    size_t n = 0;
    for (size_t i = 0; i < in->x->records_count; i++) {
        const struct bundle_record *r = &in->x->records[i];
        if (r->source != source || !r->has_raw)
            continue;
        users[n] = (struct cited_range){in, &in->x->sources[source], r};
        ranges[n] = (struct range){.offset = r->offset, .length = r->length, .user = &users[n]};
        n++;
    }
    return n;
}

static void recall(struct inputs *in, struct str path, uint32_t source)
{
    struct bundle_check *x = in->x;
    struct range *ranges = mem_alloc((x->records_count + 1) * sizeof *ranges);
    struct cited_range *users = mem_alloc((x->records_count + 1) * sizeof *users);
    size_t n = ranges_of(in, source, ranges, users);
    struct str why = STR_NONE;
    struct source *s = source_open(path, &(struct source_options){0}, &why);
    if (s == NULL || (n > 0 && source_recall(s, ranges, n, compare_range, &why) != STATUS_OK))
        verdict(x->v, CAUSE_range_gone, path, why);
    if (s != NULL)
        source_close(s);
    mem_free(ranges);
    mem_free(users);
}

void verify_inputs(struct bundle_check *x, struct str inputs)
{
    struct str why = STR_NONE;
    struct inputs in = {x, originals_open(inputs, &why)};
    if (in.originals == NULL) {
        verdict(x->v, CAUSE_inputs, inputs, why);
        return;
    }
    for (uint32_t i = 0; i < x->sources_count; i++) {
        const struct bundle_source *s = &x->sources[i];
        if (!s->hashed)
            continue; /* the ledger says it could not be read to its end */
        struct str path = find_input(&in, s);
        if (path.p != NULL)
            recall(&in, path, i);
    }
    originals_close(in.originals);
}
