/* ledger.h: where every physical line of a source went.
 *
 * parsed + rejected + excluded + already_seen = physical, and the lengths of the lines with their
 * line ends add up to the size of the decompressed stream; ledger_balances() is asserted by tests and
 * checked again by `vigie verify`. */
#ifndef VIGIE_MODEL_LEDGER_H
#define VIGIE_MODEL_LEDGER_H

#include "analyzer/base/diag.h"
#include "analyzer/base/hash.h"
#include "analyzer/base/json.h"
#include "analyzer/base/limits.h"

enum reject {
    REJECT_NONE,
#define REJECT(id, name, en, fr) REJECT_##id,
#include "analyzer/model/reject.def"
#undef REJECT
    REJECT_COUNT
};
struct reject_info {
    const char *name;
    struct text what;
};
extern const struct reject_info reject_table[REJECT_COUNT];

struct rejected {
    uint64_t record; /* line number from 1 */
    uint64_t offset;
    uint64_t length; /* without the line end */
    enum reject reason;
};

struct ledger_source {
    struct str name;       /* as given, "-" for stdin */
    const char *compression; /* "none", "gzip" */
    struct str format;     /* name of the format, e.g. "combined" */
    struct str format_string; /* as written, or missing */
    uint64_t file_bytes;   /* of the source as it is stored */
    uint64_t bytes;        /* of the decompressed stream */
    struct sha256 sha256;  /* of the source as it is stored */
    bool hashed;
    uint64_t physical, parsed, rejected, excluded, already_seen;
    uint64_t parsed_bytes, rejected_bytes, excluded_bytes, already_seen_bytes; /* with line ends */
    uint64_t rejects_by_reason[REJECT_COUNT];
    struct rejected *rejects; /* the first rejects_listed_max */
    size_t rejects_count, rejects_cap;
    /* clock */
    uint8_t meaning;
    uint32_t resolution_us;
    int64_t first_us, last_us; /* smallest and largest stamp; first > last when no record was parsed */
    uint64_t backward_steps;
    int64_t backward_us_max;
    uint32_t has;          /* union of the fields seen */
    uint64_t oddities[32]; /* by ODDITY_ */
    bool complete;         /* read to its end without loss */
};

struct ledger {
    struct ledger_source *sources;
    size_t count, cap;
    struct arena arena;
};

/* The answer is valid until the next ledger_add: keep the index, not the pointer. */
struct ledger_source *ledger_add(struct ledger *l, struct str name);
void ledger_reject(struct ledger_source *s, const struct rejected *r, int64_t listed_max);
bool ledger_balances(const struct ledger_source *s);
void ledger_free(struct ledger *l);
/* data/ledger.json as a tree: {"sources": [...]} with diagnostics per source. */
struct json *ledger_json(struct arena *a, const struct ledger *l, const struct diags *d);

#endif
