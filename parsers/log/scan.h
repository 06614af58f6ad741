/* scan.h: finding bytes in a line, sixteen at a time, without reading outside the line.
 *
 * The last bytes are read again as the line's last sixteen, with those already seen masked out, so
 * a line may end at a page that cannot be read.  Shorter lines and other machines go byte by byte.
 */
#ifndef VIGIE_PARSERS_LOG_SCAN_H
#define VIGIE_PARSERS_LOG_SCAN_H

#include "analyzer/base/str.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* The first a or b in [p, end), or end; the line starts at begin <= p. */
static inline const char *scan_pair(const char *begin, const char *p, const char *end, char a,
                                    char b)
{
#ifdef __SSE2__
    const __m128i want_a = _mm_set1_epi8(a), want_b = _mm_set1_epi8(b);
    for (; end - p >= 16; p += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(v, want_a), _mm_cmpeq_epi8(v, want_b));
        unsigned mask = (unsigned)_mm_movemask_epi8(hit);
        if (mask != 0)
            return p + __builtin_ctz(mask);
    }
    if (p < end && end - begin >= 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(end - 16));
        __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(v, want_a), _mm_cmpeq_epi8(v, want_b));
        unsigned mask = (unsigned)_mm_movemask_epi8(hit) >> (16 - (end - p));
        return mask != 0 ? p + __builtin_ctz(mask) : end;
    }
#else
    (void)begin;
#endif
    while (p < end && *p != a && *p != b)
        p++;
    return p;
}

/* Whether every byte is printable ASCII (0x20 to 0x7E). */
static inline bool scan_plain(struct str s)
{
    const char *p = s.p, *end = s.p + s.n;
    bool odd = false;
#ifdef __SSE2__
    /* Signed, bytes from 0x80 on are negative and thus below the space too. */
    const __m128i space = _mm_set1_epi8(' '), del = _mm_set1_epi8(0x7f);
    __m128i seen = _mm_setzero_si128();
    for (; end - p >= 16; p += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
        seen = _mm_or_si128(seen, _mm_or_si128(_mm_cmplt_epi8(v, space), _mm_cmpeq_epi8(v, del)));
    }
    if (p < end && s.n >= 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(end - 16));
        seen = _mm_or_si128(seen, _mm_or_si128(_mm_cmplt_epi8(v, space), _mm_cmpeq_epi8(v, del)));
        p = end;
    }
    odd = _mm_movemask_epi8(seen) != 0;
#endif
    for (; p < end; p++)
        odd |= (unsigned char)*p < ' ' || (unsigned char)*p >= 0x7f;
    return !odd;
}

#endif
