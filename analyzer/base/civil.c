/* civil.c: dates as day numbers, and RFC 3339 text. */
#include "analyzer/base/civil.h"

#define US_PER_S INT64_C(1000000)
#define S_PER_DAY INT64_C(86400)
enum { YEAR_MIN = 1970, YEAR_MAX = 9999 };

/* Hinnant: eras of 400 years, years from March so that the leap day comes last. */
int64_t days_from_civil(int year, int month, int day)
{
    int64_t y = (int64_t)year - (month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static int month_days(int year, int month)
{
    static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

static bool in_range(const struct civil *c)
{
    return c->year >= YEAR_MIN && c->year <= YEAR_MAX && c->month >= 1 && c->month <= 12 &&
           c->day >= 1 && c->day <= month_days(c->year, c->month) &&
           c->hour >= 0 && c->hour <= 23 && c->minute >= 0 && c->minute <= 59 &&
           c->second >= 0 && c->second <= 60 && c->us >= 0 && c->us < US_PER_S;
}

bool civil_to_us(const struct civil *c, int offset_s, int64_t *out)
{
    if (!in_range(c))
        return false;
    int64_t s = days_from_civil(c->year, c->month, c->day) * S_PER_DAY;
    s += c->hour * 3600 + c->minute * 60 + c->second - (int64_t)offset_s;
    *out = s * US_PER_S + c->us;
    return true;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

struct civil civil_from_us(int64_t us)
{
    struct civil c;
    int64_t s = floor_div(us, US_PER_S);
    int64_t part = us % US_PER_S;
    c.us = (int)(part < 0 ? part + US_PER_S : part);
    int64_t days = floor_div(s, S_PER_DAY);
    int64_t rest = s - days * S_PER_DAY;
    c.hour = (int)(rest / 3600);
    c.minute = (int)(rest / 60 % 60);
    c.second = (int)(rest % 60);
    days += 719468;
    int64_t era = floor_div(days, 146097);
    int64_t doe = days - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    c.day = (int)(doy - (153 * mp + 2) / 5 + 1);
    c.month = (int)(mp < 10 ? mp + 3 : mp - 9);
    c.year = (int)(yoe + era * 400 + (c.month <= 2));
    return c;
}

/* Writes v with at least width digits; returns the end. */
static char *put(char *p, int v, int width)
{
    char digits[12];
    int n = 0;
    for (; v > 0 || n < width; v /= 10)
        digits[n++] = (char)('0' + v % 10);
    while (n > 0)
        *p++ = digits[--n];
    return p;
}

size_t iso_format(int64_t us, char out[ISO_TEXT_MAX])
{
    struct civil c = civil_from_us(us);
    char *p = out;
    if (c.year < 0)
        *p++ = '-';
    p = put(p, c.year < 0 ? -c.year : c.year, 4);
    *p++ = '-';
    p = put(p, c.month, 2);
    *p++ = '-';
    p = put(p, c.day, 2);
    *p++ = 'T';
    p = put(p, c.hour, 2);
    *p++ = ':';
    p = put(p, c.minute, 2);
    *p++ = ':';
    p = put(p, c.second, 2);
    if (c.us != 0) {
        *p++ = '.';
        p = put(p, c.us, 6);
    }
    *p++ = 'Z';
    *p = '\0';
    return (size_t)(p - out);
}

/* Takes exactly n digits off s. */
static bool take(struct str *s, int n, int *out)
{
    uint64_t v;
    if (s->n < n || !str_u64((struct str){s->p, n}, &v))
        return false;
    *out = (int)v;
    s->p += n;
    s->n -= n;
    return true;
}

static bool take_char(struct str *s, char c)
{
    if (s->n == 0 || s->p[0] != c)
        return false;
    s->p++;
    s->n--;
    return true;
}

/* ".123": digits after the ninth are refused, those after the sixth cut off. */
static bool take_fraction(struct str *s, int *us)
{
    int n = 0, unit = 100000;
    for (; n < s->n && n < 10 && s->p[n] >= '0' && s->p[n] <= '9'; n++, unit /= 10)
        *us += (s->p[n] - '0') * unit;
    s->p += n;
    s->n -= n;
    return n >= 1 && n <= 9;
}

/* What is left of s must be a whole zone: Z, +hh:mm, +hhmm, or nothing. */
static bool take_zone(struct str s, int *offset_s, bool *had_zone)
{
    int hours, minutes;
    *had_zone = s.n > 0;
    if (s.n == 0)
        return true;
    if (s.n == 1 && (s.p[0] == 'Z' || s.p[0] == 'z')) {
        *offset_s = 0;
        return true;
    }
    int sign = s.p[0] == '-' ? -1 : 1;
    if (!take_char(&s, '+') && !take_char(&s, '-'))
        return false;
    if (!take(&s, 2, &hours))
        return false;
    take_char(&s, ':');
    if (!take(&s, 2, &minutes) || s.n > 0 || hours > 23 || minutes > 59)
        return false;
    *offset_s = sign * (hours * 3600 + minutes * 60);
    return true;
}

bool iso_parse(struct str s, int offset_s, int64_t *out, bool *had_zone)
{
    struct civil c = {0};
    bool zone = false;
    if (!take(&s, 4, &c.year) || !take_char(&s, '-') || !take(&s, 2, &c.month) ||
        !take_char(&s, '-') || !take(&s, 2, &c.day))
        return false;
    if (s.n > 0) {
        if (!take_char(&s, 'T') && !take_char(&s, 't') && !take_char(&s, ' '))
            return false;
        if (!take(&s, 2, &c.hour) || !take_char(&s, ':') || !take(&s, 2, &c.minute) ||
            !take_char(&s, ':') || !take(&s, 2, &c.second))
            return false;
        if (take_char(&s, '.') && !take_fraction(&s, &c.us))
            return false;
        if (!take_zone(s, &offset_s, &zone))
            return false;
    }
    if (!civil_to_us(&c, offset_s, out))
        return false;
    *had_zone = zone;
    return true;
}
