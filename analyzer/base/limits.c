/* limits.c: the table of limits.def. */
#include "analyzer/base/limits.h"

const struct limit_info limit_table[LIMIT_COUNT] = {
#define LIMIT(name, value, unit, en, fr) [LIMIT_##name] = {#name, (value), (unit), {{(en), (fr)}}},
#include "analyzer/base/limits.def"
#undef LIMIT
};

struct limits limits_default(void)
{
    struct limits limits;
    for (int i = 0; i < LIMIT_COUNT; i++)
        limits.v[i] = limit_table[i].value;
    return limits;
}
