/* report.c: diagnostics for people. */
#include "analyzer/cli/report.h"

static const struct text severity_words[] = {
    [SEVERITY_note] = {{"note", "note"}},
    [SEVERITY_warning] = {{"warning", "avertissement"}},
    [SEVERITY_partial] = {{"partial", "partiel"}},
    [SEVERITY_unreadable] = {{"unreadable", "illisible"}},
};

void diag_line(struct out *o, const struct diag *d, const struct ledger *l, enum lang lang)
{
    const char *colon = lang == LANG_FR ? " : " : ": ";
    const struct diag_info *info = &diag_table[d->code];
    struct str text = str_of(SAY(info->what, lang));
    ptrdiff_t at = str_find_str(text, STR("%s"));
    if (d->source < l->count) {
        out_escaped(o, l->sources[d->source].name);
        out_text(o, colon);
    }
    out_text(o, SAY(severity_words[info->severity], lang));
    out_text(o, colon);
    out_str(o, str_sub(text, 0, at < 0 ? text.n : at));
    if (at >= 0) {
        out_escaped(o, d->detail);
        out_str(o, str_sub(text, at + 2, text.n));
    } else if (d->count > 1) {
        out_printf(o, lang == LANG_FR ? " (%llu fois)" : " (%llu times)", (unsigned long long)d->count);
    }
}

void diags_print(const struct cli *c, const struct diags *d, const struct ledger *l, enum severity least)
{
    for (size_t i = 0; i < d->count; i++) {
        if (diag_table[d->items[i].code].severity < least)
            continue;
        struct out line = out_memory();
        diag_line(&line, &d->items[i], l, c->lang);
        complain_line(out_slice(&line));
        (void)out_close(&line); /* memory writers do not fail */
    }
}
