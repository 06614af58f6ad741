/* cmd_analyze.c: read to the end, conclude, write. */
#include "analyzer/cli/commands.h"
#include "analyzer/cli/run.h"

enum exit_code cmd_analyze(struct cli *c)
{
    struct run r;
    enum exit_code code;
    if (!run_settle(&r, c, &code) || !run_open(&r, &code))
        return code;
    const struct engine_hooks hooks = run_hooks(&r);
    r.engine = engine_new(&r.settings, r.site, &hooks);
    return run_finish(&r, engine_run(r.engine));
}
