/* verify_bundle.h: the second half of `vigie verify`: what a bundle says, against its bytes.
 *
 * What this can see: any change that leaves documents, hashes, links or balances at odds with each
 * other or, with the sources at hand, with the logs.  What it cannot see: a bundle that was written
 * anew, consistently, by someone who invents conclusions; `vigie rederive` answers that.
 * Documents are judged by the schemas inside the program; the bag's own must be equal to them. */
#ifndef VIGIE_REPORTS_VERIFY_BUNDLE_H
#define VIGIE_REPORTS_VERIFY_BUNDLE_H

#include "analyzer/base/json.h"
#include "reports/bagit.h"

#define VERIFY_DOCUMENT_MAX (256 << 20) /* bytes of one JSON document read as a whole */
#define VERIFY_LINE_MAX (64 << 20)      /* bytes of one line of records.jsonl */
#define VERIFY_PROBLEMS_MAX 20          /* of one kind; then "more" */

/* A source as evidence.json states it. */
struct bundle_source {
    struct str id, name; /* name missing: none was logged */
    struct sha256 sha256;
    bool hashed;
    uint64_t bytes, file_bytes, lines;
};

/* What is kept of a line of records.jsonl. */
struct bundle_record {
    uint64_t offset;
    uint32_t source; /* index, UINT32_MAX when unknown */
    uint32_t length;
    struct sha256 sha256;
    bool has_raw;
    bool cited;
};

/* Names of one kind, sorted, for looking them up. */
struct names {
    struct name {
        struct str key;
        const struct json *value;
    } * items;
    size_t count;
};

/* The documents that have a schema, as samples/schema/ names them. */
enum document {
    DOCUMENT_effective,
    DOCUMENT_evidence,
    DOCUMENT_ledger,
    DOCUMENT_record,
    DOCUMENT_rule,
    DOCUMENT_scoring,
    DOCUMENT_COUNT
};

struct bundle_check {
    struct bagit *b;
    struct verdicts *v;
    struct arena arena;                         /* documents and tables: the length of the check */
    const struct json *schemas[DOCUMENT_COUNT]; /* NULL: unusable, said already */
    const struct json *evidence;                /* NULL: unusable, nothing can be linked */
    const struct json *ledger;
    struct bundle_source *sources;
    size_t sources_count;
    struct bundle_record *records; /* by seq */
    size_t records_count, records_cap;
    int64_t bulk_least; /* of the scoring rule */
    bool scorable;      /* the scoring rule is known: weights can be judged */
    struct names session_names, finding_names, rule_names, source_names;
};

/* inputs: folder with the sources, or missing.  What is wrong goes to the verdicts of b. */
void verify_bundle(struct bagit *b, struct str inputs);

/* ---- parts, for each other ---- */

/* verify_document.c.  The schemas, and whether the bag's own are equal to them. */
void verify_schemas(struct bundle_check *x);
/* A JSON text that must be canonical and satisfy its schema; NULL when it may not be relied on. */
const struct json *verify_text(struct bundle_check *x, struct arena *a, struct str place,
                               struct str text, enum document kind);
/* The same for a file of the bag; that one is missing is said elsewhere. */
const struct json *verify_document(struct bundle_check *x, struct str path, enum document kind);
/* A verdict unless it was said VERIFY_PROBLEMS_MAX times already. */
void verify_say(struct bundle_check *x, enum cause c, struct str place, struct str detail);
/* {"file": ..., "sha256": ...} names a file of the bag and its hash. */
void verify_file_link(struct bundle_check *x, const struct json *link);

struct str verify_string(const struct json *o,
                         const char *key);                 /* missing when absent or no string */
int64_t verify_int(const struct json *o, const char *key); /* -1 when absent or no integer */

void verify_records(struct bundle_check *x);                   /* verify_records.c */
void verify_links(struct bundle_check *x);                     /* verify_links.c */
/* verify_score.c.  False when the weights cannot be judged by the bag's scoring rule. */
bool verify_scoring(struct bundle_check *x, int64_t *bulk_least);
void verify_scores(struct bundle_check *x, const struct json *finding, int64_t bulk_least);
void verify_ledger(struct bundle_check *x);                    /* verify_ledger.c */
void verify_inputs(struct bundle_check *x, struct str inputs); /* verify_inputs.c */

#endif
