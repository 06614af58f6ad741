/* lang.h: texts for people exist in English and French; keys and JSON are never translated. */
#ifndef VIGIE_BASE_LANG_H
#define VIGIE_BASE_LANG_H

enum lang { LANG_EN, LANG_FR, LANG_COUNT };

struct text {
    const char *in[LANG_COUNT]; /* UTF-8, printf-style only where the using code says so */
};

#define TEXT(en, fr) ((struct text){{(en), (fr)}})
#define SAY(text, lang) ((text).in[(lang)])

#endif
