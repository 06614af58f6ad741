/* cmd_events.c: normalised events as JSON lines. */
#include "analyzer/base/json.h"
#include "analyzer/cli/bodies.h"
#include "analyzer/cli/commands.h"
#include "analyzer/cli/run.h"
#include "analyzer/cli/signals.h"

struct events {
    struct run run;
    struct result out;
    struct bodies bodies;
};

static void on_event(void *user, const struct event *e, const struct hit *h, struct str raw, struct str source_name)
{
    struct events *v = user;
    (void)h;
    if (v->run.stopped)
        return;
    struct jw w = jw_open(&v->out.out, true);
    event_write_json(&w, e, source_name, raw);
    out_char(&v->out.out, '\n');
    bodies_write(v->run.cli, &v->bodies, e, source_name);
    v->run.stopped = result_unread(&v->out);
}

static bool on_progress(void *user, const struct engine_progress *p)
{
    struct events *v = user;
    return run_goes_on(&v->run, p);
}

enum exit_code cmd_events(struct cli *c)
{
    struct events v = {0};
    enum exit_code code;
    if (!run_settle(&v.run, c, &code) || !run_open(&v.run, &code))
        return code;
    if (!bodies_open(c, &v.bodies, choice_text(c, OPTION_EXTRACT_BODIES))) {
        run_free(&v.run);
        return EXIT_USAGE;
    }
    const struct engine_hooks hooks = {.user = &v, .stop = signals_stop(), .event = on_event, .progress = on_progress,
                                       .bodies = v.bodies.folder >= 0};
    (void)result_open(c, &v.out, STR("-"), RESULT_REPLACE); /* standard output is open */
    v.run.engine = engine_new(&v.run.settings, v.run.site, &hooks);
    enum status status = engine_run(v.run.engine);
    bool unread = v.run.stopped;
    bool written = result_close(c, &v.out) && !v.bodies.failed;
    bodies_close(&v.bodies);
    progress_clear(&v.run.progress);
    code = unread ? EXIT_NOTHING : run_verdict(&v.run, status);
    run_free(&v.run);
    return written ? code : EXIT_INTERNAL;
}
