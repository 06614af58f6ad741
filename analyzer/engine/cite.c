/* The evidence pass: reads every cited record again from its source, parses it again, and hands the
 * bytes with their fields to the bundle.  What was concluded from the first reading is thereby shown on
 * the bytes themselves. */
#include "analyzer/base/json.h"
#include "analyzer/engine/engine_priv.h"
#include "analyzer/enrich/client.h"

struct target {
    struct arena *arena;
    struct cited *cited;
};

static void give_copy(void *user, struct str bytes)
{
    struct target *t = user;
    t->cited->raw = arena_str(t->arena, bytes);
}

static void recall_source(struct engine *e, struct arena *a, struct lane *l, struct cited *c, size_t n)
{
    struct range *ranges = ARENA_ARRAY(a, struct range, n);
    struct target *targets = ARENA_ARRAY(a, struct target, n);
    struct str why = STR_NONE;

    for (size_t i = 0; i < n; i++) {
        targets[i] = (struct target){a, &c[i]};
        ranges[i] = (struct range){c[i].offset, c[i].length, &targets[i]};
    }
    if (l->source == NULL || source_recall(l->source, ranges, n, give_copy, &why) != STATUS_OK)
        diag_add(&e->diags, DIAG_cited_record_changed, l->index, 1, why);
    else if (!source_unchanged(l->source, &e->ledger.sources[l->index].sha256))
        diag_add(&e->diags, DIAG_cited_record_changed, l->index, 1,
                 STR("the source was written over after it was read"));
}

static struct lane *lane_of(const struct engine *e, uint32_t source)
{
    for (size_t i = 0; i < e->lanes_count; i++)
        if (e->lanes[i]->index == source)
            return e->lanes[i];
    return NULL;
}

/* The same parser, site and client rules as the first time. */
static void describe(struct engine *e, struct arena *a, const struct lane *l, struct cited *c)
{
    struct log_thread *thread = ARENA_NEW(a, struct log_thread);
    struct event *ev = ARENA_NEW(a, struct event);
    struct out o = out_memory();
    struct jw w = jw_open(&o, true);

    if (c->raw.p == NULL || log_line(l->format, thread, a, c->raw, ev) != REJECT_NONE) {
        diag_add(&e->diags, DIAG_cited_record_changed, c->source, 1, STR("no such record is there now"));
        c->fields = STR("{}");
        out_close(&o);
        return;
    }
    ev->record = c->record;
    ev->offset = c->offset;
    ev->length = c->length;
    ev->source = c->source;
    ev->raw = c->raw.p;
    client_resolve(e->site, ev);
    event_write_json(&w, ev, e->ledger.sources[c->source].name, c->raw);
    c->fields = arena_str(a, out_slice(&o));
    out_close(&o);
}

static void fetch_all(struct engine *e, struct arena *a, struct cited *cited, size_t n)
{
    if (e->keep != NULL && keep_failed(e->keep))
        diag_add(&e->diags, DIAG_spool_full, DIAG_RUN, 1, STR_NONE);
    if (e->keep != NULL)
        keep_recall(e->keep, a, cited, n);
    for (size_t i = 0; i < n;) {
        size_t k = i;
        while (k < n && cited[k].source == cited[i].source)
            k++;
        struct lane *l = lane_of(e, cited[i].source);
        if (e->keep == NULL && l != NULL)
            recall_source(e, a, l, cited + i, k - i);
        if (l != NULL && l->packets != NULL)
            packets_describe(e, a, l, cited + i, k - i);
        for (; i < k; i++)
            if (l != NULL && l->packets == NULL)
                describe(e, a, l, &cited[i]);
    }
}

enum status engine_bundle(struct engine *e, struct str *why)
{
    struct arena a = {0};
    struct cited *cited = NULL;
    size_t n = bundle_cited(&a, e->findings, &e->settings->limits, &cited);

    fetch_all(e, &a, cited, n);
    const struct bundle_input in = {.settings = e->settings,
                                    .effective = settings_effective(&a, e->settings, e->site),
                                    .site = e->site, .ledger = &e->ledger, .diags = &e->diags,
                                    .findings = e->findings, .cited = cited, .cited_count = n};
    enum status st = bundle_write(&in, why);
    if (st == STATUS_OK)
        e->cited = n;
    arena_free(&a);
    return st;
}

uint64_t engine_cited(const struct engine *e)
{
    return e->cited;
}
