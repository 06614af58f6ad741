/* civil.h: calendar arithmetic without libc's time zones; UTC in microseconds since 1970.
 *
 * Days by Howard Hinnant's civil algorithms (chrono-Compatible Low-Level Date Algorithms).  Years
 * 1970 to 9999 are accepted; a leap second (:60) counts as the following second. */
#ifndef VIGIE_BASE_CIVIL_H
#define VIGIE_BASE_CIVIL_H

#include "analyzer/base/str.h"

struct civil {
    int year, month, day, hour, minute, second; /* month and day from 1 */
    int us;
};

int64_t days_from_civil(int year, int month, int day);
bool civil_to_us(const struct civil *c, int offset_s, int64_t *out); /* false: no such date */
struct civil civil_from_us(int64_t us);
#define ISO_TEXT_MAX 40
/* "2026-03-01T08:00:00Z", with ".123456" only when us is not whole seconds; returns the length. */
size_t iso_format(int64_t us, char out[ISO_TEXT_MAX]);
/* RFC 3339 date-time with 'T' or a space, 0-9 fraction digits, Z or +hh:mm or +hhmm; or a bare date or a
 * date-time without zone, which is read as UTC + offset_s.  *had_zone says which. */
bool iso_parse(struct str s, int offset_s, int64_t *out, bool *had_zone);

#endif
