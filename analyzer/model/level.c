/* level.c: the verbal scale for likelihood ratios. */
#include "analyzer/model/finding.h"

const char *const level_names[LEVEL_COUNT] = {
    [LEVEL_NONE] = "none",
    [LEVEL_WEAK] = "weak",
    [LEVEL_MODERATE] = "moderate",
    [LEVEL_MODERATELY_STRONG] = "moderately_strong",
    [LEVEL_STRONG] = "strong",
    [LEVEL_VERY_STRONG] = "very_strong",
    [LEVEL_EXTREMELY_STRONG] = "extremely_strong",
};

const struct text level_texts[LEVEL_COUNT] = {
    [LEVEL_NONE] = {{"no support", "aucun soutien"}},
    [LEVEL_WEAK] = {{"weak support", "soutien faible"}},
    [LEVEL_MODERATE] = {{"moderate support", "soutien modéré"}},
    [LEVEL_MODERATELY_STRONG] = {{"moderately strong support", "soutien modérément fort"}},
    [LEVEL_STRONG] = {{"strong support", "soutien fort"}},
    [LEVEL_VERY_STRONG] = {{"very strong support", "soutien très fort"}},
    [LEVEL_EXTREMELY_STRONG] = {{"extremely strong support", "soutien extrêmement fort"}},
};

/* Largest 1000 log10 LR of each level but the last; log10 2 = 0.301. */
static const int32_t level_most[LEVEL_COUNT - 1] = {301, 1000, 2000, 3000, 4000, 6000};

enum level level_of(int32_t llr_milli)
{
    int level = LEVEL_NONE;
    while (level < LEVEL_EXTREMELY_STRONG && llr_milli > level_most[level])
        level++;
    return (enum level)level;
}
