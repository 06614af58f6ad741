/* verify_bundle.c: the documents of an evidence bundle, in the order in which they lean on each
 * other. */
#include "reports/verify_bundle.h"

#include "reports/bundle.h"
#include "reports/verify_text.h"

#ifndef VIGIE_VERSION
#define VIGIE_VERSION "0"
#endif
#ifndef VIGIE_COMMIT
#define VIGIE_COMMIT NULL
#endif

/* What must be there, what may be, and nothing else. */
static const char *const required[] = {
    "VERIFY.txt",          "bag-info.txt",           "data/config/effective.json",
    "data/evidence.json",  "data/ledger.json",       "data/records.jsonl",
    "manifest-sha256.txt", "tagmanifest-sha256.txt",
};
static const char *const optional[] = {
    "bagit.txt",
    "data/config/site.json",
    "data/schema/effective.schema.json",
    "data/schema/evidence.schema.json",
    "data/schema/ledger.schema.json",
    "data/schema/record.schema.json",
    "data/schema/rule.schema.json",
    "data/schema/scoring.schema.json",
};
/* data/rules/ is judged by its own check; the other two hold what is added after sealing. */
static const char *const folders[] = {"data/rules/", "signatures/", "custody/"};

static bool is_one_of(const char *const *list, size_t n, struct str path)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq(str_of(list[i]), path))
            return true;
    }
    return false;
}

static bool has_place(struct str path)
{
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        if (str_starts(path, str_of(folders[i])))
            return true;
    }
    return is_one_of(required, sizeof required / sizeof required[0], path) ||
           is_one_of(optional, sizeof optional / sizeof optional[0], path);
}

static void check_files(struct bundle_check *x)
{
    for (size_t i = 0; i < sizeof required / sizeof required[0]; i++) {
        if (bagit_find(x->b, str_of(required[i])) == NULL)
            verdict(x->v, CAUSE_missing, str_of(required[i]), STR_NONE);
    }
    for (size_t i = 0; i < x->b->count; i++) {
        if (!has_place(x->b->files[i].path))
            verdict(x->v, CAUSE_stray, x->b->files[i].path, STR_NONE);
    }
}

static void read_sources(struct bundle_check *x)
{
    const struct json *list = json_get(x->evidence, STR("sources"));
    x->sources = ARENA_ARRAY(&x->arena, struct bundle_source, list->count + 1);
    for (const struct json *s = list->child; s != NULL; s = s->next) {
        struct bundle_source *out = &x->sources[x->sources_count++];
        out->id = verify_string(s, "id");
        out->name = verify_string(s, "name");
        out->hashed = sha256_parse(verify_string(s, "sha256"), &out->sha256);
        out->bytes = (uint64_t)verify_int(s, "bytes");
        out->file_bytes = (uint64_t)verify_int(s, "file_bytes");
        out->lines = (uint64_t)verify_int(s, "lines");
    }
}

/* A later program may write what this one cannot judge; then it says so and stops there. */
static bool version_known(struct bundle_check *x)
{
    const struct bagit_file *f = bagit_find(x->b, STR("data/evidence.json"));
    struct str text;
    if (f == NULL || !bagit_read(x->b, f, &x->arena, VERIFY_DOCUMENT_MAX, &text))
        return true;
    const struct json *version = json_get(json_parse(&x->arena, text, NULL), STR("schema_version"));
    if (version == NULL || !version->is_int || version->integer == BUNDLE_SCHEMA_VERSION)
        return true;
    verdict(x->v, CAUSE_schema_version, f->path, version->text);
    return false;
}

/* VERIFY.txt holds commands that people type: in a bundle of this very build it must be ours to the byte. */
static bool made_by_this_build(const struct bundle_check *x)
{
    const struct json *tool = json_get(x->evidence, STR("tool"));
    return str_eq(verify_string(tool, "version"), STR(VIGIE_VERSION)) &&
           str_eq(verify_string(tool, "git_commit"), str_of(VIGIE_COMMIT));
}

static struct verify_steps steps_of(const struct bundle_check *x)
{
    struct verify_steps t = {.record = -1};
    for (size_t i = 0; i < x->records_count && t.record < 0; i++)
        if (x->records[i].has_raw)
            t.record = (int64_t)i;
    for (size_t i = 0; i < x->sources_count; i++)
        t.streamed |= str_eq(x->sources[i].name, STR("-"));
    return t;
}

static void check_steps(struct bundle_check *x)
{
    const struct bagit_file *f = bagit_find(x->b, STR("VERIFY.txt"));
    struct str text;
    if (f == NULL || !bagit_read(x->b, f, &x->arena, VERIFY_DOCUMENT_MAX, &text))
        return;
    if (!made_by_this_build(x)) {
        verdict(x->v, CAUSE_steps_other_build, f->path, STR_NONE);
        return;
    }
    const struct verify_steps t = steps_of(x);
    struct out ours = out_memory();
    verify_text_write(&ours, &t);
    if (!str_eq(out_slice(&ours), text))
        verdict(x->v, CAUSE_steps, f->path, STR_NONE);
    out_close(&ours);
}

static void check_documents(struct bundle_check *x, struct str inputs)
{
    verify_schemas(x);
    x->evidence = verify_document(x, STR("data/evidence.json"), DOCUMENT_evidence);
    x->ledger = verify_document(x, STR("data/ledger.json"), DOCUMENT_ledger);
    verify_document(x, STR("data/config/effective.json"), DOCUMENT_effective);
    if (x->evidence != NULL)
        read_sources(x);
    verify_records(x);
    if (x->evidence != NULL)
        verify_links(x);
    if (x->evidence != NULL && x->ledger != NULL)
        verify_ledger(x);
    if (x->evidence != NULL)
        check_steps(x);
    if (x->evidence != NULL && inputs.p != NULL)
        verify_inputs(x, inputs);
}

void verify_bundle(struct bagit *b, struct str inputs)
{
    struct bundle_check x = {.b = b, .v = b->v};
    check_files(&x);
    if (version_known(&x))
        check_documents(&x, inputs);
    mem_free(x.records);
    arena_free(&x.arena);
}
