/* build.c: the "tool" of data/evidence.json. */
#include "analyzer/cli/build.h"

#include <sys/stat.h>

#include "analyzer/base/json.h"
#include "analyzer/cli/config.h"

enum { EVIDENCE_BYTES_MAX = 256 << 20 }; /* as much as `verify` reads of a document */

struct build {
    struct str evidence; /* the whole text; missing when it cannot be read */
    ptrdiff_t from, to;  /* of its "tool" */
    struct str version, commit;
};

/* Where the value of a top-level key stands. */
static bool find_member(struct str text, struct str key, ptrdiff_t *from, ptrdiff_t *to)
{
    struct json_lexer l = json_lexer_of(text);
    if (json_next(&l) != JSON_OBJECT_OPEN)
        return false;
    while (json_next(&l) == JSON_KEY) {
        bool found = str_eq(l.value, key);
        enum json_token first = json_next(&l);
        *from = l.at - 1;
        if (!json_skip(&l, first))
            return false;
        *to = l.at;
        if (found)
            return first == JSON_OBJECT_OPEN;
    }
    return false;
}

static struct str text_of(const struct json *o, struct str key)
{
    const struct json *v = json_get(o, key);
    return v != NULL && v->kind == JSON_KIND_STRING ? v->text : STR_NONE;
}

static bool read_build(struct cli *c, struct str bag, struct build *b)
{
    struct str file = arena_printf(&c->arena, "%.*s/data/evidence.json", STR_ARG(bag));
    struct stat st;
    *b = (struct build){0};
    if (lstat(file.p, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > EVIDENCE_BYTES_MAX)
        return false;
    if (!config_file_upto(c, file, EVIDENCE_BYTES_MAX, &b->evidence) ||
        !find_member(b->evidence, STR("tool"), &b->from, &b->to))
        return false;
    const struct json *tool = json_parse(&c->arena, str_sub(b->evidence, b->from, b->to), NULL);
    b->version = text_of(tool, STR("version"));
    b->commit = text_of(tool, STR("git_commit"));
    return tool != NULL;
}

static bool same_but_tool(const struct build *a, const struct build *b)
{
    return str_eq(str_sub(a->evidence, 0, a->from), str_sub(b->evidence, 0, b->from)) &&
           str_eq(str_sub(a->evidence, a->to, a->evidence.n), str_sub(b->evidence, b->to, b->evidence.n));
}

static const char *named(struct cli *c, const struct build *b)
{
    const char *version = b->version.n > 0 ? shown(c, b->version) : "?";
    if (b->commit.n == 0)
        return arena_printf(&c->arena, c->lang == LANG_FR ? "vigie %s (commit inconnu)" : "vigie %s (commit unknown)",
                            version).p;
    return arena_printf(&c->arena, "vigie %s (commit %s)", version, shown(c, b->commit)).p;
}

void build_say(struct cli *c, struct str bag, struct str again, uint64_t different, struct out *o)
{
    struct build then, now;
    bool fr = c->lang == LANG_FR;
    if (!read_build(c, bag, &then) || !read_build(c, again, &now))
        return;
    if (str_eq(then.version, now.version) && str_eq(then.commit, now.commit))
        return;
    out_printf(o, fr ? "dossier produit par %s ; ceci est %s" : "made by %s; this is %s", named(c, &then),
               named(c, &now));
    if (different == 1 && same_but_tool(&then, &now))
        out_text(o, fr ? " : rien d'autre ne diffère\n" : ": nothing else differs\n");
    else
        out_text(o, fr ? " ; des différences peuvent en provenir\n" : "; differences may come from that\n");
}
