/* summary.c: what security staff read at the end of a run: what was read, what was found, what was
 * not tested, where the bundle is.  Conclusions first, in words; numbers where a decision hangs on
 * them. */
#include "reports/summary.h"

#include "detectors/detector.h"
#include "reports/evidence.h"
#include "reports/facts.h"
#include "reports/terminal.h"

enum {
    FINDINGS_SHOWN = 3,
    REASONS_SHOWN = 5,
    SOURCES_SHOWN = 8,
    REJECTS_SHOWN = 3,
    NOTICES_SHOWN = 12,
    WIDTH_MIN = 60,
    VERDICT_MIN = 72, /* narrower, a verdict stands below what it is about */
    NAME_MIN = 16, /* narrower, a name has a line of its own */
    COLUMN_SIZE = 10,
    COLUMN_LINES = 13,
    COLUMN_OTHER = 10,
    FIGURES = COLUMN_SIZE + 2 * COLUMN_LINES + 2 * COLUMN_OTHER
};

struct summary {
    struct term t;
    const struct bundle_input *in;
    const struct summary_options *opt;
};

static const struct noun sessions_noun = {{{"session", "session"}}, {{"sessions", "sessions"}}};
static const struct noun addresses_noun = {{{"IP address", "adresse IP"}},
                                           {{"IP addresses", "adresses IP"}}};
static const struct noun bookings_noun = {{{"booking sent", "réservation envoyée"}},
                                          {{"bookings sent", "réservations envoyées"}}};
static const struct noun mailboxes_noun = {{{"mailbox", "boîte électronique"}},
                                           {{"mailboxes", "boîtes électroniques"}}};
static const struct noun groups_noun = {{{"group", "groupe"}}, {{"groups", "groupes"}}};
static const struct noun records_noun = {{{"record", "enregistrement"}},
                                         {{"records", "enregistrements"}}};
static const struct noun rejected_noun = {{{"line rejected", "ligne rejetée"}},
                                          {{"lines rejected", "lignes rejetées"}}};
static const struct noun explanations_noun = {
    {{"other explanation", "autre explication envisagée"}},
    {{"other explanations", "autres explications envisagées"}}};
static const struct noun others_noun = {{{"other", "autre"}}, {{"others", "autres"}}};
static const struct noun alike_noun = {{{"similar reason", "motif semblable"}},
                                       {{"similar reasons", "motifs semblables"}}};
static const struct noun reasons_noun = {{{"further reason", "autre motif"}},
                                         {{"further reasons", "autres motifs"}}};

__attribute__((format_arg(2), format_arg(3))) static const char *say(const struct summary *s,
                                                                     const char *en, const char *fr)
{
    return s->t.lang == LANG_FR ? fr : en;
}

static void heading(struct summary *s, const char *en, const char *fr)
{
    out_char(s->t.o, '\n');
    term_styled(&s->t, TERM_BOLD, str_of(say(s, en, fr)));
    out_char(s->t.o, '\n');
}

static void line(struct summary *s, struct str text)
{
    term_wrap(&s->t, TERM_PLAIN, STR("  "), 2, text);
}

/* ---- what was read ---- */

static void write_title(struct summary *s)
{
    const struct ledger *l = s->in->ledger;
    int64_t first = INT64_MAX, last = INT64_MIN;
    for (size_t i = 0; i < l->count; i++) {
        if (l->sources[i].parsed == 0 || l->sources[i].first_us > l->sources[i].last_us)
            continue;
        first = l->sources[i].first_us < first ? l->sources[i].first_us : first;
        last = l->sources[i].last_us > last ? l->sources[i].last_us : last;
    }
    term_styled(&s->t, TERM_BOLD, STR("vigie"));
    if (s->in->settings->case_id.n > 0)
        out_printf(s->t.o, "  %.*s", STR_ARG(term_safe(&s->t, s->in->settings->case_id)));
    out_printf(s->t.o, "  %s %.*s\n", say(s, "site", "site"),
               STR_ARG(term_safe(&s->t, s->in->site->name)));
    if (first <= last)
        out_printf(s->t.o, "%.*s  \xE2\x86\x92  %.*s UTC  (%.*s)\n",
                   STR_ARG(term_time(&s->t, first)), STR_ARG(term_time(&s->t, last)),
                   STR_ARG(term_span(&s->t, last - first)));
}

struct row {
    struct str name;
    uint64_t bytes, lines, parsed, rejected, left_out;
    bool complete;
};

static void write_row(struct summary *s, const struct row *r)
{
    struct term *t = &s->t;
    const int name = t->width - FIGURES - 2;
    struct str shown = term_safe(t, r->name);
    term_styled(t, r->complete ? TERM_PLAIN : TERM_RED, r->complete ? STR("  ") : STR("! "));
    if (t->width - FIGURES < NAME_MIN)
        out_printf(t->o, "%.*s\n    ", STR_ARG(term_fit(t, shown, t->width - 2)));
    else
        term_column(t, term_fit(t, shown, name), name);
    term_column(t, term_bytes(t, r->bytes), -COLUMN_SIZE);
    term_column(t, term_count(t, r->lines), -COLUMN_LINES);
    term_column(t, term_count(t, r->parsed), -COLUMN_LINES);
    term_column(t, term_count(t, r->rejected), -COLUMN_OTHER);
    term_column(t, term_count(t, r->left_out), -COLUMN_OTHER);
    out_char(t->o, '\n');
}

static struct row row_of(const struct ledger_source *l)
{
    return (struct row){.name = l->name,
                        .bytes = l->file_bytes,
                        .lines = l->physical,
                        .parsed = l->parsed,
                        .rejected = l->rejected,
                        .left_out = l->excluded + l->already_seen,
                        .complete = l->complete};
}

static void add_row(struct row *sum, const struct row *r)
{
    sum->bytes += r->bytes;
    sum->lines += r->lines;
    sum->parsed += r->parsed;
    sum->rejected += r->rejected;
    sum->left_out += r->left_out;
    sum->complete &= r->complete;
}

static void write_columns(struct summary *s)
{
    struct term *t = &s->t;
    const int name = t->width - FIGURES;
    const char *const heads[LANG_COUNT][6] = {
        {"READ", "size", "lines", "understood", "rejected", "left out"},
        {"LECTURE", "taille", "lignes", "comprises", "rejetées", "écartées"}};
    const int widths[6] = {name,          -COLUMN_SIZE,  -COLUMN_LINES,
                           -COLUMN_LINES, -COLUMN_OTHER, -COLUMN_OTHER};
    out_char(t->o, '\n');
    if (name < NAME_MIN) {
        term_styled(t, TERM_BOLD, str_of(heads[t->lang][0]));
        out_text(t->o, "\n    ");
    }
    for (int i = name < NAME_MIN; i < 6; i++) {
        const char *style = t->color ? i == 0 ? "\x1b[1m" : "\x1b[2m" : "";
        out_text(t->o, style);
        term_column(t, str_of(heads[t->lang][i]), widths[i]);
        out_text(t->o, t->color ? "\x1b[0m" : "");
    }
    out_char(t->o, '\n');
}

/* The most frequent reasons for rejecting lines, over all sources. */
static void write_reject_reasons(struct summary *s)
{
    uint64_t by_reason[REJECT_COUNT] = {0};
    for (size_t i = 0; i < s->in->ledger->count; i++)
        for (int r = 0; r < REJECT_COUNT; r++)
            by_reason[r] += s->in->ledger->sources[i].rejects_by_reason[r];
    for (int shown = 0; shown < REJECTS_SHOWN; shown++) {
        int most = 0;
        for (int r = 1; r < REJECT_COUNT; r++)
            most = by_reason[r] > by_reason[most] ? r : most;
        if (by_reason[most] == 0)
            return;
        line(s, arena_printf(s->t.arena, say(s, "%.*s: %s", "%.*s : %s"),
                             STR_ARG(term_counted(&s->t, by_reason[most], &rejected_noun)),
                             SAY(reject_table[most].what, s->t.lang)));
        by_reason[most] = 0;
    }
}

static void write_ledger(struct summary *s)
{
    const struct ledger *l = s->in->ledger;
    struct row sum = {.complete = true}, rest = {.complete = true};
    write_columns(s);
    for (size_t i = 0; i < l->count; i++) {
        const struct row r = row_of(&l->sources[i]);
        add_row(&sum, &r);
        if (i < SOURCES_SHOWN)
            write_row(s, &r);
        else
            add_row(&rest, &r);
    }
    if (l->count > SOURCES_SHOWN) {
        rest.name = term_counted(&s->t, l->count - SOURCES_SHOWN, &others_noun);
        write_row(s, &rest);
    }
    sum.name = str_of(say(s, "in all", "au total"));
    if (l->count > 1)
        write_row(s, &sum);
    write_reject_reasons(s);
}

/* ---- what was found ---- */

static size_t concluded_count(const struct findings *f, size_t *bulk, size_t *automated)
{
    size_t n = 0;
    *bulk = *automated = 0;
    for (uint32_t i = 0; i < f->clusters_count; i++) {
        *bulk += f->clusters[i].bulk.concluded;
        *automated += f->clusters[i].automated.concluded;
        n += f->clusters[i].bulk.concluded || f->clusters[i].automated.concluded;
    }
    return n;
}

static void write_conclusion(struct summary *s, struct text what, const struct conclusion *c,
                             enum term_style style)
{
    struct term *t = &s->t;
    term_styled(t, c->concluded ? style : TERM_DIM, str_of(SAY(what, t->lang)));
    out_text(t->o, say(s, ":", " :"));
    out_text(t->o, t->width < VERDICT_MIN ? "\n            " : " ");
    if (!c->tested)
        out_text(t->o, say(s, "not tested, no booking was sent",
                           "non examinée, aucune réservation envoyée"));
    else if (c->concluded)
        out_printf(t->o, say(s, "concluded, %s", "conclusion, %s"), SAY(level_texts[c->level], t->lang));
    else
        out_text(t->o, say(s, "not concluded", "pas de conclusion"));
}

static void write_size(struct summary *s, const struct cluster *c)
{
    struct term *t = &s->t;
    const struct cluster_facts f = facts_of(t->arena, s->in->findings, c);
    struct out o = out_memory();
    out_str(&o, term_counted(t, f.sessions, &sessions_noun));
    if (f.bookings > 0)
        out_printf(&o, ", %s%.*s", f.bookings_more ? say(s, "at least ", "au moins ") : "",
                   STR_ARG(term_counted(t, f.bookings, &bookings_noun)));
    out_printf(&o, ", %s%.*s", f.addresses_more ? say(s, "at least ", "au moins ") : "",
               STR_ARG(term_counted(t, f.addresses, &addresses_noun)));
    if (f.identities[IDENTITY_EMAIL] > 0)
        out_printf(&o, ", %.*s",
                   STR_ARG(term_counted(t, f.identities[IDENTITY_EMAIL], &mailboxes_noun)));
    if (f.first_us <= f.last_us)
        out_printf(&o, say(s, "; from %.*s UTC over %.*s", " ; à partir du %.*s UTC, sur %.*s"),
                   STR_ARG(term_time(t, f.first_us)),
                   STR_ARG(term_span(t, f.last_us - f.first_us)));
    term_wrap(t, TERM_PLAIN, STR("    "), 4, arena_str(t->arena, out_slice(&o)));
    out_close(&o);
}

static bool is_alike(const struct reason *a, const struct reason *b)
{
    return a->detector == b->detector && (a->llr_milli < 0) == (b->llr_milli < 0);
}

/* How many reasons of the same rule, speaking the same way, this cluster has. */
static uint32_t alike(const struct cluster *c, const struct reason *r)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->reasons_count; i++)
        n += is_alike(&c->reasons[i], r);
    return n;
}

/* The one of them to show: they stand with the largest number first, so what speaks against a
 * conclusion most stands last. */
static const struct reason *strongest_alike(const struct cluster *c, const struct reason *r)
{
    const struct reason *best = r;
    for (uint32_t i = 0; i < c->reasons_count && r->llr_milli < 0; i++)
        if (is_alike(&c->reasons[i], r) && c->reasons[i].llr_milli < best->llr_milli)
            best = &c->reasons[i];
    return best;
}

static bool said_before(const struct cluster *c, uint32_t at)
{
    for (uint32_t i = 0; i < at; i++)
        if (is_alike(&c->reasons[i], &c->reasons[at]))
            return true;
    return false;
}

static void write_reason(struct summary *s, const struct cluster *c, const struct reason *r)
{
    struct term *t = &s->t;
    const uint32_t more = alike(c, r) - 1;
    struct str text = term_safe(t, str_of(SAY(r->says, t->lang)));
    if (more > 0)
        text =
            arena_printf(t->arena, say(s, "%.*s (and %.*s)", "%.*s (et %.*s)"), STR_ARG(text),
                         STR_ARG(term_counted(t, more, &alike_noun)));
    term_wrap(t, TERM_PLAIN, r->llr_milli < 0 ? STR("    \xE2\x88\x92 ") : STR("    + "), 6, text);
}

static void write_reasons(struct summary *s, const struct cluster *c)
{
    uint32_t shown = 0, left = 0;
    for (uint32_t i = 0; i < c->reasons_count; i++) {
        if (said_before(c, i))
            continue;
        if (shown < REASONS_SHOWN)
            write_reason(s, c, strongest_alike(c, &c->reasons[i]));
        left += shown >= REASONS_SHOWN;
        shown++;
    }
    if (left > 0)
        term_wrap(&s->t, TERM_PLAIN, STR("      "), 6, term_counted(&s->t, left, &reasons_noun));
}

/* Other explanations: those that stay open by name, those that the observations contradict by
 * number. */
static void write_innocent(struct summary *s, const struct cluster *c)
{
    struct out o = out_memory();
    uint32_t against = 0;
    for (uint32_t i = 0; i < c->hypotheses_count; i++) {
        const struct hypothesis *h = &c->hypotheses[i];
        if (str_starts(str_of(h->id), STR("H1")))
            continue;
        if (strcmp(h->status, "against") == 0) {
            against++;
            continue;
        }
        out_text(&o, out_slice(&o).n == 0 ? say(s, "Not ruled out: ", "Non exclu : ")
                                          : say(s, "; ", " ; "));
        out_text(&o, SAY(h->name, s->t.lang));
    }
    if (out_slice(&o).n > 0)
        term_wrap(&s->t, TERM_PLAIN, STR("    ? "), 6, term_safe(&s->t, out_slice(&o)));
    out_close(&o);
    if (against > 0)
        term_wrap(&s->t, TERM_PLAIN, STR("    ? "), 6,
                  arena_printf(s->t.arena,
                               say(s, "%.*s considered; what was seen speaks against",
                                   "%.*s ; les observations plaident contre"),
                               STR_ARG(term_counted(&s->t, against, &explanations_noun))));
}

static void write_finding(struct summary *s, uint32_t index)
{
    static const struct text names[] = {{{"Bulk booking", "Réservation en nombre"}},
                                        {{"Automated access", "Accès automatisé"}}};
    static const enum term_style styles[] = {TERM_RED, TERM_YELLOW};
    const struct cluster *c = &s->in->findings->clusters[index];
    const struct conclusion *const conclusions[] = {&c->bulk, &c->automated};
    const int first = c->bulk.concluded ? 0 : 1, second = 1 - first;
    char id[FINDING_ID_MAX];
    finding_id(index, id);
    out_char(s->t.o, '\n');
    term_styled(&s->t, TERM_DIM, str_of(id));
    out_text(s->t.o, "  ");
    write_conclusion(s, names[first], conclusions[first], styles[first]);
    out_text(s->t.o, "\n        ");
    write_conclusion(s, names[second], conclusions[second], styles[second]);
    out_char(s->t.o, '\n');
    write_size(s, c);
    write_reasons(s, c);
    write_innocent(s, c);
}

static void write_sessions(struct summary *s)
{
    const struct findings *f = s->in->findings;
    struct term *t = &s->t;
    heading(s, "SESSIONS", "SESSIONS");
    line(s, arena_printf(t->arena, say(s, "%.*s from %.*s.", "%.*s, %.*s."),
                         STR_ARG(term_counted(t, f->sessions_seen, &sessions_noun)),
                         STR_ARG(term_counted(t, f->addresses_seen, &addresses_noun))));
}

static bool testable(const struct findings *f, const struct detector *d)
{
    for (uint32_t i = 0; i < f->not_testable_count; i++)
        if (f->not_testable[i].detector == d)
            return false;
    return true;
}

/* Nothing was there to be tested: that is not a result. */
static void write_nothing_examined(struct summary *s)
{
    term_wrap(
        &s->t, TERM_YELLOW, STR("  "), 2,
        str_of(say(s, "No session could be examined: nothing can be said about this input.",
                   "Aucune session n'a pu être examinée : rien ne peut être dit de ces données.")));
}

static void write_nothing_found(struct summary *s)
{
    size_t tested = 0;
    term_wrap(
        &s->t, TERM_PLAIN, STR("  "), 2,
        str_of(say(
            s, "Nothing to conclude from what could be tested. That shows neither abuse nor its absence.",
            "Rien à conclure de ce qui a pu être examiné. Cela n'établit ni abus, ni absence "
            "d'abus.")));
    for (size_t i = 0; i < detectors_count; i++) {
        if (!testable(s->in->findings, detectors[i]))
            continue;
        if (tested++ == 0)
            line(s, str_of(say(s, "Tested:", "Examiné :")));
        term_wrap(&s->t, TERM_PLAIN, STR("    \xC2\xB7 "), 6,
                  str_of(SAY(detectors[i]->title, s->t.lang)));
    }
}

static struct str count_or_none(struct summary *s, size_t n)
{
    return n > 0 ? term_count(&s->t, n) : str_of(say(s, "none", "aucun"));
}

static void write_headline(struct summary *s, size_t concluded, size_t bulk, size_t automated)
{
    struct term *t = &s->t;
    line(s, arena_printf(t->arena,
                         say(s,
                             "%.*s of sessions with a conclusion: %.*s for bulk booking, %.*s for "
                             "automated access.",
                             "%.*s de sessions avec conclusion : %.*s pour réservation en nombre, "
                             "%.*s pour accès automatisé."),
                         STR_ARG(term_counted(t, concluded, &groups_noun)),
                         STR_ARG(count_or_none(s, bulk)), STR_ARG(count_or_none(s, automated))));
    term_wrap(t, TERM_PLAIN, STR("  "), 2,
              str_of(say(s,
                         "Support ranges from weak, moderate, moderately strong and strong to very "
                         "strong and extremely strong; it is not a probability.",
                         "Le soutien va de faible, modéré, modérément fort et fort à très fort et "
                         "extrêmement fort ; ce n'est pas une probabilité.")));
}

static void write_findings(struct summary *s)
{
    const struct findings *f = s->in->findings;
    size_t bulk, automated, concluded = concluded_count(f, &bulk, &automated);
    heading(s, "FINDINGS", "CONSTATATIONS");
    if (f->sessions_seen == 0)
        write_nothing_examined(s);
    else if (concluded == 0)
        write_nothing_found(s);
    else
        write_headline(s, concluded, bulk, automated);
    for (uint32_t i = 0; i < concluded && i < FINDINGS_SHOWN; i++)
        write_finding(s, i);
    if (concluded > FINDINGS_SHOWN) {
        out_char(s->t.o, '\n');
        line(s, arena_printf(
                    s->t.arena,
                    s->opt->out.p != NULL
                        ? say(s, "and %.*s more, in the bundle.", "et %.*s de plus, dans le dossier.")
                        : say(s, "and %.*s more; --findings FILE writes all.",
                              "et %.*s de plus ; --findings FILE les écrit tous."),
                    STR_ARG(term_counted(&s->t, concluded - FINDINGS_SHOWN, &groups_noun))));
    }
    if (f->clusters_count > concluded) {
        out_char(s->t.o, '\n');
        line(s, arena_printf(
                    s->t.arena,
                    say(s, "Noted without a conclusion, signs too weak on their own: %.*s.",
                        "Sans conclusion, indices trop faibles à eux seuls : %.*s."),
                    STR_ARG(term_counted(&s->t, f->clusters_count - concluded, &groups_noun))));
    }
}

/* ---- what to know about it ---- */

static void write_not_tested(struct summary *s)
{
    const struct findings *f = s->in->findings;
    if (f->not_testable_count == 0 || f->sessions_seen == 0)
        return;
    heading(s, "NOT TESTED HERE", "NON EXAMINÉ ICI");
    for (uint32_t i = 0; i < f->not_testable_count; i++) {
        const struct not_testable *n = &f->not_testable[i];
        const char *part = facts_spoke(f, n->detector) ? say(s, ", in part", ", en partie") : "";
        line(s, arena_printf(s->t.arena, say(s, "%s%s: %s", "%s%s : %s"),
                             SAY(n->detector->title, s->t.lang), part, SAY(n->why, s->t.lang)));
    }
}

/* The message of a diagnostic with its detail put in. */
static struct str notice_text(struct summary *s, const struct diag *d, uint32_t sources)
{
    const struct str format = str_of(SAY(diag_table[d->code].what, s->t.lang));
    const ptrdiff_t at = str_find_str(format, STR("%s"));
    struct out o = out_memory();
    out_str(&o, at < 0 ? format : str_sub(format, 0, at));
    if (at >= 0) {
        out_escaped(&o, d->detail);
        out_str(&o, str_sub(format, at + 2, format.n));
    }
    if (sources > 1)
        out_printf(&o, say(s, " (%u sources)", " (%u sources)"), (unsigned)sources);
    else if (d->source != DIAG_RUN && d->source < s->in->ledger->count)
        out_printf(
            &o, " (%.*s)",
            STR_ARG(term_fit(&s->t, term_safe(&s->t, s->in->ledger->sources[d->source].name), 40)));
    struct str text = arena_str(s->t.arena, out_slice(&o));
    out_close(&o);
    return text;
}

/* Notices of one severity, one line a code. */
static void write_notices(struct summary *s, enum severity severity, enum term_style style,
                          int *left)
{
    const struct diags *d = s->in->diags;
    const struct str lead = severity == SEVERITY_note ? STR("  \xC2\xB7 ") : STR("  ! ");
    for (int code = 0; code < DIAG_COUNT; code++) {
        const struct diag *first = NULL;
        uint32_t sources = 0;
        for (size_t i = 0; i < d->count && diag_table[code].severity == severity; i++) {
            if (d->items[i].code != (enum diag_code)code)
                continue;
            first = first == NULL ? &d->items[i] : first;
            sources++;
        }
        if (first != NULL && (*left)-- > 0)
            term_wrap(&s->t, style, lead, 4, notice_text(s, first, sources));
    }
}

static void write_all_notices(struct summary *s)
{
    int left = NOTICES_SHOWN;
    if (s->in->diags->count == 0)
        return;
    heading(s, "ABOUT THE INPUT", "AU SUJET DES DONNÉES");
    write_notices(s, SEVERITY_unreadable, TERM_RED, &left);
    write_notices(s, SEVERITY_partial, TERM_RED, &left);
    write_notices(s, SEVERITY_warning, TERM_YELLOW, &left);
    write_notices(s, SEVERITY_note, TERM_DIM, &left);
    if (left < 0)
        line(s,
             arena_printf(s->t.arena,
                          say(s, "and %.*s, in data/ledger.json", "et %.*s, dans data/ledger.json"),
                          STR_ARG(term_counted(&s->t, (uint64_t)-left, &others_noun))));
}

static void write_bundle(struct summary *s)
{
    struct term *t = &s->t;
    heading(s, "BUNDLE", "DOSSIER");
    if (s->opt->out.p == NULL) {
        line(s, str_of(say(s, "None was asked for; --out DIR writes one.",
                           "Aucun n'a été demandé ; --out DIR en produit un.")));
        return;
    }
    struct str out = term_safe(t, s->opt->out);
    struct str cited = STR("");
    if (s->opt->cited > 0)
        cited = arena_printf(
            t->arena, say(s, ", citing %.*s byte for byte", ", citant %.*s à l'octet près"),
            STR_ARG(term_counted(t, s->opt->cited, &records_noun)));
    line(s, arena_printf(t->arena, "%.*s%.*s", STR_ARG(out), STR_ARG(cited)));
    out_printf(
        t->o,
        say(s, "  check it        vigie verify %.*s\n", "  contrôler       vigie verify %.*s\n"),
        STR_ARG(out));
    out_printf(t->o,
               say(s, "  without vigie   steps in %.*s/VERIFY.txt\n",
                   "  sans vigie      étapes dans %.*s/VERIFY.txt\n"),
               STR_ARG(out));
}

/* A session of the strongest finding, to explain; missing when it was not kept. */
static struct str first_session(struct summary *s)
{
    const struct cluster *c = &s->in->findings->clusters[0];
    char id[SESSION_ID_MAX];
    const struct session *first = facts_session(s->in->findings, c->id);
    if (first == NULL)
        return STR_NONE;
    session_public_id(first, id);
    return arena_str(s->t.arena, str_of(id));
}

static void step(struct summary *s, struct str text)
{
    term_wrap(&s->t, TERM_PLAIN, STR("  \xC2\xB7 "), 4, text);
}

static void write_next(struct summary *s)
{
    const struct findings *f = s->in->findings;
    size_t bulk, automated;
    if (concluded_count(f, &bulk, &automated) == 0)
        return;
    heading(s, "WHAT TO DO NEXT", "SUITES À DONNER");
    if (s->opt->out.p != NULL)
        step(s, str_of(say(s,
                           "Keep the bundle and the logs as they are: the bundle names each log by "
                           "its SHA-256.",
                           "Conserver en l'état le dossier et les journaux : le dossier désigne "
                           "chaque journal par son empreinte SHA-256.")));
    else
        step(s, str_of(say(s,
                           "Secure the evidence: run the same command with --out DIR, and keep the "
                           "logs as they are.",
                           "Préserver la preuve : relancer la même commande avec --out DIR et "
                           "conserver les journaux en l'état.")));
    struct str id = first_session(s);
    if (id.p != NULL)
        step(s, arena_printf(s->t.arena,
                             say(s,
                                 "See why, line by line: vigie explain INPUT --session %.*s, with "
                                 "the same --site and --format.",
                                 "Comprendre, ligne par ligne : vigie explain INPUT --session "
                                 "%.*s, avec les mêmes --site et --format."),
                             STR_ARG(id)));
    step(s, str_of(say(s,
                       "Before any measure, have the other explanations examined by a person.",
                       "Avant toute mesure, faire examiner les autres explications par une "
                       "personne.")));
}

void summary_write(struct out *o, const struct bundle_input *in, const struct summary_options *opt)
{
    struct arena arena = {0};
    struct summary s = {.t = {.o = o, .arena = &arena, .lang = opt->lang, .color = opt->color},
                        .in = in,
                        .opt = opt};
    s.t.width = opt->width < WIDTH_MIN ? WIDTH_MIN : opt->width;
    write_title(&s);
    if (opt->partial) {
        out_char(o, '\n');
        term_wrap(&s.t, TERM_RED, str_of(say(&s, "INCOMPLETE: ", "LECTURE INCOMPLÈTE : ")), 2,
                  str_of(say(
                      &s, "part of the input was not read, see below; what follows rests on the remainder alone.",
                      "une partie des données n'a pas été lue, voir plus bas ; ce qui suit ne repose que sur le reste.")));
    }
    write_ledger(&s);
    write_sessions(&s);
    write_findings(&s);
    write_not_tested(&s);
    write_all_notices(&s);
    write_bundle(&s);
    write_next(&s);
    out_char(o, '\n');
    term_wrap(&s.t, TERM_PLAIN, STR(""), 0,
              str_of(say(&s, "Observations about requests; no statement about a person.",
                         "Observations portant sur des requêtes ; aucune affirmation sur une personne.")));
    arena_free(&arena);
}
