/* origin.c: the sources of a bundle's ledger as places to read. */
#include "analyzer/cli/origin.h"

#include "analyzer/base/json.h"
#include "analyzer/cli/config.h"
#include "analyzer/io/originals.h"

enum { LEDGER_BYTES_MAX = 256 << 20 }; /* as much as `verify` reads of a document */

struct search {
    struct cli *cli;
    struct str folder;
    struct originals *originals;
};

static bool not_there(const struct search *s, struct str name)
{
    return refuse(s->cli, "%s: neither this name nor its SHA-256 is in %s",
                  "%s : ni ce nom ni son empreinte SHA-256 dans %s", shown(s->cli, name), shown(s->cli, s->folder));
}

static bool has_other_bytes(const struct search *s, struct str name)
{
    return refuse(s->cli, "%s: a file of this name is in %s, but its SHA-256 is not the one in data/ledger.json",
                  "%s : un fichier de ce nom est dans %s, mais son empreinte SHA-256 n'est pas celle de "
                  "data/ledger.json", shown(s->cli, name), shown(s->cli, s->folder));
}

static bool has_grown(const struct search *s, const struct original *wanted, struct str path)
{
    struct cli *c = s->cli;
    return refuse(c, "%s: has grown since; what was analysed is its beginning: head -c %llu %s > COPY",
                  "%s : s'est allongé depuis ; ce qui a été analysé en est le début : head -c %llu %s > COPIE",
                  shown(c, wanted->name), (unsigned long long)wanted->bytes, shown(c, path));
}

static bool place_source(const struct search *s, const struct json *source, struct setting_place *place,
                         enum exit_code *code)
{
    struct cli *c = s->cli;
    const struct json *name = json_get(source, STR("name")), *hash = json_get(source, STR("sha256"));
    const struct json *bytes = json_get(source, STR("file_bytes"));
    struct original wanted = {0};
    struct str path;
    *code = EXIT_UNVERIFIED;
    if (name == NULL || name->kind != JSON_KIND_STRING)
        return refuse(c, "data/ledger.json: a source without a name", "data/ledger.json : source sans nom");
    wanted.name = name->text;
    wanted.hashed = hash != NULL && hash->kind == JSON_KIND_STRING && sha256_parse(hash->text, &wanted.sha256);
    wanted.bytes = bytes != NULL && bytes->is_int ? (uint64_t)bytes->integer : 0;
    switch (originals_find(s->originals, &wanted, &path)) {
    case ORIGINAL_SAME:
    case ORIGINAL_RENAMED: *place = (struct setting_place){name->text, arena_str(&c->arena, path)}; return true;
    case ORIGINAL_GROWN: return has_grown(s, &wanted, path);
    case ORIGINAL_CHANGED: return has_other_bytes(s, name->text);
    case ORIGINAL_ABSENT: break;
    }
    *code = EXIT_UNREADABLE;
    return not_there(s, name->text);
}

static const struct json *ledger_sources(struct cli *c, struct str bag)
{
    struct str text, file = arena_printf(&c->arena, "%.*s/data/ledger.json", STR_ARG(bag));
    struct json_error error;
    if (!config_file_upto(c, file, LEDGER_BYTES_MAX, &text))
        return NULL;
    const struct json *root = json_parse(&c->arena, text, &error);
    const struct json *sources = root != NULL ? json_get(root, STR("sources")) : NULL;
    if (sources == NULL || sources->kind != JSON_KIND_ARRAY)
        refuse(c, "%s: is not a ledger", "%s : n'est pas un registre", shown(c, file));
    return sources;
}

static bool place_all(const struct search *search, const struct json *sources, struct settings *s,
                      enum exit_code *code)
{
    s->places = ARENA_ARRAY(&search->cli->arena, struct setting_place, sources->count + 1);
    for (const struct json *source = sources->child; source != NULL; source = source->next)
        if (!place_source(search, source, &s->places[s->places_count++], code))
            return false;
    return true;
}

bool origin_find(struct cli *c, struct str bag, struct str folder, struct settings *s, enum exit_code *code)
{
    struct str why = STR_NONE;
    *code = EXIT_UNVERIFIED;
    const struct json *sources = ledger_sources(c, bag);
    if (c->problem.p != NULL)
        return false;
    struct search search = {c, folder, originals_open(folder, &why)};
    if (search.originals == NULL)
        return refuse(c, "%s: %s", "%s : %s", shown(c, folder), shown(c, why));
    bool placed = place_all(&search, sources, s, code);
    originals_close(search.originals);
    return placed;
}
