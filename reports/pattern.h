/* pattern.h: the regular expressions that our schemas may use, matched in linear time.
 *
 * Supported: ^ at the start and $ at the end (both required), characters, '.', classes [a-z0-9] and
 * [^...], \d, escaped punctuation, and the quantifiers ? * + {m} {m,} {m,n}.  No groups, no
 * alternatives, no look-around, no back-references: such a pattern is refused, never guessed at.
 * Matching keeps the set of reachable states (Thompson, CACM 11(6), 1968), so no input makes it
 * slow. */
#ifndef VIGIE_REPORTS_PATTERN_H
#define VIGIE_REPORTS_PATTERN_H

#include "analyzer/base/str.h"

#define PATTERN_STATES_MAX 512 /* characters and repetitions a pattern may amount to */

enum pattern_answer { PATTERN_MATCHES, PATTERN_DIFFERS, PATTERN_UNSUPPORTED };
enum pattern_answer pattern_match(struct str pattern, struct str text);

#endif
