/* cmd_watch.c: the same on a growing log, until a signal or the end of standard input. */
#include <sys/stat.h>

#include "analyzer/cli/commands.h"
#include "analyzer/cli/run.h"
#include "analyzer/cli/signals.h"
#include "analyzer/io/source.h"

/* The file of a folder that was written to last; missing when there is none. */
static struct str latest_file(struct cli *c, struct str folder)
{
    struct str *names = NULL, why, latest = STR_NONE;
    struct timespec when = {0};
    size_t count = 0;
    if (source_list_folder(&c->arena, folder, &names, &count, &why) != STATUS_OK)
        return latest;
    for (size_t i = 0; i < count; i++) {
        struct stat st;
        if (stat(arena_cstr(&c->arena, names[i]), &st) != 0)
            continue;
        bool later = st.st_mtim.tv_sec > when.tv_sec ||
                     (st.st_mtim.tv_sec == when.tv_sec && st.st_mtim.tv_nsec > when.tv_nsec);
        if (latest.p != NULL && !later)
            continue;
        latest = names[i];
        when = st.st_mtim;
    }
    return latest;
}

/* A folder holds rotated logs beside the growing one: to follow them all would read every line twice. */
static bool only_files(struct cli *c, const struct settings *s)
{
    for (size_t i = 0; i < s->inputs_count; i++) {
        if (!source_is_folder(s->inputs[i]))
            continue;
        struct str latest = latest_file(c, s->inputs[i]);
        if (latest.p == NULL)
            return refuse(c, "%s: is a folder; watch follows files: name them",
                          "%s : est un répertoire ; watch suit des fichiers : les nommer", shown(c, s->inputs[i]));
        return refuse(c, "%s: is a folder; watch follows files: name them, for instance vigie watch %s",
                      "%s : est un répertoire ; watch suit des fichiers : les nommer, par exemple vigie watch %s",
                      shown(c, s->inputs[i]), shown(c, latest));
    }
    return true;
}

enum exit_code cmd_watch(struct cli *c)
{
    struct run r;
    enum exit_code code;
    if (!run_settle(&r, c, &code))
        return code;
    if (!only_files(c, &r.settings))
        return EXIT_USAGE;
    if (!run_open(&r, &code))
        return code;
    const struct engine_hooks hooks = run_hooks(&r);
    r.engine = engine_new(&r.settings, r.site, &hooks);
    return run_finish(&r, engine_watch(r.engine, signals_stop()));
}
