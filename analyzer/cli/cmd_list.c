/* cmd_list.c: what this program knows, as tables for people and, with --quiet, as names for scripts. */
#include <unistd.h>

#include "analyzer/base/diag.h"
#include "analyzer/cli/commands.h"
#include "analyzer/cli/help.h"
#include "analyzer/cli/result.h"
#include "analyzer/model/event.h"
#include "analyzer/site/site.h"
#include "detectors/score.h"
#include "parsers/log/log.h"

struct listing {
    struct cli *cli;
    struct out *o;
    bool names_only;
};

enum { NAME_COLUMN = 26 };

/* A name with what it means; the details in between are already text. */
static void row(const struct listing *l, const char *name, const char *detail, struct text what)
{
    out_text(l->o, name);
    if (l->names_only) {
        out_char(l->o, '\n');
        return;
    }
    size_t n = strlen(name);
    if (n >= NAME_COLUMN) {
        out_char(l->o, '\n');
        n = 0;
    }
    for (; n < NAME_COLUMN; n++)
        out_char(l->o, ' ');
    struct str text = arena_printf(&l->cli->arena, "%s%s%s", detail, detail[0] != '\0' ? " - " : "",
                                   SAY(what, l->cli->lang));
    help_wrap(l->o, text, NAME_COLUMN);
}

static void list_formats(const struct listing *l)
{
    for (size_t i = 0; i < log_parsers_count; i++)
        row(l, log_parsers[i]->name, "", log_parsers[i]->what);
}

static void param_line(const struct listing *l, struct str name, struct str value, struct text what)
{
    out_str(l->o, name);
    out_text(l->o, "\n");
    for (int n = 0; n < NAME_COLUMN; n++)
        out_char(l->o, ' ');
    help_wrap(l->o, arena_printf(&l->cli->arena, "%.*s - %s", STR_ARG(value), SAY(what, l->cli->lang)), NAME_COLUMN);
}

static void list_params(const struct listing *l, const struct detector *d)
{
    for (size_t i = 0; i < d->params_count; i++) {
        const struct detector_param *p = &d->params[i];
        struct str name = arena_printf(&l->cli->arena, "  %s.%s", d->name, p->name);
        struct str value = arena_printf(&l->cli->arena, "%lld %s [%lld, %lld]", (long long)p->value, p->unit,
                                        (long long)p->min, (long long)p->max);
        param_line(l, name, value, p->what);
    }
}

/* No detector, and nothing to set: the rule that makes totals of what the detectors find. */
static void list_scoring(const struct listing *l)
{
    struct arena *a = &l->cli->arena;
    row(l, "scoring", arena_printf(a, "v%d", SCORE_VERSION).p, scoring_title);
    for (size_t i = 0; i < score_params_count; i++)
        param_line(l, arena_printf(a, "  scoring.%s", score_params[i].name),
                   arena_printf(a, "%d %s", (int)score_params[i].value, score_params[i].unit), score_params[i].what);
    for (int f = 0; f < FAMILY_COUNT; f++) {
        const struct score_weight *w = &score_weights[f];
        if (!score_has_factors(f))
            continue;
        param_line(l, arena_printf(a, "  scoring.%s", family_names[f]),
                   arena_printf(a, "%d, %d, %d permille, %d thousandths", (int)w->automated_permille,
                                (int)w->bulk_permille, (int)w->against_permille, (int)w->least_milli),
                   TEXT("factors for automated access, for bulk booking and against; least weight of a group",
                        "coefficients pour l'accès automatisé, pour la réservation en nombre et à décharge ; poids "
                        "minimal d'un groupe"));
    }
    out_char(l->o, '\n');
    help_wrap(l->o, str_of(SAY(scoring_text, l->cli->lang)), 0);
}

static void list_detectors(const struct listing *l)
{
    for (size_t i = 0; i < detectors_count; i++) {
        const struct detector *d = detectors[i];
        struct str version = arena_printf(&l->cli->arena, "v%d, %s", d->version, family_names[d->family]);
        row(l, d->name, version.p, d->title);
        if (!l->names_only)
            list_params(l, d);
    }
    if (!l->names_only)
        list_scoring(l);
}

static void list_sites(const struct listing *l)
{
    struct str *names = NULL, why;
    size_t n = site_names(&l->cli->arena, &names);
    for (size_t i = 0; i < n; i++) {
        const struct site *site = site_load(&l->cli->arena, names[i], &why);
        if (site != NULL)
            row(l, shown(l->cli, names[i]), "", site->label);
        else
            complain(l->cli, "%s", "%s", shown(l->cli, why));
    }
}

static void list_limits(const struct listing *l)
{
    for (size_t i = 0; i < LIMIT_COUNT; i++) {
        const struct limit_info *info = &limit_table[i];
        struct str value = arena_printf(&l->cli->arena, "%lld %s", (long long)info->value, info->unit);
        row(l, info->name, value.p, info->what);
    }
}

/* The text up to the place of its detail. */
static const char *without_detail(const struct listing *l, const char *text)
{
    struct str s = str_of(text);
    ptrdiff_t at = str_find_str(s, STR("%s"));
    return at < 0 ? text : arena_printf(&l->cli->arena, "%.*s...", (int)at, text).p;
}

static void list_diagnostics(const struct listing *l)
{
    for (size_t i = 0; i < DIAG_COUNT; i++) {
        const struct diag_info *info = &diag_table[i];
        row(l, info->name, severity_name(info->severity),
            TEXT(without_detail(l, SAY(info->what, LANG_EN)), without_detail(l, SAY(info->what, LANG_FR))));
    }
}

static void list_fields(const struct listing *l)
{
    for (size_t i = 0; i < FIELD_COUNT; i++)
        row(l, field_table[i].name, "", field_table[i].what);
}

static const struct {
    const char *name;
    void (*list)(const struct listing *l);
} lists[] = {
    {"formats", list_formats}, {"detectors", list_detectors},     {"sites", list_sites},
    {"limits", list_limits},   {"diagnostics", list_diagnostics}, {"fields", list_fields},
};
enum { LISTS = sizeof lists / sizeof lists[0] };

enum exit_code cmd_list(struct cli *c)
{
    struct str names[LISTS];
    size_t i = 0;
    if (c->argv.of[OPTION_INPUTS].count != 1) {
        refuse(c, "list takes one of: %s", "list attend l'un de : %s", command_table[COMMAND_list].operands);
        return EXIT_USAGE;
    }
    struct str asked = c->argv.of[OPTION_INPUTS].items[0].text;
    for (size_t k = 0; k < LISTS; k++)
        names[k] = str_of(lists[k].name);
    while (i < LISTS && !str_eq(names[i], asked))
        i++;
    if (i == LISTS) {
        refuse(c, "there is no list of '%s'%s (%s)", "il n'y a pas de liste « %s »%s (%s)", shown(c, asked),
               did_you_mean(c, "", nearest(asked, names, LISTS)), command_table[COMMAND_list].operands);
        return EXIT_USAGE;
    }
    struct out o = out_fd(STDOUT_FILENO, 1 << 16);
    const struct listing listing = {c, &o, choice_flag(c, OPTION_QUIET)};
    lists[i].list(&listing);
    return stdout_close(c, &o) ? EXIT_NOTHING : EXIT_INTERNAL;
}
