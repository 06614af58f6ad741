/* cmd_explain.c: runs the analysis and tells what it did with one record or one session. */
#include <unistd.h>

#include "analyzer/cli/commands.h"
#include "analyzer/cli/explain.h"
#include "analyzer/cli/resolve.h"
#include "analyzer/cli/signals.h"

struct explain {
    struct run run;
    uint64_t line;  /* 0: a session is asked for */
    struct str id;
    struct told told;
};

static void on_event(void *user, const struct event *e, const struct hit *h, struct str raw, struct str source_name)
{
    struct explain *x = user;
    (void)source_name;
    if (e->record == x->line && e->source == 0)
        told_keep(&x->told, &x->run.cli->arena, e, h, raw);
}

static void on_reject(void *user, uint32_t source, const struct rejected *r, struct str raw)
{
    struct explain *x = user;
    if (r->record == x->line && source == 0)
        x->told = (struct told){.rejected = *r, .raw = arena_str(&x->run.cli->arena, raw), .what = TOLD_REJECTED};
}

static void on_session(void *user, const struct session *s, bool kept)
{
    struct explain *x = user;
    (void)kept;
    shelf_add(x->run.shelf, s);
}

static bool on_progress(void *user, const struct engine_progress *p)
{
    struct explain *x = user;
    return run_goes_on(&x->run, p);
}

/* ---- which session ---- */

static bool cites(const struct session *s, const struct event *e)
{
    for (uint32_t i = 0; i < s->acts_count; i++)
        if (s->acts[i].source == e->source && s->acts[i].offset == e->offset)
            return true;
    return false;
}

/* Requests that are no decision events leave no act: key and time must do. */
static bool could_hold(const struct session *s, const struct told *d)
{
    if (d->event.time_us < s->first_us || d->event.time_us > s->last_us)
        return false;
    if (s->key_kind == KEY_COOKIE)
        return d->hit.cookie.p != NULL && str_eq(s->key_value, d->hit.cookie);
    return d->hit.cookie.p == NULL && ip_eq(&s->client, &d->event.client) && str_eq(s->agent, d->event.agent);
}

static bool is_meant(const struct explain *x, const struct session *s)
{
    char id[SESSION_ID_MAX];
    if (x->line > 0)
        return cites(s, &x->told.event);
    session_public_id(s, id);
    return str_eq(str_of(id), x->id);
}

/* The session meant, else the first that could hold the record; it lives in the invocation's arena. */
static bool find_session(struct explain *x, struct session *found)
{
    struct cli *c = x->run.cli;
    struct session s;
    bool any = false;
    if (!shelf_rewind(c, x->run.shelf))
        return false;
    for (struct arena scratch = {0};; arena_rewind(&scratch)) {
        if (!shelf_next(x->run.shelf, &scratch, &s)) {
            arena_free(&scratch);
            return any;
        }
        bool meant = is_meant(x, &s);
        if (!meant && (any || x->line == 0 || !could_hold(&s, &x->told)))
            continue;
        *found = shelf_copy(&c->arena, &s);
        any = true;
        if (meant) {
            arena_free(&scratch);
            return true;
        }
    }
}

static void tell_found_session(struct explain *x, const struct teller *t, const struct session *s)
{
    const struct findings *f = engine_findings(x->run.engine);
    for (uint32_t i = 0; i < f->sessions_count; i++)
        if (f->sessions[i]->id == s->id) {
            tell_session(t, f->sessions[i], true);
            return;
        }
    tell_session(t, s, false);
}

/* ---- telling ---- */

static bool explain_line(struct explain *x, const struct teller *t)
{
    struct cli *c = x->run.cli;
    const struct ledger *l = engine_ledger(x->run.engine);
    struct session s;
    if (l->count != 1)
        return refuse(c, "--line needs one source, here are %zu: name one file",
                      "--line attend une seule source, en voici %zu : nommer un fichier", l->count);
    tell_source(t, 0);
    if (x->told.what == TOLD_NOTHING && x->line > l->sources[0].physical)
        return refuse(c, "line %llu: the source has %llu lines", "ligne %llu : la source a %llu lignes",
                      (unsigned long long)x->line, (unsigned long long)l->sources[0].physical);
    if (x->told.what == TOLD_NOTHING) {
        tell_title(t, "Record", "Enregistrement");
        tell(t, "Line %llu is excluded: it lies outside --since and --until.",
             "La ligne %llu est écartée : elle est hors de --since et --until.", (unsigned long long)x->line);
        return true;
    }
    tell_record(t, &x->told);
    if (x->told.what == TOLD_EVENT && find_session(x, &s))
        tell_found_session(x, t, &s);
    return true;
}

static bool explain_session(struct explain *x, const struct teller *t)
{
    struct cli *c = x->run.cli;
    struct session s;
    if (!find_session(x, &s))
        return refuse(c, "no session %s in these inputs (vigie analyze --sessions - prints all)",
                      "aucune session %s dans ces entrées (vigie analyze --sessions - les affiche toutes)",
                      shown(c, x->id));
    if (s.acts_count > 0)
        tell_source(t, s.acts[0].source);
    tell_found_session(x, t, &s);
    return true;
}

static enum exit_code explain(struct explain *x)
{
    struct run *r = &x->run;
    const struct engine_hooks hooks = {.user = x,
                                       .stop = signals_stop(),
                                       .event = on_event,
                                       .reject = on_reject,
                                       .session = on_session,
                                       .progress = on_progress};
    r->shelf = shelf_open(r->cli, STR_NONE);
    if (r->shelf == NULL)
        return EXIT_INTERNAL;
    r->engine = engine_new(&r->settings, r->site, &hooks);
    enum status status = engine_run(r->engine);
    progress_clear(&r->progress);
    struct out o = out_fd(STDOUT_FILENO, 1 << 16);
    o.shown = true;
    const struct teller t = {r->cli, r, &o};
    bool found = x->line > 0 ? explain_line(x, &t) : explain_session(x, &t);
    bool written = stdout_close(r->cli, &o);
    enum exit_code code = run_verdict(r, status);
    if (!found)
        code = exit_worse(code, EXIT_USAGE);
    return written ? code : EXIT_INTERNAL;
}

enum exit_code cmd_explain(struct cli *c)
{
    struct explain x = {.id = choice_text(c, OPTION_SESSION)};
    int64_t line = 0;
    enum exit_code code;
    if (!run_settle(&x.run, c, &code))
        return code;
    if (resolve_number(c, OPTION_LINE, &line) == (x.id.p != NULL)) {
        refuse(c, "explain takes either --line N or --session ID", "explain attend soit --line N, soit --session ID");
        return EXIT_USAGE;
    }
    x.line = (uint64_t)line;
    if (!run_open(&x.run, &code))
        return code;
    code = explain(&x);
    run_free(&x.run);
    return code;
}
