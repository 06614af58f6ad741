/* verify_score.c: every weight, total and conclusion of a finding follows from the reasons that it
 * lists, by the scoring rule of the bundle. */
#include "reports/verify_bundle.h"

#include <stdlib.h>

#include "detectors/score.h"
#include "reports/rules.h"

static const struct str evidence_path = STR_INIT("data/evidence.json");

static void fail(struct bundle_check *x, enum cause c, struct str who, const char *what,
                 const char *part)
{
    struct arena a = {.chunk_len = 1024};
    verify_say(x, c, evidence_path, arena_printf(&a, "%.*s: %s%s", STR_ARG(who), what, part));
    arena_free(&a);
}

/* ---- the rule ---- */

static int64_t param_of(const struct json *scoring, const char *name)
{
    for (const struct json *p = json_get(scoring, STR("params"))->child; p != NULL; p = p->next)
        if (str_eq(verify_string(p, "name"), str_of(name)))
            return verify_int(p, "value");
    return -1;
}

/* The limit of the profile in the bag; at least what the rule itself asks for. */
static int64_t bulk_least_of(struct bundle_check *x, const struct bagit_file *f)
{
    struct str text;
    int64_t limit = 0;
    if (f != NULL && bagit_read(x->b, f, &x->arena, VERIFY_DOCUMENT_MAX, &text)) {
        const struct json *site = json_parse(&x->arena, text, NULL);
        limit = site != NULL ? verify_int(site, "booking_limit") : 0;
    }
    return limit > SCORE_BULK_PERSONS ? limit : SCORE_BULK_PERSONS;
}

static bool same_as_ours(struct bundle_check *x, const struct bagit_file *f, int64_t bulk_least)
{
    struct out o = out_memory();
    struct str text;
    scoring_write(&o, bulk_least);
    bool same = bagit_read(x->b, f, &x->arena, VERIFY_DOCUMENT_MAX, &text) &&
                str_eq(out_slice(&o), text);
    out_close(&o);
    return same;
}

bool verify_scoring(struct bundle_check *x, int64_t *bulk_least)
{
    const struct json *named = json_get(x->evidence, STR("scoring"));
    struct str path = verify_string(named, "file");
    verify_file_link(x, named);
    const struct bagit_file *f = bagit_find(x->b, path);
    if (verify_int(named, "version") != SCORE_VERSION) {
        verdict(x->v, CAUSE_scoring_version, path, STR_NONE);
        return false;
    }
    const struct json *scoring = verify_document(x, path, DOCUMENT_scoring);
    if (f == NULL || scoring == NULL)
        return false;
    *bulk_least = bulk_least_of(x, bagit_find(x->b, STR("data/config/site.json")));
    if (param_of(scoring, "served_least") == *bulk_least && same_as_ours(x, f, *bulk_least))
        return true;
    verdict(x->v, CAUSE_scoring, path, STR_NONE);
    return false;
}

/* ---- a finding ---- */

struct listed_reason {
    struct str session; /* missing: the whole group */
    int family;
    int32_t llr_milli, group_cap_milli;
};

static int by_session(const void *p, const void *q)
{
    const struct listed_reason *a = p, *b = q;
    int order = str_cmp(a->session, b->session);
    if (order != 0)
        return order;
    if (a->family != b->family)
        return a->family < b->family ? -1 : 1;
    return (a->llr_milli < b->llr_milli) - (a->llr_milli > b->llr_milli); /* the strongest first */
}

static int family_of(struct str name)
{
    int f = 0;
    while (f < FAMILY_COUNT && !str_eq(name, str_of(family_names[f])))
        f++;
    return f;
}

/* A number that the schema does not bound, as the rule's arithmetic may take it. */
static int32_t milli(const struct json *o, const char *key)
{
    const struct json *v = json_get(o, str_of(key));
    int64_t n = v != NULL && v->is_int ? v->integer : 0;
    return n > INT32_MAX / 4 ? INT32_MAX / 4 : n < INT32_MIN / 4 ? INT32_MIN / 4 : (int32_t)n;
}

/* The reasons that may support the conclusion, by session and family. */
static size_t reasons_for(const struct json *finding, const char *kind, struct listed_reason *out)
{
    size_t n = 0;
    for (const struct json *r = json_get(finding, STR("reasons"))->child; r != NULL; r = r->next) {
        int family = family_of(verify_string(r, "family"));
        if (json_get(r, str_of(kind))->boolean && family < FAMILY_COUNT)
            out[n++] = (struct listed_reason){verify_string(r, "session"), family,
                                              milli(r, "llr_milli"), milli(r, "group_cap_milli")};
    }
    if (n > 1)
        qsort(out, n, sizeof *out, by_session);
    return n;
}

static void add_reason(struct family_sum *sum, const struct listed_reason *r, bool strongest)
{
    sum->tested = true;
    if (r->session.p == NULL) {
        if (r->llr_milli > sum->group_milli)
            sum->group_milli = r->llr_milli;
        return;
    }
    int64_t all = (int64_t)sum->sessions_milli + (strongest ? score_of_session(r->llr_milli) : 0);
    sum->sessions_milli = all > INT32_MAX ? INT32_MAX : (int32_t)all;
    if (r->llr_milli > 0 && r->group_cap_milli > sum->cap_milli)
        sum->cap_milli = r->group_cap_milli;
}

static void sum_up(const struct json *finding, const char *kind, struct family_sum *sums)
{
    size_t most = json_get(finding, STR("reasons"))->count;
    struct listed_reason *list = mem_alloc((most + 1) * sizeof *list);
    size_t n = reasons_for(finding, kind, list);
    for (size_t i = 0; i < n; i++) {
        bool again = i > 0 && list[i].family == list[i - 1].family &&
                     str_eq(list[i].session, list[i - 1].session);
        add_reason(&sums[list[i].family], &list[i], !again);
    }
    mem_free(list);
}

static bool same_family(const struct json *f, const struct family_sum *s, int32_t llr_milli)
{
    return verify_int(f, "cap_milli") == s->cap_milli &&
           verify_int(f, "group_milli") == s->group_milli && milli(f, "llr_milli") == llr_milli &&
           milli(f, "sessions_milli") == s->sessions_milli;
}

/* What the finding states of each family; the families stand in the order of the rule. */
static bool same_families(const struct json *conclusion, const struct family_sum *sums,
                          const int32_t *llr)
{
    const struct json *stated = json_get(conclusion, STR("families"))->child;
    for (int f = 0; f < FAMILY_COUNT; f++) {
        if (!sums[f].tested)
            continue;
        if (stated == NULL || family_of(verify_string(stated, "family")) != f ||
            !same_family(stated, &sums[f], llr[f]))
            return false;
        stated = stated->next;
    }
    return stated == NULL;
}

static int64_t most_served(const struct json *counts)
{
    static const char *const kinds[] = {"bookings", "mailboxes", "agdref", "phones"};
    int64_t most = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (verify_int(counts, kinds[i]) > most)
            most = verify_int(counts, kinds[i]);
    return most;
}

static void check_conclusion(struct bundle_check *x, const struct json *finding,
                             enum conclusion_kind kind, int64_t bulk_least)
{
    static const char *const names[] = {"automated", "bulk_booking"};
    const struct json *c = json_get(finding, str_of(names[kind]));
    const struct json *counts = json_get(finding, STR("counts"));
    struct str who = verify_string(finding, "id");
    struct family_sum sums[FAMILY_COUNT] = {0};
    int32_t llr[FAMILY_COUNT];
    sum_up(finding, names[kind], sums);
    for (int f = 0; f < FAMILY_COUNT; f++)
        llr[f] = score_of_group(f, &sums[f]);
    bool tested = kind == CONCLUSION_AUTOMATED || verify_int(counts, "bookings") > 0;
    int32_t total = tested ? score_total(kind, llr) : 0;
    if (!same_families(c, sums, llr))
        fail(x, CAUSE_weight, who, names[kind], ".families");
    if (milli(c, "llr_milli") != total)
        fail(x, CAUSE_weight, who, names[kind], ".llr_milli");
    if (json_get(c, STR("tested"))->boolean != tested ||
        json_get(c, STR("concluded"))->boolean !=
            (tested && score_holds(kind, llr, total, most_served(counts), bulk_least)))
        fail(x, CAUSE_concluded, who, names[kind], "");
}

void verify_scores(struct bundle_check *x, const struct json *finding, int64_t bulk_least)
{
    const struct json *named = json_get(finding, STR("scoring"));
    if (verify_int(named, "version") != SCORE_VERSION)
        fail(x, CAUSE_link_rule, verify_string(finding, "id"), SCORING_ID, "");
    check_conclusion(x, finding, CONCLUSION_AUTOMATED, bulk_least);
    check_conclusion(x, finding, CONCLUSION_BULK, bulk_least);
}
