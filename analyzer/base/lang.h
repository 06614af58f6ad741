/* lang.h: texts for people exist in English and French; keys and JSON are never translated. */
#ifndef VIGIE_BASE_LANG_H
#define VIGIE_BASE_LANG_H

#include <stdbool.h>
#include <stdint.h>

enum lang { LANG_EN, LANG_FR, LANG_COUNT };

struct text {
    const char *in[LANG_COUNT]; /* UTF-8, printf-style only where the using code says so */
};

#define TEXT(en, fr) ((struct text){{(en), (fr)}})
#define SAY(text, lang) ((text).in[(lang)])

/* Whether a noun counted n times stands in the singular: French has no plural below 2, English has
 * one for 0. */
static inline bool lang_singular(enum lang lang, uint64_t n)
{
    return lang == LANG_FR ? n < 2 : n == 1;
}

#endif
