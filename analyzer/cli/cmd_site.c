/* cmd_site.c: a site profile alone, or what it explains of a log and what not. */
#include <unistd.h>

#include "analyzer/cli/commands.h"
#include "analyzer/cli/run.h"
#include "analyzer/cli/signals.h"
#include "analyzer/site/check.h"

struct check {
    struct run run;
    struct site_check *counts;
};

static void on_event(void *user, const struct event *e, const struct hit *h, struct str raw, struct str source_name)
{
    struct check *k = user;
    (void)raw;
    (void)source_name;
    site_check_add(k->counts, e, h);
}

static bool on_progress(void *user, const struct engine_progress *p)
{
    struct check *k = user;
    return run_goes_on(&k->run, p);
}

static bool write_report(struct check *k)
{
    struct out o = out_fd(STDOUT_FILENO, 1 << 16);
    if (!choice_flag(k->run.cli, OPTION_QUIET))
        site_check_write(k->counts, &o, k->run.cli->lang);
    return stdout_close(k->run.cli, &o);
}

static enum exit_code check_against_log(struct check *k)
{
    struct run *r = &k->run;
    enum exit_code code;
    if (!run_open(r, &code))
        return code;
    const struct engine_hooks hooks = {.user = k, .stop = signals_stop(), .event = on_event, .progress = on_progress};
    r->engine = engine_new(&r->settings, r->site, &hooks);
    enum status status = engine_run(r->engine);
    progress_clear(&r->progress);
    bool written = write_report(k);
    code = run_verdict(r, status);
    run_free(r);
    return written ? code : EXIT_INTERNAL;
}

enum exit_code cmd_site(struct cli *c)
{
    struct check k = {0};
    struct choice *operands = c->argv.of[OPTION_INPUTS].items;
    size_t n = c->argv.of[OPTION_INPUTS].count;
    enum exit_code code = EXIT_NOTHING;
    if (n < 2 || !str_eq(operands[0].text, STR("check"))) {
        refuse(c, "site takes: vigie site %s", "site attend : vigie site %s", command_table[COMMAND_site].operands);
        return EXIT_USAGE;
    }
    choice_add(c, &c->argv, OPTION_SITE, operands[1]);
    c->argv.of[OPTION_INPUTS].items = operands + 2;
    c->argv.of[OPTION_INPUTS].count = n - 2;
    if (!run_settle(&k.run, c, &code))
        return code;
    k.counts = site_check_new(k.run.site);
    if (k.run.settings.inputs_count > 0)
        code = check_against_log(&k);
    else
        code = write_report(&k) ? EXIT_NOTHING : EXIT_INTERNAL;
    site_check_free(k.counts);
    return code;
}
