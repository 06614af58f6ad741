/* check.c: counts by step, identity and unexplained path, and the report of them. */
#include "analyzer/site/check.h"

#include <stdlib.h>

#include "analyzer/base/map.h"
#include "analyzer/site/index.h"

enum { TOKEN_BYTES_MIN = 12 }; /* a segment this long with a digit in it is no word */

struct group {
    struct str method, path;
    uint64_t count;
};

struct site_check {
    const struct site *site;
    struct arena arena;
    uint64_t requests, steps_total, assets, captchas, cookies, forwarded, untrusted;
    uint64_t steps[SITE_STEPS_MAX];
    uint64_t sightings[IDENTITY_KINDS];
    uint64_t unexplained, beyond; /* beyond: of groups that found no place */
    uint32_t has;
    struct group *groups;
    uint32_t groups_count;
    struct map map;
};

struct site_check *site_check_new(const struct site *s)
{
    struct site_check *c = mem_alloc(sizeof *c);
    c->site = s;
    c->groups = ARENA_ARRAY(&c->arena, struct group, SITE_CHECK_PATHS_MAX);
    return c;
}

void site_check_free(struct site_check *c)
{
    if (c == NULL)
        return;
    map_free(&c->map);
    arena_free(&c->arena);
    mem_free(c);
}

/* ---- grouping ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_token(struct str segment)
{
    bool digit = false;
    for (ptrdiff_t i = 0; i < segment.n; i++) {
        char c = segment.p[i];
        char small = (char)(c | 0x20);
        if (!is_digit(c) && !(small >= 'a' && small <= 'z') && c != '-' && c != '_' && c != '~' &&
            c != '=')
            return false;
        digit |= is_digit(c);
    }
    return digit && segment.n >= TOKEN_BYTES_MIN;
}

struct writer {
    char p[SITE_CHECK_PATH_BYTES_MAX + 3];
    ptrdiff_t n;
    bool full;
};

static void add(struct writer *w, struct str s)
{
    struct str fits = str_sub(s, 0, SITE_CHECK_PATH_BYTES_MAX - w->n);
    w->full |= fits.n < s.n;
    if (fits.n > 0)
        memcpy(w->p + w->n, fits.p, (size_t)fits.n);
    w->n += fits.n;
}

static void add_segment(struct writer *w, struct str segment)
{
    bool only_digits = true;
    for (ptrdiff_t i = 0; i < segment.n; i++)
        only_digits &= is_digit(segment.p[i]);
    if (!only_digits && is_token(segment)) {
        add(w, STR("{token}"));
        return;
    }
    if (str_find(segment, '\\', 0) >= 0) { /* the digits of an escape are no number */
        add(w, segment);
        return;
    }
    for (ptrdiff_t i = 0; i < segment.n && !w->full;) {
        ptrdiff_t from = i;
        bool digits = is_digit(segment.p[i]);
        while (i < segment.n && is_digit(segment.p[i]) == digits)
            i++;
        add(w, digits ? STR("{number}") : str_sub(segment, from, i));
    }
}

static struct str general_path(struct writer *w, struct str target)
{
    struct site_path cut;
    site_path_cut(target, &cut);
    struct str path = cut.path.p == NULL ? target : cut.path;
    *w = (struct writer){.n = 0};
    while (path.p != NULL && !w->full) {
        struct str segment;
        path = str_cut(path, '/', &segment);
        add_segment(w, segment);
        if (path.p != NULL)
            add(w, STR("/"));
    }
    if (w->full) {
        memcpy(w->p + w->n, "...", 3);
        w->n += 3;
    }
    return (struct str){w->p, w->n};
}

static bool same_group(const void *items, uint32_t item, const void *key)
{
    const struct group *a = (const struct group *)items + item, *b = key;
    return str_eq(a->method, b->method) && str_eq(a->path, b->path);
}

static struct str method_of(const struct event *e)
{
    struct str m = str_sub(e->method_text, 0, 32);
    return m.n > 0 ? m : STR("-");
}

static void add_unexplained(struct site_check *c, const struct event *e)
{
    struct writer w;
    struct group g = {.method = method_of(e), .path = general_path(&w, e->target)};
    uint64_t hash =
        hash_bytes_seed(g.path.p, (size_t)g.path.n, hash_bytes(g.method.p, (size_t)g.method.n));
    uint32_t i = map_find(&c->map, hash, same_group, c->groups, &g);
    c->unexplained++;
    if (i == MAP_NONE && c->groups_count == SITE_CHECK_PATHS_MAX) {
        c->beyond++;
        return;
    }
    if (i == MAP_NONE) {
        i = c->groups_count++;
        c->groups[i] =
            (struct group){arena_str(&c->arena, g.method), arena_str(&c->arena, g.path), 0};
        map_put(&c->map, hash, i);
    }
    c->groups[i].count++;
}

void site_check_add(struct site_check *c, const struct event *e, const struct hit *h)
{
    c->requests++;
    c->has |= e->has;
    c->cookies += h->cookie.p != NULL;
    c->captchas += h->captcha;
    c->forwarded += e->client_rule == CLIENT_FORWARDED;
    c->untrusted += (e->odd & ODD(FORWARDED_UNTRUSTED)) != 0;
    for (size_t i = 0; i < h->sightings_count; i++)
        c->sightings[h->sightings[i].kind]++;
    if (h->step > 0) {
        c->steps[h->step - 1]++;
        c->steps_total++;
    } else if (h->asset) {
        c->assets++;
    } else {
        add_unexplained(c, e);
    }
}

int site_check_explained_permille(const struct site_check *c)
{
    return c->requests == 0 ? -1 : (int)((c->steps_total + c->assets) * 1000 / c->requests);
}

/* ---- the report ---- */

/* A line of text with one number in front of it. */
static void write_count(struct out *o, enum lang lang, uint64_t n, struct text what)
{
    out_printf(o, "%12llu  %s\n", (unsigned long long)n, SAY(what, lang));
}

static void write_note(struct out *o, const char *note)
{
    out_text(o, "  - ");
    out_escaped(o, str_of(note));
    out_char(o, '\n');
}

static void write_profile(const struct site_check *c, struct out *o, enum lang lang)
{
    const struct site *s = c->site;
    char hex[65];
    sha256_hex(&s->sha256, hex);
    out_text(o, SAY(TEXT("Profile ", "Profil "), lang));
    out_escaped(o, s->name);
    out_text(o, SAY(TEXT(": ", " : "), lang));
    out_escaped(o, str_of(SAY(s->label, lang)));
    out_text(o, "\n  ");
    out_escaped(o, s->file);
    out_printf(o, "\n  SHA-256 %s\n", hex);
    if (s->notes_count > 0)
        out_text(o,
                 SAY(TEXT("\nTo confirm by the operator:\n", "\nÀ confirmer par l'exploitant :\n"),
                     lang));
    for (size_t i = 0; i < s->notes_count; i++)
        write_note(o, SAY(s->notes[i], lang));
}

static void write_steps(const struct site_check *c, struct out *o, enum lang lang)
{
    out_text(o, SAY(TEXT("\nSteps of the funnel", "\nÉtapes du parcours"), lang));
    out_text(o, c->requests > 0
                    ? SAY(TEXT(" and their requests:\n", " et leurs requêtes :\n"), lang)
                    : SAY(TEXT(":\n", " :\n"), lang));
    for (size_t i = 0; i < c->site->steps_count; i++) {
        const struct site_step *step = &c->site->steps[i];
        if (c->requests > 0)
            out_printf(o, "%12llu", (unsigned long long)c->steps[i]);
        out_printf(o, "  %-16.*s %-9s %-6.*s ", STR_ARG(step->name), meaning_names[step->meaning],
                   STR_ARG(step->method));
        out_escaped(o, step->path);
        out_text(o, "  (");
        out_escaped(o, str_of(SAY(step->label, lang)));
        out_text(o, ")\n");
    }
}

static void write_totals(const struct site_check *c, struct out *o, enum lang lang)
{
    int permille = site_check_explained_permille(c);
    out_printf(o,
               lang == LANG_FR ? "\nRequêtes expliquées par le profil : %d,%d %% de %llu\n"
                               : "\nRequests explained by the profile: %d.%d %% of %llu\n",
               permille / 10, permille % 10, (unsigned long long)c->requests);
    write_count(o, lang, c->steps_total, TEXT("steps of the funnel", "étapes du parcours"));
    write_count(o, lang, c->assets,
                TEXT("assets loaded by pages", "ressources chargées par les pages"));
    write_count(o, lang, c->unexplained, TEXT("neither", "ni l'un ni l'autre"));
    out_text(o, SAY(TEXT("\nFound in the requests:\n", "\nRelevé dans les requêtes :\n"), lang));
    write_count(o, lang, c->cookies,
                TEXT("with a session cookie of the profile",
                     "avec un cookie de session du profil"));
    write_count(o, lang, c->sightings[IDENTITY_EMAIL],
                TEXT("e-mail addresses", "adresses électroniques"));
    write_count(o, lang, c->sightings[IDENTITY_AGDREF], TEXT("AGDREF numbers", "numéros AGDREF"));
    write_count(o, lang, c->sightings[IDENTITY_PHONE],
                TEXT("telephone numbers", "numéros de téléphone"));
    write_count(o, lang, c->sightings[IDENTITY_NAME], TEXT("names", "noms"));
    write_count(o, lang, c->captchas, TEXT("captcha answers", "réponses à un code de sécurité"));
    write_count(o, lang, c->untrusted,
                TEXT("forwarded addresses from a peer that is not trusted",
                     "adresses transmises par un pair non reconnu"));
    write_count(o, lang, c->forwarded,
                TEXT("client addresses given by a trusted proxy",
                     "adresses clientes données par un mandataire de confiance"));
}

static void write_hint(struct out *o, enum lang lang, struct text what)
{
    out_printf(o, "\n! %s\n", SAY(what, lang));
}

static void write_hints(const struct site_check *c, struct out *o, enum lang lang)
{
    bool bodies = (c->has & HAS(BODY)) != 0, cookies = (c->has & HAS(COOKIES)) != 0;
    if (c->steps_total == 0)
        write_hint(
            o, lang,
            TEXT(
                "No request is a step of the funnel: this is probably not the site of this profile.",
                "Aucune requête n'est une étape du parcours : ce profil n'est sans doute pas celui du site."));
    if (c->cookies == 0 && cookies)
        write_hint(
            o, lang,
            TEXT("Cookies are logged, but none of the profile's session cookies is among them.",
                 "Des cookies sont journalisés, mais aucun des cookies de session du profil."));
    if (c->cookies == 0 && !cookies)
        write_hint(
            o, lang,
            TEXT(
                "No cookies are logged: sessions will be told apart by address and agent.",
                "Aucun cookie n'est journalisé : les sessions seront distinguées par adresse et agent."));
    if (!bodies && c->sightings[IDENTITY_EMAIL] == 0)
        write_hint(
            o, lang,
            TEXT(
                "Request bodies are not logged: reused identities cannot be seen.",
                "Le corps des requêtes n'est pas journalisé : la réutilisation d'identités n'est pas visible."));
    if (c->untrusted > 0)
        write_hint(
            o, lang,
            TEXT(
                "Forwarded addresses come from peers that trusted_proxies does not list; they are not believed.",
                "Des adresses transmises proviennent de pairs absents de trusted_proxies ; elles sont ignorées."));
}

static int by_count(const void *a, const void *b)
{
    const struct group *x = a, *y = b;
    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    int order = str_cmp(x->path, y->path);
    return order != 0 ? order : str_cmp(x->method, y->method);
}

static void write_groups(const struct site_check *c, struct out *o, enum lang lang)
{
    struct arena scratch = {0};
    uint64_t hidden = c->beyond;
    if (c->groups_count == 0)
        return;
    struct group *sorted = ARENA_ARRAY(&scratch, struct group, c->groups_count);
    memcpy(sorted, c->groups, c->groups_count * sizeof *sorted);
    qsort(sorted, c->groups_count, sizeof *sorted, by_count);
    out_text(o, SAY(TEXT("\nRequests that are neither, by method and path:\n",
                         "\nRequêtes qui ne sont ni l'un ni l'autre, par méthode et chemin :\n"),
                    lang));
    for (uint32_t i = 0; i < c->groups_count; i++) {
        if (i >= SITE_CHECK_SHOWN_MAX) {
            hidden += sorted[i].count;
            continue;
        }
        out_printf(o, "%12llu  ", (unsigned long long)sorted[i].count);
        out_escaped(o, sorted[i].method);
        out_char(o, ' ');
        out_escaped(o, sorted[i].path);
        out_char(o, '\n');
    }
    if (hidden > 0)
        write_count(o, lang, hidden, TEXT("others", "autres"));
    if (c->beyond > 0)
        out_printf(o,
                   lang == LANG_FR ? "\nSeuls les %d premiers chemins ont été distingués.\n"
                                   : "\nOnly the first %d paths were told apart.\n",
                   SITE_CHECK_PATHS_MAX);
    arena_free(&scratch);
}

void site_check_write(const struct site_check *c, struct out *o, enum lang lang)
{
    write_profile(c, o, lang);
    write_steps(c, o, lang);
    if (c->requests == 0)
        return;
    write_totals(c, o, lang);
    write_hints(c, o, lang);
    write_groups(c, o, lang);
}
