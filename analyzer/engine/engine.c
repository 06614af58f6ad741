/* The run: prepare the sources, let the pipeline read them, close the sessions, conclude. */
#include "analyzer/engine/engine.h"

#include "analyzer/engine/engine_priv.h"
#include "analyzer/engine/pipeline.h"

enum { PREFETCH_INDEX = 12, PREFETCH_SESSION = 6 };

static void session_over(void *user, const struct session *s)
{
    struct engine *e = user;
    bool kept = conclude_session(e->conclude, s);

    if (e->hooks.session != NULL)
        e->hooks.session(e->hooks.user, s, kept);
}

struct engine *engine_new(const struct settings *s, const struct site *site, const struct engine_hooks *hooks)
{
    struct engine *e = mem_alloc(sizeof *e);

    e->settings = s;
    e->site = site;
    if (hooks != NULL)
        e->hooks = *hooks;
    e->conclude = conclude_new(site, s);
    e->sessions = sessions_new(site, &s->limits, session_over, e);
    return e;
}

static void each_event(struct engine *e, const struct lane *l, const struct event *ev, const struct hit *h)
{
    const struct str raw = {ev->raw, ev->raw != NULL ? ev->length : 0};

    if (e->hooks.event == NULL)
        return;
    e->hooks.event(e->hooks.user, ev, h, raw, e->ledger.sources[l->index].name);
}

void engine_events(struct engine *e, struct lane *l, struct block *b, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        if (i + PREFETCH_INDEX < to)
            sessions_prefetch_index(e->sessions, &b->hits[i + PREFETCH_INDEX]);
        if (i + PREFETCH_SESSION < to)
            sessions_prefetch(e->sessions, &b->hits[i + PREFETCH_SESSION]);
        each_event(e, l, &b->events[i], &b->hits[i]);
        if (b->packets && b->events[i].net->hello != NULL)
            continue; /* no request of anybody's session */
        if (e->keep != NULL && b->hits[i].decision)
            keep_line(e->keep, l->index, b->events[i].offset,
                      (struct str){b->events[i].raw, b->events[i].length});
        sessions_add(e->sessions, &b->events[i], &b->hits[i]);
    }
}

static void report_rejects(struct engine *e, const struct lane *l, const struct block *b)
{
    if (e->hooks.reject == NULL)
        return;
    if (b->broken_line)
        e->hooks.reject(e->hooks.user, l->index, &b->too_long, STR_NONE);
    for (size_t i = 0; i < b->rejects_count; i++) {
        const struct rejected *r = &b->rejects[i];
        bool held = !b->packets && r->reason != REJECT_TOO_LONG; /* too long: as when the framer skipped it */
        struct str raw = held ? (struct str){b->lines.p + (r->offset - b->offset), (ptrdiff_t)r->length} : STR_NONE;
        e->hooks.reject(e->hooks.user, l->index, r, raw);
    }
}

void engine_account(struct engine *e, struct lane *l, struct block *b)
{
    struct ledger_source *s = &e->ledger.sources[l->index];

    if (l->seen_before) {
        s->already_seen += b->physical;
        s->already_seen_bytes += block_bytes_of(b);
    }
    if (l->left_out) {
        s->excluded += b->physical;
        s->excluded_bytes += (uint64_t)b->lines.n;
    }
    block_account(b, s, &l->records, &l->previous_us, e->settings->limits.v[LIMIT_rejects_listed_max]);
    if (b->no_final_newline)
        s->oddities[ODDITY_NO_LINE_END]++;
    report_rejects(e, l, b);
    e->lines += b->physical;
    e->parsed += b->count;
    e->explained += b->explained;
    if ((e->fields | b->has) != e->fields) {
        e->fields |= b->has;
        conclude_fields(e->conclude, e->fields);
    }
}

static void on_events(void *user, struct lane *l, struct block *b, size_t from, size_t to)
{
    engine_events(user, l, b, from, to);
}

static void on_account(void *user, struct lane *l, struct block *b)
{
    engine_account(user, l, b);
}

static bool on_tick(void *user)
{
    struct engine *e = user;
    struct engine_progress p = {.lines = e->lines};

    if (e->hooks.progress == NULL)
        return true;
    for (size_t i = 0; i < e->lanes_count; i++) {
        const struct lane *l = e->lanes[i];
        if (l->source == NULL)
            continue;
        p.bytes += source_file_bytes(l->source);
        p.bytes_total += source_size_hint(l->source);
        p.decompressed += e->ledger.sources[l->index].bytes;
    }
    bool go_on = e->hooks.progress(e->hooks.user, &p);
    e->interrupted |= !go_on;
    return go_on;
}

/* NULL, and counted, beyond sources_max. */
static struct lane *add_source(struct engine *e, struct str path, struct str name)
{
    if (e->lanes_count < (size_t)e->settings->limits.v[LIMIT_sources_max])
        return engine_lane(e, path, name);
    e->sources_dropped++;
    return NULL;
}

/* A folder becomes its files. */
static void add_folder(struct engine *e, struct str folder)
{
    struct str why = STR_NONE, *names = NULL;
    size_t count = 0;

    if (source_list_folder(&e->arena, folder, &names, &count, &why) != STATUS_OK || count == 0) {
        const struct lane *l = add_source(e, folder, base_name(folder));
        if (l != NULL)
            diag_add(&e->diags, DIAG_source_unreadable, l->index, 1, why.n > 0 ? why : STR("no file in this folder"));
        return;
    }
    for (size_t k = 0; k < count; k++) {
        struct lane *l = add_source(e, names[k], base_name(names[k]));
        if (l != NULL)
            l->from_folder = true;
    }
    uint64_t passed_over = source_folder_passed_over(folder);
    if (passed_over > 0)
        diag_add(&e->diags, DIAG_folder_passed_over, DIAG_RUN, passed_over,
                 arena_printf(&e->arena, "%llu", (unsigned long long)passed_over));
}

static void add_inputs(struct engine *e)
{
    const struct settings *s = e->settings;

    for (size_t i = 0; s->places != NULL && i < s->places_count; i++)
        add_source(e, s->places[i].path, s->places[i].name);
    for (size_t i = 0; s->places == NULL && i < s->inputs_count; i++) {
        if (source_is_folder(s->inputs[i]))
            add_folder(e, s->inputs[i]);
        else
            add_source(e, s->inputs[i], base_name(s->inputs[i]));
    }
    if (e->sources_dropped > 0)
        diag_add(&e->diags, DIAG_sources_dropped, DIAG_RUN, e->sources_dropped,
                 arena_printf(&e->arena, "%llu", (unsigned long long)e->sources_dropped));
}

static void mark_seen(struct engine *e, struct lane *copy, const struct lane *of)
{
    copy->seen_before = true;
    diag_add(&e->diags, DIAG_already_seen_source, copy->index, 1, e->ledger.sources[of->index].name);
}

/* The same file twice, or a copy taken while it grew beside the grown one: its lines count once. */
static void mark_pair(struct engine *e, struct lane *a, struct lane *b)
{
    bool fresh = a->ready && b->ready && !a->seen_before && !b->seen_before && !a->left_out && !b->left_out;

    if (!fresh || a->head_hash != b->head_hash)
        return;
    if (source_same_bytes(a->source, b->source) || source_begins(b->source, a->source))
        mark_seen(e, b, a);
    else if (source_begins(a->source, b->source))
        mark_seen(e, a, b);
}

static void mark_repeated(struct engine *e)
{
    for (size_t i = 0; i < e->lanes_count; i++)
        for (size_t k = 0; k < i; k++)
            mark_pair(e, e->lanes[k], e->lanes[i]);
}

/* A profile with a funnel that meets none of it is the wrong profile: nothing found would mean nothing. */
static void check_site_fits(struct engine *e)
{
    bool funnel = false;

    for (size_t i = 0; i < e->site->steps_count; i++)
        funnel |= e->site->steps[i].meaning == MEANING_LANDING;
    if (funnel && e->parsed > 0 && e->explained == 0)
        diag_add(&e->diags, DIAG_site_explains_nothing, DIAG_RUN, 1, e->site->name);
}

void engine_conclude(struct engine *e, enum closed_by why)
{
    sessions_end(e->sessions, why);
    check_site_fits(e);
    sessions_report(e->sessions, &e->diags);
    e->findings = conclude_now(e->conclude);
    conclude_report(e->conclude, &e->diags);
}

/* A folder in which nothing is a log is an error, not an empty result. */
static bool refuse_folder_without_logs(struct engine *e)
{
    for (size_t i = 0; i < e->lanes_count; i++)
        if (!e->lanes[i]->left_out || e->lanes[i]->refused)
            return true;
    for (size_t i = 0; i < e->settings->inputs_count; i++)
        diag_add(&e->diags, DIAG_folder_without_logs, DIAG_RUN, 1, e->settings->inputs[i]);
    return e->lanes_count == 0;
}

/* False: at least one source gave nothing. */
static bool prepare_all(struct engine *e)
{
    bool all = true, any = false;

    for (size_t i = 0; i < e->lanes_count; i++) {
        struct lane *l = e->lanes[i];
        l->ready = lane_prepare(e, l);
        all &= l->ready;
        any |= l->ready;
    }
    for (size_t i = 0; any && i < e->lanes_count; i++)
        e->lanes[i]->ready |= e->lanes[i]->refused;
    return all;
}

enum status engine_run(struct engine *e)
{
    add_inputs(e);
    bool all = prepare_all(e);
    all &= refuse_folder_without_logs(e);
    mark_repeated(e);
    const struct pipeline_config c = {e->settings, e->site, e->lanes, e->lanes_count,
                                      {e, on_events, on_account, on_tick}};
    pipeline_run(&c);
    for (size_t i = 0; i < e->lanes_count; i++)
        lane_finish(e, e->lanes[i]);
    if (e->interrupted)
        diag_add(&e->diags, DIAG_interrupted, DIAG_RUN, 1, STR_NONE);
    engine_conclude(e, e->interrupted ? CLOSED_INTERRUPTED : CLOSED_END);
    return all ? STATUS_OK : STATUS_FAILED;
}

const struct findings *engine_findings(struct engine *e)
{
    return e->findings;
}

const struct ledger *engine_ledger(const struct engine *e)
{
    return &e->ledger;
}

struct diags *engine_diags(struct engine *e)
{
    return &e->diags;
}

static void lane_free(struct lane *l)
{
    packets_close(l);
    if (l->source != NULL)
        source_close(l->source);
    mem_free(l->framer.carry);
    mem_free(l->head_buffer);
    arena_free(&l->arena);
    mem_free(l);
}

void engine_free(struct engine *e)
{
    if (e == NULL)
        return;
    sessions_free(e->sessions);
    conclude_free(e->conclude);
    for (size_t i = 0; i < e->lanes_count; i++)
        lane_free(e->lanes[i]);
    mem_free(e->lanes);
    keep_close(e->keep);
    ledger_free(&e->ledger);
    diags_free(&e->diags);
    arena_free(&e->arena);
    mem_free(e);
}
