/* stamp.h: time stamps as logs write them, to microseconds since 1970 UTC.
 *
 * Almost every line repeats the minute and the zone of the line before; those are compared as bytes
 * and only the seconds are added.  Nothing here asks the system for a time zone. */
#ifndef VIGIE_PARSERS_LOG_STAMP_H
#define VIGIE_PARSERS_LOG_STAMP_H

#include "analyzer/base/civil.h"
#include "parsers/log/log.h"

enum {
    STAMP_CLF_LENGTH = 26, /* 10/Oct/2026:13:55:36 +0200 */
    STAMP_ISO_LENGTH = 25  /* 2026-10-10T13:55:36+02:00 */
};

/* The shapes only, for deciding where a field ends; p has that many bytes. */
static inline bool stamp_clf_shape(const char *p)
{
    return p[2] == '/' && p[6] == '/' && p[11] == ':' && p[14] == ':' && p[17] == ':' &&
           p[20] == ' ';
}

/* Slow paths: convert and remember the minute. */
bool stamp_clf_convert(struct log_minute *m, const char *p, int64_t *us);
bool stamp_iso_convert(struct log_minute *m, const char *p, int64_t *us);

/* Sets *second to the two digits at p (0 to 60). */
static inline bool stamp_second(const char *p, int *second)
{
    unsigned tens = (unsigned char)p[0] - (unsigned)'0', ones = (unsigned char)p[1] - (unsigned)'0';
    *second = (int)(tens * 10 + ones);
    return tens <= 6 && ones <= 9 && *second <= 60;
}

static inline void stamp_minute_read(struct log_minute *m, const char *p, const char *zone)
{
    memcpy(m->head, p, 16);
    memcpy(&m->turn, p + 15, 2);
    memcpy(&m->zone, zone, 4);
    memcpy(&m->zone_last, zone + 4, 2);
}

static inline bool stamp_minute_same(const struct log_minute *m, const char *p, const char *zone)
{
    struct log_minute now;
    stamp_minute_read(&now, p, zone);
    return ((now.head[0] ^ m->head[0]) | (now.head[1] ^ m->head[1]) |
            (uint64_t)(now.turn ^ m->turn) | (uint64_t)(now.zone ^ m->zone) |
            (uint64_t)(now.zone_last ^ m->zone_last)) == 0 &&
           m->known;
}

/* p has STAMP_CLF_LENGTH bytes. */
static inline bool stamp_clf(struct log_minute *m, const char *p, int64_t *us)
{
    int second;
    if (!stamp_minute_same(m, p, p + 20) || p[17] != ':' || !stamp_second(p + 18, &second))
        return stamp_clf_convert(m, p, us);
    *us = m->base_us + (int64_t)second * 1000000;
    return true;
}

/* Any RFC 3339 form; the one with seconds and a numeric zone is the fast one. */
static inline bool stamp_iso(struct log_minute *m, struct str s, int offset_s, int64_t *us)
{
    int second;
    bool had_zone;
    if (s.n != STAMP_ISO_LENGTH)
        return iso_parse(s, offset_s, us, &had_zone);
    if (!stamp_minute_same(m, s.p, s.p + 19) || !stamp_second(s.p + 17, &second))
        return stamp_iso_convert(m, s.p, us);
    *us = m->base_us + (int64_t)second * 1000000;
    return true;
}

/* What JSON lines hold: CLF (with or without brackets), RFC 3339, or a decimal number of seconds,
 * milliseconds, microseconds or nanoseconds since 1970, told apart by size (year 1973 to 5138
 * each). */
bool stamp_any(struct log_thread *t, struct str s, int offset_s, int64_t *us,
               uint32_t *resolution_us);
/* 1-12 for "Jan" to "Dec"; 0 for anything else. */
int stamp_month(const char *p);

#endif
