/* verify_ledger.c: data/ledger.json balances, and evidence.json says the same of each source. */
#include "reports/verify_bundle.h"

static const struct str ledger_path = STR_INIT("data/ledger.json");

/* Sums of what cannot be negative (the schema says so); saturating, so that nothing wraps round. */
static uint64_t sum(const struct json *o, const char *const *keys, size_t n)
{
    uint64_t total = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t v = verify_int(o, keys[i]);
        total = v < 0 || total > UINT64_MAX / 2 ? UINT64_MAX / 2 : total + (uint64_t)v;
    }
    return total;
}

static uint64_t sum_members(const struct json *o)
{
    uint64_t total = 0;
    for (const struct json *v = o->child; v != NULL; v = v->next)
        total += v->is_int && v->integer > 0 && total < UINT64_MAX / 2 ? (uint64_t)v->integer : 0;
    return total;
}

static void check_balance(struct bundle_check *x, const struct json *s, struct str who)
{
    static const char *const lines[] = {"parsed", "rejected", "excluded", "already_seen"};
    static const char *const bytes[] = {"parsed_bytes", "rejected_bytes", "excluded_bytes",
                                        "already_seen_bytes"};
    if (sum(s, lines, 4) != (uint64_t)verify_int(s, "physical"))
        verify_say(x, CAUSE_ledger_balance, ledger_path, who);
    if (sum(s, bytes, 4) != (uint64_t)verify_int(s, "bytes"))
        verify_say(x, CAUSE_ledger_bytes, ledger_path, who);
}

/* Rejects are listed in the order of the source, as many as stated, never more than there are. */
static void check_rejects(struct bundle_check *x, const struct json *s, struct str who)
{
    const struct json *list = json_get(s, STR("rejects"));
    int64_t before = -1, bytes = verify_int(s, "bytes");
    bool good =
        (int64_t)list->count == verify_int(s, "rejects_listed") &&
        (int64_t)list->count <= verify_int(s, "rejected") &&
        sum_members(json_get(s, STR("rejects_by_reason"))) == (uint64_t)verify_int(s, "rejected");
    for (const struct json *r = list->child; r != NULL; r = r->next) {
        int64_t offset = verify_int(r, "offset"), length = verify_int(r, "length");
        good = good && offset > before && offset <= bytes && length <= bytes - offset;
        before = offset;
    }
    if (!good)
        verify_say(x, CAUSE_ledger_rejects, ledger_path, who);
}

static bool same_json(const struct json *a, const struct json *b)
{
    struct out x = out_memory(), y = out_memory();
    if (a != NULL && b != NULL) {
        json_canonical(&x, a);
        json_canonical(&y, b);
    }
    bool same = a != NULL && b != NULL && str_eq(out_slice(&x), out_slice(&y));
    out_close(&x);
    out_close(&y);
    return same;
}

static bool same_offsets(const struct json *unparsed, const struct json *rejects)
{
    const struct json *n = json_get(unparsed, STR("offsets"))->child, *r = rejects->child;
    for (; n != NULL && r != NULL; n = n->next, r = r->next) {
        if (n->integer != verify_int(r, "offset"))
            return false;
    }
    return n == NULL && r == NULL;
}

/* What both documents state of a source must be the same. */
static void check_against_evidence(struct bundle_check *x, const struct json *s,
                                   const struct json *e, struct str who)
{
    static const char *const same[][2] = {
        {"bytes", "bytes"},   {"file_bytes", "file_bytes"},     {"physical", "lines"},
        {"parsed", "parsed"}, {"rejected", "rejected"},         {"excluded", "excluded"},
        {"fields", "fields"}, {"already_seen", "already_seen"}, {"complete", "complete"},
        {"sha256", "sha256"}, {"compression", "compression"},
    };
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        if (!same_json(json_get(s, str_of(same[i][0])), json_get(e, str_of(same[i][1]))))
            verify_say(x, CAUSE_ledger_evidence, ledger_path,
                       arena_printf(&x->arena, "%.*s: %s", STR_ARG(who), same[i][0]));
    }
    const struct json *unparsed = json_get(e, STR("unparsed"));
    if (verify_int(unparsed, "count") != verify_int(s, "rejected") ||
        !same_offsets(unparsed, json_get(s, STR("rejects"))))
        verify_say(x, CAUSE_ledger_evidence, ledger_path,
                   arena_printf(&x->arena, "%.*s: unparsed", STR_ARG(who)));
}

static uint64_t sum_over(const struct json *array, const char *key)
{
    uint64_t total = 0;
    for (const struct json *s = array->child; s != NULL; s = s->next) {
        int64_t v = verify_int(s, key);
        total += v > 0 && total < UINT64_MAX / 2 ? (uint64_t)v : 0;
    }
    return total;
}

static void check_totals(struct bundle_check *x)
{
    const struct json *sources = json_get(x->ledger, STR("sources"));
    const struct json *totals = json_get(x->ledger, STR("totals"));
    const struct json *lines = json_get(json_get(x->evidence, STR("exclusions")), STR("lines"));
    for (const struct json *t = totals->child; t != NULL; t = t->next) {
        bool number_of = str_eq(t->key, STR("sources"));
        uint64_t want =
            number_of ? sources->count : sum_over(sources, arena_cstr(&x->arena, t->key));
        if ((uint64_t)t->integer != want)
            verify_say(x, CAUSE_ledger_balance, ledger_path,
                       arena_printf(&x->arena, "totals: %.*s", STR_ARG(t->key)));
    }
    static const char *const pairs[][2] = {
        {"already_seen", "already_seen"}, {"excluded", "outside_window"}, {"rejected", "rejected"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (sum_over(sources, pairs[i][0]) != (uint64_t)verify_int(lines, pairs[i][1]))
            verify_say(x, CAUSE_ledger_evidence, ledger_path,
                       arena_printf(&x->arena, "exclusions: %s", pairs[i][1]));
    }
}

void verify_ledger(struct bundle_check *x)
{
    const struct json *s = json_get(x->ledger, STR("sources"))->child;
    const struct json *e = json_get(x->evidence, STR("sources"))->child;
    for (; s != NULL && e != NULL; s = s->next, e = e->next) {
        struct str who = verify_string(e, "id");
        check_balance(x, s, who);
        check_rejects(x, s, who);
        check_against_evidence(x, s, e, who);
    }
    if (s != NULL || e != NULL)
        verify_say(x, CAUSE_ledger_evidence, ledger_path, STR("sources"));
    check_totals(x);
}
