/* verify.c: `vigie verify`: the bag first, then, when it is vigie's own, what it says. */
#include "reports/verify.h"

#include "reports/bagit.h"
#include "reports/verify_bundle.h"

/* Any trace of vigie makes it vigie's: otherwise removing one file would turn a bundle into a
 * foreign bag, of which less is asked. */
static bool is_vigies(const struct bagit *b)
{
    const struct str traces[] = {STR("data/evidence.json"), STR("data/records.jsonl"),
                                 STR("data/ledger.json"), STR("data/config/effective.json"),
                                 STR("data/schema/evidence.schema.json")};
    for (size_t i = 0; i < sizeof traces / sizeof traces[0]; i++) {
        if (bagit_find(b, traces[i]) != NULL)
            return true;
    }
    return false;
}

enum status verify_bag(const struct verify_options *options, struct out *o, struct verify_result *r)
{
    *r = (struct verify_result){0};
    struct verdicts v = {.o = o, .lang = options->lang, .result = r};
    struct bagit b;
    enum status opened = bagit_open(&b, options->bag, &v);
    if (opened == STATUS_OK) {
        v.strict = is_vigies(&b);
        r->foreign = !v.strict;
        bagit_check(&b);
        if (v.strict)
            verify_bundle(&b, options->inputs);
    }
    bagit_close(&b);
    if (opened != STATUS_OK)
        return opened;
    return r->failures > 0 ? STATUS_FAILED : STATUS_OK;
}
