/* schemas.h: the JSON Schemas of samples/schema/, embedded at build time (reports/embed.cmake). */
#ifndef VIGIE_REPORTS_SCHEMAS_H
#define VIGIE_REPORTS_SCHEMAS_H

#include "analyzer/base/str.h"

struct embedded {
    const char *name; /* "evidence.schema.json" */
    struct str bytes;
};
extern const struct embedded embedded_schemas[]; /* by name; in bag order */
extern const size_t embedded_schemas_count;
struct str embedded_schema(struct str name); /* missing when there is none */

#endif
