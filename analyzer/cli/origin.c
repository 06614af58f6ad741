/* origin.c: sources by name, then by SHA-256. */
#include "analyzer/cli/origin.h"

#include <stdio.h>
#include <sys/stat.h>

#include "analyzer/base/hash.h"
#include "analyzer/base/json.h"
#include "analyzer/cli/config.h"
#include "analyzer/cli/tree.h"

enum { HASH_BUFFER = 1 << 16 };

struct candidates {
    struct cli *cli;
    struct str folder;
    struct str *names;
    size_t count;
    struct sha256 *hashes; /* where known */
    bool *known, *readable;
};

static bool hash_file(struct cli *c, struct str path, struct sha256 *hash)
{
    static char buffer[HASH_BUFFER];
    struct stat st;
    const char *name = arena_cstr(&c->arena, path);
    if (stat(name, &st) != 0 || !S_ISREG(st.st_mode))
        return false;
    FILE *f = fopen(name, "re");
    if (f == NULL)
        return false;
    struct sha256_stream *sha = sha256_open();
    for (size_t n; (n = fread(buffer, 1, sizeof buffer, f)) > 0;)
        sha256_add(sha, buffer, n);
    bool whole = ferror(f) == 0;
    fclose(f);
    *hash = sha256_close(sha);
    return whole;
}

static struct str path_of(const struct candidates *all, size_t i)
{
    return arena_printf(&all->cli->arena, "%.*s/%.*s", STR_ARG(all->folder), STR_ARG(all->names[i]));
}

static bool has_hash(struct candidates *all, size_t i, const struct sha256 *wanted)
{
    if (!all->known[i]) {
        all->known[i] = true;
        all->readable[i] = hash_file(all->cli, path_of(all, i), &all->hashes[i]);
    }
    return all->readable[i] && memcmp(&all->hashes[i], wanted, sizeof *wanted) == 0;
}

/* Index of the file, or count; *named says whether one has the name at least. */
static size_t find(struct candidates *all, struct str name, const struct sha256 *wanted, bool *named)
{
    *named = false;
    for (size_t i = 0; i < all->count; i++) {
        if (!str_eq(all->names[i], name))
            continue;
        *named = true;
        if (wanted == NULL || has_hash(all, i, wanted))
            return i;
    }
    for (size_t i = 0; wanted != NULL && i < all->count; i++)
        if (has_hash(all, i, wanted))
            return i;
    return all->count;
}

static bool place_source(struct candidates *all, const struct json *source, struct setting_place *place,
                         enum exit_code *code)
{
    struct cli *c = all->cli;
    const struct json *name = json_get(source, STR("name")), *hash = json_get(source, STR("sha256"));
    struct sha256 wanted;
    bool hashed = hash != NULL && hash->kind == JSON_KIND_STRING && sha256_parse(hash->text, &wanted), named;
    *code = EXIT_UNVERIFIED;
    if (name == NULL || name->kind != JSON_KIND_STRING)
        return refuse(c, "data/ledger.json: a source without a name", "data/ledger.json : source sans nom");
    size_t i = find(all, name->text, hashed ? &wanted : NULL, &named);
    if (i < all->count) {
        *place = (struct setting_place){name->text, path_of(all, i)};
        return true;
    }
    if (named)
        return refuse(c, "%s: a file of this name is in %s, but its SHA-256 is not the one in data/ledger.json",
                      "%s : un fichier de ce nom est dans %s, mais son empreinte SHA-256 n'est pas celle de "
                      "data/ledger.json", shown(c, name->text), shown(c, all->folder));
    *code = EXIT_UNREADABLE;
    return refuse(c, "%s: neither this name nor its SHA-256 is in %s", "%s : ni ce nom ni son empreinte SHA-256 dans %s",
                  shown(c, name->text), shown(c, all->folder));
}

static const struct json *ledger_sources(struct cli *c, struct str bag)
{
    struct str text, file = arena_printf(&c->arena, "%.*s/data/ledger.json", STR_ARG(bag));
    struct json_error error;
    if (!config_file(c, file, &text))
        return NULL;
    const struct json *root = json_parse(&c->arena, text, &error);
    const struct json *sources = root != NULL ? json_get(root, STR("sources")) : NULL;
    if (sources == NULL || sources->kind != JSON_KIND_ARRAY)
        refuse(c, "%s: is not a ledger", "%s : n'est pas un registre", shown(c, file));
    return sources;
}

bool origin_find(struct cli *c, struct str bag, struct str folder, struct settings *s, enum exit_code *code)
{
    struct candidates all = {.cli = c, .folder = folder};
    *code = EXIT_UNVERIFIED;
    const struct json *sources = ledger_sources(c, bag);
    if (c->problem.p != NULL || !tree_files(c, folder, &all.names, &all.count))
        return false;
    all.hashes = ARENA_ARRAY(&c->arena, struct sha256, all.count + 1);
    all.known = ARENA_ARRAY(&c->arena, bool, all.count + 1);
    all.readable = ARENA_ARRAY(&c->arena, bool, all.count + 1);
    s->places = ARENA_ARRAY(&c->arena, struct setting_place, sources->count + 1);
    for (const struct json *source = sources->child; source != NULL; source = source->next)
        if (!place_source(&all, source, &s->places[s->places_count++], code))
            return false;
    return true;
}
