/* verdict.c: the causes as lines, in English or French. */
#include "reports/verdict.h"

enum cause_severity { CAUSE_IS_fail, CAUSE_IS_warn, CAUSE_IS_note };

static const struct {
    const char *name;
    enum cause_severity severity;
    struct text what;
} cause_table[CAUSE_COUNT] = {
#define CAUSE(name, severity, en, fr) {#name, CAUSE_IS_##severity, {{en, fr}}},
#include "reports/verdict.def"
#undef CAUSE
};

const char *cause_name(enum cause c)
{
    return cause_table[c].name;
}

void verdict(struct verdicts *v, enum cause c, struct str file, struct str detail)
{
    enum cause_severity severity = cause_table[c].severity;
    bool fails = severity == CAUSE_IS_fail || (severity == CAUSE_IS_warn && v->strict);
    v->seen[c]++;
    if (fails)
        v->result->failures++;
    else
        v->result->warnings++;
    out_escaped(v->o, file);
    out_text(v->o, ": ");
    if (!fails)
        out_text(v->o, v->lang == LANG_FR ? "avertissement : " : "warning: ");
    out_text(v->o, SAY(cause_table[c].what, v->lang));
    if (detail.p != NULL) {
        out_text(v->o, " (");
        out_escaped(v->o, detail);
        out_char(v->o, ')');
    }
    out_char(v->o, '\n');
}
