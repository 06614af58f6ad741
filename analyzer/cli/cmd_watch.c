/* cmd_watch.c: the same on a growing log, until a signal or the end of standard input. */
#include "analyzer/cli/commands.h"
#include "analyzer/cli/run.h"
#include "analyzer/cli/signals.h"

enum exit_code cmd_watch(struct cli *c)
{
    struct run r;
    enum exit_code code;
    if (!run_settle(&r, c, &code) || !run_open(&r, &code))
        return code;
    const struct engine_hooks hooks = run_hooks(&r);
    r.engine = engine_new(&r.settings, r.site, &hooks);
    return run_finish(&r, engine_watch(r.engine, signals_stop()));
}
