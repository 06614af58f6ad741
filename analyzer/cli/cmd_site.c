/* cmd_site.c: a site profile alone, or what it explains of a log and what not. */
#include <stdlib.h>
#include <unistd.h>

#include "analyzer/base/map.h"
#include "analyzer/cli/commands.h"
#include "analyzer/cli/run.h"

/* Distinct requests without a step that are told apart, and how many of them are shown. */
enum { STRANGERS_MAX = 20000, STRANGERS_SHOWN = 40 };

struct stranger {
    struct str method, path;
    uint64_t count;
};

struct check {
    struct run run;
    struct arena scratch;
    uint64_t requests, assets, explained, cookies, forwarded, untrusted;
    uint64_t steps[SITE_STEPS_MAX + 1];
    uint64_t sightings[IDENTITY_KINDS];
    struct stranger *strangers;
    uint32_t strangers_count;
    uint64_t strangers_requests, crowd; /* crowd: of strangers beyond the maximum */
    struct map map;
};

static bool same_stranger(const void *items, uint32_t item, const void *key)
{
    const struct stranger *a = (const struct stranger *)items + item, *b = key;
    return str_eq(a->method, b->method) && str_eq(a->path, b->path);
}

static void count_stranger(struct check *k, const struct event *e)
{
    struct stranger s = {.method = e->method_text};
    (void)str_cut(e->target, '?', &s.path);
    uint64_t hash = hash_bytes(s.path.p, s.path.n > 0 ? (size_t)s.path.n : 0);
    uint32_t i = map_find(&k->map, hash, same_stranger, k->strangers, &s);
    k->strangers_requests++;
    if (i == MAP_NONE && k->strangers_count == STRANGERS_MAX) {
        k->crowd++;
        return;
    }
    if (i == MAP_NONE) {
        i = k->strangers_count++;
        k->strangers[i] = (struct stranger){arena_str(&k->scratch, s.method), arena_str(&k->scratch, s.path), 0};
        map_put(&k->map, hash, i);
    }
    k->strangers[i].count++;
}

static void on_event(void *user, const struct event *e, const struct hit *h, struct str raw, struct str source_name)
{
    struct check *k = user;
    (void)raw;
    (void)source_name;
    k->requests++;
    k->cookies += h->cookie.p != NULL;
    k->forwarded += e->client_rule == CLIENT_FORWARDED;
    k->untrusted += (e->odd & ODD(FORWARDED_UNTRUSTED)) != 0;
    for (uint8_t i = 0; i < h->sightings_count; i++)
        k->sightings[h->sightings[i].kind]++;
    if (h->step > 0 && h->step <= SITE_STEPS_MAX) {
        k->steps[h->step]++;
        k->explained++;
    } else if (h->asset) {
        k->assets++;
    } else {
        count_stranger(k, e);
    }
}

static bool on_progress(void *user, const struct engine_progress *p)
{
    struct check *k = user;
    return run_goes_on(&k->run, p);
}

static void write_profile(struct out *o, const struct check *k, bool counts)
{
    const struct site *site = k->run.site;
    enum lang lang = k->run.cli->lang;
    out_printf(o, lang == LANG_FR ? "Profil %.*s : %zu étapes, %zu cookies de session, %zu mandataires\n"
                                  : "Profile %.*s: %zu steps, %zu session cookies, %zu proxies\n",
               STR_ARG(site->name), site->steps_count, site->cookies_count, site->proxies_count);
    for (size_t i = 0; i < site->steps_count; i++) {
        const struct site_step *s = &site->steps[i];
        if (counts)
            out_printf(o, "%10llu", (unsigned long long)k->steps[i + 1]);
        out_printf(o, "  %-10s %-24.*s %-5.*s ", meaning_names[s->meaning], STR_ARG(s->name), STR_ARG(s->method));
        out_escaped(o, s->path);
        out_char(o, '\n');
    }
}

static int by_count(const void *a, const void *b)
{
    const struct stranger *x = a, *y = b;
    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    int order = str_cmp(x->path, y->path);
    return order != 0 ? order : str_cmp(x->method, y->method);
}

static void write_strangers(struct out *o, struct check *k)
{
    bool fr = k->run.cli->lang == LANG_FR;
    if (k->strangers_count > 0)
        qsort(k->strangers, k->strangers_count, sizeof k->strangers[0], by_count);
    out_printf(o, fr ? "\nRequêtes que le profil n'explique pas : %llu\n" : "\nRequests the profile does not explain: %llu\n",
               (unsigned long long)k->strangers_requests);
    for (uint32_t i = 0; i < k->strangers_count && i < STRANGERS_SHOWN; i++) {
        out_printf(o, "%10llu  ", (unsigned long long)k->strangers[i].count);
        out_escaped(o, k->strangers[i].method);
        out_char(o, ' ');
        out_escaped(o, k->strangers[i].path);
        out_char(o, '\n');
    }
    if (k->strangers_count > STRANGERS_SHOWN)
        out_printf(o, fr ? "            et %u autres chemins\n" : "            and %u other paths\n",
                   k->strangers_count - STRANGERS_SHOWN);
    if (k->crowd > 0)
        out_printf(o, fr ? "            (%llu requêtes sur d'autres chemins encore, non distingués)\n"
                         : "            (%llu requests to still other paths, not told apart)\n",
                   (unsigned long long)k->crowd);
}

static void write_counts(struct out *o, const struct check *k)
{
    bool fr = k->run.cli->lang == LANG_FR;
    out_printf(o, fr ? "\nRequêtes %llu, expliquées %llu, éléments de page %llu\n"
                     : "\nRequests %llu, explained %llu, assets %llu\n",
               (unsigned long long)k->requests, (unsigned long long)k->explained, (unsigned long long)k->assets);
    out_printf(o, fr ? "Avec cookie de session %llu, client d'après un mandataire %llu, chaîne d'un pair non reconnu %llu\n"
                     : "With a session cookie %llu, client from a trusted proxy %llu, chain from an untrusted peer %llu\n",
               (unsigned long long)k->cookies, (unsigned long long)k->forwarded, (unsigned long long)k->untrusted);
    out_text(o, fr ? "Valeurs d'identité :" : "Identity values:");
    for (int i = 0; i < IDENTITY_KINDS; i++)
        out_printf(o, " %s %llu", identity_names[i], (unsigned long long)k->sightings[i]);
    out_char(o, '\n');
}

static enum exit_code check_against_log(struct check *k)
{
    struct run *r = &k->run;
    enum exit_code code;
    if (!run_open(r, &code))
        return code;
    const struct engine_hooks hooks = {.user = k, .event = on_event, .progress = on_progress};
    k->strangers = ARENA_ARRAY(&k->scratch, struct stranger, STRANGERS_MAX);
    r->engine = engine_new(&r->settings, r->site, &hooks);
    enum status status = engine_run(r->engine);
    progress_clear(&r->progress);
    struct out o = out_fd(STDOUT_FILENO, 1 << 16);
    write_profile(&o, k, true);
    write_counts(&o, k);
    write_strangers(&o, k);
    bool written = stdout_close(r->cli, &o);
    code = run_verdict(r, status);
    run_free(r);
    map_free(&k->map);
    arena_free(&k->scratch);
    return written ? code : EXIT_INTERNAL;
}

static enum exit_code check_alone(struct check *k)
{
    struct out o = out_fd(STDOUT_FILENO, 1 << 16);
    if (!choice_flag(k->run.cli, OPTION_QUIET))
        write_profile(&o, k, false);
    return stdout_close(k->run.cli, &o) ? EXIT_NOTHING : EXIT_INTERNAL;
}

enum exit_code cmd_site(struct cli *c)
{
    struct check k = {0};
    struct choice *operands = c->argv.of[OPTION_INPUTS].items;
    size_t n = c->argv.of[OPTION_INPUTS].count;
    enum exit_code code;
    if (n < 2 || !str_eq(operands[0].text, STR("check"))) {
        refuse(c, "site takes: vigie site %s", "site attend : vigie site %s", command_table[COMMAND_site].operands);
        return EXIT_USAGE;
    }
    choice_add(c, &c->argv, OPTION_SITE, operands[1]);
    c->argv.of[OPTION_INPUTS].items = operands + 2;
    c->argv.of[OPTION_INPUTS].count = n - 2;
    if (!run_settle(&k.run, c, &code))
        return code;
    return k.run.settings.inputs_count > 0 ? check_against_log(&k) : check_alone(&k);
}
