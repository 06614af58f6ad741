/* schema.h: JSON Schema (draft 2020-12), the part our own schemas use.
 *
 * type, enum, const; properties, required, additionalProperties, minProperties, maxProperties;
 * items, prefixItems, minItems, maxItems, uniqueItems; minimum, maximum, exclusiveMinimum,
 * exclusiveMaximum; minLength, maxLength, pattern (see pattern.h); anyOf, oneOf, allOf, not; $defs
 * and local $ref; and the annotations.  Any other keyword makes the schema unusable: it is never
 * passed over. */
#ifndef VIGIE_REPORTS_SCHEMA_H
#define VIGIE_REPORTS_SCHEMA_H

#include "analyzer/base/json.h"

#define SCHEMA_NESTING_MAX 256 /* steps into a schema and its references, one inside the other */
/* Steps one validation may take, so that a schema made for it cannot take forever; reaching the
 * bound is reported as the keyword "steps" and makes the document invalid. */
#define SCHEMA_STEPS_MIN (1 << 20)
#define SCHEMA_STEPS_A_VALUE 256 /* more for each value of the document */

/* pointer: where, as a JSON Pointer (RFC 6901); keyword: what is not satisfied or supported. */
typedef void schema_report(void *user, struct str pointer, struct str keyword);

/* True when every part of the schema is supported and well-formed; else report tells where. */
bool schema_usable(const struct json *schema, schema_report *report, void *user);
/* True when the document satisfies the schema, which is usable. */
bool schema_valid(const struct json *schema, const struct json *document, schema_report *report,
                  void *user);

#endif
