/* evidence.c: the frame of evidence.json: sources, clock, rules, what was left out, what is
 * missing. */
#include "reports/evidence.h"

#include <stdio.h>

#include "detectors/score.h"
#include "reports/facts.h"
#include "reports/put.h"
#include "reports/rules.h"

#ifndef VIGIE_VERSION
#define VIGIE_VERSION "0"
#endif

static const struct text why_later = {{"This version of the tool does not produce this section.",
                                       "Cette version de l'outil ne produit pas cette section."}};
static const struct text why_not_stated = {{"Not known to the tool; to be stated in the complaint.",
                                            "Inconnu de l'outil ; à préciser dans la plainte."}};

void finding_id(size_t index, char out[FINDING_ID_MAX])
{
    snprintf(out, FINDING_ID_MAX, "F-%04zu", index + 1);
}

static void write_bundle(struct jw *w, const struct bundle_input *in)
{
    jw_object(w, "bundle");
    put_not_produced(
        w, "escrow",
        TEXT("Full variant: raw lines are in the bundle; no escrow was split off.",
             "Version intégrale : les lignes brutes figurent dans le dossier ; aucun séquestre."));
    put_logged(w, "id", in->settings->case_id);
    jw_array(w, "languages");
    jw_text(w, NULL, "en");
    jw_text(w, NULL, "fr");
    jw_array_end(w);
    put_not_produced(w, "signature", why_later);
    put_not_produced(w, "timestamp", why_later);
    jw_text(w, "variant", "full");
    jw_object_end(w);
}

static void write_period(struct jw *w, const struct ledger *l)
{
    int64_t first = INT64_MAX, last = INT64_MIN;
    for (size_t i = 0; i < l->count; i++) {
        const struct ledger_source *s = &l->sources[i];
        if (s->first_us > s->last_us)
            continue;
        first = s->first_us < first ? s->first_us : first;
        last = s->last_us > last ? s->last_us : last;
    }
    jw_object(w, "period");
    put_us(w, "first_us", first);
    put_us(w, "last_us", last);
    jw_object_end(w);
}

static void write_case(struct jw *w, const struct bundle_input *in)
{
    jw_object(w, "case");
    put_not_produced(w, "authority", why_not_stated);
    put_logged(w, "id", in->settings->case_id);
    put_not_produced(w, "legal_basis", why_not_stated);
    write_period(w, in->ledger);
    put_not_produced(w, "requester", why_not_stated);
    put_logged(w, "site", in->site->name);
    jw_object_end(w);
}

static void write_clock(struct jw *w, const struct bundle_input *in)
{
    jw_array(w, "clock");
    for (size_t i = 0; i < in->ledger->count; i++) {
        const struct ledger_source *s = &in->ledger->sources[i];
        jw_object(w, NULL);
        jw_object(w, "backward_steps");
        put_count(w, "count", s->backward_steps);
        put_us(w, "max_us", s->backward_us_max);
        jw_object_end(w);
        put_not_produced(w, "cross_check",
                         TEXT("No second recording of the same requests was given.",
                              "Aucun second enregistrement des mêmes requêtes n'a été fourni."));
        put_int(w, "default_offset_s", in->settings->tz_offset_s);
        put_int(w, "quantisation_us", s->resolution_us);
        jw_text(w, "semantics", time_meaning_name(s->meaning));
        put_source_id(w, "source", (uint32_t)i);
        put_not_produced(w, "synchronisation",
                         TEXT("A log does not say how its clock was kept; ask the operator.",
                              "Un journal n'indique pas comment son horloge est réglée ; à "
                              "demander à l'exploitant."));
        jw_object_end(w);
    }
    jw_array_end(w);
}

static void write_file(struct jw *w, const char *key, const char *file, const struct sha256 *h)
{
    jw_object(w, key);
    jw_text(w, "file", file);
    put_sha256(w, "sha256", h);
    jw_object_end(w);
}

static void write_configuration(struct jw *w, const struct bundle_input *in,
                                const struct evidence_files *files)
{
    jw_object(w, "configuration");
    write_file(w, "effective", "data/config/effective.json", &files->effective);
    if (in->site->source.p != NULL)
        write_file(w, "site", "data/config/site.json", &files->site);
    else
        jw_null(w, "site");
    jw_object_end(w);
}

static void write_environment(struct jw *w)
{
    jw_object(w, "environment");
    jw_text(w, "file", "bag-info.txt");
    put_text(
        w, "why",
        TEXT(
            "It differs from machine to machine, while data/ must be the same on each.",
            "Il diffère d'une machine à l'autre, alors que data/ doit être identique sur toutes."));
    jw_object_end(w);
}

static void write_exclusions(struct jw *w, const struct bundle_input *in)
{
    uint64_t excluded = 0, rejected = 0, seen = 0;
    for (size_t i = 0; i < in->ledger->count; i++) {
        excluded += in->ledger->sources[i].excluded;
        rejected += in->ledger->sources[i].rejected;
        seen += in->ledger->sources[i].already_seen;
    }
    jw_object(w, "exclusions");
    put_not_produced(
        w, "address_ranges",
        TEXT("No address range was left out.", "Aucune plage d'adresses n'a été écartée."));
    jw_object(w, "lines");
    put_count(w, "already_seen", seen);
    put_count(w, "outside_window", excluded);
    put_count(w, "rejected", rejected);
    jw_object_end(w);
    jw_object(w, "window");
    put_us(w, "since_us", in->settings->since_us);
    put_us(w, "until_us", in->settings->until_us);
    jw_object_end(w);
    jw_object_end(w);
}

/* What the law asks for and what is not shown here.  No article is said to be met. */
struct element {
    const char *article;
    struct text element;
    bool automated, bulk; /* which conclusion has to do with it */
    const char *missing[5];
};
static const struct element elements[] = {
    {"323-1",
     {{"Access to, or staying in, an automated data system",
       "Accès ou maintien dans un système de traitement automatisé de données"}},
     true,
     false,
     {"fraudulent_access", "intention", "person"}},
    {"323-2",
     {{"Hindering or distorting the working of the system",
       "Entrave au fonctionnement du système ou altération de celui-ci"}},
     true,
     false,
     {"disturbance", "intention", "person"}},
    {"323-3",
     {{"Introducing, extracting, changing or deleting data",
       "Introduction, extraction, modification ou suppression de données"}},
     false,
     true,
     {"identities", "intention", "person", "resale"}},
};
static const struct {
    const char *code;
    struct text what;
} missing_texts[] = {
    {"disturbance",
     {{"that the service was really disturbed: no latency, error rate or stock of slots was "
       "measured",
       "la perturbation effective du service : ni latence, ni taux d'erreur, ni stock de créneaux "
       "n'ont été mesurés"}}},
    {"fraudulent_access",
     {{"that access was forbidden: the pages are public",
       "le caractère frauduleux de l'accès : les pages sont publiques"}}},
    {"identities",
     {{"that the identities given are false or were used without consent",
       "la fausseté des identités saisies ou leur emploi sans consentement"}}},
    {"intention", {{"the intention of whoever acted", "l'intention de l'auteur des actes"}}},
    {"person",
     {{"a link between the acts and a person", "le lien entre les actes et une personne"}}},
    {"resale", {{"payment or resale", "une rémunération ou une revente"}}},
};

static void write_missing(struct jw *w, const struct element *e)
{
    jw_array(w, "missing");
    for (size_t k = 0; k < sizeof e->missing / sizeof e->missing[0] && e->missing[k] != NULL; k++) {
        for (size_t i = 0; i < sizeof missing_texts / sizeof missing_texts[0]; i++) {
            if (strcmp(missing_texts[i].code, e->missing[k]) != 0)
                continue;
            jw_object(w, NULL);
            jw_text(w, "code", missing_texts[i].code);
            jw_text(w, "en", SAY(missing_texts[i].what, LANG_EN));
            jw_text(w, "fr", SAY(missing_texts[i].what, LANG_FR));
            jw_object_end(w);
        }
    }
    jw_array_end(w);
}

static void write_legal_elements(struct jw *w, const struct findings *f)
{
    jw_array(w, "legal_elements");
    for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++) {
        const struct element *e = &elements[i];
        jw_object(w, NULL);
        jw_text(w, "article", e->article);
        put_text(w, "element", e->element);
        jw_array(w, "finding_ids");
        for (uint32_t k = 0; k < f->clusters_count; k++) {
            const struct cluster *c = &f->clusters[k];
            if (!((e->automated && c->automated.concluded) || (e->bulk && c->bulk.concluded)))
                continue;
            char id[FINDING_ID_MAX];
            finding_id(k, id);
            jw_text(w, NULL, id);
        }
        jw_array_end(w);
        write_missing(w, e);
        jw_object_end(w);
    }
    jw_array_end(w);
}

static void write_not_testable(struct jw *w, const struct findings *f)
{
    jw_array(w, "not_testable");
    for (uint32_t i = 0; i < f->not_testable_count; i++) {
        jw_object(w, NULL);
        jw_text(w, "rule", f->not_testable[i].detector->name);
        jw_text(w, "sessions", facts_spoke(f, f->not_testable[i].detector) ? "some" : "all");
        put_text(w, "why", f->not_testable[i].why);
        jw_object_end(w);
    }
    jw_array_end(w);
}

static void write_population(struct jw *w, const struct findings *f)
{
    uint64_t automated = 0, bulk = 0;
    for (uint32_t i = 0; i < f->clusters_count; i++) {
        automated += f->clusters[i].automated.concluded;
        bulk += f->clusters[i].bulk.concluded;
    }
    jw_object(w, "population");
    put_count(w, "addresses_seen", f->addresses_seen);
    put_count(w, "clusters_automated", automated);
    put_count(w, "clusters_bulk_booking", bulk);
    put_count(w, "clusters_with_reasons", f->clusters_count);
    put_count(w, "sessions_kept", f->sessions_count);
    put_count(w, "sessions_seen", f->sessions_seen);
    jw_object_end(w);
}

static void write_records(struct jw *w, const struct bundle_input *in,
                          const struct evidence_files *files)
{
    jw_object(w, "records");
    put_count(w, "count", in->cited_count);
    jw_text(w, "file", "data/records.jsonl");
    put_not_produced(w, "merkle", why_later);
    put_sha256(w, "sha256", &files->records);
    jw_object_end(w);
}

static void write_rules(struct jw *w, const struct evidence_files *files)
{
    struct arena scratch = {0};
    jw_array(w, "rules");
    for (size_t i = 0; i < detectors_count; i++) {
        jw_object(w, NULL);
        put_logged(w, "file", rule_path(&scratch, detectors[i]));
        jw_text(w, "id", detectors[i]->name);
        put_sha256(w, "sha256", &files->rules[i]);
        put_text(w, "title", detectors[i]->title);
        put_not_produced(w, "validation",
                         TEXT("No error rates of this rule version on a named corpus are shipped.",
                              "Aucun taux d'erreur de cette version de la règle sur un corpus "
                              "désigné n'est joint."));
        jw_int(w, "version", detectors[i]->version);
        jw_object_end(w);
    }
    jw_array_end(w);
    arena_free(&scratch);
}

static void write_scoring(struct jw *w, const struct evidence_files *files)
{
    struct arena scratch = {0};
    jw_object(w, "scoring");
    put_logged(w, "file", scoring_path(&scratch));
    jw_text(w, "id", SCORING_ID);
    put_sha256(w, "sha256", &files->scoring);
    put_text(w, "title", scoring_title);
    jw_int(w, "version", SCORE_VERSION);
    jw_object_end(w);
    arena_free(&scratch);
}

static void write_names(struct jw *w, const struct ledger_source *s)
{
    jw_array(w, "fields");
    for (int i = 0; i < FIELD_COUNT; i++)
        if ((s->has & 1u << i) != 0)
            jw_text(w, NULL, field_table[i].name);
    jw_array_end(w);
}

static void write_oddities(struct jw *w, const struct ledger_source *s)
{
    jw_array(w, "oddities");
    for (int i = 0; i < ODDITY_COUNT; i++) {
        if (s->oddities[i] == 0)
            continue;
        jw_object(w, NULL);
        put_count(w, "count", s->oddities[i]);
        jw_text(w, "name", oddity_table[i].name);
        jw_object_end(w);
    }
    jw_array_end(w);
}

static void write_unparsed(struct jw *w, const struct ledger_source *s)
{
    jw_object(w, "unparsed");
    put_count(w, "count", s->rejected);
    put_count(w, "listed", s->rejects_count);
    jw_array(w, "offsets");
    for (size_t i = 0; i < s->rejects_count; i++)
        put_count(w, NULL, s->rejects[i].offset);
    jw_array_end(w);
    jw_object_end(w);
}

static void write_source(struct jw *w, const struct ledger_source *s, uint32_t index)
{
    const bool timed = s->first_us <= s->last_us && s->parsed > 0;
    jw_object(w, NULL);
    put_count(w, "already_seen", s->already_seen);
    put_count(w, "bytes", s->bytes);
    put_not_produced(w, "collected", why_not_stated);
    jw_bool(w, "complete", s->complete);
    jw_text(w, "compression", s->compression != NULL ? s->compression : "none");
    put_count(w, "excluded", s->excluded);
    write_names(w, s);
    put_count(w, "file_bytes", s->file_bytes);
    put_us(w, "first_us", timed ? s->first_us : INT64_MIN);
    put_logged(w, "format", s->format);
    put_logged(w, "format_string", s->format_string);
    put_not_produced(w, "gaps", why_later);
    put_source_id(w, "id", index);
    put_us(w, "last_us", timed ? s->last_us : INT64_MIN);
    put_count(w, "lines", s->physical);
    put_not_produced(w, "merkle", why_later);
    put_logged(w, "name", s->name);
    write_oddities(w, s);
    put_count(w, "parsed", s->parsed);
    put_count(w, "rejected", s->rejected);
    put_not_produced(w, "rotation", why_later);
    if (s->hashed)
        put_sha256(w, "sha256", &s->sha256);
    else
        jw_null(w, "sha256");
    write_unparsed(w, s);
    jw_object_end(w);
}

static void write_tool(struct jw *w)
{
    jw_object(w, "tool");
    put_not_produced(
        w, "build",
        TEXT("Compiler and build are in bag-info.txt; no reproducible-build hash is shipped.",
             "Compilateur et construction figurent dans bag-info.txt ; aucune empreinte de "
             "construction reproductible n'est jointe."));
#ifdef VIGIE_COMMIT
    jw_text(w, "git_commit", VIGIE_COMMIT);
#else
    jw_null(w, "git_commit");
#endif
    put_not_produced(
        w, "libs",
        TEXT("Library versions are in bag-info.txt, without hashes: they are the system's.",
             "Les versions des bibliothèques, fournies par le système, figurent sans empreinte "
             "dans bag-info.txt."));
    jw_text(w, "locale", "C");
    jw_text(w, "name", "vigie");
    jw_text(w, "version", VIGIE_VERSION);
    jw_object_end(w);
}

void evidence_write(struct out *o, const struct bundle_input *in,
                    const struct evidence_files *files)
{
    struct jw writer = jw_open(o, true), *w = &writer;
    jw_object(w, NULL);
    write_bundle(w, in);
    write_case(w, in);
    write_clock(w, in);
    write_configuration(w, in, files);
    write_environment(w);
    put_not_produced(w, "evasion", why_later);
    write_exclusions(w, in);
    evidence_findings(w, in);
    put_not_produced(
        w, "impact",
        TEXT("Effects on the service (latency, errors, slots taken) were not measured.",
             "Les effets sur le service (latence, erreurs, créneaux pris) n'ont pas été mesurés."));
    write_file(w, "ledger", "data/ledger.json", &files->ledger);
    write_legal_elements(w, in->findings);
    write_not_testable(w, in->findings);
    write_population(w, in->findings);
    put_not_produced(
        w, "pseudonymisation",
        TEXT("Full variant: nothing is pseudonymised. Not for publication.",
             "Version intégrale : aucune donnée n'est pseudonymisée. Ne pas diffuser."));
    write_records(w, in, files);
    write_rules(w, files);
    jw_int(w, "schema_version", BUNDLE_SCHEMA_VERSION);
    write_scoring(w, files);
    evidence_sessions(w, in);
    jw_array(w, "sources");
    for (size_t i = 0; i < in->ledger->count; i++)
        write_source(w, &in->ledger->sources[i], (uint32_t)i);
    jw_array_end(w);
    write_tool(w);
    jw_object_end(w);
}
