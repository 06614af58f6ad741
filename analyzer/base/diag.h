/* diag.h: counted messages about the input; the table itself is diag.def.
 *
 * A diagnostic belongs to a source (or to the run, source DIAG_RUN) and is kept once with a count and
 * the first detail.  Nothing is printed here: cli prints to stderr, reports write them out. */
#ifndef VIGIE_BASE_DIAG_H
#define VIGIE_BASE_DIAG_H

#include "analyzer/base/lang.h"
#include "analyzer/base/mem.h"

enum diag_code {
#define DIAG(name, severity, en, fr) DIAG_##name,
#include "analyzer/base/diag.def"
#undef DIAG
    DIAG_COUNT
};
enum severity { SEVERITY_note, SEVERITY_warning, SEVERITY_partial, SEVERITY_unreadable };

struct diag_info {
    const char *name;
    enum severity severity;
    struct text what;
};
extern const struct diag_info diag_table[DIAG_COUNT];
const char *severity_name(enum severity s); /* "note", "warning", "partial", "unreadable" */

#define DIAG_RUN UINT32_MAX
struct diag {
    enum diag_code code;
    uint32_t source; /* index of the source, or DIAG_RUN */
    uint64_t count;
    struct str detail; /* of the first occurrence; raw, escape before printing */
};
struct diags {
    struct diag *items; /* in order of first occurrence */
    size_t count, cap;
    struct arena arena;
};

/* Adds n occurrences.  Not thread-safe: call it from the engine's consuming side only. */
void diag_add(struct diags *d, enum diag_code code, uint32_t source, uint64_t n, struct str detail);
enum severity diag_worst(const struct diags *d); /* SEVERITY_note when there is none */
void diags_free(struct diags *d);

#endif
