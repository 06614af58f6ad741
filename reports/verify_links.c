/* verify_links.c: every statement of evidence.json leads to what it names, and back. */
#include "reports/verify_bundle.h"

#include <stdlib.h>

#include "analyzer/model/finding.h"
#include "detectors/stats/stat.h"

static const struct str evidence_path = STR_INIT("data/evidence.json");

static void fail(struct bundle_check *x, enum cause c, struct str who, struct str what)
{
    struct arena a = {.chunk_len = 1024};
    struct str detail =
        what.p == NULL ? who : arena_printf(&a, "%.*s: %.*s", STR_ARG(who), STR_ARG(what));
    verify_say(x, c, evidence_path, detail);
    arena_free(&a);
}

/* ---- names ---- */

static int by_key(const void *p, const void *q)
{
    const struct name *a = p, *b = q;
    return str_cmp(a->key, b->key);
}

static const struct json *find_name(const struct names *n, struct str key)
{
    struct name wanted = {.key = key};
    const struct name *found =
        n->count == 0 ? NULL : bsearch(&wanted, n->items, n->count, sizeof wanted, by_key);
    return found != NULL ? found->value : NULL;
}

/* A rule is named by id and version together. */
static struct str rule_key(struct bundle_check *x, struct str id, int64_t version)
{
    return arena_printf(&x->arena, "%.*s.v%lld", STR_ARG(id), (long long)version);
}

static struct str key_of(struct bundle_check *x, const struct json *item)
{
    struct str id = verify_string(item, "id");
    return json_get(item, STR("version")) != NULL ? rule_key(x, id, verify_int(item, "version"))
                                                  : id;
}

static void sort_names(struct bundle_check *x, const char *list, struct names *n)
{
    qsort(n->items, n->count, sizeof *n->items, by_key);
    for (size_t i = 1; i < n->count; i++) {
        if (str_eq(n->items[i - 1].key, n->items[i].key))
            fail(x, CAUSE_id_twice, str_of(list), n->items[i].key);
    }
}

static struct names names_of(struct bundle_check *x, const char *list)
{
    const struct json *array = json_get(x->evidence, str_of(list));
    struct names n = {.items = ARENA_ARRAY(&x->arena, struct name, array->count + 1)};
    for (const struct json *item = array->child; item != NULL; item = item->next)
        n.items[n.count++] = (struct name){key_of(x, item), item};
    sort_names(x, list, &n);
    return n;
}

static struct names rule_files(struct bundle_check *x)
{
    const struct json *rules = json_get(x->evidence, STR("rules"));
    struct names n = {.items = ARENA_ARRAY(&x->arena, struct name, rules->count + 2)};
    for (const struct json *r = rules->child; r != NULL; r = r->next)
        n.items[n.count++] = (struct name){verify_string(r, "file"), r};
    const struct json *scoring = json_get(x->evidence, STR("scoring"));
    n.items[n.count++] = (struct name){verify_string(scoring, "file"), scoring};
    sort_names(x, "rules", &n);
    return n;
}

/* Every session that a finding lists, with that finding; a session belongs to one finding only. */
static struct names listed_sessions(struct bundle_check *x)
{
    const struct json *findings = json_get(x->evidence, STR("findings"));
    struct names n = {0};
    size_t total = 0;
    for (const struct json *f = findings->child; f != NULL; f = f->next)
        total += json_get(f, STR("sessions"))->count;
    n.items = ARENA_ARRAY(&x->arena, struct name, total + 1);
    for (const struct json *f = findings->child; f != NULL; f = f->next) {
        for (const struct json *s = json_get(f, STR("sessions"))->child; s != NULL; s = s->next)
            n.items[n.count++] = (struct name){s->text, f};
    }
    sort_names(x, "findings.sessions", &n);
    return n;
}

/* ---- records ---- */

/* True when every number is that of a record, in ascending order; marks them as cited. */
static bool check_record_list(struct bundle_check *x, struct str who, const struct json *list)
{
    int64_t before = -1;
    bool there = true;
    for (const struct json *n = list->child; n != NULL; n = n->next) {
        x->v->result->links++;
        if (n->integer <= before)
            fail(x, CAUSE_link_order, who, n->text);
        before = n->integer;
        if ((uint64_t)n->integer < x->records_count) {
            x->records[n->integer].cited = true;
            continue;
        }
        fail(x, CAUSE_link_record, who, n->text);
        there = false;
    }
    return there;
}

/* Whether a number is among the finding's records; these are in ascending order. */
struct listed {
    uint8_t *bits; /* one a record of the bundle */
};

static void listed_set(const struct bundle_check *x, struct listed *l, const struct json *records,
                       bool on)
{
    for (const struct json *n = records->child; n != NULL; n = n->next) {
        if ((uint64_t)n->integer >= x->records_count)
            continue;
        uint8_t bit = (uint8_t)(1U << (n->integer & 7));
        if (on)
            l->bits[n->integer >> 3] |= bit;
        else
            l->bits[n->integer >> 3] &= (uint8_t)~bit;
    }
}

static void check_listed(struct bundle_check *x, const struct listed *l, struct str who,
                         const struct json *n)
{
    x->v->result->links++;
    if (n == NULL || !n->is_int)
        return; /* null: no record */
    if ((uint64_t)n->integer >= x->records_count)
        fail(x, CAUSE_link_record, who, n->text);
    else if ((l->bits[n->integer >> 3] >> (n->integer & 7) & 1) == 0)
        fail(x, CAUSE_link_outside, who, n->text);
}

/* ---- findings ---- */

static void check_level(struct bundle_check *x, struct str who, const struct json *conclusion)
{
    int32_t llr_milli = (int32_t)verify_int(conclusion, "llr_milli");
    enum level level = level_of(llr_milli);
    const struct json *text = json_get(conclusion, STR("level_text"));
    bool same = str_eq(verify_string(conclusion, "level"), str_of(level_names[level])) &&
                str_eq(verify_string(text, "en"), str_of(SAY(level_texts[level], LANG_EN))) &&
                str_eq(verify_string(text, "fr"), str_of(SAY(level_texts[level], LANG_FR))) &&
                verify_int(conclusion, "score_permille") == stat_odds_permille(llr_milli);
    if (!same)
        fail(x, CAUSE_level, who, verify_string(conclusion, "level"));
}

static void check_conclusions(struct bundle_check *x, struct str who, const struct json *finding)
{
    check_level(x, who, json_get(finding, STR("automated")));
    check_level(x, who, json_get(finding, STR("bulk_booking")));
    if (x->scorable)
        verify_scores(x, finding, x->bulk_least);
}

/* A session that a finding names must exist and name the finding. */
static void check_session(struct bundle_check *x, struct str who, struct str session)
{
    const struct json *s = find_name(&x->session_names, session);
    x->v->result->links++;
    if (s == NULL)
        fail(x, CAUSE_link_session, who, session);
    else if (!str_eq(verify_string(s, "finding"), who))
        fail(x, CAUSE_link_outside, who, session);
}

static void check_reason(struct bundle_check *x, const struct listed *l, struct str who,
                         const struct json *r)
{
    struct str rule = rule_key(x, verify_string(r, "detector"), verify_int(r, "version"));
    struct str session = verify_string(r, "session");
    x->v->result->links++;
    if (find_name(&x->rule_names, rule) == NULL)
        fail(x, CAUSE_link_rule, who, rule);
    const struct json *records = json_get(r, STR("records"));
    if (check_record_list(x, who, records)) {
        for (const struct json *n = records->child; n != NULL; n = n->next)
            check_listed(x, l, who, n);
    }
    if (session.p != NULL)
        check_session(x, who, session);
}

static void check_proof(struct bundle_check *x, struct str who, const struct json *finding)
{
    static const char *const ends[] = {"a", "b"};
    for (const struct json *k = json_get(finding, STR("links"))->child; k != NULL; k = k->next) {
        for (size_t i = 0; i < 2; i++)
            check_session(x, who, verify_string(k, ends[i]));
    }
}

/* The sessions of a finding, which say it is theirs, may only rest on its records. */
static void check_acts(struct bundle_check *x, const struct listed *l, const struct json *session)
{
    struct str who = verify_string(session, "id");
    for (const struct json *a = json_get(session, STR("acts"))->child; a != NULL; a = a->next)
        check_listed(x, l, who, json_get(a, STR("record")));
    for (const struct json *i = json_get(session, STR("identities"))->child; i != NULL; i = i->next)
        check_listed(x, l, who, json_get(i, STR("record")));
}

static void check_finding(struct bundle_check *x, struct listed *l, const struct json *f)
{
    struct str who = verify_string(f, "id");
    const struct json *records = json_get(f, STR("records"));
    check_record_list(x, who, records);
    listed_set(x, l, records, true);
    check_conclusions(x, who, f);
    for (const struct json *r = json_get(f, STR("reasons"))->child; r != NULL; r = r->next)
        check_reason(x, l, who, r);
    for (const struct json *s = json_get(f, STR("sessions"))->child; s != NULL; s = s->next) {
        check_session(x, who, s->text);
        const struct json *session = find_name(&x->session_names, s->text);
        if (session != NULL)
            check_acts(x, l, session);
    }
    check_proof(x, who, f);
    listed_set(x, l, records, false);
}

static void check_findings(struct bundle_check *x)
{
    struct listed l = {.bits = mem_alloc(x->records_count / 8 + 1)};
    for (const struct json *f = json_get(x->evidence, STR("findings"))->child; f != NULL;
         f = f->next)
        check_finding(x, &l, f);
    mem_free(l.bits);
}

/* And back: every session is listed by the finding it names. */
static void check_sessions_back(struct bundle_check *x)
{
    struct names listed = listed_sessions(x);
    for (const struct json *s = json_get(x->evidence, STR("sessions"))->child; s != NULL;
         s = s->next) {
        struct str id = verify_string(s, "id"), finding = verify_string(s, "finding");
        const struct json *f = find_name(&x->finding_names, finding);
        x->v->result->links++;
        if (f == NULL)
            fail(x, CAUSE_link_finding, id, finding);
        else if (find_name(&listed, id) != f)
            fail(x, CAUSE_link_outside, id, finding);
    }
}

static void check_unused(struct bundle_check *x)
{
    struct arena a = {.chunk_len = 1024};
    for (size_t i = 0; i < x->records_count; i++) {
        if (!x->records[i].cited)
            verify_say(x, CAUSE_record_unused, STR("data/records.jsonl"),
                       arena_printf(&a, "seq %zu", i));
        arena_rewind(&a);
    }
    arena_free(&a);
}

/* ---- rules, sources and what else names something ---- */

static void check_rule_file(struct bundle_check *x, const struct json *rule)
{
    struct str path = verify_string(rule, "file");
    verify_file_link(x, rule);
    if (bagit_find(x->b, path) == NULL)
        return;
    const struct json *content = verify_document(x, path, DOCUMENT_rule);
    if (content != NULL && (!str_eq(verify_string(content, "id"), verify_string(rule, "id")) ||
                            verify_int(content, "version") != verify_int(rule, "version")))
        verdict(x->v, CAUSE_rule_content, path, STR_NONE);
}

static void check_rules(struct bundle_check *x)
{
    const struct json *rules = json_get(x->evidence, STR("rules"));
    struct names files = rule_files(x);
    for (const struct json *r = rules->child; r != NULL; r = r->next)
        check_rule_file(x, r);
    for (size_t i = 0; i < x->b->count; i++) {
        struct str path = x->b->files[i].path;
        if (str_starts(path, STR("data/rules/")) && find_name(&files, path) == NULL)
            verdict(x->v, CAUSE_rule_unused, path, STR_NONE);
    }
}

/* A rule that could not be tested is named by its id; the sorted keys begin with it. */
static bool some_version(const struct names *rules, struct str id)
{
    size_t low = 0, high = rules->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (str_cmp(rules->items[middle].key, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < rules->count && str_eq(verify_string(rules->items[low].value, "id"), id);
}

static void check_not_testable(struct bundle_check *x)
{
    for (const struct json *n = json_get(x->evidence, STR("not_testable"))->child; n != NULL;
         n = n->next) {
        x->v->result->links++;
        if (!some_version(&x->rule_names, verify_string(n, "rule")))
            fail(x, CAUSE_link_rule, STR("not_testable"), verify_string(n, "rule"));
    }
}

static void check_other_names(struct bundle_check *x)
{
    for (const struct json *c = json_get(x->evidence, STR("clock"))->child; c != NULL;
         c = c->next) {
        struct str source = verify_string(c, "source");
        if (find_name(&x->source_names, source) == NULL)
            fail(x, CAUSE_link_source, STR("clock"), source);
    }
    for (const struct json *e = json_get(x->evidence, STR("legal_elements"))->child; e != NULL;
         e = e->next) {
        for (const struct json *id = json_get(e, STR("finding_ids"))->child; id != NULL;
             id = id->next) {
            if (find_name(&x->finding_names, id->text) == NULL)
                fail(x, CAUSE_link_finding, verify_string(e, "article"), id->text);
        }
    }
}

static void check_files(struct bundle_check *x)
{
    const struct json *configuration = json_get(x->evidence, STR("configuration"));
    const struct json *records = json_get(x->evidence, STR("records"));
    const struct json *site = json_get(configuration, STR("site"));
    verify_file_link(x, json_get(configuration, STR("effective")));
    verify_file_link(x, json_get(x->evidence, STR("ledger")));
    verify_file_link(x, records);
    if (site->kind == JSON_KIND_OBJECT)
        verify_file_link(x, site);
    else if (bagit_find(x->b, STR("data/config/site.json")) != NULL)
        verdict(x->v, CAUSE_stray, STR("data/config/site.json"), STR_NONE);
    if ((uint64_t)verify_int(records, "count") != x->records_count)
        verdict(x->v, CAUSE_records_count, evidence_path, STR_NONE);
}

void verify_links(struct bundle_check *x)
{
    x->session_names = names_of(x, "sessions");
    x->finding_names = names_of(x, "findings");
    x->rule_names = names_of(x, "rules");
    x->source_names = names_of(x, "sources");
    check_files(x);
    check_rules(x);
    x->scorable = verify_scoring(x, &x->bulk_least);
    check_not_testable(x);
    check_findings(x);
    check_sessions_back(x);
    check_other_names(x);
    check_unused(x);
}
