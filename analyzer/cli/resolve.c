/* resolve.c: choices checked one by one and made into settings. */
#include "analyzer/cli/resolve.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/base/json.h"
#include "analyzer/cli/config.h"
#include "detectors/detector.h"
#include "parsers/log/log.h"

/* What the program's own structures can hold: a limit may be lowered at will, raised only to here. */
static const struct {
    enum limit limit;
    int64_t min, max;
} limit_range[] = {
    {LIMIT_line_bytes_max, 256, (1 << 20) - 1}, /* struct act keeps a length in 20 bits */
    {LIMIT_block_bytes, 4096, 1 << 26},
    {LIMIT_sources_max, 1, UINT16_MAX},         /* struct act keeps a source in 16 bits */
    {LIMIT_session_clients_max, 1, 16},         /* struct session: clients[16] */
    {LIMIT_spool_bytes_max, 1, INT64_MAX},
};
enum { LIMIT_VALUE_MAX = 1 << 30, THREADS_AUTO_MAX = 16, NEAR_FILES_MAX = 4096 };

static bool check_choice(struct cli *c, enum option o, const struct choice *v)
{
    struct str words[8], rest = str_of(option_table[o].arg);
    size_t n = 0;
    while (rest.p != NULL && n < sizeof words / sizeof words[0]) {
        words[n] = option_word(&rest);
        if (str_eq(words[n++], v->text))
            return true;
    }
    return refuse(c, "%s: '%s' is none of %s%s", "%s : « %s » n'est pas l'un de %s%s", choice_where(c, o, v),
                  shown(c, v->text), option_table[o].arg, did_you_mean(c, "", nearest(v->text, words, n)));
}

static bool check_number(struct cli *c, enum option o, const struct choice *v)
{
    const struct option_info *info = &option_table[o];
    int64_t n;
    if (str_i64(v->text, &n) && n >= info->min && n <= info->max)
        return true;
    if (info->max == INT64_MAX)
        return refuse(c, "%s: '%s' is not a number from %lld up", "%s : « %s » n'est pas un nombre d'au moins %lld",
                      choice_where(c, o, v), shown(c, v->text), (long long)info->min);
    return refuse(c, "%s: '%s' is not a number from %lld to %lld", "%s : « %s » n'est pas un nombre de %lld à %lld",
                  choice_where(c, o, v), shown(c, v->text), (long long)info->min, (long long)info->max);
}

bool resolve_general(struct cli *c)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        enum option o = (enum option)i;
        const struct choice *v = choice_of(c, o);
        if (v == NULL)
            continue;
        if (option_table[o].type == TYPE_CHOICE && !check_choice(c, o, v))
            return false;
        if (option_table[o].type == TYPE_NUMBER && !check_number(c, o, v))
            return false;
        if (v->text.n == 0 && option_table[o].type != TYPE_FLAG)
            return refuse(c, "%s: the value is empty", "%s : valeur vide", choice_where(c, o, v));
    }
    if (choice_of(c, OPTION_LANG) != NULL)
        c->lang = str_eq(choice_text(c, OPTION_LANG), STR("fr")) ? LANG_FR : LANG_EN;
    return true;
}

bool resolve_number(struct cli *c, enum option o, int64_t *v)
{
    return str_i64(choice_text(c, o), v);
}

bool resolve_when(const struct cli *c, enum option o, bool automatic)
{
    struct str when = choice_text(c, o);
    return str_eq(when, STR("always")) || (automatic && str_eq(when, STR("auto")));
}

/* ---- limits and parameters ---- */

/* NAME=VALUE in its parts. */
static bool cut_pair(struct cli *c, enum option o, const struct choice *v, struct str *name, int64_t *value)
{
    struct str text = str_cut(v->text, '=', name);
    if (text.p != NULL && str_i64(text, value))
        return true;
    return refuse(c, "%s: '%s' is not of the form %s", "%s : « %s » n'est pas de la forme %s",
                  choice_where(c, o, v), shown(c, v->text), option_table[o].arg);
}

static bool set_limit(struct cli *c, struct settings *s, const struct choice *v)
{
    struct str name, names[LIMIT_COUNT];
    int64_t value, min = 1, max = LIMIT_VALUE_MAX;
    if (!cut_pair(c, OPTION_LIMIT, v, &name, &value))
        return false;
    int l = 0;
    for (int i = 0; i < LIMIT_COUNT; i++)
        names[i] = str_of(limit_table[i].name);
    while (l < LIMIT_COUNT && !str_eq(names[l], name))
        l++;
    if (l == LIMIT_COUNT)
        return refuse(c, "%s: unknown limit '%s'%s (see vigie list limits)",
                      "%s : limite inconnue « %s »%s (voir vigie list limits)", choice_where(c, OPTION_LIMIT, v),
                      shown(c, name), did_you_mean(c, "", nearest(name, names, LIMIT_COUNT)));
    for (size_t i = 0; i < sizeof limit_range / sizeof limit_range[0]; i++)
        if ((int)limit_range[i].limit == l) {
            min = limit_range[i].min;
            max = limit_range[i].max;
        }
    if (value < min || value > max)
        return refuse(c, "%s: %s must be from %lld to %lld", "%s : %s doit être compris entre %lld et %lld",
                      choice_where(c, OPTION_LIMIT, v), limit_table[l].name, (long long)min, (long long)max);
    s->limits.v[l] = value;
    return true;
}

static const struct detector *param_detector(struct cli *c, const struct choice *v, struct str name)
{
    const struct detector *d = detector_find(name);
    if (d != NULL)
        return d;
    struct str *names = ARENA_ARRAY(&c->arena, struct str, detectors_count + 1);
    for (size_t i = 0; i < detectors_count; i++)
        names[i] = str_of(detectors[i]->name);
    refuse(c, "%s: unknown detector '%s'%s (see vigie list detectors)",
           "%s : détecteur inconnu « %s »%s (voir vigie list detectors)", choice_where(c, OPTION_PARAM, v),
           shown(c, name), did_you_mean(c, "", nearest(name, names, detectors_count)));
    return NULL;
}

static const struct detector_param *param_of(struct cli *c, const struct choice *v, const struct detector *d,
                                             struct str name)
{
    struct str *names = ARENA_ARRAY(&c->arena, struct str, d->params_count + 1);
    for (size_t i = 0; i < d->params_count; i++) {
        names[i] = str_of(d->params[i].name);
        if (str_eq(names[i], name))
            return &d->params[i];
    }
    refuse(c, "%s: detector '%s' has no parameter '%s'%s (see vigie list detectors)",
           "%s : le détecteur « %s » n'a pas de paramètre « %s »%s (voir vigie list detectors)",
           choice_where(c, OPTION_PARAM, v), d->name, shown(c, name),
           did_you_mean(c, "", nearest(name, names, d->params_count)));
    return NULL;
}

static void keep_param(struct settings *s, struct str name, int64_t value)
{
    for (size_t i = 0; i < s->params_count; i++)
        if (str_eq(s->params[i].name, name)) {
            s->params[i].value = value;
            return;
        }
    s->params[s->params_count++] = (struct setting_param){name, value};
}

static bool set_param(struct cli *c, struct settings *s, const struct choice *v)
{
    struct str pair, detector;
    int64_t value;
    if (!cut_pair(c, OPTION_PARAM, v, &pair, &value))
        return false;
    struct str name = str_cut(pair, '.', &detector);
    const struct detector *d = param_detector(c, v, detector);
    const struct detector_param *p = d != NULL ? param_of(c, v, d, name) : NULL;
    if (p == NULL)
        return false;
    if (value < p->min || value > p->max)
        return refuse(c, "%s: %s.%s must be from %lld to %lld", "%s : %s.%s doit être compris entre %lld et %lld",
                      choice_where(c, OPTION_PARAM, v), d->name, p->name, (long long)p->min, (long long)p->max);
    keep_param(s, pair, value);
    return true;
}

static bool each_choice(struct cli *c, struct settings *s, enum option o,
                        bool (*set)(struct cli *, struct settings *, const struct choice *))
{
    for (size_t i = 0; i < c->config.of[o].count; i++)
        if (!set(c, s, &c->config.of[o].items[i]))
            return false;
    for (size_t i = 0; i < c->argv.of[o].count; i++)
        if (!set(c, s, &c->argv.of[o].items[i]))
            return false;
    return true;
}

static bool set_limits_and_params(struct cli *c, struct settings *s)
{
    size_t most = c->config.of[OPTION_PARAM].count + c->argv.of[OPTION_PARAM].count;
    s->params = ARENA_ARRAY(&c->arena, struct setting_param, most + 1);
    return each_choice(c, s, OPTION_LIMIT, set_limit) && each_choice(c, s, OPTION_PARAM, set_param);
}

/* ---- what is read ---- */

static bool set_zone(struct cli *c, struct settings *s, const struct site *site)
{
    const struct choice *v = choice_of(c, OPTION_TZ);
    s->tz_offset_s = site->has_tz ? site->tz_offset_s : 0;
    if (v == NULL || zone_parse(v->text, &s->tz_offset_s))
        return true;
    return refuse(c, "%s: '%s' is not a zone like +01:00, -0330 or UTC",
                  "%s : « %s » n'est pas un fuseau comme +01:00, -0330 ou UTC", choice_where(c, OPTION_TZ, v),
                  shown(c, v->text));
}

static bool set_stamp(struct cli *c, enum option o, int offset_s, int64_t *us)
{
    const struct choice *v = choice_of(c, o);
    if (v == NULL || stamp_parse(v->text, offset_s, us))
        return true;
    if (stamp_is_relative(v->text))
        return refuse(c, "%s: '%s' counts from now, and the same command must give the same evidence tomorrow; "
                      "give a time like 2026-03-01T08:00",
                      "%s : « %s » se compte depuis maintenant, or la même commande doit donner demain la même "
                      "preuve ; donner une date comme 2026-03-01T08:00",
                      choice_where(c, o, v), shown(c, v->text));
    return refuse(c, "%s: '%s' is no time like 2026-03-01, 2026-03-01T08:00, 2026-03-01T08:00:00+01:00 or 1772352000",
                  "%s : « %s » n'est pas une date comme 2026-03-01, 2026-03-01T08:00, 2026-03-01T08:00:00+01:00 ou "
                  "1772352000",
                  choice_where(c, o, v), shown(c, v->text));
}

static bool set_period(struct cli *c, struct settings *s)
{
    if (!set_stamp(c, OPTION_SINCE, s->tz_offset_s, &s->since_us) ||
        !set_stamp(c, OPTION_UNTIL, s->tz_offset_s, &s->until_us))
        return false;
    if (s->since_us < s->until_us)
        return true;
    return refuse(c, "--until must lie after --since", "--until doit être postérieur à --since");
}

static bool set_key_map(struct cli *c, struct settings *s)
{
    const struct choice *v = choice_of(c, OPTION_KEY_MAP);
    struct json_error error;
    if (v == NULL)
        return true;
    struct choice map = *v;
    bool named = map.text.p[0] != '{';
    if (named && !config_file(c, v->text, &map.text))
        return false;
    const char *where = named ? shown(c, v->text) : choice_where(c, OPTION_KEY_MAP, v);
    const struct json *root = json_parse(&c->arena, map.text, &error);
    if (root == NULL)
        return refuse(c, "%s:%d:%d: %s", "%s:%d:%d : JSON non valide : %s", where, error.line, error.column, error.what);
    bool strings = root->kind == JSON_KIND_OBJECT;
    for (const struct json *m = root->child; m != NULL; m = m->next)
        strings = strings && m->kind == JSON_KIND_STRING;
    if (!strings)
        return refuse(c, "%s: a key map is an object of strings, {\"theirs\": \"ours\"}",
                      "%s : une table de noms est un objet de chaînes, {\"le leur\": \"le nôtre\"}", where);
    s->key_map = map.text;
    choice_add(c, &c->argv, OPTION_KEY_MAP, map); /* --print-config shows what was read */
    return true;
}

/* A typing error in a format is found now, not at the end of the first file. */
static bool set_format(struct cli *c, struct settings *s)
{
    struct str name, names[64];
    size_t n = 0;
    enum diag_code code;
    struct str why = STR_NONE;
    const struct choice *v = choice_of(c, OPTION_FORMAT);
    s->format = choice_text(c, OPTION_FORMAT);
    if (str_eq(s->format, STR("auto")))
        return true;
    (void)str_cut(s->format, ':', &name);
    bool known = false;
    names[n++] = STR("auto");
    for (size_t i = 0; i < log_parsers_count && n < 64; i++) {
        names[n] = str_of(log_parsers[i]->name);
        known = known || str_eq(names[n], name);
        n++;
    }
    const char *server = str_find(s->format, '$', 0) >= 0   ? "nginx"
                         : str_find(s->format, '%', 0) >= 0 ? "apache"
                                                            : NULL;
    if (!known && server != NULL)
        return refuse(c, "%s: this is a format string: put '%s:' before it",
                      "%s : ceci est une chaîne de format : la faire précéder de « %s: »",
                      choice_where(c, OPTION_FORMAT, v), server);
    if (!known)
        return refuse(c, "%s: unknown format '%s'%s (see vigie list formats)",
                      "%s : format inconnu « %s »%s (voir vigie list formats)", choice_where(c, OPTION_FORMAT, v),
                      shown(c, name), did_you_mean(c, "", nearest(name, names, n)));
    if (log_format_open(&c->arena, s->format, s->key_map, s->tz_offset_s, STR(""), &code, &why) != NULL)
        return true;
    return refuse(c, "%s: %s", "%s : %s", choice_where(c, OPTION_FORMAT, v), shown(c, why));
}

static bool set_site(struct cli *c, struct settings *s, const struct site **site)
{
    struct str why = STR_NONE;
    s->site = choice_text(c, OPTION_SITE);
    *site = site_load(&c->arena, s->site, &why);
    return *site != NULL || refuse(c, "%s", "%s", shown(c, why));
}

static void set_inputs(struct cli *c, struct settings *s)
{
    const struct choices *from = c->argv.of[OPTION_INPUTS].count > 0 ? &c->argv : &c->config;
    size_t n = from->of[OPTION_INPUTS].count;
    s->inputs = ARENA_ARRAY(&c->arena, struct str, n + 1);
    s->inputs_count = n;
    for (size_t i = 0; i < n; i++)
        s->inputs[i] = from->of[OPTION_INPUTS].items[i].text;
}

/* ---- what is written ---- */

static struct str last_part(struct str path)
{
    while (path.n > 1 && path.p[path.n - 1] == '/')
        path.n--;
    for (ptrdiff_t i = path.n - 1; i >= 0; i--)
        if (path.p[i] == '/')
            return str_sub(path, i + 1, path.n);
    return path;
}

static bool set_outputs(struct cli *c, struct settings *s)
{
    s->out = choice_text(c, OPTION_OUT);
    while (s->out.n > 1 && s->out.p[s->out.n - 1] == '/')
        s->out.n--;
    s->case_id = choice_text(c, OPTION_CASE);
    if (s->case_id.p == NULL && s->out.p != NULL)
        s->case_id = last_part(s->out);
    s->sessions_file = choice_text(c, OPTION_SESSIONS);
    s->findings_file = choice_text(c, OPTION_FINDINGS);
    s->rejects_file = choice_text(c, OPTION_REJECTS);
    s->alerts_file = c->command == COMMAND_watch ? choice_text(c, OPTION_ALERTS) : STR_NONE;
    s->session_records = choice_flag(c, OPTION_SESSION_RECORDS);
    const struct str files[] = {s->sessions_file, s->findings_file, s->rejects_file, s->alerts_file};
    int to_stdout = 0;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        to_stdout += str_eq(files[i], STR("-"));
    if (to_stdout <= 1)
        return true;
    return refuse(c, "only one result can go to standard output: name a file for the others",
                  "un seul résultat peut aller sur la sortie standard : nommer un fichier pour les autres");
}

static int threads_of(int64_t asked)
{
    if (asked > 0)
        return (int)asked;
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online < 1 ? 1 : online > THREADS_AUTO_MAX ? THREADS_AUTO_MAX : (int)online;
}

bool resolve_settings(struct cli *c, struct settings *s, const struct site **site)
{
    int64_t threads = 0;
    *s = settings_default();
    (void)resolve_number(c, OPTION_THREADS, &threads);
    (void)resolve_number(c, OPTION_MAX_REJECTS, &s->rejects_permille_max);
    s->threads = threads_of(threads);
    s->lang = c->lang;
    s->quiet = choice_flag(c, OPTION_QUIET);
    s->color = resolve_when(c, OPTION_COLOR, isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL);
    s->progress = !s->quiet && resolve_when(c, OPTION_PROGRESS, isatty(STDERR_FILENO));
    set_inputs(c, s);
    return set_site(c, s, site) && set_zone(c, s, *site) && set_period(c, s) && set_key_map(c, s) &&
           set_format(c, s) && set_limits_and_params(c, s) && set_outputs(c, s);
}

/* ---- paths ---- */

static struct str folder_of(struct str path)
{
    for (ptrdiff_t i = path.n - 1; i >= 0; i--)
        if (path.p[i] == '/')
            return str_sub(path, 0, i == 0 ? 1 : i);
    return STR(".");
}

/* The name in a folder that is nearest to what was typed; missing when none is near. */
static struct str nearest_file(struct cli *c, struct str folder, struct str typed)
{
    DIR *dir = opendir(arena_cstr(&c->arena, folder));
    struct str *names = ARENA_ARRAY(&c->arena, struct str, NEAR_FILES_MAX);
    size_t n = 0;
    if (dir == NULL)
        return STR_NONE;
    for (const struct dirent *e; n < NEAR_FILES_MAX && (e = readdir(dir)) != NULL;)
        if (e->d_name[0] != '.')
            names[n++] = arena_str(&c->arena, str_of(e->d_name));
    closedir(dir);
    struct str near = nearest(typed, names, n);
    if (near.p == NULL || str_eq(folder, STR(".")))
        return near;
    const char *slash = str_eq(folder, STR("/")) ? "" : "/";
    return arena_printf(&c->arena, "%.*s%s%.*s", STR_ARG(folder), slash, STR_ARG(near));
}

static bool input_exists(struct cli *c, struct str name)
{
    struct stat st;
    if (str_eq(name, STR("-")) || stat(arena_cstr(&c->arena, name), &st) == 0 || errno != ENOENT)
        return true; /* what cannot be read for another reason is the engine's to report */
    struct str near = nearest_file(c, folder_of(name), last_part(name));
    return refuse(c, "%s: no such file%s", "%s : fichier introuvable%s", shown(c, name), did_you_mean(c, "", near));
}

bool out_is_free(struct cli *c, struct str out)
{
    struct stat st;
    if (out.p == NULL)
        return true;
    if (lstat(arena_cstr(&c->arena, out), &st) == 0)
        return refuse(c, "%s exists already: name another folder with --out, or move it away",
                      "%s existe déjà : donner un autre répertoire à --out, ou le déplacer", shown(c, out));
    if (access(arena_cstr(&c->arena, folder_of(out)), W_OK | X_OK) != 0)
        return refuse(c, "%s: cannot be created: %s", "%s : création impossible : %s", shown(c, out),
                      cause_of(c, errno));
    return true;
}

enum exit_code resolve_paths(struct cli *c, const struct settings *s)
{
    if (s->inputs_count == 0) {
        refuse(c, "no input is given: name a log, a folder, or - for standard input",
               "aucune entrée n'est donnée : nommer un journal, un répertoire, ou - pour l'entrée standard");
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < s->inputs_count; i++)
        if (!input_exists(c, s->inputs[i]))
            return EXIT_UNREADABLE;
    return out_is_free(c, s->out) ? EXIT_NOTHING : EXIT_USAGE;
}
