/* bundle.h: the evidence bundle: a BagIt 1.0 bag (RFC 8493) with sha256 manifests.
 *
 * Written under a temporary name beside its place, every file and folder synced, then renamed: it is
 * complete under its final name or not there.  data/ is the same to the byte on every run over the same
 * bytes; what differs from run to run (tool environment) stands in bag-info.txt. */
#ifndef VIGIE_REPORTS_BUNDLE_H
#define VIGIE_REPORTS_BUNDLE_H

#include "analyzer/model/finding.h"
#include "analyzer/model/ledger.h"
#include "analyzer/model/settings.h"
#include "analyzer/site/site.h"

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

/* FAILED with *why (exists already, disk full, ...); nothing is left under the final name then. */
enum status bundle_write(const struct bundle_input *in, struct str *why);
/* Removes the unfinished temporary folder, if any; safe in the handlers of mem_on_exhausted. */
void bundle_abandon(void);

/* Every record a finding rests on, sorted and without duplicates, raw and fields still missing. */
size_t bundle_cited(struct arena *a, const struct findings *f, const struct limits *l, struct cited **out);

#endif
