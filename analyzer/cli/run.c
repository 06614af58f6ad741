/* run.c: what analyze, watch, events, explain, rederive and site check have in common. */
#include "analyzer/cli/run.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "analyzer/base/json.h"
#include "analyzer/cli/config.h"
#include "analyzer/cli/report.h"
#include "analyzer/cli/resolve.h"
#include "analyzer/cli/signals.h"
#include "detectors/conclude.h"
#include "reports/summary.h"

enum { WIDTH_WITHOUT_TERMINAL = 80, WIDTH_MIN = 40 };

/* ---- before ---- */

static enum exit_code print_config(struct cli *c)
{
    struct out o = out_fd(STDOUT_FILENO, 4096);
    config_print(c, &o);
    return stdout_close(c, &o) ? EXIT_NOTHING : EXIT_INTERNAL;
}

bool run_settle(struct run *r, struct cli *c, enum exit_code *code)
{
    *r = (struct run){.cli = c};
    if (!resolve_settings(c, &r->settings, &r->site)) {
        *code = EXIT_USAGE;
        return false;
    }
    if (!choice_flag(c, OPTION_PRINT_CONFIG))
        return true;
    *code = print_config(c);
    return false;
}

/* The folder a result goes to: its temporary neighbour belongs on the same disk. */
static struct str shelf_folder(struct str file)
{
    if (str_eq(file, STR("-")) || str_starts(file, STR("/dev/")))
        return STR_NONE;
    for (ptrdiff_t i = file.n - 1; i >= 0; i--)
        if (file.p[i] == '/')
            return str_sub(file, 0, i == 0 ? 1 : i);
    return STR(".");
}

static bool open_results(struct run *r)
{
    const struct settings *s = &r->settings;
    struct cli *c = r->cli;
    if (!result_open(c, &r->sessions, s->sessions_file, RESULT_REPLACE) ||
        !result_open(c, &r->findings, s->findings_file, RESULT_REPLACE) ||
        !result_open(c, &r->rejects, s->rejects_file, RESULT_REPLACE) ||
        !result_open(c, &r->alerts, s->alerts_file, RESULT_APPEND))
        return false;
    if (s->sessions_file.p == NULL)
        return true;
    r->shelf = shelf_open(c, shelf_folder(s->sessions_file));
    return r->shelf != NULL;
}

bool run_open(struct run *r, enum exit_code *code)
{
    *code = resolve_paths(r->cli, &r->settings);
    if (*code != EXIT_NOTHING)
        return false;
    if (!open_results(r)) {
        *code = EXIT_USAGE;
        run_free(r);
        return false;
    }
    r->progress = progress_start(r->settings.progress, r->cli->lang);
    return true;
}

/* ---- during ---- */

bool run_goes_on(struct run *r, const struct engine_progress *p)
{
    progress_show(&r->progress, p);
    return *signals_stop() == 0 && !r->stopped;
}

static bool on_progress(void *user, const struct engine_progress *p)
{
    struct run *r = user;
    return run_goes_on(r, p);
}

static void on_session(void *user, const struct session *s, bool kept)
{
    struct run *r = user;
    (void)kept; /* kept ones are written from the findings, but take their place in the order */
    shelf_add(r->shelf, s);
}

static void on_reject(void *user, uint32_t source, const struct rejected *rejected, struct str raw)
{
    struct run *r = user;
    struct jw w = jw_open(&r->rejects.out, true);
    jw_object(&w, NULL);
    jw_int(&w, "length", (int64_t)rejected->length);
    jw_int(&w, "offset", (int64_t)rejected->offset);
    jw_str(&w, "raw", raw);
    if (raw.p != NULL && !str_utf8_valid(raw))
        jw_base64(&w, "raw_base64", raw);
    jw_text(&w, "reason", reject_table[rejected->reason].name);
    jw_int(&w, "record", (int64_t)rejected->record);
    jw_str(&w, "source", engine_ledger(r->engine)->sources[source].name);
    jw_object_end(&w);
    out_char(&r->rejects.out, '\n');
}

static struct session_sources sources_of(struct run *r, struct arena *a)
{
    const struct ledger *l = engine_ledger(r->engine);
    struct sha256 *hashes = ARENA_ARRAY(a, struct sha256, l->count + 1);
    struct str *names = ARENA_ARRAY(a, struct str, l->count + 1);
    for (size_t i = 0; i < l->count; i++) {
        hashes[i] = l->sources[i].sha256;
        names[i] = l->sources[i].name;
    }
    return (struct session_sources){hashes, names, r->settings.session_records};
}

static void write_finding(struct run *r, struct result *to, const struct cluster *c, const struct findings *f,
                          const struct session_sources *sources)
{
    struct jw w = jw_open(&to->out, true);
    finding_write_json(&w, c, f, r->site, sources);
    out_char(&to->out, '\n');
}

static void on_alert(void *user, const struct cluster *c, const struct findings *f)
{
    struct run *r = user;
    struct arena scratch = {0};
    const struct session_sources sources = sources_of(r, &scratch);
    write_finding(r, &r->alerts, c, f, &sources);
    out_flush(&r->alerts.out); /* somebody is waiting for this line */
    r->stopped |= result_unread(&r->alerts);
    arena_free(&scratch);
}

struct engine_hooks run_hooks(struct run *r)
{
    return (struct engine_hooks){
        .user = r,
        .stop = signals_stop(),
        .progress = on_progress,
        .session = r->shelf != NULL ? on_session : NULL,
        .reject = result_wanted(&r->rejects) ? on_reject : NULL,
        .alert = result_wanted(&r->alerts) ? on_alert : NULL,
    };
}

/* ---- after ---- */

static const struct session *kept_session(const struct findings *f, uint32_t id)
{
    uint32_t low = 0, high = f->sessions_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (f->sessions[middle]->id == id)
            return f->sessions[middle];
        if (f->sessions[middle]->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static bool write_sessions(struct run *r, const struct session_sources *sources)
{
    const struct findings *f = engine_findings(r->engine);
    struct arena scratch = {0};
    struct session s;
    if (!result_wanted(&r->sessions))
        return true;
    if (!shelf_rewind(r->cli, r->shelf))
        return false;
    while (shelf_next(r->shelf, &scratch, &s)) {
        const struct session *kept = kept_session(f, s.id);
        struct jw w = jw_open(&r->sessions.out, true);
        session_write_json(&w, kept != NULL ? kept : &s, r->site, f, sources);
        out_char(&r->sessions.out, '\n');
        arena_rewind(&scratch);
    }
    arena_free(&scratch);
    return true;
}

static void write_findings(struct run *r, const struct session_sources *sources)
{
    const struct findings *f = engine_findings(r->engine);
    for (uint32_t i = 0; i < f->clusters_count && result_wanted(&r->findings); i++)
        write_finding(r, &r->findings, &f->clusters[i], f, sources);
}

static bool write_results(struct run *r)
{
    struct cli *c = r->cli;
    const struct session_sources sources = sources_of(r, &c->arena);
    if (!write_sessions(r, &sources))
        return false;
    write_findings(r, &sources);
    return result_close(c, &r->sessions) && result_close(c, &r->findings) && result_close(c, &r->rejects) &&
           result_close(c, &r->alerts);
}

/* A bundle about nothing would only take the name that the next attempt needs. */
static bool nothing_was_read(const struct run *r)
{
    const struct ledger *l = engine_ledger(r->engine);
    for (size_t i = 0; i < l->count; i++)
        if (l->sources[i].physical > l->sources[i].excluded)
            return false;
    return diag_worst(engine_diags(r->engine)) == SEVERITY_unreadable;
}

static bool write_bundle(struct run *r)
{
    struct str why = STR_NONE;
    if (nothing_was_read(r))
        r->settings.out = STR_NONE;
    if (r->settings.out.p == NULL || engine_bundle(r->engine, &why) == STATUS_OK)
        return true;
    return refuse(r->cli, "%s: the bundle was not written: %s", "%s : le dossier n'a pas été écrit : %s",
                  shown(r->cli, r->settings.out), shown(r->cli, why));
}

static bool stdout_is_taken(const struct settings *s)
{
    const struct str files[] = {s->sessions_file, s->findings_file, s->rejects_file, s->alerts_file};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        if (str_eq(files[i], STR("-")))
            return true;
    return false;
}

static int columns(void)
{
    struct winsize size;
    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < WIDTH_MIN)
        return WIDTH_WITHOUT_TERMINAL;
    return size.ws_col;
}

static bool summary_is_shown(const struct run *r)
{
    return !r->settings.quiet && !stdout_is_taken(&r->settings);
}

static bool write_summary(struct run *r)
{
    if (!summary_is_shown(r))
        return true;
    const struct bundle_input in = {
        .settings = &r->settings,
        .effective = settings_effective(&r->cli->arena, &r->settings, r->site),
        .site = r->site,
        .ledger = engine_ledger(r->engine),
        .diags = engine_diags(r->engine),
        .findings = engine_findings(r->engine),
    };
    const struct summary_options options = {
        .lang = r->cli->lang,
        .color = r->settings.color,
        .width = columns(),
        .out = r->settings.out,
        .cited = engine_cited(r->engine),
        .partial = diag_worst(in.diags) >= SEVERITY_partial,
    };
    struct out o = out_fd(STDOUT_FILENO, 1 << 16);
    summary_write(&o, &in, &options);
    return stdout_close(r->cli, &o);
}

static bool concluded(const struct findings *f)
{
    for (uint32_t i = 0; f != NULL && i < f->clusters_count; i++)
        if (f->clusters[i].automated.concluded || f->clusters[i].bulk.concluded)
            return true;
    return false;
}

static enum exit_code verdict_from(struct run *r, enum status status, enum severity least)
{
    const struct diags *d = engine_diags(r->engine);
    diags_print(r->cli, d, engine_ledger(r->engine), least);
    if (status == STATUS_FATAL)
        return EXIT_INTERNAL;
    if (status == STATUS_FAILED || diag_worst(d) == SEVERITY_unreadable)
        return EXIT_UNREADABLE;
    return diag_worst(d) == SEVERITY_partial ? EXIT_PARTIAL : EXIT_NOTHING;
}

enum exit_code run_verdict(struct run *r, enum status status)
{
    return verdict_from(r, status, r->settings.quiet ? SEVERITY_partial : SEVERITY_note);
}

/* Between the two of them the exit code can name only one. */
static void say_findings_too(const struct run *r, enum exit_code code)
{
    if (code == EXIT_PARTIAL)
        complain(r->cli, "there are findings, but the result is partial: exit code 4",
                 "il y a des constatations, mais le résultat est partiel : code de retour 4");
    if (code == EXIT_UNREADABLE)
        complain(r->cli, "there are findings, but a source could not be read: exit code 3",
                 "il y a des constatations, mais une source n'a pu être lue : code de retour 3");
}

enum exit_code run_finish(struct run *r, enum status status)
{
    progress_clear(&r->progress);
    bool written = write_bundle(r);
    written = write_results(r) && written;
    /* The summary says the rest, under "About the input". */
    enum exit_code code = summary_is_shown(r) ? verdict_from(r, status, SEVERITY_partial) : run_verdict(r, status);
    written = write_summary(r) && written;
    if (concluded(engine_findings(r->engine))) {
        say_findings_too(r, code);
        code = exit_worse(code, EXIT_FINDINGS);
    }
    run_free(r);
    return written ? code : EXIT_INTERNAL;
}

void run_free(struct run *r)
{
    progress_clear(&r->progress);
    result_abandon(&r->sessions);
    result_abandon(&r->findings);
    result_abandon(&r->rejects);
    result_abandon(&r->alerts);
    shelf_close(r->shelf);
    r->shelf = NULL;
    engine_free(r->engine);
    r->engine = NULL;
}
