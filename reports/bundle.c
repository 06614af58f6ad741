/* bundle.c: what goes into the bag, in which order: rules and records first, because evidence.json
 * names their hashes; VERIFY.txt last. */
#include "reports/bundle.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "analyzer/base/civil.h"
#include "detectors/score.h"
#include "reports/bag_write.h"
#include "reports/evidence.h"
#include "reports/facts.h"
#include "reports/records.h"
#include "reports/rules.h"
#include "reports/schemas.h"
#include "reports/verify_text.h"

#ifndef VIGIE_VERSION
#define VIGIE_VERSION "0"
#endif
#ifndef VIGIE_LIBRARIES
#define VIGIE_LIBRARIES "unknown"
#endif

enum { TAGS_MAX = 12, WHY_MAX = 512 };

/* ---- bag-info.txt ---- */

struct tags {
    struct bag_tag items[TAGS_MAX];
    size_t count;
};

static void add_tag(struct tags *t, struct str label, struct str value)
{
    t->items[t->count++] = (struct bag_tag){label, value};
}

/* PRETTY_NAME of os-release(5), or missing. */
static struct str system_name(struct arena *a)
{
    char line[256];
    struct str name = STR_NONE;
    FILE *f = fopen("/etc/os-release", "re");
    if (f == NULL)
        return name;
    while (name.p == NULL && fgets(line, sizeof line, f) != NULL) {
        struct str s = str_trim(str_of(line));
        if (str_starts(s, STR("PRETTY_NAME=\"")) && str_ends(s, STR("\"")))
            name = arena_str(a, str_sub(s, sizeof "PRETTY_NAME=\"" - 1, s.n - 1));
    }
    fclose(f);
    return name;
}

/* A date only when the caller fixed it (reproducible-builds.org), never the clock. */
static void add_date(struct tags *t, struct arena *a)
{
    uint64_t epoch = 0;
    if (!str_u64(str_of(getenv("SOURCE_DATE_EPOCH")), &epoch) || epoch > INT64_MAX / 1000000)
        return;
    struct civil c = civil_from_us((int64_t)epoch * 1000000);
    add_tag(t, STR("Bagging-Date"), arena_printf(a, "%04d-%02d-%02d", c.year, c.month, c.day));
}

static struct tags bag_tags(struct arena *a, const struct settings *s)
{
    struct tags t = {0};
    struct utsname u;
    const bool known = uname(&u) == 0;
    const struct str os = system_name(a);
    add_tag(&t, STR("Bag-Software-Agent"), STR("vigie " VIGIE_VERSION));
    add_date(&t, a);
    add_tag(&t, STR("Environment-Compiler"), STR(__VERSION__));
    add_tag(&t, STR("Environment-Kernel"),
            known ? arena_printf(a, "%s %s %s", u.sysname, u.release, u.machine) : STR("unknown"));
    add_tag(&t, STR("Environment-Libraries"), STR(VIGIE_LIBRARIES));
    add_tag(&t, STR("Environment-Processors"),
            arena_printf(a, "%ld", sysconf(_SC_NPROCESSORS_ONLN)));
    add_tag(&t, STR("Environment-System"), os.p != NULL ? os : STR("unknown"));
    add_tag(&t, STR("Environment-Threads"),
            s->threads > 0 ? arena_printf(a, "%d", s->threads) : STR("automatic"));
    if (s->case_id.n > 0)
        add_tag(&t, STR("External-Identifier"), s->case_id);
    return t;
}

/* ---- data/ ---- */

static struct sha256 put_tree(struct bag *b, struct str path, const struct json *tree)
{
    json_canonical(bag_open(b, path), tree);
    return bag_close(b);
}

static struct sha256 *put_rules(struct bag *b, const struct bundle_input *in)
{
    struct sha256 *hashes = ARENA_ARRAY(&b->arena, struct sha256, detectors_count + 1);
    for (size_t i = 0; i < detectors_count; i++) {
        rule_write(bag_open(b, rule_path(&b->arena, detectors[i])), detectors[i], in->settings);
        hashes[i] = bag_close(b);
    }
    return hashes;
}

static void put_schemas(struct bag *b)
{
    static const char *const names[] = {"effective", "evidence", "ledger",
                                        "record",    "rule",     "scoring"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct str file = arena_printf(&b->arena, "%s.schema.json", names[i]);
        bag_put(b, arena_printf(&b->arena, "data/schema/%.*s", STR_ARG(file)),
                embedded_schema(file));
    }
}

static void put_data(struct bag *b, const struct bundle_input *in)
{
    struct arena tree = {0};
    struct evidence_files files = {.rules = put_rules(b, in)};
    scoring_write(bag_open(b, scoring_path(&b->arena)), score_bulk_least(in->site));
    files.scoring = bag_close(b);
    files.effective = bag_put(b, STR("data/config/effective.json"), in->effective);
    if (in->site->source.p != NULL)
        files.site = bag_put(b, STR("data/config/site.json"), in->site->source);
    files.ledger = put_tree(b, STR("data/ledger.json"), ledger_json(&tree, in->ledger, in->diags));
    arena_free(&tree);
    put_schemas(b);
    records_write(bag_open(b, STR("data/records.jsonl")), in);
    files.records = bag_close(b);
    evidence_write(bag_open(b, STR("data/evidence.json")), in, &files);
    bag_close(b);
}

enum status bundle_write(const struct bundle_input *in, struct str *why)
{
    static char kept[WHY_MAX]; /* outlives the arenas below */
    struct bag b;
    bag_begin(&b, in->settings->out);
    if (b.error == 0) {
        struct tags tags = bag_tags(&b.arena, in->settings);
        put_data(&b, in);
        const struct verify_steps text = verify_text_of(in);
        verify_text_write(bag_open(&b, STR("VERIFY.txt")), &text);
        bag_close(&b);
        bag_finish(&b, tags.items, tags.count);
    }
    enum status status = b.error == 0 ? STATUS_OK : STATUS_FAILED;
    if (status != STATUS_OK) {
        struct str text = bag_why(&b, &b.arena, in->settings->lang);
        snprintf(kept, sizeof kept, "%.*s", STR_ARG(text));
        *why = str_of(kept);
        bag_abandon();
    }
    bag_free(&b);
    return status;
}

void bundle_abandon(void)
{
    bag_abandon();
}

size_t bundle_cited(struct arena *a, const struct findings *f, const struct limits *l,
                    struct cited **out)
{
    struct arena scratch = {0};
    struct cited *all = NULL;
    size_t count = 0, cap = 0;
    for (uint32_t i = 0; i < f->clusters_count; i++) {
        struct own_records own = facts_records(&scratch, f, &f->clusters[i], l);
        if (count + own.count > cap) {
            cap = 2 * (count + own.count);
            all = mem_grow(all, cap * sizeof *all);
        }
        if (own.count > 0)
            memcpy(all + count, own.items, own.count * sizeof *all);
        count += own.count;
        arena_rewind(&scratch);
    }
    count = facts_sort(all, count);
    *out = ARENA_ARRAY(a, struct cited, count + 1);
    if (count > 0)
        memcpy(*out, all, count * sizeof *all);
    mem_free(all);
    arena_free(&scratch);
    return count;
}
