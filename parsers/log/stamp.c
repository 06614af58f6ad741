/* stamp.c: the slow half of time stamps: the first line of every minute, and the loose forms of
 * JSON. */
#include "parsers/log/stamp.h"

#include "parsers/log/field.h"

#define US_PER_S ((int64_t)1000000)

/* n digits at p as a number, or -1. */
static int digits(const char *p, int n)
{
    int v = 0;
    for (int i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9')
            return -1;
        v = v * 10 + (p[i] - '0');
    }
    return v;
}

int stamp_month(const char *p)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (int i = 0; i < 12; i++)
        if (memcmp(p, names + 3 * i, 3) == 0)
            return i + 1;
    return 0;
}

/* +hhmm, or with a colon when gap is 1. */
static bool zone_read(const char *p, int gap, int *offset_s)
{
    int hours = digits(p + 1, 2), minutes = digits(p + 3 + gap, 2);
    if ((*p != '+' && *p != '-') || (gap == 1 && p[3] != ':'))
        return false;
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
        return false;
    *offset_s = (hours * 60 + minutes) * (*p == '-' ? -60 : 60);
    return true;
}

bool stamp_clf_convert(struct log_minute *m, const char *p, int64_t *us)
{
    struct civil c = {.year = digits(p + 7, 4),
                      .month = stamp_month(p + 3),
                      .day = digits(p, 2),
                      .hour = digits(p + 12, 2),
                      .minute = digits(p + 15, 2)};
    int offset_s, second;
    if (!stamp_clf_shape(p) || !stamp_second(p + 18, &second) || !zone_read(p + 21, 0, &offset_s))
        return false;
    if (c.hour < 0 || c.minute < 0 || !civil_to_us(&c, offset_s, &m->base_us))
        return false;
    stamp_minute_read(m, p, p + 20);
    m->known = true;
    *us = m->base_us + second * US_PER_S;
    return true;
}

bool stamp_iso_convert(struct log_minute *m, const char *p, int64_t *us)
{
    bool had_zone;
    int second;
    struct str s = {p, STAMP_ISO_LENGTH};
    if (!iso_parse(s, 0, us, &had_zone))
        return false;
    /* Fractions with Z can have the same length; only the plain form may be remembered. */
    if (p[22] == ':' && p[16] == ':' && stamp_second(p + 17, &second)) {
        m->base_us = *us - second * US_PER_S;
        stamp_minute_read(m, p, p + 19);
        m->known = true;
    }
    return true;
}

static bool stamp_number(struct str s, int64_t *us, uint32_t *resolution_us)
{
    ptrdiff_t point = str_find(s, '.', 0), whole = point < 0 ? s.n : point;
    uint64_t v;
    struct str head = str_sub(s, 0, whole);
    *resolution_us = 1;
    if (whole > 17 && str_u64(head, &v)) {
        *us = (int64_t)(v / 1000);
        return v / 1000 <= INT64_MAX / 1000;
    }
    if (whole > 14)
        return field_scaled(s, 1, us);
    if (whole > 11) {
        *resolution_us = point < 0 ? 1000 : 1;
        return field_scaled(s, 1000, us);
    }
    *resolution_us = point < 0 ? 1000000 : s.n - point - 1 <= 3 ? 1000 : 1;
    return field_scaled(s, US_PER_S, us);
}

/* Digits after the point decide the resolution of an RFC 3339 stamp. */
static uint32_t iso_resolution(struct str s)
{
    ptrdiff_t point = str_find(s, '.', 0), n = 0;
    while (point >= 0 && point + 1 + n < s.n && digits(s.p + point + 1 + n, 1) >= 0)
        n++;
    return n == 0 ? 1000000 : n <= 3 ? 1000 : 1;
}

bool stamp_any(struct log_thread *t, struct str s, int offset_s, int64_t *us,
               uint32_t *resolution_us)
{
    if (s.n > 2 && s.p[0] == '[' && s.p[s.n - 1] == ']')
        s = str_sub(s, 1, s.n - 1);
    if (s.n == STAMP_CLF_LENGTH && stamp_clf_shape(s.p)) {
        *resolution_us = 1000000;
        return stamp_clf(&t->clf, s.p, us);
    }
    if (s.n > 4 && (s.p[4] == '-' || s.p[2] == '/')) {
        *resolution_us = iso_resolution(s);
        return stamp_iso(&t->iso, s, offset_s, us);
    }
    return stamp_number(s, us, resolution_us);
}
