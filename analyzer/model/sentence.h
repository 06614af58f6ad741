/* sentence.h: sentences about numbers, with the words that agree with them.
 *
 * In a template {name} is a value, {name us} a time in microseconds as people say it, {name milli}
 * thousandths as a decimal, {name %} thousandths as a percentage, and {name:one|many} the word that
 * agrees with the value in the template's language. */
#ifndef VIGIE_MODEL_SENTENCE_H
#define VIGIE_MODEL_SENTENCE_H

#include "analyzer/base/mem.h"
#include "analyzer/model/finding.h"

struct text sentence(struct arena *a, struct text template, const struct named_int *values, size_t n);

#endif
