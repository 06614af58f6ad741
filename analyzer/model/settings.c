/* settings.c: what a run does when it is told nothing. */
#include "analyzer/model/settings.h"

enum { REJECTS_PERMILLE_MAX = 50 };

struct settings settings_default(void)
{
    return (struct settings){
        .site = STR("generic"),
        .format = STR("auto"),
        .since_us = INT64_MIN,
        .until_us = INT64_MAX,
        .rejects_permille_max = REJECTS_PERMILLE_MAX,
        .limits = limits_default(),
    };
}
