/* cmd_rederive.c: the recorded configuration again, on the sources themselves: data/ must be the same. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/cli/build.h"
#include "analyzer/cli/commands.h"
#include "analyzer/cli/config.h"
#include "analyzer/cli/operand.h"
#include "analyzer/cli/origin.h"
#include "analyzer/cli/resolve.h"
#include "analyzer/cli/run.h"
#include "analyzer/cli/signals.h"
#include "analyzer/cli/tree.h"
#include "analyzer/model/sentence.h"

struct rederive {
    struct cli *cli;
    struct str bag, folder; /* folder: of the sources */
    struct str temporary;   /* missing when --out names a place to keep */
    struct run run;
};

static struct str below(struct cli *c, struct str folder, const char *name)
{
    return arena_printf(&c->arena, "%.*s/%s", STR_ARG(folder), name);
}

static bool is_file(struct cli *c, struct str path)
{
    struct stat st;
    return lstat(arena_cstr(&c->arena, path), &st) == 0 && S_ISREG(st.st_mode);
}

/* A bag is written by whoever sends it: it may set what shapes data/, and nothing that writes elsewhere. */
static bool only_recorded_keys(struct cli *c)
{
    static const enum option recorded[] = {OPTION_CASE,   OPTION_FORMAT,      OPTION_INPUTS, OPTION_KEY_MAP,
                                           OPTION_LIMIT,  OPTION_MAX_REJECTS, OPTION_PARAM,  OPTION_SINCE,
                                           OPTION_SITE,   OPTION_TZ,          OPTION_UNTIL};
    for (int i = 0; i < OPTION_COUNT; i++) {
        bool known = c->config.of[i].count == 0;
        for (size_t k = 0; k < sizeof recorded / sizeof recorded[0]; k++)
            known = known || (int)recorded[k] == i;
        if (!known)
            return refuse(c, "%s: '%s' does not belong into a recorded configuration",
                          "%s : « %s » n'a pas sa place dans une configuration consignée", shown(c, c->config_name),
                          option_table[i].key);
    }
    const struct choice *map = choice_of(c, OPTION_KEY_MAP);
    return map == NULL || map->text.p[0] == '{' ||
           refuse(c, "%s: the key map must be an object", "%s : la table de noms doit être un objet",
                  choice_where(c, OPTION_KEY_MAP, map));
}

static bool read_recorded(struct rederive *r)
{
    struct cli *c = r->cli;
    struct str file = below(c, r->bag, "data/config/effective.json"), text;
    struct str site = below(c, r->bag, "data/config/site.json");
    if (!is_file(c, file))
        return refuse(c, "%s: there is no such file in the bundle", "%s : fichier absent du dossier", shown(c, file));
    if (!config_file(c, file, &text) || !config_parse(c, file, text) || !only_recorded_keys(c))
        return false;
    c->argv.of[OPTION_INPUTS].count = 0; /* the operand was the bag; inputs are the recorded ones */
    if (is_file(c, site))
        choice_add(c, &c->argv, OPTION_SITE, (struct choice){site, 0, 0});
    return true;
}

static bool choose_out(struct rederive *r)
{
    struct cli *c = r->cli;
    struct settings *s = &r->run.settings;
    s->case_id = choice_text(c, OPTION_CASE);
    if (s->out.p != NULL)
        return true;
    const char *set = getenv("TMPDIR");
    const char *base = set != NULL && set[0] != '\0' ? set : "/tmp";
    struct str path = arena_printf(&c->arena, "%s/vigie-rederive-XXXXXX", base);
    char *template = ARENA_ARRAY(&c->arena, char, path.n + 1);
    memcpy(template, path.p, (size_t)path.n);
    if (mkdtemp(template) == NULL)
        return refuse(c, "%s: %s", "%s : %s", base, cause_of(c, errno));
    r->temporary = str_of(template);
    s->out = below(c, r->temporary, "bag");
    return true;
}

static bool on_progress(void *user, const struct engine_progress *p)
{
    struct rederive *r = user;
    return run_goes_on(&r->run, p);
}

static bool derive_again(struct rederive *r)
{
    struct str why = STR_NONE;
    const struct engine_hooks hooks = {.user = r, .stop = signals_stop(), .progress = on_progress};
    r->run.progress = progress_start(r->run.settings.progress, r->cli->lang);
    r->run.engine = engine_new(&r->run.settings, r->run.site, &hooks);
    (void)engine_run(r->run.engine); /* what it met is in the ledger, which is compared */
    progress_clear(&r->run.progress);
    return engine_bundle(r->run.engine, &why) == STATUS_OK ||
           refuse(r->cli, "the bundle was not written: %s", "le dossier n'a pas été écrit : %s", shown(r->cli, why));
}

static enum exit_code compare(struct rederive *r)
{
    struct cli *c = r->cli;
    struct tree_difference d;
    struct out o = out_fd(STDOUT_FILENO, 4096);
    bool done = tree_compare(c, below(c, r->bag, "data"), below(c, r->run.settings.out, "data"), &o, &d);
    bool quiet = choice_flag(c, OPTION_QUIET);
    const struct named_int values[] = {{"different", (int64_t)d.different}, {"same", (int64_t)d.same},
                                       {"bytes", (int64_t)d.bytes}};
    struct text said = sentence(&c->arena,
                                d.different > 0 ? TEXT("NOT IDENTICAL: {different} {different:file differs|files differ}",
                                                       "NON IDENTIQUE : {different} {different:fichier diffère|fichiers diffèrent}")
                                                : TEXT("identical: {same} {same:file|files}, {bytes} {bytes:byte|bytes}",
                                                       "identique : {same} {same:fichier|fichiers}, {bytes} {bytes:octet|octets}"),
                                values, sizeof values / sizeof values[0]);
    if (done && d.different > 0)
        build_say(c, r->bag, r->run.settings.out, d.different, &o);
    if (done && (d.different > 0 || !quiet))
        out_printf(&o, "%s\n", SAY(said, c->lang));
    if (!stdout_close(c, &o) || !done)
        return EXIT_INTERNAL;
    return d.different > 0 ? EXIT_UNVERIFIED : EXIT_NOTHING;
}

static enum exit_code rederive(struct rederive *r)
{
    enum exit_code code = EXIT_UNVERIFIED;
    if (!read_recorded(r) || !run_settle(&r->run, r->cli, &code))
        return EXIT_UNVERIFIED;
    if (!out_is_free(r->cli, r->run.settings.out))
        return EXIT_USAGE;
    if (!origin_find(r->cli, r->bag, r->folder, &r->run.settings, &code))
        return code;
    if (!choose_out(r))
        return EXIT_INTERNAL;
    code = derive_again(r) ? compare(r) : EXIT_INTERNAL;
    if (r->temporary.p != NULL)
        tree_remove(r->cli, r->temporary);
    run_free(&r->run);
    return code;
}

enum exit_code cmd_rederive(struct cli *c)
{
    struct rederive r = {.cli = c, .folder = choice_text(c, OPTION_INPUTS_FOLDER)};
    enum exit_code code;
    if (!one_folder(c, &r.bag, &code))
        return code;
    if (r.folder.p == NULL) {
        refuse(c, "rederive needs the folder of the sources: --inputs DIR",
               "rederive attend le répertoire des sources : --inputs DIR");
        return EXIT_USAGE;
    }
    if (!folder_exists(c, r.folder, &code))
        return code;
    return rederive(&r);
}
