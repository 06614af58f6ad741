/* registry.c: all detectors, from detectors.def. */
#include "detectors/detector.h"

#define DETECTOR(symbol) extern const struct detector detector_##symbol;
#include "detectors/detectors.def"
#undef DETECTOR

const struct detector *const detectors[] = {
#define DETECTOR(symbol) &detector_##symbol,
#include "detectors/detectors.def"
#undef DETECTOR
};
const size_t detectors_count = sizeof detectors / sizeof *detectors;

const struct detector *detector_find(struct str name)
{
    for (size_t i = 0; i < detectors_count; i++)
        if (str_eq(str_of(detectors[i]->name), name))
            return detectors[i];
    return NULL;
}
