/* limits.h: the named bounds; the table itself is limits.def. */
#ifndef VIGIE_BASE_LIMITS_H
#define VIGIE_BASE_LIMITS_H

#include <stdint.h>

#include "analyzer/base/lang.h"

enum limit {
#define LIMIT(name, value, unit, en, fr) LIMIT_##name,
#include "analyzer/base/limits.def"
#undef LIMIT
    LIMIT_COUNT
};

struct limit_info {
    const char *name;
    int64_t value; /* default */
    const char *unit;
    struct text what;
};

struct limits {
    int64_t v[LIMIT_COUNT];
};

extern const struct limit_info limit_table[LIMIT_COUNT];
struct limits limits_default(void);

#endif
