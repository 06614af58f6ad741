/* bundle.h: the evidence bundle: a BagIt 1.0 bag (RFC 8493) with sha256 manifests.
 *
 * Written under a temporary name beside its place, every file and folder synced, then renamed: it
 * is complete under its final name or not there.  data/ is the same to the byte on every run over
 * the same bytes; what differs from run to run or machine to machine (system, kernel, processors,
 * threads, compiler, library versions) stands in bag-info.txt.
 *
 *   bagit.txt  bag-info.txt  manifest-sha256.txt  tagmanifest-sha256.txt  VERIFY.txt
 *   data/evidence.json            RFC 8785; findings -> rules, sessions, records (by seq)
 *   data/records.jsonl            one RFC 8785 object a line, by (source, offset); seq from 0
 *   data/rules/<id>.v<n>.json     each rule in words, with the values in force
 *   data/rules/scoring.v<n>.json  how totals follow from reasons
 *   data/config/effective.json    as given
 *   data/config/site.json         the profile's bytes as they are (when it has any)
 *   data/ledger.json              where every line of every source went
 *   data/schema/{evidence,record,ledger,rule,scoring,effective}.schema.json
 *
 * Links from a statement to bytes, all of them numbers `seq` of records.jsonl:
 *   findings[].records[]  findings[].reasons[].records[]  sessions[].acts[].record
 *   sessions[].identities[].record (or null)
 * and by name: findings[].sessions[], reasons[].session and links[].a/.b name sessions[].id;
 * reasons[].detector + .version name a rules[] entry, whose file and sha256 name data/rules/. */
#ifndef VIGIE_REPORTS_BUNDLE_H
#define VIGIE_REPORTS_BUNDLE_H

#include "analyzer/model/finding.h"
#include "analyzer/model/ledger.h"
#include "analyzer/model/settings.h"
#include "analyzer/site/site.h"

enum { BUNDLE_SCHEMA_VERSION = 1 };

/* A record that the bundle cites, with its bytes as they stand in the source. */
struct cited {
    uint32_t source;
    uint64_t record, offset;
    uint32_t length;
    struct str raw;     /* length bytes; missing when it could not be read again */
    struct str fields;  /* canonical JSON object of the parsed event, as `vigie events` prints it */
};

struct bundle_input {
    const struct settings *settings;
    struct str effective;         /* canonical JSON of the effective configuration, without threads and output */
    const struct site *site;
    const struct ledger *ledger;
    const struct diags *diags;
    const struct findings *findings;
    const struct cited *cited;    /* sorted by (source, offset), no duplicates */
    size_t cited_count;
};

/* FAILED with *why (exists already, disk full, ...); nothing is left under the final name then.
 * *why is in the language of the settings and lives until the next call. */
enum status bundle_write(const struct bundle_input *in, struct str *why);
/* Removes the unfinished temporary folder, if any; safe in the handlers of mem_on_exhausted. */
void bundle_abandon(void);

/* Every record a finding rests on, sorted and without duplicates, raw and fields still missing. */
size_t bundle_cited(struct arena *a, const struct findings *f, const struct limits *l, struct cited **out);

#endif
