/* stamp.c: times and zones as people type them; never relative to the clock of this machine. */
#include <stdio.h>

#include "analyzer/base/civil.h"
#include "analyzer/cli/resolve.h"

enum { EPOCH_DIGITS_MIN = 9, ZONE_HOURS_MAX = 14 };

static bool all_digits(struct str s)
{
    for (ptrdiff_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.n > 0;
}

static bool epoch_parse(struct str s, int64_t *us)
{
    struct str whole;
    (void)str_cut(s, '.', &whole);
    return all_digits(whole) && whole.n >= EPOCH_DIGITS_MIN && whole.n < 12 && str_seconds_us(s, us);
}

bool stamp_parse(struct str s, int offset_s, int64_t *us)
{
    bool had_zone;
    char full[ISO_TEXT_MAX + 8];
    if (epoch_parse(s, us))
        return true;
    bool minutes_only = s.n >= 16 && s.n < ISO_TEXT_MAX && s.p[13] == ':' && (s.n == 16 || s.p[16] != ':');
    if (!minutes_only)
        return iso_parse(s, offset_s, us, &had_zone);
    int n = snprintf(full, sizeof full, "%.16s:00%.*s", s.p, STR_ARG(str_sub(s, 16, s.n)));
    return iso_parse((struct str){full, n}, offset_s, us, &had_zone);
}

bool stamp_is_relative(struct str s)
{
    if (s.n < 2)
        return false;
    bool starts_signed = s.p[0] == '-' || s.p[0] == '+';
    struct str body = str_sub(s, starts_signed ? 1 : 0, s.n - 1);
    bool unit = memchr("smhdwj", s.p[s.n - 1], 6) != NULL;
    return str_eq(s, STR("now")) || str_eq(s, STR("today")) || str_eq(s, STR("yesterday")) ||
           (unit && all_digits(body));
}

bool zone_parse(struct str s, int *offset_s)
{
    uint64_t hours, minutes;
    if (str_eq(s, STR("Z")) || str_eq(s, STR("UTC"))) {
        *offset_s = 0;
        return true;
    }
    bool colon = s.n == 6 && s.p[3] == ':';
    if ((!colon && s.n != 5) || (s.p[0] != '+' && s.p[0] != '-'))
        return false;
    if (!str_u64(str_sub(s, 1, 3), &hours) || !str_u64(str_sub(s, colon ? 4 : 3, s.n), &minutes))
        return false;
    if (hours > ZONE_HOURS_MAX || minutes > 59)
        return false;
    int seconds = (int)(hours * 3600 + minutes * 60);
    *offset_s = s.p[0] == '-' ? -seconds : seconds;
    return true;
}
